"""Charts of what equals what: an exchange of two levers, a break-even with its duels, and the parts of a package.

Numbers come as shares and are drawn as points. Cards are narrow enough for a phone, and colour is never alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict

from markupsafe import Markup

from simulator.charts.axes import (
    LEFT,
    POUNDS,
    RIGHT,
    WIDTH,
    Row,
    Scale,
    draw_bar,
    draw_horizontal_axis,
    draw_label,
    draw_rows_on_axis,
    draw_vertical_axis,
    draw_whisker,
    find_range,
    make_card,
    scale_around,
    scale_card,
    stack_rows,
)
from simulator.charts.labels import shorten, wrap_whole
from simulator.charts.palette import BLUE, INK, ORANGE, QUIET, WHITE
from simulator.charts.svg import (
    Lettering,
    Stroke,
    draw_band,
    draw_curve,
    draw_line,
    draw_marker,
    draw_plated,
    draw_text,
)
from simulator.common.formatting import format_count, format_differences
from simulator.common.html import join_pieces
from simulator.common.ranges import Range
from simulator.common.units import Unit

SIDE = 36.0
"""Height of a line of words that says which side does more."""


class ExchangePoint(TypedDict):
    """An amount `x` of one lever, and the amount of the other that does as much: the average with its noise, and by
    centile of the parameter sets ("10", "90"). None lies beyond what was tried.
    """

    x: float
    line: float | None
    low: float | None
    high: float | None
    enough: Mapping[str, float | None]


def draw_exchange(
    title: str,
    description: str,
    points: Sequence[ExchangePoint],
    axes: tuple[str, str],
    names: tuple[str, str],
    most: float,
    marked: int,
    percent: tuple[bool, bool],
) -> Markup:
    """The line of equal outcome over two levers, its noise and its 80% band; `marked` is the point that the title
    names.

    What lies beyond the top is held there.
    """
    floor, top = 270.0, 14.0
    factors = [100.0 if is_percent else 1.0 for is_percent in percent]
    x_scale = _make_horizontal_scale(factors[0] * points[0]["x"], factors[0] * points[-1]["x"])
    y_scale = Scale(*_reach(points, most, factors[1]), floor, top)
    xs = [x_scale(factors[0] * point["x"]) for point in points]

    def height(amount: float | None) -> float:
        return y_scale(factors[1] * (most if amount is None else amount))

    low, high = ([height(point["enough"][centile]) for point in points] for centile in ("10", "90"))
    equal = [(x, height(point["line"])) for x, point in zip(xs, points, strict=True) if point["line"] is not None]
    parts = [
        draw_horizontal_axis(x_scale, top, floor, axes[0], percent="%" if percent[0] else ""),
        draw_vertical_axis(y_scale, LEFT, RIGHT, "%" if percent[1] else ""),
        draw_band(xs, low, high, BLUE, 0.14),
        draw_band(
            xs, [height(point["low"]) for point in points], [height(point["high"]) for point in points], BLUE, 0.34
        ),
        draw_curve(equal, Stroke(BLUE, 3)),
    ]
    if points[marked]["line"] is not None:
        x, y = xs[marked], height(points[marked]["line"])
        parts += [draw_line(x, y, x, floor, Stroke(INK, 1.3, "4 3")), draw_line(LEFT, y, x, y, Stroke(INK, 1.3, "4 3"))]
        parts.append(draw_marker("diamond", x, y, ORANGE, 7))
    parts.append(_name_sides(names[1], names[0], top, floor))
    parts.append(draw_label(WIDTH / 2, floor + 72, f"Upwards: {axes[1]}", 50))
    return make_card(title, description, floor + 100, *parts)


def _name_sides(above: str, below: str, top: float, floor: float) -> Markup:
    """What does more above a line, and what below it, over all that is drawn, so that no line runs through it."""
    over, under = (f"here {shorten(name, 30)} does more" for name in (above, below))
    return draw_plated(LEFT + 10, top + 20, over, Lettering(weight=600)) + draw_plated(
        RIGHT - 4, floor - 12, under, Lettering(weight=600, anchor="end")
    )


def _make_horizontal_scale(first: float, last: float) -> Scale:
    return Scale(min(first, last), max(first, last), LEFT, RIGHT)


def _reach(points: Sequence[ExchangePoint], most: float, factor: float) -> tuple[float, float]:
    """From the least to a little above what nine of ten sets need, no further than was tried."""
    start = points[0]["enough"]["10"]
    first = 0.0 if start is None else start
    high = [most if point["enough"]["90"] is None else point["enough"]["90"] for point in points]
    far = max(high, key=lambda amount: abs(amount - first))
    end = first + min(1.12 * abs(far - first), abs(most - first)) * (1 if most >= first else -1)
    return factor * first, factor * (end if end != first else first + 1)


def _make_room_beside_zero(low: float, high: float, height: float) -> Range:
    """A range in which the words above and those below zero have room for themselves on their own side of it."""
    share = SIDE / (height - SIDE)
    return min(low, -share * high), max(high, -share * low)


class Duel(TypedDict):
    """In how many parameter sets a scenario does more than a rival, with the interval of that share."""

    rival: str
    more: int
    interval: Range


def draw_break_even(
    title: str,
    description: str,
    curves: Mapping[str, Sequence[float]],
    amount: float | None,
    names: tuple[str, str, str],
    duels: Sequence[Duel],
    draws: int,
    percent: bool = False,
) -> Markup:
    """What a lever does beyond a scenario, by its amount, with the break-even marked; below it, duels out of 100.

    `curves` hold "amount" and the "difference" with its "low" and "high" ends; `names` are the lever in full and in a
    word or two, and the scenario.
    """
    top, floor = 14.0, 226.0
    factor = 100.0 if percent else 1.0
    amounts = [factor * amount for amount in curves["amount"]]
    x_scale = _make_horizontal_scale(amounts[0], amounts[-1])
    points = {name: [100 * x for x in curves[name]] for name in ("difference", "low", "high")}
    y_scale = Scale(*_make_room_beside_zero(*find_range([*points["low"], *points["high"]]), floor - top), floor, top)
    xs, zero = [x_scale(x) for x in amounts], y_scale(0)
    difference, low, high = ([y_scale(x) for x in values] for values in points.values())
    parts = [
        draw_horizontal_axis(x_scale, top, floor, names[0], percent="%" if percent else ""),
        draw_vertical_axis(y_scale, LEFT, RIGHT),
        draw_band(xs, low, high, BLUE, 0.16),
        draw_curve(zip(xs, difference, strict=True), Stroke(BLUE, 3)),
        draw_line(LEFT, zero, RIGHT, zero, Stroke(INK, 1.6)),
    ]
    if amount is not None:
        x = x_scale(factor * amount)
        parts += [draw_line(x, zero, x, floor, Stroke(INK, 1.4, "3 3")), draw_marker("diamond", x, zero, ORANGE, 7)]
    parts.append(_name_sides(names[1], "the policy", top, floor))
    parts.append(draw_label(WIDTH / 2, floor + 72, f"Up: how much more the lever gives than the policy, {POUNDS}", 54))
    head = wrap_whole(f"“{names[2]}” does more than …", 44)
    heading = Lettering(13.5, 600)
    parts += [draw_text(4, floor + 110 + 17 * i, line, heading, rim=True) for i, line in enumerate(head)]
    scale = scale_card(0, 100)
    rows, bottom = stack_rows([_draw_duel(duel, draws, scale) for duel in duels], floor + 105 + 17 * len(head))
    parts += [rows, draw_horizontal_axis(scale, bottom, bottom, "in this many of 100 versions of the model")]
    return make_card(title, description, bottom + 46, *parts)


def _draw_duel(duel: Duel, draws: int, scale: Scale) -> Row:
    share = 100 * duel["more"] / draws
    low, high = (100 * end for end in duel["interval"])

    def draw(y: float) -> Markup:
        bars = draw_bar(scale, 0, 100, y, WHITE, Stroke(QUIET)), draw_bar(scale, 0, share, y, ORANGE)
        return join_pieces([*bars, draw_whisker(scale, low, high, y)])

    return Row(f"… {duel['rival']}", format_count(duel["more"], draws), draw)


class Effect(TypedDict):
    """An average with the range of 80 of 100 futures, as shares."""

    mean: float
    likely: Range


class Part(TypedDict):
    """A part of a package and its share of what the whole does."""

    part: str
    share: Effect


def draw_waterfall(
    title: str, description: str, parts: Sequence[Part], total: Effect, told: Sequence[str] = ()
) -> Markup:
    """Each part's share from where the one above ended, then the whole; thin lines hold 80 of 100 futures. `told` are
    the shares and the whole in words, where they are not to be rounded here.
    """
    ends = [0.0]
    for part in parts:
        ends.append(ends[-1] + 100 * part["share"]["mean"])
    likely = [[start + 100 * x for x in part["share"]["likely"]] for start, part in zip(ends, parts, strict=False)]
    whole = [100 * x for x in total["likely"]]
    scale = scale_around([*ends, *(x for pair in likely for x in pair), *whole])
    *means, mean = told or format_differences([*(part["share"]["mean"] for part in parts), total["mean"]], Unit.SHARE)
    rows = [
        Row(part["part"], told, _Bar(scale, start, end, pair[0], pair[1]).draw)
        for part, told, start, end, pair in zip(parts, means, ends, ends[1:], likely, strict=False)
    ]
    together = _Bar(scale, 0, 100 * total["mean"], whole[0], whole[1], whole=True)
    rows.append(Row("Together", mean, together.draw))
    return draw_rows_on_axis(title, description, rows, scale, POUNDS, True)


class _Bar:
    """One bar of a waterfall, from where the one above ended, with its range of 80 of 100 futures."""

    def __init__(self, scale: Scale, start: float, end: float, low: float, high: float, whole: bool = False) -> None:
        self.scale, self.start, self.end, self.low, self.high, self.whole = scale, start, end, low, high, whole

    def draw(self, y: float) -> Markup:
        """The bar at a height; a dashed line leads from its end to the next one."""
        scale, x = self.scale, self.scale(self.end)
        fill = INK if self.whole else BLUE if self.end >= self.start else ORANGE
        parts = [] if self.whole else [draw_line(x, y, x, y + 34, Stroke(QUIET, None, "2 2"))]
        parts.append(draw_bar(scale, self.start, self.end, y, fill))
        return join_pieces([*parts, draw_whisker(scale, self.low, self.high, y + 10, QUIET, 1.6)])
