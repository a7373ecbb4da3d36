"""Where each £100 goes: bars from the fund to what it added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from simulator.charts.palette import OUTLINE, QUIET, STYLES, WHITE, Style
from simulator.charts.svg import Lettering, Stroke, draw_line, draw_rect, draw_text, make_picture
from simulator.common.formatting import format_pounds
from simulator.common.html import join_pieces

WIDTH = 340
BAR = 326
"""How wide the picture is, and the bar of the whole fund, in pixels."""


@dataclass(frozen=True)
class Step:
    """One step of the cascade: its share, that under today's rules, and whether it is only a part of the one before."""

    label: str
    share: float
    reference: float
    part: bool = False


def draw_cascade(key: str, title: str, description: str, steps: Sequence[Step], style: Style, compared: bool) -> Markup:
    """Bars from the fund to what it added, with a mark where today's rules stand if they are `compared`."""
    parts, y = [], 4.0
    for step in steps:
        height = 7 if step.part else 14
        parts.append(_draw_step(step, y, height, style))
        if compared and step.reference == step.reference:
            x = 2 + BAR * step.reference
            parts.append(draw_line(x, y + 15, x, y + 21 + height, Stroke(WHITE, 5)))
            parts.append(draw_line(x, y + 15, x, y + 21 + height, Stroke(STYLES[0].colour, 2.2)))
        y += 30 + height
    return make_picture(key, (WIDTH, int(y) + 2), title, description, join_pieces(parts))


def _draw_step(step: Step, y: float, height: float, style: Style) -> Markup:
    """One bar with its label above."""
    share = step.share if step.share == step.share else 0.0
    size, fill = (12, QUIET) if step.part else (None, None)
    return join_pieces(
        [
            draw_text(18 if step.part else 2, y + 13, step.label, Lettering(size=size, fill=fill)),
            draw_text(328, y + 13, format_pounds(step.share), Lettering(size, 600, fill, anchor="end")),
            draw_rect(2, y + 18, BAR, height, WHITE, Stroke(OUTLINE)),
            draw_rect(2, y + 18, BAR * share, height, style.colour),
        ]
    )
