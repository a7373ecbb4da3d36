"""`ringfence package`: what is the cheapest package of levers? What levers cost is for the user to say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simulator.commands import asked, choice
from simulator.commands import common as c
from simulator.commands.output import Answer, InputError, Row, check_out, deliver, form, show_table, show_text
from simulator.commands.streams import Bar, say

if TYPE_CHECKING:
    from simulator.experiments.packages import Aim, Lever, Package, Packages
    from simulator.experiments.worlds import Worlds
    from simulator.model_function import ModelFunction

ALONE = 40


@dataclass(frozen=True)
class Found:
    """Packages, the model they move, the target, levers held in all of them, and those that do nothing alone."""

    packages: Packages
    simulate: ModelFunction
    target: float | None
    held: Mapping[str, float]
    inert: Sequence[str]
    badge: str


def package(
    lever: Annotated[
        list[str], typer.Option("--lever", metavar="NAME=VALUE", help="A lever and its full strength; repeat for more.")
    ],
    cost: Annotated[
        list[str] | None,
        typer.Option(
            "--cost", metavar="NAME=AMOUNT",
            help="What full strength costs, in any unit of yours. An outcome's name: what one unit of it costs.",
        ),
    ] = None,
    target: Annotated[float | None, typer.Option("--target", metavar="X", help="What the outcome must reach.")] = None,
    outcome: asked.Outcome = "retained",
    hold: Annotated[
        list[str] | None,
        typer.Option("--hold", metavar="NAME=VALUE", help="A lever set in every package, at no cost; may be repeated."),
    ] = None,
    budget: Annotated[float | None, typer.Option("--budget", min=0.0, help="The most a package may cost.")] = None,
    most: Annotated[int, typer.Option("--packages", min=2, max=5_000, help="How many packages to try at most.")] = 150,
    draws: asked.Draws = 150,
    scenario: Annotated[
        str, typer.Option("--scenario", help="What packages are added to.", autocompletion=c.scenario_names)
    ] = "baseline",
    start: asked.From = asked.START,
    years: c.Years = None,
    seed: c.Seed = c.SEED,
    source: asked.Source = c.Source.POSTERIOR,
    as_json: c.Json = False,
    as_csv: c.Csv = False,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write .csv or .json.")] = None,
) -> None:
    """What is the cheapest package of levers that reaches a target?

    Packages move levers part or all of the way; a part of the way costs the same part. The best of many are scored
    again on parameters and luck that the search has not seen. No cost is built in: the costs are yours.
    """
    how, out = form(as_json, as_csv), check_out(out, c.TABLES)
    full, held = asked.levers(lever), asked.levers(hold or ())
    simulate = _model(scenario, held, start, years, outcome)
    prices, by_outcome = _prices(cost or (), full)
    moved, aim = _levers(simulate, full, prices), _aim(outcome, by_outcome, target)

    from simulator.experiments.packages import Search, cheapest_packages

    simulate = replace(simulate, outcomes=(outcome, *(name for name in by_outcome if name != outcome)))
    worlds, fresh = _halves(draws, seed, source)
    c.tell_if_cold()
    inert = _inert(simulate, moved, worlds, outcome)
    search = Search(budget=float("inf") if budget is None else budget, most=most, seed=seed)
    with Bar("packages", 2) as bar:
        found = cheapest_packages(simulate, moved, aim, worlds, fresh, search, bar)
    badge = asked.badge(source, 2 * draws, 1, seed)
    deliver(_answer(Found(found, simulate, target, held, inert, badge)), how, out)


def _model(
    scenario: str, held: Mapping[str, float], start: str, years: str | None, outcome: str
) -> ModelFunction:
    """The model, with some levers held in every package from `start` on."""
    from simulator.policies import outcome_to_choose_by

    outcome_to_choose_by(outcome)
    made = asked.model((outcome,), years, start, scenario)
    for remark in c.remarks([made.policy]):
        say(remark)
    policy = made.policy
    for name, value in held.items():
        policy = policy.with_lever(name, value, start)
    return replace(made, policy=policy)


def _prices(texts: Sequence[str], full: Mapping[str, float]) -> tuple[dict[str, float], dict[str, float]]:
    """What levers at full strength cost, and what one unit of an outcome costs. Raises InputError with all problems."""
    from simulator.outcomes import OUTCOMES

    prices: dict[str, float] = {}
    problems = []
    for text in texts:
        name, _, value = (part.strip() for part in text.partition("="))
        try:
            amount = float(value)
        except ValueError:
            problems.append(f"'{text}' is not a cost; write NAME=AMOUNT, such as ringfence=1")
            continue
        if name not in full and name not in OUTCOMES:
            problems.append(f"{name}: there is a cost, but no --lever {name}=... to move")
        elif name in prices:
            problems.append(f"{name} has two costs")
        elif not 0 <= amount < float("inf"):
            problems.append(f"{name}: a cost of {value} is not a number of 0 or more")
        else:
            prices[name] = amount
    missing = [name for name in full if name not in prices and not any(t.split("=")[0].strip() == name for t in texts)]
    if missing:
        problems.append(
            f"no cost is given for {', '.join(missing)}: what levers cost is yours to say, in any unit; "
            f"add {' '.join(f'--cost {name}=1' for name in missing)} with amounts of your own"
        )
    if problems:
        raise InputError("\n".join(problems))
    levers = {name: prices[name] for name in full}
    return levers, {name: amount for name, amount in prices.items() if name not in full}


def _levers(simulate: ModelFunction, full: Mapping[str, float], prices: Mapping[str, float]) -> list[Lever]:
    """Levers from where the scenario has them to full strength. Raises InputError for those that it moves itself."""
    import numpy as np

    from simulator.experiments.packages import Lever

    levers, problems = [], []
    for name, value in full.items():
        values = np.unique(simulate.policy.lever(name)[simulate.first :])
        if len(values) > 1:
            problems.append(f"{name}: the scenario itself changes it over the years, so it has no 'off' to start from")
        elif values[0] == value:
            problems.append(f"{name}: it is {value:g} already, so there is nothing to move")
        else:
            levers.append(Lever(name, float(values[0]), value, prices[name]))
    if problems:
        raise InputError("\n".join(problems))
    return levers


def _aim(outcome: str, by_outcome: Mapping[str, float], target: float | None) -> Aim:
    from simulator.declare import Unit
    from simulator.experiments.packages import Aim
    from simulator.policies import outcome_to_choose_by

    about = outcome_to_choose_by(outcome)
    if target is not None and about.unit is Unit.SHARE and not 0 <= target <= 1:
        raise InputError(f"a target of {target:g} is no share; write 60% as 0.6")
    return Aim(outcome, about.better, by_outcome, about.unit)


def _halves(draws: int, seed: int, source: c.Source) -> tuple[Worlds, Worlds]:
    """Worlds to search in, and as many with other parameters and other luck to score again in."""
    from simulator.calibration.posterior import shipped
    from simulator.experiments.worlds import Worlds

    most = len(next(iter(shipped().values()))) // 2
    if source is c.Source.POSTERIOR and draws > most:
        raise InputError(f"--draws {draws} is too many: the posterior has {most} for the search, {most} to score again")
    both = choice.worlds(2 * draws, 1, seed, source)
    first, second = (
        Worlds({name: column[rows] for name, column in both.points.items()}, both.seeds[rows], both.draws[rows])
        for rows in (slice(draws), slice(draws, None))
    )
    return first, second


def _inert(simulate: ModelFunction, levers: Sequence[Lever], worlds: Worlds, outcome: str) -> list[str]:
    """Levers that change the outcome in no world when moved all the way by themselves."""
    import numpy as np

    from simulator.experiments.worlds import Worlds, run_policies

    few = Worlds({k: v[:ALONE] for k, v in worlds.points.items()}, worlds.seeds[:ALONE], worlds.draws[:ALONE])
    table = run_policies(simulate, few, {"": {}, **{lever.name: {lever.name: lever.full} for lever in levers}}, outcome)
    return [lever.name for lever in levers if np.array_equal(table[lever.name], table[""], equal_nan=True)]


def _answer(found: Found) -> Answer:
    made = found.packages
    frame = made.to_frame()
    reached = made.cheapest(found.target) if found.target is not None else None
    document = {
        "sentence": _sentence(found), "badge": found.badge, "outcome": made.aim.outcome, "unit": made.aim.unit.value,
        "from": found.simulate.start, "target": found.target, "held": dict(found.held), "moves_nothing_alone": found.inert,
        "costs": {lever.name: lever.cost for lever in made.lattice.levers}, "cost_of_outcomes": dict(made.aim.disturbance),
        "tried": made.tried, "how": made.how, "worlds": made.worlds, "fresh_worlds": made.fresh, "failed": made.failed,
        "optimism": made.optimism, "optimism_interval": made.optimism_interval,
        "cheapest": _item(reached) if reached else None, "packages": [_item(p) for p in made.packages],
    }  # fmt: skip
    rows: list[Row] = [{**row, "outcome": made.aim.outcome, "badge": found.badge} for row in frame.to_dict("records")]
    return Answer(document, rows, lambda: _show(found))


def _item(package: Package) -> dict[str, Any]:
    return {**asdict(package), "settings": dict(package.settings)}


def _sentence(found: Found) -> str:
    made = found.packages
    return made.sentence if found.target is None else f"{made.answer(found.target)} {made.sentence}"


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
    for name in found.inert:
        show_text(_inert_words(name, found))
    show_text()
    show_text(f"Half of the draws are for the search, half are fresh: {found.badge}.")


def _about(found: Found) -> str:
    from simulator.outcomes import OUTCOMES

    about, held = OUTCOMES[found.packages.aim.outcome], [f"{name} {value:g}" for name, value in found.held.items()]
    told = f"; held in every package: {', '.join(held)}" if held else ""
    return f"{about.label}: {about.meaning}; levers moved from {found.simulate.start} on{told}"


def _inert_words(name: str, found: Found) -> str:
    """Why a lever may do nothing by itself: of a ring-fence, that a waiver in force lifts it."""
    told = f"Note: moving {name} alone changes the outcome in no world."
    policy, first = found.simulate.policy, found.simulate.first
    waived = (policy.lever("waiver")[first:] * policy.lever("waivable")[first:]).min() == 1
    if name in ("ringfence", "audit") and waived:
        return f"{told} A national waiver lifts ring-fences in this scenario; --hold waiver=0 lets it stand."
    return f"{told} It may need another lever beside it."


def _line(package: Package, found: Found) -> dict[str, str]:
    from simulator.words import amount, significant, span

    unit = found.packages.aim.unit
    line = {name.replace("_", " "): significant(value) for name, value in package.settings.items()}
    line |= {
        "Cost": significant(package.cost), "Outcome": amount(package.fresh, unit),
        "95% interval": span(*(amount(end, unit) for end in package.interval)),
        "In the search": amount(package.searched, unit), "Unbeaten": f"{100 * package.membership:.0f}",
    }  # fmt: skip
    if found.target is not None:
        low, high = sorted(found.packages.aim.better * end for end in package.interval)
        goal = found.packages.aim.better * found.target
        line["Reaches target"] = "yes" if low >= goal else "no" if high < goal else "not shown"
    return line
