"""People: who leads, who leaves, who covers, and what becomes of leads, committees and relations."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from simulator.rules.chance import clip, geometric, share

if TYPE_CHECKING:
    from simulator.declarations.levers import CapacityLevers, PeopleLevers, RuleLevers
    from simulator.declarations.parameters import Leaders, Leads, Management, Relations, Turnover, YearEnd


class ExitPulls(NamedTuple):
    """What pushes a leader out, in log-odds per quarter."""

    base: float
    pressure: float
    upheaval: float
    stability: float


class AwarePulls(NamedTuple):
    """What makes a lead know of the fund, in log-odds."""

    base: float
    naming: float


def chief_strength(u: float, p: Leaders) -> float:
    """Draws a chief from the pool."""
    return share(u, p.leader_middle, p.leader_spread)


def next_chief(u: float, leaver: float, p: Leaders) -> float:
    """Appoints a successor who keeps part of the leaver's line."""
    return p.leader_carry * leaver + (1.0 - p.leader_carry) * chief_strength(u, p)


def finance_support(u: float, chief: float, p: Leaders) -> float:
    """Appoints a finance director who partly follows the chief."""
    return p.finance_follow * chief + (1.0 - p.finance_follow) * share(u, p.finance_middle, p.finance_spread)


def committee_start(u: float, p: Leads) -> float:
    """Sets up a committee: active (1), one that receives papers (1/2), or none."""
    if u < p.committee_full:
        return 1.0
    return 0.5 if u < p.committee_full + p.committee_paper else 0.0


def aware_pulls(lv: RuleLevers, p: Leads) -> AwarePulls:
    """Weighs whether a lead knows of the fund at the start; naming amounts helps."""
    return AwarePulls(p.aware_base, p.aware_naming * lv.named)


def aware_pull(a: AwarePulls) -> float:
    """Totals the pulls towards knowing."""
    return a.base + a.naming


def agency(aware: float, seated: float, p: Leads) -> float:
    """Gives the lead's agency: none unless aware, full with a seat in financial decisions."""
    return aware * (p.aware_only + (1.0 - p.aware_only) * seated)


def towards_one(level: float, lift: float) -> float:
    """Closes part of the gap to 1."""
    return level + lift * (1.0 - level)


def acting_chief(chief: float, covered: int, lv: PeopleLevers, p: Turnover) -> float:
    """Gives the chief's strength in decisions: weaker under an interim, lifted by a leadership programme."""
    if covered > 0:
        kept = p.interim_strength + (1.0 - p.interim_strength) * p.interim_stability * lv.stability
        return towards_one(chief * kept, lv.leader_lift)
    return towards_one(chief, lv.leader_lift)


def acting_finance(finance: float, covered: int, lv: PeopleLevers, p: Turnover) -> float:
    """Gives the finance director's support in decisions: weaker under an interim, lifted by engagement."""
    kept = p.interim_strength if covered > 0 else 1.0
    return towards_one(finance * kept, lv.finance_lift)


def exit_pulls(base: float, pressure: float, upheaval: float, stability: float, p: Turnover) -> ExitPulls:
    """Weighs last quarter's pressure, reorganisation and handover rules in a leader's going."""
    return ExitPulls(
        base,
        p.exit_pressure * (pressure - p.exit_normal_pressure),
        p.exit_merger * upheaval,
        -p.exit_stability * stability,
    )


def exit_pull(e: ExitPulls) -> float:
    """Totals the pulls towards leaving."""
    return e.base + e.pressure + e.upheaval + e.stability


def cover_length(u: float, lv: PeopleLevers, p: Turnover) -> int:
    """Draws how many quarters an interim covers; handover rules shorten it."""
    return geometric(u, 1.0 + (p.interim_quarters - 1.0) * (1.0 - lv.stability))


def relations_start(u: float, p: Relations) -> float:
    """Draws the relations that a board begins with."""
    return share(u, p.relations_start, p.relations_spread)


def relations_after_exit(relations: float, lv: PeopleLevers, p: Relations) -> float:
    """Loses some relations with a chief, less under handover rules."""
    return relations * (1.0 - p.exit_relations * (1.0 - p.relations_stability * lv.stability))


def relations_after_merger(relations: float, p: Relations) -> float:
    """Loses some relations when boards merge."""
    return relations * (1.0 - p.exit_relations)


def cut_size(u: float, p: Management) -> float:
    """Draws the share of management that the 2025/26 cut removes from this area."""
    return share(u, p.cut_2025, p.cut_spread)


def management(cut: float, lv: CapacityLevers) -> float:
    """Says how much management capacity is left."""
    return lv.capacity * (1.0 - lv.cut * cut)


def lead_loss_chance(drop: float, lv: PeopleLevers, p: Leads) -> float:
    """Risks the lead when capacity drops, less where the seat is protected."""
    return p.lead_loss * p.lead_loss_scale * drop * (1.0 - p.lead_loss_seat * lv.lead_seat)


def lead_gain_chance(lv: RuleLevers, p: Leads) -> float:
    """Gives a lead the missing half (awareness, then a seat) with this chance a year."""
    return p.lead_gain * (p.lead_gain_unnamed + (1.0 - p.lead_gain_unnamed) * lv.named)


def committee_next(committee: float) -> float:
    """Moves a committee one step up, to at most active."""
    return min(committee + 0.5, 1.0)


def relations_next(relations: float, place: float, skill: float, lost: float, lv: PeopleLevers, p: Relations) -> float:
    """Builds relations by shared spending and investment; money withdrawn harms them, and they drift to the middle."""
    gain = p.relations_place * place + p.relations_skill * skill + p.relations_invest * lv.relations
    harm = p.relations_release * p.relations_raid * lost
    return clip(relations + gain - harm - p.relations_fade * (relations - p.relations_start), 0.0, 1.0)


def knowhow_next(knowhow: float, lv: RuleLevers, p: YearEnd) -> float:
    """Grows familiar with the fund, sooner where amounts are named."""
    pace = p.knowhow_gain * (p.knowhow_unnamed + (1.0 - p.knowhow_unnamed) * lv.named)
    return knowhow + pace * (1.0 - knowhow)
