"""Every point of a design in one call: the rows of a sweep, in memory or in a folder that can be gone on with."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.common.arguments import checked
from simulator.common.crate_folder import CrateContent
from simulator.common.errors import InputError
from simulator.common.paths import expand_path
from simulator.common.presentable import PictureColumns
from simulator.common.representation import short_repr
from simulator.notebook.study_answer import StudyAnswer
from simulator.studies.scenario_runs import name_years
from simulator.sweeps.crate import add_design, describe_sweep_crate
from simulator.sweeps.design_file import SweepFile, read_design, read_design_file
from simulator.sweeps.executors import make_executor
from simulator.sweeps.runner import run_sweep
from simulator.sweeps.store import open_store
from simulator.sweeps.sweep_reader import read_sweep

if TYPE_CHECKING:
    import pandas as pd


@short_repr
@dataclass(frozen=True, eq=False)
class SweepTable:
    """A sweep and its rows; `folder` holds them, or is None where they are in memory alone."""

    design: SweepFile
    table: pd.DataFrame
    folder: Path | None

    @property
    def sentence(self) -> str:
        """What was run, and how many rows failed."""
        failed = int((self.table["failed"] != "").sum())
        return self.design.describe(len(self.table), failed, str(self.folder) if self.folder else "memory")

    def to_frame(self) -> pd.DataFrame:
        """The rows: row, point, run and seed, then factors, outcomes, and why a row failed ("" if not)."""
        return self.table

    def fill_crate(self, content: CrateContent) -> CrateContent:
        """The content of a crate of this sweep: the files of its folder, or its table where there is none."""
        return (
            add_design(content, self.design) if self.folder is None else describe_sweep_crate(self.design, self.folder)
        )


@checked
def sweep(
    design: str | Path | Mapping[str, object],
    out: str | Path | None = None,
    *,
    on: str = "here",
    resume: bool = False,
    chunk: int | None = None,
) -> StudyAnswer[SweepTable]:
    """Run every point of a design: a grid, a Latin hypercube, a Sobol' sequence or random draws.

    `design` is a YAML file, or what one would say as a dictionary (docs/examples/design.yaml has every field); `kind`
    is grid, latin, sobol or random. Parameters that are no factor stand at their defaults: they are not drawn. A
    factor's list holds its levels, {"low": 0, "high": 1} a range, and "prior" is the prior of a parameter. Without
    `out` rows are kept in memory; with it, in a folder of Parquet files as `ringfence sweep` writes it, `chunk` rows a
    file, and `resume` goes on with what is there. `on` names the executor: here, processes:2, tcp://scheduler:8786. The
    table has one row a point and run: factors, outcomes in their units, and `failed` ("" if a row did not). Points and
    chance follow from the design's `seed`: run k meets the same chance at every point. Outcomes are over the design's
    `years`, by default those from 2027/28 on. Levers hold from the design's `from`. Raises ScenarioError, which lists
    every mistake of a design, and StoreRefusedError for a folder that holds something else.

    >>> import simulator as rf
    >>> answer = rf.sweep({"kind": "grid", "factors": {"ringfence": [0, 1]}, "outcomes": ["retained"]})
    >>> answer.to_frame().columns.tolist()
    ['row', 'point', 'run', 'seed', 'ringfence', 'retained', 'failed']
    """
    if not isinstance(design, str | Path | Mapping):
        raise InputError('a design is a file, or a dictionary such as {"kind": "grid", "factors": {"audit": [0, 1]}}')
    read = read_design(design) if isinstance(design, Mapping) else read_design_file(expand_path(design))
    folder = None if out is None else expand_path(out)
    if folder is None and (resume or chunk is not None):
        raise InputError("without out= rows stay in memory: name a folder, or leave out resume and chunk")
    if folder is not None and folder.suffix.lower() in (".csv", ".parquet"):
        raise InputError(f"{folder.name}: out is a folder; for one file, leave it out and save the table of to_frame()")
    place = tempfile.TemporaryDirectory() if folder is None else nullcontext(str(folder))
    with place as name:
        with open_store(Path(name), read.job(), resume=resume, chunk=chunk) as store:
            run_sweep(store, make_executor(on))
        table = read_sweep(Path(name))
    first, *_ = read.simulate.outcomes
    asked = {
        "design": read.file,
        "kind": read.design.kind.value,
        "factors": [factor.name for factor in read.design.factors],
        "points": read.design.n,
        "runs": read.design.runs,
        "seed": read.design.seed,
        "years": name_years(read.simulate.span),
    }
    picture = PictureColumns("histogram", "", first, first.replace("_", " "))
    each = f" with {read.design.runs} runs each" if read.design.runs > 1 else ""
    basis = f"{read.design.n:,} points{each}, seed {read.design.seed}; {read.badge}"
    return StudyAnswer("sweep", SweepTable(read, table, folder), picture, basis, asked)
