"""Bootstrap by weights: a resample says how often each row counts, so nothing needs to be sorted or fitted anew."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simulator.experiments.protocol import Floats, design_uniforms

WIDE = 1.959963984540054
"""Half the width of a 95% interval, in standard errors."""


def resamples(n: int, times: int, seed: int) -> Iterator[Floats]:
    """How often each of `n` rows is drawn when `n` are drawn with replacement: (n,) each, `times` of them."""
    for k in range(times):
        drawn = (design_uniforms(n, seed, f"resample {k}") * n).astype(np.int64)
        yield np.bincount(drawn, minlength=n).astype(np.float64)
