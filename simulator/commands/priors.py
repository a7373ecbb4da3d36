"""`ringfence priors`: how far the answers rest on what was believed beforehand, and on which number's prior."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.commands.shared import options
from simulator.commands.shared.answer_parts import (
    OutcomeAnswer,
    describe_span,
    document_outcome,
    repeat_command,
)
from simulator.commands.shared.inputs import read_boards, read_scenarios, say_remarks
from simulator.commands.shared.option_groups import AnswerOptions, spread_groups
from simulator.commands.shared.posterior_options import PosteriorOptions
from simulator.commands.shared.rendering import Answer, Row, deliver, show_table, show_text
from simulator.commands.shared.running import run_scenarios
from simulator.common.errors import InputError
from simulator.scenarios.headline import HEADLINE
from simulator.studies.samples import describe_own_boards

if TYPE_CHECKING:
    from simulator.declarations.priors import Prior
    from simulator.experiments.sensitivity.power_scaling import Reweighted
    from simulator.studies.prior_sensitivity import PowerSensitivity, PriorSensitivity

FUTURES = 4_000
SHOWN = 3


@dataclass(frozen=True)
class PriorAnswer(OutcomeAnswer):
    """What policies add under other priors: `tried` in order, each with its number, prior and weights."""

    study: PriorSensitivity
    tried: Sequence[tuple[str, Prior, Reweighted]]
    powers: Sequence[PowerSensitivity]
    futures: int
    seed: int


@spread_groups
def priors(
    scenarios: options.ScenarioNames = None,
    prior: Annotated[
        list[str] | None,
        options.text_option(
            "--prior",
            "NAME=PRIOR",
            "Another prior of a number, such as 'pull_chief=half normal 2'; may be repeated. Default: narrower "
            "and wider ones of the numbers that move the answer most.",
        ),
    ] = None,
    outcome: options.Outcome = "retained",
    years: options.Years = None,
    n: Annotated[int, typer.Option("-n", "--futures", min=100, max=8_000, help="How many futures to run.")] = FUTURES,
    seed: options.Seed = options.SEED,
    boards: options.BoardsFile = None,
    *,
    posterior: PosteriorOptions,
    output: AnswerOptions,
) -> None:
    """How far do the answers rest on the priors?

    Each scenario is compared with today's rules in the same futures, and the futures are weighed anew: by other priors
    of the numbers that carry the answer, and by raising priors and findings to a power near one. Says how many of the
    futures still count, and whether their weights can be trusted.
    """
    form, out = output.check()
    table, policies = read_boards(boards), read_scenarios(["baseline", *(scenarios or HEADLINE)])
    asked = _read_asked(prior or [])

    from simulator.declarations.calendar import parse_years
    from simulator.runs.futures import draw_futures
    from simulator.runs.results import find_outcome
    from simulator.studies.prior_sensitivity import prepare_prior_sensitivity

    about, span = find_outcome(outcome), parse_years(years) if years else None
    say_remarks(policies, span)
    futures = draw_futures(n, seed=seed)
    base, *results = run_scenarios(policies, futures, table)
    chosen = results[0].span(span)
    gains = {r.manifest.title: r.outcome(outcome, chosen) - base.outcome(outcome, chosen) for r in results}
    if any((gain != gain).any() for gain in gains.values()):
        raise InputError(f"{about.label.lower()} is not defined in every future; choose another outcome")
    study = prepare_prior_sensitivity(gains, futures, about)
    tried = [(name, p, study.under({name: p})) for name, p in asked] or [
        (name, p, weighed) for name in study.list_carriers(SHOWN) for p, weighed in study.try_scales(name)
    ]
    flags: list[tuple[str, object]] = [("--prior", text) for text in prior or ()]
    flags += [("--outcome", outcome), ("--years", years), ("-n", n), ("--seed", seed)]
    badge = f"{futures.badge}{describe_own_boards(table)}"
    command = repeat_command("priors", policies[1:], flags, table)
    names = base.years[chosen]
    answer = PriorAnswer(about, (names[0], names[-1]), badge, command, study, tried, study.powers(), n, seed)
    deliver(_make_answer(answer), form, out, output.crate)


def _read_asked(texts: Sequence[str]) -> list[tuple[str, Prior]]:
    """Numbers and priors from NAME=PRIOR texts. Raises InputError with everything that is wrong with them."""
    from simulator.calibration.prior_file import parse_prior
    from simulator.declarations.plugin import suggest_declared
    from simulator.runs.parameter_sets import UNCERTAIN

    asked, problems = [], []
    for text in texts:
        name, equals, words = (part.strip() for part in text.partition("="))
        if not equals:
            problems.append(f"'{text}' is not NAME=PRIOR, such as 'pull_chief=half normal 2'")
        elif name not in UNCERTAIN:
            problems.append(f"'{name}' is not an uncertain number{suggest_declared(name, UNCERTAIN)}")
        else:
            try:
                asked.append((name, parse_prior(words)))
            except InputError as problem:
                problems.append(f"{name}: {problem}")
    if problems:
        raise InputError("\n".join(problems))
    return asked


def _make_answer(answer: PriorAnswer) -> Answer:
    rows = _list_rows(answer)
    document = {
        "badge": answer.badge,
        "outcome": document_outcome(answer.outcome),
        "years": answer.years,
        "futures": answer.futures,
        "seed": answer.seed,
        "priors": rows,
        "power_scaling": [
            {
                "policy": power.policy,
                "prior": power.prior,
                "likelihood": power.likelihood,
                "diagnosis": power.diagnosis,
                "numbers": dict(power.numbers),
            }
            for power in answer.powers
        ],
        "command": answer.command,
    }
    return Answer(document, [{**row, **answer.columns} for row in rows], lambda: _show(answer))


def _list_rows(answer: PriorAnswer) -> list[Row]:
    """One row for each prior and policy; the first are those that the draws were fitted with."""
    from simulator.calibration.prior_file import describe_prior

    study = answer.study
    every = [("", "", study.plain), *((name, describe_prior(p), weighed) for name, p, weighed in answer.tried)]
    return [
        {
            "number": name,
            "prior": prior,
            "policy": policy,
            "mean": weighed.mean(gain),
            "error": weighed.error(gain),
            "better": weighed.mean((gain > 0).astype(float)),
            "effective": weighed.effective,
            "pareto_k": weighed.pareto_k,
            "trusted": weighed.trusted,
        }
        for name, prior, weighed in every
        for policy, gain in study.gains.items()
    ]


def _show(answer: PriorAnswer) -> None:
    from simulator.common.formatting import format_difference, name_base

    unit, rows = answer.outcome.change_unit, _list_rows(answer)
    policies, base = list(answer.study.gains), name_base(unit)
    show_text(f"{answer.outcome.label}, {describe_span(*answer.years)}: what each policy adds to today's rules{base}.")
    show_text()
    lines = []
    for at in range(0, len(rows), len(policies)):
        first = rows[at]
        name = first["number"]
        lines.append(
            {
                "Number": name or "as fitted",
                "Prior": first["prior"],
                **{row["policy"]: format_difference(row["mean"], unit) for row in rows[at : at + len(policies)]},
                "Effective": f"{first['effective']:,.0f}",
                "k-hat": _format_k(first["pareto_k"]),
                "": "" if first["trusted"] else "do not trust",
            }
        )
    show_table(lines, (*policies, "Effective", "k-hat"))
    show_text()
    show_table([_power_line(power) for power in answer.powers], ("Priors", "Findings"))
    show_text()
    show_text(
        "Effective: how many different versions of the model (parameter sets) still count; above 0.7, k-hat says that "
        "no average can be trusted. Power-scaling: how far an answer moves for each doubling of the weight of all "
        "priors, or of all findings; above 0.05 it counts as sensitive. In brackets, the numbers whose own priors "
        "move it most."
    )
    if any(power.likelihood != power.likelihood for power in answer.powers):
        show_text("The findings' side is known for the posterior that ships alone.")
    show_text(f"{answer.futures:,} futures, seed {answer.seed}; {answer.badge}.")


def _power_line(power: PowerSensitivity) -> Mapping[str, str]:
    most = ", ".join(f"{name} {value:.2f}" for name, value in power.numbers[:SHOWN])
    return {
        "Power-scaling": power.policy,
        "Priors": f"{power.prior:.2f}",
        "Findings": "" if power.likelihood != power.likelihood else f"{power.likelihood:.2f}",
        "": f"{power.diagnosis} ({most})" if power.diagnosis else f"({most})",
    }


def _format_k(k: float) -> str:
    return "–" if k in (float("inf"), float("-inf")) else f"{k:.2f}".replace("-", "−")
