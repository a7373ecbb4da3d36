"""Pictures with a row for each row of a table: its name on the left, and a strip at the foot for what marks mean."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simulator.common.pictures.colours import QUIET, SECOND
from simulator.common.pictures.columns import PictureColumns
from simulator.common.pictures.frame import (
    LINE,
    ROW_HEIGHT,
    SHRINKS,
    Frame,
    escape,
    find_size,
    fit_texts,
    measure_text,
    name_axes,
    wrap_text,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

DASHES = (0, (5, 3))

MOST_SHOWN = 20
"""Rows of bars that are drawn."""

FEWEST_ROWS = 3
"""Rows that there is room for at least, so that a single bar is no block."""

STRIP = 0.22
"""The share of the height that is left for what the marks mean when rows are counted."""

LEAST_HEIGHT, MOST_LINES = 13.0, 4
"""The points that a row takes at least, and the lines that a name on the left has at most."""

INSIDE = 0.8
"""The size of names inside the axes over that of names on the left."""

LEGEND = 0.85
"""The size of the legend's text over that of the names of rows."""

RAISED, MARKED, MARK = 0.26, 0.13, 4.0
"""How far a name inside stands above the middle of its row, how far marks stand below it, and half a mark in points."""

HANDLE = 36.0
"""Points that a mark of the legend takes, with the space around it."""


@dataclass(frozen=True)
class RowPlan:
    """How many rows are drawn, and whether their names stand inside the axes, above each row."""

    count: int
    inside: bool = False

    @property
    def apart(self) -> float:
        """How far the two marks of a row stand from its middle, where a row is 1."""
        return 0.13 if self.inside else 0.17

    @property
    def thickness(self) -> float:
        """The height of a bar, where a row is 1."""
        return 0.4 if self.inside else 0.6


def plan_rows(
    names: Sequence[str], frame: Frame, told: Sequence[str] = (), note: str = "", under: float = 0.0
) -> RowPlan:
    """All rows with their names on the left if they can be read there, else inside; else as many as fit.

    `told` are the names of marks that the strip at the foot has to hold, and `note` its remark; `under` are points
    that words below a row take where its name stands above it.
    """
    if frame.grows or not names:
        return RowPlan(len(names))
    size, plans = find_size(), list[RowPlan]()
    strip = _measure_strip([_wrap_handle(name, frame, LEGEND * size) for name in told if name], note, frame)
    height = frame.height - max(STRIP * frame.height, strip)
    for shrink in SHRINKS:
        wrapped = [wrap_text(name, frame.left, size * shrink) for name in names]
        lines = [text.count("\n") + 1 for text, _ in wrapped]
        if all(fits for _, fits in wrapped) and max(lines) <= MOST_LINES:
            plans.append(RowPlan(_count_fitting(lines, height, LINE * size * shrink, 2)))
    lines = [wrap_text(name, frame.width, INSIDE * size)[0].count("\n") + 1 for name in names]
    plans.append(RowPlan(_count_inside(lines, height, LINE * INSIDE * size, under), inside=True))
    whole = [plan for plan in plans if plan.count >= len(names)]
    return whole[0] if whole else max(plans, key=lambda plan: plan.count)


def _count_fitting(lines: Sequence[int], height: float, line: float, spare: float) -> int:
    """How many of the first rows fit, each as high as the name with the most lines needs."""
    most = np.maximum.accumulate(np.maximum(LEAST_HEIGHT, np.array(lines) * line + spare))
    return max(1, int((most * np.arange(1, len(lines) + 1) <= height).sum()))


def _count_inside(lines: Sequence[int], height: float, line: float, under: float) -> int:
    """How many of the first rows fit with their names above them, clear of the marks of the row before."""
    for count in range(len(lines), 1, -1):
        tallest = max(lines[:count]) * line
        if _share_out(count, height, tallest) * (1 - RAISED - MARKED) >= tallest + MARK + under:
            return count
    return 1


def _share_out(count: int, height: float, tallest: float) -> float:
    """The points of a row where names of `tallest` points stand above rows, the first of which needs room on top."""
    spare = (max(FEWEST_ROWS, count) - count) / 2
    return min(height / (count + 2 * spare), (height - tallest) / (count + spare + RAISED - 0.5))


def name_rows(table: pd.DataFrame, columns: PictureColumns) -> list[str]:
    """What each row is called."""
    parts = zip(*(table[name].astype(str) for name in columns.label.split("+")), strict=True)
    return [columns.between.join(words).replace("_", " ") for words in parts]


