"""The compiled driver: runs many futures at once, with the same rules and the same bits as the Mesa model.

A future is a row of a table of parameters and a run number. Futures are independent, so threads work on blocks of them;
kernels release the interpreter's lock, keep no state between futures, and share no memory between blocks.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.declarations.levers import QUARTER_DTYPE
from simulator.declarations.output_variables import AREA_YEAR_DTYPE, NATIONAL_DTYPE
from simulator.declarations.parameters import POINT_DTYPE
from simulator.engine import kernel_money as stage
from simulator.engine import kernel_people, prefix_sharing
from simulator.engine import kernel_year_end as yearend
from simulator.engine.compilation import kernel
from simulator.engine.philox import check_address
from simulator.engine.records import AREA_DTYPE, BOARD_DTYPE

BLOCK = 64
TOLERANCE = 1e-9
Progress = Callable[[int, int], None]


class PoundsError(RuntimeError):
    """Money appeared or vanished in a run: the model is wrong, not the input."""


@dataclass(frozen=True)
class YearlyRecords:
    """Yearly records of a batch: `nation` (futures, years) and, on request, `areas` (futures, years, areas)."""

    nation: NDArray[np.void]
    areas: NDArray[np.void] | None
    imbalance: float


@kernel
def quarter(boards: Any, areas: Any, draws: Any, q: int, first_plan: int, key: Any, lv: Any, p: Any) -> None:
    """One quarter up to spending (stages 1 to 9 of `model.py`); at q = 0 the boards are made first."""
    if q == 0:
        kernel_people.start(boards, key, lv, p)
    kernel_people.merge(boards, areas, q, key, lv, p)
    kernel_people.assign(boards, areas, q, lv)
    kernel_people.move_leaders(boards, draws, q, key, lv, p)
    kernel_people.move_leads(boards, draws, q, key, lv, p)
    stage.finance(boards, areas, draws, q, key, lv, p)
    stage.weigh(boards, areas, lv, p)
    if q % 4 == 0:
        stage.open_pot(boards, areas, q, lv)
    if q == first_plan or (q % 4 == 0 and q > first_plan):
        stage.plan(boards, draws, q, key, lv, p)
    if q >= first_plan:
        if p.raids.raid_first > 0.0:
            stage.raid(boards, draws, q, key, lv, p)
        stage.commit(boards, lv, p)
        if p.raids.raid_first <= 0.0:
            stage.raid(boards, draws, q, key, lv, p)
        stage.spend(boards, q)


@kernel
def future(
    boards: Any,
    areas: Any,
    rows: Any,
    work: Any,
    schedule: Any,
    first_plan: int,
    key: Any,
    p: Any,
    nation: Any,
    span: Any,
    slots: Any,
    saved: Any,
) -> float:
    """One future through the quarters of `span`; fills `nation` (years,) and `rows` (years, areas).

    The state of boards is saved at the start of quarters that have a slot. Returns the imbalance.
    """
    worst = 0.0
    begin, end = span
    draws = work[:2]
    for q in range(begin, end):
        if q > begin and slots[q] >= 0:
            copy_records(boards, saved[slots[q]])
        lv = schedule[q]
        quarter(boards, areas, draws, q, first_plan, key, lv, p)
        if q % 4 == 3:
            year = rows[(q // 4) % rows.shape[0]]
            yearend.close_year(boards, areas, year, q, key, lv, p)
            yearend.offset(boards, year, draws, q, key, lv, p)
            worst = max(worst, stage.imbalance(boards))
            yearend.nation(year, areas, work[2], nation[q // 4])
            yearend.learn(boards, areas, work[2], work[3], lv, p)
        else:
            worst = max(worst, stage.imbalance(boards))
    if slots[end] >= 0:
        copy_records(boards, saved[slots[end]])
    return worst


@kernel
def copy_records(source: Any, target: Any) -> None:
    """Copy records one by one."""
    for i in range(source.shape[0]):
        target[i] = source[i]


@kernel
def block(
    points: Any,
    runs: Any,
    seed: Any,
    areas: Any,
    schedules: Any,
    first_plan: int,
    entries: Any,
    until: int,
    slots: Any,
    saved: Any,
    nation: Any,
    detail: Any,
) -> float:
    """A block of runs, each under its own schedule, up to quarter `until`; `prefix_sharing.py` describes `entries`.

    A run begins with new boards, or with those `saved` (1 or futures, slots, areas) for the quarter it begins in.
    `detail` (futures or 0, years, areas) is filled unless empty. Returns the imbalance.
    """
    n = areas.shape[0]
    boards = np.zeros(n, BOARD_DTYPE)
    blank = np.zeros(n, BOARD_DTYPE)
    work = np.zeros((4, n))
    scratch = np.zeros((1, n), AREA_YEAR_DTYPE)
    worst = 0.0
    for entry in entries:
        j = entry.future
        begin = entry.begin
        kept = saved[j % saved.shape[0]]
        copy_records(kept[slots[begin]] if begin > 0 and slots[begin] >= 0 else blank, boards)
        rows = detail[j] if detail.shape[0] > 0 else scratch
        for year in range(begin // 4 if entry.after >= 0 else 0):
            nation[j, year] = nation[entry.after, year]
            if detail.shape[0] > 0:
                copy_records(detail[entry.after, year], rows[year])
        key = (seed[0], seed[1], runs[j])
        span = (begin, until)
        schedule, p = schedules[entry.policy], points[entry.point]
        off = future(boards, areas, rows, work, schedule, first_plan, key, p, nation[j], span, slots, kept)
        worst = max(worst, off)
    return worst


def count_threads() -> int:
    """How many threads to use: RINGFENCE_THREADS if set, else one for each core."""
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
    share: bool = True,
) -> YearlyRecords:
    """Run futures: `points` (futures,) parameter records, one a future, and `runs` (futures,) run numbers.

    `schedule` (quarters,) lever records, a multiple of 4, or several, (policies, quarters), with `policy` (futures,)
    saying which of them applies to each future; `areas` (areas,) facts. With `share`, futures with the same parameters
    and draws are run once until their schedules differ. Neither that nor the number of workers changes results.
    `progress(done, total)` is called after each block; if it raises, no further block starts.
    Raises ValueError for shapes that do not fit and PoundsError if money is not conserved.
    """
    return Batch(points, runs, schedule, policy, areas, seed, first_plan, detail).finish(workers, progress, share)


def simulate_all(
    points: NDArray[np.void],
    runs: NDArray[np.integer[Any]],
    schedules: NDArray[np.void],
    areas: NDArray[np.void],
    *,
    seed: int,
    first_plan: int = 1,
    detail: bool = False,
    workers: int | None = None,
    progress: Progress | None = None,
) -> tuple[YearlyRecords, ...]:
    """Run every future under each of `schedules` (policies, quarters): one a policy, as `simulate` would give.

    Quarters before the schedules differ are computed once. `progress` counts futures over all policies.
    """
    n, k = len(runs), len(schedules)
    policy, which = np.repeat(np.arange(k), n), np.tile(np.arange(len(points)), k)
    many = Batch(points, np.tile(runs, k), schedules, policy, areas, seed, first_plan, detail, which)
    made = many.finish(workers, progress)
    parts = [slice(at * n, (at + 1) * n) for at in range(k)]
    return tuple(
        YearlyRecords(made.nation[p], None if made.areas is None else made.areas[p], made.imbalance) for p in parts
    )


def check_areas(areas: NDArray[np.void]) -> None:
    """Refuse areas whose region or footprint points outside the table, which compiled code would follow. ValueError."""
    n = len(areas)
    if not n:
        raise ValueError("there are no areas")
    for name in ("region", "head"):
        wrong = np.flatnonzero((areas[name] < 0) | (areas[name] >= n))
        if wrong.size:
            raise ValueError(f"area {wrong[0]}: {name} {areas[name][wrong[0]]} is outside 0 to {n - 1}")
    if (areas["head"][areas["head"]] != areas["head"]).any():
        raise ValueError("the head of a footprint must head itself")


class Batch:
    """Checked inputs and space for results, in the only layout that the kernel is compiled for."""

    def __init__(
        self,
        points: NDArray[np.void],
        runs: NDArray[np.integer[Any]],
        schedule: NDArray[np.void],
        policy: NDArray[np.integer[Any]] | None,
        areas: NDArray[np.void],
        seed: int,
        first_plan: int,
        detail: bool = False,
        which: NDArray[np.integer[Any]] | None = None,
    ) -> None:
        which = np.arange(len(points)) if which is None else which
        if len(which) != len(runs):
            raise ValueError(f"{len(which)} parameter rows do not pair with {len(runs)} run numbers")
        self.schedules = np.atleast_2d(np.array(schedule, QUARTER_DTYPE))
        policy = np.zeros(len(runs), np.int64) if policy is None else np.array(policy, np.int64)
        quarters = self.schedules.shape[1]
        if quarters % 4 or not self.schedules.size:
            raise ValueError(f"a schedule holds whole years, not {quarters} quarters")
        if len(policy) != len(runs) or not ((policy >= 0) & (policy < len(self.schedules))).all():
            raise ValueError(f"each future needs the number of one of the {len(self.schedules)} schedules")
        if not 0 <= first_plan <= 3:
            raise ValueError(f"the first plan is made in quarter 0 to 3, not {first_plan}")
        check_areas(areas)
        for run in (int(np.min(runs, initial=0)), int(np.max(runs, initial=0))):
            check_address(seed, run)
        self.n, self.until = len(runs), quarters
        self.points = np.array(points, POINT_DTYPE)
        self.runs = np.array(runs, np.uint64)
        self.areas = np.array(areas, AREA_DTYPE)
        self.seed = np.array([seed & 0xFFFFFFFF, seed >> 32], np.uint64)
        self.first_plan = first_plan
        self.nation = np.zeros((self.n, quarters // 4), NATIONAL_DTYPE)
        self.keeps_areas = detail
        self.detail = np.zeros((self.n if detail else 0, quarters // 4, len(areas)), AREA_YEAR_DTYPE)
        self.entries = prefix_sharing.independent_entries(which, policy)
        self.slots = prefix_sharing.assign_slots(self.entries, quarters)
        self.saved: NDArray[np.void] | None = None

    def finish(self, workers: int | None = None, progress: Progress | None = None, share: bool = True) -> YearlyRecords:
        """Compute all runs. Raises PoundsError, and what `progress` raises."""
        workers = workers or count_threads()
        # Blocks of one size, as many for each thread, so that all threads end together.
        size = -(-self.n // (workers * max(1, -(-self.n // (workers * BLOCK)))))
        if share and self.saved is None:
            self.entries = prefix_sharing.share_prefixes(self.points, self.entries, self.runs, self.schedules, size)
            self.slots = prefix_sharing.assign_slots(self.entries, self.until)
        worst, done = 0.0, 0
        with ThreadPoolExecutor(workers) as pool:
            jobs = {pool.submit(self._run, at, size): at for at in range(0, self.n, max(1, size))}
            try:
                for job in as_completed(jobs):
                    worst = max(worst, job.result())
                    done += min(size, self.n - jobs[job])
                    if progress:
                        progress(done, self.n)
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        if not worst <= TOLERANCE:
            raise PoundsError(f"pounds are not conserved: off by {worst:.3g} of a board's pot in some quarter")
        return YearlyRecords(self.nation, self.detail if self.keeps_areas else None, worst)

    def _run(self, at: int, size: int) -> float:
        """Compute the block of entries that starts at `at`; returns its imbalance."""
        slots = int(self.slots.max()) + 1
        saved = np.empty((1, slots, len(self.areas)), BOARD_DTYPE) if self.saved is None else self.saved
        return float(
            block(
                self.points,
                self.runs,
                self.seed,
                self.areas,
                self.schedules,
                self.first_plan,
                self.entries[at : at + size],
                self.until,
                self.slots,
                saved,
                self.nation,
                self.detail,
            )
        )
