"""The sums of boards' money of all sessions, kept so that none is worked out twice."""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

from simulator.boards.table import Boards
from simulator.common.bounded_cache import BoundedCache
from simulator.runs.board_sums import BoardSums
from simulator.runs.futures import Futures
from simulator.scenarios.scenario import Scenario

CACHE_BYTES = 48_000_000
SumsKey: TypeAlias = tuple[str, str, str, int, int]
SumsCache: TypeAlias = BoundedCache[SumsKey, BoardSums]


def make_sums_cache(room: int = CACHE_BYTES) -> SumsCache:
    """A cache of sums; the oldest go when there is no room, in bytes."""
    return BoundedCache(room, lambda sums: sums.nbytes)


def make_key(scenario: Scenario, futures: Futures, boards: Boards, span: slice) -> SumsKey:
    """A key that tells these sums from any others."""
    years = range(100)[span]
    return scenario.fingerprint, futures.fingerprint, boards.fingerprint, years.start, years.stop


@lru_cache(maxsize=1)
def get_shared_sums_cache() -> SumsCache:
    """The sums of all sessions, of the 42 boards only."""
    return make_sums_cache()
