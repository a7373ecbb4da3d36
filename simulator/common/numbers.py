"""Reads numbers, whole numbers, seeds and switches in the same way wherever a user types one.

Each function takes text, or a value from a notebook, and returns a plain number. Each raises `NotReadableError`
with a message that begins with what was typed: "'0,5' is not a number; write 0.5".
"""

from __future__ import annotations

import math
import numbers
import re
from dataclasses import dataclass

from simulator.common.characters import make_visible, normalise_text
from simulator.common.errors import InputError

MOST_SEED = 2**64 - 1
"""The largest seed; the smallest is 0."""

_ON = frozenset(("on", "true", "yes"))
_OFF = frozenset(("off", "false", "no"))
_PLAIN_NUMBER = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_GROUPED = r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?"
_NUMBER = re.compile(rf"(?P<sign>[+-]?) ?(?P<digits>{_GROUPED}|{_PLAIN_NUMBER}) ?(?P<percent>%|points?\b)?")
_COUNT = re.compile(r"(?P<digits>[0-9]+(?:\.[0-9]+)?) ?(?P<times>[kKmM])")
_DECIMAL_COMMA = re.compile(r"([+-]?[0-9]*),([0-9]+)")
_TIMES = {"k": 1_000, "m": 1_000_000}
_EXACT = 2**53
_LONGEST_WHOLE = 400


class NotReadableError(InputError):
    """The text cannot be read. The message is a whole sentence, without file or line."""


@dataclass(frozen=True)
class WrittenNumber:
    """A number as typed: `value` ignores a percent sign or the word points; `percent` says whether there was one."""

    value: float
    percent: bool


def read_number(given: object) -> WrittenNumber:
    """Read a number and the percent sign that may follow it. Raises NotReadableError."""
    if isinstance(given, str):
        return _read_text(given)
    if isinstance(given, bool) or not isinstance(given, numbers.Real):
        raise NotReadableError(f"{_quote(given)} is not a number")
    return WrittenNumber(float(given), False)


def _read_text(given: str) -> WrittenNumber:
    text = normalise_text(given)
    found = _NUMBER.fullmatch(text)
    if found is None:
        comma = _DECIMAL_COMMA.fullmatch(text)
        hint = f"; write {comma[1] or '0'}.{comma[2]}, with a point" if comma else ""
        raise NotReadableError(f"{_quote(given)} is not a number{hint}")
    value = float(found["sign"] + found["digits"].replace(",", ""))
    return WrittenNumber(value + 0.0, bool(found["percent"]))  # turns -0 into 0


def parse_number(given: object, *, of_hundred: bool = False) -> float:
    """A finite number. 22% and 22 points are 0.22, or 22 if `of_hundred`. Raises NotReadableError."""
    written = read_number(given)
    if not math.isfinite(written.value):
        raise NotReadableError(f"{_quote(given)} is {'not a' if math.isnan(written.value) else 'too large a'} number")
    return written.value / 100 if written.percent and not of_hundred else written.value


def parse_share(given: object) -> float:
    """A share from 0 to 1, also written as a percentage. Raises NotReadableError: write 22% or 0.22, not 22."""
    value = parse_number(given)
    if 0 <= value <= 1:
        return value
    hint = f": {value:g}% is {value / 100:g}" if 2 <= value <= 100 else ""
    raise NotReadableError(f"{_quote(given)} is not a share from 0 to 1{hint}")


def parse_number_between(given: object, low: float, high: float) -> float:
    """A finite number from `low` to `high`. Raises NotReadableError."""
    value = parse_number(given)
    if low <= value <= high:
        return value
    hint = f": {value:g}% is {value / 100:g}" if (low, high) == (0, 1) and 2 <= value <= 100 else ""
    raise NotReadableError(f"{_quote(given)} is not {_describe_range(low, high)}{hint}")


def parse_whole(given: object, low: int = 0, high: int | None = None, what: str = "") -> int:
    """A whole number from `low` to `high`: 1000, 1,000, 1e3 or 1000.0, and 10k or 2m. Raises NotReadableError.

    `what` begins the message, where nothing else says what the number is.
    """
    value = _parse_whole_or_none(given)
    if value is None or value < low or (high is not None and value > high):
        begin = f"{what}: " if what else ""
        raise NotReadableError(f"{begin}{_quote(given)} is not a whole number {_describe_range(low, high)}")
    return value


def _parse_whole_or_none(given: object) -> int | None:
    if isinstance(given, numbers.Integral) and not isinstance(given, bool):
        return int(given)
    if isinstance(given, str):
        text = normalise_text(given[: _LONGEST_WHOLE + 1]).replace("_", "")
        if re.fullmatch(r"[+-]?[0-9]{1,40}", text):
            return int(text)
        if found := _COUNT.fullmatch(text):
            value = float(found["digits"]) * _TIMES[found["times"].lower()]
            return int(value) if value.is_integer() else None
    else:
        text = ""
    try:
        written = read_number(text or given)
    except NotReadableError:
        return None
    if written.percent or not written.value.is_integer():
        return None
    if abs(written.value) < _EXACT:
        return int(written.value)
    digits = text.replace(",", "")  # a long number with commas, which a float would round
    return int(digits) if re.fullmatch(r"[0-9]{1,40}", digits) else None


def parse_seed(given: object) -> int:
    """The seed of all random draws: a whole number from 0 to 2^64 - 1. Raises NotReadableError."""
    value = _parse_whole_or_none(given)
    if value is None or not 0 <= value <= MOST_SEED:
        raise NotReadableError(f"{_quote(given)} is not a seed; write a whole number from 0 to {MOST_SEED}")
    return value


def parse_switch(given: object) -> bool:
    """On or off, also true and false, yes and no, 1 and 0; capitals do not count. Raises NotReadableError."""
    if isinstance(given, bool):
        return given
    word = normalise_text(given).casefold() if isinstance(given, str) else given
    if word in _ON or word in (1, "1"):
        return True
    if word in _OFF or word in (0, "0"):
        return False
    raise NotReadableError(f"{_quote(given)} is neither on nor off; write on, off, true, false, yes or no")


def parse_switch_word(given: str) -> bool | None:
    """True or False for a word that means on or off, or None for any other, numbers included."""
    word = normalise_text(given).casefold()
    return True if word in _ON else False if word in _OFF else None


def _describe_range(low: float, high: float | None) -> str:
    if high is None:
        return f"of {low:,} or more"
    return f"from {_format_bound(low)} to {_format_bound(high)}"


def _format_bound(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def _quote(given: object) -> str:
    return f"'{make_visible(given)}'" if isinstance(given, str) else make_visible(repr(given))
