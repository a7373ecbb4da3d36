"""How levers are laid out wherever somebody moves them: their groups, the step of a slider, their bounds in words."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.common.units import Unit
from simulator.declarations.levers import LEVERS
from simulator.declarations.number import Declared
from simulator.scenarios.change import format_part, is_part, is_yes_or_no

LEVER_GROUPS: Mapping[str, str] = {
    "funding": "Rules",
    "people": "People",
    "centre": "Centre",
    "pressure": "Money pressure",
    "local": "Local use",
}
STEPS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2)


def list_levers_in_group(theme: str) -> list[Declared]:
    """The levers of a group, in declared order."""
    return [lever for lever in LEVERS.values() if lever.about.theme == theme]


def choose_slider_step(lever: Declared) -> float:
    """A round step with some forty of them between the bounds; a switch has one."""
    about = lever.about
    if about.unit is Unit.SWITCH:
        return 1.0
    return next((s for s in STEPS if s >= (about.high - about.low) / 40 - 1e-9), STEPS[-1])


NOT_MODELLED = {"waiver": "it lifts as much in every board, for waivers for some kinds of board are not modelled"}
"""What a lever cannot say, of those that people look for."""


def describe_bounds(lever: Declared) -> str:
    """Bounds and unit in a few words."""
    about = lever.about
    if is_yes_or_no(lever.name):
        return "yes or no" if about.unit is Unit.SWITCH else "from no (0) to yes (1)"
    unit = "strength" if about.unit is Unit.STRENGTH else about.unit.value
    bounds = f"{about.low:g} to {about.high:g}, {unit}"
    if is_part(lever.name) and about.high < 1:
        bounds += f"; the model was not made for more than {format_part(about.high)}"
    return f"{bounds}; {NOT_MODELLED[lever.name]}" if lever.name in NOT_MODELLED else bounds
