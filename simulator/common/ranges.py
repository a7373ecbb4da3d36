"""Ranges of values and of years, as pairs."""

from __future__ import annotations

from typing import TypeAlias

Range: TypeAlias = tuple[float, float]
"""The lower end and the upper end."""

YearSpan: TypeAlias = tuple[str, str]
"""The names of the first year and of the last, such as 2027/28 and 2029/30."""
