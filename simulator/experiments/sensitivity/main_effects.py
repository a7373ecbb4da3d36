"""Main effects from given data: how much of an outcome's variance would go if one factor were known?

The share is Var(E[y | x]) / Var(y), with the conditional expectation fitted by a natural cubic regression spline. It is
valid for dependent factors too, such as a posterior's, where Sobol' indices are not. It then counts all that x tells
about y, also through factors that vary with x, so that shares may add up to more than 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulator.common.arrays import Floats
from simulator.common.formatting import format_level, join_words
from simulator.common.representation import short_repr
from simulator.common.units import Unit
from simulator.experiments.core.clustered_errors import number_labels
from simulator.experiments.core.model_protocol import draw_uniforms
from simulator.experiments.sensitivity.given_data import (
    FactorEffect,
    FactorEffects,
    GivenData,
    estimate_effects,
    select_clear_effects,
)
from simulator.experiments.stats.spline_regression import CrossFit

if TYPE_CHECKING:
    import pandas as pd

FEWEST_KNOTS, MOST_KNOTS = 4, 12
ROWS_A_KNOT = 40
ENDS = (0.02, 0.98)


@dataclass(frozen=True)
class MainEffect(FactorEffect):
    """The share of variance that one factor accounts for.

    `value` comes from rows that the curve was not fitted to: a little low, and negative by noise at times. `in_sample`
    comes from the same rows: a little high. The truth lies between.
    """

    in_sample: float


@short_repr
@dataclass(frozen=True)
class MainEffects(FactorEffects[MainEffect]):
    """Main effects of the factors of a sample of `n` rows; `failed` more were left out."""

    @property
    def sentence(self) -> str:
        """By how much knowing each of the leading factors would reduce the variance, in plain words."""
        ranked = [effect for effect in select_clear_effects(self.effects) if effect.value > 0][:5]
        if not ranked:
            return (
                f"Learning any one factor would not visibly reduce the variance of “{self.outcome}”, as far as "
                f"{self.n:,} runs can tell."
            )
        shares = [f"{format_level(e.value, Unit.SHARE)} (“{e.name}”)" for e in ranked]
        return (
            f"Learning one factor exactly would take away, of the variance of “{self.outcome}”, {join_words(shares)}; "
            "factors that tell about each other count for each, so these need not add up."
        )

    def to_frame(self) -> pd.DataFrame:
        """One row for each factor, the largest first."""
        return self.rank_effects("value")


def estimate_main_effects(sample: GivenData, *, times: int = 100, seed: int = 0) -> MainEffects:
    """Main effects of all factors, cross-fitted, with intervals from `times` bootstrap resamples.

    The curves have 4 to 12 knots: more rows allow more. The ridge of `spline_regression` smooths them, so that a curve
    with 12 knots is about as flexible as one with 8, and as exact; nothing else would change but the noise.
    """
    n = len(sample)
    together = number_labels(sample.sets, n)  # rows that share their parameters stay in one fold
    order = np.argsort(draw_uniforms(n, seed, "order of rows")[together], kind="stable")
    y, w = sample.values[order], sample.weights
    knots = int(np.clip(w.sum() ** 2 / (w**2).sum() / ROWS_A_KNOT, FEWEST_KNOTS, MOST_KNOTS))
    target = (y - y.mean())[:, None]
    fits = [CrossFit(make_natural_basis(column[order], knots), target) for column in sample.points.values()]
    crossed = estimate_effects(sample, lambda weights: [_shares(fit, weights[order])[0] for fit in fits], times, seed)
    in_sample = (_shares(fit, w[order])[1] for fit in fits)
    effects = tuple(MainEffect(e.name, e.value, e.half_width, x) for e, x in zip(crossed, in_sample, strict=True))
    return MainEffects(sample.outcome, effects, n, sample.failed)


def _shares(fit: CrossFit, weights: Floats) -> tuple[float, float]:
    """The share of variance explained: by fits to the other folds, and by the fit to all rows."""
    y = fit.targets[:, 0]
    spread = weights @ (y - weights @ y / weights.sum()) ** 2
    inside, outside = (1 - weights @ (y - fitted[:, 0]) ** 2 / spread for fitted in fit.predict(weights))
    return float(outside), float(inside)


def make_natural_basis(x: Floats, knots: int) -> Floats:
    """Columns that span the natural cubic splines with `knots` knots, at quantiles: (n, knots), the constant first.

    They are straight beyond the outer knots, so that a few rows at the ends do not bend the curve (Hastie, Tibshirani
    and Friedman 2009, "The Elements of Statistical Learning", section 5.2.1). A factor with at most `knots` values gets
    a step for each.
    """
    values = np.unique(x)
    constant = np.ones((len(x), 1))
    if len(values) <= knots:
        return np.hstack([constant, x[:, None] == values[None, 1:]])
    at = np.unique(np.quantile(x, np.linspace(*ENDS, knots)))
    if len(at) < 3:
        return np.hstack([constant, x[:, None]])
    x, at = (x - at[0]) / np.ptp(at), (at - at[0]) / np.ptp(at)
    cubes = np.maximum(x[:, None] - at, 0) ** 3
    bends = (cubes[:, :-1] - cubes[:, -1:]) / (1 - at[:-1])
    return np.hstack([constant, x[:, None], bends[:, :-1] - bends[:, -1:]])
