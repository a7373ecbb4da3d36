"""Charts of how sure one may be: chance's share, what drives an answer, where it fails, regrets, structures.

Numbers come as shares and are drawn as points. Cards are narrow enough for a phone, and colour is never alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from markupsafe import Markup

from simulator.charts.axes import (
    NOTE,
    POUNDS,
    RIGHT,
    WIDTH,
    Row,
    draw_bar,
    draw_horizontal_axis,
    draw_rows_on_axis,
    draw_whisker,
    format_tick,
    make_card,
    scale_around,
    scale_card,
    stack_rows,
)
from simulator.charts.labels import shorten
from simulator.charts.palette import BLUE, INK, ORANGE, QUIET, TEAL, WHITE, Style
from simulator.charts.svg import (
    Lettering,
    Stroke,
    draw_hatch,
    draw_line,
    draw_marker,
    draw_note,
    draw_rect,
    draw_text,
    fill_with_hatch,
    move_pieces,
)
from simulator.common.formatting import format_pounds, format_share
from simulator.common.html import join_pieces

HATCHED = fill_with_hatch("hatch")
_HATCH = draw_hatch("hatch", 6, WHITE, ORANGE, 5)
_Draw = Callable[[float], Markup]


def draw_variance_shares(title: str, description: str, variances: Sequence[tuple[str, float, float, float]]) -> Markup:
    """Chance's share of each variance, hatched, with its interval, and the rest."""
    scale = scale_card(0, 100)

    def draw(chance: float, low: float, high: float) -> _Draw:
        return lambda y: join_pieces(
            [
                draw_bar(scale, 0, 100 * chance, y, HATCHED, Stroke(ORANGE)),
                draw_bar(scale, 100 * chance, 100, y, BLUE),
                draw_whisker(scale, 100 * low, 100 * high, y + 11, INK, 1.6),
            ]
        )

    rows, bottom = stack_rows([Row(name, "", draw(*shares), 40) for name, *shares in variances])
    key = [
        draw_rect(8, bottom + 46, 16, 12, HATCHED, Stroke(ORANGE)),
        draw_note(30, bottom + 57, "chance", None, NOTE),
        draw_rect(98, bottom + 46, 16, 12, BLUE),
        draw_note(120, bottom + 57, "not knowing the numbers", None, NOTE),
    ]
    axis = draw_horizontal_axis(scale, 6, bottom, "parts in 100 of the variance")
    return make_card(title, description, bottom + 68, _HATCH, axis, rows, *key)


class Fifths(NamedTuple):
    """What is added where a number is in its lowest and in its highest fifth: mean and half width, as shares."""

    name: str
    lowest: tuple[float, float]
    highest: tuple[float, float]


def draw_tornado(title: str, description: str, numbers: Sequence[Fifths], mean: float) -> Markup:
    """What is added where a number is in its lowest fifth (hollow) and in its highest (filled), about the average."""
    sides = [side for fifths in numbers for side in (fifths.lowest, fifths.highest)]
    ends = [100 * (side[0] + sign * side[1]) for side in sides for sign in (-1, 1)]
    scale, centre = scale_around([*ends, 100 * mean]), 100 * mean

    def draw(fifths: Fifths) -> _Draw:
        ends = ((fifths.lowest, WHITE), (fifths.highest, BLUE))
        return lambda y: join_pieces(
            [
                *(draw_bar(scale, centre, 100 * x, y, fill, Stroke(BLUE, 2)) for (x, _), fill in ends),
                *(draw_whisker(scale, 100 * (x - half), 100 * (x + half), y, INK, 1.6) for (x, half), _ in ends),
            ]
        )

    rows, bottom = stack_rows([Row(fifths.name, "", draw(fifths)) for fifths in numbers])
    average = draw_line(scale(centre), 6, scale(centre), bottom, Stroke(INK, 1.4, "4 3"))
    key = [
        draw_rect(9, bottom + 46, 15, 11, WHITE, Stroke(BLUE, 2)),
        draw_note(30, bottom + 57, "lowest fifth", None, NOTE),
        draw_rect(118, bottom + 46, 16, 12, BLUE),
        draw_note(140, bottom + 57, "highest fifth", None, NOTE),
        draw_note(WIDTH - 8, bottom + 57, "dashed: average", "end", NOTE),
    ]
    return make_card(
        title, description, bottom + 68, draw_horizontal_axis(scale, 6, bottom, POUNDS, True), average, rows, *key
    )


def draw_bars(title: str, description: str, values: Sequence[tuple[str, float, float, float]], words: str) -> Markup:
    """Bars from zero with 95% intervals: name, value, low and high of each; `words` say what the axis counts."""
    scale = scale_around([100 * x for _, *numbers in values for x in numbers])

    def draw(value: float, low: float, high: float) -> _Draw:
        return lambda y: draw_bar(scale, 0, 100 * value, y, BLUE) + draw_whisker(scale, 100 * low, 100 * high, y)

    def write(value: float) -> str:
        return (
            format_pounds(value)
            if words == POUNDS
            else f"{_format_two_figures(100 * value)}{'%' * words.startswith('%')}"
        )

    rows = [Row(name, write(value), draw(value, low, high)) for name, value, low, high in values]
    return draw_rows_on_axis(title, description, rows, scale, words)


