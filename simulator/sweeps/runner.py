"""One runner for all executors: it hands out chunks, keeps what comes back, and tries failed chunks again."""

from __future__ import annotations

import secrets
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass

from simulator.common.event_log import Level, log_event
from simulator.sweeps.executor_protocol import CHUNKS_AHEAD, Executor, ExecutorError
from simulator.sweeps.job import describe_code
from simulator.sweeps.manifest import MANIFEST, MANIFEST_COPY
from simulator.sweeps.progress import Meter
from simulator.sweeps.store import Store, Survey
from simulator.sweeps.worker import ChunkResult, JobOrder, make_failed_chunk
from simulator.sweeps.worker_plugin import pack_plugin

MOST_TRIES = 3
"""How often a chunk is tried before its rows say why it failed."""
MOST_REMARKS = 5
"""How many damaged chunks are named one by one."""
PATIENCE_SECONDS = 0.5
"""Seconds between two looks at the clock."""


@dataclass
class SessionCounts:
    """What a session did: chunks run, chunks tried again, and chunks given up."""

    run: int = 0
    again: int = 0
    given_up: int = 0


def run_sweep(store: Store, executor: Executor, meter: Meter | None = None, *, any_bits: bool = False) -> SessionCounts:
    """Run what is left of a sweep with an executor. The store is whole whenever this stops, however it stops.

    Raises ExecutorError when the executor can do no more, StoreError when the disk cannot, and ValueError if a
    job cannot be sent to it. A chunk that fails is tried again, and at last becomes rows that say why.
    """
    session = _Session(store, executor, meter or Meter())
    survey = store.survey()
    session.queue.extend(survey.left)
    try:
        if survey.left:
            store.begin(executor.description, any_bits, survey.unchecked)
            executor.open(_make_order(store, any_bits), store.job, session.meter.note)
        session.meter.begin(store.manifest.rows, survey.rows, executor.description)
        for text in _list_remarks(store, survey):
            session.meter.note(text)
        session.run()
    finally:
        executor.close()
        session.meter.end(f"{max(session.meter.pace.done, survey.rows):,} of {store.manifest.rows:,} rows are done")
    return session.count


def _list_remarks(store: Store, survey: Survey) -> Iterator[str]:
    """What somebody who goes on with a store should know of it."""
    if store.mended:
        yield f"{MANIFEST} was lost or damaged, and is put back from {MANIFEST_COPY}"
    begun, now = store.manifest.made_by, describe_code()
    if begun != now:
        yield (
            f"begun by ringfence {begun['version']} (code {begun['code']}), and this is {now['version']} (code "
            f"{now['code']}); the first {store.manifest.trial.rows} rows are the same to the last bit"
        )
    for chunk in survey.damaged[:MOST_REMARKS]:
        yield f"{store.path(chunk).name} is damaged, and is run again"
    if len(survey.damaged) > MOST_REMARKS:
        yield f"{len(survey.damaged) - MOST_REMARKS:,} more chunks are damaged, and are run again"
    if survey.unchecked:
        yield (
            f"{len(survey.unchecked):,} chunks were written by an earlier version, without a checksum: they can be "
            "read, but an outcome that was changed in them would not be noticed"
        )
    if survey.others:
        yield (
            f"{store.folder} also holds {', '.join(survey.others[:MOST_REMARKS])}, which is no part of the sweep; "
            "programs that open the folder as one table may stumble over it"
        )


def _make_order(store: Store, any_bits: bool) -> JobOrder:
    manifest = store.manifest
    wanted = "" if any_bits else manifest.trial.bits
    return JobOrder(
        secrets.token_hex(8),
        manifest.fingerprint,
        describe_code(),
        manifest.trial.rows,
        wanted,
        plugin=pack_plugin(),
    )


class _Session:
    """The loop, and what it must remember: chunks to hand out, how many are out, and how often each was tried."""

    def __init__(self, store: Store, executor: Executor, meter: Meter) -> None:
        self.store = store
        self.executor = executor
        self.meter = meter
        self.queue: deque[int] = deque()
        self.out = 0
        self.tries: Counter[int] = Counter()
        self.count = SessionCounts()

    def run(self) -> None:
        while self.queue or self.out:
            while self.queue and self.out < CHUNKS_AHEAD * self.executor.workers():
                self.executor.submit(self.store.task(self.queue.popleft()))
                self.out += 1
            for result in self.executor.finished(PATIENCE_SECONDS):
                self.out -= 1
                self._keep(result)
            self.meter.tick(self.executor.workers())

    def _keep(self, result: ChunkResult) -> None:
        if result.refused:
            log_event("worker-refused", {"chunk": result.chunk}, Level.WARNING)
            raise ExecutorError(result.refused)
        if result.data and not self.store.is_whole(result.chunk, result.data):
            result = ChunkResult(result.chunk, why="it was damaged on its way back")
        if result.data:
            self.store.write(result.chunk, result.data)
            self.count.run += 1
            self._count_rows(result.chunk)
            log_event("chunk-done", {"chunk": result.chunk, "seconds": round(result.seconds, 3)}, Level.DEBUG)
            return
        self.tries[result.chunk] += 1
        if self.tries[result.chunk] < MOST_TRIES and not result.last:
            self.count.again += 1
            self.meter.note(f"chunk {result.chunk} is tried again: {result.why}")
            self._log_failure("chunk-tried-again", result, Level.WARNING)
            self.queue.append(result.chunk)
            return
        self._give_up(result)

    def _give_up(self, result: ChunkResult) -> None:
        why = f"the chunk failed: {result.why}"
        self.meter.note(f"chunk {result.chunk} is given up, and its rows say why: {result.why}")
        self._log_failure("chunk-given-up", result, Level.ERROR)
        task = self.store.task(result.chunk)
        self.store.write(result.chunk, make_failed_chunk(self.store.job, self.store.manifest.fingerprint, task, why))
        self.count.given_up += 1
        self._count_rows(result.chunk)

    def _log_failure(self, event: str, result: ChunkResult, level: Level) -> None:
        """One line without the reason in words, which may name files; the rows and the meter hold it."""
        log_event(event, {"chunk": result.chunk, "tries": self.tries[result.chunk], "lost": int(result.lost)}, level)

    def _count_rows(self, chunk: int) -> None:
        task = self.store.task(chunk)
        self.meter.add(task.last - task.first)
