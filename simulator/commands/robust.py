"""`ringfence robust`: which policy holds up, whichever parameters and whichever structure of the model are true?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.commands.shared import options
from simulator.commands.shared.answer_parts import make_frame_rows
from simulator.commands.shared.claim_file import ClaimOptions
from simulator.commands.shared.option_groups import AnswerOptions, DrawOptions, spread_groups
from simulator.commands.shared.rendering import Answer, deliver, show_table, show_text
from simulator.commands.shared.scenario_choice import ChoiceAnswer, ScenarioChoice, read_choice
from simulator.common.errors import InputError
from simulator.studies.samples import describe_sample, sample_first_draws

if TYPE_CHECKING:
    from simulator.experiments.decision.robustness import PolicyStanding, Robustness

Threshold = Annotated[
    float | None, options.value_option("--threshold", "Count the futures that reach this value; 60% is 0.6.")
]
Structures = Annotated[
    int, typer.Option("--structures", min=0, max=250, help="Draws of each structural alternative; 0 leaves them out.")
]


@dataclass(frozen=True)
class RobustAnswer(ChoiceAnswer):
    """How the scenarios stand, with so many draws of each structure."""

    robustness: Robustness
    structure_draws: int


@spread_groups
def robust(
    scenarios: options.RivalNames = None,
    outcome: options.Outcome = "retained",
    threshold: Threshold = None,
    draws: options.Draws = 500,
    replicates: options.Replicates = 10,
    structures: Structures = 100,
    years: options.Years = None,
    *,
    drawn: DrawOptions,
    output: AnswerOptions,
    kept: ClaimOptions,
) -> None:
    """Which policy is robust? How much each could be regretted, and how often it is best or good enough.

    All policies are run in the same futures, and each parameter draw is averaged over its replicates. Structural
    alternatives of the model, each fitted by itself, say whether the choice hangs on how the model is written.
    """
    form, out = output.check()
    choice = read_choice(scenarios, outcome, years, drawn.boards)
    _check_threshold(threshold, choice)
    claim = kept.check()

    from simulator.experiments.decision.robustness import assess_robustness

    futures = sample_first_draws(draws, replicates, drawn.seed, drawn.source)
    table = choice.run(futures, "of the parameter draws")
    robustness = assess_robustness(
        table,
        better=choice.outcome.better,
        draws=futures.draws,
        threshold=threshold,
        unit=choice.outcome.change_unit,
        sets=futures.sets,
    )
    if structures and drawn.source is options.Source.POSTERIOR:
        robustness = replace(robustness, structures=_assess_under_structures(choice, structures, drawn.seed))
    flags: list[tuple[str, object]] = [
        ("--threshold", threshold),
        ("--draws", draws),
        ("--replicates", replicates),
        ("--structures", structures),
        *drawn.flags,
    ]
    answer = RobustAnswer(
        choice,
        describe_sample(drawn.source, draws, replicates, drawn.seed, choice.boards) + choice.remark,
        choice.repeat("robust", flags),
        robustness,
        structures if robustness.structures else 0,
    )
    if claim is not None:
        asked = {"threshold": threshold, "draws": draws, "replicates": replicates, "seed": drawn.seed}
        _save_claim(kept, claim, answer, {**asked, "source": drawn.source.value})
    deliver(_make_answer(answer), form, out, output.crate)


def _save_claim(kept: ClaimOptions, path: Path, answer: RobustAnswer, asked: Mapping[str, object]) -> None:
    from simulator.claims.study_claim import StudyCall
    from simulator.runs.posterior import current_posterior

    choice = answer.choice
    chosen = {"outcome": choice.outcome.name, "years": choice.years, "structures": answer.structure_draws}
    call = StudyCall(choice.scenarios, {**asked, **chosen}, choice.boards, current_posterior().options)
    kept.save_study(path, "robustness", answer.robustness, call, answer.badge)


def _check_threshold(threshold: float | None, choice: ScenarioChoice) -> None:
    from simulator.common.units import Unit

    if threshold is not None and choice.outcome.unit is Unit.SHARE and not 0 <= threshold <= 1:
        raise InputError(f"a threshold of {threshold:g} is no share; write 60% as 0.6")


def _assess_under_structures(choice: ScenarioChoice, draws: int, seed: int) -> Mapping[str, Robustness]:
    from simulator.studies.scenario_runs import STRUCTURE_REPLICATES, assess_structures, sample_structural_futures

    sampled = sample_structural_futures(draws, STRUCTURE_REPLICATES, seed)
    table = choice.run(sampled.futures, "of the structural alternatives")
    return assess_structures(table, sampled, choice.outcome.name)


def _make_answer(answer: RobustAnswer) -> Answer:
    robustness = answer.robustness
    document = {
        "sentence": robustness.sentence,
        "badge": answer.badge,
        **answer.choice.document(),
        "threshold": robustness.threshold,
        "draws": robustness.draws,
        "lucks": robustness.replicates,
        "runs_a_policy": robustness.futures,
        "failed": robustness.failed,
        "luck_error": robustness.chance_error,
        "standings": [asdict(standing) for standing in robustness.standings],
        "structures": [_document_structure(name, robustness.structures[name]) for name in _list_structures(robustness)],
        "structure_draws": answer.structure_draws,
        "command": answer.command,
    }
    common = {
        "outcome": answer.choice.outcome.name,
        "years": "-".join(answer.choice.span),
        "badge": answer.badge,
        "command": answer.command,
    }
    return Answer(document, make_frame_rows(robustness.to_frame(), common), lambda: _show(answer))


def _list_structures(robustness: Robustness) -> list[str]:
    """Names of the alternatives, the model as specified first."""
    from simulator.calibration.structural_variants import STRUCTURES

    return sorted(robustness.structures, key=list(STRUCTURES).index)


def _document_structure(name: str, part: Robustness) -> dict[str, object]:
    from simulator.calibration.structural_variants import STRUCTURES

    return {
        "structure": name,
        "says": STRUCTURES[name].says,
        "not_ruled_out": part.in_the_running,
        "means": {standing.policy: standing.mean for standing in part.standings},
        "mean_regret": {standing.policy: _compute_shortfall(part, standing) for standing in part.standings},
    }


def _compute_shortfall(part: Robustness, standing: PolicyStanding) -> float:
    """How much worse a policy's mean under one structure is than the best mean: chance is averaged out of it."""
    return part.better * (part.best_on_average.mean - standing.mean)


