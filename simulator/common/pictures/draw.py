"""Draws the picture of an answer into axes, a new figure's or one's own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from simulator.common.errors import InputError
from simulator.common.pictures.bars import draw_bars, draw_points
from simulator.common.pictures.boxes import draw_box
from simulator.common.pictures.columns import PictureColumns
from simulator.common.pictures.curves import draw_front, draw_histogram, draw_line
from simulator.common.pictures.frame import LABELS, MARGIN, ROW_HEIGHT, WIDTH, Frame, measure_frame
from simulator.common.pictures.rows import MOST_SHOWN, find_height, name_rows
from simulator.common.pictures.ticks import thin_ticks
from simulator.common.pictures.tolerances import draw_tolerances

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_DRAWN = {
    "bars": draw_bars,
    "points": draw_points,
    "box": draw_box,
    "line": draw_line,
    "front": draw_front,
    "histogram": draw_histogram,
    "tolerance": draw_tolerances,
}
CURVES, LEGEND = 4.2, 0.7
"""The height in inches of a new picture without rows, and what a legend adds to one with rows."""


def draw_picture(table: pd.DataFrame, columns: PictureColumns, ax: Axes | None = None) -> Axes:
    """Draw a table. Returns the axes. Raises InputError if matplotlib is not installed."""
    own = ax is None
    _require_matplotlib()
    ax = open_axes(ax, _find_height(table, columns) if own else CURVES)
    _DRAWN[columns.kind](ax, table, columns, replace(measure_frame(ax), grows=own))
    thin_ticks(ax, measure_frame(ax).width)
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def open_axes(ax: Axes | None, height: float = CURVES) -> Axes:
    """The given axes, or those of a new figure. Raises InputError for what is none, and without matplotlib."""
    _require_matplotlib()
    from matplotlib import pyplot

    if ax is None:
        return pyplot.subplots(figsize=(WIDTH, height), layout="constrained")[1]
    if not hasattr(ax, "barh"):
        raise InputError(f"ax is matplotlib's axes, such as `figure, ax = pyplot.subplots()`, not {str(ax)[:60]}")
    return ax


def _require_matplotlib() -> None:
    try:
        import matplotlib.pyplot  # noqa: F401
    except ImportError as missing:
        raise InputError(
            "pictures in a notebook take matplotlib: install it, or ringfence with its extra `plot`"
        ) from missing


def _find_height(table: pd.DataFrame, columns: PictureColumns) -> float:
    """The height in inches that a new figure needs."""
    room = Frame(LABELS * WIDTH * 72, 0, 0, 0)
    if columns.kind == "box":
        return MARGIN + LEGEND + 1.5 * ROW_HEIGHT * max(3, table["factor"].nunique())
    if columns.kind in ("bars", "points", "tolerance"):
        shown = table if columns.kind == "tolerance" else table.head(MOST_SHOWN)
        return MARGIN + LEGEND + find_height(name_rows(shown, columns), room)
    return CURVES
