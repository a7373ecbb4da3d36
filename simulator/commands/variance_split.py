"""`ringfence split`: how much of what is not known is luck, and how much is parameters that nobody has pinned down."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simulator.commands.shared import options, study_options
from simulator.commands.shared.console import Bar, say
from simulator.commands.shared.rendering import Answer, Row, check_out, deliver, form, show_table, show_text
from simulator.common.errors import InputError

if TYPE_CHECKING:
    from simulator.declarations.outcomes import Outcome
    from simulator.experiments.core.model_protocol import Floats
    from simulator.experiments.sensitivity.variance_split import VarianceSplit
    from simulator.scenarios.scenario import Scenario

DRAWS, LUCKS = 300, 8
PARTS = ("luck", "parameters", "luck_share", "parameter_share")


@dataclass(frozen=True)
class Splits:
    """The split of the difference from another policy (None where there is none) and of the level itself."""

    difference: VarianceSplit | None
    level: VarianceSplit
    policies: tuple[Scenario, Scenario]
    outcome: Outcome
    years: tuple[str, str]
    badge: str


def split(
    scenario: options.One,
    against: Annotated[
        str,
        typer.Option(
            "--against", metavar="SCENARIO", help="What to compare with.", autocompletion=options.scenario_names
        ),
    ] = "baseline",
    outcome: study_options.Outcome = "retained",
    years: options.Years = None,
    draws: study_options.Draws = DRAWS,
    lucks: study_options.Lucks = LUCKS,
    seed: options.Seed = options.SEED,
    source: study_options.Source = options.Source.POSTERIOR,
    as_json: options.Json = False,
    as_csv: options.Csv = False,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write .csv or .json.")] = None,
) -> None:
    """Chance, or not knowing: split the variance of an answer between luck and parameters.

    Every parameter draw meets several lucks. More evidence could shrink the parameters' part; luck's part stays.
    """
    how, out = form(as_json, as_csv), check_out(out, options.TABLES)
    new, old = options.read_policy(scenario), options.read_policy(against)
    for remark in options.remarks((new, old)):
        say(remark)
    deliver(answer(splits(new, old, outcome, years, draws, lucks, seed, source)), how, out)


def splits(
    new: Scenario,
    old: Scenario,
    outcome: str = "retained",
    years: str | None = None,
    draws: int = DRAWS,
    lucks: int = LUCKS,
    seed: int = options.SEED,
    source: options.Source = options.Source.POSTERIOR,
) -> Splits:
    """Split the variance of an outcome under `new`, and of its difference from `old`, over the same years.

    Raises InputError, LookupError and ValueError for what cannot be used.
    """
    from simulator.declarations.calendar import YEARS, quarter_name, year_name
    from simulator.experiments.sensitivity.variance_split import split_variance
    from simulator.runs.results import find_outcome
    from simulator.studies.model_function import ModelFunction

    about = find_outcome(outcome)
    if lucks < 2:
        raise InputError("a draw that meets one luck cannot tell luck from parameters; give --lucks 2 or more")
    study_options.check_draws(draws, source)
    worlds = study_options.worlds(draws, lucks, seed, source)
    starts = [policy.start for policy in (new, old) if policy.start is not None]
    start = quarter_name(min(starts, default=0))
    values: list[Floats] = []
    options.tell_if_cold()
    with Bar(f"{2 * worlds.n:,} runs", 1) as bar:
        for policy in (new, old):
            model = ModelFunction(policy, (outcome,), start, years)
            values.append(model(worlds.points, worlds.seeds)[outcome])
            bar(len(values), 2)
    difference = values[0] - values[1]
    label = f"“{about.label}” under “{new.title}”"
    gain = f"the difference in “{about.label}” between “{new.title}” and “{old.title}”"
    moved = bool((abs(difference) > 0).any())
    names = range(YEARS)[model.span]
    return Splits(
        difference=split_variance(difference, worlds.draws, gain, seed=seed) if moved else None,
        level=split_variance(values[0], worlds.draws, label, seed=seed),
        policies=(new, old),
        outcome=about,
        years=(year_name(names[0]), year_name(names[-1])),
        badge=study_options.badge(source, draws, lucks, seed),
    )


def answer(found: Splits) -> Answer:
    """A split in all its forms."""
    new, old = found.policies
    about = found.outcome
    kinds = {"difference": found.difference, "level": found.level}
    document = {
        "badge": found.badge,
        "scenario": new.name,
        "title": new.title,
        "against": old.name,
        "outcome": {"name": about.name, "label": about.label, "unit": about.unit.value, "meaning": about.meaning},
        "years": found.years,
        **{kind: None if one is None else _item(one) for kind, one in kinds.items()},
    }
    rows: list[Row] = [
        {
            "of": kind,
            **{str(key): value for key, value in row.items()},
            "runs_a_draw": one.runs,
            "draws": one.draws,
            "failed": one.failed,
            "scenario": new.name,
            "against": old.name,
            "outcome": about.name,
            "unit": about.unit.value,
            "first_year": found.years[0],
            "last_year": found.years[1],
            "badge": found.badge,
        }
        for kind, one in kinds.items()
        if one is not None
        for row in one.to_frame().to_dict("records")
    ]
    return Answer(document, rows, lambda: show(found))


def _item(one: VarianceSplit) -> dict[str, Any]:
    return {
        "sentence": one.sentence,
        "luck_dominates": one.luck_dominates,
        "draws": one.draws,
        "runs_a_draw": one.runs,
        "failed": one.failed,
        **{name: dict(getattr(one, name)._asdict()) for name in PARTS},
    }


def show(found: Splits) -> None:
    """Print the sentences, the table, and how it was made."""
    new, old = found.policies
    about = found.outcome
    if found.difference is None and new.name != old.name:
        show_text(f"“{new.title}” and “{old.title}” give the same result in every run: there is nothing to split.")
    elif found.difference is not None:
        show_text(found.difference.sentence)
    show_text(found.level.sentence)
    show_text()
    table = [
        _line(kind, one, found)
        for kind, one in (("The difference", found.difference), ("The level", found.level))
        if one is not None
    ]
    show_table(table, tuple(table[0])[1:])
    show_text()
    show_text(f"{about.label}: {about.meaning}, {options.span_words(*found.years)}.")
    show_text(
        "Luck is what would differ if history ran again with the same parameters; better evidence could shrink the "
        "parameters' part only. That the model itself may be wrong is in neither. Intervals are noise: 95%, from "
        "resampled parameter draws, of which more shrink them."
    )
    show_text(f"{found.badge}.")


def _line(kind: str, one: VarianceSplit, found: Splits) -> dict[str, str]:
    """One row: a share and, as people picture it, a standard deviation for each part."""
    from simulator.common.formatting import change

    def sd(variance: float) -> str:
        return change(max(variance, 0.0) ** 0.5, found.outcome.unit).lstrip("+")

    share, low, high = one.luck_share
    runs = f"{one.runs_needed:,}" if one.parameters.value > 0 else "–"
    return {
        "Variance of": kind,
        "Luck": f"{share:.0%}",
        "Luck, 95%": f"{low:.0%} to {high:.0%}",
        "Parameters": f"{1 - share:.0%}",
        "SD from luck": sd(one.luck.value),
        "SD from parameters": sd(one.parameters.value),
        "Runs a draw to bring luck to 10%": runs,
    }
