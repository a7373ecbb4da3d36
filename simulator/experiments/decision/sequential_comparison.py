"""Sequential comparison: futures are added until the answer is as precise as asked, or its sign is settled.

To look repeatedly at an ordinary 95% interval, and to stop when it looks good, is to be wrong far more often than one
time in twenty. The interval here is a confidence sequence, which is valid at all looks together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.common.formatting import (
    format_absolute,
    format_count,
    format_difference,
    format_level,
    format_number,
    name_base,
)
from simulator.common.ranges import Range
from simulator.common.units import Unit
from simulator.experiments.core.clustered_errors import count_independent_rows
from simulator.experiments.core.model_protocol import ROUNDING, Factor, Labels, ModelProtocol, Progress
from simulator.experiments.core.sampled_futures import MOST_FAILED_FUTURES, run_policy, sample_futures
from simulator.experiments.core.verdicts import is_slight
from simulator.experiments.stats.confidence_sequences import Look, LookSchedule, bound_share

if TYPE_CHECKING:
    import pandas as pd

Differences: TypeAlias = Callable[[int, int], Floats]
Sets: TypeAlias = Callable[[int, int], Labels]


@dataclass(frozen=True)
class ComparedPair:
    """What is compared, in words; `cases` is what futures are called.

    `better` is +1 where more of the outcome is better, -1 where less is, 0 where neither is.
    """

    new: str = "the new policy"
    old: str = "the old policy"
    outcome: str = "the outcome"
    unit: Unit = Unit.RATIO
    better: int = 1
    cases: str = "futures"


class StopReason(Enum):
    """Why a comparison stopped; the value is what people read."""

    NARROW = "the interval is as narrow as asked"
    SIGN = "the sign is settled"
    MOST = "the largest number was reached"


@dataclass(frozen=True)
class SequentialComparison:
    """The comparison of a pair after its last look. Differences are new less old in the same futures.

    `asked` is the half-width asked for, in the outcome's unit. `better`, `same` and `worse` count futures; `failed`
    futures were left out. `worth` is the number of independent futures that the share of better ones rests on, fewer
    than `n` where parameter sets recur. `supply` is how many parameter sets there are, None if there is no limit.
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
        """Futures counted."""
        return self.looks[-1].n

    @property
    def difference(self) -> float:
        """The mean difference."""
        return self.looks[-1].mean

    @property
    def interval(self) -> Range:
        """The confidence interval of the mean difference, valid at all looks together."""
        return self.looks[-1].low, self.looks[-1].high

    @property
    def thin(self) -> bool:
        """Whether too few futures carry the difference for the interval to be relied on."""
        return self.looks[-1].carriers < self.plan.carriers

    @property
    def probability_better(self) -> float:
        """The share of futures in which the new policy does better."""
        return self.better / self.n

    @property
    def probability_better_interval(self) -> Range:
        """The confidence interval of that share, valid at all looks together."""
        worth = self.n if self.worth is None else self.worth
        return bound_share(self.better * worth / self.n, worth, self.plan.confidence)

    @property
    def sets(self) -> int:
        """How many parameter sets were used."""
        return self.looks[-1].sets or self.n

    @property
    def settled(self) -> int:
        """The sign of the mean difference, or 0 where the interval does not settle it."""
        low, high = self.interval
        return 0 if self.thin else int(low > 0) - int(high < 0)

    def format_difference(self, x: float) -> str:
        """A difference in words, to as many figures as the interval supports."""
        low, high = self.interval
        size = max(map(abs, (low, high)))
        digits = int(np.ceil(np.log10(10 * size / (high - low)))) if 0 < high - low < np.inf else 2
        return format_difference(x, self.pair.unit, min(max(digits, 2), 6))

    @property
    def futures_needed(self) -> int:
        """About how many futures the asked precision would take, judging by the spread so far."""
        low, high = self.interval
        return int(np.ceil(self.n * ((high - low) / 2 / self.asked) ** 2))

    @property
    def sentence(self) -> str:
        """The answer, how sure it is and why no more futures were run, in plain words."""
        return _compose_sentence(self)

    def to_frame(self) -> pd.DataFrame:
        """One row for each look: n, mean, low, high, carriers, sets."""
        import pandas as pd

        return pd.DataFrame([vars(look) for look in self.looks])


