"""What every command does around its own work: it refuses to write over its input, and logs how it went."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from simulator.commands.shared.option_parsing import read_simply
from simulator.commands.shared.options import text_option
from simulator.common.environment import check_environment
from simulator.common.errors import InputError, RingfenceError
from simulator.common.event_log import Level, is_log_open, log_event, log_failure, stop_log, write_log
from simulator.common.paths import expand_path
from simulator.common.pinned_names import split_pin

WRITTEN = ("out", "pdf", "xlsx", "claim", "export", "log", "log_file")
"""The options that name files to be written."""

LogLevel = Annotated[
    Level | None,
    typer.Option(
        "--log-level",
        help="Keep a log of events of this level and above. Default: info, if --log-file is given.",
    ),
]
LogFile = Annotated[
    Path | None,
    text_option("--log-file", "FILE", "Add the log to this file; without it, it goes to stderr."),
]

PluginFile = Annotated[
    str | None,
    text_option("--plugin", "FILE.py", "Run the model with the mechanism in this file; see: ringfence plugin --help"),
]

_TOP_OPTIONS = ("--log-level", "--log-file", "--plugin")
_LOG = "ringfence.log"


def top_options_first(words: Sequence[str]) -> list[str]:
    """The words of a command line with the options of every command, wherever they stand, before its name."""
    first: list[str] = []
    rest: list[str] = []
    left = iter(words)
    for word in left:
        if word == "--":
            rest += [word, *left]
        elif word.partition("=")[0] in _TOP_OPTIONS:
            first += [word] if "=" in word else [word, *islice(left, 1)]
        else:
            rest.append(word)
    return [*first, *rest]


def keep_log_options(ctx: typer.Context, level: Level | None, file: Path | None) -> None:
    """Note which log the command that follows shall keep."""
    if level is not None or file is not None:
        ctx.meta[_LOG] = (level or Level.INFO, file)


class Command(TyperCommand):
    """A command that refuses empty options and to write over its own input, and keeps a log where one is asked for."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        read_simply(self.get_params(ctx))
        refuse_empty(self, ctx, args)
        return list(super().parse_args(ctx, args))

    def invoke(self, ctx: Any) -> Any:
        check_environment()
        log = ctx.meta.get(_LOG)
        refuse_own_input({**ctx.params, "log_file": log and log[1]})
        if log is None:
            return self._logged(ctx)
        write_log(*log)
        try:
            return self._logged(ctx)
        finally:
            stop_log()

    def _logged(self, ctx: Any) -> Any:
        with CommandLog("-".join(ctx.command_path.split()[1:])):
            return super().invoke(ctx)


class Group(TyperGroup):
    """Several commands under one name."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        read_simply(self.get_params(ctx))
        return list(super().parse_args(ctx, args))


class CommandLog:
    """Log that a command began, and how it ended; a fault gets a number, which its error carries as `log_number`."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __enter__(self) -> None:
        self.started = time.monotonic()
        log_event("command-started", {"command": self.command})

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        facts: dict[str, str | int] = {"command": self.command, "seconds": round(time.monotonic() - self.started)}
        code = getattr(error, "exit_code", None)
        if error is None or code == 0:
            log_event("command-done", facts)
        elif isinstance(error, (KeyboardInterrupt, SystemExit)) or code == 130:
            log_event("command-stopped", facts, Level.WARNING)
        elif code is not None or isinstance(error, (RingfenceError, OSError, MemoryError, typer.Abort)):
            log_event("command-refused", {**facts, "error": type(error).__name__}, Level.WARNING)
        elif is_log_open():
            import secrets

            error.log_number = secrets.token_hex(3)  # type: ignore[attr-defined]
            log_failure({**facts, "number": error.log_number}, error)  # type: ignore[attr-defined]


def refuse_empty(command: Any, ctx: Any, args: Sequence[str]) -> None:
    """Refuse an option or a name that is given as an empty text, which would pass for one that is left out, or for
    this folder. Raises BadParameter.
    """
    written, _, _ = command.make_parser(ctx).parse_args(list(args))
    for parameter in command.get_params(ctx):
        value = written.get(parameter.name)
        texts = value if isinstance(value, (list, tuple)) else (value,)
        if any(isinstance(text, str) and not text.strip() for text in texts):
            raise typer.BadParameter(
                "an empty text (a variable of the shell that is not set?); give it a value or leave it out",
                ctx,
                parameter,
            )


def refuse_own_input(given: Mapping[str, object]) -> None:
    """Refuse a file to write that is also named elsewhere, under any name or link. Raises InputError."""
    named = [(option, path) for option, value in given.items() for path in _list_paths(value)]
    for option, target in named:
        if option not in WRITTEN:
            continue
        for other, path in named:
            if other != option and _are_same(target, path):
                both = "two files to be written" if other in WRITTEN else "an input of this command"
                raise InputError(f"{target} is {both}; give --{option.replace('_', '-')} another name")


def _list_paths(value: object) -> Iterator[Path]:
    """Every path that an argument may name: also the parts of a+b, the file of NAME=FILE, and FILE of a pinned one."""
    from simulator.scenarios.library import split_stack

    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _list_paths(item)
    elif isinstance(value, Path):
        yield value
    elif isinstance(value, str) and value:
        names = (value, *value.split("+"), *split_stack(value))
        files = (split_pin(part)[0] for text in names for part in (text, text.partition("=")[2]))
        yield from {Path(file) for file in files if file}


def _are_same(path: Path, other: Path) -> bool:
    try:
        path, other = expand_path(path), expand_path(other)
        return path.samefile(other) and not path.is_dir()
    except (OSError, ValueError):  # one of them is not there: then only the same name can be the same file
        return os.path.realpath(path) == os.path.realpath(other)
