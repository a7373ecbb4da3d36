"""What is known of an area from the start: the facts that boards never change."""

from __future__ import annotations

from typing import NamedTuple


class Facts(NamedTuple):
    """What is known of an area; units as in `simulator.boards.table`."""

    alloc: float
    weight: float
    target_z: float
    core20: float
    region: int
    head: int
    merge_q: int
    share_q: int
    third: int
