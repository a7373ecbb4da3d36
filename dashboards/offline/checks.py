"""The checks of the model, for pages that stand alone."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from dashboards.analyses.shipped_answers import load_scoreboard
from simulator.calibration.scoreboard import Line, scoreboard
from simulator.reports.limits import list_limits
from simulator.runs.futures import DEFAULT_N


@lru_cache(maxsize=1)
def list_lines() -> Sequence[Line]:
    """The scoreboard that came with the program if it fits, else worked out."""
    return load_scoreboard() or scoreboard(DEFAULT_N)


def list_limits_of_page(where: str = "") -> tuple[str, ...]:
    """What the model cannot tell, how it fares against data (`where` says where that is told), and how far ways to
    write it differ.
    """
    return list_limits(lines=list_lines(), where=where)
