"""Ticks along the foot of axes, as many as have labels that stand apart."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from simulator.common.pictures.frame import find_size, measure_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

APART, MOST, FEWEST = 5.0, 9, 2
"""Points between two labels, and the most and the fewest ticks that are tried."""


def thin_ticks(ax: Axes, width: float) -> None:
    """Leave out ticks where their labels would run into one another in `width` points. Zero stays, where it is one."""
    from matplotlib.ticker import FixedLocator, MaxNLocator

    ticks, texts = _list_ticks(ax)
    if _fit(ax, ticks, texts, width):
        return
    locator = ax.xaxis.get_major_locator()
    if not isinstance(locator, FixedLocator) and not hasattr(locator, "_units"):  # years are categories, with units
        for most in range(MOST, FEWEST - 1, -1):
            ax.xaxis.set_major_locator(MaxNLocator(most, steps=[1, 2, 2.5, 5, 10]))
            if _fit(ax, *_list_ticks(ax), width):
                return
        ticks, texts = _list_ticks(ax)
    zero = next((at for at, tick in enumerate(ticks) if tick == 0), 0)
    for step in range(2, len(ticks) + 1):
        chosen = slice(zero % step, None, step)
        if _fit(ax, ticks[chosen], texts[chosen], width):
            break
    ax.set_xticks(ticks[chosen], texts[chosen])


def _list_ticks(ax: Axes) -> tuple[list[float], list[str]]:
    """The ticks in view, and their labels."""
    low, high = sorted(ax.get_xlim())
    ticks = [float(tick) for tick in ax.xaxis.get_majorticklocs() if low <= tick <= high]
    return ticks, [str(text) for text in ax.xaxis.get_major_formatter().format_ticks(ticks)]


def _fit(ax: Axes, ticks: Sequence[float], texts: Sequence[str], width: float) -> bool:
    low, high = sorted(ax.get_xlim())
    size = find_size("xtick.labelsize")
    places = [(tick - low) / (high - low) * width for tick in ticks]
    halves = [measure_text(text, size) / 2 for text in texts]
    each = list(zip(places, halves, strict=True))
    return all(other - half_other - place - half >= APART for (place, half), (other, half_other) in pairwise(each))
