"""`ringfence compare`: policies against another under the same luck, in a table and in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simulator.commands import sequential_comparison as sure
from simulator.commands.shared import options
from simulator.commands.shared.console import say
from simulator.commands.shared.rendering import Answer, Row, check_out, deliver, form, show_table, show_text
from simulator.common.errors import InputError

if TYPE_CHECKING:
    from simulator.boards.table import Boards
    from simulator.experiments.core.paired_comparison import Comparison
    from simulator.runs.recipe import Recipe
    from simulator.runs.results import Results
    from simulator.scenarios.scenario import Scenario

INTERVALS = {"likely": ("likely_low", "likely_high"), "wide": ("wide_low", "wide_high")}
COUNTS = ("standard_error", "sets", "better", "same", "worse", "better_of_100", "settled", "slight", "verdict")


@dataclass(frozen=True)
class Compared:
    """Policies with their results and their comparison with one other."""

    policies: Sequence[Scenario]
    results: Sequence[Results]
    comparisons: Sequence[Comparison]
    against: Results
    recipe: Recipe


def compare(  # noqa: PLR0913 - one argument an option
    scenarios: options.Several = None,
    against: Annotated[
        str,
        typer.Option(
            "--against", metavar="SCENARIO", help="What to compare with.", autocompletion=options.scenario_names
        ),
    ] = "baseline",
    outcome: Annotated[str, typer.Option("--outcome", metavar="NAME", help="The outcome to compare.")] = "retained",
    years: options.Years = None,
    n: options.Count = options.DEFAULT_N,
    seed: options.Seed = options.SEED,
    start: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="QUARTER", help="Move all policies in time: '2024/25 Q1' is their first quarter."
        ),
    ] = None,
    boards: options.BoardsFile = None,
    until: sure.Until = None,
    precise: sure.Precise = False,
    most: sure.Most = sure.MOST,
    expect: options.Expect = None,
    as_json: options.Json = False,
    as_csv: options.Csv = False,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write .csv or .json.")] = None,
) -> None:
    """Compare scenarios under the same luck.

    Each future has its own parameters and luck, which all policies share, so that a difference is due to policy.
    """
    how, out = form(as_json, as_csv), check_out(out, options.TABLES)
    facts = options.read_boards(boards)
    if until is None:
        found = compared(scenarios, against, outcome, years, n, seed, start, facts)
        found.recipe.check(expect)
        made = answer(found)
    elif expect:
        raise InputError("--until finds the number of futures, so that no fingerprint can be expected; give -n instead")
    else:
        plan = sure.Plan(until, most if n == options.DEFAULT_N else None, not precise)
        made = sure.answer(sure.compared(scenarios, against, plan, outcome, years, seed, start, facts))
    deliver(made, how, out)


def compared(
    names: Sequence[str] | None,
    against: str = "baseline",
    outcome: str = "retained",
    years: str | None = None,
    n: int = options.DEFAULT_N,
    seed: int = options.SEED,
    start: str | None = None,
    boards: Boards | None = None,
) -> Compared:
    """Run policies and the one they are compared with over the same years of the same futures.

    Conflicts and warnings go to stderr. Raises ValueError and LookupError for what cannot be used.
    """
    wanted = list(dict.fromkeys(names or options.HEADLINE))
    *asked, base = options.read_policies([*(name for name in wanted if name != against), against])
    if against in wanted:
        asked.insert(wanted.index(against), base)
    *policies, other = options.moved([*asked, base], start)

    from simulator.declarations.calendar import parse_years
    from simulator.runs.futures import draw_futures
    from simulator.runs.recipe import Recipe
    from simulator.runs.results import find_outcome
    from simulator.runs.run import common_span, compare_results

    find_outcome(outcome)
    span = parse_years(years) if years else None
    everything = [*policies, other]
    for remark in options.remarks(everything):
        say(remark)
    facts = boards or options.read_boards(None)
    *made, old = options.simulate_all(everything, draw_futures(n, seed=seed), facts)
    chosen = old.span(span) if span else common_span([*made, old])
    manifests = tuple(one.manifest for one in (old, *made))
    recipe = Recipe(tuple(asked), facts, manifests, base, outcome, years or "", start or "")
    return Compared(policies, made, [compare_results(new, old, outcome, chosen) for new in made], old, recipe)


def answer(found: Compared) -> Answer:
    """A comparison in all its forms."""
    first = found.comparisons[0]
    about = first.outcome
    document = {
        "badge": first.badge,
        "outcome": {"name": about.name, "label": about.label, "unit": about.unit.value, "meaning": about.meaning},
        "years": first.years,
        "against": {"mean": first.old_mean, "manifest": asdict(found.against.manifest)},
        "command": found.recipe.compare,
        "comparisons": [_item(*three) for three in zip(found.policies, found.results, found.comparisons, strict=True)],
    }
    command = found.recipe.compare
    rows = [_row(new, found.against, one, command) for new, one in zip(found.results, found.comparisons, strict=True)]
    return Answer(document, rows, lambda: show(found))


def _item(policy: Scenario, result: Results, one: Comparison) -> dict[str, Any]:
    return {
        "scenario": policy.name,
        "title": one.new,
        "mean": one.new_mean,
        "difference": one.difference,
        "likely": one.likely,
        "wide": one.wide,
        **{name: getattr(one, name) for name in COUNTS},
        "sentence": one.sentence,
        "conflicts": policy.conflicts,
        "warnings": policy.warnings,
        "manifest": asdict(result.manifest),
    }


def _row(new: Results, old: Results, one: Comparison, command: str) -> Row:
    ends = {name: getattr(one, kind)[i] for kind, pair in INTERVALS.items() for i, name in enumerate(pair)}
    return {
        "scenario": new.manifest.scenario,
        "title": one.new,
        "against": old.manifest.scenario,
        "outcome": one.outcome.name,
        "unit": one.outcome.unit.value,
        "first_year": one.years[0],
        "last_year": one.years[1],
        "mean": one.new_mean,
        "against_mean": one.old_mean,
        "difference": one.difference,
        **ends,
        **{name: getattr(one, name) for name in COUNTS},
        **options.provenance(new.manifest, command),
        "against_fingerprint": old.manifest.scenario_fingerprint,
    }


def show(found: Compared) -> None:
    """Print the table, the sentences and the badge."""
    from simulator.experiments.core.verdicts import DEFINITIONS

    one, made = found.comparisons[0], found.against.manifest
    about = one.outcome
    show_text(f"{about.label}: {about.meaning}, {options.span_words(*one.years)}")
    where = f"{one.n:,} futures of {options.boards_words(made)}, seed {made.seed}"
    show_text(f"{where}; each policy meets the same luck as {one.old}")
    show_text()
    table = [_line(each, about.label) for each in found.comparisons]
    show_table([*table, _last_line(one)], [name for name in table[0] if name not in ("Policy", "Verdict")])
    show_text()
    for each in found.comparisons:
        show_text(each.sentence)
    show_text()
    show_text(DEFINITIONS)
    show_text(_sets(one))
    show_text()
    show_text(f"{one.badge[0].upper()}{one.badge[1:]}.")


def _sets(one: Comparison) -> str:
    """What the error counts."""
    if one.sets >= one.n or one.sets < 2:
        return "More futures make it narrower."
    shared = f"these {one.n:,} share {one.sets:,} parameter sets, and futures of one set count together"
    return f"More futures make it narrower; {shared}."


def _line(one: Comparison, label: str) -> dict[str, str]:
    from simulator.common.formatting import amount, change, size

    unit = one.outcome.unit
    likely, wide = (options.range_words(*(change(end, unit) for end in getattr(one, kind))) for kind in INTERVALS)
    return {
        "Policy": one.new,
        label: amount(one.new_mean, unit),
        "Difference": change(one.difference, unit),
        "Known to within": size(one.margin, unit),
        "80% range": likely,
        "95% range": wide,
        "Better in": one.better_in if one.outcome.better else "–",
        "Verdict": one.verdict,
    }


def _last_line(one: Comparison) -> dict[str, str]:
    from simulator.common.formatting import amount

    blank = dict.fromkeys(_line(one, one.outcome.label), "")
    return {**blank, "Policy": one.old, one.outcome.label: amount(one.old_mean, one.outcome.unit)}
