"""The screen of fixed numbers: each is moved to both ends of its defensible range, and the headline is asked again.

A number that analyses hold fixed must not decide an answer unseen. So every one declares the range over which it could
be defended, and this screen measures what a move does, in the same futures, to the level under today's rules, to what
each headline policy adds, and to the words that follow. The draws stay those of the fit: a number that the fit would
partly make up for looks larger here than it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from simulator.common.arrays import Floats
from simulator.common.units import Unit
from simulator.declarations.number import Role, Status
from simulator.declarations.parameters import PARAMETERS
from simulator.experiments.core.verdicts import SLIGHT, describe_frequency, find_settled_sign
from simulator.runs.futures import SEED, Futures, draw_futures
from simulator.runs.run import run_many

LEVEL = "baseline"
POLICIES = ("ringfence", "leadership", "ringfence-audited", "both")
OUTCOMES = ("retained", "additional")
ANSWERS = tuple((policy, outcome) for outcome in OUTCOMES for policy in (LEVEL, *POLICIES))
"""What is looked at: the level of each outcome under today's rules, and what each policy adds to it."""
FUTURES = 400
LARGE = SLIGHT[Unit.SHARE]
"""A shift of an average difference from which a number may not stay fixed: one point."""
NOTICED = 0.05
"""A verdict's words turn only if the share of futures moves by this much: words at their threshold turn at a touch."""
RESTING_FUTURES = 40
"""In so many futures a number is moved to see whether it acts at all."""

Differences = Mapping[tuple[str, str], Floats]
"""(policy, outcome) or ("a against b", outcome) -> what it adds in each future, (futures,); the level for `LEVEL`."""

FIXED = tuple(name for name, d in PARAMETERS.items() if d.about.role is Role.FIXED)


@dataclass(frozen=True)
class Move:
    """What happens to the headline when a fixed number stands at one end of its range.

    `shift` is the move of the average difference from today's rules that moves most, of `policy` on `outcome`; `turned`
    names the verdicts that turn, on a policy or on one policy against another. `shifts` are the moves of all `ANSWERS`,
    levels under today's rules among them.
    """

    name: str
    value: float
    policy: str
    outcome: str
    shift: float
    turned: tuple[str, ...]
    shifts: Mapping[tuple[str, str], float]

    @property
    def matters(self) -> bool:
        """Whether the number may not stay fixed: by what a policy adds. A level decides between no policies."""
        return abs(self.shift) >= LARGE or bool(self.turned)


def is_structure(name: str) -> bool:
    """Whether a fixed number is the switch of a structural alternative, which is fitted by itself."""
    return PARAMETERS[name].about.status is Status.STRUCTURE


def screen_fixed_numbers(names: tuple[str, ...] = FIXED, futures: int = FUTURES) -> Iterator[Move]:
    """Both ends of each number's range, in the same futures: two moves a number."""
    drawn = draw_futures(futures, seed=SEED)
    now = compute_differences(drawn)
    for name in names:
        defensible = PARAMETERS[name].about.defensible
        assert defensible is not None, name
        for value in (defensible.low, defensible.high):
            yield compare_differences(name, value, now, compute_differences(hold_value(drawn, name, value)))


def find_resting(names: Iterable[str], futures: int = RESTING_FUTURES) -> set[str]:
    """Those of fixed numbers that leave all `ANSWERS` exactly as they are at both ends of their range."""
    drawn, resting = draw_futures(futures, seed=SEED), set(names)
    now = compute_differences(drawn)
    for name in sorted(resting):
        defensible = PARAMETERS[name].about.defensible
        assert defensible is not None, name
        for value in (defensible.low, defensible.high):
            moved = compute_differences(hold_value(drawn, name, value))
            if not all(np.array_equal(now[key], moved[key]) for key in now):
                resting.discard(name)
                break
    return resting


def compute_differences(drawn: Futures) -> Differences:
    """The level of every outcome, what every policy adds to it, and every policy against every other."""
    base, *results = run_many((LEVEL, *POLICIES), futures=drawn)
    span = results[0].span()
    differences: dict[tuple[str, str], Floats] = {}
    for outcome in OUTCOMES:
        level = base.outcome(outcome, span)
        gains = {name: r.outcome(outcome, span) - level for name, r in zip(POLICIES, results, strict=True)}
        differences[LEVEL, outcome] = level
        differences |= {(name, outcome): gain for name, gain in gains.items()}
        differences |= {(f"{a} against {b}", outcome): gains[a] - gains[b] for a, b in combinations(POLICIES, 2)}
    return differences


def hold_value(drawn: Futures, name: str, value: float) -> Futures:
    """The same futures with one parameter held at a value."""
    points = drawn.points.copy()
    points[PARAMETERS[name].group][name] = value
    return Futures(points, drawn.runs, drawn.seed, "given")


def compare_differences(name: str, value: float, now: Differences, moved: Differences) -> Move:
    """What changes between two sets of differences in the same futures."""
    shifts = {key: float(moved[key].mean() - now[key].mean()) for key in ANSWERS}
    policy, outcome = max((key for key in ANSWERS if key[0] != LEVEL), key=lambda key: abs(shifts[key]))
    turned = tuple(" on ".join(key) for key in now if key[0] != LEVEL and has_turned(now[key], moved[key]))
    return Move(name, value, policy, outcome, shifts[policy, outcome], turned, shifts)


def has_turned(now: Floats, moved: Floats) -> bool:
    """Whether a verdict turns: a settled average changes its direction, or how often it holds has another word."""
    signs = [find_settled_sign(float(x.mean()), float(x.std(ddof=1) / np.sqrt(len(x)))) for x in (now, moved)]
    if signs[0] * signs[1] < 0:
        return True
    if not all(signs):
        return False
    shares = [float((sign * x > 0).mean()) for sign, x in zip(signs, (now, moved), strict=True)]
    return abs(shares[0] - shares[1]) >= NOTICED and describe_frequency(shares[0]) != describe_frequency(shares[1])
