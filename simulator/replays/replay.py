"""A world: bodies, a calendar, a first plan, some parameters held, and what to read off. All of it is data."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simulator.boards.table import Boards
from simulator.common.representation import short_repr
from simulator.declarations.parameters import PARAMETERS
from simulator.engine.ensemble import Progress, Yearly, simulate
from simulator.replays.observations import Floats, Observation
from simulator.runs.parameter_sets import Records


@short_repr
@dataclass(frozen=True, eq=False)
class World:
    """`schedule` (quarters,) lever records; `first_plan` the quarter of the first plan, from 0; `held` parameters.

    Worlds with the same `chance` meet the same luck, whatever they are called: they differ by what they say alone.
    """

    name: str
    title: str
    question: str
    boards: Boards
    schedule: NDArray[np.void]
    first_plan: int
    held: Mapping[str, float]
    observations: tuple[Observation, ...]
    chance: str = ""

    @property
    def by_body(self) -> bool:
        """True when some observation counts bodies."""
        return any(o.by_body for o in self.observations)

    def luck(self, seed: int) -> int:
        """The seed of this world's luck, which the file's word for it decides and not the file's name."""
        return seed ^ (zlib.crc32(self.chance.encode()) << 16)

    def run(
        self,
        points: Records,
        runs: NDArray[np.int64],
        *,
        seed: int,
        detail: bool | None = None,
        progress: Progress | None = None,
    ) -> Yearly:
        """Run `points` (futures,) with luck `runs` (futures,) through this world. Raises as `simulate`."""
        own = points.copy()
        for name, value in self.held.items():
            own[PARAMETERS[name].group][name] = value
        return simulate(
            own,
            runs,
            self.schedule,
            self.boards.areas,
            seed=self.luck(seed),
            first_plan=self.first_plan,
            detail=self.by_body if detail is None else detail,
            progress=progress,
        )

    def predict(self, points: Records, runs: NDArray[np.int64], *, seed: int) -> dict[str, Floats]:
        """Each observation's prediction for each future: name -> (futures,)."""
        yearly = self.run(points, runs, seed=seed)
        return {o.name: o.read(yearly) for o in self.observations}

    def holding(self, held: Mapping[str, float]) -> World:
        """The same world with more parameters held; what it holds already can be overridden."""
        return replace(self, held={**self.held, **held})
