"""What is read off a replay: one number for each future."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simulator.common.errors import UnknownNameError
from simulator.common.units import Unit
from simulator.declarations.outcomes import OUTCOMES, Outcome
from simulator.declarations.output_variables import AREA_MEASURES, NATIONAL_MEASURES
from simulator.engine.ensemble import Yearly
from simulator.replays.targets import Target

Floats = NDArray[np.float64]
EDGE = 1e-9


@dataclass(frozen=True)
class Observation:
    """One number of a world: `measure` names an outcome or a national measure, `years` counts from the world's first.

    With `at_least` or `at_most` it is the share of bodies whose own measure is so; with neither it is the measure over
    all bodies' money together. `observed` is what is known of it, if anything.
    """

    name: str
    measure: str
    years: slice
    at_least: float | None = None
    at_most: float | None = None
    observed: Target | None = None

    @cached_property
    def outcome(self) -> Outcome:
        """The formula behind the measure."""
        return find_measure(self.measure)

    @property
    def by_body(self) -> bool:
        """True when bodies are counted, so that their own years are needed."""
        return self.at_least is not None or self.at_most is not None

    @property
    def unit(self) -> Unit:
        """The unit of the prediction."""
        return Unit.SHARE if self.by_body else self.outcome.unit

    def read(self, yearly: Yearly) -> Floats:
        """The prediction of each future: shape (futures,)."""
        if not self.by_body:
            return self.outcome.of(yearly.nation[:, self.years])
        assert yearly.areas is not None
        own = self.outcome.of(np.moveaxis(yearly.areas[:, self.years], 1, 2))
        hit = np.ones(own.shape, bool)
        if self.at_least is not None:
            hit &= own >= self.at_least - EDGE
        if self.at_most is not None:
            hit &= own <= self.at_most + EDGE
        return np.asarray(hit.mean(axis=1))


def find_measure(name: str) -> Outcome:
    """An outcome, or a national measure read year by year. Raises LookupError."""
    if name in OUTCOMES:
        return OUTCOMES[name]
    if name not in NATIONAL_MEASURES:
        raise UnknownNameError(f"'{name}' is neither an outcome nor a national measure")
    unit, words = NATIONAL_MEASURES[name]
    return Outcome(name, words, unit, 0, words, (name,))


def counts_bodies(outcome: Outcome) -> bool:
    """True if a single body has this outcome too, so that bodies can be counted by it."""
    return bool(outcome.by) and all(term.lstrip("-") in AREA_MEASURES for term in (*outcome.over, *outcome.by))
