"""What is set by hand is what is computed, named, linked and saved."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from policy_forms import refused, set_lever

pytest.importorskip("panel", reason="the dashboard is not installed: pip install -e '.[dashboard]'")

from dashboards.computing.result_store import draw_shared_futures
from dashboards.computing.session import Session
from dashboards.computing.worker import ResultStore
from dashboards.selection.permalink import layer_edits, make_link, restore
from dashboards.selection.policy_form import describe_form, describe_levers
from dashboards.selection.scenario_hints import list_differences, list_differences_from_today, list_hints
from dashboards.selection.selection import TODAYS_RULES, USUAL_START, LeverEdit, Selection, SelectionError, Slot
from dashboards.widgets.policy_form import PolicyForm
from simulator.common.units import Unit
from simulator.declarations.calendar import QUARTERS, quarter_name
from simulator.declarations.levers import LEVERS
from simulator.runs.results import Results
from simulator.runs.run import run
from simulator.scenarios.change import LAST
from simulator.scenarios.library_reasons import inherit_reason
from simulator.scenarios.scenario import Change, library, load_scenario, parse_scenario

pytestmark = [pytest.mark.dashboards, pytest.mark.filterwarnings("default")]

STARTS, PHASES = (0, 19, 20, 23, 24, 31), (0, 1, 4, 12)
AUDITED_LATER = tuple(
    LeverEdit(lever, value, start)
    for lever, value, start in (
        ("ringfence", 1.0, 24),
        ("audit", 1.0, 24),
        ("leader_lift", 0.225, 20),
        ("finance_lift", 0.1, 20),
    )
)
"""An audited ring-fence from 2028/29 with half a leadership programme, made of “Ring-fence and leadership together”."""


@pytest.fixture(autouse=True)
def idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is worked out in the background: these tests are about what is chosen."""
    monkeypatch.setattr("dashboards.computing.worker.Worker.ask", lambda *_, **__: None)


def never(*_: object) -> Results:
    raise AssertionError("nothing is to be run")


def quiet(slot: Slot) -> Session:
    return Session(store=ResultStore(never), selection=Selection((TODAYS_RULES, slot)))


def line(change: Change) -> str:
    """A change as somebody writes it into a file."""
    body: dict[str, object] = {"because": "b", "evidence": [], "assumption": True}
    if change.kind == "path":
        body["path"] = {quarter_name(q): value for q, value in change.path}
    else:
        body |= {change.kind: float(change.value), "from": quarter_name(change.start)}
        body |= {"phase": f"{change.phase} quarters"} if change.phase > 1 else {}
    body |= {"until": quarter_name(change.end)} if change.end < LAST else {}
    return json.dumps(body)


def as_file(preset: str, edit: LeverEdit) -> str:
    """The file that somebody would write: what the preset changes but for this lever, and the change."""
    others = [change for change in load_scenario(preset).changes if change.lever != edit.lever]
    before = {edit_here.lever: [c for c in others if c.lever == edit_here.lever] for edit_here in others}
    lines = ["title: T", "question: Q", "changes:"]
    for lever, changes in {**before, edit.lever: [edit.change]}.items():
        values = load_scenario(preset).lever(lever)
        if len(changes) > 1:  # steps that overlap are written as the path that they come to
            start = min(change.start for change in changes)
            moves = {q: float(values[q]) for q in range(start, QUARTERS) if q == start or values[q] != values[q - 1]}
            changes = [replace(changes[0], kind="path", path=tuple(moves.items()), start=start, end=LAST, phase=0)]
        lines.append(f"  {lever}: {line(changes[0])}")
    return "\n".join(lines) + "\n"


def expected(edit: LeverEdit) -> list[float]:
    """The lever as today's rules have it, until the edit begins."""
    values = load_scenario("baseline").lever(edit.lever)
    before = values[max(0, edit.start - 1)]
    for n, quarter in enumerate(range(edit.start, edit.end + 1), 1):
        share = min(1.0, n / max(1, edit.phase))
        values[quarter] = before + share * (edit.value - before)
    return [float(x) for x in values]


