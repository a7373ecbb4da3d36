"""Where the chunks of a sweep are run: in this process, in processes of this computer, or on a cluster.

All executors take chunks and hand back their results in any order. The bits are the same everywhere.
"""

from __future__ import annotations

import os
import warnings
from collections import deque
from pathlib import Path

from simulator.common.errors import InputError
from simulator.sweeps.executor_protocol import TIMEOUT_SECONDS, Executor, Report
from simulator.sweeps.job import Job
from simulator.sweeps.worker import ChunkResult, JobOrder, Task, keep_loaded, run_chunk

LOCAL = "here"


class LocalExecutor:
    """In this process, on as many threads as it may use."""

    def __init__(self) -> None:
        self._waiting: deque[Task] = deque()
        self._order: JobOrder | None = None

    @property
    def description(self) -> str:
        return "in this process"

    def open(self, order: JobOrder, job: Job, report: Report) -> None:
        keep_loaded(order.key, job)
        self._order = order

    def workers(self) -> int:
        return 1

    def submit(self, task: Task) -> None:
        self._waiting.append(task)

    def finished(self, patience: float) -> list[ChunkResult]:
        if self._order is None or not self._waiting:
            return []
        return [run_chunk(self._order, self._waiting.popleft())]

    def close(self) -> None:
        self._waiting.clear()


def make_executor(text: str = LOCAL, timeout: float = TIMEOUT_SECONDS) -> Executor:
    """Make an executor: here, processes, processes:4, tcp://host:8786, tls://host:8786 or file:scheduler.json.

    A scheduler must answer within `timeout` seconds.

    Raises ValueError.
    """
    kind, _, rest = text.partition(":")
    if text == LOCAL:
        return LocalExecutor()
    if kind == "processes":
        from simulator.sweeps.process_executor import ProcessExecutor

        if rest and not (rest.isdigit() and int(rest)):
            raise InputError(f"'{rest}' is not a number of processes; write processes:2")
        return ProcessExecutor(int(rest) if rest else os.cpu_count() or 1)
    if kind in ("tcp", "tls", "file") and rest.strip("/"):
        from simulator.sweeps.dask_executor import DaskExecutor

        if kind != "file" and not rest.rpartition(":")[2].isdigit():
            raise InputError(f"'{text}' has no port; write {kind}://host:8786")
        if kind == "file":
            return DaskExecutor(scheduler_file=Path(rest), timeout=timeout)
        return DaskExecutor(text, timeout=timeout)
    raise InputError(
        f"'{text}' is not an executor; write here, processes:2, tcp://host:8786 or file:scheduler.json (dask)"
    )


def __getattr__(name: str) -> object:
    """The name of version 0.1 works until the release after this one."""
    if name == "place":
        warnings.warn("place is now called make_executor; the old name goes in the next release", DeprecationWarning, 2)
        return make_executor
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
