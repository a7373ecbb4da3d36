"""The levers of most policies as choices in plain words: a ring-fence, leadership, financial pressure, and others.

They are data, `dashboards/data/plain_controls.json`, for the dashboard and the explorer alike.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files

from simulator.common.formatting import join_words, number_of
from simulator.declarations.levers import LEVERS
from simulator.scenarios.loader import baseline_values


@dataclass(frozen=True)
class Choice:
    """One position: its words, the levers that it sets (others of the control are as today), and its clause in a
    sentence that begins "From 2027/28", such as "the fund is ring-fenced and audited".
    """

    label: str
    sets: Mapping[str, float]
    says: str = ""


@dataclass(frozen=True)
class PlainControl:
    """A question with its choices, one of which sets nothing: that of today's rules. `levers` are all that it may set,
    and `note` stands below any other choice.
    """

    key: str
    label: str
    levers: tuple[str, ...]
    choices: tuple[Choice, ...]
    note: str = ""

    def find_choice(self, value_of: Callable[[str], float]) -> Choice | None:
        """The choice that stands where levers have these values; None for something between."""
        today = baseline_values()
        for choice in self.choices:
            wanted = {lever: choice.sets.get(lever, float(today[lever][-1])) for lever in self.levers}
            if all(abs(value_of(lever) - value) < 1e-9 for lever, value in wanted.items()):
                return choice
        return None


def _read_controls() -> tuple[PlainControl, ...]:
    text = files("dashboards").joinpath("data", "plain_controls.json").read_text(encoding="utf-8")
    return tuple(
        PlainControl(
            row["key"],
            row["label"],
            tuple(row["levers"]),
            tuple(Choice(**choice) for choice in row["choices"]),
            row.get("note", ""),
        )
        for row in json.loads(text)
    )


PLAIN_CONTROLS = _read_controls()


def describe_edits(edits: Mapping[str, float], preset_value: Callable[[str], float], longest: int) -> str:
    """What was changed by hand, to follow a preset's title, in at most so many letters if it can be said in them:
    ", but the fund is ring-fenced and audited", ", with peer forums changed", ", with 3 changes".
    """
    touched = [control for control in PLAIN_CONTROLS if not edits.keys().isdisjoint(control.levers)]
    others = [lever for lever in LEVERS if lever in edits and not any(lever in control.levers for control in touched)]
    count = len(touched) + len(others)
    if count <= 2:
        clauses = [_find_clause(control, edits, preset_value) for control in touched]
        clause = f", but {join_words(clauses)}"
        if not others and all(clauses) and len(clause) <= longest:
            return clause
        names = [f"{control.label[0].lower()}{control.label[1:]}" for control in touched]
        names += [f"‘{LEVERS[lever].about.meaning.partition(' (')[0]}’" for lever in others]
        named = f", with {join_words(names)} changed"
        if len(named) <= longest:
            return named
    return f", with {number_of(count, 'change')}"


def _find_clause(control: PlainControl, edits: Mapping[str, float], preset_value: Callable[[str], float]) -> str:
    """The clause of the choice that stands; "" where there is none, or where the preset stands there by itself."""
    choice = control.find_choice(lambda lever: edits[lever] if lever in edits else preset_value(lever))
    return choice.says if choice and choice is not control.find_choice(preset_value) else ""
