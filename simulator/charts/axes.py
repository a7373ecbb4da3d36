"""Axes and rows: scales with round ticks, grids, and labelled rows of bars and intervals on a white card."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from simulator.charts.labels import wrap, wrap_whole
from simulator.charts.palette import INK, QUIET, RULE, WHITE
from simulator.charts.svg import Lettering, Stroke, draw_line, draw_note, draw_plated, draw_rect, make_picture
from simulator.common.html import join_pieces
from simulator.common.ranges import Range

POUNDS = "£ of each £100"
WIDTH = 350
LEFT, RIGHT = 48, WIDTH - 14
"""A card as wide as a phone, and where axes on it begin and end."""

NOTE = 12.5
_STEPS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000)


@dataclass(frozen=True)
class Scale:
    """From numbers between `low` and `high` to pixels between `start` and `end`; others are held at the ends."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, x: float) -> float:
        held = min(max(x, self.low), self.high)
        return self.start + (self.end - self.start) * (held - self.low) / ((self.high - self.low) or 1.0)

    def ticks(self, most: int = 6) -> list[float]:
        """Round numbers within the range, at most so many steps apart, zero among them if it is in the range."""
        step = next((s for s in _STEPS if (self.high - self.low) / s <= most), (self.high - self.low) / most)
        multiple = -int(-self.low / step + 1e-9) if self.low < 0 else int(self.low / step + 0.999999)
        ticks = []
        while multiple * step <= self.high + 1e-9:
            ticks.append(multiple * step)
            multiple += 1
        return ticks


def find_range(values: Iterable[float], room: float = 0.06, zero: bool = True) -> Range:
    """A range that holds numbers, and with `zero` also zero, with a little room where it goes on."""
    held = [*values, *([0.0] if zero else [])]
    low, high = min(held), max(held)
    more = ((high - low) or 1.0) * room
    return low - (more if low < 0 or not zero else 0), high + more


def find_range_around_zero(values: Iterable[float]) -> Range:
    """A range of points that holds numbers and zero, with a little room on both sides."""
    held = [*values, 0.0]
    low, high = min(held), max(held)
    room = max(high - low, 1.0) * 0.05
    return low - room, high + room


def scale_card(low: float, high: float) -> Scale:
    """A scale across a whole card."""
    return Scale(low, high, 8, RIGHT)


def scale_around(points: Iterable[float]) -> Scale:
    """A scale across a whole card that holds numbers and zero."""
    return scale_card(*find_range([*points]))


def format_tick(x: float, signed: bool = False) -> str:
    """A number beside a tick."""
    if abs(x) < 1e-12:
        return "0"
    return (f"{x:+g}" if signed else f"{x:g}").replace("-", "−")


def draw_horizontal_axis(
    scale: Scale, top: float, floor: float, words: str, signed: bool = False, percent: str = ""
) -> Markup:
    """A horizontal axis with grid lines, and under it what it counts."""
    parts = []
    for tick in scale.ticks():
        x, is_zero = scale(tick), abs(tick) < 1e-12 and scale.low < 0
        parts.append(draw_line(x, top, x, floor + 4, Stroke(INK if is_zero else RULE, 1.6 if is_zero else None)))
        parts.append(draw_note(x, floor + 18, format_tick(tick, signed) + percent, "middle", NOTE))
    parts.append(draw_label((scale.start + scale.end) / 2, floor + 36, words, 48))
    return join_pieces(parts)


def draw_label(x: float, y: float, words: str, letters: int) -> Markup:
    """Words under an axis, on two lines at most."""
    return join_pieces(draw_note(x, y + 15 * i, part, "middle", NOTE) for i, part in enumerate(wrap(words, letters)))


def draw_vertical_axis(scale: Scale, left: float, right: float, percent: str = "") -> Markup:
    """A vertical axis with grid lines."""
    parts = []
    for tick in scale.ticks():
        y = scale(tick)
        parts.append(draw_line(left, y, right, y, Stroke(QUIET if abs(tick) < 1e-12 else RULE)))
        parts.append(draw_note(left - 7, y + 4, format_tick(tick) + percent, "end", NOTE))
    return join_pieces(parts)


TOPS = (20, 40, 60, 100)
"""Where an axis of £ in each £100 may end: what stays far below £100 has a scale of its own, from zero."""


def find_pounds_top(highest: float) -> int:
    """The end of an axis of £ in each £100 that holds `highest`."""
    return next((top for top in TOPS if highest <= top), TOPS[-1])


def draw_pounds_axis(height: Callable[[float], float], left: float, right: float, top: int = 100) -> Markup:
    """A vertical axis of £ in each £100 up to `top`; `height` gives the pixels of a number of pounds."""
    parts = []
    for quarter in range(5):
        pounds = top * quarter // 4
        y = height(pounds)
        parts.append(draw_line(left, y, right, y, Stroke(QUIET if pounds == 0 else RULE)))
        parts.append(draw_note(left - 7, y + 4, f"£{pounds}", "end"))
    return join_pieces(parts)


def make_card(title: str, description: str, height: float, *parts: str) -> Markup:
    """A picture on its white card, whole in itself."""
    size = WIDTH, round(height)
    return make_picture("p", size, title, description, join_pieces([draw_rect(0, 0, *size, WHITE), *parts]), alone=True)


@dataclass(frozen=True)
class Row:
    """A row of a picture: its label, a value in words at the right, and what is drawn at its height."""

    label: str
    value: str
    draw: Callable[[float], Markup]
    height: float = 34.0


def stack_rows(rows: Sequence[Row], top: float = 6.0) -> tuple[Markup, float]:
    """Rows below each other, labels above what they label; returns them and where they end."""
    labels, drawn = list[Markup](), list[Markup]()
    y = top
    for row in rows:
        lines = wrap_whole(row.label, 32 if row.value else 44)
        labels += [draw_plated(4, y + 14 + 15 * i, words, Lettering(weight=600)) for i, words in enumerate(lines)]
        if row.value:
            labels.append(draw_plated(WIDTH - 4, y + 14, row.value, Lettering(anchor="end")))
        y += 14 + 15 * (len(lines) - 1)
        drawn.append(row.draw(y + 17))
        y += row.height
    return join_pieces([*labels, *drawn]), y


def draw_rows_on_axis(
    title: str, description: str, rows: Sequence[Row], scale: Scale, words: str, signed: bool = False
) -> Markup:
    """Rows on one axis, as a whole picture."""
    drawn, bottom = stack_rows(rows)
    return make_card(title, description, bottom + 44, draw_horizontal_axis(scale, 6, bottom, words, signed), drawn)


def draw_whisker(scale: Scale, low: float, high: float, y: float, colour: str = INK, width: float = 2.0) -> Markup:
    """A horizontal interval with ends."""
    start, end = scale(low), scale(high)
    ends = (draw_line(x, y - 4, x, y + 4, Stroke(colour, width)) for x in (start, end))
    return join_pieces([draw_line(start, y, end, y, Stroke(colour, width)), *ends])


def draw_bar(
    scale: Scale,
    start: float,
    end: float,
    y: float,
    fill: str,
    stroke: Stroke | None = None,
    *,
    opacity: float | None = None,
    height: float = 14.0,
) -> Markup:
    """A horizontal bar from one number to another, centred on `y`."""
    left, right = sorted((scale(start), scale(end)))
    size = max(right - left, 0.8), height
    return draw_rect(left, y - height / 2, *size, fill, stroke, opacity=opacity)
