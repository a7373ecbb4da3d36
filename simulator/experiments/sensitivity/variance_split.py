"""Variance split: how much of an outcome's variance is chance, and how much comes from unknown parameters?

Every parameter draw runs with several seeds of its own (a nested design). The variance within draws is due to chance;
what the means of draws vary beyond that is due to parameters. This is the one-way analysis of variance with random
effects for groups of unequal size: Searle, Casella and McCulloch, "Variance Components", Wiley (1992), chapter 3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.experiments.core.model_protocol import Labels, ModelProtocol
from simulator.experiments.core.sampled_futures import MOST_FAILED_FUTURES, SampledFutures, run_policy
from simulator.experiments.stats.resampling import draw_resamples

if TYPE_CHECKING:
    import pandas as pd

Policy: TypeAlias = Mapping[str, float]

FEWEST_DRAWS = 10
LEAST_DISTINCT = 0.99
ENDS = (0.025, 0.975)


class Estimate(NamedTuple):
    """A number with its 95% bootstrap interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class VarianceSplit:
    """The variance of one outcome, or of a paired difference, in two parts that add up to the total.

    `chance` and `parameters` are in the outcome's unit squared. The part of parameters is unbiased and not clipped:
    near zero it may be negative, and the share of chance above 1. `draws` were met by `runs` seeds each on average.
    """

    outcome: str
    draws: int
    runs: float
    failed: int
    chance: Estimate
    parameters: Estimate
    chance_share: Estimate

    @property
    def parameter_share(self) -> Estimate:
        """The share of the variance that comes from not knowing the parameters."""
        value, low, high = self.chance_share
        return Estimate(1 - value, 1 - high, 1 - low)

    @property
    def chance_dominates(self) -> bool:
        """Whether the share of chance is above one half, beyond its interval."""
        return self.chance_share.low > 0.5

    def chance_share_of_means(self, runs: int) -> float:
        """The share of chance in the variance of means over `runs` runs a draw."""
        return self.chance.value / runs / (self.chance.value / runs + self.parameters.value)

    @property
    def runs_needed(self) -> int:
        """How many runs a draw bring the share of chance in the variance of their means down to a tenth.

        Raises ValueError where parameters add nothing that can be seen, so that no number of runs would.
        """
        if self.parameters.value <= 0:
            raise InputError(
                f"parameters are not seen to move {self.outcome}: no number of runs makes chance a tenth of it"
            )
        return int(np.ceil(9 * self.chance.value / self.parameters.value))

    @property
    def sentence(self) -> str:
        """The split in plain words."""
        share = self.chance_share
        interval = f"(95% interval {_percent(share.low)} to {_percent(share.high)})"
        text = f"Chance makes up {_percent(share.value)} {interval} of the variance of {self.outcome}"
        if share.value > 1:
            text += ", more than all of it because the part of parameters is estimated below zero"
        elif share.high < 1:
            text += f", and unknown parameters {100 - round(100 * share.value)}%"
        if share.high >= 1:
            text += "; what parameters add cannot be told from nothing"
        elif self.chance_dominates:
            text += f". Chance dominates: its share is a tenth only in means over {self.runs_needed:,} runs a draw"
        return f"{text}." + (f" {self.failed} runs failed and were left out." if self.failed else "")

    def to_frame(self) -> pd.DataFrame:
        """One row for each part: source, variance, low, high, share, share_low, share_high."""
        import pandas as pd

        rows = {"luck": (self.chance, self.chance_share), "parameters": (self.parameters, self.parameter_share)}
        columns = ["source", "variance", "low", "high", "share", "share_low", "share_high"]
        return pd.DataFrame([(name, *part, *share) for name, (part, share) in rows.items()], columns=columns)


