"""Which findings moved anything, and what evidence is used twice: worked out from the fit and from the register."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from simulator.calibration.cited_twice import list_cited_twice
from simulator.calibration.findings import Moved, weigh_findings
from simulator.calibration.fit import calibrate
from simulator.declarations.parameters import PARAMETERS
from simulator.replays.targets import Use, list_fitted, read_targets
from simulator.runs import posterior
from simulator.runs.posterior import read_fit_document
from simulator.scenarios.scenario import baseline_calendar

pytestmark = pytest.mark.calibration

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "calibration" / "scoreboard.md").read_text(encoding="utf-8")


def test_three_of_ten_findings_moved_the_answer_and_the_badge_says_so() -> None:
    moved = {finding["id"] for finding in read_fit_document()["findings"] if finding["moved"]}
    assert moved == {"interviews", "floor_national", "floor_audited"}
    assert [finding["id"] for finding in read_fit_document()["findings"]] == [t.id for t in list_fitted()]
    assert (
        f"{len(list_fitted())} published findings, of which {len(moved)} moved the answer"
        in posterior.describe_fit_badge()
    )


@pytest.mark.parametrize("one", read_fit_document()["findings"], ids=lambda one: str(one["id"]))
def test_a_finding_moved_the_answer_exactly_if_it_shifts_a_difference_by_a_point_and_not_by_sampling(
    one: dict[str, dict[str, float]],
) -> None:
    far = [abs(one[k]["shift"]) >= 0.01 and abs(one[k]["shift"]) > 1.96 * one[k]["error"] for k in ("alone", "without")]
    assert one["moved"] is any(far)


def test_a_shift_that_sampling_explains_does_not_count_nor_does_one_of_half_a_point() -> None:
    assert Moved("both", "retained", -0.02, 0.001).counts
    assert not Moved("both", "retained", 0.02, 0.015).counts
    assert not Moved("both", "retained", 0.005, 0.0001).counts


def test_a_small_fit_finds_the_same_and_a_finding_that_is_not_used_is_not_in_it() -> None:
    fit = calibrate((2_000, 2_000), seed=5, use=("interviews", "turnover", "floor_audited"))
    findings_by_id = {finding.id: finding for finding in weigh_findings(fit)}
    assert set(findings_by_id) == {"interviews", "turnover", "floor_audited"}
    assert findings_by_id["floor_audited"].moved and not findings_by_id["turnover"].moved
    assert findings_by_id["turnover"].narrows == "chief_exit" and findings_by_id["turnover"].ratio < 0.95
    assert 0 < findings_by_id["turnover"].bits < 0.4 < findings_by_id["floor_audited"].bits


# Used twice.


def test_every_use_of_one_piece_of_evidence_for_a_prior_or_the_calendar_and_for_a_target_is_said() -> None:
    """From the register itself: nothing is cited as both without standing in the page."""
    by_target = {
        i: t.id for t in read_targets().values() if t.use in (Use.TARGET, Use.OUT_OF_SAMPLE) for i in t.evidence
    }
    uses = [(name, i) for name, d in PARAMETERS.items() for i in d.about.evidence]
    uses += [(change.lever, i) for change in baseline_calendar() for i in change.evidence]
    twice = PAGE[PAGE.index("## Cited twice") :]
    rows = {row[1]: row[0] for row in re.findall(r"^(\| `(\w+)` \|.*)$", twice, re.MULTILINE)}
    unsaid = [(name, i) for name, i in uses if i in by_target and i not in rows.get(name, "").split()]
    assert unsaid == []
    assert {one.name for one in list_cited_twice()} == set(rows)
    assert {"gap_spread", "gap_mean", "chief_exit", "plan_base", "pull_ringfence"} <= set(rows)


def test_what_shares_no_evidence_with_a_target_is_not_said_to() -> None:
    names = {one.name for one in list_cited_twice()}
    assert "pull_chief" not in names and "ringfence" not in names
    for one in list_cited_twice():
        assert one.evidence and (one.fitted or one.replayed)


def test_the_page_gives_a_row_to_every_finding_with_what_it_moved() -> None:
    table = PAGE[PAGE.index("## Which findings moved anything") : PAGE.index("## Cited twice")]
    for finding in read_fit_document()["findings"]:
        row = re.search(rf"^\| {finding['id']} \|.*$", table, re.MULTILINE)
        assert row is not None and row[0].rstrip(" |").endswith("yes" if finding["moved"] else "no"), finding["id"]
    assert np.isfinite([finding["bits"] for finding in read_fit_document()["findings"]]).all()
