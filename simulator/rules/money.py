"""Money pressure: how a gap comes about, becomes visible, and presses on decisions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from simulator.rules.chance import bell, positive
from simulator.rules.exact import exp

if TYPE_CHECKING:
    from simulator.declarations.levers import PressureLevers
    from simulator.declarations.parameters import Gap, Pressure


def first_finances(u: float) -> float:
    """Draws an area's latent finances, in standard deviations."""
    return bell(u)


def next_finances(z: float, u: float, p: Gap) -> float:
    """Carries part of last year's latent finances into the new year and adds news."""
    return p.gap_memory * z + math.sqrt(1.0 - p.gap_memory * p.gap_memory) * bell(u)


def underlying_gap(z: float, target_z: float, lv: PressureLevers, p: Gap) -> float:
    """Sets the year's gap: areas above their target allocation have slower growth and larger gaps."""
    own = math.sqrt(1.0 - p.gap_target_pull * p.gap_target_pull) * z
    return lv.gap_mean + p.gap_level + p.gap_spread * (p.gap_target_pull * target_z + own)


def support_received(gap: float, mean_deficit: float, lv: PressureLevers, p: Gap) -> float:
    """Shares out deficit support, partly flat and partly by need, never more than closes a gap."""
    floor = mean_deficit if mean_deficit > 1e-9 else 1e-9
    support = lv.support * ((1.0 - p.support_reach) + p.support_reach * positive(gap) / floor)
    return min(support, gap) if gap > 0.0 else support


def withheld(net: float, support: float, lv: PressureLevers, p: Gap) -> float:
    """Takes a quarter's support back in Q4 from a board that is off plan."""
    if lv.support_conditional > 0.0 and net > p.off_plan_line and support > 0.0:
        return p.withheld_support * support
    return 0.0


def visible_gap(net: float, quarter: int, p: Gap) -> float:
    """Shows part of the year's gap by each quarter, plus mid-year slippage that is recovered by March."""
    if quarter == 0:
        return net * p.seen_q1
    if quarter == 1:
        return net * p.seen_q2 + p.slip
    if quarter == 2:
        return net * p.seen_q3 + p.slip
    return net


def foreseen(year: int, p: Pressure) -> float:
    """Says what part of the year's gap a plan sees: more each year, where boards learn to plan."""
    return p.foresight + (1.0 - p.foresight) * (1.0 - exp(-p.plan_learning * year))


def grip(lv: PressureLevers, p: Pressure) -> float:
    """Weighs finance in national oversight, less where targets are aligned with the fund's aims."""
    return lv.finance_grip * (1.0 - p.alignment_relief * lv.alignment)


def pressure(gap: float, lv: PressureLevers, p: Pressure) -> float:
    """Feels a gap (in % of allocation) as pressure, in proportion or above a threshold."""
    if p.pressure_threshold > 0.0:
        return grip(lv, p) * (p.threshold_level if gap > p.threshold_line else 0.0)
    return grip(lv, p) * positive(gap)
