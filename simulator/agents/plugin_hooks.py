"""The plug-in's functions as a board of the Mesa model asks them; without a plug-in there is nothing to ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simulator.declarations.plugin import find_plugin
from simulator.declarations.plugin_file import Plugin
from simulator.declarations.plugin_interface import GROUP, HOOKS, YEAR_END, Year, name_draw, name_state
from simulator.declarations.plugin_interface import Board as Seen
from simulator.engine.hooks import OWN, POOLED, PULLS
from simulator.engine.philox import uniform

Pulls = tuple[Any, ...]


def add_pulls(total: float, pulls: Pulls) -> float:
    """A total of log-odds with a plug-in's pulls; a pull of 0 leaves it as it is, to the last bit."""
    for (extra,) in pulls:
        total = total + extra if extra != 0.0 else total
    return total


class PluginHooks:
    """The part of a board that asks the plug-in, in the words of `simulator.engine.hooks`."""

    model: Any
    index: int

    def ask_plugin(self, hook: str) -> Pulls:
        """What a hook adds to a decision of this board: one group of one pull, or nothing."""
        if hook not in PULLS:
            return ()
        plugin = find_plugin()
        assert plugin is not None
        columns = POOLED if HOOKS[hook].pooled else OWN
        return (PULLS[hook](self._call(plugin, hook, columns)),)

    def draw_for_plugin(self) -> None:
        """Draw the plug-in's random numbers of this quarter."""
        if (plugin := find_plugin()) is not None:
            for name, draw_id in plugin.draws.items():
                u = uniform(self.model.key, self.index, self.model.quarter, draw_id)
                setattr(self, name_draw(name), float(u))

    def start_state(self) -> None:
        """Begin with the state that the plug-in declares."""
        if (plugin := find_plugin()) is not None:
            self._keep_state(plugin.state)

    def close_state(self) -> None:
        """Change the state when a year has closed."""
        plugin = find_plugin()
        if plugin is not None and plugin.state:
            self._keep_state(self._call(plugin, YEAR_END, OWN)._asdict())

    def _keep_state(self, values: Any) -> None:
        for name, value in values.items():
            setattr(self, name_state(name), value)

    def _call(self, plugin: Plugin, name: str, columns: dict[str, str]) -> Any:
        function: Callable[..., Any] = plugin.functions[name]
        code = function.__code__
        makers: dict[str, Callable[[], Any]] = {
            "board": lambda: Seen(*(getattr(self, column) for column in columns.values())),
            "year": lambda: Year(*(getattr(self, column) for column in Year._fields)),
            "state": lambda: plugin.module.State(*(getattr(self, name_state(name)) for name in plugin.state)),
            "draws": lambda: plugin.module.Draws(*(getattr(self, name_draw(name)) for name in plugin.draws)),
            "levers": lambda: getattr(self.model.lv, GROUP),
            "numbers": lambda: getattr(self.model.p, GROUP),
        }
        return function(*(makers[argument]() for argument in code.co_varnames[: code.co_argcount]))
