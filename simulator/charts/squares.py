"""A hundred squares, £1 each: how many are kept surely, on average and perhaps; and scenarios' cards made of them."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from simulator.charts.labels import wrap_whole
from simulator.charts.palette import OUTLINE, QUIET, STYLES, WHITE, Style
from simulator.charts.svg import Attributes, Lettering, draw_note, draw_rect, draw_text, make_element, make_picture
from simulator.common.formatting import format_average, format_end
from simulator.common.html import join_pieces
from simulator.common.ranges import Range

CARD = 192
GAP = 24
"""How wide a scenario's card is, and the space beside it, in pixels."""

LONG = 28
"""A remark of so many letters is set smaller, so that it ends with its card."""


@dataclass(frozen=True)
class Squares:
    """How many of 100 squares are of each kind. The first two kinds make up the average."""

    sure: int
    mean: int
    maybe: int
    lost: int


def count_squares(mean: float, low: float, high: float) -> Squares:
    """Squares for an average share and its 80% range; none are kept where the share is not defined."""
    if mean != mean:
        return Squares(0, 0, 0, 100)
    average = min(100, max(0, int(100 * mean + 0.5)))
    sure = min(average, max(0, int(100 * low + 0.5)))
    top = max(average, min(100, int(100 * high + 0.5)))
    return Squares(sure, average - sure, top - average, 100 - top)


def _choose_looks(colour: str) -> dict[str, Attributes]:
    """How each kind of square is filled."""
    return {
        "sure": {"fill": colour, "stroke": colour},
        "mean": {"fill": colour, "fill-opacity": 0.55, "stroke": colour},
        "maybe": {"fill": colour, "fill-opacity": 0.12, "stroke": colour, "stroke-dasharray": "2 2"},
        "lost": {"fill": WHITE, "stroke": OUTLINE},
    }


def draw_squares(counts: Squares, colour: str, x: float, y: float, columns: int, size: float, gap: float) -> Markup:
    """A hundred squares in rows, filled from the top left."""
    parts, first, round_off = [], 0, 2 if size > 5 else 0.5
    for kind, look in _choose_looks(colour).items():
        after = first + getattr(counts, kind)
        cells = [
            draw_rect(x + i % columns * (size + gap), y + i // columns * (size + gap), size, size, radius=round_off)
            for i in range(first, after)
        ]
        if cells:
            parts.append(make_element("g", {"class": kind, **look}, *cells))
        first = after
    return join_pieces(parts)


def draw_squares_picture(
    key: str, title: str, description: str, counts: Squares, style: Style, columns: int = 20
) -> Markup:
    """A card's hundred squares."""
    size = int(18.3 * columns), int(18.3 * (100 // columns))
    return make_picture(key, size, title, description, draw_squares(counts, style.colour, 1, 1, columns, 15, 3.3))


def draw_square_samples() -> dict[str, Markup]:
    """A square of each kind by the kind's name, for the key on a page; screen readers pass over them."""
    return {
        kind: make_element(
            "svg",
            {"viewBox": "0 0 16 16", "aria-hidden": "true"},
            make_element("g", look, draw_rect(1, 1, 14, 14, radius=2)),
        )
        for kind, look in _choose_looks(STYLES[0].colour).items()
    }


@dataclass(frozen=True)
class Card:
    """One scenario: its average share, its 80% range, and a line on how it compares. `decimals` are of the average."""

    title: str
    style: Style
    mean: float
    likely: Range
    says: str
    decimals: int = 1

    @property
    def level(self) -> str:
        """Its average as it is shown."""
        return format_average(100 * self.mean, self.decimals)


def draw_cards(title: str, description: str, shown: Sequence[Card], foot: Sequence[str], ground: bool = True) -> Markup:
    """Scenarios side by side, for places that do not style them; on a white card where it has a `ground`."""
    named = [wrap_whole(f"{card.style.letter}  {card.title}", 25) for card in shown]
    more = 17 * max([0, *(len(names) - 2 for names in named)])
    bottom = 376 + more
    size = 40 + (CARD + GAP) * len(shown), bottom + 22 * len(foot)
    parts = [draw_rect(0, 0, *size, WHITE, radius=8)] if ground else []
    parts.append(draw_text(GAP, 36, title, Lettering(19, 700)))
    for i, (card, names) in enumerate(zip(shown, named, strict=True)):
        x = GAP + (CARD + GAP) * i
        parts.append(draw_rect(x, 54, CARD, 5, card.style.colour))
        parts += [draw_text(x, 80 + 17 * j, words, Lettering(14, 600)) for j, words in enumerate(names)]
        parts.append(draw_text(x, 138 + more, card.level, Lettering(34, 700)))
        low, high = card.likely
        counts = count_squares(card.mean, low, high)
        parts.append(draw_squares(counts, card.style.colour, x, 152 + more, 10, 15, 3))
        likely = f"8 in 10 results: {format_end(low)} to {format_end(high)}"
        parts.append(draw_text(x, 348 + more, likely, Lettering(size=12.5, fill=QUIET)))
        parts.append(draw_text(x, 366 + more, card.says, Lettering(12 if len(card.says) < LONG else 10.5, 600)))
    parts += [draw_note(GAP, bottom + 18 + 18 * i, words) for i, words in enumerate(foot)]
    return make_picture("headline", size, title, description, join_pieces(parts), alone=True)


ROW, TALL = 493, 35
"""How wide the scenarios below each other are, and how high each is: points on A4 paper."""

SMALL = 8.3
"""The size of their letters."""


def draw_rows(title: str, description: str, shown: Sequence[Card]) -> Markup:
    """Scenarios below each other, for a page that is printed: no letter below 8 points where it is as wide as A4."""
    parts, lines = list[Markup](), 3 if len(shown) < 5 else 2
    for i, card in enumerate(shown):
        y, (low, high) = TALL * i, card.likely
        names = textwrap.wrap(f"{card.style.letter}  {card.title}", 29, max_lines=lines, placeholder=" …")
        likely = f"8 in 10 results: {format_end(low)} to {format_end(high)}"
        parts += [
            draw_rect(0, y + 2, 4, TALL - 6, card.style.colour),
            *(draw_text(11, y + 10 + 10.5 * j, words, Lettering(SMALL, 600)) for j, words in enumerate(names)),
            draw_text(157, y + 21, card.level, Lettering(17, 700)),
            draw_squares(count_squares(card.mean, low, high), card.style.colour, 214, y + 4, 25, 4.2, 1),
            draw_text(353, y + 19, likely, Lettering(SMALL, fill=QUIET)),
        ]
    return make_picture("headline", (ROW, TALL * len(shown)), title, description, join_pieces(parts), alone=True)
