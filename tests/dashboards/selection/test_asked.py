"""What is asked on the pages of questions travels in the link, and a stranger's question can break nothing."""

from __future__ import annotations

import pytest

pytest.importorskip("panel", reason="the dashboard is not installed")

from hypothesis import given
from hypothesis import strategies as st

from dashboards.computing.session import Session
from dashboards.computing.worker import ResultStore
from dashboards.selection.analysis_selection import DEFAULT, HALF_OF_MONEY, METHODS, SWEPT_LEVERS, AnalysisSelection
from dashboards.selection.permalink import make_link, restore
from dashboards.selection.selection import TODAYS_RULES, Selection, Slot, make_opening_selection
from dashboards.tabs.equals import OWN, EqualsTab
from dashboards.tabs.sure import SureTab

pytestmark = [pytest.mark.dashboards, pytest.mark.filterwarnings("default")]

LEVER, POLICY = st.sampled_from(SWEPT_LEVERS), st.sampled_from((DEFAULT, 1, 2, 3))
ASKED = st.builds(
    AnalysisSelection,
    LEVER,
    LEVER,
    LEVER,
    POLICY,
    POLICY,
    POLICY,
    st.sampled_from(sorted(METHODS)),
    st.sampled_from((DEFAULT, 0, 1, 2, 3)),
    st.sampled_from((DEFAULT, HALF_OF_MONEY, 0, 1, 2, 3)),
)


def session(analysis_selection: AnalysisSelection = AnalysisSelection(), selection: Selection | None = None) -> Session:  # noqa: B008 (it is frozen)
    visitor_session = Session(store=ResultStore(), selection=selection or make_opening_selection())
    visitor_session.analysis_selection = analysis_selection
    return visitor_session


@given(ASKED)
def test_a_link_restores_what_is_asked(analysis_selection: AnalysisSelection) -> None:
    restored = restore(make_link(make_opening_selection(), "equals", None, analysis_selection))
    assert (restored.analysis_selection, restored.notes) == (analysis_selection, ())


def test_a_link_says_nothing_of_questions_that_are_as_usual() -> None:
    assert make_link(make_opening_selection(), "equals") == make_link(
        make_opening_selection(), "equals", None, AnalysisSelection()
    )
    assert "of=" not in make_link(make_opening_selection(), "equals")


def test_a_link_of_before_that_names_no_lever_to_break_even_still_means_a_ring_fence() -> None:
    assert restore("?v=2&enough.of=C").analysis_selection == AnalysisSelection(enough="ringfence", enough_of=2)
    here = AnalysisSelection(enough_of=2)
    assert restore(make_link(make_opening_selection(), "equals", None, here)).analysis_selection == here


@pytest.mark.parametrize(
    ("query", "analysis_selection"),
    [
        ("equals=wand.ringfence", AnalysisSelection()),
        ("equals=leader_lift", AnalysisSelection()),
        ("equals=../etc/passwd", AnalysisSelection()),
        ("enough=<script>", AnalysisSelection()),
        ("enough.of=A", AnalysisSelection()),
        ("parts.of=Z", AnalysisSelection()),
        ("drives.by=magic&drives.of=B", AnalysisSelection(matters_of=1)),
        ("fails.of=half", AnalysisSelection()),
        ("fails.by=E", AnalysisSelection()),
        ("fails.by=half&fails.of=BC", AnalysisSelection(fails_by=HALF_OF_MONEY)),
    ],
)
def test_a_question_that_cannot_be_is_said_and_the_rest_is_kept(
    query: str, analysis_selection: AnalysisSelection
) -> None:
    restored = restore("?v=1&" + query)
    assert restored.analysis_selection == analysis_selection
    assert len(restored.notes) == 1 and "question of this link cannot be kept" in restored.notes[0]


@given(st.dictionaries(st.sampled_from(("equals", "enough", "enough.of", "fails.by", "drives.by")), st.text()))
def test_no_text_makes_restoring_a_question_fail(found: dict[str, str]) -> None:
    from dashboards.selection.analysis_selection import analyses_from_fields

    assert isinstance(analyses_from_fields(found, []), AnalysisSelection)


def test_the_pages_open_on_what_is_asked_and_tell_what_is_chosen() -> None:
    analysis_selection = AnalysisSelection(
        "committee", "finance_lift", "committee", 1, 2, 1, "screen", 2, HALF_OF_MONEY
    )
    here = session(analysis_selection)
    equals, sure = EqualsTab(here), SureTab(here)
    assert (equals.lever.value, equals.equals.value, equals.preset.value) == ("committee", "finance_lift", OWN)
    assert (equals.enough_lever.value, equals.enough_of.at, equals.parts_of.at) == ("committee", 1, 2)
    assert (sure.matters_of.at, sure.method.value, sure.fails_of.at, sure.fails_by.value) == (
        1,
        "screen",
        2,
        HALF_OF_MONEY,
    )
    assert here.analysis_selection == analysis_selection, "opening a page changes nothing"
    equals.preset.value = "Finance directors for a ring-fence"
    equals.parts_of.field.value = 3
    sure.fails_by.value = 0
    assert here.analysis_selection == AnalysisSelection(
        "finance_lift", "ringfence", "committee", 1, 3, 1, "screen", 2, 0
    )


def test_what_nobody_chose_stays_the_page_s_own_choice() -> None:
    here = session()
    EqualsTab(here), SureTab(here)
    assert here.analysis_selection == AnalysisSelection()


def test_a_question_about_a_scenario_that_has_gone_falls_back_and_comes_back_with_it() -> None:
    two = Selection((TODAYS_RULES, Slot("ringfence")))
    here = session(AnalysisSelection(parts_of=2), two)
    equals_tab = EqualsTab(here)
    assert equals_tab.parts_of.at == 1
    here.selection = make_opening_selection()
    equals_tab.handle_change()
    assert equals_tab.parts_of.at == 2
    here.drop_slot(1)
    equals_tab.handle_change()
    assert equals_tab.parts_of.at == 1 and "C  " in next(iter(equals_tab.parts_of.field.options))
    here.undo()
    equals_tab.handle_change()
    assert equals_tab.parts_of.at == 2
