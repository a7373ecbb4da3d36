"""A question as a value: what is asked of which scenarios, and the key under which its answer is kept.

An answer is a document of plain numbers and words that JSON holds. Titles, pictures and tables are made of it when it
is shown, so that what is shipped and what is worked out now are shown alike.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from markupsafe import Markup

from simulator.boards.table import Boards, read_boards
from simulator.declarations.calendar import YEARS, parse_years, year_name
from simulator.declarations.outcomes import OUTCOMES, Outcome
from simulator.engine.ensemble import Progress
from simulator.runs.futures import SEED
from simulator.runs.manifest import version
from simulator.scenarios.scenario import Scenario
from simulator.studies.scenario_runs import find_years_of_change

FORMAT = 1
AnalysisDocument = dict[str, Any]
ComputeFunction = Callable[["AnalysisRequest", Progress], AnalysisDocument]


@dataclass(frozen=True, eq=False)
class AnalysisRequest:
    """A question of a kind about scenarios, today's rules first. `how` holds what else was chosen, `own` a
    visitor's own table of boards.
    """

    kind: str
    policies: tuple[Scenario, ...]
    outcome: str = "retained"
    years: str = ""
    seed: int = SEED
    how: Mapping[str, str] = field(default_factory=dict)
    own: Boards | None = None

    @cached_property
    def key(self) -> str:
        """The same for the same question: 24 hexadecimal digits."""
        policies = [[one.name, one.title, one.fingerprint] for one in self.policies]
        said = [
            FORMAT,
            self.kind,
            policies,
            self.outcome,
            self.years,
            self.seed,
            sorted(self.how.items()),
            self.own.fingerprint if self.own else "",
        ]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:24]

    @property
    def about(self) -> Outcome:
        """The outcome asked about."""
        return OUTCOMES[self.outcome]

    @property
    def areas(self) -> Boards:
        """The boards."""
        return self.own or read_boards()

    @property
    def span(self) -> str:
        """The years, from the first change of any scenario on unless chosen."""
        return self.years or find_years_of_change(self.policies)

    def document(self, **numbers: Any) -> AnalysisDocument:
        """An answer, with what it was asked of."""
        names = range(YEARS)[parse_years(self.span)]
        return {
            "kind": self.kind,
            "outcome": self.outcome,
            "seed": self.seed,
            "version": version(),
            "years": [year_name(names[0]), year_name(names[-1])],
            "titles": [one.title for one in self.policies],
            "how": dict(self.how),
            "own": self.own is not None,
            **numbers,
        }


@dataclass(frozen=True)
class AnalysisReport:
    """An answer as people read it. `picture` is a whole SVG, `rows` are words, `data` full-precision numbers.

    Nothing in it but the picture is markup.
    """

    title: str
    says: tuple[str, ...]
    picture: Markup
    about: str
    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    data_head: tuple[str, ...]
    data: tuple[tuple[str | float | int, ...], ...]
    source: str


def describe_source(doc: AnalysisDocument, made: str) -> str:
    """What stands under an answer: what it was made of."""
    from simulator.reports import sentences

    label, own = OUTCOMES[doc["outcome"]].label, " Your own boards." if doc["own"] else ""
    badge = doc.get("badge", "")
    said = f"{label}, {sentences.span(tuple(doc['years']))}.{own} {made}, seed {doc['seed']}"
    return f"{said}{'; ' + badge if badge else ''}; Ringfence {doc['version']}."


class Steps:
    """Progress of a work in parts of known weights, told as thousandths of the whole."""

    def __init__(self, progress: Progress, weights: Sequence[float]) -> None:
        self._progress, self._weights = progress, weights

    def part(self, at: int) -> Progress:
        """What part number `at` is to call."""
        before, mine, total = sum(self._weights[:at]), self._weights[at], sum(self._weights)
        progress = self._progress
        return lambda done, of: progress(round(1000 * (before + mine * done / max(of, 1)) / total), 1000)
