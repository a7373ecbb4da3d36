"""The levers of most policies as choices in plain words: a ring-fence, leadership, financial pressure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


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
    """A question with its choices, the first of them that of today's rules; `levers` are all that it may set."""

    key: str
    label: str
    levers: tuple[str, ...]
    choices: tuple[Choice, ...]
    note: str = ""


PLAIN_CONTROLS = (
    PlainControl(
        "fence",
        "Ring-fence",
        ("ringfence", "waiver", "waivable", "audit"),
        (
            Choice("None", {}),
            Choice("Label only", {"ringfence": 1.0}, "the fund has a ring-fence that a national waiver lifts"),
            Choice("Not waived", {"ringfence": 1.0, "waiver": 0.0}, "the fund is ring-fenced, and no waiver lifts it"),
            Choice(
                "Audited",
                {"ringfence": 1.0, "waiver": 0.0, "waivable": 0.0, "audit": 1.0},
                "the fund is ring-fenced and audited",
            ),
        ),
    ),
    PlainControl(
        "leadership",
        "Leadership programme",
        ("leader_lift", "finance_lift"),
        (
            Choice("None", {}),
            Choice("Half", {"leader_lift": 0.225, "finance_lift": 0.1}, "half the leadership programme runs"),
            Choice("Full", {"leader_lift": 0.45, "finance_lift": 0.2}, "the leadership programme runs"),
        ),
    ),
    PlainControl(
        "pressure",
        "Financial pressure",
        ("gap_mean",),
        (
            Choice("As planned", {}),
            Choice("Easier", {"gap_mean": 0.0}, "financial pressure is easier, with no gap on average"),
            Choice("Harder", {"gap_mean": 2.5}, "financial pressure is harder, with a gap of 2.5% of allocation"),
        ),
        "Today's rules stay under the pressure that is planned.",
    ),
)
