"""Reads a table of boards from a CSV file or an Excel workbook and reports every mistake in it at once.

Required columns: code, name, fund_m, weight_m, target_distance_pct, core20_pct, region. Optional ones:
short_name, abbrev, footprint, merge_date, share_date, registered_population, tile_col, tile_row. Other
columns are ignored, and so are titles above the header. Cells are separated by commas, semicolons or tabs.
Lines are counted as a text editor counts them; those of a workbook are the rows of its first sheet.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from simulator.boards.header import Header, clean_name, describe_unit, find_header, find_near_column, looks_like_totals
from simulator.common.characters import make_visible, normalise_text, remove_invisible
from simulator.common.errors import InputError
from simulator.common.excel_reader import ExcelFileError, is_excel, read_sheet_as_csv
from simulator.common.numbers import NotReadableError, read_number
from simulator.declarations.calendar import FIRST_YEAR

REQUIRED = ("code", "name", "fund_m", "weight_m", "target_distance_pct", "core20_pct", "region")
TEXTS = ("code", "name", "region", "short_name", "abbrev", "footprint")
DATES = ("merge_date", "share_date")
MAX_BYTES = 5_000_000
MAX_ROWS, MAX_COLUMNS, MAX_TEXT, MAX_LISTED = 500, 200, 200, 50
_FIRST_DAY = dt.date(FIRST_YEAR, 4, 1)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SAVE_AS = 'in a spreadsheet choose "Save as" and the type "CSV UTF-8"'


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. `line` is None if it concerns the whole file, and `column` if it concerns the whole line."""

    line: int | None
    column: str | None
    message: str

    def describe(self, source: str) -> str:
        """The mistake in one line, with the file, line and column."""
        places = [f"line {self.line}"] if self.line is not None else []
        places += [f"column {self.column}"] if self.column is not None else []
        return f"{source}:{', '.join(places)}: {self.message}" if places else f"{source}: {self.message}"


class BoardsError(InputError):
    """A table of boards cannot be used. `problems` holds every mistake; the message lists the first 50."""

    def __init__(self, source: str, problems: tuple[Problem, ...]) -> None:
        super().__init__(source, problems)
        self.source = source
        self.problems = problems

    def with_fingerprint(self, fingerprint: str) -> BoardsError:
        """The same error with the fingerprint that was asked for, if there was one."""
        if not fingerprint:
            return self
        meant = Problem(None, None, f"the table of boards asked for has the fingerprint {fingerprint}")
        return BoardsError(self.source, (*self.problems, meant))

    def __str__(self) -> str:
        lines = [problem.describe(self.source) for problem in self.problems[:MAX_LISTED]]
        more = len(self.problems) - len(lines)
        return "\n".join([*lines, f"... and {more} more problems"] if more else lines)


class Row(NamedTuple):
    """One board, with its cells by column. Missing text is empty, missing numbers are nan, missing dates None."""

    line: int
    text: dict[str, str]
    number: dict[str, float]
    day: dict[str, dt.date | None]


class Table(NamedTuple):
    """The boards of a file in its order, with remarks on what was ignored."""

    rows: tuple[Row, ...]
    remarks: tuple[Problem, ...]


class _Range(NamedTuple):
    """The range of a number, and `wish`, which tells the user what to write."""

    low: float
    high: float
    wish: str
    above_low: bool = False
    whole: bool = False
    unit: str = ""


_TILE = _Range(0, 99, "write a whole number from 0 to 99", whole=True)
NUMBERS = {
    "fund_m": _Range(0, 1e6, "write an amount in £m, 0 or more", unit="£m"),
    "weight_m": _Range(0, 1e6, "write an amount in £m, above 0", above_low=True, unit="£m"),
    "target_distance_pct": _Range(-100, 1000, "write a percentage from -100 to 1000, + for above target", unit="%"),
    "core20_pct": _Range(0, 100, "write a percentage from 0 to 100", unit="%"),
    "registered_population": _Range(0, 1e10, "write a number of people, 0 or more"),
    "tile_col": _TILE,
    "tile_row": _TILE,
}
KNOWN = tuple(dict.fromkeys((*REQUIRED, *TEXTS, *NUMBERS, *DATES, "need_index", "need_weighted_population")))


def read_table(path: Path) -> Table:
    """The boards of a CSV file in its order, 1 to 500 of them. Raises BoardsError with all its mistakes."""
    if path.is_dir():
        raise _file_error(str(path), "is a folder; give the name of a CSV file or an Excel workbook")
    if not path.is_file():
        raise _file_error(str(path), "there is no such file; check its name and folder")
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise _file_error(str(path), f"cannot be opened ({error})") from error
    return parse_table(data, path.name)


def parse_rows(data: bytes, source: str) -> tuple[Row, ...]:
    """The boards in the bytes of a CSV file. `source` names it in messages. Raises BoardsError."""
    return parse_table(data, source).rows


