"""A picture of importance weights: how much weight the heaviest points hold, and how the tail falls."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from simulator.charts.palette import INK, QUIET
from simulator.charts.svg import line, picture, text
from simulator.experiments.core.model_protocol import Floats

SIZE = (700, 260)
LEFT, TOP, FLOOR, WIDE, GAP = 56, 40, 210, 236, 90
BLUE = "#005EB8"


def weights_picture(log_weights: Floats, khat: float) -> Markup:
    """Two charts of weights (n,): share held by the heaviest points, and each weight against its rank, on log scales.

    An even sample would give a straight diagonal in the first; a heavy tail shows in the second as a line that does not
    bend down on the left.
    """
    w = np.sort(np.exp(log_weights - log_weights.max()))[::-1]
    w /= w.sum()
    ranks = np.unique(np.geomspace(1, len(w), 120).astype(int))
    held, single = np.cumsum(w)[ranks - 1], np.maximum(w[ranks - 1], 1e-12)
    half = int(np.searchsorted(np.cumsum(w), 0.5)) + 1
    x = np.log10(ranks) / np.log10(len(w))
    fall = np.clip((np.log10(single) + 12) / 12, 0, 1)
    says = (
        f"{len(w):,} weights. The heaviest holds {w[0]:.2%}; {half:,} points hold half of all weight. "
        f"Pareto k-hat {khat:.2f}."
    )
    parts = [
        text(12, 22, says, f'font-size="12.5" fill="{INK}"'),
        _chart(LEFT, x, held, "share held by the heaviest points", ("0", "1")),
        _chart(LEFT + WIDE + GAP, x, fall, "weight of the point at that rank", ("10⁻¹²", "1")),
    ]
    return picture("weights", SIZE, "Importance weights of the fit", says, "".join(parts), alone=True)


def _chart(left: float, x: Floats, y: Floats, title: str, ends: tuple[str, str]) -> str:
    """One line over rank, from first to last on a log scale; `x` and `y` lie between 0 and 1."""
    points = " ".join(f"{left + WIDE * a:.1f},{FLOOR - (FLOOR - TOP) * b:.1f}" for a, b in zip(x, y, strict=True))
    small = f'font-size="12" fill="{QUIET}"'
    return "".join(
        [
            line(left, FLOOR, left + WIDE, FLOOR, f'stroke="{QUIET}" stroke-width="1"'),
            line(left, TOP, left, FLOOR, f'stroke="{QUIET}" stroke-width="1"'),
            f'<polyline points="{points}" fill="none" stroke="{BLUE}" stroke-width="2.5"/>',
            text(left - 6, FLOOR + 4, ends[0], f'text-anchor="end" {small}'),
            text(left - 6, TOP + 4, ends[1], f'text-anchor="end" {small}'),
            text(left, FLOOR + 18, "heaviest", small),
            text(left + WIDE, FLOOR + 18, "lightest", f'text-anchor="end" {small}'),
            text(left + WIDE / 2, FLOOR + 36, title, f'text-anchor="middle" {small}'),
        ]
    )
