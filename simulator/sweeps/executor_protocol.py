"""What an executor is: it takes chunks, and hands back their results in any order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from simulator.common.errors import ResourceError
from simulator.sweeps.job import Job
from simulator.sweeps.worker import ChunkResult, JobOrder, Task

CHUNKS_AHEAD = 2
"""Chunks in flight for each worker: one that it runs, and one that waits, so that it never does."""


TIMEOUT_SECONDS = 20.0
"""Seconds until a scheduler must have answered, unless told otherwise."""


Report = Callable[[str], None]


class ExecutorError(ResourceError):
    """An executor can do no more work: it does not answer, went away, or has another version. The store is whole."""


class Executor(Protocol):
    """Runs chunks somewhere."""

    @property
    def description(self) -> str:
        """How messages describe it, such as "in 4 processes"."""
        ...

    def open(self, order: JobOrder, job: Job, report: Report) -> None:
        """Get ready for a job, and report what takes long.

        Raises ExecutorError, and ValueError if the job cannot be sent to other processes.
        """
        ...

    def workers(self) -> int:
        """How many chunks are run at once, as things are now."""
        ...

    def submit(self, task: Task) -> None:
        """Take a task."""
        ...

    def finished(self, patience: float) -> list[ChunkResult]:
        """What was finished since; waits up to `patience` seconds for the first. Raises ExecutorError."""
        ...

    def close(self) -> None:
        """Stop, whatever is still running."""
        ...
