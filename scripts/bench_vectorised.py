"""The same rules over arrays of (futures, boards), as one would write them for NumPy: every branch a mask.

It is here to be measured against (`scripts/bench.py`) and is no part of the package. It covers every stage and every
national measure. Logarithms and exponentials of arrays round differently in the last digits, so its numbers are
the kernel's to about twelve digits, not to the last bit.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from simulator.common.arrays import Floats
from simulator.declarations.draw_ids import EVENTS, Event
from simulator.declarations.levers import to_levers
from simulator.declarations.output_variables import NATIONAL_DTYPE
from simulator.engine.random_table import draw_random_table
from simulator.runs.futures import Futures

TINY = 1e-12
FORGOTTEN = (  # noqa: SIM905 - a word a line would be forty lines
    "protected released committed beyond spent beyond_spent raided raided_q1 raided_q2 raided_q3 raided_q4 "
    "place_loss rushed lapsed carried_cash direct loose pot"
).split()
LASTING = (  # noqa: SIM905 - a word a line would be forty lines
    "habit latent gap support net visible chief_cover finance_cover chief_left post_used carried "
    "carried_commitments pilot_value plan_chief verdict growth funding"
).split()


def draws(futures: Futures, boards: int, quarters: int) -> Floats:
    """All luck of these futures: array (quarters, events, futures, boards). It is made before the clock starts."""
    made = [draw_random_table(futures.seed, int(run), boards, quarters, EVENTS) for run in futures.runs]
    return np.ascontiguousarray(np.stack(made).transpose(1, 3, 0, 2))


def logit(u: Any) -> Any:
    """Log-odds of a probability."""
    return np.log(u / (1.0 - u))


def logistic(x: Any) -> Any:
    """A probability from log-odds."""
    return 1.0 / (1.0 + np.exp(-np.maximum(x, -700.0)))


def bell(u: Any) -> Any:
    """A logistic curve with mean 0 and standard deviation 1."""
    return logit(u) * 0.5513288954217921


def share(u: Any, middle: Any, spread: Any) -> Any:
    """A share around a middle, with a spread in log-odds."""
    return logistic(logit(np.clip(middle, 1e-6, 1.0 - 1e-6)) + spread * logit(u))


def geometric(u: Any, mean: Any) -> Any:
    """A number of quarters, 1 or more, with this mean."""
    kept = 1.0 - 1.0 / np.maximum(mean, 1.0001)
    return np.where(mean <= 1.0001, 1.0, 1.0 + np.floor(np.log(1.0 - u) / np.log(kept)))


def positive(x: Any) -> Any:
    """What is above 0."""
    return np.maximum(x, 0.0)


def grouped(points: Any) -> Any:
    """Parameters by group, each (futures, 1)."""
    names = points.dtype.names
    return SimpleNamespace(
        **{
            group: SimpleNamespace(**{name: points[group][name][:, None] for name in points[group].dtype.names})
            for group in names
        }
    )


class Vectorised:
    """Many futures of all boards at once. `run` gives national records (futures, years)."""

    def __init__(self, points: Any, schedule: Any, areas: Any, luck: Floats, first_plan: int = 1) -> None:
        self.p, self.areas, self.luck, self.first_plan = grouped(points), areas, luck, first_plan
        self.schedule = [to_levers(quarter) for quarter in schedule]
        self.shape = (len(points), len(areas))
        self.merged = np.zeros(len(areas), bool)
        self.nation = np.zeros((len(points), len(schedule) // 4), NATIONAL_DTYPE)
        self.s: Any = SimpleNamespace(**{name: np.zeros(self.shape) for name in (*FORGOTTEN, *LASTING)})
        self.s.growth += 1.0

    def run(self) -> Any:
        """All quarters in order; the stages as in `simulator/agents/model.py`."""
        for q, lv in enumerate(self.schedule):
            self.q, self.lv, self.u = q, lv, self.luck[q]
            if q == 0:
                self.start()
            for stage in (self.merge, self.assign, self.move_leaders, self.move_leads, self.finance, self.weigh):
                stage()
            if q % 4 == 0:
                self.open_pot()
            if q == self.first_plan or (q % 4 == 0 and q > self.first_plan):
                self.plan()
            if q >= self.first_plan:
                before = self.p.raids.raid_first > 0.0
                self.raid(before)
                self.commit()
                self.raid(~before)
                self.spend()
            if q % 4 == 3:
                self.close_year()
                self.learn()
        return self.nation

    def start(self) -> None:
        s, p, u = self.s, self.p, self.u
        s.chief = share(u[Event.CHIEF_START], p.leaders.leader_middle, p.leaders.leader_spread)
        s.finance = self.director(u[Event.FINANCE_START])
        start, leads = u[Event.COMMITTEE_START], p.leads
        paper = np.where(start < leads.committee_full + leads.committee_paper, 0.5, 0.0)
        s.committee = np.where(start < leads.committee_full, 1.0, paper)
        knows = logistic(leads.aware_base + leads.aware_naming * self.lv.rules.named)
        s.aware = (u[Event.AWARE_START] < knows) * 1.0
        s.seated = (u[Event.SEATED_START] < leads.seat_start) * 1.0
        s.relations = share(u[Event.RELATIONS_START], p.relations.relations_start, p.relations.relations_spread)
        s.knowhow = np.zeros(self.shape) + p.year_end.knowhow_start
        s.custom = p.character.custom_spread * bell(u[Event.CUSTOM_START])
        s.capacity = np.ones(self.shape)
        s.cut = share(u[Event.CUT_SIZE], p.management.cut_2025, p.management.cut_spread)
        self.uses = {
            name: u[Event[f"USE_{name.upper()}"]].copy()
            for name in ("interventions", "devolved", "capability", "pilots", "staff")
        }

    def director(self, u: Any) -> Any:
        own = self.p.leaders
        drawn = share(u, own.finance_middle, own.finance_spread)
        return own.finance_follow * self.s.chief + (1.0 - own.finance_follow) * drawn

    def merge(self) -> None:
        s, p, areas = self.s, self.p, self.areas
        if self.lv.capacity.reorganise <= 0.0:
            return
        for h in range(len(areas)):
            if areas["head"][h] != h or areas["merge_q"][h] > self.q or self.merged[h]:
                continue
            members = np.flatnonzero(areas["head"] == h)
            weight = areas["weight"][members]
            s.custom[:, h] = (s.custom[:, members] * weight).sum(1) / weight.sum()
            s.committee[:, h] = s.committee[:, members].min(1)
            s.relations[:, members] *= 1.0 - p.relations.exit_relations
            others = members[members != h]
            kept = self.u[Event.LEAD_LOST][:, others] >= p.leads.lead_loss
            s.aware[:, others] *= kept
            s.seated[:, others] *= kept
            self.merged[members] = True

    def assign(self) -> None:
        on, own = self.lv.capacity.reorganise > 0.0, np.arange(len(self.areas))
        self.leader = np.where(on & (self.q >= self.areas["share_q"]), self.areas["head"], own)
        self.decider = np.where(on & self.merged, self.areas["head"], own)
        self.s.post_used[:, self.leader == own] = 1.0

    def pressure(self, gap: Any) -> Any:
        p, lv = self.p.pressure, self.lv.pressure
        felt = np.where(
            p.pressure_threshold > 0.0, np.where(gap > p.threshold_line, p.threshold_level, 0.0), positive(gap)
        )
        return lv.finance_grip * (1.0 - p.alignment_relief * lv.alignment) * felt

    def move_leaders(self) -> None:
        s, p, u, lv, q = self.s, self.p, self.u, self.lv, self.q
        squeeze = self.pressure(s.visible)
        push = p.turnover.exit_pressure * (squeeze - p.turnover.exit_normal_pressure)
        rest = p.turnover.exit_merger * lv.capacity.upheaval
        calm = -p.turnover.exit_stability * lv.people.stability
        mean = 1.0 + (p.turnover.interim_quarters - 1.0) * (1.0 - lv.people.stability)
        for post, base in (("chief", p.turnover.chief_exit), ("finance", p.turnover.finance_exit)):
            event = post.upper()
            cover = getattr(s, f"{post}_cover")
            covered = cover > 0
            left = cover - covered
            came, next_one = covered & (left == 0), u[Event[f"{event}_NEXT"]]
            if post == "chief":
                carry, drawn = p.leaders.leader_carry, share(next_one, p.leaders.leader_middle, p.leaders.leader_spread)
                new = carry * s.chief + (1.0 - carry) * drawn
            else:
                new = self.director(next_one)
            setattr(s, post, np.where(came, new, getattr(s, post)))
            goes = ~covered & (q > 0) & (u[Event[f"{event}_LEAVES"]] < logistic(base + push + rest + calm))
            setattr(s, f"{post}_cover", np.where(goes, geometric(u[Event[f"{event}_COVER"]], mean), left))
            if post == "chief":
                loss = p.relations.exit_relations * (1.0 - p.relations.relations_stability * lv.people.stability)
                s.relations = np.where(goes, s.relations * (1.0 - loss), s.relations)
                s.chief_left = np.maximum(s.chief_left, goes & (self.leader == np.arange(len(self.areas))))

    def move_leads(self) -> None:
        s, p, u, lv = self.s, self.p, self.u, self.lv
        leads = p.leads
        capacity = lv.capacity.capacity * (1.0 - lv.capacity.cut * s.cut)
        drop = s.capacity - capacity
        risk = leads.lead_loss * leads.lead_loss_scale * drop * (1.0 - leads.lead_loss_seat * lv.people.lead_seat)
        kept = ~((drop > 0.0) & (u[Event.LEAD_LOST] < risk))
        s.aware, s.seated, s.capacity = s.aware * kept, s.seated * kept, capacity
        if self.q % 4 or self.q < 4:
            return
        chance = leads.lead_gain * (leads.lead_gain_unnamed + (1.0 - leads.lead_gain_unnamed) * lv.rules.named)
        gains, knew = u[Event.LEAD_GAINS] < chance, s.aware > 0.0
        s.aware, s.seated = np.where(gains & ~knew, 1.0, s.aware), np.where(gains & knew, 1.0, s.seated)
        grows = u[Event.COMMITTEE_GROWS] < leads.committee_growth
        s.committee = np.where(grows, np.minimum(s.committee + 0.5, 1.0), s.committee)
        s.finance = np.where(s.committee == 1.0, s.finance + p.leaders.finance_seat_gain * (1.0 - s.finance), s.finance)

    def finance(self) -> None:
        s, p, u, lv, k = self.s, self.p, self.u, self.lv.pressure, self.q % 4
        gap = p.gap
        if k == 0:
            news = bell(u[Event.FINANCES])
            kept = gap.gap_memory
            s.latent = news if self.q == 0 else kept * s.latent + np.sqrt(1.0 - kept * kept) * news
            own = np.sqrt(1.0 - gap.gap_target_pull * gap.gap_target_pull) * s.latent
            middle = lv.gap_mean + gap.gap_level
            s.gap = middle + gap.gap_spread * (gap.gap_target_pull * self.areas["target_z"] + own)
            weight = self.areas["weight"]
            mean = (positive(s.gap) * weight).sum(1, keepdims=True) / weight.sum()
            reach = gap.support_reach
            support = lv.support * ((1.0 - reach) + reach * positive(s.gap) / np.maximum(mean, 1e-9))
            s.support = np.where(s.gap > 0.0, np.minimum(support, s.gap), support)
            s.net = s.gap - s.support
            s.speed_luck = p.commitment.commit_noise * bell(u[Event.COMMIT_SPEED])
        if k == 3 and lv.support_conditional > 0.0:
            off_plan = (s.net > gap.off_plan_line) & (s.support > 0.0)
            s.net = s.net + np.where(off_plan, gap.withheld_support * s.support, 0.0)
        seen = (gap.seen_q1, gap.seen_q2, gap.seen_q3, 1.0)[k]
        s.visible = s.net * seen + (gap.slip if k in (1, 2) else 0.0)

    def pooled(self, x: Any) -> Any:
        """Means over members, weighted by size, where boards have merged."""
        if self.lv.capacity.reorganise <= 0.0 or not self.merged.any():
            return x
        made = x.copy()
        for h in np.unique(self.areas["head"][self.merged]):
            members = np.flatnonzero((self.areas["head"] == h) & self.merged)
            weight = self.areas["weight"][members]
            made[:, h] = (x[:, members] * weight).sum(1) / weight.sum()
        return made

    def standing(self, chief: Any, finance: Any, committee: Any, relations: Any, agency: Any) -> Any:
        c = self.p.character
        return (
            c.pull_chief * (chief - 0.5)
            + c.pull_finance * (finance - 0.5)
            - c.veto * c.veto_slope * positive(c.veto_line - finance)
            + c.pull_committee * (committee - 0.5)
            + c.pull_relations * (relations - 0.5)
            + c.pull_lead * (agency - 0.5)
            + np.where(agency <= 0.0, -c.unaware, 0.0)
        )

    def weigh(self) -> None:
        s, p, lv = self.s, self.p, self.lv
        who, t, people = self.leader, p.turnover, lv.people
        kept = t.interim_strength + (1.0 - t.interim_strength) * t.interim_stability * people.stability
        chief = np.where(s.chief_cover[:, who] > 0, s.chief[:, who] * kept, s.chief[:, who])
        finance = s.finance[:, who] * np.where(s.finance_cover[:, who] > 0, t.interim_strength, 1.0)
        s.acting_chief = chief + people.leader_lift * (1.0 - chief)
        s.acting_finance = finance + people.finance_lift * (1.0 - finance)
        s.acting_committee = np.maximum(s.committee, people.committee)
        agency = s.aware * (p.leads.aware_only + (1.0 - p.leads.aware_only) * s.seated)
        s.agency = agency + people.lead_seat * (1.0 - agency)
        pool = [self.pooled(x) for x in (s.relations, s.agency, s.knowhow, s.net, s.visible)]
        relations, agency, knowhow, self.pool_net, self.pool_visible = pool
        own = self.standing(s.acting_chief, s.acting_finance, s.acting_committee, relations, agency)
        self.character = own + s.custom
        r, f = lv.rules, p.fence
        leaders = positive(1.0 + 2.0 * f.ring_leader_mix * (s.acting_chief - 0.5))
        self.label = r.ringfence * (f.enforcement_start + (1.0 - f.enforcement_start) * r.audit)
        fence = self.label * (1.0 - r.waiver * r.waivable)
        signals = f.pull_oversight * r.oversight + f.pull_strategy * r.strategy + f.pull_gateway * r.gateway
        named = f.pull_scrutiny * r.named * knowhow
        self.fence = f.pull_ringfence * fence * leaders + named + signals + f.pull_principles * r.principles

    def open_pot(self) -> None:
        s, fund = self.s, self.lv.fund
        if self.q > 0:
            s.growth = s.growth * (1.0 + fund.uplift)
        funding, carried = self.areas["alloc"] * s.growth * fund.pot_scale, s.carried
        for name in FORGOTTEN:
            setattr(s, name, np.zeros(self.shape))
        s.funding, s.direct, s.carried_cash = funding, funding * fund.direct_share, carried
        s.pot = funding * (1.0 - fund.direct_share) + carried
        s.protected, s.loose, s.carried = s.pot.copy(), s.pot.copy(), np.zeros(self.shape)

    def plan(self) -> None:
        s, p, lv = self.s, self.p, self.lv.pressure
        force = p.pressure
        grip = lv.finance_grip * (1.0 - force.alignment_relief * lv.alignment)
        squeeze = -force.pull_pressure * self.pressure(force.foresight * self.pool_net)
        ask = -force.pull_pressure * grip * force.ask_bite * (lv.savings_ask - force.ask_normal)
        pull = p.plans.plan_base + self.character + self.fence + p.plans.habit * s.habit + squeeze + ask
        decided = np.clip(0.5 + 0.5 * (pull + logit(self.u[Event.PLAN])) / p.plans.split_width, 0.0, 1.0)
        decided = decided[:, self.decider]
        held = np.minimum(s.carried_commitments + s.carried_cash, s.pot)
        s.protected = decided * s.pot + (1.0 - decided) * p.plans.firmness * held
        s.released = s.pot - s.protected
        s.beyond = np.minimum(s.protected, s.carried_commitments)
        s.loose = s.protected - s.beyond
        s.carried_commitments = np.zeros(self.shape)
        s.plan_chief = s.acting_chief[:, self.decider]

    def commit(self) -> None:
        s, c, fund = self.s, self.p.commitment, self.lv.fund
        pace = logit(c.commit_middle) + c.commit_plan * (fund.forward_plan - 1.0) + c.commit_early * fund.early_release
        pull = pace + c.commit_capacity * (s.capacity - 1.0) + c.commit_lead * (s.agency - 0.5)
        amount = logistic(pull + c.commit_knowhow * (s.knowhow - c.knowhow_centre) + s.speed_luck) * s.loose
        allowed = np.maximum(fund.recurrent, c.multi_unfunded * fund.multi_year)
        beyond = logistic(logit(c.multi_share) + c.multi_permit * fund.multi_year) * allowed
        s.loose = s.loose - amount
        s.beyond = s.beyond + beyond * amount
        s.committed = s.committed + (amount - beyond * amount)

    def raid(self, now: Any) -> None:
        if not now.any():
            return
        s, r, lv = self.s, self.p.raids, self.lv.pressure
        push = r.raid_base + self.p.pressure.pull_pressure * self.pressure(self.pool_visible)
        push = push + r.pull_letter * lv.letter * (1.0 - lv.letter_guard)
        happens = self.u[Event.RAID] < logistic(push - self.character - self.fence)
        size = share(self.u[Event.RAID_SIZE], r.raid_take, r.raid_take_spread)
        size = np.where(happens & (self.pool_visible > 0.0) & now, size, 0.0)[:, self.decider]
        safe = r.place_safe > 0.0
        reach = size * r.reach_committed * np.where(safe, r.safe_reach, 1.0)
        loose, committed, beyond = size * s.loose, reach * s.committed, reach * r.reach_multiyear * s.beyond
        s.loose, s.committed, s.beyond = s.loose - loose, s.committed - committed, s.beyond - beyond
        s.place_loss = s.place_loss + np.where(safe, 0.0, r.place_exposed) * (committed + beyond)
        total = loose + committed + beyond
        s.raided = s.raided + total
        name = f"raided_q{self.q % 4 + 1}"
        setattr(s, name, getattr(s, name) + total)

    def spend(self) -> None:
        s, left = self.s, 4.0 - self.q % 4
        this_year, multi_year = s.committed / left, s.beyond / left
        s.committed, s.beyond = s.committed - this_year, s.beyond - multi_year
        s.spent = s.spent + this_year + multi_year
        s.beyond_spent = s.beyond_spent + multi_year

    def close_year(self) -> None:
        s, p, local = self.s, self.p, self.lv.local
        carry = self.lv.fund.carry_forward
        s.rushed, s.carried = p.year_end.rush_share * (1.0 - carry) * s.loose, carry * s.loose
        s.lapsed, s.loose = s.loose - s.rushed - s.carried, np.zeros(self.shape)
        s.spent = s.spent + s.rushed
        x = p.uses
        chances = {
            "interventions": x.use_interventions,
            "staff": x.use_staff,
            "devolved": logistic(logit(x.use_devolved) + x.devolve_effect * local.devolve),
            "capability": logistic(logit(x.use_capability) + x.networks_effect * local.networks),
            "pilots": logistic(logit(x.use_pilots) - x.contracts_effect * local.long_contracts),
        }
        used = {name: self.uses[name] < chance for name, chance in chances.items()}
        costs = np.minimum(p.places.staff_most, p.places.staff_share * local.central_staff) * s.spent
        s.staff = np.where(used["staff"], costs, 0.0)
        work = s.spent - s.staff
        none = ~(used["devolved"] | used["capability"] | used["pilots"])
        parts = {
            "interventions": x.weight_interventions * (used["interventions"] | none),
            "devolved": x.devolved_weight * used["devolved"],
            "capability": x.weight_capability * used["capability"],
            "pilots": x.weight_pilots * used["pilots"],
        }
        unit = work / sum(parts.values())
        s.place = positive(parts["devolved"] * unit - s.place_loss)
        s.capability_spent = parts["capability"] * unit
        spent = np.where(s.spent > 0.0, s.spent, 1.0)
        pace = np.where(s.spent > 0.0, 1.0 - (1.0 - p.year_end.rush_quality) * s.rushed / spent, 1.0)
        passes = logistic(logit(p.places.pass_place) + p.places.access_effect * (local.access - p.places.access_centre))
        central = work - s.place - p.places.capability_front * s.capability_spent
        s.front = (passes * s.place + p.places.pass_centre * central) * pace + s.direct
        tilted = np.minimum(p.places.core20_most, self.areas["core20"] * p.places.core20_tilt)
        ruled = np.where(tilted < p.places.core20_rule, tilted + (p.places.core20_rule - tilted) * local.core20, tilted)
        s.core20 = s.front * ruled
        self.pilots(parts["pilots"] * unit)
        self.offset()
        self.count()

    def pilots(self, paid: Any) -> None:
        s, x, u, local = self.s, self.p.pilots, self.u, self.lv.local
        self.known = s.verdict.copy()
        own = self.character[:, self.decider]
        weight = np.where(s.verdict == 0.0, 0.0, np.where(s.verdict == 1.0, 1.0, -x.evidence_against))
        main = logistic(
            x.mainstream_base + x.renew_evidence * weight + x.mainstream_route * local.route + x.pilot_character * own
        )
        squeeze = -x.pilot_pressure * self.p.pressure.pull_pressure * self.pressure(s.net)
        renew = logistic(x.renew_base + x.renew_evidence * weight + x.pilot_character * own + squeeze)
        luck = u[Event.PILOT_FATE]
        fate = np.where(luck < main, 3.0, np.where(luck < main + (1.0 - main) * renew, 2.0, 1.0))
        self.fate = np.where(s.pilot_value > 0.0, fate, 0.0)
        kept = np.where(self.fate == 3.0, np.minimum(s.pilot_value, x.mainstream_most * s.spent), 0.0)
        over = (self.fate == 3.0) | (self.fate == 1.0)
        s.pilot_value, s.verdict = np.where(over, 0.0, s.pilot_value), np.where(over, 0.0, s.verdict)
        s.carried_commitments = np.minimum(s.beyond_spent + kept, s.spent)
        self.started = (paid > 0.0) & (s.pilot_value == 0.0)
        s.pilot_value = np.where(self.started, paid, s.pilot_value)
        looks = (paid > 0.0) & (u[Event.EVALUATE] < logistic(x.evaluate_base + x.evaluate_setaside * local.evaluation))
        good = u[Event.GOOD_RESULT] < 1.0 - x.false_negative * (1.0 - x.evaluation_relief * local.evaluation)
        s.verdict = np.where(paid > 0.0, np.where(looks, np.where(good, 1.0, 2.0), 0.0), s.verdict)

    def offset(self) -> None:
        s, o, d = self.s, self.p.offset, self.decider
        years = o.offset_growth * (1.0 - np.exp(-(self.q // 4 + 1.0) / o.offset_years))
        own = self.standing(
            s.acting_chief[:, d], s.acting_finance[:, d], s.acting_committee[:, d], s.relations, s.agency
        )
        pull = o.offset_base + years + o.offset_pressure * self.pressure(s.net) + o.offset_label * self.label
        pull = pull - o.offset_conditions * self.lv.local.conditions - o.offset_character * own
        share_ = np.clip(0.5 + o.offset_slope * (pull + logit(self.u[Event.OFFSET])), 0.0, 1.0)
        s.additional = s.front * (1.0 - share_)

    def count(self) -> None:
        """The national row of the year."""
        s, out, n, areas = self.s, self.nation[:, self.q // 4], len(self.areas), self.areas
        kept = (s.pot - s.released - s.raided + s.direct) / np.maximum(s.pot + s.direct, TINY)
        s.retained = (s.pot - s.released - s.raided) / np.maximum(s.pot, TINY)
        s.pilot_started = self.started
        for name in (
            "funding",
            "pot",
            "direct",
            "protected",
            "released",
            "raided_q1",
            "raided_q2",
            "raided_q3",
            "raided_q4",
            "spent",
            "staff",
            "rushed",
            "lapsed",
            "carried",
            "place",
            "front",
            "core20",
            "additional",
            "chief_left",
            "post_used",
            "pilot_started",
        ):
            out[name] = getattr(s, name).sum(1)
        out["boards"] = n
        out["retained_low"], out["retained_high"] = np.quantile(kept, (0.1, 0.9), axis=1)
        funding = np.maximum(s.funding, TINY) * n
        out["retained_mean"], out["spent_mean"] = kept.mean(1), ((s.spent + s.direct) / funding).sum(1)
        for name in ("place", "front", "additional"):
            out[f"{name}_mean"] = (getattr(s, name) / funding).sum(1)
        out["kept_in_full"], out["kept_none"] = (kept >= 0.95).sum(1), (kept <= 0.05).sum(1)
        out["retained_deprived"] = kept[:, areas["third"] == 2].mean(1)
        out["retained_affluent"] = kept[:, areas["third"] == 0].mean(1)
        weight = areas["weight"] / areas["weight"].sum()
        for name, gap in (("", s.net), ("_before", s.gap)):
            out[f"deficits{name}"], out[f"deficit{name}"] = (gap > 0.0).sum(1), (weight * positive(gap)).sum(1)
        for number, name in ((1.0, "ended"), (2.0, "renewed"), (3.0, "mainstreamed")):
            out[f"pilots_{name}"] = (self.fate == number).sum(1)
        decided = (self.fate > 0.0) & (self.known > 0.0)
        out["decided_evaluated"], out["kept_evaluated"] = decided.sum(1), (decided & (self.fate > 1.0)).sum(1)
        s.chief_left, s.post_used = np.zeros(self.shape), np.zeros(self.shape)

    def learn(self) -> None:
        s, p, lv, n = self.s, self.p, self.lv, len(self.areas)
        line = np.sort(s.retained, axis=1)[:, (3 * n) // 4, None]
        top = s.retained >= line
        best = (s.retained * top).sum(1, keepdims=True) / top.sum(1, keepdims=True)
        near = np.zeros(self.shape)
        for region in np.unique(self.areas["region"]):
            here = self.areas["region"] == region
            near[:, here] = positive(s.retained[:, here].max(1, keepdims=True))
        pot, r = np.maximum(s.pot, TINY), p.relations
        s.habit = s.protected / pot - 0.5
        gain = r.relations_place * (s.place / pot) + r.relations_skill * (s.capability_spent / pot + lv.local.networks)
        gain = gain + r.relations_invest * lv.people.relations
        harm = r.relations_release * r.relations_raid * ((s.raided + s.released) / pot)
        s.relations = np.clip(
            s.relations + gain - harm - r.relations_fade * (s.relations - r.relations_start), 0.0, 1.0
        )
        unnamed = p.year_end.knowhow_unnamed
        pace = p.year_end.knowhow_gain * (unnamed + (1.0 - unnamed) * lv.rules.named)
        s.knowhow = s.knowhow + pace * (1.0 - s.knowhow)
        example = p.peers.peer_region * near + (1.0 - p.peers.peer_region) * best
        s.custom = s.custom + p.peers.peer_pull * lv.local.peers * positive(example - s.retained)
