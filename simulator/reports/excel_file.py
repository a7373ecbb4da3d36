"""Writes an Excel workbook that people and screen readers can use: one table per sheet, under plain headings.

On every sheet the first cell is its title, the second says what the table holds, and the heading stands in the fourth
row. No cells are merged, nothing is a formula, and every number keeps all its digits.
"""

from __future__ import annotations

import datetime as dt
import io
import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from simulator.common.characters import remove_controls

HEADING_ROW = 3
"""The row of headings, counted from 0."""

LONGEST_TEXT = 32_000
WIDEST = 60
LINE_HEIGHT, TALLEST = 15.0, 405.0
"""Of a row, in points; no row may be taller than 409."""

Cell = str | float | int | None


@dataclass(frozen=True)
class Column:
    """A column: its heading, with the unit in it, how a number looks, and its width in letters."""

    heading: str
    number_format: str = ""
    width: int = 16


@dataclass(frozen=True)
class LineChart:
    """Lines beside a table: each a name with its rows, first and last counted from 0, over the same columns."""

    title: str
    description: str
    x_title: str
    y_title: str
    x_column: int
    y_column: int
    lines: tuple[tuple[str, int, int, str], ...]


@dataclass(frozen=True)
class Sheet:
    """A sheet: its tab, its title, what the table holds, and the table."""

    tab: str
    title: str
    note: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    chart: LineChart | None = None


class _ExactSheet(Worksheet):  # type: ignore[misc]
    """A sheet whose numbers keep all 17 digits, where the library itself writes 16, and whose rows have heights that
    programs may work out again: LibreOffice takes them as they stand, Excel fits rows when somebody changes them.
    """

    def _xml_number_element(self, number: float, attributes: Sequence[tuple[str, object]] = ()) -> None:
        written = "".join(f' {key}="{value}"' for key, value in attributes)
        self.fh.write(f"<c{written}><v>{number!r}</v></c>")

    def _xml_start_tag_unencoded(self, tag: str, attributes: Sequence[tuple[str, object]] = ()) -> None:
        super()._xml_start_tag_unencoded(
            tag, [entry for entry in attributes if (tag, entry[0]) != ("row", "customHeight")]
        )


def make_excel_file(sheets: Sequence[Sheet], title: str, comment: str, today: dt.date) -> bytes:
    """The bytes of a workbook, the same for the same sheets and day; `title` and `comment` are its properties."""
    out = io.BytesIO()
    settings = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    with Workbook(out, settings) as book:
        book.set_properties(
            {
                "title": _clean(title),
                "comments": _clean(comment),
                "author": "Ringfence",
                "created": dt.datetime.combine(today, dt.time()),
            }
        )
        looks = _Looks(
            book.add_format({"bold": True, "font_size": 14}),
            book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E8EDEE", "border": 1}),
            book.add_format({"text_wrap": True, "valign": "top"}),
            book.add_format({"font_color": "#425563"}),
        )
        for number, sheet in enumerate(sheets, start=1):
            _write_sheet(book, sheet, looks, number)
    return out.getvalue()


@dataclass(frozen=True)
class _Looks:
    title: Format
    heading: Format
    text: Format
    note: Format


def _write_sheet(book: Workbook, sheet: Sheet, looks: _Looks, number: int) -> None:
    page = book.add_worksheet(sheet.tab, worksheet_class=_ExactSheet)
    page.write_string(0, 0, _clean(sheet.title), looks.title)
    page.write_string(1, 0, _clean(sheet.note), looks.note)
    formats = [
        book.add_format({"num_format": column.number_format, "valign": "top"}) if column.number_format else looks.text
        for column in sheet.columns
    ]
    rows = sheet.rows or [["None", *[None] * (len(sheet.columns) - 1)]]
    page.add_table(
        HEADING_ROW,
        0,
        HEADING_ROW + len(rows),
        len(sheet.columns) - 1,
        {
            "name": f"Table{number}",
            "style": "Table Style Light 1",
            "columns": [{"header": column.heading, "header_format": looks.heading} for column in sheet.columns],
        },
    )
    page.set_row(HEADING_ROW, find_height([column.heading for column in sheet.columns], sheet.columns, spare=4))
    for at, row in enumerate(rows, start=HEADING_ROW + 1):
        page.set_row(at, find_height(row, sheet.columns))
        for column, (cell, look) in enumerate(zip(row, formats, strict=True)):
            _write_cell(page, at, column, cell, look)
    for at, about in enumerate(sheet.columns):
        page.set_column(at, at, min(about.width, WIDEST))
    page.freeze_panes(HEADING_ROW + 1, 1)
    page.repeat_rows(HEADING_ROW)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.set_paper(9)
    if sheet.chart is not None:
        _draw_lines(book, page, sheet, sheet.chart)


def find_height(row: Sequence[Cell], columns: Sequence[Column], spare: int = 1) -> float:
    """The height in points that a row of cells needs for its texts to be seen whole; `spare` letters are kept free."""
    most = 1
    for cell, column in zip(row, columns, strict=True):
        if isinstance(cell, str):
            width = max(min(column.width, WIDEST) - spare, 5)
            most = max(most, sum(max(len(textwrap.wrap(line, width)), 1) for line in cell.splitlines()))
    return min(LINE_HEIGHT * most, TALLEST)


def _write_cell(page: Worksheet, row: int, column: int, cell: Cell, look: Format) -> None:
    if cell is None or (isinstance(cell, float) and not math.isfinite(cell)):
        page.write_blank(row, column, None, look)
    elif isinstance(cell, str):
        page.write_string(row, column, _clean(cell)[:LONGEST_TEXT], look)
    else:
        page.write_number(row, column, cell, look)


def _draw_lines(book: Workbook, page: Worksheet, sheet: Sheet, chart: LineChart) -> None:
    drawn = book.add_chart({"type": "line"})
    for name, first, last, colour in chart.lines:
        ends = [HEADING_ROW + 1 + first, HEADING_ROW + 1 + last]
        drawn.add_series(
            {
                "name": _clean(name),
                "categories": [sheet.tab, ends[0], chart.x_column, ends[1], chart.x_column],
                "values": [sheet.tab, ends[0], chart.y_column, ends[1], chart.y_column],
                "line": {"color": colour, "width": 2.25},
            }
        )
    drawn.set_title({"name": _clean(chart.title), "name_font": {"size": 12}})
    drawn.set_x_axis({"name": chart.x_title})
    drawn.set_y_axis({"name": chart.y_title, "min": 0})
    drawn.set_size({"width": 760, "height": 380})
    drawn.set_legend({"position": "bottom"})
    place = {"description": _clean(chart.description), "object_position": 3}
    page.insert_chart(HEADING_ROW, len(sheet.columns) + 1, drawn, place)


def _clean(text: str) -> str:
    return remove_controls(text)
