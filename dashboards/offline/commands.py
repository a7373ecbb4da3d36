"""`ringfence explorer`: one HTML file with results worked out ahead, for a machine without anything installed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from simulator.commands.shared import options
from simulator.commands.shared.console import Bar, say
from simulator.commands.shared.rendering import check_out, show_text


def explorer(
    scenarios: options.Several = None,
    out: Annotated[Path, typer.Option("--out", metavar="FILE.html", help="Where to write the page.")] = Path(
        "explorer.html"
    ),
    n: Annotated[
        int, typer.Option("-n", "--futures", min=20, max=2000, help="How many futures to run.")
    ] = options.DEFAULT_N,
    seed: options.Seed = options.SEED,
    boards: options.BoardsFile = None,
    expect: options.Expect = None,
) -> None:
    """Write an explorer as one HTML file that needs no server and no connection.

    It holds ring-fences, leadership and money pressure in all combinations, and up to three scenarios that are named.
    """
    check_out(out, (".html", ".htm"))
    facts = options.read_boards(boards)
    own = options.read_policies(scenarios) if scenarios else []
    for remark in options.remarks(own):
        say(remark)
    options.tell_if_cold()
    from dashboards.offline.explorer import write

    with Bar(f"writing {out.name}", 1) as bar:
        size = write(str(out), own, n, seed, bar, facts, expect)
    show_text(f"The explorer is in {out} ({size / 1e6:.1f} MB). Open it in a browser; it needs no connection.")
