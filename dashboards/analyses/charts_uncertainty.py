"""Pictures of how sure one may be: shares of luck, drivers, boxes, regrets, structures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dashboards.analyses.lever_text import share_of_hundred
from dashboards.analyses.plot import (
    BLUE,
    HATCH,
    ORANGE,
    POINTS,
    RIGHT,
    RIM,
    SMALL,
    TEAL,
    WIDE,
    Row,
    Scale,
    across,
    around,
    block,
    card,
    cut,
    listed_rows,
    number,
    rows,
    whisker,
)
from simulator.charts.palette import INK, QUIET, Style, marker
from simulator.charts.svg import line, text


def stacked(title: str, about: str, bars_: Sequence[tuple[str, float, float, float]]) -> str:
    """Luck's share of each variance, hatched, and the rest."""
    scale = Scale(0, 100, 8, RIGHT)

    def draw(luck: float, low: float, high: float) -> Any:
        return lambda y: (
            block(scale, 0, 100 * luck, y, f'fill="url(#hatch)" stroke="{ORANGE}"')
            + block(scale, 100 * luck, 100, y, f'fill="{BLUE}"')
            + whisker(scale, 100 * low, 100 * high, y + 11, INK, 1.6)
        )

    drawn, bottom = rows([Row(name, "", draw(*found), 40) for name, *found in bars_])
    key = (
        f'<rect x="8" y="{bottom + 46:.0f}" width="16" height="12" fill="url(#hatch)" stroke="{ORANGE}"/>'
        + text(30, bottom + 57, "luck", SMALL)
        + f'<rect x="84" y="{bottom + 46:.0f}" width="16" height="12" fill="{BLUE}"/>'
        + text(106, bottom + 57, "not knowing the numbers", SMALL)
    )
    axis = across(scale, 6, bottom, "parts in 100 of the variance")
    return card(title, about, bottom + 68, HATCH + axis + "".join(drawn) + key)


def tornado(
    title: str, about: str, found: Sequence[tuple[str, tuple[float, ...], tuple[float, ...]]], mean: float
) -> str:
    """What is added where a number is in its lowest fifth (hollow) and in its highest (filled), about the average."""
    reach = [100 * (side[0] + sign * side[1]) for _, low, high in found for side in (low, high) for sign in (-1, 1)]
    scale, centre = Scale(*around([*reach, 100 * mean]), 8, RIGHT), 100 * mean

    def draw(low: tuple[float, ...], high: tuple[float, ...]) -> Any:
        def one(y: float) -> str:
            a, b = 100 * low[0], 100 * high[0]
            return (
                block(scale, centre, a, y, f'fill="#FFFFFF" stroke="{BLUE}" stroke-width="2"')
                + block(scale, centre, b, y, f'fill="{BLUE}" stroke="{BLUE}" stroke-width="2"')
                + whisker(scale, a - 100 * low[1], a + 100 * low[1], y, INK, 1.6)
                + whisker(scale, b - 100 * high[1], b + 100 * high[1], y, INK, 1.6)
            )

        return one

    drawn, bottom = rows([Row(name, "", draw(low, high)) for name, low, high in found])
    middle = line(scale(centre), 6, scale(centre), bottom, f'stroke="{INK}" stroke-width="1.4" stroke-dasharray="4 3"')
    key = (
        f'<rect x="9" y="{bottom + 46:.0f}" width="15" height="11" fill="#FFFFFF" stroke="{BLUE}" stroke-width="2"/>'
        + text(30, bottom + 57, "lowest fifth", SMALL)
        + f'<rect x="118" y="{bottom + 46:.0f}" width="16" height="12" fill="{BLUE}"/>'
        + text(140, bottom + 57, "highest fifth", SMALL)
        + text(WIDE - 8, bottom + 57, "dashed: average", f'text-anchor="end" {SMALL}')
    )
    return card(title, about, bottom + 68, across(scale, 6, bottom, POINTS, True) + middle + "".join(drawn) + key)


def bars(title: str, about: str, found: Sequence[tuple[str, float, float, float]], words: str) -> str:
    """Bars from zero with 95% intervals."""
    scale = Scale(*around([100 * x for _, *values in found for x in values]), 8, RIGHT)

    def draw(value: float, low: float, high: float) -> Any:
        return lambda y: block(scale, 0, 100 * value, y, f'fill="{BLUE}"') + whisker(scale, 100 * low, 100 * high, y)

    made = [Row(name, number(float(f"{100 * value:.2g}")), draw(value, low, high)) for name, value, low, high in found]
    return listed_rows(title, about, made, scale, words)


