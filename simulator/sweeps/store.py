"""The store of a sweep: a folder with one Parquet file a chunk, a manifest, and a lock.

    results/
      part-0000000.parquet, part-0000001.parquet, ...
      _manifest.json     what is swept, in which chunks, made by what (and _manifest_copy.json, if it is damaged)
      _lock              held while a sweep writes

A chunk's file is there whole, or not at all, so the files say by themselves what is left to do. Each carries a
checksum, which is compared whenever it is read. pandas, R and DuckDB skip names that begin with an underscore and open
the folder as one table, so no other table may lie in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

import numpy as np

from simulator.common.errors import ResourceError
from simulator.sweeps.job import Job, TableDigest, choose_chunk_rows, describe_code, run_trial
from simulator.sweeps.lock import LOCK_FILE, Lock
from simulator.sweeps.manifest import (
    FORMAT,
    MANIFEST,
    MANIFEST_COPY,
    Manifest,
    StoreRefusedError,
    check_same,
    describe_session,
    make_manifest,
    read_manifest,
)
from simulator.sweeps.parquet_chunk import DamagedError, Stamp, read_chunk, read_stamp
from simulator.sweeps.run_table import RunTable, Tally
from simulator.sweeps.store_files import NoFileError, describe_kind, read_regular, remove_half_written, write_durably
from simulator.sweeps.worker import Task

MOST_CHUNKS = 1_000_000
"""How many files a store has at most."""


class StoreError(ResourceError):
    """The store cannot be written; what is in it stays."""


@dataclass(frozen=True)
class Survey:
    """What a store holds: chunks that are done, and those to run: not there yet, failed as a whole, or damaged.

    `unchecked` are those of the done ones that an earlier version wrote without a checksum; `others` the names of
    files that are not part of the sweep.
    """

    done: int
    rows: int
    missing: tuple[int, ...]
    failed: tuple[int, ...]
    damaged: tuple[int, ...]
    unchecked: tuple[int, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def left(self) -> tuple[int, ...]:
        """Chunks to run, in order."""
        return tuple(sorted((*self.missing, *self.failed, *self.damaged)))


def make_task(chunk: int, manifest: Manifest) -> Task:
    """A chunk as something to run: its first row, and the row after its last."""
    first = chunk * manifest.chunk_rows
    return Task(chunk, first, min(first + manifest.chunk_rows, manifest.rows))


def check_stamp(data: bytes, task: Task, manifest: Manifest) -> Stamp:
    """The stamp of a chunk's file, if it is that of `task` and as it was written. Raises DamagedError."""
    stamp = read_stamp(data)
    if not stamp.checked and manifest.format == FORMAT and task.chunk not in manifest.chunks_without_checksum:
        raise DamagedError("its checksum is gone")
    if (stamp.sweep, stamp.first, stamp.last) != (manifest.fingerprint, task.first, task.last):
        raise DamagedError("is another chunk, or one of another sweep")
    if stamp.rows != task.last - task.first:
        raise DamagedError("has another number of rows than it should")
    return stamp


