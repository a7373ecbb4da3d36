"""Pictures put together and made ready for paper: several on a sheet, one without its margins, one for a PDF page."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markupsafe import Markup

from simulator.charts.labels import wrapped
from simulator.charts.svg import SVG_NAMES, moved, picture, text
from simulator.common.characters import without_controls
from simulator.common.errors import InputError
from simulator.common.html import joined

PANEL, GAP = 340, 40
_ROOT = re.compile(r'<svg[^>]*viewBox="0 0 (\d+) (\d+)"[^>]*>(.*)</svg>\s*$', re.DOTALL)
_NAMES = re.compile(r"<(title|desc|metadata)\b[^>]*>.*?</\1>", re.DOTALL)
_RIMMED = re.compile(r"<text ([^>]*?)paint-order=\"stroke\"([^>]*)>([^<]*)</text>")
_STROKE = re.compile(r' ?stroke(-width|-linejoin)?="[^"]*"')


def _inside(svg: Markup, name: str) -> tuple[int, int, Markup]:
    """The width, height and content of a picture that this package drew. Raises ValueError for what is none."""
    root = _ROOT.match(svg)
    if root is None:
        raise InputError(f"{name} is not a picture that can be put on a page")
    return int(root[1]), int(root[2]), Markup(root[3])  # noqa: S704 (it was markup)


def sheet(panels: Sequence[tuple[str, Markup]], title: str, description: str, columns: int = 2) -> Markup:
    """Small pictures with their titles side by side as one: `panels` are titles and pictures of one width.

    Raises ValueError for what is no such picture.
    """
    parts, tops = [], [0] * max(1, min(columns, len(panels)))
    for i, (name, svg) in enumerate(panels):
        _, height, content = _inside(svg, f"“{name}”")
        column, heading = i % len(tops), wrapped(name, 40)
        left, top = (PANEL + GAP) * column, tops[column]
        parts += [text(left, top + 14 + 17 * j, words, size=14, weight=700) for j, words in enumerate(heading)]
        under = top + 6 + 17 * len(heading)
        parts.append(moved(left, under, _unnamed(content)))
        tops[column] = under + height + 20
    size = (PANEL + GAP) * len(tops) - GAP, max(tops)
    return picture("sheet", size, title, description, joined(parts), alone=True)


def _unnamed(content: Markup) -> Markup:
    """A picture's content without its names, which the sheet's own replace."""
    return Markup(_NAMES.sub("", content))  # noqa: S704 (it was markup)


def cropped(svg: Markup, left: int, top: int, right: int = 0, bottom: int = 0) -> str:
    """A picture without so much of its margins. Raises ValueError for what is no picture."""
    width, height, content = _inside(svg, "this")
    size = f'{width - left - right}" height="{height - top - bottom}'
    box = f"{width - left - right} {height - top - bottom}"
    opening = re.sub(r' (width|height)="\d+"', "", svg[: svg.index(">") + 1])
    opening = opening.replace(f'viewBox="0 0 {width} {height}"', f'width="{size}" viewBox="0 0 {box}"')
    return f"{opening}{moved(-left, -top, content)}</svg>"


def printable(svg: str, family: str) -> str:
    """A picture as the maker of PDF pages understands it: in its own typeface, and white rims drawn before letters."""

    def drawn_twice(rimmed: re.Match[str]) -> str:
        look = f"{rimmed[1]}{rimmed[2]}"
        return f"<text {look}>{rimmed[3]}</text><text {_STROKE.sub('', look)}>{rimmed[3]}</text>"

    plain = _NAMES.sub("", without_controls(svg))
    if "xmlns=" not in plain.split(">", 1)[0]:
        plain = plain.replace("<svg", f'<svg xmlns="{SVG_NAMES}"', 1)
    return _RIMMED.sub(drawn_twice, re.sub(r'font-family="[^"]*"', f'font-family="{family}"', plain))
