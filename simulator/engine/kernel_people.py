"""The people of a quarter, compiled: starting values, mergers, leaders, leads; the same stages as in `model.py`.

Arguments as in `kernel_money.py`.
"""

from __future__ import annotations

from typing import Any

from simulator.declarations.draw_ids import Event
from simulator.declarations.levers import CapacityLevers, PeopleLevers, PressureLevers
from simulator.declarations.parameters import Character, Leaders, Leads, Management, Pressure, Relations, Turnover
from simulator.engine import hooks
from simulator.engine.compilation import stage
from simulator.engine.held import hold
from simulator.engine.kernel_money import round_up
from simulator.engine.philox import draw, uniform
from simulator.engine.records import LANES
from simulator.rules import money, people, plans
from simulator.rules.chance import happens

Records = Any
Key = Any


@stage
def start(boards: Records, room: Records, key: Key, lv: Any, p: Any) -> None:
    """Give every board its people, relations and lasting draws, before the first quarter."""
    for t in range(boards.shape[0]):
        b, r, first = boards[t], room[t], t * LANES
        start_people(b, r, first, key, lv, p)
        draw(b.use_interventions, key, 0, Event.USE_INTERVENTIONS, first)
        draw(b.use_devolved, key, 0, Event.USE_DEVOLVED, first)
        draw(b.use_capability, key, 0, Event.USE_CAPABILITY, first)
        draw(b.use_pilots, key, 0, Event.USE_PILOTS, first)
        draw(b.use_staff, key, 0, Event.USE_STAFF, first)
        for i in range(LANES):
            b.knowhow[i] = p.year_end.knowhow_start
            b.capacity[i] = 1.0
            b.growth[i] = 1.0
            b.decider[i] = first + i
            b.leader[i] = first + i
            hooks.start_state(b, i)


@stage
def draw_for_plugin(boards: Records, q: int, key: Key) -> None:
    """Draw a plug-in's random numbers of this quarter, before anything happens in it; the model alone has none."""
    for t in range(boards.shape[0]):
        hooks.take_draws(boards[t], key, q, t * LANES)


@stage
def start_people(b: Any, r: Any, first: int, key: Key, lv: Any, p: Any) -> None:
    """Give the boards of one record their leaders, committees, leads, relations, custom and cuts."""
    leaders, leads = hold(Leaders, p.leaders), hold(Leads, p.leads)
    draw(r.u, key, 0, Event.CHIEF_START, first)
    draw(r.v, key, 0, Event.FINANCE_START, first)
    for i in range(LANES):
        chief = people.chief_strength(r.u[i], leaders)
        b.chief[i] = chief
        b.finance[i] = people.finance_support(r.v[i], chief, leaders)
    draw(r.u, key, 0, Event.COMMITTEE_START, first)
    draw(r.v, key, 0, Event.AWARE_START, first)
    draw(r.a, key, 0, Event.SEATED_START, first)
    aware = people.aware_pull(people.aware_pulls(lv.rules, leads))
    for i in range(LANES):
        b.committee[i] = people.committee_start(r.u[i], leads)
        b.aware[i] = 1.0 if happens(r.v[i], aware) else 0.0
        b.seated[i] = 1.0 if r.a[i] < leads.seat_start else 0.0
    draw(r.u, key, 0, Event.RELATIONS_START, first)
    draw(r.v, key, 0, Event.CUSTOM_START, first)
    draw(r.a, key, 0, Event.CUT_SIZE, first)
    relations, own, cut = hold(Relations, p.relations), hold(Character, p.character), hold(Management, p.management)
    for i in range(LANES):
        b.relations[i] = people.relations_start(r.u[i], relations)
        b.custom[i] = plans.custom_start(r.v[i], own)
        b.cut[i] = people.cut_size(r.a[i], cut)


@stage
def merge(boards: Records, facts: Records, q: int, key: Key, lv: Any, p: Any) -> None:
    """Merge the footprints whose time has come: relations and leads suffer, custom and committees are shared."""
    if lv.capacity.reorganise <= 0.0:
        return
    for t in range(boards.shape[0]):
        b, a = boards[t], facts[t]
        for k in range(a.count):
            if a.merge_q[k] <= q and a.head[k] == t * LANES + k and b.merged[k] == 0:
                custom, committee = merge_footprint(boards, facts, t * LANES + k, q, key, p)
                b.custom[k] = custom
                b.committee[k] = committee


