"""Reads a CSV file or an Excel workbook of evidence into lines of named cells.

Separators are commas, semicolons or tabs; of a workbook the first sheet that holds anything is read.
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
_ALIASES = {"code": "board", "ics": "board", "icb": "board", "outcome": "what", "se": "error"}


@dataclass(frozen=True)
class TableRecord:
    """One line of a table: its number from 1, and its cells by column."""

    line: int
    pairs: tuple[tuple[ScalarNode, Node], ...]


def read_table(source: Path | bytes, notes: Problems) -> Iterator[TableRecord]:
    """The lines of a table, from a file or from its bytes. What is wrong with the file itself is noted, and there are
    none, or no more.
    """
    raw = read_raw(source, notes) if isinstance(source, Path) else source
    text = None if raw is None else _read_table_text(raw, notes)
    if text is None:
        return
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
                names = _read_head(cells, notes)
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
            yield _make_record(reader.line_num, names, cells, separator)
    except csv.Error as error:
        notes.add(reader.line_num, "", f"cannot be read as CSV: {error}")
    if names is None or not count:
        notes.add(1, "", f"is empty; a {notes.kind} needs {notes.needs}, and a row for each figure")


def _read_table_text(raw: bytes, notes: Problems) -> str | None:
    """The text of a CSV file, or a workbook's first sheet as one; None with the reason noted."""
    if not is_excel(raw):
        return decode_text(raw, notes)
    try:
        return read_sheet_as_csv(raw)
    except ExcelFileError as problem:
        notes.add(1, "", str(problem))
        return None


def _read_head(cells: list[str], notes: Problems) -> list[str] | None:
    names = [_ALIASES.get(name, name) for name in (normalise_text(cell).casefold().replace(" ", "_") for cell in cells)]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        notes.add(1, "", f"names the column {', '.join(repeated)} twice")
        return None
    if "board" not in names:
        notes.add(1, "", f"has no column 'board'; the first line must name {notes.needs}")
        return None
    return names


def _make_record(line: int, names: list[str], cells: list[str], separator: str) -> TableRecord:
    pairs = []
    for name, cell in zip(names, cells, strict=False):
        text = cell.strip()
        if separator == ";" and name in ("value", "error", "score") and "." not in text:
            text = text.replace(",", ".")
        if text and name:
            pairs.append((ScalarNode(line, name, True), ScalarNode(line, text, True)))
    return TableRecord(line, tuple(pairs))
