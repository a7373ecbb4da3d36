"""The year end, compiled: hurried spending, the way to the front line, pilots, learning, the record.

Arguments as in `kernel_money.py`; `room` also holds what is recorded of the year that closes and is not kept.
"""

from __future__ import annotations

from typing import Any

from simulator.declarations.draw_ids import Event
from simulator.declarations.levers import FundLevers, LocalLevers, PressureLevers
from simulator.declarations.parameters import (
    Character,
    Offset,
    Peers,
    Pilots,
    Places,
    Pressure,
    Relations,
    Uses,
    YearEnd,
)
from simulator.engine import hooks
from simulator.engine.compilation import stage
from simulator.engine.held import hold
from simulator.engine.layout import find_lane
from simulator.engine.philox import draw
from simulator.engine.records import LANES
from simulator.rules import money, peers, people, places, plans, programmes
from simulator.rules.chance import happens, logistic
from simulator.rules.plans import Standing

Records = Any


@stage
def close_year(boards: Records, facts: Records, room: Records, q: int, key: Any, lv: Any, p: Any) -> None:
    """Rush, carry forward and lapse what is loose, then follow what was spent down to the front line."""
    for t in range(boards.shape[0]):
        b, r = boards[t], room[t]
        close_books(b, r, lv, p)
        follow_money(b, facts[t], r, lv, p)
        for i in range(LANES):
            at, k = find_lane(boards, b.decider[i])
            r.a[i] = boards[at].character[k]
        decide_pilots(b, r, t * LANES, q, key, lv, p)
        evaluate_pilots(b, r, t * LANES, q, key, lv, p)


@stage
def close_books(b: Any, r: Any, lv: Any, p: Any) -> None:
    """Rush, carry forward and lapse what is loose; note what was retained, and who left."""
    fund, rule = hold(FundLevers, lv.fund), hold(YearEnd, p.year_end)
    for i in range(LANES):
        loose = b.loose[i]
        rushed = programmes.rushed(loose, fund, rule)
        carried = fund.carry_forward * loose
        b.rushed[i] = rushed
        b.carried[i] = carried
        b.lapsed[i] = loose - rushed - carried
        b.loose[i] = 0.0
        b.spent[i] += rushed
        kept = b.pot[i] - b.released[i] - b.raided[i]
        b.retained[i] = kept / max(b.pot[i], 1e-12)
        r.year_retained[i] = (kept + b.direct[i]) / max(b.pot[i] + b.direct[i], 1e-12)
    for i in range(LANES):
        r.chief_left[i] = b.chief_left[i]
        r.post_used[i] = b.post_used[i]
        b.chief_left[i] = 0
        b.post_used[i] = 0


@stage
def follow_money(b: Any, a: Any, r: Any, lv: Any, p: Any) -> None:
    """Follow what was spent down to places and the front line."""
    chances = places.use_chances(lv.local, p.uses)
    passes = places.place_pass(lv.local, p.places)
    local, uses, rule, quality = (
        hold(LocalLevers, lv.local),
        hold(Uses, p.uses),
        hold(Places, p.places),
        p.year_end.rush_quality,
    )
    for i in range(LANES):
        spent, rushed, lost, direct = b.spent[i], b.rushed[i], b.place_loss[i], b.direct[i]
        staff = places.staff_cost(spent, b.use_staff[i] < chances.staff, local, rule)
        work = spent - staff
        split = places.split_work(
            work,
            b.use_interventions[i] < chances.interventions,
            b.use_devolved[i] < chances.devolved,
            b.use_capability[i] < chances.capability,
            b.use_pilots[i] < chances.pilots,
            uses,
        )
        place = places.reached_place(split.devolved, lost)
        pace = places.hurry(rushed, spent, quality)
        front = places.front_line(work, place, split.capability, passes, pace, rule) + direct
        b.place[i] = place
        b.capability_spent[i] = split.capability
        r.paid[i] = split.pilots
        r.staff[i] = staff
        r.front[i] = front
        r.core20[i] = front * places.core20_share(a.core20[i], local, rule)


