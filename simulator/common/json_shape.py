"""Reads JSON that anybody may have changed: plain values of an expected shape, or one ValueError."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

from simulator.common.errors import InputError

NUMBER = (int, float)
"""A shape: a finite number."""
DEEPEST = 40
"""How many levels of lists and mappings are read."""


def read_json(data: bytes) -> Any:
    """The value of a JSON text in UTF-8. Raises ValueError for whatever is none, without Python's words for why."""
    try:
        value = json.loads(data.decode("utf-8"), parse_constant=_refuse)
        json.dumps(value, ensure_ascii=False).encode()  # what JSON can spell and UTF-8 cannot hold: half a character
    except (ValueError, RecursionError):
        raise InputError("is not JSON in UTF-8, or was cut short; get the file again from where it came") from None
    level = [value]
    for _ in range(DEEPEST):
        level = [item for outer in level for item in _list_inner(outer)]
    if level:
        raise InputError("is not JSON that anybody would write: too deep")
    return value


def _list_inner(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _refuse(word: str) -> None:
    raise InputError(word)


def describe_misfit(value: object, shape: object, where: str = "") -> str:
    """What is wrong with a value, as "<where> <what>"; empty if it has the shape.

    A shape is a type, several types, a mapping of names to shapes (other names may be there too), `{...: shape}` for
    any names, or `[shape]` for a list. True and False are not numbers.
    """
    if isinstance(shape, Mapping):
        return _describe_misfit_in_mapping(value, shape, where)
    if isinstance(shape, list):
        if not isinstance(value, list):
            return f"{where or 'it'} is no list"
        return next(
            filter(None, (describe_misfit(item, shape[0], f"{where}[{k}]") for k, item in enumerate(value))), ""
        )
    kinds = shape if isinstance(shape, tuple) else (shape,)
    if type(value) not in kinds:
        return f"{where or 'it'} is no {' or '.join(_WORDS.get(kind, str(kind)) for kind in kinds)}"
    if isinstance(value, float) and not math.isfinite(value):
        return f"{where} is no finite number"
    return ""


_WORDS = {str: "text", int: "whole number", float: "number", dict: "mapping", list: "list", bool: "true or false"}


def _describe_misfit_in_mapping(value: object, shape: Mapping[Any, object], where: str) -> str:
    if not isinstance(value, Mapping):
        return f"{where or 'it'} is no mapping"
    every = shape.get(...)
    wanted = dict.fromkeys(value, every) if every is not None else shape
    for name, inner in wanted.items():
        at = f"{where}.{name}"[:80] if where else str(name)[:80]
        if name not in value:
            return f"{at} is missing"
        if wrong := describe_misfit(value[name], inner, at):
            return wrong
    return ""
