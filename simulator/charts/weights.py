"""A picture of importance weights: how much weight the heaviest points hold, and how the tail falls."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from simulator.charts.palette import BLUE, INK, QUIET
from simulator.charts.svg import Lettering, Stroke, draw_curve, draw_line, draw_note, draw_text, make_picture
from simulator.common.arrays import Floats
from simulator.common.html import join_pieces

SIZE = (700, 260)
LEFT, TOP, FLOOR, WIDTH, GAP = 56, 40, 210, 236, 90


def draw_weights(log_weights: Floats, khat: float) -> Markup:
    """Two charts of weights (n,): share held by the heaviest points, and each weight against its rank, on log scales.

    An even sample would give a straight diagonal in the first; a heavy tail shows in the second as a line that does not
    bend down on the left.
    """
    weights = np.sort(np.exp(log_weights - log_weights.max()))[::-1]
    weights /= weights.sum()
    ranks = np.unique(np.geomspace(1, len(weights), 120).astype(int))
    held, single = np.cumsum(weights)[ranks - 1], np.maximum(weights[ranks - 1], 1e-12)
    half = int(np.searchsorted(np.cumsum(weights), 0.5)) + 1
    x = np.log10(ranks) / np.log10(len(weights))
    fall = np.clip((np.log10(single) + 12) / 12, 0, 1)
    says = (
        f"{len(weights):,} weights. The heaviest holds {weights[0]:.2%}; {half:,} points hold half of all weight. "
        f"Pareto k-hat {khat:.2f}."
    )
    parts = [
        draw_text(12, 22, says, Lettering(size=12.5, fill=INK)),
        _draw_chart(LEFT, x, held, "share held by the heaviest points", ("0", "1")),
        _draw_chart(LEFT + WIDTH + GAP, x, fall, "weight of the point at that rank", ("10⁻¹²", "1")),
    ]
    return make_picture("weights", SIZE, "Importance weights of the fit", says, join_pieces(parts), alone=True)


def _draw_chart(left: float, x: Floats, y: Floats, title: str, ends: tuple[str, str]) -> Markup:
    """One line over rank, from first to last on a log scale; `x` and `y` lie between 0 and 1."""
    points = [(left + WIDTH * a, FLOOR - (FLOOR - TOP) * b) for a, b in zip(x, y, strict=True)]
    return join_pieces(
        [
            draw_line(left, FLOOR, left + WIDTH, FLOOR, Stroke(QUIET, 1)),
            draw_line(left, TOP, left, FLOOR, Stroke(QUIET, 1)),
            draw_curve(points, Stroke(BLUE, 2.5)),
            draw_note(left - 6, FLOOR + 4, ends[0], "end"),
            draw_note(left - 6, TOP + 4, ends[1], "end"),
            draw_note(left, FLOOR + 18, "heaviest"),
            draw_note(left + WIDTH, FLOOR + 18, "lightest", "end"),
            draw_note(left + WIDTH / 2, FLOOR + 36, title, "middle"),
        ]
    )
