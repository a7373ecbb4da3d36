"""Crossings: where a curve on a grid first reaches zero, for many curves at once.

Places are counted in steps of the grid (2.5 is half way between its third and fourth value), and infinite where a curve
never gets there, so that they can be ranked although some do not exist.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.experiments.core.model_protocol import Floats


def compute_shortfall(gap: Floats, better: int) -> Floats:
    """What is still missing, from `gap` = reference less what is done, (..., grid): enough is done where it is <= 0.

    With `better` 0 neither way is better, and each curve is to be moved as far as, and the way that, the reference was.
    """
    return gap * (better or np.sign(gap[..., :1]))


def find_first_crossing(missing: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Where each curve (..., grid) first falls to zero, straight between grid values, and how often it returns.

    Returns places (...), 0 for a curve that is not above zero at the start and infinite for one that never falls to
    zero, and how many more times a curve changes sides after that.
    """
    enough = missing <= 0
    step = np.argmax(enough, axis=-1)
    before = np.take_along_axis(missing, np.maximum(step - 1, 0)[..., None], -1)[..., 0]
    after = np.take_along_axis(missing, step[..., None], -1)[..., 0]
    drop = np.where(step > 0, before - after, 1.0)
    place = np.where(step > 0, step - 1 + before / drop, 0.0)
    changes = (enough[..., 1:] != enough[..., :-1]).sum(axis=-1)
    found = enough.any(axis=-1)
    return np.where(found, place, np.inf), np.where(found, changes - (step > 0), 0)


def interpolate_grid(place: Floats, grid: Floats) -> Floats:
    """Values of a rising or falling grid at places on it; infinite, beyond its end, for infinite places."""
    beyond = np.copysign(np.inf, grid[-1] - grid[0])
    return np.where(np.isinf(place), beyond, np.interp(place, np.arange(len(grid)), grid))


def compute_finite_quantile(places: Floats, share: float) -> Floats:
    """A quantile along the last axis of the places that are finite; infinite where none is."""
    found = np.isfinite(places).sum(axis=-1)
    ordered = np.nan_to_num(np.sort(places, axis=-1), posinf=0.0)
    rank = share * np.maximum(found - 1, 0)
    low, high = (
        np.take_along_axis(ordered, edge(rank).astype(np.int64)[..., None], -1)[..., 0] for edge in (np.floor, np.ceil)
    )
    part = rank - np.floor(rank)
    return np.where(found > 0, (1 - part) * low + part * high, np.inf)


def compute_ranked_quantile(places: Floats, share: float) -> Floats:
    """The place that such a share of all places along the last axis do not exceed, infinite ones counted as last."""
    rank = max(int(np.ceil(share * places.shape[-1])) - 1, 0)
    return np.asarray(np.sort(places, axis=-1)[..., rank])
