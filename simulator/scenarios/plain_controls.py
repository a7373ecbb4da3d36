"""The levers of most policies as choices in plain words: a ring-fence, leadership, financial pressure, and others.

They are data, `simulator/data/plain_controls.json`, for sentences and for the forms of the dashboard and the explorer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files

from simulator.common.formatting import format_number, join_words
from simulator.scenarios.loader import baseline_values


@dataclass(frozen=True)
class Choice:
    """One position: its words, the levers that it sets (others of the control are as today), its clause in a sentence
    that begins "From 2027/28", such as "the fund is ring-fenced and audited", with what a title has no room for
    ("with no waiver"), and its words in a title, such as "audited ring-fence".
    """

    label: str
    sets: Mapping[str, float]
    says: str = ""
    also: str = ""
    name: str = ""

    @property
    def clause(self) -> str:
        """All that it says in a sentence; "" for today's rules."""
        return f"{self.says} {self.also}".rstrip()


@dataclass(frozen=True)
class PlainControl:
    """A question with its choices, one of which sets nothing: that of today's rules. `levers` are all that it may set,
    and `note` stands below any other choice. Where they `follow`, who dates the first dates the others that had its
    dates. `parts` name a lever in a title where the control stands between its choices: where it is none, where it is
    in full, and between, with `{share}` for how much. `article` stands before its names in a sentence.
    """

    key: str
    label: str
    levers: tuple[str, ...]
    choices: tuple[Choice, ...]
    note: str = ""
    follow: bool = False
    parts: Mapping[str, tuple[str, str, str]] = field(default_factory=dict)
    article: str = ""

    def name_parts(self, value_of: Callable[[str], float]) -> str:
        """What stands between the choices, lever by lever, such as "ring-fence with a waiver at 30% and audit"."""
        named = []
        for lever, (none, full, between) in self.parts.items():
            value = value_of(lever)
            share = f"{format_number(100 * value, 3)}%"
            named.append(none if value == 0 else full if value == 1 else between.format(share=share))
        first, *others = named or [""]
        others = [words for words in others if words]
        return f"{first} with {join_words(others)}" if first and others else first

    def find_choice(self, value_of: Callable[[str], float]) -> Choice | None:
        """The choice that stands where levers have these values; None for something between."""
        today = baseline_values()
        for choice in self.choices:
            wanted = {lever: choice.sets.get(lever, float(today[lever][-1])) for lever in self.levers}
            if all(abs(value_of(lever) - value) < 1e-9 for lever, value in wanted.items()):
                return choice
        return None


def _read_controls() -> tuple[PlainControl, ...]:
    text = files("simulator").joinpath("data", "plain_controls.json").read_text(encoding="utf-8")
    return tuple(
        PlainControl(
            row["key"],
            row["label"],
            tuple(row["levers"]),
            tuple(Choice(**choice) for choice in row["choices"]),
            row.get("note", ""),
            row.get("follow", False),
            {lever: (none, full, between) for lever, (none, full, between) in row.get("parts", {}).items()},
            row.get("article", ""),
        )
        for row in json.loads(text)
    )


PLAIN_CONTROLS = _read_controls()
