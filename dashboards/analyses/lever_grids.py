"""What questions about levers share: the amounts to try, other levers to set along, and a scenario as a reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from dashboards.analyses.request import AnalysisRequest
from dashboards.selection.analysis_selection import SWEPT_LEVERS
from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.experiments.core.model_protocol import Outcomes, Points, Seeds
from simulator.experiments.core.sampled_futures import SampledFutures
from simulator.studies.break_even import ENFORCEMENTS, GRADED_ENFORCEMENT
from simulator.studies.equivalence import choose_direction, read_current_value
from simulator.studies.model_function import ModelFunction, list_lever_factors
from simulator.studies.scenario_runs import sample_posterior_futures

DRAWS, REPLICATES = 300, 4
STEPS = 13
REFERENCE = "the reference"
COMPANION_LEVERS: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "ringfence": GRADED_ENFORCEMENT,
        "audit": {"ringfence": 1.0, "waivable": 0.0},
    }
)
"""Levers that are set along with a swept one. With audit at full strength the label's value is its enforcement; audit
alone, without a label, does nothing."""


def check_levers(*levers: str) -> None:
    """Refuse a lever that cannot be swept. Raises InputError."""
    for lever in levers:
        if lever not in SWEPT_LEVERS:
            raise InputError(f"“{lever[:40]}” is not a lever of which there can be more or less")


def make_model(request: AnalysisRequest) -> ModelFunction:
    """Today's rules, with levers set from 2027/28 on, over the years of the question."""
    return ModelFunction(outcomes=(request.outcome,), years=request.years or None, areas=request.boards)


def sample_futures(request: AnalysisRequest) -> SampledFutures:
    """Parameter draws of the posterior, with a few replicates each."""
    return sample_posterior_futures(DRAWS, REPLICATES, request.seed)


def choose_amounts(model: ModelFunction, lever: str, futures: SampledFutures, steps: int = STEPS) -> Floats:
    """Amounts of a lever from today's to the bound that does more, (steps,)."""
    if lever == "ringfence":
        return np.asarray(ENFORCEMENTS)
    (factor,) = list_lever_factors([lever])
    companions = COMPANION_LEVERS.get(lever, {})
    end = factor.high if companions else choose_direction(model, factor, {lever: factor.high}, futures)
    return np.linspace(read_current_value(model, lever), end, steps)


@dataclass(frozen=True, eq=False)
class ModelWithReference:
    """The model, or a whole scenario wherever `REFERENCE` is among the columns: a reference need not be a lever."""

    model: ModelFunction
    reference: ModelFunction

    def __call__(self, points: Points, seeds: Seeds) -> Outcomes:
        """Outcomes (n,) of every row, as `ModelFunction` gives them."""
        if REFERENCE not in points:
            return self.model(points, seeds)
        return self.reference({name: column for name, column in points.items() if name != REFERENCE}, seeds)