def value_of(lever: str) -> float:
    about = LEVERS[lever].about
    return about.high if about.unit is Unit.SWITCH else round(about.low + 0.7 * (about.high - about.low), 3)


@pytest.mark.parametrize("preset", library())
def test_a_lever_set_by_hand_stands_instead_of_all_that_the_preset_does_to_it(preset: str) -> None:
    base = load_scenario(preset)
    changed = {change.lever for change in base.changes}
    for lever, start, phase in itertools.product(sorted(changed) or ["audit"], STARTS, PHASES):
        if phase > 1 and LEVERS[lever].about.unit is Unit.SWITCH:
            with pytest.raises(SelectionError, match="cannot be phased in"):
                LeverEdit(lever, value_of(lever), start, phase)
            continue
        edit = LeverEdit(lever, value_of(lever), start, phase)
        built = Slot(preset, "", (edit,)).scenario
        assert list(built.lever(lever)) == pytest.approx(expected(edit)), (lever, start, phase)
        assert set(built.differs_from(base)) <= {lever}
    turn = list(library()).index(preset)  # so that presets together meet every lever
    for at, lever in enumerate(LEVERS):
        phase = 0 if LEVERS[lever].about.unit is Unit.SWITCH else PHASES[at % 4]
        edit = LeverEdit(lever, value_of(lever), STARTS[at % 6], phase)
        if lever in changed or at % 24 == turn % 24:
            built = Slot(preset, "", (edit,)).scenario
            assert built.fingerprint == parse_scenario(as_file(preset, edit)).fingerprint, lever
            assert built.fingerprint == parse_scenario(built.to_yaml()).fingerprint, lever


def test_an_audited_ring_fence_from_2028_with_half_a_programme_keeps_90_pounds_and_not_95() -> None:
    slot = Slot("both", "", AUDITED_LATER)
    futures = draw_shared_futures(1000, Selection().seed)
    means_by_name = {
        name: run(one, futures=futures).outcome("retained", slice(5, 8)).mean()
        for name, one in (("now", slot.scenario), ("laid on top", layer_edits(slot)))
    }
    assert {name: round(100 * float(share)) for name, share in means_by_name.items()} == {"now": 90, "laid on top": 95}


def test_a_saved_file_lists_each_lever_once_and_reads_back_to_the_same_policy() -> None:
    built = Slot("both", "Mine", AUDITED_LATER).scenario
    text = built.to_yaml()
    assert sorted(change.lever for change in built.changes) == sorted(
        ["ringfence", "waiver", "audit", "leader_lift", "finance_lift"]
    )
    assert all(text.count(f"\n  {change.lever}:") == 1 for change in built.changes)
    assert "path:" not in text and "0.45" not in text
    assert parse_scenario(text).fingerprint == built.fingerprint
    assert Slot("mine", "", (), text).scenario.fingerprint == built.fingerprint


@pytest.mark.parametrize("preset", library())
def test_moving_only_the_value_keeps_when_the_preset_begins_arrives_and_ends(preset: str) -> None:
    slot = Slot(preset)
    for lever in {change.lever for change in slot.base.changes if slot.is_one_step(change.lever)}:
        usual = slot.describe_preset(lever)
        alike = slot.with_edit(usual).scenario
        assert np.allclose(alike.lever(lever), slot.base.lever(lever)), lever
        assert not set(slot.with_edit(usual).scenario.differs_from(slot.base)) - {lever}