def boxes(
    title: str, about: str, found: Sequence[tuple[str, Sequence[float], float, str, Sequence[float | None]]]
) -> str:
    """For each number in the box, all the values it takes, and those at which it fails shaded."""
    made = []
    for name, span, limit, side, likely in found:
        scale = Scale(span[0], span[1], 8, RIGHT)

        def draw(
            y: float,
            scale: Scale = scale,
            span: Sequence[float] = span,
            limit: float = limit,
            side: str = side,
            likely: Sequence[float | None] = likely,
        ) -> str:
            inside = (limit, span[1]) if side == "low" else (span[0], limit)
            parts = block(scale, span[0], span[1], y, f'fill="#FFFFFF" stroke="{QUIET}"')
            parts += block(scale, *inside, y, f'fill="url(#hatch)" stroke="{ORANGE}"')
            low, high = likely
            if low is not None and high is not None:
                parts += whisker(scale, low, high, y + 11, INK, 1.6)
            ends_ = ((8.0, span[0], "start"), (RIGHT, span[1], "end"))
            parts += "".join(
                text(x, y + 24, number(float(f"{v:.2g}")), f'text-anchor="{a}" {SMALL}') for x, v, a in ends_
            )
            at, where = scale(limit), number(float(f"{limit:.2g}"))
            return parts + text(
                min(max(at, 40), RIGHT - 40), y + 24, where, f'text-anchor="middle" font-weight="600" {RIM}'
            )

        word = "above" if side == "low" else "below"
        made.append(Row(name, f"{word} {number(float(f'{limit:.2g}'))}", draw, 60))
    drawn, bottom = rows(made)
    return card(
        title, about, bottom + 18, HATCH + "".join(drawn) + text(8, bottom + 6, "hatched: where it fails", SMALL)
    )


def regrets(title: str, about: str, found: Sequence[tuple[Style, str, float, float, float]]) -> str:
    """Mean regret, the regret that 90 of 100 sets stay below, and the worst."""
    scale = Scale(*around([100 * row[-1] for row in found]), 8, RIGHT)

    def draw(style: Style, mean: float, high: float, worst: float) -> Any:
        return lambda y: (
            line(scale(0), y, scale(100 * worst), y, f'stroke="{style.colour}" stroke-width="2"')
            + line(scale(100 * worst), y - 5, scale(100 * worst), y + 5, f'stroke="{style.colour}" stroke-width="2"')
            + block(scale, 0, 100 * high, y, f'fill="{style.colour}" fill-opacity=".45"', 10)
            + marker(style.marker, scale(100 * mean), y, style.colour, 6)
        )

    made = [
        Row(f"{style.letter}  {cut(name, 40)}", f"worst {100 * worst:.0f}", draw(style, mean, high, worst))
        for style, name, mean, high, worst in found
    ]
    return listed_rows(title, about, made, scale, f"regret in {POINTS}")


def structures(title: str, about: str, found: Sequence[tuple[str, float, float]], names: tuple[str, str]) -> str:
    """In how many of 100 parameter sets leadership does more than each of two ring-fences, structure by structure."""
    scale = Scale(0, 100, 8, RIGHT)

    def draw(first: float, second: float) -> Any:
        return lambda y: (
            line(scale(0), y, scale(100), y, f'stroke="{QUIET}" stroke-opacity=".5"')
            + marker("square", scale(100 * first), y, BLUE, 6)
            + marker("diamond", scale(100 * second), y, TEAL, 5.5)
        )

    made = [Row(says, share_of_hundred(first), draw(first, second)) for says, first, second in found]
    drawn, bottom = rows(made)
    half = line(scale(50), 6, scale(50), bottom, f'stroke="{INK}" stroke-width="1.4" stroke-dasharray="4 3"')
    key = marker("square", 14, bottom + 55, BLUE, 6) + text(28, bottom + 59, f"than “{cut(names[0], 40)}”", SMALL)
    key += marker("diamond", 14, bottom + 75, TEAL, 5.5) + text(28, bottom + 79, f"than “{cut(names[1], 40)}”", SMALL)
    axis = across(scale, 6, bottom, "leadership does more in so many of 100 parameter sets")
    return card(title, about, bottom + 90, axis + half + "".join(drawn) + key)