def _show(answer: RobustAnswer) -> None:
    robustness = answer.robustness
    show_text(robustness.sentence)
    show_text()
    show_text(answer.choice.title)
    table = [_table_line(standing, answer) for standing in robustness.standings]
    show_table(table, [name for name in table[0] if name != "Policy"])
    show_text()
    show_text(
        "Falls short by: what the best policy for the same version of the model would have gained over this one (its "
        f"regret). In {robustness.high_frequency} states it stays within the first figure, given with its 95% "
        "interval. The largest one seen grows with the number of states."
    )
    if robustness.structures:
        from simulator.studies.scenario_runs import STRUCTURE_REPLICATES

        show_text()
        show_text(
            "Best where: averages under each other way to write the model (structure), and the policies that may "
            "be best."
        )
        rows = [_structure_line(name, answer) for name in _list_structures(robustness)]
        show_table(rows, [scenario.name for scenario in answer.choice.scenarios.values()])
        show_text()
        show_text(f"Each way: {answer.structure_draws} draws of its own fit, {STRUCTURE_REPLICATES} replicates each.")
    show_text()
    show_text(f"{answer.badge[0].upper()}{answer.badge[1:]}.")


def _table_line(standing: PolicyStanding, answer: RobustAnswer) -> dict[str, str]:
    from simulator.common.formatting import describe_level, format_absolute, format_level, format_range, format_share

    robustness, unit = answer.robustness, answer.choice.outcome.change_unit

    regrets = (standing.worst_regret, standing.high_regret, standing.mean_regret)
    worst, high, mean = (format_absolute(regret, unit) for regret in regrets)
    low, top = (format_absolute(end, unit) for end in standing.high_interval)
    line = {
        "Policy": standing.policy,
        "Average": describe_level(standing.mean, unit),
        f"Falls short by at most, in {robustness.high_frequency}": f"{high} ({format_range(low, top)})",
        "On average": mean,
        "At worst": worst,
        "Best in": format_share(standing.best.estimate, robustness.states),
        "Mean rank": f"{standing.mean_rank:.1f}",
    }
    if standing.meets:
        limit = "At least" if robustness.better > 0 else "At most"
        line[f"{limit} {format_level(robustness.threshold or 0.0, unit)}"] = format_share(
            standing.meets.estimate, robustness.futures
        )
    if robustness.structures:
        behind = max(_compute_shortfall(part, part[standing.policy]) for part in robustness.structures.values())
        line["Most behind in any other way"] = format_absolute(behind, unit)
    return line


def _structure_line(name: str, answer: RobustAnswer) -> dict[str, str]:
    from simulator.calibration.structural_variants import STRUCTURES
    from simulator.common.formatting import describe_level

    part, scenarios = answer.robustness.structures[name], answer.choice.scenarios
    means = {scenarios[standing.policy].name: describe_level(standing.mean, part.unit) for standing in part.standings}
    best = ", ".join(scenarios[policy].name for policy in part.in_the_running)
    return {"Way to write it": f"{name}: {STRUCTURES[name].says}", **means, "May have the best average": best}
