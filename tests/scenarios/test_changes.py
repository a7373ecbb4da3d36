import numpy as np
import pytest
from scenario_texts import made

from simulator.declarations.calendar import parse_quarter
from simulator.scenarios.scenario import load_scenario

pytestmark = pytest.mark.scenarios


def from_2027(policy, lever):
    return policy.lever(lever)[20:].tolist()


def test_to_sets_the_lever_from_its_quarter_to_the_end_and_nothing_before():
    policy = made("audit: {to: 0.7, from: 2027/28 Q3, WHY}")
    assert policy.lever("audit").tolist() == [0] * 22 + [0.7] * 10
    assert policy.start == 22


def test_a_year_alone_means_its_first_quarter_in_from_and_its_last_in_until():
    policy = made("audit: {to: 1, from: 2027/28, until: 2028/29, WHY}")
    assert np.flatnonzero(policy.lever("audit")).tolist() == list(range(20, 28))


def test_after_until_the_lever_is_what_it_would_have_been_without_the_change():
    policy = made("gap_mean: {to: 3, from: 2027/28, until: 2028/29 Q2, WHY}")
    assert from_2027(policy, "gap_mean") == [3] * 6 + [0.9, 0.9, 0.8, 0.8, 0.8, 0.8]


def test_a_phase_reaches_its_value_in_equal_steps_from_the_value_before():
    policy = made("named: {to: 1, from: 2027/28, phase: 3 quarters, WHY}")
    assert from_2027(policy, "named")[:4] == pytest.approx([0.5, 0.75, 1, 1])


def test_a_phase_of_a_year_and_one_of_four_quarters_are_the_same():
    years = made("audit: {to: 1, from: 2027/28, phase: 1 year, WHY}")
    quarters = made("audit: {to: 1, from: 2027/28, phase: 4 quarters, WHY}")
    assert from_2027(years, "audit")[:5] == [0.25, 0.5, 0.75, 1, 1]
    assert years.fingerprint == quarters.fingerprint


def test_a_phase_starts_from_the_quarter_before_even_where_the_calendar_moves():
    policy = made("letter: {to: 0, from: 2023/24 Q4, phase: 2 quarters, WHY}")
    assert policy.lever("letter")[6:9].tolist() == [1, 0.5, 0]


def test_a_phase_in_the_first_quarter_starts_from_that_quarter():
    policy = made("savings_ask: {to: 7, from: 2022/23, phase: 2 quarters, WHY}")
    assert policy.lever("savings_ask")[:3].tolist() == [6, 7, 7]


def test_an_end_cuts_a_phase_that_has_arrived_and_the_lever_returns():
    policy = made("audit: {to: 1, from: 2027/28, phase: 2 quarters, until: 2027/28 Q3, WHY}")
    assert from_2027(policy, "audit")[:5] == [0.5, 1, 1, 0, 0]


def test_add_follows_the_calendar_under_it():
    policy = made("support: {add: 0.3, from: 2028/29, WHY}")
    assert from_2027(policy, "support")[::4] == pytest.approx([0.5, 0.55, 0.3])


def test_scale_multiplies_the_calendar_under_it_and_can_be_phased():
    policy = made("savings_ask: {scale: 1.5, from: 2027/28, phase: 2 quarters, WHY}")
    assert from_2027(policy, "savings_ask")[:5] == [7.5, 9, 9, 9, 8.25]


def test_a_path_holds_each_value_until_the_next_and_can_end():
    policy = made("audit: {path: {2024/25: 1, 2024/25 Q3: 0.5}, until: 2025/26 Q1, WHY}")
    assert policy.lever("audit")[7:14].tolist() == [0, 1, 1, 0.5, 0.5, 0.5, 0]


@pytest.mark.parametrize(("word", "value"), [("on", 1), ("off", 0)])
def test_on_and_off_are_one_and_zero(word, value):
    policy = made(f"ringfence: {{to: {word}, from: 2022/23, WHY}}", f"waiver: {{path: {{2022/23: {word}}}, WHY}}")
    assert set(policy.lever("ringfence")) == {value} == set(policy.lever("waiver"))


def test_a_switch_takes_on_and_off():
    policy = made("reorganise: {to: off, from: 2025/26, WHY}")
    assert set(policy.lever("reorganise")[12:]) == {0}


