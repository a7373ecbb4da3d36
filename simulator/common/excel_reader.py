"""Reads a sheet of an Excel workbook as CSV text, so that one reader takes both kinds of file.

Rows keep their numbers: row 7 of the sheet is line 7 of the text.
"""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from decimal import Decimal

from simulator.common.errors import InputError

ENDING = ".xlsx"
MOST_UNPACKED = 60_000_000
MOST_ROWS, MOST_COLUMNS = 20_000, 256
_SIGNATURE = b"PK\x03\x04"
_SAVE_AGAIN = "open it in a spreadsheet, choose “Save as” and the type “Excel workbook (.xlsx)” or “CSV UTF-8”"


class ExcelFileError(InputError):
    """A workbook that cannot be read. The message says what is wrong with it and what to do."""


def is_excel(data: bytes) -> bool:
    """Whether these bytes are a workbook, and not text."""
    return data.startswith(_SIGNATURE)


def read_sheet_as_csv(data: bytes, title: str = "") -> str:
    """The first sheet that holds anything, as comma-separated text; numbers in full, dates as year-month-day.

    With a `title` the sheet of that name, in small or capital letters; empty if there is none, or nothing in it.

    A cell that is shown as a percentage is written as one: 0.12 shown as 12% gives "12%". Raises ExcelFileError.
    """
    _check_package(data)
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        for sheet in book.worksheets:
            if title and sheet.title.strip().casefold() != title.casefold():
                continue
            if (sheet.max_row or 0) > MOST_ROWS or (sheet.max_column or 0) > MOST_COLUMNS:
                raise ExcelFileError(
                    f"its sheet “{sheet.title}” has more than {MOST_ROWS:,} rows or {MOST_COLUMNS} columns; keep the "
                    "table alone"
                )
            lines = [
                [_write_cell(cell.value, cell.number_format if cell.value is not None else "") for cell in row]
                for row in sheet.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS)
            ]
            if any(any(line) for line in lines):
                return _join_lines(lines)
    except ExcelFileError:
        raise
    except Exception as problem:  # openpyxl raises many kinds for a damaged file
        kind = type(problem).__name__
        raise ExcelFileError(f"is not a workbook that can be read ({kind}); {_SAVE_AGAIN}") from problem
    if title:
        return ""
    raise ExcelFileError("holds no sheet with anything in it; write the table on its first sheet")


def _check_package(data: bytes) -> None:
    """Raises ExcelFileError for what is no workbook, has a password, or would unpack to far too much."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            unpacked = sum(part.file_size for part in package.infolist())
            names = set(package.namelist())
    except zipfile.BadZipFile as problem:
        raise ExcelFileError(f"is a damaged workbook; {_SAVE_AGAIN}") from problem
    if "xl/workbook.xml" not in names:
        raise ExcelFileError(f"is not an Excel workbook; {_SAVE_AGAIN}")
    if unpacked > MOST_UNPACKED:
        raise ExcelFileError("is too large once it is unpacked; keep the sheet with the table alone")


def _write_cell(value: object, shown_as: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        if "%" in shown_as:
            return f"{(Decimal(repr(value)) * 100).normalize():f}%"
        return repr(int(value)) if float(value).is_integer() and abs(value) < 2**53 else repr(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    return " ".join(str(value).split())


def _join_lines(lines: list[list[str]]) -> str:
    width = max(max((at + 1 for at, cell in enumerate(line) if cell), default=0) for line in lines)
    while not any(lines[-1]):
        lines.pop()
    return "".join(",".join(_quote(cell) for cell in line[:width]) + "\n" for line in lines)


def _quote(cell: str) -> str:
    return f'"{cell.replace(chr(34), 2 * chr(34))}"' if cell else ""
