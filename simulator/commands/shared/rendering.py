"""Giving answers: a table for people, JSON and CSV in full precision for programs, and files whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import math
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum, auto
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


class Form(StrEnum):
    """How an answer is printed."""

    TABLE = auto()
    JSON = auto()
    CSV = auto()


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


def deliver(answer: Answer, form: Form, out: Path | None = None, crate: Path | None = None) -> None:
    """Write an answer to a file and a crate if they are named, and print it. Files come first: printing may fail."""
    if out is not None:
        _write_answer(answer, out)
    if crate is not None:
        _write_crate(answer, crate)
    if form is Form.JSON:
        put(render_json(answer.document, plain=not is_utf8(sys.stdout)))
    elif form is Form.CSV:
        put(render_csv(answer.rows))
    else:
        answer.show()
    for written in filter(None, (out, crate)):
        say(f"wrote {written}")


def _write_answer(answer: Answer, out: Path) -> None:
    ending = out.suffix.lower()
    if ending == ".nc" and answer.results is not None:
        answer.results.save(out)
    else:
        write_text(out, render_json(answer.document) if ending == ".json" else render_csv(answer.rows))


def check_crate(folder: Path | None) -> None:
    """Refuse a folder that is in use before anything is run. Raises InputError and FileWriteError."""
    if folder is not None:
        from simulator.common.crate_folder import check_crate_folder

        check_crate_folder(folder)


def _write_crate(answer: Answer, folder: Path) -> None:
    """Write an answer as a crate, with the command that makes it again."""
    from simulator.common.crate_folder import CrateContent, CrateFile, write_crate_folder

    document = answer.document
    command, badge = str(document.get("command", "")), str(document.get("badge", ""))
    sentences = " ".join(_list_sentences(document)) or "What was found stands in answer.json."
    files = {"answer.json": CrateFile("The answer, as --json prints it", render_json(document).encode())}
    if answer.rows:
        files["answer.csv"] = CrateFile("Its table, as --csv prints it", render_csv(answer.rows).encode())
    content = CrateContent(
        title=command.split(" --")[0] or "An answer of Ringfence",
        description=f"{sentences} ({badge}.)" if badge else sentences,
        files=files,
        result="answer.json",
        action="A question to the model",
        record=command,
        readme=[f"    {command}", "", "It gives the same numbers, or says what has changed since.", ""],
    )
    write_crate_folder(content, folder)


def _list_sentences(document: Mapping[str, object]) -> list[str]:
    """The sentence of an answer, or those of its parts."""
    if isinstance(sentence := document.get("sentence"), str):
        return [sentence]
    lists = [value for value in document.values() if isinstance(value, list)]
    return [line for parts in lists for part in parts if isinstance(part, Mapping) for line in _list_sentences(part)]


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
