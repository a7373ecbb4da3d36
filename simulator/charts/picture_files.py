"""A chart as a file that stands by itself: SVG or PNG, with its title and where it comes from inside."""

from __future__ import annotations

import json
import re
import struct
import textwrap
import zlib
from collections.abc import Mapping

from markupsafe import Markup

from simulator.charts.fonts import FAMILY, list_font_files
from simulator.charts.labels import count_letters_that_fit
from simulator.charts.palette import INK, QUIET, WHITE
from simulator.charts.sheets import find_view_box, take_apart
from simulator.charts.svg import SVG_NAMES, Attributes, Lettering, draw_rect, draw_text, make_element
from simulator.common.errors import InputError
from simulator.common.html import join_pieces

MARGIN, TITLE, SMALL = 16, 15, 11
NARROWEST = 560
"""A framed picture is enlarged to be at least so wide."""

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"
_LOOKS = ("font-", "fill", "stroke", "style", "class", "color")
_LATIN = 0x2E80
"""Letters from here on are in no typeface of ours."""


def make_svg_file(svg: Markup, facts: Mapping[str, str], framed: bool) -> bytes:
    """A picture as a file, its source in it for people and for machines.

    `facts` hold "title", "source", "date", "version" and more. `framed` puts title and source into the picture.
    Raises ValueError for what is no picture.
    """
    picture_parts = take_apart(svg)
    if picture_parts is None:
        raise InputError("this chart has no picture that could be saved; take its numbers instead")
    attributes, content = picture_parts
    left, top, width, height = find_view_box(attributes)
    scale = max(1.0, NARROWEST / width) if framed else 1.0
    margin = MARGIN if framed else 0
    full_width = width * scale + 2 * margin
    title = _wrap_lines(facts["title"], full_width, TITLE) if framed else []
    source = _wrap_lines(f"Source: {facts['source']}", full_width, SMALL) if framed else []
    head, y = _draw_paragraph(title, margin, TITLE, INK, 700)
    place = f"translate({margin - left * scale:.2f} {y + margin - top * scale:.2f}) scale({scale:.4f})"
    looks: Attributes = {name: value for name, value in attributes.items() if name.startswith(_LOOKS)}
    chart = make_element("g", {"transform": place}, make_element("g", looks, content))
    foot, end = _draw_paragraph(source, y + height * scale + 1.5 * margin, SMALL, QUIET)
    size = f"{full_width:.0f}", f"{end + margin:.0f}"
    root: Attributes = {
        "xmlns": SVG_NAMES,
        "width": size[0],
        "height": size[1],
        "viewBox": f"0 0 {size[0]} {size[1]}",
        "role": "img",
        "font-family": f"{FAMILY}, Verdana, Arial, sans-serif",
    }
    named = make_element("title", {}, facts["title"]), make_element("desc", {}, facts["source"]), _write_metadata(facts)
    ground = draw_rect(0, 0, float(size[0]), float(size[1]), WHITE)
    return f"{make_element('svg', root, *named, ground, head, chart, foot)}\n".encode()


def _wrap_lines(words: str, width: float, size: float) -> list[str]:
    return textwrap.wrap(words, count_letters_that_fit(width - 2 * MARGIN, size)) if words else []


def _draw_paragraph(
    lines: list[str], top: float, size: float, fill: str, weight: int | None = None
) -> tuple[Markup, float]:
    """Lines of text from a height on, and where they end."""
    step = round(1.35 * size, 1)
    drawn = [
        draw_text(MARGIN, top + size + step * i, words, Lettering(size=size, weight=weight, fill=fill))
        for i, words in enumerate(lines)
    ]
    return join_pieces(drawn), top + step * len(lines)


def _write_metadata(facts: Mapping[str, str]) -> Markup:
    """The facts as Dublin Core for tools that read it, and all of them as JSON."""
    core = {
        "title": facts["title"],
        "description": facts["source"],
        "date": facts["date"],
        "creator": f"Ringfence {facts['version']}",
        "format": "image/svg+xml",
        "type": "StillImage",
        "source": json.dumps(dict(facts), ensure_ascii=False),
    }
    terms = (make_element(f"dc:{name}", {}, value) for name, value in core.items())
    about = make_element("rdf:Description", {"rdf:about": ""}, *terms)
    return make_element("metadata", {}, make_element("rdf:RDF", {"xmlns:rdf": _RDF, "xmlns:dc": _DUBLIN_CORE}, about))


def make_png_file(svg: Markup, facts: Mapping[str, str], framed: bool, zoom: float = 2.0) -> bytes:
    """The same picture in pixels, `zoom` to a unit of the drawing, with its source in text chunks.

    Nothing of this system is asked for: the typeface comes with this package, so that every machine draws it alike;
    only scripts that this typeface lacks are looked for among the system's own. Raises ValueError for what is no
    picture.
    """
    import resvg_py

    drawn = make_svg_file(svg, facts, framed).decode("utf-8")
    png = bytes(
        resvg_py.svg_to_bytes(
            svg_string=re.sub(r'font-family="[^"]*"', f'font-family="{FAMILY}"', drawn),
            zoom=zoom,
            background=WHITE,
            font_files=[str(path) for path in list_font_files().values()],
            font_family=FAMILY,
            sans_serif_family=FAMILY,
            skip_system_fonts=all(ord(letter) < _LATIN for letter in drawn),
        )
    )
    texts = {
        "Title": facts["title"],
        "Description": facts["source"],
        "Creation Time": facts["date"],
        "Software": f"Ringfence {facts['version']}",
        "Source": json.dumps(dict(facts), ensure_ascii=False),
    }
    first = 8 + 25  # after the signature and the header
    return png[:first] + b"".join(_make_chunk(name, words) for name, words in texts.items()) + png[first:]


def _make_chunk(name: str, words: str) -> bytes:
    """An international text chunk of a PNG file."""
    body = b"iTXt" + name.encode("latin-1") + b"\0\0\0\0\0" + words.encode("utf-8")
    return struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
