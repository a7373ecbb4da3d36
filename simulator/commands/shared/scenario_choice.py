"""What the commands that choose between scenarios share: the scenarios, the outcome to choose by, and running them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.commands.shared.answer_parts import describe_span, repeat_command
from simulator.commands.shared.console import Bar
from simulator.commands.shared.inputs import read_boards, read_scenarios, say_remarks
from simulator.commands.shared.options import RIVALS
from simulator.commands.shared.running import say_if_cold
from simulator.common.errors import InputError
from simulator.common.sentence_templates import get_template

if TYPE_CHECKING:
    from simulator.boards.table import Boards
    from simulator.common.arrays import Floats
    from simulator.declarations.outcomes import Outcome
    from simulator.experiments.core.sampled_futures import SampledFutures
    from simulator.scenarios.scenario import Scenario


@dataclass(frozen=True)
class ScenarioChoice:
    """Scenarios by title, the outcome to choose by, the years it is taken over, and the boards."""

    scenarios: Mapping[str, Scenario]
    outcome: Outcome
    years: str
    boards: Boards

    @property
    def span(self) -> tuple[str, str]:
        """The first year and the last."""
        from simulator.declarations.calendar import YEARS, parse_years, year_name

        years = range(YEARS)[parse_years(self.years)]
        return year_name(years[0]), year_name(years[-1])

    @property
    def title(self) -> str:
        return f"{self.outcome.label}: {self.outcome.meaning}, {describe_span(*self.span)}"

    @property
    def remark(self) -> str:
        """What follows how an answer was made where its years hold some in which a policy does not act yet; else ""."""
        from simulator.studies.scenario_runs import find_years_all_act, find_years_of_change

        acting = find_years_all_act(self.scenarios.values())
        if not acting or self.years != find_years_of_change(self.scenarios.values()):
            return ""
        return get_template("acting.remark").format(span=describe_span(*self.span), acting=acting)

    def run(self, sample: SampledFutures, label: str) -> dict[str, Floats]:
        """The outcome of every scenario in the same futures, with a progress bar."""
        from simulator.studies.scenario_runs import run_scenarios

        say_if_cold()
        with Bar(f"{sample.n * len(self.scenarios):,} runs {label}") as bar:
            return run_scenarios(self.scenarios, sample, self.outcome.name, self.years, self.boards, bar)

    def document(self) -> dict[str, object]:
        """What every answer's JSON says of the choice."""
        outcome = self.outcome
        return {
            "outcome": {
                "name": outcome.name,
                "label": outcome.label,
                "unit": outcome.unit.value,
                "better": outcome.better,
            },
            "years": self.span,
            "boards": self.boards.source,
            "policies": {title: scenario.name for title, scenario in self.scenarios.items()},
        }

    def repeat(self, command: str, options: Sequence[tuple[str, object]]) -> str:
        """The command line for the same question about the same choice."""
        chosen = [("--outcome", self.outcome.name), ("--years", self.years), *options]
        return repeat_command(command, list(self.scenarios.values()), chosen, self.boards)


@dataclass(frozen=True)
class ChoiceAnswer:
    """What every answer about a choice holds: the scenarios, how it was made, and the command that makes it again."""

    choice: ScenarioChoice
    badge: str
    command: str


def read_choice(names: Sequence[str] | None, outcome: str, years: str | None, boards: Path | None) -> ScenarioChoice:
    """Scenarios to choose between. Conflicts and warnings go to stderr. Raises ValueError, LookupError."""
    from simulator.declarations.calendar import parse_years
    from simulator.studies.scenario_runs import find_directed_outcome, find_years_of_change, index_by_title

    directed = find_directed_outcome(outcome)
    scenarios = read_scenarios(names or RIVALS)
    if len(scenarios) < len(names or RIVALS):
        raise InputError("a policy is given twice")
    say_remarks(scenarios, parse_years(years) if years else None)
    return ScenarioChoice(
        index_by_title(scenarios), directed, years or find_years_of_change(scenarios), read_boards(boards)
    )
