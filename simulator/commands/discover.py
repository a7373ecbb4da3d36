"""`ringfence discover`: where does a policy fail? The part of what is not known in which it does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simulator.commands.shared import options, study_options
from simulator.commands.shared.console import Bar, say
from simulator.commands.shared.factor_runs import Against, Over, Varied, Years, luck_share, named, sample, varied
from simulator.commands.shared.rendering import Answer, Row, check_out, deliver, form, show_table, show_text
from simulator.common.atomic_files import write_text
from simulator.common.errors import InputError
from simulator.common.spreadsheet import safe_cell

if TYPE_CHECKING:
    from simulator.experiments.discovery.scenario_discovery import BoxLimit, ScenarioDiscovery
    from simulator.experiments.discovery.tree_opinion import TreeOpinion

POINTS = 5_000
FEWEST = 200
MOST_NOISE = 5
NUMBERS = ("Limit", "Quasi-p", "Found again")


Below = Annotated[
    float | None, typer.Option("--below", metavar="X", help="It fails where the outcome is below this: 0.5 is 50%.")
]
Above = Annotated[float | None, typer.Option("--above", metavar="X", help="It fails where the outcome is above this.")]
Count = Annotated[
    int | None,
    typer.Option(
        "--points",
        min=FEWEST,
        max=options.MOST,
        show_default=False,
        help=f"How many draws to look among. Default: {POINTS:,}, or all that the posterior holds.",
    ),
]
Export = Annotated[
    Path | None, typer.Option("--export", metavar="FILE.csv", help="Write the box in the layout of the EMA Workbench.")
]


def discover(  # noqa: PLR0913 - one argument an option
    scenario: options.One,
    below: Below = None,
    above: Above = None,
    outcome: study_options.Outcome = "retained",
    against: Against = None,
    over: Over = None,
    source: study_options.Source = options.Source.PRIOR,
    points: Count = None,
    lucks: study_options.Lucks = 1,
    years: Years = None,
    seed: options.Seed = options.SEED,
    export: Export = None,
    as_json: options.Json = False,
    as_csv: options.Csv = False,
) -> None:
    """Where does it fail? A few limits on unknown numbers that hold most of the failures.

    PRIM peels a box around the draws in which the outcome fails; limits that chance explains, or that half of the draws
    do not show again, are dropped. A decision tree gives a second opinion.
    """
    how, export = form(as_json, as_csv), check_out(export, (".csv",))
    threshold = above if below is None else below
    if threshold is None or None not in (below, above):
        raise typer.BadParameter("give either --below or --above, so that it is clear what failing means")
    question = varied(scenario, against, outcome, years, over, source, seed)
    n = points or _most(source)
    study_options.check_draws(n, source)
    options.tell_if_cold()
    found, opinion = _search(question, threshold, above is None, n, lucks)
    deliver(_answer(question, found, opinion, lucks), how)
    if export is not None:
        _export(found, export)


def _most(source: options.Source) -> int:
    from simulator.runs.posterior import BLOCK

    return BLOCK if source is options.Source.POSTERIOR else POINTS


def _search(
    question: Varied, threshold: float, below: bool, n: int, lucks: int
) -> tuple[ScenarioDiscovery, TreeOpinion]:
    from simulator.experiments.discovery.scenario_discovery import CaseDefinition
    from simulator.experiments.discovery.scenario_discovery import discover_scenario as find
    from simulator.experiments.discovery.tree_opinion import grow_tree_opinion

    case = CaseDefinition(threshold, below, question.unit, question.old is not None)
    drawn = sample(question, n, lucks, "the sample")
    with Bar("halves of the sample searched again") as bar:
        found = find(drawn, case, seed=question.seed, progress=bar)
    return found, grow_tree_opinion(drawn, found, seed=question.seed)


def _export(found: ScenarioDiscovery, export: Path) -> None:
    if not found.restricted:
        raise InputError(f"no box stands out from noise, so that {export} was not written")
    write_text(export, found.boxes_to_frame().map(safe_cell).to_csv(lineterminator="\n"))
    say(f"wrote {export}")


def _answer(question: Varied, found: ScenarioDiscovery, opinion: TreeOpinion, lucks: int) -> Answer:
    badge = study_options.badge(question.source, found.n, lucks, question.seed)
    limits = [_row(limit) for limit in sorted(found.limits, key=lambda limit: not limit.kept)]
    document: dict[str, Any] = {
        "question": question.document,
        "case": {"threshold": found.case.threshold, "below": found.case.below},
        "sentence": found.sentence,
        "base": found.base,
        "restricted": found.restricted,
        "noise": found.noise,
        "coverage": vars(found.coverage),
        "density": vars(found.density),
        "unseen_coverage": found.unseen_coverage,
        "unseen_density": found.unseen_density,
        "limits": limits,
        "halves": found.halves,
        "points": found.n,
        "failed": found.failed,
        "lucks": lucks,
        "luck": luck_share(question),
        "setting": question.setting,
        "tree": {
            "sentence": opinion.sentence,
            "restricted": opinion.restricted,
            "overlap": opinion.overlap,
            "leaves": opinion.to_frame().to_dict("records"),
        },
        "trajectory": found.trajectory.to_frame().to_dict("records"),
        "badge": badge,
    }
    box = {"base": found.base, "coverage": found.coverage.estimate, "density": found.density.estimate}
    made = {"points": found.n, "lucks": lucks, "made_with": badge}
    rows = [{**limit, **box, **question.document, **made} for limit in limits]
    return Answer(document, rows, lambda: _show(document, found))


def _row(limit: BoxLimit) -> Row:
    low, high = limit.likely
    return {
        **named(limit.factor),
        "side": limit.side,
        "limit": limit.value,
        "likely_low": low,
        "likely_high": high,
        "quasi_p": limit.quasi_p,
        "repeats": limit.repeats,
        "kept": limit.kept,
    }


def _show(document: dict[str, Any], found: ScenarioDiscovery) -> None:
    show_text(f"{found.sentence} {document['tree']['sentence']}")
    show_text()
    kept = len([row for row in document["limits"] if row["kept"]])
    shown, rest = document["limits"][: kept + MOST_NOISE], document["limits"][kept + MOST_NOISE :]
    if shown:
        show_table([_line(row) for row in shown], NUMBERS)
    if rest:
        show_text(f"{len(rest)} more limits that the search drew are noise, too; --csv has all.")
    if shown:
        show_text()
    for text in _notes(document, found):
        show_text(text)


def _line(row: Row) -> dict[str, str]:
    from simulator.common.formatting import significant

    low, high = significant(row["likely_low"]), significant(row["likely_high"])
    return {
        "Factor": row["factor"],
        "Limit": f"{'above' if row['side'] == 'low' else 'below'} {significant(row['limit'])}",
        "80% range": "–" if row["likely_low"] != row["likely_low"] else f"{low} to {high}",
        "Quasi-p": f"{row['quasi_p']:.3f}",
        "Found again": f"{row['repeats']:.0%}",
        "Verdict": "kept" if row["kept"] else "noise",
        "Known from": row["badge"],
        "What it is": row["meaning"],
    }


def _notes(document: dict[str, Any], found: ScenarioDiscovery) -> list[str]:
    """What must be known beside the box: what is noise, what luck does, and how it was made."""
    posterior = document["question"]["source"] == options.Source.POSTERIOR
    notes = [
        "Coverage is the share of all such points in the box, density the share of such points inside; both flatter "
        "the box, which was drawn around these points. A limit is noise if its quasi-p is above 0.05, or if fewer than "
        f"half of {found.halves} halves of the points show it again; the 80% range is the middle of where they put it.",
        f"{document['luck']} No limit on parameters can hold what luck decides.",
    ]
    if posterior:
        notes.append(
            "Draws of the posterior are equally likely, so each counts once. Parameters vary together in them, so that "
            "a limit on one may stand for another."
        )
    return [*notes, document["setting"], f"{document['badge'][0].upper()}{document['badge'][1:]}."]
