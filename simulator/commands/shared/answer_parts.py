"""Words and columns that several answers share: which boards, which years, a range, how a row was made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from simulator.common.ranges import YearSpan

if TYPE_CHECKING:
    import pandas as pd

    from simulator.boards.table import Boards
    from simulator.commands.shared.rendering import Row
    from simulator.declarations.outcomes import Outcome
    from simulator.runs.manifest import Manifest
    from simulator.scenarios.scenario import Scenario


def document_outcome(outcome: Outcome) -> dict[str, str]:
    """An outcome, for programs."""
    return {
        "name": outcome.name,
        "label": outcome.label,
        "unit": outcome.unit.value,
        "meaning": outcome.meaning,
    }


class OutcomeColumns(TypedDict):
    """Which outcome a row is about, over which years."""

    outcome: str
    unit: str
    first_year: str
    last_year: str


@dataclass(frozen=True)
class OutcomeAnswer:
    """What an answer about one outcome holds: which, over which years, how it was made, and how to make it again."""

    outcome: Outcome
    years: YearSpan
    badge: str
    command: str

    @property
    def columns(self) -> Row:
        """The last columns of its rows of CSV: which outcome, over which years, and how to make it again."""
        return {**outcome_columns(self.outcome, self.years), "badge": self.badge, "command": self.command}


def outcome_columns(outcome: Outcome, years: tuple[str, str]) -> OutcomeColumns:
    """The columns that say which outcome a row of CSV is about, over which years."""
    return {
        "outcome": outcome.name,
        "unit": outcome.unit.value,
        "first_year": years[0],
        "last_year": years[1],
    }


def make_provenance_columns(manifest: Manifest, command: str, settings: Mapping[str, float] | None = None) -> Row:
    """The columns that say how a row of CSV was made, and how to make it again."""
    held = "; ".join(f"{name}={value!r}" for name, value in (settings or {}).items())
    return {
        "futures": manifest.futures,
        "seed": manifest.seed,
        "source": manifest.source,
        "settings": held,
        "badge": manifest.badge,
        "scenario_fingerprint": manifest.scenario_fingerprint,
        "boards": manifest.boards,
        "boards_fingerprint": manifest.boards_fingerprint,
        "code": manifest.code,
        "version": manifest.version,
        "command": command,
    }


def make_frame_rows(frame: pd.DataFrame, common: Mapping[str, object]) -> list[Row]:
    """A result's table as rows for CSV, with what the whole answer is about at the end of each."""
    return [{**{str(name): value for name, value in row.items()}, **common} for row in frame.to_dict("records")]


def repeat_command(
    command: str, words: Sequence[str | Scenario], options: Sequence[tuple[str, object]], boards: Boards
) -> str:
    """The command line that gives the same answer. Scenarios and boards are named with their fingerprints.

    An option of None or False is left out; one of True is a switch.
    """
    from simulator.runs.recipe import Recipe
    from simulator.scenarios.scenario import Scenario, load_scenario

    values = [*words, *(value for _, value in options)]
    scenarios = tuple(value for value in values if isinstance(value, Scenario))
    recipe = Recipe(scenarios, boards, (), scenarios[0] if scenarios else load_scenario("baseline"))

    def name(value: object) -> object:
        return recipe.name_of(value) if isinstance(value, Scenario) else value

    wanted = [(option, name(value)) for option, value in options if value is not None and value is not False]
    return recipe.line(command, [str(name(word)) for word in words], [*wanted, *recipe.table, *recipe.posterior])


def describe_boards(manifest: Manifest) -> str:
    """The boards as people say them, a table of one's own with its fingerprint."""
    from simulator.boards.table import read_boards

    own = manifest.boards_fingerprint != read_boards().fingerprint
    return f"{manifest.boards} (fingerprint {manifest.boards_fingerprint})" if own else manifest.boards


def describe_span(first: str, last: str) -> str:
    """A span of years as people say it."""
    return first if first == last else f"{first} to {last}"


def describe_range(low: str, high: str) -> str:
    """Two amounts as a range, with what they share said once."""
    for ending in (" points", " point", " of allocation"):
        low = low.removesuffix(ending)
    return low if low == high else f"{low} to {high}"
