"""Giving answers: a table for people, JSON and CSV in full precision for programs, and files whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import math
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import typer

from simulator.commands.shared.console import is_utf8, make_console, print_safely, put, say
from simulator.common.atomic_files import check_writable, write_text
from simulator.common.errors import InputError
from simulator.common.paths import expand_path
from simulator.common.spreadsheet import make_cell_safe
from simulator.common.standard_streams import remove_unprintable

if TYPE_CHECKING:
    from simulator.runs.results import Results

Row = dict[str, Any]
SHORT, LEAST, GAP = 22, 16, 2  # widths of columns: never folded up to, folded down to, and between


class Form(Enum):
    """How an answer is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


@dataclass(frozen=True)
class Answer:
    """One answer in all its forms: a JSON document, flat rows for CSV, what a person sees, and results to save."""

    document: Mapping[str, object]
    rows: Sequence[Row]
    show: Callable[[], None]
    results: Results | None = None


def choose_form(as_json: bool, as_csv: bool) -> Form:
    """The one form asked for. Raises a usage error for two."""
    if as_json and as_csv:
        raise typer.BadParameter("give --json or --csv, not both")
    return Form.JSON if as_json else Form.CSV if as_csv else Form.TABLE


def deliver(answer: Answer, form: Form, out: Path | None = None) -> None:
    """Write an answer to a file if one is named, and print it. The file comes first: printing may fail."""
    if out is not None:
        _write_answer(answer, out)
    if form is Form.JSON:
        put(render_json(answer.document, plain=not is_utf8(sys.stdout)))
    elif form is Form.CSV:
        put(render_csv(answer.rows))
    else:
        answer.show()
    if out is not None:
        say(f"wrote {out}")


def _write_answer(answer: Answer, out: Path) -> None:
    ending = out.suffix.lower()
    if ending == ".nc" and answer.results is not None:
        answer.results.save(out)
    else:
        write_text(out, render_json(answer.document) if ending == ".json" else render_csv(answer.rows))


def check_out(out: Path | None, endings: Iterable[str]) -> Path | None:
    """The file to write, with `~` and variables put in, before any work is done for it.

    Raises InputError for its ending, and FileWriteError.
    """
    if out is None:
        return None
    out = expand_path(out)
    allowed = list(endings)
    if out.suffix.lower() not in allowed:
        ways = f"{', '.join(allowed[:-1])} or {allowed[-1]}" if len(allowed) > 1 else allowed[0]
        raise InputError(f"{out}: the ending must be {ways}")
    check_writable(out)
    return out


def render_json(document: object, *, plain: bool = False) -> str:
    """One JSON document; what is not a number becomes null. `plain` keeps to ASCII."""
    return json.dumps(_to_plain_values(document), indent=2, ensure_ascii=plain, allow_nan=False) + "\n"


def _to_plain_values(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _to_plain_values(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_to_plain_values(item) for item in value]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return value


def render_csv(rows: Sequence[Row]) -> str:
    """A table as CSV with a header; numbers in full precision, what is not a number blank, no text a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([make_cell_safe(name) for name in rows[0]] if rows else ())
    for row in rows:
        writer.writerow([_render_cell(value) for value in row.values()])
    return text.getvalue()


def _render_cell(value: Any) -> Any:
    if isinstance(value, float):
        return repr(float(value)) if math.isfinite(value) else ""
    return make_cell_safe("; ".join(map(str, value)) if isinstance(value, (list, tuple)) else value)


def show_table(rows: Sequence[Mapping[str, str]], numbers: Iterable[str] = ()) -> None:
    """Print rows of text under their keys. Long cells are folded; nothing is cut off."""
    from rich import box
    from rich.table import Table

    if not rows:
        return
    right, screen = set(numbers), make_console()
    fixed = _fix_widths(rows, screen.width)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True, show_edge=False, header_style="bold")
    for name in rows[0]:
        justify: Literal["right", "left"] = "right" if name in right else "left"
        table.add_column(name, justify=justify, overflow="fold", width=fixed.get(name))
    for row in rows:
        table.add_row(*(remove_unprintable(cell) for cell in row.values()))
    print_safely(lambda: screen.print(table))


def _fix_widths(rows: Sequence[Mapping[str, str]], screen: int) -> dict[str, int]:
    """Widths of columns of short cells, so that only long ones are folded; empty where the screen is too narrow."""
    widths = {name: max(len(row[name]) for row in rows) for name in rows[0]}
    short = {
        name: max(width, *map(len, name.split()), min(SHORT, len(name) // 2 + 2))  # a head of two lines at most
        for name, width in widths.items()
        if width <= SHORT
    }
    left = screen - sum(short.values()) - GAP * len(widths)
    return short if left >= LEAST * (len(widths) - len(short)) else {}


def show_text(text: str = "") -> None:
    """Print a paragraph: wrapped at words on a terminal, one line in a pipe."""
    screen = make_console()
    print_safely(lambda: screen.print(remove_unprintable(text), soft_wrap=not screen.is_terminal))
