"""`ringfence reference`: every declared number, lever, outcome, scenario and piece of evidence."""

from __future__ import annotations

from enum import StrEnum, auto
from typing import Annotated

import typer

from simulator.commands.shared.console import put
from simulator.commands.shared.option_groups import FormOptions, spread_groups
from simulator.commands.shared.rendering import Answer, deliver, show_table


class What(StrEnum):
    """The tables there are."""

    PARAMETERS = auto()
    LEVERS = auto()
    OUTCOMES = auto()
    EVIDENCE = auto()
    SCENARIOS = auto()
    TARGETS = auto()
    IDENTIFIED = auto()


ON_SCREEN = {
    What.PARAMETERS: ("name", "meaning", "unit", "lowest", "default", "highest", "badge", "evidence"),
    What.LEVERS: ("name", "meaning", "unit", "lowest", "default", "highest", "badge", "evidence"),
    What.OUTCOMES: ("name", "meaning", "unit", "better"),
    What.EVIDENCE: ("id", "says", "source", "strength"),
    What.SCENARIOS: ("name", "title", "levers", "from"),
    What.TARGETS: ("id", "use", "says", "observed", "tolerance", "evidence"),
    What.IDENTIFIED: ("name", "badge", "prior", "posterior", "5%", "95%", "s.d. ratio", "shift"),
}


@spread_groups
def reference(
    what: Annotated[What, typer.Argument(help="Which table.")],
    *,
    output: FormOptions,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="Print a Markdown table.")] = False,
) -> None:
    """Show tables of everything declared.

    Units, bounds, defaults, priors and evidence; --json, --csv and --markdown give all columns.
    """
    form = output.choose()
    if as_markdown and (output.as_json or output.as_csv):
        raise typer.BadParameter("give one of --json, --csv and --markdown")

    from simulator.reports.reference_tables import make_table, render_markdown

    if as_markdown:
        put(render_markdown(what.value))
        return
    rows = make_table(what.value)
    table_rows = [{name: row[name] for name in ON_SCREEN[what]} for row in rows]
    numbers = ("lowest", "default", "highest")
    deliver(Answer({what.value: rows}, rows, lambda: show_table(table_rows, numbers)), form)
