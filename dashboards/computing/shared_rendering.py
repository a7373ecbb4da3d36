"""What a page shows of the same answer is made once, for every visitor who looks at it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar

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
