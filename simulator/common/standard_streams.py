"""Messages to stderr that can never fail: services and windowed programs have no stderr, and a pipe may be closed."""

from __future__ import annotations

import sys
import unicodedata
from contextlib import suppress

from simulator.common.characters import INVISIBLE


def remove_unprintable(text: str) -> str:
    """Text that any screen can show: no control characters, which could steer somebody's terminal.

    Spaces of every width are printed as one, and what takes no room is left out: whoever must know of them names them.
    """
    return "".join(c if c.isprintable() or c == "\n" else _replace_unprintable(c) for c in text)


def _replace_unprintable(character: str) -> str:
    category = unicodedata.category(character)
    return " " if category == "Zs" else "" if character in INVISIBLE else "\ufffd"


def say(text: str) -> None:
    """A message on stderr, if there is one that takes it."""
    with suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(remove_unprintable(text) + "\n")
        sys.stderr.flush()
