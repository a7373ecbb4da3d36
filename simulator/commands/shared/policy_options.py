"""What the commands that choose between whole policies share: reading them, the worlds they meet, and running them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simulator.commands.shared import options
from simulator.commands.shared.console import Bar, say
from simulator.commands.shared.rendering import Row
from simulator.common.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from simulator.boards.table import Boards
    from simulator.declarations.outcomes import Outcome
    from simulator.experiments.core.model_protocol import Floats
    from simulator.experiments.core.sampled_futures import SampledFutures
    from simulator.scenarios.scenario import Scenario


RIVALS = ("ringfence", "leadership")  # "both" holds either of them, so there is nothing to choose with it

Several = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="SCENARIO",
        help=f"Library names, files, or stacks such as a+b; two or more. Without any: {', '.join(RIVALS)}.",
        autocompletion=options.scenario_names,
        show_default=False,
    ),
]
Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write .csv or .json.")]


@dataclass(frozen=True)
class Choice:
    """Policies by the words for them, the outcome to choose by, the years it is taken over, and the boards."""

    policies: Mapping[str, Scenario]
    about: Outcome
    years: str
    boards: Boards

    @property
    def span(self) -> tuple[str, str]:
        """The first year and the last."""
        from simulator.declarations.calendar import YEARS, parse_years, year_name

        chosen = range(YEARS)[parse_years(self.years)]
        return year_name(chosen[0]), year_name(chosen[-1])

    @property
    def title(self) -> str:
        return f"{self.about.label}: {self.about.meaning}, {options.span_words(*self.span)}"

    def run(self, worlds: SampledFutures, label: str) -> dict[str, Floats]:
        """The outcome of every policy in the same worlds, with a progress bar."""
        from simulator.studies.scenario_runs import run_scenarios

        options.tell_if_cold()
        with Bar(f"{worlds.n * len(self.policies):,} runs {label}") as bar:
            return run_scenarios(self.policies, worlds, self.about.name, self.years, self.boards, bar)

    def document(self) -> dict[str, Any]:
        """What every answer's JSON says of the choice."""
        about = self.about
        return {
            "outcome": {"name": about.name, "label": about.label, "unit": about.unit.value, "better": about.better},
            "years": self.span,
            "boards": self.boards.source,
            "policies": {words: policy.name for words, policy in self.policies.items()},
        }


def read(names: Sequence[str] | None, outcome: str, years: str | None, boards: Path | None) -> Choice:
    """Policies to choose between. Conflicts and warnings go to stderr. Raises ValueError, LookupError."""
    from simulator.declarations.calendar import parse_years
    from simulator.studies.scenario_runs import find_directed_outcome, find_years_of_change, index_by_title

    about = find_directed_outcome(outcome)
    policies = options.read_policies(names or RIVALS)
    if len(policies) < len(names or RIVALS):
        raise InputError("a policy is given twice")
    for remark in options.remarks(policies):
        say(remark)
    if years:
        parse_years(years)
    return Choice(index_by_title(policies), about, years or find_years_of_change(policies), options.read_boards(boards))


def worlds(draws: int, lucks: int, seed: int, source: options.Source) -> SampledFutures:
    """The worlds that policies meet. Raises InputError for one default set of parameters, ValueError for too many."""
    from simulator.studies.scenario_runs import sample_posterior_futures, sample_prior_futures

    if source is options.Source.DEFAULT:
        raise InputError("one default set of parameters cannot say how sure an answer is; ask for posterior or prior")
    return (sample_posterior_futures if source is options.Source.POSTERIOR else sample_prior_futures)(
        draws, lucks, seed
    )


def flat(frame: pd.DataFrame, about: Mapping[str, Any]) -> list[Row]:
    """A result's table as rows for CSV, what the whole answer is about at the end of each."""
    return [{**{str(name): value for name, value in row.items()}, **about} for row in frame.to_dict("records")]
