"""Worlds: what every policy meets alike. A world is one draw of the uncertain factors together with one luck."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.common.errors import InputError
from simulator.experiments.core.clustered_errors import label_parameter_sets
from simulator.experiments.core.model_protocol import (
    Factor,
    Floats,
    ModelProtocol,
    Outcomes,
    Points,
    Progress,
    Seeds,
    draw_points,
)
from simulator.experiments.core.sweep import make_fresh_seeds

Labels: TypeAlias = NDArray[np.int64]
Policies: TypeAlias = Mapping[str, Mapping[str, float]]
PolicyTable: TypeAlias = Mapping[str, ArrayLike]

MOST_FAILED_FUTURES = 0.2


@dataclass(frozen=True)
class SampledFutures:
    """Rows of factors (`points`), the luck of each (`seeds`), and which draw of the factors it is (`draws`), (n,) each.

    Rows of one draw differ in their luck only.
    """

    points: Points
    seeds: Seeds
    draws: Labels

    @property
    def n(self) -> int:
        return len(self.seeds)

    @cached_property
    def sets(self) -> Labels:
        """Which rows have the same parameters, whatever their draw: (n,) numbers."""
        return label_parameter_sets(self.points) if self.points else np.zeros(self.n, np.int64)


def sample_futures(factors: Sequence[Factor], draws: int, seed: int, lucks: int = 1, first: int = 0) -> SampledFutures:
    """Draws `first` to `first + draws` of the factors from their priors, each met by `lucks` lucks of its own.

    Rows are keyed one by one: worlds beyond those of a first study are fresh, and nothing depends on chunks. Raises
    ValueError for no draws or no lucks. Without factors worlds differ in their luck only.
    """
    if draws < 1 or lucks < 1:
        raise InputError(f"{draws} draws with {lucks} lucks each make no worlds: ask for at least one of both")
    points = {name: np.repeat(column, lucks) for name, column in draw_points(factors, draws, seed, first).items()}
    seeds = make_fresh_seeds(draws * lucks, seed, first * lucks)
    return SampledFutures(points, seeds, np.repeat(np.arange(first, first + draws), lucks))


def run_policy(
    simulate: ModelProtocol, worlds: SampledFutures, settings: Mapping[str, float], wanted: Sequence[str]
) -> Outcomes:
    """Run every world once under one policy: the wanted outcomes, (n,) each.

    Settings are factors held at one value; they take precedence over the worlds' own. Raises ValueError for an
    outcome that the simulation does not give.
    """
    held = {name: np.full(worlds.n, float(value)) for name, value in settings.items()}
    made = simulate({**worlds.points, **held}, worlds.seeds)
    for name in wanted:
        if name not in made:
            raise InputError(f"the simulation gives no outcome '{name}'; it gives {', '.join(made) or 'none'}")
    return {name: np.asarray(made[name], np.float64) for name in wanted}


def run_policies(
    simulate: ModelProtocol, worlds: SampledFutures, policies: Policies, outcome: str, progress: Progress | None = None
) -> dict[str, Floats]:
    """Every policy in every world under shared luck: one column (n,) a policy. `progress` counts runs."""
    table: dict[str, Floats] = {}
    for done, (name, settings) in enumerate(policies.items(), 1):
        table[name] = run_policy(simulate, worlds, settings, [outcome])[outcome]
        if progress:
            progress(done * worlds.n, len(policies) * worlds.n)
    return table


def select_complete_futures(table: PolicyTable) -> tuple[Floats, NDArray[np.bool_]]:
    """Worlds in which every policy has a result, as a matrix (kept, policies), and which they are, (worlds,).

    A world that failed under one policy is left out under all: policies are compared in the same worlds. Raises
    ValueError for fewer than two policies, unequal lengths, infinite values, fewer than two worlds, and if more than
    a fifth of the worlds failed.
    """
    if len(table) < 2:
        raise InputError(f"{len(table)} policies cannot be compared: give at least two")
    columns = {name: np.asarray(column, np.float64) for name, column in table.items()}
    if len({column.shape for column in columns.values()}) > 1 or next(iter(columns.values())).ndim != 1:
        raise InputError("every policy needs one result for each of the same worlds")
    for name, column in columns.items():
        if np.isinf(column).any():
            raise InputError(f"'{name}' has infinite results: give nan for runs that failed")
    matrix = np.column_stack(list(columns.values()))
    kept: NDArray[np.bool_] = np.asarray(np.isfinite(matrix).all(axis=1))
    if kept.sum() < 2:
        raise InputError(f"{kept.sum()} of {len(kept)} worlds have a result under every policy: at least 2 are needed")
    if (~kept).mean() > MOST_FAILED_FUTURES:
        raise InputError(
            f"{(~kept).sum()} of {len(kept)} worlds failed under some policy: what is left would not be typical; "
            "mend the runs that give nan first"
        )
    return matrix[kept], kept


@dataclass(frozen=True)
class DrawAverages:
    """Results averaged over the luck of each draw of the factors: what can be known before luck falls.

    `means` has one column (draws,) a policy, each entry averaged over `runs` lucks (the smallest number, if it
    differs). `luck` says how far single runs of one draw scatter about its mean: their covariance
    (policies, policies), or one number, the variance of the difference between any two policies; 0 for a model without
    luck, None if it is not known. `first` (draws,) is the row of the table in which each draw occurs first; `failed`
    rows were left out.
    """

    means: Mapping[str, Floats]
    runs: int
    luck: Floats | float | None
    first: Labels | None = None
    failed: int = 0

    def at_draws(self, points: Points) -> Points:
        """The factors of each draw, (draws,) a column, from those of the table's rows."""
        if self.first is None:
            raise InputError("these averages do not know the rows they were made from")
        return {name: np.asarray(column)[self.first] for name, column in points.items()}


def average_over_replicates(table: PolicyTable, draws: ArrayLike) -> DrawAverages:
    """Average a table (one column (worlds,) a policy) over worlds of the same draw, (worlds,) labels.

    Raises ValueError as `select_complete_futures` and for labels that do not fit.
    """
    matrix, kept = select_complete_futures(table)
    labels = np.asarray(draws)
    if labels.shape != kept.shape:
        raise InputError(f"{labels.size} labels of draws do not fit {kept.size} worlds")
    _, first, state = np.unique(labels[kept], return_index=True, return_inverse=True)
    means, runs = average_groups(matrix, state)
    deviations, spare = matrix - means[state], len(matrix) - len(means)
    return DrawAverages(
        means=dict(zip(table, means.T, strict=True)),
        runs=int(runs.min()),
        luck=deviations.T @ deviations / spare if spare else None,
        first=np.flatnonzero(kept)[first],
        failed=int((~kept).sum()),
    )


def average_groups(matrix: Floats, group: Labels) -> tuple[Floats, Floats]:
    """Means (groups, columns) of the rows of each group, numbered from 0, and how many rows each has, (groups,)."""
    counts = np.bincount(group).astype(np.float64)
    sums = np.column_stack([np.bincount(group, column) for column in matrix.T])
    return sums / counts[:, None], counts
