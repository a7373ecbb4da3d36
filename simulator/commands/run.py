"""`ringfence run`: one scenario, its outcomes and how widely chance and uncertain parameters spread them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import typer

from simulator.commands.shared import options, running
from simulator.commands.shared.answer_parts import (
    describe_boards,
    describe_range,
    describe_span,
    make_provenance_columns,
)
from simulator.commands.shared.claim_file import ClaimOptions
from simulator.commands.shared.console import say
from simulator.commands.shared.inputs import read_boards, read_scenarios, read_settings, say_remarks
from simulator.commands.shared.option_groups import AnswerOptions, spread_groups
from simulator.commands.shared.posterior_options import PosteriorOptions
from simulator.commands.shared.rendering import Answer, Row, deliver, show_table, show_text
from simulator.common.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulator.declarations.outcomes import Outcome
    from simulator.runs.results import Results
    from simulator.scenarios.scenario import Scenario

CENTILES = {"likely_low": 0.1, "likely_high": 0.9, "wide_low": 0.025, "wide_high": 0.975}

Out = Annotated[
    Path | None,
    options.text_option(
        "--out", "FILE", "Also write the answer to this .csv or .json file, or all futures to an .nc file."
    ),
]


@dataclass(frozen=True)
class RunOutput(AnswerOptions):
    """How an answer is printed and written, where all futures may be written too."""

    endings: ClassVar[tuple[str, ...]] = (".nc", *options.TABLES)

    out: Out = None


@spread_groups
def run(  # noqa: PLR0913 - one argument an option
    scenario: options.ScenarioName,
    n: options.FutureCount = options.DEFAULT_N,
    seed: options.Seed = options.SEED,
    years: options.Years = None,
    boards: options.BoardsFile = None,
    outcome: Annotated[
        list[str] | None, options.text_option("--outcome", "NAME", "Only this outcome; may be repeated.")
    ] = None,
    by_year: Annotated[bool, typer.Option("--by-year", help="Show each year by itself.")] = False,
    settings: Annotated[
        list[str] | None,
        options.text_option("--set", "NAME=VALUE", "Hold a parameter at a value; may be repeated."),
    ] = None,
    source: options.Parameters = options.Source.POSTERIOR,
    expect: options.Expect = None,
    *,
    output: RunOutput,
    posterior: PosteriorOptions,
    kept: ClaimOptions,
) -> None:
    """Run one scenario and show its outcomes."""
    form, out = output.check()
    claim = kept.check()
    if claim is not None and by_year:
        raise InputError("--claim saves averages over years, so it does not go with --by-year")
    policy, table = read_scenarios([scenario])[0], read_boards(boards)
    held = read_settings(settings or [])

    from simulator.declarations.calendar import parse_years
    from simulator.declarations.outcomes import OUTCOMES
    from simulator.runs.futures import draw_futures
    from simulator.runs.recipe import Option, Recipe
    from simulator.runs.results import find_outcome

    outcomes = [find_outcome(name) for name in dict.fromkeys(outcome or OUTCOMES)]
    span = parse_years(years) if years else None
    say_remarks([policy])
    results = running.run_scenarios([policy], draw_futures(n, seed=seed, source=source, settings=held), table)[0]
    chosen = results.span(slice(None) if by_year and span is None else span)
    lines = _outcome_rows(results, outcomes, chosen, by_year)
    recipe = Recipe((), table, (results.manifest,), policy, years=years or "")
    recipe.check(expect)
    flags: list[Option] = [("--outcome", name) for name in dict.fromkeys(outcome or ())]
    command = recipe.run([*flags, ("--by-year", True)] if by_year else flags)
    document = {**_make_document(policy, results, lines, held), "command": command}
    columns = [
        {"scenario": policy.name, **line, **make_provenance_columns(results.manifest, command, held)} for line in lines
    ]
    if claim is not None:
        years_named = f"{results.years[chosen][0]}-{results.years[chosen][-1]}"
        kept.save_level(claim, policy, results, list(dict.fromkeys(outcome or ("retained",))), years_named)
    deliver(Answer(document, columns, lambda: _show(results, lines, by_year), results), form, out)
    if output.crate is not None:
        say(f"wrote {results.save_crate(output.crate, scenario=policy)}")


def _outcome_rows(results: Results, outcomes: Sequence[Outcome], chosen: slice, by_year: bool) -> list[Row]:
    names = results.years[chosen]
    rows: list[Row] = []
    for outcome in outcomes:
        about: Row = {"outcome": outcome.name, "label": outcome.label, "unit": outcome.unit.value}
        if by_year:
            table = results.each_year(outcome.name)[:, chosen]
            rows += [{**about, "year": year, **_summarise(table[:, i])} for i, year in enumerate(names)]
        else:
            span = {"first_year": names[0], "last_year": names[-1]}
            rows.append({**about, **span, **_summarise(results.outcome(outcome.name, chosen))})
    return rows


def _summarise(values: NDArray[Any]) -> dict[str, float]:
    """Mean and centiles over the futures in which an outcome is defined."""
    import numpy as np

    real = values[~np.isnan(values)]
    if not real.size:
        return {"mean": np.nan, **dict.fromkeys(CENTILES, np.nan), "defined_in": 0}
    cuts = np.quantile(real, list(CENTILES.values())).tolist()
    return {"mean": float(real.mean()), **dict(zip(CENTILES, cuts, strict=True)), "defined_in": int(real.size)}


def _make_document(
    policy: Scenario, results: Results, lines: list[Row], held: Mapping[str, float]
) -> dict[str, object]:
    manifest = results.manifest
    return {
        "badge": manifest.badge,
        "manifest": asdict(manifest),
        "settings": dict(held),
        "conflicts": policy.conflicts,
        "warnings": policy.warnings,
        "outcomes": lines,
    }


def _show(results: Results, lines: list[Row], by_year: bool) -> None:
    from simulator.common.formatting import number_of

    manifest = results.manifest
    futures = number_of(manifest.futures, "future")
    span = "year by year (means)" if by_year else describe_span(lines[0]["first_year"], lines[0]["last_year"])
    show_text(f"{manifest.title}: {span}; {futures} of {describe_boards(manifest)}, seed {manifest.seed}")
    show_text()
    table = _table_by_year(lines) if by_year else [_table_line(line) for line in lines]
    show_table(table, [name for name in table[0] if name != "Outcome"])
    show_text()
    for line in lines:
        if 0 < line["defined_in"] < manifest.futures:
            when = f" in {line['year']}" if by_year else ""
            show_text(f"{line['label']}{when}: over the {line['defined_in']:,} of {futures} in which it is defined.")
    show_text(f"{manifest.badge[0].upper()}{manifest.badge[1:]}.")


def _table_line(line: Row) -> dict[str, str]:
    from simulator.common.formatting import format_level
    from simulator.common.units import Unit

    unit = Unit(line["unit"])
    low, high, wide_low, wide_high = (format_level(line[name], unit) for name in CENTILES)
    return {
        "Outcome": line["label"],
        "Mean": format_level(line["mean"], unit),
        "8 in 10 results": describe_range(low, high),
        "95 in 100 results": describe_range(wide_low, wide_high),
    }


def _table_by_year(lines: list[Row]) -> list[dict[str, str]]:
    from simulator.common.formatting import format_level
    from simulator.common.units import Unit

    table: dict[str, dict[str, str]] = {}
    for line in lines:
        unit = Unit(line["unit"])
        label = f"{line['label']} ({unit.value})" if unit is Unit.PERCENT else line["label"]
        cell = format_level(line["mean"], unit).removesuffix(" of allocation")
        table.setdefault(label, {"Outcome": label})[line["year"]] = "–" if cell == "not defined" else cell
    return list(table.values())
