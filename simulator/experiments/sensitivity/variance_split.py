"""Chance or not knowing: how much of an outcome's variance is luck, and how much comes from unknown parameters.

Every draw of the parameters meets several lucks of its own (a nested design). The variance within draws is luck's; what
the draws' means vary beyond that is the parameters'. This is the one-way analysis of variance with random effects for
unequal groups: Searle, Casella and McCulloch, "Variance Components", Wiley (1992), chapter 3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from simulator.common.errors import InputError
from simulator.experiments.core.model_protocol import Floats, ModelProtocol
from simulator.experiments.core.sampled_futures import MOST_FAILED_FUTURES, Labels, SampledFutures, run_policy
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

    The parameters' part is unbiased and never clipped: near zero it may come out negative, and luck's share above 1.
    """

    outcome: str
    draws: int
    runs: float
    failed: int
    luck: Estimate
    parameters: Estimate
    luck_share: Estimate

    @property
    def parameter_share(self) -> Estimate:
        """The share of the variance that comes from not knowing the parameters."""
        value, low, high = self.luck_share
        return Estimate(1 - value, 1 - high, 1 - low)

    @property
    def luck_dominates(self) -> bool:
        """Whether luck's share is surely above one half."""
        return self.luck_share.low > 0.5

    def luck_share_of_means(self, runs: int) -> float:
        """Luck's share of the variance of means over so many runs a draw."""
        return self.luck.value / runs / (self.luck.value / runs + self.parameters.value)

    @property
    def runs_needed(self) -> int:
        """How many runs a draw bring luck's share of the variance of their means to a tenth.

        Raises ValueError where parameters add nothing that can be seen, so that no number would.
        """
        if self.parameters.value <= 0:
            raise InputError(f"parameters are not seen to move {self.outcome}: no number of runs leaves them the rest")
        return int(np.ceil(9 * self.luck.value / self.parameters.value))

    @property
    def sentence(self) -> str:
        """The split in plain words."""
        share = self.luck_share
        interval = f"(95% interval {_percent(share.low)} to {_percent(share.high)})"
        said = f"Luck makes up {_percent(share.value)} {interval} of the variance of {self.outcome}"
        if share.value > 1:
            said += ", more than all of it because what parameters add is estimated below zero"
        elif share.high < 1:
            said += f", and not knowing the parameters {_percent(1 - share.value)}"
        if share.high >= 1:
            said += "; what parameters add cannot be told from nothing"
        elif self.luck_dominates:
            said += f". Luck dominates: only means over {self.runs_needed:,} runs a draw bring its share to a tenth"
        return f"{said}." + (f" {self.failed} runs failed and are left out." if self.failed else "")

    def to_frame(self) -> pd.DataFrame:
        """One row a part: source, variance, low, high, share, share_low, share_high."""
        import pandas as pd

        parts = {"luck": (self.luck, self.luck_share), "parameters": (self.parameters, self.parameter_share)}
        columns = ["source", "variance", "low", "high", "share", "share_low", "share_high"]
        return pd.DataFrame([(name, *part, *share) for name, (part, share) in parts.items()], columns=columns)


def split_variance(
    values: ArrayLike,
    draws: ArrayLike,
    outcome: str = "the outcome",
    *,
    times: int = 1000,
    seed: int = 0,
    sets: ArrayLike | None = None,
) -> VarianceSplit:
    """Split the variance of `values` (runs,), of which `draws` (runs,) says which draw of the parameters each had.

    No two runs may share their luck; failed runs are nan. Intervals come from `times` resamples of draws; draws with
    the same parameters, as `sets` (runs,) tells, are drawn together. Raises ValueError for fewer than ten draws, if no
    draw has two runs, for infinite or constant values, and if more than a fifth of the runs failed.
    """
    column, labels = np.asarray(values, np.float64), np.asarray(draws)
    if column.ndim != 1 or column.shape != labels.shape:
        raise InputError(f"values of shape {column.shape} do not fit labels of draws of shape {labels.shape}")
    if np.isinf(column).any():
        raise InputError(f"{outcome} is infinite in {int(np.isinf(column).sum())} runs: give nan for runs that failed")
    worked = ~np.isnan(column)
    failed = int((~worked).sum())
    if failed > MOST_FAILED_FUTURES * len(column):
        raise InputError(f"{failed} of {len(column)} runs failed: the rest may not stand for all of them")
    sums = _sums(column[worked], labels[worked])
    if len(sums) < FEWEST_DRAWS or len(sums) == worked.sum():
        raise InputError(
            f"{worked.sum()} runs of {len(sums)} draws: at least {FEWEST_DRAWS} draws, met by two lucks each"
        )
    if np.ptp(column[worked]) == 0:
        raise InputError(f"{outcome} is the same in every run: there is no variance to split")
    own = None if sets is None else np.asarray(sets)[worked][np.unique(labels[worked], return_index=True)[1]]
    luck, parameters = _components(np.array([np.ones(len(sums)), *draw_resamples(len(sums), times, seed, own)]) @ sums)
    return VarianceSplit(
        outcome,
        len(sums),
        float(worked.sum() / len(sums)),
        failed,
        _estimate(luck),
        _estimate(parameters),
        _estimate(luck / (luck + parameters)),
    )


def split_variance_of(
    simulate: ModelProtocol, worlds: SampledFutures, outcome: str, new: Policy | None = None, old: Policy | None = None
) -> VarianceSplit:
    """The split of an outcome under `new`, or of its difference from `old` under the same parameters and luck.

    Raises ValueError as `split_variance`, and if draws share lucks, for then luck's own part cannot be seen.
    """
    if len(np.unique(worlds.seeds)) < LEAST_DISTINCT * worlds.n:
        raise InputError("draws share their lucks: give every draw lucks of its own")
    values = run_policy(simulate, worlds, new or {}, [outcome])[outcome]
    if old is None:
        return split_variance(values, worlds.draws, outcome, sets=worlds.sets)
    values = values - run_policy(simulate, worlds, old, [outcome])[outcome]
    return split_variance(values, worlds.draws, f"the difference in {outcome}", sets=worlds.sets)


def _sums(values: Floats, labels: Labels) -> Floats:
    """What the analysis needs of each draw: one, runs, runs^2, total, total^2 / runs, squares within the draw."""
    group = np.unique(labels, return_inverse=True)[1]
    centred = values - values.mean()
    runs = np.bincount(group).astype(np.float64)
    total = np.bincount(group, centred)
    within = np.bincount(group, (centred - (total / runs)[group]) ** 2)
    return np.stack([np.ones_like(runs), runs, runs**2, total, total**2 / runs, within], axis=1)


def _components(sums: Floats) -> tuple[Floats, Floats]:
    """Variances of luck and of parameters, (n,) each, from what `_sums` gives, summed over draws: (n, 6)."""
    draws, runs, squared_runs, total, between, within = sums.T
    luck = within / (runs - draws)
    mean_square = (between - total**2 / runs) / (draws - 1)
    runs_a_draw = (runs - squared_runs / runs) / (draws - 1)
    return luck, (mean_square - luck) / runs_a_draw


def _estimate(resampled: Floats) -> Estimate:
    low, high = np.quantile(resampled[1:], ENDS)
    return Estimate(float(resampled[0]), float(low), float(high))


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%"
