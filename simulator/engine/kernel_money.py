"""The money of a quarter, compiled: the same stages as `model.py`, over records instead of agents.

Arguments in common: `boards` state records (areas,), `areas` facts (areas,), `draws` room for draws (2, areas), `q`
quarter index from 0, `key` the words (seed low, seed high, run), `lv` the quarter's lever record, `p` the parameter
record.
"""

from __future__ import annotations

import math
from typing import Any

from simulator.declarations.draw_ids import Event
from simulator.engine.compilation import kernel
from simulator.engine.philox import draw, uniform
from simulator.rules import money, people, plans, programmes, raids
from simulator.rules.chance import happens
from simulator.rules.plans import Standing

Records = Any
Key = Any


@kernel
def finance(boards: Records, areas: Records, draws: Any, q: int, key: Key, lv: Any, p: Any) -> None:
    """Draw the year's gap and allot support in Q1; show part of the gap each quarter."""
    n = boards.shape[0]
    k = q % 4
    if k == 0:
        weight = 0.0
        deficit = 0.0
        draw(draws[0], key, q, Event.FINANCES)
        draw(draws[1], key, q, Event.COMMIT_SPEED)
        for i in range(n):
            b = boards[i]
            u = draws[0, i]
            b.latent = money.first_finances(u) if q == 0 else money.next_finances(b.latent, u, p.gap)
            b.gap = money.underlying_gap(b.latent, areas[i].target_z, lv.pressure, p.gap)
            weight += areas[i].weight
            deficit += areas[i].weight * (b.gap if b.gap > 0.0 else 0.0)
        for i in range(n):
            b = boards[i]
            b.support = money.support_received(b.gap, deficit / weight, lv.pressure, p.gap)
            b.net = b.gap - b.support
            b.speed_luck = programmes.speed_luck(draws[1, i], p.commitment)
    for i in range(n):
        b = boards[i]
        if k == 3:
            b.net += money.withheld(b.net, b.support, lv.pressure, p.gap)
        b.visible = money.visible_gap(b.net, k, p.gap)


@kernel
def weigh(boards: Records, areas: Records, lv: Any, p: Any) -> None:
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
def plan(boards: Records, draws: Any, q: int, key: Key, lv: Any, p: Any) -> None:
    """Decide how much of the pot to protect; what was promised before is partly out of reach."""
    n = boards.shape[0]
    draw(draws[0], key, q, Event.PLAN)
    for i in range(n):
        b = boards[i]
        if b.decider == i:
            more = plans.plan_pulls(b.habit, b.pool_net, q // 4, lv.pressure, p.plans, p.pressure)
            pull = plans.plan_pull(b.character, b.fence, more)
            b.decided = plans.decided_share(pull, draws[0, i], p.plans)
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
def raid(boards: Records, draws: Any, q: int, key: Key, lv: Any, p: Any) -> None:
    """Take money back where the visible gap, a letter and the board's character say so."""
    k = q % 4
    draw(draws[0], key, q, Event.RAID)
    for i in range(boards.shape[0]):
        b = boards[i]
        b.raid_size = 0.0
        if b.decider == i and b.pool_visible > 0.0:
            push = raids.raid_pulls(b.pool_visible, lv.pressure, p.raids, p.pressure)
            if happens(draws[0, i], raids.raid_pull(push, b.character, b.fence)):
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
