"""The compiled driver: many futures at once, the same rules and the same bits as the Mesa model.

A future is a pair (row of a table of parameters, run number). Futures are independent, so blocks of them are
handed to threads; kernels hold no lock, keep no state between futures, and one block's memory is its own.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator import kernel as stage
from simulator import kernel_people, yearend
from simulator.compiled import kernel
from simulator.draws import check_address
from simulator.levers import QUARTER_DTYPE
from simulator.measures import AREA_YEAR_DTYPE, NATIONAL_DTYPE
from simulator.parameters import POINT_DTYPE
from simulator.state import AREA_DTYPE, BOARD_DTYPE

BLOCK = 64
TOLERANCE = 1e-9
Progress = Callable[[int, int], None]


class PoundsError(RuntimeError):
    """Money appeared or vanished in a run: the model is wrong, not the input."""


@dataclass(frozen=True)
class Yearly:
    """What a batch of futures gives: `nation` (futures, years) and, if asked for, `areas` (futures, years, areas)."""

    nation: NDArray[np.void]
    areas: NDArray[np.void] | None
    imbalance: float


@kernel
def quarter(boards: Any, areas: Any, q: int, first_plan: int, key: Any, lv: Any, p: Any) -> None:
    """One quarter up to spending (stages 1 to 9 of `system.py`); at q = 0 the boards are made first."""
    if q == 0:
        kernel_people.start(boards, key, lv, p)
    kernel_people.merge(boards, areas, q, key, lv, p)
    kernel_people.assign(boards, areas, q, lv)
    kernel_people.move_leaders(boards, q, key, lv, p)
    kernel_people.move_leads(boards, q, key, lv, p)
    stage.finance(boards, areas, q, key, lv, p)
    stage.weigh(boards, areas, lv, p)
    if q % 4 == 0:
        stage.open_pot(boards, areas, q, lv)
    if q == first_plan or (q % 4 == 0 and q > first_plan):
        stage.plan(boards, q, key, lv, p)
    if q >= first_plan:
        if p.raids.raid_first > 0.0:
            stage.raid(boards, q, key, lv, p)
        stage.commit(boards, lv, p)
        if p.raids.raid_first <= 0.0:
            stage.raid(boards, q, key, lv, p)
        stage.spend(boards, q)


@kernel
def future(
    boards: Any, areas: Any, rows: Any, ranked: Any, schedule: Any, first_plan: int, key: Any, p: Any, nation: Any
) -> float:
    """One future, first to last quarter; fills `nation` (years,) and `rows` (years, areas). Returns the imbalance."""
    worst = 0.0
    for q in range(schedule.shape[0]):
        lv = schedule[q]
        year = rows[(q // 4) % rows.shape[0]]
        quarter(boards, areas, q, first_plan, key, lv, p)
        if q % 4 == 3:
            yearend.close_year(boards, areas, year, q, key, lv, p)
            yearend.offset(boards, year, q, key, lv, p)
            worst = max(worst, stage.imbalance(boards))
            yearend.nation(year, areas, ranked[0], nation[q // 4])
            yearend.learn(boards, areas, ranked[0], ranked[1], lv, p)
        else:
            worst = max(worst, stage.imbalance(boards))
    return worst


@kernel
def block(
    points: Any, which: Any, runs: Any, seed: Any, areas: Any, schedules: Any, policy: Any, first_plan: int,
    nation: Any, detail: Any,
) -> float:  # fmt: skip
    """A block of futures, each under its own policy's schedule. `detail` (futures or 0, years, areas) is filled where
    it has room; returns the imbalance.
    """
    n = areas.shape[0]
    boards = np.zeros(n, BOARD_DTYPE)
    ranked = np.zeros((2, n))
    scratch = np.zeros((1, n), AREA_YEAR_DTYPE)
    blank = np.zeros(1, BOARD_DTYPE)
    worst = 0.0
    for j in range(which.shape[0]):
        for i in range(n):
            boards[i] = blank[0]
        key = (seed[0], seed[1], runs[j])
        p = points[which[j]]
        rows = detail[j] if detail.shape[0] > 0 else scratch
        schedule = schedules[policy[j]]
        worst = max(worst, future(boards, areas, rows, ranked, schedule, first_plan, key, p, nation[j]))
    return worst


def threads() -> int:
    """How many threads to use: RINGFENCE_THREADS if set, else one a core."""
    asked = os.environ.get("RINGFENCE_THREADS", "")
    return max(1, int(asked)) if asked.isdigit() else os.cpu_count() or 1


def simulate(
    points: NDArray[np.void],
    runs: NDArray[np.integer[Any]],
    schedule: NDArray[np.void],
    areas: NDArray[np.void],
    *,
    seed: int,
    policy: NDArray[np.integer[Any]] | None = None,
    first_plan: int = 1,
    detail: bool = False,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Yearly:
    """Run futures: `points` (futures,) parameter records, one a future, and `runs` (futures,) run numbers.

    `schedule` (quarters,) lever records, a multiple of 4, or several, (policies, quarters), with `policy` (futures,)
    saying which of them each future is under; `areas` (areas,) facts. Results are the same for any number of workers.
    `progress(done, total)` is called after each block; if it raises, no further block starts.
    Raises ValueError for shapes that do not fit and PoundsError if money is not conserved.
    """
    batch = _Batch(points, runs, schedule, policy, areas, seed, first_plan, detail)
    worst = 0.0
    done = 0
    with ThreadPoolExecutor(workers or threads()) as pool:
        jobs = {pool.submit(batch.run, at): at for at in range(0, batch.n, BLOCK)}
        try:
            for job in as_completed(jobs):
                worst = max(worst, job.result())
                done += min(BLOCK, batch.n - jobs[job])
                if progress:
                    progress(done, batch.n)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    if not worst <= TOLERANCE:
        raise PoundsError(f"pounds are not conserved: off by {worst:.3g} of a board's pot in some quarter")
    return Yearly(batch.nation, batch.areas_out if detail else None, worst)


def check_areas(areas: NDArray[np.void]) -> None:
    """Refuse areas whose region or footprint points outside the table: compiled code would follow. ValueError."""
    n = len(areas)
    if not n:
        raise ValueError("there are no areas")
    for name in ("region", "head"):
        wrong = np.flatnonzero((areas[name] < 0) | (areas[name] >= n))
        if wrong.size:
            raise ValueError(f"area {wrong[0]}: {name} {areas[name][wrong[0]]} is outside 0 to {n - 1}")
    if (areas["head"][areas["head"]] != areas["head"]).any():
        raise ValueError("the head of a footprint must head itself")


class _Batch:
    """Checked inputs and room for results, in the one layout that the kernel is compiled for."""

    def __init__(
        self,
        points: NDArray[np.void],
        runs: NDArray[np.integer[Any]],
        schedule: NDArray[np.void],
        policy: NDArray[np.integer[Any]] | None,
        areas: NDArray[np.void],
        seed: int,
        first_plan: int,
        detail: bool,
    ) -> None:
        if len(points) != len(runs):
            raise ValueError(f"{len(points)} parameter rows do not pair with {len(runs)} run numbers")
        self.schedules = np.atleast_2d(np.array(schedule, QUARTER_DTYPE))
        self.policy = np.zeros(len(runs), np.int64) if policy is None else np.array(policy, np.int64)
        quarters = self.schedules.shape[1]
        if quarters % 4 or not self.schedules.size:
            raise ValueError(f"a schedule holds whole years, not {quarters} quarters")
        if len(self.policy) != len(runs) or not ((self.policy >= 0) & (self.policy < len(self.schedules))).all():
            raise ValueError(f"each future needs the number of one of the {len(self.schedules)} schedules")
        if not 0 <= first_plan <= 3:
            raise ValueError(f"the first plan is made in quarter 0 to 3, not {first_plan}")
        check_areas(areas)
        for run in (int(np.min(runs, initial=0)), int(np.max(runs, initial=0))):
            check_address(seed, run)
        self.n = len(runs)
        self.points = np.array(points, POINT_DTYPE)
        self.runs = np.array(runs, np.uint64)
        self.areas = np.array(areas, AREA_DTYPE)
        self.seed = np.array([seed & 0xFFFFFFFF, seed >> 32], np.uint64)
        self.first_plan = first_plan
        years = quarters // 4
        self.nation = np.zeros((self.n, years), NATIONAL_DTYPE)
        self.areas_out = np.zeros((self.n if detail else 0, years, len(areas)), AREA_YEAR_DTYPE)
        self.detail = detail

    def run(self, at: int) -> float:
        """Compute the block of futures that starts at `at`; returns its imbalance."""
        to = min(at + BLOCK, self.n)
        which = np.arange(at, to, dtype=np.int64)
        rows = self.areas_out[at:to] if self.detail else self.areas_out
        return float(
            block(
                self.points, which, self.runs[at:to], self.seed, self.areas, self.schedules,
                self.policy[at:to], self.first_plan, self.nation[at:to], rows,
            )
        )  # fmt: skip
