"""Outcomes of whole scenarios in the same futures, worked out once for each scenario and shared by all questions.

Futures are draws of the shipped posterior, with several replicates of each draw.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from typing import TypeAlias

import numpy as np

from dashboards.analyses.request import AnalysisRequest
from simulator.common.arrays import Floats
from simulator.common.bounded_cache import BoundedCache
from simulator.engine.ensemble import Progress
from simulator.experiments.core.replicate_average import DrawAverages, average_over_replicates
from simulator.experiments.core.sampled_futures import SampledFutures
from simulator.runs.posterior import Posterior, current_posterior, drawing_from
from simulator.scenarios.scenario import Scenario
from simulator.studies.model_function import ModelFunction
from simulator.studies.scenario_runs import sample_posterior_futures

DRAWS, REPLICATES = 1_000, 8
BATCH = 1_000
CACHE_BYTES = 400 * 8 * DRAWS * REPLICATES
"""Room for 400 columns."""

ColumnKey: TypeAlias = tuple[str, str, str, int, int]
_COLUMNS = BoundedCache[ColumnKey, Floats](CACHE_BYTES, lambda column: column.nbytes)


def sample_futures(seed: int, draws: int, replicates: int) -> SampledFutures:
    """The futures of a seed, drawn from the present posterior."""
    return _sample_once(seed, min(draws, len(current_posterior())), replicates, current_posterior())


@lru_cache(maxsize=4)
def _sample_once(seed: int, draws: int, replicates: int, posterior: Posterior) -> SampledFutures:
    with drawing_from(posterior):
        return sample_posterior_futures(draws, replicates, seed)


@dataclass(frozen=True, eq=False)
class SharedOutcomes:
    """One outcome of every scenario in the same futures.

    `columns` are (futures,), named by the scenario's place in the question: "0" is today's rules.
    """

    columns: dict[str, Floats]
    futures: SampledFutures

    @cached_property
    def averages(self) -> DrawAverages:
        """Averages over the replicates of each draw."""
        # Averages need two columns, and "0" may be the only one.
        return average_over_replicates({**self.columns, "again": self.columns["0"]}, self.futures.draws)

    @cached_property
    def points(self) -> dict[str, Floats]:
        """The parameters of each draw, (draws,) by name."""
        return dict(self.averages.at_draws(self.futures.points))

    def compute_gain(self, scenario: int) -> Floats:
        """What a scenario adds to today's rules in every future, (futures,)."""
        return self.columns[str(scenario)] - self.columns["0"]

    def mean_gain(self, scenario: int, other: int = 0) -> Floats:
        """What a scenario adds to another in every draw, averaged over replicates, (draws,)."""
        means = self.averages.means
        return np.asarray(means[str(scenario)] - means[str(other)])


def run_scenarios(request: AnalysisRequest, progress: Progress) -> SharedOutcomes:
    """Run every scenario of a question in the shared futures. `progress` counts runs; what it raises stops the work."""
    futures = sample_futures(request.seed, DRAWS, REPLICATES)
    columns, total = {}, len(request.scenarios) * futures.n

    def report_progress(before: int, done: int, _: int) -> None:
        progress(before + done, total)

    for place, scenario in enumerate(request.scenarios):
        key = (scenario.fingerprint, request.outcome, request.span, request.seed, futures.n)
        column = None if request.is_private else _COLUMNS.get(key)
        if column is None:
            column = _run_scenario(scenario, request, futures, partial(report_progress, place * futures.n))
            if not request.is_private:
                _COLUMNS.put(key, column)
        columns[str(place)] = column
        progress((place + 1) * futures.n, total)
    return SharedOutcomes(columns, futures)


def _run_scenario(scenario: Scenario, request: AnalysisRequest, futures: SampledFutures, progress: Progress) -> Floats:
    """Run one scenario in batches, so that it stops promptly and nobody waits long for a thread."""
    model = ModelFunction(scenario, (request.outcome,), years=request.span, areas=request.boards)
    batches = []
    for first in range(0, futures.n, BATCH):
        rows = slice(first, first + BATCH)
        points = {name: column[rows] for name, column in futures.points.items()}
        batches.append(np.asarray(model(points, futures.seeds[rows])[request.outcome]))
        progress(min(first + BATCH, futures.n), futures.n)
    return np.concatenate(batches)
