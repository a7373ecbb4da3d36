"""A diagram of the model: the stages of a quarter in their order, and the way back to the next quarter."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from simulator.charts.palette import BRAND, INK, QUIET, WHITE
from simulator.charts.svg import (
    Lettering,
    Stroke,
    draw_line,
    draw_note,
    draw_polygon,
    draw_rect,
    draw_text,
    make_picture,
)
from simulator.common.html import join_pieces
from simulator.reports.blocks import Picture

WIDTH, LEFT, BOX, ROW, TOP, TIP = 820, 20, 34, 52, 16, 5
BACK = WIDTH - 30
"""Where the line back to the first stage runs."""


def draw_stages(stages: Iterable[tuple[str, str, str]]) -> Picture:
    """The stages, each as (number, what happens, name), as a flow from above."""
    listed = list(stages)
    middle, right = (LEFT + BACK - 60) / 2, BACK - 60
    rows = [TOP + at * ROW for at in range(len(listed))]
    line = Stroke(QUIET, 1.5)
    parts = []
    for (number, says, name), y in zip(listed, rows, strict=True):
        parts += [
            draw_rect(LEFT, y, right - LEFT, BOX, "#E8EDEE", Stroke(QUIET), radius=4),
            draw_text(LEFT + 10, y + 22, number, Lettering(weight=700, fill=BRAND)),
            draw_text(LEFT + 36, y + 22, says, Lettering(size=12, fill=INK)),
            draw_note(right - 8, y + 22, name, "end", 11),
        ]
    for y in rows[1:]:
        parts += [draw_line(middle, y - ROW + BOX, middle, y - TIP, line), _draw_tip(middle, y)]
    first, last = rows[0] + BOX / 2, rows[-1] + BOX / 2
    parts += [
        draw_line(right, last, BACK, last, line),
        draw_line(BACK, last, BACK, first, line),
        draw_line(BACK, first, right + TIP, first, line),
        draw_polygon([(right, first), (right + 2 * TIP, first - TIP), (right + 2 * TIP, first + TIP)], QUIET),
        draw_note(BACK - 6, (first + last) / 2, "next", "end", 11),
        draw_note(BACK - 6, (first + last) / 2 + 14, "quarter", "end", 11),
    ]
    height = rows[-1] + BOX + TOP
    title = "A quarter of the model, stage by stage"
    alt = f"{title}: {'; then '.join(says for _, says, _ in listed)}; and so on in the next quarter."
    body = join_pieces([draw_rect(0, 0, WIDTH, height, WHITE), *parts])
    return Picture(make_picture("stages", (WIDTH, height), title, alt, body, alone=True), alt)


def _draw_tip(x: float, y: float) -> Markup:
    """The tip of an arrow that points down to a box."""
    return draw_polygon([(x, y), (x - TIP, y - 2 * TIP), (x + TIP, y - 2 * TIP)], QUIET)
