"""Compiled kernels on disk: used if they are complete and nobody else could have changed them, else compiled again.

Numba's own cache makes every command fail if one of its files is damaged, runs whatever code a changed file contains,
and needs a folder that can be written to. Here a kernel is one file with a checksum, named after everything that
affects it. A file that is damaged, or that others may write to, is ignored. One process compiles at a time; others wait
and then read. If nothing can be written, kernels stay in memory.

Numba is imported by what it calls, and not by questions about the files.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import pickle
import platform
import re
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module, metadata
from pathlib import Path
from typing import Any, NamedTuple

import platformdirs
from filelock import FileLock, Timeout

from simulator.common.atomic_files import FileWriteError, describe_write_error, remove_leftovers, write_bytes
from simulator.common.standard_streams import say
from simulator.common.trusted_files import make_private, read_trusted, why_not_trusted
from simulator.engine.lanes import chosen_lanes

FOLDER_VARIABLE = "NUMBA_CACHE_DIR"
ENDING = ".kernel"
WHOLE = "ensemble.block"
"""The kernel that runs futures and calls nearly all that is compiled."""
LOCK = "compiling.lock"
LONGEST_WAIT = 300.0
"""Seconds to wait for another process that is compiling. If it ends or is killed, waiting ends at once."""

_FORMAT = 1
_HELPER = "simulator.engine.kernel_cache_helper"
_FOLDER = re.compile(r"kernels-[0-9a-f]{16}")
_KERNEL = re.compile(r"[\w.-]+-[0-9a-f]{32}\.kernel")
_OF_EARLIER_VERSIONS = re.compile(r"[\w.-]+\.(nbi|nbc)")
_LONGEST_HEAD = 1_024
_said: set[str] = set()
_compiled: list[str] = []
_helpers: list[Any] = []
_helps: list[bool] = []


def _numba(part: str) -> Any:
    """A module of numba, which has no types for it."""
    return import_module(f"numba.core.{part}")


def list_folders(name: str) -> tuple[Path, ...]:
    """Folders for kernels, the first choice first: NUMBA_CACHE_DIR or the user's cache, then the temporary folder."""
    asked = os.environ.get(FOLDER_VARIABLE, "").strip()
    root = Path(asked or platformdirs.user_cache_dir("ringfence", appauthor=False))
    places = [root.absolute() / name] if asked or root.is_absolute() else []  # relative: the user has no home
    with suppress(OSError):
        user = str(os.getuid()) if hasattr(os, "getuid") else "user"
        places.append(Path(tempfile.gettempdir()) / f"ringfence-{user}" / name)
    return tuple(places)


def list_trusted_folders(name: str) -> Iterator[Path]:
    """The folders that exist and that nobody else could have made; says once why another is not used."""
    for folder in list_folders(name):
        with suppress(OSError):
            if why := why_not_trusted(folder):
                say_once(f"compiled code in {folder} is not used, because the folder {why}")
                continue
            yield folder


def say_once(text: str) -> None:
    """Write a message to stderr, once in each process."""
    if text not in _said:
        _said.add(text)
        say(text)


def say_compiling() -> None:
    """Say that the user must wait, once in each process."""
    say_once("compiling the model for this computer: about half a minute, this once")


def count_compiled() -> int:
    """How many kernels this process has had to compile."""
    return len(_compiled)


class KeptKernels(NamedTuple):
    """Kernels on disk: how many are complete, their size in bytes, and how many are damaged."""

    whole: int
    size: int
    damaged: int


def count_kept(name: str) -> KeptKernels:
    """Count the kernels in all folders. Reads every file."""
    whole = size = damaged = 0
    for folder in list_trusted_folders(name):
        for path in _list_own_files(folder):
            data = read_trusted(path) if path.name.endswith(ENDING) else None
            if data is not None and _read_body(data, path.stem[-32:]) is not None:
                whole, size = whole + 1, size + len(data)
            else:
                damaged += path.name.endswith(ENDING)
    return KeptKernels(whole, size, damaged)


def is_compiled(name: str) -> bool:
    """Whether the kernel that calls all others is on disk and complete."""
    return any(
        _read_body(read_trusted(path) or b"", path.stem[-32:]) is not None
        for folder in list_trusted_folders(name)
        for path in folder.glob(f"{WHOLE}-*{ENDING}")
    )


def clear_kernels(name: str) -> int:
    """Remove the kernels in all folders, damaged ones too; returns how many were removed."""
    return sum(_remove_own_files(folder) for folder in list_trusted_folders(name))


def remove_old_kernels(folder: Path, days: float = 60.0) -> None:
    """Remove kernels of other versions, next to this folder, that were not used for `days`."""
    with suppress(OSError):
        for other in folder.parent.glob("kernels-*"):
            if other == folder or not _FOLDER.fullmatch(other.name):
                continue
            with suppress(OSError):
                if not why_not_trusted(other) and time.time() - other.stat().st_mtime > 86_400 * days:
                    _remove_own_files(other)
                    for inner in [*other.iterdir(), other]:
                        with suppress(OSError):
                            inner.rmdir()


