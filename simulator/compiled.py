"""Compiling: where kernels are cached, and the rulebook made callable from them.

Numba's own cache looks only at the file that holds a kernel, so it would serve a stale one when a rule changes.
The cache folder is therefore named after a hash of every source that a kernel can reach. It is set only while our
own kernels are being decorated: other users of numba in the same process keep theirs.
"""

from __future__ import annotations

import functools
import hashlib
import importlib
import inspect
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numba.core.config as numba_config
import platformdirs
from numba.extending import register_jitable

F = TypeVar("F", bound=Callable[..., Any])

RULEBOOK = ("chance", "money", "plans", "raids", "people", "programmes", "places", "peers")
_SOURCES = ("rules", "parameters", "levers.py", "draws.py", "events.py", "declare.py", "measures.py", "state.py",
            "compiled.py", "kernel.py", "kernel_people.py", "luck.py", "yearend.py", "sharing.py",
            "ensemble.py")  # fmt: skip


@functools.cache
def source_hash() -> str:
    """Hash of the sources that decide what a kernel computes (16 hexadecimal digits), as this process found them."""
    here = Path(__file__).parent
    digest = hashlib.sha256()
    for entry in _SOURCES:
        path = here / entry
        for file in sorted(path.glob("*.py")) if path.is_dir() else [path]:
            digest.update(file.name.encode())
            digest.update(file.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:16]


@functools.cache
def cache_folder() -> str:
    """A writable folder for this version's kernels; a temporary one where the user's cache cannot be written."""
    name = f"kernels-{source_hash()}"
    root = os.environ.get("NUMBA_CACHE_DIR") or platformdirs.user_cache_dir("ringfence", appauthor=False)
    for base in (root, tempfile.gettempdir()):
        folder = Path(base) / name
        try:
            if not folder.exists():
                folder.mkdir(parents=True, exist_ok=True)
                forget_old(folder)
            with tempfile.TemporaryFile(dir=folder):
                return str(folder)
        except OSError:
            continue
    return ""


def forget_old(folder: Path, days: float = 60.0) -> None:
    """Remove kernels of other versions, next to this folder, that were made so many days ago."""
    for other in folder.parent.glob("kernels-*"):
        if other != folder and time.time() - other.stat().st_mtime > 86_400 * days:
            shutil.rmtree(other, ignore_errors=True)


def kernel(function: F) -> F:
    """Compile a function on first use, without the interpreter's lock, and keep the result on disk."""
    before = numba_config.CACHE_DIR  # type: ignore[attr-defined]
    folder = cache_folder()
    numba_config.CACHE_DIR = folder or before  # type: ignore[attr-defined]
    try:
        made = numba.njit(nogil=True, cache=bool(folder), error_model="numpy")(function)
    finally:
        numba_config.CACHE_DIR = before  # type: ignore[attr-defined]
    return cast(F, made)


@functools.cache
def register_rulebook() -> None:
    """Let kernels call the rules, which stay ordinary Python for everybody else."""
    for theme in RULEBOOK:
        module = importlib.import_module(f"simulator.rules.{theme}")
        for _, rule in inspect.getmembers(module, inspect.isfunction):
            if rule.__module__ == module.__name__:
                register_jitable(rule)


register_rulebook()
