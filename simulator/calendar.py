"""Financial years and quarters: index 0 is 2022/23 Q1 (April to June 2022)."""

from __future__ import annotations

import datetime as dt
import re

FIRST_YEAR = 2022
YEARS = 8
QUARTERS = 4 * YEARS
NEVER = 1_000_000

_YEAR = re.compile(r"(20\d\d)/(\d\d)")
_QUARTER = re.compile(r"(20\d\d)/(\d\d)\s+Q([1-4])")


def year_name(year: int) -> str:
    """Name of year index `year`: 0 is 2022/23."""
    first = FIRST_YEAR + year
    return f"{first}/{(first + 1) % 100:02d}"


def quarter_name(quarter: int) -> str:
    """Name of quarter index `quarter`: 0 is 2022/23 Q1."""
    return f"{year_name(quarter // 4)} Q{quarter % 4 + 1}"


def parse_year(text: str) -> int:
    """Year index of a name such as 2023/24. Raises ValueError with an example when it cannot be read."""
    found = _YEAR.fullmatch(text.strip())
    if not found or (int(found[1]) + 1) % 100 != int(found[2]):
        raise ValueError(f"'{text}' is not a financial year; write it like 2023/24")
    return int(found[1]) - FIRST_YEAR


def parse_quarter(text: str) -> int:
    """Quarter index of a name such as 2023/24 Q3; a year alone means its Q1. Raises ValueError."""
    found = _QUARTER.fullmatch(text.strip())
    if not found:
        try:
            return 4 * parse_year(text)
        except ValueError:
            raise ValueError(f"'{text}' is not a quarter; write it like 2023/24 Q3") from None
    return 4 * parse_year(f"{found[1]}/{found[2]}") + int(found[3]) - 1


def quarter_of(day: dt.date) -> int:
    """Index of the quarter that holds a day; negative before April 2022."""
    return 4 * (day.year - FIRST_YEAR) + (day.month - 4) // 3
