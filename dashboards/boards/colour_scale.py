"""Shades for a map: classes of equal width with round ends, told apart in grey and by colour-blind people too."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape

from simulator.common.errors import InputError
from simulator.common.formatting import significant

MORE = ((0xE8, 0xF1, 0xFA), (0x4C, 0x92, 0xC9), (0x08, 0x30, 0x6B))
LESS = ((0xFD, 0xEF, 0xE2), (0xE0, 0x8A, 0x3C), (0x6B, 0x2E, 0x04))
BLANK = "#E1E5E8"
STEPS = (1.0, 2.0, 5.0, 10.0, 20.0, 25.0, 50.0, 100.0)
MOST = 8


@dataclass(frozen=True)
class Shades:
    """Classes `step` wide from `low` to `high`. `signed`: differences, whose shade says how far from nothing."""

    low: float
    high: float
    step: float
    signed: bool = False

    def __len__(self) -> int:
        return max(1, round((self.high - self.low) / self.step))

    def place(self, value: float) -> int:
        """The class of a value; the highest end belongs to the last."""
        return min(len(self) - 1, max(0, math.floor((value - self.low) / self.step + 1e-9)))

    def ends(self, at: int) -> tuple[float, float]:
        """Where a class begins and ends."""
        return self.low + at * self.step, self.low + (at + 1) * self.step

    def fill(self, value: float) -> str:
        """The colour of a value."""
        return BLANK if value != value else self.colour(self.place(value))

    def colour(self, at: int) -> str:
        """The colour of a class."""
        if not self.signed:
            return _mixed(MORE, at / max(1, len(self) - 1))
        low, high = self.ends(at)
        far = max(1.0, max(abs(self.low), abs(self.high)) / self.step - 1)
        steps = (low if low >= -1e-9 else -high) / self.step
        return _mixed(MORE if low >= -1e-9 else LESS, steps / far)


def levels(values: list[float]) -> Shades:
    """Shades for amounts, between round numbers around them all."""
    return _shades(min(min(values, default=0.0), 99.0), max(values, default=100.0), signed=False)


def differences(values: list[float]) -> Shades:
    """Shades for differences: nothing is always an end of a class, and always on the scale."""
    return _shades(min(0.0, *values, 0.0), max(0.0, *values, 0.0), signed=True)


def _shades(low: float, high: float, signed: bool) -> Shades:
    for step in STEPS:
        first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
        if last - first <= MOST:
            return Shades(first * step, max(last, first + 1) * step, step, signed)
    raise InputError(f"{low:g} to {high:g} is too wide for a map of £ in each £100")


def _mixed(stops: tuple[tuple[int, int, int], ...], at: float) -> str:
    at = min(1.0, max(0.0, at)) * (len(stops) - 1)
    i = min(int(at), len(stops) - 2)
    part = at - i
    return "#" + "".join(f"{round(a + (b - a) * part):02X}" for a, b in zip(stops[i], stops[i + 1], strict=True))


def ink(fill: str) -> str:
    """Dark or white, whichever stands out more."""
    return max(("#000000", "#FFFFFF"), key=lambda one: contrast(fill, one))  # one of them is always above 4.5


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, as WCAG counts it."""
    a, b = sorted((_light(one), _light(other)), reverse=True)
    return (a + 0.05) / (b + 0.05)


def _light(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def pound(value: float, signed: bool) -> str:
    """A whole number of pounds; a difference with its sign."""
    sign = ("−" if value < 0 else "+" if value > 0 else "") if signed else ""
    return f"{sign}£{significant(abs(value), 3)}"


def legend(shades: Shades, caption: str) -> str:
    """What the shades mean, in HTML."""
    items = "".join(
        f'<li><span class="shade" style="background:{shades.colour(at)}"></span>'
        f"{pound(shades.ends(at)[0], shades.signed)} to {pound(shades.ends(at)[1], shades.signed)}</li>"
        for at in range(len(shades))
    )
    return f'<p class="quiet" style="margin-bottom:2px">{escape(caption)}</p><ul class="shades">{items}</ul>'


SHEET = """
.shades { display: flex; flex-wrap: wrap; gap: 4px 12px; list-style: none; padding: 0; margin: 0 0 .4rem;
  font-size: .875rem; }
.shades li { display: flex; align-items: center; gap: 6px; }
.shade { width: 22px; height: 18px; border: 1px solid #4C6272; border-radius: 3px; }
"""
