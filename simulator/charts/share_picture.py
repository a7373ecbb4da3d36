"""A picture to share: one large sentence over a bar for each scenario, with its caveat and its source.

It has the size that social media show whole, and is read on a phone at a third of it. It travels alone, so what
would be too small to read there is in its description.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from simulator.charts.labels import shorten
from simulator.charts.palette import BRAND, INK, QUIET, RULE, WHITE
from simulator.charts.squares import Card
from simulator.charts.svg import Lettering, Stroke, draw_line, draw_rect, draw_text, make_picture
from simulator.common.formatting import format_end
from simulator.common.html import join_pieces
from simulator.common.sentence_templates import get_template

WIDTH, HEIGHT = 1200, 630
MARGIN, TOP, FLOOR = 48, 72, 566
COLUMN = WIDTH - 2 * MARGIN
LEVEL, BAR, LONG, RANGE = 560, 584, 330, 936
"""Where a level ends, where its bar begins and how long £100 are, and where the range begins."""

LONGEST_ADDRESS = 104
"""An address of so many letters fits on a line at the foot."""

_LETTER = {400: 0.58, 700: 0.63}
"""The width of a letter of the typeface as a part of its size: regular and bold."""
_SENTENCES = ((44, 2), (40, 3), (36, 3), (33, 4), (29, 5), (25, 6), (22, 6))
"""The sizes of the sentence, each with the lines that it may take."""
_NOTES = (24, 22, 20, 18, 16, 14)
_TITLES = ((23, 28, 1), (20, 32, 2), (16, 40, 2), (14, 46, 3))
"""A scenario's title: its size, letters on a line, and lines at most."""
_LEAST_ROW, _MOST_ROW = 44, 84
_NEAT = 20
_SMALLEST_FOOT = 11


@dataclass(frozen=True)
class ShareWords:
    """The words of a picture. `eyebrow` is the line above the `sentence`; `sure` says how far it can be trusted,
    `caveat` what it is not, and `small` sentences on what a policy of somebody's own is, of which those are drawn, each
    whole, that there is room for. `counted` is what the bars count, `source` up to two lines at the foot, and `spoken`
    the whole answer for who cannot see it.
    """

    eyebrow: str
    sentence: str
    sure: str
    caveat: str
    small: Sequence[str]
    counted: str
    source: Sequence[str]
    spoken: str


def draw_share_picture(words: ShareWords, shown: Sequence[Card]) -> Markup:
    """The picture, 1200 by 630, of up to four scenarios. Words that would not fit are set smaller, and only the longest
    are cut, after a word, with an ellipsis.
    """
    shown = shown[:4]
    described = "; ".join(f"{card.title}: {card.level} in each £100" for card in shown)
    size = round(min(24, COLUMN / (_LETTER[700] * max(1, len(words.eyebrow)))), 1)
    parts = [
        draw_rect(0, 0, WIDTH, HEIGHT, WHITE),
        draw_rect(0, 0, WIDTH, 12, BRAND),
        draw_text(MARGIN, 52, words.eyebrow, Lettering(size, 700, BRAND)),
    ]
    drawn, y = _draw_sentence(words.sentence)
    notes, top = _draw_notes(words, FLOOR - (y + 34 + _LEAST_ROW * len(shown)))
    parts += [*drawn, *_draw_scenarios(words.counted, shown, y, top), *notes]
    parts.append(draw_line(MARGIN, FLOOR + 6, WIDTH - MARGIN, FLOOR + 6, Stroke(RULE, 1.5)))
    parts += [_draw_foot(said, FLOOR + 28 + 23 * i) for i, said in enumerate(words.source[:2])]
    return make_picture(
        "share", (WIDTH, HEIGHT), words.sentence, f"{described}. {words.spoken}", join_pieces(parts), alone=True
    )


def _wrap(said: str, size: float, weight: int) -> list[str]:
    return textwrap.wrap(said, int(COLUMN / (_LETTER[weight] * size)))


def _cut(lines: list[str], most: int) -> list[str]:
    """As many lines as there is room for, the last with an ellipsis if some are left out."""
    return lines if len(lines) <= most else [*lines[: most - 1], f"{lines[most - 1].rstrip('.,;: ')} …"]


def _draw_sentence(sentence: str) -> tuple[list[Markup], float]:
    """The sentence in the largest lettering in which it fits, and where it ends."""
    fitting = (look for look in _SENTENCES if len(_wrap(sentence, look[0], 700)) <= look[1])
    size, most = next(fitting, _SENTENCES[-1])
    step = round(1.2 * size, 1)
    lines = _cut(_wrap(sentence, size, 700), most)
    drawn = [draw_text(MARGIN, TOP + step * (i + 0.8), said, Lettering(size, 700)) for i, said in enumerate(lines)]
    return drawn, TOP + step * len(lines)


