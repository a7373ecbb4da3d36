"""What an executor is: it takes tasks and hands back what came of them, in any order."""

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
    """A place can do no more work: it does not answer, went away, or has another version. The store is whole."""


class Executor(Protocol):
    """Where chunks are run."""

    @property
    def description(self) -> str:
        """What to call it."""
        ...

    def open(self, order: JobOrder, job: Job, tell: Report) -> None:
        """Get ready for a job, telling what takes long. Raises PlaceError, and ValueError if the job cannot travel."""
        ...

    def workers(self) -> int:
        """How many chunks are run at once, as things are now."""
        ...

    def submit(self, task: Task) -> None:
        """Take a task."""
        ...

    def finished(self, patience: float) -> list[ChunkResult]:
        """What was finished since; waits up to `patience` seconds for the first. Raises PlaceError."""
        ...

    def close(self) -> None:
        """Stop, leaving unfinished what is not finished."""
        ...
