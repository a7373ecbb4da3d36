"""Paired differences: a mark with a thick and a thin line for each policy, around zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from simulator.charts.axes import Scale, format_tick
from simulator.charts.labels import measure_text, wrap_whole
from simulator.charts.palette import INK, QUIET, RULE, WHITE, Style
from simulator.charts.svg import (
    Lettering,
    Stroke,
    draw_line,
    draw_marker,
    draw_note,
    draw_plated,
    draw_rect,
    make_picture,
)
from simulator.common.html import join_pieces
from simulator.common.ranges import Range

WIDTH = 340
SAYS = 15
"""Height of the line that says more."""
LETTERS, LEAST = 40, 16
"""So many fit on a line, for a name and the value beside it, and so many a name has at least."""


@dataclass(frozen=True)
class Interval:
    """A paired difference in points: its mean, likely (80%) and wide (95%) range, with a value in words, and what it
    says about futures in a few more ("" for nothing).
    """

    title: str
    style: Style
    mean: float
    likely: Range
    wide: Range
    value: str
    says: str = ""


def draw_intervals(
    key: str, title: str, description: str, rows: Sequence[Interval], ends: Range, axis: str = "£ in each £100"
) -> Markup:
    """A row for each difference, around a zero line; `ends` are those of the axis, in points, and `axis` names it."""
    scale = Scale(*ends, 14, 326)
    names = [
        wrap_whole(f"{row.style.letter}  {row.title}".strip(), max(LETTERS - len(row.value), LEAST)) for row in rows
    ]
    heights = [31 + 15 * len(lines) + SAYS * bool(row.says) for row, lines in zip(rows, names, strict=True)]
    floor = 14 + sum(heights)
    parts = [_draw_axis(scale, floor, axis)]
    top = 14
    for row, lines, height in zip(rows, names, heights, strict=True):
        told = [*lines, row.says] if row.says else lines
        width = max(measure_text(words, 13.0) for words in told)
        parts.append(draw_rect(2, top - 8, width, 15 * len(told) + 4, WHITE))  # so that no line runs between the words
        parts += [draw_plated(2, top + 6 + 15 * i, words, Lettering(weight=600)) for i, words in enumerate(lines)]
        parts.append(draw_plated(338, top + 6, row.value, Lettering(weight=600, anchor="end")))
        if row.says:
            parts.append(draw_plated(2, top + 6 + 15 * len(lines), row.says, Lettering(fill=QUIET)))
        if row.mean == row.mean:
            parts.append(_draw_interval(row, top + height - 22, scale))
        top += height
    return make_picture(key, (WIDTH, floor + 44), title, description, join_pieces(parts))


def _draw_axis(scale: Scale, floor: float, name: str) -> Markup:
    parts = [draw_note(WIDTH / 2, floor + 36, name, "middle")]
    for tick in scale.ticks(7):
        x = scale(tick)
        parts.append(draw_line(x, 6, x, floor + 4, Stroke(RULE if tick else INK, None if tick else 1.6)))
        parts.append(draw_note(x, floor + 18, format_tick(tick, signed=True), "middle"))
    return join_pieces(parts)


def _draw_interval(row: Interval, y: float, scale: Scale) -> Markup:
    colour = row.style.colour
    lines = [
        draw_line(scale(low), y, scale(high), y, Stroke(colour, width))
        for (low, high), width in ((row.wide, 2), (row.likely, 7))
    ]
    return join_pieces([*lines, draw_marker(row.style.marker, scale(row.mean), y, colour, 7)])
