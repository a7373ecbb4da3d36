"""Pinned names: `mine.yaml@1f2e3d4c5b6a7988` is the file mine.yaml as long as its content has this fingerprint.

A name alone says where to look; the fingerprint says what is meant. What is printed to be typed again names files this
way, so that another file of the same name is refused and not taken for the one that gave the numbers.
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
    """There is something of this name, but it is not what the fingerprint stands for."""


def pin_name(name: str, fingerprint: str) -> str:
    """A name together with the fingerprint of its content."""
    return f"{name}@{fingerprint}"


def split_pin(text: str) -> tuple[str, str]:
    """A name and its fingerprint, which is "" where none is given."""
    match = _PINNED.fullmatch(text)
    return (match[1], match[2]) if match else (text, "")


def check_pin(what: str, name: str, wanted: str, fingerprint: str) -> None:
    """Refuse other content than was meant. `what` is "scenario" or "table of boards". Raises OtherContentError."""
    if wanted and fingerprint != wanted:
        raise OtherContentError(
            f"{name} is not the {what} that is meant: its fingerprint is {fingerprint}, and {wanted} is asked for. "
            f"Find the file with that fingerprint, or leave out '@{wanted}' to use this one"
        )


@contextmanager
def naming_fingerprint(what: str, wanted: str) -> Iterator[None]:
    """While the name of a file is made out: what is wrong with it is said together with the fingerprint meant."""
    try:
        yield
    except NotReadableError as error:
        if not wanted:
            raise
        raise NotReadableError(f"{error}; the {what} that is meant has the fingerprint {wanted}") from None


def format_file_argument(text: str, endings: tuple[str, ...] = ("",)) -> str:
    """How a command names a file so that it is taken for one: not for an option, nor for a name of the library.

    `endings` are those by which the command knows a file. "" where no command can name it, as with control characters.
    """
    if not text.isprintable():
        return ""
    words = text.replace("\\", "/") if os.sep == "\\" else text
    known = words.endswith(endings) or "/" in words
    return words if known and not words.startswith("-") else f"./{words}"
