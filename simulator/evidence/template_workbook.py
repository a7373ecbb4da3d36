"""A workbook to write what boards decided into, with a sheet that explains its columns; `table_file` reads it."""

from __future__ import annotations

import io
from collections.abc import Iterator

from simulator.boards.table import read_boards
from simulator.declarations.calendar import year_name
from simulator.declarations.outcomes import OUTCOMES
from simulator.evidence.figure_readers import HISTORY, ROW_KEYS, list_board_outcomes

EXAMPLES = (
    ("QWO", "2022/23", "retained", 1.0, 0.05, "invented; replace it"),
    ("QF7", "2022/23", "retained", 0.0, 0.05, "invented; replace it"),
    ("QHM", "2022/23", "spent", 0.6, 0.1, "invented; replace it"),
)
COLUMNS = ROW_KEYS[: len(EXAMPLES[0])]
"""The columns of the first sheet; the others that a file may have are explained and left out."""

_WIDTHS = {"board": 12, "source": 44}


def make_template_workbook() -> bytes:
    """The bytes of the workbook: *Rows* to fill in, *Columns* that says what each holds, and *Boards* with the codes.

    Rows are read from the first sheet alone, so that the other two may stay.
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
        (rows, [COLUMNS, *EXAMPLES], [_WIDTHS.get(name, 14) for name in COLUMNS]),
        (book.create_sheet("Columns"), [("column", "what it holds"), *_explain()], [18, 100]),
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
    for cells in rows.iter_rows(min_row=2, min_col=4, max_col=5):
        for cell in cells:
            cell.number_format = "0%"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _explain() -> Iterator[tuple[str, str]]:
    """What each column of a table of rows holds."""
    whats = "; ".join(f"{name}: {OUTCOMES[name].meaning}" for name in list_board_outcomes())
    yield "board", "The board's code; the sheet Boards lists all."
    yield "year", f"The financial year that the figure is of: {year_name(0)} to {year_name(HISTORY - 1)}."
    yield "what", f"What was seen, as one of these words. {whats}."
    yield "value", "The share of the board's money, 0% to 100%, or 0 to 1."
    yield "error", "How far the figure may be off: one standard deviation, in the same unit. 0.5% at least."
    yield "source", "Where the figure is from, for whoever reads this later."
    yield "any other", "Leave it out. Write one row for each figure, and delete the rows that are invented."
