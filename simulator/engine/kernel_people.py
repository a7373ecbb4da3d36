"""The people of a quarter, compiled: starting values, mergers, leaders, leads; the same stages as in `model.py`.

Arguments as in `kernel_money.py`.
"""

from __future__ import annotations

from typing import Any

from simulator.declarations.draw_ids import Event
from simulator.engine.compilation import kernel
from simulator.engine.philox import draw, uniform, uniforms
from simulator.rules import money, people, plans, programmes
from simulator.rules.chance import happens, logistic

Records = Any
Key = Any


@kernel
def start(boards: Records, key: Key, lv: Any, p: Any) -> None:
    """Give every board its people, relations and lasting draws, before the first quarter."""
    n = boards.shape[0]
    u_chief_start = uniforms(key, n, 0, Event.CHIEF_START)
    u_finance_start = uniforms(key, n, 0, Event.FINANCE_START)
    u_committee_start = uniforms(key, n, 0, Event.COMMITTEE_START)
    u_aware_start = uniforms(key, n, 0, Event.AWARE_START)
    u_seated_start = uniforms(key, n, 0, Event.SEATED_START)
    u_relations_start = uniforms(key, n, 0, Event.RELATIONS_START)
    u_custom_start = uniforms(key, n, 0, Event.CUSTOM_START)
    u_cut_size = uniforms(key, n, 0, Event.CUT_SIZE)
    u_use_interventions = uniforms(key, n, 0, Event.USE_INTERVENTIONS)
    u_use_devolved = uniforms(key, n, 0, Event.USE_DEVOLVED)
    u_use_capability = uniforms(key, n, 0, Event.USE_CAPABILITY)
    u_use_pilots = uniforms(key, n, 0, Event.USE_PILOTS)
    u_use_staff = uniforms(key, n, 0, Event.USE_STAFF)
    for i in range(n):
        b = boards[i]
        b.chief = people.chief_strength(u_chief_start[i], p.leaders)
        b.finance = people.finance_support(u_finance_start[i], b.chief, p.leaders)
        b.committee = people.committee_start(u_committee_start[i], p.leads)
        aware = happens(u_aware_start[i], people.aware_pull(people.aware_pulls(lv.rules, p.leads)))
        b.aware = 1.0 if aware else 0.0
        b.seated = 1.0 if u_seated_start[i] < p.leads.seat_start else 0.0
        b.relations = people.relations_start(u_relations_start[i], p.relations)
        b.knowhow = p.year_end.knowhow_start
        b.custom = plans.custom_start(u_custom_start[i], p.character)
        b.capacity = 1.0
        b.cut = people.cut_size(u_cut_size[i], p.management)
        b.use_interventions = u_use_interventions[i]
        b.use_devolved = u_use_devolved[i]
        b.use_capability = u_use_capability[i]
        b.use_pilots = u_use_pilots[i]
        b.use_staff = u_use_staff[i]
        b.growth = 1.0
        b.speed = programmes.commit_speed(0.0)
        b.decider = i
        b.leader = i


@kernel
def merge(boards: Records, areas: Records, q: int, key: Key, lv: Any, p: Any) -> None:
    """Merge the footprints whose time has come: relations and leads suffer, custom and committees are shared."""
    if lv.capacity.reorganise <= 0.0:
        return
    n = boards.shape[0]
    for h in range(n):
        if areas[h].merge_q > q or areas[h].head != h or boards[h].merged == 1:
            continue
        weight = 0.0
        custom = 0.0
        committee = 1.0
        for i in range(n):
            if areas[i].head == h:
                b = boards[i]
                b.merged = 1
                weight += areas[i].weight
                custom += areas[i].weight * b.custom
                committee = min(committee, b.committee)
                b.relations = people.relations_after_merger(b.relations, p.relations)
                if i != h and uniform(key, i, q, Event.LEAD_LOST) < p.leads.lead_loss:
                    b.aware = 0.0
                    b.seated = 0.0
        boards[h].custom = custom / weight
        boards[h].committee = committee


@kernel
def exit_pull(visible: float, base: float, lv: Any, p: Any) -> float:
    """Total the pulls on a leader whose board shows this gap."""
    squeeze = money.pressure(visible, lv.pressure, p.pressure)
    return people.exit_pull(people.exit_pulls(base, squeeze, lv.capacity.upheaval, lv.people.stability, p.turnover))


