"""How heavy the tail of importance weights is, and so whether anything averaged with them can be trusted."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simulator.common.errors import InputError
from simulator.experiments.core.model_protocol import Floats

FEWEST = 25
UNDERFLOW = 700.0
DECIMALS = 9
KNOWN, ALLOWED = 0.5, 0.1


def estimate_pareto_k(log_weights: Floats) -> float:
    """Pareto k-hat of importance weights (Vehtari et al. 2024, Journal of Machine Learning Research 25, 72).

    `log_weights` (n,) need not be normalised; -inf is a point without weight. All points count when the tail is chosen,
    those without weight too: they were drawn, and leaving them out would call a smaller share of the points the tail.
    Below 0.5 the weights have a variance, above 0.7 no average over them is to be trusted. Returns -inf where the
    largest weights are tied, which bounds them, and inf where fewer than 25 points have any weight worth the name, so
    that no tail can be fitted. Raises ValueError for nan, for infinite weights, and if no point has any weight.
    """
    if np.isnan(log_weights).any() or not np.isfinite(np.max(log_weights, initial=-np.inf)):
        raise InputError("weights must be numbers, finite, and not all nought")
    logs = np.sort(np.round(log_weights - log_weights.max(), DECIMALS))
    weighted = logs[logs > -UNDERFLOW]
    return _of_sorted(weighted if len(weighted) < FEWEST else np.maximum(logs, -UNDERFLOW))


def _of_sorted(logs: Floats) -> float:
    """k-hat of sorted log weights. Ties with the tail's threshold, which no tail can be fitted to, are left out."""
    n = len(logs)
    if n < FEWEST:
        return -np.inf if n > 1 and logs[0] == logs[-1] else np.inf
    length = choose_tail_length(n)
    tail, threshold = logs[n - length :], logs[n - length - 1]
    if tail[0] == tail[-1]:
        return -np.inf
    if tail[(length + 2) // 4 - 1] == threshold:
        return _of_sorted(logs[logs > threshold])
    return _checked(np.exp(logs))


def choose_tail_length(n: int) -> int:
    """How many of the largest of `n` weights make the tail: a fifth, or three times the root of `n` if that is less."""
    return int(min(n / 5, 3 * np.sqrt(n)))


def _checked(weights: Floats) -> float:
    """k-hat as the library says, once it has said what it should of a tail with a known shape.

    Its functions disagree about signs and about logarithms, from one to the next and between versions. Raises
    RuntimeError if the known shape is not found.
    """
    p = (np.arange(2_000) + 0.5) / 2_000
    found = _shape((1 - p) ** -KNOWN)
    if not abs(found - KNOWN) < ALLOWED:
        raise RuntimeError(f"arviz_stats finds {found:.2f} for a tail of known shape {KNOWN}: take version 0.8")
    return _shape(weights)


def _shape(weights: Floats) -> float:
    from arviz_stats.base.array import array_stats  # a second to load, so only when asked for

    with np.errstate(all="ignore"):
        fit: Callable[..., float] = array_stats.pareto_khat
        return float(fit(weights, chain_axis=None, draw_axis=-1, r_eff=1.0, tail="right"))
