"""Makes text safe for spreadsheets: whatever a policy is called, no cell of a table is run as a formula."""

from __future__ import annotations

import re
from typing import TypeVar

T = TypeVar("T")
_FORMULA = re.compile(r"[=+\-@\t\r＝＋－＠]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?(e[+-]?\d+)?%?", re.IGNORECASE)


def make_cell_safe(value: T) -> T | str:
    """A cell that no spreadsheet takes for a formula. Numbers, and text that is a number, are left as they are."""
    if not isinstance(value, str):
        return value
    text = value.replace("\r", " ").replace("\n", " ")
    plain = not (_FORMULA.match(value) or _FORMULA.match(text.lstrip())) or _NUMBER.fullmatch(text.strip())
    return text if plain else f"'{text}"


def make_line_safe(words: str) -> str:
    """A line of notes that holds no formula, even if a spreadsheet splits it into cells."""
    text = re.sub(r"[\r\n\t]+", " ", words)
    return re.sub(r"([,;\"]\s*)([=+\-@＝＋－＠])", r"\1'\2", text)
