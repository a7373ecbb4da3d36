"""Equivalence: how much of one lever does as much for an outcome as other levers do, set to given values?

Every parameter draw runs along a grid of the lever, in the same futures, and is compared with its own reference. The
answer is given for each draw, for some of which no amount is enough, and on average. Break-even is the same question,
with the lever that costs money on the grid and the other one fixed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.common.formatting import format_count, format_number
from simulator.common.representation import short_repr
from simulator.experiments.core.model_protocol import ModelProtocol, Progress
from simulator.experiments.core.sampled_futures import SampledFutures, run_policy
from simulator.experiments.sensitivity.variance_split import Estimate
from simulator.experiments.stats.grid_roots import (
    compute_finite_quantiles,
    compute_ranked_quantile,
    find_first_crossing,
    interpolate_grid,
)
from simulator.experiments.stats.resampling import draw_resamples
from simulator.experiments.tradeoffs.lever_sweep import LeverQuestion, LeverSweep, sweep_lever

if TYPE_CHECKING:
    import pandas as pd

ENDS = (0.025, 0.975)
LIKELY = (0.1, 0.5, 0.9)


@short_repr
@dataclass(frozen=True, eq=False)
class Equivalence:
    """The amounts of a lever that do as much as a reference: for each draw, and on average over draws.

    `places` (draws,) is the position on the grid, in steps, of the first amount that is enough, infinite where none is;
    `more_crossings` (draws,) how often the curve crosses again. `on_average` is where the average curve crosses;
    `quantiles` are over the draws for which some amount is enough. Both are amounts, with 95% intervals over resampled
    draws, infinite where no amount is enough. Draws averaged over few replicates vary by chance too, and cross more
    often.
    """

    question: LeverQuestion
    sweep: LeverSweep
    places: Floats
    more_crossings: NDArray[np.int64]
    on_average: Estimate
    quantiles: Mapping[float, Estimate]

    @property
    def draws(self) -> int:
        """How many parameter draws are counted."""
        return len(self.places)

    @property
    def equivalents(self) -> Floats:
        """The first amount that is enough in each draw (draws,), infinite where none is."""
        return interpolate_grid(self.places, self.sweep.amounts)

    @property
    def none_enough(self) -> int:
        """How many draws no amount that was tried is enough for."""
        return int(np.isinf(self.places).sum())

    @property
    def none_needed(self) -> int:
        """How many draws do as well at the first amount as under the reference."""
        return int((self.places == 0).sum())

    @property
    def crosses_again(self) -> int:
        """How many draws some further amount is again not enough for."""
        return int((self.more_crossings > 0).sum())

    def enough_in(self, share: float) -> float:
        """The amount that is enough in this share (0 to 1) of all draws, infinite if no amount is."""
        return float(interpolate_grid(compute_ranked_quantile(self.places, share), self.sweep.amounts))

    @property
    def sentence(self) -> str:
        """The answer in plain words."""
        failed = f" {self.sweep.failed} futures failed and were left out." if self.sweep.failed else ""
        return f"{_describe_average(self)} {_describe_spread(self)}{failed}"

    def to_frame(self) -> pd.DataFrame:
        """One row for each draw: equivalent, more_crossings and reason. Where no amount is enough, equivalent is
        missing (nan) and reason says so; it is "" where there is nothing to say.
        """
        import pandas as pd

        last, falls = float(self.sweep.amounts[-1]), self.sweep.amounts[-1] < self.sweep.amounts[0]
        none_enough = f"no amount {'down' if falls else 'up'} to {format_number(last)} is enough"
        reasons = ["" if np.isfinite(place) else none_enough for place in self.places]
        amounts = np.where(np.isfinite(self.equivalents), self.equivalents, np.nan)
        return pd.DataFrame({"equivalent": amounts, "more_crossings": self.more_crossings, "reason": reasons})

    def curve(self) -> pd.DataFrame:
        """For a chart, one row for each amount: the average of swept less reference, and 80% of draws (low, high)."""
        import pandas as pd

        difference = self.sweep.swept - self.sweep.reference[:, None]
        low, high = np.quantile(difference, (LIKELY[0], LIKELY[-1]), axis=0)
        columns = {"amount": self.sweep.amounts, "difference": difference.mean(axis=0), "low": low, "high": high}
        return pd.DataFrame(columns)


@dataclass(frozen=True)
class EqualAmount:
    """The amount at which averages over futures are equal; infinite, or the first amount, where `crosses` is false.

    `missing` is what the outcome still lacks there, and `evaluations` counts the amounts that were run.
    """

    amount: float
    crosses: bool
    evaluations: int
    missing: float


def find_equivalence(
    simulate: ModelProtocol,
    question: LeverQuestion,
    futures: SampledFutures,
    *,
    times: int = 1000,
    seed: int = 0,
    progress: Progress | None = None,
) -> Equivalence:
    """Find the equivalent amount for every draw of `futures` and on average, with intervals from `times` resamples.

    Every future runs once for each amount and once under the reference; `progress` counts runs.
    Raises ValueError as `sweep_lever` does.
    """
    return find_equivalence_in(question, sweep_lever(simulate, question, futures, progress), times, seed)


def find_equivalence_in(question: LeverQuestion, swept: LeverSweep, times: int = 1000, seed: int = 0) -> Equivalence:
    """The equivalent amounts that a finished sweep shows, with `times` resamples of draws."""
    places, more_crossings = find_first_crossing(swept.missing(question.better))
    weights = np.array([np.ones(len(places)), *draw_resamples(len(places), times, seed, swept.sets)])
    average = find_first_crossing(swept.missing(question.better, weights))[0]
    resampled = compute_finite_quantiles(places, weights, LIKELY)
    quantiles = {share: _estimate_amount(row, swept.amounts) for share, row in zip(LIKELY, resampled, strict=True)}
    return Equivalence(question, swept, places, more_crossings, _estimate_amount(average, swept.amounts), quantiles)


def solve_equal_amount(
    simulate: ModelProtocol, question: LeverQuestion, futures: SampledFutures, tolerance: float = 1e-3
) -> EqualAmount:
    """The amount at which the average over futures equals that of the reference, by Brent's method (1973).

    Because every amount runs in the same futures, the average is a smooth function of the amount; about eight amounts
    are run. `tolerance` is a share of the lever's range. This checks the grid, which also shows curves that rise and
    fall, where this finds only one of the crossings. Raises ValueError for an outcome that is not a number.
    """
    from scipy.optimize import brentq  # half a second to load, so only when asked for

    gaps: dict[float, float] = {}

    def average(settings: Mapping[str, float]) -> float:
        results = run_policy(simulate, futures, {**question.settings, **settings}, [question.outcome])
        return float(results[question.outcome].mean())

    target = average(question.reference)

    def gap(amount: float) -> float:
        if amount not in gaps:
            gaps[amount] = target - average({**question.along_with, question.lever.name: amount})
        return gaps[amount]

    first, last = float(question.grid[0]), float(question.grid[-1])
    sign = question.better or float(np.sign(gap(first)))
    if not np.isfinite(gap(first) + gap(last)):
        raise InputError(f"{question.outcome} is not a number in some future: leave such futures out first")
    if sign * gap(first) <= 0:
        return EqualAmount(first, False, len(gaps), sign * gap(first))
    if sign * gap(last) > 0:
        return EqualAmount(float(np.copysign(np.inf, last - first)), False, len(gaps), sign * gap(last))
    amount = float(brentq(gap, first, last, xtol=tolerance * abs(last - first)))
    return EqualAmount(amount, True, len(gaps), sign * gap(amount))


def _estimate_amount(places: Floats, amounts: Floats) -> Estimate:
    """The amount at the first place, with the interval of the others."""
    ends = [compute_ranked_quantile(places[1:], end) for end in ENDS]
    value, low, high = interpolate_grid(np.array([places[0], *ends]), amounts)
    return Estimate(float(value), float(low), float(high))


def _describe_average(e: Equivalence) -> str:
    lever, reference = e.question.words
    start = f"On average over {e.draws} versions of the model (parameter sets), "
    does = f"does as much for {e.question.about or e.question.outcome.replace('_', ' ')} as {reference}"
    falls = e.sweep.amounts[-1] < e.sweep.amounts[0]
    value, *ends = (_format_amount(x, e.sweep.amounts) for x in e.on_average)
    low, high = reversed(ends) if falls else ends
    interval = f"(95% interval {low} to {high})"
    if np.isinf(e.on_average.value):
        idle = "" if np.ptp(e.sweep.swept, axis=1).any() else f"; {lever} does not move it in any future"
        way = "down" if falls else "up"
        return f"{start}no {lever} that was tried, {way} to {format_number(float(e.sweep.amounts[-1]))}, {does}{idle}."
    if e.on_average.value == e.sweep.amounts[0]:
        alike = "" if np.any(e.sweep.reference != e.sweep.swept[:, 0]) else "; the two are the same in every future"
        return f"{start}{lever} at {value} already {does} {interval}{alike}."
    return f"{start}{lever} at {value} {interval} {does}."


def _describe_spread(e: Equivalence) -> str:
    if e.none_enough == e.draws:
        return "In none of them is any amount enough."
    low, high = (_format_amount(e.quantiles[share].value, e.sweep.amounts) for share in (LIKELY[0], LIKELY[-1]))
    chance = ", chance included" if e.sweep.replicates == 1 else ""
    clauses = [f"From one version to another it takes {low} to {high} (8 in 10 of them{chance})"]
    if e.none_enough:
        clauses[0] += " where some amount is enough"
        clauses.append(f"in {format_count(e.none_enough, e.draws)} versions no amount is enough")
    if e.none_needed:
        clauses.append(f"in {format_count(e.none_needed, e.draws)} none is needed")
    if e.crosses_again:
        share = format_count(e.crosses_again, e.draws)
        other = "smaller" if e.sweep.amounts[-1] < e.sweep.amounts[0] else "larger"
        clauses.append(f"in {share} some {other} amount is again not enough, and the first that is enough counts")
    return "; ".join(clauses) + "."


def _format_amount(x: float, amounts: Floats) -> str:
    if np.isinf(x):
        return f"{'more' if x > 0 else 'less'} than {format_number(float(amounts[-1]))}"
    return format_number(x)
