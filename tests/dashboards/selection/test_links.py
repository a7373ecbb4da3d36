"""Links restore everything, and a stranger's link can break nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.selection import selection as chosen
from dashboards.selection.permalink import MOST_SLIDES, TABS, Restored, make_link, restore
from dashboards.selection.selection import TODAYS_RULES, LeverEdit, Selection, Slot, make_opening_selection
from simulator.declarations.levers import LEVERS
from simulator.scenarios.change import is_switch
from simulator.scenarios.scenario import library, load_scenario

pytestmark = pytest.mark.dashboards

WORDS = st.text(st.characters(blacklist_categories=("Cc", "Cs")), max_size=60)


@st.composite
def edits(draw: st.DrawFn) -> LeverEdit:
    lever = LEVERS[draw(st.sampled_from(sorted(LEVERS)))]
    switch = is_switch(lever.name)
    value = draw(st.sampled_from([0.0, 1.0]) if switch else st.floats(lever.about.low, lever.about.high))
    return LeverEdit(
        lever.name, value, draw(st.integers(0, 31)), draw(st.integers(0, 1 if switch else 12)), draw(WORDS)
    )


@st.composite
def selections(draw: st.DrawFn) -> Selection:
    slots = [TODAYS_RULES]
    for _ in range(draw(st.integers(0, 2))):
        edits_by_lever = {edit.lever: edit for edit in draw(st.lists(edits(), max_size=3))}
        slots.append(
            Slot(
                draw(st.sampled_from(("baseline", "ringfence", "both", "ringfence+leadership"))),
                draw(WORDS),
                tuple(edits_by_lever.values()),
            )
        )
    return Selection(
        tuple(slots),
        draw(st.sampled_from(("retained", "additional"))),
        draw(st.sampled_from(("", "2027/28", "2024/25-2029/30"))),
        draw(st.integers(0, 2**31 - 1)),
        draw(st.sampled_from((250, 1000))),
        draw(st.sampled_from((0.0, *chosen.PRECISIONS))),
    )


@given(selections(), st.sampled_from(TABS), st.integers(0, MOST_SLIDES))
def test_a_link_restores_every_lever_date_reason_seed_page_and_slide(
    selection: Selection, tab: str, slide: int
) -> None:
    restored = restore(make_link(selection, tab, slide=slide))
    assert restored.selection == selection
    assert (restored.tab, restored.slide, restored.notes) == (tab, slide, ())
    assert [scenario.fingerprint for scenario in restored.selection.scenarios] == [
        scenario.fingerprint for scenario in selection.scenarios
    ]


@pytest.mark.parametrize("value", [1 / 3, 0.1 + 0.2, 2 / 3 * 1e-4, 1e-7, 5e-324, 1 - 2**-53])
def test_a_link_restores_a_value_to_its_last_bit(value: float) -> None:
    selection = Selection((TODAYS_RULES, Slot("ringfence", "", (LeverEdit("audit", value),))))
    restored = restore(make_link(selection))
    assert restored.notes == ()
    assert restored.selection.scenarios[1].fingerprint == selection.scenarios[1].fingerprint


def test_a_stack_of_the_longest_names_in_the_library_is_restored() -> None:
    stack = "+".join(sorted(library(), key=len)[-4:])
    selection = Selection((TODAYS_RULES, Slot(stack)))
    assert len(stack) > 60
    assert restore(make_link(selection)) == Restored(selection, "answer", ())


def test_a_name_that_a_selection_takes_is_never_too_long_for_its_link() -> None:
    text = load_scenario("ringfence").to_yaml()
    selection = Selection((TODAYS_RULES, Slot("x" * chosen.LONGEST_PRESET, "", (), text)))
    assert restore(make_link(selection)).selection == selection
    with pytest.raises(chosen.SelectionError, match="at most"):
        Slot("x" * (chosen.LONGEST_PRESET + 1), "", (), text)


def test_an_uploaded_file_travels_in_the_link() -> None:
    text = load_scenario("ringfence").to_yaml().replace("Ring-fence as in", "Mine, as in")
    selection = Selection((TODAYS_RULES, Slot("mine", "", (), text)))
    assert restore(make_link(selection)).selection == selection


@given(st.text(max_size=300))
def test_no_text_makes_restoring_fail(text: str) -> None:
    assert restore("?" + text).selection.slots[0] == TODAYS_RULES


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("?v=1&B=ringfence&B.audit=7_2027Q1", "must be 0 to 1"),
        ("?v=2&B=ringfence&set.pull_chief=0", "leaves them free"),
        ("?v=1&B=ringfence&B.wand=1_2027Q1", "lever that is not there"),
        ("?v=1&B=ringfence&B.audit=lots", "cannot be read"),
        ("?v=1&B=ringfence&n=99999999", "number of futures"),
        ("?v=1&B=ringfence&until=0.001", "until more would move a difference"),
        ("?v=1&B=ringfence&seed=-4", "seed"),
        ("?v=1&B=ringfence&o=happiness", "outcome"),
        ("?v=1&B=ringfence&y=2090/91", "outside"),
        ("?v=1&B=ringfence&tab=admin", "page that is not there"),
        ("?v=2&B=ringfence&slide=900", "slide that is not there"),
        ("?v=9&B=ringfence", "not made by this version"),
        ("?v=1&m=0.0.3&B=ringfence", "made with Ringfence 0.0.3"),
        ("?v=1&B=ringfence&C=gone", "not a scenario of the library"),
        ("?v=1&B=ringfence&C=mine&C.file=eJw!!", "cannot be read any more"),
        ("?v=1&B=ringfence&B.title=" + "x" * 500, "title"),
    ],
)
def test_a_broken_link_says_what_is_lost_and_keeps_the_rest(query: str, message: str) -> None:
    restored = restore(query)
    assert restored.selection.slots[1].preset == "ringfence"
    assert message in " ".join(restored.notes)


@pytest.mark.parametrize("cut", [40, 60, 90, 110])
def test_a_link_that_was_cut_off_keeps_its_beginning(cut: int) -> None:
    whole = make_link(Selection((TODAYS_RULES, Slot("ringfence", "", (LeverEdit("audit", 0.5),)), Slot("leadership"))))
    assert restore(whole[:cut]).selection.slots[0] == TODAYS_RULES


def test_no_file_of_this_computer_can_be_named_in_a_link() -> None:
    for name in ("/etc/passwd", "scenarios/ringfence.yaml", "..%2F..%2Fx.yaml"):
        assert len(restore(f"?v=1&B={name}").selection.slots) == 1


def test_a_small_link_that_unpacks_to_a_large_file_is_refused() -> None:
    import base64
    import zlib

    bomb = base64.urlsafe_b64encode(zlib.compress(b"a" * 5_000_000, 9)).decode()
    restored = restore(f"?v=1&B=mine&B.file={bomb}")
    assert len(restored.selection.slots) == 1
    assert restored.notes


def test_without_a_query_the_usual_start_is_shown() -> None:
    assert restore("").selection == make_opening_selection()


def test_a_link_says_which_policy_was_built_last_and_others_open_on_the_first() -> None:
    selection = Selection((TODAYS_RULES, Slot("ringfence"), Slot("leadership")), letters="ABD")
    assert "built=D" in make_link(selection, built=2) and restore(make_link(selection, built=2)).built == 2
    for built in (0, 1, 3):
        assert "built" not in make_link(selection, built=built)
    for query in ("", "&built=", "&built=C", "&built=A", "&built=%00"):
        assert restore(make_link(selection) + query).built == 1
