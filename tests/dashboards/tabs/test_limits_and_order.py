"""What the answer says of its own limits, and in which order Evidence tells what it rests on."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from html import unescape

import pytest
from markupsafe import escape

pytest.importorskip("panel", reason="the dashboard is not installed: pip install -e '.[dashboard]'")

from dashboards.analyses.shipped_answers import load_scoreboard
from dashboards.analyses.structural import describe
from dashboards.computing.answer_view import find_ways, find_who, render_table, view_answer, write_sentences
from dashboards.computing.session import Session
from dashboards.computing.worker import Answer, ResultStore
from dashboards.export import data_exports
from dashboards.export.share_picture import speak_of_picture
from dashboards.offline.checks import list_limits_of_page
from dashboards.selection.selection import TODAYS_RULES, Selection, Slot
from dashboards.server.page import TAB_CLASSES
from dashboards.tabs.answer import list_limits, render_answer_cards
from dashboards.tabs.evidence import EvidenceTab, render_board
from dashboards.tabs.slides import make_slides
from simulator.calibration.structural_draws import read_structures
from simulator.reports import limits
from simulator.studies.reversed_structures import split_library_ways

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
    assert f"{every - failed} of {every} checks are passed; {passed} of the {unseen} on sizes that" in board


def test_the_limits_give_the_range_over_ways_to_write_the_model(answer: Answer) -> None:
    said = list_limits(view_answer(answer))[1]
    gains = [100 * fit["effects"]["retained"]["ringfence"]["mean"] for fit in read_structures().values()]
    assert f"fitted in {len(gains)} ways" in said
    low, high = re.search(r"adds £([\d.]+) to £([\d.]+)", said).groups()  # type: ignore[union-attr]
    assert (float(low), float(high)) == pytest.approx((min(gains), max(gains)), abs=0.06)


def test_each_of_the_two_leads_to_the_page_that_says_more(session: Session, answer: Answer) -> None:
    tab = next(kind for kind in TAB_CLASSES if kind.key == "answer")(session)
    tab.show_answer(view_answer(answer))
    links = re.findall(r"<li>(?:(?!</li>).)*data-page='(\w+)' data-goto='(\w+)'", str(tab.limits.object))
    pages = [page for page, _ in links]
    assert links == [("evidence", "fails"), ("sure", "ways")] and set(pages) <= {kind.key for kind in TAB_CLASSES}


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


def test_every_place_that_says_what_the_model_cannot_tell_gives_one_list(answer: Answer, store: ResultStore) -> None:
    lines, view = load_scoreboard() or (), view_answer(answer)
    general = limits.list_limits(lines=lines)
    assert "checks" in general[0] and "ways" in general[1] and "say nothing about what leadership" in general[2]
    asked = limits.list_limits(view.scenarios[1:], view.outcome, lines)
    slide = str(make_slides(view)[-1].body)
    paper = data_exports.prepare_briefing(view, dt.date(2026, 11, 29), lines=lines).unsaid
    assert [said for said in asked if str(escape(said)) not in slide] == []
    assert set(asked) <= set(paper)
    front = " ".join(data_exports.prepare_briefing(view, dt.date(2026, 11, 29), lines=lines).front.assumes)
    failed = sum(not line.passes for line in lines)
    ways = general[1].partition("another, ")[2].partition(": averages")[0]
    assert f"The model fails {failed} of its {len(lines)} checks, " in front and ways in front
    page = unescape(data_exports.make_briefing_page(answer, store, lines).decode())
    plain = re.sub(r"<[^>]+>|\u2060", "", page)
    shown = list_limits_of_page()
    assert shown == general and [said for said in general if said not in plain] == []
    assert general[2:] == limits.LIMITS
    assert str(escape(general[0])) in str(EvidenceTab(Session(store=store)).limits.object)


def test_a_card_counts_the_ways_to_write_the_model_that_turn_it_or_says_how_far_they_differ(
    store: ResultStore,
) -> None:
    selection = replace(SELECTION, futures=1000)
    view = view_answer(store.answer(selection, 1000))
    effects = [fit["effects"]["retained"] for fit in read_structures().values()]
    ways = split_library_ways("retained")
    assert ways.every == len(effects) and ways.ahead and ways.behind
    card = write_sentences(view)[1]
    fence, leaders = (view.scenarios[at].title for at in (1, 2))
    says = f"“{fence}” gives clearly more in {len(ways.behind)} and “{leaders}” in {len(ways.ahead)}"
    assert says in find_who(view, card).turns
    assert f"gives clearly more in {len(ways.ahead)} and “{fence}” in {len(ways.behind)}" in describe("retained").title
    shown = unescape(str(render_answer_cards(view)))
    assert shown.count(says) >= 2
    alike = view_answer(store.answer(replace(selection, slots=(TODAYS_RULES, Slot("ringfence")), letters="AB"), 1000))
    who = find_who(alike, write_sentences(alike)[1])
    for told in (who.turns, who.short, str(render_answer_cards(alike)), " ".join(speak_of_picture(alike))):
        said = re.search(
            r"(\d+) ways[^“]*“[^”]*” gives (?:anything from nothing more|clearly more in \d+ and “[^”]*” in none).*?\.",
            told,
        )
        assert said and int(said[1]) == len(effects)
    assert abs(min(one["ringfence"]["mean"] for one in effects)) < 0.0005
    untried = replace(view)
    untried.__dict__["ways"] = None
    assert all("Not tried in the other ways" in told for told in find_ways(untried, card))
    assert find_ways(replace(untried, first_look="First look."), card) == ("", "")
