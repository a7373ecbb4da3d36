"""Checkpoints: the state of futures at the start of a quarter, from which other schedules can be run."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.ensemble import Batch, Progress, YearlyRecords
from simulator.engine.records import BOARD_DTYPE, count_records

Table = NDArray[np.void]


class Checkpoint:
    """Futures run to the start of `quarter` under the first quarters of a schedule.

    Any schedule that is equal until then can `resume`, and gives the same bits as if it were run from the start.
    A checkpoint holds the state of every board (`nbytes`, about 28 kB for a future of 42 boards), but no area rows.
    Raises ValueError for a quarter outside the schedule, and as `simulate`.
    """

    def __init__(
        self,
        points: Table,
        runs: NDArray[np.integer[Any]],
        schedule: Table,
        areas: Table,
        quarter: int,
        *,
        seed: int,
        first_plan: int = 1,
        workers: int | None = None,
        progress: Progress | None = None,
    ) -> None:
        self._inputs = (points, runs, areas, seed, first_plan)
        batch = self._batch(schedule)
        if not 0 < quarter < batch.until:
            raise ValueError(f"quarter {quarter} is not within the schedule's {batch.until} quarters")
        self.quarter, self._schedule = quarter, batch.schedules[0, :quarter].tobytes()
        batch.until = quarter
        batch.slots[quarter] = 0
        batch.saved = np.zeros((batch.n, 1, count_records(len(areas))), BOARD_DTYPE)
        self._nation = batch.finish(workers, progress).nation[:, : quarter // 4].copy()
        self._saved = batch.saved

    @property
    def nbytes(self) -> int:
        """Its size in memory, in bytes."""
        return self._saved.nbytes + self._nation.nbytes

    def fits(self, schedule: Table) -> bool:
        """Whether this schedule equals the one that was run, to the last bit, until the checkpoint's quarter."""
        return bool(schedule[: self.quarter].tobytes() == self._schedule)

    def resume(self, schedule: Table, *, workers: int | None = None, progress: Progress | None = None) -> YearlyRecords:
        """What `simulate` gives for this schedule, run from the checkpoint on. Raises ValueError if it does not fit."""
        batch = self._batch(schedule)
        if not self.fits(batch.schedules[0]):
            raise ValueError(f"this schedule differs before quarter {self.quarter}, so it cannot go on from there")
        batch.entries["begin"] = self.quarter
        batch.slots[self.quarter] = 0
        batch.saved = self._saved
        batch.nation[:, : self.quarter // 4] = self._nation
        return batch.finish(workers, progress)

    def _batch(self, schedule: Table) -> Batch:
        points, runs, areas, seed, first_plan = self._inputs
        return Batch(points, runs, schedule, None, areas, seed, first_plan)
