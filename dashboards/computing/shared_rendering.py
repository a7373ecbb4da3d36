"""What a page shows of the same answer is made once, for every visitor who looks at it, and what it reads from the same
results once for every answer that holds them.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Hashable
from functools import wraps
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar

from numpy.typing import NDArray

R = TypeVar("R")
P = ParamSpec("P")


class Rendered(Protocol):
    """What pages are made from, with what was made of it; that goes when it goes."""

    @property
    def rendered(self) -> dict[Hashable, object]:
        """What was made, by the function that made it and what it was asked for."""


S = TypeVar("S", bound=Rendered)


def share_rendering(render: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
    """Call a function once for each source and each set of arguments, of which there must be few."""

    @wraps(render)
    def shared(source: S, /, *args: P.args, **named: P.kwargs) -> R:
        key = (render, args, tuple(sorted(named.items())))
        if key not in source.rendered:
            source.rendered[key] = render(source, *args, **named)
        return source.rendered[key]  # type: ignore[return-value]

    return shared


class ReadOnce(Generic[R]):
    """What was read from arrays, kept for as long as all of these very arrays are there."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, R] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def read(self, arrays: tuple[NDArray[Any], ...], asked: Hashable, work_out: Callable[[], R]) -> R:
        """What was read when these arrays were asked the same before; else what `work_out` returns. Raises as that."""
        key = (*map(id, arrays), asked)
        if key in self._kept:
            return self._kept[key]
        found = self._kept[key] = work_out()
        for array in arrays:  # before its id can be another's
            weakref.finalize(array, self._kept.pop, key, None).atexit = False
        return found
