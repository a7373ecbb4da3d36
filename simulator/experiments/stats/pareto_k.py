"""Pareto k: how heavy is the tail of importance weights, and can averages over them be trusted?"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simulator.common.arrays import Floats
from simulator.common.errors import InputError

FEWEST = 25
UNDERFLOW = 700.0
DECIMALS = 9
KNOWN, ALLOWED = 0.5, 0.1


def estimate_pareto_k(log_weights: Floats) -> float:
    """Pareto k-hat of importance weights (Vehtari et al. 2024, Journal of Machine Learning Research 25, 72).

    `log_weights` (n,) need not be normalised; -inf is a point without weight. The tail is a share of all points, those
    without weight included, because they were drawn too. Below 0.5 the weights have a finite variance; above 0.7 no
    average over them can be trusted. Returns -inf where the largest weights are tied, which bounds them, and inf where
    fewer than 25 points have any real weight, so that no tail can be fitted. Raises ValueError for nan, for infinite
    weights, and if no point has any weight.
    """
    if np.isnan(log_weights).any() or not np.isfinite(np.max(log_weights, initial=-np.inf)):
        raise InputError("weights must be numbers, finite, and not all zero")
    logs = np.sort(np.round(log_weights - log_weights.max(), DECIMALS))
    weighted = logs[logs > -UNDERFLOW]
    return _estimate_sorted(weighted if len(weighted) < FEWEST else np.maximum(logs, -UNDERFLOW))


def _estimate_sorted(logs: Floats) -> float:
    """k-hat of sorted log weights. Ties with the threshold of the tail are left out: no tail can be fitted to them."""
    n = len(logs)
    if n < FEWEST:
        return -np.inf if n > 1 and logs[0] == logs[-1] else np.inf
    length = choose_tail_length(n)
    tail, threshold = logs[n - length :], logs[n - length - 1]
    if tail[0] == tail[-1]:
        return -np.inf
    if tail[(length + 2) // 4 - 1] == threshold:
        return _estimate_sorted(logs[logs > threshold])
    return _fit_checked(np.exp(logs))


def choose_tail_length(n: int) -> int:
    """How many of the largest of `n` weights form the tail: a fifth, or three times the root of `n` if that is less."""
    return int(min(n / 5, 3 * np.sqrt(n)))


def _fit_checked(weights: Floats) -> float:
    """k-hat from the library, after a check that it finds the known shape of another tail.

    Its functions differ about signs and logarithms, from one to another and between versions. Raises RuntimeError if it
    does not find the known shape.
    """
    p = (np.arange(2_000) + 0.5) / 2_000
    known = _fit_shape((1 - p) ** -KNOWN)
    if not abs(known - KNOWN) < ALLOWED:
        raise RuntimeError(f"arviz_stats finds {known:.2f} for a tail of known shape {KNOWN}: take version 0.8")
    return _fit_shape(weights)


def _fit_shape(weights: Floats) -> float:
    from arviz_stats.base.array import array_stats  # a second to load, so only when asked for

    with np.errstate(all="ignore"):
        fit: Callable[..., float] = array_stats.pareto_khat
        return float(fit(weights, chain_axis=None, draw_axis=-1, r_eff=1.0, tail="right"))
