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
from simulator.common.formatting import describe_level, format_number, join_words, name_base, number_of
from simulator.common.paths import expand_path
from simulator.common.pictures.columns import PictureColumns
from simulator.common.representation import short_repr
from simulator.notebook.study_answer import StudyAnswer
from simulator.runs.results import find_outcome
from simulator.studies.scenario_runs import name_years
from simulator.sweeps.crate import DESIGN, add_design, describe_sweep_crate
from simulator.sweeps.design_file import SweepFile, read_design, read_design_file
from simulator.sweeps.executors import make_executor
from simulator.sweeps.runner import run_sweep
from simulator.sweeps.store import open_store
from simulator.sweeps.sweep_reader import read_sweep

if TYPE_CHECKING:
    import pandas as pd

MOST_NAMED = 3
"""Factors by which a sentence tells a point; of one with more it gives the number."""


@short_repr
@dataclass(frozen=True, eq=False)
class SweepTable:
    """A sweep and its rows; `folder` holds them, or is None where they are in memory alone."""

    design: SweepFile
    table: pd.DataFrame
    folder: Path | None

    @property
    def sentence(self) -> str:
        """What the first outcome comes to over all points, where it is least and most, under which policy and
        parameters, and how many rows failed.
        """
        failed = int((self.table["failed"] != "").sum())
        run = self.design.describe(len(self.table), failed, "a folder" if self.folder else "memory")
        outcome, *_ = self.design.simulate.outcomes
        means = self.table[self.table["failed"] == ""].groupby("point")[outcome].mean().dropna()
        if means.empty:
            return f"No point gives {_name_outcome(outcome)}. {run}"
        about = find_outcome(outcome)
        average, least, most = (describe_level(float(x), about.unit) for x in (means.mean(), means.min(), means.max()))
        same = means.min() == means.max()
        ends = (
            ", the same at each"
            if same
            else f", from {least} {self._name_point(means.idxmin())} to {most} {self._name_point(means.idxmax())}"
        )
        averaged = f"averages {average}{name_base(about.unit)} over {number_of(len(means), 'point')}"
        chance = "" if self.design.design.runs > 1 else "; each point is a single run, so that chance is part of it"
        return (
            f"{_name_outcome(outcome)} ({name_years(self.design.simulate.span)}) {averaged}"
            f"{ends if len(means) > 1 else ''}, with parameters that are no factor at their defaults{chance}. {run}"
        )

    def _name_point(self, point: object) -> str:
        """A point by its factors where they are few, else by its number."""
        row = self.table[self.table["point"] == point].iloc[0]
        factors = self.design.design.factors
        if len(factors) > MOST_NAMED:
            return f"(point {point})"
        return f"(where {join_words([f'{f.name} is {format_number(float(row[f.name]), 3)}' for f in factors])})"

    def to_frame(self) -> pd.DataFrame:
        """The rows: row, point, run and seed, then factors, outcomes, and why a row failed ("" if not).

        A table of its own each time; `table` is the one that is kept.
        """
        return self.table.copy()

    def fill_crate(self, content: CrateContent) -> CrateContent:
        """The content of a crate of this sweep: the files of its folder, or its table where there is none."""
        return (
            add_design(content, self.design) if self.folder is None else describe_sweep_crate(self.design, self.folder)
        )


def _name_outcome(outcome: str) -> str:
    return f"“{find_outcome(outcome).label}”"


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
    table has one row for each point and run: factors, outcomes in their units, and `failed` ("" if a row did not). The
    row's parameters in `rf.given_futures({...}, run=seed)` run it again, its levers by `with_lever`, to rounding. The
    sentence says what the first outcome averages and where it is least and most. Points and
    chance follow from the design's `seed`: run k meets the same chance at every point. Outcomes are over the design's
    `years`, by default those from 2027/28 on; they stand in the sentence, and in no column, since the table is that of
    `ringfence sweep`. Levers hold from the design's `from`. Raises ScenarioError, which lists
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
    about = find_outcome(first)
    picture = PictureColumns(
        "histogram", "", first, f"{about.label.lower()} ({about.unit.value})", along="rows (points and runs)"
    )
    each = f" with {read.design.runs} runs each" if read.design.runs > 1 else ""
    basis = f"{read.design.n:,} points{each}, seed {read.design.seed}; {read.badge}"
    return StudyAnswer("sweep", SweepTable(read, table, folder), picture, basis, inputs={"design": DESIGN})
