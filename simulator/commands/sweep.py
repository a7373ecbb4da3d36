"""`ringfence sweep`: run every point of a design that a file describes, into a table."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simulator.commands import common as c
from simulator.commands.output import (
    Answer,
    InputError,
    Row,
    check_out,
    deliver,
    form,
    json_text,
    show_table,
    show_text,
    write_text,
    write_whole,
)
from simulator.commands.streams import Bar, say

if TYPE_CHECKING:
    from simulator.sweeps.design_file import SweepFile
    from simulator.sweeps.tables import Tally

ENDINGS = (".csv", ".parquet")
NUMBERS = ("Mean", "Lowest", "Highest", "Rows")
RANGE = ("mean", "lowest", "highest")
REASONS = 3


def sweep(
    design: Annotated[
        Path, typer.Argument(metavar="DESIGN.yaml", help="Which points of which policy; see docs/examples/design.yaml.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Write .csv or .parquet, one row a run.")],
    as_json: c.Json = False,
    as_csv: c.Csv = False,
) -> None:
    """Run a design of any size into a table.

    A design is a grid, a Latin hypercube, a Sobol' sequence or random draws over any parameters and levers. Rows are
    written as they are run, and the file appears when all are done; beside it stands FILE.json, which says how it was
    made. A row that failed says why.
    """
    how = form(as_json, as_csv)
    check_out(out, ENDINGS)
    if out.suffix.lower() == ".parquet" and find_spec("pyarrow") is None:
        raise InputError(
            f"{out}: Parquet files need pyarrow, which is not installed; write .csv, or: pip install pyarrow"
        )

    from simulator.sweeps.design_file import read_sweep

    asked = read_sweep(design)
    for remark in c.remarks([asked.simulate.policy]):
        say(remark)
    c.tell_if_cold()
    tally = _run(asked, out)
    document = _document(asked, out, tally)
    write_text(out.with_name(f"{out.name}.json"), json_text({**document, "design_file": asked.text}))
    deliver(Answer(document, document["outcomes"], lambda: _show(document)), how)


def _run(asked: SweepFile, out: Path) -> Tally:
    """Run and write all rows; the file is whole or not there."""
    from simulator.sweeps.tables import Tally, run_tables, write_csv, write_parquet

    tally, design = Tally(), asked.design
    write = write_parquet if out.suffix.lower() == ".parquet" else write_csv
    with Bar(f"{len(design):,} futures") as bar:
        tables = run_tables(asked.simulate, design, asked.simulate.outcomes, progress=bar)
        write_whole(out, lambda part: write(part, tables, design.runs, tally))
    return tally


def _document(asked: SweepFile, out: Path, tally: Tally) -> dict[str, Any]:
    """How the table was made, and what is in it."""
    from simulator.calendar import QUARTERS, year_name
    from simulator.compiled import source_hash
    from simulator.futures import NOT_FITTED
    from simulator.outcomes import OUTCOMES
    from simulator.results import version

    model, design = asked.simulate, asked.design
    years = range(QUARTERS // 4)[model.span]
    outcomes: list[Row] = [
        {"outcome": name, "label": OUTCOMES[name].label, "unit": OUTCOMES[name].unit.value,
         **dict(zip(RANGE, tally.summary(name), strict=True)), "defined_in": tally.defined[name]}
        for name in model.outcomes
    ]  # fmt: skip
    named = ", ".join(factor.name for factor in design.factors)
    return {
        "sentence": _sentence(asked, out, tally), "file": str(out), "rows": tally.rows, "points": design.n,
        "runs": design.runs, "kind": design.kind.value, "factors": [factor.name for factor in design.factors],
        "seed": design.seed, "luck": "own" if design.own_luck else "shared", "luck_seed": model.luck_seed,
        "scenario": model.policy.name, "scenario_fingerprint": model.policy.fingerprint, "from": model.start,
        "first_year": year_name(years[0]), "last_year": year_name(years[-1]), "outcomes": outcomes,
        "failed": tally.failed, "reasons": tally.reasons, "version": version(), "code": source_hash(),
        "boards_fingerprint": model.areas.fingerprint,
        "badge": f"{NOT_FITTED}; all parameters but {named} at their defaults",
    }  # fmt: skip


def _sentence(asked: SweepFile, out: Path, tally: Tally) -> str:
    design, names = asked.design, {"sobol": "Sobol'", "latin": "Latin hypercube"}
    each = f", each run {design.runs:,} times" if design.runs > 1 else ""
    kind = names.get(design.kind.value, design.kind.value)
    return (
        f"{design.n:,} points of a {kind} design over {len(design.factors)} factors{each}, under "
        f"{asked.simulate.policy.title}: {tally.rows:,} rows in {out}, of which {tally.failed or 'none':} failed."
    )


def _show(document: dict[str, Any]) -> None:
    from simulator.declare import Unit
    from simulator.words import amount

    show_text(document["sentence"])
    show_text()
    rows = []
    for one in document["outcomes"]:
        mean, low, high = (amount(one[key], Unit(one["unit"])) for key in RANGE)
        rows.append(
            {"Outcome": one["label"], **dict(zip(NUMBERS, (mean, low, high, f"{one['defined_in']:,}"), strict=True))}
        )
    show_table(rows, NUMBERS)
    show_text()
    show_text(
        f"Years: {c.span_words(document['first_year'], document['last_year'])}. Ranges are over the points of the "
        "design, luck included: they say what was tried, not what is likely."
    )
    for why, count in list(document["reasons"].items())[:REASONS]:
        show_text(f"{count:,} failed: {why}.")
    luck = (
        "run k of every point meets the same luck" if document["luck"] == "shared" else "every row has luck of its own"
    )
    show_text(f"Seed {document['seed']} of the design, {document['luck_seed']} of luck; {luck}.")
    show_text(f"{document['badge'][0].upper()}{document['badge'][1:]}. {document['file']}.json says how it was made.")