@stage
def merge_footprint(boards: Records, facts: Records, head: int, q: int, key: Key, p: Any) -> tuple[float, float]:
    """Merge the areas of one footprint; returns their mean custom and the committee of the weakest."""
    weight = 0.0
    custom = 0.0
    committee = 1.0
    for t in range(boards.shape[0]):
        b, a = boards[t], facts[t]
        for i in range(a.count):
            if a.head[i] == head:
                b.merged[i] = 1
                weight += a.weight[i]
                custom += a.weight[i] * b.custom[i]
                committee = min(committee, b.committee[i])
                b.relations[i] = people.relations_after_merger(b.relations[i], p.relations)
                area = t * LANES + i
                if area != head and uniform(key, area, q, Event.LEAD_LOST) < p.leads.lead_loss:
                    b.aware[i] = 0.0
                    b.seated[i] = 0.0
    return custom / weight, committee


@stage
def move_leaders(boards: Records, room: Records, q: int, key: Key, lv: Any, p: Any) -> None:
    """Let chiefs and finance directors leave, be covered by interims, and be replaced; nobody leaves in q = 0."""
    if q == 0:
        return
    turnover = hold(Turnover, p.turnover)
    for t in range(boards.shape[0]):
        b, r, first = boards[t], room[t], t * LANES
        draw(r.u, key, q, Event.CHIEF_LEAVES, first)
        find_leavers(b, b.chief_cover, r, turnover.chief_exit, lv, p)
        move_chiefs(b, r, list_moves(r, Event.CHIEF_NEXT, Event.CHIEF_COVER), first, q, key, lv, p)
        draw(r.u, key, q, Event.FINANCE_LEAVES, first)
        find_leavers(b, b.finance_cover, r, turnover.finance_exit, lv, p)
        move_finance(b, r, list_moves(r, Event.FINANCE_NEXT, Event.FINANCE_COVER), first, q, key, lv, p)


@stage
def find_leavers(b: Any, cover: Any, r: Any, base: float, lv: Any, p: Any) -> None:
    """Let interims' time run; flag where it ends (1), and where somebody leaves who is not covered for (2)."""
    turnover, now, force = hold(Turnover, p.turnover), hold(PressureLevers, lv.pressure), hold(Pressure, p.pressure)
    upheaval, stability = lv.capacity.upheaval, lv.people.stability
    for i in range(LANES):
        squeeze = money.pressure(b.visible[i], now, force)
        pull = people.exit_pull(people.exit_pulls(base, squeeze, upheaval, stability, turnover))
        leaves = happens(r.u[i], hooks.add_leave(pull, b, i, lv, p))
        covered = cover[i]
        r.flag[i] = (1 if covered == 1 else 0) + (2 if leaves and covered == 0 else 0)
        cover[i] = covered - (1 if covered > 0 else 0)


@stage
def list_moves(r: Any, succession: int, leaving: int) -> int:
    """List the flagged lanes and the events to draw for; returns how many. Drawing for all would cost more."""
    count = 0
    for i in range(LANES):
        r.lane[count] = i
        r.event[count] = succession if r.flag[i] == 1 else leaving
        count += 1 if r.flag[i] > 0 else 0
    return count


@stage
def move_chiefs(b: Any, r: Any, count: int, first: int, q: int, key: Key, lv: Any, p: Any) -> None:
    """Let listed chiefs be replaced, or leave."""
    leaders, turnover, skills = hold(Leaders, p.leaders), hold(Turnover, p.turnover), hold(PeopleLevers, lv.people)
    for m in range(count):
        r.a[m] = b.chief[r.lane[m]]
    for m in range(round_up(count)):
        u = uniform(key, first + r.lane[m], q, r.event[m])
        r.b[m] = people.next_chief(u, r.a[m], leaders)
        r.c[m] = people.cover_length(u, skills, turnover)
    for m in range(count):
        i = r.lane[m]
        if r.event[m] == Event.CHIEF_NEXT:
            b.chief[i] = r.b[m]
        else:
            b.chief_cover[i] = int(r.c[m])
            b.relations[i] = people.relations_after_exit(b.relations[i], lv.people, p.relations)
            if b.leader[i] == first + i:
                b.chief_left[i] = 1


