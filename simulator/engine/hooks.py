"""The points where a plug-in adds to what kernels compute. For the model alone every one of them changes nothing.

Which functions these are is settled when this module is imported. A kernel calls them with a record of boards, a lane,
and the quarter's levers and the parameters; a hook that no plug-in fills hands back the pull that it was given, and
compilers leave nothing of it. A pull of 0 leaves a total as it is, to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from simulator.declarations.draw_ids import Event
from simulator.declarations.plugin import find_plugin
from simulator.declarations.plugin_file import Plugin
from simulator.declarations.plugin_interface import (
    GROUP,
    HOOKS,
    YEAR_END,
    Board,
    Year,
    name_draw,
    name_pull,
    name_state,
)
from simulator.engine.held import hold
from simulator.engine.philox import draw

POOLED = {
    "chief": "acting_chief",
    "finance": "acting_finance",
    "committee": "acting_committee",
    "relations": "pool_relations",
    "agency": "pool_agency",
    "knowhow": "pool_knowhow",
    "custom": "custom",
    "habit": "habit",
    "capacity": "capacity",
    "gap": "gap",
    "net": "pool_net",
    "visible": "pool_visible",
}
"""Where a board that decides for its members finds what `Board` says of it."""

OWN = {name: column.removeprefix("pool_") for name, column in POOLED.items()}
"""The same of an area by itself."""

OF_YEAR = {name: ("r" if name in ("front", "additional") else "b", name) for name in Year._fields}
_OPTIONS: Any = {"forceinline": True, "no_cfunc_wrapper": True, "_nrt": False, "error_model": "numpy"}

Add = Callable[[float, Any, int, Any, Any], float]
Fill = Callable[[Any, int, Any, int, Any, Any], int]


def _write(hook: str, plugin: Plugin | None) -> tuple[str, str]:
    """The source of the functions that add a hook's pull to a total, and that write it down and count it."""
    if plugin is None or hook not in plugin.functions:
        return "def add(total, b, i, lv, p):\n    return total\n", "def fill(place, at, b, i, lv, p):\n    return 0\n"
    columns = POOLED if HOOKS[hook].pooled else OWN
    ask = f"extra = ask({_list_arguments(plugin, hook, columns)})"
    return (
        f"def add(total, b, i, lv, p):\n    {ask}\n    return total + extra if extra != 0.0 else total\n",
        f"def fill(place, at, b, i, lv, p):\n    {ask}\n    place[at] = extra\n    return 1\n",
    )


def _list_arguments(plugin: Plugin, name: str, columns: dict[str, str]) -> str:
    """The arguments of a plug-in's function by position, made of a record, a lane, levers and parameters."""
    code = plugin.functions[name].__code__
    given = {
        "board": f"Board({', '.join(f'b.{column}[i]' for column in columns.values())})",
        "year": f"Year({', '.join(f'{record}.{column}[i]' for record, column in OF_YEAR.values())})",
        "state": f"State({', '.join(f'b.{name_state(name)}[i]' for name in plugin.state)})",
        "draws": f"Draws({', '.join(f'b.{name_draw(name)}[i]' for name in plugin.draws)})",
        "levers": f"hold(Levers, lv.{GROUP})",
        "numbers": f"hold(Numbers, p.{GROUP})",
    }
    return ", ".join(given[argument] for argument in code.co_varnames[: code.co_argcount])


def _write_state(plugin: Plugin | None) -> tuple[str, str]:
    """The source of the functions that start an area's state, and that change it when a year has closed."""
    if plugin is None or not plugin.state:
        return "def start(b, i):\n    pass\n", "def close(b, r, i, lv, p):\n    pass\n"
    starts = "\n".join(f"    b.{name_state(name)}[i] = {value!r}" for name, value in plugin.state.items())
    kept = "\n".join(f"    b.{name_state(name)}[i] = new.{name}" for name in plugin.state)
    ask = _list_arguments(plugin, YEAR_END, OWN)
    return f"def start(b, i):\n{starts}\n", f"def close(b, r, i, lv, p):\n    new = ask({ask})\n{kept}\n"


def _write_draws(plugin: Plugin | None) -> str:
    """The source of the function that draws the plug-in's random numbers of a quarter for a record of boards."""
    lines = [] if plugin is None else [f"draw(b.{name_draw(n)}, key, q, {i}, first)" for n, i in plugin.draws.items()]
    return "def take(b, key, q, first):\n" + "".join(f"    {line}\n" for line in lines or ["pass"])


def _make(source: str, name: str, plugin: Plugin | None, asked: str) -> Any:
    known: dict[str, Any] = {"hold": hold, "draw": draw, "Board": Board, "Year": Year}
    if plugin is not None:
        kinds = {kind: getattr(plugin.module, kind, None) for kind in ("State", "Draws", "Levers", "Numbers")}
        known |= {**kinds, "ask": plugin.functions.get(asked)}
    exec(source, known)
    return known[name]


def _make_pull(hook: str) -> Any:
    """The group of one pull that a decision keeps among its reasons."""
    return NamedTuple(f"Plugin{hook.title()}", [(name_pull(hook), float)])


_PLUGIN = find_plugin()
FILLED = () if _PLUGIN is None else tuple(hook for hook in HOOKS if hook in _PLUGIN.functions)
"""The hooks that the plug-in fills, in order."""

PULLS = {hook: _make_pull(hook) for hook in FILLED}
_ADD: dict[str, Add] = {hook: _make(_write(hook, _PLUGIN)[0], "add", _PLUGIN, hook) for hook in HOOKS}
_FILL: dict[str, Fill] = {hook: _make(_write(hook, _PLUGIN)[1], "fill", _PLUGIN, hook) for hook in HOOKS}

add_protect, add_plan, add_raid = _ADD["protect"], _ADD["plan"], _ADD["raid"]
add_leave, add_speed, add_offset = _ADD["leave"], _ADD["speed"], _ADD["offset"]
fill_protect, fill_plan, fill_raid = _FILL["protect"], _FILL["plan"], _FILL["raid"]
fill_leave, fill_offset = _FILL["leave"], _FILL["offset"]
start_state: Callable[[Any, int], None] = _make(_write_state(_PLUGIN)[0], "start", _PLUGIN, YEAR_END)
close_state: Callable[[Any, Any, int, Any, Any], None] = _make(_write_state(_PLUGIN)[1], "close", _PLUGIN, YEAR_END)
take_draws: Callable[[Any, Any, int, int], None] = _make(_write_draws(_PLUGIN), "take", _PLUGIN, YEAR_END)


def list_pulls(event: Event) -> tuple[Any, ...]:
    """The groups of the plug-in's pulls that a decision keeps, in order, behind those of the model."""
    return tuple(PULLS[hook] for hook in FILLED if event in HOOKS[hook].events)


def register() -> None:
    """Let kernels call the hooks, and these the plug-in's functions."""
    from numba.extending import register_jitable

    own = [] if _PLUGIN is None else [f for f in vars(_PLUGIN.module).values() if _is_own(f)]
    for function in (*own, *_ADD.values(), *_FILL.values(), start_state, close_state, take_draws):
        register_jitable(**_OPTIONS)(function)


def _is_own(value: object) -> bool:
    return (
        _PLUGIN is not None
        and callable(value)
        and getattr(value, "__module__", "") == _PLUGIN.module.__name__
        and (not isinstance(value, type))
    )
