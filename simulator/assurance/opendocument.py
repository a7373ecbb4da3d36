"""Tables as an OpenDocument workbook: headings in the first row, every digit, and texts seen whole."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence

from odf import number
from odf.opendocument import OpenDocumentSpreadsheet
from odf.style import (
    ParagraphProperties,
    Style,
    TableCellProperties,
    TableColumnProperties,
    TableRowProperties,
    TextProperties,
)
from odf.table import Table, TableCell, TableColumn, TableHeaderRows, TableRow
from odf.text import P

from simulator.common.characters import remove_controls
from simulator.reports.excel_file import WIDEST, Cell, Sheet, find_height

CENTIMETRES = 0.2
"""The width of a letter."""


def make_opendocument(sheets: Sequence[Sheet], title: str, comment: str) -> bytes:
    """The bytes of a workbook with one table per sheet; `title` and `comment` are its properties."""
    from odf.dc import Description, Title

    book = OpenDocumentSpreadsheet()
    book.meta.addElement(Title(text=title))
    book.meta.addElement(Description(text=comment))
    heading, text = Style(name="Heading", family="table-cell"), Style(name="Text", family="table-cell")
    heading.addElement(TableCellProperties(wrapoption="wrap", backgroundcolor="#E8EDEE", verticalalign="top"))
    heading.addElement(TextProperties(fontweight="bold"))
    text.addElement(TableCellProperties(wrapoption="wrap", verticalalign="top"))
    text.addElement(ParagraphProperties(textalign="start"))
    for style in (heading, text):
        book.automaticstyles.addElement(style)
    looks = _Looks(book)
    for sheet in sheets:
        book.spreadsheet.addElement(_make_table(sheet, looks, heading, text))
    out = io.BytesIO()
    book.write(out)
    return out.getvalue()


class _Looks:
    """The styles of columns and numbers, each made once."""

    def __init__(self, book: OpenDocumentSpreadsheet) -> None:
        self._book, self._made = book, dict[str, Style]()

    def of_width(self, letters: int) -> Style:
        """The style of a column of a width in letters."""
        name = f"Width{letters}"
        if name not in self._made:
            style = Style(name=name, family="table-column")
            style.addElement(TableColumnProperties(columnwidth=f"{letters * CENTIMETRES:.1f}cm"))
            self._add(name, style)
        return self._made[name]

    def of_height(self, points: float) -> Style:
        """The style of a row of a height, which programs may work out again."""
        name = f"Height{points:.0f}"
        if name not in self._made:
            style = Style(name=name, family="table-row")
            style.addElement(TableRowProperties(rowheight=f"{points:.0f}pt", useoptimalrowheight="true"))
            self._add(name, style)
        return self._made[name]

    def of_numbers(self, number_format: str) -> Style:
        """The style of cells with numbers, with as many decimals as an Excel format such as 0.000 has."""
        decimals = len(number_format.partition(".")[2])
        name = f"Number{decimals}"
        if name not in self._made:
            digits = number.NumberStyle(name=f"Decimals{decimals}")
            digits.addElement(number.Number(decimalplaces=str(decimals), minintegerdigits="1"))
            self._book.automaticstyles.addElement(digits)
            style = Style(name=name, family="table-cell", datastylename=digits)
            style.addElement(TableCellProperties(verticalalign="top"))
            self._add(name, style)
        return self._made[name]

    def _add(self, name: str, style: Style) -> None:
        self._book.automaticstyles.addElement(style)
        self._made[name] = style


def _make_table(sheet: Sheet, looks: _Looks, heading: Style, text: Style) -> Table:
    table = Table(name=sheet.tab)
    for column in sheet.columns:
        table.addElement(TableColumn(stylename=looks.of_width(min(column.width, WIDEST))))
    headings = [column.heading for column in sheet.columns]
    first, head = TableRow(stylename=looks.of_height(find_height(headings, sheet.columns))), TableHeaderRows()
    for words in headings:
        first.addElement(_make_cell(words, heading))
    head.addElement(first)
    table.addElement(head)
    styles = [looks.of_numbers(c.number_format) if c.number_format else text for c in sheet.columns]
    for cells in sheet.rows:
        row = TableRow(stylename=looks.of_height(find_height(cells, sheet.columns)))
        for cell, style in zip(cells, styles, strict=True):
            row.addElement(_make_cell(cell, style))
        table.addElement(row)
    return table


def _make_cell(cell: Cell, style: Style) -> TableCell:
    """A cell; text keeps its lines, and numbers all their digits."""
    if cell is None or (isinstance(cell, float) and not math.isfinite(cell)):
        return TableCell(stylename=style)
    if isinstance(cell, str):
        made = TableCell(stylename=style, valuetype="string")
        for line in remove_controls(cell).splitlines() or [""]:
            made.addElement(P(text=line))
        return made
    made = TableCell(stylename=style, valuetype="float", value=repr(cell))
    made.addElement(P(text=repr(cell)))
    return made
