"""Whoever doubts a mechanism or a finding reads what the answer becomes, on both pages where people doubt."""

from __future__ import annotations

import re
from html import unescape

import pytest

pytest.importorskip("panel", reason="the dashboard is not installed: pip install -e '.[dashboard]'")

from dashboards.computing.result_store import ResultStore
from dashboards.computing.session import Session
from dashboards.computing.worker import Worker
from dashboards.evidence.doubts import DOUBTS, describe_left_out, render_doubts
from dashboards.selection.selection import TODAYS_RULES, Selection
from dashboards.tabs.evidence import EvidenceTab
from dashboards.tabs.sure import SureTab
from simulator.calibration.structural_draws import read_structures
from simulator.common.formatting import format_share
from simulator.runs.posterior import read_fit_document
from simulator.studies.reversed_structures import split_library_ways

pytestmark = pytest.mark.dashboards


def read_rows(outcome: str) -> list[list[str]]:
    rows = re.findall(r"<tr><th scope=\"row\">(.*?)</tr>", unescape(str(render_doubts(outcome))))
    return [re.split(r"</th><td>|</td><td>|</td>", row)[:-1] for row in rows]


@pytest.mark.parametrize("outcome", ["retained", "additional"])
def test_each_doubt_has_the_figures_of_its_own_fit(outcome: str) -> None:
    rows = read_rows(outcome)
    assert len(rows) == 1 + len(DOUBTS)
    for name, row in zip(("default", *DOUBTS), rows, strict=True):
        effects = read_structures()[name]["effects"]["additional" if outcome == "additional" else "retained"]
        assert (read_structures()[name]["says"] in row[0]) is (name in DOUBTS)
        assert row[4] == f"{format_share(effects['leadership over ringfence'], 100)} futures"
        assert (row[1] == "£0") is (abs(effects["leadership"]["mean"]) < 1e-9)


@pytest.mark.parametrize("outcome", ["retained", "additional"])
def test_what_is_built_in_is_told_apart_from_what_is_found_and_checked(outcome: str) -> None:
    said = unescape(str(render_doubts(outcome)))
    ways = [
        each["effects"]["additional" if outcome == "additional" else "retained"] for each in read_structures().values()
    ]
    own = ways[list(read_structures()).index("default")]
    assert "<h3>Is the answer built in?</h3>" in said
    assert ("help is assumed" in said) is (outcome == "retained") and "does more is not built in" in said
    assert f"in {format_share(own['leadership over ringfence'], 100)} futures" in said
    counted = split_library_ways(outcome)
    assert f"clearly more in {len(counted.ahead)} and the ring-fence in {len(counted.behind)}" in said
    assert re.search(r"fails \d+ of its \d+ checks.* err one way", said)


def test_each_finding_that_counts_is_left_out_and_the_others_are_counted() -> None:
    findings = read_fit_document()["findings"]
    *told, rest = describe_left_out(findings)
    counting = [finding for finding in findings if abs(finding["without"]["shift"]) >= 0.01]
    assert len(told) == len(counting) > 0 and f"other {len(findings) - len(told)}" in rest
    for sentence, finding in zip(told, counting, strict=True):
        assert f"£{abs(100 * finding['without']['shift']):.1f}" in sentence
        assert (" less of each £100" in sentence) is (finding["without"]["shift"] > 0), "taking it away turns the sign"


def test_both_pages_on_doubt_say_it_and_how_to_leave_a_finding_out(
    store: ResultStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Worker, "ask", lambda *_, **__: None)
    session = Session(store=store, selection=Selection((TODAYS_RULES,), futures=250))
    for shown in (SureTab(session).doubts.object, EvidenceTab(session).doubts.object):
        assert "If you doubt" in str(shown) and "ringfence calibrate --targets" in str(shown)
