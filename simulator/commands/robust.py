"""`ringfence robust`: which policy holds up, whichever parameters and whichever structure of the model are true?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simulator.commands.shared import options, policy_options, study_options
from simulator.commands.shared.policy_options import flat
from simulator.commands.shared.rendering import Answer, check_out, deliver, form, show_table, show_text
from simulator.common.errors import InputError

if TYPE_CHECKING:
    from simulator.commands.shared.policy_options import Choice
    from simulator.experiments.decision.robustness import PolicyStanding, Robustness

STRUCTURE_LUCKS = 2

Threshold = Annotated[
    float | None, typer.Option("--threshold", metavar="X", help="Count the worlds that reach it; a share such as 0.6.")
]
Structures = Annotated[
    int, typer.Option("--structures", min=0, max=250, help="Draws of every structural alternative; 0 leaves them out.")
]


@dataclass(frozen=True)
class Found:
    """Policies, how they stand, and how the answer was made."""

    chosen: Choice
    robustness: Robustness
    badge: str
    structure_draws: int


def robust(  # noqa: PLR0913 - one argument an option
    scenarios: policy_options.Several = None,
    outcome: study_options.Outcome = "retained",
    threshold: Threshold = None,
    draws: study_options.Draws = 500,
    lucks: study_options.Lucks = 10,
    structures: Structures = 100,
    years: options.Years = None,
    seed: options.Seed = options.SEED,
    source: study_options.Source = options.Source.POSTERIOR,
    boards: options.BoardsFile = None,
    as_json: options.Json = False,
    as_csv: options.Csv = False,
    out: policy_options.Out = None,
) -> None:
    """Which policy is robust: how much could each be regretted, and how often is it best or good enough?

    All policies meet the same parameter draws and luck; each draw is averaged over its lucks. Structural alternatives
    of the model, fitted each by itself, say whether the choice hangs on how the model is written.
    """
    how, out = form(as_json, as_csv), check_out(out, options.TABLES)
    chosen = policy_options.read(scenarios, outcome, years, boards)
    _check_threshold(threshold, chosen)

    from simulator.experiments.decision.robustness import assess_robustness

    worlds = policy_options.worlds(draws, lucks, seed, source)
    table = chosen.run(worlds, "of the parameter draws")
    found = assess_robustness(
        table,
        better=chosen.about.better,
        draws=worlds.draws,
        threshold=threshold,
        unit=chosen.about.unit,
        sets=worlds.sets,
    )
    if structures and source is options.Source.POSTERIOR:
        found = replace(found, structures=_under_structures(chosen, structures, seed))
    badge = study_options.badge(source, draws, lucks, seed)
    deliver(_answer(Found(chosen, found, badge, structures if found.structures else 0)), how, out)


def _check_threshold(threshold: float | None, chosen: Choice) -> None:
    from simulator.common.units import Unit

    if threshold is not None and chosen.about.unit is Unit.SHARE and not 0 <= threshold <= 1:
        raise InputError(f"a threshold of {threshold:g} is no share; write 60% as 0.6")


def _under_structures(chosen: Choice, draws: int, seed: int) -> Mapping[str, Robustness]:
    from simulator.studies.scenario_runs import assess_structures, sample_structural_futures

    drawn = sample_structural_futures(draws, STRUCTURE_LUCKS, seed)
    table = chosen.run(drawn.worlds, "of the structural alternatives")
    return assess_structures(table, drawn, chosen.about.name)


def _answer(found: Found) -> Answer:
    made = found.robustness
    document = {
        "sentence": made.sentence,
        "badge": found.badge,
        **found.chosen.document(),
        "threshold": made.threshold,
        "draws": made.draws,
        "lucks": made.runs,
        "runs_a_policy": made.worlds,
        "failed": made.failed,
        "luck_error": made.luck_error,
        "standings": [asdict(s) for s in made.standings],
        "structures": [_structure(name, made.structures[name]) for name in _structures(made)],
        "structure_draws": found.structure_draws,
    }
    about = {"outcome": found.chosen.about.name, "years": "-".join(found.chosen.span), "badge": found.badge}
    return Answer(document, flat(made.to_frame(), about), lambda: _show(found))


def _structures(made: Robustness) -> list[str]:
    """Names of the alternatives, the model as specified first."""
    from simulator.calibration.structural_variants import STRUCTURES

    return sorted(made.structures, key=list(STRUCTURES).index)


def _structure(name: str, part: Robustness) -> dict[str, Any]:
    from simulator.calibration.structural_variants import STRUCTURES

    return {
        "structure": name,
        "says": STRUCTURES[name].says,
        "not_ruled_out": part.in_the_running,
        "means": {s.policy: s.mean for s in part.standings},
        "mean_regret": {s.policy: _shortfall(part, s) for s in part.standings},
    }


def _shortfall(part: Robustness, standing: PolicyStanding) -> float:
    """By how much a policy's mean under one structure is worse than the best mean: luck is averaged out of it."""
    return part.better * (part.best_on_average.mean - standing.mean)


def _show(found: Found) -> None:
    made = found.robustness
    show_text(made.sentence)
    show_text()
    show_text(found.chosen.title)
    table = [_line(standing, found) for standing in made.standings]
    show_table(table, [name for name in table[0] if name != "Policy"])
    show_text()
    show_text(
        "Regret is what the best policy for the same parameters would have gained over this one. In "
        f"{made.high_frequency} states it stays within the first figure, given with its 95% interval. The largest one "
        "seen grows with the number of states."
    )
    if made.structures:
        show_text()
        show_text(
            "Best where: means under each structural alternative, and the policies that may have the best average."
        )
        rows = [_structure_line(name, found) for name in _structures(made)]
        show_table(rows, [policy.name for policy in found.chosen.policies.values()])
        show_text()
        show_text(f"Each structure: {found.structure_draws} draws of its own fit, {STRUCTURE_LUCKS} lucks each.")
    show_text()
    show_text(f"{found.badge[0].upper()}{found.badge[1:]}.")


def _line(standing: PolicyStanding, found: Found) -> dict[str, str]:
    from simulator.common.formatting import amount, change, share_out_of, size, span

    made, unit = found.robustness, found.chosen.about.unit

    regrets = (standing.worst_regret, standing.high_regret, standing.mean_regret)
    worst, high, mean = (size(x, unit) for x in regrets)
    low, top = (size(x, unit) for x in standing.high_interval)
    line = {
        "Policy": standing.policy,
        "Mean": amount(standing.mean, unit),
        f"Regret, {made.high_frequency} within": f"{high} ({span(low, top)})",
        "Mean regret": mean,
        "Largest regret seen": worst,
        "Best in": share_out_of(standing.best.estimate, made.states),
        "Mean rank": f"{standing.mean_rank:.1f}",
    }
    if standing.meets:
        limit = "At least" if made.better > 0 else "At most"
        line[f"{limit} {amount(made.threshold or 0.0, unit)}"] = share_out_of(standing.meets.estimate, made.worlds)
    if made.structures:
        behind = max(_shortfall(part, part[standing.policy]) for part in made.structures.values())
        line["Most behind in any structure"] = change(behind, unit).lstrip("+")
    return line


def _structure_line(name: str, found: Found) -> dict[str, str]:
    from simulator.calibration.structural_variants import STRUCTURES
    from simulator.common.formatting import amount

    part, names = found.robustness.structures[name], found.chosen.policies
    means = {names[s.policy].name: amount(s.mean, part.unit) for s in part.standings}
    kept = ", ".join(names[policy].name for policy in part.in_the_running)
    return {"Structure": f"{name}: {STRUCTURES[name].says}", **means, "May have the best average": kept}
