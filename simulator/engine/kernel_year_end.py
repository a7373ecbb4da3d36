"""The year end, compiled: hurried spending, the way to the front line, pilots, learning, the record.

Arguments as in `kernel_money.py`; `rows` are the area-year records (areas,) of the year that closes, `year` its index.
"""

from __future__ import annotations

from typing import Any

from simulator.declarations.draw_ids import Event
from simulator.engine.compilation import kernel
from simulator.engine.philox import draw, uniform
from simulator.rules import money, peers, people, places, plans, programmes
from simulator.rules.chance import happens, logistic
from simulator.rules.plans import Standing

Records = Any


@kernel
def close_year(boards: Records, areas: Records, rows: Records, q: int, key: Any, lv: Any, p: Any) -> None:
    """Rush, carry forward and lapse what is loose, then follow what was spent down to the front line."""
    chances = places.use_chances(lv.local, p.uses)
    passes = places.place_pass(lv.local, p.places)
    for i in range(boards.shape[0]):
        b = boards[i]
        b.rushed = programmes.rushed(b.loose, lv.fund, p.year_end)
        b.carried = lv.fund.carry_forward * b.loose
        b.lapsed = b.loose - b.rushed - b.carried
        b.loose = 0.0
        b.spent += b.rushed
        staff = places.staff_cost(b.spent, b.use_staff < chances.staff, lv.local, p.places)
        work = b.spent - staff
        split = places.split_work(
            work,
            b.use_interventions < chances.interventions,
            b.use_devolved < chances.devolved,
            b.use_capability < chances.capability,
            b.use_pilots < chances.pilots,
            p.uses,
        )
        b.place = places.reached_place(split.devolved, b.place_loss)
        b.capability_spent = split.capability
        pace = places.hurry(b.rushed, b.spent, p.year_end.rush_quality)
        front = places.front_line(work, b.place, split.capability, passes, pace, p.places) + b.direct
        record(rows[i], b, staff, front, front * places.core20_share(areas[i].core20, lv.local, p.places))
        decide_pilot(b, rows[i], boards[b.decider].character, split.pilots, i, q, key, lv, p)


@kernel
def record(row: Any, b: Any, staff: float, front: float, core20: float) -> None:
    """Write down the year of one area."""
    b.retained = (b.pot - b.released - b.raided) / max(b.pot, 1e-12)
    row.funding = b.funding
    row.pot = b.pot
    row.direct = b.direct
    row.protected = b.protected
    row.released = b.released
    row.raided_q1 = b.raided_q1
    row.raided_q2 = b.raided_q2
    row.raided_q3 = b.raided_q3
    row.raided_q4 = b.raided_q4
    row.spent = b.spent
    row.staff = staff
    row.rushed = b.rushed
    row.lapsed = b.lapsed
    row.carried = b.carried
    row.place = b.place
    row.front = front
    row.core20 = core20
    row.retained = (b.pot - b.released - b.raided + b.direct) / max(b.pot + b.direct, 1e-12)
    row.chief = b.plan_chief
    row.gap = b.gap
    row.net = b.net
    row.chief_left = b.chief_left
    row.post_used = b.post_used
    b.chief_left = 0
    b.post_used = 0


@kernel
def decide_pilot(b: Any, row: Any, own: float, paid: float, i: int, q: int, key: Any, lv: Any, p: Any) -> None:
    """Settle the fate of a pilot cohort from an earlier year, start a new one, evaluate what runs."""
    row.pilot_fate = programmes.NO_PILOT
    row.pilot_verdict = b.verdict
    row.pilot_started = 0.0
    mainstreamed = 0.0
    if b.pilot_value > 0.0:
        m = programmes.mainstream_pulls(b.verdict, own, lv.local, p.pilots)
        r = programmes.renew_pulls(b.verdict, own, b.net, lv.pressure, p.pilots, p.pressure)
        fate = programmes.pilot_fate(
            uniform(key, i, q, Event.PILOT_FATE),
            logistic(programmes.pilot_pull(m)),
            logistic(programmes.pilot_pull(r)),
        )
        row.pilot_fate = fate
        if fate == programmes.MAINSTREAMED:
            mainstreamed = programmes.mainstreamed_value(b.pilot_value, b.spent, p.pilots)
        if fate != programmes.RENEWED:
            b.pilot_value = 0.0
            b.verdict = programmes.UNEVALUATED
    b.carried_commitments = programmes.carried_commitments(b.beyond_spent, mainstreamed, b.spent)
    if paid > 0.0:
        b.verdict = programmes.UNEVALUATED
        if b.pilot_value == 0.0:
            b.pilot_value = paid
            row.pilot_started = 1.0
        wish = programmes.evaluate_pull(programmes.evaluate_pulls(lv.local, p.pilots))
        if happens(uniform(key, i, q, Event.EVALUATE), wish):
            good = uniform(key, i, q, Event.GOOD_RESULT) < programmes.good_result_chance(lv.local, p.pilots)
            b.verdict = programmes.FAVOURABLE if good else programmes.UNFAVOURABLE