def test_one_lever_can_have_several_dated_changes_in_any_order():
    policy = made(
        "audit:",
        "  - {to: 1, from: 2028/29, phase: 2 quarters, WHY}",
        "  - {to: 0.5, from: 2027/28, until: 2027/28, WHY}",
    )
    assert from_2027(policy, "audit")[:7] == [0.5, 0.5, 0.5, 0.5, 0.75, 1, 1]
    assert [change.line for change in policy.changes] == [6, 5]


@pytest.mark.parametrize(
    ("line", "held", "words"),
    [
        ("peers: {add: 0.9, from: 2027/28, WHY}", 1, "'peers' would be 1.2 in 2027/28 Q1 (made.yaml:4); it is held"),
        ("peers: {add: -0.9, from: 2027/28, WHY}", 0, "'peers' would be -0.6 in 2027/28 Q1"),
        ("finance_grip: {scale: 0.1, from: 2027/28, WHY}", 0.3, "at its bound, 0.3"),
        ("gap_mean: {scale: 100, from: 2027/28, WHY}", 5, "'gap_mean' would be 100"),
    ],
)
def test_a_sum_or_product_out_of_bounds_is_held_there_with_a_warning(line, held, words):
    policy = made(line)
    assert from_2027(policy, line.split(":")[0])[0] == held
    assert len(policy.warnings) == 1 and words in policy.warnings[0]


def test_a_sum_that_just_reaches_the_bound_is_no_warning():
    policy = made("peers: {add: 0.7, from: 2027/28, WHY}")
    assert policy.warnings == () and from_2027(policy, "peers")[0] == 1


def test_the_schedule_cannot_be_changed_by_accident_and_levers_are_copies():
    policy = load_scenario("ringfence")
    with pytest.raises(ValueError, match="read-only"):
        policy.schedule["rules"]["ringfence"][0] = 0
    policy.lever("ringfence")[:] = 0
    assert policy.schedule["rules"]["ringfence"][20] == 1


def test_an_unknown_lever_is_a_lookup_error_with_a_suggestion():
    with pytest.raises(LookupError, match="'ringfense' is not a lever; did you mean 'ringfence'"):
        load_scenario("baseline").lever("ringfense")


@pytest.mark.parametrize("quarter", ["2024/25 Q3", 10])
def test_starting_moves_the_earliest_change_to_the_quarter_and_keeps_lengths(quarter):
    policy = made(
        "audit: {to: 1, from: 2027/28, until: 2027/28 Q2, WHY}",
        "peers: {to: 1, from: 2028/29, phase: 2 quarters, WHY}",
        "letter: {path: {2027/28 Q3: 1, 2027/28 Q4: 0}, until: 2027/28 Q4, WHY}",
    ).starting(quarter)
    assert policy.start == 10
    assert np.flatnonzero(policy.lever("audit")).tolist() == [10, 11]
    assert policy.lever("peers")[13:17] == pytest.approx([0.3, 0.65, 1, 1])
    assert policy.lever("peers")[31] == 1
    assert policy.lever("letter")[12:14].tolist() == [1, 0]


def test_starting_late_cuts_off_what_falls_after_the_calendar():
    policy = made("audit: {to: 1, from: 2022/23, WHY}", "peers: {to: 1, from: 2024/25, WHY}").starting("2029/30")
    assert [change.lever for change in policy.changes] == ["audit"]
    assert np.flatnonzero(policy.lever("audit")).tolist() == [28, 29, 30, 31]


def test_starting_where_it_starts_changes_nothing_and_the_baseline_cannot_move():
    policy = load_scenario("ringfence-audited")
    assert policy.starting(20).fingerprint == policy.fingerprint
    assert load_scenario("baseline").starting(3).fingerprint == load_scenario("baseline").fingerprint


@pytest.mark.parametrize("quarter", [-1, 32, "2031/32", "soon"])
def test_starting_outside_the_calendar_is_an_error(quarter):
    with pytest.raises(ValueError, match=r"outside|not a quarter"):
        load_scenario("ringfence").starting(quarter)


def test_the_start_is_the_first_quarter_that_differs_not_the_first_that_is_mentioned():
    assert made("audit: {path: {2024/25: 0, 2026/27: 1}, WHY}").start == parse_quarter("2026/27")
    assert made("audit: {to: 0, from: 2024/25, WHY}").start is None
