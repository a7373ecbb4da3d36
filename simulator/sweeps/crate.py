"""A finished sweep for an archive: its rows as they stand on disk, its design, and what it was run on."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from simulator.common.crate_folder import CrateContent, CrateFile
from simulator.common.formatting import number_of
from simulator.common.yaml_nodes import Problems, ScalarNode, read_fields
from simulator.runs.manifest import find_version
from simulator.scenarios.library import library, split_stack
from simulator.sweeps.design_file import SweepFile
from simulator.sweeps.documents import SweepIdentity
from simulator.sweeps.manifest import MANIFEST, to_json_values

DESIGN, SCENARIO, SUMMARY = "design.yaml", "scenario.yaml", "_summary.json"

_VALUE = r"""(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^\s,}][^,}#]*?)"""
_SCENARIO_LINE = re.compile(rf"""(["']?\bscenario["']?\s*:\s*){_VALUE}(\s*(?:,|}}|#|$))""")


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
        f"`{SCENARIO}` is the scenario that was run, which the design names so where the library lacks it.",
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
        DESIGN: CrateFile("The design, as `ringfence sweep` reads it", _name_scenario(design).encode()),
        SCENARIO: CrateFile("The scenario that was run", design.simulate.policy.to_yaml().encode()),
    }


def _name_scenario(design: SweepFile) -> str:
    """The text of a design, which names its scenario as the folder does where it is not one of the library."""
    fields = read_fields(design.text, Problems(DESIGN))
    pairs = () if fields is None else fields.pairs
    node = next((value for key, value in pairs if key.text == "scenario"), None)
    named = node.text if isinstance(node, ScalarNode) else ""
    if node is None or all(part in library() for part in split_stack(named)):
        return design.text
    lines = design.text.splitlines(keepends=True)
    lines[node.line - 1] = _SCENARIO_LINE.sub(rf'\g<1>"{SCENARIO}"\g<2>', lines[node.line - 1], count=1)
    return "".join(lines)


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
