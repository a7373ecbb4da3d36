"""The pictures of questions, as SVG on white cards, narrow enough for a phone. Shares in, points on the axes.

Colour is never alone: bars are hollow or hatched, lines dashed, and everything that matters has a label.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dashboards.analyses.lever_text import of_hundred
from dashboards.analyses.plot import (
    BLUE,
    LEFT,
    ORANGE,
    POINTS,
    RIGHT,
    RIM,
    SMALL,
    WIDE,
    Row,
    Scale,
    across,
    around,
    band,
    block,
    card,
    curve,
    cut,
    label,
    listed_rows,
    rows,
    upward,
    whisker,
)
from simulator.charts.palette import INK, QUIET, marker
from simulator.charts.svg import line, text
from simulator.common.formatting import change
from simulator.common.units import Unit


def exchange(
    title: str,
    about: str,
    lines: Sequence[dict[str, Any]],
    axes: tuple[str, str],
    names: tuple[str, str],
    most: float,
    mark: int,
    percent: tuple[bool, bool],
) -> str:
    """The line of equal outcome over two levers, its noise and its 80% band; `mark` is the point that the title names.

    What lies beyond the top is held there.
    """
    floor, top = 270.0, 14.0
    factor = [100.0 if one else 1.0 for one in percent]
    x_scale = _level(factor[0] * lines[0]["x"], factor[0] * lines[-1]["x"])
    y_scale = Scale(*_reach(lines, most, factor[1]), floor, top)
    xs = [x_scale(factor[0] * one["x"]) for one in lines]

    def at(value: float | None) -> float:
        return y_scale(factor[1] * (most if value is None else value))

    low, high = ([at(one["enough"][s]) for one in lines] for s in ("10", "90"))
    noise = [[at(one[end]) for one in lines] for end in ("low", "high")]
    found = [(x, at(one["line"])) for x, one in zip(xs, lines, strict=True) if one["line"] is not None]
    parts = [
        across(x_scale, top, floor, axes[0], percent="%" if percent[0] else ""),
        upward(y_scale, LEFT, RIGHT, "%" if percent[1] else ""),
        band(xs, low, high, f'fill="{BLUE}" fill-opacity=".14"'),
        band(xs, noise[0], noise[1], f'fill="{BLUE}" fill-opacity=".34"'),
        curve([x for x, _ in found], [y for _, y in found], f'stroke="{BLUE}" stroke-width="3"'),
        text(LEFT + 10, top + 20, f"here {cut(names[1], 30)} does more", f'font-weight="600" {RIM}'),
        text(
            RIGHT - 4, floor - 12, f"here {cut(names[0], 30)} does more", f'text-anchor="end" font-weight="600" {RIM}'
        ),
    ]
    if lines[mark]["line"] is not None:
        x, y = xs[mark], at(lines[mark]["line"])
        thin = f'stroke="{INK}" stroke-width="1.3" stroke-dasharray="4 3"'
        parts += [line(x, y, x, floor, thin), line(LEFT, y, x, y, thin), marker("diamond", x, y, ORANGE, 7)]
    parts.append(label(WIDE / 2, floor + 72, f"Upwards: {axes[1]}", 50))
    return card(title, about, floor + 100, "".join(parts))


def _level(first: float, last: float) -> Scale:
    return Scale(min(first, last), max(first, last), LEFT, RIGHT)


def _reach(lines: Sequence[dict[str, Any]], most: float, factor: float) -> tuple[float, float]:
    """From the least to a little above what nine of ten sets need, no further than was tried."""
    start = min(lines, key=lambda one: abs(one["x"] - lines[0]["x"]))["enough"]["10"]
    first = 0.0 if start is None else start
    high = [most if one["enough"]["90"] is None else one["enough"]["90"] for one in lines]
    far = max(high, key=lambda v: abs(v - first))
    end = first + min(1.12 * abs(far - first), abs(most - first)) * (1 if most >= first else -1)
    return factor * first, factor * (end if end != first else first + 1)


def crossing(
    title: str,
    about: str,
    found: dict[str, list[float]],
    where: tuple[float | None, float | None, float | None],
    names: tuple[str, str],
    duels: Sequence[dict[str, Any]],
    draws: int,
) -> str:
    """What a lever does beyond a scenario, by its amount, with the break-even marked; below it, duels out of 100."""
    top, floor = 14.0, 226.0
    amounts = found["amount"]
    x_scale = _level(amounts[0], amounts[-1])
    hundred = {k: [100 * v for v in found[k]] for k in ("difference", "low", "high")}
    y_scale = Scale(*around([*hundred["low"], *hundred["high"]]), floor, top)
    xs = [x_scale(x) for x in amounts]
    ys = {k: [y_scale(v) for v in values] for k, values in hundred.items()}
    parts = [
        across(x_scale, top, floor, names[0]),
        upward(y_scale, LEFT, RIGHT),
        band(xs, ys["low"], ys["high"], f'fill="{BLUE}" fill-opacity=".16"'),
        curve(xs, ys["difference"], f'stroke="{BLUE}" stroke-width="3"'),
        line(LEFT, y_scale(0), RIGHT, y_scale(0), f'stroke="{INK}" stroke-width="1.6"'),
    ]
    if where[0] is not None:
        x, y = x_scale(where[0]), y_scale(0)
        parts.append(line(x, y, x, floor, f'stroke="{INK}" stroke-width="1.4" stroke-dasharray="3 3"'))
        parts.append(marker("diamond", x, y, ORANGE, 7))
    parts.append(text(LEFT + 8, top + 12, f"does more than {cut(names[1], 26)}", f"{SMALL} {RIM}"))
    parts.append(text(RIGHT - 2, floor - 8, "does less", f'text-anchor="end" {SMALL} {RIM}'))
    scale = Scale(0, 100, 8, RIGHT)
    made, bottom = rows([_duel(duel, draws, scale) for duel in duels], floor + 76)
    parts.append(
        text(4, floor + 64, f"{cut(names[1], 34)} does more than …", f'font-weight="600" font-size="13.5" {RIM}')
    )
    parts += made
    parts.append(across(scale, bottom, bottom, "in so many of 100 parameter sets"))
    return card(title, about, bottom + 46, "".join(parts))


def _duel(duel: dict[str, Any], draws: int, scale: Scale) -> Row:
    share = 100 * duel["more"] / draws
    low, high = (100 * end for end in duel["interval"])

    def draw(y: float) -> str:
        return (
            block(scale, 0, 100, y, f'fill="#FFFFFF" stroke="{QUIET}"')
            + block(scale, 0, share, y, f'fill="{ORANGE}"')
            + whisker(scale, low, high, y)
        )

    return Row(f"… {duel['rival']}", of_hundred(duel["more"], draws), draw)


def waterfall(title: str, about: str, parts: Sequence[dict[str, Any]], total: dict[str, Any]) -> str:
    """Each part's share from where the one above ended, then the whole; thin lines hold 80 of 100 futures."""
    ends_ = [0.0]
    for one in parts:
        ends_.append(ends_[-1] + 100 * one["share"]["mean"])
    reach = [
        e + 100 * (x - one["share"]["mean"])
        for e, one in zip(ends_[1:], parts, strict=True)
        for x in one["share"]["likely"]
    ]
    scale = Scale(*around([*ends_, *reach, *(100 * x for x in total["likely"])]), 8, RIGHT)

    def step(start: float, end: float, low: float, high: float, whole: bool) -> Any:
        fill = f'fill="{BLUE if end >= start else ORANGE}"' if not whole else f'fill="{INK}"'

        def draw(y: float) -> str:
            link = "" if whole else line(scale(end), y, scale(end), y + 34, f'stroke="{QUIET}" stroke-dasharray="2 2"')
            return link + block(scale, start, end, y, fill) + whisker(scale, low, high, y + 10, QUIET, 1.6)

        return draw

    made = []
    for one, start, end in zip(parts, ends_, ends_[1:], strict=False):
        low, high = (start + 100 * x for x in one["share"]["likely"])
        made.append(Row(one["part"], change(one["share"]["mean"], Unit.SHARE), step(start, end, low, high, False)))
    low, high = (100 * x for x in total["likely"])
    made.append(Row("Together", change(total["mean"], Unit.SHARE), step(0, 100 * total["mean"], low, high, True)))
    return listed_rows(title, about, made, scale, POINTS, True)