@stage
def decide_pilots(b: Any, r: Any, first: int, q: int, key: Any, lv: Any, p: Any) -> None:
    """Settle the fate of pilot cohorts from an earlier year, for boards of the characters in `r.a`."""
    local, now = hold(LocalLevers, lv.local), hold(PressureLevers, lv.pressure)
    pilots, force = hold(Pilots, p.pilots), hold(Pressure, p.pressure)
    draw(r.u, key, q, Event.PILOT_FATE, first)
    for i in range(LANES):
        verdict, value = b.verdict[i], b.pilot_value[i]
        m = programmes.mainstream_pulls(verdict, r.a[i], local, pilots)
        n = programmes.renew_pulls(verdict, r.a[i], b.net[i], now, pilots, force)
        wanted = programmes.pilot_fate(r.u[i], logistic(programmes.pilot_pull(m)), logistic(programmes.pilot_pull(n)))
        fate = wanted if value > 0.0 else programmes.NO_PILOT
        moved = programmes.mainstreamed_value(value, b.spent[i], pilots)
        mainstreamed = moved if fate == programmes.MAINSTREAMED else 0.0
        ends = fate == programmes.ENDED or fate == programmes.MAINSTREAMED
        r.pilot_verdict[i] = verdict
        r.pilot_fate[i] = fate
        b.pilot_value[i] = 0.0 if ends else value
        b.verdict[i] = programmes.UNEVALUATED if ends else verdict
        b.carried_commitments[i] = programmes.carried_commitments(b.beyond_spent[i], mainstreamed, b.spent[i])


@stage
def evaluate_pilots(b: Any, r: Any, first: int, q: int, key: Any, lv: Any, p: Any) -> None:
    """Start a pilot cohort where one was paid for and none runs; evaluate what was paid for."""
    wish = programmes.evaluate_pull(programmes.evaluate_pulls(lv.local, p.pilots))
    good = programmes.good_result_chance(lv.local, p.pilots)
    draw(r.u, key, q, Event.EVALUATE, first)
    draw(r.v, key, q, Event.GOOD_RESULT, first)
    for i in range(LANES):
        paid, value, verdict_before = r.paid[i], b.pilot_value[i], b.verdict[i]
        started = paid > 0.0 and value == 0.0
        found = programmes.FAVOURABLE if r.v[i] < good else programmes.UNFAVOURABLE
        verdict = found if happens(r.u[i], wish) else programmes.UNEVALUATED
        b.pilot_value[i] = paid if started else value
        b.verdict[i] = verdict if paid > 0.0 else verdict_before
        r.pilot_started[i] = 1.0 if started else 0.0


