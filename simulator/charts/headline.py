"""The report's charts as SVG: bands over time, paired differences and the cascade. Shares in, markup out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from simulator.charts.label_spacing import apart
from simulator.charts.palette import INK, QUIET, RULE, STYLES, Style, marker
from simulator.charts.svg import WIDTH, line, picture, text, wrapped
from simulator.common.formatting import pounds


@dataclass(frozen=True)
class Path:
    """Quantiles of a share year by year: 10%, 25%, 50%, 75% and 90%, one entry a year each."""

    title: str
    style: Style
    quantiles: tuple[tuple[float, ...], ...]

    @property
    def median(self) -> tuple[float, ...]:
        """The middle future of each year."""
        return self.quantiles[2]


LEFT, RIGHT, TOP, FLOOR = 44, 282, 12, 188


def timeline(
    key: str, description: str, path: Path, years: Sequence[str], start: int, reference: Path | None
) -> Markup:
    """Median and bands (50% and 80%) over the years, with a reference median; `start` is the first policy year."""
    last = max(1, len(years) - 1)
    xs = [LEFT + (RIGHT - LEFT) * i / last for i in range(len(years))]
    parts = [_time_axes(xs, years)]
    if start > 0:
        x = (xs[start - 1] + xs[start]) / 2
        parts.append(line(x, TOP, x, FLOOR, f'stroke="{QUIET}" stroke-width="1" stroke-dasharray="2 3"'))
        parts.append(text(x - 5, FLOOR - 7, "policy starts", f'text-anchor="end" font-size="12" fill="{QUIET}"'))
    for low, high, shade in ((0, 4, 0.16), (1, 3, 0.3)):
        parts.append(_band(xs, path.quantiles[low], path.quantiles[high], path.style.colour, shade))
    ends = [path.median[-1]]
    if reference is not None:
        parts.append(_curve(xs, reference, 1.8))
        ends.append(reference.median[-1])
    parts.append(_curve(xs, path, 2.6))
    shown = [path] if reference is None else [path, reference]
    for one, y in zip(shown, apart([_height(end) for end in ends], 15), strict=True):
        if one.median[-1] == one.median[-1]:
            label = f"{one.style.letter} {pounds(one.median[-1])}"
            parts.append(text(RIGHT + 9, y + 4, label, 'font-weight="600" font-size="12"'))
    return picture(key, (WIDTH, 216), path.title, description, "".join(parts))


def _height(share: float) -> float:
    return FLOOR - (FLOOR - TOP) * (share if share == share else 0)


def _time_axes(xs: Sequence[float], years: Sequence[str]) -> str:
    parts = []
    for hundred in (0, 25, 50, 75, 100):
        y = _height(hundred / 100)
        parts.append(line(LEFT, y, RIGHT, y, f'stroke="{QUIET if hundred == 0 else RULE}"'))
        parts.append(text(LEFT - 7, y + 4, f"£{hundred}", f'text-anchor="end" font-size="12" fill="{QUIET}"'))
    for i in range(len(years) - 1, -1, -2):
        label = text(xs[i], FLOOR + 18, years[i], f'text-anchor="middle" font-size="12" fill="{QUIET}"')
        parts += [line(xs[i], FLOOR, xs[i], FLOOR + 4, f'stroke="{QUIET}"'), label]
    return "".join(parts)


def _band(xs: Sequence[float], low: Sequence[float], high: Sequence[float], colour: str, shade: float) -> str:
    there = [i for i in range(len(xs)) if low[i] == low[i]]
    points = [f"{xs[i]:.1f},{_height(high[i]):.1f}" for i in there]
    points += [f"{xs[i]:.1f},{_height(low[i]):.1f}" for i in reversed(there)]
    return f'<polygon points="{" ".join(points)}" fill="{colour}" fill-opacity="{shade}"/>'


def _curve(xs: Sequence[float], path: Path, width: float) -> str:
    there = [(xs[i], _height(y)) for i, y in enumerate(path.median) if y == y]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in there)
    dash = f' stroke-dasharray="{path.style.dash}"' if path.style.dash else ""
    drawn = f'<polyline points="{points}" fill="none" stroke="{path.style.colour}" stroke-width="{width}"{dash}/>'
    return drawn + "".join(marker(path.style.marker, x, y, path.style.colour, 4) for x, y in there[1::2])


@dataclass(frozen=True)
class Interval:
    """A paired difference: its mean, likely (80%) and wide (95%) range, with a value in words."""

    title: str
    style: Style
    mean: float
    likely: tuple[float, float]
    wide: tuple[float, float]
    value: str


def intervals(key: str, title: str, description: str, rows: Sequence[Interval], scale: tuple[float, float]) -> Markup:
    """Dots with a thick and a thin line each, around a zero line; `scale` is the range of the axis, in points."""
    names = [wrapped(f"{row.style.letter}  {row.title}", 39) for row in rows]
    heights = [31 + 15 * len(lines) for lines in names]
    floor = 14 + sum(heights)
    parts = [_difference_axis(scale, floor)]
    top = 14
    for row, lines, height in zip(rows, names, heights, strict=True):
        rim = 'font-weight="600" paint-order="stroke" stroke="#FFFFFF" stroke-width="4" stroke-linejoin="round"'
        parts += [text(2, top + 6 + 15 * i, words, rim) for i, words in enumerate(lines)]
        parts.append(text(338, top + 6, row.value, f'text-anchor="end" {rim}'))
        if row.mean == row.mean:
            parts.append(_dot(row, top + 9 + 15 * len(lines), scale))
        top += height
    return picture(key, (WIDTH, floor + 44), title, description, "".join(parts))


def _across(points: float, scale: tuple[float, float]) -> float:
    return 14 + 312 * (points - scale[0]) / (scale[1] - scale[0])


def _difference_axis(scale: tuple[float, float], floor: float) -> str:
    parts = [
        text(WIDTH / 2, floor + 36, "points (£ in each £100)", f'text-anchor="middle" font-size="12" fill="{QUIET}"')
    ]
    for tick in ticks(*scale):
        x, label = _across(tick, scale), "0" if tick == 0 else f"{tick:+g}".replace("-", "−")
        paint = f'stroke="{INK}" stroke-width="1.6"' if tick == 0 else f'stroke="{RULE}"'
        parts.append(line(x, 6, x, floor + 4, paint))
        parts.append(text(x, floor + 18, label, f'text-anchor="middle" font-size="12" fill="{QUIET}"'))
    return "".join(parts)


def _dot(row: Interval, y: float, scale: tuple[float, float]) -> str:
    colour = row.style.colour
    wide, likely = [_across(end, scale) for end in row.wide], [_across(end, scale) for end in row.likely]
    return (
        line(wide[0], y, wide[1], y, f'stroke="{colour}" stroke-width="2"')
        + line(likely[0], y, likely[1], y, f'stroke="{colour}" stroke-width="7"')
        + marker(row.style.marker, _across(row.mean, scale), y, colour, 7)
    )


def axis(low: float, high: float) -> tuple[float, float]:
    """A range of points that holds the numbers and zero, with a little room."""
    low, high = min(low, 0.0), max(high, 0.0)
    room = max(high - low, 1.0) * 0.05
    return low - room, high + room


def ticks(low: float, high: float) -> list[float]:
    """Round numbers within a range, zero among them."""
    step = next(s for s in (0.5, 1, 2, 5, 10, 20, 25, 50, 100) if (high - low) / s <= 7)
    first = -int(-low / step) if low < 0 else 0
    return [step * i for i in range(first, int(high / step) + 1)]


@dataclass(frozen=True)
class Step:
    """One step of the cascade: its share, that under today's rules, and whether it is only a part of the one before."""

    label: str
    share: float
    reference: float
    part: bool = False