@stage
def move_finance(b: Any, r: Any, count: int, first: int, q: int, key: Key, lv: Any, p: Any) -> None:
    """The same for finance directors."""
    leaders, turnover, skills = hold(Leaders, p.leaders), hold(Turnover, p.turnover), hold(PeopleLevers, lv.people)
    for m in range(count):
        r.a[m] = b.chief[r.lane[m]]
    for m in range(round_up(count)):
        u = uniform(key, first + r.lane[m], q, r.event[m])
        r.b[m] = people.finance_support(u, r.a[m], leaders)
        r.c[m] = people.cover_length(u, skills, turnover)
    for m in range(count):
        i = r.lane[m]
        if r.event[m] == Event.FINANCE_NEXT:
            b.finance[i] = r.b[m]
        else:
            b.finance_cover[i] = int(r.c[m])


@stage
def move_leads(boards: Records, room: Records, q: int, key: Key, lv: Any, p: Any) -> None:
    """Cut capacity (and lose leads by it); in Q1 from the second year, gain leads, committees and seats."""
    levers = hold(CapacityLevers, lv.capacity)
    for t in range(boards.shape[0]):
        b, r = boards[t], room[t]
        drops = 0
        for i in range(LANES):
            capacity = people.management(b.cut[i], levers)
            drop = b.capacity[i] - capacity
            drops += 1 if drop > 0.0 else 0
            r.a[i] = drop
            b.capacity[i] = capacity
        if drops > 0:
            draw(r.u, key, q, Event.LEAD_LOST, t * LANES)
            for i in range(LANES):
                if r.a[i] > 0.0 and r.u[i] < people.lead_loss_chance(r.a[i], lv.people, p.leads):
                    b.aware[i] = 0.0
                    b.seated[i] = 0.0
    if q % 4 == 0 and q >= 4:
        gain_leads(boards, room, q, key, lv, p)


@stage
def gain_leads(boards: Records, room: Records, q: int, key: Key, lv: Any, p: Any) -> None:
    """Once a year: a lead gains the missing half, a committee a step, a finance director from a seat on it."""
    leads, leaders = hold(Leads, p.leads), hold(Leaders, p.leaders)
    chance = people.lead_gain_chance(lv.rules, p.leads)
    for t in range(boards.shape[0]):
        b, r = boards[t], room[t]
        draw(r.u, key, q, Event.LEAD_GAINS, t * LANES)
        draw(r.v, key, q, Event.COMMITTEE_GROWS, t * LANES)
        for i in range(LANES):
            gains, aware, seated = r.u[i] < chance, b.aware[i], b.seated[i]
            b.aware[i] = 1.0 if gains and aware == 0.0 else aware
            b.seated[i] = 1.0 if gains and aware != 0.0 else seated
            committee, finance = b.committee[i], b.finance[i]
            grown = people.committee_next(committee)
            committee = grown if r.v[i] < leads.committee_growth else committee
            b.committee[i] = committee
            b.finance[i] = people.towards_one(finance, leaders.finance_seat_gain) if committee == 1.0 else finance


@stage
def assign(boards: Records, facts: Records, q: int, lv: Any) -> None:
    """Find whose leaders each area has, and which board decides for it."""
    on = lv.capacity.reorganise > 0.0
    for t in range(boards.shape[0]):
        b, a = boards[t], facts[t]
        for i in range(LANES):
            own = t * LANES + i
            head, shared_from, merged, used = a.head[i], a.share_q[i], b.merged[i], b.post_used[i]
            leader = head if on and q >= shared_from else own
            b.leader[i] = leader
            b.decider[i] = head if on and merged == 1 else own
            b.post_used[i] = 1 if leader == own else used
