"""Futures that every policy meets alike: a parameter draw and a replicate, the same for all (common random numbers)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.experiments.core.clustered_errors import label_parameter_sets
from simulator.experiments.core.model_protocol import (
    Factor,
    Labels,
    ModelProtocol,
    Outcomes,
    Points,
    Progress,
    Seeds,
    draw_points,
)
from simulator.experiments.core.sweep import make_fresh_seeds

Policies: TypeAlias = Mapping[str, Mapping[str, float]]
PolicyTable: TypeAlias = Mapping[str, ArrayLike]

MOST_FAILED_FUTURES = 0.2


@dataclass(frozen=True)
class SampledFutures:
    """One row per future, (n,) each: the factors (`points`), the seed of its replicate (`seeds`), its parameter draw.

    `draws` numbers the draws; rows of one draw differ by chance alone.
    """

    points: Points
    seeds: Seeds
    draws: Labels

    @property
    def n(self) -> int:
        """How many futures there are."""
        return len(self.seeds)

    @cached_property
    def sets(self) -> Labels:
        """Which rows have the same parameters, whatever their draw: (n,) numbers."""
        return label_parameter_sets(self.points) if self.points else np.zeros(self.n, np.int64)

    def head(self, count: int) -> SampledFutures:
        """The first `count` futures, or all where there are fewer."""
        points = {name: column[:count] for name, column in self.points.items()}
        return SampledFutures(points, self.seeds[:count], self.draws[:count])


def sample_futures(
    factors: Sequence[Factor], draws: int, seed: int, replicates: int = 1, first: int = 0
) -> SampledFutures:
    """Draw factors from their priors, and run each draw with `replicates` seeds of its own.

    Draws are numbered from `first`. Every row has its own key: futures beyond those of an earlier study are new, and
    how rows are cut into chunks changes nothing. Without factors, futures differ by chance alone.
    Raises ValueError for no draws or no replicates.
    """
    if draws < 1 or replicates < 1:
        raise InputError(
            f"{draws} draws with {replicates} replicates each make no futures: ask for one or more of both"
        )
    points = {name: np.repeat(column, replicates) for name, column in draw_points(factors, draws, seed, first).items()}
    seeds = make_fresh_seeds(draws * replicates, seed, first * replicates)
    return SampledFutures(points, seeds, np.repeat(np.arange(first, first + draws), replicates))


def repeat_draws(points: Points, seed: int, replicates: int = 1) -> SampledFutures:
    """Futures from given parameter draws, one column (draws,) each, with `replicates` seeds of its own for each draw.

    Raises ValueError for no draws, columns of different lengths, or no replicates.
    """
    draws = len(next(iter(points.values()), ()))
    if not draws or any(np.shape(column) != (draws,) for column in points.values()) or replicates < 1:
        raise InputError(
            "give parameter draws as columns of one length, with one row or more, and one replicate or more"
        )
    columns = {name: np.repeat(np.asarray(column, np.float64), replicates) for name, column in points.items()}
    return SampledFutures(columns, make_fresh_seeds(draws * replicates, seed), np.repeat(np.arange(draws), replicates))


def run_policy(
    simulate: ModelProtocol, futures: SampledFutures, settings: Mapping[str, float], wanted: Sequence[str]
) -> Outcomes:
    """Run every future once under one policy. Returns the wanted outcomes, (n,) each.

    `settings` hold factors at one value; they override the futures' own. Raises ValueError for an outcome that the
    model does not give.
    """
    held = {name: np.full(futures.n, float(value)) for name, value in settings.items()}
    outcomes = simulate({**futures.points, **held}, futures.seeds)
    for name in wanted:
        if name not in outcomes:
            raise InputError(f"the simulation gives no outcome '{name}'; it gives {', '.join(outcomes) or 'none'}")
    return {name: np.asarray(outcomes[name], np.float64) for name in wanted}


def run_policies(
    simulate: ModelProtocol, futures: SampledFutures, policies: Policies, outcome: str, progress: Progress | None = None
) -> dict[str, Floats]:
    """Run every policy in the same futures. Returns one column (n,) a policy; `progress` counts runs.

    Raises ValueError as `run_policy` does.
    """
    table: dict[str, Floats] = {}
    for done, (name, settings) in enumerate(policies.items(), 1):
        table[name] = run_policy(simulate, futures, settings, [outcome])[outcome]
        if progress:
            progress(done * futures.n, len(policies) * futures.n)
    return table


def select_complete_futures(table: PolicyTable) -> tuple[Floats, NDArray[np.bool_]]:
    """The futures in which every policy has a result: a matrix (kept, policies), and which they are, (futures,).

    A future that failed under one policy is left out under all, so that policies are compared in the same futures.
    Raises ValueError for fewer than two policies, columns of different lengths, infinite values, fewer than two
    futures, and if more than a fifth of the futures failed.
    """
    if len(table) < 2:
        raise InputError(f"{len(table)} policies cannot be compared: give at least two")
    columns = {name: np.asarray(column, np.float64) for name, column in table.items()}
    if len({column.shape for column in columns.values()}) > 1 or next(iter(columns.values())).ndim != 1:
        raise InputError("every policy needs one result for each of the same futures")
    for name, column in columns.items():
        if np.isinf(column).any():
            raise InputError(f"'{name}' has infinite results: give nan for runs that failed")
    matrix = np.column_stack(list(columns.values()))
    complete: NDArray[np.bool_] = np.asarray(np.isfinite(matrix).all(axis=1))
    count, failed = int(complete.sum()), int((~complete).sum())
    if count < 2:
        raise InputError(f"{count} of {len(complete)} futures have a result under every policy: at least 2 are needed")
    if failed > MOST_FAILED_FUTURES * len(complete):
        raise InputError(
            f"{failed} of {len(complete)} futures failed under some policy, so the rest would not be typical; "
            "mend the runs that give nan first"
        )
    return matrix[complete], complete
