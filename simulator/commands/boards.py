"""`ringfence boards`: the boards that the model runs on, and a check of somebody's own table."""

from __future__ import annotations

import math
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypedDict

import typer

from simulator.commands.shared import options
from simulator.commands.shared.console import put, say
from simulator.commands.shared.inputs import read_boards
from simulator.commands.shared.option_groups import FormOptions, spread_groups
from simulator.commands.shared.rendering import Answer, Form, deliver, render_json, show_table, show_text
from simulator.common.pinned_names import format_file_argument

if TYPE_CHECKING:
    from simulator.boards.table import Boards

app = typer.Typer(help="Boards: list them, or check your own table.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
@spread_groups
def list_boards(boards: options.BoardsFile = None, *, output: FormOptions) -> None:
    """List the boards and the facts that the model starts from."""
    form = output.choose()
    table = read_boards(boards)
    rows = _list_rows(table)
    shown = [
        {
            "Code": row["code"],
            "Short": row["abbreviation"],
            "Name": row["name"],
            "Region": row["region"],
            "Fund, £m": f"{row['fund_m']:.3f}",
            "Most deprived fifth": f"{row['core20']:.1%}",
            "Merges": row["merges"] or "–",
        }
        for row in rows
    ]
    document = {"boards": rows, "source": table.source, "fingerprint": table.fingerprint}
    deliver(
        Answer(document, [dict(row) for row in rows], lambda: show_table(shown, ("Fund, £m", "Most deprived fifth"))),
        form,
    )


@app.command()
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="A table of boards.")],
    as_json: options.Json = False,
) -> None:
    """Check a table of boards: every problem in it, or what was read from it."""
    from simulator.boards.table import BoardsError
    from simulator.boards.table import read_boards as boards_of

    try:
        table = boards_of(file)
    except BoardsError as error:
        if not as_json:
            raise
        problems = [
            {"line": problem.line, "column": problem.column, "message": problem.message} for problem in error.problems
        ]
        put(render_json({"ok": False, "file": str(file), "problems": problems}))
        say(f"error: {len(problems)} problem{'s' if len(problems) != 1 else ''} in {file}")
        raise typer.Exit(1) from None
    summary = _summarise(table)
    answer = Answer({"ok": True, "file": str(file), "problems": [], **summary}, [], lambda: _show(file, summary))
    deliver(answer, Form.JSON if as_json else Form.TABLE)


class BoardRow(TypedDict):
    """One board of a table; `merges` is the quarter in which it does, `registered_population` nan where unknown."""

    code: str
    abbreviation: str
    name: str
    region: str
    fund_m: float
    weight_m: float
    core20: float
    registered_population: float
    footprint: str
    merges: str | None


class BoardsSummary(TypedDict):
    """What a table of boards holds."""

    boards: int
    fingerprint: str
    fund_m: float
    weight_m: float
    remarks: list[str]
    regions: list[str]
    lowest_core20: float
    highest_core20: float
    in_shared_footprints: int
    merging: int
    without_population: int
    on_map: int


def _list_rows(table: Boards) -> list[BoardRow]:
    from simulator.declarations.calendar import NEVER, quarter_name

    areas = table.areas
    return [
        {
            "code": table.codes[i],
            "abbreviation": table.abbrevs[i],
            "name": table.names[i],
            "region": table.regions[i],
            "fund_m": float(areas["alloc"][i]),
            "weight_m": float(areas["weight"][i]),
            "core20": float(areas["core20"][i]),
            "registered_population": table.population[i],
            "footprint": table.footprints[i],
            "merges": quarter_name(int(areas["merge_q"][i])) if areas["merge_q"][i] < NEVER else None,
        }
        for i in table.as_listed
    ]


def _summarise(table: Boards) -> BoardsSummary:
    rows = _list_rows(table)
    heads = table.areas["head"].tolist()
    return {
        "boards": len(table),
        "fingerprint": table.fingerprint,
        "fund_m": math.fsum(row["fund_m"] for row in rows),
        "weight_m": math.fsum(row["weight_m"] for row in rows),
        "remarks": list(table.remarks),
        "regions": sorted(set(table.regions)),
        "lowest_core20": min(row["core20"] for row in rows),
        "highest_core20": max(row["core20"] for row in rows),
        "in_shared_footprints": sum(heads.count(head) > 1 for head in heads),
        "merging": sum(row["merges"] is not None for row in rows),
        "without_population": sum(math.isnan(number) for number in table.population),
        "on_map": sum(tile is not None for tile in table.tiles),
    }


def _show(file: Path, summary: BoardsSummary) -> None:
    from simulator.common.formatting import number_of

    odd, regions = len(summary["remarks"]), summary["regions"]
    state = f"can be used, with {number_of(odd, 'remark')}" if odd else "ok"
    where = f"{number_of(summary['boards'], 'board')} in {number_of(len(regions), 'region')}"
    show_text(f"{file}: {state}; {where}: {', '.join(regions)}")
    show_text(f"  fund £{summary['fund_m']:,.3f}m; allocations £{summary['weight_m']:,.1f}m")
    show_text(
        f"  in the most deprived fifth: {summary['lowest_core20']:.1%} to {summary['highest_core20']:.1%} of people"
    )
    shared, merging = summary["in_shared_footprints"], summary["merging"]
    show_text(f"  {shared} share a footprint with another, {merging} merge within the calendar")
    show_text(
        f"  {summary['without_population']} without a population; {summary['on_map']} with a place on the tile map"
    )
    for remark in summary["remarks"]:
        show_text(f"  remark: {remark}")
    show_text("Boards are run in order of region and code, so the order of lines changes nothing.")
    show_text(f"Use it with: {shlex.join(['ringfence', 'compare', '--boards', format_file_argument(str(file))])}")
