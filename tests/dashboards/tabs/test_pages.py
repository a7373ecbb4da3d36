"""Controls agree with the declarations, sentences with the numbers, and every tab shows an answer."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import asdict, replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

pytest.importorskip("panel", reason="the dashboard is not installed: pip install -e '.[dashboard]'")

import numpy as np
import panel as pn
from policy_forms import refused, set_lever
from questions_kit import find_code_names

from dashboards.computing import answer_view
from dashboards.computing.session import Session
from dashboards.computing.worker import Answer, ResultStore
from dashboards.export import data_exports
from dashboards.selection.lever_layout import LEVER_GROUPS, choose_slider_step, describe_bounds, list_levers_in_group
from dashboards.selection.permalink import TABS
from dashboards.selection.policy_form import describe_form
from dashboards.selection.scenario_hints import list_differences, list_hints
from dashboards.selection.selection import TODAYS_RULES, LeverEdit, Selection, Slot
from dashboards.server.page import TAB_CLASSES, Dashboard
from dashboards.tabs.answer import list_limits
from dashboards.tabs.money import write_money_title
from dashboards.widgets.fan_chart import LABEL_ROOM
from dashboards.widgets.policy_form import PolicyForm
from dashboards.widgets.sheet import Sheet, Words
from dashboards.widgets.toolbar import list_chips, render_notices
from simulator.calibration.evidence_status import list_badges
from simulator.charts.labels import spread_apart
from simulator.common.formatting import format_pounds
from simulator.common.units import Unit
from simulator.declarations.levers import LEVERS

pytestmark = [pytest.mark.dashboards, pytest.mark.filterwarnings("default")]

NASTY = '<img src=x onerror="alert(1)">&"'
SELECTION = Selection(
    (TODAYS_RULES, Slot("ringfence"), Slot("leadership", NASTY, (LeverEdit("audit", 0.5, 20, 4, NASTY),))), futures=250
)


@pytest.fixture
def session(store: ResultStore, answer: Answer) -> Session:
    visitor_session = Session(store=store, selection=SELECTION)
    visitor_session.begin()
    return visitor_session


def test_every_lever_has_a_place_in_exactly_one_group() -> None:
    assert [lever.name for theme in LEVER_GROUPS for lever in list_levers_in_group(theme)].__len__() == len(LEVERS)
    assert {lever.about.theme for lever in LEVERS.values()} == set(LEVER_GROUPS)


@pytest.mark.parametrize("name", LEVERS)
def test_a_control_has_the_declared_bounds_unit_meaning_and_badge(name: str) -> None:
    control, about = describe_form()["levers"][name], LEVERS[name].about
    assert (control["low"], control["high"], control["meaning"]) == (about.low, about.high, about.meaning)
    assert control["rests"] == list_badges()[name]
    bounds = f"{about.low:g} to {about.high:g}"
    if control["asks"]:
        bounds = "yes or no" if about.unit is Unit.SWITCH else "no (0) to yes (1)"
    assert control["bounds"] == describe_bounds(LEVERS[name]) and bounds in control["bounds"]
    assert control["step"] == choose_slider_step(LEVERS[name])
    assert (about.high - about.low) / 60 <= control["step"] <= about.high - about.low
    started = describe_form()["presets"]["ringfence"]["levers"].get(name)
    assert (started["value"] if started else control["last"]) == Slot("ringfence").base.lever(name)[-1]


def test_the_form_says_that_a_waiver_for_some_kinds_of_board_cannot_be_set() -> None:
    assert "some kinds of board are not modelled" in describe_bounds(LEVERS["waiver"])


def test_moving_a_control_sets_the_lever_and_undo_moves_it_back(session: Session) -> None:
    form = PolicyForm(session)
    before = form.state["slots"]
    set_lever(form, "audit", value=0.4)
    edit = session.selection.slots[1].edit("audit")
    assert edit is not None and edit.value == 0.4
    assert form.state["slots"][1]["edits"] == [asdict(edit)]
    session.undo()
    form.sync()
    assert session.selection.slots[1].edit("audit") is None
    assert form.state["slots"] == before


def test_the_tabs_are_those_that_links_name() -> None:
    assert tuple(kind.key for kind in TAB_CLASSES) == TABS, (
        "a page has one place in TAB_CLASSES (dashboards/server/page.py) and TABS (dashboards/selection/permalink.py)"
    )


def test_the_readme_has_a_row_for_every_page() -> None:
    readme = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
    assert [kind.title for kind in TAB_CLASSES if f"\n| {kind.title} | " not in readme] == []


def html_of(part: object) -> str:
    found = []
    if isinstance(part, pn.pane.HTML):
        found.append(str(part.object))
    if isinstance(part, Sheet):
        found += [str(words.object) for words in part.parts if isinstance(words, Words)]
    for inner in getattr(part, "objects", []):
        found.append(html_of(inner))
    return "\n".join(found)


@pytest.mark.parametrize("tab", range(len(TAB_CLASSES)))
def test_every_tab_shows_the_answer_and_escapes_what_users_wrote(tab: int, session: Session) -> None:
    explorer = Dashboard(session)
    explorer.bar.active = tab
    text = html_of(explorer.current.view)
    assert find_code_names(text) == [], "a page speaks in words"
    assert session.problem == ""
    assert len(text) > 200
    assert "<img" not in text


def test_the_strip_escapes_titles_problems_and_notes(session: Session) -> None:
    session.problem, session.notes = NASTY, [NASTY]
    text = render_notices(session)
    assert NASTY in [chip["title"] for chip in list_chips(session)], "the browser puts titles in as text"
    assert "<img" not in text and "&lt;img" in text
    assert 'role="alert"' in text


def test_a_number_that_is_out_of_bounds_is_told_and_not_set(session: Session) -> None:
    form = PolicyForm(session)
    for wrong in (7, float("nan"), 1e9, -0.1):
        assert "must be 0 to 1" in refused(form, "audit", value=wrong)
        assert session.selection.slots[1].edit("audit") is None
    set_lever(form, "audit", value=0.35)
    assert session.problem == ""
    edit = session.selection.slots[1].edit("audit")
    assert edit is not None and edit.value == 0.35


class Ids(HTMLParser):
    """Collects ids and the ids that things refer to."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.meant: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name == "aria-labelledby":
                self.meant += (value or "").split()