def find_ends(
    table: pd.DataFrame, value: str, low: str, high: str, half_width: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Both ends of the interval, (rows,) each, or None where there is none."""
    if half_width:
        middle, half = table[value].to_numpy(float), table[half_width].to_numpy(float)
        return middle - half, middle + half
    return (table[low].to_numpy(float), table[high].to_numpy(float)) if low else None


def find_height(names: Sequence[str], frame: Frame) -> float:
    """How many inches the rows take in a new figure, with small names where there are very many."""
    size = find_size() * (SHRINKS[-1] if len(names) > MOST_SHOWN else 1.0)
    lines = max((wrap_text(name, frame.left, size)[0].count("\n") + 1 for name in names), default=1)
    return max(FEWEST_ROWS, len(names)) * max(ROW_HEIGHT, (lines * LINE * size + 6) / 72)


def finish_rows(
    ax: Axes,
    frame: Frame,
    names: Sequence[str],
    axis: str,
    told: Mapping[str, Artist],
    note: str = "",
    inside: bool = False,
) -> None:
    """Name rows and axis, first row on top, and say at the foot of the axes what the marks mean, and a remark."""
    rows, legend = max(FEWEST_ROWS, len(names)), LEGEND * find_size()
    handles = [_wrap_handle(name, frame, legend) for name in told]
    across = _count_columns(handles, frame, legend)
    remark = escape(wrap_text(note, frame.width, legend)[0]) if note else ""
    strip = _measure_strip(handles, note, frame)
    spare, height = (rows - len(names)) / 2, (frame.height - strip) / rows
    if inside:
        tallest = max(wrap_text(name, frame.width, INSIDE * find_size())[0].count("\n") + 1 for name in names)
        height = _share_out(len(names), frame.height - strip, tallest * LINE * INSIDE * find_size())
    head = _write_inside(ax, frame, names, height) if inside else _write_beside(ax, frame, names, height)
    ax.set_ylim(len(names) - 0.5 + spare + strip / height, -0.5 - max(spare, head))
    name_axes(ax, frame, axis)
    if told or remark:
        ax.legend(
            list(told.values()),
            [escape(text) for text in handles],
            loc="lower center",
            ncols=max(1, across),
            fontsize=legend,
            title=remark or None,
            title_fontsize=legend,
            frameon=False,
            borderaxespad=0.1,
            handletextpad=0.5,
            columnspacing=1.2,
        )


def _measure_strip(handles: Sequence[str], note: str, frame: Frame) -> float:
    """The points that the strip at the foot takes for these marks, wrapped already, and a remark."""
    legend = LEGEND * find_size()
    lines = _count_lines(handles, _count_columns(handles, frame, legend))
    lines += wrap_text(note, frame.width, legend)[0].count("\n") + 1 if note else 0
    return min(0.55 * frame.height, 1.5 * legend * lines + 6) if lines else 0.0


def _write_beside(ax: Axes, frame: Frame, names: Sequence[str], height: float) -> float:
    """Names on the left of rows `height` points high. Returns what they take above the first row: nothing."""
    labels, size = fit_texts(names, frame.left, height, find_size())
    ax.set_yticks(range(len(names)), labels, fontsize=size)
    return 0.0


def _write_inside(ax: Axes, frame: Frame, names: Sequence[str], height: float) -> float:
    """Names inside, above rows `height` points high. Returns the part of a row that they take above the first one."""
    size = INSIDE * find_size()
    labels = [escape(wrap_text(name, frame.width, size)[0]) for name in names]
    ax.set_yticks([row - RAISED for row in range(len(names))], labels, fontsize=size, ha="left", va="bottom")
    ax.tick_params(axis="y", length=0, pad=-5)
    ax.set_axisbelow(False)
    tallest = max((label.count("\n") + 1 for label in labels), default=1)
    return max(0.0, RAISED + tallest * LINE * size / height - 0.5)


def _count_lines(handles: Sequence[str], across: int) -> int:
    """How many lines a legend has with so many marks beside each other, which matplotlib fills column by column."""
    if not handles:
        return 0
    deep = math.ceil(len(handles) / across)
    columns = [handles[at : at + deep] for at in range(0, len(handles), deep)]
    return max(sum(text.count("\n") + 1 for text in column) for column in columns)


def _wrap_handle(name: str, frame: Frame, size: float) -> str:
    return wrap_text(name, frame.width - HANDLE, size)[0]


def _count_columns(names: Sequence[str], frame: Frame, size: float) -> int:
    """How many marks of a legend stand beside each other."""
    longest = max((measure_text(line, size) for name in names for line in name.split("\n")), default=1.0)
    return max(1, min(len(names), math.floor(frame.width / (longest + HANDLE)))) if names else 0


def tell_rows(shown: int, table: pd.DataFrame) -> str:
    """That not every row is drawn, where that is so."""
    return f"The first {shown} of {len(table)} rows" if shown < len(table) else ""


def join_notes(*notes: str) -> str:
    """Remarks one after the other."""
    return "; ".join(note for note in notes if note)


def draw_upright(ax: Axes, at: float, rows: int, colour: str = QUIET, dashed: bool = False) -> Line2D:
    """A line across all rows that leaves out the strip at the foot."""
    (line,) = ax.plot(
        [at, at],
        [-0.5, rows - 0.5],
        color=colour,
        linestyle=DASHES if dashed else "-",
        linewidth=1.4 if dashed else 0.8,
    )
    return line


def draw_line_at(ax: Axes, table: pd.DataFrame, columns: PictureColumns, rows: int, told: dict[str, Any]) -> None:
    """A dashed line at the number that `columns.line` gives, or names the column of."""
    if not columns.line:
        return
    at = float(table[columns.line].iloc[0]) if columns.line in table and len(table) else _read(columns.line)
    if math.isfinite(at):
        told[columns.line_name] = draw_upright(ax, at, rows, SECOND, dashed=True)


def _read(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
