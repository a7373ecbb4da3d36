"""Results on disk, so that the same scenario is never run twice in the same futures under the same rules.

An entry is named after everything that decides its bits: the code, the schedule of levers, parameters and seeds, and
the boards. It holds national numbers alone: no titles, no reasons, no names. What cannot be read, was cut off, or could
have been put there by somebody else, is worked out again; where nothing can be written, nothing is kept.
Tables of plain numbers, such as weights of evidence, are kept beside the results in the same way.
`RINGFENCE_CACHE` is `off`, `on`, or a folder in which a folder of our own is made; nothing else in it is ever touched.
Every board's years are not kept: reading so much takes as long as working it out.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
from numpy.typing import NDArray

from simulator.boards.table import Boards
from simulator.common import environment
from simulator.common.arrays import Floats
from simulator.common.atomic_files import remove_leftovers, write_bytes
from simulator.common.numbers import NotReadableError
from simulator.common.paths import expand_path
from simulator.common.trusted_files import make_private, read_trusted, why_not_trusted
from simulator.declarations.output_variables import NATIONAL_DTYPE
from simulator.engine.kernel_sources import source_hash
from simulator.runs.futures import Futures
from simulator.runs.manifest import find_version
from simulator.scenarios.scenario import Scenario

Nation = NDArray[np.void]
VARIABLE = environment.CACHE
FEWEST_FUTURES = 500
"""Runs of fewer futures take about as long as a look at a slow disk, and a moving lever asks for very many of them."""

NUMBERS = np.dtype("<f8")
MOST_BYTES = 500_000_000
FORMAT = 1
SUFFIX = ".results"
SUBFOLDER = "ringfence-results"
_OWN_NAME = re.compile(r"[0-9a-f]{32}\.results")
_LONGEST_HEAD = 4_096


def find_folder() -> Path | None:
    """Where results are kept; None when nothing is to be kept."""
    asked = environment.read_cache_folder()
    if asked is False:
        return None
    if asked is not True:
        return _expand(asked).absolute() / SUBFOLDER
    root = Path(platformdirs.user_cache_dir("ringfence", appauthor=False))
    return root / "results" if root.is_absolute() else None  # relative: the user has no home


def _expand(asked: str) -> Path:
    """A folder with `~` and variables put in; as it is written where that cannot be done."""
    try:
        return expand_path(asked)
    except NotReadableError:
        return Path(asked)


def make_key(scenario: Scenario, futures: Futures, boards: Boards, first_plan: int) -> str:
    """32 hexadecimal digits that tell this run from any other."""
    parts = (
        FORMAT,
        source_hash(),
        scenario.fingerprint,
        futures.fingerprint,
        len(futures),
        boards.fingerprint,
        len(boards.areas),
        first_plan,
        find_version("numpy"),
        find_version("numba"),
        platform.machine(),
    )
    digest = hashlib.sha256(repr(parts).encode())
    digest.update(np.ascontiguousarray(scenario.schedule).tobytes())
    digest.update(np.ascontiguousarray(boards.areas).tobytes())
    return digest.hexdigest()[:32]


def recall_or_run(
    name: str, n: int, work_out: Callable[[], Nation], progress: Callable[[int, int], None] | None = None
) -> Nation:
    """The array kept under a key for `n` futures; worked out, and kept, if there is none. Raises as `work_out`."""
    nation = recall(name, n)
    if nation is None:
        nation = work_out()
        keep(name, nation)
    elif progress:
        progress(n, n)
    return nation


def recall_numbers(name: str) -> Floats | None:
    """The table of numbers kept under a key, if it is there and whole."""
    table = recall(name, None, NUMBERS)
    return None if table is None else np.asarray(table)


def keep_numbers(name: str, table: Floats) -> None:
    """Keep a table of numbers under a key, as `keep` does."""
    keep(name, np.ascontiguousarray(table, NUMBERS))


def recall(name: str, n: int | None, kind: np.dtype[Any] = NATIONAL_DTYPE) -> NDArray[Any] | None:
    """The array (futures, years) kept under a key, if it is there and whole, for `n` futures, or any number."""
    cache = find_folder()
    if cache is None:
        return None
    path = cache / f"{name}{SUFFIX}"
    try:
        data = None if _is_not_ours(cache) else read_trusted(path)
        nation = None if data is None else _read_entry(data, name, n, kind)
    except MemoryError:
        return None
    with contextlib.suppress(OSError):
        if nation is not None:
            os.utime(path)  # the least recently used go first
        elif data is not None:
            path.unlink()
    return nation


def keep(name: str, nation: NDArray[Any]) -> None:
    """Keep an array (futures, years) under a key, whole or not at all; the least recently used go for it."""
    cache = find_folder()
    if cache is None or nation.nbytes > MOST_BYTES // 4:
        return
    data = np.ascontiguousarray(nation).view(np.uint8).data
    head = {"key": name, "shape": list(nation.shape), "check": hashlib.blake2b(data, digest_size=16).hexdigest()}
    if nation.dtype == NUMBERS:
        head["kind"] = NUMBERS.str
    try:
        make_private(cache)
        if not _is_not_ours(cache):
            whole = (json.dumps(head) + "\n").encode("ascii") + data
            write_bytes(cache / f"{name}{SUFFIX}", whole, durable=False, private=True, follow_links=False)
            remove_oldest(cache)
    except OSError:
        return


def _is_not_ours(cache: Path) -> bool:
    """Whether a folder is not there, or somebody else could have put something into it."""
    try:
        return bool(why_not_trusted(cache))
    except OSError:
        return True


def count_damaged(cache: Path) -> int:
    """How many of the results kept in a folder cannot be used. Reads every file."""
    return sum(_read_entry(read_trusted(path) or b"", path.stem) is None for _, _, path in list_entries(cache))


def _read_entry(data: bytes, name: str, n: int | None = None, kind: np.dtype[Any] | None = None) -> NDArray[Any] | None:
    """The array in a file, or None if it is not that of this key and kind, whole and unchanged, or not of `n` rows."""
    first_line, _, rest = data.partition(b"\n")
    try:
        header = json.loads(first_line[:_LONGEST_HEAD])
        shape = tuple(int(size) for size in header["shape"])
        body = bytearray(rest)
        whole = hashlib.blake2b(body, digest_size=16).hexdigest() == header["check"]
        held = NUMBERS if header.get("kind") == NUMBERS.str else NATIONAL_DTYPE
        if header["key"] != name or not whole or n not in (None, shape[0]) or kind not in (None, held):
            return None
        return np.frombuffer(body, held).reshape(shape)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def list_entries(cache: Path) -> list[tuple[float, int, Path]]:
    """What is kept in a folder: when it was last used, its size in bytes, and where; the oldest first."""
    entries = []
    with contextlib.suppress(OSError):
        for path in [] if _is_not_ours(cache) else cache.iterdir():
            with contextlib.suppress(OSError):
                status = path.lstat()
                if not _OWN_NAME.fullmatch(path.name) or stat.S_ISDIR(status.st_mode):
                    continue
                entries.append((status.st_mtime, status.st_size, path))
    return sorted(entries, key=lambda entry: entry[0])


def remove_oldest(cache: Path, room: int = MOST_BYTES) -> None:
    """Remove the least recently used until the rest fits, and what others left behind half-written."""
    entries = list_entries(cache)
    size = sum(entry[1] for entry in entries)
    for _, entry_size, path in entries:
        if size <= room:
            break
        with contextlib.suppress(OSError):
            path.unlink()
            size -= entry_size
    remove_leftovers(cache)


def clear(cache: Path) -> int:
    """Remove everything that is kept; how many entries went."""
    before = len(list_entries(cache))
    remove_oldest(cache, -1)
    return before - len(list_entries(cache))
