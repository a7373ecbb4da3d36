"""`ringfence why`: one board in one future, decision by decision."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.commands.shared import options
from simulator.commands.shared.console import is_utf8, put, say
from simulator.commands.shared.rendering import json_text, show_text

if TYPE_CHECKING:
    from simulator.boards.table import Boards
    from simulator.scenarios.scenario import Scenario

Other = Annotated[
    str | None,
    typer.Option(
        "--against", metavar="SCENARIO", help="Say where this scenario differs.", autocompletion=options.scenario_names
    ),
]


def why(
    scenario: options.One,
    run: Annotated[int, typer.Option("--run", min=0, max=2**32 - 1, help="Which future, counted from 0.")],
    board: Annotated[str, typer.Option("--board", metavar="BOARD", help="Code, abbreviation or name of a board.")],
    year: Annotated[str | None, typer.Option("--year", metavar="YEAR", help="A year, such as 2023/24.")] = None,
    quarter: Annotated[
        str | None, typer.Option("--quarter", metavar="QUARTER", help="A quarter, such as '2023/24 Q3'.")
    ] = None,
    against: Other = None,
    seed: options.Seed = options.SEED,
    boards: options.BoardsFile = None,
    as_json: options.Json = False,
) -> None:
    """Explain a board's decisions in one future.

    Says which pulls made each decision, what would have tipped it, and where two scenarios part.
    """
    if year and quarter:
        raise typer.BadParameter("give --year or --quarter, not both")
    policies = options.read_policies([scenario, *([against] if against else [])])
    facts = options.read_boards(boards)
    facts.position(board)
    for remark in options.remarks(policies):
        say(remark)

    from simulator.agents.explain import explain

    found = explain(
        policies[0],
        run=run,
        board=board,
        year=year,
        quarter=quarter,
        against=policies[-1] if against else None,
        seed=seed,
        boards=facts,
    )
    if as_json:
        command = _again(policies, facts, {"--run": run, "--board": board, "--year": year, "--quarter": quarter}, seed)
        put(json_text({**found.to_dict(), "command": command}, plain=not is_utf8(sys.stdout)))
    else:
        show_text(found.text)


def _again(policies: Sequence[Scenario], boards: Boards, asked: Mapping[str, object], seed: int) -> str:
    """The command for the same explanation."""
    from simulator.runs.recipe import Recipe

    recipe = Recipe(tuple(policies[:1]), boards, (), policies[-1])
    flags = [(option, value) for option, value in asked.items() if value is not None]
    if len(policies) > 1:
        flags.append(("--against", recipe.name_of(policies[-1])))
    return recipe.line("why", recipe.names, [*flags, *recipe.table, ("--seed", seed)])
