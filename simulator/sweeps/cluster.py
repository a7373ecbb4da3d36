"""A dask.distributed cluster as a place, by the address of its scheduler or by the file that the scheduler wrote.

The scheduler gives the chunks of a lost worker to others. Workers may come and go while a sweep runs; each checks that
it is the same model before its first chunk.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from simulator.sweeps.job import Job
from simulator.sweeps.places import PlaceError, Tell
from simulator.sweeps.work import Done, Order, RefusedError, Task, load, work

PATIENCE = 20.0
"""Seconds until a scheduler must have answered."""
LOOK = 5.0
"""Seconds between two looks at how many workers there are."""
_GONE = "the scheduler at {} went away; start it again, and go on"


def check(order: Order) -> str:
    """On a worker: load and compile the model, and say why this one may not work, if it may not."""
    try:
        load(order)
    except RefusedError as error:
        return str(error)
    return ""


class Cluster:
    """A cluster whose scheduler has an address, or has written a file (which carries the address over shared disks)."""

    def __init__(self, address: str = "", scheduler_file: Path | None = None) -> None:
        self.address = address or f"file:{scheduler_file}"
        self._file = scheduler_file
        self._client: Any = None
        self._order: Order | None = None
        self._done: queue.SimpleQueue[tuple[Task, Any]] = queue.SimpleQueue()
        self._flying: dict[int, Any] = {}
        self._tries = 0
        self._threads = 0
        self._looked = 0.0

    @property
    def words(self) -> str:
        return f"on the dask cluster at {self.address}"

    def open(self, order: Order, job: Job, tell: Tell) -> None:
        self._order = replace(order, packed=job.packed())
        self._client = self._connect()
        self._wait_for_workers(tell)
        self._warm(self._order)

    def _connect(self) -> Any:
        try:
            import distributed
        except ImportError as error:
            raise PlaceError(
                "dask.distributed is missing; in the project's folder: pip install -e '.[cluster]'"
            ) from error
        self._wait_for_file()
        where = {"scheduler_file": str(self._file)} if self._file else {"address": self.address}
        client: Any = distributed.Client
        try:
            return client(**where, timeout=PATIENCE, name="ringfence", set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise PlaceError(
                f"no dask scheduler answers at {self.address} ({error}); docs/guide/sweeps.md shows how to start one"
            ) from error

    def _wait_for_file(self) -> None:
        """Give a scheduler that was started a moment ago the time to write its file."""
        until = time.monotonic() + PATIENCE
        while self._file and not self._file.is_file():
            if time.monotonic() > until:
                raise PlaceError(f"there is no {self._file}; start: dask scheduler --scheduler-file {self._file}")
            time.sleep(0.1)

    def _wait_for_workers(self, tell: Tell) -> None:
        """Wait, however long a queue holds them, until there is a worker."""
        if not self.workers():
            tell(f"waiting for the first worker of {self.address}")
        while not self.workers():
            if self._client.status != "running":
                raise PlaceError(_GONE.format(self.address))
            time.sleep(0.2)
            self._looked = 0.0

    def _warm(self, order: Order) -> None:
        """Compile once on each computer, before all its workers would at the same time, and check who works there."""
        try:
            one_each = {worker.rpartition(":")[0]: worker for worker in self._client.nthreads()}
        except OSError as error:
            raise PlaceError(_GONE.format(self.address)) from error
        asked = [
            self._client.submit(check, order, workers=[worker], key=f"ringfence-check-{order.key}-{worker}", pure=False)
            for worker in one_each.values()
        ]
        for future in asked:
            if refused := self._answer(future.result):
                raise PlaceError(refused)

    def _answer(self, ask: Callable[[], Any]) -> Any:
        """What a future gives. Raises PlaceError where workers do not have this package, or nobody is there."""
        try:
            return ask()
        except (ImportError, AttributeError) as error:
            raise PlaceError(
                f"a worker of {self.address} cannot load this package ({error}); install the same version of ringfence "
                "on every computer"
            ) from error

    def workers(self) -> int:
        if time.monotonic() - self._looked > LOOK and self._client.status == "running":
            self._looked = time.monotonic()
            with suppress(OSError):  # a scheduler that has gone is told by what is finished, or not
                self._threads = sum(self._client.nthreads().values())
        return self._threads

    def submit(self, task: Task) -> None:
        assert self._order is not None
        self._there()
        self._tries += 1
        key = f"ringfence-{self._order.key}-{task.chunk}-{self._tries}"
        future = self._client.submit(work, self._order, task, key=key, pure=False)
        self._flying[task.chunk] = future
        future.add_done_callback(lambda made: self._done.put((task, made)))

    def finished(self, patience: float) -> list[Done]:
        found = []
        try:
            found.append(self._take(*self._done.get(timeout=patience)))
            while True:
                found.append(self._take(*self._done.get_nowait()))
        except queue.Empty:
            if not found:
                self._there()
        return found

    def _there(self) -> None:
        """Raises PlaceError once the client has given the scheduler up."""
        if self._client.status not in ("running", "connecting"):
            raise PlaceError(_GONE.format(self.address))

    def _take(self, task: Task, future: Any) -> Done:
        """What came of a chunk. Its future is let go, and with it the bytes that its worker keeps."""
        self._flying.pop(task.chunk, None)
        try:
            done: Done = self._answer(future.result)
        except PlaceError:
            raise
        except Exception as error:
            if self._client.status != "running":
                raise PlaceError(_GONE.format(self.address)) from error
            killed = type(error).__name__ == "KilledWorker"
            why = "every worker that ran it was lost" if killed else f"{type(error).__name__}: {error}"
            return Done(task.chunk, why=why, lost=True, last=killed)
        return done

    def close(self) -> None:
        if self._client is None:
            return
        if self._client.status == "running" and self._flying:
            with suppress(OSError, TimeoutError):
                self._client.cancel(list(self._flying.values()), force=True)
        self._client.close(timeout=PATIENCE / 4)
