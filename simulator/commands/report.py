"""`ringfence report`: one HTML page about policies, to read and to pass on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from simulator.commands import compare as comparing
from simulator.commands.shared import options
from simulator.commands.shared.console import Bar, say
from simulator.commands.shared.rendering import check_out, show_text


def report(
    scenarios: options.Several = None,
    out: Annotated[Path, typer.Option("--out", metavar="FILE.html", help="Where to write the page.")] = Path(
        "report.html"
    ),
    pdf: Annotated[
        Path | None, typer.Option("--pdf", metavar="FILE.pdf", help="Also write a short version to print.")
    ] = None,
    n: options.Count = options.DEFAULT_N,
    seed: options.Seed = options.SEED,
    boards: options.BoardsFile = None,
    deep: Annotated[
        bool, typer.Option("--deep", help="Also ask what equals what, what matters and where it fails (a minute more).")
    ] = False,
    expect: options.Expect = None,
) -> None:
    """Write a report as one HTML page, and a short PDF if asked."""
    check_out(out, (".html", ".htm"))
    check_out(pdf, (".pdf",))
    facts = options.read_boards(boards)
    policies = options.read_policies(scenarios or options.HEADLINE)
    for remark in options.remarks(policies):
        say(remark)

    from simulator.reports.page import write

    options.tell_if_cold()
    with Bar(f"writing {out.name}", 2 if deep else 1) as bar:
        made = write(out, policies, n=n, seed=seed, boards=facts, deep=deep, progress=bar, pdf=pdf, expect=expect)
    base, *results = made.study.runs
    comparing.show(comparing.Compared(policies, results, made.study.of("retained"), base, made.study.recipe))
    show_text()
    show_text(f"The report is in {made.path}. Open it in a browser; it needs no connection.")
    if pdf is not None:
        show_text(f"The short version to print is in {pdf}.")
    show_text('Then try a scenario of your own: ringfence scenarios new "My policy"')
