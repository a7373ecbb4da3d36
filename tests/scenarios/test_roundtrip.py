from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.common.units import Unit
from simulator.declarations.levers import LEVERS
from simulator.scenarios.change import LAST, is_switch
from simulator.scenarios.scenario import Change, Scenario, library, load_scenario, parse_scenario

pytestmark = pytest.mark.scenarios

words = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=30).filter(str.strip)


@st.composite
def any_change(draw, name=None):
    lever = LEVERS[name or draw(st.sampled_from(sorted(LEVERS)))]
    about, start = lever.about, draw(st.integers(0, LAST))
    end = draw(st.integers(start, LAST))
    switch = about.unit is Unit.SWITCH
    kind = draw(st.sampled_from(["to", "path"] if switch else ["to", "add", "scale", "path"]))
    inside = st.sampled_from([0.0, 1.0]) if switch else st.floats(about.low, about.high)
    spread = about.high - about.low
    value = draw({"add": st.floats(-spread, spread), "scale": st.floats(0, 3)}.get(kind, inside))
    quarters = sorted(draw(st.sets(st.integers(start, end), max_size=4)) | {start})
    path = tuple((q, draw(inside)) for q in quarters) if kind == "path" else ()
    phase = 0 if switch or kind == "path" else draw(st.integers(0, end - start + 1))
    evidence = draw(st.sampled_from([(), ("E60",), ("E60", "R07")]))
    return Change(
        lever.name, kind, value, path, start, end, phase, draw(words).strip(), evidence, not evidence, "x.yaml", 4
    )


@settings(deadline=None, max_examples=150)
@given(st.lists(any_change(), max_size=8), words, words)
def test_a_written_scenario_reads_back_to_the_same_schedule(changes, title, question):
    policy = Scenario("x", title.strip(), question.strip(), tuple(changes), (3, 15), "limits")
    back = parse_scenario(policy.to_yaml(), "x")
    assert back.fingerprint == policy.fingerprint
    assert (back.title, back.question) == (policy.title, policy.question)
    assert (back.interventions, back.cannot_say) == ((3, 15), "limits")


@st.composite
def change_that_only_code_makes(draw):
    """A change that no file could hold: out of bounds, longer than it lasts, with words that no page shows."""
    change = draw(any_change())
    values = st.sampled_from([0.0, 1.0]) if is_switch(change.lever) else st.floats(-1e3, 1e3)
    if change.kind == "path":
        change = replace(change, path=tuple((q, draw(values)) for q, _ in reversed(change.path)))
    else:
        phase = 0 if is_switch(change.lever) else draw(st.integers(0, 2 * LAST))
        change = replace(change, value=draw(values), phase=phase)
    return replace(change, because=draw(st.text(max_size=20)))


@settings(deadline=None, max_examples=150)
@given(st.lists(change_that_only_code_makes(), max_size=5), st.text(max_size=20), st.text(max_size=20))
def test_what_no_file_could_hold_is_written_as_one_that_reads_back_to_the_same_schedule(changes, title, question):
    policy = Scenario("x", title, question, tuple(changes), (), question)
    assert parse_scenario(policy.to_yaml(), "x").fingerprint == policy.fingerprint


@pytest.mark.parametrize("wrong", [{"value": 0.5}, {"value": float("nan")}, {"phase": 4}, {"kind": "add"}])
def test_no_scenario_can_hold_a_switch_half_on(wrong):
    change = Change("reorganise", "to", 0.0, (), 20, LAST, 0, "why", (), True, "x.yaml", 4)
    with pytest.raises(ValueError, match=r"reorganise.*(is a switch|must be a number)"):
        replace(change, **wrong)
    if "kind" not in wrong and "phase" not in wrong:
        with pytest.raises(ValueError, match="reorganise"):
            load_scenario("both").with_lever("reorganise", wrong["value"])


@settings(deadline=None, max_examples=60)
@given(st.lists(any_change("peers"), min_size=2, max_size=5))
def test_many_overlapping_changes_of_one_lever_read_back_to_the_same_schedule(changes):
    policy = Scenario("x", "T", "Q", tuple(changes))
    assert parse_scenario(policy.to_yaml(), "x").fingerprint == policy.fingerprint


@settings(deadline=None, max_examples=60)
@given(st.lists(any_change(), min_size=1, max_size=5), st.integers(0, LAST))
def test_a_moved_scenario_starts_no_earlier_than_asked_and_stays_within_bounds(changes, quarter):
    moved = Scenario("x", "T", "Q", tuple(changes)).starting(quarter)
    assert moved.start is None or moved.start >= quarter
    for name, lever in LEVERS.items():
        assert lever.about.low <= moved.lever(name).min() and moved.lever(name).max() <= lever.about.high


@pytest.mark.parametrize("name", library())
def test_every_library_scenario_can_be_written_and_read_back(name):
    policy = load_scenario(name)
    back = parse_scenario(policy.to_yaml(), name)
    assert back.fingerprint == policy.fingerprint
    written = " ".join(c.because for c in back.changes)
    assert all(c.because in written for c in policy.changes)
    assert back.evidence == policy.evidence
