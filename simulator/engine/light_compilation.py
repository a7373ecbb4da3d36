"""Spares the compiler work on which no code depends.

Each of these is numba's own and changes with its versions: where one is missing, that work is done.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from numba.core import errors, event, ir, types


@contextmanager
def compile_lightly() -> Iterator[None]:
    """Compile without what nobody reads, with numba's lock held.

    The compiler keeps millions of objects: looking for garbage among them takes a tenth, and a while again at the end,
    so that what is left of them counts as old. It writes out thousands of times what a record of ours holds, 5 kB each;
    colours thousands of errors, since types are tried until one fits; tells listeners of each call of LLVM; and looks
    for variables in line numbers.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        with ExitStack() as stack:
            for owner, name, make in _SPARED:
                if hasattr(owner, name):
                    stack.enter_context(_replaced(owner, name, make(getattr(owner, name))))
            yield
    finally:
        gc.freeze()
        gc.unfreeze()
        if collecting:
            gc.enable()


@contextmanager
def _replaced(owner: Any, name: str, by: Any) -> Iterator[None]:
    before = owner.__dict__[name]
    setattr(owner, name, by)
    try:
        yield
    finally:
        setattr(owner, name, before)


def _describe_once(describe: Callable[[Any], str]) -> Callable[[Any], str]:
    described: dict[int, tuple[Any, str]] = {}  # with the type itself, so that its number stays its own

    def describe_or_remember(self: Any) -> str:
        if id(self) not in described:
            described[id(self)] = self, describe(self)
        return described[id(self)][1]

    return describe_or_remember


def _do_not_colour(_colour: Any) -> Callable[..., str]:
    def leave(self: Any, text: str, *colour: Any) -> str:
        return text

    return leave


def _tell_if_somebody_listens(tell: Callable[..., None]) -> Callable[..., None]:
    def tell_or_not(kind: str, data: Any = None, exc_details: Any = None) -> None:
        if kind not in _FOR_TIMES:
            tell(kind, data, *(() if exc_details is None else (exc_details,)))

    return tell_or_not


_FOR_TIMES = ("numba:compiler_lock", "numba:llvm_lock", "numba:run_pass")
"""Events by which numba times itself, thousands of each."""


def _look_where_variables_are(look: Callable[[Any, Any], list[Any]]) -> Callable[[Any, Any], list[Any]]:
    hold = (ir.Var, ir.Inst, list, tuple, dict)
    without: set[type] = set()

    def look_or_not(self: Any, value: Any) -> list[Any]:
        kind = type(value)
        if kind in without:
            return []
        if not issubclass(kind, hold):
            without.add(kind)
        return look(self, value)

    return look_or_not


_SPARED: tuple[tuple[Any, str, Callable[[Any], Any]], ...] = (
    (types.Record, "__repr__", _describe_once),
    (type(errors.termcolor()), "_markup", _do_not_colour),
    (event, "start_event", _tell_if_somebody_listens),
    (event, "end_event", _tell_if_somebody_listens),
    (ir.Inst, "_rec_list_vars", _look_where_variables_are),
)
