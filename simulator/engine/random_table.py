"""All draws of one run in a table, which Mesa boards read."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.compilation import kernel
from simulator.engine.philox import check_address, uniforms


@kernel
def fill_table(table: Any, key: Any) -> None:
    """Fill an array (quarters, areas, events) with the draws of its cells."""
    for q in range(table.shape[0]):
        for event in range(table.shape[2]):
            row = uniforms(key, table.shape[1], q, event)
            for i in range(table.shape[1]):
                table[q, i, event] = row[i]


def draw_random_table(seed: int, run: int, areas: int, quarters: int, events: int) -> NDArray[np.float64]:
    """All draws of one run: array (quarters, areas, events). One call, because each would cost more than its draw."""
    check_address(seed, run)
    table = np.empty((quarters, areas, events))
    fill_table(table, make_run_key(seed, run))
    return table


def make_run_key(seed: int, run: int) -> tuple[np.uint64, np.uint64, np.uint64]:
    """The part of an address that all draws of one run share."""
    return np.uint64(seed & 0xFFFFFFFF), np.uint64(seed >> 32), np.uint64(run)
