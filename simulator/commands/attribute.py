"""`ringfence attribute`: which lever did it? The gain of a package shared out among its parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.commands.shared import options
from simulator.commands.shared.answer_parts import (
    OutcomeAnswer,
    describe_span,
    document_outcome,
    outcome_columns,
    repeat_command,
)
from simulator.commands.shared.console import Bar
from simulator.commands.shared.inputs import read_boards, read_scenario, read_scenarios, say_remarks
from simulator.commands.shared.option_groups import AnswerOptions, spread_groups
from simulator.commands.shared.posterior_options import PosteriorOptions
from simulator.commands.shared.rendering import Answer, Row, deliver, show_table, show_text
from simulator.commands.shared.running import say_if_cold
from simulator.common.errors import InputError
from simulator.studies.component_kind import ComponentKind
from simulator.studies.samples import describe_own_boards

if TYPE_CHECKING:
    from simulator.experiments.tradeoffs.attribution import Attribution, GainEffect
    from simulator.scenarios.scenario import Scenario
    from simulator.studies.attribution import PolicyPackage

PAIRS = 5


@dataclass(frozen=True)
class PackageAttribution(OutcomeAnswer):
    """A package, how its gain is shared out, and the seed of its futures."""

    package: PolicyPackage
    attribution: Attribution
    seed: int


@spread_groups
def attribute(
    scenario: options.ScenarioName,
    kind: Annotated[
        ComponentKind | None,
        typer.Option(
            "--by", help="What to share the gain among. Default: the scenarios of a stack, or the levers of a scenario."
        ),
    ] = None,
    outcome: options.Outcome = "retained",
    years: options.Years = None,
    n: options.FutureCount = options.DEFAULT_N,
    seed: options.Seed = options.SEED,
    start: options.MovedTo = None,
    source: options.Parameters = options.Source.POSTERIOR,
    boards: options.BoardsFile = None,
    *,
    posterior: PosteriorOptions,
    output: AnswerOptions,
) -> None:
    """Which lever did it? Share out the gain of a package among its parts, exactly and in the same futures.

    Every combination of up to 8 parts is run. Example: ringfence attribute ringfence+leadership+committee
    """
    form, out = output.check()
    deliver(
        make_answer(share_out(scenario, kind, outcome, years, n, seed, start, source, boards)), form, out, output.crate
    )


def share_out(
    name: str,
    kind: ComponentKind | None = None,
    outcome: str = "retained",
    years: str | None = None,
    n: int = options.DEFAULT_N,
    seed: int = options.SEED,
    start: str | None = None,
    source: options.Source = options.Source.POSTERIOR,
    boards: Path | None = None,
) -> PackageAttribution:
    """Share out a package's gain over the same futures as `compare`. Raises LookupError and ValueError."""
    from simulator.declarations.calendar import YEARS, year_name
    from simulator.runs.futures import draw_futures
    from simulator.runs.results import find_outcome
    from simulator.studies.attribution import attribute_policy, split_policy

    declared = find_outcome(outcome)
    package = split_policy(_read_parts(name, start), kind)
    say_remarks([package.policy], package.span(years))
    span = range(YEARS)[package.span(years)]
    if not span:
        raise InputError(f"there is no year in {years}; the calendar holds {year_name(0)} to {year_name(YEARS - 1)}")
    areas, draws = read_boards(boards), draw_futures(n, seed=seed, source=source)
    say_if_cold()
    with Bar(f"{len(package.schedules) * n:,} runs") as bar:
        attribution = attribute_policy(package, outcome, years, drawn=draws, areas=areas, progress=bar)
    flags: list[tuple[str, object]] = [
        ("--by", package.by.value),
        ("--outcome", outcome),
        ("--years", years),
        ("-n", n),
        ("--seed", seed),
        ("--from", start),
        ("--source", source.value),
    ]
    command = repeat_command("attribute", [read_scenario(name)], flags, areas)
    ends = (year_name(span[0]), year_name(span[-1]))
    badge = f"{draws.badge}{describe_own_boards(areas)}"
    return PackageAttribution(declared, ends, badge, command, package, attribution, seed)


def _read_parts(name: str, start: str | None) -> list[Scenario]:
    """The scenarios of a stack, or one; moved in time together, as the stack would be."""
    from simulator.declarations.calendar import parse_quarter
    from simulator.scenarios.library import split_stack
    from simulator.scenarios.scenario import stack

    names = split_stack(name)
    if len(set(names)) < len(names):
        raise InputError(f"a scenario is named twice in '{name}'")
    parts = read_scenarios(names)
    if start is None:
        return parts
    shift = parse_quarter(start) - min((change.start for change in stack(parts).changes), default=0)
    return [
        part.starting(min(change.start for change in part.changes) + shift) if part.changes else part for part in parts
    ]