@stage
def offset(boards: Records, room: Records, q: int, key: Any, lv: Any, p: Any) -> None:
    """Find how much of what reached the front line only replaced spending that was there before."""
    years = places.offset_years(q // 4, p.offset)
    label = lv.rules.ringfence * plans.enforcement(lv.rules, p.fence)
    now, conditions = hold(PressureLevers, lv.pressure), lv.local.conditions
    character, force, rule = hold(Character, p.character), hold(Pressure, p.pressure), hold(Offset, p.offset)
    for t in range(boards.shape[0]):
        b, r = boards[t], room[t]
        draw(r.u, key, q, Event.OFFSET, t * LANES)
        for i in range(LANES):
            at, k = find_lane(boards, b.decider[i])
            d = boards[at]
            r.chief[i] = d.acting_chief[k]
            r.finance[i] = d.acting_finance[k]
            r.committee[i] = d.acting_committee[k]
        for i in range(LANES):
            who = Standing(r.chief[i], r.finance[i], r.committee[i], b.relations[i], b.agency[i])
            own = plans.character(plans.character_pulls(who, 0.0, character))
            squeeze = money.pressure(b.net[i], now, force)
            pulls = places.offset_pulls(years, squeeze, label, conditions, own, rule)
            pull = hooks.add_offset(places.offset_pull(pulls), b, i, lv, p)
            share = places.offset_share(pull, r.u[i], rule)
            r.additional[i] = r.front[i] * (1.0 - share)


@stage
def in_order(values: Any, before: Any, ranks: Any) -> None:
    """Sort in place. A few dozen numbers are ranked by counting those below each, which needs no branches."""
    n = values.shape[0]
    if n > 128:
        sort_many(values)
        return
    for i in range(n):
        before[i] = values[i]
    for i in range(n):
        value, rank = before[i], 0
        for j in range(i):
            rank += 1 if before[j] <= value else 0
        for j in range(i + 1, n):
            rank += 1 if before[j] < value else 0
        ranks[i] = rank
    for i in range(n):
        values[ranks[i]] = before[i]


@stage
def sort_many(values: Any) -> None:
    """Sort in place by insertion into ever finer steps (Shell)."""
    n = values.shape[0]
    gap = n
    while gap > 1:
        gap = max(1, (gap * 4) // 9)
        for i in range(gap, n):
            value = values[i]
            j = i
            while j >= gap and values[j - gap] > value:
                values[j] = values[j - gap]
                j -= gap
            values[j] = value


@stage
def best_quarter(boards: Records, facts: Records, ranked: Any, spare: Any, ranks: Any) -> float:
    """The mean share retained among the best quarter of boards, ties included."""
    n = ranked.shape[0]
    for t in range(boards.shape[0]):
        for i in range(facts[t].count):
            ranked[t * LANES + i] = boards[t].retained[i]
    in_order(ranked, spare, ranks)
    line = ranked[peers.top_rank(n)]
    total = 0.0
    count = 0.0
    for t in range(boards.shape[0]):
        for i in range(facts[t].count):
            among = peers.is_among_best(boards[t].retained[i], line)
            total += boards[t].retained[i] if among else 0.0
            count += 1.0 if among else 0.0
    return total / count


@stage
def learn(boards: Records, facts: Records, room: Records, lines: Any, ranks: Any, lv: Any, p: Any) -> None:
    """Update habit, relations, know-how and custom from the year just closed. `lines` is room of (3, areas)."""
    best = best_quarter(boards, facts, lines[0], lines[1], ranks)
    region_best = lines[2]
    for i in range(region_best.shape[0]):
        region_best[i] = 0.0
    for t in range(boards.shape[0]):
        for i in range(facts[t].count):
            region = facts[t].region[i]
            region_best[region] = max(region_best[region], boards[t].retained[i])
    local, rule = hold(LocalLevers, lv.local), hold(Relations, p.relations)
    for t in range(boards.shape[0]):
        b, r = boards[t], room[t]
        for i in range(LANES):
            hooks.close_state(b, r, i, lv, p)
        for i in range(LANES):
            r.a[i] = region_best[facts[t].region[i]]
        for i in range(LANES):
            pot = max(b.pot[i], 1e-12)
            b.habit[i] = b.protected[i] / pot - 0.5
            skill = b.capability_spent[i] / pot + local.networks
            lost = (b.raided[i] + b.released[i]) / pot
            b.relations[i] = people.relations_next(b.relations[i], b.place[i] / pot, skill, lost, lv.people, rule)
        learn_custom(b, r, best, lv, p)


@stage
def learn_custom(b: Any, r: Any, best: float, lv: Any, p: Any) -> None:
    """Update know-how and custom, where `r.a` holds the best of each area's region."""
    local, rule, year_end = hold(LocalLevers, lv.local), hold(Peers, p.peers), hold(YearEnd, p.year_end)
    for i in range(LANES):
        b.knowhow[i] = people.knowhow_next(b.knowhow[i], lv.rules, year_end)
        b.custom[i] = peers.custom_next(b.custom[i], b.retained[i], r.a[i], best, local, rule)
