"""The record of a year, compiled: the national row, made from areas, and a row for every area where one is asked for.

Arguments as in `kernel_money.py`. Totals add areas in their order, so several are formed at a time: each addition waits
for the one before it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.engine.compilation import kernel, stage
from simulator.engine.kernel_year_end import in_order
from simulator.engine.layout import lay_out_facts
from simulator.engine.records import BOARD_DTYPE, FACTS_DTYPE, LANES, ROOM_DTYPE, count_records

Records = Any


@stage
def write_areas(boards: Records, facts: Records, room: Records, rows: Records) -> None:
    """Write down the year of every area, into area-year records (areas,)."""
    for t in range(boards.shape[0]):
        for i in range(facts[t].count):
            write_area(boards[t], room[t], i, rows[t * LANES + i])


@stage
def write_area(b: Any, r: Any, i: int, row: Any) -> None:
    """Write down the year of one area."""
    row.funding = b.funding[i]
    row.pot = b.pot[i]
    row.direct = b.direct[i]
    row.protected = b.protected[i]
    row.released = b.released[i]
    row.raided_q1 = b.raided_q1[i]
    row.raided_q2 = b.raided_q2[i]
    row.raided_q3 = b.raided_q3[i]
    row.raided_q4 = b.raided_q4[i]
    row.spent = b.spent[i]
    row.staff = r.staff[i]
    row.rushed = b.rushed[i]
    row.lapsed = b.lapsed[i]
    row.carried = b.carried[i]
    row.place = b.place[i]
    row.front = r.front[i]
    row.core20 = r.core20[i]
    row.additional = r.additional[i]
    row.retained = r.year_retained[i]
    row.chief = b.plan_chief[i]
    row.gap = b.gap[i]
    row.net = b.net[i]
    row.chief_left = r.chief_left[i]
    row.post_used = r.post_used[i]
    row.pilot_fate = r.pilot_fate[i]
    row.pilot_verdict = r.pilot_verdict[i]
    row.pilot_started = r.pilot_started[i]


@stage
def centile(ranked: Any, share: float) -> float:
    """A centile of sorted values, by linear interpolation."""
    at = share * (ranked.shape[0] - 1)
    low = int(at)
    value: float = ranked[low]
    if low + 1 < ranked.shape[0]:
        value += (at - low) * (ranked[low + 1] - ranked[low])
    return value


@stage
def nation(boards: Records, facts: Records, room: Records, lines: Any, ranks: Any, out: Any) -> None:
    """Make the national row of a year from its areas. `lines` is room of (3, areas)."""
    ranked = lines[0]
    for t in range(boards.shape[0]):
        for i in range(facts[t].count):
            ranked[t * LANES + i] = room[t].year_retained[i]
    in_order(ranked, lines[1], ranks)
    out.boards = ranked.shape[0]
    out.retained_low = centile(ranked, 0.1)
    out.retained_high = centile(ranked, 0.9)
    add_plans(boards, facts, out)
    add_raids(boards, facts, out)
    add_spending(boards, facts, room, out)
    add_shares(boards, facts, room, out)
    add_deficits(boards, facts, room, out)
    add_counts(facts, room, out)
    add_pilots(facts, room, out)


@kernel
def nation_of_rows(rows: Records, areas: Records, out: Any) -> None:
    """The same from area-year records (areas,) and the facts of areas (areas,), as the Mesa model has them."""
    n = areas.shape[0]
    size = count_records(n)
    boards, room, facts = np.zeros(size, BOARD_DTYPE), np.zeros(size, ROOM_DTYPE), np.zeros(size, FACTS_DTYPE)
    lay_out_facts(areas, facts)
    for i in range(n):
        read_money(boards[i // LANES], room[i // LANES], i % LANES, rows[i])
        read_rest(boards[i // LANES], room[i // LANES], i % LANES, rows[i])
    nation(boards, facts, room, np.zeros((3, n)), np.zeros(n, np.int64), out)


@stage
def read_money(b: Any, r: Any, i: int, row: Any) -> None:
    """Lay the pounds of an area-year record out in lane `i`."""
    b.funding[i] = row.funding
    b.pot[i] = row.pot
    b.direct[i] = row.direct
    b.protected[i] = row.protected
    b.released[i] = row.released
    b.raided_q1[i] = row.raided_q1
    b.raided_q2[i] = row.raided_q2
    b.raided_q3[i] = row.raided_q3
    b.raided_q4[i] = row.raided_q4
    b.spent[i] = row.spent
    r.staff[i] = row.staff
    b.rushed[i] = row.rushed
    b.lapsed[i] = row.lapsed
    b.carried[i] = row.carried
    b.place[i] = row.place
    r.front[i] = row.front
    r.core20[i] = row.core20
    r.additional[i] = row.additional


@stage
def read_rest(b: Any, r: Any, i: int, row: Any) -> None:
    """Lay the rest of an area-year record out in lane `i`."""
    r.year_retained[i] = row.retained
    b.gap[i] = row.gap
    b.net[i] = row.net
    r.chief_left[i] = int(row.chief_left)
    r.post_used[i] = int(row.post_used)
    r.pilot_fate[i] = row.pilot_fate
    r.pilot_verdict[i] = row.pilot_verdict
    r.pilot_started[i] = row.pilot_started


@stage
def add_plans(boards: Records, facts: Records, out: Any) -> None:
    """Add up the pounds of the plan."""
    funding, pot, direct, protected, released = 0.0, 0.0, 0.0, 0.0, 0.0
    for t in range(boards.shape[0]):
        b = boards[t]
        for i in range(facts[t].count):
            funding += b.funding[i]
            pot += b.pot[i]
            direct += b.direct[i]
            protected += b.protected[i]
            released += b.released[i]
    out.funding = funding
    out.pot = pot
    out.direct = direct
    out.protected = protected
    out.released = released


@stage
def add_raids(boards: Records, facts: Records, out: Any) -> None:
    """Add up the pounds taken back, and those at the year end."""
    q1, q2, q3, q4, rushed, lapsed, carried = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for t in range(boards.shape[0]):
        b = boards[t]
        for i in range(facts[t].count):
            q1 += b.raided_q1[i]
            q2 += b.raided_q2[i]
            q3 += b.raided_q3[i]
            q4 += b.raided_q4[i]
            rushed += b.rushed[i]
            lapsed += b.lapsed[i]
            carried += b.carried[i]
    out.raided_q1 = q1
    out.raided_q2 = q2
    out.raided_q3 = q3
    out.raided_q4 = q4
    out.rushed = rushed
    out.lapsed = lapsed
    out.carried = carried


@stage
def add_spending(boards: Records, facts: Records, room: Records, out: Any) -> None:
    """Add up the pounds spent, down to the front line."""
    spent, staff, place, front, core20, additional = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for t in range(boards.shape[0]):
        b, r = boards[t], room[t]
        for i in range(facts[t].count):
            spent += b.spent[i]
            staff += r.staff[i]
            place += b.place[i]
            front += r.front[i]
            core20 += r.core20[i]
            additional += r.additional[i]
    out.spent = spent
    out.staff = staff
    out.place = place
    out.front = front
    out.core20 = core20
    out.additional = additional


@stage
def add_shares(boards: Records, facts: Records, room: Records, out: Any) -> None:
    """Form plain means over areas of shares."""
    n = out.boards
    retained, spent, place, front, additional = 0.0, 0.0, 0.0, 0.0, 0.0
    for t in range(boards.shape[0]):
        b, r = boards[t], room[t]
        for i in range(LANES):
            funding = max(b.funding[i], 1e-12) * n
            r.a[i] = r.year_retained[i] / n
            r.b[i] = (b.spent[i] + b.direct[i]) / funding
            r.c[i] = b.place[i] / funding
            r.d[i] = r.front[i] / funding
            r.e[i] = r.additional[i] / funding
        for i in range(facts[t].count):
            retained += r.a[i]
            spent += r.b[i]
            place += r.c[i]
            front += r.d[i]
            additional += r.e[i]
    out.retained_mean = retained
    out.spent_mean = spent
    out.place_mean = place
    out.front_mean = front
    out.additional_mean = additional


@stage
def add_deficits(boards: Records, facts: Records, room: Records, out: Any) -> None:
    """Add up gaps, as shares of all allocations, and what the thirds by deprivation retained."""
    weight, deprived, affluent = 0.0, 0, 0
    for t in range(boards.shape[0]):
        a = facts[t]
        for i in range(a.count):
            weight += a.weight[i]
            deprived += 1 if a.third[i] == 2 else 0
            affluent += 1 if a.third[i] == 0 else 0
    net, gap, low, high = 0.0, 0.0, 0.0, 0.0
    for t in range(boards.shape[0]):
        b, a, r = boards[t], facts[t], room[t]
        for i in range(LANES):
            r.a[i] = a.weight[i] * max(b.net[i], 0.0) / weight
            r.b[i] = a.weight[i] * max(b.gap[i], 0.0) / weight
            r.c[i] = r.year_retained[i] / deprived if a.third[i] == 2 else 0.0
            r.d[i] = r.year_retained[i] / affluent if a.third[i] == 0 else 0.0
            r.e[i] = 1.0 if b.net[i] > 0.0 else 0.0
            r.f[i] = 1.0 if b.gap[i] > 0.0 else 0.0
        for i in range(a.count):
            net += r.a[i]
            gap += r.b[i]
            low += r.c[i]
            high += r.d[i]
            out.deficits += r.e[i]
            out.deficits_before += r.f[i]
    out.deficit = net
    out.deficit_before = gap
    out.retained_deprived = low
    out.retained_affluent = high


@stage
def add_counts(facts: Records, room: Records, out: Any) -> None:
    """Count areas."""
    full, none, left, used, started = 0, 0, 0, 0, 0
    for t in range(room.shape[0]):
        r = room[t]
        for i in range(facts[t].count):
            full += 1 if r.year_retained[i] >= 0.95 else 0
            none += 1 if r.year_retained[i] <= 0.05 else 0
            left += r.chief_left[i]
            used += r.post_used[i]
            started += 1 if r.pilot_started[i] > 0.0 else 0
    out.kept_in_full = full
    out.kept_none = none
    out.chief_left = left
    out.post_used = used
    out.pilot_started = started


@stage
def add_pilots(facts: Records, room: Records, out: Any) -> None:
    """Count decisions on pilots."""
    ended, renewed, mainstreamed, evaluated, kept = 0, 0, 0, 0, 0
    for t in range(room.shape[0]):
        r = room[t]
        for i in range(facts[t].count):
            fate, known = r.pilot_fate[i], r.pilot_verdict[i] > 0.0
            ended += 1 if fate == 1.0 else 0
            renewed += 1 if fate == 2.0 else 0
            mainstreamed += 1 if fate == 3.0 else 0
            evaluated += 1 if known and fate > 0.0 else 0
            kept += 1 if known and fate > 1.0 else 0
    out.pilots_ended = ended
    out.pilots_renewed = renewed
    out.pilots_mainstreamed = mainstreamed
    out.decided_evaluated = evaluated
    out.kept_evaluated = kept