def test_the_page_shows_when_the_preset_changes_a_lever_and_takes_another_date_alone() -> None:
    session = quiet(Slot("both"))
    form = PolicyForm(session)
    assert describe_form()["presets"]["both"]["levers"]["ringfence"]["start"] == USUAL_START
    set_lever(form, "ringfence", start=24)
    slot = session.selection.slots[1]
    assert slot.edits == (LeverEdit("ringfence", 1.0, 24),)
    assert list(slot.scenario.lever("ringfence")[[19, 20, 23, 24]]) == [0, 0, 0, 1]
    set_lever(form, "ringfence", moving=True, value=0.5)
    assert session.selection.slots[1].edits == (LeverEdit("ringfence", 0.5, 24),)


def test_moving_the_value_of_a_change_that_ends_or_arrives_slowly_leaves_its_dates() -> None:
    for preset, lever, kept in (("no-letter", "letter", (6, 0, 7)), ("management-cuts", "capacity", (20, 4, LAST))):
        session = quiet(Slot(preset))
        told = describe_form()["presets"][preset]["levers"][lever]
        assert (told["start"], told["phase"], told["end"]) == kept
        set_lever(PolicyForm(session), lever, moving=True, value=0.5)
        (edit,) = session.selection.slots[1].edits
        assert (edit.start, edit.phase, edit.end) == kept


def test_a_change_that_would_end_before_it_begins_is_told_and_leaves_what_was_there() -> None:
    session = quiet(Slot("no-letter"))
    form = PolicyForm(session)
    before = form.state["slots"]
    assert "would end before it begins" in refused(form, "letter", start=24)
    assert session.selection.slots[1].edits == () and form.state["slots"] == before
    with pytest.raises(SelectionError, match="before it has arrived"):
        LeverEdit("letter", 0.5, 6, 8, "", 9)


@given(st.sampled_from(["no-letter", "both", "management-cuts"]), st.data())
def test_a_change_that_ends_is_in_the_link(preset: str, data: st.DataObject) -> None:
    lever = data.draw(st.sampled_from(sorted({change.lever for change in load_scenario(preset).changes})))
    start = data.draw(st.integers(0, LAST))
    end = data.draw(st.integers(start, LAST))
    phase = data.draw(st.integers(0, min(12, end - start + 1)))
    selection = Selection((TODAYS_RULES, Slot(preset, "", (LeverEdit(lever, value_of(lever), start, phase, "", end),))))
    assert restore(make_link(selection)).selection == selection


def test_a_link_of_the_earlier_format_opens_and_says_where_its_meaning_has_changed() -> None:
    old = "?v=1&B=both&B.ringfence=1_2028Q1&B.audit=0.5_2027Q2_4&C=leadership"
    restored = restore(old)
    assert restored.selection.slots[1].edits == (LeverEdit("ringfence", 1.0, 24), LeverEdit("audit", 0.5, 21, 4))
    (note,) = restored.notes
    assert LEVERS["ringfence"].about.meaning in note and "before 2028/29 Q1" in note
    assert LEVERS["audit"].about.meaning not in note
    assert restore(old.replace("v=1", "v=2")).notes == ()
    assert restore("?v=1&B=ringfence&B.audit=0.5_2027Q2_4").notes == ()


def test_differences_show_the_value_and_when_the_preset_began() -> None:
    (difference,) = list_differences(Slot("both", "", (LeverEdit("ringfence", 1.0, 24),)))
    assert ": in full from 2028/29 Q1, and not already from 2027/28 Q1 (As in “" in difference
    (waiver,) = list_differences(Slot("both", "", (LeverEdit("waiver", 0.0, 24),)))
    assert waiver.startswith("National waiver of ring-fences in force: none from 2028/29 Q1, and not already from")


def test_what_is_set_to_the_librarys_value_has_the_librarys_reason_and_evidence_unless_one_is_given() -> None:
    (of_library,) = (change for change in load_scenario("ringfence-audited").changes if change.lever == "audit")
    inherited = inherit_reason(LeverEdit("audit", of_library.value, 24).change)
    assert of_library.because in inherited.because and inherited.because.startswith("As in “")
    assert (inherited.evidence, inherited.assumption) == (of_library.evidence, of_library.assumption)
    for own in (LeverEdit("audit", 0.37).change, LeverEdit("audit", of_library.value, because="Mine").change):
        assert inherit_reason(own) == own


