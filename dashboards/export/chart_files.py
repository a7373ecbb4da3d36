"""Files of a chart: SVG, PNG, CSV and Excel, each with its source inside."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from simulator.charts.picture_files import make_png_file, make_svg_file
from simulator.common.characters import remove_controls
from simulator.common.errors import InputError
from simulator.common.spreadsheet import make_cell_safe, make_line_safe
from simulator.reports.excel_file import Column, Sheet, make_excel_file
from simulator.runs.manifest import find_version

Cell = str | float | int
Facts = tuple[tuple[str, str], ...]

MOST_ROWS = 200_000


class ChartExport(NamedTuple):
    """A chart to export.

    `title` is the sentence above it; `svg` a whole <svg …> or "" where there is no picture; `header` and `rows` its
    numbers; `source` the line that says how they were made; `facts` more of that, as names and values. `framed` puts
    title and source into the picture, for one that does not show them itself.
    """

    title: str
    svg: Markup
    header: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]
    source: str
    facts: Facts = ()
    framed: bool = True


def collect_metadata(export: ChartExport, today: dt.date | None = None) -> dict[str, str]:
    """Its source, as names and values; control characters are left out."""
    metadata = {
        "title": export.title,
        "source": export.source,
        "date": (today or dt.date.today()).isoformat(),
        "version": find_version(),
        **dict(export.facts),
    }
    clean = {remove_controls(name): remove_controls(value) for name, value in metadata.items()}
    return {name: re.sub(r"[\r\n\t]+", " ", value) for name, value in clean.items()}


def make_chart_csv(export: ChartExport, today: dt.date | None = None) -> bytes:
    """The numbers; lines that begin with # say how they were made. UTF-8 with the mark that spreadsheets look for.

    Raises ValueError for more rows than a file may have.
    """
    _check_rows(export)
    out = io.StringIO()
    for name, value in collect_metadata(export, today).items():
        out.write(f"# {make_line_safe(f'{name}: {value}')}\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([make_cell_safe(words) for words in export.header])
    writer.writerows([make_cell_safe(cell) for cell in row] for row in export.rows)
    return out.getvalue().encode("utf-8-sig")


def make_chart_excel(export: ChartExport, today: dt.date | None = None) -> bytes:
    """The numbers as a workbook, with a sheet that says how they were made. Raises ValueError for too many rows."""
    _check_rows(export)
    cells = zip(*export.rows, strict=True) if export.rows else [()] * len(export.header)
    numeric = [bool(column) and not any(isinstance(cell, str) for cell in column) for column in cells]
    columns = tuple(
        Column(name[:1].upper() + name[1:], "General" if number else "", 16 if number else 28)
        for name, number in zip(export.header, numeric, strict=True)
    )
    facts = collect_metadata(export, today)
    about = (Column("Item", width=30), Column("Explanation", width=60))
    sheets = [
        Sheet("Numbers", export.title, f"This sheet holds one table. {export.source}", columns, export.rows),
        Sheet("Read me", "How they were made", "This sheet holds one table.", about, list(facts.items())),
    ]
    return make_excel_file(sheets, export.title, export.source, today or dt.date.today())


def _check_rows(export: ChartExport) -> None:
    if len(export.rows) > MOST_ROWS:
        raise InputError(
            f"{len(export.rows):,} rows are too many for one file ({MOST_ROWS:,} at most); take the data "
            "as Parquet from the Share page instead"
        )


def make_chart_svg(export: ChartExport, today: dt.date | None = None) -> bytes:
    """The picture as a file that stands by itself, its source in it for people and for machines. Raises ValueError."""
    return make_svg_file(export.svg, collect_metadata(export, today), export.framed)


def make_chart_png(export: ChartExport, today: dt.date | None = None, zoom: float = 2.0) -> bytes:
    """The same picture in pixels, `zoom` to a unit of the drawing, with its source inside. Raises ValueError."""
    return make_png_file(export.svg, collect_metadata(export, today), export.framed, zoom)
