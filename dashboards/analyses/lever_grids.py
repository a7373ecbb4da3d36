"""What questions about levers share: amounts to try, what goes along with a lever, and a scenario as a reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from dashboards.analyses.request import AnalysisRequest
from dashboards.selection.analysis_selection import SWEPT_LEVERS
from simulator.common.errors import InputError
from simulator.experiments.core.model_protocol import Floats, Outcomes, Points, Seeds
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
"""With audit at full strength the label's value is its enforcement; audit alone, without a label, does nothing."""


def check_levers(*names: str) -> None:
    """Refuse what cannot be swept. Raises ValueError."""
    for name in names:
        if name not in SWEPT_LEVERS:
            raise InputError(f"“{name[:40]}” is no lever of which there can be more or less")


def make_model(ask: AnalysisRequest) -> ModelFunction:
    """Today's rules, with levers set from 2027/28 on, over the years asked about."""
    return ModelFunction(outcomes=(ask.outcome,), years=ask.years or None, areas=ask.areas)


def sample_futures(ask: AnalysisRequest) -> SampledFutures:
    """Parameter draws of the posterior, each met by a few lucks."""
    return sample_posterior_futures(DRAWS, REPLICATES, ask.seed)


def choose_amounts(model: ModelFunction, name: str, worlds: SampledFutures, steps: int = STEPS) -> Floats:
    """Amounts of a lever from today's to the bound that does more, (steps,)."""
    if name == "ringfence":
        return np.asarray(ENFORCEMENTS)
    (factor,) = list_lever_factors([name])
    along = COMPANION_LEVERS.get(name, {})
    end = factor.high if along else choose_direction(model, factor, {name: factor.high}, worlds)
    return np.linspace(read_current_value(model, name), end, steps)


@dataclass(frozen=True, eq=False)
class ModelWithReference:
    """The model, or a whole scenario wherever `REFERENCE` is among the columns: a reference need not be a lever."""

    model: ModelFunction
    reference: ModelFunction

    def __call__(self, points: Points, seeds: Seeds) -> Outcomes:
        """Outcomes (n,) of every row, as `ModelFunction` gives them."""
        if REFERENCE not in points:
            return self.model(points, seeds)
        return self.reference({name: x for name, x in points.items() if name != REFERENCE}, seeds)
