"""Colours of a map: classes of equal width with round ends, told apart in grey and by colour-blind people too."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from simulator.charts.palette import NO_MONEY
from simulator.common.errors import InputError
from simulator.common.formatting import format_number
from simulator.common.ranges import Range
from simulator.common.sentence_templates import get_template

_Colour = tuple[int, int, int]
_MORE = ((0xE8, 0xF1, 0xFA), (0x4C, 0x92, 0xC9), (0x08, 0x30, 0x6B))
_LESS = ((0xFD, 0xEF, 0xE2), (0xE0, 0x8A, 0x3C), (0x6B, 0x2E, 0x04))
_STEPS = (1.0, 2.0, 5.0, 10.0, 20.0, 25.0, 50.0, 100.0)
MOST = 8
"""The most classes of a scale."""

LEAST_LEVELS, LEAST_DIFFERENCES = 20.0, 10.0
"""How far a scale reaches at least, £ in each £100, so that gaps which chance alone could leave look alike: boards'
more futures would move averages over some hundred by about £2, their differences by about £1.
"""


@dataclass(frozen=True)
class ColourScale:
    """Classes `step` wide from `low` to `high`. `signed`: differences, whose colour says how far from zero."""

    low: float
    high: float
    step: float
    signed: bool = False

    def __len__(self) -> int:
        return max(1, round((self.high - self.low) / self.step))

    def class_of(self, value: float) -> int:
        """The class of a value; the highest end belongs to the last."""
        return min(len(self) - 1, max(0, math.floor((value - self.low) / self.step + 1e-9)))

    def ends(self, i: int) -> Range:
        """Where a class begins and ends."""
        return self.low + i * self.step, self.low + (i + 1) * self.step

    def fill(self, value: float) -> str:
        """The colour of a value."""
        return NO_MONEY if value != value else self.colour(self.class_of(value))

    def colour(self, i: int) -> str:
        """The colour of a class."""
        if not self.signed:
            return _mix(_MORE, i / max(1, len(self) - 1))
        low, high = self.ends(i)
        farthest = max(1.0, max(abs(self.low), abs(self.high)) / self.step - 1)
        steps = (low if low >= -1e-9 else -high) / self.step
        return _mix(_MORE if low >= -1e-9 else _LESS, steps / farthest)


def make_level_scale(values: Sequence[float]) -> ColourScale:
    """A scale for amounts, between round numbers around them all."""
    low, high = min(min(values, default=0.0), 99.0), max(values, default=100.0)
    if high - low < LEAST_LEVELS:
        low = min(max((low + high - LEAST_LEVELS) / 2, 0.0), 100 - LEAST_LEVELS)
        high = low + LEAST_LEVELS
    return _make_scale(low, high, signed=False)


def make_difference_scale(values: Sequence[float]) -> ColourScale:
    """A scale for differences: zero is always an end of a class, and always on the scale."""
    low, high = min(0.0, *values, 0.0), max(0.0, *values, 0.0)
    if high >= -low:
        high = max(high, LEAST_DIFFERENCES)
    else:
        low = min(low, -LEAST_DIFFERENCES)
    return _make_scale(low, high, signed=True)


def describe_least_span(signed: bool) -> str:
    """What the colours of a map leave out, in a sentence."""
    span = format_scale_end(LEAST_DIFFERENCES if signed else LEAST_LEVELS, False)
    return get_template("map.colours.differences" if signed else "map.colours.levels").format(span=span)


def _make_scale(low: float, high: float, signed: bool) -> ColourScale:
    for step in _STEPS:
        first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
        if last - first <= MOST:
            return ColourScale(first * step, max(last, first + 1) * step, step, signed)
    raise InputError(f"{low:g} to {high:g} is too wide for a map of £ in each £100")


def _mix(stops: Sequence[_Colour], share: float) -> str:
    """A colour between the first of these colours (0) and the last (1)."""
    place = min(1.0, max(0.0, share)) * (len(stops) - 1)
    i = min(int(place), len(stops) - 2)
    part = place - i
    return "#" + "".join(f"{round(a + (b - a) * part):02X}" for a, b in zip(stops[i], stops[i + 1], strict=True))


def pick_ink(fill: str) -> str:
    """Black or white, whichever stands out more on a fill; one of them always has a contrast above 4.5."""
    return max(("#000000", "#FFFFFF"), key=lambda ink: compute_contrast_ratio(fill, ink))


def compute_contrast_ratio(first: str, second: str) -> float:
    """The contrast ratio of two colours, as WCAG counts it."""
    lighter, darker = sorted((_compute_luminance(first), _compute_luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _compute_luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def format_scale_end(value: float, signed: bool) -> str:
    """A round number of pounds; a difference with its sign."""
    sign = ("−" if value < 0 else "+" if value > 0 else "") if signed else ""
    return f"{sign}£{format_number(abs(value), 3)}"
