"""The plug-in that this process runs with, if any: chosen before the model is imported, and never changed after it.

The numbers of a plug-in are declared beside those of the model, and its functions are compiled into the same kernels.
Neither can be done to a model that is there already, so a plug-in is chosen first: by `--plugin FILE`, by the variable
RINGFENCE_PLUGIN, or by `rf.plugins.load`. Processes that this one starts choose the same, by the variable, and
refuse a file whose content has changed.
"""

from __future__ import annotations

import os
import sys
from collections import namedtuple
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast, get_type_hints

from simulator.common.crate_folder import INGREDIENTS, CrateFile
from simulator.common.near_names import suggest
from simulator.common.paths import expand_path
from simulator.common.pinned_names import check_pin, pin_name, split_pin
from simulator.declarations.plugin_file import Plugin, PluginError, read_plugin
from simulator.declarations.plugin_interface import GROUP

VARIABLE = "RINGFENCE_PLUGIN"
MODEL = ("simulator.declarations.parameters", "simulator.declarations.levers")
T = TypeVar("T")


def choose_plugin(text: str | Path) -> Plugin:
    """Let this process, and those that it starts, run with the plug-in of a file, which may be pinned as FILE@DIGEST.

    Raises PluginError, OtherContentError for another content, and PluginError where the model is there without it.
    """
    name, wanted = split_pin(str(text))
    plugin = read_plugin(expand_path(name).absolute())
    check_pin("plug-in", name, wanted, plugin.digest)
    if any(module in sys.modules for module in MODEL):
        present = find_plugin()
        if present is not None and present.digest == plugin.digest:
            return present
        raise PluginError(
            f"{plugin.path.name} comes too late: this session has begun with "
            f"{'the model alone' if present is None else present.reference}. Start a new one (in a notebook: restart "
            "the kernel) and load the plug-in before anything else"
        )
    os.environ[VARIABLE] = pin_name(str(plugin.path), plugin.digest)
    find_plugin.cache_clear()
    chosen = find_plugin()
    assert chosen is not None
    return chosen


def suggest_declared(name: object, known: Iterable[str]) -> str:
    """The end of a message about a number or lever that is not declared: the nearest name, or that a plug-in may be
    missing; nothing where one is at work and no name is near.
    """
    missing = '; if a plug-in declares it, add --plugin FILE.py (in a notebook, begin with rf.plugins.load("FILE.py"))'
    return suggest(name, known) or ("" if find_plugin() else missing)


@cache
def find_plugin() -> Plugin | None:
    """The plug-in that was chosen; None for the model alone. Raises PluginError and OtherContentError."""
    text = os.environ.get(VARIABLE, "").strip()
    if not text:
        return None
    name, wanted = split_pin(text)
    plugin = read_plugin(expand_path(name).absolute())
    check_pin("plug-in", name, wanted, plugin.digest)
    os.environ[VARIABLE] = pin_name(str(plugin.path), plugin.digest)
    INGREDIENTS[plugin.path.name] = CrateFile(
        f"The plug-in “{plugin.title}”, without which nothing here can be made again", plugin.path.read_bytes()
    )
    return plugin


def refuse_plugin(what: str) -> None:
    """Refuse to make what a browser runs by itself. Raises PluginError where a plug-in was chosen."""
    plugin = find_plugin()
    if plugin is not None:
        raise PluginError(
            f"{what} cannot be made with the plug-in {plugin.path.name}: a page in a browser holds a model that was "
            "compiled beforehand, and cannot compile Python. Leave out --plugin, or use ringfence serve, report or "
            "compare with it"
        )


def extend(name: str) -> Callable[[type[T]], type[T]]:
    """Add a plug-in's group of this name (`Numbers` or `Levers`) to a NamedTuple of groups, as its last."""

    def add(whole: type[T]) -> type[T]:
        plugin = find_plugin()
        if plugin is None:
            return whole
        group = getattr(plugin.module, name)
        known = {field for kind in get_type_hints(whole).values() for field in kind._fields}
        if taken := [field for field in group._fields if field in known]:
            raise PluginError(f"{plugin.path}: {name}.{taken[0]} has the name of a number of the model; choose another")
        kinds = {**get_type_hints(whole), GROUP: group}
        made: Any = namedtuple(whole.__name__, kinds, defaults=[kind() for kind in kinds.values()])  # type: ignore[misc]
        made.__annotations__, made.__module__, made.__doc__ = kinds, whole.__module__, whole.__doc__
        return cast("type[T]", made)

    return add
