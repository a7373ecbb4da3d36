"""Finds the header of a table of boards: its line, the separator of cells, and which column a similar name means."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from simulator.common.characters import normalise_text
from simulator.common.near_names import find_nearest

SEPARATORS = (",", ";", "\t")
SEARCHED = 30
"""How many lines from the top are searched for the header."""

# Names that other public tables give to the same thing, without their units and years.
_ALIASES = {
    "code": "ods_code icb_code icb_ods_code org_code organisation_code board_code icb22cdh icb23cdh icb_cdh",
    "name": "icb icb_name org_name organisation organisation_name board board_name icb22nm icb23nm",
    "region": "nhs_region region_name nhs_england_region nhser22nm",
    "fund_m": "fund funding hi_funding health_inequalities health_inequalities_fund health_inequalities_funding",
    "weight_m": "weight core core_allocation core_recurrent_allocation core_recurrent allocation",
    "target_distance_pct": "dft target_distance distance_from_target dft_opening opening_dft",
    "core20_pct": "core20 core20_pop core_20 core20_population imd_quintile_1 most_deprived_20 most_deprived_fifth",
    "registered_population": "population pop_registered registered_patients patients list_size",
    "abbrev": "abbreviation acronym",
}
_COLUMN_OF_ALIAS = {alias: column for column, aliases in _ALIASES.items() for alias in aliases.split()}
_UNIT = re.compile(r"\(.*?\)|£ ?(?:000s?|m|million|k)?|%|\b20\d\d(?:[/_-]\d\d)?\b", re.IGNORECASE)
_TOTALS = frozenset(("all", "england", "total", "totals", "grand total", "sum", "national", "all boards", "all icbs"))
_THOUSANDS = re.compile(r"000|\bk\b|thousand", re.IGNORECASE)


WIDEST = 500
"""How many cells of a line are searched; a table must have fewer columns."""


class Header(NamedTuple):
    """Where a table begins: the line number of the header, and the separator. `known` counts the column names that
    are recognised; `stated` is true if the first line names the separator, as some spreadsheets write it.
    """

    line: int
    separator: str
    known: int
    stated: bool


def find_header(text: str, known: Sequence[str]) -> Header:
    """Find the line that names most of the `known` columns; of equally good lines, the first."""
    stated = re.match(r'[ \ufeff]*"?sep=(.)"?[,;\t ]*(?=\r|\n|$)', text, re.IGNORECASE)
    separators = (stated[1],) if stated else SEPARATORS
    best = Header(1, separators[0], 0, bool(stated))
    for separator in separators:
        for line, cells in _read_first_records(text, separator):
            meant = {clean_name(cell) if clean_name(cell) in known else find_column(cell) for cell in cells}
            score = len(meant - {None})
            if score > best.known:
                best = Header(line, separator, score, bool(stated))
    return best


def _read_first_records(text: str, separator: str) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    records, line = [], 1
    try:
        for cells in islice(reader, SEARCHED):
            records.append((line, cells[:WIDEST]))
            line = reader.line_num + 1
    except csv.Error:  # reported where the table is read
        pass
    return records


def clean_name(cell: str) -> str:
    """A column name in lower case, with dashes and spaces as typed on a keyboard."""
    return normalise_text(cell).lower()


def find_column(cell: str) -> str | None:
    """The column that a name from another public table stands for, or None."""
    return _COLUMN_OF_ALIAS.get(_strip_unit(cell))


def _strip_unit(cell: str) -> str:
    """A name without its unit and its year, words joined by underscores."""
    words = re.sub(r"[^a-z0-9]+", "_", _UNIT.sub(" ", normalise_text(cell).replace("_", " ")).lower()).strip("_")
    return re.sub(r"_(?:pct|percent|m)$", "", words)


def find_near_column(cell: str, absent: Sequence[str]) -> str | None:
    """The missing column that a name was probably meant for, or None."""
    meant = find_column(cell)
    if meant in absent:
        return meant
    near = find_nearest(cell, absent, likeness=0.75) or find_nearest(_strip_unit(cell), absent, likeness=0.75)
    return near[0] if near else None


def describe_unit(cell: str, column: str) -> str:
    """Advice on thousands in a column of millions; empty if none is needed."""
    if column.endswith("_m") and _THOUSANDS.search(normalise_text(cell)):
        return " That column is in £m: divide by 1,000."
    return ""


def looks_like_totals(cells: Sequence[str]) -> bool:
    """True for a line with a cell that says that the line is a total."""
    return any(cell.casefold() in _TOTALS for cell in cells)
