"""Suggests the name that was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from simulator.common.characters import normalise_text

LONGEST = 60
"""Longer words are compared by their beginning: the comparison takes the square of their length."""


def find_nearest(word: object, known: Iterable[str], most: int = 1, likeness: float = 0.6) -> list[str]:
    """The known names most like a word, nearest first; capitals, spaces and hyphens do not count. May be empty."""
    spelt: dict[str, str] = {}
    for name in known:
        spelt.setdefault(_fold(name), name)
    found = get_close_matches(_fold(str(word)[:LONGEST]), spelt, most, likeness)
    return [spelt[name] for name in found]


def _fold(name: str) -> str:
    return normalise_text(name).casefold().replace(" ", "_").replace("-", "_")


def did_you_mean(word: object, known: Iterable[str], most: int = 1, likeness: float = 0.6) -> str:
    """A question that offers the nearest names; empty where there is none."""
    near = [f"'{name}'" for name in find_nearest(word, known, most, likeness)]
    return f"did you mean {' or '.join(near)}?" if near else ""


def suggest(word: object, known: Iterable[str]) -> str:
    """The end of an error message: the nearest known name after a semicolon, or nothing."""
    question = did_you_mean(word, known)
    return f"; {question}" if question else ""
