"""Distributions fitted to quartiles that somebody states, as the Sheffield Elicitation Framework (SHELF) does.

Each family's parameters minimise the sum of squares of what its cumulative distribution misses at the quartiles (scipy,
`least_squares`). Oakley and O'Hagan, SHELF: the Sheffield Elicitation Framework; package SHELF for R, `fitdist`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulator.common.arrays import Floats
from simulator.common.errors import InputError

if TYPE_CHECKING:
    from scipy import stats

PROBABILITIES = (0.25, 0.5, 0.75)
MOST_OUTSIDE = 0.005
"""How much of a distribution may lie beyond the limits before another family is taken."""


@dataclass(frozen=True)
class FittedDistribution:
    """A family with its two parameters, and the sum of squares by which it misses the quartiles.

    `parameters` are mean and sd (normal), shape and rate (gamma, above the lower limit), mean and sd of the logarithm
    (lognormal, above the lower limit), or both shapes (beta, between the limits).
    """

    family: str
    parameters: tuple[float, float]
    misfit: float
    low: float
    high: float

    def quantile(self, p: float) -> float:
        """The value below which a share `p` lies."""
        family, given = _name_parameters(self.family, self.parameters, self.low, self.high)
        return float(family.ppf(p, **given))

    def share_below(self, x: float) -> float:
        """The share below a value."""
        family, given = _name_parameters(self.family, self.parameters, self.low, self.high)
        return float(family.cdf(x, **given))

    @property
    def outside(self) -> float:
        """The share beyond the limits."""
        return self.share_below(self.low) + 1 - self.share_below(self.high)


def _name_parameters(
    family: str, parameters: Sequence[float], low: float, high: float
) -> tuple[stats.rv_continuous, dict[str, float]]:
    """A distribution of scipy with what it must be given; one frozen with that would write its help texts first."""
    from scipy import stats  # over a second to load, so only when asked for

    a, b = parameters
    if family == "normal":
        return stats.norm, {"loc": a, "scale": b}
    if family == "gamma":
        return stats.gamma, {"a": a, "loc": low, "scale": 1 / b}
    if family == "lognormal":
        return stats.lognorm, {"s": b, "loc": low, "scale": float(np.exp(a))}
    return stats.beta, {"a": a, "b": b, "loc": low, "scale": high - low}


def check_quartiles(quartiles: Sequence[float], low: float, high: float) -> tuple[float, float, float]:
    """Three quartiles. Raises InputError unless they rise and lie between the limits."""
    lower, middle, upper = quartiles
    if not low < lower < middle < upper < high:
        raise InputError(
            f"{lower:g}, {middle:g} and {upper:g} are no quartiles: they must rise, and lie above {low:g} and below "
            f"{high:g}"
        )
    return lower, middle, upper


def fit_quartiles(quartiles: Sequence[float], low: float, high: float) -> Mapping[str, FittedDistribution]:
    """Every family fitted to three quartiles between two limits, by name.

    Raises InputError unless the quartiles rise and lie between the limits.
    """
    lower, middle, upper = check_quartiles(quartiles, low, high)
    return {family: _fit(family, (lower, middle, upper), low, high) for family in _STARTS}


def choose_best(fits: Mapping[str, FittedDistribution]) -> FittedDistribution:
    """The family that misses the quartiles least, of those that keep within the limits."""
    within = [fit for fit in fits.values() if fit.outside <= MOST_OUTSIDE]
    return min(within, key=lambda fit: fit.misfit)


def _fit(family: str, quartiles: tuple[float, float, float], low: float, high: float) -> FittedDistribution:
    from scipy.optimize import least_squares  # half a second to load, so only when asked for

    unbounded = family == "normal"
    start = _STARTS[family](*_guess_moments(quartiles, low, high))

    def parameters_at(x: Floats) -> tuple[float, float]:
        first = float(x[0]) if unbounded or family == "lognormal" else float(np.exp(x[0]))
        return first, float(np.exp(x[1]))

    def miss(x: Floats) -> Floats:
        of_scipy, given = _name_parameters(family, parameters_at(x), low, high)
        return np.asarray(of_scipy.cdf(quartiles, **given) - np.array(PROBABILITIES))

    found = least_squares(miss, start, xtol=1e-12, ftol=1e-12, gtol=1e-12)
    return FittedDistribution(family, parameters_at(found.x), float((found.fun**2).sum()), low, high)


def _guess_moments(quartiles: tuple[float, float, float], low: float, high: float) -> tuple[float, float, float, float]:
    lower, middle, upper = quartiles
    return middle, (upper - lower) / 1.349, low, high


def _start_normal(mean: float, sd: float, low: float, high: float) -> tuple[float, float]:
    return mean, np.log(sd)


def _start_gamma(mean: float, sd: float, low: float, high: float) -> tuple[float, float]:
    return np.log(((mean - low) / sd) ** 2), np.log((mean - low) / sd**2)


def _start_lognormal(mean: float, sd: float, low: float, high: float) -> tuple[float, float]:
    return np.log(mean - low), np.log(sd / (mean - low))


def _start_beta(mean: float, sd: float, low: float, high: float) -> tuple[float, float]:
    share, spread = (mean - low) / (high - low), sd / (high - low)
    size = max(share * (1 - share) / spread**2 - 1, 0.2)
    return np.log(share * size), np.log((1 - share) * size)


_STARTS = {"normal": _start_normal, "gamma": _start_gamma, "lognormal": _start_lognormal, "beta": _start_beta}
