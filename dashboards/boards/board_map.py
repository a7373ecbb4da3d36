"""What the Boards page shows of an answer: averages by board, tiles and table rows."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from dashboards.boards.board_sums import BoardSums
from dashboards.boards.board_widgets import find_joined_sides
from dashboards.boards.merged_boards import THIRDS, BoardFilter, MergedBoards, find_map_day, merge_boards, place_tiles
from dashboards.computing.answer_view import AnswerView
from dashboards.selection.map_selection import MapSelection
from dashboards.selection.selection import LETTERS
from simulator.boards.table import Boards
from simulator.charts.colour_scale import ColourScale, make_difference_scale, make_level_scale, pick_ink
from simulator.charts.tile_map import Tile, draw_tile_map
from simulator.common.formatting import choose_figures, format_number, join_words

Floats = NDArray[np.float64]
SMALLEST = 0.005
"""What is less than a penny in £100, when rounded, is shown as nothing."""

CLEAR = 3.0
"""Standard errors from nothing that a difference must have: some of 42 boards lie two away by chance alone."""
SORTS = ("As in the table of boards", "Name", "Region", "Deprivation", "Fund", "What the map shows")


@dataclass(frozen=True, eq=False)
class BoardMap:
    """Sums of every scenario in the same futures, and where somebody looks. Shares are £ in each £100."""

    view: AnswerView
    boards: Boards
    sums: tuple[BoardSums, ...]
    map_selection: MapSelection
    filters: BoardFilter

    @property
    def at(self) -> MapSelection:
        """The place with scenarios that are there."""
        return self.map_selection.within(len(self.sums))

    @cached_property
    def bodies(self) -> MergedBoards:
        """Boards as they stand on the day of the map, under the scenario that is shown."""
        scenario = self.view.scenarios[self.at.shown]
        return merge_boards(self.boards, find_map_day(self.boards, self.map_selection.quarter), scenario)

    @cached_property
    def kept(self) -> list[int]:
        """The areas that pass the filters."""
        return self.filters.keep(self.boards)

    def shares(self, slot: int) -> Floats:
        """£ in each £100 under a scenario, (futures, bodies)."""
        return 100 * self.sums[slot].shares(self.view.outcome, self.bodies.of)

    @cached_property
    def levels(self) -> list[Floats]:
        """Averages over futures under each scenario, (bodies,): worked out once for all rows of the table."""
        return [np.asarray(np.nanmean(self.shares(slot), axis=0)) for slot in range(len(self.sums))]

    @cached_property
    def values(self) -> Floats:
        """What the map shows, (futures, bodies): the chosen scenario, less the other one where there is one."""
        shown = self.shares(self.at.shown)
        return shown if self.at.against < 0 else shown - self.shares(self.at.against)

    @cached_property
    def means(self) -> Floats:
        """Averages over futures, (bodies,)."""
        return np.asarray(np.nanmean(self.values, axis=0))

    @cached_property
    def errors(self) -> Floats:
        """Standard errors of these averages."""
        n = np.maximum(1, np.isfinite(self.values).sum(axis=0))
        return np.asarray(np.nanstd(self.values, axis=0) / np.sqrt(n))

    @property
    def signed(self) -> bool:
        """Whether differences are shown."""
        return self.at.against >= 0

    @cached_property
    def shades(self) -> ColourScale:
        """One scale for all scenarios and filters, so that colours can be compared from one map to the next."""
        if self.signed:
            return make_difference_scale([float(x) for x in self.means])
        return make_level_scale([float(x) for level in self.levels for x in level])

    @property
    def looked_at(self) -> list[int]:
        """The bodies of the areas that pass the filters, each once."""
        return list(dict.fromkeys(int(self.bodies.of[i]) for i in self.kept))

    def name(self, slot: int) -> str:
        """A scenario as it is called in a sentence."""
        return f"{LETTERS[slot]} “{self.view.runs[slot].manifest.title}”"

    # The map.

    def told(self, area: int) -> str:
        """An area in words: name, whom it stands with, and what the map shows of it."""
        mates = [self.boards.short_names[i] for i in self.bodies.mates(area)]
        body = self.bodies.names[self.bodies.of[area]]
        joined = f", in {body} with {join_words(mates)}" if mates else ""
        return f"{self.boards.short_names[area]}{joined}: {self.words(self.bodies.of[area])}"

    def words(self, body: int) -> str:
        """What the map shows of a body."""
        x = float(self.means[body])
        if x != x:
            return "no fund"
        if self.signed:
            more = "more" if x > 0 else "less"
            than = f"under {LETTERS[self.at.shown]} than under {LETTERS[self.at.against]}"
            return f"{self.short(abs(x)).lstrip('+')} {more} in each £100 {than}"
        return f"{self.short(x)} in each £100"

    def short(self, x: float) -> str:
        """A value on a tile: two figures, or more where these would put it among those of another colour."""
        if x != x:
            return "–"
        size = abs(x) if abs(x) >= SMALLEST else 0.0
        same = (
            n
            for n in range(2, 6)
            if self.shades.class_of(math.copysign(float(f"{size:.{n}g}"), x)) == self.shades.class_of(x)
        )
        amount = f"£{format_number(size, next(same, 2))}"
        return amount if not self.signed or amount == "£0" else f"{'−' if x < 0 else '+'}{amount}"

    def tiles(self) -> list[dict[str, object]]:
        """What the tile map shows."""
        spots, found = place_tiles(self.boards), []
        for i, (col, row) in enumerate(spots):
            body, mates = int(self.bodies.of[i]), self.bodies.mates(i)
            fill = self.shades.fill(float(self.means[body]))
            found.append(
                {
                    "code": self.boards.codes[i],
                    "abbr": self.boards.abbrevs[i],
                    "label": self.told(i),
                    "col": col,
                    "value": self.short(float(self.means[body])),
                    "row": row,
                    "fill": fill,
                    "ink": pick_ink(fill),
                    "joins": find_joined_sides((col, row), {spots[mate] for mate in mates}),
                    "body": bool(mates),
                    "off": i not in self.kept,
                }
            )
        return found

    def picture(self, title: str) -> Markup:
        """The tile map as a picture to take away."""
        tiles = [self._tile(area, place) for area, place in enumerate(place_tiles(self.boards))]
        return draw_tile_map(title, "Average over futures, £ in each £100, by board.", tiles, self.shades)

    def _tile(self, area: int, place: tuple[int, int]) -> Tile:
        value, mates = float(self.means[self.bodies.of[area]]), self.bodies.mates(area)
        spots = place_tiles(self.boards)
        return Tile(
            *place,
            self.boards.abbrevs[area],
            self.short(value),
            self.shades.fill(value),
            find_joined_sides(place, {spots[mate] for mate in mates}),
            bool(mates),
            area not in self.kept,
        )

    # The table.

    @property
    def head(self) -> tuple[str, ...]:
        """The table's columns."""
        each = [f"{LETTERS[slot]}, £ in each £100" for slot in range(len(self.sums))]
        more = [f"{LETTERS[self.at.shown]} less {LETTERS[self.at.against]}"] if self.signed else []
        return ("Board", "Region", "Deprivation", "Made of", "Fund, £m", *each, *more, "80% range")

    def rows(self, sort: str = SORTS[0], falling: bool = False) -> list[list[str]]:
        """The table's rows: code, then a cell a column; a row for each body that the title counts.

        A body of several boards has the code of the first of them that passes the filters.
        """
        keys: dict[str, Callable[[int], str | float]] = {
            SORTS[1]: lambda body: self.bodies.names[body].casefold(),
            SORTS[2]: self._regions,
            SORTS[3]: lambda body: float(np.mean([self.boards.thirds()[i] for i in self.bodies.members[body]])),
            SORTS[4]: self._fund,
            SORTS[5]: lambda body: float(self.means[body]),
        }
        order = list(self.looked_at)
        if sort in keys:
            order.sort(key=keys[sort])
        return [self._row(body) for body in (order[::-1] if falling else order)]

    def code(self, body: int) -> str:
        """The code that a body has in the table."""
        return self.boards.codes[next(i for i in self.kept if self.bodies.of[i] == body)]

    def row_of(self, code: str) -> str:
        """The code that the table has for the body of a board; "" where it is not in the table."""
        body = int(self.bodies.of[self.boards.codes.index(code)]) if code in self.boards.codes else -1
        return self.code(body) if body in self.looked_at else ""

    def _regions(self, body: int) -> str:
        return join_words(list(dict.fromkeys(self.boards.regions[i] for i in self.bodies.members[body])))

    def _fund(self, body: int) -> float:
        return float(sum(self.boards.areas["alloc"][i] for i in self.bodies.members[body]))

    def _row(self, body: int) -> list[str]:
        members = self.bodies.members[body]
        each = [float(level[body]) for level in self.levels]
        needed = choose_figures([(each[self.at.shown], each[self.at.against])] if self.signed else [])
        low, high = (float(x) for x in np.nanquantile(self.values[:, body], (0.1, 0.9)))
        thirds = dict.fromkeys(THIRDS[int(self.boards.thirds()[i])].removesuffix(" third") for i in members)
        made_of = join_words([self.boards.short_names[i] for i in members]) if len(members) > 1 else "–"
        return [
            self.code(body),
            self.bodies.names[body],
            self._regions(body),
            join_words(list(thirds)),
            made_of,
            f"{self._fund(body):.2f}",
            *(f"£{format_number(x, needed)}" for x in each),
            *([self.short(float(self.means[body]))] if self.signed else []),
            f"{self.short(low)} to {self.short(high)}",
        ]
