"""`ringfence why`: one board in one future, decision by decision."""

from __future__ import annotations

import hashlib
import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.commands.shared import options
from simulator.commands.shared.answer_parts import repeat_command
from simulator.commands.shared.console import is_utf8, put
from simulator.commands.shared.inputs import read_boards, read_scenarios, say_remarks
from simulator.commands.shared.option_groups import spread_groups
from simulator.commands.shared.posterior_options import PosteriorOptions
from simulator.commands.shared.rendering import render_json, show_text
from simulator.common.pinned_names import OtherContentError

if TYPE_CHECKING:
    from simulator.agents.explain import ExplanationDocument
    from simulator.scenarios.scenario import Scenario


@spread_groups
def why(
    scenario: options.ScenarioName,
    run: Annotated[int, typer.Option("--run", min=0, max=2**32 - 1, help="The number of the future, from 0.")],
    board: Annotated[str, options.text_option("--board", "BOARD", "Code, abbreviation or name of a board.")],
    year: Annotated[str | None, options.text_option("--year", "YEAR", "A year, such as 2023/24.")] = None,
    quarter: Annotated[
        str | None, options.text_option("--quarter", "QUARTER", "A quarter, such as '2023/24 Q3'.")
    ] = None,
    against: Annotated[
        str | None,
        options.scenario_option("--against", "Also say where this scenario diverges in the same future."),
    ] = None,
    seed: options.Seed = options.SEED,
    boards: options.BoardsFile = None,
    expect: options.Expect = None,
    as_json: options.Json = False,
    *,
    posterior: PosteriorOptions,
) -> None:
    """Explain a board's decisions in one future.

    Says which pulls made each decision, what would have tipped it, and where two scenarios diverge.
    """
    if year and quarter:
        raise typer.BadParameter("give --year or --quarter, not both")
    first, *others = read_scenarios([scenario, *([against] if against else [])])
    other: Scenario | None = others[0] if others else (first if against else None)
    table = read_boards(boards)
    table.position(board)
    say_remarks([first, *others])

    from simulator.agents.explain import explain

    explanation = explain(
        first, run=run, board=board, year=year, quarter=quarter, against=other, seed=seed, boards=table
    )
    document = explanation.document
    fingerprint = _compute_fingerprint(document)
    _check_expected(fingerprint, expect)
    if not as_json:
        show_text(explanation.text)
        return
    flags: list[tuple[str, object]] = [
        ("--run", run),
        ("--board", board),
        ("--year", year),
        ("--quarter", quarter),
        ("--against", other),
        ("--seed", seed),
        ("--expect", fingerprint),
    ]
    command = repeat_command("why", [first], flags, table)
    put(render_json({**document, "command": command}, plain=not is_utf8(sys.stdout)))


def _compute_fingerprint(document: ExplanationDocument) -> str:
    """12 hexadecimal digits that tell this explanation from any other."""
    return hashlib.sha256(json.dumps(json.loads(render_json(document)), sort_keys=True).encode()).hexdigest()[:12]


def _check_expected(fingerprint: str, expected: str | None) -> None:
    """Refuse to give another explanation than is meant. Raises OtherContentError."""
    if expected and expected != fingerprint:
        raise OtherContentError(
            f"this would be another explanation than the one that is meant: its fingerprint is {fingerprint}, and "
            f"{expected} is expected. The scenarios, the boards, the seed or this version of the model (rules, fitted "
            "parameters, library) differ; leave out --expect to go on all the same"
        )