class Store:
    """A folder that one sweep writes into. Made by `open_store`; to be used in a `with` statement, which unlocks it.

    `mended` says that its manifest was lost or damaged, and was put back from the copy.
    """

    def __init__(self, folder: Path, job: Job, manifest: Manifest, lock: Lock, mended: bool = False) -> None:
        self.folder = folder
        self.job = job
        self.manifest = manifest
        self.mended = mended
        self._lock = lock
        self._kept = _list_chunks(folder, manifest.chunks)

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.drop()

    def path(self, chunk: int) -> Path:
        """The file of a chunk."""
        return self.folder / make_chunk_name(chunk)

    def task(self, chunk: int) -> Task:
        """A chunk as something to run."""
        return make_task(chunk, self.manifest)

    def survey(self) -> Survey:
        """What is done and what is left, by reading every file whole. Raises StoreRefusedError and OSError."""
        others = self.others()
        chunks_by_state: dict[str, list[int]] = {
            "done": [],
            "missing": [],
            "failed": [],
            "damaged": [],
            "unchecked": [],
        }
        rows = 0
        for chunk in range(self.manifest.chunks):
            task = self.task(chunk)
            state = self._state(task)
            chunks_by_state[state].append(chunk)
            rows += task.last - task.first if state in ("done", "unchecked") else 0
        self._kept = {*chunks_by_state["done"], *chunks_by_state["unchecked"]}
        left = {state: tuple(numbers) for state, numbers in chunks_by_state.items() if state != "done"}
        return Survey(len(self._kept), rows, **left, others=others)

    def _state(self, task: Task) -> str:
        try:
            data = read_regular(self.path(task.chunk))
        except FileNotFoundError:
            return "missing"
        except NoFileError as error:
            raise StoreRefusedError(f"{error}, and go on") from None
        except OSError:
            return "damaged"  # a disk that cannot give it back
        try:
            stamp = check_stamp(data, task, self.manifest)
            if not stamp.checked:
                self._ran(data, task)
        except DamagedError:
            return "damaged"
        return "failed" if stamp.failed else "done" if stamp.checked else "unchecked"

    def _ran(self, data: bytes, task: Task) -> RunTable:
        """The table in a chunk's file, whose points and seeds are those of the design. Raises DamagedError."""
        factors = tuple(factor.name for factor in self.job.design.factors)
        ran = read_chunk(data, factors, self.job.outcomes)
        points, seeds = self.job.design.rows(task.first, task.last)
        if ran.table.first != task.first or not np.array_equal(ran.table.seeds, seeds):
            raise DamagedError("has other rows than it should")
        if not all(np.array_equal(ran.table.points[name], points[name], equal_nan=True) for name in factors):
            raise DamagedError("has other points than it should")
        return ran

    def is_whole(self, chunk: int, data: bytes) -> bool:
        """True if these are the bytes of a chunk's file, as they were made."""
        try:
            return check_stamp(data, self.task(chunk), self.manifest).checked
        except DamagedError:
            return False

    def others(self) -> tuple[str, ...]:
        """Names in the folder that are not part of the sweep, and that others would see when they open it as a table.

        Raises StoreRefusedError where one of them would be read as rows, and OSError.
        """
        visible = (path for path in self.folder.iterdir() if path.name[0] not in "_.")
        others = [path for path in visible if _find_chunk(path.name, self.manifest.chunks) is None]
        tables = sorted(path.name for path in others if _holds_a_table(path))
        if tables:
            more = f" and {len(tables) - 3:,} more" if len(tables) > 3 else ""
            raise StoreRefusedError(
                f"{self.folder} holds what is no chunk of this sweep, and would be read as rows by whoever opens the "
                f"folder: {', '.join(tables[:3])}{more}; move it elsewhere, and go on"
            )
        return tuple(sorted(path.name for path in others))

    @property
    def done(self) -> int:
        """How many chunks are kept, as far as is known without reading them again."""
        return len(self._kept)

    def write(self, chunk: int, data: bytes) -> None:
        """Keep a chunk. Raises StoreError."""
        try:
            write_durably(self.path(chunk), data)
        except OSError as error:
            raise _make_unwritable_error(self.path(chunk), error) from error
        self._kept.add(chunk)

    def begin(self, executor: str, any_bits: bool = False, unchecked: tuple[int, ...] = ()) -> None:
        """Note in the manifest that a session begins, and which chunks have no checksum. Raises StoreError."""
        sessions = (*self.manifest.sessions, describe_session(executor, any_bits))
        manifest = replace(self.manifest, sessions=sessions, unchecked=unchecked, format=FORMAT)
        try:
            remove_half_written(self.folder)
            manifest.save(self.folder)
        except OSError as error:
            raise _make_unwritable_error(self.folder, error) from error
        self.manifest = manifest

    def tables(self) -> Iterator[RunTable]:
        """All tables in order, one chunk in memory at a time, each compared with its checksum.

        Raises StoreRefusedError, StoreError for one that is damaged, and OSError.
        """
        self.others()
        for chunk in range(self.manifest.chunks):
            path, task = self.path(chunk), self.task(chunk)
            try:
                data = read_regular(path)
                check_stamp(data, task, self.manifest)
                ran = self._ran(data, task)
            except FileNotFoundError:
                raise StoreError(f"{path} is not there; run the sweep again with --resume") from None
            except DamagedError as error:
                raise StoreError(f"{path} is damaged ({error}); run the sweep again with --resume") from error
            yield ran

    def summary(self) -> tuple[Tally, str]:
        """What the table holds, and its SHA-256, which does not depend on chunks or executors. Raises as `tables`."""
        return TableReader(self.tables()).rest()


def _make_unwritable_error(path: Path, error: OSError) -> StoreError:
    return StoreError(f"{path} cannot be written: {error.strerror}" if error.strerror else str(error))


class TableReader:
    """Tables as they are read, counted and taken into a digest on the way, so that all speak of the very same bytes."""

    def __init__(self, tables: Iterator[RunTable]) -> None:
        self._tables = tables
        self._tally, self._digest = Tally(), TableDigest()

    def __iter__(self) -> Iterator[RunTable]:
        for ran in self._tables:
            self._tally.add(ran)
            self._digest.add(ran)
            yield ran

    def rest(self) -> tuple[Tally, str]:
        """Read what is left; what all the tables held, and their SHA-256."""
        for _ in self:
            pass
        return self._tally, self._digest.hex()


def make_chunk_name(chunk: int) -> str:
    """The name of a chunk's file."""
    return f"part-{chunk:07d}.parquet"


def _find_chunk(name: str, chunks: int) -> int | None:
    """The number of the chunk whose file has this name, if it is one of so many."""
    digits = name.removeprefix("part-").removesuffix(".parquet")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 18:
        return None
    chunk = int(digits)
    return chunk if chunk < chunks and name == make_chunk_name(chunk) else None


