"""What a comparison rests on that no source measures, said once and shortly: it must travel with every sentence.

`dashboards/offline/page/answer.js` says the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np

from simulator.calibration.evidence_status import CARRIERS, JUDGEMENT, list_badges
from simulator.common.sentence_templates import get_template
from simulator.declarations.acting_numbers import can_move
from simulator.declarations.levers import LEVERS
from simulator.declarations.number import Strength
from simulator.declarations.parameters import PARAMETERS
from simulator.runs.acting_numbers import find_quarters
from simulator.runs.results import Results

BY_RULE = {
    "leader_lift": "leadership",
    "finance_lift": "leadership",
    "direct_share": "trusts",
    "audit": "audit",
}
"""Levers whose effect is a rule of the model that no source measures, each with the template that says so."""

SENTENCES = ("trusts", "audit")
"""Those that are said in a sentence of their own; what is left is one list."""

MOST_NAMED = 3


@cache
def list_assumed_numbers() -> Mapping[str, tuple[str, ...]]:
    """For each other lever the numbers that carry its effect and are assumptions: declared as such, and not pinned by a
    finding.
    """
    badges = list_badges()
    assumed = {
        name for name, number in PARAMETERS.items() if number.about.strength is Strength.A and badges[name] == JUDGEMENT
    }
    return {
        lever: tuple(name for name in CARRIERS.get(lever, ()) if name in assumed)
        for lever in LEVERS
        if lever not in BY_RULE
    }


def list_unmeasured(new: Results, old: Results, outcome: str) -> list[str]:
    """What the difference of two results rests on: kinds of rules, and names of numbers that act on `outcome` under
    either where the two differ. None where their levers are not known.
    """
    if new.schedule is None or old.schedule is None:
        return []
    found: list[str] = []
    for lever, declared in LEVERS.items():
        apart = new.schedule[declared.group][lever] != old.schedule[declared.group][lever]
        if not apart.any():
            continue
        if lever in BY_RULE:
            found.append(BY_RULE[lever])
            continue
        for name in list_assumed_numbers()[lever]:
            acts = np.any([find_quarters(name, run.schedule) for run in (new, old) if run.schedule is not None], axis=0)
            if can_move(name, outcome) and bool((acts & apart).any()):
                found.append(name)
    return list(dict.fromkeys(found))


def describe_unmeasured(new: Results, old: Results, outcome: str) -> str:
    """What no source measures of a difference, in sentences; "" for nothing."""
    return say_unmeasured(list_unmeasured(new, old, outcome))


def say_unmeasured(kinds: Sequence[str]) -> str:
    """The same of what `list_unmeasured` found."""
    listed = [name_unmeasured(kind) for kind in kinds if kind not in SENTENCES]
    if (more := len(listed) - MOST_NAMED) > 1:
        listed[MOST_NAMED:] = [get_template("unmeasured.more").format(count=more)]
    told = [get_template("unmeasured").format(list=_join_or(listed))] if listed else []
    return " ".join((*told, *(get_template(f"unmeasured.{kind}") for kind in kinds if kind in SENTENCES)))


def name_unmeasured(kind: str) -> str:
    """A kind of rule or a number in words, after *No source measures*."""
    return PARAMETERS[kind].about.plain if kind in PARAMETERS else get_template(f"unmeasured.{kind}")


def _join_or(listed: Sequence[str]) -> str:
    return listed[0] if len(listed) < 2 else f"{', '.join(listed[:-1])} or {listed[-1]}"
