"""The list of commands: a command's module is imported when the command is called, and not for the list of all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any, ClassVar

import typer
from typer.core import TyperCommand
from typer.main import get_command

from simulator.commands.shared.command import Command, Group
from simulator.commands.shared.option_parsing import read_as_everywhere
from simulator.commands.shared.plugins import list_added_commands

LOG_NOTE = "Every command also takes --log-file, --log-level and --plugin; see: ringfence --help"

Function = Callable[..., Any]


@dataclass(frozen=True)
class Entry:
    """Where a command is, and the line about it in the list, which is the first paragraph of its docstring.

    `attribute` names a function, or a `Typer` of several commands.
    """

    module: str
    attribute: str
    summary: str

    def load(self) -> Function | typer.Typer:
        function: Function | typer.Typer = getattr(import_module(self.module), self.attribute)
        return function


class ListedCommand(TyperCommand):
    """A command as the list of commands shows it, before anybody calls it."""

    def __init__(self, name: str, summary: str | None, load: Callable[[], Function | typer.Typer]) -> None:
        super().__init__(name, help=summary)
        self.load = load


class CommandList(Group):
    """Commands that are loaded when they are called. Those of other packages stand before the last `groups`."""

    entries: ClassVar[Mapping[str, Entry]] = {}
    groups: ClassVar[Mapping[str, Entry]] = {}
    _filled = False

    def list_commands(self, ctx: Any) -> list[str]:
        """The names, in the order of the list."""
        self._fill()
        return list(self.commands)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """What the list shows of one command."""
        if cmd_name not in self.commands:
            known = self.entries.get(cmd_name) or self.groups.get(cmd_name)
            if known is not None:
                return ListedCommand(cmd_name, known.summary, known.load)
            self._fill()
        return super().get_command(ctx, cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that is called, loaded."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, load_command(command) if isinstance(command, ListedCommand) else command, rest

    def load_all(self) -> dict[str, Any]:
        """Every command, loaded, by name."""
        self._fill()
        return {name: load_command(command) for name, command in self.commands.items()}  # type: ignore[arg-type]

    def _fill(self) -> None:
        if self._filled:
            return
        self._filled = True
        self.commands.clear()
        self._add((name, entry.summary, entry.load) for name, entry in self.entries.items())
        self._add((name, function.__doc__, partial(_give, function)) for name, function in list_added_commands())
        self._add((name, entry.summary, entry.load) for name, entry in self.groups.items())

    def _add(self, commands: Iterable[tuple[str, str | None, Callable[[], Function | typer.Typer]]]) -> None:
        for name, summary, load in commands:
            self.commands.setdefault(name, ListedCommand(name, summary, load))


def _give(function: Function) -> Function:
    return function


def load_command(listed: ListedCommand) -> Any:
    """The command itself, with its options; they are read as everywhere."""
    alone = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    loaded = listed.load()
    if not isinstance(loaded, typer.Typer):
        alone.command(listed.name)(loaded)
        _prepare(alone)
        return get_command(alone)
    _prepare(loaded)
    alone.add_typer(loaded, name=listed.name, cls=Group)
    return get_command(alone).commands[listed.name]  # type: ignore[attr-defined]


def _prepare(commands: typer.Typer) -> None:
    for registered in commands.registered_commands:
        if registered.callback is not None:
            read_as_everywhere(registered.callback)
            registered.cls = Command
            registered.epilog = LOG_NOTE
