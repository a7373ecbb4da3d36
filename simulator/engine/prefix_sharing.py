"""Which runs can begin where another has come to: the same parameters, the same draws, and the same rules until then.

Draws have addresses, so two runs of one future are equal until the quarter in which their schedules first differ. Runs
are put in an order in which each finds the longest common prefix in the one before it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.void]
Numbers = NDArray[np.int64]

# One run: its row of results and of run numbers, of points, and of schedules; the quarter it begins in; and the run
# whose closed years it takes over (-1: none).
ENTRY_DTYPE = np.dtype((np.record, [(name, np.int64) for name in ("future", "point", "policy", "begin", "after")]))


def independent_entries(points: NDArray[Any], policy: NDArray[Any]) -> Table:
    """Entries of runs that all begin in quarter 0, in their own order: ENTRY_DTYPE records (runs,)."""
    entries = np.zeros(len(policy), ENTRY_DTYPE)
    entries["future"] = np.arange(len(policy))
    entries["point"] = points
    entries["policy"] = policy
    entries["after"] = -1
    return entries


def share_prefixes(points: Table, entries: Table, runs: NDArray[Any], schedules: Table, block: int) -> Table:
    """The same entries, ordered and with beginnings shared within blocks of so many that are worked on together.

    `points` parameter records, `runs` (futures,) run numbers, `schedules` (policies, quarters) lever records.
    """
    if len(schedules) == 1 or len(entries) < 2:
        return entries
    group = number_futures(points, entries["point"], runs)
    if group.max() + 1 == len(group):
        return entries
    order = np.lexsort((rank_schedules(schedules)[entries["policy"]], group))
    entries, group = entries[order], group[order]
    begin = count_common_quarters(schedules, entries["policy"][:-1], entries["policy"][1:])
    begin[group[1:] != group[:-1]] = 0
    entries["begin"][1:] = begin
    entries["begin"][::block] = 0
    entries["after"][1:] = np.where(entries["begin"][1:] > 0, entries["future"][:-1], -1)
    return entries


def number_futures(points: Table, which: Numbers, runs: NDArray[Any]) -> Numbers:
    """Group numbers (runs,): equal if the parameters, to the last bit, and the run number are equal."""
    known: dict[bytes, int] = {}
    rows = np.array([known.setdefault(point.tobytes(), len(known)) for point in points], np.int64)
    return np.unique(np.stack([rows[which], runs.astype(np.int64)]), axis=1, return_inverse=True)[1].reshape(-1)


def rank_schedules(schedules: Table) -> Numbers:
    """The rank (policies,) of each schedule in an order that puts schedules with a common beginning side by side."""
    said = [schedule.tobytes() for schedule in schedules]
    place = np.empty(len(said), np.int64)
    place[sorted(range(len(said)), key=said.__getitem__)] = np.arange(len(said))
    return place


def count_common_quarters(schedules: Table, schedule: Numbers, other: Numbers) -> Numbers:
    """How many quarters from the first on schedules `schedule` and `other` (pairs,) have in common, to the last bit."""
    quarters = schedules.shape[1]
    bits = np.ascontiguousarray(schedules).view(np.int64).reshape(len(schedules), quarters, -1)
    equal_quarters = np.empty(len(schedule), np.int64)
    for at in range(0, len(schedule), 512):
        a, b = schedule[at : at + 512], other[at : at + 512]
        differ = (bits[a] != bits[b]).any(axis=2)
        equal_quarters[at : at + 512] = np.where(differ.any(axis=1), differ.argmax(axis=1), quarters)
    return equal_quarters


def assign_slots(entries: Table, quarters: int) -> Numbers:
    """The slot for the boards' state at the start of each quarter, (quarters + 1,); -1 if no run begins there."""
    slots = np.full(quarters + 1, -1, np.int64)
    needed = np.unique(entries["begin"])
    needed = needed[(needed > 0) & (needed < quarters)]
    slots[needed] = np.arange(len(needed))
    return slots
