"""Given data: a sample of runs that exist already, such as a posterior's, for sensitivity analysis without a design.

Factors of a given sample may depend on each other. What may then be concluded:

* `main_effects`: how much of the variance learning a factor would remove. Valid; with dependence this includes what the
  factor tells about others, so that shares may add up to more than 1, and a factor the model ignores may have one.
* `pawn`: how much the whole distribution shifts when a factor is known. Valid, with the same reading.
* `rank_correlations`: whether the outcome rises or falls with a factor. Valid, with the same reading.
* Sobol' indices: not valid, and refused. Total indices and the sum of shares have no meaning with dependence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.common.formatting import join_words
from simulator.common.representation import short_repr
from simulator.experiments.core.clustered_errors import Z_95
from simulator.experiments.core.design import Design, DesignKind
from simulator.experiments.core.model_protocol import Factor, Labels, ModelProtocol, Points, Progress
from simulator.experiments.core.outcome_checks import find_usable_groups
from simulator.experiments.core.sweep import collect_tables, sweep
from simulator.experiments.stats.resampling import draw_resamples

if TYPE_CHECKING:
    import pandas as pd

Effect = TypeVar("Effect")
FEWEST = 50


@short_repr
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
    """What a method gives for one factor, with half the width of its 95% bootstrap interval."""

    name: str
    value: float
    half_width: float


@dataclass(frozen=True)
class FactorEffects(Generic[Effect]):
    """What a method gives for all factors of `n` rows, or of `n` blocks of rows; `failed` more were left out."""

    outcome: str
    effects: tuple[Effect, ...]
    n: int
    failed: int = 0

    def rank_effects(self, by: str, key: Callable[[pd.Series], pd.Series] | None = None) -> pd.DataFrame:
        """One row for each factor, the largest first."""
        import pandas as pd

        frame = pd.DataFrame([vars(effect) for effect in self.effects])
        return frame.sort_values(by, key=key, ascending=False, ignore_index=True)


EstimatedEffects = FactorEffects[FactorEffect]


def make_given_data(
    points: Points,
    values: Floats,
    outcome: str = "the outcome",
    weights: Floats | None = None,
    sets: ArrayLike | None = None,
) -> GivenData:
    """Check a sample: columns (n,) by factor, the outcome's values (n,), and weights (n,) if rows count unequally.

    A posterior is best given with its weights, not resampled: copies of a row would count as new evidence, unless
    `sets` (n,) says which rows share their parameters, so that intervals keep them together. Without `sets` rows are
    taken to be independent: give one run a point. Rows with the value nan are left out and counted.
    Raises ValueError for columns of different lengths, blanks, a factor that does not vary, weights that are negative
    or all 0, fewer than 50 rows (or weights worth fewer), and an outcome that is constant or infinite.
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
    usable = find_usable_groups(y[counted, None], outcome, FEWEST)
    columns = {name: column[counted][usable] for name, column in columns.items()}
    constant = [name for name, column in columns.items() if np.ptp(column) == 0]
    if constant:
        raise InputError(f"{join_words(constant)} does not vary in this sample: leave it out")
    w = w[counted][usable]
    effective = w.sum() ** 2 / (w**2).sum()
    if effective < FEWEST:
        raise InputError(f"the weights leave the worth of {effective:.0f} rows; {FEWEST} or more are needed")
    kept_sets = None if sets is None else np.asarray(sets, np.int64)[counted][usable]
    return GivenData(columns, y[counted][usable], w / w.mean(), outcome, int((~usable).sum()), kept_sets)


def _check_columns(columns: Points, values: Floats) -> None:
    wrong = [name for name, column in columns.items() if column.shape != values.shape or values.ndim != 1]
    if wrong:
        raise InputError(f"{join_words(wrong)}: another number of rows than the {values.size} values of the outcome")
    blank = [name for name, column in columns.items() if not np.isfinite(column).all()]
    if blank:
        raise InputError(f"{join_words(blank)}: a value is blank or infinite")


def draw_given_data(
    simulate: ModelProtocol,
    factors: Sequence[Factor],
    outcome: str,
    *,
    n: int = 2_000,
    seed: int = 0,
    progress: Progress | None = None,
) -> GivenData:
    """Run `n` rows drawn from the priors, each with its own seed. Raises ValueError as `make_given_data` does."""
    design = Design(DesignKind.RANDOM, tuple(factors), n, seed=seed, independent_seeds=True)
    table = collect_tables(sweep(simulate, design, progress=progress))
    return make_given_data(table.points, table.column(outcome), outcome)


def rank_values(column: Floats) -> NDArray[np.int64]:
    """The dense rank of each value, from 0; equal values have the same rank: (n,)."""
    return np.unique(column, return_inverse=True)[1].astype(np.int64)


def compute_mid_ranks(ranks: NDArray[np.int64], weights: Floats) -> Floats:
    """The share of weight below each value, with half of the weight at it: (n,), above 0 and below 1."""
    at_rank = np.bincount(ranks, weights)
    return np.asarray(((at_rank.cumsum() - at_rank / 2) / at_rank.sum())[ranks])


def select_clear_effects(effects: Sequence[FactorEffect]) -> list[FactorEffect]:
    """Effects that are not noise, the largest first.

    Intervals are widened for their number (Bonferroni): of forty factors that do nothing, two would stand out at 95%.
    """
    wider = float(ndtri(1 - 0.025 / len(effects))) / Z_95
    clear = [effect for effect in effects if abs(effect.value) > wider * effect.half_width]
    return sorted(clear, key=lambda effect: -abs(effect.value))


def estimate_effects(
    sample: GivenData, estimate: Callable[[Floats], Sequence[float]], times: int, seed: int
) -> tuple[FactorEffect, ...]:
    """Effects of all factors, by a function of weights (n,), with intervals from `times` bootstrap resamples."""
    values = estimate(sample.weights)
    resampled = [estimate(sample.weights * counts) for counts in draw_resamples(len(sample), times, seed, sample.sets)]
    half_widths = Z_95 * np.std(resampled, axis=0, ddof=1)
    return tuple(FactorEffect(*row) for row in zip(sample.points, values, half_widths.tolist(), strict=True))
