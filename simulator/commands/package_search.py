"""`ringfence package`: the cheapest package of levers that reaches a target. The user says what levers cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.commands.shared import options
from simulator.commands.shared.answer_parts import make_frame_rows, repeat_command
from simulator.commands.shared.console import Bar
from simulator.commands.shared.inputs import (
    read_boards,
    read_levers,
    read_scenario,
    say_if_levers_are_late,
    say_remarks,
)
from simulator.commands.shared.option_groups import AnswerOptions, DrawOptions, spread_groups
from simulator.commands.shared.rendering import Answer, deliver, show_table, show_text
from simulator.commands.shared.running import say_if_cold
from simulator.common.characters import make_visible, normalise_text
from simulator.common.errors import InputError
from simulator.common.numbers import NotReadableError, read_number
from simulator.studies.package_costs import hold_levers, make_aim, price_levers, sample_halves
from simulator.studies.samples import describe_sample

if TYPE_CHECKING:
    from simulator.experiments.core.sampled_futures import SampledFutures
    from simulator.experiments.tradeoffs.package_search import (
        PackageSearchResult,
        PricedLever,
        ScoredPackage,
    )
    from simulator.studies.model_function import ModelFunction

ALONE = 40
NOTHING, EVERYTHING = "no lever", "all levers"

Levers = Annotated[list[str], options.levers_option("--lever", "A lever and its full strength")]
Costs = Annotated[
    list[str] | None,
    options.text_option(
        "--cost",
        "NAME=AMOUNT",
        "What a lever costs at full strength, in any unit; or what one unit of an outcome costs. May be repeated.",
    ),
]
Target = Annotated[float | None, options.value_option("--target", "The value that the outcome must reach.")]
Hold = Annotated[list[str] | None, options.levers_option("--hold", "A lever set in every package, at no cost")]
Budget = Annotated[
    str | None,
    options.text_option("--budget", "NUMBER", "The most that a package may cost. Default: any amount."),
]
DrawsOfEach = Annotated[
    int,
    typer.Option("--draws", min=10, max=20_000, help="How many parameter draws to search in; as many score again."),
]
Most = Annotated[int, typer.Option("--packages", min=2, max=5_000, help="The most packages to try.")]
AddedTo = Annotated[str, options.scenario_option("--scenario", "The scenario that packages are added to.")]


@dataclass(frozen=True)
class PackageAnswer:
    """Packages, the model they move, the target, levers held in all of them, and those that do nothing alone."""

    packages: PackageSearchResult
    simulate: ModelFunction
    target: float | None
    held: Mapping[str, float]
    inert: Sequence[str]
    badge: str
    command: str


@spread_groups
def package(  # noqa: PLR0913 - one argument an option
    lever: Levers,
    cost: Costs = None,
    target: Target = None,
    outcome: options.Outcome = "retained",
    hold: Hold = None,
    budget: Budget = None,
    most: Most = 100,
    draws: DrawsOfEach = 150,
    scenario: AddedTo = "baseline",
    start: options.LeversFrom = options.LEVERS_FROM,
    years: options.YearsOfLevers = None,
    *,
    drawn: DrawOptions,
    output: AnswerOptions,
) -> None:
    """What is the cheapest package of levers that reaches a target?

    Packages move levers part or all of the way; a part of the way costs the same part. The best of many are scored
    again in futures that the search has not seen. No cost is built in: the costs are yours.
    """
    from simulator.experiments.tradeoffs.package_search import PackageSearch, search_packages
    from simulator.studies.model_function import ModelFunction

    form, out = output.check()
    full, held = _read_levers(lever, hold or ())
    base = ModelFunction(read_scenario(scenario), (outcome,), start, years, read_boards(drawn.boards))
    say_remarks([base.policy])
    say_if_levers_are_late(base, full)
    simulate = hold_levers(base, held)
    prices, outcome_prices = read_prices(cost or (), full)
    most_cost = _read_budget(budget)
    priced, aim = price_levers(simulate, full, prices), make_aim(outcome, outcome_prices, target)
    simulate = replace(simulate, outcomes=(outcome, *(name for name in outcome_prices if name != outcome)))
    searched, fresh = sample_halves(draws, drawn.seed, drawn.source)
    inert = _list_inert(simulate, priced, searched, outcome)
    search = PackageSearch(budget=float("inf") if most_cost is None else most_cost, most=most, seed=drawn.seed)
    with Bar("packages", 2) as bar:
        packages = search_packages(simulate, priced, aim, searched, fresh, search, bar)
    flags: list[tuple[str, object]] = [
        *_repeat_option("--lever", full),
        *_repeat_option("--cost", {**prices, **outcome_prices}),
        *_repeat_option("--hold", held),
        ("--target", target),
        ("--outcome", outcome),
        ("--budget", most_cost),
        ("--packages", most),
        ("--draws", draws),
        ("--scenario", base.policy),
        ("--from", start),
        ("--years", years),
        *drawn.flags,
    ]
    command = repeat_command("package", [], flags, base.areas)
    badge = describe_sample(drawn.source, 2 * draws, 1, drawn.seed, base.areas)
    deliver(
        _make_answer(PackageAnswer(packages, simulate, target, held, inert, badge, command)), form, out, output.crate
    )


def _repeat_option(option: str, values: Mapping[str, float]) -> list[tuple[str, object]]:
    return [(option, f"{name}={value!r}") for name, value in values.items()]


# What is given, read and checked.


def _read_levers(moved: Sequence[str], hold: Sequence[str]) -> tuple[Mapping[str, float], Mapping[str, float]]:
    """Levers at full strength, and those held in every package. Raises InputError, also for a lever in both."""
    full, held = read_levers(moved), read_levers(hold)
    both = sorted(set(full) & set(held))
    if both:
        raise InputError(f"{', '.join(both)} cannot be both moved (--lever) and held (--hold)")
    return full, held


def read_prices(texts: Sequence[str], full: Mapping[str, float]) -> tuple[dict[str, float], dict[str, float]]:
    """What levers at full strength cost, and what one unit of an outcome costs. Raises InputError with all problems."""
    from simulator.declarations.outcomes import OUTCOMES

    prices: dict[str, float] = {}
    problems = []
    for text in texts:
        name, _, value = (part.strip() for part in normalise_text(text).partition("="))
        try:
            amount = _read_amount(value)
        except NotReadableError:
            problems.append(f"'{make_visible(text)}' is not a cost; write NAME=AMOUNT, such as ringfence=1")
            continue
        if name not in full and name not in OUTCOMES:
            problems.append(f"{name}: there is a cost, but no --lever {name}=... to move")
        elif name in prices:
            problems.append(f"{name} has two costs")
        elif amount < 0:
            problems.append(f"{name}: a cost of {value} is not a number of 0 or more")
        else:
            prices[name] = amount
    named = {normalise_text(text).partition("=")[0].strip() for text in texts}
    missing = [name for name in full if name not in named]
    if missing:
        problems.append(
            f"no cost is given for {', '.join(missing)}: what levers cost is yours to say, in any unit; "
            f"add {' '.join(f'--cost {name}=1' for name in missing)} with amounts of your own"
        )
    if problems:
        raise InputError("\n".join(problems))
    outcome_prices = {name: price for name, price in prices.items() if name not in full}
    return {name: prices[name] for name in full}, outcome_prices


def _read_amount(text: str) -> float:
    """An amount in the user's own unit, which has no per cent. Raises NotReadableError."""
    written = read_number(text)
    if written.percent:
        raise NotReadableError(f"'{make_visible(text)}' is a share of nothing; write an amount without a per cent sign")
    return written.value


