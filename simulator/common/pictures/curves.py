"""A value along years or costs, with the front that nothing cheaper beats, and how values are spread."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from simulator.common.pictures.colours import BAR, FIRST, INK, PALE, QUIET
from simulator.common.pictures.columns import PictureColumns
from simulator.common.pictures.frame import Frame, escape, find_size, name_axes, wrap_text
from simulator.common.pictures.rows import HANDLE, LEGEND, find_ends

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

BINS = 25


def draw_line(ax: Axes, table: pd.DataFrame, columns: PictureColumns, frame: Frame) -> None:
    """`value` along `label`, in a band from one end of its interval to the other."""
    along = table.sort_values(columns.label)
    x = along[columns.label]
    if (ends := find_ends(along, columns.value, columns.low, columns.high, columns.half_width)) is not None:
        ax.fill_between(x, *ends, color=BAR, alpha=0.45, linewidth=0, label=columns.interval or None)
    ax.plot(x, along[columns.value], color=INK, label=columns.name or None)
    name_axes(ax, frame, columns.along or columns.label.replace("_", " "), columns.axis)
    if columns.name:
        _explain(ax, frame, columns.note)


def draw_front(ax: Axes, table: pd.DataFrame, columns: PictureColumns, frame: Frame) -> None:
    """Every row as a point with its interval: those that none cheaper beats dark and joined in steps, others pale."""
    x, y = table[columns.label].to_numpy(float), table[columns.value].to_numpy(float)
    low, high = find_ends(table, columns.value, columns.low, columns.high, columns.half_width) or (y, y)
    gain = y if columns.better == "more" else -y
    beaten = np.array([((x <= x[i]) & (gain > gain[i]) | (x < x[i]) & (gain >= gain[i])).any() for i in range(len(x))])
    for name, chosen, colour, mark in (
        ("beaten by one that costs no more", beaten, PALE, "s"),
        ("front: none that costs no more does as well", ~beaten, FIRST, "o"),
    ):
        ax.vlines(x[chosen], low[chosen], high[chosen], color=colour, linewidth=1.2)
        if chosen.any():
            ax.plot(x[chosen], y[chosen], mark, color=colour, markersize=6, label=name)
    if columns.interval:
        ax.plot([], [], color=INK, linewidth=1.2, label=columns.interval)
    order = np.argsort(x[~beaten], kind="stable")
    ax.step(x[~beaten][order], y[~beaten][order], where="post", color=FIRST, linewidth=1.2)
    name_axes(ax, frame, columns.along or columns.label.replace("_", " "), columns.axis)
    _explain(ax, frame, columns.note, above=True)


def draw_histogram(ax: Axes, table: pd.DataFrame, columns: PictureColumns, frame: Frame) -> None:
    """How often each size of `value` occurs; what has none is counted in the label."""
    from matplotlib.ticker import MaxNLocator

    values = table[columns.value].to_numpy(float)
    finite = values[np.isfinite(values)]
    bins = min(BINS, max(5, math.ceil(2 * math.sqrt(len(finite)))))
    ax.hist(finite, bins=bins, color=BAR, edgecolor=INK, linewidth=0.6)
    missing = len(values) - len(finite)
    also = f"; none in {missing} of {len(values)}" if missing else ""
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    name_axes(ax, frame, f"{columns.axis}{also}", columns.along or "how many")
    if len(finite):
        middle = float(np.median(finite))
        whole = " of those that have one" if missing else ""
        ax.axvline(middle, color=QUIET, linestyle=(0, (5, 3)), label=f"median{whole}: {middle:.3g}")
        _explain(ax, frame, columns.note, above=True)
    else:
        ax.text(0.5, 0.5, "none has a value", transform=ax.transAxes, ha="center", va="center", color=INK)


def _explain(ax: Axes, frame: Frame, note: str, above: bool = False) -> None:
    """What the marks mean, `above` them or where there is most room."""
    size = LEGEND * find_size()
    handles, labels = ax.get_legend_handles_labels()
    texts = [escape(wrap_text(label, frame.width - HANDLE - 2 * size, size)[0]) for label in labels]
    title = escape(wrap_text(note, frame.width - 2 * size, size)[0])
    ax.legend(
        handles,
        texts,
        loc="upper left" if above else "best",
        fontsize=size,
        title=title or None,
        title_fontsize=size,
        framealpha=0.8,
    )
    if above:
        low, high = ax.get_ylim()
        lines = sum(text.count("\n") + 1 for text in (*texts, title) if text)
        part = min(0.5, 1.6 * size * (lines + 0.7) * ax.figure.dpi / 72 / ax.get_window_extent().height)
        ax.set_ylim(low, low + (high - low) / (1 - part))
