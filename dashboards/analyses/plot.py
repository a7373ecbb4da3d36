"""Pieces of pictures: scales, ticks, rows with labels. Plain numbers in, SVG out; every word is escaped on the way."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from simulator.charts.palette import INK, QUIET, RULE
from simulator.charts.svg import line, picture, text

WIDE = 350
BLUE, ORANGE, TEAL = "#005EB8", "#B5460B", "#1C7A73"
SMALL = f'font-size="12.5" fill="{QUIET}"'
RIM = 'paint-order="stroke" stroke="#FFFFFF" stroke-width="4" stroke-linejoin="round"'
STEPS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000)
LEFT, RIGHT = 48, WIDE - 14
HATCH = (
    '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    f'<rect width="6" height="6" fill="#FFFFFF"/><line x1="0" y1="0" x2="0" y2="6" stroke="{ORANGE}" stroke-width="5"/>'
    "</pattern></defs>"
)
POINTS = "points (£ in each £100)"
Pair = tuple[float, float]


@dataclass(frozen=True)
class Scale:
    """From numbers to pixels."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, x: float) -> float:
        held = min(max(x, self.low), self.high)
        return self.start + (self.end - self.start) * (held - self.low) / ((self.high - self.low) or 1.0)

    def ticks(self, most: int = 6) -> list[float]:
        """Round numbers within the range."""
        step = next((s for s in STEPS if (self.high - self.low) / s <= most), (self.high - self.low) / most)
        first = -int(-self.low / step + 1e-9) if self.low < 0 else int(self.low / step + 0.999999)
        found = []
        while first * step <= self.high + 1e-9:
            found.append(first * step)
            first += 1
        return found


def around(values: Iterable[float], room: float = 0.06, zero: bool = True) -> tuple[float, float]:
    """A range that holds numbers, zero among them, with a little room."""
    found = [*values, *([0.0] if zero else [])]
    low, high = min(found), max(found)
    more = ((high - low) or 1.0) * room
    return low - (more if low < 0 or not zero else 0), high + more


def number(x: float, signed: bool = False) -> str:
    """A tick."""
    if abs(x) < 1e-12:
        return "0"
    return (f"{x:+g}" if signed else f"{x:g}").replace("-", "−")


def card(title: str, about: str, height: float, body: str) -> str:
    """A picture on its white card, whole in itself; its title is part of its description."""
    rect = f'<rect width="{WIDE}" height="{height:.0f}" fill="#FFFFFF"/>'
    return str(picture("p", (WIDE, round(height)), title, about, rect + body, alone=True))


def across(scale: Scale, top: float, floor: float, words: str, signed: bool = False, percent: str = "") -> str:
    """A horizontal axis with grid lines, and what it counts."""
    parts = []
    for tick in scale.ticks():
        paint = f'stroke="{INK}" stroke-width="1.6"' if abs(tick) < 1e-12 and scale.low < 0 else f'stroke="{RULE}"'
        x = scale(tick)
        parts.append(line(x, top, x, floor + 4, paint))
        parts.append(text(x, floor + 18, number(tick, signed) + percent, f'text-anchor="middle" {SMALL}'))
    parts.append(label((scale.start + scale.end) / 2, floor + 36, words, 48))
    return "".join(parts)


def label(x: float, y: float, words: str, letters: int) -> str:
    """Words under an axis, on two lines at most."""
    lines = textwrap.wrap(words, letters, max_lines=2, placeholder="…") or [""]
    return "".join(text(x, y + 15 * i, one, f'text-anchor="middle" {SMALL}') for i, one in enumerate(lines))


def upward(scale: Scale, left: float, right: float, percent: str = "") -> str:
    """A vertical axis with grid lines."""
    parts = []
    for tick in scale.ticks():
        y = scale(tick)
        bold = abs(tick) < 1e-12
        parts.append(line(left, y, right, y, f'stroke="{QUIET if bold else RULE}"'))
        parts.append(text(left - 7, y + 4, number(tick) + percent, f'text-anchor="end" {SMALL}'))
    return "".join(parts)


def band(xs: Sequence[float], low: Sequence[float], high: Sequence[float], paint: str) -> str:
    """The area between two curves, in pixels."""
    points = [f"{x:.1f},{y:.1f}" for x, y in zip(xs, high, strict=True)]
    points += [f"{x:.1f},{y:.1f}" for x, y in reversed(list(zip(xs, low, strict=True)))]
    return f'<polygon points="{" ".join(points)}" {paint}/>'


def curve(xs: Sequence[float], ys: Sequence[float], paint: str) -> str:
    """A curve, in pixels."""
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(xs, ys, strict=True))
    return f'<polyline points="{points}" fill="none" {paint}/>'


@dataclass(frozen=True)
class Row:
    """A row of a picture: its label, a value in words at the right, and what is drawn at its height."""

    label: str
    value: str
    draw: Callable[[float], str]
    height: float = 34.0


def rows(found: Sequence[Row], top: float = 6.0) -> tuple[list[str], float]:
    """Rows below each other, labels above what they label; returns the pieces and where they end."""
    parts: list[str] = []
    y = top
    for row in found:
        lines = textwrap.wrap(row.label, 32 if row.value else 44, max_lines=2, placeholder="…") or [""]
        parts += [text(4, y + 14 + 15 * i, words, f'font-weight="600" {RIM}') for i, words in enumerate(lines)]
        parts.append(text(WIDE - 4, y + 14, row.value, f'text-anchor="end" {RIM}'))
        y += 14 + 15 * (len(lines) - 1)
        parts.append(row.draw(y + 17))
        y += row.height
    return parts, y


def whisker(scale: Scale, low: float, high: float, y: float, colour: str = INK, width: float = 2.0) -> str:
    """A horizontal interval with ends."""
    a, b = scale(low), scale(high)
    paint = f'stroke="{colour}" stroke-width="{width}"'
    return line(a, y, b, y, paint) + line(a, y - 4, a, y + 4, paint) + line(b, y - 4, b, y + 4, paint)


def block(scale: Scale, start: float, end: float, y: float, paint: str, height: float = 14.0) -> str:
    """A horizontal bar from one number to another."""
    a, b = sorted((scale(start), scale(end)))
    return f'<rect x="{a:.1f}" y="{y - height / 2:.1f}" width="{max(b - a, 0.8):.1f}" height="{height:g}" {paint}/>'


def cut(words: str, letters: int) -> str:
    """Words that fit, told to be cut where they are."""
    return words if len(words) <= letters else f"{words[: letters - 1].rstrip()}…"


def listed_rows(title: str, about: str, made: Sequence[Row], scale: Scale, words: str, signed: bool = False) -> str:
    """Rows on one axis, as a whole picture."""
    drawn, bottom = rows(made)
    return card(title, about, bottom + 44, across(scale, 6, bottom, words, signed) + "".join(drawn))
