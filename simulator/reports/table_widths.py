"""How a page is shared out among the columns of a table, by what stands in them, as a browser does it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

ROOM = 150
"""Letters of a table's size that a line of the page holds, about."""
SPARE = 2
"""Letters that the space between columns takes."""
BOLD = 1.2
"""How much wider the letters of headings are."""
LONGEST = 26
"""Longer runs of letters are parted when they are set; `document.typ` says the same."""
_BREAKS = re.compile(r"\s+|(?<=[a-z0-9]_)(?=[a-z0-9])")


def share_out_width(head: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int] = ()) -> tuple[int, ...]:
    """A width for each column, in letters.

    A column gets what its longest cell needs in one line, if all of them find room together. If not, each gets its
    longest word, and what is left goes to those that would need more, in proportion to how much more. `widths` that
    are given share the page out, but for columns that would be narrower than their longest word.
    """
    columns = list(zip(*rows, strict=True)) or [() for _ in head]
    least, most = [], []
    for name, cells in zip(head, columns, strict=True):
        words = max(_find_longest_word(cell) for cell in ("", *cells))
        least.append(SPARE + max(words, math.ceil(BOLD * _find_longest_word(name))))
        most.append(max(least[-1], SPARE + max(math.ceil(BOLD * len(name)), *map(len, ("", *cells)))))
    if widths:
        return _widen(least, [width * ROOM / sum(widths) for width in widths])
    wanting = sum(most) - sum(least)
    spare = min(max(ROOM - sum(least), 0), wanting)
    return tuple(
        low if not wanting else low + round(spare * (high - low) / wanting)
        for low, high in zip(least, most, strict=True)
    )


def _widen(least: Sequence[int], widths: Sequence[float]) -> tuple[int, ...]:
    """These widths, but each at least its least; what that takes comes from the columns that have more."""
    lacking = sum(max(low - width, 0) for low, width in zip(least, widths, strict=True))
    ample = sum(max(width - low, 0) for low, width in zip(least, widths, strict=True))
    taken = min(lacking / ample, 1.0) if ample else 0.0
    return tuple(
        low if width <= low else round(width - taken * (width - low)) for low, width in zip(least, widths, strict=True)
    )


def _find_longest_word(cell: str) -> int:
    return min(max((len(word) for word in _BREAKS.split(cell)), default=0), LONGEST)
