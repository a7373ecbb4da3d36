"""The report's pictures, as SVG text on white cards: a hundred squares and how they stand on cards.

Every function takes plain numbers and returns a fragment; `picture` wraps one with its name and description.
Anything that a user wrote is escaped here.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from simulator.charts.palette import INK, QUIET, Style
from simulator.common.formatting import pounds

SVG_NAMES = "http://www.w3.org/2000/svg"
FONT = "'Segoe UI', -apple-system, BlinkMacSystemFont, 'Helvetica Neue', Arial, sans-serif"
WIDTH = 340


def picture(key: str, size: tuple[int, int], title: str, description: str, body: str, alone: bool = False) -> Markup:
    """An SVG picture with an accessible name and description; `alone` for a file that stands by itself."""
    width, height = size
    extra = f' xmlns="{SVG_NAMES}" width="{width}" height="{height}"' if alone else ""
    return Markup(
        f'<svg{extra} viewBox="0 0 {width} {height}" role="img" aria-labelledby="{key}-t {key}-d" '
        f'font-family="{FONT}" font-size="13" fill="{INK}"><title id="{key}-t">{escape(title)}</title>'
        f'<desc id="{key}-d">{escape(description)}</desc>{body}</svg>'
    )


def text(x: float, y: float, words: str, extra: str = "") -> str:
    """A line of text; `extra` holds more attributes."""
    return f'<text x="{x:.1f}" y="{y:.1f}"{extra and " " + extra}>{escape(words)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, paint: str) -> str:
    """A straight line; `paint` holds its stroke attributes."""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" {paint}/>'


def wrapped(words: str, letters: int) -> list[str]:
    """Words on two lines at most; the full title always stands in the text beside a picture."""
    return textwrap.wrap(words, letters, max_lines=2, placeholder="…") or [""]


@dataclass(frozen=True)
class Squares:
    """How many of 100 squares are of each kind. The first two kinds make up the average."""

    sure: int
    mean: int
    maybe: int
    lost: int


def square_counts(mean: float, low: float, high: float) -> Squares:
    """Squares for an average share and its 80% range; none are kept where the share is not defined."""
    if mean != mean:
        return Squares(0, 0, 0, 100)
    average = min(100, max(0, int(100 * mean + 0.5)))
    sure = min(average, max(0, int(100 * low + 0.5)))
    top = max(average, min(100, int(100 * high + 0.5)))
    return Squares(sure, average - sure, top - average, 100 - top)


def squares(counts: Squares, colour: str, x: float, y: float, columns: int, size: float, gap: float) -> str:
    """A hundred squares in rows, filled from the top left."""
    paints = {
        "sure": f'fill="{colour}" stroke="{colour}"',
        "mean": f'fill="{colour}" fill-opacity=".55" stroke="{colour}"',
        "maybe": f'fill="{colour}" fill-opacity=".12" stroke="{colour}" stroke-dasharray="2 2"',
        "lost": 'fill="#FFFFFF" stroke="#C4CBD0"',
    }
    parts, place = [], 0
    for kind, paint in paints.items():
        count = getattr(counts, kind)
        cells = []
        for at in range(place, place + count):
            left, top = x + at % columns * (size + gap), y + at // columns * (size + gap)
            cells.append(f'<rect x="{left:g}" y="{top:g}" width="{size:g}" height="{size:g}" rx="2"/>')
        place += count
        parts.append(f'<g class="{kind}" {paint}>{"".join(cells)}</g>' if cells else "")
    return "".join(parts)


def squares_picture(key: str, title: str, description: str, counts: Squares, style: Style) -> Markup:
    """A card's hundred squares."""
    return picture(key, (366, 91), title, description, squares(counts, style.colour, 1, 1, 20, 15, 3.3))


@dataclass(frozen=True)
class Card:
    """One scenario for the picture that stands alone."""

    title: str
    style: Style
    mean: float
    low: float
    high: float
    says: str
    figures: int = 2


def cards(title: str, description: str, shown: Sequence[Card], foot: Sequence[str]) -> Markup:
    """Scenarios side by side on a white card, for pages that the report does not style."""
    width, room = 40 + 216 * len(shown), 216
    bottom = 376
    parts = [f'<rect width="{width}" height="{bottom + 22 * len(foot)}" rx="8" fill="#FFFFFF"/>']
    parts.append(text(24, 36, title, 'font-size="19" font-weight="700"'))
    for i, card in enumerate(shown):
        x = 24 + room * i
        parts.append(f'<rect x="{x}" y="54" width="192" height="5" fill="{card.style.colour}"/>')
        for j, words in enumerate(wrapped(f"{card.style.letter}  {card.title}", 25)):
            parts.append(text(x, 80 + 17 * j, words, 'font-weight="600" font-size="14"'))
        parts.append(text(x, 138, pounds(card.mean, card.figures), 'font-size="34" font-weight="700"'))
        counts = square_counts(card.mean, card.low, card.high)
        parts.append(squares(counts, card.style.colour, x, 152, 10, 15, 3))
        likely = f"80% range {pounds(card.low)} to {pounds(card.high)}"
        parts.append(text(x, 348, likely, f'font-size="12.5" fill="{QUIET}"'))
        parts.append(text(x, 366, card.says, 'font-size="12" font-weight="600"'))
    for i, words in enumerate(foot):
        parts.append(text(24, bottom + 18 + 18 * i, words, f'font-size="12" fill="{QUIET}"'))
    return picture("headline", (width, bottom + 22 * len(foot)), title, description, "".join(parts), alone=True)
