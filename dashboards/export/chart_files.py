"""Files made of a chart: SVG, PNG and CSV, each with where it comes from inside."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import struct
import textwrap
import zlib
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from simulator.charts.palette import INK, QUIET
from simulator.common.errors import InputError
from simulator.common.spreadsheet import safe_cell, safe_line
from simulator.reports.pdf_fonts import FAMILY, font_files
from simulator.reports.pdf_pictures import readable
from simulator.runs.manifest import version

Cell = str | float | int
Facts = tuple[tuple[str, str], ...]

MOST_ROWS = 200_000
LARGEST_PICTURE = 2_000_000
SVG_NAMES = "http://www.w3.org/2000/svg"
RDF_NAMES = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"
MARGIN, TITLE, SMALL = 16, 15, 11
ROOT = re.compile(r"<svg\b([^>]*)>(.*)</svg>\s*$", re.DOTALL)
ATTRIBUTE = re.compile(r"([\w:-]+)\s*=\s*\"([^\"]*)\"|([\w:-]+)\s*=\s*'([^']*)'")
KEPT = ("font-", "fill", "stroke", "style", "class", "color")


class Takeaway(NamedTuple):
    """A chart that people take away.

    `title` is the sentence above it; `svg` a whole <svg …> or "" where there is no picture; `header` and `rows` its
    numbers; `source` the line that says how they were made; `facts` more of that, as names and values. `framed` puts
    title and source into the picture, for one that does not show them itself.
    """

    title: str
    svg: str
    header: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]
    source: str
    facts: Facts = ()
    framed: bool = True


def about(taken: Takeaway, today: dt.date | None = None) -> dict[str, str]:
    """Where it comes from, as names and values; control characters are left out."""
    made = {
        "title": taken.title,
        "source": taken.source,
        "date": (today or dt.date.today()).isoformat(),
        "version": version(),
        **dict(taken.facts),
    }
    return {readable(name): re.sub(r"[\r\n\t]+", " ", readable(value)) for name, value in made.items()}


def csv_file(taken: Takeaway, today: dt.date | None = None) -> bytes:
    """The numbers; lines that begin with # say how they were made. UTF-8 with the mark that spreadsheets look for.

    Raises ValueError for more rows than a file may have.
    """
    if len(taken.rows) > MOST_ROWS:
        raise InputError(
            f"{len(taken.rows):,} rows are too many for one file ({MOST_ROWS:,} at most); take the data "
            "as Parquet from the Share page instead"
        )
    out = io.StringIO()
    for name, value in about(taken, today).items():
        out.write(f"# {safe_line(f'{name}: {value}')}\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([safe_cell(words) for words in taken.header])
    writer.writerows([safe_cell(cell) for cell in row] for row in taken.rows)
    return out.getvalue().encode("utf-8-sig")


def _parts(svg: str) -> tuple[dict[str, str], str]:
    """The attributes of the root and what is inside. Raises ValueError for what is no picture."""
    start = svg.find("<svg")
    match = ROOT.match(svg[start:]) if start >= 0 else None
    if match is None or len(svg) > LARGEST_PICTURE:
        raise InputError("this chart has no picture that could be saved; take its numbers instead")
    found = {a or c: b or d for a, b, c, d in ATTRIBUTE.findall(match[1])}
    return found, readable(match[2])


def _box(found: dict[str, str]) -> tuple[float, float, float, float]:
    numbers = [float(x) for x in re.findall(r"-?\d+(?:\.\d+)?", found.get("viewBox", ""))]
    if len(numbers) == 4:
        return numbers[0], numbers[1], numbers[2], numbers[3]
    wide, high = (re.match(r"\d+(?:\.\d+)?", found.get(name, "")) for name in ("width", "height"))
    return 0.0, 0.0, float(wide[0]) if wide else 640.0, float(high[0]) if high else 360.0


def _lines(words: str, width: float, size: float) -> list[str]:
    return textwrap.wrap(words, max(16, int((width - 2 * MARGIN) / (0.62 * size)))) if words else []


def _text(lines: list[str], top: float, size: float, paint: str) -> tuple[str, float]:
    step, drawn = round(1.35 * size, 1), []
    for i, words in enumerate(lines):
        y = top + size + step * i
        drawn.append(f'<text x="{MARGIN}" y="{y:.1f}" font-size="{size}" {paint}>{escape(words)}</text>')
    return "".join(drawn), top + step * len(lines)


def svg_file(taken: Takeaway, today: dt.date | None = None) -> bytes:
    """The picture as a file that stands by itself, its source in it for people and for machines. Raises ValueError."""
    (found, inside), facts = _parts(taken.svg), about(taken, today)
    left, top, wide, high = _box(found)
    scale = max(1.0, 560 / wide) if taken.framed else 1.0
    width, margin = wide * scale, MARGIN if taken.framed else 0
    width += 2 * margin
    head, y = _text(
        _lines(facts["title"], width, TITLE) if taken.framed else [], margin, TITLE, f'font-weight="700" fill="{INK}"'
    )
    place = f"translate({margin - left * scale:.2f} {y + margin - top * scale:.2f}) scale({scale:.4f})"
    kept = "".join(f' {name}="{value}"' for name, value in found.items() if name.startswith(KEPT))
    chart = f'<g transform="{place}"><g{kept}>{inside}</g></g>'
    foot, end = _text(
        _lines(f"Source: {facts['source']}", width, SMALL) if taken.framed else [],
        y + high * scale + 1.5 * margin,
        SMALL,
        f'fill="{QUIET}"',
    )
    height = end + margin
    return (
        f'<svg xmlns="{SVG_NAMES}" width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'role="img" font-family="{FAMILY}, Verdana, Arial, sans-serif"><title>{escape(facts["title"])}</title>'
        f"<desc>{escape(facts['source'])}</desc>{metadata(facts)}"
        f'<rect width="100%" height="100%" fill="#FFFFFF"/>{head}{chart}{foot}</svg>\n'
    ).encode()


def metadata(facts: dict[str, str]) -> str:
    """The facts as Dublin Core for tools that read it, and all of them as JSON."""
    core = {
        "title": facts["title"],
        "description": facts["source"],
        "date": facts["date"],
        "creator": f"Ringfence {facts['version']}",
        "format": "image/svg+xml",
        "type": "StillImage",
    }
    words = "".join(f"<dc:{name}>{escape(value)}</dc:{name}>" for name, value in core.items())
    told = escape(json.dumps(facts, ensure_ascii=False))
    return (
        f'<metadata><rdf:RDF xmlns:rdf="{RDF_NAMES}" xmlns:dc="{DUBLIN_CORE}"><rdf:Description rdf:about="">{words}'
        f"<dc:source>{told}</dc:source></rdf:Description></rdf:RDF></metadata>"
    )


def png_file(taken: Takeaway, today: dt.date | None = None, zoom: float = 2.0) -> bytes:
    """The same picture in pixels, `zoom` to a unit of the drawing, with its source in text chunks. Raises ValueError.

    Nothing of this system is asked for: the typeface comes with Python packages, so that every machine draws it alike;
    only scripts that this typeface lacks are looked for among the system's own.
    """
    import resvg_py

    drawn = svg_file(taken, today).decode("utf-8")
    paths = [str(path) for path in font_files().values()]
    plain = all(ord(letter) < 0x2E80 for letter in drawn)
    text = re.sub(r'font-family="[^"]*"', f'font-family="{FAMILY}"', drawn)
    made = bytes(
        resvg_py.svg_to_bytes(
            svg_string=text,
            zoom=zoom,
            background="#FFFFFF",
            font_files=paths,
            font_family=FAMILY,
            sans_serif_family=FAMILY,
            skip_system_fonts=plain,
        )
    )
    facts = about(taken, today)
    chunks = {
        "Title": facts["title"],
        "Description": facts["source"],
        "Creation Time": facts["date"],
        "Software": f"Ringfence {facts['version']}",
        "Source": json.dumps(facts, ensure_ascii=False),
    }
    first = 8 + 25  # after the signature and the header
    return made[:first] + b"".join(_chunk(name, words) for name, words in chunks.items()) + made[first:]


def _chunk(name: str, words: str) -> bytes:
    """An international text chunk of a PNG file."""
    body = b"iTXt" + name.encode("latin-1") + b"\0\0\0\0\0" + words.encode("utf-8")
    return struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
