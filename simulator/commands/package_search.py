"""`ringfence package`: what is the cheapest package of levers? What levers cost is for the user to say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simulator.commands import package_search_options as inputs
from simulator.commands.shared import options, policy_options, study_options
from simulator.commands.shared.console import Bar
from simulator.commands.shared.rendering import Answer, check_out, deliver, form, show_table, show_text

if TYPE_CHECKING:
    from simulator.experiments.tradeoffs.package_search import PackageSearchResult, ScoredPackage
    from simulator.studies.model_function import ModelFunction

Levers = Annotated[
    list[str], typer.Option("--lever", metavar="NAME=VALUE", help="A lever and its full strength; repeat for more.")
]
Costs = Annotated[
    list[str] | None,
    typer.Option(
        "--cost",
        metavar="NAME=AMOUNT",
        help="What full strength costs, in any unit of yours. An outcome's name: what one unit of it costs.",
    ),
]
Target = Annotated[float | None, typer.Option("--target", metavar="X", help="What the outcome must reach.")]
Hold = Annotated[
    list[str] | None,
    typer.Option("--hold", metavar="NAME=VALUE", help="A lever set in every package, at no cost; may be repeated."),
]
Budget = Annotated[float | None, typer.Option("--budget", min=0.0, help="The most a package may cost.")]
Most = Annotated[int, typer.Option("--packages", min=2, max=5_000, help="How many packages to try at most.")]
To = Annotated[
    str, typer.Option("--scenario", help="What packages are added to.", autocompletion=options.scenario_names)
]


@dataclass(frozen=True)
class Found:
    """Packages, the model they move, the target, levers held in all of them, and those that do nothing alone."""

    packages: PackageSearchResult
    simulate: ModelFunction
    target: float | None
    held: Mapping[str, float]
    inert: Sequence[str]
    badge: str


def package(  # noqa: PLR0913 - one argument an option
    lever: Levers,
    cost: Costs = None,
    target: Target = None,
    outcome: study_options.Outcome = "retained",
    hold: Hold = None,
    budget: Budget = None,
    most: Most = 100,
    draws: study_options.Draws = 150,
    scenario: To = "baseline",
    start: study_options.From = study_options.START,
    years: options.Years = None,
    seed: options.Seed = options.SEED,
    source: study_options.Source = options.Source.POSTERIOR,
    as_json: options.Json = False,
    as_csv: options.Csv = False,
    out: policy_options.Out = None,
) -> None:
    """What is the cheapest package of levers that reaches a target?

    Packages move levers part or all of the way; a part of the way costs the same part. The best of many are scored
    again on parameters and luck that the search has not seen. No cost is built in: the costs are yours.
    """
    how, out = form(as_json, as_csv), check_out(out, options.TABLES)
    full, held = inputs.settings(lever, hold or ())
    simulate = inputs.model(scenario, held, start, years, outcome)
    prices, by_outcome = inputs.prices(cost or (), full)
    moved, aim = inputs.levers(simulate, full, prices), inputs.aim(outcome, by_outcome, target)
    simulate = replace(simulate, outcomes=(outcome, *(name for name in by_outcome if name != outcome)))
    worlds, fresh = inputs.halves(draws, seed, source)
    inert = inputs.inert(simulate, moved, worlds, outcome)

    from simulator.experiments.tradeoffs.package_search import PackageSearch, search_packages

    search = PackageSearch(budget=float("inf") if budget is None else budget, most=most, seed=seed)
    with Bar("packages", 2) as bar:
        found = search_packages(simulate, moved, aim, worlds, fresh, search, bar)
    badge = study_options.badge(source, 2 * draws, 1, seed)
    deliver(_answer(Found(found, simulate, target, held, inert, badge)), how, out)


def _answer(found: Found) -> Answer:
    made = found.packages
    reached = made.cheapest(found.target) if found.target is not None else None
    document = {
        "sentence": _sentence(found),
        "badge": found.badge,
        "outcome": made.aim.outcome,
        "unit": made.aim.unit.value,
        "from": found.simulate.start,
        "target": found.target,
        "held": dict(found.held),
        "moves_nothing_alone": found.inert,
        "costs": {lever.name: lever.cost for lever in made.lattice.levers},
        "cost_of_outcomes": dict(made.aim.disturbance),
        "tried": made.tried,
        "how": made.how,
        "worlds": made.worlds,
        "fresh_worlds": made.fresh,
        "failed": made.failed,
        "optimism": made.optimism,
        "optimism_interval": made.optimism_interval,
        "cheapest": _item(reached) if reached else None,
        "packages": [_item(p) for p in made.packages],
    }
    rows = policy_options.flat(made.to_frame(), {"outcome": made.aim.outcome, "badge": found.badge})
    return Answer(document, rows, lambda: _show(found))


def _item(package: ScoredPackage) -> dict[str, Any]:
    return {**asdict(package), "settings": dict(package.settings)}


def _sentence(found: Found) -> str:
    made = found.packages
    told = [made.answer(found.target)] if found.target is not None else []
    return " ".join([*told, made.sentence, *(inputs.inert_words(found.simulate, name) for name in found.inert)])


def _show(found: Found) -> None:
    made = found.packages
    show_text(_sentence(found))
    show_text()
    show_text(f"{_about(found)}; packages that none beats, from fresh worlds:")
    shown = [p for p in made.packages if p.on_front or p is made.nothing]
    rows = [_line(p, found) for p in shown]
    show_table(rows, [name for name in rows[0] if name != "Reaches target"])
    show_text()
    show_text(
        "Cost is in the units of your --cost. Unbeaten: in how many of 100 resamples of the fresh worlds no other "
        "package scored again beats it; far below 100, its place among its neighbours is noise."
    )
    show_text()
    show_text(f"Half of the draws are for the search, half are fresh: {found.badge}.")


def _about(found: Found) -> str:
    from simulator.declarations.outcomes import OUTCOMES

    about, held = OUTCOMES[found.packages.aim.outcome], [f"{name} {value:g}" for name, value in found.held.items()]
    told = f"; held in every package: {', '.join(held)}" if held else ""
    return f"{about.label}: {about.meaning}; levers moved from {found.simulate.start} on{told}"


def _line(package: ScoredPackage, found: Found) -> dict[str, str]:
    from simulator.common.formatting import amount, significant, span

    unit = found.packages.aim.unit
    line = {name.replace("_", " "): significant(value) for name, value in package.settings.items()}
    line |= {
        "Cost": significant(package.cost),
        "Outcome": amount(package.fresh, unit),
        "95% interval": span(*(amount(end, unit) for end in package.interval)),
        "In the search": amount(package.searched, unit),
        "Unbeaten": f"{100 * package.membership:.0f}",
    }
    if found.target is not None:
        low, high = sorted(found.packages.aim.better * end for end in package.interval)
        goal = found.packages.aim.better * found.target
        line["Reaches target"] = "yes" if low >= goal else "no" if high < goal else "not shown"
    return line