def test_what_differs_from_todays_rules_is_told_first_in_words() -> None:
    edits = (LeverEdit("leader_lift", 0.225, 24), LeverEdit("ringfence", 0.5, 24, 0, "", 27))
    lines = list_differences_from_today(Slot("ringfence", "", edits).scenario)
    assert any(line.endswith(": none → 22.5% from 2028/29") and "programme" in line for line in lines)
    assert any(
        line.startswith("Ring-fence on the fund: none → 50% from 2028/29, then none from 2029/30") for line in lines
    )
    assert not list_differences_from_today(Slot("baseline").scenario)


def test_levers_that_a_plain_choice_sets_together_are_told_together_under_it() -> None:
    (fence,) = list_differences_from_today(Slot("ringfence-audited").scenario)
    assert fence.startswith("Ring-fence: none → audited from 2027/28. “Audited” sets all of these: ")
    for lever in ("ringfence", "waivable", "waiver", "audit"):
        assert LEVERS[lever].about.meaning.partition(" (")[0] in fence, lever
    later = LeverEdit("audit", 1.0, 28)
    apart = list_differences_from_today(Slot("ringfence-audited", "", (later,)).scenario)
    assert len(apart) == 4, "levers with dates of their own are told one by one"


def test_what_plain_words_set_is_told_in_plain_words() -> None:
    half = (LeverEdit("leader_lift", 0.225, 24), LeverEdit("finance_lift", 0.1, 24))
    assert list_differences(Slot("baseline", "", half)) == [
        "Leadership programme: none → half, from 2028/29 Q1 (no reason given yet)"
    ]
    apart = (half[0], LeverEdit("finance_lift", 0.1, 28))
    assert len(list_differences(Slot("baseline", "", apart))) == 2, "levers with dates of their own are told one by one"
    between = (LeverEdit("leader_lift", 0.3, 24), half[1])
    assert len(list_differences(Slot("baseline", "", between))) == 2


def test_a_question_and_a_switch_are_answered_yes_or_no_and_what_lies_between_stays_a_number() -> None:
    edits = (LeverEdit("waivable", 0.0), LeverEdit("reorganise", 0.0), LeverEdit("audit", 1.0))
    fence, mergers, audit = list_differences(Slot("baseline", "", edits))
    assert fence.startswith("If a national waiver is in force, does it lift the ring-fence?: Yes → No from 2027/28 Q1")
    assert mergers.startswith("Mergers and shared leadership go ahead: Yes → No from 2027/28 Q1")
    assert audit.startswith("Added enforcement: audit and sanction: none → in full from"), "as beside today's rules"
    assert LeverEdit("waivable", 0.0).change.describe().startswith("is set to No from")
    assert LeverEdit("waivable", 0.25).change.describe().startswith("is set to 0.25 from")
    levers = describe_levers()["levers"]
    assert [name for name, lever in levers.items() if lever["asks"]] == [
        "waivable",
        "support_conditional",
        "reorganise",
    ]
    assert levers["waivable"]["course"] == "Yes" and levers["reorganise"]["bounds"] == "yes or no"
    assert levers["support_conditional"]["course"] == "Yes" and levers["audit"]["course"] == "0"


