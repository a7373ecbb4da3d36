"""The form of the Build page sets what is asked for, refuses what no form sends, and shows what the session holds."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from typing import Any

import pytest

pytest.importorskip("panel", reason="the dashboard is not installed")

from policy_forms import refused, send, set_lever

from dashboards.computing.session import Session
from dashboards.computing.worker import ResultStore, Worker
from dashboards.selection.policy_form import GROUPS, INTERVENTIONS, describe_form, load_scenario_words
from dashboards.selection.selection import TODAYS_RULES, USUAL_START, LeverEdit, Selection, Slot
from dashboards.widgets.policy_form import PolicyForm
from simulator.declarations.levers import LEVERS
from simulator.runs.results import Results
from simulator.scenarios.plain_controls import PLAIN_CONTROLS
from simulator.scenarios.scenario import library, load_scenario

pytestmark = [pytest.mark.dashboards, pytest.mark.filterwarnings("default")]

FILE = "title: Mine\nquestion: Q\nchanges:\n  audit: {to: 1, from: 2027/28, because: b, evidence: [E42]}\n"


def never(*_: Any, **__: Any) -> Results:
    raise AssertionError("nothing is to be worked out")


@pytest.fixture(autouse=True)
def unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers are the business of others."""
    monkeypatch.setattr(Worker, "ask", lambda *_, **__: None)


def form_of(*slots: Slot) -> PolicyForm:
    return PolicyForm(Session(store=ResultStore(never), selection=Selection((TODAYS_RULES, *slots))))


def test_the_library_is_offered_in_groups_and_recommendations_have_their_numbers() -> None:
    presets = describe_form()["presets"]
    assert set(presets) == set(library()) and {preset["group"] for preset in presets.values()} == {"", *GROUPS}
    for preset in presets.values():
        assert preset["group"] != INTERVENTIONS or len(preset["of45"]) == 1, preset["title"]


def test_other_words_for_scenarios_name_the_library_and_nothing_else() -> None:
    assert set(load_scenario_words()) == set(library()) - {"baseline"}


def test_who_seeks_permanent_funding_is_told_that_the_money_is_in_the_baseline_already_and_who_says_so() -> None:
    (note,) = describe_form()["search_notes"]
    assert "permanent" in note["words"] and note["says"].startswith("The money is permanent already. ")
    for words in ("since 2023/24", "recurrent baseline", "NHS Confederation and Leeds Beckett University", "(E02)"):
        assert words in note["says"], note["says"]


def test_plain_words_have_one_choice_for_todays_rules_and_share_no_lever() -> None:
    levers = [lever for control in PLAIN_CONTROLS for lever in control.levers]
    assert len(levers) == len(set(levers)) and set(levers) <= set(LEVERS)
    for control in PLAIN_CONTROLS:
        assert [choice.says for choice in control.choices if not choice.sets] == [""], control.key
        assert all(choice.says for choice in control.choices if choice.sets), control.key


@pytest.mark.parametrize(
    ("key", "name"), [("peers", "peer-forums"), ("money", "money-rules"), ("places", "devolve-to-place")]
)
def test_the_furthest_choice_of_plain_words_is_the_librarys_scenario(key: str, name: str) -> None:
    control = next(control for control in PLAIN_CONTROLS if control.key == key)
    edits = tuple(LeverEdit(lever, value) for lever, value in control.choices[-1].sets.items())
    assert Slot("baseline", "", edits).scenario.fingerprint == load_scenario(name).fingerprint


@pytest.mark.parametrize(
    ("preset", "edits", "title"),
    [
        ("baseline", {"peers": 1.0}, "Peer forums in every board"),
        ("baseline", {"ringfence": 1.0}, "Ring-fence that can be waived"),
        ("ringfence", {"waivable": 0.0, "audit": 1.0}, "Audited ring-fence"),
        ("ringfence", {"ringfence": 1.0}, "{}"),
        ("ringfence", {"waiver": 1.0}, "Ring-fence that can be waived"),
        (
            "leadership",
            {"audit": 1.0, "ringfence": 1.0, "waiver": 0.0, "waivable": 0.0},
            "Audited ring-fence and the leadership programme",
        ),
        ("baseline", {"peers": 0.7}, "Today's rules, with peer forums changed"),
        ("leadership", {"leader_lift": 0.225, "finance_lift": 0.1}, "Half the leadership programme"),
        ("leadership", {"leader_lift": 0.3}, "Changed from {}: leadership programme"),
        ("ringfence", {"waiver": 0.3}, "Ring-fence with a waiver at 30%"),
        ("ringfence", {"waiver": 0.3, "audit": 1.0}, "Ring-fence with a waiver at 30% and audit"),
        ("ringfence", {"waiver": 0.3, "peers": 0.7}, "Changed from {}: ring-fence and peer forums"),
        ("ringfence", {"waiver": 0.3, "stability": 0.5, "peers": 0.7}, "Changed from {}: 3 changes"),
        ("baseline", {"stability": 0.5}, "Today's rules, with ‘Leadership stability and handover rules’ changed"),
        ("baseline", {"peers": 1.0, "gap_mean": 1.0}, "Today's rules, with financial pressure and peer forums changed"),
        ("baseline", {"audit": 1.0, "peers": 1.0, "stability": 1.0}, "Today's rules, with 3 changes"),
    ],
)
def test_a_changed_policys_title_says_what_was_changed_and_nothing_that_the_change_undoes(
    preset: str, edits: dict[str, float], title: str
) -> None:
    slot = Slot(preset, "", tuple(LeverEdit(lever, value) for lever, value in edits.items()))
    assert slot.shown == title.format(slot.base.title)
    assert replace(slot, title="My own").shown == "My own"


