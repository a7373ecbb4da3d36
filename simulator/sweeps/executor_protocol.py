"""What an executor is: it takes tasks and hands back what came of them, in any order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from simulator.common.errors import ResourceError
from simulator.sweeps.job import Job
from simulator.sweeps.worker import Done, Order, Task

AHEAD = 2
"""Chunks in flight for each worker: one that it runs, and one that waits, so that it never does."""


TIMEOUT = 20.0
"""Seconds until a scheduler must have answered, unless told otherwise."""


Tell = Callable[[str], None]


class PlaceError(ResourceError):
    """A place can do no more work: it does not answer, went away, or has another version. The store is whole."""


class Place(Protocol):
    """Where chunks are run."""

    @property
    def words(self) -> str:
        """What to call it."""
        ...

    def open(self, order: Order, job: Job, tell: Tell) -> None:
        """Get ready for a job, telling what takes long. Raises PlaceError, and ValueError if the job cannot travel."""
        ...

    def workers(self) -> int:
        """How many chunks are run at once, as things are now."""
        ...

    def submit(self, task: Task) -> None:
        """Take a task."""
        ...

    def finished(self, patience: float) -> list[Done]:
        """What was finished since; waits up to `patience` seconds for the first. Raises PlaceError."""
        ...

    def close(self) -> None:
        """Stop, leaving unfinished what is not finished."""
        ...
