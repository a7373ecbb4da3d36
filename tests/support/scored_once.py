"""The scoreboard at the end of a report is worked out once by each worker, for files whose claims are about the report.

It has nothing to do with the policies, boards and seed that are asked about. That it is right is claimed in
`tests/calibration/`, and that it comes out the same each time in one test of the report, which works it out again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import pytest

from simulator.calibration.scoreboard import Scoreboard, scoreboard
from simulator.reports import page
from simulator.runs.posterior import current_posterior

_score = cache(lambda n, posterior: scoreboard(n))


def score(n: int) -> Scoreboard:
    """The scoreboard of `n` futures, by the posterior that is chosen now."""
    lines: Scoreboard = _score(n, current_posterior())
    return lines


@contextmanager
def keep_scoreboard() -> Iterator[None]:
    """Let reports take the lines that were worked out before."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page, "scoreboard", score)
        yield
