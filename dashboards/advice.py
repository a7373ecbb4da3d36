"""Words about a scenario that is being built: what differs from its preset, and odd combinations with a way out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dashboards.choice import LETTERS, Choice, Edit, Slot
from simulator.calendar import quarter_name
from simulator.levers import LEVERS
from simulator.scenario import Scenario


@dataclass(frozen=True)
class Advice:
    """One remark; `fix` is what would settle it, under the words of `button`."""

    says: str
    button: str = ""
    fix: tuple[Edit, ...] = ()


def course(scenario: Scenario, lever: str, start: int) -> str:
    """The values of a lever from a quarter on, in words: 0, then 1 from 2027/28 Q1."""
    values = scenario.lever(lever)
    said, last = [f"{values[start]:g}"], values[start]
    for quarter in range(start + 1, len(values)):
        if values[quarter] != last:
            last = values[quarter]
            said.append(f"{last:g} from {quarter_name(quarter)}")
    return ", then ".join(said) if len(said) <= 4 else f"{', then '.join(said[:2])}, and so on to {said[-1]}"


def differences(slot: Slot) -> list[str]:
    """Every lever that was set by hand, from what to what, and why."""
    lines = []
    for edit in slot.edits:
        before = float(slot.base.lever(edit.lever)[edit.start])
        over = f", over {edit.phase} quarters" if edit.phase > 1 else ""
        why = edit.because.strip() or "no reason given yet"
        lines.append(f"{LEVERS[edit.lever].about.meaning}: {before:g} → {edit.value:g} from "
                     f"{quarter_name(edit.start)}{over} ({why})")  # fmt: skip
    return lines


def advice(choice: Choice, at: int) -> list[Advice]:
    """What a colleague would say about a scenario before it is shown to anybody."""
    slot = choice.slots[at]
    scenario = slot.scenario
    found = [
        Advice(f"{LETTERS[i]} and {LETTERS[j]} are identical: they set every lever alike.")
        for i, j in choice.twins if at in (i, j)
    ]  # fmt: skip
    found += _waiver(scenario)
    if "final" in slot.shown.lower().split():
        found.append(Advice("The title says “final”. Somebody will change it; a date or a purpose tells more."))
    found += [Advice(f"Held at a bound: {words}") for words in scenario.warnings]
    return found


def _waiver(scenario: Scenario) -> list[Advice]:
    """A ring-fence that a national waiver in force lifts."""
    lifted = scenario.lever("ringfence") * scenario.lever("waivable") * scenario.lever("waiver")
    later = np.flatnonzero(lifted[20:] >= 0.25)
    if not later.size:
        return []
    quarter = 20 + int(later[0])
    return [Advice(
        f"The ring-fence stands while a national waiver that lifts it is in force ({quarter_name(quarter)}): it "
        "protects little.", "End the waiver from then on",
        (Edit("waiver", 0.0, quarter, 0, "So that the ring-fence holds."),),
    )]  # fmt: skip
