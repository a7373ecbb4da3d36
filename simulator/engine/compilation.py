"""Compilation: makes the rules callable from kernels, and keeps compiled kernels on disk.

Their folder is named after a hash of every source that a kernel can reach, so that a changed rule is always compiled
again. `kernel_cache.py` stores them; it does not affect what they compute.
"""

from __future__ import annotations

import functools
import hashlib
import importlib
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.extending import register_jitable

from simulator.engine import bit_casts, kernel_cache

F = TypeVar("F", bound=Callable[..., Any])

RULEBOOK = ("chance", "money", "plans", "raids", "people", "programmes", "places", "peers")
_SOURCES = (
    "rules",
    "common/units.py",
    "declarations/parameters",
    "declarations/levers.py",
    "declarations/draw_ids.py",
    "declarations/number.py",
    "declarations/output_variables.py",
    "engine/philox.py",
    "engine/records.py",
    "engine/compilation.py",
    "engine/bit_casts.py",
    "engine/kernel_money.py",
    "engine/kernel_people.py",
    "engine/kernel_year_end.py",
    "engine/random_table.py",
    "engine/prefix_sharing.py",
    "engine/ensemble.py",
)


@functools.cache
def source_hash() -> str:
    """Hash of the sources that decide what a kernel computes, as this process read them: 16 hexadecimal digits."""
    here = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for entry in _SOURCES:
        path = here / entry
        for file in sorted(path.glob("*.py")) if path.is_dir() else [path]:
            digest.update(file.name.encode())
            digest.update(file.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:16]


def cache_folder_name() -> str:
    """The name of the folder that this version's kernels are kept in."""
    return f"kernels-{source_hash()}"


def kernel(function: F) -> F:
    """Compile a function on first use, so that it runs without the interpreter's lock, and keep the result on disk."""
    dispatcher = numba.njit(nogil=True, error_model="numpy")(function)
    if not getattr(numba.config, "DISABLE_JIT", 0):
        kernel_cache.keep_kernels(dispatcher, cache_folder_name())
    return cast(F, dispatcher)


@functools.cache
def register_rulebook() -> None:
    """Let kernels call the rules, which otherwise stay ordinary Python."""
    bit_casts.register()
    for theme in RULEBOOK:
        module = importlib.import_module(f"simulator.rules.{theme}")
        for _, rule in inspect.getmembers(module, inspect.isfunction):
            if rule.__module__ == module.__name__:
                register_jitable(rule)


register_rulebook()
