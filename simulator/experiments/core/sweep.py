"""Sweep: run every row of a design, chunk by chunk, into tables.

A design is anything that gives its rows `first` to `last` without making the others. A chunk is then the same whoever
runs it, whatever its size and the order of chunks, and a sweep that stopped can resume.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.common.near_names import did_you_mean
from simulator.experiments.core.model_protocol import (
    MOST_SEEDS,
    ModelProtocol,
    Outcomes,
    Points,
    Progress,
    Seeds,
    draw_uniforms,
)

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

CHUNK = 16_384


class SweepDesign(Protocol):
    """A design as a sweep sees it: numbered rows."""

    def __len__(self) -> int:
        """How many rows there are."""
        ...

    def rows(self, first: int, last: int) -> tuple[Points, Seeds]:
        """Rows `first` up to, not including, `last`: one column (last - first,) a factor, and the seeds."""
        ...


def convert_to_seeds(u: Floats) -> Seeds:
    """Uniform numbers (0 to 1) as seeds, so that chance can be one more factor of a design: same shape."""
    return np.asarray(u * MOST_SEEDS, np.int64)


def make_fresh_seeds(n: int, seed: int, first: int = 0) -> Seeds:
    """Seeds for rows `first` to `first + n`, which no other row of the same design has: (n,)."""
    return make_seeds(np.arange(first, first + n, dtype=np.int64), seed)


def make_seeds(rows: NDArray[np.int64], seed: int) -> Seeds:
    """The seed of each row, given by its number: same shape. Two rows of one design never have the same seed."""
    start = convert_to_seeds(draw_uniforms(1, seed, "where luck starts"))[0]
    return np.asarray((start + rows) % MOST_SEEDS)


@dataclass(frozen=True, eq=False)
class ListedDesign:
    """A design whose rows are listed: one column (n,) a factor, and seeds (n,)."""

    points: Points
    seeds: Seeds

    def __len__(self) -> int:
        return len(self.seeds)

    def rows(self, first: int, last: int) -> tuple[Points, Seeds]:
        """Rows `first` to `last`: columns (last - first,), and the seeds."""
        return {name: column[first:last] for name, column in self.points.items()}, self.seeds[first:last]


@dataclass(frozen=True, eq=False)
class SweepTable:
    """Rows that were run: points, seeds and outcomes, one column each, all of one length. `first` numbers row 0."""

    points: Points
    seeds: Seeds
    outcomes: Outcomes
    first: int = 0

    def __len__(self) -> int:
        return len(self.seeds)

    @property
    def failed(self) -> NDArray[np.bool_]:
        """Rows in which some outcome is nan: (n,)."""
        return np.asarray(np.any([np.isnan(column) for column in self.outcomes.values()], axis=0))

    def column(self, outcome: str) -> Floats:
        """One outcome: (n,). Raises ValueError, with the nearest name, if there is none."""
        if outcome not in self.outcomes:
            hint = did_you_mean(outcome, self.outcomes) or f"there are {', '.join(sorted(self.outcomes))}"
            raise InputError(f"there is no outcome '{outcome}'; {hint}")
        return self.outcomes[outcome]

    def to_frame(self) -> pd.DataFrame:
        """A data frame: factors, then `seed`, then outcomes; the index is the number of the row.

        An outcome that has the name of a factor is called `outcome_` and that name.
        """
        import pandas as pd

        rows = pd.RangeIndex(self.first, self.first + len(self), name="row")
        outcomes = {f"outcome_{name}" if name in self.points else name: y for name, y in self.outcomes.items()}
        return pd.DataFrame({**self.points, "seed": self.seeds, **outcomes}, index=rows)

    def to_xarray(self) -> xr.Dataset:
        """The same as an xarray Dataset over the dimension `row`: factors and `seed` are the outcomes' coordinates."""
        import xarray as xr

        return xr.Dataset.from_dataframe(self.to_frame()).set_coords([*self.points, "seed"])


def sweep(
    simulate: ModelProtocol,
    design: SweepDesign,
    *,
    first: int = 0,
    last: int | None = None,
    chunk: int = CHUNK,
    progress: Progress | None = None,
) -> Iterator[SweepTable]:
    """Run rows `first` to `last` (all by default) of a design, one table of at most `chunk` rows at a time.

    Memory holds one chunk. A row that failed keeps its position, with nan. Raises ValueError for rows that the design
    does not have, and if the model returns another number of rows than it was given.
    """
    stop = len(design) if last is None else last
    if not 0 <= first <= stop <= len(design) or chunk < 1:
        raise InputError(f"rows {first} to {stop} in chunks of {chunk}: the design has rows 0 to {len(design)}")
    for begin in range(first, stop, chunk):
        end = min(begin + chunk, stop)
        points, seeds = design.rows(begin, end)
        yield SweepTable(points, seeds, _check_outcomes(simulate(points, seeds), len(seeds)), begin)
        if progress:
            progress(end - first, stop - first)


def _check_outcomes(outcomes: Outcomes, n: int) -> Outcomes:
    if not outcomes:
        raise InputError("the simulation returned no outcomes")
    columns = {name: np.asarray(column, np.float64) for name, column in outcomes.items()}
    for name, column in columns.items():
        if column.shape != (n,):
            raise InputError(f"the simulation was given {n} rows, and returned '{name}' in the shape {column.shape}")
    return columns


def collect_tables(tables: Iterable[SweepTable]) -> SweepTable:
    """Join the tables of one sweep, in order, into one. Raises ValueError for no tables, and if rows are missing.

    All of the sweep must fit into memory; otherwise write each table to disk as it comes.
    """
    chunks = list(tables)
    if not chunks:
        raise InputError("there are no tables to collect")
    for before, after in pairwise(chunks):
        if before.first + len(before) != after.first:
            raise InputError(f"rows {before.first + len(before)} to {after.first} are missing or out of order")
    return SweepTable(
        _join_columns([chunk.points for chunk in chunks]),
        np.concatenate([chunk.seeds for chunk in chunks]),
        _join_columns([chunk.outcomes for chunk in chunks]),
        chunks[0].first,
    )


def _join_columns(columns: list[Points]) -> Points:
    return {name: np.concatenate([chunk[name] for chunk in columns]) for name in columns[0]}
