"""Figures in units of their own beside what was observed: each on the scale of its own tolerance.

-1 and 1 are the ends of a tolerance, so that rows of other units stand on one axis; the numbers stand beside them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simulator.common.formatting import format_level
from simulator.common.pictures.colours import BAND, FIRST, INK, QUIET, SECOND
from simulator.common.pictures.columns import PictureColumns
from simulator.common.pictures.frame import Frame, escape, find_size, measure_text
from simulator.common.pictures.rows import finish_rows, join_notes, name_rows, plan_rows
from simulator.common.representation import short_repr
from simulator.common.units import Unit

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

LEAST, MOST = 2.0, 5.0
"""How many half-widths the axis goes each way, at least and at most."""

TEXT, GAP = 7.0, 14.0
"""The size of the numbers beside a row, and what stands between them and the marks, in points."""

FEW = 3
REMARK = "The {shown} of {all} rows, those furthest from the middle; the others are in to_frame()"
"""What is said where there is no room for all, as of more rows than a few."""

HOLLOW = "hollow: {name}"


@short_repr
@dataclass(frozen=True)
class _Scale:
    """The middle of each row's band and half its width, nan where there is none."""

    middle: NDArray[np.float64]
    half: NDArray[np.float64]
    judged: bool

    def place(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values (rows,) in half-widths from the middle; infinite off the middle of a band without width."""
        away = values - self.middle
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(away == 0, 0.0, away / self.half)

    @property
    def axis(self) -> str:
        band = "the tolerance" if self.judged else "the middle 90% of futures"
        return f"distance from the middle of {band}, in half-widths of it (−1 and 1 are its ends)"


def draw_tolerances(ax: Axes, table: pd.DataFrame, columns: PictureColumns, frame: Frame) -> None:
    """Model and observed on the scale of the tolerance; in axes of one's own as many rows as can be read there."""
    furthest = _sort_rows(table, columns)
    named = ["tolerance", "model, passes", "model, does not pass", columns.interval, "observed"]
    named += [HOLLOW.format(name=columns.hollow_name)] if columns.filled else []
    longest = REMARK.format(shown=len(table), all=len(table)) if len(table) > FEW else ""
    plan = plan_rows(name_rows(furthest, columns), frame, named, join_notes(columns.note, longest))
    shown, note, scale = table, "", _find_scale(table, columns)
    if plan.count < len(table):
        shown = furthest.head(plan.count)
        scale = replace(scale, middle=scale.middle[shown.index], half=scale.half[shown.index])
        note = REMARK.format(shown=plan.count, all=len(table))
    means = scale.place(shown[columns.value].to_numpy(float))
    seen = scale.place(shown["observed"].to_numpy(float))
    marks = np.concatenate([means, seen])
    reach = float(np.clip(1.15 * np.abs(marks[np.isfinite(marks)]).max(initial=LEAST), LEAST, MOST))
    told: dict[str, Any] = {}
    band = ax.fill_between([-1, 1], -0.5, len(shown) - 0.5, color=BAND, linewidth=0, zorder=0)
    told["tolerance" if scale.judged else "middle 90% of futures"] = band
    _draw_model(ax, shown, columns, scale, reach, told)
    drawn = ~np.isnan(seen)
    if drawn.any():
        rows, edge = np.arange(len(shown))[drawn], np.clip(seen[drawn], -reach, reach)
        (told["observed"],) = ax.plot(edge, rows, "D", color=INK, markerfacecolor="none", markersize=7)
    over = int((np.abs(marks) > reach).sum())
    far = f"marks on the edge lie further out ({over})" if over else ""
    _write_numbers(ax, shown, columns, reach, frame)
    note = join_notes(columns.note, note, far)
    finish_rows(ax, frame, name_rows(shown, columns), scale.axis, told, note, plan.inside)


def _find_scale(table: pd.DataFrame, columns: PictureColumns) -> _Scale:
    """Tolerances, or where no row has one, the interval of the model."""
    judged = bool(np.isfinite(table["tolerance_low"].to_numpy(float)).any())
    ends = ("tolerance_low", "tolerance_high") if judged else (columns.low, columns.high)
    low, high = (table[name].to_numpy(float) for name in ends)
    half = (high - low) / 2
    return _Scale((low + high) / 2, np.where(np.isfinite(half), half, np.nan), judged)


def _sort_rows(table: pd.DataFrame, columns: PictureColumns) -> pd.DataFrame:
    """Rows numbered as they are, those furthest off first."""
    means = _find_scale(table, columns).place(table[columns.value].to_numpy(float))
    order = np.argsort(-np.nan_to_num(np.abs(means), nan=-1.0, posinf=np.inf), kind="stable")
    return table.reset_index(drop=True).iloc[order]


def _draw_model(
    ax: Axes, shown: pd.DataFrame, columns: PictureColumns, scale: _Scale, reach: float, told: dict[str, Any]
) -> None:
    """The mean by whether it passes, in shape and colour, and its interval as far as the axis goes."""
    rows = np.arange(len(shown))
    means = scale.place(shown[columns.value].to_numpy(float))
    low, high = (np.clip(scale.place(shown[end].to_numpy(float)), -reach, reach) for end in (columns.low, columns.high))
    lines = ax.hlines(rows, low, high, color=QUIET, linewidth=1.2)
    passes = [None if value is None or value != value else bool(value) for value in shown["passes"]]
    solid = shown[columns.filled].to_numpy(float) > 0 if columns.filled else np.ones(len(shown), bool)
    for name, wanted, mark, colour in (
        ("model, passes", True, "o", FIRST),
        ("model, does not pass", False, "X", SECOND),
        ("model", None, "s", QUIET),
    ):
        for full in (True, False):
            chosen = np.array([value is wanted for value in passes], bool) & ~np.isnan(means) & (solid == full)
            if chosen.any():
                edge, face = np.clip(means[chosen], -reach, reach), colour if full else "none"
                (drawn,) = ax.plot(edge, rows[chosen], mark, color=colour, markerfacecolor=face, markersize=6)
                told.setdefault(name, drawn)
                if not full:
                    told.setdefault(HOLLOW.format(name=columns.hollow_name), drawn)
    told[columns.interval] = lines


def _write_numbers(ax: Axes, shown: pd.DataFrame, columns: PictureColumns, reach: float, frame: Frame) -> None:
    """Observed and model in the row's unit, on the right, for which the axis is made longer."""
    texts = [
        _write_pair(_format(seen, unit), _format(mean, unit))
        for seen, mean, unit in zip(shown["observed"], shown[columns.value], shown["unit"], strict=True)
    ]
    head = "observed / model"
    size = min(TEXT, find_size())
    wide = min(max(measure_text(text, size) for text in [head, *texts]) + GAP, 0.4 * frame.width)
    ax.set_xlim(-reach, reach + 2 * reach * wide / (frame.width - wide))
    ax.set_xticks(list(range(-int(reach), int(reach) + 1)))
    side = ax.get_yaxis_transform()
    for row, text in enumerate(texts):
        ax.text(0.995, row, escape(text), transform=side, ha="right", va="center", fontsize=size, color=INK)
    ax.text(0.995, 1.0, head, transform=ax.transAxes, ha="right", va="bottom", fontsize=size, color=QUIET)


def _write_pair(seen: str, mean: str) -> str:
    """Both numbers, with what they are out of said once."""
    number, of, whole = seen.partition(" of ")
    return f"{number if of and mean.endswith(of + whole) else seen} / {mean}"


def _format(value: float, unit: str) -> str:
    if value != value:
        return "–"
    return format_level(value, Unit(unit)) if unit else f"{value:.3g}"
