"""Compilation: makes the rules callable from kernels, and keeps compiled kernels on disk.

Their folder is named after a hash of every source that a kernel can reach (`kernel_sources.py`), so that a changed rule
is always compiled again. `kernel_cache.py` stores them; it does not affect what they compute.
"""

from __future__ import annotations

import functools
import importlib
import inspect
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
from numba.extending import register_jitable

from simulator.engine import bit_casts, held, hooks, jitable, kernel_cache, records
from simulator.engine.kernel_sources import RULEBOOK, cache_folder_name

F = TypeVar("F", bound=Callable[..., Any])

_KERNEL: dict[str, Any] = {"nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}
_STAGE: dict[str, Any] = {"no_cfunc_wrapper": True, "_nrt": False, "error_model": "numpy"}
_INLINED: dict[str, Any] = {"forceinline": True, "no_cfunc_wrapper": True, "_nrt": False, "error_model": "numpy"}


def kernel(function: F) -> F:
    """Compile a function on first use, so that it runs without the interpreter's lock, and keep the result on disk."""
    dispatcher = numba.njit(**_KERNEL)(function)
    if not getattr(numba.config, "DISABLE_JIT", 0):
        kernel_cache.keep_kernels(dispatcher, cache_folder_name())
    return cast(F, dispatcher)


def stage(function: F) -> F:
    """Let kernels call a function that makes no arrays; where arrays are counted, loops over areas are not widened."""
    return register_jitable(**_STAGE)(function)


@functools.cache
def register_rulebook() -> None:
    """Let kernels call the rules, which otherwise stay ordinary Python."""
    jitable.register_all()
    bit_casts.register()
    held.register()
    hooks.register()
    register_jitable(**_STAGE)(records.count_records)
    for theme in RULEBOOK:
        module = importlib.import_module(f"simulator.rules.{theme}")
        for _, rule in inspect.getmembers(module, inspect.isfunction):
            if rule.__module__ == module.__name__:
                register_jitable(**_INLINED)(rule)


register_rulebook()
