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

from simulator.engine import bit_casts, jitable, kernel_cache
from simulator.engine.kernel_sources import RULEBOOK, cache_folder_name

F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """Compile a function on first use, so that it runs without the interpreter's lock, and keep the result on disk."""
    dispatcher = numba.njit(nogil=True, error_model="numpy")(function)
    if not getattr(numba.config, "DISABLE_JIT", 0):
        kernel_cache.keep_kernels(dispatcher, cache_folder_name())
    return cast(F, dispatcher)


@functools.cache
def register_rulebook() -> None:
    """Let kernels call the rules, which otherwise stay ordinary Python."""
    jitable.register_all()
    bit_casts.register()
    for theme in RULEBOOK:
        module = importlib.import_module(f"simulator.rules.{theme}")
        for _, rule in inspect.getmembers(module, inspect.isfunction):
            if rule.__module__ == module.__name__:
                register_jitable(rule)


register_rulebook()
