"""A picture to share: one sentence with its caveat and its source, beside a hundred squares for each scenario.

It has the size that social media show whole, and holds all that has to be said, because it travels alone.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from simulator.charts.labels import shorten
from simulator.charts.palette import BRAND, INK, QUIET, RULE, WHITE
from simulator.charts.squares import Card, count_squares, draw_squares
from simulator.charts.svg import Lettering, Stroke, draw_line, draw_rect, draw_text, make_picture
from simulator.common.formatting import format_end
from simulator.common.html import join_pieces
from simulator.common.sentence_templates import get_template

WIDTH, HEIGHT = 1200, 630
MARGIN, TOP, FLOOR = 48, 92, 556
COLUMN, RIGHT = 640, 736
"""How wide the words are, and where the squares begin."""

KEY = ("picture.key.each", "picture.key.sure", "picture.key.mean", "picture.key.maybe")
"""The templates of what a square means."""

LONGEST_ADDRESS = 104
"""An address of so many letters fits on a line at the foot."""

_LETTER = {400: 0.57, 700: 0.63}
"""The width of a letter of the typeface as a part of its size: regular and bold."""
_SCALES = (1.0, 0.94, 0.88, 0.82, 0.76, 0.7, 0.64, 0.58, 0.52, 0.47)
_TITLES = ((14, 22, 3, 25, 17), (12, 26, 4, 20, 13), (10.5, 29, 4, 20, 12.5))
"""A scenario's title: its size, letters on a line, lines at most, the height of the first and from line to line."""
_SMALLEST_FOOT = 11
_LEADING, _GAP = 1.27, 18


@dataclass(frozen=True)
class _Paragraph:
    words: str
    size: float
    fill: str = INK
    weight: int = 400

    def lines(self, scale: float) -> list[str]:
        return textwrap.wrap(self.words, int(COLUMN / (_LETTER[self.weight] * self.size * scale)))

    def step(self, scale: float) -> float:
        return round(_LEADING * self.size * scale, 1)

    def lettering(self, scale: float) -> Lettering:
        return Lettering(self.size * scale, self.weight, self.fill)


def draw_share_picture(
    eyebrow: str, sentence: str, sure: str, caveat: str, source: Sequence[str], shown: Sequence[Card]
) -> Markup:
    """The picture, 1200 by 630: words on the left and up to four scenarios' squares on the right.

    `eyebrow` is the short line above the sentence, `sure` how far it can be trusted, and `source` up to three lines
    at the foot. Words that would not fit are set smaller, and only the longest are cut, after a word, with an ellipsis.
    """
    described = "; ".join(f"{card.title}: {card.level} in each £100" for card in shown)
    parts = [
        draw_rect(0, 0, WIDTH, HEIGHT, WHITE),
        draw_rect(0, 0, WIDTH, 12, BRAND),
        draw_text(MARGIN, 62, shorten(eyebrow, 84), Lettering(21, 700, BRAND)),
        _draw_words(sentence, sure, caveat),
        *_draw_scenarios(shown),
        draw_line(MARGIN, FLOOR + 12, WIDTH - MARGIN, FLOOR + 12, Stroke(RULE, 1.5)),
    ]
    top, step, size, room = (38, 22, 15.5, (100, 118)) if len(source) < 3 else (32, 18, 13.5, (114, 136))
    parts += [_draw_foot(words, FLOOR + top + step * i, size, room[min(i, 1)]) for i, words in enumerate(source[:3])]
    parts.append(
        draw_text(WIDTH - MARGIN, FLOOR + top, get_template("not_assured"), Lettering(13, 600, INK, anchor="end"))
    )
    return make_picture(
        "share",
        (WIDTH, HEIGHT),
        sentence,
        f"{described}. {sure} {caveat} {get_template('not_assured')}",
        join_pieces(parts),
        alone=True,
    )


