"""Draws with weights: how many they are worth, and equally weighted ones in their place. Imports no scipy."""

from __future__ import annotations

import numpy as np

from simulator.common.arrays import Floats
from simulator.experiments.core.model_protocol import draw_uniforms


def effective_size(weights: Floats) -> float:
    """Kish's effective sample size of weights that sum to one: one over the sum of their squares."""
    return float(1 / (weights**2).sum())


def resample_in_blocks(weights: Floats, n: int, blocks: int, seed: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Row numbers of `blocks` times `n` equally weighted draws: see `WeightedSample.resample`."""
    u = float(draw_uniforms(1, seed, "systematic resampling")[0])
    edges = np.cumsum(weights)
    edges /= edges[-1]
    resampled = []
    for block in range(blocks):
        rows = np.searchsorted(edges, (np.arange(n) + (u + _radical_inverse(block)) % 1) / n)
        name = "order of draws" if block == 0 else f"order of draws, block {block}"
        resampled.append(rows[np.argsort(draw_uniforms(n, seed, name))])
    return np.asarray(np.concatenate(resampled), np.int64)


def _radical_inverse(k: int) -> float:
    """0, 1/2, 1/4, 3/4, 1/8 ...: the digits of `k` in base two, mirrored at the point."""
    return int(f"{k:b}"[::-1], 2) / 2 ** k.bit_length() if k else 0.0