def split_variance(
    values: ArrayLike,
    draws: ArrayLike,
    outcome: str = "the outcome",
    *,
    times: int = 1000,
    seed: int = 0,
    sets: ArrayLike | None = None,
) -> VarianceSplit:
    """Split the variance of `values` (runs,) between chance and parameters; `draws` (runs,) labels each run's draw.

    No two runs may share a seed; failed runs are nan. Intervals come from `times` resamples of draws; draws with the
    same parameters are resampled together: `sets` (runs,) says which. Raises ValueError for fewer than ten draws, if no
    draw has two runs, for infinite or constant values, and if more than a fifth of the runs failed.
    """
    column, labels = np.asarray(values, np.float64), np.asarray(draws)
    if column.ndim != 1 or column.shape != labels.shape:
        raise InputError(f"values of shape {column.shape} do not fit labels of draws of shape {labels.shape}")
    if np.isinf(column).any():
        raise InputError(f"{outcome} is infinite in {int(np.isinf(column).sum())} runs: give nan for runs that failed")
    finished = ~np.isnan(column)
    failed = int((~finished).sum())
    if failed > MOST_FAILED_FUTURES * len(column):
        raise InputError(f"{failed} of {len(column)} runs failed: the rest may not stand for all of them")
    sums = _sum_by_draw(column[finished], labels[finished])
    if len(sums) < FEWEST_DRAWS or len(sums) == finished.sum():
        raise InputError(
            f"{finished.sum()} runs of {len(sums)} draws: take at least {FEWEST_DRAWS} draws with two replicates each"
        )
    if np.ptp(column[finished]) == 0:
        raise InputError(f"{outcome} is the same in every run: there is no variance to split")
    set_of_draw = (
        None if sets is None else np.asarray(sets)[finished][np.unique(labels[finished], return_index=True)[1]]
    )
    chance, parameters = _estimate_components(
        np.array([np.ones(len(sums)), *draw_resamples(len(sums), times, seed, set_of_draw)]) @ sums
    )
    return VarianceSplit(
        outcome,
        len(sums),
        float(finished.sum() / len(sums)),
        failed,
        _estimate(chance),
        _estimate(parameters),
        _estimate(chance / (chance + parameters)),
    )


def split_variance_of(
    simulate: ModelProtocol, futures: SampledFutures, outcome: str, new: Policy | None = None, old: Policy | None = None
) -> VarianceSplit:
    """Split the variance of an outcome under `new`, or of its difference from `old` in the same futures.

    Raises ValueError as `split_variance`, and if draws share seeds, because the part of chance cannot be seen then.
    """
    if len(np.unique(futures.seeds)) < LEAST_DISTINCT * futures.n:
        raise InputError("draws share their seeds: give every draw seeds of its own")
    values = run_policy(simulate, futures, new or {}, [outcome])[outcome]
    if old is None:
        return split_variance(values, futures.draws, outcome, sets=futures.sets)
    values = values - run_policy(simulate, futures, old, [outcome])[outcome]
    return split_variance(values, futures.draws, f"the difference in {outcome}", sets=futures.sets)


def _sum_by_draw(values: Floats, labels: Labels) -> Floats:
    """What the analysis needs from each draw: 1, runs, runs^2, total, total^2 / runs, sum of squares within it."""
    group = np.unique(labels, return_inverse=True)[1]
    centred = values - values.mean()
    runs = np.bincount(group).astype(np.float64)
    total = np.bincount(group, centred)
    within = np.bincount(group, (centred - (total / runs)[group]) ** 2)
    return np.stack([np.ones_like(runs), runs, runs**2, total, total**2 / runs, within], axis=1)


def _estimate_components(sums: Floats) -> tuple[Floats, Floats]:
    """Variances due to chance and to parameters, (n,) each, from `_sum_by_draw` summed over draws: (n, 6)."""
    draws, runs, squared_runs, total, between, within = sums.T
    chance = within / (runs - draws)
    mean_square = (between - total**2 / runs) / (draws - 1)
    runs_a_draw = (runs - squared_runs / runs) / (draws - 1)
    return chance, (mean_square - chance) / runs_a_draw


def _estimate(resampled: Floats) -> Estimate:
    low, high = np.quantile(resampled[1:], ENDS)
    return Estimate(float(resampled[0]), float(low), float(high))


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%"
