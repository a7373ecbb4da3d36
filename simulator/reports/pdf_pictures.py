"""Pictures for printed pages and files: small ones on a sheet, and all scenarios over time in one chart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from simulator.charts.headline import Path
from simulator.charts.label_spacing import apart
from simulator.charts.palette import INK, QUIET, RULE, marker
from simulator.charts.svg import SVG_NAMES, WIDTH, line, picture, text, wrapped
from simulator.common.errors import InputError
from simulator.common.formatting import pounds

PANEL = 380
WIDE, LEFT, RIGHT, TOP, FLOOR, ROOM = 760, 52, 660, 16, 330, 18.0
_ROOT = re.compile(r'<svg[^>]*viewBox="0 0 (\d+) (\d+)"[^>]*>(.*)</svg>\s*$', re.DOTALL)
_HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\u2028\u2029\ufffe\uffff]")
_CARD = re.compile(r'<rect width="\d+" height="\d+" rx="\d+" fill="#FFFFFF"/>')
_NAMES = re.compile(r"<(title|desc|metadata)\b[^>]*>.*?</\1>", re.DOTALL)
_RIMMED = re.compile(r"<text ([^>]*?)paint-order=\"stroke\"([^>]*)>([^<]*)</text>")
_STROKE = re.compile(r' ?stroke(-width|-linejoin)?="[^"]*"')


class Line(NamedTuple):
    """One scenario over time: its quantiles by year, and the first year that it has of its own."""

    path: Path
    own: int


def sheet(panels: Sequence[tuple[str, str]], title: str, words: str, columns: int = 2) -> str:
    """Small pictures with their titles side by side as one: `panels` are titles and <svg> texts of one width.

    Raises ValueError for what is no such picture.
    """
    parts, tops = [], [0] * max(1, min(columns, len(panels)))
    for i, (name, drawn) in enumerate(panels):
        found = _ROOT.match(drawn)
        if found is None:
            raise InputError(f"the picture of {name} cannot be put on a sheet")
        column, heading = i % len(tops), wrapped(name, 40)
        left, top = PANEL * column, tops[column]
        bold = 'font-weight="700" font-size="14"'
        parts += [text(left, top + 14 + 17 * j, one, bold) for j, one in enumerate(heading)]
        under = top + 6 + 17 * len(heading)
        parts.append(f'<g transform="translate({left} {under})">{_NAMES.sub("", found[3])}</g>')
        tops[column] = under + int(found[2]) + 20
    size = PANEL * len(tops) - (PANEL - WIDTH), max(tops)
    return str(picture("sheet", size, title, words, "".join(parts), alone=True))


def cropped(svg: str, left: int, top: int, right: int = 0, bottom: int = 0) -> str:
    """A picture without its margins and the white card behind it. Raises ValueError for what is no picture."""
    found = _ROOT.match(svg)
    if found is None:
        raise InputError("this picture has no size")
    wide, high = int(found[1]) - left - right, int(found[2]) - top - bottom
    opening = svg[: svg.index(">") + 1]
    opening = re.sub(r' (width|height)="\d+"', "", opening).replace(
        f'viewBox="0 0 {found[1]} {found[2]}"', f'width="{wide}" height="{high}" viewBox="0 0 {wide} {high}"'
    )
    inside = _CARD.sub("", found[3])
    return f'{opening}<g transform="translate({-left} {-top})">{inside}</g></svg>'


def over_time(lines: Sequence[Line], years: Sequence[str], start: int, title: str, words: str) -> str:
    """Medians with bands (50 and 80 of 100 futures) of several scenarios; `start` is the first year of a policy."""
    xs = [LEFT + (RIGHT - LEFT) * i / max(1, len(years) - 1) for i in range(len(years))]
    parts = [_axes(xs, years)]
    if start > 0:
        x = (xs[start - 1] + xs[start]) / 2
        parts.append(line(x, TOP, x, FLOOR, f'stroke="{QUIET}" stroke-dasharray="2 3"'))
        parts.append(text(x - 6, FLOOR - 8, "policy starts", f'text-anchor="end" fill="{QUIET}"'))
    parts += [_shade(one, xs) for one in lines]
    parts += [_median(one, xs) for one in lines]
    parts += _ends([one for one in lines if one.path.median[-1] == one.path.median[-1]])
    parts += [_key(i, one) for i, one in enumerate(lines)]
    return str(picture("bands", (WIDE, FLOOR + 46 + 20 * len(lines)), title, words, "".join(parts), alone=True))


def _y(share: float) -> float:
    return FLOOR - (FLOOR - TOP) * share


def _axes(xs: Sequence[float], years: Sequence[str]) -> str:
    parts = []
    for hundred in (0, 25, 50, 75, 100):
        y = _y(hundred / 100)
        parts.append(line(LEFT, y, RIGHT, y, f'stroke="{QUIET if hundred == 0 else RULE}"'))
        parts.append(text(LEFT - 8, y + 4, f"£{hundred}", f'text-anchor="end" fill="{QUIET}"'))
    middle = f'text-anchor="middle" fill="{QUIET}"'
    return "".join(parts + [text(x, FLOOR + 20, year, middle) for x, year in zip(xs, years, strict=True)])


def _there(one: Line) -> list[int]:
    return [i for i in range(one.own, len(one.path.median)) if one.path.median[i] == one.path.median[i]]


def _shade(one: Line, xs: Sequence[float]) -> str:
    parts, there, q = [], _there(one), one.path.quantiles
    for low, high, shade in ((0, 4, 0.10), (1, 3, 0.20)):
        points = [f"{xs[i]:.1f},{_y(q[high][i]):.1f}" for i in there]
        points += [f"{xs[i]:.1f},{_y(q[low][i]):.1f}" for i in reversed(there)]
        parts.append(f'<polygon points="{" ".join(points)}" fill="{one.path.style.colour}" fill-opacity="{shade}"/>')
    return "".join(parts) if there else ""


def _median(one: Line, xs: Sequence[float]) -> str:
    style, there = one.path.style, [(xs[i], _y(one.path.median[i])) for i in _there(one)]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in there)
    dash = f' stroke-dasharray="{style.dash}"' if style.dash else ""
    drawn = f'<polyline points="{points}" fill="none" stroke="{style.colour}" stroke-width="2.6"{dash}/>'
    return (drawn if there else "") + "".join(marker(style.marker, x, y, style.colour, 4.5) for x, y in there)


def _ends(lines: Sequence[Line]) -> list[str]:
    heights = apart([_y(one.path.median[-1]) for one in lines], ROOM)
    bold = f'font-weight="600" fill="{INK}"'
    return [
        text(RIGHT + 12, y + 4, f"{one.path.style.letter} {pounds(one.path.median[-1])}", bold)
        for one, y in zip(lines, heights, strict=True)
    ]


def _key(i: int, one: Line) -> str:
    y, style = FLOOR + 50 + 20 * i, one.path.style
    dash = f' stroke-dasharray="{style.dash}"' if style.dash else ""
    drawn = line(LEFT, y, LEFT + 34, y, f'stroke="{style.colour}" stroke-width="3"{dash}')
    return drawn + text(LEFT + 44, y + 4, f"{style.letter}  {one.path.title}")


def readable(words: str) -> str:
    """Text without what neither pages nor pictures can hold."""
    return _HIDDEN.sub(" ", words)


def printable(svg: str, family: str) -> str:
    """A picture as the maker of PDF pages understands it: in its own typeface, and white rims drawn before letters."""

    def twice(found: re.Match[str]) -> str:
        extra = f"{found[1]}{found[2]}"
        return f"<text {extra}>{found[3]}</text><text {_STROKE.sub('', extra)}>{found[3]}</text>"

    plain = _NAMES.sub("", readable(svg))
    if "xmlns=" not in plain.split(">", 1)[0]:
        plain = plain.replace("<svg", f'<svg xmlns="{SVG_NAMES}"', 1)
    return _RIMMED.sub(twice, re.sub(r'font-family="[^"]*"', f'font-family="{family}"', plain))
