"""Marks functions that kernels may call, without importing numba: that takes longer than many a command.

Numba is told of them when the first kernel is declared.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

_waiting: list[tuple[Callable[..., Any], dict[str, Any]]] = []
_told = False


def register_jitable(
    *, forceinline: bool = False, no_cfunc_wrapper: bool = False, error_model: str = "", _nrt: bool = True
) -> Callable[[F], F]:
    """As numba's decorator of the same name, with those of its options that are used; the function stays Python."""
    chosen = {"forceinline": forceinline, "no_cfunc_wrapper": no_cfunc_wrapper, "error_model": error_model}
    options: dict[str, Any] = {name: value for name, value in chosen.items() if value}
    if not _nrt:
        options["_nrt"] = False

    def mark(function: F) -> F:
        _waiting.append((function, options))
        if _told:
            register_all()
        return function

    return mark


def register_all() -> None:
    """Tell numba of all that were marked, and from now on of each as it is marked."""
    global _told
    from numba.extending import register_jitable as register

    _told = True
    while _waiting:
        function, options = _waiting.pop(0)
        register(**options)(function)
