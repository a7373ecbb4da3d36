"""The stages of a quarter, compiled: the same verbs as `system.py`, over records instead of agents.

Arguments in common: `boards` state records (areas,), `areas` facts (areas,), `q` quarter index from 0, `key` the
words (seed low, seed high, run), `lv` the quarter's lever record, `p` the parameter record.
"""

from __future__ import annotations

import math
from typing import Any

from simulator.compiled import kernel
from simulator.draws import uniform, uniforms
from simulator.events import Event
from simulator.rules import money, people, plans, programmes, raids
from simulator.rules.chance import happens
from simulator.rules.plans import Standing

Records = Any
Key = Any


@kernel
def start(boards: Records, areas: Records, key: Key, lv: Any, p: Any) -> None:
    """Give every board its people, relations and lasting luck, before the first quarter."""
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
        if areas[h].head != h or areas[h].merge_q > q or boards[h].merged == 1:
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
def move_leaders(boards: Records, areas: Records, q: int, key: Key, lv: Any, p: Any) -> None:
    """Let chiefs and finance directors leave, be covered for, and be succeeded."""
    chief_luck = uniforms(key, boards.shape[0], q, Event.CHIEF_LEAVES)
    finance_luck = uniforms(key, boards.shape[0], q, Event.FINANCE_LEAVES)
    for i in range(boards.shape[0]):
        b = boards[i]
        squeeze = money.pressure(b.visible, lv.pressure, p.pressure)
        if b.chief_cover > 0:
            b.chief_cover -= 1
            if b.chief_cover == 0:
                b.chief = people.next_chief(uniform(key, i, q, Event.CHIEF_NEXT), b.chief, p.leaders)
        elif q > 0:
            pulls = people.exit_pulls(
                p.turnover.chief_exit, squeeze, lv.capacity.upheaval, lv.people.stability, p.turnover
            )
            if happens(chief_luck[i], people.exit_pull(pulls)):
                b.chief_cover = people.cover_length(uniform(key, i, q, Event.CHIEF_COVER), lv.people, p.turnover)
                b.relations = people.relations_after_exit(b.relations, lv.people, p.relations)
                if b.leader == i:
                    b.chief_left = 1
        if b.finance_cover > 0:
            b.finance_cover -= 1
            if b.finance_cover == 0:
                b.finance = people.finance_support(uniform(key, i, q, Event.FINANCE_NEXT), b.chief, p.leaders)
        elif q > 0:
            pulls = people.exit_pulls(
                p.turnover.finance_exit, squeeze, lv.capacity.upheaval, lv.people.stability, p.turnover
            )
            if happens(finance_luck[i], people.exit_pull(pulls)):
                b.finance_cover = people.cover_length(uniform(key, i, q, Event.FINANCE_COVER), lv.people, p.turnover)


@kernel
def move_leads(boards: Records, q: int, key: Key, lv: Any, p: Any) -> None:
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
        gain_leads(boards, q, key, lv, p)


@kernel
def gain_leads(boards: Records, q: int, key: Key, lv: Any, p: Any) -> None:
    """Once a year: a lead gains the missing half, a committee a step, a finance director from a seat on it."""
    chance = people.lead_gain_chance(lv.rules, p.leads)
    gains = uniforms(key, boards.shape[0], q, Event.LEAD_GAINS)
    grows = uniforms(key, boards.shape[0], q, Event.COMMITTEE_GROWS)
    for i in range(boards.shape[0]):
        b = boards[i]
        if gains[i] < chance:
            if b.aware == 0.0:
                b.aware = 1.0
            else:
                b.seated = 1.0
        if grows[i] < p.leads.committee_growth:
            b.committee = people.committee_next(b.committee)
        if b.committee == 1.0:
            b.finance = people.towards_one(b.finance, p.leaders.finance_seat_gain)


@kernel
def assign(boards: Records, areas: Records, q: int, lv: Any) -> None:
    """Say whose leaders an area has, and which board decides for it."""
    on = lv.capacity.reorganise > 0.0
    for i in range(boards.shape[0]):
        b = boards[i]
        b.leader = areas[i].head if on and q >= areas[i].share_q else i
        b.decider = areas[i].head if on and b.merged == 1 else i
        if b.leader == i:
            b.post_used = 1


