"""What is swept, how a store knows it again, and a small trial run that shows which bits a computer reaches."""

from __future__ import annotations

import functools
import hashlib
import os
import pickle
import time
import tracemalloc
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from simulator.common.environment import THREADS
from simulator.common.errors import InputError
from simulator.engine.kernel_sources import source_hash
from simulator.experiments.core.design import Design
from simulator.experiments.core.model_protocol import Factor, ModelProtocol
from simulator.sweeps.documents import CodeVersion, SweepIdentity
from simulator.sweeps.run_table import RunTable, run_tables

CHUNK_SECONDS, CHUNK_BYTES, MOST_ROWS = 2.5, 128e6, 262_144
"""What a chunk takes on one thread, in seconds and bytes, and the most rows it has."""
TRIAL_ROWS, TRIAL_SECONDS = 64, 0.25
_SOURCES = (
    "boards/table.py",
    "declarations/calendar.py",
    "declarations/outcomes.py",
    "declarations/priors.py",
    "runs/parameter_sets.py",
    "experiments/core/design.py",
    "experiments/core/model_protocol.py",
    "experiments/core/sweep.py",
    "studies/model_function.py",
    "sweeps/run_table.py",
)


@dataclass(frozen=True, eq=False)
class Job:
    """A simulation over a design. `about` says in plain values what the simulation is, so that a store can tell two
    apart; `design_file` is the text that somebody wrote.

    For other processes it is pickled: `simulate` must then be importable there.
    """

    simulate: ModelProtocol
    design: Design
    outcomes: tuple[str, ...]
    about: Mapping[str, object]
    design_file: str = ""

    @property
    def identity(self) -> SweepIdentity:
        """Everything that decides the numbers of the table, as plain values."""
        design = self.design
        return {
            "simulation": dict(self.about),
            "outcomes": list(self.outcomes),
            "design": {
                "kind": design.kind.value,
                "points": design.n,
                "runs": design.runs,
                "seed": design.seed,
                "luck": "own" if design.independent_seeds else "shared",
                "factors": {factor.name: _describe_range(factor) for factor in design.factors},
            },
        }

    def packed(self) -> bytes:
        """The job for another process, without what was computed on the way. Raises ValueError if it cannot travel."""
        try:
            return pickle.dumps(replace(self, design=replace(self.design)))
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise InputError(f"this simulation cannot be sent to other processes: {error}") from error

    def run(self, first: int, last: int) -> RunTable:
        """Rows `first` to `last` as one table."""
        (ran,) = run_tables(
            self.simulate, self.design, self.outcomes, first=first, last=last, chunk=max(last - first, 1)
        )
        return ran


def _describe_range(factor: Factor) -> str:
    prior = "even" if factor.prior is None else repr(factor.prior)
    return f"{prior} within {factor.low!r} to {factor.high!r}"


@functools.cache
def describe_code() -> CodeVersion:
    """The version of this package, and a hash of the sources that decide the numbers of a table."""
    here = Path(__file__).parents[1]
    digest = hashlib.sha256(source_hash().encode())
    for name in _SOURCES:
        digest.update((here / name).read_bytes().replace(b"\r\n", b"\n"))
    return {"version": version("ringfence"), "code": digest.hexdigest()[:16]}


class TableDigest:
    """SHA-256 of a table, whatever chunks it comes in: rows must come in order."""

    def __init__(self) -> None:
        self._columns: dict[str, Any] = {}

    def add(self, ran: RunTable) -> None:
        """Take in the next rows."""
        table = ran.table
        for kind, columns in (("factor", table.points), ("seed", {"": table.seeds}), ("outcome", table.outcomes)):
            for name, column in columns.items():
                values = np.ascontiguousarray(column, "<i8" if kind == "seed" else "<f8")
                self._at(f"{kind} {name}").update(np.where(values == values, values, np.nan).tobytes())
        failed = self._at("failed")
        for row, why in enumerate(ran.failed, table.first):
            if why:
                failed.update(f"{row} {why}\n".encode())

    def _at(self, name: str) -> Any:
        return self._columns.setdefault(name, hashlib.sha256())

    def hex(self) -> str:
        """64 hexadecimal digits."""
        lines = "".join(f"{name} {digest.hexdigest()}\n" for name, digest in sorted(self._columns.items()))
        return hashlib.sha256(lines.encode()).hexdigest()


@dataclass(frozen=True)
class Trial:
    """What a trial of the first rows showed: which bits this computer reaches, and what a row costs on one thread."""

    rows: int
    bits: str
    seconds_a_row: float
    bytes_a_row: float


def hash_first_rows(job: Job, rows: int) -> str:
    """SHA-256 of the first rows as this computer makes them."""
    digest = TableDigest()
    digest.add(job.run(0, rows))
    return digest.hex()


def run_trial(job: Job, rows: int | None = None) -> Trial:
    """Run the first rows on one thread: this compiles the model, and measures it. Raises what the simulation raises."""
    before = os.environ.get(THREADS)
    os.environ[THREADS] = "1"
    try:
        n = rows or _choose_trial_rows(job)
        job.run(0, 1)
        since = time.perf_counter()
        digest = hash_first_rows(job, n)
        seconds = time.perf_counter() - since
        tracemalloc.start()
        job.run(0, n)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        os.environ.pop(THREADS) if before is None else os.environ.update({THREADS: before})
    return Trial(n, digest, seconds / n, peak / n)


def _choose_trial_rows(job: Job) -> int:
    """As many rows as take a moment, so that a slow simulation is not kept waiting."""
    n, most = 1, min(TRIAL_ROWS, len(job.design))
    job.run(0, 1)
    while n < most:
        since = time.perf_counter()
        job.run(0, n)
        if time.perf_counter() - since > TRIAL_SECONDS:
            break
        n = min(2 * n, most)
    return n


def choose_chunk_rows(job: Job, cost: Trial) -> int:
    """Rows a chunk: a few seconds of one thread's work, well within memory, and whole points where they fit."""
    by_time = CHUNK_SECONDS / max(cost.seconds_a_row, 1e-9)
    by_memory = CHUNK_BYTES / max(cost.bytes_a_row, 1.0)
    rows = int(max(1, min(by_time, by_memory, MOST_ROWS, len(job.design))))
    runs = job.design.runs
    return rows - rows % runs if rows > runs else rows
