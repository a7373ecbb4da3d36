"""`ringfence attribute`: which lever did it? The gain of a package shared out among its components."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simulator.commands.shared import options, study_options
from simulator.commands.shared.console import Bar, say
from simulator.commands.shared.rendering import Answer, Row, check_out, deliver, form, show_table, show_text
from simulator.common.errors import InputError

if TYPE_CHECKING:
    from simulator.declarations.outcomes import Outcome
    from simulator.experiments.tradeoffs.attribution import Attribution, GainEffect
    from simulator.runs.futures import Futures
    from simulator.scenarios.scenario import Scenario
    from simulator.studies.attribution import ComponentKind, PolicyPackage

PAIRS = 5


class Into(StrEnum):
    """What a package is taken apart into; as in simulator.studies.attribution."""

    SCENARIOS = "scenarios"
    LEVERS = "levers"
    THEMES = "themes"


@dataclass(frozen=True)
class Attributed:
    """A package, how its gain comes about, and what it was made of."""

    package: PolicyPackage
    found: Attribution
    outcome: Outcome
    years: tuple[str, str]
    drawn: Futures


def attribute(
    scenario: options.One,
    into: Annotated[
        Into | None,
        typer.Option("--by", help="What to share among. Default: the scenarios of a stack, or else levers."),
    ] = None,
    outcome: study_options.Outcome = "retained",
    years: options.Years = None,
    n: options.Count = options.DEFAULT_N,
    seed: options.Seed = options.SEED,
    start: Annotated[
        str | None, typer.Option("--from", metavar="QUARTER", help="Move the package in time to begin in this quarter.")
    ] = None,
    source: study_options.Source = options.Source.POSTERIOR,
    as_json: options.Json = False,
    as_csv: options.Csv = False,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write .csv or .json.")] = None,
) -> None:
    """Which lever did it? Share out the gain of a package among its parts, exactly and under the same luck.

    Every combination of up to 8 parts is run. Example: ringfence attribute ringfence+leadership+committee
    """
    how, out = form(as_json, as_csv), check_out(out, options.TABLES)
    deliver(answer(attributed(scenario, into, outcome, years, n, seed, start, source)), how, out)


def attributed(
    which: str,
    into: Into | None = None,
    outcome: str = "retained",
    years: str | None = None,
    n: int = options.DEFAULT_N,
    seed: int = options.SEED,
    start: str | None = None,
    source: options.Source = options.Source.POSTERIOR,
) -> Attributed:
    """Share out a package's gain over the same futures as `compare`. Raises LookupError and ValueError."""
    from simulator.declarations.calendar import YEARS, year_name
    from simulator.runs.futures import draw_futures
    from simulator.runs.results import find_outcome
    from simulator.studies.attribution import ComponentKind, attribute_policy, split_policy

    about = find_outcome(outcome)
    by: ComponentKind | None = ComponentKind(into.value) if into else None
    package = split_policy(_parts(which, start), by)
    for remark in options.remarks([package.policy]):
        say(remark)
    names = range(YEARS)[package.span(years)]
    if not names:
        raise InputError(f"there is no year in {years}; the calendar holds {year_name(0)} to {year_name(YEARS - 1)}")
    drawn = draw_futures(n, seed=seed, source=source)
    options.tell_if_cold()
    with Bar(f"{len(package.schedules) * n:,} runs") as bar:
        found = attribute_policy(package, outcome, years, drawn=drawn, progress=bar)
    return Attributed(package, found, about, (year_name(names[0]), year_name(names[-1])), drawn)


def _parts(which: str, start: str | None) -> list[Scenario]:
    """The scenarios of a stack, or one; moved in time together, as the stack would be."""
    from simulator.declarations.calendar import parse_quarter
    from simulator.scenarios.scenario import library, stack

    names = [which] if which in library() or "+" not in which else [name.strip() for name in which.split("+")]
    if len(set(names)) < len(names):
        raise InputError(f"a scenario is named twice in '{which}'")
    parts = options.read_policies(names)
    if start is None:
        return parts
    by = parse_quarter(start) - min((change.start for change in stack(parts).changes), default=0)
    return [
        part.starting(min(change.start for change in part.changes) + by) if part.changes else part for part in parts
    ]


