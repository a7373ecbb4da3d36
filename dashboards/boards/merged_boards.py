"""Which boards stand together on a day, where they lie on the map, and which of them are looked at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.boards.table import Boards
from simulator.declarations.calendar import FIRST_YEAR, QUARTERS
from simulator.scenarios.scenario import Scenario

THIRDS = ("Least deprived third", "Middle third", "Most deprived third")
MONTHS = ("April", "July", "October", "January")
GRID_COLUMNS = 8


@dataclass(frozen=True)
class MergedBoards:
    """Boards as they stand on a day: `of` (areas,) numbers each area's body, `members` are the areas of each body."""

    of: NDArray[np.int64]
    members: tuple[tuple[int, ...], ...]
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.members)

    def mates(self, area: int) -> tuple[int, ...]:
        """The other areas of an area's body."""
        return tuple(i for i in self.members[self.of[area]] if i != area)


def merge_boards(boards: Boards, quarter: int, scenario: Scenario | None) -> MergedBoards:
    """The bodies of a quarter: boards that have merged by then act as one, unless the scenario calls mergers off."""
    areas = boards.areas
    goes_on = scenario is None or float(scenario.lever("reorganise")[quarter]) > 0.0
    heads = [int(areas["head"][i]) if goes_on and areas["merge_q"][i] <= quarter else i for i in range(len(boards))]
    order = {head: at for at, head in enumerate(dict.fromkeys(heads))}
    of = np.array([order[head] for head in heads], np.int64)
    members = tuple(tuple(np.flatnonzero(of == at).tolist()) for at in range(len(order)))
    names = tuple(
        boards.short_names[m[0]] if len(m) == 1 else boards.footprints[m[0]] or boards.short_names[m[0]]
        for m in members
    )
    return MergedBoards(of, members, names)


def list_map_days(boards: Boards) -> dict[str, int]:
    """The days on which the map changes, by name: before any merger, and from each on which boards merge."""
    merging = sorted({int(q) for q in boards.areas["merge_q"] if 0 <= q < QUARTERS})
    if not merging:
        return {"No mergers": 0}
    found = {f"Before {name_day(merging[0])}": 0} if merging[0] > 0 else {}
    return found | {f"From {name_day(q)}": q for q in merging}


def find_map_day(boards: Boards, quarter: int) -> int:
    """The last of the days on which the map changes, up to a quarter."""
    known = list(list_map_days(boards).values())
    return max((q for q in known if q <= quarter), default=known[0])


def name_day(quarter: int) -> str:
    """The first day of a quarter, roughly: April 2026."""
    year = FIRST_YEAR + quarter // 4 + (quarter % 4 == 3)
    return f"{MONTHS[quarter % 4]} {year}"


def place_tiles(boards: Boards) -> tuple[tuple[int, int], ...]:
    """(column, row) of each board from 0: its own, or in rows by region and footprint where a place is missing."""
    given = [tile for tile in boards.tiles if tile is not None]
    if len(set(given)) == len(boards):
        left, top = min(c for c, _ in given), min(r for _, r in given)
        return tuple((c - left, r - top) for c, r in given)
    heads = boards.areas["head"]
    order = sorted(range(len(boards)), key=lambda i: (boards.regions[i], int(heads[i]), i))
    found = {area: (at % GRID_COLUMNS, at // GRID_COLUMNS) for at, area in enumerate(order)}
    return tuple(found[i] for i in range(len(boards)))


@dataclass(frozen=True)
class BoardFilter:
    """What is looked at; an empty word lets everything through, `third` is -1 for all."""

    region: str = ""
    footprint: str = ""
    third: int = -1

    def keep(self, boards: Boards) -> list[int]:
        """The areas that pass."""
        thirds = boards.thirds()
        return [
            i
            for i in range(len(boards))
            if self.region in ("", boards.regions[i])
            and self.third in (-1, int(thirds[i]))
            and self.footprint in ("", boards.footprints[i])
        ]

    @property
    def said(self) -> str:
        """In words, for a title; empty where all are shown."""
        parts = [self.region, THIRDS[self.third].lower() if self.third >= 0 else "", self.footprint]
        return ", ".join(part for part in parts if part)
