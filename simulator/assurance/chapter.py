"""A chapter of the pack: what is read, its tables as sheets, and checks whose gaps are printed as gaps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from simulator.reports.blocks import Block, Table
from simulator.reports.excel_file import Cell, Sheet

LEAST_DECIMALS = 2
"""What a page shows of a number at least; the column of its workbook may show more."""


class State(Enum):
    """What a check found."""

    MET = "met"
    STATED = "stated, not checked"
    GAP = "GAP"


class Check(NamedTuple):
    """What was asked, what was found, and the words that say it."""

    asked: str
    state: State
    says: str

    @property
    def is_gap(self) -> bool:
        """Whether it was not met."""
        return self.state is State.GAP


@dataclass(frozen=True)
class Chapter:
    """A chapter: its title, its blocks (without the title), tables that are also sheets, and the checks behind it."""

    title: str
    blocks: tuple[Block, ...]
    sheets: tuple[Sheet, ...] = ()
    checks: tuple[Check, ...] = ()

    @property
    def met(self) -> int:
        """How many of its checks were met."""
        return sum(check.state is State.MET for check in self.checks)

    @property
    def gaps(self) -> tuple[Check, ...]:
        """Its checks that were not met."""
        return tuple(check for check in self.checks if check.is_gap)


def judge(asked: str, met: bool, says: str, otherwise: str = "") -> Check:
    """A check: met with some words, or a gap with others (the same where `otherwise` is empty)."""
    return Check(asked, State.MET if met else State.GAP, says if met else otherwise or says)


def tabulate_checks(checks: Iterable[Check]) -> Table:
    """Checks as a table."""
    rows = tuple((check.asked, check.state.value, check.says) for check in checks)
    return Table(("Asked", "Found", "What was looked at"), rows, (34, 10, 66))


def tabulate_sheet(sheet: Sheet, columns: Sequence[int], widths: Sequence[int] = (), most: int | None = None) -> Table:
    """Some columns of a sheet, by their places, as a table to read; `most` rows at most."""
    head = tuple(sheet.columns[at].heading for at in columns)
    rows = tuple(
        tuple(_write_cell(row[at], sheet.columns[at].number_format) for at in columns) for row in sheet.rows[:most]
    )
    return Table(head, rows, tuple(widths))


def _write_cell(cell: Cell, number_format: str) -> str:
    if cell is None:
        return "–"
    if isinstance(cell, float):
        if number_format == "0":
            return f"{cell:.0f}"
        return f"{cell:,.{max(len(number_format.partition('.')[2]), LEAST_DECIMALS)}f}"
    return str(cell)
