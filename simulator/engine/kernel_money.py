"""The money of a quarter, compiled: the same stages as `model.py`, over records instead of agents.

Arguments in common: `boards` state, `facts` of areas and `room` to work in, records of LANES areas each (records,);
`q` quarter index from 0, `key` the words (seed low, seed high, run), `lv` the quarter's lever record, `p` the parameter
record. Loops over lanes hold no branch that cannot be worked out for all of them: compilers then do eight at a time.
"""

from __future__ import annotations

import math
from typing import Any

from simulator.declarations.draw_ids import Event
from simulator.declarations.levers import FundLevers, PeopleLevers, PressureLevers, RuleLevers
from simulator.declarations.parameters import Character, Commitment, Fence, Gap, Leads, Plans, Pressure, Raids, Turnover
from simulator.engine import hooks
from simulator.engine.compilation import stage
from simulator.engine.held import hold
from simulator.engine.layout import find_lane
from simulator.engine.philox import draw, uniform
from simulator.engine.records import LANES
from simulator.rules import money, people, plans, programmes, raids
from simulator.rules.chance import happens
from simulator.rules.plans import Standing

Records = Any
Key = Any


@stage
def round_up(count: int) -> int:
    """The next multiple of eight, or this number, within LANES: what is worked on eight at a time leaves no rest."""
    return min((count + 7) // 8 * 8, LANES)


@stage
def finance(boards: Records, facts: Records, room: Records, q: int, key: Key, lv: Any, p: Any) -> None:
    """Draw the year's gap and allot support in Q1; show part of the gap each quarter."""
    k = q % 4
    gap, now = hold(Gap, p.gap), hold(PressureLevers, lv.pressure)
    if k == 0:
        draw_gaps(boards, facts, room, q, key, lv, p)
    for t in range(boards.shape[0]):
        b = boards[t]
        for i in range(LANES):
            net = b.net[i]
            if k == 3:
                net += money.withheld(net, b.support[i], now, gap)
            b.net[i] = net
            b.visible[i] = money.visible_gap(net, k, gap)


@stage
def draw_gaps(boards: Records, facts: Records, room: Records, q: int, key: Key, lv: Any, p: Any) -> None:
    """Draw the year's gaps, allot support, and draw who is quick this year."""
    gap, now, commitment = hold(Gap, p.gap), hold(PressureLevers, lv.pressure), hold(Commitment, p.commitment)
    weight = 0.0
    deficit = 0.0
    for t in range(boards.shape[0]):
        b, a, r = boards[t], facts[t], room[t]
        draw(r.u, key, q, Event.FINANCES, t * LANES)
        for i in range(LANES):
            z = money.first_finances(r.u[i]) if q == 0 else money.next_finances(b.latent[i], r.u[i], gap)
            b.latent[i] = z
            b.gap[i] = money.underlying_gap(z, a.target_z[i], now, gap)
            r.a[i] = a.weight[i] * (b.gap[i] if b.gap[i] > 0.0 else 0.0)
        for i in range(a.count):
            weight += a.weight[i]
            deficit += r.a[i]
    mean = deficit / weight
    for t in range(boards.shape[0]):
        b, r = boards[t], room[t]
        draw(r.u, key, q, Event.COMMIT_SPEED, t * LANES)
        for i in range(LANES):
            support = money.support_received(b.gap[i], mean, now, gap)
            b.support[i] = support
            b.net[i] = b.gap[i] - support
            b.speed_luck[i] = programmes.speed_luck(r.u[i], commitment)


@stage
def weigh(boards: Records, facts: Records, room: Records, lv: Any, p: Any) -> None:
    """Work out who counts this quarter, pool members into deciding boards, and weigh character and rules."""
    skills, turnover, leads = hold(PeopleLevers, lv.people), hold(Turnover, p.turnover), hold(Leads, p.leads)
    find_leaders(boards, room)
    for t in range(boards.shape[0]):
        b, r = boards[t], room[t]
        for i in range(LANES):
            b.acting_chief[i] = people.acting_chief(r.chief[i], r.chief_cover[i], skills, turnover)
            b.acting_finance[i] = people.acting_finance(r.finance[i], r.finance_cover[i], skills, turnover)
            b.acting_committee[i] = max(b.committee[i], skills.committee)
            agency = people.towards_one(people.agency(b.aware[i], b.seated[i], leads), skills.lead_seat)
            b.agency[i] = agency
            b.pool_relations[i] = b.relations[i]
            b.pool_agency[i] = agency
            b.pool_knowhow[i] = b.knowhow[i]
            b.pool_net[i] = b.net[i]
            b.pool_visible[i] = b.visible[i]
    if lv.capacity.reorganise > 0.0:
        pool_members(boards, facts, room)
    weigh_character(boards, lv, p)


@stage
def find_leaders(boards: Records, room: Records) -> None:
    """Copy what counts of each area's leaders, who may be another area's."""
    for t in range(boards.shape[0]):
        b, r = boards[t], room[t]
        led = 0
        for i in range(LANES):
            led += 1 if b.leader[i] != t * LANES + i else 0
        if led > 0:
            for i in range(LANES):
                at, k = find_lane(boards, b.leader[i])
                who = boards[at]
                r.chief[i] = who.chief[k]
                r.chief_cover[i] = who.chief_cover[k]
                r.finance[i] = who.finance[k]
                r.finance_cover[i] = who.finance_cover[k]
        else:
            for i in range(LANES):
                r.chief[i] = b.chief[i]
                r.chief_cover[i] = b.chief_cover[i]
                r.finance[i] = b.finance[i]
                r.finance_cover[i] = b.finance_cover[i]


@stage
def weigh_character(boards: Records, lv: Any, p: Any) -> None:
    """Weigh what kind of board each deciding board is, and what the rules add."""
    own, fence, rule = hold(Character, p.character), hold(Fence, p.fence), hold(RuleLevers, lv.rules)
    for t in range(boards.shape[0]):
        b = boards[t]
        for i in range(LANES):
            standing = Standing(
                b.acting_chief[i], b.acting_finance[i], b.acting_committee[i], b.pool_relations[i], b.pool_agency[i]
            )
            character = plans.character(plans.character_pulls(standing, b.custom[i], own))
            rules = plans.rules(plans.rule_pulls(b.acting_chief[i], b.pool_knowhow[i], rule, fence))
            rules = hooks.add_protect(rules, b, i, lv, p)
            decides, character_before, rules_before = b.decider[i] == t * LANES + i, b.character[i], b.fence[i]
            b.character[i] = character if decides else character_before
            b.fence[i] = rules if decides else rules_before


@stage
def pool_members(boards: Records, facts: Records, room: Records) -> None:
    """Replace what merged boards see by means over their members, weighted by size."""
    for t in range(boards.shape[0]):
        for i in range(LANES):
            room[t].pool_weight[i] = 0.0
    for t in range(boards.shape[0]):
        b = boards[t]
        for i in range(facts[t].count):
            if b.merged[i] == 1:
                at, k = find_lane(boards, b.decider[i])
                head, seen = boards[at], room[at].pool_weight
                w = facts[t].weight[i]
                if seen[k] == 0.0:
                    head.pool_relations[k] = 0.0
                    head.pool_agency[k] = 0.0
                    head.pool_knowhow[k] = 0.0
                    head.pool_net[k] = 0.0
                    head.pool_visible[k] = 0.0
                seen[k] += w
                head.pool_relations[k] += w * b.relations[i]
                head.pool_agency[k] += w * b.agency[i]
                head.pool_knowhow[k] += w * b.knowhow[i]
                head.pool_net[k] += w * b.net[i]
                head.pool_visible[k] += w * b.visible[i]
    for t in range(boards.shape[0]):
        b, r = boards[t], room[t]
        for i in range(LANES):
            w = r.pool_weight[i] if r.pool_weight[i] > 0.0 else 1.0
            b.pool_relations[i] /= w
            b.pool_agency[i] /= w
            b.pool_knowhow[i] /= w
            b.pool_net[i] /= w
            b.pool_visible[i] /= w


@stage
def open_pot(boards: Records, facts: Records, q: int, lv: Any) -> None:
    """Open the year's pot in Q1; until a plan is made, all of it is loose."""
    fund = hold(FundLevers, lv.fund)
    for t in range(boards.shape[0]):
        b, a = boards[t], facts[t]
        for i in range(LANES):
            growth = b.growth[i] * (1.0 + fund.uplift) if q > 0 else b.growth[i]
            funding = a.alloc[i] * growth * fund.pot_scale
            pot = funding * (1.0 - fund.direct_share) + b.carried[i]
            b.growth[i] = growth
            b.funding[i] = funding
            b.direct[i] = funding * fund.direct_share
            b.pot[i] = pot
            b.carried_cash[i] = b.carried[i]
            b.protected[i] = pot
            b.loose[i] = pot
        for i in range(LANES):
            b.released[i] = 0.0
            b.committed[i] = 0.0
            b.beyond[i] = 0.0
            b.spent[i] = 0.0
            b.beyond_spent[i] = 0.0
            b.raided[i] = 0.0
            b.raided_q1[i] = 0.0
            b.raided_q2[i] = 0.0
            b.raided_q3[i] = 0.0
            b.raided_q4[i] = 0.0
            b.place_loss[i] = 0.0
            b.rushed[i] = 0.0
            b.lapsed[i] = 0.0
            b.carried[i] = 0.0


@stage
def plan(boards: Records, room: Records, q: int, key: Key, lv: Any, p: Any) -> None:
    """Decide how much of the pot to protect; what was promised before is partly out of reach."""
    now, rule, force = hold(PressureLevers, lv.pressure), hold(Plans, p.plans), hold(Pressure, p.pressure)
    for t in range(boards.shape[0]):
        b, r = boards[t], room[t]
        draw(r.u, key, q, Event.PLAN, t * LANES)
        for i in range(LANES):
            more = plans.plan_pulls(b.habit[i], b.pool_net[i], q // 4, now, rule, force)
            pull = hooks.add_plan(plans.plan_pull(b.character[i], b.fence[i], more), b, i, lv, p)
            decided, before = plans.decided_share(pull, r.u[i], rule), b.decided[i]
            b.decided[i] = decided if b.decider[i] == t * LANES + i else before
    for t in range(boards.shape[0]):
        b, r = boards[t], room[t]
        for i in range(LANES):
            at, k = find_lane(boards, b.decider[i])
            d = boards[at]
            r.decided[i] = d.decided[k]
            b.plan_chief[i] = d.acting_chief[k]
        for i in range(LANES):
            held = plans.carried_in(b.carried_commitments[i], b.carried_cash[i], b.pot[i])
            protected = plans.protected(r.decided[i], b.pot[i], held, rule)
            beyond = min(protected, b.carried_commitments[i])
            b.protected[i] = protected
            b.released[i] = b.pot[i] - protected
            b.beyond[i] = beyond
            b.loose[i] = protected - beyond
            b.carried_commitments[i] = 0.0


@stage
def commit(boards: Records, lv: Any, p: Any) -> None:
    """Turn a share of loose money into commitments, for this year or beyond it."""
    fund = programmes.fund_speed(lv.fund, p.commitment)
    beyond = programmes.beyond_share(lv.fund, p.commitment)
    rule = hold(Commitment, p.commitment)
    for t in range(boards.shape[0]):
        b = boards[t]
        for i in range(LANES):
            pulls = programmes.speed_pulls(fund, b.capacity[i], b.agency[i], b.knowhow[i], b.speed_luck[i], rule)
            pull = hooks.add_speed(programmes.speed_pull(pulls), b, i, lv, p)
            amount = programmes.commit_speed(pull) * b.loose[i]
            b.loose[i] -= amount
            b.beyond[i] += beyond * amount
            b.committed[i] += amount - beyond * amount


@stage
def raid(boards: Records, room: Records, q: int, key: Key, lv: Any, p: Any) -> None:
    """Take money back where the visible gap, a letter and the board's character say so."""
    now, rule, force = hold(PressureLevers, lv.pressure), hold(Raids, p.raids), hold(Pressure, p.pressure)
    for t in range(boards.shape[0]):
        b, r = boards[t], room[t]
        draw(r.u, key, q, Event.RAID, t * LANES)
        for i in range(LANES):
            visible, decides = b.pool_visible[i], b.decider[i] == t * LANES + i
            push = raids.raid_pulls(visible, now, rule, force)
            pull = hooks.add_raid(raids.raid_pull(push, b.character[i], b.fence[i]), b, i, lv, p)
            wanted = happens(r.u[i], pull)
            r.flag[i] = 1 if wanted and visible > 0.0 and decides else 0
            b.raid_size[i] = 0.0
        count = 0
        for i in range(LANES):
            r.lane[count] = i
            count += r.flag[i]
        for m in range(round_up(count)):
            r.a[m] = raids.raid_size(uniform(key, t * LANES + r.lane[m], q, Event.RAID_SIZE), rule)
        for m in range(count):
            b.raid_size[r.lane[m]] = r.a[m]
    for t in range(boards.shape[0]):
        b, r = boards[t], room[t]
        for i in range(LANES):
            at, k = find_lane(boards, b.decider[i])
            r.raid_share[i] = boards[at].raid_size[k]
        for i in range(LANES):
            raided = r.raid_share[i] > 0.0
            loose, committed, beyond = b.loose[i], b.committed[i], b.beyond[i]
            place_loss, before = b.place_loss[i], b.raided[i]
            taken = raids.taking(r.raid_share[i], loose, committed, beyond, rule)
            total = taken.loose + taken.committed + taken.beyond
            b.loose[i] = loose - taken.loose if raided else loose
            b.committed[i] = committed - taken.committed if raided else committed
            b.beyond[i] = beyond - taken.beyond if raided else beyond
            b.place_loss[i] = place_loss + taken.place if raided else place_loss
            b.raided[i] = before + total if raided else before
            r.taken[i] = total if raided else 0.0
        write_raid(b, r, q % 4)


@stage
def write_raid(b: Any, r: Any, k: int) -> None:
    """Write down what was raided this quarter, which is 0 until then."""
    if k == 0:
        copy_column(r.taken, b.raided_q1)
    elif k == 1:
        copy_column(r.taken, b.raided_q2)
    elif k == 2:
        copy_column(r.taken, b.raided_q3)
    else:
        copy_column(r.taken, b.raided_q4)


@stage
def copy_column(source: Any, target: Any) -> None:
    """Copy a column."""
    for i in range(LANES):
        target[i] = source[i]


@stage
def spend(boards: Records, q: int) -> None:
    """Run commitments off evenly over the quarters left."""
    left = 4.0 - q % 4
    for t in range(boards.shape[0]):
        b = boards[t]
        for i in range(LANES):
            this_year = b.committed[i] / left
            multi_year = b.beyond[i] / left
            b.committed[i] -= this_year
            b.beyond[i] -= multi_year
            b.spent[i] += this_year + multi_year
            b.beyond_spent[i] += multi_year


@stage
def weigh_books(boards: Records, room: Records) -> None:
    """Find the mismatch of pounds in each area, relative to its pot where that is above £1m; the worst so far stays."""
    for t in range(boards.shape[0]):
        b, r = boards[t], room[t]
        for i in range(LANES):
            used = b.released[i] + b.loose[i] + b.committed[i] + b.beyond[i] + b.spent[i]
            used = used + b.raided[i] + b.lapsed[i] + b.carried[i]
            scale = b.pot[i] if b.pot[i] > 1.0 else 1.0
            off = abs(b.pot[i] - used) / scale
            worst = off if off == off else math.inf  # what is not a number is no balance
            r.off[i] = worst if worst > r.off[i] else r.off[i]


@stage
def imbalance(room: Records) -> float:
    """The largest mismatch that `weigh_books` found in any area."""
    worst = 0.0
    for t in range(room.shape[0]):
        for i in range(LANES):
            worst = max(worst, room[t].off[i])
    return worst
