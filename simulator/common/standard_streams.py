"""Messages to stderr that can never fail: services and windowed programs have no stderr, and a pipe may be closed."""

from __future__ import annotations

import sys
from contextlib import suppress


def clean(text: str) -> str:
    """Text without control characters, so that no file can steer somebody's terminal."""
    return "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text)


def say(text: str) -> None:
    """A message on stderr, if there is one that takes it."""
    with suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(clean(text) + "\n")
        sys.stderr.flush()
