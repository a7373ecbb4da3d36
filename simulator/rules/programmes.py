"""Programmes: committing money, running it off, the year end, and the fate of pilots."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from simulator.rules.chance import bell, logistic, logit
from simulator.rules.money import pressure

if TYPE_CHECKING:
    from simulator.declarations.levers import FundLevers, LocalLevers, PressureLevers
    from simulator.declarations.parameters import Commitment, Pilots, Pressure, YearEnd

NO_PILOT, ENDED, RENEWED, MAINSTREAMED = 0, 1, 2, 3
UNEVALUATED, FAVOURABLE, UNFAVOURABLE = 0, 1, 2


class SpeedPulls(NamedTuple):
    """What moves the speed of commitment, in log-odds of a quarter's share of loose money."""

    fund: float
    capacity: float
    lead: float
    knowhow: float
    luck: float


class PilotPulls(NamedTuple):
    """What moves a pilot's fate, in log-odds."""

    base: float
    evidence: float
    route: float
    character: float
    pressure: float


class EvaluatePulls(NamedTuple):
    """What moves a board to evaluate a pilot, in log-odds."""

    base: float
    setaside: float


def fund_speed(lv: FundLevers, p: Commitment) -> float:
    """Starts from the middle speed; a forward plan and early release help every board alike."""
    plan = p.commit_plan * (lv.forward_plan - 1.0)
    return logit(p.commit_middle) + plan + p.commit_early * lv.early_release


def speed_pulls(fund: float, capacity: float, lead: float, knowhow: float, luck: float, p: Commitment) -> SpeedPulls:
    """Commits faster with management capacity, a lead with agency and know-how; luck holds for the whole year."""
    return SpeedPulls(
        fund,
        p.commit_capacity * (capacity - 1.0),
        p.commit_lead * (lead - 0.5),
        p.commit_knowhow * (knowhow - p.knowhow_centre),
        luck,
    )


def speed_pull(s: SpeedPulls) -> float:
    """Totals the pulls on speed."""
    return s.fund + s.capacity + s.lead + s.knowhow + s.luck


def commit_speed(pull: float) -> float:
    """Says what share of loose money is committed this quarter."""
    return logistic(pull)


def speed_luck(u: float, p: Commitment) -> float:
    """Draws what makes this area quicker or slower this year."""
    return p.commit_noise * bell(u)


def beyond_share(lv: FundLevers, p: Commitment) -> float:
    """Says what part of new commitments reaches beyond the year: recurrence and permission allow it."""
    allowed = p.multi_unfunded * lv.multi_year
    willing = logistic(logit(p.multi_share) + p.multi_permit * lv.multi_year)
    return willing * (lv.recurrent if lv.recurrent > allowed else allowed)


def carried_commitments(beyond_spent: float, mainstreamed: float, spent: float) -> float:
    """Carries multi-year spending and mainstreamed pilots into next year, at most what was spent (£m)."""
    return min(beyond_spent + mainstreamed, spent)


def rushed(loose: float, lv: FundLevers, p: YearEnd) -> float:
    """Spends part of what is loose in a hurry before the year closes (£m)."""
    return p.rush_share * (1.0 - lv.carry_forward) * loose


def verdict_weight(verdict: float, p: Pilots) -> float:
    """Weighs a pilot's latest evaluation: 1 if favourable, against it if not, 0 if there is none."""
    if verdict == UNEVALUATED:
        return 0.0
    return 1.0 if verdict == FAVOURABLE else -p.evidence_against


def mainstream_pulls(verdict: float, own: float, lv: LocalLevers, p: Pilots) -> PilotPulls:
    """Weighs moving a pilot into mainstream budgets."""
    evidence = p.renew_evidence * verdict_weight(verdict, p)
    return PilotPulls(p.mainstream_base, evidence, p.mainstream_route * lv.route, p.pilot_character * own, 0.0)


def renew_pulls(verdict: float, own: float, net: float, now: PressureLevers, p: Pilots, force: Pressure) -> PilotPulls:
    """Weighs running a pilot for another year."""
    squeeze = -p.pilot_pressure * force.pull_pressure * pressure(net, now, force)
    return PilotPulls(
        p.renew_base, p.renew_evidence * verdict_weight(verdict, p), 0.0, p.pilot_character * own, squeeze
    )


def pilot_pull(x: PilotPulls) -> float:
    """Totals the pulls on a pilot's fate."""
    return x.base + x.evidence + x.route + x.character + x.pressure


def pilot_fate(u: float, mainstream: float, renew: float) -> int:
    """Decides in one ordered draw: mainstreamed, renewed, or ended."""
    if u < mainstream:
        return MAINSTREAMED
    return RENEWED if u < mainstream + (1.0 - mainstream) * renew else ENDED


def mainstreamed_value(value: float, spent: float, p: Pilots) -> float:
    """Carries a mainstreamed pilot's value into commitments, at most a part of the year's spending (£m)."""
    return min(value, p.mainstream_most * spent)


def evaluate_pulls(lv: LocalLevers, p: Pilots) -> EvaluatePulls:
    """Weighs evaluating a pilot; a set-aside helps."""
    return EvaluatePulls(p.evaluate_base, p.evaluate_setaside * lv.evaluation)


def evaluate_pull(e: EvaluatePulls) -> float:
    """Totals the pulls towards evaluating."""
    return e.base + e.setaside


def good_result_chance(lv: LocalLevers, p: Pilots) -> float:
    """Finds a good result unless an early evaluation misses it; with a set-aside fewer are missed."""
    return 1.0 - p.false_negative * (1.0 - p.evaluation_relief * lv.evaluation)
