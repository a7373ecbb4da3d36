"""The compiled driver: runs many futures at once, with the same rules and the same bits as the Mesa model.

A future is a row of a table of parameters and a run number. Futures are independent, so threads work on blocks of them;
kernels release the interpreter's lock, keep no state between futures, and share no memory between blocks.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.common.representation import short_repr
from simulator.common.threads import count_own_threads
from simulator.declarations.levers import QUARTER_DTYPE
from simulator.declarations.output_variables import AREA_YEAR_DTYPE, NATIONAL_DTYPE
from simulator.declarations.parameters import POINT_DTYPE
from simulator.engine import kernel_money as money
from simulator.engine import kernel_people, kernel_record, prefix_sharing
from simulator.engine import kernel_year_end as yearend
from simulator.engine.compilation import kernel, stage
from simulator.engine.layout import copy_records, lay_out_facts
from simulator.engine.philox import check_address
from simulator.engine.records import AREA_DTYPE, BOARD_DTYPE, FACTS_DTYPE, ROOM_DTYPE, count_records

BLOCK = 64
TOLERANCE = 1e-9
Progress = Callable[[int, int], None]


class PoundsError(RuntimeError):
    """Money appeared or vanished in a run: the model is wrong, not the input."""


@short_repr
@dataclass(frozen=True)
class YearlyRecords:
    """Yearly records of a batch: `nation` (futures, years) and, on request, `areas` (futures, years, areas)."""

    nation: NDArray[np.void]
    areas: NDArray[np.void] | None
    imbalance: float


@stage
def quarter(boards: Any, facts: Any, room: Any, q: int, first_plan: int, key: Any, lv: Any, p: Any) -> None:
    """One quarter up to spending (stages 1 to 9 of `model.py`); at q = 0 the boards are made first."""
    if q == 0:
        kernel_people.start(boards, room, key, lv, p)
    kernel_people.draw_for_plugin(boards, q, key)
    kernel_people.merge(boards, facts, q, key, lv, p)
    kernel_people.assign(boards, facts, q, lv)
    kernel_people.move_leaders(boards, room, q, key, lv, p)
    kernel_people.move_leads(boards, room, q, key, lv, p)
    money.finance(boards, facts, room, q, key, lv, p)
    money.weigh(boards, facts, room, lv, p)
    if q % 4 == 0:
        money.open_pot(boards, facts, q, lv)
    if q == first_plan or (q % 4 == 0 and q > first_plan):
        money.plan(boards, room, q, key, lv, p)
    if q >= first_plan:
        if p.raids.raid_first > 0.0:
            money.raid(boards, room, q, key, lv, p)
        money.commit(boards, lv, p)
        if p.raids.raid_first <= 0.0:
            money.raid(boards, room, q, key, lv, p)
        money.spend(boards, q)


@stage
def future(
    boards: Any,
    facts: Any,
    rooms: Any,
    rows: Any,
    schedule: Any,
    first_plan: int,
    key: Any,
    p: Any,
    nation: Any,
    span: Any,
    slots: Any,
    saved: Any,
) -> None:
    """One future through the quarters of `span`; fills `nation` (years,) and, unless empty, `rows` (years, areas).

    The state of boards is saved at the start of quarters that have a slot. `rooms` is (room to work in (records,),
    where imbalances are noted, lines (3, areas), ranks (areas,)).
    """
    begin, end = span
    room, lines, ranks = rooms
    for q in range(begin, end):
        if q > begin and slots[q] >= 0:
            copy_records(boards, saved[slots[q]])
        lv = schedule[q]
        quarter(boards, facts, room, q, first_plan, key, lv, p)
        if q % 4 == 3:
            yearend.close_year(boards, facts, room, q, key, lv, p)
            yearend.offset(boards, room, q, key, lv, p)
            money.weigh_books(boards, room)
            kernel_record.nation(boards, facts, room, lines, ranks, nation[q // 4])
            if rows.shape[0] > 0:
                kernel_record.write_areas(boards, facts, room, rows[q // 4])
            if q + 1 < end or slots[end] >= 0:  # what is learnt is for the next year
                yearend.learn(boards, facts, room, lines, ranks, lv, p)
        else:
            money.weigh_books(boards, room)
    if slots[end] >= 0:
        copy_records(boards, saved[slots[end]])


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

    A run begins with new boards, or with those `saved` (1 or futures, slots, records) for the quarter it begins in.
    `detail` (futures or 0, years, areas) is filled unless empty. Returns the imbalance.
    """
    n = areas.shape[0]
    size = count_records(n)
    boards = np.zeros(size, BOARD_DTYPE)
    blank = np.zeros(size, BOARD_DTYPE)
    facts = np.zeros(size, FACTS_DTYPE)
    room = np.zeros(size, ROOM_DTYPE)
    rooms = (room, np.zeros((3, n)), np.zeros(n, np.int64))
    nowhere = np.zeros((0, n), AREA_YEAR_DTYPE)
    lay_out_facts(areas, facts)
    for entry in entries:
        j = entry.future
        begin = entry.begin
        kept = saved[j % saved.shape[0]]
        copy_records(kept[slots[begin]] if begin > 0 and slots[begin] >= 0 else blank, boards)
        rows = detail[j] if detail.shape[0] > 0 else nowhere
        for year in range(begin // 4 if entry.after >= 0 else 0):
            nation[j, year] = nation[entry.after, year]
            if detail.shape[0] > 0:
                copy_records(detail[entry.after, year], rows[year])
        key = (seed[0], seed[1], runs[j])
        schedule, p, span = schedules[entry.policy], points[entry.point], (begin, until)
        future(boards, facts, rooms, rows, schedule, first_plan, key, p, nation[j], span, slots, kept)
    return money.imbalance(room)


def count_threads() -> int:
    """How many threads to use: RINGFENCE_THREADS if set, else one for each core; its share, for a piece of work that
    threads are shared out among.
    """
    if (own := count_own_threads()) is not None:
        return own
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
    """Run futures: `points` (futures,) parameter records, one for each future, and `runs` (futures,) run numbers.

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
    """Run every future under each of `schedules` (policies, quarters): one for each policy, as `simulate` would give.

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

        def take(at: int, imbalance: float) -> None:
            nonlocal worst, done
            worst = max(worst, imbalance)
            done += min(size, self.n - at)
            if progress:
                progress(done, self.n)

        starts = range(0, self.n, max(1, size))
        if workers == 1:  # a thread of its own would cost more than half a block
            for at in starts:
                take(at, self._run(at, size))
        else:
            self._run_in_threads(starts, size, workers, take)
        if not worst <= TOLERANCE:
            raise PoundsError(f"pounds are not conserved: off by {worst:.3g} of a board's pot in some quarter")
        return YearlyRecords(self.nation, self.detail if self.keeps_areas else None, worst)

    def _run_in_threads(
        self, starts: Iterable[int], size: int, workers: int, take: Callable[[int, float], None]
    ) -> None:
        """Compute the blocks that start there, and `take` the imbalance of each as it ends."""
        with ThreadPoolExecutor(workers) as pool:
            jobs = {pool.submit(self._run, at, size): at for at in starts}
            try:
                for job in as_completed(jobs):
                    take(jobs[job], job.result())
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _run(self, at: int, size: int) -> float:
        """Compute the block of entries that starts at `at`; returns its imbalance."""
        slots = int(self.slots.max()) + 1
        saved = np.empty((1, slots, count_records(len(self.areas))), BOARD_DTYPE) if self.saved is None else self.saved
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
