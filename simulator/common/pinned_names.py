"""Pinned names: `mine.yaml@1f2e3d4c5b6a7988` is the file mine.yaml, if its content has this fingerprint.

The name says where to look, and the fingerprint says which content is meant. Commands that Ringfence prints for reuse
name files in this way, so that a different file with the same name is refused.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

from simulator.common.errors import InputError
from simulator.common.numbers import NotReadableError

_PINNED = re.compile(r"(.+)@([0-9a-f]{16})", re.DOTALL)


class OtherContentError(InputError):
    """The name exists, but its content has a different fingerprint."""


def pin_name(name: str, fingerprint: str) -> str:
    """A name together with the fingerprint of its content."""
    return f"{name}@{fingerprint}"


def split_pin(text: str) -> tuple[str, str]:
    """Split a name from its fingerprint, which is "" if there is none."""
    match = _PINNED.fullmatch(text)
    return (match[1], match[2]) if match else (text, "")


def check_pin(what: str, name: str, wanted: str, fingerprint: str) -> None:
    """Refuse content with another fingerprint. `what` is "scenario" or "table of boards". Raises OtherContentError."""
    if wanted and fingerprint != wanted:
        raise OtherContentError(
            f"{name} is not the {what} asked for: its fingerprint is {fingerprint}, not {wanted}. "
            f"Find the file with that fingerprint, or leave out '@{wanted}' to use this one"
        )


@contextmanager
def naming_fingerprint(what: str, wanted: str) -> Iterator[None]:
    """While a file name is being read: add the fingerprint that was asked for to any error about the name."""
    try:
        yield
    except NotReadableError as error:
        if not wanted:
            raise
        raise NotReadableError(f"{error}; the {what} asked for has the fingerprint {wanted}") from None


def format_file_argument(text: str, endings: tuple[str, ...] = ("",)) -> str:
    """A file name as a command argument that cannot be mistaken for an option or for a library scenario.

    `endings` are those by which the command recognises a file. Returns "" for a name that no command line can hold.
    """
    if not text.isprintable():
        return ""
    words = text.replace("\\", "/") if os.sep == "\\" else text
    known = words.endswith(endings) or "/" in words
    return words if known and not words.startswith("-") else f"./{words}"
