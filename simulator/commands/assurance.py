"""`ringfence assurance`: the record that an assurer asks for, generated from the model."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from simulator.commands.shared.console import Bar
from simulator.commands.shared.options import text_option
from simulator.commands.shared.rendering import show_text
from simulator.commands.shared.running import say_if_cold
from simulator.common.errors import InputError


def assurance(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where to put the pack; made if it is not there.")],
    quick: Annotated[bool, typer.Option("--quick", help="Run less: under two minutes, with rougher impacts.")] = False,
    tests: Annotated[
        Path | None,
        text_option("--tests", "FILE", "Results of this build's tests; else those of scripts/test."),
    ] = None,
) -> None:
    """Write the assurance pack: what an assurer asks for, from checks that run now.

    A web page, a tagged PDF and workbooks (Excel and OpenDocument) with the logs of assumptions, data and decisions,
    the model described by ODD, TRACE and STRESS-ABS, verification, validation, sensitivity, self-assessment by RAP and
    STARS, and a statement of use whose signatures are left open. Gaps are printed as gaps. Nothing is written until
    all is there.
    """
    from simulator.declarations.plugin import find_plugin

    if (plugin := find_plugin()) is not None:
        raise InputError(
            f"the assurance pack is about the published model, and not about {plugin.path.name}: leave out --plugin. "
            f"What was checked of a plug-in: ringfence plugin check {plugin.path.name}"
        )

    from simulator.assurance.closing import list_gaps
    from simulator.assurance.pack import PARTS, QUICK, WHOLE, write_pack
    from simulator.assurance.rendering import write_tally
    from simulator.assurance.verification import find_results, read_results

    record = tests or find_results()
    results = None if record is None else read_results(record)
    say_if_cold()
    options = f"{' --quick' if quick else ''}{f' --tests {tests.name}' if tests else ''}"
    command = f"ringfence assurance FOLDER{options}"
    with Bar("assurance pack", PARTS) as bar:
        pack = write_pack(folder, QUICK if quick else WHOLE, results, dt.date.today(), bar, command)
    show_text(f"{write_tally(pack.chapters).split(' The ')[0]} Gaps:")
    for gap in list_gaps(pack.chapters):
        show_text(f"  {gap.chapter}: {gap.question}{'' if gap.question.endswith('?') else ':'} {gap.says}")
    show_text(f"The pack is in {folder}: {', '.join(path.name for path in pack.files)}. Open {pack.files[0].name}.")
