"""Bootstrap by weights: a resample says how often each row counts, so nothing needs to be sorted or fitted again."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from simulator.common.arrays import Floats
from simulator.experiments.core.clustered_errors import number_labels
from simulator.experiments.core.model_protocol import draw_uniform_columns

_AT_ONCE = 4096
"""How many numbers are drawn at once: a call for each resample would take longer than its few numbers."""


def draw_resamples(n: int, times: int, seed: int, sets: ArrayLike | None = None) -> Iterator[Floats]:
    """Draw `n` rows with replacement, `times` times: how often each row is drawn, (n,) each.

    `sets` (n,) says which rows share their parameters: those are drawn together, as many sets as there are. The counts
    then need not add up to `n`. Raises ValueError for labels that do not fit.
    """
    labels = number_labels(sets, n)
    count = int(labels.max()) + 1
    alone = count == n and bool((labels == np.arange(n)).all())
    step = max(1, _AT_ONCE // count)
    for first in range(0, times, step):
        names = [f"resample {k}" for k in range(first, min(first + step, times))]
        drawn = (draw_uniform_columns(count, seed, names) * count).astype(np.int64)
        drawn += np.arange(0, drawn.size, count)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=drawn.size).astype(np.float64).reshape(drawn.shape)
        yield from counts if alone else counts[:, labels]


def compute_weighted_quantile(values: Floats, counts: Floats, share: float) -> Floats:
    """The smallest of `values` (n,) that this share of them do not exceed, for each row of counts: (times,)."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(counts[:, order], axis=1)
    positions = (reached < share * reached[:, -1:] - 1e-9).sum(axis=1)
    return np.asarray(values[order][np.minimum(positions, len(values) - 1)])
