"""Every panel of Compare says in words which way a difference goes, and how firm that is."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("panel", reason="the dashboard is not installed: pip install -e '.[dashboard]'")

from dashboards.computing.answer_view import AnswerView, view_answer
from dashboards.computing.policy_parts import work_out_parts
from dashboards.computing.session import Session
from dashboards.computing.worker import Answer, ResultStore
from dashboards.export import charts
from dashboards.selection.selection import TODAYS_RULES, LeverEdit, Selection, Slot, load_library_scenario
from dashboards.tabs.compare import CompareTab, write_panel
from dashboards.tabs.money import MoneyTab
from dashboards.widgets.sheet import Push, Words
from dashboards.widgets.toolbar import Toolbar
from simulator.charts.differences import draw_intervals
from simulator.experiments.core.verdicts import EVERY, FREQUENCIES, NOT_SETTLED, SAME, describe_verdict
from simulator.reports.content import make_intervals
from simulator.runs.run import compare_results

pytestmark = pytest.mark.dashboards
SELECTION = Selection((TODAYS_RULES, Slot("ringfence"), Slot("leadership"), Slot("both")), futures=250)
WAYS = ("more", "less", "better", "worse", "higher", "lower", SAME, "not settled", "too few futures")


@pytest.fixture
def view(answer: Answer) -> AnswerView:
    return view_answer(answer)


def test_no_panel_tells_the_way_of_a_difference_by_a_sign_or_a_colour_alone(view: AnswerView) -> None:
    groups = charts.group_comparisons(view)
    assert len(groups) >= 4
    for name, group in groups.items():
        drawn = str(charts.draw_outcome_differences(view, name))
        labels = [re.sub("<[^>]*>", "", text) for text in re.findall(r"<text[^>]*>(?:.*?)</text>", drawn)]
        assert not [text for text in labels if re.match(r"[+−]?[£\d.]+p?$", text) and "£" in text and text != "£0"]
        for interval in make_intervals(group):
            assert interval.value == "£0" or interval.value.endswith((" more", " less")), interval
            assert any(word in interval.says for word in WAYS), interval
            assert any(interval.says in text for text in labels), (interval.says, labels)


def test_each_panel_says_of_each_policy_what_the_first_says_of_its_verdict(view: AnswerView) -> None:
    for group in charts.group_comparisons(view).values():
        said = write_panel(group, view.letters[1:])
        for letter, c in zip(view.letters[1:], group, strict=False):
            many = re.search(rf"[B-D](?:, [B-D])* and [B-D] (?:do|are|have)|{letter} make", said) is not None
            forms = {describe_verdict(c.verdict, each) for each in ({False, True} if many else {False})}
            forms |= {form.replace(FREQUENCIES[0], EVERY) for form in forms}
            assert any(form in said for form in forms), (c.verdict, said)
            assert not c.says_written or c.sign_assumed or "which is not assumed, but no proof" in said
            assert c.verdict in (SAME, NOT_SETTLED) or letter in said.split(". ", 1)[1]


def test_a_row_with_a_line_more_is_that_much_higher_and_keeps_its_marks_apart(view: AnswerView) -> None:
    (row,) = make_intervals(view.main[:1])
    plain = draw_intervals("d", "T", "W", [type(row)(row.title, row.style, 1, (0, 2), (0, 3), row.value)], (-1, 4))
    more = draw_intervals("d", "T", "W", [type(row)(row.title, row.style, 1, (0, 2), (0, 3), row.value, "so")], (-1, 4))
    heights = [int(re.search(r'viewBox="0 0 340 (\d+)"', text)[1]) for text in (plain, more)]  # type: ignore[index]
    assert heights[1] - heights[0] == 15 and ">so<" in more


def make_late_session(store: ResultStore) -> Session:
    edits = tuple(LeverEdit(c.lever, c.value, 24) for c in load_library_scenario("ringfence-audited").changes)
    slots = (TODAYS_RULES, Slot("ringfence"), Slot("ringfence-audited", "Later", edits))
    selection = Selection(slots, futures=250)
    session = Session(store=store, selection=selection)
    session.answer = store.answer(selection, 250)
    return session


def test_what_each_part_of_a_policy_adds_is_said_in_the_words_of_build(store: ResultStore) -> None:
    selection = Selection((TODAYS_RULES, Slot("ringfence"), Slot("both")), futures=250)
    session = Session(store=store, selection=selection)
    session.answer = store.answer(selection, 250)
    view, tab = view_answer(session.answer), CompareTab(session)
    said = work_out_parts(view, 2, store, None)
    tab.show_answer(view)
    assert "Each part by itself: the ring-fence not waived adds £" in said
    assert f"<p><b>C.</b> {said}</p>" in tab.parts.object and "<b>B.</b>" not in tab.parts.object


def test_a_later_start_is_compared_in_the_years_in_which_both_act_and_one_button_chooses_these(
    store: ResultStore,
) -> None:
    session = make_late_session(store)
    assert session.answer is not None
    view, tab = view_answer(session.answer), CompareTab(session)
    tab.show_answer(view)
    later = compare_results(view.runs[2], view.runs[1], "retained", view.baseline.span("2028/29-2029/30"))
    assert f"alone, when both act, “Later” gives {later.gap_words} of each £100 than “Ring-fence" in tab.head.object
    assert later.difference > 2 * view.pairs[-1][2].difference
    assert tab.matched.visible and "2028/29 to 2029/30" in tab.matched.label
    money = MoneyTab(session)
    money.show_answer(view)
    assert "Where each £100 goes in 2028/29 to 2029/30 alone, when all policies act" in money.body.object
    tab._choose_matched_years()
    assert session.selection.years == "2028/29-2029/30"
    tab.show_answer(view_answer(store.answer(session.selection, 250)))
    assert not tab.matched.visible and "alone, when" not in f"{tab.head.object}{tab.later.object}"
    toolbar = Toolbar(session)
    said, back = toolbar._strips["years"].parts
    assert isinstance(said, Words) and "Every page counts 2028/29 to 2029/30 alone" in str(said.object)
    assert isinstance(back, Push)
    back.press()
    assert session.selection.years == "" and "years" not in toolbar._strips
