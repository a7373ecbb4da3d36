"""What every board keeps of each £100, future by future: sums over years, so that merged boards can be added up.

Boards' years are large (70 kB a future), so they are added up a few futures at a time and only the sums are kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.boards.table import Boards
from simulator.common.arrays import Floats
from simulator.common.representation import short_repr
from simulator.declarations.outcomes import BOARD_OUTCOMES, OUTCOMES
from simulator.runs.futures import Futures
from simulator.runs.run import run
from simulator.scenarios.scenario import Scenario

BATCH = 64
MEASURES = tuple(
    dict.fromkeys(term.lstrip("-") for name in BOARD_OUTCOMES for term in (*OUTCOMES[name].over, *OUTCOMES[name].by))
)


@short_repr
@dataclass(frozen=True, eq=False)
class BoardSums:
    """Measures of every area added up over years: `money` is (measures, futures, areas), £m."""

    money: NDArray[np.float32]

    @property
    def nbytes(self) -> int:
        """Their size in bytes."""
        return int(self.money.nbytes)

    def compute_shares(self, outcome: str, board_of: NDArray[np.int64]) -> Floats:
        """A ratio outcome for each future and board, (futures, boards); `board_of` (areas,) is each area's board.

        A board's money is that of all its areas together. nan where there is none.
        """
        about = OUTCOMES[outcome]
        members = np.zeros((len(board_of), int(board_of.max()) + 1))
        members[np.arange(len(board_of)), board_of] = 1.0
        top, bottom = (self._add_terms(terms) @ members for terms in (about.over, about.by))
        return np.asarray(np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom > 0))

    def _add_terms(self, terms: tuple[str, ...]) -> Floats:
        total = np.zeros(self.money.shape[1:])
        for term in terms:
            values = self.money[MEASURES.index(term.lstrip("-"))]
            total = total - values if term.startswith("-") else total + values
        return total


def sum_over_years(
    scenario: Scenario, futures: Futures, boards: Boards, span: slice, report_progress: Callable[[int], None]
) -> BoardSums:
    """Run a scenario with every board's years and add them up.

    `report_progress` is called with the futures that are done before each batch; what it raises stops the work.
    """
    n = len(futures)
    money = np.zeros((len(MEASURES), n, len(boards)), np.float32)
    for first in range(0, n, BATCH):
        report_progress(first)
        batch = futures.part(first, min(n, first + BATCH))
        areas = run(scenario, futures=batch, boards=boards, detail=True).areas
        assert areas is not None
        for row, name in enumerate(MEASURES):
            money[row, first : first + len(batch)] = areas[name][:, span].sum(axis=1)
    return BoardSums(money)
