"""Facts of areas laid out side by side, and records copied: what kernels do with records whatever they hold."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.engine.compilation import stage
from simulator.engine.records import LANES

_FIRST, _LANES = np.uint64(0), np.uint64(LANES)


@stage
def copy_records(source: Any, target: Any) -> None:
    """Copy records one by one."""
    for i in range(source.shape[0]):
        target[i] = source[i]


@stage
def lay_out_facts(areas: Any, facts: Any) -> None:
    """Lay the facts of areas (areas,) out in columns, `facts` (records,) of zeros; empty lanes never merge."""
    for t in range(facts.shape[0]):
        f = facts[t]
        f.count = min(LANES, areas.shape[0] - t * LANES)
        for i in range(f.count):
            area = areas[t * LANES + i]
            f.alloc[i] = area.alloc
            f.weight[i] = area.weight
            f.target_z[i] = area.target_z
            f.core20[i] = area.core20
            f.region[i] = area.region
            f.head[i] = area.head
            f.merge_q[i] = area.merge_q
            f.share_q[i] = area.share_q
            f.third[i] = area.third
        for i in range(f.count, LANES):
            f.head[i] = t * LANES + i


@stage
def find_lane(boards: Any, area: int) -> tuple[Any, Any]:
    """The record and the lane of an area. Where there is one record, as for England, nothing needs dividing."""
    lane = np.uint64(area)
    if boards.shape[0] == 1:
        return _FIRST, lane
    return lane // _LANES, lane % _LANES


@stage
def count_areas(facts: Any) -> int:
    """How many areas there are."""
    count = 0
    for t in range(facts.shape[0]):
        count += facts[t].count
    return count
