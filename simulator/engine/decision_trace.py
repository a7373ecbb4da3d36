"""Decisions of one future, compiled: runs the kernels stage by stage and records every decision with its pulls.

The record equals that of `simulator.agents` for the same future, to the last bit. The explorer, a web page without
Mesa, uses this one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.extending import register_jitable

from simulator.declarations.draw_ids import Event
from simulator.engine import hooks, kernel_money, kernel_people, kernel_year_end
from simulator.engine.layout import count_areas, lay_out_facts
from simulator.engine.philox import uniform
from simulator.engine.records import BOARD_DTYPE, FACTS_DTYPE, LANES, ROOM_DTYPE, count_records
from simulator.rules import money, people, places, plans, programmes, raids
from simulator.rules.chance import happens, logistic, logit
from simulator.rules.people import AwarePulls, ExitPulls
from simulator.rules.places import OffsetPulls
from simulator.rules.plans import CharacterPulls, PlanPulls, RulePulls, Standing
from simulator.rules.programmes import EvaluatePulls, PilotPulls
from simulator.rules.raids import RaidPulls

CERTAIN = 800.0
"""Log-odds that stand for a chance of 1, or, negative, of 0."""

_OF_THE_MODEL: dict[Event, tuple[Any, ...]] = {
    Event.AWARE_START: (AwarePulls,),
    Event.CHIEF_LEAVES: (ExitPulls,),
    Event.FINANCE_LEAVES: (ExitPulls,),
    Event.LEAD_LOST: (),
    Event.LEAD_GAINS: (),
    Event.COMMITTEE_GROWS: (),
    Event.PLAN: (PlanPulls, CharacterPulls, RulePulls),
    Event.RAID: (RaidPulls, CharacterPulls, RulePulls),
    Event.PILOT_FATE: (PilotPulls,),
    Event.EVALUATE: (EvaluatePulls,),
    Event.OFFSET: (OffsetPulls,),
}
REASONS = {event: (*groups, *hooks.list_pulls(event)) for event, groups in _OF_THE_MODEL.items()}
"""The groups of pulls of each decision, in order; none if a rule gives the chance itself."""

NUMBERS = ("pull", "draw", "taken", "width")
COLUMNS = len(NUMBERS) + max(sum(len(group._fields) for group in groups) for groups in REASONS.values())
WHOLE = ("quarter", "area", "event")
PER_QUARTER = len(REASONS)
"""The most decisions that an area takes in a quarter."""


@register_jitable
def trace(
    boards: Any, facts: Any, schedule: Any, first_plan: int, key: Any, p: Any, out: Any, deciders: Any, rooms: Any
) -> int:
    """One future, run whole. Returns how many decisions it holds.

    `boards` are blank. `out` is (count (1,), whole numbers (space, 3), numbers (space, COLUMNS)), in the order of
    WHOLE, and of NUMBERS and then the pulls; `deciders` (quarters, areas) says which board decides; `rooms` is (room
    to work in (records,), lines (3, areas), ranks (areas,)).
    """
    room, lines, ranks = rooms
    for q in range(schedule.shape[0]):
        lv = schedule[q]
        _people(boards, facts, room, q, key, lv, p, out)
        for i in range(deciders.shape[1]):
            deciders[q, i] = boards[i // LANES].decider[i % LANES]
        kernel_money.finance(boards, facts, room, q, key, lv, p)
        kernel_money.weigh(boards, facts, room, lv, p)
        _money(boards, facts, room, q, first_plan, key, lv, p, out)
        if q % 4 == 3:
            _write_fates(boards, facts, q, key, lv, p, out)
            kernel_year_end.close_year(boards, facts, room, q, key, lv, p)
            _write_evaluations(boards, facts, room, q, key, lv, p, out)
            kernel_year_end.offset(boards, room, q, key, lv, p)
            _write_offsets(boards, facts, q, key, lv, p, out)
            kernel_year_end.learn(boards, facts, room, lines, ranks, lv, p)
    return int(out[0][0])


@register_jitable
def _people(boards: Any, facts: Any, room: Any, q: int, key: Any, lv: Any, p: Any, out: Any) -> None:
    """The stages of people."""
    if q == 0:
        _write_aware(facts, key, lv, p, out)
        kernel_people.start(boards, room, key, lv, p)
    kernel_people.draw_for_plugin(boards, q, key)
    _write_mergers(boards, facts, q, key, lv, p, out)
    kernel_people.merge(boards, facts, q, key, lv, p)
    kernel_people.assign(boards, facts, q, lv)
    _write_exits(boards, facts, q, key, lv, p, out)
    kernel_people.move_leaders(boards, room, q, key, lv, p)
    _write_leads(boards, facts, q, key, lv, p, out)
    kernel_people.move_leads(boards, room, q, key, lv, p)


@register_jitable
def _money(boards: Any, facts: Any, room: Any, q: int, first_plan: int, key: Any, lv: Any, p: Any, out: Any) -> None:
    """The stages of money, from the pot to spending."""
    if q % 4 == 0:
        kernel_money.open_pot(boards, facts, q, lv)
    if q == first_plan or (q % 4 == 0 and q > first_plan):
        kernel_money.plan(boards, room, q, key, lv, p)
        _write_plans(boards, facts, q, key, lv, p, out)
    if q >= first_plan:
        _write_raids(boards, facts, q, key, lv, p, out)
        if p.raids.raid_first > 0.0:
            kernel_money.raid(boards, room, q, key, lv, p)
        kernel_money.commit(boards, lv, p)
        if p.raids.raid_first <= 0.0:
            kernel_money.raid(boards, room, q, key, lv, p)
        kernel_money.spend(boards, q)


@register_jitable
def _write(out: Any, q: int, i: int, event: int, pull: float, u: float, taken: float, width: float) -> Any:
    """Record a decision; returns the place for its pulls."""
    count, whole, numbers = out
    at = count[0]
    count[0] += 1
    whole[at, 0] = q
    whole[at, 1] = i
    whole[at, 2] = event
    numbers[at, 0] = pull
    numbers[at, 1] = u
    numbers[at, 2] = taken
    numbers[at, 3] = width
    return numbers[at, 4:]


@register_jitable
def log_odds(chance: float) -> float:
    """A chance as log-odds; CERTAIN stands for 1, and its negative for 0."""
    if 0.0 < chance < 1.0:
        return logit(chance)
    return CERTAIN if chance >= 1.0 else -CERTAIN


@register_jitable
def _write_chance(out: Any, q: int, i: int, event: int, chance: float, u: float) -> None:
    """Record a decision whose chance a rule gives itself."""
    _write(out, q, i, event, log_odds(chance), u, 1.0 if u < chance else 0.0, 0.0)


@register_jitable
def _fill(place: Any, start: int, pulls: Any) -> None:
    for k in range(len(pulls)):
        place[start + k] = pulls[k]


@register_jitable
def _write_aware(facts: Any, key: Any, lv: Any, p: Any, out: Any) -> None:
    pulls = people.aware_pulls(lv.rules, p.leads)
    pull = people.aware_pull(pulls)
    for i in range(count_areas(facts)):
        u = uniform(key, i, 0, Event.AWARE_START)
        _fill(_write(out, 0, i, Event.AWARE_START, pull, u, 1.0 if happens(u, pull) else 0.0, 0.0), 0, pulls)


@register_jitable
def _write_mergers(boards: Any, facts: Any, q: int, key: Any, lv: Any, p: Any, out: Any) -> None:
    n = count_areas(facts)
    for h in range(n if lv.capacity.reorganise > 0.0 else 0):
        a, k = facts[h // LANES], h % LANES
        if a.merge_q[k] > q or a.head[k] != h or boards[h // LANES].merged[k] == 1:
            continue
        for i in range(n):
            if facts[i // LANES].head[i % LANES] == h and i != h:
                _write_chance(out, q, i, Event.LEAD_LOST, p.leads.lead_loss, uniform(key, i, q, Event.LEAD_LOST))


@register_jitable
def _write_exits(boards: Any, facts: Any, q: int, key: Any, lv: Any, p: Any, out: Any) -> None:
    for i in range(count_areas(facts) if q > 0 else 0):
        b, k = boards[i // LANES], i % LANES
        squeeze = money.pressure(b.visible[k], lv.pressure, p.pressure)
        if b.chief_cover[k] == 0:
            _write_exit(out, q, i, Event.CHIEF_LEAVES, p.turnover.chief_exit, squeeze, b, key, lv, p)
        if b.finance_cover[k] == 0:
            _write_exit(out, q, i, Event.FINANCE_LEAVES, p.turnover.finance_exit, squeeze, b, key, lv, p)


@register_jitable
def _write_exit(
    out: Any, q: int, i: int, event: int, base: float, squeeze: float, b: Any, key: Any, lv: Any, p: Any
) -> None:
    pulls, k = people.exit_pulls(base, squeeze, lv.capacity.upheaval, lv.people.stability, p.turnover), i % LANES
    pull, u = hooks.add_leave(people.exit_pull(pulls), b, k, lv, p), uniform(key, i, q, event)
    place = _write(out, q, i, event, pull, u, 1.0 if happens(u, pull) else 0.0, 0.0)
    _fill(place, 0, pulls)
    hooks.fill_leave(place, len(pulls), b, k, lv, p)


@register_jitable
def _write_leads(boards: Any, facts: Any, q: int, key: Any, lv: Any, p: Any, out: Any) -> None:
    gain = people.lead_gain_chance(lv.rules, p.leads)
    for i in range(count_areas(facts)):
        b, k = boards[i // LANES], i % LANES
        capacity = people.management(b.cut[k], lv.capacity)
        if capacity < b.capacity[k]:
            chance = people.lead_loss_chance(b.capacity[k] - capacity, lv.people, p.leads)
            _write_chance(out, q, i, Event.LEAD_LOST, chance, uniform(key, i, q, Event.LEAD_LOST))
        if q % 4 == 0 and q >= 4:
            _write_chance(out, q, i, Event.LEAD_GAINS, gain, uniform(key, i, q, Event.LEAD_GAINS))
            grown = uniform(key, i, q, Event.COMMITTEE_GROWS)
            _write_chance(out, q, i, Event.COMMITTEE_GROWS, p.leads.committee_growth, grown)


@register_jitable
def _fill_character(place: Any, start: int, b: Any, k: int, lv: Any, p: Any) -> int:
    """What kind of board it is, what the rules add, and a plug-in to both; returns where the next pull goes."""
    who = Standing(b.acting_chief[k], b.acting_finance[k], b.acting_committee[k], b.pool_relations[k], b.pool_agency[k])
    own = plans.character_pulls(who, b.custom[k], p.character)
    _fill(place, start, own)
    rule = plans.rule_pulls(b.acting_chief[k], b.pool_knowhow[k], lv.rules, p.fence)
    _fill(place, start + len(own), rule)
    end = start + len(own) + len(rule)
    return end + hooks.fill_protect(place, end, b, k, lv, p)


@register_jitable
def _write_plans(boards: Any, facts: Any, q: int, key: Any, lv: Any, p: Any, out: Any) -> None:
    for i in range(count_areas(facts)):
        b, k = boards[i // LANES], i % LANES
        if b.decider[k] == i:
            more = plans.plan_pulls(b.habit[k], b.pool_net[k], q // 4, lv.pressure, p.plans, p.pressure)
            pull = hooks.add_plan(plans.plan_pull(b.character[k], b.fence[k], more), b, k, lv, p)
            u = uniform(key, i, q, Event.PLAN)
            place = _write(out, q, i, Event.PLAN, pull, u, b.decided[k], p.plans.split_width)
            _fill(place, 0, more)
            hooks.fill_plan(place, _fill_character(place, len(more), b, k, lv, p), b, k, lv, p)


@register_jitable
def _write_raids(boards: Any, facts: Any, q: int, key: Any, lv: Any, p: Any, out: Any) -> None:
    for i in range(count_areas(facts)):
        b, k = boards[i // LANES], i % LANES
        if b.decider[k] == i and b.pool_visible[k] > 0.0:
            push = raids.raid_pulls(b.pool_visible[k], lv.pressure, p.raids, p.pressure)
            pull = hooks.add_raid(raids.raid_pull(push, b.character[k], b.fence[k]), b, k, lv, p)
            u = uniform(key, i, q, Event.RAID)
            place = _write(out, q, i, Event.RAID, pull, u, 1.0 if happens(u, pull) else 0.0, 0.0)
            _fill(place, 0, push)
            hooks.fill_raid(place, _fill_character(place, len(push), b, k, lv, p), b, k, lv, p)


@register_jitable
def _write_fates(boards: Any, facts: Any, q: int, key: Any, lv: Any, p: Any, out: Any) -> None:
    for i in range(count_areas(facts)):
        b, k = boards[i // LANES], i % LANES
        if b.pilot_value[k] > 0.0:
            decider = b.decider[k]
            own, u = boards[decider // LANES].character[decider % LANES], uniform(key, i, q, Event.PILOT_FATE)
            m = programmes.mainstream_pulls(b.verdict[k], own, lv.local, p.pilots)
            r = programmes.renew_pulls(b.verdict[k], own, b.net[k], lv.pressure, p.pilots, p.pressure)
            mainstream, renew = logistic(programmes.pilot_pull(m)), logistic(programmes.pilot_pull(r))
            goes_on = mainstream + (1.0 - mainstream) * renew
            ends = programmes.pilot_fate(u, mainstream, renew) == programmes.ENDED
            place = _write(out, q, i, Event.PILOT_FATE, log_odds(goes_on), u, 0.0 if ends else 1.0, 0.0)
            _fill(place, 0, r)


@register_jitable
def _write_evaluations(boards: Any, facts: Any, room: Any, q: int, key: Any, lv: Any, p: Any, out: Any) -> None:
    """Asked of every cohort that was paid for in the year just closed."""
    chances = places.use_chances(lv.local, p.uses)
    pulls = programmes.evaluate_pulls(lv.local, p.pilots)
    pull = programmes.evaluate_pull(pulls)
    for i in range(count_areas(facts)):
        b, k = boards[i // LANES], i % LANES
        split = places.split_work(
            b.spent[k] - room[i // LANES].staff[k],
            b.use_interventions[k] < chances.interventions,
            b.use_devolved[k] < chances.devolved,
            b.use_capability[k] < chances.capability,
            b.use_pilots[k] < chances.pilots,
            p.uses,
        )
        if split.pilots > 0.0:
            u = uniform(key, i, q, Event.EVALUATE)
            _fill(_write(out, q, i, Event.EVALUATE, pull, u, 1.0 if happens(u, pull) else 0.0, 0.0), 0, pulls)


@register_jitable
def _write_offsets(boards: Any, facts: Any, q: int, key: Any, lv: Any, p: Any, out: Any) -> None:
    years = places.offset_years(q // 4, p.offset)
    label = lv.rules.ringfence * plans.enforcement(lv.rules, p.fence)
    for i in range(count_areas(facts)):
        b, k = boards[i // LANES], i % LANES
        d, j = boards[b.decider[k] // LANES], b.decider[k] % LANES
        who = Standing(d.acting_chief[j], d.acting_finance[j], d.acting_committee[j], b.relations[k], b.agency[k])
        own = plans.character(plans.character_pulls(who, 0.0, p.character))
        squeeze = money.pressure(b.net[k], lv.pressure, p.pressure)
        pulls = places.offset_pulls(years, squeeze, label, lv.local.conditions, own, p.offset)
        pull, u = hooks.add_offset(places.offset_pull(pulls), b, k, lv, p), uniform(key, i, q, Event.OFFSET)
        share = places.offset_share(pull, u, p.offset)
        place = _write(out, q, i, Event.OFFSET, pull, u, share, 0.5 / p.offset.offset_slope)
        _fill(place, 0, pulls)
        hooks.fill_offset(place, len(pulls), b, k, lv, p)


@register_jitable
def trace_future(areas: Any, schedule: Any, first_plan: int, key: Any, p: Any, out: Any, deciders: Any) -> int:
    """The same with rooms of its own. `out` needs room for PER_QUARTER decisions an area and quarter."""
    n = areas.shape[0]
    size = count_records(n)
    facts = np.zeros(size, FACTS_DTYPE)
    lay_out_facts(areas, facts)
    rooms = (np.zeros(size, ROOM_DTYPE), np.zeros((3, n)), np.zeros(n, np.int64))
    return trace(np.zeros(size, BOARD_DTYPE), facts, schedule, first_plan, key, p, out, deciders, rooms)