def parse_table(data: bytes, source: str) -> Table:
    """The boards in the bytes of a CSV file, with remarks on what was ignored. Raises BoardsError."""
    text = _decode(data, source)
    problems: list[Problem] = []
    header = find_header(text, KNOWN)
    rows = _read_rows(text, header, problems)
    if problems:
        raise BoardsError(source, tuple(sorted(problems, key=lambda p: p.line or 0)))
    return Table(rows, tuple(_find_text_above(text, header)))


def _find_text_above(text: str, header: Header) -> Iterator[Problem]:
    """A remark if there are lines with content above the header."""
    lines = text.splitlines()[1 if header.stated else 0 : header.line - 1]
    if any(re.sub(r"[\s,;\"]", "", line) for line in lines):
        said = "this line seems to be the header; the lines above it are ignored"
        yield Problem(header.line, None, said)


def _file_error(source: str, message: str, line: int | None = None) -> BoardsError:
    return BoardsError(source, (Problem(line, None, message),))


def _decode(data: bytes, source: str) -> str:
    if len(data) > MAX_BYTES:
        raise _file_error(source, f"is larger than {MAX_BYTES // 1_000_000} MB; keep one line for each board")
    if is_excel(data):
        try:
            return read_sheet_as_csv(data)
        except ExcelFileError as problem:
            raise _file_error(source, str(problem)) from problem
    try:
        text, bad = data.decode("utf-8"), data.find(b"\0")
    except UnicodeDecodeError as error:
        text, bad = "", error.start
    if bad >= 0:
        line = len((data[:bad] + b".").splitlines())
        found = f"{f'byte {data[bad]:#04x}' if data[bad] else 'a NUL byte'} at offset {bad}"
        raise _file_error(source, f"{found} is not plain UTF-8 text; {_SAVE_AS}", line)
    return text.removeprefix("\ufeff")