def _draw_notes(words: ShareWords, room: float) -> tuple[list[Markup], float]:
    """What stands under the bars, in the largest lettering that fits into so many pixels, and where it begins."""

    def lay_out(size: float, told: int) -> list[tuple[str, float, int, str]]:
        small = " ".join(words.small[:told])
        notes = ((small, 0.75, 400, QUIET), (words.sure, 1.0, 400, INK), (words.caveat, 0.9, 700, INK))
        return [
            (line, size * part, weight, fill)
            for said, part, weight, fill in notes
            for line in _wrap(said, size * part, weight)
        ]

    def find_fitting(told: int) -> list[int]:
        return [size for size in _NOTES if _measure_lines(lay_out(size, told)) <= room]

    told = next((told for told in range(len(words.small), 0, -1) if find_fitting(told)), 0)
    fitting = find_fitting(told) or [_NOTES[-1]]
    size = next((size for size in fitting if size >= _NEAT and len(_wrap(words.sure, size, 400)) <= 2), fitting[0])
    lines = lay_out(size, told)
    y = top = FLOOR - _measure_lines(lines)
    drawn = []
    for said, each, weight, fill in lines:
        y += round(1.25 * each, 1)
        drawn.append(draw_text(MARGIN, y - 0.35 * each, said, Lettering(each, weight, fill)))
    return drawn, top


def _measure_lines(lines: Sequence[tuple[str, float, int, str]]) -> float:
    """How high lines of text are, pixels."""
    return sum(round(1.25 * size, 1) for _, size, _, _ in lines)


def _draw_scenarios(counted: str, shown: Sequence[Card], top: float, floor: float) -> list[Markup]:
    """A row for each scenario, between these heights: its title, its level, a bar with a line for the range."""
    row = max(_LEAST_ROW, min(_MOST_ROW, round((floor - top - 36) / max(1, len(shown)), 1)))
    y = top + 22 + max(0.0, round((floor - top - 36 - row * len(shown)) / 2, 1))
    quiet = Lettering(size=17, fill=QUIET)
    parts = [
        draw_text(MARGIN, y, counted, quiet),
        draw_text(BAR, y, get_template("picture.average"), quiet),
        draw_text(RANGE, y, get_template("picture.futures"), quiet),
    ]
    for i, card in enumerate(shown):
        middle = y + 8 + row * (i + 0.5)
        low, high = card.likely
        ends = list(dict.fromkeys((format_end(low), format_end(high))))
        parts += [
            draw_rect(MARGIN, middle - 18, 8, 36, card.style.colour),
            *_draw_title(card.title, middle),
            draw_text(LEVEL, middle + 13, card.level, Lettering(38, 700, anchor="end")),
            draw_rect(BAR, middle - 17, LONG, 24, RULE),
            draw_rect(BAR, middle - 17, _measure(card.mean), 24, card.style.colour),
            draw_line(BAR + _measure(low), middle + 14, BAR + _measure(high), middle + 14, Stroke(INK, 4)),
            draw_text(RANGE, middle + 9, " to ".join(ends), Lettering(26)),
        ]
    return parts


def _measure(share: float) -> float:
    """How long a share of £100 is on a bar; nothing where it is not defined."""
    return round(LONG * min(1.0, max(0.0, share)), 1) if share == share else 0.0


def _draw_title(title: str, middle: float) -> list[Markup]:
    """A scenario's title in the largest lettering in which it fits."""
    fitting = (look for look in _TITLES if len(textwrap.wrap(title, look[1])) <= look[2])
    size, letters, most = next(fitting, _TITLES[-1])
    lines = textwrap.wrap(title, letters, max_lines=most, placeholder=" …")
    top = middle + 0.35 * size - 0.55 * size * (len(lines) - 1)
    return [draw_text(MARGIN + 20, top + 1.1 * size * j, said, Lettering(size, 700)) for j, said in enumerate(lines)]


def _draw_foot(said: str, y: float) -> Markup:
    """A line at the foot, smaller where it is long."""
    size = min(17, 1900 / len(said)) if said else 17
    fitting = max(_SMALLEST_FOOT, round(size, 1))
    return draw_text(MARGIN, y, shorten(said, int(1900 / fitting) + 1), Lettering(size=fitting, fill=QUIET))
