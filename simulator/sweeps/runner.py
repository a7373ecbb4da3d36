"""One runner for all places: hands out chunks, keeps what comes back, and tries again what did not."""

from __future__ import annotations

import secrets
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass

from simulator.sweeps.executor_protocol import CHUNKS_AHEAD, Executor, ExecutorError
from simulator.sweeps.job import describe_code
from simulator.sweeps.manifest import MANIFEST, MANIFEST_COPY
from simulator.sweeps.progress import Meter
from simulator.sweeps.store import Store, Survey
from simulator.sweeps.worker import ChunkResult, JobOrder, failed_chunk

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


def run_sweep(store: Store, place: Executor, meter: Meter | None = None, *, any_bits: bool = False) -> SessionCounts:
    """Run what is left of a sweep in some place. The store is whole whenever this stops, however it stops.

    Raises PlaceError when the place can do no more, StoreError when the disk cannot, and ValueError for a job that
    cannot be sent there. A chunk that fails is tried again, and at last becomes rows that say why.
    """
    session = _Session(store, place, meter or Meter())
    survey = store.survey()
    session.queue.extend(survey.left)
    try:
        if survey.left:
            store.begin(place.description, any_bits, survey.unchecked)
            place.open(_make_order(store, any_bits), store.job, session.meter.note)
        session.meter.begin(store.manifest.rows, survey.rows, place.description)
        for text in _list_remarks(store, survey):
            session.meter.note(text)
        session.go()
    finally:
        place.close()
        session.meter.end(f"{max(session.meter.pace.done, survey.rows):,} of {store.manifest.rows:,} rows are done")
    return session.count


def _list_remarks(store: Store, survey: Survey) -> Iterator[str]:
    """What somebody who goes on with a store should know of it."""
    if store.mended:
        yield f"{MANIFEST} was lost or damaged, and is put back from {MANIFEST_COPY}"
    begun, now = store.manifest.made_by, describe_code()
    if dict(begun) != now:
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
    return JobOrder(secrets.token_hex(8), manifest.fingerprint, describe_code(), manifest.trial.rows, wanted)


class _Session:
    """The loop, and what it must remember: chunks to hand out, how many are out, and how often each was tried."""

    def __init__(self, store: Store, place: Executor, meter: Meter) -> None:
        self.store = store
        self.place = place
        self.meter = meter
        self.queue: deque[int] = deque()
        self.out = 0
        self.tries: Counter[int] = Counter()
        self.count = SessionCounts()

    def go(self) -> None:
        while self.queue or self.out:
            while self.queue and self.out < CHUNKS_AHEAD * self.place.workers():
                self.place.submit(self.store.task(self.queue.popleft()))
                self.out += 1
            for done in self.place.finished(PATIENCE_SECONDS):
                self.out -= 1
                self._keep(done)
            self.meter.tick(self.place.workers())

    def _keep(self, done: ChunkResult) -> None:
        if done.refused:
            raise ExecutorError(done.refused)
        if done.data and not self.store.is_whole(done.chunk, done.data):
            done = ChunkResult(done.chunk, why="it was damaged on its way back")
        if done.data:
            self.store.write(done.chunk, done.data)
            self.count.run += 1
            self._counted(done.chunk)
            return
        self.tries[done.chunk] += 1
        if self.tries[done.chunk] < MOST_TRIES and not done.last:
            self.count.again += 1
            self.meter.note(f"chunk {done.chunk} is tried again: {done.why}")
            self.queue.append(done.chunk)
            return
        self._give_up(done)

    def _give_up(self, done: ChunkResult) -> None:
        why = f"the chunk failed: {done.why}"
        self.meter.note(f"chunk {done.chunk} is given up, and its rows say why: {done.why}")
        task = self.store.task(done.chunk)
        self.store.write(done.chunk, failed_chunk(self.store.job, self.store.manifest.fingerprint, task, why))
        self.count.given_up += 1
        self._counted(done.chunk)

    def _counted(self, chunk: int) -> None:
        task = self.store.task(chunk)
        self.meter.add(task.last - task.first)