@kernel
def finance(boards: Records, areas: Records, q: int, key: Key, lv: Any, p: Any) -> None:
    """Draw the year's gap and allot support in Q1; show part of the gap each quarter."""
    n = boards.shape[0]
    k = q % 4
    if k == 0:
        weight = 0.0
        deficit = 0.0
        finances = uniforms(key, n, q, Event.FINANCES)
        speeds = uniforms(key, n, q, Event.COMMIT_SPEED)
        for i in range(n):
            b = boards[i]
            u = finances[i]
            b.latent = money.first_finances(u) if q == 0 else money.next_finances(b.latent, u, p.gap)
            b.gap = money.underlying_gap(b.latent, areas[i].target_z, lv.pressure, p.gap)
            weight += areas[i].weight
            deficit += areas[i].weight * (b.gap if b.gap > 0.0 else 0.0)
        for i in range(n):
            b = boards[i]
            b.support = money.support_received(b.gap, deficit / weight, lv.pressure, p.gap)
            b.net = b.gap - b.support
            b.speed_luck = programmes.speed_luck(speeds[i], p.commitment)
    for i in range(n):
        b = boards[i]
        if k == 3:
            b.net += money.withheld(b.net, b.support, lv.pressure, p.gap)
        b.visible = money.visible_gap(b.net, k, p.gap)


@kernel
def pool(boards: Records, areas: Records, lv: Any, p: Any) -> None:
    """Work out who counts this quarter, pool members into deciding boards, and weigh character and rules."""
    n = boards.shape[0]
    for i in range(n):
        b = boards[i]
        who = boards[b.leader]
        b.acting_chief = people.acting_chief(who.chief, who.chief_cover, lv.people, p.turnover)
        b.acting_finance = people.acting_finance(who.finance, who.finance_cover, lv.people, p.turnover)
        b.acting_committee = max(b.committee, lv.people.committee)
        b.agency = people.towards_one(people.agency(b.aware, b.seated, p.leads), lv.people.lead_seat)
        b.pool_weight = 0.0
        b.pool_relations = b.relations
        b.pool_agency = b.agency
        b.pool_knowhow = b.knowhow
        b.pool_net = b.net
        b.pool_visible = b.visible
    if lv.capacity.reorganise > 0.0:
        pool_members(boards, areas)
    for i in range(n):
        b = boards[i]
        if b.decider == i:
            standing = Standing(b.acting_chief, b.acting_finance, b.acting_committee, b.pool_relations, b.pool_agency)
            b.character = plans.character(plans.character_pulls(standing, b.custom, p.character))
            b.fence = plans.rules(plans.rule_pulls(b.acting_chief, b.pool_knowhow, lv.rules, p.fence))


@kernel
def pool_members(boards: Records, areas: Records) -> None:
    """Replace what merged boards see by means over their members, weighted by size."""
    n = boards.shape[0]
    for i in range(n):
        if boards[i].merged == 1:
            h = boards[boards[i].decider]
            b = boards[i]
            w = areas[i].weight
            if h.pool_weight == 0.0:
                h.pool_relations = 0.0
                h.pool_agency = 0.0
                h.pool_knowhow = 0.0
                h.pool_net = 0.0
                h.pool_visible = 0.0
            h.pool_weight += w
            h.pool_relations += w * b.relations
            h.pool_agency += w * b.agency
            h.pool_knowhow += w * b.knowhow
            h.pool_net += w * b.net
            h.pool_visible += w * b.visible
    for i in range(n):
        h = boards[i]
        if h.pool_weight > 0.0:
            h.pool_relations /= h.pool_weight
            h.pool_agency /= h.pool_weight
            h.pool_knowhow /= h.pool_weight
            h.pool_net /= h.pool_weight
            h.pool_visible /= h.pool_weight


@kernel
def open_pot(boards: Records, areas: Records, q: int, lv: Any) -> None:
    """Open the year's pot in Q1; until a plan is made, all of it is loose."""
    for i in range(boards.shape[0]):
        b = boards[i]
        if q > 0:
            b.growth *= 1.0 + lv.fund.uplift
        b.funding = areas[i].alloc * b.growth * lv.fund.pot_scale
        b.direct = b.funding * lv.fund.direct_share
        b.pot = b.funding * (1.0 - lv.fund.direct_share) + b.carried
        b.carried_cash = b.carried
        b.protected = b.pot
        b.loose = b.pot
        b.released = 0.0
        b.committed = 0.0
        b.beyond = 0.0
        b.spent = 0.0
        b.beyond_spent = 0.0
        b.raided = 0.0
        b.raided_q1 = 0.0
        b.raided_q2 = 0.0
        b.raided_q3 = 0.0
        b.raided_q4 = 0.0
        b.place_loss = 0.0
        b.rushed = 0.0
        b.lapsed = 0.0
        b.carried = 0.0


