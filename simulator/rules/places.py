"""Places and the front line: what the money is used for, how much arrives, and what it displaces."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from simulator.rules.chance import clip, logistic, logit, positive
from simulator.rules.exact import exp

if TYPE_CHECKING:
    from simulator.declarations.levers import LocalLevers
    from simulator.declarations.parameters import Offset, Places, Uses


class UseChances(NamedTuple):
    """Chance that a board puts the fund to each use this year."""

    interventions: float
    devolved: float
    capability: float
    pilots: float
    staff: float


class Split(NamedTuple):
    """A year's work by use (£m)."""

    interventions: float
    devolved: float
    capability: float
    pilots: float


class OffsetPulls(NamedTuple):
    """What pulls towards trimming existing inequality spending, or relabelling it, in log-odds."""

    base: float
    years: float
    pressure: float
    label: float
    conditions: float
    character: float


def use_chances(lv: LocalLevers, p: Uses) -> UseChances:
    """Sets how likely each use is; devolution, networks and long contracts shift three of them."""
    return UseChances(
        p.use_interventions,
        logistic(logit(p.use_devolved) + p.devolve_effect * lv.devolve),
        logistic(logit(p.use_capability) + p.networks_effect * lv.networks),
        logistic(logit(p.use_pilots) - p.contracts_effect * lv.long_contracts),
        p.use_staff,
    )


def staff_cost(spent: float, used: bool, lv: LocalLevers, p: Places) -> float:
    """Pays extra central staff from the fund where a board does so (£m)."""
    return min(p.staff_most, p.staff_share * lv.central_staff) * spent if used else 0.0


def split_work(work: float, use_i: bool, use_d: bool, use_c: bool, use_p: bool, p: Uses) -> Split:
    """Divides a year's work among the uses present; interventions take all where none is."""
    i = p.weight_interventions if use_i or not (use_d or use_c or use_p) else 0.0
    d = p.devolved_weight if use_d else 0.0
    c = p.weight_capability if use_c else 0.0
    x = p.weight_pilots if use_p else 0.0
    unit = work / (i + d + c + x)
    return Split(i * unit, d * unit, c * unit, x * unit)


def reached_place(devolved: float, losses: float) -> float:
    """Counts what places received, less what raids took from them (£m)."""
    return positive(devolved - losses)


def place_pass(lv: LocalLevers, p: Places) -> float:
    """Says what share of place money providers and communities see; direct allocation beats bidding."""
    return logistic(logit(p.pass_place) + p.access_effect * (lv.access - p.access_centre))


def hurry(rushed: float, spent: float, quality: float) -> float:
    """Discounts front-line value for the part of spending that was hurried."""
    return 1.0 - (1.0 - quality) * rushed / spent if spent > 0.0 else 1.0


def front_line(work: float, place: float, capability: float, passes: float, pace: float, p: Places) -> float:
    """Counts what reaches providers and communities (£m), before money paid to them directly."""
    central = work - place - p.capability_front * capability
    return (passes * place + p.pass_centre * central) * pace


def core20_share(core20: float, lv: LocalLevers, p: Places) -> float:
    """Says what share of front-line money reaches the most deprived fifth."""
    tilted = min(p.core20_most, core20 * p.core20_tilt)
    return tilted + (p.core20_rule - tilted) * lv.core20 if tilted < p.core20_rule else tilted


def offset_years(year: int, p: Offset) -> float:
    """Pulls more towards trimming as the years pass and the money becomes part of the furniture."""
    return p.offset_growth * (1.0 - exp(-(year + 1.0) / p.offset_years))


def offset_pulls(years: float, squeeze: float, fence: float, conditions: float, own: float, p: Offset) -> OffsetPulls:
    """Weighs trimming: pressure and a strict ring-fence push, conditions and the board's character hold back."""
    return OffsetPulls(
        p.offset_base,
        years,
        p.offset_pressure * squeeze,
        p.offset_label * fence,
        -p.offset_conditions * conditions,
        -p.offset_character * own,
    )


def offset_pull(o: OffsetPulls) -> float:
    """Totals the pulls towards trimming."""
    return o.base + o.years + o.pressure + o.label + o.conditions + o.character


def offset_share(pull: float, u: float, p: Offset) -> float:
    """Decides what share of front-line money only replaces spending that was there before."""
    return clip(0.5 + p.offset_slope * (pull + logit(u)), 0.0, 1.0)