def _list_own_files(folder: Path) -> list[Path]:
    """Every file in a folder that Ringfence named, including those that earlier versions kept in folders inside it."""
    with suppress(OSError):
        found = [path for path in folder.iterdir() if _KERNEL.fullmatch(path.name)]
        return found + [path for path in folder.glob("simulator_*/*") if _OF_EARLIER_VERSIONS.fullmatch(path.name)]
    return []


def _remove_own_files(folder: Path) -> int:
    removed = 0
    for path in _list_own_files(folder):
        with suppress(OSError):
            if stat.S_ISDIR(path.lstat().st_mode):
                shutil.rmtree(path)
            else:
                path.unlink()
            removed += 1
    remove_leftovers(folder, 0.0)
    with suppress(OSError):
        (folder / LOCK).unlink(missing_ok=True)
    return removed


class KernelCache:
    """The compiled forms of one function, with the methods that numba calls on a dispatcher's cache."""

    def __init__(self, function: Callable[..., Any], folder_name: str) -> None:
        self.folder_name = folder_name
        self.name = re.sub(r"[^\w.]", "", f"{function.__module__.split('.')[-1]}.{function.__qualname__}")
        self._origin = (function.__module__, function.__qualname__, _hash_file(function.__code__.co_filename))
        self._codegen: Any = None

    cache_path = None

    def enable(self) -> None:
        """Always on."""

    def disable(self) -> None:
        """Always on."""

    def flush(self) -> None:
        """Numba calls this before it compiles again. Nothing needs to be done, because files are replaced."""

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The stored form for these types; None if it must be compiled.

        Numba would first load all that it could compile from, which takes longer than a thousand futures. A stored form
        needs no more of it than its memory; what is compiled later loads the rest then.
        """
        _numba("runtime").rtsys.initialize(target_context)
        body = self.find(sig, target_context)
        if body is None:
            return None
        try:
            return _numba("compiler").CompileResult._rebuild(target_context, *pickle.loads(body))
        except Exception:  # whole, and yet not for this numba: anything can be wrong with it
            return None

    def save_overload(self, sig: Any, compiled: Any) -> None:
        """Store a compiled form in the first folder that can be written to; if there is none, say so once."""
        _compiled.append(self.name)
        if compiled.library.has_dynamic_globals:
            return
        key = self.key(sig, compiled.codegen)
        body: bytes = _numba("serialize").dumps(compiled._reduce())
        head = {"format": _FORMAT, "key": key, "check": _checksum(body)}
        data = json.dumps(head).encode("ascii") + b"\n" + body
        problems = []
        for folder in list_folders(self.folder_name):
            try:
                _make_folder(folder)
                write_bytes(
                    folder / f"{self.name}-{key}{ENDING}", data, durable=False, private=True, follow_links=False
                )
                return
            except OSError as error:
                problems.append(str(error))
        why = problems[0] if problems else "this user has no folder for it"
        say_once(
            "the compiled model cannot be saved and will be compiled again next time; "
            f"set {FOLDER_VARIABLE} to a folder that can be written to. {why}"
        )

    def find(self, sig: Any, target_context: Any) -> bytes | None:
        """The checked content of the file for these types."""
        key = self.key(sig, target_context.codegen())
        for folder in list_trusted_folders(self.folder_name):
            data = read_trusted(folder / f"{self.name}-{key}{ENDING}")
            body = None if data is None else _read_body(data, key)
            if body is not None:
                with suppress(OSError):
                    os.utime(folder)
                return body
        return None

    def key(self, sig: Any, codegen: Any) -> str:
        """32 hexadecimal digits that identify this function for these types on this kind of machine."""
        arguments, returned = _numba("sigutils").normalize_signature(sig)
        parts = (
            _FORMAT,
            self._origin,
            tuple(map(str, arguments)),
            str(returned),
            codegen.magic_tuple(),
            chosen_lanes(),
            sys.implementation.cache_tag,
            platform.machine(),
            *map(metadata.version, ("numba", "llvmlite", "numpy")),
        )
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def keep_kernels(dispatcher: Any, folder_name: str) -> None:
    """Store the compiled forms of a dispatcher on disk, and let only one process at a time compile it."""
    cache = KernelCache(dispatcher.py_func, folder_name)
    compile_now = dispatcher.compile

    def read_now(sig: Any) -> Any:
        if cache.name == WHOLE:
            stop_helping()  # another command was faster
        return compile_now(sig)

    def compile_once(sig: Any) -> Any:
        with _numba(
            "compiler_lock"
        ).global_compiler_lock:  # before the lock of processes, always: so two threads cannot wait for each other
            arguments, _ = _numba("sigutils").normalize_signature(sig)
            if tuple(arguments) in dispatcher.overloads or cache.find(sig, dispatcher.targetctx) is not None:
                return read_now(sig)
            with _hold_lock(folder_name):
                if cache.find(sig, dispatcher.targetctx) is not None:
                    return read_now(sig)
                say_compiling()
                whole_program = import_module("simulator.engine.whole_program")  # it loads numba
                light = import_module("simulator.engine.light_compilation")
                name, context = dispatcher.py_func.__qualname__, dispatcher.targetctx
                with light.compile_lightly(), whole_program.compile_as_one(name, context), _share_work(cache, context):
                    return compile_now(sig)

    dispatcher._cache = cache
    dispatcher.compile = compile_once


def start_helping(folder_name: str) -> None:
    """Start the second process that helps to compile, unless there is one, or another command is compiling already."""
    if _helpers or _helps:
        return
    lock = _find_lock(folder_name)
    try:
        if lock is not None:
            lock.acquire(timeout=0)
            lock.release()
    except Timeout:
        return
    except (OSError, NotImplementedError, RuntimeError):
        pass
    _start_helper(folder_name)


def _start_helper(folder_name: str) -> None:
    start_helper = import_module(_HELPER).start_helper  # it imports this module

    try:
        helper = start_helper(folder_name)
    except (OSError, RuntimeError) as error:
        say_once(f"only one core compiles, because no second process could be started: {error}")
        return
    if helper is not None:
        _helpers.append(helper)


@contextmanager
def _share_work(cache: KernelCache, context: Any) -> Iterator[None]:
    """While the kernel that runs futures is compiled: let a second process, if there is one, compile parts of it."""
    take_parts = import_module(_HELPER).take_parts  # it imports this module

    if cache.name != WHOLE or _helps:
        yield
        return
    if not _helpers:
        _start_helper(cache.folder_name)
    helper = _helpers[0] if _helpers else None
    if helper is not None:
        helper.begin()
    done = False
    try:
        with take_parts(helper, context):
            yield
        done = True
        say_why_alone()
    finally:
        if not done:
            stop_helping()


def say_why_alone() -> None:
    """Say why the second process ended early, if it did."""
    for helper in _helpers:
        if helper.why:
            say_once(f"the second process that compiles ended early, and this one compiled the rest: {helper.why}")


def compile_all() -> None:
    """Once the kernel that runs futures is there, compile the kernels that only Mesa needs too."""
    compile_others = import_module(_HELPER).compile_others  # it imports this module

    compile_others(_helpers[0] if _helpers else None)
    say_why_alone()
    stop_helping()


def stop_helping() -> None:
    """End the second process, if there is one."""
    while _helpers:
        _helpers.pop().stop()


def hold_no_lock() -> None:
    """This process compiles for another one, which holds the lock."""
    _helps.append(True)


@contextmanager
def _hold_lock(folder_name: str) -> Iterator[None]:
    """Hold the lock for compiling. Goes on without it if it cannot be had, or after LONGEST_WAIT seconds."""
    lock = None if _helps else _find_lock(folder_name)
    held = lock is not None and _acquire(lock)
    try:
        yield
    finally:
        if lock is not None and held:
            with suppress(OSError):
                lock.release()


def _acquire(lock: FileLock) -> bool:
    try:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            say_once("another process is compiling the model; waiting for it")
            lock.acquire(timeout=LONGEST_WAIT, poll_interval=0.1)
    except (Timeout, OSError, NotImplementedError, RuntimeError):
        return False
    return True


@functools.cache
def _find_lock(folder_name: str) -> FileLock | None:
    for folder in list_folders(folder_name):
        with suppress(OSError):
            _make_folder(folder)
            path = folder / LOCK
            if not path.exists() or (stat.S_ISREG(path.lstat().st_mode) and os.access(path, os.W_OK)):
                return FileLock(path)
    return None


def _make_folder(folder: Path) -> None:
    """Make a folder for kernels and remove old ones beside it. Raises FileWriteError, also if it is not trusted."""
    try:
        new = not os.path.lexists(folder)
        make_private(folder)
        why = why_not_trusted(folder)
    except OSError as error:
        raise FileWriteError(describe_write_error(error, folder)) from error
    if why:
        raise FileWriteError(f"{folder} {why}")
    if new:
        remove_old_kernels(folder)


def _read_body(data: bytes, key: str) -> bytes | None:
    """The content after the first line of a file, if it belongs to this key and is complete and unchanged."""
    head, _, body = data.partition(b"\n")
    try:
        told = json.loads(head[:_LONGEST_HEAD])
        whole = told["format"] == _FORMAT and told["key"] == key and told["check"] == _checksum(body)
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return body if whole else None


def _checksum(body: bytes) -> str:
    return hashlib.blake2b(body, digest_size=16).hexdigest()


@functools.cache
def _hash_file(path: str) -> str:
    try:
        return hashlib.sha256(Path(path).read_bytes().replace(b"\r\n", b"\n")).hexdigest()
    except OSError:
        return path  # typed at a prompt
