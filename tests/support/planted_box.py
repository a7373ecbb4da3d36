"""A toy for scenario discovery: failures planted in a box in three of many dimensions, with luck inside and outside."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simulator.common.arrays import Floats
from simulator.engine.philox import philox, to_unit
from simulator.experiments.core.model_protocol import Factor, Outcomes, Points, Seeds
from simulator.experiments.discovery.prim import Box, make_open_box

LIMITS = ((0.0, 0.5), (0.4, 1.0), (0.25, 0.75))


@dataclass(frozen=True)
class PlantedBox:
    """A simulation whose only outcome `y` is 0 where it fails and 1 elsewhere.

    It fails with probability `inside` if x1 < 0.5, x2 > 0.4 and 0.25 < x3 < 0.75, and with probability `outside`
    elsewhere; the other of its `dims` factors, evenly between 0 and 1, do nothing. With the same probability in both
    places there is no box.
    """

    inside: float = 0.88
    outside: float = 0.049
    dims: int = 30

    @cached_property
    def factors(self) -> tuple[Factor, ...]:
        return tuple(Factor(f"x{i + 1}", 0.0, 1.0, 0.5) for i in range(self.dims))

    @cached_property
    def box(self) -> Box:
        """The box as planted."""
        box = make_open_box(self.dims)
        for dim, (low, high) in enumerate(LIMITS):
            box = box.moved(0, dim, low) if low > 0 else box
            box = box.moved(1, dim, high) if high < 1 else box
        return box

    @property
    def coverage(self) -> float:
        """Share of failures that lie in the box, exactly."""
        mass = float(np.prod([high - low for low, high in LIMITS]))
        return mass * self.inside / (mass * self.inside + (1 - mass) * self.outside)

    def __call__(self, points: Points, seeds: Seeds) -> Outcomes:
        planted = self.box.holds(np.column_stack([points[f.name] for f in self.factors]))
        return {"y": np.where(_uniform(seeds) < np.where(planted, self.inside, self.outside), 0.0, 1.0)}


def _uniform(seeds: Seeds) -> Floats:
    """One number between 0 and 1 a seed: (n,). Nothing but the seed decides it."""
    blank = np.zeros(len(seeds), np.uint64)
    w0, w1, _, _ = philox(seeds.astype(np.uint64), blank, blank, blank, np.uint64(0), np.uint64(0))
    return np.asarray(to_unit(w0, w1))
