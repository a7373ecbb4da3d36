"""Structures weighed by evidence of the user's own: how much each counts, and which of its draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from simulator.common.arrays import Floats
from simulator.common.representation import short_repr
from simulator.experiments.core.model_protocol import Progress


@short_repr
@dataclass(frozen=True, eq=False)
class WeighedStructures:
    """`weights` of structures add up to 1, and `errors` are their relative Monte Carlo errors; `draws` has a weight for
    each shipped draw of a structure, (draws,), adding up to 1.
    """

    weights: Mapping[str, float]
    errors: Mapping[str, float]
    draws: Mapping[str, Floats]

    @property
    def fewest(self) -> float:
        """The smallest effective sample among the structures that count for a hundredth or more."""
        counted = [draws for name, draws in self.draws.items() if self.weights[name] >= 0.01]
        return float(min(1 / (draws**2).sum() for draws in counted))

    @property
    def worst_error(self) -> float:
        """The largest relative Monte Carlo error of a weight among those structures."""
        return max(self.errors[name] for name, weight in self.weights.items() if weight >= 0.01)


WeighStructures = Callable[[Mapping[str, float], Progress | None], WeighedStructures]
"""Weighs structures from their prior weights, which add up to 1."""
