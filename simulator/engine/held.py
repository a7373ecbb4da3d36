"""Groups of parameters and levers, read out of their records once, before a loop.

In a record a rule reads a number when it comes to it, also behind an `if`, and a compiler that works on several areas
at once may not read what a single area would have left unread. What is held is there for all of them.
"""

from __future__ import annotations

from typing import Any, TypeVar

from numba import types
from numba.extending import overload

_OPTIONS: Any = {"forceinline": True, "no_cfunc_wrapper": True, "_nrt": False, "error_model": "numpy"}
Group = TypeVar("Group", bound=tuple[Any, ...])


def hold(kind: type[Group], record: Any) -> Group:
    """The numbers of a record as a group of this kind, a NamedTuple."""
    return kind(*(record[name] for name in kind._fields))  # type: ignore[attr-defined]


def register() -> None:
    """Let kernels call `hold`."""

    @overload(hold, strict=False, jit_options=_OPTIONS)
    def compiled(kind: Any, record: Any) -> Any:
        if not isinstance(kind, types.NamedTupleClass):
            return None
        names = kind.instance_class._fields
        text = f"def read(kind, record):\n    return kind({', '.join(f'record.{name}' for name in names)})\n"
        made: dict[str, Any] = {}
        exec(text, made)
        return made["read"]
