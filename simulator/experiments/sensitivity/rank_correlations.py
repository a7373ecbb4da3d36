"""Rank correlations: does an outcome rise or fall with each factor of a given sample (Spearman 1904)?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulator.common.arrays import Floats
from simulator.common.formatting import format_number, join_words
from simulator.experiments.sensitivity.given_data import (
    EstimatedEffects,
    GivenData,
    compute_mid_ranks,
    estimate_effects,
    rank_values,
    select_clear_effects,
)

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class RankCorrelations(EstimatedEffects):
    """Spearman's correlation of each factor with the outcome, over `n` rows; `failed` more were left out."""

    @property
    def sentence(self) -> str:
        """Which factors the outcome rises and falls with, in plain words."""
        ranked = select_clear_effects(self.effects)[:5]
        if not ranked:
            return f"“{self.outcome}” neither rises nor falls with any factor, as far as {self.n:,} runs can tell."
        up = [f"“{e.name}” ({format_number(e.value)})" for e in ranked if e.value > 0]
        down = [f"“{e.name}” ({format_number(e.value)})" for e in ranked if e.value < 0]
        clauses = [f"{verb} with {join_words(names)}" for verb, names in (("rises", up), ("falls", down)) if names]
        return f"“{self.outcome}” {' and '.join(clauses)}: rank correlations, over {self.n:,} runs."

    def to_frame(self) -> pd.DataFrame:
        """One row for each factor, the strongest first."""
        return self.rank_effects("value", abs)


def estimate_rank_correlations(sample: GivenData, *, times: int = 100, seed: int = 0) -> RankCorrelations:
    """Spearman's rank correlations, -1 to 1, with intervals from `times` bootstrap resamples.

    They show rises and falls only: an outcome that is highest in the middle of a factor's range has a correlation of 0.
    """
    y, columns = rank_values(sample.values), [rank_values(column) for column in sample.points.values()]

    def correlations(weights: Floats) -> list[float]:
        b = compute_mid_ranks(y, weights) - 0.5  # a mean rank is a half, whatever the ties
        ranks = (compute_mid_ranks(x, weights) - 0.5 for x in columns)
        return [float(weights @ (a * b) / np.sqrt((weights @ a**2) * (weights @ b**2))) for a in ranks]

    effects = estimate_effects(sample, correlations, times, seed)
    return RankCorrelations(sample.outcome, effects, len(sample), sample.failed)
