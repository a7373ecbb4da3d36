"""Writes messages to stderr without ever failing: services have no stderr, and a pipe may be closed."""

from __future__ import annotations

import sys
import unicodedata
from contextlib import suppress

from simulator.common.characters import INVISIBLE


def remove_unprintable(text: str) -> str:
    """Text that any screen can show, without control characters, which could take control of a terminal.

    Every kind of space becomes an ordinary one, and invisible characters are dropped. Messages about invisible
    characters name them (`make_visible`).
    """
    return "".join(c if c.isprintable() or c == "\n" else _replace_unprintable(c) for c in text)


def _replace_unprintable(character: str) -> str:
    category = unicodedata.category(character)
    return " " if category == "Zs" else "" if character in INVISIBLE else "\ufffd"


def say(text: str) -> None:
    """Write a message to stderr, if there is one."""
    with suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(remove_unprintable(text) + "\n")
        sys.stderr.flush()
