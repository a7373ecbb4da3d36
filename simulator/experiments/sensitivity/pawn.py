"""PAWN: how far does the whole distribution of an outcome shift when one factor is known?

Pianosi and Wagener (2018, "Distribution-based sensitivity analysis from a generic input-output sample", Environmental
Modelling & Software 108). It compares distributions, not variances, so it suits outcomes that are skewed or have
several peaks, and it works on any sample. Tests compare the measure with SALib's, which takes no weights, uses only
half of the rows of a switch and never the row with a factor's highest value, and spends most of its time on p-values
that are not needed here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.common.formatting import format_number, join_words
from simulator.common.representation import short_repr
from simulator.experiments.core.model_protocol import draw_uniforms
from simulator.experiments.sensitivity.given_data import (
    EstimatedEffects,
    GivenData,
    compute_mid_ranks,
    estimate_effects,
    rank_values,
)

if TYPE_CHECKING:
    import pandas as pd

FEWEST_A_SLIDE = 10


@short_repr
@dataclass(frozen=True)
class PawnIndices(EstimatedEffects):
    """PAWN indices (0 to 1) of the factors of a sample.

    An index is the median, over `slides` of a factor's range, of the Kolmogorov-Smirnov distance between the outcome
    within the slide and the outcome at large. Distances are never 0 in a finite sample: as many columns of pure chance
    as there are factors stay below `threshold` 95 times in 100, and only an index above it means anything.
    """

    threshold: float = field(kw_only=True)
    slides: int = field(kw_only=True)

    @property
    def clear(self) -> tuple[str, ...]:
        """Factors whose index is above the threshold, the largest first."""
        above = [effect for effect in self.effects if effect.value > self.threshold]
        return tuple(effect.name for effect in sorted(above, key=lambda effect: -effect.value))

    @property
    def sentence(self) -> str:
        """Which factors shift the distribution, in plain words."""
        basis = f"over {self.n:,} runs; chance alone reaches {format_number(self.threshold)}"
        if not self.clear:
            return (
                f"No factor shifts the distribution of “{self.outcome}” more than chance would, {basis} (a PAWN index, "
                "from 0 for no shift to 1)."
            )
        value = {effect.name: effect.value for effect in self.effects}
        indices = [f"“{name}” ({format_number(value[name])})" for name in self.clear[:5]]
        rest = len(self.effects) - len(self.clear)
        remainder = f" {rest} of {len(self.effects)} factors cannot be told from chance." if rest else ""
        leaders = f"The distribution of “{self.outcome}” shifts most with {join_words(indices)}: PAWN indices"
        return f"{leaders}, from 0 (not at all) to 1, {basis}.{remainder}"

    def to_frame(self) -> pd.DataFrame:
        """One row for each factor, the largest index first, with the threshold beside it."""
        return self.rank_effects("value").assign(threshold=self.threshold)


def estimate_pawn(sample: GivenData, *, slides: int = 10, times: int = 100, seed: int = 0) -> PawnIndices:
    """PAWN indices with intervals from `times` bootstrap resamples, and the threshold from as many columns of chance.

    A factor with at most `slides` values has one slide per value. Raises ValueError for fewer than two slides, and for
    fewer than ten rows a slide.
    """
    n = len(sample)
    if slides < 2 or n < FEWEST_A_SLIDE * slides:
        raise InputError(
            f"{n} rows in {slides} slides: take at least 2 slides, with {FEWEST_A_SLIDE} rows "
            f"each: {FEWEST_A_SLIDE * max(2, slides)} or more"
        )
    y = rank_values(sample.values)

    def distances(column: Floats) -> _Distances:
        return _Distances(_assign_slides(column, sample.weights, slides), y)

    def indices(columns: Iterable[_Distances], weights: Floats) -> list[float]:
        at_large = np.bincount(y, weights).astype(np.float64)
        return [column.index(weights, at_large) for column in columns]

    columns = [distances(column) for column in sample.points.values()]
    effects = estimate_effects(sample, lambda weights: indices(columns, weights), times, seed)
    by_chance = (distances(draw_uniforms(n, seed, f"chance {k}")) for k in range(times))
    chance = indices(by_chance, sample.weights)
    highest = np.mean(chance) + ndtri(0.95 ** (1 / len(effects))) * np.std(chance, ddof=1)
    return PawnIndices(sample.outcome, effects, n, sample.failed, threshold=float(highest), slides=slides)


def _assign_slides(column: Floats, weights: Floats, slides: int) -> NDArray[np.int64]:
    """The slide that each row falls into; equal values fall into the same one: (n,)."""
    ranks = rank_values(column)
    return ranks if ranks.max() < slides else (compute_mid_ranks(ranks, weights) * slides).astype(np.int64)


class _Distances:
    """Distances between the outcome's distribution within each slide of a factor and at large, for any weights."""

    def __init__(self, slide: NDArray[np.int64], y: NDArray[np.int64]) -> None:
        width = int(y.max()) + 1
        cells, self.cell = np.unique(slide * width + y, return_inverse=True)
        self.y = cells % width
        _, self.begin, self.slide = np.unique(cells // width, return_index=True, return_inverse=True)

    def index(self, weights: Floats, at_large: Floats) -> float:
        """The median distance; `at_large` holds the weight of each value of the outcome.

        Two step functions are farthest apart at a step, or just before it.
        """
        mass = np.bincount(self.cell, weights)
        whole = np.add.reduceat(mass, self.begin)
        whole[whole == 0] = np.nan  # a slide without rows in this resample
        run = mass.cumsum()
        before = run[self.begin] - mass[self.begin]
        share, step = (run - before[self.slide]) / whole[self.slide], mass / whole[self.slide]
        level, rise = at_large.cumsum() / at_large.sum(), at_large / at_large.sum()
        gap = share - level[self.y]
        farthest = np.maximum(abs(gap), abs(gap - step + rise[self.y]))
        return float(np.nanmedian(np.maximum.reduceat(farthest, self.begin)))