@kernel
def plan(boards: Records, q: int, key: Key, lv: Any, p: Any) -> None:
    """Decide how much of the pot to protect; what was promised before is partly out of reach."""
    n = boards.shape[0]
    luck = uniforms(key, n, q, Event.PLAN)
    for i in range(n):
        b = boards[i]
        if b.decider == i:
            more = plans.plan_pulls(b.habit, b.pool_net, lv.pressure, p.plans, p.pressure)
            pull = plans.plan_pull(b.character, b.fence, more)
            b.decided = plans.decided_share(pull, luck[i], p.plans)
    for i in range(n):
        b = boards[i]
        held = plans.carried_in(b.carried_commitments, b.carried_cash, b.pot)
        b.protected = plans.protected(boards[b.decider].decided, b.pot, held, p.plans)
        b.released = b.pot - b.protected
        b.beyond = min(b.protected, b.carried_commitments)
        b.loose = b.protected - b.beyond
        b.carried_commitments = 0.0
        b.plan_chief = boards[b.decider].acting_chief


@kernel
def commit(boards: Records, lv: Any, p: Any) -> None:
    """Turn a share of loose money into commitments, for this year or beyond it."""
    fund = programmes.fund_speed(lv.fund, p.commitment)
    beyond = programmes.beyond_share(lv.fund, p.commitment)
    for i in range(boards.shape[0]):
        b = boards[i]
        pulls = programmes.speed_pulls(fund, b.capacity, b.agency, b.knowhow, b.speed_luck, p.commitment)
        pull = programmes.speed_pull(pulls)
        if pull != b.speed_pull:  # mostly it stays for a year, and the exponential with it
            b.speed_pull = pull
            b.speed = programmes.commit_speed(pull)
        amount = b.speed * b.loose
        b.loose -= amount
        b.beyond += beyond * amount
        b.committed += amount - beyond * amount


@kernel
def raid(boards: Records, q: int, key: Key, lv: Any, p: Any) -> None:
    """Take money back where the visible gap, a letter and the board's character say so."""
    k = q % 4
    luck = uniforms(key, boards.shape[0], q, Event.RAID)
    for i in range(boards.shape[0]):
        b = boards[i]
        b.raid_size = 0.0
        if b.decider == i and b.pool_visible > 0.0:
            push = raids.raid_pulls(b.pool_visible, lv.pressure, p.raids, p.pressure)
            if happens(luck[i], raids.raid_pull(push, b.character, b.fence)):
                b.raid_size = raids.raid_size(uniform(key, i, q, Event.RAID_SIZE), p.raids)
    for i in range(boards.shape[0]):
        b = boards[i]
        size = boards[b.decider].raid_size
        if size > 0.0:
            t = raids.taking(size, b.loose, b.committed, b.beyond, p.raids)
            b.loose -= t.loose
            b.committed -= t.committed
            b.beyond -= t.beyond
            b.place_loss += t.place
            total = t.loose + t.committed + t.beyond
            b.raided += total
            if k == 0:
                b.raided_q1 = total
            elif k == 1:
                b.raided_q2 = total
            elif k == 2:
                b.raided_q3 = total
            else:
                b.raided_q4 = total


@kernel
def spend(boards: Records, q: int) -> None:
    """Run commitments off evenly over the quarters left."""
    left = 4.0 - q % 4
    for i in range(boards.shape[0]):
        b = boards[i]
        this_year = b.committed / left
        multi_year = b.beyond / left
        b.committed -= this_year
        b.beyond -= multi_year
        b.spent += this_year + multi_year
        b.beyond_spent += multi_year


@kernel
def imbalance(boards: Records) -> float:
    """The largest mismatch of pounds in any area, relative to its pot where that is above £1m."""
    worst = 0.0
    for i in range(boards.shape[0]):
        b = boards[i]
        used = b.released + b.loose + b.committed + b.beyond + b.spent + b.raided + b.lapsed + b.carried
        scale = b.pot if b.pot > 1.0 else 1.0
        off = abs(b.pot - used) / scale
        if not off <= worst:
            worst = off if off == off else math.inf  # what is not a number is no balance
    return worst
