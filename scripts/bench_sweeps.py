"""What sweeps cost beyond the runs themselves: scaling, chunks, resuming and disk, in one run.

Scaling is measured while all workers are at work, from the first chunk kept to the last, so that starting processes
and loading compiled kernels, which a long sweep does once, are left out. Targets are printed beside what was measured.
"""

from __future__ import annotations

import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from bench import against_mesa, line

from simulator.experiments.core.design import Design, DesignKind
from simulator.experiments.core.model_protocol import Factor, Outcomes, Points, Seeds
from simulator.studies.model_function import ModelFunction, list_factors
from simulator.sweeps.design_file import SweepFile
from simulator.sweeps.executors import make_executor
from simulator.sweeps.job import Job
from simulator.sweeps.progress import Meter
from simulator.sweeps.runner import run_sweep
from simulator.sweeps.store import open_store

NAMES = ("pull_pressure", "plan_base", "gap_mean", "ringfence")
CHUNKS, ROWS = 16, 1_500
SMALL = 200


class Watch(Meter):
    """Notes when chunks are kept."""

    def __init__(self) -> None:
        super().__init__()
        self.times: list[float] = []

    def add(self, rows: int) -> None:
        super().add(rows)
        self.times.append(time.perf_counter())

    @property
    def a_chunk(self) -> float:
        """Seconds a chunk, once all workers have delivered."""
        at_work = self.times[4:]
        return (at_work[-1] - at_work[0]) / (len(at_work) - 1)


def nothing(points: Points, seeds: Seeds) -> Outcomes:
    """A simulation that takes no time."""
    return {"y": np.zeros(len(seeds))}


def model(points: int, runs: int = 100) -> Job:
    """The model over four factors."""
    return SweepFile("", "", ModelFunction(), Design(DesignKind.RANDOM, list_factors(NAMES), points, runs)).job()


def seconds_a_chunk(job: Job, on: str, chunk: int) -> float:
    """Run a whole sweep in some place."""
    watch = Watch()
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "s", job, chunk=chunk) as store:
        run_sweep(store, make_executor(on), watch)
    return watch.a_chunk


def clusters(stack: ExitStack) -> dict[int, str]:
    """Addresses of loopback clusters of one worker and of two; none where dask is not installed."""
    if find_spec("distributed") is None:
        return {}
    from distributed import LocalCluster

    made = {}
    for count in (1, 2):
        cluster = stack.enter_context(
            LocalCluster(n_workers=count, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0")
        )
        made[count] = cluster.scheduler_address
    return made


def scaling(places: dict[int, str], words: str) -> float:
    """Runs a second of one worker and of two, in turns, the best of two each. Returns those of two."""
    job = model(CHUNKS * ROWS // 100)
    turns = [{count: ROWS / seconds_a_chunk(job, on, ROWS) for count, on in places.items()} for _ in range(2)]
    speed = {count: max(turn[count] for turn in turns) for count in places}
    line(f"{words}, one worker, runs a second", f"{speed[1]:,.0f}")
    line(f"{words}, two workers, runs a second", f"{speed[2]:,.0f}")
    line(f"{words}, two workers against one", f"{speed[2] / speed[1]:.2f}", "at least 1.8, on two idle cores")
    return speed[2]


def overhead(on: str, words: str) -> None:
    """Milliseconds for a chunk in which nothing is computed: handing out, packing, flushing to disk, renaming."""
    job = Job(nothing, Design(DesignKind.RANDOM, (Factor("x", 0, 1, 0.5),), SMALL), ("y",), {"toy": "nothing"})
    line(f"{words}, a chunk in which nothing is computed, ms", f"{1e3 * seconds_a_chunk(job, on, 1):.1f}", "under 50")


def resuming() -> None:
    """Seconds until a store of a thousand chunks is found whole, a trial of the model included."""
    toy = Job(nothing, Design(DesignKind.RANDOM, (Factor("x", 0, 1, 0.5),), 1_000), ("y",), {"toy": "nothing"})
    with tempfile.TemporaryDirectory() as folder:
        with open_store(Path(folder), toy, chunk=1) as store:
            run_sweep(store, make_executor())
        since = time.perf_counter()
        with open_store(Path(folder), replace(toy), resume=True) as store:
            left = len(store.survey().left)
        line("to resume a store of 1,000 chunks, s", f"{time.perf_counter() - since:.2f}", "under 5")
    if left:
        sys.exit(f"{left} of 1,000 chunks were lost")


def disk() -> None:
    """Bytes a run and a point of 100 runs, and seconds a million rows to read again."""
    job = model(100)
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder), job, chunk=5_000) as store:
        run_sweep(store, make_executor())
        size = sum(path.stat().st_size for path in store.folder.glob("part-*"))
    plain = 8 * (4 + len(NAMES) + len(job.outcomes))
    line(f"bytes a run ({len(NAMES)} factors, {len(job.outcomes)} outcomes; {plain} in memory)", f"{size / 10_000:.0f}")
    line("bytes a point of 100 runs", f"{size / 100:,.0f}")


if __name__ == "__main__":
    with ExitStack() as stack:
        fast = scaling({1: "processes:1", 2: "processes:2"}, "processes")
        on = clusters(stack)
        if on:
            scaling(on, "dask on loopback")
        overhead("here", "in this process")
        overhead("processes:2", "two processes")
        if on:
            overhead(on[2], "dask on loopback")
    resuming()
    disk()
    against_mesa(fast)
