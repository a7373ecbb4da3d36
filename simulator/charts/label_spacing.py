"""Labels at the ends of lines, moved apart until they can be read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise


def apart(heights: Sequence[float], room: float, low: float = -math.inf, high: float = math.inf) -> list[float]:
    """The same heights moved apart, as little as need be, until labels do not overlap; in the same order.

    `room` is the height of a label; all stay between `low` and `high`.
    """
    order, found = sorted(range(len(heights)), key=heights.__getitem__), list(heights)
    for _ in range(60):
        for lower, upper in pairwise(order):
            push = (room - (found[upper] - found[lower])) / 2
            if push > 0:
                found[lower], found[upper] = found[lower] - push, found[upper] + push
        found = [min(high, max(low, height)) for height in found]
    return found
