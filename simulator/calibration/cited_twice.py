"""Evidence that is used twice: for a number's prior or for the calendar, and again as a finding to fit or to test.

A number that was set by a finding agrees with it from the start, so that agreement afterwards shows little.
docs/calibration/scoreboard.md lists every such use.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from simulator.declarations.evidence import EvidenceIds
from simulator.declarations.parameters import PARAMETERS
from simulator.replays.targets import Use, read_targets
from simulator.scenarios.scenario import baseline_calendar

Part = Literal["prior", "value", "calendar"]


@dataclass(frozen=True)
class CitedTwice:
    """A parameter, or a lever of the calendar, that rests on the same evidence as some targets.

    `part` says what of it rests on `evidence`. `fitted` and `replayed` are the ids of targets that the fit weighs, and
    of those that it never sees.
    """

    name: str
    part: Part
    evidence: EvidenceIds
    fitted: tuple[str, ...]
    replayed: tuple[str, ...]


def list_cited_twice() -> tuple[CitedTwice, ...]:
    """Every parameter and every lever of today's calendar that shares evidence with a target, parameters first."""
    return tuple(citation for name, part, ids in _list_uses() if (citation := _list_shared(name, part, ids)).evidence)


def _list_uses() -> Iterator[tuple[str, Part, tuple[str, ...]]]:
    for name, declared in PARAMETERS.items():
        yield name, "prior" if declared.about.prior is not None else "value", tuple(declared.about.evidence)
    for change in baseline_calendar():
        yield change.lever, "calendar", change.evidence


def _list_shared(name: str, part: Part, ids: tuple[str, ...]) -> CitedTwice:
    by_use = {
        use: [t for t in read_targets().values() if t.use is use and set(t.evidence) & set(ids)]
        for use in (Use.TARGET, Use.OUT_OF_SAMPLE)
    }
    shared = {i for sharing in by_use.values() for t in sharing for i in t.evidence if i in ids}
    fitted, replayed = (tuple(t.id for t in sharing) for sharing in by_use.values())
    return CitedTwice(name, part, tuple(i for i in ids if i in shared), fitted, replayed)
