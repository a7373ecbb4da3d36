"""Prior distributions, each by its inverse cumulative function, so that one uniform number gives one draw.

SciPy is imported by those that draw with it: most commands draw from the posterior, and do without.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Protocol

import numpy as np

from simulator.common.arrays import Floats


class Prior(Protocol):
    """What a declaration needs from a prior: a quantile function that increases in u.

    It knows no bounds. The model draws from it and clips to the number's own: `about.low` and `about.high` of
    `rf.PARAMETERS[name]`. Designs of one's own do the same, or `rf.given_futures` refuses what lies outside.
    """

    def quantile(self, u: Floats) -> Floats:
        """Values at probabilities `u` (each above 0 and below 1), of the same shape."""
        ...


@dataclass(frozen=True, slots=True)
class Normal:
    """Normal with mean and standard deviation."""

    mean: float
    sd: float

    def quantile(self, u: Floats) -> Floats:
        return np.asarray(self.mean + self.sd * _normal_quantile(u))


@dataclass(frozen=True, slots=True)
class HalfNormal:
    """Absolute value of a normal number with mean 0: small effects likely, large ones possible."""

    scale: float

    def quantile(self, u: Floats) -> Floats:
        return np.asarray(self.scale * _normal_quantile(0.5 + 0.5 * u))


@dataclass(frozen=True, slots=True)
class LogNormal:
    """Exponential of a normal number with this mean and standard deviation, both in logs."""

    log_mean: float
    log_sd: float

    def quantile(self, u: Floats) -> Floats:
        return np.asarray(np.exp(self.log_mean + self.log_sd * _normal_quantile(u)))


@dataclass(frozen=True, slots=True)
class Beta:
    """Beta with shapes a and b: a share with mean a / (a + b)."""

    a: float
    b: float

    def quantile(self, u: Floats) -> Floats:
        return np.asarray(_beta_quantile(self.a, self.b, u))


@dataclass(frozen=True, slots=True)
class Uniform:
    """Every value between low and high equally likely."""

    low: float
    high: float

    def quantile(self, u: Floats) -> Floats:
        return np.asarray(self.low + (self.high - self.low) * u)


@dataclass(frozen=True, slots=True)
class Triangular:
    """Most likely at the mode, impossible outside low to high."""

    low: float
    mode: float
    high: float

    def quantile(self, u: Floats) -> Floats:
        width = self.high - self.low
        rise = (self.mode - self.low) / width
        left = self.low + np.sqrt(u * width * (self.mode - self.low))
        right = self.high - np.sqrt((1 - u) * width * (self.high - self.mode))
        return np.asarray(np.where(u < rise, left, right))


def find_least(prior: Prior) -> float:
    """The lower end of a prior's range, minus infinity where there is none."""
    match prior:
        case Normal():
            return -inf
        case HalfNormal() | LogNormal() | Beta():
            return 0.0
    return float(prior.quantile(np.zeros(1))[0])


def _normal_quantile(u: Floats) -> Floats:
    from scipy.special import ndtri

    return np.asarray(ndtri(u))


def _beta_quantile(a: float, b: float, u: Floats) -> Floats:
    from scipy.special import betaincinv

    return np.asarray(betaincinv(a, b, u))
