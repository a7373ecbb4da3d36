"""Rows that were run: a table of a sweep, and why some of its rows failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.experiments.core.sweep import SweepTable

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Ran:
    """A table of a sweep, and for each row why it failed (n,): empty where it did not."""

    table: SweepTable
    failed: Sequence[str]

    def to_frame(self, runs: int) -> pd.DataFrame:
        """One line a row: row, point, run, seed, factors, outcomes, failed."""
        frame = self.table.to_frame().reset_index()
        frame.insert(1, "point", frame["row"] // runs)
        frame.insert(2, "run", frame["row"] % runs)
        frame.insert(3, "seed", frame.pop("seed"))
        return frame.assign(failed=list(self.failed))
