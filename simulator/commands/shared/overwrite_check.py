"""What a command reads is never what it writes: a file that is given twice is refused before any work is done."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from typer.core import TyperCommand

from simulator.common.errors import InputError
from simulator.common.paths import expand_path

WRITTEN = ("out", "pdf", "export", "log")
"""The options that name files to be written."""


class Command(TyperCommand):
    """A command that refuses to write over its own input."""

    def invoke(self, ctx: Any) -> Any:
        refuse_own_input(ctx.params)
        return super().invoke(ctx)


def refuse_own_input(given: Mapping[str, object]) -> None:
    """Refuse a file to write that is also named elsewhere, under any name or link. Raises InputError."""
    named = [(option, path) for option, value in given.items() for path in _paths(value)]
    for option, target in named:
        if option not in WRITTEN:
            continue
        for other, path in named:
            if other != option and _same(target, path):
                both = "two files to be written" if other in WRITTEN else "an input of this command"
                raise InputError(f"{target} is {both}; give --{option} another name")


def _paths(value: object) -> Iterator[Path]:
    """Every path that an argument may name: also the parts of a+b, and the file of NAME=FILE."""
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _paths(item)
    elif isinstance(value, Path):
        yield value
    elif isinstance(value, str) and value:
        yield from {
            Path(part) for text in (value, *value.split("+")) for part in (text, text.partition("=")[2]) if part
        }


def _same(one: Path, other: Path) -> bool:
    try:
        one, other = expand_path(one), expand_path(other)
        return one.samefile(other) and not one.is_dir()
    except (OSError, ValueError):  # one of them is not there: then only the same name can be the same file
        return os.path.realpath(one) == os.path.realpath(other)
