"""`ringfence report`: one HTML page about policies, to read and to pass on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from simulator.commands import common as c
from simulator.commands import compare as comparing
from simulator.commands.output import check_out, show_text
from simulator.commands.streams import Bar


def report(
    scenarios: c.Several = None,
    out: Annotated[Path, typer.Option("--out", metavar="FILE.html", help="Where to write the page.")] = Path(
        "report.html"
    ),
    n: c.Count = 1000,
    seed: c.Seed = c.SEED,
    boards: c.BoardsFile = None,
) -> None:
    """Write a report on scenarios as one HTML page, and show its headline."""
    check_out(out, (".html", ".htm"))
    facts = c.read_boards(boards)
    names = list(dict.fromkeys(scenarios or c.HEADLINE))
    headline = comparing.compared(names, n=n, seed=seed, boards=facts)

    from simulator.report import write

    with Bar("writing the report") as bar:
        path = write(out, names, n=n, seed=seed, boards=facts, progress=bar)
    comparing.show(headline)
    show_text()
    show_text(f"The report is in {path}. Open it in a browser; it needs no connection.")
