"""Runs chunks on a dask.distributed cluster, found by its scheduler's address or by the file that it wrote.

The scheduler gives the chunks of a lost worker to others. Workers may come and go while a sweep runs; each checks that
it is the same model before its first chunk.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from simulator.common.json_shape import describe_misfit, read_json
from simulator.sweeps.executor_protocol import TIMEOUT_SECONDS, ExecutorError, Report
from simulator.sweeps.job import Job
from simulator.sweeps.store_files import read_regular
from simulator.sweeps.worker import ChunkResult, JobOrder, RefusedError, Task, load_job, run_on_worker

CLOSE_SECONDS = 5.0
"""Seconds in which a client must disconnect."""
COUNT_WORKERS_SECONDS = 5.0
"""Seconds between two looks at how many workers there are."""
HELP = "docs/guide/sweeps.md shows how to start one"
_SCHEDULER_GONE = "the scheduler at {} went away; start it again, and go on"


def run_noted(order: JobOrder, task: Task, attempt: str) -> ChunkResult:
    """On a worker: run a chunk, and tell the scheduler first that this attempt at it is begun."""
    import distributed

    get_worker: Any = distributed.get_worker
    get_worker().log_event(_name_topic(order), attempt)
    return run_on_worker(order, task)


def _name_topic(order: JobOrder) -> str:
    """Under which the scheduler keeps which attempts were begun: the last thousand, unless it is told otherwise."""
    return f"ringfence-begun-{order.key}"


def check_worker(order: JobOrder) -> str:
    """On a worker: load and compile the model, and say why this one may not work, if it may not."""
    try:
        load_job(order)
    except RefusedError as error:
        return str(error)
    return ""


@contextmanager
def _silence_dask() -> Iterator[None]:
    """Keep dask from printing tracebacks: our own errors say what went wrong."""
    names = ("distributed", "tornado.application", "tornado.general", "asyncio")
    others = [name for name in logging.root.manager.loggerDict if name.startswith("distributed.")]
    loggers = [logging.getLogger(name) for name in (*names, *others)]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


def check_scheduler(address: str, timeout: float) -> None:
    """Raises ExecutorError unless a dask scheduler answers at an address within so many seconds.

    dask's own client waits for ever where something accepts a connection and then says nothing.
    """
    answers: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(asyncio.run(asyncio.wait_for(_read_identity(address, timeout), timeout)))
        except BaseException as error:
            answers.put(error)

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=timeout + 1)
    except queue.Empty:
        answer = TimeoutError()
    kind = answer.get("type") if isinstance(answer, dict) else None
    if kind == "Scheduler":
        return
    if isinstance(answer, ConnectionError | TimeoutError) or "Timed out" in str(answer):
        raise ExecutorError(f"no dask scheduler answers at {address} within {timeout:g} seconds; {HELP}") from None
    if isinstance(kind, str):
        raise ExecutorError(f"what answers at {address} is a dask {kind.lower()}, not a scheduler; {HELP}")
    raise ExecutorError(
        f"what answers at {address} is not a dask scheduler, or has another version or other security; {HELP}"
    )


async def _read_identity(address: str, timeout: float) -> Any:
    import distributed
    from distributed.comm import core

    security: Any = distributed.Security
    connect: Any = core.connect
    comm = await connect(address, timeout=timeout, **security().get_connection_args("client"))
    try:
        await comm.write({"op": "identity", "reply": True})
        return await comm.read()
    finally:
        comm.abort()


class DaskExecutor:
    """A cluster with a scheduler at an address, or in a file that it wrote to a shared disk."""

    def __init__(self, address: str = "", scheduler_file: Path | None = None, timeout: float = TIMEOUT_SECONDS) -> None:
        self._timeout = timeout
        self._quiet = ExitStack()
        self.address = address or f"file:{scheduler_file}"
        self._file = scheduler_file
        self._client: Any = None
        self._order: JobOrder | None = None
        self._done: queue.SimpleQueue[tuple[Task, str, Any]] = queue.SimpleQueue()
        self._flying: dict[int, Any] = {}
        self._tries = 0
        self._threads = 0
        self._looked = 0.0

    @property
    def description(self) -> str:
        return f"on the dask cluster at {self.address}"

    def open(self, order: JobOrder, job: Job, report: Report) -> None:
        self._order = replace(order, packed=job.packed())
        self._client = self._connect()
        self._wait_for_workers(report)
        self._warm(self._order)

    def _connect(self) -> Any:
        try:
            import distributed
        except ImportError as error:
            raise ExecutorError(
                "dask.distributed is missing; in the project's folder: pip install -e '.[cluster]'"
            ) from error
        address = self._address_in_file() if self._file else self.address
        self._quiet.enter_context(_silence_dask())
        check_scheduler(address, self._timeout)
        client: Any = distributed.Client
        try:
            return client(address, timeout=self._timeout, name="ringfence", set_as_default=False)
        except Exception as error:
            raise ExecutorError(f"no dask scheduler answers at {self.address}; {HELP}") from error

    def _address_in_file(self) -> str:
        """The address in a scheduler's file; one that was started a moment ago has the time to write it."""
        assert self._file is not None
        until = time.monotonic() + self._timeout
        while True:
            try:
                about = read_json(read_regular(self._file))
                wrong = describe_misfit(about, {"address": str})
            except FileNotFoundError:
                wrong = f"there is no {self._file}"
            except ValueError:
                wrong = f"{self._file} is not the file of a scheduler"
            except OSError as error:
                raise ExecutorError(str(error)) from error
            else:
                if not wrong:
                    return str(about["address"])
                wrong = f"{self._file} is not the file of a scheduler: {wrong}"
            if time.monotonic() > until:
                raise ExecutorError(f"{wrong}; start: dask scheduler --scheduler-file {self._file}")
            time.sleep(0.1)

    def _wait_for_workers(self, report: Report) -> None:
        """Wait, however long a queue holds them, until there is a worker."""
        if not self.workers():
            report(f"waiting for the first worker of {self.address}")
        while not self.workers():
            if self._client.status != "running":
                raise ExecutorError(_SCHEDULER_GONE.format(self.address))
            time.sleep(0.2)
            self._looked = 0.0

    def _warm(self, order: JobOrder) -> None:
        """Compile once on each computer, before all its workers would at the same time, and check who works there."""
        try:
            one_each = {worker.rpartition(":")[0]: worker for worker in self._client.nthreads()}
        except OSError as error:
            raise ExecutorError(_SCHEDULER_GONE.format(self.address)) from error
        checks = [
            self._client.submit(
                check_worker, order, workers=[worker], key=f"ringfence-check-{order.key}-{worker}", pure=False
            )
            for worker in one_each.values()
        ]
        for future in checks:
            if refused := self._answer(future.result):
                raise ExecutorError(refused)

    def _answer(self, get: Callable[[], Any]) -> Any:
        """What a future gives. Raises ExecutorError where workers do not have this package, or nobody is there."""
        try:
            return get()
        except (ImportError, AttributeError) as error:
            raise ExecutorError(
                f"a worker of {self.address} cannot load this package ({error}); install the same version of ringfence "
                "on every computer"
            ) from error

    def workers(self) -> int:
        if time.monotonic() - self._looked > COUNT_WORKERS_SECONDS and self._client.status == "running":
            self._looked = time.monotonic()
            with suppress(OSError):  # a scheduler that has gone shows in `finished`
                self._threads = sum(self._client.nthreads().values())
        return self._threads

    def submit(self, task: Task) -> None:
        assert self._order is not None
        self._there()
        self._tries += 1
        key = f"ringfence-{self._order.key}-{task.chunk}-{self._tries}"
        future = self._client.submit(run_noted, self._order, task, key, key=key, pure=False)
        self._flying[task.chunk] = future
        future.add_done_callback(lambda made: self._done.put((task, key, made)))

    def finished(self, patience: float) -> list[ChunkResult]:
        results = []
        try:
            results.append(self._take(*self._done.get(timeout=patience)))
            while True:
                results.append(self._take(*self._done.get_nowait()))
        except queue.Empty:
            if not results:
                self._there()
        return results

    def _there(self) -> None:
        """Raises ExecutorError once the client has given the scheduler up."""
        if self._client.status not in ("running", "connecting"):
            raise ExecutorError(_SCHEDULER_GONE.format(self.address))

    def _take(self, task: Task, attempt: str, future: Any) -> ChunkResult:
        """What came of a chunk. Its future is let go, and with it the bytes that its worker keeps."""
        self._flying.pop(task.chunk, None)
        try:
            result: ChunkResult = self._answer(future.result)
        except ExecutorError:
            raise
        except Exception as error:
            if self._client.status != "running":
                raise ExecutorError(_SCHEDULER_GONE.format(self.address)) from error
            if type(error).__name__ != "KilledWorker":
                return ChunkResult(task.chunk, why=f"{type(error).__name__}: {error}", lost=True)
            if not self._was_begun(attempt):
                return ChunkResult(task.chunk, why="it waited at workers that were lost", lost=True)
            return ChunkResult(task.chunk, why="every worker that ran it was lost", lost=True, last=True)
        return result

    def _was_begun(self, attempt: str) -> bool:
        """Where a worker is lost, dask blames every chunk that it held, also those that only waited there."""
        assert self._order is not None
        try:
            return any(told == attempt for _, told in self._client.get_events(_name_topic(self._order)))
        except OSError as error:
            raise ExecutorError(_SCHEDULER_GONE.format(self.address)) from error

    def close(self) -> None:
        with self._quiet:
            self._leave()

    def _leave(self) -> None:
        if self._client is None:
            return
        if self._client.status == "running" and self._flying:
            with suppress(OSError, TimeoutError):
                self._client.cancel(list(self._flying.values()), force=True)
        self._client.close(timeout=CLOSE_SECONDS)
