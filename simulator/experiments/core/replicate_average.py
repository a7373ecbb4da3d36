"""Averages over replicates in place of single runs, for experiments on what a policy does on average."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.common.representation import short_repr
from simulator.engine.philox import philox
from simulator.experiments.core.model_protocol import Labels, ModelProtocol, Outcomes, Points, Seeds
from simulator.experiments.core.sampled_futures import PolicyTable, select_complete_futures

_DERIVED_SEEDS = 0xFFFFFFFE


@dataclass(frozen=True)
class ReplicateAverage:
    """A model whose outcomes are means over `replicates` runs, with seeds that derive from the row's seed.

    Any experiment takes it in place of the model, at `replicates` times the cost. Rows with one seed still meet the
    same chance. The share of chance that an experiment then finds is its share of such means; `split_variance` gives
    that of single runs. A row is nan if any of its runs is.
    """

    simulate: ModelProtocol
    replicates: int

    def __post_init__(self) -> None:
        if self.replicates < 1:
            raise InputError(f"a mean over {self.replicates} replicates: at least one is needed")

    def __call__(self, points: Points, seeds: Seeds) -> Outcomes:
        """Mean outcomes, (n,) each, of rows as `ModelProtocol` takes them."""
        repeated = {name: np.repeat(column, self.replicates) for name, column in points.items()}
        outcomes = self.simulate(repeated, derive_seeds(seeds, self.replicates).ravel())
        return {name: np.reshape(column, (-1, self.replicates)).mean(axis=1) for name, column in outcomes.items()}


def derive_seeds(seeds: Seeds, replicates: int) -> Seeds:
    """Several seeds from each of `seeds` (n,): (n, replicates). More replicates leave the first ones as they are."""
    blank = np.zeros((len(seeds), replicates), np.uint64)
    seed, replicate = blank + seeds[:, None].astype(np.uint64), blank + np.arange(replicates, dtype=np.uint64)
    word, _, _, _ = philox(seed, replicate, blank, blank + np.uint64(_DERIVED_SEEDS), np.uint64(0), np.uint64(0))
    return np.asarray(word, np.int64)


@short_repr
@dataclass(frozen=True)
class DrawAverages:
    """Results of each parameter draw, averaged over its replicates: what can be known before chance plays out.

    `means` has one column (draws,) a policy, each entry averaged over `replicates` runs (the smallest number, if they
    differ). `chance` says how far single runs of one draw scatter about its mean: their covariance
    (policies, policies), or one number, the variance of the difference between any two policies; 0 for a model without
    chance, None if it is not known. `first` (draws,) is the row of the table in which each draw occurs first; `failed`
    rows were left out.
    """

    means: Mapping[str, Floats]
    replicates: int
    chance: Floats | float | None
    first: Labels | None = None
    failed: int = 0

    def at_draws(self, points: Points) -> Points:
        """The factors of each draw, (draws,) a column, from those of the table's rows. Raises ValueError if unknown."""
        if self.first is None:
            raise InputError("these averages do not know the rows they were made from")
        return {name: np.asarray(column)[self.first] for name, column in points.items()}


def average_over_replicates(table: PolicyTable, draws: ArrayLike) -> DrawAverages:
    """Average a table, one column (futures,) a policy, over the futures of each draw; `draws` (futures,) labels them.

    Raises ValueError as `select_complete_futures` does, and for labels that do not fit.
    """
    matrix, complete = select_complete_futures(table)
    labels = np.asarray(draws)
    if labels.shape != complete.shape:
        raise InputError(f"{labels.size} labels of draws do not fit {complete.size} futures")
    _, first, group = np.unique(labels[complete], return_index=True, return_inverse=True)
    means, counts = average_groups(matrix, group)
    deviations, freedom = matrix - means[group], len(matrix) - len(means)
    return DrawAverages(
        means=dict(zip(table, means.T, strict=True)),
        replicates=int(counts.min()),
        chance=deviations.T @ deviations / freedom if freedom else None,
        first=np.flatnonzero(complete)[first],
        failed=int((~complete).sum()),
    )


def average_groups(matrix: Floats, group: Labels) -> tuple[Floats, Floats]:
    """Means (groups, columns) of the rows of each group, numbered from 0, and how many rows each has, (groups,)."""
    counts = np.bincount(group).astype(np.float64)
    sums = np.column_stack([np.bincount(group, column) for column in matrix.T])
    return sums / counts[:, None], counts
