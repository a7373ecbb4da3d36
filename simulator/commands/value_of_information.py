"""`ringfence learn`: what evidence would change our mind, and what would it be worth?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from simulator.commands.shared import options
from simulator.commands.shared.console import Bar
from simulator.commands.shared.design_answer import DesignsFile, DesignTexts, answer_designs, read_asked
from simulator.commands.shared.option_groups import AnswerOptions, DrawOptions, spread_groups
from simulator.commands.shared.rendering import Answer, Row, deliver, show_table, show_text
from simulator.commands.shared.scenario_choice import ChoiceAnswer, read_choice
from simulator.common.errors import InputError
from simulator.studies.samples import describe_sample, sample_first_draws

if TYPE_CHECKING:
    from simulator.experiments.core.model_protocol import Points
    from simulator.experiments.core.replicate_average import DrawAverages
    from simulator.experiments.decision.switching_value import SwitchingValue
    from simulator.experiments.decision.value_of_information import InformationValue, ValueOfInformation

RESAMPLES = 100
SHOWN = 6

Ask = Annotated[
    list[str] | None,
    options.text_option("--ask", "NAME", "Only this parameter or group; may be repeated. Default: all."),
]


@dataclass(frozen=True)
class LearnAnswer(ChoiceAnswer):
    """What knowledge is worth, and where single parameters turn the choice.

    `refused` are the questions that so few draws cannot answer, each with the reason.
    """

    worth: ValueOfInformation
    turns: Mapping[str, SwitchingValue]
    refused: Mapping[str, str]


@spread_groups
def learn(
    scenarios: options.RivalNames = None,
    outcome: options.Outcome = "retained",
    ask: Ask = None,
    design: DesignTexts = None,
    designs: DesignsFile = None,
    draws: options.Draws = 1_000,
    replicates: options.Replicates = 10,
    years: options.Years = None,
    *,
    drawn: DrawOptions,
    output: AnswerOptions,
) -> None:
    """What evidence would change the choice between policies, and what would it be worth?

    The value of knowing a parameter (or a group) is what the choice would gain on average if it could follow it. With
    --design, what figures that nobody has yet would be worth, ranked, and the request that asks for the best of them.
    """
    form, out = output.check()
    if design or designs:
        _refuse_parameters(ask)
        choice = read_choice(scenarios, outcome, years, drawn.boards)
        figures = read_asked(design, designs)
        deliver(answer_designs(choice, figures, designs, draws, replicates, drawn), form, out, output.crate)
        return
    choice = read_choice(scenarios, outcome, years, drawn.boards)
    questions = _read_questions(ask)

    from simulator.experiments.core.replicate_average import average_over_replicates

    futures = sample_first_draws(draws, replicates, drawn.seed, drawn.source)
    averages = average_over_replicates(choice.run(futures, "of the parameter draws"), futures.draws)
    points = averages.at_draws(futures.points)
    answerable, refused = _select_answerable(questions, points, named=bool(ask))

    from simulator.experiments.core.clustered_errors import label_parameter_sets
    from simulator.experiments.decision.value_of_information import estimate_value_of_information

    with Bar(f"{len(answerable)} questions") as bar:
        worth = estimate_value_of_information(
            points,
            averages,
            better=choice.outcome.better,
            questions=answerable,
            unit=choice.outcome.change_unit,
            times=RESAMPLES,
            seed=drawn.seed,
            progress=bar,
            sets=label_parameter_sets(points),
        )
    turns = _find_turns(worth, points, averages, choice.outcome.better)
    asked: list[tuple[str, object]] = [("--ask", name) for name in ask or ()]
    flags = [*asked, ("--draws", draws), ("--replicates", replicates), *drawn.flags]
    badge = describe_sample(drawn.source, draws, replicates, drawn.seed, choice.boards) + choice.remark
    answer = LearnAnswer(choice, badge, choice.repeat("learn", flags), worth, turns, refused)
    deliver(_make_answer(answer), form, out, output.crate)


def _refuse_parameters(ask: Sequence[str] | None) -> None:
    if ask:
        raise InputError("--ask is about parameters and --design about figures; leave out one")


def _read_questions(ask: Sequence[str] | None) -> dict[str, list[str]]:
    """Parameters known together, by the name of the question. Raises InputError with every unknown name."""
    from simulator.common.yaml_nodes import suggest
    from simulator.studies.scenario_runs import group_parameters

    groups = {name: group for name, group in group_parameters().items() if len(group) > 1}
    alone = [name for group in group_parameters().values() for name in group]
    known = {**groups, **{name: [name] for name in alone}}
    unknown = [name for name in ask or () if name not in known]
    if unknown:
        problem = "is no uncertain parameter and no group of them"
        raise InputError("\n".join(f"'{name}' {problem}{suggest(name, known)}" for name in unknown))
    return {name: known[name] for name in dict.fromkeys(ask or known)}


def _select_answerable(
    questions: Mapping[str, Sequence[str]], points: Points, named: bool
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
    if refused and named:
        raise InputError("\n".join(f"{name}: {why}" for name, why in refused.items()))
    return answerable, refused


def _find_turns(
    worth: ValueOfInformation, points: Points, averages: DrawAverages, better: int
) -> dict[str, SwitchingValue]:
    """Where parameters that are worth knowing turn the choice."""
    from simulator.experiments.core.clustered_errors import label_parameter_sets
    from simulator.experiments.decision.switching_value import find_switching_value

    turns = {}
    for value in worth.partial:
        if len(value.factors) == 1 and value.interval[0] > 0:
            turn = find_switching_value(
                points[value.name], averages, better=better, times=RESAMPLES, sets=label_parameter_sets(points)
            )
            if turn:
                turns[value.name] = turn
    return turns


def _make_answer(answer: LearnAnswer) -> Answer:
    worth = answer.worth
    values = [*([worth.perfect] if worth.perfect else []), *worth.partial]
    lines = [_make_value_row(value, answer.turns.get(value.name)) for value in values]
    document = {
        "sentence": _write_sentence(answer),
        "badge": answer.badge,
        **answer.choice.document(),
        "best": worth.best,
        "draws": worth.points,
        "lucks": worth.replicates,
        "luck_share": worth.chance_share,
        "failed": worth.failed,
        "questions": lines,
        "not_asked": answer.refused,
        "command": answer.command,
    }
    common = {"outcome": answer.choice.outcome.name, "unit": worth.unit.value, "best": worth.best}
    rows: list[Row] = [{**line, **common, "made": answer.badge, "command": answer.command} for line in lines]
    return Answer(document, rows, lambda: _show(answer))


def _write_sentence(answer: LearnAnswer) -> str:
    turns = [f"Knowing {name}, one would choose {turn.sentence}." for name, turn in answer.turns.items()]
    return " ".join([answer.worth.sentence, *turns])


def _make_value_row(worth: InformationValue, turn: SwitchingValue | None) -> dict[str, object]:
    return {
        "name": worth.name,
        "parameters": list(worth.factors) if worth.name != "everything" else ["all"],
        "low": worth.low,
        "high": worth.high,
        "interval_low": worth.interval[0],
        "interval_high": worth.interval[1],
        "badge": _describe_badge(worth),
        "meaning": _describe_meaning(worth),
        "turns_at": turn.at if turn else None,
        "turns_low": turn.interval[0] if turn else None,
        "turns_high": turn.interval[1] if turn else None,
        "below": turn.below if turn else None,
        "above": turn.above if turn else None,
    }


def _describe_badge(worth: InformationValue) -> str:
    """How well the parameters are known, those of a group counted."""
    from simulator.calibration.evidence_status import BADGES, list_badges

    kinds = [list_badges()[name] for name in worth.factors]
    if len(kinds) == 1:
        return kinds[0]
    return ", ".join(f"{kinds.count(kind)} {kind}" for kind in BADGES if kind in kinds)


def _describe_meaning(worth: InformationValue) -> str:
    from simulator.declarations.parameters import PARAMETERS

    if worth.name in PARAMETERS:
        return PARAMETERS[worth.name].about.plain
    many = len(worth.factors)
    return "every uncertain parameter" if worth.name == "everything" else f"{many} parameters together"


def _show(answer: LearnAnswer) -> None:
    from simulator.declarations.parameters import PARAMETERS

    worth = answer.worth
    show_text(_write_sentence(answer))
    show_text()
    show_text(f"To choose by: {answer.choice.title}. Values are what the choice would gain on average.")
    singles = sorted((v for v in worth.partial if v.name in PARAMETERS), key=lambda v: -v.low)
    groups = sorted((v for v in worth.partial if v.name not in PARAMETERS), key=lambda v: -v.low)
    shown = [*([worth.perfect] if worth.perfect else []), *groups[:SHOWN], *singles[:SHOWN]]
    rows = [_table_line(value, answer) for value in shown]
    show_table(rows, ["Worth", "95% interval"])
    show_text()
    for remark in _list_remarks(answer, len(worth.partial) - len(shown) + 1):
        show_text(remark)
    show_text()
    show_text(f"{answer.badge[0].upper()}{answer.badge[1:]}.")


def _table_line(worth: InformationValue, answer: LearnAnswer) -> dict[str, str]:
    from simulator.common.formatting import format_absolute, format_range

    def range_text(low: float, high: float) -> str:
        return format_range(*(format_absolute(max(x, 0.0), answer.worth.unit) for x in sorted((low, high))))

    return {
        "Knowing": worth.name.replace("_", " "),
        "What it is": _describe_meaning(worth),
        "Worth": range_text(worth.low, worth.high),
        "95% interval": range_text(*worth.interval),
        "Known from": _describe_badge(worth),
    }


def _list_remarks(answer: LearnAnswer, left_out: int) -> list[str]:
    """What a reader must know to read the table."""
    remarks = [
        "The first figure of a range is judged on draws that its fit has not seen (errs low), the second on its own "
        "(errs high). An interval that begins at 0 may be noise alone, and of a hundred questions two or three begin "
        "above it by chance.",
        "Draws depend on each other, so knowing one parameter also says something about those that go with it.",
    ]
    if left_out > 0:
        remarks.append(f"{left_out} questions of less worth are not shown; --csv has all.")
    if answer.refused:
        remarks.append(
            f"Not asked, because {answer.worth.points:,} draws are too few for so many parameters together: "
            f"{', '.join(answer.refused).replace('_', ' ')}."
        )
    return remarks
