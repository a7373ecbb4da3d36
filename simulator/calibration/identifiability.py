"""Identifiability: how far the data move and narrow each parameter, and in which directions they speak at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simulator.common.arrays import Floats
from simulator.experiments.core.model_protocol import Factor
from simulator.experiments.stats.importance_sampling import WeightedSample

NARROWED, SHIFTED = 0.90, 0.25
_GRID = (np.arange(20_000) + 0.5) / 20_000


@dataclass(frozen=True)
class Identified:
    """One parameter before and after the fit. `ratio` is the posterior over the prior standard deviation; `shift` the
    move of the mean in prior standard deviations; `error` the Monte Carlo standard error of the ratio.
    """

    name: str
    prior_mean: float
    prior_sd: float
    mean: float
    sd: float
    low: float
    median: float
    high: float
    error: float

    @property
    def ratio(self) -> float:
        """Posterior over prior standard deviation: 1 means that the data say nothing."""
        return self.sd / self.prior_sd

    @property
    def contraction(self) -> float:
        """Share of the prior variance that the data remove (Betancourt 2018); negative values are noise."""
        return 1 - self.ratio**2

    @property
    def shift(self) -> float:
        """Move of the mean in prior standard deviations."""
        return (self.mean - self.prior_mean) / self.prior_sd

    @property
    def pinned(self) -> bool:
        """True if the data narrow it below nine tenths of its prior spread or move it by a quarter of that."""
        return self.ratio < NARROWED or abs(self.shift) > SHIFTED


def identify(fit: WeightedSample, held: Mapping[str, float]) -> tuple[Identified, ...]:
    """Prior against posterior for every factor that is not held, in order."""
    return tuple(_identify_factor(fit, f) for f in fit.factors if f.name not in held)


def _identify_factor(fit: WeightedSample, f: Factor) -> Identified:
    prior = f.quantile(_GRID)
    values, w = fit.points[f.name], fit.weights
    mean = float(w @ values)
    far = (values - mean) ** 2
    variance = float(w @ far)
    low, median, high = compute_weighted_quantiles(values, w, (0.05, 0.5, 0.95))
    # delta method for the standard deviation of a self-normalised estimate
    noise = float(np.sqrt(np.sum((w * (far - variance)) ** 2)) / (2 * np.sqrt(variance)))
    return Identified(
        f.name,
        float(prior.mean()),
        float(prior.std()),
        mean,
        float(np.sqrt(variance)),
        low,
        median,
        high,
        noise / float(prior.std()),
    )


def compute_weighted_quantiles(values: Floats, weights: Floats, at: tuple[float, ...]) -> list[float]:
    """Quantiles of a weighted sample."""
    order = np.argsort(values, kind="stable")
    centre = np.cumsum(weights[order]) - 0.5 * weights[order]
    return [float(x) for x in np.interp(at, centre / weights.sum(), values[order])]


def find_directions(fit: WeightedSample, names: tuple[str, ...]) -> tuple[Floats, Floats]:
    """Directions of the coordinates `names` from most to least informed: variances (d,) and unit vectors (d, d).

    Coordinates are those in which every prior is standard normal, so a variance of 1 means that the data say nothing
    in that direction. Row k of the vectors belongs to variance k; its largest number is positive.
    """
    if not names:
        return np.zeros(0), np.zeros((0, 0))
    z = np.stack([fit.coordinates[name] for name in names], axis=1)
    z -= fit.weights @ z  # in place: a full fit has 320,000 rows
    values, vectors = np.linalg.eigh(z.T @ (z * fit.weights[:, None]))
    largest = np.abs(vectors).argmax(axis=0)  # a machine's linear algebra leaves the sign open
    return np.asarray(values), np.asarray((vectors * np.sign(vectors[largest, np.arange(len(names))])).T)
