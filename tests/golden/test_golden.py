"""The baseline and the headline policies give the summary on record.

After a change that is meant to move results, run `python -m tests.golden.test_golden`, review the difference, and say
so under *Results change* in CHANGELOG.md.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simulator.declarations.outcomes import OUTCOMES
from simulator.runs.run import run

pytestmark = pytest.mark.results

RECORD = Path(__file__).with_name("summary.json")
SCENARIOS = ("baseline", "ringfence", "leadership", "both")


def summary() -> dict[str, dict[str, float]]:
    """Mean of every outcome over all years and 64 futures, to nine digits."""
    made = {}
    for name in SCENARIOS:
        results = run(name, 64)
        made[name] = {o: float(f"{results.outcome(o, slice(None)).mean():.9g}") for o in OUTCOMES}
    return made


def test_outcomes_are_those_on_record() -> None:
    record = json.loads(RECORD.read_text(encoding="utf-8"))
    summary_now = summary()
    assert summary_now.keys() == record.keys()
    for name in SCENARIOS:
        assert summary_now[name] == pytest.approx(record[name], rel=1e-6), name


if __name__ == "__main__":
    RECORD.write_text(json.dumps(summary(), indent=1) + "\n", encoding="utf-8")
