"""What the Boards page shows of an answer: averages by board, as tiles and as rows of a table."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypedDict

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from dashboards.boards.board_widgets import find_joined_sides
from dashboards.boards.merged_boards import BoardFilter, MergedBoards, find_map_day, merge_boards, place_tiles
from dashboards.computing.answer_view import AnswerView
from dashboards.computing.shared_rendering import share_rendering
from dashboards.selection.map_selection import THIRDS, MapSelection
from simulator.boards.table import Boards
from simulator.charts.colour_scale import ColourScale, make_difference_scale, make_level_scale, pick_ink
from simulator.charts.tile_map import Tile, draw_tile_map
from simulator.common.arrays import Floats
from simulator.common.bounded_cache import BoundedCache
from simulator.common.formatting import (
    choose_list_decimals,
    format_amount,
    format_signed_amount,
    join_words,
    subtract_as_shown,
)
from simulator.experiments.core.clustered_errors import standard_error
from simulator.runs.board_sums import BoardSums

"""What is less than a penny in £100, when rounded, is shown as nothing."""

CLEAR = 3.0
"""Standard errors from nothing that a difference must have: some of 42 boards lie two away by chance alone."""
MAPS_BYTES = 24_000_000
SORTS = ("As in the table of boards", "Name", "Region", "Deprivation", "Fund", "What the map shows")


class TileDocument(TypedDict):
    """A tile as the page draws it: where it is, what it says, its colours, the sides on which it joins a partner."""

    code: str
    abbr: str
    label: str
    col: int
    value: str
    row: int
    fill: str
    ink: str
    joins: list[str]
    body: bool
    off: bool


@dataclass(frozen=True, eq=False)
class BoardMap:
    """Sums of every scenario in the same futures, and what is chosen on the map. Shares are £ in each £100.

    A board here is a board as it stands on the day of the map: several areas where boards have merged.
    """

    view: AnswerView
    boards: Boards
    sums: tuple[BoardSums, ...]
    map_selection: MapSelection
    filters: BoardFilter

    @cached_property
    def rendered(self) -> dict[Hashable, object]:
        """What the page made of it, for all visitors (`share_rendering`)."""
        return {}

    @property
    def selection(self) -> MapSelection:
        """What is chosen, with the places of scenarios that exist."""
        return self.map_selection.limit_to(self.view.letters[: len(self.sums)])

    @property
    def map_day(self) -> int:
        """The quarter (index) whose boards the map shows."""
        return find_map_day(self.boards, self.map_selection.quarter)

    @cached_property
    def merged(self) -> MergedBoards:
        """Boards as they stand on the day of the map, under the scenario that is shown."""
        scenario = self.view.scenarios[self.selection.shown]
        return merge_boards(self.boards, self.map_day, scenario)

    @cached_property
    def visible_areas(self) -> list[int]:
        """The areas that pass the filters."""
        return self.filters.list_areas(self.boards)

    def compute_shares(self, slot: int) -> Floats:
        """£ in each £100 under a scenario, (futures, boards)."""
        return 100 * self.sums[slot].compute_shares(self.view.outcome, self.merged.board_of)

    @cached_property
    def levels(self) -> list[Floats]:
        """Averages over futures under each scenario, (boards,): worked out once for all rows of the table."""
        return [np.asarray(np.nanmean(self.compute_shares(slot), axis=0)) for slot in range(len(self.sums))]

    @cached_property
    def values(self) -> Floats:
        """What the map shows, (futures, boards): the chosen scenario, less the other one where there is one."""
        shares = self.compute_shares(self.selection.shown)
        return shares if self.selection.against < 0 else shares - self.compute_shares(self.selection.against)

    @cached_property
    def means(self) -> Floats:
        """Averages over futures, (boards,)."""
        return np.asarray(np.nanmean(self.values, axis=0))

    @property
    def sets(self) -> NDArray[np.int64] | None:
        """Which futures share their parameters, (futures,), or None where that is not known."""
        sets = self.view.baseline.sets
        return None if sets is None else sets[: len(self.values)]

    @cached_property
    def errors(self) -> Floats:
        """Standard errors of these averages; futures of one parameter set count together."""
        errors = []
        for column in self.values.T:
            known = np.isfinite(column)
            errors.append(standard_error(column[known], None if self.sets is None else self.sets[known]))
        return np.asarray(errors)

    @property
    def sign_assumed(self) -> bool:
        """Whether the sign of the difference that is shown is assumed: all that differs can only help, or only harm."""
        chosen = {self.selection.shown, self.selection.against}
        return any({new, old} == chosen and c.sign_assumed for new, old, c in self.view.pairs)

    @property
    def signed(self) -> bool:
        """Whether differences are shown."""
        return self.selection.against >= 0

    @cached_property
    def colours(self) -> ColourScale:
        """One scale for all scenarios and filters, so that colours can be compared from one map to the next."""
        if self.signed:
            return make_difference_scale([float(x) for x in (*self.means, *self.amounts)])
        return make_level_scale([float(x) for level in self.levels for x in level])

    @property
    def visible_boards(self) -> list[int]:
        """The boards of the areas that pass the filters, each once."""
        return list(dict.fromkeys(int(self.merged.board_of[i]) for i in self.visible_areas))

    def name_scenario(self, slot: int) -> str:
        """A scenario as it is called in a sentence."""
        return f"{self.view.letters[slot]} “{self.view.runs[slot].manifest.title}”"

    # The map.

    def describe_area(self, area: int) -> str:
        """An area in words: its name, the boards it has merged with, and its value on the map."""
        partners = [self.boards.short_names[i] for i in self.merged.list_partners(area)]
        board = self.merged.names[self.merged.board_of[area]]
        others = [partner for partner in partners if partner not in board]  # the rest are in the board's name
        joined = f", in {board}" + (f" with {join_words(others)}" if others else "") if partners else ""
        return f"{self.boards.short_names[area]}{joined}: {self.describe_value(self.merged.board_of[area])}"

    def describe_value(self, board: int) -> str:
        """A board's value on the map, in words."""
        x = float(self.amounts[board])
        if x != x:
            return "no fund"
        if self.signed:
            more = "more" if x > 0 else "less"
            letters = self.view.letters
            than = f"under {letters[self.selection.shown]} than under {letters[self.selection.against]}"
            return f"{format_amount(abs(x), self.decimals)} {more} in each £100 {than}"
        return f"{self.format_value(x)} in each £100"

    def format_value(self, x: float) -> str:
        """A value on a tile, with as many decimals as every other tile has."""
        if x != x:
            return "–"
        return format_signed_amount(x, self.decimals) if self.signed else format_amount(x, self.decimals)

    def _format_end(self, x: float) -> str:
        """An end of the range of a level, in whole pounds beside averages in pounds."""
        return format_amount(x, self.decimals if self.decimals > 1 else 0)

    @cached_property
    def amounts(self) -> Floats:
        """What the map says of each board, (boards,): its average, or the difference of two as the table shows them."""
        if not self.signed:
            return self.means
        new, old = (self.levels[slot] for slot in (self.selection.shown, self.selection.against))
        return np.asarray([subtract_as_shown(float(a), float(b), self.decimals) for a, b in zip(new, old, strict=True)])

    @cached_property
    def decimals(self) -> int:
        """How many decimals every value of the map has."""
        return choose_list_decimals(float(x) for x in self.means)

    def find_fill(self, x: float) -> str:
        """The colour of a value as it is shown: tiles that show the same amount look the same."""
        return self.colours.fill(float(f"{x:.{self.decimals}f}"))

    @share_rendering
    def make_tiles(self) -> list[TileDocument]:
        """What the tile map shows."""
        places = place_tiles(self.boards)
        tiles: list[TileDocument] = []
        for i, (col, row) in enumerate(places):
            board, partners = int(self.merged.board_of[i]), self.merged.list_partners(i)
            fill = self.find_fill(float(self.amounts[board]))
            tiles.append(
                {
                    "code": self.boards.codes[i],
                    "abbr": self.boards.abbrevs[i],
                    "label": self.describe_area(i),
                    "col": col,
                    "value": self.format_value(float(self.amounts[board])),
                    "row": row,
                    "fill": fill,
                    "ink": pick_ink(fill),
                    "joins": find_joined_sides((col, row), {places[partner] for partner in partners}),
                    "body": bool(partners),
                    "off": i not in self.visible_areas,
                }
            )
        return tiles

    def draw_picture(self, title: str) -> Markup:
        """The tile map as a picture to take away."""
        tiles = [self._make_tile(area, place) for area, place in enumerate(place_tiles(self.boards))]
        return draw_tile_map(title, "Average over futures, £ in each £100, by board.", tiles, self.colours)

    def _make_tile(self, area: int, place: tuple[int, int]) -> Tile:
        value, partners = float(self.amounts[self.merged.board_of[area]]), self.merged.list_partners(area)
        places = place_tiles(self.boards)
        return Tile(
            *place,
            self.boards.abbrevs[area],
            self.format_value(value),
            self.find_fill(value),
            find_joined_sides(place, {places[partner] for partner in partners}),
            bool(partners),
            area not in self.visible_areas,
        )

    # The table.

    @property
    def head(self) -> tuple[str, ...]:
        """The table's columns."""
        letters = self.view.letters
        each = [f"{letters[slot]}, £ in each £100" for slot in range(len(self.sums))]
        shown, against = letters[self.selection.shown], letters[self.selection.against]
        difference = [f"{shown} compared with {against}"] if self.signed else []
        return (
            "Board",
            "Region",
            "Deprivation",
            "Made of",
            "Fund in 2022/23, £m",
            *each,
            *difference,
            "8 in 10 results",
        )

    @share_rendering
    def make_rows(self, sort: str = SORTS[0], falling: bool = False) -> list[list[str]]:
        """The table's rows: code, then a cell a column; a row for each board that the title counts.

        A merged board has the code of the first of its areas that passes the filters.
        """
        keys: dict[str, Callable[[int], str | float]] = {
            SORTS[1]: lambda board: self.merged.names[board].casefold(),
            SORTS[2]: self._list_regions,
            SORTS[3]: lambda board: float(np.mean([self.boards.thirds()[i] for i in self.merged.members[board]])),
            SORTS[4]: self._sum_fund,
            SORTS[5]: lambda board: float(self.means[board]),
        }
        order = list(self.visible_boards)
        if sort in keys:
            order.sort(key=keys[sort])
        return [self._make_row(board) for board in (order[::-1] if falling else order)]

    def find_code(self, board: int) -> str:
        """A board's code in the table."""
        return self.boards.codes[next(i for i in self.visible_areas if self.merged.board_of[i] == board)]

    def find_row_code(self, code: str) -> str:
        """The table's code for the board that an area belongs to; "" where it is not in the table."""
        board = int(self.merged.board_of[self.boards.codes.index(code)]) if code in self.boards.codes else -1
        return self.find_code(board) if board in self.visible_boards else ""

    def _list_regions(self, board: int) -> str:
        return join_words(list(dict.fromkeys(self.boards.regions[i] for i in self.merged.members[board])))

    def _sum_fund(self, board: int) -> float:
        return float(sum(self.boards.areas["alloc"][i] for i in self.merged.members[board]))

    def _make_row(self, board: int) -> list[str]:
        members = self.merged.members[board]
        each = [float(level[board]) for level in self.levels]
        low, high = (float(x) for x in np.nanquantile(self.values[:, board], (0.1, 0.9)))
        thirds = dict.fromkeys(THIRDS[int(self.boards.thirds()[i])].removesuffix(" third") for i in members)
        made_of = join_words([self.boards.short_names[i] for i in members]) if len(members) > 1 else "–"
        return [
            self.find_code(board),
            self.merged.names[board],
            self._list_regions(board),
            join_words(list(thirds)),
            made_of,
            f"{self._sum_fund(board):.2f}",
            *(format_amount(x, self.decimals) for x in each),
            *([self.format_value(float(self.amounts[board]))] if self.signed else []),
            " to ".join(map(self.format_value if self.signed else self._format_end, (low, high))),
        ]


def get_shared_map(
    view: AnswerView, boards: Boards, sums: tuple[BoardSums, ...], map_selection: MapSelection, filters: BoardFilter
) -> BoardMap:
    """A map of the 42 boards under the fit that ships, the same for all visitors who see the same."""
    key = (id(view), map_selection, filters)  # a map holds its view: no other has that id meanwhile
    known = _get_shared_maps().get(key)
    if known is None:
        known = BoardMap(view, boards, sums, map_selection, filters)
        _get_shared_maps().put(key, known)
    return known


@lru_cache(maxsize=1)
def _get_shared_maps() -> BoundedCache[Hashable, BoardMap]:
    """The maps that are kept, by the futures of each board that they hold."""
    return BoundedCache(MAPS_BYTES, lambda board_map: 16 * len(board_map.view.baseline) * len(board_map.boards))
