"""How much room there is around and in a pair of axes, and text that is wrapped and made small enough to fit it.

In axes of one's own the layout is the caller's, so text has to fit the margins that are there. In a new figure, and in
any with a layout of matplotlib's, margins follow the text.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH, ROW_HEIGHT, MARGIN = 7.0, 0.32, 1.3
"""Size of a new picture in inches: its width, the height of a row, and what stands above and below the rows."""

SHRINKS = (1.0, 0.9, 0.8, 0.7)
LINE = 1.25
"""The height of a line of text over its size."""

LABELS = 0.36
"""The share of a width that labels may take where margins follow the text."""

TICKS = 22.0

HINTED = 1.07
"""How much wider a line of small letters may be on a screen than its outlines."""


@dataclass(frozen=True)
class Frame:
    """Points (1/72 inch) of room: `left` for names of rows, `below` for that of the axis, `width` and `height` inside.

    `grows` says that the picture is a new one, whose height was chosen for all that it shows. `free` is what there is
    on the left before the next axes, which may be less than names of rows are given, and `above` that on top.
    """

    left: float
    below: float
    width: float
    height: float
    grows: bool = False
    free: float = math.inf
    above: float = math.inf


def measure_frame(ax: Axes) -> Frame:
    """The room of axes, between their neighbours on the left and below."""
    figure = ax.figure
    scale = 72 / figure.dpi
    box, whole = ax.get_window_extent(), figure.bbox
    if figure.get_figure(root=True).get_layout_engine() is not None:
        place = ax.get_subplotspec()
        share = place.get_geometry()[1] if place else 1
        left = LABELS * whole.width / share * scale
        return Frame(left, 4 * TICKS, whole.width / share * scale - left - TICKS, box.height * scale)
    others = [other.get_window_extent() for other in figure.axes if other is not ax]
    left = max([whole.x0, *(other.x1 for other in others if other.x1 <= box.x0)])
    below = max([whole.y0, *(other.y1 for other in others if other.y1 <= box.y0)])
    above = min([whole.y1, *(other.y0 for other in others if other.y0 >= box.y1)])
    free = (box.x0 - left) * scale
    return Frame(
        max(1.0, free - 10),
        (box.y0 - below) * scale - TICKS,
        box.width * scale,
        box.height * scale,
        free=free,
        above=(above - box.y1) * scale,
    )


def measure_text(text: str, size: float) -> float:
    """The width of a line of text in points."""
    return HINTED * _measure_outlines(text) * size


@lru_cache(maxsize=10_000)
def _measure_outlines(text: str) -> float:
    """The width of a line of text over its size, whatever that is."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    size = float(text_to_path.FONT_SCALE)
    width, _, _ = text_to_path.get_text_width_height_descent(text, FontProperties(size=size), ismath=False)
    return float(width) / size


def wrap_text(text: str, room: float, size: float) -> tuple[str, bool]:
    """Text in lines of at most `room` points, and whether every word fits into one."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and measure_text(longer, size) > room:
            lines.append(line)
            line = word
        else:
            line = longer
    lines.append(line)
    return "\n".join(lines), all(measure_text(line, size) <= room for line in lines)


def fit_texts(texts: Sequence[str], room: float, height: float, size: float) -> tuple[list[str], float]:
    """Texts in lines of `room` points that are no higher than `height`, and the size at which they (nearly) fit."""
    for shrink in SHRINKS:
        wrapped = [wrap_text(text, room, size * shrink) for text in texts]
        tallest = max((text.count("\n") + 1 for text, _ in wrapped), default=1)
        if all(fits for _, fits in wrapped) and tallest * LINE * size * shrink <= height:
            break
    return [escape(text) for text, _ in wrapped], size * shrink


def escape(text: str) -> str:
    """Text of which matplotlib makes no formula."""
    return text.replace("$", r"\$")


def find_size(
    name: Literal["xtick.labelsize", "ytick.labelsize", "axes.labelsize", "axes.titlesize"] = "ytick.labelsize",
) -> float:
    """The size in points that matplotlib is set to for a text."""
    from matplotlib import rcParams
    from matplotlib.font_manager import FontProperties

    return float(FontProperties(size=rcParams[name]).get_size_in_points())


def name_axes(ax: Axes, frame: Frame, across: str, up: str = "") -> None:
    """What stands along both axes, wrapped to their length."""
    size = find_size("axes.labelsize")
    (text,), fitting = fit_texts([across], frame.width, max(frame.below, size * LINE), size)
    ax.set_xlabel(text, fontsize=fitting)
    if up and frame.free < TICKS + 4 + LINE * size:  # beside other axes: on top, from left to right
        (text,), fitting = fit_texts([up], frame.width, 2 * LINE * size, size)
        ax.set_ylabel(text, fontsize=fitting, rotation=0, ha="left", va="bottom")
        ax.yaxis.set_label_coords(0, 1.01)
    elif up:
        (text,), fitting = fit_texts([up], frame.height, max(frame.left - TICKS, size * LINE), size)
        ax.set_ylabel(text, fontsize=fitting)


def write_title(ax: Axes, title: str) -> None:
    """A title above axes, wrapped to their width, and above the name of the upright axis where that is on top."""
    frame, size, label = measure_frame(ax), find_size("axes.titlesize"), ax.yaxis.label
    taken = 0.0
    if label.get_text() and not label.get_rotation():
        taken = LINE * float(label.get_fontsize()) * (label.get_text().count("\n") + 1) + 2
    (text,), fitting = fit_texts([title], frame.width, max(size, frame.above - taken - 8), size)
    ax.set_title(text, fontsize=fitting, pad=6 + taken)
