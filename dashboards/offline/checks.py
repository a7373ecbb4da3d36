"""The checks of the model, for pages that stand alone."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from dashboards.analyses.shipped_answers import load_scoreboard
from simulator.calibration.scoreboard import Line, scoreboard
from simulator.reports.check_words import describe_checks
from simulator.reports.pdf_content import LIMITS
from simulator.reports.structural import describe_ways
from simulator.runs.futures import DEFAULT_N


@lru_cache(maxsize=1)
def list_lines() -> Sequence[Line]:
    """The scoreboard that came with the program if it fits, else worked out."""
    return load_scoreboard() or scoreboard(DEFAULT_N)


def list_limits_of_page(where: str = "") -> tuple[str, ...]:
    """What the model cannot tell, how it fares against data (`where` says where that is told), and how far ways to
    write it differ.
    """
    return f"{describe_checks(list_lines())} {where}".rstrip(), describe_ways("retained"), *LIMITS
