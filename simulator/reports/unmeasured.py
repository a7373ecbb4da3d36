"""What a comparison rests on that no source measures, said once and shortly: it must travel with every sentence.

`dashboards/offline/page/answer.js` says the same.
"""

from __future__ import annotations

from simulator.common.sentence_templates import get_template
from simulator.declarations.levers import LEVERS
from simulator.runs.results import Results

UNMEASURED = {
    "leader_lift": "leadership",
    "finance_lift": "leadership",
    "direct_share": "trusts",
    "audit": "audit",
}
"""Levers whose effect is a rule of the model that no source measures, each with the template that says so."""


def list_unmeasured(new: Results, old: Results) -> list[str]:
    """The kinds of such rules on which the difference of two results rests; none where their levers are not known."""
    if new.schedule is None or old.schedule is None:
        return []
    found = [
        kind
        for lever, kind in UNMEASURED.items()
        if (new.schedule[LEVERS[lever].group][lever] != old.schedule[LEVERS[lever].group][lever]).any()
    ]
    return list(dict.fromkeys(found))


def describe_unmeasured(new: Results, old: Results) -> str:
    """A sentence for each of them; "" for none."""
    return " ".join(get_template(f"unmeasured.{kind}") for kind in list_unmeasured(new, old))
