"""Running the rows of a design: tables of outcomes, why some rows failed, and what the tables hold together.

Tables come one by one, so that memory holds one of them, however many there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from simulator.common.arrays import Floats
from simulator.common.spreadsheet import make_cell_safe
from simulator.experiments.core.model_protocol import ModelProtocol, Outcomes, Points, Progress, Seeds
from simulator.experiments.core.sweep import SweepDesign, SweepTable, sweep

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class RunTable:
    """A table of a sweep, and for each row why it failed (n,): empty where it did not."""

    table: SweepTable
    failed: Sequence[str]

    def to_frame(self, runs: int) -> pd.DataFrame:
        """One line for each row: row, point, run, seed, factors, outcomes, failed."""
        frame = self.table.to_frame().reset_index()
        frame.insert(1, "point", frame["row"] // runs)
        frame.insert(2, "run", frame["row"] % runs)
        frame.insert(3, "seed", frame.pop("seed"))
        return frame.assign(failed=list(self.failed))


CHUNK = 8_192
FAILURES = (ArithmeticError, ValueError, RuntimeError)
"""What a model may raise on one point that says nothing against the others."""


@dataclass
class Tally:
    """What was written so far: rows, failed rows, and of each outcome how often it is defined, and its range."""

    rows: int = 0
    failed: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    defined: dict[str, int] = field(default_factory=dict)
    total: dict[str, float] = field(default_factory=dict)
    lowest: dict[str, float] = field(default_factory=dict)
    highest: dict[str, float] = field(default_factory=dict)

    def add(self, ran: RunTable) -> None:
        """Count one more table."""
        self.rows += len(ran.table)
        for why in filter(None, ran.failed):
            self.failed += 1
            self.reasons[why] = self.reasons.get(why, 0) + 1
        for name, column in ran.table.outcomes.items():
            real = column[~np.isnan(column)]
            self.defined[name] = self.defined.get(name, 0) + len(real)
            self.total[name] = self.total.get(name, 0.0) + float(real.sum())
            self.lowest[name] = min(self.lowest.get(name, np.inf), float(real.min(initial=np.inf)))
            self.highest[name] = max(self.highest.get(name, -np.inf), float(real.max(initial=-np.inf)))

    def summary(self, name: str) -> tuple[float, float, float]:
        """Mean, lowest and highest of an outcome over the rows in which it is defined; nan if there are none."""
        if not self.defined[name]:
            return (float("nan"),) * 3
        return self.total[name] / self.defined[name], self.lowest[name], self.highest[name]


def run_tables(
    simulate: ModelProtocol,
    design: SweepDesign,
    outcomes: Sequence[str],
    *,
    first: int = 0,
    last: int | None = None,
    chunk: int = CHUNK,
    progress: Progress | None = None,
) -> Iterator[RunTable]:
    """Run rows `first` to `last` of a design, table by table; a row that the model cannot run says why.

    Rows know their number, so that parts may be run anywhere and in any order.
    """
    failures: list[str] = []

    def run_batch(points: Points, seeds: Seeds) -> Outcomes:
        values, why = run_rows(simulate, points, seeds, outcomes)
        failures[:] = why
        return values

    for table in sweep(run_batch, design, first=first, last=last, chunk=chunk, progress=progress):
        yield RunTable(table, tuple(failures))


def run_rows(
    simulate: ModelProtocol, points: Points, seeds: Seeds, outcomes: Sequence[str]
) -> tuple[dict[str, Floats], list[str]]:
    """Outcomes of all rows, nan where they failed, and why: a batch that fails is halved until the rows are found."""
    n = len(seeds)
    try:
        values = {name: np.asarray(column, np.float64) for name, column in simulate(points, seeds).items()}
    except FAILURES as error:
        if n == 1:
            return {name: np.full(1, np.nan) for name in outcomes}, [str(error) or type(error).__name__]
        halves = []
        for rows in (slice(0, n // 2), slice(n // 2, n)):
            half = {name: column[rows] for name, column in points.items()}
            halves.append(run_rows(simulate, half, seeds[rows], outcomes))
        (first, why), (second, why_other) = halves
        return {name: np.concatenate([first[name], second[name]]) for name in outcomes}, why + why_other
    return values, _undefined(values, n)


def _undefined(outcomes: Outcomes, n: int) -> list[str]:
    """For each row which outcomes are not defined, and why."""
    why = [""] * n
    blank = {name: np.isnan(column) for name, column in outcomes.items()}
    for row in np.flatnonzero(np.any(list(blank.values()), axis=0)).tolist():
        names = ", ".join(name for name, rows in blank.items() if rows[row])
        why[row] = f"not defined: {names} (that of which it is a share is nil in these years)"
    return why


def write_csv(path: Path, tables: Iterable[RunTable], runs: int) -> None:
    """Write tables as one CSV file in UTF-8, numbers in full precision, what is not defined blank. Raises OSError."""
    with path.open("w", encoding="utf-8", newline="") as file:
        for n, ran in enumerate(tables):
            frame = ran.to_frame(runs)
            frame["failed"] = frame["failed"].map(make_cell_safe)
            frame.to_csv(file, index=False, header=not n, lineterminator="\n")
