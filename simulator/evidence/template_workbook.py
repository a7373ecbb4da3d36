"""A workbook to write what boards decided and counts of boards into, which explains itself; `table_file` reads it."""

from __future__ import annotations

import io
from collections.abc import Iterator

from simulator.boards.table import read_boards
from simulator.declarations.calendar import year_name
from simulator.declarations.outcomes import OUTCOMES
from simulator.evidence.board_counts import BOARDS, COUNTED
from simulator.evidence.figure_readers import COUNT_KEYS, HISTORY, ROW_KEYS, list_board_outcomes
from simulator.evidence.table_file import COUNTS

EXAMPLE: tuple[str | float, ...] = ("QWO", "2022/23", "retained", 1.0, 0.05, "minutes of March")
COUNT_EXAMPLE: tuple[str | float, ...] = ("kept_in_full", 12, 42, "2024/25", "a survey of all boards")
COLUMNS = ROW_KEYS[: len(EXAMPLE)]
"""The columns of the first sheet; the others that a file may have are explained and left out."""
COUNT_COLUMNS = COUNT_KEYS[: len(COUNT_EXAMPLE)]

_WIDTHS = {"board": 12, "source": 44}


def make_template_workbook() -> bytes:
    """The bytes of the workbook: *Rows* and *Counts* to fill in, *Columns* that says what each holds, with an example,
    and *Boards* with the codes.

    The first two are read and are empty, so that nothing is to be deleted; the others may stay.
    """
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font

    book = Workbook()
    rows = book.active
    assert rows is not None
    rows.title = "Rows"
    boards = read_boards()
    codes = [("board", "name"), *((boards.codes[i], boards.names[i]) for i in boards.as_listed)]
    for sheet, lines, widths in (
        (rows, [COLUMNS], [_WIDTHS.get(name, 14) for name in COLUMNS]),
        (book.create_sheet(COUNTS), [COUNT_COLUMNS], [_WIDTHS.get(name, 14) for name in COUNT_COLUMNS]),
        (
            book.create_sheet("Columns"),
            [("sheet", "column", "what it holds", "example"), *_explain()],
            [10, 14, 90, 24],
        ),
        (book.create_sheet("Boards"), codes, [12, 60]),
    ):
        for line in lines:
            sheet.append(line)
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        for letter, width in zip("ABCDEF", widths, strict=False):
            sheet.column_dimensions[letter].width = width
        for cells in sheet.iter_rows(min_row=2):
            for cell in cells:
                cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _explain() -> Iterator[tuple[str, str, str, str | float]]:
    """What each column of the two sheets holds, with an example."""
    whats = "; ".join(f"{name}: {OUTCOMES[name].meaning}" for name in list_board_outcomes())
    counted = "; ".join(f"{name}: {OUTCOMES[name].meaning}" for name in COUNTED)
    span = f"{year_name(0)} to {year_name(HISTORY - 1)}"
    rows = (
        "The board's code; the sheet Boards lists all.",
        f"The financial year that the figure is of: {span}.",
        f"What was seen, as one of these words. {whats}.",
        "The share of the board's money, 0% to 100%, or 0 to 1.",
        "How far the figure may be off: one standard deviation, in the same unit. 0.5% at least.",
        "Where the figure is from, for whoever reads this later.",
    )
    counts = (
        f"What was counted, as one of these words. {counted}.",
        "How many boards it is true of.",
        f"How many boards answered, {BOARDS} at most. The error follows from it: it needs no column.",
        f"The financial year that the count is of: {span}.",
        "Where the count is from, for whoever reads this later.",
    )
    yield from (("Rows", *line) for line in zip(COLUMNS, rows, EXAMPLE, strict=True))
    yield from ((COUNTS, *line) for line in zip(COUNT_COLUMNS, counts, COUNT_EXAMPLE, strict=True))
    yield "both", "any other", "Leave it out. Write one row for each figure; a sheet may stay empty.", ""
