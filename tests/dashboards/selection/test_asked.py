"""What is asked on the pages of questions travels in the link, and a stranger's question can break nothing."""

from __future__ import annotations

import pytest

pytest.importorskip("panel_material_ui", reason="the dashboard is not installed")

from hypothesis import given
from hypothesis import strategies as st

from dashboards.computing.session import Session
from dashboards.computing.worker import Store
from dashboards.selection.analysis_selection import HALF, METHODS, SWEPT, USUAL, Asked
from dashboards.selection.permalink import link, restore
from dashboards.selection.selection import TODAY, Choice, Slot, opening
from dashboards.tabs.equals import OWN, EqualsTab
from dashboards.tabs.sure import SureTab

pytestmark = [pytest.mark.dashboards, pytest.mark.filterwarnings("default")]

LEVER, POLICY = st.sampled_from(SWEPT), st.sampled_from((USUAL, 1, 2, 3))
ASKED = st.builds(
    Asked,
    LEVER,
    LEVER,
    LEVER,
    POLICY,
    POLICY,
    POLICY,
    st.sampled_from(sorted(METHODS)),
    st.sampled_from((USUAL, 0, 1, 2, 3)),
    st.sampled_from((USUAL, HALF, 0, 1, 2, 3)),
)


def session(asked: Asked = Asked(), choice: Choice | None = None) -> Session:  # noqa: B008 (it is frozen)
    made = Session(store=Store(), choice=choice or opening())
    made.asked = asked
    return made


@given(ASKED)
def test_a_link_restores_what_is_asked(asked: Asked) -> None:
    found = restore(link(opening(), "equals", None, asked))
    assert (found.asked, found.notes) == (asked, ())


def test_a_link_says_nothing_of_questions_that_are_as_usual() -> None:
    assert link(opening(), "equals") == link(opening(), "equals", None, Asked())
    assert "of=" not in link(opening(), "equals")


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("equals=wand.ringfence", Asked()),
        ("equals=leader_lift", Asked()),
        ("equals=../etc/passwd", Asked()),
        ("enough=<script>", Asked()),
        ("enough.of=A", Asked()),
        ("parts.of=Z", Asked()),
        ("drives.by=magic&drives.of=B", Asked(matters_of=1)),
        ("fails.of=half", Asked()),
        ("fails.by=E", Asked()),
        ("fails.by=half&fails.of=BC", Asked(fails_by=HALF)),
    ],
)
def test_a_question_that_cannot_be_is_said_and_the_rest_is_kept(query: str, kept: Asked) -> None:
    found = restore("?v=1&" + query)
    assert found.asked == kept
    assert len(found.notes) == 1 and "question of this link cannot be kept" in found.notes[0]


@given(st.dictionaries(st.sampled_from(("equals", "enough", "enough.of", "fails.by", "drives.by")), st.text()))
def test_no_text_makes_restoring_a_question_fail(found: dict[str, str]) -> None:
    from dashboards.selection.analysis_selection import restored

    assert isinstance(restored(found, []), Asked)


def test_the_pages_open_on_what_is_asked_and_tell_what_is_chosen() -> None:
    asked = Asked("committee", "finance_lift", "committee", 1, 2, 1, "screen", 2, HALF)
    here = session(asked)
    equals, sure = EqualsTab(here), SureTab(here)
    assert (equals.lever.value, equals.equals.value, equals.preset.value) == ("committee", "finance_lift", OWN)
    assert (equals.enough_lever.value, equals.enough_of.at, equals.parts_of.at) == ("committee", 1, 2)
    assert (sure.matters_of.at, sure.method.value, sure.fails_of.at, sure.fails_by.value) == (1, "screen", 2, HALF)
    assert here.asked == asked, "opening a page changes nothing"
    equals.preset.value = "Finance directors for a ring-fence"
    equals.parts_of.field.value = 3
    sure.fails_by.value = 0
    assert here.asked == Asked("finance_lift", "ringfence", "committee", 1, 3, 1, "screen", 2, 0)


def test_what_nobody_chose_stays_the_page_s_own_choice() -> None:
    here = session()
    EqualsTab(here), SureTab(here)
    assert here.asked == Asked()


def test_a_question_about_a_scenario_that_has_gone_falls_back_and_comes_back_with_it() -> None:
    two = Choice((TODAY, Slot("ringfence")))
    here = session(Asked(parts_of=2), two)
    made = EqualsTab(here)
    assert made.parts_of.at == 1
    here.choice = opening()
    made.changed()
    assert made.parts_of.at == 2
