"""PAWN: how far the whole distribution of an outcome shifts when one factor is known.

Pianosi and Wagener (2018, "Distribution-based sensitivity analysis from a generic input-output sample", Environmental
Modelling & Software 108). It compares distributions, not variances, so it suits outcomes that are skewed or have
several peaks, and it reads off any sample. The measure is SALib's, to which the tests compare it; it is written out
here because SALib's takes no weights, leaves a switch half unread and spends its time on p-values that nobody sees.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from simulator.common.errors import InputError
from simulator.common.formatting import listed, significant
from simulator.experiments.core.model_protocol import Floats, draw_uniforms
from simulator.experiments.sensitivity.given_data import (
    FactorEffect,
    GivenData,
    compute_mid_ranks,
    estimate_effects,
    rank_values,
)

if TYPE_CHECKING:
    import pandas as pd

FEWEST_A_SLIDE = 10


@dataclass(frozen=True)
class PawnIndices:
    """PAWN indices (0 to 1) of the factors of a sample.

    An index is the median, over `slides` of a factor's range, of the Kolmogorov-Smirnov distance between the outcome
    within the slide and the outcome at large. Distances are never 0 in a finite sample: as many columns of pure chance
    as there are factors all stay under `threshold` 95 times of 100, and only an index above it says anything.
    """

    outcome: str
    effects: tuple[FactorEffect, ...]
    threshold: float
    slides: int
    n: int
    failed: int = 0

    @property
    def clear(self) -> tuple[str, ...]:
        """Factors whose index is above the threshold, the largest first."""
        above = [effect for effect in self.effects if effect.value > self.threshold]
        return tuple(effect.name for effect in sorted(above, key=lambda effect: -effect.value))

    @property
    def sentence(self) -> str:
        """Which factors shift the distribution, in plain words."""
        basis = f"over {self.n:,} runs; chance alone reaches {significant(self.threshold)}"
        if not self.clear:
            return f"No factor shifts the distribution of “{self.outcome}” more than chance would, {basis}."
        value = {effect.name: effect.value for effect in self.effects}
        told = [f"“{name}” ({significant(value[name])})" for name in self.clear[:5]]
        rest = len(self.effects) - len(self.clear)
        left = f" {rest} of {len(self.effects)} factors cannot be told from chance." if rest else ""
        return f"The distribution of “{self.outcome}” shifts most with {listed(told)}: PAWN indices, {basis}.{left}"

    def to_frame(self) -> pd.DataFrame:
        """One row a factor, the largest index first, with the threshold beside it."""
        import pandas as pd

        frame = pd.DataFrame([vars(effect) | {"threshold": self.threshold} for effect in self.effects])
        return frame.sort_values("value", ascending=False, ignore_index=True)


def estimate_pawn(sample: GivenData, *, slides: int = 10, times: int = 100, seed: int = 0) -> PawnIndices:
    """PAWN indices, with bootstrap intervals and the threshold from `times` columns of chance.

    A factor with at most `slides` values has one slide a value. Raises ValueError for fewer than two slides, and for
    fewer than ten rows a slide.
    """
    n = len(sample)
    if slides < 2 or n < FEWEST_A_SLIDE * slides:
        raise InputError(f"{n} rows in {slides} slides: take at least 2 slides, with {FEWEST_A_SLIDE} rows each")
    y = rank_values(sample.values)

    def distances(column: Floats) -> _Distances:
        return _Distances(_slides(column, sample.weights, slides), y)

    def indices(columns: Iterable[_Distances], weights: Floats) -> list[float]:
        at_large = np.bincount(y, weights).astype(np.float64)
        return [column.index(weights, at_large) for column in columns]

    columns = [distances(column) for column in sample.points.values()]
    effects = estimate_effects(sample, lambda weights: indices(columns, weights), times, seed)
    by_chance = (distances(draw_uniforms(n, seed, f"chance {k}")) for k in range(times))
    chance = indices(by_chance, sample.weights)
    highest = np.mean(chance) + ndtri(0.95 ** (1 / len(effects))) * np.std(chance, ddof=1)
    return PawnIndices(sample.outcome, effects, float(highest), slides, n, sample.failed)


def _slides(column: Floats, weights: Floats, slides: int) -> NDArray[np.int64]:
    """Which slide each row falls into, equal values into one: (n,)."""
    tied = rank_values(column)
    return tied if tied.max() < slides else (compute_mid_ranks(tied, weights) * slides).astype(np.int64)


class _Distances:
    """Distances between the outcome's distribution within each slide of one factor and at large, for any weights."""

    def __init__(self, slide: NDArray[np.int64], y: NDArray[np.int64]) -> None:
        width = int(y.max()) + 1
        cells, self.cell = np.unique(slide * width + y, return_inverse=True)
        self.y = cells % width
        _, self.begin, self.slide = np.unique(cells // width, return_index=True, return_inverse=True)

    def index(self, weights: Floats, at_large: Floats) -> float:
        """Median distance; `at_large` holds the weight of each value of the outcome.

        A step function leaves another one farthest at one of its own steps, or just before it.
        """
        mass = np.bincount(self.cell, weights)
        whole = np.add.reduceat(mass, self.begin)
        whole[whole == 0] = np.nan  # a slide that a resample missed
        run = mass.cumsum()
        before = run[self.begin] - mass[self.begin]
        share, step = (run - before[self.slide]) / whole[self.slide], mass / whole[self.slide]
        level, rise = at_large.cumsum() / at_large.sum(), at_large / at_large.sum()
        gap = share - level[self.y]
        farthest = np.maximum(abs(gap), abs(gap - step + rise[self.y]))
        return float(np.nanmedian(np.maximum.reduceat(farthest, self.begin)))