def _read_budget(text: str | None) -> float | None:
    """The most that a package may cost. Raises InputError."""
    if text is None:
        return None
    try:
        amount = _read_amount(text)
    except NotReadableError as problem:
        raise InputError(f"--budget: {problem}") from None
    if amount < 0:
        raise InputError(f"--budget: {amount:g} is not 0 or more")
    return amount


def _list_inert(
    simulate: ModelFunction, levers: Sequence[PricedLever], futures: SampledFutures, outcome: str
) -> list[str]:
    """Levers that change the outcome in no future when moved all the way by themselves.

    Raises InputError if all levers together change nothing either.
    """
    import numpy as np

    from simulator.experiments.core.sampled_futures import SampledFutures, run_policies

    say_if_cold()
    few = SampledFutures(
        {name: column[:ALONE] for name, column in futures.points.items()}, futures.seeds[:ALONE], futures.draws[:ALONE]
    )
    full = {lever.name: lever.full for lever in levers}
    alone = {name: {name: value} for name, value in full.items()}
    table = run_policies(simulate, few, {NOTHING: {}, EVERYTHING: full, **alone}, outcome)
    unchanged = [name for name, column in table.items() if np.array_equal(column, table[NOTHING], equal_nan=True)]
    inert = [name for name in full if name in unchanged]
    if EVERYTHING in unchanged:
        raise InputError(" ".join(_explain_inert(simulate, name) for name in inert) or f"no lever moves {outcome}")
    return inert


