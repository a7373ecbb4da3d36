"""`ringfence explorer`: one HTML file with the whole model inside, for a machine without anything installed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from simulator.commands.shared import options
from simulator.commands.shared.console import Bar
from simulator.commands.shared.inputs import read_boards, read_scenarios, say_remarks
from simulator.commands.shared.rendering import check_out, show_text
from simulator.commands.shared.running import say_if_cold


def explorer(
    scenarios: options.ScenarioNames = None,
    out: Annotated[Path, options.text_option("--out", "FILE.html", "Where to write the page.")] = Path("explorer.html"),
    n: Annotated[
        int, typer.Option("-n", "--futures", min=20, max=2000, help="How many futures it begins with.")
    ] = options.DEFAULT_N,
    seed: options.Seed = options.SEED,
    boards: options.BoardsFile = None,
    expect: options.Expect = None,
) -> None:
    """Write an explorer as one HTML file that needs no server and no connection.

    The whole model is inside: every lever of the library's scenarios, and of those that are named, answers at once.
    """
    from simulator.declarations.plugin import refuse_plugin

    refuse_plugin("the explorer")
    page = check_out(out, (".html", ".htm")) or out
    facts = read_boards(boards)
    own = read_scenarios(scenarios) if scenarios else []
    say_remarks(own)
    say_if_cold()
    from dashboards.offline.explorer import write

    with Bar(f"writing {page.name}", 1) as bar:
        size = write(str(page), own, n, seed, bar, facts, expect)
    show_text(f"The explorer is in {page} ({size / 1e6:.1f} MB). Open it in a browser; it needs no connection.")
