"""The steps of a box search: how many of the cases each box holds, and how many of its points are cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.common.pictures.colours import FIRST, QUIET, SECOND
from simulator.common.pictures.draw import open_axes
from simulator.common.pictures.frame import measure_frame, name_axes

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def draw_trajectory(
    steps: pd.DataFrame, chosen: tuple[float, float] | None, base: float, ax: Axes | None = None
) -> Axes:
    """Coverage against density of every step, and those of the `chosen` box. Raises InputError without matplotlib."""
    ax = open_axes(ax)
    ax.plot(steps["coverage"], steps["density"], "o-", color=QUIET, markersize=3, linewidth=0.8, label="boxes tried")
    ax.axhline(base, color=QUIET, linestyle=(0, (5, 3)), linewidth=0.8, label="all points")
    if chosen is not None:
        ax.plot(*chosen, "D", color=SECOND, markeredgecolor=FIRST, markersize=9, label="the box")
    name_axes(ax, measure_frame(ax), "coverage (share of all cases in the box)", "density (share of cases in the box)")
    ax.legend(loc="best", title=None if chosen is not None else "No box stands out from noise")
    ax.spines[["top", "right"]].set_visible(False)
    return ax
