"""What the answer says of its own limits, and in which order Evidence tells what it rests on."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("panel", reason="the dashboard is not installed: pip install -e '.[dashboard]'")

from dashboards.analyses.shipped_answers import load_scoreboard
from dashboards.computing.answer_view import render_table, view_answer
from dashboards.computing.session import Session
from dashboards.computing.worker import Answer, ResultStore
from dashboards.selection.selection import TODAYS_RULES, Selection, Slot
from dashboards.server.page import TAB_CLASSES
from dashboards.tabs.answer import list_limits
from dashboards.tabs.evidence import EvidenceTab, render_board
from simulator.calibration.structural_draws import read_structures

pytestmark = pytest.mark.dashboards
SELECTION = Selection((TODAYS_RULES, Slot("ringfence"), Slot("leadership")), futures=250)


@pytest.fixture
def session(store: ResultStore, answer: Answer) -> Session:
    visitor_session = Session(store=store, selection=SELECTION)
    visitor_session.begin()
    return visitor_session


def test_the_limits_count_the_checks_that_fail_as_the_scoreboard_does(answer: Answer) -> None:
    lines = load_scoreboard()
    assert lines is not None
    said = list_limits(view_answer(answer))[0]
    failed, every, unseen, passed = map(int, re.findall(r"\d+", said))
    assert (failed, every) == (sum(not line.passes for line in lines), len(lines))
    board = render_board(lines)
    assert f"{every - failed} of {every} checks are passed; of the {unseen} that" in board
    assert re.search(rf"that can miss a size, {passed}</h2>", board)


def test_the_limits_give_the_range_over_ways_to_write_the_model(answer: Answer) -> None:
    said = list_limits(view_answer(answer))[1]
    gains = [100 * fit["effects"]["retained"]["ringfence"]["mean"] for fit in read_structures().values()]
    assert f"fitted in {len(gains)} ways" in said
    low, high = re.search(r"adds £([\d.]+) to £([\d.]+)", said).groups()  # type: ignore[union-attr]
    assert (float(low), float(high)) == pytest.approx((min(gains), max(gains)), abs=0.06)


def test_each_of_the_two_leads_to_the_page_that_says_more(session: Session, answer: Answer) -> None:
    tab = next(kind for kind in TAB_CLASSES if kind.key == "answer")(session)
    tab.show_answer(view_answer(answer))
    pages = re.findall(r"<li>(?:(?!</li>).)*data-page='(\w+)'", str(tab.limits.object))
    assert pages == ["evidence", "sure"] and set(pages) <= {kind.key for kind in TAB_CLASSES}


def test_evidence_says_what_the_answer_rests_on_before_it_asks_for_evidence_of_your_own(session: Session) -> None:
    tab = EvidenceTab(session)
    places = {
        name: next(at for at, shown in enumerate(tab.view.objects) if shown is part)
        for name, part in (
            ("board", tab.board),
            ("numbers", tab.numbers),
            ("doubts", tab.doubts),
            ("own", tab.own.__panel__()),
        )
    }
    assert "What the answer rests on" in tab.view.objects[0].object
    assert sorted(places, key=places.__getitem__) == ["board", "numbers", "doubts", "own"]


def test_no_page_names_a_file_of_the_source_folder_that_leads_nowhere(session: Session) -> None:
    assert "docs/" not in str(EvidenceTab(session).limits.object)


def test_the_fold_of_a_table_says_what_it_shows_and_keeps_its_name_when_numbers_change() -> None:
    one, other = (render_table(f"Fitted: {n} of 12 passed", ("a", "b"), [("x", ["y"])]) for n in (11, 12))
    assert "<summary>Show the numbers: Fitted: 11 of 12 passed</summary>" in one
    assert re.findall("data-fold='([^']*)'", one + other) == ["Fitted", "Fitted"]


def test_no_two_tables_of_a_page_have_folds_of_one_name(session: Session, answer: Answer) -> None:
    for kind in TAB_CLASSES:
        if kind.key not in ("answer", "compare", "money"):
            continue
        tab = kind(session)
        tab.show_answer(view_answer(answer))
        shown = "".join(
            str(words.object) for words in vars(tab).values() if isinstance(getattr(words, "object", 0), str)
        )
        names = re.findall("data-fold='([^']*)'", shown)
        assert names and len(set(names)) == len(names), (kind.key, names)