def _list_chunks(folder: Path, chunks: int) -> set[int]:
    """The chunks that have a file, whatever is in it."""
    return {chunk for path in folder.iterdir() if (chunk := _find_chunk(path.name, chunks)) is not None}


def _holds_a_table(path: Path) -> bool:
    """True for what would be read as rows of the folder: a Parquet file, or a folder with one."""
    if path.is_dir():
        return any(path.rglob("*.parquet"))
    return path.suffix.lower() == ".parquet"


def remove_store(folder: Path) -> None:
    """Remove what is in a store, while it is locked: first the chunks, so that what is left half-way is still known.

    Files that are not part of it stay, and so does what cannot be removed.
    """
    remove_half_written(folder)
    patterns = ("part-*.parquet", MANIFEST_COPY, MANIFEST)
    for path in (path for pattern in patterns for path in sorted(folder.glob(pattern))):
        with suppress(OSError):
            path.unlink()


def remove_lock(folder: Path) -> None:
    """Remove the lock of a store that is empty and no longer locked, and its folder, unless something else is in it."""
    with suppress(OSError):
        (folder / LOCK_FILE).unlink(missing_ok=True)
        folder.rmdir()


def open_store(
    folder: Path,
    job: Job,
    *,
    resume: bool = False,
    chunk: int | None = None,
    any_bits: bool = False,
    any_version: bool = False,
) -> Store:
    """A store for a job: a new one, or with `resume` the one that is there (or a new one if none is).

    `chunk` is how many rows a new store has a chunk, measured unless given. `any_bits` goes on where this computer
    reaches other bits than the one that began; `any_version` goes on with what another version of the model began, if
    the first rows are the same to the last bit. Raises StoreRefusedError, StoreBusyError, and OSError.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise StoreRefusedError(
            f"{folder} is {describe_kind(folder)}, where a folder should be; move it elsewhere, and go on"
        ) from None
    except OSError as error:
        raise _make_unwritable_error(folder, error) from error
    lock = Lock(folder)
    lock.take()
    try:
        kept, from_copy = read_manifest(folder)
        if kept is None:
            return Store(folder, job, _begin(folder, job, chunk), lock)
        _check(folder, kept, job, resume, any_bits, any_version)
        if from_copy:
            _save(kept, folder)
        return Store(folder, job, kept, lock, mended=from_copy)
    except BaseException:
        lock.drop()
        manifests = (folder / MANIFEST, folder / MANIFEST_COPY)
        if not any(path.exists() for path in manifests):  # somebody else's folder, or one made for nothing
            remove_lock(folder)
        raise


def _begin(folder: Path, job: Job, chunk: int | None) -> Manifest:
    remove_half_written(folder)
    if any(path.name[0] not in "_." for path in folder.iterdir()):
        raise StoreRefusedError(
            f"{folder} holds other things and no sweep; choose a folder that is empty or not there yet"
        )
    least = -(-len(job.design) // MOST_CHUNKS)
    if chunk is not None and chunk < least:
        raise StoreRefusedError(
            f"{len(job.design):,} rows in chunks of {chunk:,} would be {-(-len(job.design) // chunk):,} files, and "
            f"{MOST_CHUNKS:,} are the most; take --chunk {least} or more"
        )
    cost = run_trial(job)
    manifest = make_manifest(job, chunk or max(least, choose_chunk_rows(job, cost)), cost)
    _save(manifest, folder)
    return manifest


def _save(manifest: Manifest, folder: Path) -> None:
    """Write a manifest. Raises StoreError."""
    try:
        manifest.save(folder)
    except OSError as error:
        raise _make_unwritable_error(folder, error) from error


def _check(folder: Path, kept: Manifest, job: Job, resume: bool, any_bits: bool, any_version: bool) -> None:
    if not resume:
        done = len(_list_chunks(folder, kept.chunks))
        raise StoreRefusedError(
            f"{folder} holds a sweep, with {done:,} of {kept.chunks:,} chunks done; add --resume to go on with it "
            "(resume=True in a notebook), or choose another folder"
        )
    check_same(folder, kept, job, any_version)
    same = run_trial(job, kept.trial.rows).bits == kept.trial.bits
    if not same and kept.made_by != describe_code():
        raise StoreRefusedError(
            f"{folder} was begun by another version, and this one gives other numbers in the first {kept.trial.rows} "
            "rows; go on with the version it was begun with, or begin again with another --out"
        )
    if not same and not any_bits:
        raise StoreRefusedError(
            f"this computer computes other bits than the one that began {folder} (another SciPy, for points drawn from "
            "priors, or other libraries of your own simulation), so the table would depend on who ran which row\n"
            "go on where it was begun, begin again in another folder, or accept it with --any-bits"
        )
