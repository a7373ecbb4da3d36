"""A bar per row, with its interval, and the values of two estimates or of two times as points beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.common.pictures.colours import BAR, FIRST, INK, QUIET, SECOND
from simulator.common.pictures.columns import PictureColumns
from simulator.common.pictures.frame import Frame
from simulator.common.pictures.rows import (
    MOST_SHOWN,
    RowPlan,
    draw_line_at,
    draw_upright,
    find_ends,
    finish_rows,
    join_notes,
    name_rows,
    plan_rows,
    tell_rows,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def draw_bars(ax: Axes, table: pd.DataFrame, columns: PictureColumns, frame: Frame) -> None:
    """A bar for each row, the first 20, hollow where `columns.filled` is 0."""
    plan = _plan(table, columns, frame)
    shown, told = table.head(plan.count), dict[str, Any]()
    values, rows = shown[columns.value].to_numpy(float), np.arange(len(shown))
    bars = ax.barh(rows, values, height=plan.thickness, color=BAR, edgecolor=BAR)
    if columns.filled:
        solid = shown[columns.filled].to_numpy(float) > 0
        for bar, full in zip(bars, solid, strict=True):
            bar.set(facecolor=BAR if full else "none", edgecolor=FIRST if full else QUIET, hatch="" if full else "////")
            told.setdefault(columns.filled_name if full else columns.hollow_name, bar)
    elif columns.name and len(shown):
        told[columns.name] = bars
    ends = find_ends(shown, columns.value, columns.low, columns.high, columns.half_width)
    if ends is not None:
        lines = ax.hlines(rows, *ends, color=INK, linewidth=1.5)
        told |= {columns.interval: lines} if columns.interval else {}
    draw_upright(ax, 0, len(shown))
    draw_line_at(ax, table, columns, len(shown), told)
    note = join_notes(columns.note, tell_rows(len(shown), table))
    finish_rows(ax, frame, name_rows(shown, columns), columns.axis, told, note, plan.inside)


def draw_points(ax: Axes, table: pd.DataFrame, columns: PictureColumns, frame: Frame) -> None:
    """Two marks a row, `value` above `second`, the first 20 rows; an interval that only `value` has is around both."""
    from matplotlib.lines import Line2D

    plan = _plan(table, columns, frame)
    shown, told = table.head(plan.count), dict[str, Any]()
    rows = np.arange(len(shown))
    ends = find_ends(shown, columns.value, columns.low, columns.high, columns.half_width)
    half = columns.second_half_width
    other = find_ends(shown, columns.second, columns.second_low, columns.second_high, half)
    if ends is not None and other is None:
        told[columns.interval] = ax.hlines(rows, *ends, color=QUIET, linewidth=1.2)
    for name, value, colour, mark, shift, span in (
        (columns.name, columns.value, FIRST, "o", -plan.apart, ends if other is not None else None),
        (columns.second_name, columns.second, SECOND, "D", plan.apart, other),
    ):
        (told[name],) = ax.plot(
            shown[value].to_numpy(float), rows + shift, mark, color=colour, markersize=6, markerfacecolor=colour
        )
        if span is not None:
            ax.hlines(rows + shift, *span, color=colour, linewidth=1.5)
            told[columns.interval] = Line2D([], [], color=INK, linewidth=1.5)
    draw_upright(ax, 0, len(shown))
    draw_line_at(ax, table, columns, len(shown), told)
    told = {name: told[name] for name in sorted(told, key=lambda name: name == columns.interval)}
    note = join_notes(columns.note, tell_rows(len(shown), table))
    finish_rows(ax, frame, name_rows(shown, columns), columns.axis, told, note, plan.inside)


def _plan(table: pd.DataFrame, columns: PictureColumns, frame: Frame) -> RowPlan:
    """How many rows there is room for above what the marks mean."""
    marks = [columns.filled_name, columns.hollow_name] if columns.filled else [columns.name, columns.second_name]
    some = join_notes(columns.note, tell_rows(min(MOST_SHOWN, len(table) - 1), table))
    return plan_rows(
        name_rows(table.head(MOST_SHOWN), columns), frame, [*marks, columns.interval, columns.line_name], some
    )
