"""Where the chunks of a sweep are run: in this process, in processes of this computer, or on a cluster.

All places take tasks and hand back what came of them, in any order. The bits are the same everywhere.
"""

from __future__ import annotations

import os
from collections import deque
from pathlib import Path

from simulator.common.errors import InputError
from simulator.sweeps.executor_protocol import TIMEOUT, Place, Tell
from simulator.sweeps.job import Job
from simulator.sweeps.worker import Done, Order, Task, remember, run_task

HERE = "here"


class Here:
    """In this process, on as many threads as it may use."""

    def __init__(self) -> None:
        self._waiting: deque[Task] = deque()
        self._order: Order | None = None

    @property
    def words(self) -> str:
        return "in this process"

    def open(self, order: Order, job: Job, tell: Tell) -> None:
        remember(order.key, job)
        self._order = order

    def workers(self) -> int:
        return 1

    def submit(self, task: Task) -> None:
        self._waiting.append(task)

    def finished(self, patience: float) -> list[Done]:
        if self._order is None or not self._waiting:
            return []
        return [run_task(self._order, self._waiting.popleft())]

    def close(self) -> None:
        self._waiting.clear()


def place(text: str = HERE, timeout: float = TIMEOUT) -> Place:
    """A place by its name: here, processes, processes:4, tcp://host:8786, tls://host:8786 or file:scheduler.json.

    A scheduler must answer within `timeout` seconds.

    Raises ValueError.
    """
    kind, _, rest = text.partition(":")
    if text == HERE:
        return Here()
    if kind == "processes":
        from simulator.sweeps.process_executor import Processes

        if rest and not (rest.isdigit() and int(rest)):
            raise InputError(f"'{rest}' is not a number of processes; write processes:2")
        return Processes(int(rest) if rest else os.cpu_count() or 1)
    if kind in ("tcp", "tls", "file") and rest.strip("/"):
        from simulator.sweeps.dask_executor import Cluster

        if kind != "file" and not rest.rpartition(":")[2].isdigit():
            raise InputError(f"'{text}' has no port; write {kind}://host:8786")
        return Cluster(scheduler_file=Path(rest), timeout=timeout) if kind == "file" else Cluster(text, timeout=timeout)
    raise InputError(f"'{text}' is not a place; write here, processes:2, tcp://host:8786 or file:scheduler.json (dask)")
