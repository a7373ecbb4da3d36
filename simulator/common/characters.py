"""Handles characters that look alike or cannot be seen: replaces them by what they stand for, or names them."""

from __future__ import annotations

import re
import unicodedata

_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
_FULL_WIDTH = range(0xFF01, 0xFF5F)
_SHOWN_LENGTH = 40
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\u2028\u2029\ufffe\uffff]")


def normalise_text(text: str) -> str:
    """Text as typed on a keyboard: every dash and minus as '-', every space as ' ', full-width forms as ASCII.

    Zero-width characters and byte order marks are dropped, runs of spaces become one, and the ends are stripped.
    """
    return " ".join("".join(map(_normalise_character, text)).split())


def _normalise_character(character: str) -> str:
    if character.isascii():
        return character
    if character in INVISIBLE:
        return ""
    if character in _DASHES:
        return "-"
    if ord(character) in _FULL_WIDTH:
        return chr(ord(character) - 0xFEE0)
    return " " if unicodedata.category(character) == "Zs" else character


def remove_invisible(text: str) -> str:
    """Text without zero-width characters, and with ordinary spaces only; dashes and letters are kept."""
    seen = (c for c in text if c not in INVISIBLE)
    return " ".join("".join(" " if unicodedata.category(c) == "Zs" else c for c in seen).split())


def make_visible(text: object, longest: int = _SHOWN_LENGTH) -> str:
    """What a user typed, for a message: cut short, and with invisible characters replaced by their names."""
    words = str(text) if not isinstance(text, str) else text
    clipped = words if len(words) <= longest else f"{words[:longest]}..."
    return "".join(map(name_if_invisible, clipped))


def name_if_invisible(character: str) -> str:
    """A character that can be printed as it is; any other one as its name in angle brackets."""
    if character.isprintable():
        return character
    name = unicodedata.name(character, "").lower() or f"character U+{ord(character):04X}"
    return f"<{name}>"


def remove_controls(text: str) -> str:
    """Text in which a space replaces each character that XML and PDF files cannot contain."""
    return _CONTROLS.sub(" ", text)
