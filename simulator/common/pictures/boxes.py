"""The box of scenario discovery: which part of each factor's range it takes, and its limits as numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.common.pictures.colours import BAND, BAR, FIRST, INK, PALE, QUIET
from simulator.common.pictures.columns import PictureColumns
from simulator.common.pictures.frame import LINE, Frame, find_size
from simulator.common.pictures.rows import MOST_SHOWN, RowPlan, finish_rows, join_notes, plan_rows

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

AXIS = "place in the range of the factor (0 is the lowest of the points, 1 the highest)"
NO_BOX = "No box stands out from noise"
LIMIT = ("side", "value", "likely_low", "likely_high")
EDGE = 0.12
LIMIT_NAME = "limit in 8 of 10 halves of the points"
MARKS = ("range of the factor", "in the box", LIMIT_NAME)
"""How near an end of a row a number is written to one side of its limit."""


def draw_box(ax: Axes, table: pd.DataFrame, columns: PictureColumns, frame: Frame) -> None:
    """A row for each factor, those of the box first: the part of its range within the limits, and their 80% ranges."""
    told: dict[str, Any] = {}
    factors = list(dict.fromkeys(table["factor"]))
    names = [str(factor).replace("_", " ") for factor in factors[:MOST_SHOWN]]
    plan = plan_rows(names, frame, MARKS, join_notes(columns.note, "the first 10 of 20 factors"), LINE * _small())
    shown = factors[: plan.count]
    for row, factor in enumerate(shown):
        _draw_factor(ax, row, table[table["factor"] == factor], told, plan)
    found = bool(table["kept"].astype(bool).any()) if len(table) else False
    cut = f"the first {len(shown)} of {len(factors)} factors" if len(shown) < len(factors) else ""
    ax.set_xlim(-0.05, 1.05)
    note = join_notes("" if found else NO_BOX, columns.note, cut)
    finish_rows(ax, frame, names[: len(shown)], AXIS, told, note, plan.inside)


def _draw_factor(ax: Axes, row: int, limits: pd.DataFrame, told: dict[str, Any], plan: RowPlan) -> None:
    """The range of a factor, what of it lies in the limits, and every limit with its number, under names inside."""
    thick, (side_of, beyond) = (0.35, (0.2, "top")) if plan.inside else (0.5, (-0.26, "bottom"))
    low, high = float(limits["range_low"].iloc[0]), float(limits["range_high"].iloc[0])
    kept = limits["kept"].astype(bool).to_numpy()
    drawn = limits[kept] if kept.any() else limits
    told.setdefault("range of the factor", ax.barh([row], [1.0], height=thick, color=BAND))
    ends = {"low": low, "high": high} | dict(zip(drawn["side"], drawn["value"].astype(float), strict=True))
    start, stop = ((ends[side] - low) / (high - low) for side in ("low", "high"))
    (bar,) = ax.barh([row], [stop - start], left=[start], height=thick)
    if kept.any():
        bar.set(facecolor=BAR, edgecolor=FIRST)
        told.setdefault("in the box", bar)
    else:
        bar.set(facecolor="none", edgecolor=PALE, hatch="////")
        told.setdefault("limit dropped as noise", bar)
    for side, limit, *likely in zip(*(drawn[name] for name in LIMIT), strict=True):
        at, *span = ((float(value) - low) / (high - low) for value in (limit, *likely))
        text = f"{'≥' if side == 'low' else '≤'} {float(limit):.3g}"
        beside = "left" if at < EDGE else "right" if at > 1 - EDGE else "center"
        colour = INK if kept.any() else QUIET
        ax.text(at, row + side_of, text, color=colour, ha=beside, va=beyond, fontsize=_small())
        if kept.any() and np.isfinite(span).all():
            told[LIMIT_NAME] = ax.hlines([row], span[0], span[1], color=INK, linewidth=1.5)


def _small() -> float:
    return 0.85 * find_size()
