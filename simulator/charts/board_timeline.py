"""A board's years as a timeline: a bar per quarter, what is left of each £100 and what was taken, and what happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from simulator.charts.axes import draw_pounds_axis
from simulator.charts.labels import count_letters_that_fit, measure_text, wrap
from simulator.charts.palette import INK, LEFT, QUIET, RELEASED, RULE, TAKEN, WHITE, Style
from simulator.charts.svg import (
    Attributes,
    Lettering,
    Stroke,
    draw_circle,
    draw_hatch,
    draw_line,
    draw_path,
    draw_rect,
    draw_text,
    fill_with_hatch,
    make_element,
    make_picture,
)
from simulator.common.arrays import Floats
from simulator.common.html import join_pieces
from simulator.common.representation import short_repr
from simulator.declarations.calendar import year_name

SIZE = (760, 318)
START, END, TOP, FLOOR, LANE = 46, 752, 40, 232, 262
QUARTERS = 32
MEANING, MARKS = 22, (180, 400, 620)
FOOT_LINE = 17
SEEN = 0.05
"""£ in each £100 from which on an amount is drawn."""
MOST_LETTERS = 3
"""The most events that are shown below one quarter."""


@short_repr
@dataclass(frozen=True, eq=False)
class QuarterShares:
    """£ in each £100 of a board's year, quarter by quarter, (quarters,): planned for the purpose and not taken back
    yet, taken back so far, and released by the plan. nan before there is a plan, or without money.
    """

    left: Floats
    taken: Floats
    released: Floats

    def __len__(self) -> int:
        return len(self.left)

    def has_money(self, quarter: int) -> bool:
        """Whether there is money, and a plan for it, in a quarter."""
        return bool(self.left[quarter] == self.left[quarter])


def draw_board_timeline(
    key: str,
    title: str,
    description: str,
    shown: tuple[Style, QuarterShares],
    other: tuple[Style, QuarterShares] | None,
    events: Sequence[tuple[int, str]],
    divergence: tuple[int, str] | None,
    alone: bool = False,
    letters: Sequence[tuple[str, str]] = (),
    mark: str = "",
    foot: Sequence[str] = (),
) -> Markup:
    """The timeline under the scenario that is shown, with the steps of another one.

    `events` are quarters and letters; `divergence` is the quarter in which the scenarios diverge, and words for it.
    What the `letters` that occur mean stands below, then the lines of `foot`; `mark` stands across the picture, so
    that a part of it still carries it.
    """
    shares = shown[1]
    hatching = f"{key}-hatch"
    parts = [
        draw_hatch(hatching, 5, TAKEN, WHITE, 1.6),
        _draw_axes(len(shares)),
        _draw_bars(shares, fill_with_hatch(hatching)),
    ]
    if other is not None:
        parts.append(_draw_steps(other[1], other[0]))
    if divergence is not None:
        parts.append(_draw_divergence(*divergence))
    parts += [_draw_letters(events), _draw_key(fill_with_hatch(hatching), shown, None if other is None else other[0])]
    used = [(letter, meaning) for letter, meaning in letters if letter in {own for _, own in events}]
    parts.append(_draw_meanings(used))
    floor = SIZE[1] + MEANING * ((len(used) + 1) // 2)
    lines = [line for words in foot for line in wrap(words, count_letters_that_fit(END - START, 12))]
    parts += [draw_text(START, floor + 8 + FOOT_LINE * i, line, Lettering(12)) for i, line in enumerate(lines)]
    if mark:
        parts.append(_draw_mark(mark))
    size = SIZE[0], floor + 4 + FOOT_LINE * len(lines)
    return make_picture(key, size, title, description, join_pieces(parts), alone)


def _place_x(quarter: float) -> float:
    return START + (END - START) * quarter / QUARTERS


def _place_y(pounds: float) -> float:
    return FLOOR - (FLOOR - TOP) * pounds / 100


def _draw_axes(quarters: int) -> Markup:
    parts = [draw_pounds_axis(_place_y, START, END)]
    for year in range(quarters // 4):
        if year:
            parts.append(draw_line(_place_x(4 * year), TOP, _place_x(4 * year), LANE + 18, Stroke(RULE)))
        parts.append(
            draw_text(_place_x(4 * year + 2), FLOOR + 17, year_name(year), Lettering(size=12, anchor="middle"))
        )
    return join_pieces(parts)


def _draw_bars(shares: QuarterShares, hatching: str) -> Markup:
    parts, width = [], _place_x(1) - _place_x(0) - 3
    for quarter in filter(shares.has_money, range(len(shares))):
        foot = 0.0
        for amounts, fill in ((shares.left, LEFT), (shares.taken, hatching), (shares.released, RELEASED)):
            amount = float(amounts[quarter])
            if amount > SEEN:
                height = (FLOOR - TOP) * amount / 100
                size = width, height
                parts.append(
                    draw_rect(_place_x(quarter) + 1.5, _place_y(foot + amount), *size, fill, Stroke(QUIET, 0.6))
                )
            foot += amount
    return join_pieces(parts)


def _draw_steps(shares: QuarterShares, style: Style) -> Markup:
    """What is left under the other scenario, as steps that are joined within a year."""
    parts: list[str] = []
    for quarter in filter(shares.has_money, range(len(shares))):
        y = _place_y(float(shares.left[quarter]))
        is_joined = quarter % 4 and shares.has_money(quarter - 1)
        start = f"{'L' if is_joined else 'M'}{_place_x(quarter) + 1.5:.1f},{y:.1f}"
        parts.append(f"{start} L{_place_x(quarter + 1) - 1.5:.1f},{y:.1f}")
    return draw_path(" ".join(parts), Stroke(WHITE, 5)) + draw_path(" ".join(parts), Stroke(style.colour, 2.6))


def _draw_divergence(quarter: int, said: str) -> Markup:
    x = _place_x(quarter)
    at_right = x > END - 180
    words = draw_text(
        x - 5 if at_right else x + 5,
        TOP - 4,
        said,
        Lettering(size=12, weight=600, anchor="end" if at_right else "start"),
    )
    return draw_line(x, TOP - 14, x, FLOOR, Stroke(INK, 1.6, "3 3")) + words


def _draw_letters(events: Sequence[tuple[int, str]]) -> Markup:
    """Letters under the quarters; several in one quarter stand below each other."""
    parts, count = [], dict[int, int]()
    for quarter, letter in events:
        row = count.get(quarter, 0)
        count[quarter] = row + 1
        if row < MOST_LETTERS:
            x, y = _place_x(quarter + 0.5), LANE + 4 + 17 * row
            parts.append(draw_circle(x, y, 8.5, WHITE, Stroke(INK)))
            parts.append(draw_text(x, y + 4, letter, Lettering(size=11, weight=700, anchor="middle")))
    return join_pieces(parts)


def _draw_meanings(letters: Sequence[tuple[str, str]]) -> Markup:
    """What letters mean, in two columns under the lane."""
    parts = []
    for i, (letter, meaning) in enumerate(letters):
        x, y = START + 9 + 360 * (i % 2), SIZE[1] + MEANING * (i // 2) + 4
        parts.append(draw_circle(x, y, 8.5, WHITE, Stroke(INK)))
        parts.append(draw_text(x, y + 4, letter, Lettering(size=11, weight=700, anchor="middle")))
        parts.append(draw_text(x + 16, y + 4, meaning, Lettering(12)))
    return join_pieces(parts)


def _draw_mark(words: str) -> Markup:
    """Words across the picture, three times, so that no part of it goes without."""
    look: Attributes = {"font-size": 25, "font-weight": 700, "text-anchor": "middle", "fill-opacity": 0.42}
    return join_pieces(
        make_element("text", {"transform": f"translate({x} {158 + 34 * (i % 2)}) rotate(-18)", **look}, words)
        for i, x in enumerate(MARKS)
    )


def _draw_key(hatching: str, shown: tuple[Style, QuarterShares], other: Style | None) -> Markup:
    """What is drawn, and no more."""
    parts, x, (style, shares) = [], float(START), shown
    meanings = (
        (LEFT, f"left under {style.letter}", shares.left),
        (hatching, "taken back in the year", shares.taken),
        (RELEASED, "released by the plan", shares.released),
    )
    for fill, meaning in [(fill, meaning) for fill, meaning, amounts in meanings if (amounts > SEEN).any()]:
        parts += [draw_rect(x, 6, 14, 12, fill, Stroke(QUIET)), draw_text(x + 20, 16, meaning, Lettering(12))]
        x += 40 + measure_text(meaning, 12)
    if other is not None:
        parts += [
            draw_line(x, 12, x + 22, 12, Stroke(other.colour, 2.6)),
            draw_text(x + 28, 16, f"left under {other.letter}", Lettering(12)),
        ]
    return join_pieces(parts)