def cascade(key: str, title: str, description: str, steps: Sequence[Step], style: Style, compared: bool) -> Markup:
    """Bars from the fund to what it added, with a mark where today's rules stand."""
    parts, width, y = [], 326.0, 4.0
    for step in steps:
        height = 7 if step.part else 14
        words = f'font-size="12" fill="{QUIET}"' if step.part else ""
        parts.append(text(18 if step.part else 2, y + 13, step.label, words))
        parts.append(text(328, y + 13, pounds(step.share), f'text-anchor="end" font-weight="600" {words}'))
        share = step.share if step.share == step.share else 0.0
        full = f'fill="#FFFFFF" stroke="#C4CBD0" width="{width}" height="{height}"'
        parts.append(f'<rect x="2" y="{y + 18:g}" {full}/>')
        bar = f'width="{width * share:.1f}" height="{height}" fill="{style.colour}"'
        parts.append(f'<rect x="2" y="{y + 18:g}" {bar}/>')
        if compared and step.reference == step.reference:
            x = 2 + width * step.reference
            parts.append(line(x, y + 15, x, y + 21 + height, 'stroke="#FFFFFF" stroke-width="5"'))
            parts.append(line(x, y + 15, x, y + 21 + height, f'stroke="{STYLES[0].colour}" stroke-width="2.2"'))
        y += 30 + height
    return picture(key, (WIDTH, int(y) + 2), title, description, "".join(parts))
