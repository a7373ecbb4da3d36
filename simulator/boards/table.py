"""The boards and their facts: the 42 integrated care boards, a user's own table, or identical bodies for tests.

The model's drivers read one record per area (`AREA_DTYPE`); everything else here is for people: names,
looking a board up, tables and maps.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from simulator.boards.csv_reader import BoardsError, Problem, Row, Table, parse_table, read_table
from simulator.boards.merged_boards import MergedBoard, describe_merged_board, find_merged_boards, fold_name
from simulator.boards.remarks import collect_remarks as table_remarks
from simulator.common.characters import make_visible, normalise_text
from simulator.common.errors import InputError, UnknownNameError
from simulator.common.html import NOTHING, make_bullets, make_table
from simulator.common.near_names import find_nearest
from simulator.common.paths import expand_path
from simulator.common.pinned_names import check_pin, format_file_argument, naming_fingerprint, pin_name, split_pin
from simulator.common.representation import short_repr
from simulator.common.user_warnings import warn_caller
from simulator.declarations.calendar import NEVER, quarter_name, quarter_of
from simulator.engine.records import AREA_DTYPE

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["AREA_DTYPE", "Boards", "BoardsError", "Problem", "make_equal_bodies", "parse_boards", "read_boards"]

REAL_BOARDS = "the 42 integrated care boards"
_SEED = 2007
MOST_NAMED, FEWEST_LETTERS = 5, 4
"""How many boards a message names, and from how many letters on."""


@short_repr
@dataclass(frozen=True)
class Boards:
    """A fixed set of areas in order of region, and of code within a region, whatever the order of their file: an
    area's random draws depend on its row, so that shuffled lines give the same bits. Sequences have one entry per area.

    `tiles` are (column, row) places on a tile map, or None; `population` is nan where unknown; `source`
    is the file's name; `reference` is how a command names the file, with the fingerprint, "" where there is none.
    `record` holds the areas' records as bytes, so that nothing can change them. `lines` are the areas' lines in
    their file, and `remarks` say what is odd about it, a sentence each.
    """

    codes: tuple[str, ...]
    names: tuple[str, ...]
    short_names: tuple[str, ...]
    abbrevs: tuple[str, ...]
    regions: tuple[str, ...]
    footprints: tuple[str, ...]
    tiles: tuple[tuple[int, int] | None, ...]
    population: tuple[float, ...] = field(compare=False)  # nan would never equal nan
    source: str = field(compare=False)
    record: bytes = field(repr=False)
    reference: str = field(default="", compare=False)
    lines: tuple[int, ...] = field(default=(), compare=False, repr=False)
    remarks: tuple[str, ...] = field(default=(), compare=False, repr=False)

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def areas(self) -> NDArray[np.void]:
        """A fresh array of AREA_DTYPE, shape (areas,), C order, writeable; changing it changes no Boards."""
        return np.frombuffer(self.record, dtype=AREA_DTYPE).copy()

    @cached_property
    def fingerprint(self) -> str:
        """16 hex characters over the facts: codes, names, regions, footprints, population and records.

        Numbers enter with 12 significant digits, so that it is the same on every platform. Tiles, short
        names and the source do not count.
        """
        words = [self.codes, self.names, self.regions, self.footprints]
        numbers = [[f"{number:.12g}" for number in row] for row in self.areas.tolist()]
        people = [f"{number:.12g}" for number in self.population]
        return hashlib.sha256(json.dumps([words, numbers, people]).encode("ascii")).hexdigest()[:16]

    def position(self, code: str) -> int:
        """Row of a board given its code, abbreviation, short name or name, with NHS and ICB or without.

        For a board that a merger forms, the row of the area that leads it; `about` describes it. Raises
        LookupError, with the nearest spellings, if no board or several boards have the name.
        """
        board = self._find(code)
        return board.row if isinstance(board, MergedBoard) else board

    def about(self, code: str) -> str:
        """Sentences about a board that a merger forms: since when it exists, and what stands for it; empty for others.

        Raises LookupError as `position`.
        """
        board = self._find(code)
        return describe_merged_board(board, self.names, self.codes) if isinstance(board, MergedBoard) else ""

    @cached_property
    def merged(self) -> tuple[MergedBoard, ...]:
        """The boards that mergers form from these areas."""
        areas = self.areas
        return find_merged_boards(self.codes, self.footprints, areas["head"].tolist(), areas["merge_q"].tolist())

    @property
    def as_listed(self) -> list[int]:
        """The rows of the areas in the order of their file."""
        return sorted(range(len(self)), key=lambda row: self.lines[row] if self.lines else row)

    def _find(self, code: str) -> int | MergedBoard:
        exact, loose = normalise_text(code).casefold(), fold_name(code)
        every = (self.codes, self.abbrevs, self.short_names, self.names)
        for wanted, form in ((exact, lambda label: normalise_text(label).casefold()), (loose, fold_name)):
            for labels in every:
                rows = [row for row, label in enumerate(labels) if form(label) == wanted]
                if len(rows) == 1:
                    return rows[0]
                if rows:
                    several = ", ".join(self.codes[r] for r in rows)
                    raise UnknownNameError(f"'{make_visible(code)}' names several boards: {several}")
            for board in self.merged:
                if wanted and any(form(label) == wanted for label in board.labels):
                    return board
        spelt = [label for labels in every for label in labels]
        near = find_nearest(code, [*spelt, *(label for board in self.merged for label in board.labels)], 3)
        held = self._list_holding(loose)
        wish = f"did you mean {' or '.join(near)}?" if near else f"codes are like {self.codes[0]}"
        raise UnknownNameError(f"no board is called '{make_visible(code)}'; {wish if near else held or wish}")

    def _list_holding(self, words: str) -> str:
        """The boards whose name holds these folded words; "" where none does."""
        rows = [row for row, name in enumerate(self.names) if len(words) >= FEWEST_LETTERS and words in fold_name(name)]
        named = ", ".join(f"{self.names[row]} ({self.codes[row]})" for row in rows[:MOST_NAMED])
        more = f" and {len(rows) - MOST_NAMED} more" if len(rows) > MOST_NAMED else ""
        return f"it is part of the name of {named}{more}" if rows else ""

    def thirds(self) -> NDArray[np.int64]:
        """Third of each area by deprivation: 2 the most deprived, 0 the least; ties go by row order."""
        return np.array(self.areas["third"])

    def to_frame(self) -> pd.DataFrame:
        """A table with one line per area: labels, facts and derived facts, quarters by name."""
        import pandas as pd

        areas = self.areas
        return pd.DataFrame(
            {
                "code": self.codes,
                "name": self.names,
                "short_name": self.short_names,
                "abbrev": self.abbrevs,
                "region": self.regions,
                "fund_m": areas["alloc"],
                "weight_m": areas["weight"],
                "target_z": areas["target_z"],
                "core20": areas["core20"],
                "registered_population": self.population,
                "footprint": self.footprints,
                "head": [self.codes[row] for row in areas["head"]],
                "merges": [_name_quarter(q) for q in areas["merge_q"]],
                "leaders_shared": [_name_quarter(q) for q in areas["share_q"]],
            }
        )

    def _repr_html_(self) -> str:
        areas = self.areas
        heads = ("Code", "Name", "Region", "Fund, £m", "Most deprived fifth", "Leading area", "Merges")
        lines = [
            (
                self.codes[i],
                self.names[i],
                self.regions[i],
                f"{areas['alloc'][i]:.3f}",
                f"{areas['core20'][i]:.1%}",
                self.codes[areas["head"][i]],
                _name_quarter(areas["merge_q"][i]),
            )
            for i in self.as_listed
        ]
        caption = f"{self.source}: {len(self)} areas, £{math.fsum(areas['alloc']):,.3f}m"
        odd = Markup("<p>Worth a look:</p>{}").format(make_bullets(self.remarks)) if self.remarks else NOTHING
        return make_table(heads, lines, caption) + odd


def read_boards(path: str | Path | None = None) -> Boards:
    """The 42 integrated care boards of 2022/23, or those of a CSV file (columns: see `csv_reader`).

    A file's name may end with `@` and a fingerprint. Raises BoardsError, which lists every mistake in the file with its
    line, its column and a remedy, and OtherContentError when the file has another fingerprint.
    """
    if path is None:
        return _read_real_boards()
    text, wanted = split_pin(str(path))
    with naming_fingerprint("table of boards", wanted):
        full = expand_path(text)
    try:
        table = _make_boards(read_table(full), full.name)
    except BoardsError as error:
        raise error.with_fingerprint(wanted) from None
    check_pin("table of boards", text, wanted, table.fingerprint)
    words = format_file_argument(text if full == Path(text) else str(full))
    return replace(table, reference=pin_name(words, table.fingerprint) if words else "")


def load_boards(path: str | Path | None = None) -> Boards:
    """Like `read_boards`, with a Python warning for each remark about the table. Raises BoardsError."""
    table = read_boards(path)
    for remark in table.remarks:
        warn_caller(remark)
    return table


def make_equal_bodies(n: int, *, fund_m: float = 1.0) -> Boards:
    """Make `n` bodies that differ only in distance from target, a fixed sample; each has `fund_m`.

    They share one region and never merge. Raises ValueError unless n is 1 to 500 and the fund is finite
    and not negative.
    """
    if not 1 <= n <= 500:
        raise InputError(f"{n} bodies cannot be made; ask for 1 to 500")
    if not (math.isfinite(fund_m) and fund_m >= 0):
        raise InputError(f"a fund of {fund_m} is not possible; give £m, 0 or more")
    areas = np.zeros(n, dtype=AREA_DTYPE)
    areas["alloc"], areas["weight"], areas["core20"] = fund_m, 1.0, 0.2
    areas["target_z"] = _standardise(np.random.default_rng(_SEED).standard_normal(n).tolist())
    areas["head"] = np.arange(n)
    areas["merge_q"] = areas["share_q"] = NEVER
    areas["third"] = _rank_thirds(areas["core20"])
    codes = tuple(f"B{i:03d}" for i in range(1, n + 1))
    names = tuple(f"Body {i}" for i in range(1, n + 1))
    return Boards(
        codes,
        names,
        names,
        codes,
        ("All",) * n,
        ("",) * n,
        (None,) * n,
        (math.nan,) * n,
        f"{n} equal bodies",
        areas.tobytes(),
    )


def parse_boards(data: bytes, source: str) -> Boards:
    """The boards in the bytes of a CSV file; `source` names it in messages. Raises BoardsError."""
    return _make_boards(parse_table(data, source), source)


BoardsOrFile = Boards | str | Path | None
"""Boards as a notebook gives them: see `to_boards`."""


def to_boards(given: BoardsOrFile) -> Boards:
    """The boards for an argument of a notebook function: a table, the name of a CSV file, or None for the 42 boards.

    Raises BoardsError for a file that cannot be used, ValueError for anything else.
    """
    if isinstance(given, Boards):
        return given
    if given is None or isinstance(given, str | Path):
        return load_boards(given)
    kind = type(given).__name__
    raise InputError(f"boards must be a table from load_boards or the name of a CSV file, not a {kind}")


@lru_cache(maxsize=1)
def _read_real_boards() -> Boards:
    file = resources.files("simulator").joinpath("data", "boards.csv")
    return _make_boards(parse_table(file.read_bytes(), "boards.csv"), REAL_BOARDS)


def _make_boards(table: Table, source: str) -> Boards:
    """Make Boards from rows that have been checked."""
    rows = sorted(table.rows, key=lambda row: (row.text["region"].casefold(), row.text["code"].casefold()))
    remarks = [*table.remarks, *table_remarks(table.rows)]
    spelt: dict[str, str] = {}
    regions = tuple(spelt.setdefault(row.text["region"].casefold(), row.text["region"]) for row in rows)
    known = list(spelt.values())
    areas = np.zeros(len(rows), dtype=AREA_DTYPE)
    areas["alloc"] = [row.number["fund_m"] for row in rows]
    areas["weight"] = [row.number["weight_m"] for row in rows]
    areas["target_z"] = _standardise([row.number["target_distance_pct"] for row in rows])
    areas["core20"] = [row.number["core20_pct"] / 100 for row in rows]
    areas["third"] = _rank_thirds(areas["core20"])
    areas["region"] = [known.index(region) for region in regions]
    for i, members in enumerate(_find_members(rows)):
        shared = len(members) > 1
        areas["head"][i] = max(members, key=lambda row: (rows[row].number["weight_m"], -row))
        areas["merge_q"][i] = _find_quarter(rows[i].day["merge_date"] if shared else None)
        areas["share_q"][i] = _find_quarter(rows[i].day["share_date"] if shared else None)
    return Boards(
        tuple(row.text["code"] for row in rows),
        tuple(row.text["name"] for row in rows),
        tuple(row.text["short_name"] or row.text["name"] for row in rows),
        tuple(row.text["abbrev"] or row.text["code"] for row in rows),
        regions,
        tuple(row.text["footprint"] for row in rows),
        tuple(_read_tile(row.number["tile_col"], row.number["tile_row"]) for row in rows),
        tuple(row.number["registered_population"] for row in rows),
        source,
        areas.tobytes(),
        lines=tuple(row.line for row in rows),
        remarks=tuple(remark.describe(source) for remark in remarks),
    )


def _find_members(rows: Sequence[Row]) -> list[list[int]]:
    """For each row, the rows of its footprint; only itself if it names none."""
    groups: dict[str, list[int]] = {}
    names = [row.text["footprint"].casefold() for row in rows]
    for i, name in enumerate(names):
        groups.setdefault(name, []).append(i)
    return [groups[name] if name else [i] for i, name in enumerate(names)]


def _rank_thirds(core20: NDArray[np.float64]) -> NDArray[np.int64]:
    third = np.empty(len(core20), dtype=np.int64)
    third[np.argsort(core20, kind="stable")] = np.arange(len(core20)) * 3 // len(core20)
    return third


def _standardise(values: Sequence[float]) -> list[float]:
    """Values less their mean, over their population s.d.; zeros when all are alike."""
    # math.fsum rounds once, so every platform gets the same last digit; numpy's sums do not promise that
    mean = math.fsum(values) / len(values)
    spread = math.sqrt(math.fsum((value - mean) * (value - mean) for value in values) / len(values))
    alike = min(values) == max(values) or spread == 0
    return [0.0 if alike else (value - mean) / spread for value in values]


def _find_quarter(day: dt.date | None) -> int:
    return NEVER if day is None else quarter_of(day)


def _read_tile(column: float, row: float) -> tuple[int, int] | None:
    return None if math.isnan(column) else (int(column), int(row))


def _name_quarter(quarter: int) -> str:
    return "never" if quarter >= NEVER else quarter_name(int(quarter))
