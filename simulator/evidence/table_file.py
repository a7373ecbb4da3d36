"""Reads a CSV file or an Excel workbook of evidence into lines of named cells.

Separators are commas, semicolons or tabs. Of a workbook the first sheet that holds anything is read, and, where counts
of boards may stand, the sheet *Counts*.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from simulator.common.characters import normalise_text
from simulator.common.excel_reader import ExcelFileError, is_excel, read_sheet_as_csv
from simulator.common.yaml_nodes import Node, Problems, ScalarNode, decode_text, is_readable, read_raw

MOST_ROWS = 2_000
ENDINGS = (".csv", ".xlsx")
BOARD, COUNT = "board", "count"
"""The column that a table of rows by board, and one of counts of boards, cannot do without."""
COUNTS = "Counts"
"""The sheet of a workbook that holds counts of boards."""
_ALIASES = {"code": "board", "ics": "board", "icb": "board", "outcome": "what", "se": "error"}


@dataclass(frozen=True)
class TableRecord:
    """One line of a table: its number from 1, its cells by column, the sheet where that is not the first, and whether
    it counts boards.
    """

    line: int
    pairs: tuple[tuple[ScalarNode, Node], ...]
    sheet: str = ""
    is_count: bool = False


def read_table(source: Path | bytes, notes: Problems, keys: tuple[str, ...] = (BOARD,)) -> Iterator[TableRecord]:
    """The lines of a table, from a file or from its bytes. What is wrong with the file itself is noted, and there are
    none, or no more. Its first line must name one of `keys`.
    """
    raw = read_raw(source, notes) if isinstance(source, Path) else source
    texts = None if raw is None else _read_table_texts(raw, notes, keys)
    if texts is None:
        return
    count = 0
    for sheet, text in texts.items():
        for record in _read_lines(text, sheet, notes, keys):
            count += 1
            yield record
    if not count and not notes.problems:
        notes.add(1, "", f"is empty; a {notes.kind} needs {notes.needs}, and a row for each figure")


def _read_lines(text: str, sheet: str, notes: Problems, keys: tuple[str, ...]) -> Iterator[TableRecord]:
    """The lines of one table; what is wrong with it is noted."""
    if not is_readable(text.replace("\r", "")):
        notes.add(1, "", "contains a control character; save it again as CSV UTF-8")
        return
    head, _, _ = text.partition("\n")
    separator = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    names: list[str] | None = None
    count = 0
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if names is None:
                names = _read_head(cells, notes, keys)
                if names is None:
                    return
                continue
            count += 1
            if count > MOST_ROWS:
                notes.add(reader.line_num, "", f"has more than {MOST_ROWS:,} rows")
                return
            if len(cells) > len(names):
                notes.add(reader.line_num, "", f"has {len(cells)} cells, and the first line names {len(names)} columns")
                continue
            yield _make_record(reader.line_num, names, cells, separator, sheet)
    except csv.Error as error:
        notes.add(reader.line_num, "", f"cannot be read as CSV: {error}")


def _read_table_texts(raw: bytes, notes: Problems, keys: tuple[str, ...]) -> dict[str, str] | None:
    """The text of a CSV file, or of a workbook's sheets by the name in messages; None with the reason noted."""
    if not is_excel(raw):
        text = decode_text(raw, notes)
        return None if text is None else {"": text}
    try:
        first = read_sheet_as_csv(raw)
        counts = read_sheet_as_csv(raw, COUNTS) if COUNT in keys else ""
        return {"": first, **({COUNTS: counts} if counts and counts != first else {})}
    except ExcelFileError as problem:
        notes.add(1, "", str(problem))
        return None


def _read_head(cells: list[str], notes: Problems, keys: tuple[str, ...]) -> list[str] | None:
    names = [_ALIASES.get(name, name) for name in (normalise_text(cell).casefold().replace(" ", "_") for cell in cells)]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        notes.add(1, "", f"names the column {', '.join(repeated)} twice")
        return None
    if not any(key in names for key in keys):
        columns = " or ".join(f"'{key}'" for key in keys)
        notes.add(1, "", f"has no column {columns}; the first line must name {notes.needs}")
        return None
    return names


def _make_record(line: int, names: list[str], cells: list[str], separator: str, sheet: str) -> TableRecord:
    pairs = []
    for name, cell in zip(names, cells, strict=False):
        text = cell.strip()
        if separator == ";" and name in ("value", "error", "score") and "." not in text:
            text = text.replace(",", ".")
        if text and name:
            pairs.append((ScalarNode(line, name, True), ScalarNode(line, text, True)))
    return TableRecord(line, tuple(pairs), sheet, COUNT in names and BOARD not in names)