@kernel
def least_safe_draw(low: float, high: float, base: float, lv: Any, p: Any) -> float:
    """A number that no leader leaves above, where gaps lie from low to high: pulls rise or fall with the gap."""
    pull = max(exit_pull(low, base, lv, p), exit_pull(high, base, lv, p))
    return 1.000001 * logistic(pull)


@kernel
def move_leaders(boards: Records, draws: Any, q: int, key: Key, lv: Any, p: Any) -> None:
    """Let chiefs and finance directors leave, be covered by interims, and be replaced."""
    if q > 0:
        draw(draws[0], key, q, Event.CHIEF_LEAVES)
        draw(draws[1], key, q, Event.FINANCE_LEAVES)
    low = high = boards[0].visible
    for i in range(boards.shape[0]):
        low = min(low, boards[i].visible)
        high = max(high, boards[i].visible)
    chief_line = least_safe_draw(low, high, p.turnover.chief_exit, lv, p) if q > 0 else 0.0
    finance_line = least_safe_draw(low, high, p.turnover.finance_exit, lv, p) if q > 0 else 0.0
    for i in range(boards.shape[0]):
        b = boards[i]
        if b.chief_cover > 0:
            b.chief_cover -= 1
            if b.chief_cover == 0:
                b.chief = people.next_chief(uniform(key, i, q, Event.CHIEF_NEXT), b.chief, p.leaders)
        elif draws[0, i] < chief_line and happens(draws[0, i], exit_pull(b.visible, p.turnover.chief_exit, lv, p)):
            b.chief_cover = people.cover_length(uniform(key, i, q, Event.CHIEF_COVER), lv.people, p.turnover)
            b.relations = people.relations_after_exit(b.relations, lv.people, p.relations)
            if b.leader == i:
                b.chief_left = 1
        if b.finance_cover > 0:
            b.finance_cover -= 1
            if b.finance_cover == 0:
                b.finance = people.finance_support(uniform(key, i, q, Event.FINANCE_NEXT), b.chief, p.leaders)
        elif draws[1, i] < finance_line and happens(draws[1, i], exit_pull(b.visible, p.turnover.finance_exit, lv, p)):
            b.finance_cover = people.cover_length(uniform(key, i, q, Event.FINANCE_COVER), lv.people, p.turnover)


@kernel
def move_leads(boards: Records, draws: Any, q: int, key: Key, lv: Any, p: Any) -> None:
    """Cut capacity (and lose leads by it); in Q1 from the second year, gain leads, committees and seats."""
    for i in range(boards.shape[0]):
        b = boards[i]
        capacity = people.management(b.cut, lv.capacity)
        if capacity < b.capacity:
            chance = people.lead_loss_chance(b.capacity - capacity, lv.people, p.leads)
            if uniform(key, i, q, Event.LEAD_LOST) < chance:
                b.aware = 0.0
                b.seated = 0.0
        b.capacity = capacity
    if q % 4 == 0 and q >= 4:
        gain_leads(boards, draws, q, key, lv, p)


@kernel
def gain_leads(boards: Records, draws: Any, q: int, key: Key, lv: Any, p: Any) -> None:
    """Once a year: a lead gains the missing half, a committee a step, a finance director from a seat on it."""
    chance = people.lead_gain_chance(lv.rules, p.leads)
    draw(draws[0], key, q, Event.LEAD_GAINS)
    draw(draws[1], key, q, Event.COMMITTEE_GROWS)
    for i in range(boards.shape[0]):
        b = boards[i]
        if draws[0, i] < chance:
            if b.aware == 0.0:
                b.aware = 1.0
            else:
                b.seated = 1.0
        if draws[1, i] < p.leads.committee_growth:
            b.committee = people.committee_next(b.committee)
        if b.committee == 1.0:
            b.finance = people.towards_one(b.finance, p.leaders.finance_seat_gain)


@kernel
def assign(boards: Records, areas: Records, q: int, lv: Any) -> None:
    """Find whose leaders each area has, and which board decides for it."""
    on = lv.capacity.reorganise > 0.0
    for i in range(boards.shape[0]):
        b = boards[i]
        b.leader = areas[i].head if on and q >= areas[i].share_q else i
        b.decider = areas[i].head if on and b.merged == 1 else i
        if b.leader == i:
            b.post_used = 1
