"""What a choice between policies gains by learning, from the gains of every policy over the one chosen without.

Everything here takes gains (rows, policies), of which the column chosen without learning is 0 everywhere, and weights
(rows,) that need not add up to 1, so that resampling is a matter of weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeAlias

import numpy as np

from simulator.experiments.core.model_protocol import Floats
from simulator.experiments.stats.resampling import WIDE
from simulator.experiments.stats.spline_regression import CrossFit

Bracket: TypeAlias = tuple[float, float]
Estimate: TypeAlias = Callable[[Floats], Bracket]


class Bracketed(NamedTuple):
    """A value between two estimates, and a 95% interval from the bootstrap errors of both."""

    low: float
    high: float
    interval: Bracket


def estimate_perfect_information(gains: Floats, noise: Floats) -> Estimate:
    """Value of learning everything that averages over luck can tell.

    The upper estimate takes the averages as they are: luck left in them counts as learnable. The lower first shrinks
    gains towards their mean until the variance that luck has left in them, `noise` (policies,), is gone; it is exact
    for normal gains over one other policy.
    """

    def estimate(weights: Floats) -> Bracket:
        w = weights / weights.sum()
        mean = w @ gains
        variance = w @ (gains - mean) ** 2
        rest = np.maximum(variance - noise, 0.0)
        shrink = np.sqrt(np.divide(rest, variance, out=np.ones_like(rest), where=variance > 0))
        low = w @ (mean + shrink * (gains - mean)).max(axis=1)
        return float(low - mean.max()), float(w @ gains.max(axis=1) - mean.max())

    return estimate


def estimate_partial_information(gains: Floats, basis: Floats) -> Estimate:
    """Value of learning the factors that a basis (rows, columns) is made of; rows are in random order.

    The upper estimate judges the choice by the rows that fitted it; the lower chooses for each row by a fit to others
    and judges by the row's own gain.
    """
    fit = CrossFit(basis, gains)

    def estimate(weights: Floats) -> Bracket:
        w = weights / weights.sum()
        inside, outside = fit.predict(weights)
        chosen = np.take_along_axis(gains, outside.argmax(axis=1)[:, None], axis=1)[:, 0]
        without = float((w @ gains).max())
        return float(w @ chosen) - without, float(w @ inside.max(axis=1)) - without

    return estimate


def bracket_estimate(estimate: Estimate, weights: Floats, counts: Iterable[Floats]) -> Bracketed:
    """An estimate with its interval; `counts` says how often each resample draws each row."""
    low, high = estimate(weights)
    errors = np.std([estimate(weights * count) for count in counts], axis=0, ddof=1)
    return Bracketed(low, high, (low - WIDE * float(errors[0]), high + WIDE * float(errors[1])))
