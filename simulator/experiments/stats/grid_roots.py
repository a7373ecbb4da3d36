"""Roots on a grid: where curves first reach zero, for many curves at once.

A position is counted in steps of the grid (2.5 is half way between its third and fourth value). It is infinite for a
curve that never reaches zero, so that positions can be ranked although some do not exist.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simulator.common.arrays import Floats


def compute_shortfall(gap: Floats, better: int) -> Floats:
    """By how much curves fall short, from `gap` (..., grid), the reference less the curve: 0 or less is enough.

    `better` is +1 or -1. With 0 neither way is better, and a curve has to move as far as the reference, the same way.
    """
    return gap * (better or np.sign(gap[..., :1]))


def find_first_crossing(missing: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Where each curve (..., grid) first falls to zero, interpolated linearly, and how often it crosses zero again.

    Returns positions (...), 0 for a curve that does not start above zero and infinite for one that never falls to zero,
    and the numbers of later crossings (...).
    """
    enough = missing <= 0
    step = np.argmax(enough, axis=-1)
    before = np.take_along_axis(missing, np.maximum(step - 1, 0)[..., None], -1)[..., 0]
    after = np.take_along_axis(missing, step[..., None], -1)[..., 0]
    drop = np.where(step > 0, before - after, 1.0)
    position = np.where(step > 0, step - 1 + before / drop, 0.0)
    changes = (enough[..., 1:] != enough[..., :-1]).sum(axis=-1)
    crosses = enough.any(axis=-1)
    return np.where(crosses, position, np.inf), np.where(crosses, changes - (step > 0), 0)


def interpolate_grid(position: Floats, grid: Floats) -> Floats:
    """The values of a rising or falling grid at positions on it; infinite, in its direction, for infinite ones."""
    beyond = np.copysign(np.inf, grid[-1] - grid[0])
    return np.where(np.isinf(position), beyond, np.interp(position, np.arange(len(grid)), grid))


def compute_finite_quantiles(positions: Floats, counts: Floats, shares: Sequence[float]) -> Floats:
    """Quantiles of those positions (n,) that are finite, each met as often as each row of `counts` (times, n) says.

    One row for each share: (shares, times); infinite where no position is finite. The positions are sorted once, not in
    every resample.
    """
    finite = np.isfinite(positions)
    order = np.flatnonzero(finite)[np.argsort(positions[finite], kind="stable")]
    reached = np.cumsum(counts[:, order], axis=1)
    total = reached[:, -1] if len(order) else np.zeros(len(counts))
    ordered = np.append(positions[order], 0.0)  # where a row meets none of them
    ranks = np.multiply.outer(np.asarray(shares), np.maximum(total - 1, 0))
    low, high = ([(reached <= rank[:, None]).sum(axis=1) for rank in edge(ranks)] for edge in (np.floor, np.ceil))
    fraction = ranks - np.floor(ranks)
    return np.where(total > 0, (1 - fraction) * ordered[low] + fraction * ordered[high], np.inf)


def compute_ranked_quantile(positions: Floats, share: float) -> Floats:
    """The position that this share of all positions along the last axis do not exceed; infinite ones rank last."""
    rank = max(int(np.ceil(share * positions.shape[-1])) - 1, 0)
    return np.asarray(np.sort(positions, axis=-1)[..., rank])
