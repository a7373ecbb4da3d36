"""Pictures put together and made ready for paper: several on a sheet, one without its margins, one for a PDF page."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import unescape
from pathlib import Path

from markupsafe import Markup

from simulator.charts.labels import wrap_whole
from simulator.charts.svg import SVG_NAMES, Attributes, Lettering, draw_text, make_element, make_picture, move_pieces
from simulator.common.characters import remove_controls
from simulator.common.errors import InputError
from simulator.common.html import join_pieces

PANEL, GAP = 340, 40
LARGEST = 2_000_000
_ROOT = re.compile(r"<svg\b([^>]*)>(.*)</svg>\s*$", re.DOTALL)
_ATTRIBUTE = re.compile(r"([\w:-]+)\s*=\s*\"([^\"]*)\"|([\w:-]+)\s*=\s*'([^']*)'")
_NAMES = re.compile(r"<(title|desc|metadata)\b[^>]*>.*?</\1>", re.DOTALL)
_RIMMED = re.compile(r"<text ([^>]*?)paint-order=\"stroke\"([^>]*)>([^<]*)</text>")
_STROKE = re.compile(r' ?stroke(-width|-linejoin)?="[^"]*"')


def take_apart(svg: Markup) -> tuple[dict[str, str], Markup] | None:
    """The attributes of a picture's root and what is inside it; None for what is no picture, or too large a one."""
    start = svg.find("<svg")
    root = _ROOT.match(svg[start:]) if start >= 0 else None
    if root is None or len(svg) > LARGEST:
        return None
    attributes = {a or c: unescape(b or d) for a, b, c, d in _ATTRIBUTE.findall(root[1])}
    return attributes, Markup(remove_controls(root[2]))  # noqa: S704 (it was markup)


def find_view_box(attributes: Mapping[str, str]) -> tuple[float, float, float, float]:
    """Left, top, width and height of a picture."""
    numbers = [float(x) for x in re.findall(r"-?\d+(?:\.\d+)?", attributes.get("viewBox", ""))]
    if len(numbers) == 4:
        return numbers[0], numbers[1], numbers[2], numbers[3]
    width, height = (re.match(r"\d+(?:\.\d+)?", attributes.get(name, "")) for name in ("width", "height"))
    return 0.0, 0.0, float(width[0]) if width else 640.0, float(height[0]) if height else 360.0


def make_sheet(panels: Sequence[tuple[str, Markup]], title: str, description: str, columns: int = 2) -> Markup:
    """Small pictures with their titles side by side as one: `panels` are titles and pictures of one width.

    Raises ValueError for what is no such picture.
    """
    parts, tops = [], [0] * max(1, min(columns, len(panels)))
    for i, (name, svg) in enumerate(panels):
        picture_parts = take_apart(svg)
        if picture_parts is None:
            raise InputError(f"the picture of {name} cannot be put on a sheet")
        attributes, content = picture_parts
        height = int(find_view_box(attributes)[3])
        column, heading = i % len(tops), wrap_whole(name, 40)
        left, top = (PANEL + GAP) * column, tops[column]
        parts += [draw_text(left, top + 14 + 17 * j, words, Lettering(14, 700)) for j, words in enumerate(heading)]
        under = top + 6 + 17 * len(heading)
        parts.append(move_pieces(left, under, _drop_names(content)))
        tops[column] = under + height + 20
    size = (PANEL + GAP) * len(tops) - GAP, max(tops)
    return make_picture("sheet", size, title, description, join_pieces(parts), alone=True)


def _drop_names(content: Markup) -> Markup:
    """A picture's content without its names, which the sheet's own replace."""
    return Markup(_NAMES.sub("", content))  # noqa: S704 (it was markup)


def crop(svg: Markup, left: int, top: int, right: int = 0, bottom: int = 0) -> Markup:
    """A picture without so much of its margins. Raises InputError for what is no picture."""
    picture_parts = take_apart(svg)
    if picture_parts is None:
        raise InputError("this is no picture that could be cropped")
    attributes, content = picture_parts
    _, _, width, height = find_view_box(attributes)
    width, height = width - left - right, height - top - bottom
    size: Attributes = {"width": width, "height": height, "viewBox": f"0 0 {width:g} {height:g}"}
    return make_element("svg", {**attributes, **size}, move_pieces(-left, -top, content))


def read_picture(path: Path) -> Markup | None:
    """A picture that a chart of ours wrote to a file of the program; None for what is no picture."""
    picture_parts = take_apart(Markup(path.read_text(encoding="utf-8")))  # noqa: S704 (it was markup)
    return None if picture_parts is None else make_element("svg", *picture_parts)


def make_printable(svg: str, family: str) -> str:
    """A picture as the maker of PDF pages understands it: in its own typeface, and white rims drawn before letters."""

    def drawn_twice(rimmed: re.Match[str]) -> str:
        look = f"{rimmed[1]}{rimmed[2]}"
        return f"<text {look}>{rimmed[3]}</text><text {_STROKE.sub('', look)}>{rimmed[3]}</text>"

    plain = _NAMES.sub("", remove_controls(svg))
    if "xmlns=" not in plain.split(">", 1)[0]:
        plain = plain.replace("<svg", f'<svg xmlns="{SVG_NAMES}"', 1)
    return _RIMMED.sub(drawn_twice, re.sub(r'font-family="[^"]*"', f'font-family="{family}"', plain))
