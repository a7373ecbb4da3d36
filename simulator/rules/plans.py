"""Plans: what a board is like, what the rules add, and how much of the fund it sets aside for its purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from simulator.rules.chance import bell, clip, logit, positive
from simulator.rules.money import foreseen, grip, pressure

if TYPE_CHECKING:
    from simulator.declarations.levers import PressureLevers, RuleLevers
    from simulator.declarations.parameters import Character, Fence, Plans, Pressure


class Standing(NamedTuple):
    """Who decides, as it counts in decisions this quarter: each from 0 to 1."""

    chief: float
    finance: float
    committee: float
    relations: float
    lead: float


class CharacterPulls(NamedTuple):
    """What kind of board it is, in log-odds towards protecting the money."""

    chief: float
    finance: float
    veto: float
    committee: float
    relations: float
    lead: float
    unaware: float
    custom: float


class RulePulls(NamedTuple):
    """What rules and national signals add, in log-odds towards protecting the money."""

    ringfence: float
    scrutiny: float
    oversight: float
    strategy: float
    gateway: float
    principles: float


class PlanPulls(NamedTuple):
    """What else weighs when the plan is made, in log-odds towards protecting the money."""

    base: float
    habit: float
    pressure: float
    savings_ask: float


def custom_start(u: float, p: Character) -> float:
    """Draws a board's lasting taste for protection, in log-odds."""
    return p.custom_spread * bell(u)


def character_pulls(who: Standing, custom: float, p: Character) -> CharacterPulls:
    """Weighs who is there and custom; a finance director below the veto line blocks, an unaware lead cannot plead."""
    return CharacterPulls(
        p.pull_chief * (who.chief - 0.5),
        p.pull_finance * (who.finance - 0.5),
        -p.veto * p.veto_slope * positive(p.veto_line - who.finance),
        p.pull_committee * (who.committee - 0.5),
        p.pull_relations * (who.relations - 0.5),
        p.pull_lead * (who.lead - 0.5),
        -p.unaware if who.lead <= 0.0 else 0.0,
        custom,
    )


def character(c: CharacterPulls) -> float:
    """Totals the pulls of character."""
    return c.chief + c.finance + c.veto + c.committee + c.relations + c.lead + c.unaware + c.custom


def enforcement(lv: RuleLevers, p: Fence) -> float:
    """Says how firmly the fence is enforced: as in 2022/23, and more where it is audited."""
    return p.enforcement_start + (1.0 - p.enforcement_start) * lv.audit


def rule_pulls(chief: float, knowhow: float, lv: RuleLevers, p: Fence) -> RulePulls:
    """Makes a fence of label, enforcement and waiver, and adds scrutiny and national signals."""
    leaders = positive(1.0 + 2.0 * p.ring_leader_mix * (chief - 0.5))
    fence = lv.ringfence * enforcement(lv, p) * (1.0 - lv.waiver * lv.waivable)
    return RulePulls(
        p.pull_ringfence * fence * leaders,
        p.pull_scrutiny * lv.named * knowhow,
        p.pull_oversight * lv.oversight,
        p.pull_strategy * lv.strategy,
        p.pull_gateway * lv.gateway,
        p.pull_principles * lv.principles,
    )


def rules(r: RulePulls) -> float:
    """Totals the pulls of the rules."""
    return r.ringfence + r.scrutiny + r.oversight + r.strategy + r.gateway + r.principles


def plan_pulls(habit: float, net: float, year: int, lv: PressureLevers, p: Plans, force: Pressure) -> PlanPulls:
    """Weighs habit against the part of the year's gap that is foreseen and the savings asked for."""
    return PlanPulls(
        p.plan_base,
        p.habit * habit,
        -force.pull_pressure * pressure(foreseen(year, force) * net, lv, force),
        -force.pull_pressure * grip(lv, force) * force.ask_bite * (lv.savings_ask - force.ask_normal),
    )


def plan_pull(own: float, fence: float, more: PlanPulls) -> float:
    """Totals character, rules and the rest for the plan."""
    return more.base + own + fence + more.habit + more.pressure + more.savings_ask


def decided_share(pull: float, u: float, p: Plans) -> float:
    """Decides what share to protect: all, nothing, or a split in a zone around indifference."""
    return clip(0.5 + 0.5 * (pull + logit(u)) / p.split_width, 0.0, 1.0)


def protected(decided: float, pot: float, held: float, p: Plans) -> float:
    """Protects the decided share, and a firm part of what was already promised (all in £m)."""
    return decided * pot + (1.0 - decided) * p.firmness * held


def carried_in(commitments: float, cash: float, pot: float) -> float:
    """Counts what a new plan finds already promised: commitments and cash carried over, at most the pot (£m)."""
    return min(commitments + cash, pot)
