"""Checks that the fit never saw, but whose evidence it did: what it was fitted to has told it their answer already.

One declaration for tables, counts, sentences and pictures. A check belongs here if it cites evidence that a target
cites, whether it passes or not; a test holds the declaration against the citations.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from simulator.replays.targets import read_patterns, read_targets


class SameEvidence(NamedTuple):
    """The ids of the targets that cite the same evidence, and how the check repeats them."""

    targets: tuple[str, ...]
    because: str


SAME_EVIDENCE: Mapping[str, SameEvidence] = MappingProxyType(
    {
        "P1": SameEvidence(("interviews",), "the counts of the interviews that were fitted, asked for as shares"),
        "P3'": SameEvidence(("floor_audited",), "what audit does was fitted to the floor that was met under audit"),
        "P4": SameEvidence(("interviews",), "it is of the same interviews, and the fit weighs them in both years"),
        "X2": SameEvidence(
            ("floor_national", "floor_audited"),
            "what a rule without a waiver does was fitted to the floors that were met under a rule and under audit",
        ),
    }
)
"""By the id of a pattern, or of a target that is not fitted."""


def repeats_target(name: str) -> bool:
    """Whether a line of the scoreboard, by its id such as "P1.full", rests on the evidence of a target."""
    return name.split(".", maxsplit=1)[0] in SAME_EVIDENCE


def describe_repeats() -> list[str]:
    """What each of them repeats, a sentence each."""
    titles = {name: one.full_title for name, one in read_patterns().items()}
    titles |= {name: one.title for name, one in read_targets().items()}
    return [
        f"“{titles[name]}” repeats {' and '.join(f'“{titles[target]}”' for target in same.targets)}: {same.because}."
        for name, same in SAME_EVIDENCE.items()
    ]
