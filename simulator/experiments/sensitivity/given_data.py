"""Sensitivity from runs that were made already, a posterior's too: rank correlations, and the sample they are read off.

A given sample needs no design, and its factors may depend on one another. What may then be said:

* `main_effects`: how much of the variance learning a factor would remove. Valid; with dependence it includes what the
  factor tells of the others, so that shares may add up to more than 1, and a factor the model ignores may have one.
* `pawn`: how much the whole distribution shifts when a factor is known. Valid, with the same reading.
* `estimate_rank_correlations`: whether the outcome rises or falls with a factor. Valid, with the same reading.
* Sobol' indices: not valid, and refused. Total indices and the sum of shares have no meaning with dependence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from simulator.common.errors import InputError
from simulator.common.formatting import listed, significant
from simulator.experiments.core.clustered_errors import Labels
from simulator.experiments.core.design import Design, DesignKind
from simulator.experiments.core.model_protocol import Factor, Floats, ModelProtocol, Points, Progress
from simulator.experiments.core.outcome_checks import find_usable_groups
from simulator.experiments.core.sweep import collect_tables, sweep
from simulator.experiments.stats.resampling import WIDE, draw_resamples

if TYPE_CHECKING:
    import pandas as pd

FEWEST = 50


@dataclass(frozen=True, eq=False)
class GivenData:
    """Runs as a sample: columns (n,) by factor, the outcome's values (n,), weights (n,) with mean 1.

    `failed` more rows were left out; `sets` (n,) says which rows share all their parameters. `make_given_data` makes it
    and checks it; so does `draw_given_data`.
    """

    points: Points
    values: Floats
    weights: Floats
    outcome: str
    failed: int = 0
    sets: Labels | None = None

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True)
class FactorEffect:
    """What a method says of one factor. The half-width belongs to a 95% bootstrap interval."""

    name: str
    value: float
    half_width: float


def make_given_data(
    points: Points,
    values: Floats,
    outcome: str = "the outcome",
    weights: Floats | None = None,
    sets: ArrayLike | None = None,
) -> GivenData:
    """A sample from columns (n,) by factor, the outcome's values (n,), and weights (n,) if rows count unequally.

    A posterior is best handed over with its weights, not resampled: copies of a row pretend to be news, unless `sets`
    (n,) says which rows share their parameters, so that intervals take them together. Rows whose
    value is nan are left out and counted. Raises ValueError for columns of other lengths, blanks, a factor that does
    not vary, weights that are negative or all 0, fewer than 50 rows (or weights worth fewer), and an outcome that is
    constant or infinite. Rows are else taken to be independent: give one run a point.
    """
    y = np.asarray(values, np.float64)
    w = np.ones(y.shape) if weights is None else np.asarray(weights, np.float64)
    columns = {name: np.asarray(column, np.float64) for name, column in points.items()}
    _check_columns({**columns, "the weights": w}, y)
    if not columns:
        raise InputError("a given sample needs at least one factor")
    if (w < 0).any() or not w.any():
        raise InputError("weights are numbers from 0 on, and not all 0")
    counted = w > 0
    kept = find_usable_groups(y[counted, None], outcome, FEWEST)
    columns = {name: column[counted][kept] for name, column in columns.items()}
    still = [name for name, column in columns.items() if np.ptp(column) == 0]
    if still:
        raise InputError(f"{listed(still)} does not vary in this sample: leave it out")
    w = w[counted][kept]
    worth = w.sum() ** 2 / (w**2).sum()
    if worth < FEWEST:
        raise InputError(f"the weights leave the worth of {worth:.0f} rows; {FEWEST} or more are needed")
    own = None if sets is None else np.asarray(sets, np.int64)[counted][kept]
    return GivenData(columns, y[counted][kept], w / w.mean(), outcome, int((~kept).sum()), own)


def _check_columns(columns: Points, values: Floats) -> None:
    wrong = [name for name, column in columns.items() if column.shape != values.shape or values.ndim != 1]
    if wrong:
        raise InputError(f"{listed(wrong)}: another number of rows than the {values.size} values of the outcome")
    blank = [name for name, column in columns.items() if not np.isfinite(column).all()]
    if blank:
        raise InputError(f"{listed(blank)}: a value is blank or infinite")


def draw_given_data(
    simulate: ModelProtocol,
    factors: Sequence[Factor],
    outcome: str,
    *,
    n: int = 2_000,
    seed: int = 0,
    progress: Progress | None = None,
) -> GivenData:
    """A sample of `n` rows from the priors, each with luck of its own. Raises ValueError as `make_given_data` does."""
    design = Design(DesignKind.RANDOM, tuple(factors), n, seed=seed, own_luck=True)
    table = collect_tables(sweep(simulate, design, progress=progress))
    return make_given_data(table.points, table.column(outcome), outcome)


def rank_values(column: Floats) -> NDArray[np.int64]:
    """For each value, how many smaller values there are, counting equal ones once: (n,)."""
    return np.unique(column, return_inverse=True)[1].astype(np.int64)


def compute_mid_ranks(tied: NDArray[np.int64], weights: Floats) -> Floats:
    """Share of weight below each value, equal values meeting in their middle: (n,), above 0 and below 1."""
    each = np.bincount(tied, weights)
    return np.asarray(((each.cumsum() - each / 2) / each.sum())[tied])


def select_clear_effects(effects: Sequence[FactorEffect]) -> list[FactorEffect]:
    """Effects that are not noise, the largest first. Intervals are widened for their number (Bonferroni), because among
    forty factors that do nothing two would stand out at 95% each."""
    wider = float(ndtri(1 - 0.025 / len(effects))) / WIDE
    clear = [effect for effect in effects if abs(effect.value) > wider * effect.half_width]
    return sorted(clear, key=lambda effect: -abs(effect.value))


def estimate_effects(
    sample: GivenData, estimate: Callable[[Floats], Sequence[float]], times: int, seed: int
) -> tuple[FactorEffect, ...]:
    """Effects of all factors by a function of weights (n,), with intervals from `times` bootstrap resamples."""
    values = estimate(sample.weights)
    again = [estimate(sample.weights * counts) for counts in draw_resamples(len(sample), times, seed, sample.sets)]
    half_widths = WIDE * np.std(again, axis=0, ddof=1)
    return tuple(FactorEffect(*row) for row in zip(sample.points, values, half_widths.tolist(), strict=True))


@dataclass(frozen=True)
class RankCorrelations:
    """Spearman's correlation of each factor with the outcome, over `n` rows; `failed` more were left out."""

    outcome: str
    effects: tuple[FactorEffect, ...]
    n: int
    failed: int = 0

    @property
    def sentence(self) -> str:
        """Which factors the outcome rises and falls with."""
        ranked = select_clear_effects(self.effects)[:5]
        if not ranked:
            return f"“{self.outcome}” neither rises nor falls with any factor, as far as {self.n:,} runs can tell."
        up = [f"“{e.name}” ({significant(e.value)})" for e in ranked if e.value > 0]
        down = [f"“{e.name}” ({significant(e.value)})" for e in ranked if e.value < 0]
        parts = [f"{verb} with {listed(names)}" for verb, names in (("rises", up), ("falls", down)) if names]
        return f"“{self.outcome}” {' and '.join(parts)}: rank correlations, over {self.n:,} runs."

    def to_frame(self) -> pd.DataFrame:
        """One row a factor, the strongest first."""
        import pandas as pd

        frame = pd.DataFrame([vars(effect) for effect in self.effects])
        return frame.sort_values("value", key=abs, ascending=False, ignore_index=True)


def estimate_rank_correlations(sample: GivenData, *, times: int = 100, seed: int = 0) -> RankCorrelations:
    """Spearman's rank correlations with bootstrap intervals.

    They see rises and falls only: an outcome highest in the middle of a factor's range has a correlation of 0 with it.
    """
    y, columns = rank_values(sample.values), [rank_values(column) for column in sample.points.values()]

    def correlations(weights: Floats) -> list[float]:
        b = compute_mid_ranks(y, weights) - 0.5  # a mean rank is a half, whatever the ties
        ranks = (compute_mid_ranks(x, weights) - 0.5 for x in columns)
        return [float(weights @ (a * b) / np.sqrt((weights @ a**2) * (weights @ b**2))) for a in ranks]

    effects = estimate_effects(sample, correlations, times, seed)
    return RankCorrelations(sample.outcome, effects, len(sample), sample.failed)