def test_pictures_are_named_by_what_stands_beside_them(answer: Answer) -> None:
    ids = Ids()
    ids.feed(answer_view.render_cards(answer_view.make_cards(answer_view.view_answer(answer))))
    assert len(ids.ids) == len(set(ids.ids)) > 0
    assert set(ids.meant) <= set(ids.ids)


def test_the_headline_states_the_means_that_the_results_hold(answer: Answer) -> None:
    view = answer_view.view_answer(answer)
    best = max(view.main, key=lambda c: c.difference)
    headline = answer_view.write_headline(view)
    assert best.new in headline
    run = next(run for run in answer.results if run.manifest.title == best.new)
    new = float(run.outcome("retained", view.span).mean())
    assert f"£{100 * new:.1f} in each £100" in headline


def test_the_title_over_time_agrees_with_the_last_averages(answer: Answer) -> None:
    view = answer_view.view_answer(answer)
    average = float(np.mean(answer.results[0].each_year("retained")[:, -1]))
    assert (
        f"on average £{100 * average:.1f} of each £100 is kept under today's rules"
        in answer_view.write_fan_chart_title(view)
    )


def test_the_money_pages_title_states_what_reaches_the_front_line_under_the_policies(answer: Answer) -> None:
    view = answer_view.view_answer(answer)
    title = write_money_title(view, "Today")
    for name in ("front", "additional"):
        for run in view.runs[1:]:
            shown = format_pounds(float(run.outcome(name, view.span).mean()))
            assert shown in title
    assert title.startswith("Today; under ")
    assert write_money_title(replace(view, runs=view.runs[:1]), "Today") == "Today"


def test_the_same_scenario_twice_is_said_to_make_no_difference(store: ResultStore) -> None:
    selection = Selection((TODAYS_RULES, Slot("baseline", "The same")), futures=250)
    view = answer_view.view_answer(store.answer(selection, 250))
    assert "no difference" in answer_view.write_headline(view)
    assert "identical" in list_hints(selection, 1)[0].says


def test_today_alone_has_an_answer(store: ResultStore) -> None:
    view = answer_view.view_answer(store.answer(Selection((TODAYS_RULES,), futures=250), 250))
    assert re.search(r"today's rules give about £\d+", answer_view.write_headline(view))


def test_a_ring_fence_under_a_waiver_is_remarked_and_the_fix_settles_it() -> None:
    slot = Slot("baseline", "", (LeverEdit("ringfence", 1.0),))
    hints = [hint for hint in list_hints(Selection((TODAYS_RULES, slot)), 1) if hint.fix]
    waiver = slot.scenario.lever("waiver")[20:] * slot.scenario.lever("waivable")[20:]
    assert bool(hints) == bool((waiver >= 0.25).any())
    for each_hint in hints:
        for edit in each_hint.fix:
            slot = slot.with_edit(edit)
    assert not [hint for hint in list_hints(Selection((TODAYS_RULES, slot)), 1) if hint.fix]


