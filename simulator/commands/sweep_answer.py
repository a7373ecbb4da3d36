"""What `ringfence sweep` answers: how the table was made, and what is in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.commands.shared.rendering import Row, show_table, show_text
from simulator.commands.shared.wording import span_words
from simulator.commands.sweep_files import about_file, checksum

if TYPE_CHECKING:
    from simulator.sweeps.design_file import SweepFile
    from simulator.sweeps.run_table import Tally
    from simulator.sweeps.store import Store

NUMBERS = ("Mean", "Lowest", "Highest", "Rows")
RANGE = ("mean", "lowest", "highest")
REASONS = 3


def sweep_document(asked: SweepFile, out: Path, store: Store, tally: Tally, digest: str) -> dict[str, Any]:
    """How the table was made, and what is in it."""
    from simulator.declarations.calendar import QUARTERS, year_name
    from simulator.declarations.outcomes import OUTCOMES
    from simulator.engine.compilation import source_hash
    from simulator.runs.futures import NOT_FITTED
    from simulator.runs.manifest import version

    model, design = asked.simulate, asked.design
    years = range(QUARTERS // 4)[model.span]
    outcomes: list[Row] = [
        {
            "outcome": name,
            "label": OUTCOMES[name].label,
            "unit": OUTCOMES[name].unit.value,
            **dict(zip(RANGE, tally.summary(name), strict=True)),
            "defined_in": tally.defined[name],
        }
        for name in model.outcomes
    ]
    named = ", ".join(factor.name for factor in design.factors)
    return {
        "sentence": _sentence(asked, out, tally),
        "file": str(out),
        "about": str(about_file(out)),
        "rows": tally.rows,
        "points": design.n,
        "runs": design.runs,
        "kind": design.kind.value,
        "factors": [factor.name for factor in design.factors],
        "seed": design.seed,
        "luck": "own" if design.independent_seeds else "shared",
        "luck_seed": model.luck_seed,
        "scenario": model.policy.name,
        "scenario_fingerprint": model.policy.fingerprint,
        "from": model.start,
        "first_year": year_name(years[0]),
        "last_year": year_name(years[-1]),
        "outcomes": outcomes,
        "failed": tally.failed,
        "reasons": tally.reasons,
        "version": version(),
        "code": source_hash(),
        "boards_fingerprint": model.areas.fingerprint,
        "table_sha256": digest,
        **checksum(out),
        "chunks": store.manifest.chunks,
        "chunk_rows": store.manifest.chunk_rows,
        "sessions": list(store.manifest.sessions),
        "sweep": store.manifest.sweep,
        "made_by": store.manifest.made_by,
        "badge": f"{NOT_FITTED}; all parameters but {named} at their defaults",
    }


def _sentence(asked: SweepFile, out: Path, tally: Tally) -> str:
    design, names = asked.design, {"sobol": "Sobol'", "latin": "Latin hypercube"}
    each = f", each run {design.runs:,} times" if design.runs > 1 else ""
    kind = names.get(design.kind.value, design.kind.value)
    return (
        f"{design.n:,} points of a {kind} design over {len(design.factors)} factors{each}, under "
        f"{asked.simulate.policy.title}: {tally.rows:,} rows in {out}, of which {tally.failed or 'none':} failed."
    )


def show_sweep(document: dict[str, Any]) -> None:
    """Show what is in the table, and how it was made."""
    from simulator.common.formatting import amount
    from simulator.common.units import Unit

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
        f"Years: {span_words(document['first_year'], document['last_year'])}. Ranges are over the points of "
        "the design, luck included: they say what was tried, not what is likely."
    )
    for why, count in list(document["reasons"].items())[:REASONS]:
        show_text(f"{count:,} failed: {why}.")
    luck = (
        "run k of every point meets the same luck" if document["luck"] == "shared" else "every row has luck of its own"
    )
    show_text(f"Seed {document['seed']} of the design, {document['luck_seed']} of luck; {luck}.")
    show_text(f"{document['badge'][0].upper()}{document['badge'][1:]}. {document['about']} says how it was made.")
