"""A board as an agent: one method for each stage; every decision comes from the rules, and its reasons are kept."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

import mesa

from simulator.agents.accounts import AreaAccounts
from simulator.agents.plugin_hooks import add_pulls
from simulator.declarations.draw_ids import Event
from simulator.declarations.levers import Levers
from simulator.declarations.parameters import Parameters
from simulator.engine.decision_trace import log_odds
from simulator.rules import money, people, plans, programmes, raids
from simulator.rules.chance import happens
from simulator.rules.plans import Standing


class BoardFacts(NamedTuple):
    """Facts of an area that never change; units as in `simulator.boards.table`."""

    alloc: float
    weight: float
    target_z: float
    core20: float
    region: int
    head: int
    merge_q: int
    share_q: int
    third: int


class BoardModel(Protocol):
    """What a board can read from its model."""

    quarter: int
    random_table: list[list[list[float]]]
    recorded: list[tuple[Any, ...]] | None
    boards: list[Board]
    mean_deficit: float
    p: Parameters
    lv: Levers


class Board(AreaAccounts, mesa.Agent):  # type: ignore[misc]
    """An integrated care board and the money of its area.

    Each board has a chief, a finance director, a lead for health inequalities, a committee, relations, know-how and a
    custom. It plans, commits, raids and spends by the rules of `simulator.rules`. After a merger the head of the
    footprint decides for all members; every area keeps its own account. Attributes are named as in `records.py`.
    """

    model: BoardModel

    def __init__(self, model: BoardModel, index: int, facts: BoardFacts) -> None:
        super().__init__(model)
        self.index = index
        self.facts = facts
        self.decider: Board = self
        self.leader: Board = self
        self.members: tuple[Board, ...] = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.index})"

    def draw(self, event: Event) -> float:
        """The draw that belongs to this area, quarter and event."""
        return float(self.model.random_table[self.model.quarter][self.index][event])

    def decide(self, event: Event, pull: float, *reasons: object) -> bool:
        """Make a yes-or-no decision from log-odds and one draw, and record its reasons."""
        model = self.model
        u = model.random_table[model.quarter][self.index][event]
        taken = happens(u, pull)
        if model.recorded is not None:
            model.recorded.append((model.quarter, self.index, event, reasons, pull, u, 1.0 if taken else 0.0))
        return taken

    def decide_by_chance(self, event: Event, chance: float) -> bool:
        """Make a yes-or-no decision from a probability and one draw."""
        u = self.draw(event)
        if self.model.recorded is not None:
            self.record(event, (), log_odds(chance), u, float(u < chance))
        return u < chance

    def record(
        self, event: Event, reasons: tuple[object, ...], pull: float, u: float, taken: float, width: float = 0.0
    ) -> None:
        """Record a decision with its reasons, if the model keeps them."""
        model = self.model
        if model.recorded is not None:
            model.recorded.append((model.quarter, self.index, event, reasons, pull, u, taken, width))

    def start(self) -> None:
        """Draw the starting people and relations, and the draws that last for the whole run."""
        p, rules = self.model.p, self.model.lv.rules
        self.chief = people.chief_strength(self.draw(Event.CHIEF_START), p.leaders)
        self.finance = people.finance_support(self.draw(Event.FINANCE_START), self.chief, p.leaders)
        self.committee = people.committee_start(self.draw(Event.COMMITTEE_START), p.leads)
        aware = people.aware_pulls(rules, p.leads)
        self.aware = 1.0 if self.decide(Event.AWARE_START, people.aware_pull(aware), aware) else 0.0
        self.seated = 1.0 if self.draw(Event.SEATED_START) < p.leads.seat_start else 0.0
        self.relations = people.relations_start(self.draw(Event.RELATIONS_START), p.relations)
        self.knowhow = p.year_end.knowhow_start
        self.custom = plans.custom_start(self.draw(Event.CUSTOM_START), p.character)
        self.capacity = 1.0
        self.cut = people.cut_size(self.draw(Event.CUT_SIZE), p.management)
        self.lasting_uses = tuple(
            self.draw(event)
            for event in (
                Event.USE_INTERVENTIONS,
                Event.USE_DEVOLVED,
                Event.USE_CAPABILITY,
                Event.USE_PILOTS,
                Event.USE_STAFF,
            )
        )
        self.open_accounts()
        self.start_state()

    def lose_lead(self) -> None:
        """Lose the lead, who then neither knows of the fund nor sits on the board."""
        self.aware = 0.0
        self.seated = 0.0

    def merge(self) -> None:
        """Merge the footprint that this board heads: relations and leads suffer, custom and committees are shared."""
        p = self.model.p
        weight = custom = 0.0
        committee = 1.0
        for member in self.members:
            member.merged = 1
            weight += member.facts.weight
            custom += member.facts.weight * member.custom
            committee = min(committee, member.committee)
            member.relations = people.relations_after_merger(member.relations, p.relations)
            if member is not self and member.decide_by_chance(Event.LEAD_LOST, p.leads.lead_loss):
                member.lose_lead()
        self.custom = custom / weight
        self.committee = committee

    def assign(self) -> None:
        """Find whose leaders this area has, and which board decides for it."""
        on = self.model.lv.capacity.reorganise > 0.0
        head = self.model.boards[self.facts.head]
        self.leader = head if on and self.model.quarter >= self.facts.share_q else self
        self.decider = head if on and self.merged == 1 else self
        if self.leader is self:
            self.post_used = 1

    def move_leaders(self) -> None:
        """Let the chief and the finance director leave, be covered for, and be succeeded."""
        p, lv, now = self.model.p, self.model.lv, self.model.quarter
        squeeze = money.pressure(self.visible, lv.pressure, p.pressure)
        if self.chief_cover > 0:
            self.chief_cover -= 1
            if self.chief_cover == 0:
                self.chief = people.next_chief(self.draw(Event.CHIEF_NEXT), self.chief, p.leaders)
        elif now > 0 and self.leaves(Event.CHIEF_LEAVES, p.turnover.chief_exit, squeeze):
            self.chief_cover = people.cover_length(self.draw(Event.CHIEF_COVER), lv.people, p.turnover)
            self.relations = people.relations_after_exit(self.relations, lv.people, p.relations)
            if self.leader is self:
                self.chief_left = 1
        if self.finance_cover > 0:
            self.finance_cover -= 1
            if self.finance_cover == 0:
                self.finance = people.finance_support(self.draw(Event.FINANCE_NEXT), self.chief, p.leaders)
        elif now > 0 and self.leaves(Event.FINANCE_LEAVES, p.turnover.finance_exit, squeeze):
            self.finance_cover = people.cover_length(self.draw(Event.FINANCE_COVER), lv.people, p.turnover)

    def leaves(self, event: Event, base: float, squeeze: float) -> bool:
        """Decide whether a leader leaves this quarter."""
        lv, turnover = self.model.lv, self.model.p.turnover
        pulls = people.exit_pulls(base, squeeze, lv.capacity.upheaval, lv.people.stability, turnover)
        more = self.ask_plugin("leave")
        return self.decide(event, add_pulls(people.exit_pull(pulls), more), pulls, *more)

    def move_leads(self) -> None:
        """Cut capacity (and lose the lead by it); in Q1 from the second year, gain a lead, a committee, a seat."""
        p, lv, now = self.model.p, self.model.lv, self.model.quarter
        capacity = people.management(self.cut, lv.capacity)
        if capacity < self.capacity:
            chance = people.lead_loss_chance(self.capacity - capacity, lv.people, p.leads)
            if self.decide_by_chance(Event.LEAD_LOST, chance):
                self.lose_lead()
        self.capacity = capacity
        if now % 4 or now < 4:
            return
        if self.decide_by_chance(Event.LEAD_GAINS, people.lead_gain_chance(lv.rules, p.leads)):
            if self.aware == 0.0:
                self.aware = 1.0
            else:
                self.seated = 1.0
        if self.decide_by_chance(Event.COMMITTEE_GROWS, p.leads.committee_growth):
            self.committee = people.committee_next(self.committee)
        if self.committee == 1.0:
            self.finance = people.towards_one(self.finance, p.leaders.finance_seat_gain)

    def draw_gap(self) -> None:
        """Draw the year's underlying gap (Q1)."""
        p, u = self.model.p, self.draw(Event.FINANCES)
        first = self.model.quarter == 0
        self.latent = money.first_finances(u) if first else money.next_finances(self.latent, u, p.gap)
        self.gap = money.underlying_gap(self.latent, self.facts.target_z, self.model.lv.pressure, p.gap)

    def receive_support(self) -> None:
        """Receive deficit support for the year (Q1)."""
        p = self.model.p
        self.support = money.support_received(self.gap, self.model.mean_deficit, self.model.lv.pressure, p.gap)
        self.net = self.gap - self.support
        self.speed_luck = programmes.speed_luck(self.draw(Event.COMMIT_SPEED), p.commitment)

    def show_gap(self) -> None:
        """Show the part of the gap that is visible by now; a board off plan has support withheld in Q4."""
        lv, gap, k = self.model.lv.pressure, self.model.p.gap, self.model.quarter % 4
        if k == 3:
            self.net += money.withheld(self.net, self.support, lv, gap)
        self.visible = money.visible_gap(self.net, k, gap)

    def find_acting_leaders(self) -> None:
        """Work out who counts this quarter: leaders in post or interim, lifted by programmes; the lead's agency."""
        p, lv = self.model.p, self.model.lv.people
        who = self.leader
        self.acting_chief = people.acting_chief(who.chief, who.chief_cover, lv, p.turnover)
        self.acting_finance = people.acting_finance(who.finance, who.finance_cover, lv, p.turnover)
        self.acting_committee = max(self.committee, lv.committee)
        self.agency = people.towards_one(people.agency(self.aware, self.seated, p.leads), lv.lead_seat)

    def pool_members(self) -> tuple[float, float, float, float, float]:
        """Relations, agency, know-how, net and visible gap of those this board decides for, weighted by size."""
        if self.merged == 0 or self.model.lv.capacity.reorganise <= 0.0:
            return self.relations, self.agency, self.knowhow, self.net, self.visible
        weight = relations = agency = knowhow = net = visible = 0.0
        for m in self.members:
            w = m.facts.weight
            weight += w
            relations += w * m.relations
            agency += w * m.agency
            knowhow += w * m.knowhow
            net += w * m.net
            visible += w * m.visible
        return relations / weight, agency / weight, knowhow / weight, net / weight, visible / weight

    def weigh(self) -> None:
        """Weigh what kind of board this is and what the rules add."""
        if self.decider is not self:
            return
        p = self.model.p
        relations, agency, knowhow, self.pool_net, self.pool_visible = self.pool_members()
        self.pool_relations, self.pool_agency, self.pool_knowhow = relations, agency, knowhow
        who = Standing(self.acting_chief, self.acting_finance, self.acting_committee, relations, agency)
        self.character_pulls = plans.character_pulls(who, self.custom, p.character)
        self.character = plans.character(self.character_pulls)
        self.rule_pulls = plans.rule_pulls(self.acting_chief, knowhow, self.model.lv.rules, p.fence)
        self.protect_pulls = self.ask_plugin("protect")
        self.fence = add_pulls(plans.rules(self.rule_pulls), self.protect_pulls)

    def decide_plan(self) -> None:
        """Decide what share of the pot to protect, for all members."""
        if self.decider is not self:
            return
        p = self.model.p
        year = self.model.quarter // 4
        more = plans.plan_pulls(self.habit, self.pool_net, year, self.model.lv.pressure, p.plans, p.pressure)
        added = self.ask_plugin("plan")
        pull = add_pulls(plans.plan_pull(self.character, self.fence, more), added)
        u = self.draw(Event.PLAN)
        self.decided = plans.decided_share(pull, u, p.plans)
        reasons = (more, self.character_pulls, self.rule_pulls, *self.protect_pulls, *added)
        self.record(Event.PLAN, reasons, pull, u, self.decided, p.plans.split_width)

    def decide_raid(self) -> None:
        """Decide whether to take money back this quarter, and how much, for all members."""
        self.raid_size = 0.0
        if self.decider is not self or not self.pool_visible > 0.0:
            return
        p = self.model.p
        push = raids.raid_pulls(self.pool_visible, self.model.lv.pressure, p.raids, p.pressure)
        added = self.ask_plugin("raid")
        pull = add_pulls(raids.raid_pull(push, self.character, self.fence), added)
        if self.decide(Event.RAID, pull, push, self.character_pulls, self.rule_pulls, *self.protect_pulls, *added):
            self.raid_size = raids.raid_size(self.draw(Event.RAID_SIZE), p.raids)