@pytest.mark.parametrize(
    ("title", "start", "remarked"),
    [
        ("Ring-fence from 2027/28", 24, True),
        ("Ring-fence from 2028/29", 24, False),
        ("Ring-fence of 2022/23", 24, False),
        ("Ring-fence from 2028/29 Q3", 24, True),
        ("Ring-fence, January 2028", 23, False),
        ("As in 2022/23", 24, False),
        ("Ring-fence from 2026", 24, True),
        ("Decided in 1999", 24, False),
    ],
)
def test_a_title_that_names_a_year_in_which_nothing_happens_is_remarked_on(
    title: str, start: int, remarked: bool
) -> None:
    edits = (LeverEdit("ringfence", 1.0, start), LeverEdit("waiver", 0.0, start))
    remarks = [hint.says for hint in list_hints(Selection((TODAYS_RULES, Slot("ringfence", title, edits))), 1)]
    assert any(f"first change is in {quarter_name(start)}" in words for words in remarks) == remarked


def test_a_year_in_a_changed_levers_name_is_not_remarked_on() -> None:
    slot = Slot("baseline", "", (LeverEdit("cut", 0.0),))
    assert "2025/26" in slot.shown
    hints = list_hints(Selection((TODAYS_RULES, slot)), 1)
    assert not [hint for hint in hints if hint.says.startswith("The title says 2")]


def test_no_title_of_the_library_is_remarked_on() -> None:
    for name in library():
        remarks = [hint.says for hint in list_hints(Selection((TODAYS_RULES, Slot(name))), 1)]
        assert not [words for words in remarks if words.startswith("The title says 2")], name


def test_the_question_of_a_changed_scenario_says_what_was_changed_and_to_what() -> None:
    whole = Slot("ringfence")
    edited = Slot("ringfence", "Protected", (LeverEdit("named", 0.5), LeverEdit("waivable", 0.0))).scenario.question
    assert whole.scenario.question == Slot("ringfence", "Mine").scenario.question == load_scenario("ringfence").question
    assert edited.startswith(
        f"{whole.scenario.question} Changed by hand: ‘Each board's amount is named and published’ to 0.5"
    )
    assert edited.endswith("‘If a national waiver is in force, does it lift the ring-fence’ to no.")


def test_a_policy_that_was_changed_saved_and_changed_again_says_once_that_it_was_changed() -> None:
    first = Slot("ringfence", "", (LeverEdit("named", 0.5), LeverEdit("waivable", 0.0), LeverEdit("ringfence", 0.4)))
    second = Slot("mine", "", (LeverEdit("named", 0.25), LeverEdit("audit", 0.5)), first.scenario.to_yaml())
    third = Slot("mine", "", (LeverEdit("waivable", 1.0),), second.scenario.to_yaml())
    asked = third.scenario.question
    assert asked.count("Changed by hand") == 1 and asked.startswith(load_scenario("ringfence").question)
    assert (
        asked.count("amount is named and published’ to 0.25") == 1 and "to 0.5;" not in asked.partition("named")[2][:40]
    )
    assert asked.endswith("‘If a national waiver is in force, does it lift the ring-fence’ to yes.")
    assert second.shown.count("Changed from") <= 1 and third.shown.count("Changed from") <= 1


def test_a_title_that_counts_changes_goes_on_counting_when_the_policy_is_changed_again() -> None:
    many = ("audit", "support", "named", "alignment")
    first = Slot("leadership", "", tuple(LeverEdit(name, 0.5, 20) for name in many))
    again = (LeverEdit("leader_lift", 0.3, 24), LeverEdit("peers", 0.5, 20), LeverEdit("support", 0.25, 24))
    second = Slot("mine", "", again, first.scenario.to_yaml())
    assert first.shown == f"{load_scenario('leadership').title}, with 4 changes"
    assert second.shown == f"{first.shown} and 3 more" and second.plain_title.counts


def test_a_title_says_by_itself_whether_it_counts_changes() -> None:
    many = tuple(LeverEdit(name, 0.5, 20) for name in ("audit", "support", "named", "alignment"))
    assert Slot("ringfence", "Mine", many).plain_title.counts
    named = Slot("leadership", "With 4 changes", (LeverEdit("support", 0.5),)).plain_title
    assert not named.counts and not Slot("ringfence").plain_title.counts
