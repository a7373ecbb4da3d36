"""`ringfence split`: how much of an uncertain answer is chance, and how much is parameters that nobody knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.commands.shared import options
from simulator.commands.shared.answer_parts import OutcomeAnswer, describe_span, document_outcome, repeat_command
from simulator.commands.shared.console import Bar
from simulator.commands.shared.inputs import read_boards, read_scenario, say_remarks
from simulator.commands.shared.option_groups import AnswerOptions, DrawOptions, spread_groups
from simulator.commands.shared.rendering import Answer, Row, deliver, show_table, show_text
from simulator.commands.shared.running import say_if_cold
from simulator.common.errors import InputError
from simulator.studies.samples import check_draws, describe_sample, sample

if TYPE_CHECKING:
    from simulator.boards.table import Boards
    from simulator.common.arrays import Floats
    from simulator.experiments.sensitivity.variance_split import VarianceSplit
    from simulator.scenarios.scenario import Scenario

DRAWS, REPLICATES = 300, 8
PARTS = {
    "luck": "chance",
    "parameters": "parameters",
    "luck_share": "chance_share",
    "parameter_share": "parameter_share",
}
"""Keys of the document, and the attributes of a split that they hold."""


@dataclass(frozen=True)
class SplitAnswer(OutcomeAnswer):
    """The split of the difference from another scenario (None where there is none) and of the level itself."""

    difference: VarianceSplit | None
    level: VarianceSplit
    scenarios: tuple[Scenario, Scenario]

    @property
    def parts(self) -> dict[str, VarianceSplit | None]:
        return {"difference": self.difference, "level": self.level}


@spread_groups
def split(
    scenario: options.ScenarioName,
    against: options.Against = "baseline",
    outcome: options.Outcome = "retained",
    years: options.Years = None,
    draws: options.Draws = DRAWS,
    replicates: options.Replicates = REPLICATES,
    *,
    drawn: DrawOptions,
    output: AnswerOptions,
) -> None:
    """Is it chance, or parameters that nobody knows? Split the variance of an answer between the two.

    Every parameter draw is run several times. More evidence could shrink the parameters' part; that of chance stays.
    """
    from simulator.declarations.calendar import parse_years

    form, out = output.check()
    new, old = read_scenario(scenario), read_scenario(against)
    say_remarks((new, old), parse_years(years) if years else None)
    areas = read_boards(drawn.boards)
    deliver(
        make_answer(split_answer(new, old, outcome, years, draws, replicates, drawn.seed, drawn.source, areas)),
        form,
        out,
        output.crate,
    )


def split_answer(
    new: Scenario,
    old: Scenario,
    outcome: str = "retained",
    years: str | None = None,
    draws: int = DRAWS,
    replicates: int = REPLICATES,
    seed: int = options.SEED,
    source: options.Source = options.Source.POSTERIOR,
    boards: Boards | None = None,
) -> SplitAnswer:
    """Split the variance of an outcome under `new`, and of its difference from `old`, over the same years.

    Raises InputError, LookupError and ValueError for what cannot be used.
    """
    from simulator.declarations.calendar import YEARS, quarter_name, year_name
    from simulator.experiments.sensitivity.variance_split import split_variance
    from simulator.runs.results import find_outcome
    from simulator.studies.model_function import ModelFunction

    declared = find_outcome(outcome)
    if replicates < 2:
        raise InputError("one replicate a draw cannot tell chance from parameters; give --replicates 2 or more")
    check_draws(draws, source)
    areas = boards or read_boards(None)
    futures = sample(draws, replicates, seed, source)
    starts = [scenario.start for scenario in (new, old) if scenario.start is not None]
    start = quarter_name(min(starts, default=0))
    values: list[Floats] = []
    say_if_cold()
    with Bar(f"{2 * futures.n:,} runs", 1) as bar:
        for scenario in (new, old):
            model = ModelFunction(scenario, (outcome,), start, years, areas)
            values.append(model(futures.points, futures.seeds)[outcome])
            bar(len(values), 2)
    difference = values[0] - values[1]
    level_label = f"“{declared.label}” under “{new.title}”"
    difference_label = f"the difference in “{declared.label}” between “{new.title}” and “{old.title}”"
    differs = bool((abs(difference) > 0).any())
    span = range(YEARS)[model.span]
    flags: list[tuple[str, object]] = [
        ("--against", old),
        ("--outcome", outcome),
        ("--years", years),
        ("--draws", draws),
        ("--replicates", replicates),
        ("--seed", seed),
        ("--source", source.value),
    ]
    return SplitAnswer(
        difference=split_variance(difference, futures.draws, difference_label, seed=seed) if differs else None,
        level=split_variance(values[0], futures.draws, level_label, seed=seed),
        scenarios=(new, old),
        outcome=declared,
        years=(year_name(span[0]), year_name(span[-1])),
        badge=describe_sample(source, draws, replicates, seed, areas),
        command=repeat_command("split", [new], flags, areas),
    )


def make_answer(answer: SplitAnswer) -> Answer:
    """A split in all its forms."""
    new, old = answer.scenarios
    document = {
        "badge": answer.badge,
        "scenario": new.name,
        "title": new.title,
        "against": old.name,
        "outcome": document_outcome(answer.outcome),
        "years": answer.years,
        **{kind: None if part is None else _document_part(part) for kind, part in answer.parts.items()},
        "command": answer.command,
    }
    rows: list[Row] = [
        {
            "of": kind,
            **{str(key): value for key, value in row.items()},
            "runs_a_draw": part.runs,
            "draws": part.draws,
            "failed": part.failed,
            "scenario": new.name,
            "against": old.name,
            **answer.columns,
        }
        for kind, part in answer.parts.items()
        if part is not None
        for row in part.to_frame().to_dict("records")
    ]
    return Answer(document, rows, lambda: show(answer))


def _document_part(part: VarianceSplit) -> dict[str, object]:
    return {
        "sentence": part.sentence,
        "luck_dominates": part.chance_dominates,
        "draws": part.draws,
        "runs_a_draw": part.runs,
        "failed": part.failed,
        **{key: dict(getattr(part, attribute)._asdict()) for key, attribute in PARTS.items()},
    }


def show(answer: SplitAnswer) -> None:
    """Print the sentences, the table, and how the answer was made."""
    new, old = answer.scenarios
    if answer.difference is not None:
        show_text(answer.difference.sentence)
    elif new.name != old.name:
        show_text(f"“{new.title}” and “{old.title}” give the same result in every run: there is nothing to split.")
    show_text(answer.level.sentence)
    show_text()
    table = [
        _table_line(kind, part, answer)
        for kind, part in (("The difference", answer.difference), ("The level", answer.level))
        if part is not None
    ]
    show_table(table, tuple(table[0])[1:])
    show_text()
    show_text(f"{answer.outcome.label}: {answer.outcome.meaning}, {describe_span(*answer.years)}.")
    show_text(
        "Chance is what would differ if history ran again with the same parameters; better evidence could shrink the "
        "parameters' part only. That the model itself may be wrong is in neither. Intervals are noise: 95%, from "
        "resampled parameter draws, and more draws narrow them."
    )
    show_text(f"{answer.badge}.")


def _table_line(kind: str, part: VarianceSplit, answer: SplitAnswer) -> dict[str, str]:
    """One row: a share and, as people picture it, a standard deviation for each part."""
    from simulator.common.formatting import format_absolute

    def deviation(variance: float) -> str:
        return format_absolute(max(variance, 0.0) ** 0.5, answer.outcome.change_unit)

    share, low, high = part.chance_share
    return {
        "Variance of": kind,
        "Chance": f"{share:.0%}",
        "Chance, 95%": f"{low:.0%} to {high:.0%}",
        "Parameters": f"{1 - share:.0%}",
        "SD from chance": deviation(part.chance.value),
        "SD from parameters": deviation(part.parameters.value),
        "Runs a draw to bring chance to 10%": f"{part.runs_needed:,}" if part.parameters.value > 0 else "–",
    }
