"""Compare until sure: more worlds are added until the answer is as precise as asked, or its sign is settled.

Whoever looks again and again at an ordinary 95% interval, and stops when it pleases, is wrong far more often than one
time in twenty. The interval here is a confidence sequence, which holds at all looks together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from simulator.common.errors import InputError
from simulator.common.formatting import amount, change, out_of, significant
from simulator.common.units import Unit
from simulator.experiments.core.clustered_errors import Labels, count_independent_rows
from simulator.experiments.core.model_protocol import Factor, Floats, ModelProtocol, Progress
from simulator.experiments.core.sampled_futures import MOST_FAILED_FUTURES, run_policy, sample_futures
from simulator.experiments.core.verdicts import is_slight
from simulator.experiments.stats.confidence_sequences import Look, LookSchedule, bound_share

if TYPE_CHECKING:
    import pandas as pd

Differences: TypeAlias = Callable[[int, int], Floats]
Sets: TypeAlias = Callable[[int, int], Labels]
SAME = 1e-12


@dataclass(frozen=True)
class ComparedPair:
    """What is compared, in words. `better` is +1 where more is better, -1 where less is, 0 where neither is."""

    new: str = "the new policy"
    old: str = "the old policy"
    outcome: str = "the outcome"
    unit: Unit = Unit.RATIO
    better: int = 1
    worlds: str = "worlds"


class StopReason(Enum):
    """Why a comparison ended. A member's value is what people read."""

    NARROW = "the interval is as narrow as asked"
    SIGN = "the sign is settled"
    MOST = "the largest number was reached"


@dataclass(frozen=True)
class SequentialComparison:
    """A comparison and what it took. Differences are new less old under the same parameters and luck.

    `interval` holds at all looks together. `better`, `same` and `worse` count worlds; `failed` worlds are left out.
    `worth` is how many independent worlds the share of better ones rests on, fewer than `n` where parameter sets were
    met again. `supply` is how many parameter sets there are, if there is an end to them.
    """

    pair: ComparedPair
    asked: float
    plan: LookSchedule
    looks: tuple[Look, ...]
    stopped: StopReason
    better: int
    same: int
    worse: int
    failed: int = 0
    worth: float | None = None
    supply: int | None = None

    @property
    def n(self) -> int:
        """Worlds counted."""
        return self.looks[-1].n

    @property
    def difference(self) -> float:
        """The mean difference."""
        return self.looks[-1].mean

    @property
    def interval(self) -> tuple[float, float]:
        """The confidence interval of the mean difference, honest under optional stopping."""
        return self.looks[-1].low, self.looks[-1].high

    @property
    def thin(self) -> bool:
        """Whether too few worlds carry the difference for the interval to be relied on."""
        return self.looks[-1].carriers < self.plan.carriers

    @property
    def probability_better(self) -> float:
        """The share of worlds in which the new policy does better."""
        return self.better / self.n

    @property
    def probability_better_interval(self) -> tuple[float, float]:
        """Confidence interval of that share, honest under optional stopping."""
        worth = self.n if self.worth is None else self.worth
        return bound_share(self.better * worth / self.n, worth, self.plan.confidence)

    @property
    def sets(self) -> int:
        """Parameter sets met."""
        return self.looks[-1].sets or self.n

    @property
    def settled(self) -> int:
        """The sign of the mean difference where the interval leaves no doubt, and 0 where it does."""
        low, high = self.interval
        return 0 if self.thin else int(low > 0) - int(high < 0)

    def said(self, x: float) -> str:
        """A difference in words, as finely as the interval allows."""
        low, high = self.interval
        size = max(map(abs, (low, high)))
        digits = int(np.ceil(np.log10(10 * size / (high - low)))) if 0 < high - low < np.inf else 2
        return change(x, self.pair.unit, min(max(digits, 2), 6))

    @property
    def worlds_needed(self) -> int:
        """About how many worlds the asked precision takes, judged by the spread so far."""
        low, high = self.interval
        return int(np.ceil(self.n * ((high - low) / 2 / self.asked) ** 2))

    @property
    def sentence(self) -> str:
        """The answer, how sure it is and why no more worlds were run, in plain words."""
        return _sentence(self)

    def to_frame(self) -> pd.DataFrame:
        """One row a look: n, mean, low, high, carriers."""
        import pandas as pd

        return pd.DataFrame([vars(look) for look in self.looks])


def make_paired_differences(
    simulate: ModelProtocol,
    factors: Sequence[Factor],
    settings: tuple[Mapping[str, float], Mapping[str, float]],
    outcome: str,
    seed: int = 0,
) -> Differences:
    """Differences of an outcome between two `settings` (new, old) in worlds drawn from the factors' priors.

    World i has the same parameters and luck under both, whatever the batch that asks for it.
    """
    new, old = settings

    def differences(first: int, n: int) -> Floats:
        worlds = sample_futures(factors, n, seed, first=first)
        under = [run_policy(simulate, worlds, policy, [outcome])[outcome] for policy in (new, old)]
        return under[0] - under[1]

    return differences


