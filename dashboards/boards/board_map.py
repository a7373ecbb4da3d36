"""What the Boards page shows of an answer: averages by board, tiles and table rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dashboards.boards.bodies import THIRDS, Bodies, Filters, bodies, nearest_day, places
from dashboards.boards.by_board import Sums
from dashboards.boards.shades import Shades, differences, ink, levels
from dashboards.boards.tilemap import joins
from dashboards.choice import LETTERS
from dashboards.place import Place
from dashboards.reading import Reading
from simulator.boards import Boards
from simulator.words import listed, significant

Floats = NDArray[np.float64]
CLEAR = 3.0
"""Standard errors from nothing that a difference must have: some of 42 boards lie two away by chance alone."""
SORTS = ("As in the table of boards", "Name", "Region", "Deprivation", "Fund", "What the map shows")


@dataclass(frozen=True, eq=False)
class BoardMap:
    """Sums of every scenario in the same futures, and where somebody looks. Shares are £ in each £100."""

    read: Reading
    boards: Boards
    sums: tuple[Sums, ...]
    place: Place
    filters: Filters

    @property
    def at(self) -> Place:
        """The place with scenarios that are there."""
        return self.place.within(len(self.sums))

    @cached_property
    def bodies(self) -> Bodies:
        """Boards as they stand on the day of the map, under the scenario that is shown."""
        scenario = self.read.scenarios[self.at.shown]
        return bodies(self.boards, nearest_day(self.boards, self.place.quarter), scenario)

    @cached_property
    def kept(self) -> list[int]:
        """The areas that pass the filters."""
        return self.filters.keep(self.boards)

    def shares(self, slot: int) -> Floats:
        """£ in each £100 under a scenario, (futures, bodies)."""
        return 100 * self.sums[slot].shares(self.read.outcome, self.bodies.of)

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
    def shades(self) -> Shades:
        """One scale for all scenarios and filters, so that colours can be compared from one map to the next."""
        if self.signed:
            return differences([float(x) for x in self.means])
        return levels([float(x) for slot in range(len(self.sums)) for x in np.nanmean(self.shares(slot), axis=0)])

    @property
    def looked_at(self) -> list[int]:
        """The bodies of the areas that pass the filters, each once."""
        return list(dict.fromkeys(int(self.bodies.of[i]) for i in self.kept))

    def name(self, slot: int) -> str:
        """A scenario as it is called in a sentence."""
        return f"{LETTERS[slot]} “{self.read.runs[slot].manifest.title}”"

    # The map.

    def told(self, area: int) -> str:
        """An area in words: name, whom it stands with, and what the map shows of it."""
        mates = [self.boards.short_names[i] for i in self.bodies.mates(area)]
        body = self.bodies.names[self.bodies.of[area]]
        joined = f", in {body} with {listed(mates)}" if mates else ""
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
        return f"£{significant(x)} in each £100"

    def short(self, x: float) -> str:
        """A value on a tile."""
        if x != x:
            return "–"
        amount = f"£{significant(round(abs(x), 2))}"
        return amount if not self.signed or amount == "£0" else f"{'−' if x < 0 else '+'}{amount}"

    def tiles(self) -> list[dict[str, object]]:
        """What the tile map shows."""
        spots, found = places(self.boards), []
        for i, (col, row) in enumerate(spots):
            body, mates = int(self.bodies.of[i]), self.bodies.mates(i)
            fill = self.shades.fill(float(self.means[body]))
            found.append({
                "code": self.boards.codes[i], "abbr": self.boards.abbrevs[i], "label": self.told(i), "col": col,
                "value": self.short(float(self.means[body])), "row": row, "fill": fill, "ink": ink(fill),
                "joins": joins((col, row), {spots[mate] for mate in mates}), "body": bool(mates),
                "off": i not in self.kept,
            })  # fmt: skip
        return found

    # The table.

    @property
    def head(self) -> tuple[str, ...]:
        """The table's columns."""
        each = [f"{LETTERS[slot]}, £ in each £100" for slot in range(len(self.sums))]
        more = [f"{LETTERS[self.at.shown]} less {LETTERS[self.at.against]}"] if self.signed else []
        return ("Board", "Region", "Deprivation", "Stands with", "Fund, £m", *each, *more, "Likely range (80%)")

    def rows(self, sort: str = SORTS[0], falling: bool = False) -> list[list[str]]:
        """The table's rows: code, then a cell a column; areas that pass the filters."""
        keys: dict[str, list[object]] = {
            SORTS[1]: [name.casefold() for name in self.boards.short_names], SORTS[2]: list(self.boards.regions),
            SORTS[3]: [int(third) for third in self.boards.thirds()],
            SORTS[4]: [float(x) for x in self.boards.areas["alloc"]],
            SORTS[5]: [float(self.means[body]) for body in self.bodies.of],
        }  # fmt: skip
        order = list(self.kept)
        if sort in keys:
            order.sort(key=lambda i: keys[sort][i])  # type: ignore[arg-type, return-value]
        return [self._row(i) for i in (order[::-1] if falling else order)]

    def _row(self, i: int) -> list[str]:
        body = int(self.bodies.of[i])
        each = [float(np.nanmean(self.shares(slot)[:, body])) for slot in range(len(self.sums))]
        low, high = (float(x) for x in np.nanquantile(self.values[:, body], (0.1, 0.9)))
        mates = listed([self.boards.short_names[m] for m in self.bodies.mates(i)]) or "–"
        return [
            self.boards.codes[i], self.boards.short_names[i], self.boards.regions[i],
            THIRDS[int(self.boards.thirds()[i])].removesuffix(" third"), mates, f"{self.boards.areas['alloc'][i]:.2f}",
            *(f"£{significant(x)}" for x in each), *([self.short(float(self.means[body]))] if self.signed else []),
            f"{self.short(low)} to {self.short(high)}",
        ]  # fmt: skip
