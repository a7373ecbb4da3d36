"""No page stays unfinished: every tab stands for one to four scenarios, and what goes wrong is said in words."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("panel", reason="the dashboard is not installed: pip install -e '.[dashboard]'")

import numpy as np
import panel as pn
from bokeh.document import Document
from panel.io.state import set_curdoc

from dashboards.common.log import explain_failure
from dashboards.computing.session import Session
from dashboards.computing.worker import ResultStore
from dashboards.selection.permalink import TABS, make_link, restore
from dashboards.selection.selection import TODAYS_RULES, Selection, SelectionError, Slot
from dashboards.server import page
from dashboards.server.page import TAB_CLASSES, Dashboard
from dashboards.tabs.money import MoneyTab

pytestmark = [pytest.mark.dashboards, pytest.mark.filterwarnings("default")]
SLOTS = (TODAYS_RULES, Slot("ringfence"), Slot("leadership"), Slot("both"))


def words(explorer: Dashboard) -> str:
    """Everything that stands in the tab that is open, and above it."""
    view = explorer.current.view
    parts = [*view.select(lambda one: hasattr(one, "object")), explorer.toolbar._notices]
    return " ".join(str(part.object) for part in parts)


@pytest.mark.parametrize("scenarios", [1, 2, 3, 4])
@pytest.mark.parametrize("tab", TABS)
def test_every_tab_stands_for_one_to_four_scenarios(tab: str, scenarios: int, store: ResultStore) -> None:
    selection = restore(make_link(Selection(SLOTS[:scenarios], futures=250), tab)).selection
    assert len(selection.slots) == scenarios
    session = Session(store=store, selection=selection)
    session.tab = tab
    session.answer = store.answer(selection, 250)
    explorer = Dashboard(session)
    explorer.handle_opening()
    assert isinstance(explorer.current, TAB_CLASSES[TABS.index(tab)])
    assert "fault in Ringfence" not in words(explorer) and not session.problem


def test_what_holds_charts_comes_last_on_a_page(store: ResultStore) -> None:
    """Bokeh lays out what has come while it waits for the script of what comes next: a chart then has no panels yet."""
    session = Session(store=store, selection=Selection(SLOTS[:2], futures=250))
    session.answer = store.answer(session.selection, 250)
    explorer = Dashboard(session)
    assert explorer.bar.select(pn.pane.Bokeh) and explorer.rows[-1] is explorer.bar


def test_what_a_tab_that_is_opened_shows_travels_with_it(store: ResultStore, monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(store=store, selection=Selection(SLOTS[:2], futures=250))
    session.answer = store.answer(session.selection, 250)
    doc, held = Document(), list[object]()
    with set_curdoc(doc):
        explorer = Dashboard(session)
        monkeypatch.setattr(MoneyTab, "show_answer", lambda *_: held.append(doc.callbacks.hold_value))
        explorer.bar.active = TABS.index("money")
    assert held == ["combine"] and doc.callbacks.hold_value is None


def test_the_last_scenario_can_be_taken_away_and_another_put_there(store: ResultStore) -> None:
    session = Session(store=store, selection=Selection(SLOTS[:2], futures=250))
    session.tab = "build"
    session.answer = store.answer(session.selection, 250)
    explorer = Dashboard(session)
    session.drop_slot(1)
    form = explorer.current.form  # type: ignore[attr-defined]
    assert session.slot == form.state["at"] == 0 and len(form.state["slots"]) == 1
    session.put_slot(1, Slot("ringfence"), "added")
    assert session.slot == form.state["at"] == 1 and not session.problem


def breaks(*_: Any) -> None:
    np.zeros(3)[7]


@pytest.mark.parametrize("at", ["build", "show_answer", "handle_opening", "handle_change"])
def test_a_fault_in_one_tab_is_said_and_logged_and_leaves_the_others(
    at: str, store: ResultStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(MoneyTab, at, breaks)
    here: list[Callable[[], None]] = []  # what threads bring is put into the page by this one
    session = Session(here.append, store=store, selection=Selection(SLOTS[:2], futures=250))
    session.tab = "money"
    session.answer = store.answer(session.selection, 250)
    with caplog.at_level(logging.ERROR, "ringfence"):
        explorer = Dashboard(session)
        explorer.handle_opening()
        page_text = words(explorer)
        session.put_slot(1, Slot("leadership"), "changed")
        page_text += words(explorer)
    number = re.search(r"in its log under ([0-9a-f]{6})", page_text)
    assert "out of bounds" in caplog.text and number and number[1] in caplog.text
    assert "out of bounds" not in page_text
    explorer.bar.active = TABS.index("answer")
    until = time.monotonic() + 60
    while "£" not in words(explorer) and time.monotonic() < until:
        time.sleep(0.05)
        while here:
            here.pop(0)()
    assert "£" in words(explorer)


def test_a_page_that_cannot_be_made_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "restore", breaks)
    with set_curdoc(Document()):
        whole_page = page.make_page()
    assert "A fault in Ringfence stopped this page" in str(whole_page[0].object)


def test_words_written_for_people_are_shown_and_those_of_a_library_are_not() -> None:
    def caught(act: Any) -> str:
        try:
            act()
        except Exception as problem:
            return explain_failure(problem, "trying it")
        raise AssertionError("it did not fail")

    def ours() -> None:
        raise SelectionError("there are 1 to 4 scenarios")

    assert "fault" in caught(ours)  # this test is not a part of the product
    assert (
        caught(lambda: Selection((TODAYS_RULES,) * 5)) == "there are 1 to 4 scenarios, the first of them today's rules"
    )
    assert "fault in Ringfence stopped trying it" in caught(lambda: int("x"))
    assert "fault in Ringfence" in caught(lambda: (1).is_integer_("x"))  # type: ignore[attr-defined]
