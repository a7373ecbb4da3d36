"""The Excel workbook that a comparison is also written to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from simulator.commands.shared.console import Bar, say
from simulator.commands.shared.options import text_option

if TYPE_CHECKING:
    from simulator.runs.recipe import Recipe
    from simulator.runs.results import Results
    from simulator.scenarios.scenario import Scenario

WorkbookFile = Annotated[
    Path | None,
    text_option("--xlsx", "FILE.xlsx", "Also write a workbook: Summary, Pairs, By year, Boards, Assumptions, Read me."),
]


def write_workbook(
    scenarios: Sequence[Scenario], runs: Sequence[Results], recipe: Recipe, command: str, path: Path
) -> None:
    """Write a comparison with the first of these scenarios; it may stand among the others too.

    Every board is run again for it, which a bar shows. `command` makes the comparison again.
    """
    from simulator.common.atomic_files import write_bytes
    from simulator.reports.content import OutcomeStudy
    from simulator.reports.workbook import make_workbook
    from simulator.runs.results import find_outcome

    kept = [at for at, scenario in enumerate(scenarios) if not at or scenario is not scenarios[0]]
    study = OutcomeStudy(
        tuple(scenarios[at] for at in kept),
        tuple(runs[at] for at in kept),
        {},
        recipe.boards,
        outcome=find_outcome(recipe.outcome).name,
        wanted=recipe.years,
    )
    with Bar("every board") as bar:
        data = make_workbook(study, [command], dt.date.today(), bar)
    write_bytes(path, data)
    say(f"wrote {path}")
