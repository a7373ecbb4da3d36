"""Why the library sets a lever to a value, for a policy of one's own that sets it to the same and gives no reason."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from simulator.common.sentence_templates import get_template
from simulator.scenarios.change import Change
from simulator.scenarios.headline import HEADLINE
from simulator.scenarios.scenario import library, load_scenario

UNREASONED = "no reason was given."
"""How the reason of a change ends for which nobody gave one."""


def list_reasoned() -> list[str]:
    """The scenarios of the library in the order in which reasons are looked for: the headline's first."""
    return list(dict.fromkeys((*HEADLINE, *library())))


@cache
def find_library_change(lever: str, value: float) -> tuple[str, Change] | None:
    """The title of the first scenario of the library, the headline's first, that sets a lever to just this value for a
    reason that is supported by evidence or is called an assumption, and its change; None where there is none.
    """
    for name in list_reasoned():
        scenario = load_scenario(name)
        for change in scenario.changes:
            if change.lever == lever and change.kind == "to" and change.value == value and change.because:
                return scenario.title, change
    return None


def inherit_reason(change: Change) -> Change:
    """A change that was set by hand without a reason with the library's reason and evidence, where its value is the
    library's; any other as it is.
    """
    found = find_library_change(change.lever, change.value) if change.source == "dashboard" else None
    if found is None or not change.because.endswith(UNREASONED):
        return change
    title, of_library = found
    because = get_template("reason.library").format(title=title, because=of_library.because)
    return replace(change, because=because, evidence=of_library.evidence, assumption=of_library.assumption)
