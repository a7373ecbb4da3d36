"""What every board keeps of each £100, future by future: sums over a span of years, so that merged boards can be added.

Boards' years are large (70 kB a future), so they are added up a few futures at a time and only the sums are kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dashboards.selection.selection import OUTCOMES as SHOWN
from simulator.boards.table import Boards
from simulator.common.bounded_cache import BoundedCache
from simulator.declarations.outcomes import OUTCOMES
from simulator.runs.futures import Futures
from simulator.runs.run import run
from simulator.scenarios.scenario import Scenario

Floats = NDArray[np.float64]
BATCH = 64
CACHE_BYTES = 48_000_000
MEASURES = tuple(
    dict.fromkeys(term.lstrip("-") for name in SHOWN for term in (*OUTCOMES[name].over, *OUTCOMES[name].by))
)


@dataclass(frozen=True, eq=False)
class BoardSums:
    """Area measures added up over years: `money` is (measures, futures, areas), £m."""

    money: NDArray[np.float32]

    @property
    def nbytes(self) -> int:
        """Bytes that they take."""
        return int(self.money.nbytes)

    def shares(self, outcome: str, bodies: NDArray[np.int64]) -> Floats:
        """A ratio outcome for each future and body, (futures, bodies); `bodies` says of which body each area is.

        A body's money is that of all its areas together. nan where there is none.
        """
        about = OUTCOMES[outcome]
        member = np.zeros((len(bodies), int(bodies.max()) + 1))
        member[np.arange(len(bodies)), bodies] = 1.0
        top, bottom = (self._total(terms) @ member for terms in (about.over, about.by))
        return np.asarray(np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom > 0))

    def _total(self, terms: tuple[str, ...]) -> Floats:
        total = np.zeros(self.money.shape[1:])
        for term in terms:
            values = self.money[MEASURES.index(term.lstrip("-"))]
            total = total - values if term.startswith("-") else total + values
        return total


def sum_over_years(
    scenario: Scenario, futures: Futures, boards: Boards, span: slice, told: Callable[[int], None]
) -> BoardSums:
    """Run a scenario with every board's years and add them up; `told(done)` is called now and then and may raise."""
    n = len(futures)
    money = np.zeros((len(MEASURES), n, len(boards)), np.float32)
    for at in range(0, n, BATCH):
        told(at)
        some = futures.part(at, min(n, at + BATCH))
        areas = run(scenario, futures=some, boards=boards, detail=True).areas
        assert areas is not None
        for row, name in enumerate(MEASURES):
            money[row, at : at + len(some)] = areas[name][:, span].sum(axis=1)
    return BoardSums(money)


SumsKey = tuple[str, str, str, int, int]


class SumsCache:
    """Sums that are known; the oldest go when there is no room."""

    def __init__(self, room: int = CACHE_BYTES) -> None:
        self._kept = BoundedCache[SumsKey, BoardSums](room, lambda sums: sums.nbytes)

    def known(self, key: SumsKey) -> BoardSums | None:
        """The sums if they are there."""
        return self._kept.get(key)

    def put(self, key: SumsKey, sums: BoardSums) -> BoardSums:
        """Keep them."""
        self._kept.put(key, sums)
        return sums


def make_key(scenario: Scenario, futures: Futures, boards: Boards, span: slice) -> SumsKey:
    """What tells sums from any others."""
    years = range(100)[span]
    return scenario.fingerprint, futures.fingerprint, boards.fingerprint, years.start, years.stop


@lru_cache(maxsize=1)
def shared_sums_cache() -> SumsCache:
    """The sums of all sessions, of the 42 boards only."""
    return SumsCache()
