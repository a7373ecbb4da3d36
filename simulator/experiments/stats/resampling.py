"""Bootstrap by weights: a resample says how often each row counts, so nothing needs to be sorted or fitted again."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from simulator.common.arrays import Floats
from simulator.experiments.core.clustered_errors import number_labels
from simulator.experiments.core.model_protocol import draw_uniforms


def draw_resamples(n: int, times: int, seed: int, sets: ArrayLike | None = None) -> Iterator[Floats]:
    """Draw `n` rows with replacement, `times` times: how often each row is drawn, (n,) each.

    `sets` (n,) says which rows share their parameters: those are drawn together, as many sets as there are. The counts
    then need not add up to `n`. Raises ValueError for labels that do not fit.
    """
    labels = number_labels(sets, n)
    count = int(labels.max()) + 1
    for k in range(times):
        drawn = (draw_uniforms(count, seed, f"resample {k}") * count).astype(np.int64)
        yield np.bincount(drawn, minlength=count).astype(np.float64)[labels]


def compute_weighted_quantile(values: Floats, counts: Floats, share: float) -> Floats:
    """The smallest of `values` (n,) that this share of them do not exceed, for each row of counts: (times,)."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(counts[:, order], axis=1)
    positions = (reached < share * reached[:, -1:] - 1e-9).sum(axis=1)
    return np.asarray(values[order][np.minimum(positions, len(values) - 1)])
