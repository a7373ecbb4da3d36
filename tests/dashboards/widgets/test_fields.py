"""A browser is told the options and the value of a field at once, and the value again when its words change."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("panel_material_ui", reason="the dashboard is not installed")

import panel_material_ui as pmui

from dashboards.computing.session import Session
from dashboards.computing.worker import ResultStore
from dashboards.selection.map_selection import MapSelection
from dashboards.selection.selection import TODAYS_RULES, Selection, Slot, make_opening_selection
from dashboards.tabs.boards import BoardsTab
from dashboards.tabs.equals import EqualsTab
from dashboards.tabs.sure import SureTab
from dashboards.tabs.tab import Tab
from dashboards.widgets.select_options import set_options
from dashboards.widgets.toolbar import Toolbar

pytestmark = [pytest.mark.dashboards, pytest.mark.filterwarnings("default")]

FIELDS = pytest.mark.parametrize("kind", [pmui.Select, pmui.RadioButtonGroup])


def watched(field: Any) -> tuple[Any, list[Any]]:
    """What the browser holds of a field, and every value that it is told."""
    model, values_sent = field.get_root(), list[Any]()
    model.data.on_change("value", lambda name, old, new: values_sent.append(new))
    return model.data, values_sent


@FIELDS
def test_a_browser_is_told_one_value_when_options_and_value_change(kind: Any) -> None:
    field = kind(options={"a": 1, "b": 2}, value=1)
    held, values_sent = watched(field)
    set_options(field, {"x": 5, "y": 6, "z": 7}, 6)
    assert (held.options, held.value, values_sent) == (["x", "y", "z"], "y", ["y"])


@FIELDS
def test_a_browser_is_told_the_value_again_when_its_words_change(kind: Any) -> None:
    field = kind(options={"a": 1, "b": 2}, value=1)
    held, values_sent = watched(field)
    set_options(field, {"A": 1, "B": 2}, 1)
    assert (held.options, held.value, values_sent) == (["A", "B"], "A", ["A"])
    set_options(field, {"A": 1, "B": 2}, 1)
    assert values_sent == ["A"], "what stays is not told again"


@FIELDS
def test_a_field_may_be_left_without_anything_to_choose(kind: Any) -> None:
    field = kind(options={"a": 1}, value=1)
    held, _ = watched(field)
    set_options(field, {}, None)
    assert not held.options and not held.value and field.value is None
    set_options(field, {"b": 1}, 1)
    assert (held.options, held.value) == (["b"], "b")


def selects(tab: Tab) -> list[Any]:
    return list(tab.view.select(pmui.Select)) + list(tab.view.select(pmui.RadioButtonGroup))


@pytest.mark.parametrize("kind", [BoardsTab, EqualsTab, SureTab])
def test_after_a_new_title_every_field_still_shows_its_choice(kind: type[Tab]) -> None:
    session = Session(store=ResultStore(), selection=make_opening_selection())
    tab = kind(session)
    held = [(field, field.get_root()) for field in selects(tab)]
    slots = session.selection.slots
    session.selection = Selection((TODAYS_RULES, Slot("ringfence", "By another name"), *slots[2:]))
    tab.handle_change()
    for field, model in held:
        assert not model.data.options or model.data.value in model.data.options, field.label


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
    toolbar = Toolbar(session)
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