def make_answer(shared: PackageAttribution) -> Answer:
    """An attribution in all its forms."""
    attribution = shared.attribution
    kinds = {"share": attribution.shares, "alone": attribution.alone, "last": attribution.last}
    document = {
        "badge": shared.badge,
        "sentence": attribution.sentence,
        "package": shared.package.policy.name,
        "title": shared.package.policy.title,
        "by": shared.package.by.value,
        "futures": attribution.n,
        "failed": attribution.failed,
        "seed": shared.seed,
        "years": shared.years,
        "outcome": document_outcome(shared.outcome),
        "total": _document_effect(attribution.total),
        "together": _document_effect(attribution.together),
        "components": [
            {"component": name, **{kind: _document_effect(effects[name]) for kind, effects in kinds.items()}}
            for name in attribution.shares
        ],
        "pairs": [
            {"first": first, "second": second, **_document_effect(effect)}
            for (first, second), effect in attribution.pairs.items()
        ],
        "worst_gap": attribution.worst_gap,
        "conflicts": shared.package.policy.conflicts,
        "command": shared.command,
    }
    return Answer(document, _make_rows(shared), lambda: show(shared))


def _document_effect(effect: GainEffect) -> dict[str, object]:
    return {"mean": effect.mean, "interval": effect.interval, "likely": effect.likely}


def _make_rows(shared: PackageAttribution) -> list[Row]:
    """One row for each part, then the total."""
    common = {
        "package": shared.package.policy.name,
        **outcome_columns(shared.outcome, shared.years),
        "futures": shared.attribution.n,
        "seed": shared.seed,
        "badge": shared.badge,
        "command": shared.command,
    }
    table = shared.attribution.to_frame().reset_index().to_dict("records")
    return [{**{str(key).replace(" ", "_"): value for key, value in row.items()}, **common} for row in table]


def show(shared: PackageAttribution) -> None:
    """Print the sentence, the shares, the pairs, what the words mean, and how the answer was made."""
    attribution, outcome = shared.attribution, shared.outcome
    show_text(f"“{shared.package.policy.title}”: {attribution.sentence}")
    show_text()
    table = [_table_line(shared, name) for name in attribution.shares]
    whole = attribution.tell_shares()[-1]
    total = {
        **dict.fromkeys(table[0], ""),
        "Part": "Together",
        **_format_cells(shared, "Share", attribution.total, whole),
    }
    show_table([*table, total], tuple(table[0])[1:])
    if pairs := _list_pairs(shared):
        show_text()
        show_table(pairs, tuple(pairs[0])[2:])
    show_text()
    show_text(f"{outcome.label}: {outcome.meaning}, {describe_span(*shared.years)}.")
    show_text(
        "Everything is compared with the baseline. A share is what a part adds when it joins, averaged over every "
        "order in which the parts can join; shares add up to the whole. “Alone” is without the others, “last” what "
        "would be lost without it."
    )
    show_text(
        "The 95% interval is noise, and more futures narrow it. The range of 8 in 10 results holds chance and what "
        "nobody has measured, and no number of futures narrows it."
    )
    for line in _list_meanings(shared.package):
        show_text(line)
    runs = f"{len(shared.package.schedules):,} combinations of {attribution.n:,} futures"
    show_text(f"{runs}, seed {shared.seed}; {shared.badge}.")


def _list_meanings(package: PolicyPackage) -> list[str]:
    """What parts are, where their names do not say it."""
    from simulator.declarations.levers import LEVERS

    if package.by is ComponentKind.LEVERS:
        return [f"{name}: {LEVERS[name].about.meaning}." for name in package.components]
    if package.by is ComponentKind.THEMES:
        return [f"{theme}: {', '.join(names)}." for theme, names in package.levers.items()]
    return []


def _table_line(shared: PackageAttribution, name: str) -> Mapping[str, str]:
    from simulator.experiments.tradeoffs.attribution import format_step

    attribution, unit = shared.attribution, shared.outcome.change_unit
    told = dict(zip(attribution.shares, attribution.tell_shares(), strict=False))
    alone, last, start = attribution.alone[name].mean, attribution.last[name].mean, attribution.start
    whole = start + attribution.total.mean
    return {
        "Part": name,
        **_format_cells(shared, "Share", attribution.shares[name], told[name]),
        "Alone": format_step(start + alone, start, alone, unit),
        "Last": format_step(whole, whole - last, last, unit),
    }


def _format_cells(shared: PackageAttribution, heading: str, effect: GainEffect, told: str) -> dict[str, str]:
    """A mean as it is told, its interval and the 80% range, in words."""
    from simulator.common.formatting import format_difference_range

    unit = shared.outcome.change_unit
    return {
        heading: told,
        "95% interval": format_difference_range(*effect.interval, unit),
        "8 in 10 results": format_difference_range(*effect.likely, unit),
    }


def _list_pairs(shared: PackageAttribution) -> list[dict[str, str]]:
    """The pairs that bring clearly more or less together than apart, the strongest first."""
    clear = {pair: effect for pair, effect in shared.attribution.pairs.items() if effect.clear}
    from simulator.common.formatting import format_difference

    unit = shared.outcome.change_unit
    strongest = sorted(clear, key=lambda pair: -abs(clear[pair].mean))[:PAIRS]
    return [
        {
            "Part": first,
            "with": second,
            **_format_cells(
                shared, "More together", clear[first, second], format_difference(clear[first, second].mean, unit)
            ),
        }
        for first, second in strongest
    ]
