"""How options are read: numbers, seeds and files on the command line are written as they are everywhere else.

`read_as_everywhere` is applied to every command when it is loaded, so that no option has a grammar of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import typer
from typer.models import ParameterInfo

from simulator.common import numbers
from simulator.common.paths import expand_path

Reading = Callable[[Any], Any]


def read_as_everywhere(command: Callable[..., object]) -> None:
    """Let a command's options of whole numbers, numbers and files be read by the common grammar.

    Bounds that an option declares are kept. An option called `seed` has the one range of seeds.
    """
    hints = get_type_hints(command, include_extras=True)
    for name, hint in hints.items():
        if get_origin(hint) is not Annotated:
            continue
        kind, *extras = get_args(hint)
        for info in extras:
            if isinstance(info, ParameterInfo):
                _set_reading(name, _leaf(kind), info)
    command.__annotations__ = hints


def _leaf(kind: object) -> object:
    """The type of one value: int of `list[int] | None`, float of `tuple[float, float]`."""
    parts = [part for part in get_args(kind) if part not in (type(None), ...)]
    return _leaf(parts[0]) if parts else kind


def _set_reading(name: str, kind: object, info: ParameterInfo) -> None:
    if kind is Path and info.callback is None:
        info.callback = expand_option
    if kind not in (int, float) or info.parser is not None:
        return
    words = [str(info.default), *(info.param_decls or ())]  # in Annotated, the first name stands for the default
    hint = " / ".join(f"'{word}'" for word in words if word.startswith("-")) or f"'{name}'"
    low, high = info.min, info.max
    if name == "seed":
        info.parser = _name_option(numbers.parse_seed, hint)
    elif kind is int:
        most = None if high is None else int(high)
        info.parser = _name_option(lambda given: numbers.parse_whole(given, int(low or 0), most), hint)
    else:
        info.parser = _name_option(lambda given: _between(given, low, high), hint)
    info.metavar = info.metavar or ("WHOLE NUMBER" if kind is int else "NUMBER")


def _between(given: object, low: float | None, high: float | None) -> float:
    value = numbers.parse_number(given)
    if (low is None or value >= low) and (high is None or value <= high):
        return value
    wish = f"{low:g} or more" if high is None else f"from {low or 0:g} to {high:g}"
    raise numbers.NotReadableError(f"'{value:g}' is not {wish}")


def _name_option(reading: Reading, hint: str) -> Reading:
    """A reading whose complaint names the option."""

    def read(given: Any) -> Any:
        try:
            return reading(given)
        except numbers.NotReadableError as problem:
            raise typer.BadParameter(str(problem), param_hint=hint) from None

    return read


def expand_option(path: Path | None) -> Path | None:
    """A file of an option, with `~` and variables put in. Raises BadParameter."""
    try:
        return None if path is None else expand_path(path)
    except numbers.NotReadableError as problem:
        raise typer.BadParameter(str(problem)) from None


def read_simply(parameters: Iterable[Any]) -> None:
    """Let options and arguments take texts as they are, and numbers by the common grammar, at once.

    Typer would ask pydantic, whose import takes longer than many a command. Everything else is still left to it.
    """
    for parameter in parameters:
        if hasattr(parameter, "get_runtime_param"):  # an older typer reads them itself
            parameter.get_runtime_param = SimpleReading(parameter, parameter.get_runtime_param).get


class SimpleReading:
    """How the values of one option or argument are read; `thorough` gives how typer would read them."""

    def __init__(self, parameter: Any, thorough: Callable[[], Any]) -> None:
        described = parameter.type_descriptor
        self._parser: Reading | None = described.parameter_info.parser
        self._kind = _leaf(described.annotation) if described.is_list else described.annotation
        self._thorough = thorough

    def get(self) -> SimpleReading:
        return self

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """The value of an option, or the list of those of one that may be repeated."""
        many = param.multiple or param.nargs == -1
        if value is None:
            return () if many else None
        if many and isinstance(value, (list, tuple)) and all(map(self._is_simple, value)):
            return [self._read(each) for each in value]
        if not many and self._is_simple(value):
            return self._read(value)
        return self._thorough().coerce(value, param=param, ctx=ctx)

    def _is_simple(self, value: object) -> bool:
        if self._parser is not None:
            return not isinstance(value, (list, tuple))
        return isinstance(value, str) if self._kind is str else isinstance(value, Enum) and type(value) is self._kind

    def _read(self, value: object) -> object:
        return self._parser(value) if self._parser is not None else value
