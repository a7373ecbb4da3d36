"""`ringfence learn`: what evidence would change our mind, and what would it be worth?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simulator.commands.shared import options, policy_options, study_options
from simulator.commands.shared.console import Bar
from simulator.commands.shared.rendering import Answer, Row, check_out, deliver, form, show_table, show_text
from simulator.common.errors import InputError

if TYPE_CHECKING:
    from simulator.commands.shared.policy_options import Choice
    from simulator.experiments.core.model_protocol import Points
    from simulator.experiments.core.sampled_futures import DrawAverages
    from simulator.experiments.decision.switching_value import SwitchingValue
    from simulator.experiments.decision.value_of_information import InformationValue, ValueOfInformation

RESAMPLES = 100
SHOWN = 6

Ask = Annotated[
    list[str] | None,
    typer.Option("--ask", metavar="NAME", help="Only this parameter or group; may be repeated. Default: all."),
]


@dataclass(frozen=True)
class Found:
    """Policies, what knowledge is worth in choosing between them, where single parameters turn the choice, what could
    not be asked, and how the answer was made.
    """

    chosen: Choice
    worth: ValueOfInformation
    turns: Mapping[str, SwitchingValue]
    refused: Mapping[str, str]
    badge: str


def learn(
    scenarios: policy_options.Several = None,
    outcome: study_options.Outcome = "retained",
    ask: Ask = None,
    draws: study_options.Draws = 1_000,
    lucks: study_options.Lucks = 10,
    years: options.Years = None,
    seed: options.Seed = options.SEED,
    source: study_options.Source = options.Source.POSTERIOR,
    boards: options.BoardsFile = None,
    as_json: options.Json = False,
    as_csv: options.Csv = False,
    out: policy_options.Out = None,
) -> None:
    """What evidence would change the choice between policies, and what would it be worth?

    The value of knowing a parameter (or a group) is what the choice would gain on average if it could follow it.
    """
    how, out = form(as_json, as_csv), check_out(out, options.TABLES)
    chosen = policy_options.read(scenarios, outcome, years, boards)
    questions = _questions(ask)

    from simulator.experiments.core.sampled_futures import average_over_replicates

    worlds = policy_options.worlds(draws, lucks, seed, source)
    averages = average_over_replicates(chosen.run(worlds, "of the parameter draws"), worlds.draws)
    points = averages.at_draws(worlds.points)
    answerable, refused = _split(questions, points, given=bool(ask))

    from simulator.experiments.core.clustered_errors import label_parameter_sets
    from simulator.experiments.decision.value_of_information import estimate_value_of_information

    with Bar(f"{len(answerable)} questions") as bar:
        worth = estimate_value_of_information(
            points,
            averages,
            better=chosen.about.better,
            questions=answerable,
            unit=chosen.about.unit,
            times=RESAMPLES,
            seed=seed,
            progress=bar,
            sets=label_parameter_sets(points),
        )
    turns = _turns(worth, points, averages, chosen.about.better)
    deliver(_answer(Found(chosen, worth, turns, refused, study_options.badge(source, draws, lucks, seed))), how, out)


def _questions(ask: Sequence[str] | None) -> dict[str, list[str]]:
    """Parameters known together, by the name of the question. Raises InputError with every unknown name."""
    from simulator.common.yaml_nodes import suggest
    from simulator.studies.scenario_runs import group_parameters

    groups = {name: group for name, group in group_parameters().items() if len(group) > 1}
    alone = [name for group in group_parameters().values() for name in group]
    known = {**groups, **{name: [name] for name in alone}}
    unknown = [name for name in ask or () if name not in known]
    if unknown:
        told = "is no uncertain parameter and no group of them"
        raise InputError("\n".join(f"'{name}' {told}{suggest(name, known)}" for name in unknown))
    return {name: known[name] for name in dict.fromkeys(ask or known)}


def _split(
    questions: Mapping[str, Sequence[str]], points: Points, given: bool
) -> tuple[dict[str, Sequence[str]], dict[str, str]]:
    """Questions that these draws can answer, and why they cannot answer the others. Raises if one was asked for."""
    from simulator.experiments.stats.spline_regression import make_joint_basis

    answerable, refused = {}, {}
    for name, group in questions.items():
        try:
            make_joint_basis([points[parameter] for parameter in group])
            answerable[name] = group
        except ValueError as error:
            refused[name] = str(error)
    if refused and given:
        raise InputError("\n".join(f"{name}: {why}" for name, why in refused.items()))
    return answerable, refused


def _turns(worth: ValueOfInformation, points: Points, averages: DrawAverages, better: int) -> dict[str, SwitchingValue]:
    """Where parameters that are worth knowing turn the choice."""
    from simulator.experiments.core.clustered_errors import label_parameter_sets
    from simulator.experiments.decision.switching_value import find_switching_value

    turns = {}
    for one in worth.partial:
        if len(one.factors) == 1 and one.interval[0] > 0:
            turn = find_switching_value(
                points[one.name], averages, better=better, times=RESAMPLES, sets=label_parameter_sets(points)
            )
            if turn:
                turns[one.name] = turn
    return turns


def _answer(found: Found) -> Answer:
    worth = found.worth
    asked_all = [*([worth.perfect] if worth.perfect else []), *worth.partial]
    lines = [_row(one, found.turns.get(one.name)) for one in asked_all]
    document = {
        "sentence": _sentence(found),
        "badge": found.badge,
        **found.chosen.document(),
        "best": worth.best,
        "draws": worth.points,
        "lucks": worth.runs,
        "luck_share": worth.luck_share,
        "failed": worth.failed,
        "questions": lines,
        "not_asked": found.refused,
    }
    about = {"outcome": found.chosen.about.name, "unit": worth.unit.value, "best": worth.best}
    rows: list[Row] = [{**line, **about, "made": found.badge} for line in lines]
    return Answer(document, rows, lambda: _show(found))


def _sentence(found: Found) -> str:
    turned = [f"Knowing {name}, one would choose {turn.sentence}." for name, turn in found.turns.items()]
    return " ".join([found.worth.sentence, *turned])


def _row(worth: InformationValue, turn: SwitchingValue | None) -> dict[str, Any]:
    return {
        "name": worth.name,
        "parameters": list(worth.factors) if worth.name != "everything" else ["all"],
        "low": worth.low,
        "high": worth.high,
        "interval_low": worth.interval[0],
        "interval_high": worth.interval[1],
        "badge": _badge(worth),
        "meaning": _meaning(worth),
        "turns_at": turn.at if turn else None,
        "turns_low": turn.interval[0] if turn else None,
        "turns_high": turn.interval[1] if turn else None,
        "below": turn.below if turn else None,
        "above": turn.above if turn else None,
    }


def _badge(worth: InformationValue) -> str:
    """How well the parameters are known, those of a group counted."""
    from simulator.calibration.evidence_status import BADGES, badges

    kinds = [badges()[name] for name in worth.factors]
    if len(kinds) == 1:
        return kinds[0]
    return ", ".join(f"{kinds.count(kind)} {kind}" for kind in BADGES if kind in kinds)


def _meaning(worth: InformationValue) -> str:
    from simulator.declarations.parameters import PARAMETERS

    if worth.name in PARAMETERS:
        return PARAMETERS[worth.name].about.meaning
    many = len(worth.factors)
    return "every uncertain parameter" if worth.name == "everything" else f"{many} parameters together"


def _show(found: Found) -> None:
    from simulator.declarations.parameters import PARAMETERS

    worth = found.worth
    show_text(_sentence(found))
    show_text()
    show_text(f"To choose by: {found.chosen.title}. Values are what the choice would gain on average.")
    singles = sorted((w for w in worth.partial if w.name in PARAMETERS), key=lambda w: -w.low)
    groups = sorted((w for w in worth.partial if w.name not in PARAMETERS), key=lambda w: -w.low)
    shown = [*([worth.perfect] if worth.perfect else []), *groups[:SHOWN], *singles[:SHOWN]]
    rows = [_line(w, found) for w in shown]
    show_table(rows, ["Worth", "95% interval"])
    show_text()
    for remark in _remarks(found, len(worth.partial) - len(shown) + 1):
        show_text(remark)
    show_text()
    show_text(f"{found.badge[0].upper()}{found.badge[1:]}.")


def _line(worth: InformationValue, found: Found) -> dict[str, str]:
    from simulator.common.formatting import change, span

    def told(low: float, high: float) -> str:
        return span(*(change(max(x, 0.0), found.worth.unit).lstrip("+") for x in sorted((low, high))))

    return {
        "Knowing": worth.name.replace("_", " "),
        "What it is": _meaning(worth),
        "Worth": told(worth.low, worth.high),
        "95% interval": told(*worth.interval),
        "Known from": _badge(worth),
    }


def _remarks(found: Found, left_out: int) -> list[str]:
    """What a reader must know to read the table."""
    told = [
        "The first figure of a range is judged on draws that its fit has not seen (errs low), the second on its own "
        "(errs high). An interval that begins at 0 may be noise alone, and of a hundred questions two or three begin "
        "above it by chance.",
        "Draws depend on each other, so knowing one parameter also tells of those that go with it.",
    ]
    if left_out > 0:
        told.append(f"{left_out} questions of less worth are not shown; --csv has all.")
    if found.refused:
        told.append(
            f"Not asked, because {found.worth.points:,} draws are too few for so many parameters together: "
            f"{', '.join(found.refused).replace('_', ' ')}."
        )
    return told