def _format_two_figures(x: float) -> str:
    return format_tick(float(f"{x:.2g}"))


class Edge(NamedTuple):
    """One number of a box of failures: its whole span, the limit beyond which it fails, on which side the limit is
    ("low" or "high"), and the 90% range of the limit, (None, None) where it is not known.
    """

    name: str
    span: Sequence[float]
    limit: float
    side: str
    likely: Sequence[float | None]


def draw_failure_box(title: str, description: str, edges: Sequence[Edge]) -> Markup:
    """For each number in the box, all the values it takes, and those at which it fails hatched."""
    rows = [
        Row(
            edge.name,
            f"{'above' if edge.side == 'low' else 'below'} {_format_two_figures(edge.limit)}",
            _draw_edge(edge),
            60,
        )
        for edge in edges
    ]
    drawn, bottom = stack_rows(rows)
    key = draw_note(8, bottom + 6, "hatched: where it fails", None, NOTE)
    return make_card(title, description, bottom + 18, _HATCH, drawn, key)


def _draw_edge(edge: Edge) -> _Draw:
    """One number of a box."""
    scale = scale_card(edge.span[0], edge.span[1])
    failing = (edge.limit, edge.span[1]) if edge.side == "low" else (edge.span[0], edge.limit)
    low, high = edge.likely

    def draw(y: float) -> Markup:
        parts = [
            draw_bar(scale, edge.span[0], edge.span[1], y, WHITE, Stroke(QUIET)),
            draw_bar(scale, *failing, y, HATCHED, Stroke(ORANGE)),
        ]
        if low is not None and high is not None:
            parts.append(draw_whisker(scale, low, high, y + 11, INK, 1.6))
        for x, end, anchor in ((8.0, edge.span[0], "start"), (RIGHT, edge.span[1], "end")):
            parts.append(draw_note(x, y + 24, _format_two_figures(end), anchor, NOTE))
        x = min(max(scale(edge.limit), 40), RIGHT - 40)
        parts.append(
            draw_text(x, y + 24, _format_two_figures(edge.limit), Lettering(weight=600, anchor="middle"), rim=True)
        )
        return join_pieces(parts)

    return draw


def draw_regrets(title: str, description: str, scenarios: Sequence[tuple[Style, str, float, float, float]]) -> Markup:
    """Mean regret, the regret that 90 of 100 sets stay below, and the worst, scenario by scenario."""
    scale = scale_around([100 * worst for *_, worst in scenarios])

    def draw(style: Style, mean: float, high: float, worst: float) -> _Draw:
        end, colour = scale(100 * worst), style.colour
        return lambda y: join_pieces(
            [
                draw_line(scale(0), y, end, y, Stroke(colour, 2)),
                draw_line(end, y - 5, end, y + 5, Stroke(colour, 2)),
                draw_bar(scale, 0, 100 * high, y, colour, opacity=0.45, height=10),
                draw_marker(style.marker, scale(100 * mean), y, colour, 6),
            ]
        )

    rows = [
        Row(f"{style.letter}  {name}", f"at worst {format_pounds(worst)}", draw(style, mean, high, worst))
        for style, name, mean, high, worst in scenarios
    ]
    return draw_rows_on_axis(title, description, rows, scale, f"short of the best by so many {POUNDS}")


def draw_structures(
    title: str, description: str, shares: Sequence[tuple[str, float, float]], names: tuple[str, str]
) -> Markup:
    """In how many of 100 futures leadership does more than each of two ring-fences, structure by structure."""
    scale = scale_card(0, 100)

    def draw(first: float, second: float) -> _Draw:
        return lambda y: join_pieces(
            [
                draw_line(scale(0), y, scale(100), y, Stroke(QUIET, None, None, 0.5)),
                draw_marker("square", scale(100 * first), y, BLUE, 6),
                draw_marker("diamond", scale(100 * second), y, TEAL, 5.5),
            ]
        )

    rows, bottom = stack_rows(
        [Row(structure, format_share(first, 100), draw(first, second)) for structure, first, second in shares]
    )
    half = draw_line(scale(50), 6, scale(50), bottom, Stroke(INK, 1.4, "4 3"))
    key = [
        draw_note(8, 16, "In how many of 100 futures leadership does more", None, NOTE),
        draw_marker("square", 14, 32, BLUE, 6),
        draw_note(28, 36, f"than “{shorten(names[0], 40)}” (the number)", None, NOTE),
        draw_marker("diamond", 14, 52, TEAL, 5.5),
        draw_note(28, 56, f"than “{shorten(names[1], 40)}”", None, NOTE),
    ]
    axis = draw_horizontal_axis(scale, 6, bottom, "leadership does more in this many of 100 futures")
    return make_card(title, description, bottom + 125, *key, move_pieces(0, 68, axis, half, rows))
