"""Short representations for notebooks: a collection of many values says how many there are, not which."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np

C = TypeVar("C", bound=type)
LONGEST, MOST_ITEMS = 60, 4


def short_repr(kind: C) -> C:
    """A class decorator for dataclasses: `repr` names every field and shortens long values."""
    setattr(kind, "__repr__", _represent)  # noqa: B010 (a class of any kind)
    return kind


def _represent(thing: Any) -> str:
    fields = [field.name for field in dataclasses.fields(thing) if field.repr]
    shown = ", ".join(f"{name}={shorten(getattr(thing, name))}" for name in fields)
    return f"{type(thing).__name__}({shown})"


def shorten(value: object) -> str:
    """A value in about a line at most: arrays and collections by their size, long text by its beginning."""
    if isinstance(value, np.ndarray):
        return f"<array {' x '.join(map(str, value.shape))}>"
    if isinstance(value, str | bytes):
        return repr(value) if len(value) <= LONGEST else f"{value[:LONGEST]!r}..."
    if isinstance(value, Mapping) and len(value) > MOST_ITEMS:
        return f"<{len(value)} entries>"
    if isinstance(value, tuple | list | set | frozenset) and (len(value) > MOST_ITEMS or len(repr(value)) > LONGEST):
        return f"<{len(value)} items>"
    if dataclasses.is_dataclass(value) or len(repr(value)) > LONGEST:
        name = getattr(value, "name", None) or getattr(value, "source", None)
        return f"<{type(value).__name__}{f' {name}' if isinstance(name, str) else ''}>"
    return repr(value)