@pytest.mark.parametrize(
    ("waiver", "effect"), [(0.3, "30% of it: it protects by that much less"), (1.0, "all of it: it protects little")]
)
def test_a_waivers_remark_says_how_much_it_lifts_and_how_long(waiver: float, effect: str) -> None:
    edits = (LeverEdit("ringfence", 1.0), LeverEdit("waiver", waiver))
    slot = Slot("ringfence", "", edits)
    [hint] = [hint for hint in list_hints(Selection((TODAYS_RULES, slot)), 1) if hint.fix]
    assert "waiver lifts " + effect in hint.says, hint.says
    assert [edit.because for edit in hint.fix] == [""], "no reason is put into the reader's mouth"
    assert all(slot.is_as_preset(edit) for edit in hint.fix), "so that the form gives the lever back"
    shorter = Slot("ringfence", "", (edits[0], LeverEdit("waiver", waiver, 20, 0, "", 27)))
    [hint, *_] = [hint for hint in list_hints(Selection((TODAYS_RULES, shorter)), 1) if hint.fix]
    assert ("lifts 30% to all of it" in hint.says) == (waiver == 0.3), "afterwards today's waiver is back"
    settled = slot.with_edit(LeverEdit("waiver", 0.0))
    assert not [line for line in list_differences(settled) if "waiver" in line], "0 to 0 is no difference"


def test_a_check_that_fails_on_a_lever_of_a_policy_on_the_screen_is_among_answers_limits(store: ResultStore) -> None:
    def told(*edits: LeverEdit) -> str:
        selection = Selection((TODAYS_RULES, Slot("baseline", "Mine", edits)), futures=250)
        return "\n".join(list_limits(answer_view.view_answer(store.answer(selection, 250))))

    audit = "A check that bears on “Mine” fails. Versions of the model in which, with the ring-fence audited and not"
    assert audit in told(LeverEdit("ringfence", 1.0), LeverEdit("audit", 1.0))
    assert audit not in told(LeverEdit("peers", 1.0))
    assert "policies of the library, whatever is on the screen" in told(LeverEdit("peers", 1.0))


def test_differences_from_the_preset_name_lever_values_date_and_reason() -> None:
    changes_named = list_differences(Slot("ringfence", "", (LeverEdit("audit", 0.5, 20, 4, "A guess"),)))
    named = "Added enforcement: audit and sanction"
    assert changes_named == [f"{named}: none → 50% from 2027/28 Q1, over 4 quarters (A guess)"]


def test_labels_are_moved_apart_and_keep_their_order() -> None:
    heights = spread_apart([80.0, 81.0, 81.5, 79.0], LABEL_ROOM)
    assert sorted(range(4), key=heights.__getitem__) == [3, 0, 1, 2]
    gaps = np.diff(sorted(heights))
    assert (gaps > LABEL_ROOM - 0.5).all()


def test_csv_and_netcdf_hold_every_future_and_say_how_they_were_made(answer: Answer) -> None:
    view = answer_view.view_answer(answer)
    rows = list(csv.reader(io.StringIO(data_exports.make_csv(view).decode("utf-8-sig"))))
    assert len(rows) == 1 + 3 * 250 * 8 and rows[0][:4] == ["Scenario", "Title", "Future", "Financial year"]
    described = json.loads(data_exports.make_csv_description(view))
    assert described["ringfence:manifests"][0]["seed"] == SELECTION.seed
    assert [column["titles"] for column in described["tableSchema"]["columns"]] == rows[0]
    assert [float(row[2]) for row in rows[1:9]] == [0.0] * 8
    assert data_exports.make_netcdf(view)[:8] == b"\x89HDF\r\n\x1a\n"


def test_the_commands_name_library_scenarios_and_files_of_ones_own(answer: Answer) -> None:
    view = answer_view.view_answer(answer)
    compare = data_exports.list_commands(view)[0]
    files = view.recipe.files
    assert compare.startswith("ringfence compare ringfence ") and f"--seed {SELECTION.seed} -n 250 --expect" in compare
    assert len(files) == 1 and f"{files[0].name}@{files[0].fingerprint}" in compare
    assert re.fullmatch(r"[a-z0-9-]+\.yaml", files[0].name)


def test_the_briefing_is_a_page_that_escapes_titles(answer: Answer, store: ResultStore) -> None:
    page = data_exports.make_briefing_page(answer, store).decode()
    assert page.startswith("<!DOCTYPE html>") or "<html" in page[:200].lower()
    assert "<img src=x" not in page
