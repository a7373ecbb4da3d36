"""A browser is told the options and the value of a field at once, and the value again when its words change."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("panel", reason="the dashboard is not installed")

from dashboards.computing.session import Session
from dashboards.computing.worker import ResultStore
from dashboards.selection.map_selection import MapSelection
from dashboards.selection.selection import TODAYS_RULES, Selection, Slot, make_opening_selection
from dashboards.tabs.boards import BoardsTab
from dashboards.tabs.equals import EqualsTab
from dashboards.tabs.sure import SureTab
from dashboards.tabs.tab import Tab
from dashboards.widgets.select_options import set_options
from dashboards.widgets.sheet import Choice, Entry, Push, Sheet, Tick, Words
from dashboards.widgets.toolbar import Toolbar

pytestmark = [pytest.mark.dashboards, pytest.mark.filterwarnings("default")]


def watched(field: Choice) -> tuple[Sheet, list[Any]]:
    """A sheet with a field, and everything that the browser is told of it."""
    sheet, told = Sheet(field), list[Any]()
    sheet.param.watch(lambda event: told.append(event.new[0]), "block_0")
    return sheet, told


def test_a_browser_is_told_once_when_options_and_value_change() -> None:
    field = Choice("Field", {"a": 1, "b": 2}, 1)
    _, told = watched(field)
    set_options(field, {"x": 5, "y": 6, "z": 7}, 6)
    assert [(one["options"], one["value"]) for one in told] == [(["x", "y", "z"], "y")]
    set_options(field, {"x": 5, "y": 6, "z": 7}, 6)
    assert len(told) == 1, "what stays is not told again"


def test_a_browser_is_told_the_value_again_when_its_words_change() -> None:
    field = Choice("Field", {"a": 1, "b": 2}, 1)
    _, told = watched(field)
    set_options(field, {"A": 1, "B": 2}, 1)
    assert (told[-1]["options"], told[-1]["value"]) == (["A", "B"], "A")


def test_a_field_may_be_left_without_anything_to_choose() -> None:
    field = Choice("Field", {"a": 1}, 1)
    _, told = watched(field)
    set_options(field, {}, None)
    assert (told[-1]["options"], told[-1]["value"], field.value) == ([], "", None)
    set_options(field, {"b": 1}, 1)
    assert (told[-1]["options"], told[-1]["value"]) == (["b"], "b")


def test_what_a_browser_sends_is_taken_where_its_field_offers_it_and_nowhere_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    presses = list[int]()
    field, box, button = Choice("Field", {"a": 1, "b": 2}, 1), Tick("Box"), Push("Button", lambda: presses.append(1))
    sheet, told = watched(field)
    asked = list[Any]()
    monkeypatch.setattr(sheet, "_send_msg", asked.append)
    others = Sheet((box, button))
    sheet._handle_msg({"part": "0.0", "value": "b"})
    assert field.value == 2 and told[-1]["value"] == "b"
    for wrong in ("c", "1", ""):
        sheet._handle_msg({"part": "0.0", "value": wrong})
        assert field.value == 2 and told[-1]["value"] == "b"
    assert asked == [{"part": "0.0", "stands": "yes"}] * 3, "the browser is asked to show what stands"
    others._handle_msg({"part": "0.0", "value": "on"})
    others._handle_msg({"part": "0.0", "value": "perhaps"})
    others._handle_msg({"part": "0.1", "value": ""})
    button.disabled = True
    others._handle_msg({"part": "0.1", "value": ""})
    button.param.update(disabled=False, visible=False)
    others._handle_msg({"part": "0.1", "value": ""})
    assert box.value and presses == [1]
    line = Entry("Words", 5)
    typed = Sheet(line)
    typed._handle_msg({"part": "0.0", "value": "peers"})
    typed._handle_msg({"part": "0.0", "value": "too long"})
    assert line.value == "peers"


def test_what_changes_in_a_block_sends_no_other() -> None:
    first, second = Words("a"), Words("b")
    sheet, sent = Sheet(first, second), list[str]()
    sheet.param.watch(lambda event: sent.append(event.name), ["block_0", "block_1"])
    second.object = "c"
    first.object = "a"
    assert sent == ["block_1"]


@pytest.mark.parametrize("kind", [BoardsTab, EqualsTab, SureTab])
def test_after_a_new_title_every_field_still_shows_its_choice(kind: type[Tab]) -> None:
    session = Session(store=ResultStore(), selection=make_opening_selection())
    tab = kind(session)
    held = tab.view.select(Choice)
    assert len(held) > 3
    slots = session.selection.slots
    session.selection = Selection((TODAYS_RULES, Slot("ringfence", "By another name"), *slots[2:]))
    tab.handle_change()
    for field in held:
        told = field.describe()
        assert not told["options"] or told["value"] in told["options"], field.label


def test_the_boards_page_opens_on_the_day_of_the_link_with_nothing_left_to_change() -> None:
    session = Session(store=ResultStore(), selection=make_opening_selection())
    session.map_selection = MapSelection("QUA", quarter=20, shown=2, against=1)
    tab = BoardsTab(session)
    chosen = {name: tab.fields[name].value for name in ("day", "shown", "against", "board")}
    assert (chosen["shown"], chosen["against"], chosen["board"]) == (2, 1, "QUA")
    assert tab.fields["day"].options and chosen["day"] == 20
    assert session.map_selection == MapSelection("QUA", quarter=20, shown=2, against=1)


def test_options_are_put_into_fields_in_one_way_only() -> None:
    here = Path(__file__).resolve().parents[3] / "dashboards"
    wrong = [
        f"{file.name}: {line.strip()}"
        for file in here.rglob("*.py")
        if file.name != "select_options.py"
        for line in file.read_text("utf-8").splitlines()
        if re.search(r"\.options = |update\(.*options=", line)
    ]
    assert wrong == []


def test_a_seed_that_is_none_is_told_at_its_field_and_nothing_changes(store: ResultStore) -> None:
    session = Session(store=store, selection=make_opening_selection())
    opened: list[int] = []
    toolbar = Toolbar(session, lambda: opened.append(session.slot))
    for letter in ("C", "A", "D", "E", "", "AB"):
        toolbar.handle("open", letter)
    assert opened == [2, 0, 3]
    for wrong in ("many", "", "-3", "1e400"):
        toolbar.handle("seed", wrong)
        assert toolbar.form.state["wrong"] and session.problem == ""
        assert session.selection == make_opening_selection()
    toolbar.handle("seed", "4711")
    assert (toolbar.form.state["wrong"], session.selection.seed) == ("", 4711)
    for what, value in (("outcome", "additional"), ("years", "2027/28"), ("futures", "500"), ("anything", "x")):
        toolbar.handle(what, value)
    now = session.selection
    assert (now.outcome, now.years, now.futures, now.until) == ("additional", "2027/28", 500, 0.0)
    toolbar.handle("undo", "")
    assert session.selection.futures == make_opening_selection().futures and toolbar.form.state["can_redo"]