AUDITED = {"ringfence": 1.0, "waiver": 0.0, "waivable": 0.0, "audit": 1.0}
HALF = {"leader_lift": 0.225, "finance_lift": 0.1}


@pytest.mark.parametrize(
    ("preset", "edits", "later", "title"),
    [
        ("ringfence", AUDITED | HALF, 4, "Audited ring-fence and half the leadership programme, from 2028/29"),
        ("ringfence", AUDITED | HALF, 0, "Audited ring-fence and half the leadership programme"),
        ("leadership", HALF, 4, "Half the leadership programme, from 2028/29"),
        ("ringfence", {"ringfence": 1.0, "waiver": 0.0}, 4, "{}, from 2028/29"),
        ("ringfence", {"ringfence": 1.0, "waiver": 0.0}, 2, "{}, with ring-fence changed"),
        ("ringfence", {"audit": 0.5} | HALF, 0, "Ring-fence with audit at 50% and half the leadership programme"),
    ],
)
def test_a_policy_that_plain_words_say_is_named_by_them_and_its_year(
    preset: str, edits: dict[str, float], later: int, title: str
) -> None:
    slot = Slot(preset, "", tuple(LeverEdit(lever, value, USUAL_START + later) for lever, value in edits.items()))
    assert slot.shown == title.format(slot.base.title)


@pytest.mark.parametrize(
    ("ends", "start", "title"),
    [
        ({"ringfence": 23, "waiver": 23}, 16, "{}, from 2026/27, ending in 2027/28"),
        ({"ringfence": 23}, 16, "{}, from 2026/27, ring-fence ending in 2027/28"),
        ({"ringfence": 24}, 20, "{}, ring-fence ending in 2028/29 Q1"),
        ({"ringfence": 31, "waiver": 31}, 20, "{}"),
    ],
)
def test_a_policy_that_ends_says_so_in_its_title(ends: dict[str, int], start: int, title: str) -> None:
    values = {"ringfence": 1.0, "waiver": 0.0}
    edits = (LeverEdit(lever, value, start, end=ends.get(lever, 31)) for lever, value in values.items())
    slot = Slot("ringfence", "", tuple(edits))
    assert slot.shown == title.format(slot.base.title)


def test_what_is_sent_is_set_and_one_drag_is_one_undo() -> None:
    form = form_of(Slot("ringfence"), Slot("leadership"))
    session = form._session
    for value in (0.1, 0.2, 0.3):
        set_lever(form, "audit", moving=True, value=value)
    set_lever(form, "audit", value=0.4)
    assert session.selection.slots[1] == Slot("ringfence", "", (LeverEdit("audit", 0.4),))
    session.undo()
    assert session.selection.slots[1] == Slot("ringfence")


def test_a_lever_that_rests_where_it_was_last_moved_to_moves_no_longer() -> None:
    form = form_of(Slot("ringfence"))
    set_lever(form, "audit", moving=True, value=0.4)
    assert form._session.moving
    set_lever(form, "audit", value=0.4)  # as browsers do: the last move, and then that it is let go
    assert not form._session.moving and form._session.selection.slots[1].edits == (LeverEdit("audit", 0.4),)


def test_several_levers_are_one_change_that_says_what_it_was() -> None:
    form = form_of(Slot("ringfence"))
    edits = [
        {"lever": name, "value": 1.0, "start": 24, "phase": 0, "end": 31, "because": ""}
        for name in ("named", "multi_year")
    ]
    send(form, edits=edits)
    session = form._session
    assert [edit.start for edit in session.selection.slots[1].edits] == [24, 24]
    assert session.last_change == "Rules for the money changed in B"
    session.undo()
    assert session.selection.slots[1] == Slot("ringfence")


