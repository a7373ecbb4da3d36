"""No exception's text reaches a visitor: only words that were written for people."""

from __future__ import annotations

import ast
import logging
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("panel", reason="the dashboard is not installed: pip install -e '.[dashboard]'")

from policy_forms import refused, set_lever

from dashboards.common import log
from dashboards.common.log import explain_failure
from dashboards.computing.session import Session
from dashboards.computing.worker import ResultStore
from dashboards.selection import permalink
from dashboards.selection.policy_form import describe_form
from dashboards.selection.selection import TODAYS_RULES, LeverEdit, Selection, Slot
from dashboards.tabs.share import ShareTab
from dashboards.widgets.policy_form import PolicyForm
from simulator.declarations.levers import LEVERS
from simulator.runs.results import Results
from simulator.scenarios.scenario import load_scenario, parse_scenario

pytestmark = [pytest.mark.dashboards, pytest.mark.filterwarnings("default")]

ROOT = Path(__file__).parents[3] / "dashboards"
WRITTEN_FOR_PEOPLE = {"SelectionError", "ScenarioError", "BusyError", "RefusedError", "numbers.NotReadableError"}
OPERATORS = {"listening.py", "oauth_login.py", "server.py"}
"""What only whoever starts the server reads."""
EXPLAINERS = {"explain_failure", "isinstance", "log_failure", "show_failure", "self._fail"}


@pytest.fixture(autouse=True)
def idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is worked out in the background: these tests are about what is chosen."""
    monkeypatch.setattr("dashboards.computing.worker.Worker.ask", lambda *_, **__: None)


def never(*_: object) -> Results:
    raise AssertionError("nothing is to be run")


def caught(handler: ast.ExceptHandler) -> set[str]:
    kind = handler.type
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind] if kind else []
    return {kind_here.id if isinstance(kind_here, ast.Name) else ast.unparse(kind_here) for kind_here in kinds}


def shows(handler: ast.ExceptHandler) -> bool:
    """Whether a handler does anything with the exception but explain it, write it down or raise from it."""
    inside = ast.Module(body=handler.body, type_ignores=[])
    allowed = {
        id(name)
        for node in ast.walk(inside)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in EXPLAINERS
        for name in ast.walk(node)
        if isinstance(name, ast.Name)
    }
    causes = {id(node.cause) for node in ast.walk(inside) if isinstance(node, ast.Raise)}
    return any(
        isinstance(node, ast.Name) and node.id == handler.name and id(node) not in allowed | causes
        for node in ast.walk(inside)
    )


def test_every_place_that_catches_more_than_our_own_errors_explains_them_in_words() -> None:
    seen, wrong = 0, []
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.ExceptHandler) or path.name in OPERATORS:
                continue
            seen += 1
            if not caught(node) <= WRITTEN_FOR_PEOPLE and shows(node):
                wrong.append(f"{path.name}:{node.lineno}")
    assert seen > 20 and wrong == []


def test_pythons_own_words_in_the_middle_of_our_code_are_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    space: dict[str, object] = {"__name__": "dashboards.example"}
    exec("def number():\n    return int('x')\n\ndef ours():\n    raise ValueError('a seed is a whole number')\n", space)
    said = {}
    with caplog.at_level(logging.ERROR):
        for name in ("number", "ours"):
            try:
                space[name]()  # type: ignore[operator]
            except ValueError as problem:
                said[name] = explain_failure(problem, "trying it")
    assert said["ours"] == "a seed is a whole number"
    assert "A fault in Ringfence stopped trying it" in said["number"] and "literal" not in said["number"]
    assert log.LOG.name == "ringfence"


@pytest.mark.parametrize("value", [1, 0, True, np.int64(1), np.float64(1.0), np.float32(0.5), 0.25])
def test_a_lever_that_rested_on_any_kind_of_number_is_saved_linked_and_read_back(value: float) -> None:
    session = Session(store=ResultStore(never), selection=Selection((TODAYS_RULES, Slot("ringfence"))))
    session.set_lever(LeverEdit("audit", value))
    slot = session.selection.slots[1]
    assert session.problem == "" and slot.scenario.lever("audit")[-1] == value
    tab = ShareTab(session)
    message = tab.files.make_message("B")
    assert "problem" not in message, message
    assert parse_scenario(slot.scenario.to_yaml()).fingerprint == slot.scenario.fingerprint
    assert (
        permalink.restore(permalink.make_link(session.selection)).selection.slots[1].scenario.fingerprint
        == slot.scenario.fingerprint
    )


def test_a_switch_half_on_is_refused_by_the_field_and_by_links_and_rounded_by_the_slider() -> None:
    session = Session(store=ResultStore(never), selection=Selection((TODAYS_RULES, Slot("ringfence"))))
    form = PolicyForm(session)
    assert "“Mergers and shared leadership go ahead” (reorganise) is a switch: off (0) or on (1), not 0.4" in refused(
        form, "reorganise", value=0.4
    )
    assert session.selection.slots[1].edits == ()
    known = describe_form()
    assert known["levers"]["reorganise"]["step"] == 1 and "reorganise" in known["scenario_files"]["switches"]
    set_lever(form, "reorganise", value=1.0, start=24)
    assert session.problem == "" and session.selection.slots[1].edits == (LeverEdit("reorganise", 1.0, 24),)
    half = permalink.restore("?v=2&B=ringfence&B.reorganise=0.4_2027Q1")
    assert half.selection.slots[1].edits == () and "is a switch: off (0) or on (1), not 0.4" in half.notes[0]
    slow = permalink.restore("?v=2&B=ringfence&B.reorganise=0_2027Q1_4")
    assert slow.selection.slots[1].edits == (LeverEdit("reorganise", 0.0),) and "changes at once" in slow.notes[0]


def test_a_scenario_set_to_whole_numbers_in_a_notebook_is_a_file_too() -> None:
    for name, lever in LEVERS.items():
        bound = int(lever.about.low)
        if bound == lever.about.low:
            made = load_scenario("both").with_lever(name, bound)
            assert parse_scenario(made.to_yaml()).fingerprint == made.fingerprint
            assert Slot("both", "", (LeverEdit(name, bound),)).scenario.to_yaml()


def test_a_fault_while_something_is_changed_or_a_link_is_read_is_told_without_its_text(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    session = Session(store=ResultStore(never), selection=Selection((TODAYS_RULES, Slot("ringfence"))))
    before = session.selection

    def broken(*_: object, **__: object) -> Selection:
        raise AttributeError("'int' object has no attribute 'is_integer'")

    assert not session.attempt(broken, "Something")
    monkeypatch.setattr(permalink, "_read_selection", broken)
    (note,) = permalink.restore("?v=2&B=ringfence").notes
    for words in (session.problem, note):
        assert "A fault in Ringfence stopped" in words and "attribute" not in words
    assert session.selection == before
    assert caplog.text.count("object has no attribute") >= 2
