"""Decisions of one future, compiled: runs the kernels stage by stage and records every decision with its pulls.

The record equals that of `simulator.agents` for the same future, to the last bit. The explorer, a web page without
Mesa, uses this one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.extending import register_jitable

from simulator.declarations.draw_ids import Event
from simulator.declarations.output_variables import AREA_YEAR_DTYPE, NATIONAL_DTYPE
from simulator.engine import kernel_money, kernel_people, kernel_year_end
from simulator.engine.philox import uniform
from simulator.engine.records import BOARD_DTYPE
from simulator.rules import money, people, places, plans, programmes, raids
from simulator.rules.chance import happens, logistic, logit
from simulator.rules.people import AwarePulls, ExitPulls
from simulator.rules.places import OffsetPulls
from simulator.rules.plans import CharacterPulls, PlanPulls, RulePulls, Standing
from simulator.rules.programmes import EvaluatePulls, PilotPulls
from simulator.rules.raids import RaidPulls

CERTAIN = 800.0
"""Log-odds that stand for a chance of 1, or, negative, of 0."""

REASONS: dict[Event, tuple[Any, ...]] = {
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
"""The groups of pulls of each decision, in order; none if a rule gives the chance itself."""

NUMBERS = ("pull", "draw", "taken", "width")
COLUMNS = len(NUMBERS) + max(sum(len(group._fields) for group in groups) for groups in REASONS.values())
WHOLE = ("quarter", "area", "event")
PER_QUARTER = len(REASONS)
"""The most decisions that an area takes in a quarter."""


@register_jitable
def trace(
    boards: Any, areas: Any, schedule: Any, first_plan: int, key: Any, p: Any, out: Any, deciders: Any, room: Any
) -> int:
    """One future, run whole. Returns how many decisions it holds.

    `boards` are blank. `out` is (count (1,), whole numbers (room, 3), numbers (room, COLUMNS)), in the order of WHOLE,
    and of NUMBERS and then the pulls; `deciders` (quarters, areas) says which board decides; `room` is (area-year
    records (areas,), national records (1,), work (4, areas)).
    """
    rows, nation, work = room
    draws = work[:2]
    for q in range(schedule.shape[0]):
        lv = schedule[q]
        _people(boards, areas, draws, q, key, lv, p, out)
        for i in range(boards.shape[0]):
            deciders[q, i] = boards[i].decider
        kernel_money.finance(boards, areas, draws, q, key, lv, p)
        kernel_money.weigh(boards, areas, lv, p)
        _money(boards, areas, draws, q, first_plan, key, lv, p, out)
        if q % 4 == 3:
            _write_fates(boards, q, key, lv, p, out)
            kernel_year_end.close_year(boards, areas, rows, q, key, lv, p)
            _write_evaluations(boards, rows, q, key, lv, p, out)
            kernel_year_end.offset(boards, rows, draws, q, key, lv, p)
            _write_offsets(boards, q, key, lv, p, out)
            kernel_year_end.nation(rows, areas, work[2], nation[0])
            kernel_year_end.learn(boards, areas, work[2], work[3], lv, p)
    return int(out[0][0])


@register_jitable
def _people(boards: Any, areas: Any, draws: Any, q: int, key: Any, lv: Any, p: Any, out: Any) -> None:
    """The stages of people."""
    if q == 0:
        _write_aware(boards, key, lv, p, out)
        kernel_people.start(boards, key, lv, p)
    _write_mergers(boards, areas, q, key, lv, p, out)
    kernel_people.merge(boards, areas, q, key, lv, p)
    kernel_people.assign(boards, areas, q, lv)
    _write_exits(boards, q, key, lv, p, out)
    kernel_people.move_leaders(boards, draws, q, key, lv, p)
    _write_leads(boards, q, key, lv, p, out)
    kernel_people.move_leads(boards, draws, q, key, lv, p)


@register_jitable
def _money(boards: Any, areas: Any, draws: Any, q: int, first_plan: int, key: Any, lv: Any, p: Any, out: Any) -> None:
    """The stages of money, from the pot to spending."""
    if q % 4 == 0:
        kernel_money.open_pot(boards, areas, q, lv)
    if q == first_plan or (q % 4 == 0 and q > first_plan):
        kernel_money.plan(boards, draws, q, key, lv, p)
        _write_plans(boards, q, key, lv, p, out)
    if q >= first_plan:
        _write_raids(boards, q, key, lv, p, out)
        if p.raids.raid_first > 0.0:
            kernel_money.raid(boards, draws, q, key, lv, p)
        kernel_money.commit(boards, lv, p)
        if p.raids.raid_first <= 0.0:
            kernel_money.raid(boards, draws, q, key, lv, p)
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
def _write_chance(out: Any, q: int, i: int, event: int, chance: float, u: float) -> None:
    """Record a decision whose chance a rule gives itself."""
    pull = CERTAIN if chance >= 1.0 else -CERTAIN
    if 0.0 < chance < 1.0:
        pull = logit(chance)
    _write(out, q, i, event, pull, u, 1.0 if u < chance else 0.0, 0.0)


@register_jitable
def _fill(place: Any, start: int, pulls: Any) -> None:
    for k in range(len(pulls)):
        place[start + k] = pulls[k]


@register_jitable
def _write_aware(boards: Any, key: Any, lv: Any, p: Any, out: Any) -> None:
    pulls = people.aware_pulls(lv.rules, p.leads)
    pull = people.aware_pull(pulls)
    for i in range(boards.shape[0]):
        u = uniform(key, i, 0, Event.AWARE_START)
        _fill(_write(out, 0, i, Event.AWARE_START, pull, u, 1.0 if happens(u, pull) else 0.0, 0.0), 0, pulls)


@register_jitable
def _write_mergers(boards: Any, areas: Any, q: int, key: Any, lv: Any, p: Any, out: Any) -> None:
    for h in range(boards.shape[0]):
        if lv.capacity.reorganise <= 0.0 or areas[h].merge_q > q or areas[h].head != h or boards[h].merged == 1:
            continue
        for i in range(boards.shape[0]):
            if areas[i].head == h and i != h:
                _write_chance(out, q, i, Event.LEAD_LOST, p.leads.lead_loss, uniform(key, i, q, Event.LEAD_LOST))


@register_jitable
def _write_exits(boards: Any, q: int, key: Any, lv: Any, p: Any, out: Any) -> None:
    for i in range(boards.shape[0] if q > 0 else 0):
        b = boards[i]
        squeeze = money.pressure(b.visible, lv.pressure, p.pressure)
        if b.chief_cover == 0:
            _write_exit(out, q, i, Event.CHIEF_LEAVES, p.turnover.chief_exit, squeeze, key, lv, p)
        if b.finance_cover == 0:
            _write_exit(out, q, i, Event.FINANCE_LEAVES, p.turnover.finance_exit, squeeze, key, lv, p)


@register_jitable
def _write_exit(out: Any, q: int, i: int, event: int, base: float, squeeze: float, key: Any, lv: Any, p: Any) -> None:
    pulls = people.exit_pulls(base, squeeze, lv.capacity.upheaval, lv.people.stability, p.turnover)
    pull, u = people.exit_pull(pulls), uniform(key, i, q, event)
    _fill(_write(out, q, i, event, pull, u, 1.0 if happens(u, pull) else 0.0, 0.0), 0, pulls)


@register_jitable
def _write_leads(boards: Any, q: int, key: Any, lv: Any, p: Any, out: Any) -> None:
    gain = people.lead_gain_chance(lv.rules, p.leads)
    for i in range(boards.shape[0]):
        b = boards[i]
        capacity = people.management(b.cut, lv.capacity)
        if capacity < b.capacity:
            chance = people.lead_loss_chance(b.capacity - capacity, lv.people, p.leads)
            _write_chance(out, q, i, Event.LEAD_LOST, chance, uniform(key, i, q, Event.LEAD_LOST))
        if q % 4 == 0 and q >= 4:
            _write_chance(out, q, i, Event.LEAD_GAINS, gain, uniform(key, i, q, Event.LEAD_GAINS))
            grown = uniform(key, i, q, Event.COMMITTEE_GROWS)
            _write_chance(out, q, i, Event.COMMITTEE_GROWS, p.leads.committee_growth, grown)


@register_jitable
def _fill_character(place: Any, start: int, b: Any, lv: Any, p: Any) -> None:
    """What kind of board it is, and what the rules add."""
    who = Standing(b.acting_chief, b.acting_finance, b.acting_committee, b.pool_relations, b.pool_agency)
    own = plans.character_pulls(who, b.custom, p.character)
    _fill(place, start, own)
    _fill(place, start + len(own), plans.rule_pulls(b.acting_chief, b.pool_knowhow, lv.rules, p.fence))


@register_jitable
def _write_plans(boards: Any, q: int, key: Any, lv: Any, p: Any, out: Any) -> None:
    for i in range(boards.shape[0]):
        b = boards[i]
        if b.decider == i:
            more = plans.plan_pulls(b.habit, b.pool_net, q // 4, lv.pressure, p.plans, p.pressure)
            pull = plans.plan_pull(b.character, b.fence, more)
            u = uniform(key, i, q, Event.PLAN)
            place = _write(out, q, i, Event.PLAN, pull, u, b.decided, p.plans.split_width)
            _fill(place, 0, more)
            _fill_character(place, len(more), b, lv, p)


@register_jitable
def _write_raids(boards: Any, q: int, key: Any, lv: Any, p: Any, out: Any) -> None:
    for i in range(boards.shape[0]):
        b = boards[i]
        if b.decider == i and b.pool_visible > 0.0:
            push = raids.raid_pulls(b.pool_visible, lv.pressure, p.raids, p.pressure)
            pull, u = raids.raid_pull(push, b.character, b.fence), uniform(key, i, q, Event.RAID)
            place = _write(out, q, i, Event.RAID, pull, u, 1.0 if happens(u, pull) else 0.0, 0.0)
            _fill(place, 0, push)
            _fill_character(place, len(push), b, lv, p)


@register_jitable
def _write_fates(boards: Any, q: int, key: Any, lv: Any, p: Any, out: Any) -> None:
    for i in range(boards.shape[0]):
        b = boards[i]
        if b.pilot_value > 0.0:
            own, u = boards[b.decider].character, uniform(key, i, q, Event.PILOT_FATE)
            m = programmes.mainstream_pulls(b.verdict, own, lv.local, p.pilots)
            r = programmes.renew_pulls(b.verdict, own, b.net, lv.pressure, p.pilots, p.pressure)
            mainstream, renew = logistic(programmes.pilot_pull(m)), logistic(programmes.pilot_pull(r))
            goes_on = mainstream + (1.0 - mainstream) * renew
            ends = programmes.pilot_fate(u, mainstream, renew) == programmes.ENDED
            place = _write(out, q, i, Event.PILOT_FATE, logit(goes_on), u, 0.0 if ends else 1.0, 0.0)
            _fill(place, 0, r)


@register_jitable
def _write_evaluations(boards: Any, rows: Any, q: int, key: Any, lv: Any, p: Any, out: Any) -> None:
    """Asked of every cohort that was paid for in the year just closed."""
    chances = places.use_chances(lv.local, p.uses)
    pulls = programmes.evaluate_pulls(lv.local, p.pilots)
    pull = programmes.evaluate_pull(pulls)
    for i in range(boards.shape[0]):
        b = boards[i]
        split = places.split_work(
            b.spent - rows[i].staff,
            b.use_interventions < chances.interventions,
            b.use_devolved < chances.devolved,
            b.use_capability < chances.capability,
            b.use_pilots < chances.pilots,
            p.uses,
        )
        if split.pilots > 0.0:
            u = uniform(key, i, q, Event.EVALUATE)
            _fill(_write(out, q, i, Event.EVALUATE, pull, u, 1.0 if happens(u, pull) else 0.0, 0.0), 0, pulls)


@register_jitable
def _write_offsets(boards: Any, q: int, key: Any, lv: Any, p: Any, out: Any) -> None:
    years = places.offset_years(q // 4, p.offset)
    label = lv.rules.ringfence * plans.enforcement(lv.rules, p.fence)
    for i in range(boards.shape[0]):
        b = boards[i]
        d = boards[b.decider]
        who = Standing(d.acting_chief, d.acting_finance, d.acting_committee, b.relations, b.agency)
        own = plans.character(plans.character_pulls(who, 0.0, p.character))
        squeeze = money.pressure(b.net, lv.pressure, p.pressure)
        pulls = places.offset_pulls(years, squeeze, label, lv.local.conditions, own, p.offset)
        pull, u = places.offset_pull(pulls), uniform(key, i, q, Event.OFFSET)
        share = places.offset_share(pull, u, p.offset)
        _fill(_write(out, q, i, Event.OFFSET, pull, u, share, 0.5 / p.offset.offset_slope), 0, pulls)


@register_jitable
def trace_future(areas: Any, schedule: Any, first_plan: int, key: Any, p: Any, out: Any, deciders: Any) -> int:
    """The same with rooms of its own. `out` needs room for PER_QUARTER decisions an area and quarter."""
    n = areas.shape[0]
    room = (np.zeros(n, AREA_YEAR_DTYPE), np.zeros(1, NATIONAL_DTYPE), np.zeros((4, n)))
    return trace(np.zeros(n, BOARD_DTYPE), areas, schedule, first_plan, key, p, out, deciders, room)
