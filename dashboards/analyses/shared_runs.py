"""Outcomes of whole scenarios in the same worlds, worked out once a scenario and shared by questions.

Worlds are draws of the shipped posterior, each met by several lucks of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypeAlias

import numpy as np

from dashboards.analyses.request import AnalysisRequest
from simulator.common.bounded_cache import BoundedCache
from simulator.engine.ensemble import Progress
from simulator.experiments.core.model_protocol import Floats
from simulator.experiments.core.replicate_average import DrawAverages, average_over_replicates
from simulator.experiments.core.sampled_futures import SampledFutures
from simulator.scenarios.scenario import Scenario
from simulator.studies.model_function import ModelFunction
from simulator.studies.scenario_runs import sample_posterior_futures

DRAWS, REPLICATES = 1_000, 8
BATCH = 1_000
CACHE_BYTES = 400 * 8 * DRAWS * REPLICATES  # bytes: 400 columns
ColumnKey: TypeAlias = tuple[str, str, str, int, int]
_COLUMNS = BoundedCache[ColumnKey, Floats](CACHE_BYTES, lambda column: column.nbytes)


@lru_cache(maxsize=4)
def sample_futures(seed: int, draws: int, lucks: int) -> SampledFutures:
    """The worlds of a seed."""
    return sample_posterior_futures(draws, lucks, seed)


@dataclass(frozen=True, eq=False)
class SharedOutcomes:
    """One outcome of every scenario in the same worlds, (worlds,) a column, by place: "0" is today's rules."""

    columns: dict[str, Floats]
    worlds: SampledFutures

    @cached_property
    def averages(self) -> DrawAverages:
        """Averaged over the lucks of each draw."""
        columns = {**self.columns, "again": self.columns["0"]}  # averages want two policies, and "0" may be alone
        return average_over_replicates(columns, self.worlds.draws)

    @cached_property
    def points(self) -> dict[str, Floats]:
        """The parameters of each draw."""
        return dict(self.averages.at_draws(self.worlds.points))

    def gain(self, at: int) -> Floats:
        """What a scenario adds to today's rules in every world."""
        return self.columns[str(at)] - self.columns["0"]

    def mean_gain(self, at: int, over: int = 0) -> Floats:
        """What a scenario adds to another in every draw, averaged over luck."""
        means = self.averages.means
        return np.asarray(means[str(at)] - means[str(over)])


def run_scenarios(ask: AnalysisRequest, progress: Progress) -> SharedOutcomes:
    """Every scenario of a question in the shared worlds. `progress` counts runs, and what it raises stops the work."""
    worlds = sample_futures(ask.seed, DRAWS, REPLICATES)
    columns, total = {}, len(ask.policies) * worlds.n
    for at, policy in enumerate(ask.policies):
        address = (policy.fingerprint, ask.outcome, ask.span, ask.seed, worlds.n)
        column = None if ask.own else _COLUMNS.get(address)
        if column is None:
            column = _run_scenario(policy, ask, worlds, lambda done, _, at=at: progress(at * worlds.n + done, total))  # type: ignore[misc]
            if ask.own is None:
                _COLUMNS.put(address, column)
        columns[str(at)] = column
        progress((at + 1) * worlds.n, total)
    return SharedOutcomes(columns, worlds)


def _run_scenario(policy: Scenario, ask: AnalysisRequest, worlds: SampledFutures, progress: Progress) -> Floats:
    """One scenario, some worlds at a time, so that stopping is prompt and nobody waits long for a thread."""
    model = ModelFunction(policy, (ask.outcome,), years=ask.span, areas=ask.areas)
    parts = []
    for first in range(0, worlds.n, BATCH):
        rows = slice(first, first + BATCH)
        points = {name: column[rows] for name, column in worlds.points.items()}
        parts.append(np.asarray(model(points, worlds.seeds[rows])[ask.outcome]))
        progress(min(first + BATCH, worlds.n), worlds.n)
    return np.concatenate(parts)
