"""The units of numbers and outcomes."""

from __future__ import annotations

from enum import Enum


class Unit(Enum):
    """The units in use. A member's value is what people read."""

    SHARE = "share"
    CASES = "share of cases"
    STRENGTH = "0 to 1"
    SWITCH = "on (1) or off (0)"
    RATIO = "ratio"
    LOG_ODDS = "log-odds"
    LOG_ODDS_PER_PERCENT = "log-odds per 1%"
    LOG_ODDS_SCALE = "log-odds scale"
    PERCENT = "% of allocation"
    CORRELATION = "correlation"
    QUARTERS = "quarters"
    YEARS = "years"
    MILLIONS = "£m"
    COUNT = "count"
    POINTS = "percentage points"
