"""Runs chunks in processes of this computer: each has its own pipe, so one that dies loses only its own chunk."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from simulator.common.environment import THREADS
from simulator.sweeps.executor_protocol import CHUNKS_AHEAD, ExecutorError, Report
from simulator.sweeps.job import Job
from simulator.sweeps.worker import ChunkResult, JobOrder, Task, run_on_worker

PATIENCE_SECONDS = 5.0
MOST_FAILED_STARTS = 3
"""How often in a row processes may die before they have said anything."""


def serve_worker(pipe: Connection, order: JobOrder) -> None:
    """What a worker process does until its driver closes the pipe, or is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes of a terminal; the driver decides
    os.environ.update({THREADS: "1", "NUMBA_NUM_THREADS": "1"})
    with suppress(EOFError, OSError):
        pipe.send(None)
        while True:
            pipe.send(run_on_worker(order, pipe.recv()))


class _Worker:
    """A process, its end of the pipe, and the tasks it was given: the first it runs, the others wait."""

    def __init__(self, order: JobOrder) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process: BaseProcess = context.Process(target=serve_worker, args=(theirs, order), daemon=True)
        self.process.start()
        theirs.close()
        self.tasks: deque[Task] = deque()
        self.spoke = False

    def give(self, task: Task) -> None:
        """Hand over a task; one that is dead already is found out later."""
        self.tasks.append(task)
        with suppress(OSError):
            self.pipe.send(task)

    def end(self) -> None:
        """End it, whatever it does."""
        self.pipe.close()
        self.process.kill()
        self.process.join(PATIENCE_SECONDS)


class ProcessExecutor:
    """So many processes of this computer, one thread each. One that dies is replaced."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._order: JobOrder | None = None
        self._workers: list[_Worker] = []
        self._again: deque[Task] = deque()
        self._stillborn = 0

    @property
    def description(self) -> str:
        return "in one process" if self.count == 1 else f"in {self.count} processes"

    def open(self, order: JobOrder, job: Job, report: Report) -> None:
        self._order = replace(order, packed=job.packed())
        self._workers = [_Worker(self._order) for _ in range(self.count)]

    def workers(self) -> int:
        return self.count

    def submit(self, task: Task) -> None:
        min(self._workers, key=lambda worker: len(worker.tasks)).give(task)

    def finished(self, patience: float) -> list[ChunkResult]:
        while self._again and min(len(worker.tasks) for worker in self._workers) < CHUNKS_AHEAD:
            self.submit(self._again.popleft())
        ready = wait([worker.pipe for worker in self._workers], patience)
        results = [self._hear(worker) for worker in list(self._workers) if worker.pipe in ready]
        return [result for result in results if result]

    def _hear(self, worker: _Worker) -> ChunkResult | None:
        try:
            result: ChunkResult | None = worker.pipe.recv()
        except (EOFError, OSError):
            return self._bury(worker)
        worker.spoke, self._stillborn = True, 0
        if result:
            worker.tasks.popleft()
        return result

    def _bury(self, worker: _Worker) -> ChunkResult | None:
        """Replace a worker that died: what it ran is lost, and what waited behind goes to others."""
        worker.end()
        self._stillborn += not worker.spoke
        if self._stillborn >= MOST_FAILED_STARTS or self._order is None:
            raise ExecutorError(
                f"worker processes end as soon as they are started (exit code {worker.process.exitcode}); a script of "
                'your own must start them under: if __name__ == "__main__":'
            )
        self._workers[self._workers.index(worker)] = _Worker(self._order)
        if not worker.spoke:
            self._again.extend(worker.tasks)
            return None
        self._again.extend(list(worker.tasks)[1:])
        if not worker.tasks:
            return None
        return ChunkResult(
            worker.tasks[0].chunk, why=f"its process ended (exit code {worker.process.exitcode})", lost=True
        )

    def close(self) -> None:
        for worker in self._workers:
            worker.end()
        self._workers = []
