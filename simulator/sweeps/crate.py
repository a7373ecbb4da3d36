"""A finished sweep for an archive: its rows as they stand on disk, its design, and what it was run on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from simulator.common.crate_folder import CrateContent, CrateFile
from simulator.common.formatting import number_of
from simulator.runs.manifest import find_version
from simulator.sweeps.design_file import SweepFile
from simulator.sweeps.documents import SweepIdentity
from simulator.sweeps.manifest import MANIFEST, to_json_values

DESIGN, SCENARIO, SUMMARY = "design.yaml", "scenario.yaml", "_summary.json"


def describe_sweep_crate(design: SweepFile, out: Path) -> CrateContent:
    """What a crate of a sweep holds: `out` is the folder of a store, or the single file beside which is its account.

    Files are copied as they are, so that the crate is read as the sweep is. Raises OSError.
    """
    rows = _list_folder(out) if out.is_dir() else _list_single(out)
    table = next(iter(rows))
    read = 'rf.read_sweep(".")' if out.is_dir() else f'rf.read_sweep("{table}")'
    readme = [
        "```python",
        "import simulator as rf",
        "",
        f"rows = {read}  # each file is compared with its checksum",
        "```",
        "",
        f"    ringfence sweep {DESIGN} --out again",
        "",
        f"`{SCENARIO}` is what the design calls its scenario; where the library lacks it, give the file that name.",
        "",
    ]
    identity: SweepIdentity = to_json_values(design.job().identity)
    points = f"{number_of(design.design.n, 'point')}, {number_of(design.design.runs, 'run')} each"
    return CrateContent(
        title=f"“{design.simulate.policy.title}”: {points}, of health inequalities money in England's NHS",
        description=f"A sweep of the model Ringfence: {points}; {design.badge}.",
        files={**rows, **make_design_files(design)},
        result=table,
        action=f"{points}, seed {design.design.seed} of the design, {design.simulate.luck_seed} of chance",
        record=f"Sweep: {json.dumps(identity, ensure_ascii=False)}",
        readme=readme,
        inputs=[DESIGN, SCENARIO],
        version=find_version(),
    )


def make_design_files(design: SweepFile) -> Mapping[str, CrateFile]:
    """The design and the scenario of a sweep as files of a crate."""
    return {
        DESIGN: CrateFile("The design, as `ringfence sweep` reads it", design.text.encode()),
        SCENARIO: CrateFile("The scenario that was run", design.simulate.policy.to_yaml().encode()),
    }


def add_design(content: CrateContent, design: SweepFile) -> CrateContent:
    """The content of a crate with the design and the scenario of a sweep in it."""
    files = {**content.files, **make_design_files(design)}
    return replace(content, files=files, inputs=[*content.inputs, DESIGN, SCENARIO])


def _list_folder(folder: Path) -> dict[str, CrateFile]:
    """The chunks of a store, its manifest, and its summary if there is one."""
    chunks = sorted(folder.glob("part-*.parquet"))
    files = {
        path.name: CrateFile(f"Rows of the sweep, part {k} of {len(chunks)}", path) for k, path in enumerate(chunks, 1)
    }
    files[MANIFEST] = CrateFile("How the rows were made, with a checksum", folder / MANIFEST)
    if (folder / SUMMARY).exists():
        files[SUMMARY] = CrateFile("What the rows hold: every outcome's mean and range", folder / SUMMARY)
    return files


def _list_single(table: Path) -> dict[str, CrateFile]:
    about = table.with_name(f"{table.name}.json")
    return {
        table.name: CrateFile("Rows of the sweep", table),
        about.name: CrateFile("How the rows were made, with the SHA-256 of the table", about),
    }
