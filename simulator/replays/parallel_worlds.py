"""Worlds of a replay that share their chance, and spells of years in which some bodies have levers of their own.

A world is a schedule of levers, parameters held, and spells. Bodies of a replay with spells touch each other nowhere:
they neither learn from each other nor merge. So all bodies are run under each schedule that occurs, and each body is
read from the run under its own; that gives the bits of a run in which every body had its own schedule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.common.representation import short_repr
from simulator.declarations.levers import LEVERS
from simulator.declarations.output_variables import AREA_YEAR_DTYPE, NATIONAL_DTYPE, SUMS
from simulator.declarations.parameters import PARAMETERS
from simulator.engine.ensemble import Progress, YearlyRecords, simulate, simulate_all
from simulator.runs.parameter_sets import Records

OWN = "own"
"""The world that the file itself describes."""


@short_repr
@dataclass(frozen=True, eq=False)
class Spell:
    """`rows` of the table live the quarters from `first` up to `stop` under these levers: name -> (quarters,)."""

    rows: tuple[int, ...]
    first: int
    stop: int
    levers: Mapping[str, NDArray[np.float64]]


@short_repr
@dataclass(frozen=True, eq=False)
class World:
    """`schedule` (quarters,) lever records, parameters `held`, and spells."""

    schedule: NDArray[np.void]
    held: Mapping[str, float]
    spells: tuple[Spell, ...] = ()

    def list_schedules(self, bodies: int) -> tuple[NDArray[np.void], NDArray[np.int64]]:
        """The schedules that occur, (schedules, quarters), and which of them each body has: (bodies,)."""
        numbers: dict[tuple[int, ...], int] = {}
        which = np.empty(bodies, np.int64)
        for row in range(bodies):
            own = tuple(k for k, spell in enumerate(self.spells) if row in spell.rows)
            which[row] = numbers.setdefault(own, len(numbers))
        schedules = np.stack([self._apply(own) for own in numbers])
        return schedules, which

    def _apply(self, spells: tuple[int, ...]) -> NDArray[np.void]:
        schedule = self.schedule.copy()
        for spell in (self.spells[k] for k in spells):
            for name, values in spell.levers.items():
                schedule[LEVERS[name].group][name][spell.first : spell.stop] = values
        return schedule

    def run(
        self,
        points: Records,
        runs: NDArray[np.int64],
        areas: NDArray[np.void],
        *,
        seed: int,
        first_plan: int,
        detail: bool,
        progress: Progress | None = None,
    ) -> YearlyRecords:
        """Run `points` (futures,) with run numbers (futures,). With spells, national variables that are not sums over
        bodies are nan. Raises as `simulate`.
        """
        records = points.copy()
        for name, value in self.held.items():
            records[PARAMETERS[name].group][name] = value
        if not self.spells:
            return simulate(
                records,
                runs,
                self.schedule,
                areas,
                seed=seed,
                first_plan=first_plan,
                detail=detail,
                progress=progress,
            )
        schedules, which = self.list_schedules(len(areas))
        parts = simulate_all(
            records, runs, schedules, areas, seed=seed, first_plan=first_plan, detail=True, progress=progress
        )
        return _join(parts, which)


def _join(parts: tuple[YearlyRecords, ...], which: NDArray[np.int64]) -> YearlyRecords:
    """Every body from the run under its own schedule."""
    shape = parts[0].nation.shape
    areas = np.empty((*shape, len(which)), AREA_YEAR_DTYPE)
    for number, part in enumerate(parts):
        assert part.areas is not None
        areas[:, :, which == number] = part.areas[:, :, which == number]
    nation = np.empty(shape, NATIONAL_DTYPE)
    for name in NATIONAL_DTYPE.names or ():
        nation[name] = areas[name].sum(axis=2) if name in SUMS else np.nan
    return YearlyRecords(nation, areas, max(part.imbalance for part in parts))
