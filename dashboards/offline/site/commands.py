"""`ringfence site`: a folder of pages for any web host, or for none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.commands.shared import options
from simulator.commands.shared.console import Bar, put, say
from simulator.commands.shared.inputs import read_boards, read_scenarios, say_remarks
from simulator.commands.shared.rendering import render_json, show_text
from simulator.commands.shared.running import say_if_cold
from simulator.common.paths import expand_path

if TYPE_CHECKING:
    from dashboards.offline.site.build import Site

FEWEST = 20

OwnScenarios = Annotated[
    list[str] | None,
    options.scenario_argument("Up to three scenario files, or stacks such as a+b, that get pages too."),
]

AssurancePack = Annotated[
    Path | None,
    options.text_option(
        "--assurance", "FOLDER", "An assurance pack to put into the site, as `ringfence assurance FOLDER` wrote it."
    ),
]


def site(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER",
            help="Where to write it: a new or empty folder, or one that this command wrote.",
        ),
    ],
    scenarios: OwnScenarios = None,
    n: Annotated[
        int, typer.Option("-n", "--futures", min=FEWEST, max=20_000, help="How many futures to run.")
    ] = options.DEFAULT_N,
    seed: options.Seed = options.SEED,
    boards: options.BoardsFile = None,
    address: Annotated[
        str,
        options.text_option(
            "--address",
            "URL",
            "Where the site will stand, for previews of shared links. Pages work anywhere all the same.",
        ),
    ] = "",
    assurance: AssurancePack = None,
    as_json: options.Json = False,
) -> None:
    """Write a static site: the answer, the explorer, a page and a picture for each of 45 interventions, and data.

    It works on any web host and from a folder, without a network. Up to three scenarios of one's own get pages too.
    """
    from simulator.declarations.plugin import refuse_plugin

    refuse_plugin("a static site")
    place = expand_path(folder)
    table = read_boards(boards)
    own = read_scenarios(scenarios) if scenarios else []
    say_remarks(own)
    from dashboards.offline.site.build import SiteOptions, write_site
    from dashboards.offline.site.data_files import RELATIVE

    asked = SiteOptions(n, seed, table, tuple(own), address, None if assurance is None else expand_path(assurance))
    say_if_cold()
    with Bar("writing the site", 3) as bar:

        def begin(label: str) -> Bar:
            say(f"{label} ...")
            return bar

        written = write_site(place, asked, begin)
    if as_json:
        put(render_json(_summarise(written)))
        return
    size = sum(written.sizes.values()) / 1e6
    show_text(f"The site is in {place} ({len(written.sizes)} files, {size:.1f} MB). Open {place / 'index.html'}.")
    if not address:
        say(f"note: {RELATIVE[0].lower()}{RELATIVE[1:]}")


def _summarise(written: Site) -> dict[str, object]:
    """What was written, for programs."""
    made = written.answers.headline.baseline.manifest
    return {
        "folder": str(written.folder),
        "index": str(written.folder / "index.html"),
        "files": len(written.sizes),
        "bytes": sum(written.sizes.values()),
        "interventions": len(written.answers.interventions),
        "own": [answer.page for answer in written.answers.own],
        "futures": made.futures,
        "seed": made.seed,
        "boards_fingerprint": made.boards_fingerprint,
        "version": made.version,
        "address": written.address or None,
        "command": written.command,
    }
