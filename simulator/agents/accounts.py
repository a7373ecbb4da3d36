"""The money of one area: its pot, what happens to it during the year, and the accounts at the year end."""

from __future__ import annotations

from typing import Any

from simulator.agents.plugin_hooks import PluginHooks, add_pulls
from simulator.declarations.draw_ids import Event
from simulator.declarations.output_variables import AREA_VARIABLES
from simulator.engine.decision_trace import log_odds
from simulator.rules import money, peers, people, places, plans, programmes, raids
from simulator.rules.chance import logistic
from simulator.rules.plans import Standing

ROW = tuple(AREA_VARIABLES)


class AreaAccounts(PluginHooks):
    """The part of a board that keeps its area's money; `simulator.agents.board.Board` adds the decisions."""

    model: Any
    facts: Any
    relations: float
    knowhow: float
    custom: float
    capacity: float
    agency: float
    character: float
    decided: float
    raid_size: float
    acting_chief: float
    acting_finance: float
    acting_committee: float
    speed_luck: float
    lasting_uses: tuple[float, ...]
    decider: Any
    index: int
    draw: Any
    record: Any
    decide: Any

    def open_accounts(self) -> None:
        """Set the starting values: nothing carried over, nothing known, every post filled."""
        self.habit = self.latent = self.gap = self.support = self.net = self.visible = 0.0
        self.chief_cover = self.finance_cover = self.merged = self.chief_left = self.post_used = 0
        self.growth = 1.0
        self.carried = self.carried_commitments = self.pilot_value = self.plan_chief = 0.0
        self.verdict: float = programmes.UNEVALUATED
        self.rows: list[tuple[float, ...]] = []

    def open_pot(self) -> None:
        """Open the year's pot in Q1; until a plan is made, all of it is loose."""
        fund = self.model.lv.fund
        if self.model.quarter > 0:
            self.growth *= 1.0 + fund.uplift
        self.funding = self.facts.alloc * self.growth * fund.pot_scale
        self.direct = self.funding * fund.direct_share
        self.pot = self.funding * (1.0 - fund.direct_share) + self.carried
        self.carried_cash = self.carried
        self.protected = self.loose = self.pot
        self.released = self.committed = self.beyond = self.spent = self.beyond_spent = 0.0
        self.raided = self.place_loss = self.rushed = self.lapsed = self.carried = 0.0
        self.raids = [0.0, 0.0, 0.0, 0.0]

    def follow_plan(self) -> None:
        """Apply the deciding board's plan to this area's own money; commitments made earlier partly stay out of it."""
        held = plans.carried_in(self.carried_commitments, self.carried_cash, self.pot)
        self.protected = plans.protected(self.decider.decided, self.pot, held, self.model.p.plans)
        self.released = self.pot - self.protected
        self.beyond = min(self.protected, self.carried_commitments)
        self.loose = self.protected - self.beyond
        self.carried_commitments = 0.0
        self.plan_chief = self.decider.acting_chief

    def commit(self) -> None:
        """Turn a share of loose money into commitments, for this year or beyond it."""
        p = self.model.p.commitment
        pulls = programmes.speed_pulls(
            self.model.fund_speed, self.capacity, self.agency, self.knowhow, self.speed_luck, p
        )
        pull = add_pulls(programmes.speed_pull(pulls), self.ask_plugin("speed"))
        amount = programmes.commit_speed(pull) * self.loose
        beyond = self.model.beyond_share
        self.loose -= amount
        self.beyond += beyond * amount
        self.committed += amount - beyond * amount

    def follow_raid(self) -> None:
        """Give up what the deciding board takes back from this area's own money."""
        size = self.decider.raid_size
        if not size > 0.0:
            return
        t = raids.taking(size, self.loose, self.committed, self.beyond, self.model.p.raids)
        self.loose -= t.loose
        self.committed -= t.committed
        self.beyond -= t.beyond
        self.place_loss += t.place
        total = t.loose + t.committed + t.beyond
        self.raided += total
        self.raids[self.model.quarter % 4] = total

    def spend(self) -> None:
        """Run commitments off evenly over the quarters left."""
        left = 4.0 - self.model.quarter % 4
        this_year = self.committed / left
        multi_year = self.beyond / left
        self.committed -= this_year
        self.beyond -= multi_year
        self.spent += this_year + multi_year
        self.beyond_spent += multi_year

    def imbalance(self) -> float:
        """How far the pounds fail to add up, relative to the pot if it is above £1m."""
        used = (
            self.released
            + self.loose
            + self.committed
            + self.beyond
            + self.spent
            + self.raided
            + self.lapsed
            + self.carried
        )
        return float(abs(self.pot - used) / (self.pot if self.pot > 1.0 else 1.0))

    def close_year(self) -> None:
        """Rush, carry forward and lapse what is loose, then follow what was spent down to the front line."""
        model, p, lv = self.model, self.model.p, self.model.lv
        self.rushed = programmes.rushed(self.loose, lv.fund, p.year_end)
        self.carried = lv.fund.carry_forward * self.loose
        self.lapsed = self.loose - self.rushed - self.carried
        self.loose = 0.0
        self.spent += self.rushed
        used = [u < chance for u, chance in zip(self.lasting_uses, model.use_chances, strict=True)]
        self.staff = places.staff_cost(self.spent, used[4], lv.local, p.places)
        work = self.spent - self.staff
        split = places.split_work(work, used[0], used[1], used[2], used[3], p.uses)
        self.place = places.reached_place(split.devolved, self.place_loss)
        self.capability_spent = split.capability
        pace = places.hurry(self.rushed, self.spent, p.year_end.rush_quality)
        reached = places.front_line(work, self.place, split.capability, model.place_pass, pace, p.places)
        self.front = reached + self.direct
        self.core20 = self.front * places.core20_share(self.facts.core20, lv.local, p.places)
        self.retained = (self.pot - self.released - self.raided) / max(self.pot, 1e-12)
        self.decide_pilot(split.pilots)
        self.decide_offset()

    def decide_pilot(self, paid: float) -> None:
        """Settle the fate of a pilot cohort from an earlier year, start a new one, evaluate what runs."""
        p, local = self.model.p, self.model.lv.local
        self.pilot_fate, self.pilot_known, self.pilot_started = programmes.NO_PILOT, self.verdict, 0.0
        mainstreamed = 0.0
        if self.pilot_value > 0.0:
            self.pilot_fate = self.decide_fate()
            if self.pilot_fate == programmes.MAINSTREAMED:
                mainstreamed = programmes.mainstreamed_value(self.pilot_value, self.spent, p.pilots)
            if self.pilot_fate != programmes.RENEWED:
                self.pilot_value = 0.0
                self.verdict = programmes.UNEVALUATED
        self.carried_commitments = programmes.carried_commitments(self.beyond_spent, mainstreamed, self.spent)
        if paid > 0.0:
            self.verdict = programmes.UNEVALUATED
            if self.pilot_value == 0.0:
                self.pilot_value = paid
                self.pilot_started = 1.0
            pulls = programmes.evaluate_pulls(local, p.pilots)
            if self.decide(Event.EVALUATE, programmes.evaluate_pull(pulls), pulls):
                good = self.draw(Event.GOOD_RESULT) < programmes.good_result_chance(local, p.pilots)
                self.verdict = programmes.FAVOURABLE if good else programmes.UNFAVOURABLE

    def decide_fate(self) -> int:
        """Decide the fate of the running pilot cohort by one draw: mainstreamed, renewed or ended, in that order."""
        p, lv, own = self.model.p, self.model.lv, self.decider.character
        m = programmes.mainstream_pulls(self.verdict, own, lv.local, p.pilots)
        r = programmes.renew_pulls(self.verdict, own, self.net, lv.pressure, p.pilots, p.pressure)
        mainstream = logistic(programmes.pilot_pull(m))
        renew = logistic(programmes.pilot_pull(r))
        u = self.draw(Event.PILOT_FATE)
        fate = programmes.pilot_fate(u, mainstream, renew)
        goes_on = mainstream + (1.0 - mainstream) * renew
        self.record(Event.PILOT_FATE, (r,), log_odds(goes_on), u, 0.0 if fate == programmes.ENDED else 1.0)
        return fate

    def decide_offset(self) -> None:
        """Find how much of what reached the front line only replaced spending that was there before."""
        p, lv, d = self.model.p, self.model.lv, self.decider
        who = Standing(d.acting_chief, d.acting_finance, d.acting_committee, self.relations, self.agency)
        own = plans.character(plans.character_pulls(who, 0.0, p.character))
        squeeze = money.pressure(self.net, lv.pressure, p.pressure)
        pulls = places.offset_pulls(
            self.model.offset_years, squeeze, self.model.label, lv.local.conditions, own, p.offset
        )
        more = self.ask_plugin("offset")
        pull, u = add_pulls(places.offset_pull(pulls), more), self.draw(Event.OFFSET)
        share = places.offset_share(pull, u, p.offset)
        self.record(Event.OFFSET, (pulls, *more), pull, u, share, 0.5 / p.offset.offset_slope)
        self.additional = self.front * (1.0 - share)
        self.write_row()

    def write_row(self) -> None:
        """Record the year in the order of `AREA_VARIABLES`, and reset the counts."""
        retained = (self.pot - self.released - self.raided + self.direct) / max(self.pot + self.direct, 1e-12)
        self.rows.append(
            (
                self.funding,
                self.pot,
                self.direct,
                self.protected,
                self.released,
                *self.raids,
                self.spent,
                self.staff,
                self.rushed,
                self.lapsed,
                self.carried,
                self.place,
                self.front,
                self.core20,
                self.additional,
                retained,
                self.plan_chief,
                self.gap,
                self.net,
                self.chief_left,
                self.post_used,
                self.pilot_fate,
                self.pilot_known,
                self.pilot_started,
            )
        )
        self.chief_left = self.post_used = 0

    def learn(self) -> None:
        """Learn from the year just closed: habit, relations, know-how and custom."""
        self.close_state()
        p, lv = self.model.p, self.model.lv
        pot = max(self.pot, 1e-12)
        self.habit = self.protected / pot - 0.5
        skill = self.capability_spent / pot + lv.local.networks
        lost = (self.raided + self.released) / pot
        self.relations = people.relations_next(self.relations, self.place / pot, skill, lost, lv.people, p.relations)
        self.knowhow = people.knowhow_next(self.knowhow, lv.rules, p.year_end)
        best, neighbour = self.model.best, self.model.region_best[self.facts.region]
        self.custom = peers.custom_next(self.custom, self.retained, neighbour, best, lv.local, p.peers)