def _read_records(text: str, header: Header, problems: list[Problem]) -> Iterator[tuple[int, list[str]]]:
    """Records that are not blank, from the header on, each with the number of its first line."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=header.separator, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            raw = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problems.append(Problem(line, None, f"cannot be split ({error}); check its quotation marks"))
            return
        if len(raw) > MAX_COLUMNS:
            problems.append(Problem(line, None, f"has {len(raw):,} columns; at most {MAX_COLUMNS} can be read"))
            return
        cells = [remove_invisible(cell) for cell in raw]
        if any(cells) and (line >= header.line or not header.known) and not (header.stated and line == 1):
            yield line, cells


def _read_rows(text: str, header: Header, problems: list[Problem]) -> tuple[Row, ...]:
    records = _read_records(text, header, problems)
    top = next(records, None)
    if top is None:
        if not problems:
            problems.append(Problem(None, None, f"is empty; it needs a header with {', '.join(REQUIRED)}"))
        return ()
    heading = [clean_name(name) for name in top[1]]
    if not header.known:
        said = (
            "has none of the required column names, nor does any line below it; write a header with "
            f"{', '.join(REQUIRED)}, separated by commas"
        )
        problems.append(Problem(top[0], None, said))
        return ()
    columns = _locate_columns(top[0], top[1], problems)
    width = max(i for i, name in enumerate(heading) if name) + 1
    rows, count = [], 0
    for line, cells in records:
        count += 1
        if count > MAX_ROWS:
            continue
        if not width <= len(cells) <= len(heading) or any(cells[width:]):
            said = f"has {len(cells)} cells but the header names {width}; text with a comma needs quotes"
            problems.append(Problem(line, None, said))
            continue
        if looks_like_totals(cells) and not all(cells[columns[name]] for name in REQUIRED if name in columns):
            problems.append(Problem(line, None, "seems to be a row of totals, and not a board; remove it"))
            continue
        named = {name: cells[i] for name, i in columns.items()}
        rows.append(_LineReader(line, named, problems, header.separator).read_row())
    if count > MAX_ROWS:
        problems.append(Problem(None, None, f"has {count} boards; at most {MAX_ROWS} can be read"))
    if not count and all(problem.line == top[0] for problem in problems):
        problems.append(Problem(None, None, "has a header but no boards; write one line for each board"))
    _compare_rows(rows, problems)
    return tuple(rows)


def _locate_columns(line: int, heading: Sequence[str], problems: list[Problem]) -> dict[str, int]:
    """The position of each known column. Reports missing, repeated and misspelt ones."""
    columns: dict[str, int] = {}
    for i, name in enumerate(map(clean_name, heading)):
        if name in columns:
            problems.append(Problem(line, name, "is in the header twice; keep one"))
        elif name in KNOWN:
            columns[name] = i
    absent = [name for name in KNOWN if name not in columns]
    for name in dict.fromkeys(heading):
        close = None if clean_name(name) in columns else find_near_column(name, absent)
        if close:
            said = f"is not known; did you mean {close}?{describe_unit(name, close)}"
            problems.append(Problem(line, make_visible(name), said))
            absent.remove(close)
    for name in absent:
        if name in REQUIRED:
            problems.append(Problem(line, name, "is missing from the header; add it"))
    return columns


@dataclass(frozen=True)
class _LineReader:
    """Reads one line. Cells that cannot be used are reported and left out of the row."""

    line: int
    cells: dict[str, str]
    problems: list[Problem]
    separator: str

    def report(self, column: str, message: str) -> None:
        self.problems.append(Problem(self.line, column, message))

    def read_row(self) -> Row:
        for column in REQUIRED:
            if self.cells.get(column) == "":
                wish = NUMBERS[column].wish if column in NUMBERS else f"write the {column} of the board"
                self.report(column, f"is blank; {wish}")
        text = {column: self.cells.get(column, "") for column in TEXTS}
        for column, long in text.items():
            if len(long) > MAX_TEXT:
                self.report(column, f'"{make_visible(long)}" is longer than {MAX_TEXT} characters; shorten it')
        read = {column: self.read_number(column, allowed) for column, allowed in NUMBERS.items()}
        number = {column: value for column, value in read.items() if value is not None}
        day = {column: self.read_date(column) for column in DATES}
        merge, share = day["merge_date"], day["share_date"]
        if merge and share and share > merge:
            self.report("share_date", f'"{share}" is after the merge; write {merge} or an earlier day')
        half = [column for column in ("tile_col", "tile_row") if math.isnan(number.get(column, 0))]
        if len(half) == 1:
            self.report(half[0], "is blank; write both tile_col and tile_row, or neither")
        return Row(self.line, text, number, {c: d for c, d in day.items() if d or not self.cells.get(c)})

    def read_number(self, column: str, allowed: _Range) -> float | None:
        text = self.cells.get(column, "")
        if not text:
            return math.nan
        try:
            return _read_amount(text, allowed, self.separator)
        except NotReadableError as fault:
            self.report(column, f'"{make_visible(text)}" {fault}')
            return None

    def read_date(self, column: str) -> dt.date | None:
        text = normalise_text(self.cells.get(column, ""))
        if not text:
            return None
        try:
            day = dt.date.fromisoformat(text) if _DATE.fullmatch(text) else None
        except ValueError:  # the 30th of February
            day = None
        if day is None:
            self.report(column, f'"{make_visible(text)}" is not a date; write year-month-day, like 2026-04-01')
        elif day < _FIRST_DAY:
            self.report(column, f'"{text}" is before the first year; write {_FIRST_DAY} or later, or nothing')
        return day


def _read_amount(text: str, allowed: _Range, separator: str) -> float:
    """The number in a cell, in its column's unit. Raises NotReadableError saying what is wrong and what to write."""
    bare = (
        re.sub(r"^£ ?| ?m$", "", normalise_text(text), flags=re.IGNORECASE)
        if allowed.unit == "£m"
        else normalise_text(text)
    )
    if separator != "," and "," in bare:  # many programs that separate cells so write decimal commas
        raise NotReadableError(f"is not clear: is the comma a decimal point? {allowed.wish}, without commas")
    try:
        written = read_number(bare)
    except NotReadableError:
        raise NotReadableError(f"is not a number; {allowed.wish}") from None
    if written.percent and allowed.unit != "%":
        raise NotReadableError(f"is a percentage; {allowed.wish}")
    fault = _describe_fault(written.value, allowed)
    if fault:
        raise NotReadableError(f"{fault}; {allowed.wish}")
    return written.value


def _describe_fault(value: float, allowed: _Range) -> str:
    """What is wrong with a number; empty if nothing is."""
    if value < allowed.low:
        return f"is {f'below {allowed.low:g}' if allowed.low else 'negative'}"
    if allowed.above_low and value == allowed.low:
        return f"is not above {allowed.low:g}"
    if value > allowed.high:
        return f"is above {allowed.high:,.0f}"
    return "is not whole" if allowed.whole and not value.is_integer() else ""


def _compare_rows(rows: Sequence[Row], problems: list[Problem]) -> None:
    """Reports what only a comparison of lines shows: repeated codes, and different dates within a footprint."""
    codes: dict[str, int] = {}
    firsts: dict[tuple[str, str], tuple[int, dt.date | None]] = {}
    for row in rows:
        code, footprint = row.text["code"], row.text["footprint"]
        line = codes.setdefault(code.casefold(), row.line)
        if code and line != row.line:
            said = f'"{make_visible(code)}" is already on line {line}; give each board its own code'
            problems.append(Problem(row.line, "code", said))
        for column, day in row.day.items() if footprint else ():
            line, first = firsts.setdefault((footprint.casefold(), column), (row.line, day))
            if day != first:
                said = f"{day or 'blank'} is not {first or 'blank'} as on line {line} of the same footprint"
                problems.append(Problem(row.line, column, f"{said}; write the same date for all of it"))