def compare_sequentially(
    differences: Differences,
    half_width: float,
    *,
    plan: LookSchedule | None = None,
    sign_is_enough: bool = True,
    pair: ComparedPair | None = None,
    progress: Progress | None = None,
    sets: Sets | None = None,
    supply: int | None = None,
) -> SequentialComparison:
    """Add worlds until the mean difference is known to within `half_width`, or its sign is known, or `plan.most`.

    `differences(first, n)` returns those of worlds `first` to `first + n`: (n,), nan where a run failed, and
    `sets(first, n)` which of them share their parameters: (n,) numbers; without it all are taken to be independent.
    `supply` is how many parameter sets there are.
    Raises ValueError for a half-width that is not positive, for infinite differences, and if more than a fifth failed.
    """
    if not half_width > 0:
        raise InputError(f"a half-width of {half_width:g} cannot be reached; ask for a number above 0")
    plan, pair = plan or LookSchedule(), pair or ComparedPair()
    seen, labels, looks, asked = np.empty(0), np.empty(0, np.int64), list[Look](), 0
    stopped = StopReason.MOST
    for n in plan:
        more = n - asked
        labels = np.concatenate([labels, sets(asked, more) if sets else np.arange(asked, n)])
        seen = np.concatenate([seen, _batch(differences, asked, more)])
        asked = n
        worked = np.isfinite(seen)
        kept, own = seen[worked], labels[worked]
        if len(kept) < (1 - MOST_FAILED_FUTURES) * n:
            raise InputError(f"{n - len(kept)} of {n} worlds failed: the rest may not stand for all of them")
        looks.append(plan.at(kept, own))
        if progress:
            progress(n, plan.most)
        if reason := _reason(looks[-1], half_width, sign_is_enough, plan):
            stopped = reason
            break
    gain = np.sign(kept) * (pair.better or 1)
    return SequentialComparison(
        pair=pair,
        asked=half_width,
        plan=plan,
        looks=tuple(looks),
        stopped=stopped,
        better=int((gain > 0).sum()),
        same=int((gain == 0).sum()),
        worse=int((gain < 0).sum()),
        failed=asked - len(kept),
        worth=count_independent_rows(gain > 0, own),
        supply=supply,
    )


def _batch(differences: Differences, first: int, n: int) -> Floats:
    batch = np.asarray(differences(first, n), np.float64)
    if batch.shape != (n,):
        raise InputError(f"differences of {n} worlds were asked for, but an array of shape {batch.shape} came back")
    if np.isinf(batch).any():
        raise InputError(f"{int(np.isinf(batch).sum())} of {n} differences are infinite")
    return np.where(abs(batch) <= SAME, 0.0, batch)


def _reason(look: Look, asked: float, sign_is_enough: bool, plan: LookSchedule) -> StopReason | None:
    if look.carriers < plan.carriers:
        return None
    if look.high - look.low <= 2 * asked:
        return StopReason.NARROW
    return StopReason.SIGN if sign_is_enough and not look.low <= 0 <= look.high else None


def _sentence(r: SequentialComparison) -> str:
    p = r.pair
    failed = f" {r.failed} {p.worlds} failed and are left out." if r.failed else ""
    mean = f"the mean difference in {p.outcome} is {r.said(r.difference)}"
    if not r.looks[-1].carriers:
        rest = amount(bound_share(0, r.sets, r.plan.confidence)[1], Unit.SHARE)
        said = (
            f"{p.new} compared with {p.old} changes {p.outcome} by {change(r.difference, p.unit)} in all {r.n:,} "
            f"{p.worlds} that were run; with {100 * r.plan.confidence:g}% confidence at most {rest} of {p.worlds} "
            "differ."
        )
    elif r.thin:
        said = (
            f"too few {p.worlds} carry a difference between {p.new} and {p.old} to judge its mean: after {r.n:,} "
            f"{p.worlds} {mean}, and {r.same:,} of them show none."
        )
    else:
        span = " to ".join(map(r.said, r.interval))
        said = (
            f"{_verdict(r)}: {mean} ({100 * r.plan.confidence:g}% interval {span}); {_counts(r)}. {r.n:,} {p.worlds} "
            f"were run: {r.stopped.value}{_shortfall(r)}."
        )
    return said[0].upper() + said[1:] + failed


def _verdict(r: SequentialComparison) -> str:
    p = r.pair
    if r.settled:
        up, down = ("better", "worse") if p.better else ("higher", "lower")
        slightly = "slightly " if is_slight(r.difference, p.unit) else ""
        return f"{p.new} is {slightly}{up if r.settled * (p.better or 1) > 0 else down} than {p.old} on average"
    if r.stopped is StopReason.NARROW:
        most = r.said(max(map(abs, r.interval))).lstrip("+")
        return f"{p.new} and {p.old} differ by at most {most} on average"
    return f"whether {p.new} does better or worse than {p.old} on average is not settled"


def _counts(r: SequentialComparison) -> str:
    low, high = r.probability_better_interval
    lowest, highest = int(np.floor(100 * low)), int(np.ceil(100 * high))
    does = "does better" if r.pair.better else "is higher"
    return f"it {does} in {out_of(r.better, r.n)} {r.pair.worlds} ({lowest}% to {highest}%)"


def _shortfall(r: SequentialComparison) -> str:
    if r.stopped is not StopReason.MOST:
        return ""
    asked = change(r.asked, r.pair.unit).lstrip("+")
    if r.supply is not None and (r.sets >= r.supply or r.worlds_needed > r.supply):
        return (
            f", and a half-width of {asked} would take more parameter sets than the {r.supply:,} that there are: more "
            f"{r.pair.worlds} only average chance out"
        )
    return f", and a half-width of {asked} would take about {significant(r.worlds_needed)}"
