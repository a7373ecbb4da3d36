"""The levers of most policies as choices in plain words: a ring-fence, leadership, financial pressure, and others.

They are data, `dashboards/data/plain_controls.json`, for the dashboard and the explorer alike.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files


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
