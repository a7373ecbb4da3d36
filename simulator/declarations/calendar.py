"""Financial years and quarters: index 0 is 2022/23 Q1 (April to June 2022). Reads and writes their names."""

from __future__ import annotations

import datetime as dt
import re
from numbers import Integral

from simulator.common.characters import make_visible, normalise_text
from simulator.common.numbers import NotReadableError

FIRST_YEAR = 2022
YEARS = 8
QUARTERS = 4 * YEARS
NEVER = 1_000_000
OPEN_END = 10_000
POLICY_START = 20
"""The quarter in which policies start unless they say otherwise: 2027/28 Q1."""

_YEAR = r"(?:FY ?)?(20[0-9][0-9]) ?[/-] ?((?:20)?[0-9][0-9])"
_ONE_YEAR = re.compile(_YEAR, re.IGNORECASE)
_QUARTER = re.compile(rf"{_YEAR}(?: ?[,:-]? ?)Q ?([1-4])", re.IGNORECASE)
_QUARTER_FIRST = re.compile(rf"Q ?([1-4]) ?,? ?(?:of )?{_YEAR}", re.IGNORECASE)
_SPAN = re.compile(rf"(?:from )?{_YEAR} ?(?:-|to|until|till|through) ?{_YEAR}", re.IGNORECASE)
_OPEN_SPAN = re.compile(rf"(?:from {_YEAR}|{_YEAR} ?(?:-|on|onwards?))", re.IGNORECASE)
_LONE_YEAR = re.compile(r"(20[0-9][0-9])(?: ?[,:-]? ?Q ?([1-4]))?|Q ?([1-4]) ?(20[0-9][0-9])", re.IGNORECASE)
_LONGEST = 60


def year_name(year: int) -> str:
    """Name of year index `year`: 0 is 2022/23."""
    first = FIRST_YEAR + year
    return f"{first}/{(first + 1) % 100:02d}"


def quarter_name(quarter: int) -> str:
    """Name of quarter index `quarter`: 0 is 2022/23 Q1."""
    return f"{year_name(quarter // 4)} Q{quarter % 4 + 1}"


def span_name(first: int, last: int) -> str:
    """A span of year indices, both included, as people say it: 2027/28 to 2029/30, or one year."""
    return year_name(first) if first == last else f"{year_name(first)} to {year_name(last)}"


def parse_year(text: object) -> int:
    """Year index of a name such as 2023/24, also 2023-24 or 2023/2024. Raises ValueError with an example."""
    match = _ONE_YEAR.fullmatch(_clean_date(text))
    year = _find_year(match[1], match[2]) if match else None
    if year is None:
        raise NotReadableError(
            f"{_quote(text)} is not a financial year; write it like 2023/24{_ask_what_was_meant(text, False)}"
        )
    return year


def parse_quarter(text: object) -> int:
    """Quarter index of a name such as 2023/24 Q3, also Q3 2023-24; a year alone means its Q1. Raises ValueError."""
    words = _clean_date(text)
    year: int | None = None
    quarter = 1
    if match := _QUARTER.fullmatch(words):
        year, quarter = _find_year(match[1], match[2]), int(match[3])
    elif match := _QUARTER_FIRST.fullmatch(words):
        year, quarter = _find_year(match[2], match[3]), int(match[1])
    elif match := _ONE_YEAR.fullmatch(words):
        year = _find_year(match[1], match[2])
    if year is None:
        raise NotReadableError(
            f"{_quote(text)} is not a quarter; write it like 2023/24 Q3{_ask_what_was_meant(text, True)}"
        )
    return 4 * year + quarter - 1


def quarter_index(given: object) -> int:
    """Quarter index of a name, or of an index itself as code gives it. Raises ValueError."""
    if isinstance(given, Integral) and not isinstance(given, bool):
        return int(given)
    return parse_quarter(given)


def names_a_quarter(text: str) -> bool:
    """True for text that names a quarter of a year rather than a year alone."""
    return "q" in normalise_text(text).lower()


def parse_years(text: object) -> slice:
    """A span of years: "2027/28", "2024/25-2029/30", "2024/25 to 2029/30", or with an open end "2027/28-".

    One year may be written "2027-28" and "2027/2028", too. Dashes of every kind are taken. Raises ValueError.
    """
    words = _clean_date(text)
    start: int | None = None
    stop: int | None = None
    if match := _ONE_YEAR.fullmatch(words):
        start = stop = _find_year(match[1], match[2])
    elif match := _SPAN.fullmatch(words):
        start, stop = _find_year(match[1], match[2]), _find_year(match[3], match[4])
    elif match := _OPEN_SPAN.fullmatch(words):
        start, stop = _find_year(match[1] or match[3], match[2] or match[4]), OPEN_END
    if start is None or stop is None:
        raise NotReadableError(
            f"{_quote(text)} is not a span of years; write it like 2027/28-2029/30{_ask_what_was_meant(text, False)}"
        )
    if start < 0 or stop < start:
        why = "begins before 2022/23" if start < 0 else "ends before it begins"
        raise NotReadableError(f"{_quote(text)} is not a span of years: it {why}; write it like 2027/28-2029/30")
    return slice(start, stop + 1)


def quarter_of(day: dt.date) -> int:
    """Index of the quarter that holds a day; negative before April 2022."""
    return 4 * (day.year - FIRST_YEAR) + (day.month - 4) // 3


def _clean_date(text: object) -> str:
    """Plain text to read a date from; empty for anything that is not text, or is far too long."""
    return normalise_text(text) if isinstance(text, str) and len(text) <= _LONGEST else ""


def _find_year(first: str, second: str) -> int | None:
    """Year index of a financial year's two calendar years, or None if the second does not follow the first."""
    follows = int(second) == int(first) + 1 if len(second) == 4 else int(second) == (int(first) + 1) % 100
    return int(first) - FIRST_YEAR if follows else None


def _ask_what_was_meant(text: object, quarter: bool) -> str:
    """Ask which financial year or quarter a calendar year or quarter was meant to be; empty if it is neither."""
    words = _clean_date(text) if isinstance(text, str) else str(text)
    match = _LONE_YEAR.fullmatch(words)
    if not match:
        return ""
    first = int(match[1] or match[4])
    name = f"{first}/{(first + 1) % 100:02d}"
    which = match[2] or match[3]
    if which and quarter:
        months = ("April to June", "July to September", "October to December", "January to March")[int(which) - 1]
        return f"; did you mean {name} Q{which}, {months} {first + (which == '4')}?"
    return f"; did you mean {name}, April {first} to March {first + 1}?"


def _quote(text: object) -> str:
    return f"'{make_visible(text)}'" if isinstance(text, str) else make_visible(repr(text))