def answer(asked: Attributed) -> Answer:
    """An attribution in all its forms."""
    found, about = asked.found, asked.outcome
    kinds = {"share": found.shares, "alone": found.alone, "last": found.last}
    document = {
        "badge": asked.drawn.badge,
        "sentence": found.sentence,
        "package": asked.package.policy.name,
        "title": asked.package.policy.title,
        "by": asked.package.by.value,
        "futures": found.n,
        "failed": found.failed,
        "seed": asked.drawn.seed,
        "years": asked.years,
        "outcome": {"name": about.name, "label": about.label, "unit": about.unit.value, "meaning": about.meaning},
        "total": _item(found.total),
        "together": _item(found.together),
        "components": [
            {"component": name, **{kind: _item(effects[name]) for kind, effects in kinds.items()}}
            for name in found.shares
        ],
        "pairs": [
            {"first": first, "second": second, **_item(effect)} for (first, second), effect in found.pairs.items()
        ],
        "worst_gap": found.worst_gap,
        "conflicts": asked.package.policy.conflicts,
    }
    return Answer(document, _rows(asked), lambda: show(asked))


def _item(effect: GainEffect) -> dict[str, Any]:
    return {"mean": effect.mean, "interval": effect.interval, "likely": effect.likely}


def _rows(asked: Attributed) -> list[Row]:
    """One row a component, then the total."""
    common = {
        "package": asked.package.policy.name,
        "outcome": asked.outcome.name,
        "unit": asked.outcome.unit.value,
        "first_year": asked.years[0],
        "last_year": asked.years[1],
        "futures": asked.found.n,
        "seed": asked.drawn.seed,
        "badge": asked.drawn.badge,
    }
    table = asked.found.to_frame().reset_index().to_dict("records")
    return [{**{str(key).replace(" ", "_"): value for key, value in row.items()}, **common} for row in table]


def show(asked: Attributed) -> None:
    """Print the sentence, the shares, the pairs, what the words mean, and how it was made."""
    found, about = asked.found, asked.outcome
    show_text(f"“{asked.package.policy.title}”: {found.sentence}")
    show_text()
    table = [_line(asked, name) for name in found.shares]
    total = {**dict.fromkeys(table[0], ""), "Part": "Together", **_cells(asked, "Share", found.total)}
    show_table([*table, total], tuple(table[0])[1:])
    if pairs := _pairs(asked):
        show_text()
        show_table(pairs, tuple(pairs[0])[2:])
    show_text()
    show_text(f"{about.label}: {about.meaning}, {options.span_words(*asked.years)}.")
    show_text(
        "Everything is compared with the baseline. A share is what a part adds when it joins, averaged over every "
        "order in which the parts can join; shares add up to the whole. “Alone” is without the others, “last” what "
        "would be lost without it."
    )
    show_text(
        "The 95% interval is noise, which more futures shrink. The 80% of futures differ in parameters and luck, which "
        "no number of futures shrinks."
    )
    for line in _meanings(asked.package):
        show_text(line)
    runs = f"{len(asked.package.schedules):,} combinations of {found.n:,} futures"
    show_text(f"{runs}, seed {asked.drawn.seed}; {asked.drawn.badge}.")


def _meanings(package: PolicyPackage) -> list[str]:
    """What parts are, where their names do not say it."""
    from simulator.declarations.levers import LEVERS

    if package.by.value == Into.LEVERS.value:
        return [f"{name}: {LEVERS[name].about.meaning}." for name in package.components]
    if package.by.value == Into.THEMES.value:
        return [f"{theme}: {', '.join(names)}." for theme, names in package.levers.items()]
    return []


def _line(asked: Attributed, name: str) -> Mapping[str, str]:
    from simulator.common.formatting import change

    found, unit = asked.found, asked.outcome.unit
    return {
        "Part": name,
        **_cells(asked, "Share", found.shares[name]),
        "Alone": change(found.alone[name].mean, unit),
        "Last": change(found.last[name].mean, unit),
    }


def _cells(asked: Attributed, head: str, effect: GainEffect) -> dict[str, str]:
    """A mean, its interval and the 80% range, in words."""
    from simulator.common.formatting import change

    unit = asked.outcome.unit
    return {
        head: change(effect.mean, unit),
        "95% interval": options.range_words(*(change(x, unit) for x in effect.interval)),
        "80% of futures": options.range_words(*(change(x, unit) for x in effect.likely)),
    }


def _pairs(asked: Attributed) -> list[dict[str, str]]:
    """The pairs that bring clearly more or less together than apart, the strongest first."""
    clear = {pair: effect for pair, effect in asked.found.pairs.items() if effect.clear}
    strongest = sorted(clear, key=lambda pair: -abs(clear[pair].mean))[:PAIRS]
    return [
        {"Part": first, "with": second, **_cells(asked, "More together", clear[first, second])}
        for first, second in strongest
    ]