def _explain_inert(simulate: ModelFunction, name: str) -> str:
    """Why a lever may do nothing by itself: of a ring-fence, that a waiver in force lifts it."""
    sentence = f"Moving {name} alone changes the outcome in no future."
    policy, first = simulate.policy, simulate.first
    waived = (policy.lever("waiver")[first:] * policy.lever("waivable")[first:]).min() == 1
    if name in ("ringfence", "audit") and waived:
        return f"{sentence} A national waiver lifts ring-fences in this scenario; --hold waiver=0 lets it stand."
    return f"{sentence} It may need another lever beside it."


# The answer.


def _make_answer(answer: PackageAnswer) -> Answer:
    packages = answer.packages
    cheapest = packages.cheapest(answer.target) if answer.target is not None else None
    document = {
        "sentence": _write_sentence(answer),
        "badge": answer.badge,
        "outcome": packages.aim.outcome,
        "unit": packages.aim.unit.value,
        "from": answer.simulate.start,
        "target": answer.target,
        "held": dict(answer.held),
        "moves_nothing_alone": answer.inert,
        "costs": {lever.name: lever.cost for lever in packages.lattice.levers},
        "cost_of_outcomes": dict(packages.aim.disturbance),
        "tried": packages.tried,
        "how": packages.how,
        "worlds": packages.futures,
        "fresh_worlds": packages.fresh,
        "failed": packages.failed,
        "optimism": packages.optimism,
        "optimism_interval": packages.optimism_interval,
        "cheapest": _document_package(cheapest) if cheapest else None,
        "packages": [_document_package(each) for each in packages.packages],
        "command": answer.command,
    }
    common = {"outcome": packages.aim.outcome, "badge": answer.badge, "command": answer.command}
    return Answer(document, make_frame_rows(packages.to_frame(), common), lambda: _show(answer))


def _document_package(scored: ScoredPackage) -> dict[str, object]:
    return {**asdict(scored), "settings": dict(scored.settings)}


def _write_sentence(answer: PackageAnswer) -> str:
    packages = answer.packages
    reached = [packages.answer(answer.target)] if answer.target is not None else []
    inert = [_explain_inert(answer.simulate, name) for name in answer.inert]
    return " ".join([*reached, packages.sentence, *inert])


def _show(answer: PackageAnswer) -> None:
    packages = answer.packages
    show_text(_write_sentence(answer))
    show_text()
    show_text(f"{_describe_setting(answer)}; packages that none beats, from fresh futures:")
    best = [each for each in packages.packages if each.on_front or each is packages.nothing]
    rows = [_table_line(each, answer) for each in best]
    show_table(rows, [name for name in rows[0] if name != "Reaches target"])
    show_text()
    show_text(
        "Cost is in the units of your --cost. Unbeaten: in how many of 100 resamples of the fresh futures no other "
        "package scored again beats it; far below 100, its place among its neighbours is noise."
    )
    show_text()
    show_text(f"Half of the draws are for the search, half are fresh: {answer.badge}.")


def _describe_setting(answer: PackageAnswer) -> str:
    from simulator.declarations.outcomes import OUTCOMES

    outcome = OUTCOMES[answer.packages.aim.outcome]
    held = ", ".join(f"{name} {value:g}" for name, value in answer.held.items())
    also = f"; held in every package: {held}" if held else ""
    return f"{outcome.label}: {outcome.meaning}; levers moved from {answer.simulate.start} on{also}"


def _table_line(scored: ScoredPackage, answer: PackageAnswer) -> dict[str, str]:
    from simulator.common.formatting import describe_level, format_number, format_range, name_base

    aim = answer.packages.aim
    line = {name.replace("_", " "): format_number(value) for name, value in scored.settings.items()}
    line |= {
        "Cost": format_number(scored.cost),
        f"Outcome{name_base(aim.unit)}": describe_level(scored.fresh, aim.unit),
        "95% interval": format_range(*(describe_level(end, aim.unit) for end in scored.interval)),
        "In the search": describe_level(scored.searched, aim.unit),
        "Unbeaten": f"{100 * scored.membership:.0f}",
    }
    if answer.target is not None:
        low, high = sorted(aim.better * end for end in scored.interval)
        goal = aim.better * answer.target
        line["Reaches target"] = "yes" if low >= goal else "no" if high < goal else "not shown"
    return line
