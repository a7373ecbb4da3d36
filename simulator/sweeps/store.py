"""The store of a sweep: a folder with one Parquet file a chunk, a manifest, and a lock.

    results/
      part-0000000.parquet, part-0000001.parquet, ...
      _manifest.json     what is swept, in which chunks, made by what
      _lock              held while a sweep writes

A chunk's file is there whole, or not at all, so the files say by themselves what is left to do. pandas, R and DuckDB
skip names that begin with a line and open the folder as one table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

from simulator.sweeps.chunk_file import read_chunk, read_stamp
from simulator.sweeps.files import sweep_up, write_durably
from simulator.sweeps.job import Digest, Job, chunk_rows, trial
from simulator.sweeps.lock import Lock
from simulator.sweeps.manifest import Manifest, StoreRefusedError, check_same, manifest_of, read_manifest, session
from simulator.sweeps.tables import Ran, Tally
from simulator.sweeps.work import Task


class StoreError(OSError):
    """The store cannot be written; what is in it stays."""


@dataclass(frozen=True)
class Survey:
    """What a store holds: chunks that are done, and those to run: not there yet, failed as a whole, or damaged."""

    done: int
    rows: int
    missing: tuple[int, ...]
    failed: tuple[int, ...]
    damaged: tuple[int, ...]

    @property
    def left(self) -> tuple[int, ...]:
        """Chunks to run, in order."""
        return tuple(sorted((*self.missing, *self.failed, *self.damaged)))


class Store:
    """A folder that one sweep writes into. Made by `open_store`; to be used in a `with` statement, which unlocks it."""

    def __init__(self, folder: Path, job: Job, manifest: Manifest, lock: Lock) -> None:
        self.folder = folder
        self.job = job
        self.manifest = manifest
        self._lock = lock

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.drop()

    def path(self, chunk: int) -> Path:
        """The file of a chunk."""
        return self.folder / f"part-{chunk:07d}.parquet"

    def task(self, chunk: int) -> Task:
        """A chunk as something to run."""
        first = chunk * self.manifest.chunk_rows
        return Task(chunk, first, min(first + self.manifest.chunk_rows, self.manifest.rows))

    def survey(self) -> Survey:
        """What is done and what is left, by reading the end of each file."""
        found: dict[str, list[int]] = {"done": [], "missing": [], "failed": [], "damaged": []}
        rows = 0
        for chunk in range(self.manifest.chunks):
            state = self._state(self.task(chunk))
            found[state].append(chunk)
            rows += self.task(chunk).last - self.task(chunk).first if state == "done" else 0
        left = {state: tuple(chunks) for state, chunks in found.items() if state != "done"}
        return Survey(len(found["done"]), rows, **left)

    def _state(self, task: Task) -> str:
        path = self.path(task.chunk)
        if not path.is_file():
            return "missing"
        try:
            stamp = read_stamp(path)
        except (ValueError, OSError):
            return "damaged"
        if (stamp.get("sweep"), stamp.get("first")) != (self.manifest.fingerprint, task.first):
            return "damaged"
        if stamp["rows"] != task.last - task.first:
            return "damaged"
        return "failed" if stamp["failed"] else "done"

    def write(self, chunk: int, data: bytes) -> None:
        """Keep a chunk. Raises StoreError."""
        try:
            write_durably(self.path(chunk), data)
        except OSError as error:
            raise StoreError(f"{self.path(chunk)} cannot be written: {error.strerror or error}") from error

    def begin(self, place: str, any_bits: bool = False) -> None:
        """Note in the manifest that a session begins. Raises StoreError."""
        manifest = replace(self.manifest, sessions=(*self.manifest.sessions, session(place, any_bits)))
        try:
            sweep_up(self.folder)
            manifest.save(self.folder)
        except OSError as error:
            raise StoreError(f"{self.folder} cannot be written: {error.strerror or error}") from error
        self.manifest = manifest

    def tables(self) -> Iterator[Ran]:
        """All tables in order, one chunk in memory at a time. Raises ValueError and OSError."""
        factors = tuple(factor.name for factor in self.job.design.factors)
        for chunk in range(self.manifest.chunks):
            yield read_chunk(self.path(chunk), factors, self.job.outcomes)

    def summary(self) -> tuple[Tally, str]:
        """What is in the table, and its SHA-256, which depends on neither chunks nor places."""
        tally, digest = Tally(), Digest()
        for ran in self.tables():
            tally.add(ran)
            digest.add(ran)
        return tally, digest.hex()


def open_store(
    folder: Path, job: Job, *, resume: bool = False, chunk: int | None = None, any_bits: bool = False
) -> Store:
    """A store for a job: a new one, or with `resume` the one that is there (or a new one if none is).

    `chunk` is how many rows a new store has a chunk, measured unless given. `any_bits` goes on where this computer
    reaches other bits than the one that began. Raises StoreRefusedError, StoreBusyError, and OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = Lock(folder)
    lock.take()
    try:
        kept = read_manifest(folder)
        if kept is None:
            manifest = _begin(folder, job, chunk)
        else:
            manifest = kept
            _check(folder, kept, job, resume, any_bits)
        return Store(folder, job, manifest, lock)
    except BaseException:
        lock.drop()
        raise


def _begin(folder: Path, job: Job, chunk: int | None) -> Manifest:
    if any(not path.name.startswith("_") for path in folder.iterdir()):
        raise StoreRefusedError(
            f"{folder} holds other things and no sweep; choose a folder that is empty or not there yet"
        )
    cost = trial(job)
    manifest = manifest_of(job, chunk or chunk_rows(job, cost), cost)
    manifest.save(folder)
    return manifest


def _check(folder: Path, kept: Manifest, job: Job, resume: bool, any_bits: bool) -> None:
    if not resume:
        done = sum(1 for _ in folder.glob("part-*.parquet"))
        raise StoreRefusedError(
            f"{folder} holds a sweep, with {done:,} of {kept.chunks:,} chunks done; add --resume to go on with it, or "
            "choose another folder"
        )
    check_same(folder, kept, job)
    if trial(job, kept.trial.rows).bits != kept.trial.bits and not any_bits:
        raise StoreRefusedError(
            f"this computer computes other bits than the one that began {folder} (another processor, system or "
            "library), so the table would depend on who ran which row\n"
            "go on where it was begun, begin again in another folder, or accept it with --any-bits"
        )
