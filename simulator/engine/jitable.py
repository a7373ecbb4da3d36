"""Marks functions that kernels may call, without importing numba: that takes longer than many a command.

Numba is told of them when the first kernel is declared.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

_waiting: list[tuple[Callable[..., Any], dict[str, Any]]] = []
_told = False


def register_jitable(**options: Any) -> Callable[[F], F]:
    """As numba's decorator of the same name, options included; the function stays ordinary Python."""

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
