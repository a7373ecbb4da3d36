"""Which boards have merged by a day, where boards lie on the map, and which of them pass the filters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dashboards.selection.map_selection import THIRDS
from simulator.boards.merged_boards import load_published_mergers
from simulator.boards.table import Boards
from simulator.common.formatting import join_words
from simulator.declarations.calendar import FIRST_YEAR, QUARTERS
from simulator.scenarios.scenario import Scenario

MONTHS = ("April", "July", "October", "January")
GRID_COLUMNS = 8


@dataclass(frozen=True)
class MergedBoards:
    """Boards as they stand on a day, merged or not.

    `board_of` (areas,) numbers each area's board, `members` are the areas of each board.
    """

    board_of: NDArray[np.int64]
    members: tuple[tuple[int, ...], ...]
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.members)

    def list_partners(self, area: int) -> tuple[int, ...]:
        """The other areas of an area's board."""
        return tuple(i for i in self.members[self.board_of[area]] if i != area)


def merge_boards(boards: Boards, quarter: int, scenario: Scenario | None) -> MergedBoards:
    """The boards of a quarter: those that have merged by then act as one, unless the scenario calls mergers off."""
    areas = boards.areas
    mergers_on = scenario is None or float(scenario.lever("reorganise")[quarter]) > 0.0
    heads = [int(areas["head"][i]) if mergers_on and areas["merge_q"][i] <= quarter else i for i in range(len(boards))]
    order = {head: board for board, head in enumerate(dict.fromkeys(heads))}
    board_of = np.array([order[head] for head in heads], np.int64)
    members = tuple(tuple(np.flatnonzero(board_of == board).tolist()) for board in range(len(order)))
    return MergedBoards(board_of, members, tuple(_name_board(boards, areas) for areas in members))


def _name_board(boards: Boards, areas: tuple[int, ...]) -> str:
    """A board by its short name; one that has merged by what its table calls it, spelled out."""
    if len(areas) == 1 or not boards.footprints[areas[0]]:
        return boards.short_names[areas[0]]
    return spell_out(boards, boards.footprints[areas[0]])


def spell_out(boards: Boards, footprint: str) -> str:
    """A merged board's name; where none is published yet, and its areas stand under a code, the names of these."""
    known = load_published_mergers().get(footprint)
    if known is None or known.name:
        return footprint
    return join_words([boards.short_names[i] for i, own in enumerate(boards.footprints) if own == footprint])


def list_map_days(boards: Boards) -> dict[str, int]:
    """The days on which the map changes, by name: before any merger, and from each on which boards merge."""
    merging = sorted({int(q) for q in boards.areas["merge_q"] if 0 <= q < QUARTERS})
    if not merging:
        return {"No mergers": 0}
    before = {f"Before {name_day(merging[0])}": 0} if merging[0] > 0 else {}
    return before | {f"From {name_day(q)}": q for q in merging}


def find_map_day(boards: Boards, quarter: int) -> int:
    """The last of the days on which the map changes, up to a quarter."""
    known = list(list_map_days(boards).values())
    return max((q for q in known if q <= quarter), default=known[0])


def name_day(quarter: int) -> str:
    """The first day of a quarter, roughly: April 2026."""
    year = FIRST_YEAR + quarter // 4 + (quarter % 4 == 3)
    return f"{MONTHS[quarter % 4]} {year}"


def place_tiles(boards: Boards) -> tuple[tuple[int, int], ...]:
    """(column, row) of each board from 0: its own, or in rows by region and footprint where one has none."""
    own_tiles = [tile for tile in boards.tiles if tile is not None]
    if len(set(own_tiles)) == len(boards):
        left, top = min(c for c, _ in own_tiles), min(r for _, r in own_tiles)
        return tuple((c - left, r - top) for c, r in own_tiles)
    heads = boards.areas["head"]
    order = sorted(range(len(boards)), key=lambda i: (boards.regions[i], int(heads[i]), i))
    tiles = {area: (k % GRID_COLUMNS, k // GRID_COLUMNS) for k, area in enumerate(order)}
    return tuple(tiles[i] for i in range(len(boards)))


@dataclass(frozen=True)
class BoardFilter:
    """Which boards are shown. Empty text lets everything through; `third` is -1 for all."""

    region: str = ""
    footprint: str = ""
    third: int = -1

    def list_areas(self, boards: Boards) -> list[int]:
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
    def description(self) -> str:
        """In words, for a title; empty where all are shown."""
        phrases = [self.region, THIRDS[self.third].lower() if self.third >= 0 else "", self.footprint]
        return ", ".join(part for part in phrases if part)
