"""Labels: how many letters fit, where lines break, and labels moved apart until they can be read."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from itertools import pairwise

AVERAGE_LETTER, WIDE_LETTER = 0.55, 0.62
"""The width of a letter as a part of the type size: of most text, and of text that must not run over."""


def measure_text(words: str, size: float) -> float:
    """About how wide words are, in pixels."""
    return AVERAGE_LETTER * size * len(words)


def count_letters_that_fit(width: float, size: float) -> int:
    """How many letters fit into a width in pixels; at least 16."""
    return max(16, int(width / (WIDE_LETTER * size)))


def wrap(words: str, letters: int) -> list[str]:
    """Words on two lines at most; the full title always stands in the text beside a picture."""
    return textwrap.wrap(words, letters, max_lines=2, placeholder="…") or [""]


def wrap_whole(words: str, letters: int) -> list[str]:
    """Words on as many lines as they need, where a picture can grow."""
    return textwrap.wrap(words, letters) or [""]


def shorten(words: str, letters: int) -> str:
    """Words on one line; where they do not fit, they end with … after a word, or within one that is most of them."""
    if len(words) <= letters:
        return words
    cut = words[: letters - 1]
    whole = cut if words[letters - 1] == " " else cut.rpartition(" ")[0]
    return f"{(whole if 2 * len(whole) > len(cut) else cut).rstrip()}…"


def spread_apart(heights: Sequence[float], room: float, low: float = -math.inf, high: float = math.inf) -> list[float]:
    """The same heights moved apart, as little as need be, until labels do not overlap; in the same order.

    `room` is the height of a label; all stay between `low` and `high`.
    """
    order, moved = sorted(range(len(heights)), key=heights.__getitem__), list(heights)
    for _ in range(60):
        for lower, upper in pairwise(order):
            push = (room - (moved[upper] - moved[lower])) / 2
            if push > 0:
                moved[lower], moved[upper] = moved[lower] - push, moved[upper] + push
        moved = [min(high, max(low, height)) for height in moved]
    return moved