def _draw_foot(words: str, y: float, size: float, letters: int) -> Markup:
    """A line at the foot, smaller where more than so many letters must fit."""
    fitting = max(_SMALLEST_FOOT, min(size, size * letters / len(words))) if words else size
    return draw_text(MARGIN, y, shorten(words, int(letters * size / fitting)), Lettering(size=fitting, fill=QUIET))


def _draw_words(sentence: str, sure: str, caveat: str) -> Markup:
    paragraphs = [
        _Paragraph(sentence, 37, weight=700),
        _Paragraph(sure, 21),
        _Paragraph(caveat, 18.5),
    ]
    paragraphs = [paragraph for paragraph in paragraphs if paragraph.words.strip()]
    scale = next((scale for scale in _SCALES if _measure_height(paragraphs, scale) <= FLOOR - TOP), _SCALES[-1])
    drawn, y = [], float(TOP)
    for paragraph in paragraphs:
        step, lines = paragraph.step(scale), paragraph.lines(scale)
        room = max(0, int((FLOOR - y - 0.2 * step) / step))
        if len(lines) > room:
            lines = [*lines[: room - 1], f"{lines[room - 1].rstrip('.,;: ')} …"] if room else []
        for words in lines:
            y += step
            drawn.append(draw_text(MARGIN, y - 0.22 * step, words, paragraph.lettering(scale)))
        y += _GAP * scale
    return join_pieces(drawn)


def _measure_height(paragraphs: Sequence[_Paragraph], scale: float) -> float:
    lines = sum(len(paragraph.lines(scale)) * paragraph.step(scale) for paragraph in paragraphs)
    return lines + _GAP * scale * (len(paragraphs) - 1) + 6


def _draw_scenarios(shown: Sequence[Card]) -> list[Markup]:
    """One or two scenarios as squares of ten rows, three or four as flat ones, two beside each other."""
    flat, parts = len(shown) > 2, []
    for i, card in enumerate(shown[:4]):
        x, y = RIGHT + (i % 2) * 216, TOP + 4 + (i // 2) * 236
        parts.append(draw_rect(x, y, 196, 6, card.style.colour))
        parts += _draw_title(card.title, x, y)
        parts.append(draw_text(x, y + 102, card.level, Lettering(44, 700)))
        low, high = card.likely
        counts = count_squares(card.mean, low, high)
        columns, size, gap = (20, 7.6, 2.3) if flat else (10, 16.4, 3.5)
        parts.append(draw_squares(counts, card.style.colour, x + 1, y + 118, columns, size, gap))
        foot = y + 118 + 100 // columns * (size + gap) + 16
        ends = list(dict.fromkeys((format_end(low), format_end(high))))
        likely = f"8 in 10: {' to '.join(ends)}"
        parts.append(draw_text(x, foot, likely, Lettering(size=14, fill=QUIET)))
    return [*parts, *_draw_key(flat)]


def _draw_title(title: str, x: float, y: float) -> list[Markup]:
    """A scenario's title in the largest lettering in which it fits."""
    fitting = (look for look in _TITLES if len(textwrap.wrap(title, look[1])) <= look[2])
    size, letters, most, first, step = next(fitting, _TITLES[-1])
    lines = textwrap.wrap(title, letters, max_lines=most, placeholder=" …")
    return [draw_text(x, y + first + step * j, words, Lettering(size, 700)) for j, words in enumerate(lines)]


def _draw_key(flat: bool) -> list[Markup]:
    """What a square means: under squares of ten rows in four lines, under flat ones, which leave less room, in two."""
    each, sure, mean, maybe = map(get_template, KEY)
    lines: tuple[str, ...] = (each, sure, mean, maybe)
    top, step = TOP + 368, 20
    if flat:
        lines, top, step = (f"{each} {sure}", f"{mean} {maybe}"), FLOOR - 15, 17
    return [
        draw_text(RIGHT, top + step * i, words, Lettering(size=13 if flat else 14, fill=QUIET))
        for i, words in enumerate(lines)
    ]
