"""Peers: boards look at each other's results and shift their custom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.rules.chance import positive

if TYPE_CHECKING:
    from simulator.declarations.levers import LocalLevers
    from simulator.declarations.parameters import Peers

TIE = 1e-9  # shares that differ by less than this are equal: the difference is rounding


def top_rank(n: int) -> int:
    """Gives the rank, counted from 0 below, at which the best quarter of n boards begins."""
    return (3 * n) // 4


def is_among_best(own: float, line: float) -> bool:
    """Counts a board among the best quarter where it kept as much as the last of them, ties included."""
    return own > line - TIE


def custom_next(custom: float, own: float, neighbour: float, best: float, lv: LocalLevers, p: Peers) -> float:
    """Shifts custom towards peers who kept more: the best in the region and the best quarter of all."""
    example = p.peer_region * neighbour + (1.0 - p.peer_region) * best
    return custom + p.peer_pull * lv.peers * positive(example - own)
