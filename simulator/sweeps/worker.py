"""What a worker does, wherever it is: it checks that it has the driver's model, runs a chunk, and hands it back.

A chunk travels as the bytes of its Parquet file, which are few, and which the driver only has to write: workers need
not share a disk with it. An error in a chunk is not raised, but handed back as text.
"""

from __future__ import annotations

import os
import platform
import threading
import time
from dataclasses import dataclass
from pickle import loads
from typing import NamedTuple

import numpy as np

from simulator.common.environment import THREADS
from simulator.common.errors import InputError, RingfenceError
from simulator.common.event_log import log_failure
from simulator.experiments.core.sweep import SweepTable
from simulator.sweeps.documents import CodeVersion, StampDocument
from simulator.sweeps.job import Job, describe_code, hash_first_rows
from simulator.sweeps.parquet_chunk import pack_chunk
from simulator.sweeps.run_table import RunTable
from simulator.sweeps.worker_plugin import NO_PLUGIN, SentPlugin, take_plugin

MOST_LOADED = 2
"""How many jobs a worker keeps loaded."""
_loaded: dict[str, Job] = {}
_lock = threading.Lock()


class Task(NamedTuple):
    """A chunk to run: its number, and its rows from `first` up to but not including `last`."""

    chunk: int
    first: int
    last: int


@dataclass(frozen=True)
class JobOrder:
    """What a worker must know: the key of this session, the driver's code, the hash of its first rows, and the job.

    `bits` is that hash, and empty where other bits are accepted; `packed` is the pickled job, and `plugin` the file of
    the plug-in that it needs.
    """

    key: str
    sweep: str
    made_by: CodeVersion
    trial_rows: int
    bits: str
    packed: bytes = b""
    plugin: SentPlugin = NO_PLUGIN


@dataclass(frozen=True)
class ChunkResult:
    """A chunk that was run: the bytes of its file, or why there are none. `refused` says why this worker can run no
    chunk at all; `lost` that the worker went away; `last` that trying again is no use.
    """

    chunk: int
    data: bytes = b""
    why: str = ""
    refused: str = ""
    lost: bool = False
    last: bool = False
    seconds: float = 0.0


def keep_loaded(key: str, job: Job) -> None:
    """Let this process run a job without unpacking it."""
    with _lock:
        while len(_loaded) >= MOST_LOADED:
            del _loaded[next(iter(_loaded))]
        _loaded[key] = job


class RefusedError(RingfenceError):
    """This worker may not work on a job; the message says why, and what to do."""


def load_job(order: JobOrder) -> Job:
    """Load the job, compile what it needs, and check that this worker computes the same bits as the driver.

    Raises RefusedError.
    """
    with _lock:
        if order.key in _loaded:
            return _loaded[order.key]
        try:
            take_plugin(order.plugin)
        except InputError as error:
            raise RefusedError(str(error)) from error
    if describe_code() != order.made_by:
        raise RefusedError(_describe_other_code(order.made_by))
    try:
        job: Job = loads(order.packed)
    except (ImportError, AttributeError) as error:
        raise RefusedError(
            f"a worker cannot load the simulation ({error}); install what it needs on every computer"
        ) from error
    if order.bits and hash_first_rows(job, order.trial_rows) != order.bits:
        raise RefusedError(
            f"a worker ({platform.system()}, {platform.machine()}, Python {platform.python_version()}) computes other "
            "bits than were computed so far, so the table would depend on who ran which row; draws from priors hang on "
            "the version of SciPy, and a simulation of your own on its libraries: install the same ones everywhere, or "
            "accept it with --any-bits"
        )
    keep_loaded(order.key, job)
    return job


def _describe_other_code(wanted: CodeVersion) -> str:
    here = describe_code()
    return (
        f"a worker has ringfence {here['version']} (code {here['code']}), and this is {wanted['version']} "
        f"(code {wanted['code']}); install the same version on all computers and start the workers again"
    )


def run_on_worker(order: JobOrder, task: Task) -> ChunkResult:
    """Run one chunk on one thread of this worker."""
    os.environ[THREADS] = "1"
    return run_chunk(order, task)


def run_chunk(order: JobOrder, task: Task) -> ChunkResult:
    """Run one chunk, on as many threads as this process may use."""
    since = time.perf_counter()
    try:
        job = load_job(order)
        ran = job.run(task.first, task.last)
        data = pack_chunk(ran, job.design.runs, make_stamp(order.sweep, task))
    except RefusedError as error:
        return ChunkResult(task.chunk, refused=str(error))
    except Exception as error:
        log_failure({"chunk": task.chunk, "error": type(error).__name__}, error)
        return ChunkResult(task.chunk, why=f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)
    return ChunkResult(task.chunk, data, seconds=time.perf_counter() - since)


def make_failed_chunk(job: Job, sweep: str, task: Task, why: str) -> bytes:
    """The file of a chunk that could not be run: it has every row, without outcomes, and each row says why."""
    points, seeds = job.design.rows(task.first, task.last)
    blank = {name: np.full(len(seeds), np.nan) for name in job.outcomes}
    ran = RunTable(SweepTable(points, seeds, blank, task.first), [why] * len(seeds))
    return pack_chunk(ran, job.design.runs, make_stamp(sweep, task, why))


def make_stamp(sweep: str, task: Task, failed: str = "") -> StampDocument:
    """The stamp in a chunk's file: its sweep, its rows, and why it failed if it did."""
    return {"sweep": sweep, "chunk": task.chunk, "first": task.first, "last": task.last, "failed": failed}
