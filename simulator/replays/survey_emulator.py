"""The survey emulator: what the leads of a sample of boards would report half-way through the second year.

Boards were interviewed from September to November 2023 (evidence E04), so each is read at the end of 2023/24 Q2. Those
who volunteer may be those who kept the money: a board is seen with a weight that grows with what it has kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from simulator.common.arrays import Floats
from simulator.common.errors import InputError

Integers = NDArray[np.int64]

FULL, NONE = 0.95, 0.05
PENALTY = 1_000.0
SAMPLE = 20
_ROWS = 4_096
CATEGORIES = ("kept all of it", "kept part of it", "kept none of it")


def simulate_reported(areas: NDArray[np.void], bias: Floats | float = 1.0) -> Floats:
    """How many boards would say that they kept all, part and none: shape (futures, 3), summing to the boards.

    `areas` (futures, years, areas) needs the first two years. `bias` (futures,) says how many times likelier a board
    that kept everything is to be seen than one that kept nothing; counts are weighted by it and scaled back.
    """
    first, second = areas[:, 0], areas[:, 1]
    before = (first["pot"] - first["released"] - _raided(first, 4)) / np.maximum(first["pot"], 1e-12)
    so_far = (second["pot"] - second["released"] - _raided(second, 2)) / np.maximum(second["pot"], 1e-12)
    full = (before >= FULL) & (so_far >= FULL)
    none = so_far <= NONE
    weight = np.exp(np.log(np.broadcast_to(bias, (len(areas),)))[:, None] * (so_far - 0.5))
    counts = [(weight * group).sum(axis=1) for group in (full, ~full & ~none, none)]
    return np.asarray(np.stack(counts, axis=1) * (areas.shape[2] / weight.sum(axis=1))[:, None])


def _raided(year: NDArray[np.void], quarters: int) -> Any:
    return sum(year[f"raided_q{k}"] for k in range(1, quarters + 1))


def log_probability(counts: Floats, observed: Sequence[float] | NDArray[Any]) -> Floats:
    """Log probability that a sample holds `seen` (..., 3) of `counts` (..., 3): multivariate hypergeometric.

    Counts need not be whole: gamma functions stand in for factorials. Where fewer boards exist than were seen, the
    answer is a penalty of 1,000 for each one missing.
    """
    want = np.asarray(observed, np.float64)
    missing = np.maximum(0.0, want - counts)
    room = np.maximum(counts - want, 0.0)
    ways = (gammaln(counts + 1) - gammaln(want + 1) - gammaln(room + 1)).sum(axis=-1)
    every, sample = counts.sum(axis=-1), want.sum(axis=-1)
    ways = ways - (gammaln(every + 1) - gammaln(sample + 1) - gammaln(np.maximum(every - sample, 0.0) + 1))
    short = missing.sum(axis=-1)
    return np.asarray(ways - PENALTY * short)


@cache
def list_triples(sample: int) -> Integers:
    """Every way in which `sample` boards can have kept all, part and none: shape (ways, 3), 231 ways for 20 boards.

    Read-only, ordered by how many kept all and then how many kept part.
    """
    ways = [(full, part, sample - full - part) for full in range(sample + 1) for part in range(sample - full + 1)]
    counts = np.array(ways, np.int64)
    counts.flags.writeable = False
    return counts


def sample_counts(counts: Floats, u: Floats, sample: int = SAMPLE) -> Integers:
    """What a sample of boards would show: for each future how many kept all, part and none, shape (n, 3), of `sample`.

    `counts` (n, 3) are the boards of each future, as `reported` gives them; `u` (n,) uniform numbers from 0 up to but
    not 1. Ways to sample are taken in the order of `triples`, with the chances of `log_probability` scaled to sum to 1
    (counts that are not whole leave them slightly off), so that a larger `u` never shows fewer boards that kept all.
    Raises ValueError where there are fewer boards than are sampled.
    """
    ways = list_triples(sample)
    if (counts.sum(axis=1) < sample - 1e-9).any():
        raise InputError(f"a sample of {sample} boards cannot be drawn from fewer")
    samples = np.empty((len(counts), 3), np.int64)
    for at in range(0, len(counts), _ROWS):
        rows = slice(at, at + _ROWS)
        logs = log_probability(counts[rows, None, :], ways)
        reached = np.cumsum(np.exp(logs - logs.max(axis=1, keepdims=True)), axis=1)
        samples[rows] = ways[(reached / reached[:, -1:] <= u[rows, None]).sum(axis=1)]
    return samples
