"""Raids: taking money back within the year."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from simulator.rules.chance import share
from simulator.rules.money import pressure

if TYPE_CHECKING:
    from simulator.declarations.levers import PressureLevers
    from simulator.declarations.parameters import Pressure, Raids


class RaidPulls(NamedTuple):
    """What pushes towards a raid, in log-odds; character and rules push back."""

    base: float
    pressure: float
    letter: float


class Taking(NamedTuple):
    """What a raid takes from one area (£m), and how much of it was held at place."""

    loose: float
    committed: float
    beyond: float
    place: float


def raid_pulls(visible: float, lv: PressureLevers, p: Raids, force: Pressure) -> RaidPulls:
    """Weighs the visible gap and any national letter."""
    return RaidPulls(
        p.raid_base,
        force.pull_pressure * pressure(visible, lv, force),
        p.pull_letter * lv.letter * (1.0 - lv.letter_guard),
    )


def raid_pull(push: RaidPulls, own: float, fence: float) -> float:
    """Totals the push towards a raid less the board's character and the rules."""
    return push.base + push.pressure + push.letter - own - fence


def raid_size(u: float, p: Raids) -> float:
    """Draws the share of loose money that a raid takes."""
    return share(u, p.raid_take, p.raid_take_spread)


def taking(size: float, loose: float, committed: float, beyond: float, p: Raids) -> Taking:
    """Takes a share of the loose money; commitments, and above all multi-year ones, are harder to reach."""
    reach = size * p.reach_committed * (p.safe_reach if p.place_safe > 0.0 else 1.0)
    from_committed = reach * committed
    from_beyond = reach * p.reach_multiyear * beyond
    exposed = 0.0 if p.place_safe > 0.0 else p.place_exposed
    return Taking(size * loose, from_committed, from_beyond, exposed * (from_committed + from_beyond))
