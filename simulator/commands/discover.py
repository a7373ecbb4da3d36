"""`ringfence discover`: where does a scenario fail? The part of what is uncertain in which it does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.commands.shared import options
from simulator.commands.shared.console import Bar, say
from simulator.commands.shared.factor_runs import (
    FactorQuestion,
    describe_factor,
    read_question,
    run_sample,
)
from simulator.commands.shared.option_groups import AnswerOptions, spread_groups
from simulator.commands.shared.posterior_options import PosteriorOptions
from simulator.commands.shared.rendering import Answer, Row, check_out, deliver, show_table, show_text
from simulator.commands.shared.running import say_if_cold
from simulator.common.atomic_files import write_text
from simulator.common.errors import InputError
from simulator.common.spreadsheet import make_cell_safe
from simulator.common.units import Unit
from simulator.studies.factor_study import describe_chance_share
from simulator.studies.samples import check_draws, describe_sample

if TYPE_CHECKING:
    from simulator.experiments.discovery.scenario_discovery import BoxLimit, ScenarioDiscovery
    from simulator.experiments.discovery.tree_opinion import TreeOpinion

POINTS = 5_000
FEWEST = 200
MOST_NOISE = 5
NUMBERS = ("Limit", "Quasi-p", "Found again")

Below = Annotated[
    float | None, options.value_option("--below", "Failing means that the outcome is below this; 0.5 is 50%.")
]
Above = Annotated[float | None, options.value_option("--above", "Failing means that the outcome is above this.")]
Points = Annotated[
    int | None,
    typer.Option(
        "--points",
        min=FEWEST,
        max=options.MOST,
        help=f"How many draws to search. Default: {POINTS:,} of the prior, or all of the posterior.",
    ),
]
Export = Annotated[
    Path | None,
    options.text_option("--export", "FILE.csv", "Also write the box in the layout of the EMA Workbench."),
]


@spread_groups
def discover(  # noqa: PLR0913 - one argument an option
    scenario: options.ScenarioName,
    below: Below = None,
    above: Above = None,
    outcome: options.Outcome = "retained",
    against: options.AgainstIfAny = None,
    over: options.Factors = None,
    source: options.DrawnParameters = options.Source.PRIOR,
    points: Points = None,
    replicates: options.Replicates = 1,
    years: options.YearsOfLevers = None,
    seed: options.Seed = options.SEED,
    boards: options.BoardsFile = None,
    export: Export = None,
    *,
    posterior: PosteriorOptions,
    output: AnswerOptions,
) -> None:
    """Where does it fail? A few limits on uncertain numbers that hold most of the failures.

    PRIM peels a box around the draws in which the outcome fails. Limits that chance explains, or that half of the draws
    do not show again, are dropped. A decision tree gives a second opinion.
    """
    form, out = output.check()
    export = check_out(export, (".csv",))
    threshold = above if below is None else below
    if threshold is None or None not in (below, above):
        raise typer.BadParameter("give either --below or --above, so that it is clear what failing means")
    question = read_question(scenario, against, outcome, years, over, source, seed, boards)
    _check_threshold(threshold, question)
    n = points or _count_points(source)
    check_draws(n, source)
    say_if_cold()
    discovery, opinion = _search(question, threshold, above is None, n, replicates)
    flags = [("--below", below), ("--above", above), ("--points", n), ("--replicates", replicates)]
    command = question.repeat("discover", flags)
    deliver(_make_answer(question, discovery, opinion, replicates, command), form, out, output.crate)
    if export is not None:
        _export(discovery, export)


def _check_threshold(threshold: float, question: FactorQuestion) -> None:
    """Refuse a threshold that no share, and no difference of shares, can have. Raises InputError."""
    low = 0 if question.old is None else -1
    if question.unit is Unit.SHARE and not low <= threshold <= 1:
        raise InputError(f"a threshold of {threshold:g} is no share; write 50% as 0.5")


def _count_points(source: options.Source) -> int:
    from simulator.runs.posterior import BLOCK

    return BLOCK if source is options.Source.POSTERIOR else POINTS


def _search(
    question: FactorQuestion, threshold: float, below: bool, n: int, replicates: int
) -> tuple[ScenarioDiscovery, TreeOpinion]:
    from simulator.experiments.discovery.scenario_discovery import CaseDefinition, discover_scenario
    from simulator.experiments.discovery.tree_opinion import grow_tree_opinion

    case = CaseDefinition(threshold, below, question.change_unit, question.old is not None)
    sample = run_sample(question, n, replicates, "the sample")
    with Bar("halves of the sample searched again") as bar:
        discovery = discover_scenario(sample, case, seed=question.seed, progress=bar)
    return discovery, grow_tree_opinion(sample, discovery, seed=question.seed)


def _export(discovery: ScenarioDiscovery, export: Path) -> None:
    if not discovery.restricted:
        raise InputError(f"no box stands out from noise, so that {export} was not written")
    write_text(export, discovery.boxes_to_frame().map(make_cell_safe).to_csv(lineterminator="\n"))
    say(f"wrote {export}")


def _make_answer(
    question: FactorQuestion, discovery: ScenarioDiscovery, opinion: TreeOpinion, replicates: int, command: str
) -> Answer:
    badge = describe_sample(question.source, discovery.n, replicates, question.seed, question.new.areas)
    limits = [_limit_row(limit) for limit in sorted(discovery.limits, key=lambda limit: not limit.kept)]
    document: Row = {
        "question": question.document,
        "case": {"threshold": discovery.case.threshold, "below": discovery.case.below},
        "sentence": discovery.sentence,
        "base": discovery.base,
        "restricted": discovery.restricted,
        "noise": discovery.noise,
        "coverage": vars(discovery.coverage),
        "density": vars(discovery.density),
        "unseen_coverage": discovery.unseen_coverage,
        "unseen_density": discovery.unseen_density,
        "limits": limits,
        "halves": discovery.halves,
        "points": discovery.n,
        "failed": discovery.failed,
        "lucks": replicates,
        "luck": describe_chance_share(question),
        "setting": question.setting,
        "tree": {
            "sentence": opinion.sentence,
            "restricted": opinion.restricted,
            "overlap": opinion.overlap,
            "leaves": opinion.to_frame().to_dict("records"),
        },
        "trajectory": discovery.trajectory.to_frame().to_dict("records"),
        "badge": badge,
        "command": command,
    }
    box = {"base": discovery.base, "coverage": discovery.coverage.estimate, "density": discovery.density.estimate}
    run = {"points": discovery.n, "lucks": replicates, "made_with": badge, "command": command}
    rows = [{**limit, **box, **question.document, **run} for limit in limits]
    return Answer(document, rows, lambda: _show(document, discovery))


def _limit_row(limit: BoxLimit) -> Row:
    low, high = limit.likely
    return {
        **describe_factor(limit.factor),
        "side": limit.side,
        "limit": limit.value,
        "likely_low": low,
        "likely_high": high,
        "quasi_p": limit.quasi_p,
        "repeats": limit.repeats,
        "kept": limit.kept,
    }


def _show(document: Row, discovery: ScenarioDiscovery) -> None:
    show_text(f"{discovery.sentence} {document['tree']['sentence']}")
    show_text()
    kept = len([row for row in document["limits"] if row["kept"]])
    shown, rest = document["limits"][: kept + MOST_NOISE], document["limits"][kept + MOST_NOISE :]
    if shown:
        show_table([_table_line(row) for row in shown], NUMBERS)
    if rest:
        show_text(f"{len(rest)} more limits that the search drew are noise too; --csv has all.")
    if shown:
        show_text()
    for text in _notes(document, discovery):
        show_text(text)


def _table_line(row: Row) -> dict[str, str]:
    from simulator.common.formatting import format_number

    low, high = format_number(row["likely_low"]), format_number(row["likely_high"])
    return {
        "Factor": row["factor"],
        "Limit": f"{'above' if row['side'] == 'low' else 'below'} {format_number(row['limit'])}",
        "8 in 10 halves": "–" if row["likely_low"] != row["likely_low"] else f"{low} to {high}",
        "Quasi-p": f"{row['quasi_p']:.3f}",
        "Found again": f"{row['repeats']:.0%}",
        "Verdict": "kept" if row["kept"] else "noise",
        "Known from": row["badge"],
        "What it is": row["meaning"],
    }


def _notes(document: Row, discovery: ScenarioDiscovery) -> list[str]:
    """What must be known beside the box: what is noise, what chance does, and how it was made."""
    posterior = document["question"]["source"] == options.Source.POSTERIOR
    notes = [
        "Coverage is the share of all such points in the box, density the share of such points inside; both flatter "
        "the box, which was drawn around these points. A limit is noise if its quasi-p is above 0.05, or if fewer "
        f"than half of {discovery.halves} halves of the points show it again; 8 in 10 "
        "halves put it within the range given.",
        f"{document['luck']} No limit on parameters can hold what chance decides.",
    ]
    if posterior:
        notes.append(
            "Draws of the posterior are equally likely, so each counts once. Parameters vary together in them, so that "
            "a limit on one may stand for another."
        )
    return [*notes, document["setting"], f"{document['badge'][0].upper()}{document['badge'][1:]}."]
