"""Where the words of a picture lie, by matplotlib's renderer, and which of them cannot be read."""

from __future__ import annotations

from itertools import combinations
from typing import Any

from matplotlib.axes import Axes
from matplotlib.text import Text

SLACK = 1.5
"""Pixels by which boxes may touch."""


def list_texts(ax: Axes) -> list[Text]:
    """Every word that is drawn: titles, labels of ticks in view, words inside, and the legend."""
    texts = [ax.title, ax.xaxis.label, ax.yaxis.label, *ax.texts]
    for axis, (low, high) in ((ax.xaxis, sorted(ax.get_xlim())), (ax.yaxis, sorted(ax.get_ylim()))):
        texts += [tick.label1 for tick in axis.get_major_ticks() if low - 1e-9 <= tick.get_loc() <= high + 1e-9]
    if legend := ax.get_legend():
        texts += [legend.get_title(), *legend.get_texts()]
    return [text for text in texts if text.get_visible() and text.get_text().strip()]


def list_crowded(ax: Axes) -> list[str]:
    """What is cut off by the figure, lies over another word, or reaches into other axes or their words."""
    figure: Any = ax.figure
    figure.draw_without_rendering()
    pen, whole, texts = figure.canvas.get_renderer(), figure.bbox, list_texts(ax)
    boxes = [(text.get_text(), text.get_window_extent(pen)) for text in texts]
    faults = [
        f"cut off: {said!r}"
        for said, box in boxes
        if min(box.x0 - whole.x0, box.y0 - whole.y0, whole.x1 - box.x1, whole.y1 - box.y1) < -SLACK
    ]
    others = [
        (name, extent)
        for other in figure.axes
        if other is not ax
        for name, extent in [
            ("other axes", other.get_window_extent()),
            *((text.get_text(), text.get_window_extent(pen)) for text in list_texts(other)),
        ]
    ]
    pairs = [*combinations(boxes, 2), *((mine, theirs) for mine in boxes for theirs in others)]
    return faults + [f"{one!r} lies over {other!r}" for (one, box), (other, extent) in pairs if _cross(box, extent)]


def _cross(one: Any, other: Any) -> bool:
    wide, high = (min(one.x1, other.x1) - max(one.x0, other.x0)), (min(one.y1, other.y1) - max(one.y0, other.y0))
    return bool(min(wide, high) > SLACK)
