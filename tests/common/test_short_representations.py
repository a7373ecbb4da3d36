"""Whatever holds arrays, as results of methods do, prints in a few lines, and not every number of them."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import warnings
from types import ModuleType

import pytest

import simulator
from simulator.common.representation import short_repr
from simulator.studies import tool_adapters

pytestmark = pytest.mark.interface

ARRAYS = ("Floats", "NDArray", "Records", "DataFrame")


def import_or_skip(name: str) -> ModuleType:
    """A module; an empty one where it needs a library that is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return ModuleType(name)


def list_dataclasses() -> list[type]:
    names = [m.name for m in pkgutil.walk_packages(simulator.__path__, "simulator.") if "__main__" not in m.name]
    with warnings.catch_warnings(), tool_adapters._frames_by_name():
        warnings.simplefilter("ignore")  # of adapters of other people's tools
        modules = [import_or_skip(name) for name in names]
    held = [value for module in modules for value in vars(module).values() if isinstance(value, type)]
    return [kind for kind in dict.fromkeys(held) if dataclasses.is_dataclass(kind) and "simulator" in kind.__module__]


def is_long(kind: type) -> bool:
    """Whether its `repr` is the dataclass's own and prints a field of arrays."""
    if kind.__repr__.__module__ == short_repr.__module__ or not getattr(kind, "__dataclass_params__").repr:  # noqa: B009
        return False
    shown = [str(field.type) for field in dataclasses.fields(kind) if field.repr]  # type: ignore[arg-type]
    return any(word in text for text in shown for word in ARRAYS)


def test_no_class_prints_its_arrays() -> None:
    every = list_dataclasses()
    assert len(every) > 250
    assert [f"{kind.__module__}.{kind.__name__}" for kind in every if is_long(kind)] == []


def test_a_class_that_prints_its_arrays_is_noticed() -> None:
    wide = dataclasses.make_dataclass("Wide", [("values", "Floats")])
    assert is_long(wide) and not is_long(short_repr(wide))
