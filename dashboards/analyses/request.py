"""A question as a value: the scenarios it is about, and the key under which its answer is kept.

An answer is a document of plain numbers and text that JSON can hold. Titles, pictures and tables are made from it when
it is shown, so that answers that ship with the program and new ones look alike.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypedDict

from dashboards.selection.own_evidence import OwnEvidence
from simulator.boards.table import Boards, read_boards
from simulator.declarations.calendar import YEARS, parse_years, year_name
from simulator.declarations.outcomes import OUTCOMES, Outcome
from simulator.engine.ensemble import Progress
from simulator.runs.futures import SEED
from simulator.runs.manifest import find_version
from simulator.scenarios.scenario import Scenario
from simulator.studies.scenario_runs import find_years_of_change

FORMAT = 1
ALL_YEARS = "all years"
"""The option that holds the years of the screen, where a question is about those alone in which all policies act."""


class AnalysisDocument(TypedDict):
    """What every answer says of its question. `how` are the question's options; `own`: on a visitor's own boards;
    `badge`: whether the parameters are fitted."""

    kind: str
    outcome: str
    seed: int
    version: str
    years: list[str]
    titles: list[str]
    how: dict[str, str]
    own: bool
    badge: str


ComputeFunction = Callable[["AnalysisRequest", Progress], AnalysisDocument]


@dataclass(frozen=True, eq=False)
class AnalysisRequest:
    """A question of a kind about scenarios, today's rules first.

    `options` holds what else was chosen, `own_boards` and `evidence` a visitor's own.
    """

    kind: str
    scenarios: tuple[Scenario, ...]
    outcome: str = "retained"
    years: str = ""
    seed: int = SEED
    options: Mapping[str, str] = field(default_factory=dict)
    own_boards: Boards | None = None
    evidence: OwnEvidence | None = None

    @cached_property
    def key(self) -> str:
        """The same for the same question: 24 hexadecimal digits."""
        content = [
            FORMAT,
            self.kind,
            [[scenario.name, scenario.title, scenario.fingerprint] for scenario in self.scenarios],
            self.outcome,
            self.years,
            self.seed,
            sorted(self.options.items()),
            self.own_boards.fingerprint if self.own_boards else "",
            *([self.evidence.fingerprint, self.evidence.file] if self.evidence else []),
        ]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:24]

    @property
    def is_private(self) -> bool:
        """Whether its answer rests on what a visitor sent, and stays with that visitor."""
        return self.own_boards is not None or self.evidence is not None

    @property
    def chosen_outcome(self) -> Outcome:
        """The outcome that the question is about."""
        return OUTCOMES[self.outcome]

    @property
    def boards(self) -> Boards:
        """The visitor's own boards, or else the 42."""
        return self.own_boards or read_boards()

    @property
    def span(self) -> str:
        """The years: those chosen, or else from the first change of any scenario on."""
        return self.years or find_years_of_change(self.scenarios)

    def describe(self, badge: str) -> AnalysisDocument:
        """The part of an answer that says what was asked."""
        years = range(YEARS)[parse_years(self.span)]
        return {
            "kind": self.kind,
            "outcome": self.outcome,
            "seed": self.seed,
            "version": find_version(),
            "years": [year_name(years[0]), year_name(years[-1])],
            "titles": [scenario.title for scenario in self.scenarios],
            "how": dict(self.options),
            "own": self.own_boards is not None,
            "badge": badge,
        }


class ProgressSteps:
    """Progress of a piece of work in steps of known weights, reported in thousandths of the whole."""

    def __init__(self, progress: Progress, weights: Sequence[float]) -> None:
        self._progress, self._weights = progress, weights

    def step(self, number: int) -> Progress:
        """The progress function for step `number`, counted from 0."""
        before, weight, total = sum(self._weights[:number]), self._weights[number], sum(self._weights)
        progress = self._progress
        return lambda done, of: progress(round(1000 * (before + weight * done / max(of, 1)) / total), 1000)
