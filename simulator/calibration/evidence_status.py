"""The badge that follows each parameter and lever: fitted, from published figures, or judgement.

A parameter is fitted if the findings narrow or move it, whatever its declaration says. A lever is no better
known than the worst known parameter that carries its effect; one that acts by a rule alone rests on judgement.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from simulator.declarations.levers import LEVERS
from simulator.declarations.number import Status
from simulator.declarations.parameters import PARAMETERS
from simulator.runs.posterior import read_fit_document

FITTED, PUBLISHED, JUDGEMENT = BADGES = ("fitted", "from published figures", "judgement")

BADGE_MEANINGS: Mapping[str, str] = {
    FITTED: "Published findings narrowed or moved the number that carries its effect.",
    PUBLISHED: "Its size comes from published figures.",
    JUDGEMENT: "Nobody has measured how much it does; every future draws a size of its own from a range.",
}

CARRIERS: Mapping[str, tuple[str, ...]] = {
    "ringfence": ("pull_ringfence", "enforcement_start"),
    "audit": ("pull_ringfence", "enforcement_start"),
    "waivable": ("pull_ringfence", "enforcement_start"),
    "waiver": ("pull_ringfence", "enforcement_start"),
    "named": ("pull_scrutiny", "aware_naming"),
    "gateway": ("pull_gateway",),
    "oversight": ("pull_oversight",),
    "strategy": ("pull_strategy",),
    "principles": ("pull_principles",),
    "recurrent": ("multi_share", "firmness"),
    "multi_year": ("multi_permit", "multi_share", "firmness"),
    "early_release": ("commit_early",),
    "carry_forward": ("rush_share",),
    "forward_plan": ("commit_plan",),
    "leader_lift": ("pull_chief",),
    "finance_lift": ("pull_finance", "veto"),
    "stability": ("interim_strength", "exit_relations"),
    "committee": ("pull_committee",),
    "lead_seat": ("pull_lead", "commit_lead"),
    "relations": ("pull_relations",),
    "finance_grip": ("pull_pressure",),
    "alignment": ("pull_pressure",),
    "letter": ("pull_letter",),
    "letter_guard": ("pull_letter",),
    "gap_mean": ("pull_pressure", "raid_base"),
    "support": ("pull_pressure", "raid_base", "support_reach"),
    "support_conditional": ("pull_pressure", "off_plan_line"),
    "savings_ask": ("ask_bite",),
    "capacity": ("commit_capacity", "lead_loss"),
    "cut": ("cut_2025", "commit_capacity", "lead_loss"),
    "reorganise": ("exit_relations", "lead_loss"),
    "upheaval": ("exit_merger",),
    "devolve": ("devolved_weight", "pass_place"),
    "access": ("access_effect",),
    "core20": ("core20_tilt",),
    "conditions": ("offset_conditions",),
    "central_staff": ("staff_share",),
    "networks": ("relations_skill",),
    "peers": ("peer_pull",),
    "long_contracts": ("renew_base",),
    "evaluation": ("evaluate_setaside", "renew_evidence"),
    "route": ("mainstream_route",),
    "uplift": (),
    "direct_share": (),
    "pot_scale": (),
}
"""The parameters that carry each lever's effect; none for what is a sum of money, and for a plug-in's levers."""


@cache
def list_badges() -> Mapping[str, str]:
    """The badge of every parameter and lever by name."""
    pinned = {identified["name"] for identified in read_fit_document()["identified"] if identified["pinned"]}
    of_parameters = {
        name: FITTED if name in pinned else PUBLISHED if d.about.status is Status.SET else JUDGEMENT
        for name, d in PARAMETERS.items()
    }
    of_levers = {
        name: max((of_parameters[carrier] for carrier in CARRIERS.get(name, ())), key=BADGES.index, default=JUDGEMENT)
        for name in LEVERS
    }
    return {**of_parameters, **of_levers}
