"""`ringfence report`: one HTML page about scenarios, to read and to pass on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from simulator.commands import compare
from simulator.commands.shared import options
from simulator.commands.shared.console import Bar
from simulator.commands.shared.inputs import read_boards, read_scenarios, say_remarks
from simulator.commands.shared.option_groups import spread_groups
from simulator.commands.shared.posterior_options import PosteriorOptions
from simulator.commands.shared.rendering import check_out, show_text
from simulator.commands.shared.running import say_if_cold
from simulator.scenarios.headline import HEADLINE


@spread_groups
def report(
    scenarios: options.ScenarioNames = None,
    out: Annotated[Path, options.text_option("--out", "FILE.html", "Where to write the page.")] = Path("report.html"),
    pdf: Annotated[
        Path | None, options.text_option("--pdf", "FILE.pdf", "Also write a short version to print.")
    ] = None,
    n: options.FutureCount = options.DEFAULT_N,
    seed: options.Seed = options.SEED,
    years: options.Years = None,
    boards: options.BoardsFile = None,
    deep: Annotated[
        bool, typer.Option("--deep", help="Also ask what equals what, what matters and where it fails (a minute more).")
    ] = False,
    expect: options.Expect = None,
    *,
    posterior: PosteriorOptions,
) -> None:
    """Write a report as one HTML page, and a short PDF if asked."""
    page, pdf = check_out(out, (".html", ".htm")) or out, check_out(pdf, (".pdf",))
    from simulator.declarations.calendar import parse_years

    table = read_boards(boards)
    policies = read_scenarios(scenarios or HEADLINE)
    say_remarks(policies, parse_years(years) if years else None)

    from simulator.reports.page import write

    say_if_cold()
    with Bar(f"writing {page.name}", 2 if deep else 1) as bar:
        report_file = write(
            page,
            policies,
            n=n,
            seed=seed,
            boards=table,
            deep=deep,
            progress=bar,
            pdf=pdf,
            expect=expect,
            years=years or "",
        )
    base, *results = report_file.study.runs
    study = report_file.study
    examined, between = study.examined[: len(results)], study.examined[len(results) :]
    compared = compare.ComparedScenarios(
        policies, results, study.of("retained"), base, study.scenarios[0], study.recipe, examined, between
    )
    compare.show(compared)
    show_text()
    show_text(f"The report is in {report_file.path}. Open it in a browser; it needs no connection.")
    if pdf is not None:
        show_text(f"The short version to print is in {pdf}.")
    show_text('Then try a scenario of your own: ringfence scenarios new "My policy"')