def make_paired_differences(
    simulate: ModelProtocol,
    factors: Sequence[Factor],
    settings: tuple[Mapping[str, float], Mapping[str, float]],
    outcome: str,
    seed: int = 0,
) -> Differences:
    """A function for differences of an outcome between two `settings` (new, old), in futures drawn from the priors.

    Future i has the same parameters and seed under both, in whatever batch it runs.
    """
    new, old = settings

    def differences(first: int, n: int) -> Floats:
        futures = sample_futures(factors, n, seed, first=first)
        results = [run_policy(simulate, futures, policy, [outcome])[outcome] for policy in (new, old)]
        return results[0] - results[1]

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
    """Add futures until the mean difference has an interval of `half_width`, or its sign is known, or `plan.most`.

    `differences(first, n)` returns those of futures `first` to `first + n`: (n,), nan where a run failed.
    `sets(first, n)` returns which of them share their parameters: (n,) numbers; without it all are taken to be
    independent. `supply` is how many parameter sets there are. `progress` counts futures.
    Raises ValueError for a half-width that is not positive, for infinite differences, and if more than a fifth failed.
    """
    if not half_width > 0:
        raise InputError(f"a half-width of {half_width:g} cannot be reached; ask for a number above 0")
    plan, pair = plan or LookSchedule(), pair or ComparedPair()
    values, labels, looks, done = np.empty(0), np.empty(0, np.int64), list[Look](), 0
    stopped = StopReason.MOST
    for n in plan:
        more = n - done
        labels = np.concatenate([labels, sets(done, more) if sets else np.arange(done, n)])
        values = np.concatenate([values, _run_batch(differences, done, more)])
        done = n
        finished = np.isfinite(values)
        usable, usable_sets = values[finished], labels[finished]
        if len(usable) < (1 - MOST_FAILED_FUTURES) * n:
            rest = "the rest may not stand for all of them" if len(usable) else f"{pair.outcome} is known in none"
            raise InputError(f"{n - len(usable)} of {n} futures failed: {rest}")
        looks.append(plan.at(usable, usable_sets))
        if progress:
            progress(n, plan.most)
        if reason := _find_stop_reason(looks[-1], half_width, sign_is_enough, plan):
            stopped = reason
            break
    gain = np.sign(usable) * (pair.better or 1)
    return SequentialComparison(
        pair=pair,
        asked=half_width,
        plan=plan,
        looks=tuple(looks),
        stopped=stopped,
        better=int((gain > 0).sum()),
        same=int((gain == 0).sum()),
        worse=int((gain < 0).sum()),
        failed=done - len(usable),
        worth=count_independent_rows(gain > 0, usable_sets),
        supply=supply,
    )


def _run_batch(differences: Differences, first: int, n: int) -> Floats:
    batch = np.asarray(differences(first, n), np.float64)
    if batch.shape != (n,):
        raise InputError(f"differences of {n} futures were asked for, but an array of shape {batch.shape} came back")
    if np.isinf(batch).any():
        raise InputError(f"{int(np.isinf(batch).sum())} of {n} differences are infinite")
    return np.where(abs(batch) <= ROUNDING, 0.0, batch)


def _find_stop_reason(look: Look, asked: float, sign_is_enough: bool, plan: LookSchedule) -> StopReason | None:
    if look.carriers < plan.carriers:
        return None
    if look.high - look.low <= 2 * asked:
        return StopReason.NARROW
    return StopReason.SIGN if sign_is_enough and not look.low <= 0 <= look.high else None


def _compose_sentence(r: SequentialComparison) -> str:
    p = r.pair
    failed = f" {r.failed} {p.cases} failed and were left out." if r.failed else ""
    mean = f"the average difference in {p.outcome} is {r.format_difference(r.difference)}{name_base(p.unit)}"
    if not r.looks[-1].carriers:
        rest = format_level(bound_share(0, r.sets, r.plan.confidence)[1], Unit.SHARE)
        answer = (
            f"{p.new} compared with {p.old} changes {p.outcome} by "
            f"{format_difference(r.difference, p.unit)}{name_base(p.unit)} in all {r.n:,} {p.cases} that were run; "
            f"with {100 * r.plan.confidence:g}% confidence at most {rest} of {p.cases} differ."
        )
    elif r.thin:
        few = max(1, round(r.looks[-1].carriers))
        carried = f"{r.same:,} of them show none" if r.same else f"about {few} of them carry most of it"
        answer = (
            f"too few {p.cases} carry a difference between {p.new} and {p.old} to judge its mean: after {r.n:,} "
            f"{p.cases} {mean}, and {carried}."
        )
    else:
        span = " to ".join(map(r.format_difference, r.interval))
        answer = (
            f"{_describe_verdict(r)}: {mean} ({100 * r.plan.confidence:g}% interval {span}); {_describe_counts(r)}. "
            f"{r.n:,} {p.cases} were run: {r.stopped.value}{_describe_shortfall(r)}."
        )
    return answer[0].upper() + answer[1:] + failed


def _describe_verdict(r: SequentialComparison) -> str:
    p = r.pair
    if r.settled:
        up, down = ("better", "worse") if p.better else ("higher", "lower")
        slightly = "slightly " if is_slight(r.difference, p.unit) else ""
        return f"{p.new} is {slightly}{up if r.settled * (p.better or 1) > 0 else down} than {p.old} on average"
    if r.stopped is StopReason.NARROW:
        most = r.format_difference(max(map(abs, r.interval))).lstrip("+").removesuffix(" more")
        return f"{p.new} and {p.old} differ by at most {most}{name_base(p.unit)} on average"
    return f"whether {p.new} does better or worse than {p.old} on average is not settled"


def _describe_counts(r: SequentialComparison) -> str:
    low, high = r.probability_better_interval
    lowest, highest = int(np.floor(100 * low)), int(np.ceil(100 * high))
    does = "does better" if r.pair.better else "is higher"
    return f"it {does} in {format_count(r.better, r.n)} {r.pair.cases} ({lowest}% to {highest}%)"


def _describe_shortfall(r: SequentialComparison) -> str:
    if r.stopped is not StopReason.MOST:
        return ""
    asked = f"{format_absolute(r.asked, r.pair.unit)}{name_base(r.pair.unit)}"
    if r.supply is not None and (r.sets >= r.supply or r.futures_needed > r.supply):
        return (
            f", and a half-width of {asked} would take more versions of the model than the {r.supply:,} that there "
            f"are: more {r.pair.cases} only average chance out"
        )
    return f", and a half-width of {asked} would take about {format_number(r.futures_needed)}"
