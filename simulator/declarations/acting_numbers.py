"""Where numbers act: the levers without which a number moves nothing, and the output variables that are all it moves.

A number multiplies a lever, or what a lever leaves of a rule: while the lever rests, the number can be anything. Tests
move every number with its levers at rest, and hold that no bit of a run moves.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from simulator.declarations.outcomes import OUTCOMES
from simulator.declarations.parameters import PARAMETERS


class Gate(NamedTuple):
    """When a number acts: in quarters where at least one lever of each of `clauses` is not at the value where it rests;
    with `at_start` in the first quarter alone. That holds while each number of `usual` has its default.
    """

    clauses: tuple[Mapping[str, float], ...]
    at_start: bool = False
    usual: tuple[str, ...] = ()


def _needs(*clauses: Mapping[str, float], at_start: bool = False, usual: tuple[str, ...] = ()) -> Gate:
    return Gate(clauses, at_start, usual)


_FENCE = _needs({"ringfence": 0.0}, {"waiver": 1.0, "waivable": 1.0})
"""A ring-fence that is not waived."""

GATES: Mapping[str, Gate] = MappingProxyType(
    {
        "pull_ringfence": _FENCE,
        "ring_leader_mix": _FENCE,
        "enforcement_start": _needs({"ringfence": 0.0}, {"audit": 1.0}),
        "offset_label": _needs({"ringfence": 0.0}),
        "pull_scrutiny": _needs({"named": 0.0}),
        "aware_naming": _needs({"named": 0.0}, at_start=True),
        "pull_oversight": _needs({"oversight": 0.0}),
        "pull_strategy": _needs({"strategy": 0.0}),
        "pull_gateway": _needs({"gateway": 0.0}),
        "pull_principles": _needs({"principles": 0.0}),
        "pull_letter": _needs({"letter": 0.0}, {"letter_guard": 1.0}),
        "multi_share": _needs({"recurrent": 0.0, "multi_year": 0.0}),
        "multi_permit": _needs({"multi_year": 0.0}),
        "commit_early": _needs({"early_release": 0.0}),
        "commit_plan": _needs({"forward_plan": 1.0}),
        "commit_capacity": _needs({"capacity": 1.0, "cut": 0.0}),
        "cut_2025": _needs({"cut": 0.0}),
        "rush_share": _needs({"carry_forward": 1.0}),
        "rush_quality": _needs({"carry_forward": 1.0}),
        "exit_merger": _needs({"upheaval": 0.0}),
        "interim_quarters": _needs({"stability": 1.0}),
        "support_reach": _needs({"support": 0.0}),
        "off_plan_line": _needs({"support": 0.0}, {"support_conditional": 0.0}),
        "access_effect": _needs({"access": PARAMETERS["access_centre"].default}, usual=("access_centre",)),
        "staff_share": _needs({"central_staff": 0.0}),
        "evaluate_setaside": _needs({"evaluation": 0.0}),
        "mainstream_route": _needs({"route": 0.0}),
        "offset_conditions": _needs({"conditions": 0.0}),
        "peer_pull": _needs({"peers": 0.0}),
        "peer_region": _needs({"peers": 0.0}),
    }
)
"""Number -> when it acts; one that is not listed acts in every quarter."""

_NEW_MONEY = ("additional", "additional_mean")
_FRONT_LINE = ("front", "front_mean", "core20", *_NEW_MONEY)
ENDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    dict.fromkeys(("rush_quality", "pass_place", "pass_centre", "access_effect"), _FRONT_LINE)
    | dict.fromkeys(
        (
            "offset_base",
            "offset_growth",
            "offset_years",
            "offset_pressure",
            "offset_label",
            "offset_conditions",
            "offset_slope",
            "offset_character",
        ),
        _NEW_MONEY,
    )
    | {"core20_tilt": ("core20",)}
)
"""Number -> the national output variables that are all it moves, in the year in which it acts and in no later one."""


def can_move(name: str, outcome: str) -> bool:
    """Whether a number can move an outcome at all."""
    about = OUTCOMES[outcome]
    return name not in ENDS or bool({term.lstrip("-") for term in (*about.over, *about.by)} & set(ENDS[name]))