def test_scenarios_are_added_chosen_and_removed_by_their_letters() -> None:
    form = form_of(Slot("ringfence"), Slot("leadership"))
    session, state = form._session, form.state
    message = {
        "rev": 1,
        "at": 3,
        "moving": False,
        "slots": [*state["slots"][1:], {"letter": "D", "preset": "baseline", "title": "", "edits": []}],
    }
    form._handle_msg({"change": json.dumps(message)})
    assert session.selection.slots[3] == TODAYS_RULES and session.slot == form.state["at"] == 3
    form._handle_msg({"change": json.dumps({"rev": 2, "at": 1, "moving": False, "slots": form.state["slots"][2:]})})
    assert session.selection.slots == (TODAYS_RULES, Slot("leadership"), TODAYS_RULES)
    assert session.selection.letters == "ACD" and [slot["letter"] for slot in form.state["slots"]] == ["A", "C", "D"]
    assert session.last_change == "scenario B removed" and form.state["rev"] == 2


def test_an_uploaded_scenario_stays_while_its_levers_move_and_can_be_returned_to() -> None:
    form = form_of(Slot("mine", "", (), FILE))
    session = form._session
    (name,) = form.state["own"]
    assert form.state["slots"][1]["preset"] == name and form.state["own"][name]["title"] == "Mine"
    set_lever(form, "peers", value=1.0)
    assert session.selection.slots[1] == Slot("mine", "", (LeverEdit("peers", 1.0),), FILE)
    send(form, preset="ringfence", edits=[])
    send(form, preset=name)
    assert session.selection.slots[1] == Slot("mine", "", (), FILE)


def test_a_hint_is_mended_once_and_only_as_it_was_seen() -> None:
    form = form_of(Slot("ringfence-label"))
    (says, button), *_ = form.state["hints"]
    assert button
    for message in ({"rev": 1, "fix": 0, "says": "another"}, {"rev": 2, "fix": 9, "says": says}):
        form._handle_msg({"change": json.dumps(message)})
        assert not form._session.selection.slots[1].edits
    form._handle_msg({"change": json.dumps({"rev": 3, "fix": 0, "says": says})})
    assert form._session.selection.slots[1].edit("waiver") is not None and form.state["hints"] == []


def test_what_differs_from_the_preset_is_told_with_its_reason() -> None:
    form = form_of(Slot("ringfence"))
    set_lever(form, "audit", value=0.5, because="<b>A guess</b>")
    named = "Added enforcement: audit and sanction"
    assert form.state["differs"] == [f"{named}: none → 50% from 2027/28 Q1 (<b>A guess</b>)"]
    assert any(line.startswith(f"{named}: none → 50%") for line in form.state["from_today"]), "in one form"


GOOD = {"lever": "audit", "value": 0.5, "start": 20, "phase": 0, "end": 31, "because": ""}
CROOKED: tuple[Any, ...] = (
    *("", "{", "[]", "null", "7", '"x"', "[" * 50_000, "NaN", json.dumps({"rev": 1}), json.dumps({"rev": 1e400})),
    {"rev": 1, "at": 1, "slots": "baseline"},
    {"rev": 1, "at": 1, "slots": [7]},
    {"rev": 1, "at": 1, "slots": [{"letter": "B", "preset": "../secret", "title": "", "edits": []}]},
    {"rev": 1, "at": 1, "slots": [{"letter": "B", "preset": {}, "title": "", "edits": []}]},
    *(
        {"rev": 1, "at": 1, "slots": [{"letter": letter, "preset": "both", "title": "", "edits": []}]}
        for letter in ("A", "E", "", "BC", 7, None)
    ),
    {"rev": 1, "at": 1, "slots": [{"letter": letter, "preset": "both", "title": "", "edits": []} for letter in "CB"]},
    *(
        {"rev": 1, "at": 1, "slots": [{"letter": "B", "preset": "ringfence", "title": title, "edits": edits}]}
        for title, edits in (
            ("x" * 500, []),
            ("a\nb", []),
            ("", [GOOD, GOOD]),
            ("", [GOOD | {"lever": "wand"}]),
            ("", [GOOD | {"value": "lots"}]),
            ("", [GOOD | {"start": 99}]),
            ("", [GOOD | {"because": "x" * 700}]),
            ("", [{}]),
            ("", "edits"),
        )
    ),
)


@pytest.mark.parametrize("message", CROOKED, ids=range(len(CROOKED)))
def test_what_no_form_sends_is_refused_and_changes_nothing(message: Any, caplog: pytest.LogCaptureFixture) -> None:
    form = form_of(Slot("ringfence"))
    before = form._session.selection
    with caplog.at_level(logging.ERROR):
        form._handle_msg({"change": message if isinstance(message, str) else json.dumps(message)})
    assert form._session.selection == before and form._session.problem
    assert not caplog.records


def test_a_title_that_cannot_be_used_is_refused_and_the_old_one_is_shown() -> None:
    form = form_of(replace(Slot("ringfence"), title="Ours"))
    send(form, title="x" * 100)
    assert "at most 80 letters" in form._session.problem and form.state["slots"][1]["title"] == "Ours"
    assert "must be 0 to 1" in refused(form, "audit", value=2)