@kernel
def offset(boards: Records, rows: Records, draws: Any, q: int, key: Any, lv: Any, p: Any) -> None:
    """Find how much of what reached the front line only replaced spending that was there before."""
    years = places.offset_years(q // 4, p.offset)
    label = lv.rules.ringfence * plans.enforcement(lv.rules, p.fence)
    draw(draws[0], key, q, Event.OFFSET)
    for i in range(boards.shape[0]):
        b = boards[i]
        d = boards[b.decider]
        who = Standing(d.acting_chief, d.acting_finance, d.acting_committee, b.relations, b.agency)
        own = plans.character(plans.character_pulls(who, 0.0, p.character))
        squeeze = money.pressure(b.net, lv.pressure, p.pressure)
        pulls = places.offset_pulls(years, squeeze, label, lv.local.conditions, own, p.offset)
        share = places.offset_share(places.offset_pull(pulls), draws[0, i], p.offset)
        rows[i].additional = rows[i].front * (1.0 - share)


@kernel
def in_order(values: Any) -> None:
    """Sort in place. A few dozen numbers are ranked by counting those below each, which needs no branches."""
    n = values.shape[0]
    if n > 128:
        values.sort()
        return
    before = values.copy()
    for i in range(n):
        rank = 0
        for j in range(n):
            rank += 1 if before[j] < before[i] else 0
        for j in range(i):
            rank += 1 if before[j] == before[i] else 0
        values[rank] = before[i]


@kernel
def best_quarter(boards: Records, ranked: Any) -> float:
    """The mean share retained among the best quarter of boards, ties included."""
    n = boards.shape[0]
    for i in range(n):
        ranked[i] = boards[i].retained
    in_order(ranked)
    line = ranked[peers.top_rank(n)]
    total = 0.0
    count = 0.0
    for i in range(n):
        if peers.is_among_best(boards[i].retained, line):
            total += boards[i].retained
            count += 1.0
    return total / count


@kernel
def learn(boards: Records, areas: Records, ranked: Any, region_best: Any, lv: Any, p: Any) -> None:
    """Update habit, relations, know-how and custom from the year just closed."""
    n = boards.shape[0]
    best = best_quarter(boards, ranked)
    for i in range(n):
        region_best[i] = 0.0
    for i in range(n):
        r = areas[i].region
        region_best[r] = max(region_best[r], boards[i].retained)
    for i in range(n):
        b = boards[i]
        pot = max(b.pot, 1e-12)
        b.habit = b.protected / pot - 0.5
        skill = b.capability_spent / pot + lv.local.networks
        lost = (b.raided + b.released) / pot
        b.relations = people.relations_next(b.relations, b.place / pot, skill, lost, lv.people, p.relations)
        b.knowhow = people.knowhow_next(b.knowhow, lv.rules, p.year_end)
        b.custom = peers.custom_next(b.custom, b.retained, region_best[areas[i].region], best, lv.local, p.peers)


@kernel
def centile(ranked: Any, share: float) -> float:
    """A centile of sorted values, by linear interpolation."""
    at = share * (ranked.shape[0] - 1)
    low = int(at)
    value: float = ranked[low]
    if low + 1 < ranked.shape[0]:
        value += (at - low) * (ranked[low + 1] - ranked[low])
    return value


@kernel
def nation(rows: Records, areas: Records, ranked: Any, out: Any) -> None:
    """Make the national row of a year from its area rows."""
    n = rows.shape[0]
    weight = 0.0
    deprived = 0.0
    affluent = 0.0
    for i in range(n):
        r = rows[i]
        ranked[i] = r.retained
        weight += areas[i].weight
        deprived += 1.0 if areas[i].third == 2 else 0.0
        affluent += 1.0 if areas[i].third == 0 else 0.0
    in_order(ranked)
    out.boards = n
    out.retained_low = centile(ranked, 0.1)
    out.retained_high = centile(ranked, 0.9)
    for i in range(n):
        r = rows[i]
        add_money(out, r)
        add_shares(out, r, n)
        add_pilots(out, r)
        out.retained_deprived += r.retained / deprived if areas[i].third == 2 else 0.0
        out.retained_affluent += r.retained / affluent if areas[i].third == 0 else 0.0
        out.deficits += 1.0 if r.net > 0.0 else 0.0
        out.deficit += areas[i].weight * max(r.net, 0.0) / weight
        out.deficits_before += 1.0 if r.gap > 0.0 else 0.0
        out.deficit_before += areas[i].weight * max(r.gap, 0.0) / weight


@kernel
def add_money(out: Any, r: Any) -> None:
    """Add one area's pounds to the nation's."""
    out.funding += r.funding
    out.pot += r.pot
    out.direct += r.direct
    out.protected += r.protected
    out.released += r.released
    out.raided_q1 += r.raided_q1
    out.raided_q2 += r.raided_q2
    out.raided_q3 += r.raided_q3
    out.raided_q4 += r.raided_q4
    out.spent += r.spent
    out.staff += r.staff
    out.rushed += r.rushed
    out.lapsed += r.lapsed
    out.carried += r.carried
    out.place += r.place
    out.front += r.front
    out.core20 += r.core20
    out.additional += r.additional


@kernel
def add_shares(out: Any, r: Any, n: int) -> None:
    """Add one area's shares to plain means over areas, and count it."""
    funding = max(r.funding, 1e-12) * n
    out.retained_mean += r.retained / n
    out.spent_mean += (r.spent + r.direct) / funding
    out.place_mean += r.place / funding
    out.front_mean += r.front / funding
    out.additional_mean += r.additional / funding
    out.kept_in_full += 1.0 if r.retained >= 0.95 else 0.0
    out.kept_none += 1.0 if r.retained <= 0.05 else 0.0
    out.chief_left += r.chief_left
    out.post_used += r.post_used


@kernel
def add_pilots(out: Any, r: Any) -> None:
    """Count one area's decisions on pilots."""
    out.pilot_started += r.pilot_started
    if r.pilot_fate > 0.0:
        kept = 1.0 if r.pilot_fate > 1.0 else 0.0
        out.pilots_ended += 1.0 - kept
        out.pilots_renewed += 1.0 if r.pilot_fate == 2.0 else 0.0
        out.pilots_mainstreamed += 1.0 if r.pilot_fate == 3.0 else 0.0
        if r.pilot_verdict > 0.0:
            out.decided_evaluated += 1.0
            out.kept_evaluated += kept
