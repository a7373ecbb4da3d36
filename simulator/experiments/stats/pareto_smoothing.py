"""Pareto smoothing: the largest importance weights are replaced by what a fitted tail expects of them.

Vehtari, Simpson, Gelman, Yao and Gabry (2024), Journal of Machine Learning Research 25, 72.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.experiments.stats.pareto_k import FEWEST, UNDERFLOW, estimate_pareto_k

DECIMALS = 9
FLAT = 1e-6
"""Log weights that differ by no more are all the same: there is no tail to smooth."""


def smooth_weights(log_weights: Floats) -> tuple[Floats, float]:
    """Smoothed log weights (n,), not normalised and rounded to nine decimals, and the tail's k-hat.

    Where no tail can be fitted (fewer than 25 points of real weight, or ties), they are returned as they are. Raises
    ValueError as `estimate_pareto_k`.
    """
    k = estimate_pareto_k(log_weights)
    logs = np.maximum(np.round(log_weights - log_weights.max(), DECIMALS), -UNDERFLOW)
    if not np.isfinite(k) or np.ptp(logs) < FLAT or (logs > -UNDERFLOW).sum() < FEWEST:
        return logs, k
    return np.asarray(np.round(_smooth(logs), DECIMALS)), k


def _smooth(logs: Floats) -> Floats:
    """The library's smoothed log weights. Raises RuntimeError where another version takes them with another sign."""
    from arviz_stats.base.array import array_stats  # a second to load, so only when asked for

    with np.errstate(all="ignore"):
        smooth: Callable[..., tuple[Floats, float]] = array_stats.psislw
        smoothed = np.asarray(smooth(-logs, r_eff=1.0, axis=-1)[0], np.float64)  # it is written for log likelihoods
    if smoothed[np.argmax(logs)] < smoothed[np.argmin(logs)]:
        raise RuntimeError("arviz_stats smooths the wrong end of the weights: take version 0.8")
    if not np.isfinite(smoothed).all():
        raise InputError("the weights are so uneven that they cannot be smoothed")
    return np.asarray(smoothed - smoothed.max())
