"""Boards are found by the words that people have for them, and the one that is chosen is shown."""

from __future__ import annotations

import pytest

pytest.importorskip("panel", reason="the dashboard is not installed: pip install -e '.[dashboard]'")

from dashboards.computing.session import Session
from dashboards.computing.worker import ResultStore
from dashboards.selection.board_search import LONGEST, MOST_FOUND, find_boards, load_places
from dashboards.selection.selection import TODAYS_RULES, Selection, Slot
from dashboards.tabs.boards import BoardsTab
from simulator.boards.table import make_equal_bodies, read_boards

pytestmark = pytest.mark.dashboards
BOARDS = read_boards()


def found(sought: str) -> list[str]:
    return [BOARDS.codes[at] for at in find_boards(BOARDS, sought)]


def test_boards_are_found_by_name_code_short_form_region_and_place() -> None:
    in_region = {
        name: [c for c, r in zip(BOARDS.codes, BOARDS.regions, strict=True) if r == name] for name in BOARDS.regions
    }
    north_east = found("North East")
    assert north_east[:4] == in_region["North East and Yorkshire"] and "QMF" in north_east[4:]
    assert sorted(found("London")) == sorted(in_region["London"])
    for sought, code in (
        ("Leeds", "QWO"), ("qwo", "QWO"), ("WY", "QWO"), ("west yorkshire leeds", "QWO"), ("  LEEDS ", "QWO"),
        ("NHS Devon ICB", "QJK"), ("Herts & West Essex", "QM7"), ("king's lynn", "QMM"), ("kings lynn", "QMM"),
        ("newcas", "QHM"), ("Stoke-on-Trent", "QNC"), ("isle of wight", "QRL"),
    ):  # fmt: skip
        assert found(sought)[:1] == [code], sought
    assert found("") == found("   ") == found("nhs board") == found("unicorn") == found("(.*") == []


def test_every_board_is_found_by_its_own_name_code_and_short_forms() -> None:
    missed = [
        name
        for at in range(len(BOARDS))
        for name in (BOARDS.names[at], BOARDS.short_names[at], BOARDS.codes[at], BOARDS.abbrevs[at])
        if at not in find_boards(BOARDS, name)[:2]
    ]
    assert missed == []


def test_the_file_of_places_names_every_region_and_board_of_the_published_table_and_nothing_else() -> None:
    assert set(load_places()["regions"]) == set(BOARDS.regions)
    assert set(load_places()["boards"]) == set(BOARDS.codes)


def test_boards_of_ones_own_are_found_by_their_names() -> None:
    own = make_equal_bodies(19)
    assert find_boards(own, own.names[4])[0] == 4 and find_boards(own, "Leeds") == []


def test_what_is_sought_is_offered_as_buttons_that_choose_a_board(store: ResultStore) -> None:
    session = Session(store=store, selection=Selection((TODAYS_RULES, Slot("ringfence")), futures=250))
    tab = BoardsTab(session)
    finder = tab.finder
    assert not any(offer.visible for offer in finder.offers)
    finder.field.receive("Leeds", lambda _: None)
    assert [offer.label for offer in finder.offers if offer.visible] == ["West Yorkshire (QWO)"]
    assert "1 board found for “Leeds”" in str(finder.said.object)
    brought: list[object] = []
    tab.story.view.bring = brought.append  # type: ignore[method-assign]
    finder.offers[0].press()
    assert session.map_selection.board == "QWO" and brought == [tab.story.head], "the page goes to its story"
    finder.field.receive("Sussex\n", lambda _: None)
    assert finder.field.value == "Sussex" and session.map_selection.board == "QNX", "Enter takes the first"
    assert brought == [tab.story.head] * 2
    finder.field.receive("unicorn <b>", lambda _: None)
    assert "No board is found for “unicorn &lt;b&gt;”. Try a town (Leeds)" in str(finder.said.object)
    finder.field.receive("n", lambda _: None)
    assert sum(offer.visible for offer in finder.offers) == MOST_FOUND and "add a word" in str(finder.said.object)
    finder.field.receive("x" * (LONGEST + 1), lambda _: None)
    assert finder.field.value == "n"
