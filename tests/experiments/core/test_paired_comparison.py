"""Paired comparison: the same futures under two policies, and what may be said of the difference."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.boards.table import make_equal_bodies
from simulator.common.arrays import Floats
from simulator.common.formatting import (
    FEWEST,
    TOO_FEW,
    count_in_hundred,
    format_count,
    format_difference,
    format_level,
    format_number,
)
from simulator.common.units import Unit
from simulator.declarations.outcomes import OUTCOMES
from simulator.experiments.core.paired_comparison import Comparison, compare_paired
from simulator.reports import sentences
from simulator.reports.policy_comparison import compare
from simulator.runs.futures import SEED, Futures, draw_futures, given_futures
from simulator.runs.results import Results
from simulator.runs.run import compare_results, run
from simulator.scenarios.scenario import load_scenario

pytestmark = pytest.mark.results

UP, DOWN = "retained", "kept_none"
FEW = make_equal_bodies(8)


def pair(difference: Floats | list[float], outcome: str = UP, level: float = 0.5) -> Comparison:
    """A comparison whose paired differences are given, future by future."""
    old = np.full(len(difference), level) + np.linspace(-0.3, 0.3, len(difference))
    return compare_paired(
        old + np.asarray(difference),
        old,
        about=OUTCOMES[outcome],
        names=("New rule", "Old rule"),
        years=("2024/25", "2029/30"),
        badge="illustrative",
    )


def spread(low: float, high: float, n: int = 1001) -> Floats:
    """Differences spread evenly from low to high."""
    return np.linspace(low, high, n)


# The figures


def test_means_ranges_and_counts_are_those_of_the_paired_differences() -> None:
    old = np.array([0.1, 0.2, 0.3, 0.4, 0.9])
    new = np.array([0.2, 0.2, 0.5, 0.3, 1.2])
    comparison = compare_paired(new, old, about=OUTCOMES[UP], names=("a", "b"), years=("2024/25", "2024/25"), badge="x")
    assert (comparison.n, comparison.better, comparison.same, comparison.worse) == (5, 3, 1, 1)
    assert comparison.new_mean == pytest.approx(0.48)
    assert comparison.old_mean == pytest.approx(0.38)
    assert comparison.difference == pytest.approx(0.1)
    # differences in order: -0.1, 0, 0.1, 0.2, 0.3
    assert comparison.likely == pytest.approx((-0.06, 0.26))
    assert comparison.wide == pytest.approx((-0.09, 0.29))
    assert comparison.standard_error == pytest.approx(np.sqrt(0.025 / 5))


def test_pairing_is_by_future_and_not_by_rank() -> None:
    old = np.array([0.1, 0.5, 0.9])
    comparison = compare_paired(old[::-1], old, about=OUTCOMES[UP], names=("a", "b"), years=("y", "y"), badge="x")
    assert (comparison.better, comparison.same, comparison.worse) == (1, 1, 1)
    assert comparison.difference == pytest.approx(0.0)
    assert comparison.wide[1] == pytest.approx(0.76)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-0.5, 0.5), min_size=2, max_size=60), st.sampled_from([UP, DOWN, "raided", "turnover"]))
def test_turning_a_comparison_round_turns_its_figures_round(difference: list[float], outcome: str) -> None:
    old = np.linspace(0.2, 0.8, len(difference))
    new = old + np.array(difference)
    about = OUTCOMES[outcome]
    there = compare_paired(new, old, about=about, names=("a", "b"), years=("y", "y"), badge="x")
    back = compare_paired(old, new, about=about, names=("b", "a"), years=("y", "y"), badge="x")
    assert back.difference == -there.difference
    assert (back.better, back.same, back.worse) == (there.worse, there.same, there.better)
    assert there.better + there.same + there.worse == there.n
    assert back.likely == pytest.approx((-there.likely[1], -there.likely[0]))
    assert there.wide[0] <= there.likely[0] <= there.likely[1] <= there.wide[1]


def test_the_error_of_the_mean_shrinks_with_the_number_of_futures_and_one_has_none() -> None:
    assert np.isnan(pair([0.1]).standard_error)
    few, many = pair(spread(-0.1, 0.3, 100)), pair(spread(-0.1, 0.3, 10_000))
    assert many.standard_error == pytest.approx(few.standard_error / 10, rel=0.02)


@pytest.mark.parametrize(("new", "old"), [(3, 4), (0, 0), (4, 1)])
def test_arrays_that_do_not_pair_are_refused(new: int, old: int) -> None:
    with pytest.raises(ValueError, match=f"{new} and {old} futures cannot be paired"):
        compare_paired(np.zeros(new), np.zeros(old), about=OUTCOMES[UP], names=("a", "b"), years=("y", "y"), badge="x")


# The verdict

CASES = [
    (spread(0.01, 0.2), "better in nearly all futures"),
    (spread(-0.008, 0.19), "better in nearly all futures"),
    (spread(-0.04, 0.1), "better in most futures"),
    (spread(-0.05, 0.07), "better on average only"),
    (spread(-0.05, 0.06), "slightly better on average only"),
    (spread(-0.1, 0.1), "average not settled"),
    (spread(-0.07, 0.05), "worse on average only"),
    (spread(-0.1, 0.04), "worse in most futures"),
    (spread(-0.2, -0.01), "worse in nearly all futures"),
    (spread(0.001, 0.003), "slightly better in nearly all futures"),
    (np.zeros(1001), "no difference"),
    (np.full(1001, 1e-13), "no difference"),
    (np.append(np.zeros(1000), 0.5), "average not settled"),
]


@pytest.mark.parametrize(("difference", "verdict"), CASES)
def test_the_verdict_follows_the_average_the_counts_and_the_size_where_more_is_better(
    difference: Floats, verdict: str
) -> None:
    assert pair(difference).verdict == verdict


@pytest.mark.parametrize(("difference", "verdict"), CASES)
@pytest.mark.parametrize("outcome", [DOWN, "spread"])
def test_the_verdict_is_the_same_of_the_opposite_where_less_is_better(
    difference: Floats, verdict: str, outcome: str
) -> None:
    assert pair(-difference, outcome).verdict == verdict


def test_in_pounds_a_difference_is_slight_below_a_hundredth_of_the_fund() -> None:
    assert pair(spread(1.0, 2.9), "raided").verdict == "slightly worse in nearly all futures"
    assert pair(spread(1.0, 3.1), "raided").verdict == "worse in nearly all futures"


def test_the_sign_of_a_difference_that_is_nothing_is_settled_in_about_one_sample_of_twenty() -> None:
    luck = np.random.default_rng(5)
    settled = [pair(luck.normal(0.0, 0.1, 300)).settled != 0 for _ in range(400)]
    assert np.mean(settled) == pytest.approx(0.05, abs=0.03)


def test_a_loss_in_three_futures_of_four_is_not_called_open_because_the_range_holds_zero() -> None:
    """Seen: −6.3 points, standard error 0.5, worse in 75 of 100, which used to be "cannot separate"."""
    luck = np.random.default_rng(6)
    comparison = pair(luck.normal(-0.063, 0.093, 350))
    assert comparison.likely[0] < 0 < comparison.likely[1]
    assert (comparison.settled, comparison.verdict) == (-1, "worse in most futures")


def test_more_futures_settle_an_average_and_leave_how_often_it_is_so_as_it_is() -> None:
    luck = np.random.default_rng(7).normal(0.012, 0.2, 50_000)
    few, many = pair(luck[:100]), pair(luck)
    assert (few.verdict, many.verdict) == ("average not settled", "better on average only")
    assert many.better_of_100 == pytest.approx(few.better_of_100, abs=12)


def test_futures_of_one_parameter_set_count_together_in_the_error() -> None:
    rng = np.random.default_rng(8)
    sets = np.arange(20_000) % 1_000
    new = 0.5 + (rng.normal(0.0, 0.06, 1_000)[sets] + rng.normal(0.0, 0.01, 20_000))
    old = np.full(20_000, 0.5)
    both = [
        compare_paired(new, old, about=OUTCOMES[UP], names=("a", "b"), years=("y", "y"), badge="x", sets=own)
        for own in (sets, None)
    ]
    assert both[0].standard_error == pytest.approx(0.06 / np.sqrt(1_000), rel=0.1)
    assert both[0].standard_error > 4 * both[1].standard_error
    assert [one.sets for one in both] == [1_000, 20_000]


def test_runs_tell_their_comparison_which_futures_share_their_parameters() -> None:
    table = {"pull_chief": np.repeat(np.linspace(0.5, 6.0, 30), 4)}
    drawn = given_futures(table, seed=3)
    comparison = compare("leadership", futures=drawn, boards=FEW)
    assert (comparison.n, comparison.sets) == (120, 30)
    alone = dataclasses.replace(run("leadership", futures=drawn, boards=FEW), futures=None)
    naive = compare_results(alone, run("baseline", futures=drawn, boards=FEW))
    assert comparison.standard_error > 1.5 * naive.standard_error


def test_futures_in_which_an_outcome_is_not_defined_are_left_out_and_counted() -> None:
    difference = spread(0.01, 0.2, 100)
    comparison = pair(np.append(difference, np.full(20, np.nan)))
    assert (comparison.n, comparison.undefined) == (100, 20)
    assert comparison.better == 100
    assert comparison.difference == pytest.approx(difference.mean())
    assert comparison.verdict == "better in nearly all futures"


def test_an_outcome_that_is_defined_in_no_future_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="not defined in any of these futures"):
        pair(np.full(20, np.nan))


# The sentence


def test_the_sentence_names_both_policies_the_outcome_the_years_the_size_its_error_and_the_counts() -> None:
    sentence = pair(spread(0.02, 0.18), level=0.56).sentence
    assert sentence == (
        "In this model, “New rule” gives about £66.0 of each £100 (money kept, 2024/25 to 2029/30) and "
        "“Old rule” £56.0: £10.0 more on average (running more futures could move that by 29p); in 8 of 10 "
        "futures £4 to £16 more; better in 100 of 100 futures (not assumed, but no proof)."
    )


def test_the_sentence_says_so_when_futures_do_not_settle_the_average() -> None:
    sentence = pair(spread(-0.07, 0.071, 200)).sentence
    assert sentence.startswith(
        "Whether “New rule” is better or worse than “Old rule” on average is not settled by 200 futures (money kept"
    )
    sizes = "(running more futures could move that by 57p); in 8 of 10 futures £5.6 less to £5.7 more"
    assert f"of each £100 on average {sizes}" in sentence
    assert sentence.endswith("; better in 50 of 100 futures, worse in 50.")


def test_the_sentence_of_two_equal_policies_gives_no_figure() -> None:
    sentence = pair(np.zeros(100)).sentence
    assert sentence == (
        "In this model, “New rule” and “Old rule” give the same result in every future (money kept, "
        "2024/25 to 2029/30)."
    )


def test_one_year_is_named_once() -> None:
    other_years = dataclasses.replace(pair(spread(0.1, 0.2)), years=("2027/28", "2027/28"))
    assert "2027/28)" in other_years.sentence
    assert " to 2027/28" not in other_years.sentence


def test_pounds_and_a_fall_are_worded_as_such() -> None:
    sentence = pair(spread(-4.0, -2.0), "raided", level=9.0).sentence
    assert "about £6m" in sentence
    assert "and “Old rule” £9m: −£3m on average" in sentence
    assert "better in 100 of 100" in sentence


@pytest.mark.parametrize("outcome", [name for name, o in OUTCOMES.items() if o.better == 0])
def test_where_neither_way_is_better_the_sentence_says_so(outcome: str) -> None:
    for difference in (spread(0.1, 0.2), spread(-0.2, 0.2)):
        assert "neither way is better" in pair(difference, outcome).sentence
        assert "better in" not in pair(difference, outcome).sentence


@pytest.mark.parametrize("outcome", [name for name, o in OUTCOMES.items() if o.better == 0])
def test_where_neither_way_is_better_the_verdict_says_higher_or_lower(outcome: str) -> None:
    words = {"better": "higher", "worse": "lower"}
    for difference, verdict in CASES:
        expected = " ".join(words.get(word, word) for word in verdict.split())
        slight = OUTCOMES[outcome].unit is Unit.SHARE
        assert pair(difference, outcome).verdict == (expected if slight else expected.removeprefix("slightly "))


def test_a_notebook_shows_the_sentence_the_number_of_futures_and_what_was_not_fitted() -> None:
    other_years = dataclasses.replace(pair(spread(0.1, 0.2)), new="A & B")
    shown = other_years._repr_html_()
    assert "“A &amp; B” gives" in shown
    assert "1,001 futures" in shown
    assert "illustrative" in shown


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 100_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_frequency_is_0_or_100_of_100_only_if_exactly_so(counts: tuple[int, int]) -> None:
    part, whole = counts
    count_text = count_in_hundred(part, whole)
    assert (count_text == 0) == (part == 0)
    assert (count_text == 100) == (part == whole)
    assert abs(count_text - 100 * part / whole) <= 1.0


def test_one_future_in_a_thousand_is_told() -> None:
    assert pair(np.append(np.full(999, 0.1), -0.1)).better_of_100 == 99
    assert pair(np.append(np.full(999, -0.1), 0.1)).better_of_100 == 1
    assert pair(np.full(999, 0.1)).better_of_100 == 100
    assert pair(np.full(999, -0.1)).better_of_100 == 0


@pytest.mark.parametrize(
    ("x", "level", "pounds", "points"),
    [
        (0.6612, "66%", "+£66.1", "+66 points"),
        (0.01, "1%", "+£1.0", "+1 point"),
        (-0.031, "−3.1%", "−£3.1", "−3.1 points"),
        (0.0, "0%", "£0", "0 points"),
        (0.0004, "0.04%", "+4p", "under 0.1 points more"),
        (0.00004, "0.004%", "under 1p more", "under 0.1 points more"),
        (-0.0004, "−0.04%", "−4p", "under 0.1 points less"),
        (float("nan"), "not defined", "not defined", "not defined"),
    ],
)
def test_a_difference_of_shares_is_in_pounds_and_of_cases_in_points(
    x: float, level: str, pounds: str, points: str
) -> None:
    assert format_level(x, Unit.SHARE) == format_level(x, Unit.CASES) == level
    assert format_difference(x, Unit.SHARE) == pounds
    assert format_difference(x, Unit.CASES) == points


@pytest.mark.parametrize(
    ("x", "unit", "level", "move"),
    [
        (-0.004, Unit.MILLIONS, "£−0.004m", "under £0.01m less"),
        (132.4, Unit.MILLIONS, "£130m", "+£130m"),
        (1.26, Unit.PERCENT, "1.3% of allocation", "+1.3"),
        (26.0, Unit.COUNT, "26", "+26"),
    ],
)
def test_other_numbers_are_worded_by_their_unit(x: float, unit: Unit, level: str, move: str) -> None:
    assert format_level(x, unit) == level
    assert format_difference(x, unit) == move


def test_a_fall_in_pounds_has_its_sign_before_the_pound() -> None:
    assert format_difference(-3.14, Unit.MILLIONS) == "−£3.1m"


@given(st.floats(1e-5, 1e9))
@settings(max_examples=100, deadline=None)
def test_two_significant_figures_are_within_five_per_cent_and_never_scientific(x: float) -> None:
    text = format_number(x)
    assert "e" not in text
    assert float(text.replace(",", "")) == pytest.approx(x, rel=0.051)
    assert format_number(-x) == "−" + text


# Policies under shared luck


@pytest.fixture(scope="module")
def baseline() -> Results:
    return run("baseline", 300)


def stepped(name: str = "leader_lift", value: float = 0.4) -> Results:
    """The baseline with one lever set from 2024/25 on."""
    return run(load_scenario("baseline").with_lever(name, value, "2024/25 Q1"), 300)


@pytest.mark.parametrize("outcome", list(OUTCOMES))
def test_the_same_policy_twice_differs_by_exactly_nothing(outcome: str) -> None:
    once, again = (run("leadership", 40, seed=3) for _ in range(2))
    comparison = compare_results(once, again, outcome)
    assert comparison.difference == 0.0
    assert comparison.likely == comparison.wide == (0.0, 0.0)
    assert (comparison.better, comparison.same, comparison.worse) == (0, 40, 0)
    assert comparison.verdict == "no difference"


def test_years_before_a_policy_starts_show_no_difference(baseline: Results) -> None:
    comparison = compare_results(stepped(), baseline, "additional", "2022/23-2023/24")
    assert comparison.verdict == "no difference"
    assert compare_results(stepped(), baseline, "additional").years == ("2024/25", "2029/30")


def test_without_shared_luck_the_difference_is_lost_in_noise(baseline: Results) -> None:
    lifted = stepped()
    other = run("baseline", 300, seed=SEED + 1)
    shared = lifted.outcome(years="2024/25-") - baseline.outcome(years="2024/25-")
    unpaired = lifted.outcome(years="2024/25-") - other.outcome(years="2024/25-")
    assert shared.var() < 0.25 * unpaired.var()
    assert shared.mean() > 0.0


def test_with_the_same_parameters_shared_luck_alone_still_quiets_the_comparison() -> None:
    given_, other = draw_futures(200, source="default"), draw_futures(200, source="default", seed=SEED + 1)
    policy = load_scenario("baseline").with_lever("leader_lift", 0.4, "2024/25 Q1")
    lifted = run(policy, futures=given_).outcome(years="2024/25-")
    shared = lifted - run("baseline", futures=given_).outcome(years="2024/25-")
    unpaired = lifted - run("baseline", futures=other).outcome(years="2024/25-")
    assert shared.var() < 0.25 * unpaired.var()


def test_futures_and_results_given_are_compared_as_they_are(baseline: Results) -> None:
    lifted = stepped()
    by_name = compare(lifted, "baseline", futures=draw_futures(300))
    assert by_name == compare_results(lifted, baseline)
    assert by_name == compare(lifted, baseline)
    assert by_name.badge == baseline.manifest.badge


@pytest.mark.parametrize(
    "other",
    [
        {"seed": 4},
        {"n": 11},
        {"boards": make_equal_bodies(9)},
        {"first_plan": 0},
        {"n": None, "seed": None, "futures": draw_futures(10, seed=3, source="default")},
    ],
    ids=["seed", "number", "boards", "first plan", "source"],
)
def test_results_that_are_not_paired_are_refused(other: dict[str, object]) -> None:
    usual = {"n": 10, "seed": 3, "boards": FEW}
    with pytest.raises(ValueError, match=r"not paired: their \w+ differs"):
        compare_results(run("leadership", **usual), run("baseline", **{**usual, **other}))


@pytest.mark.parametrize(
    "other",
    [draw_futures(10, seed=3, settings={"pull_chief": 0.0}), draw_futures(20, seed=3).part(10, 20)],
    ids=["other parameters", "other runs"],
)
def test_futures_of_one_seed_with_other_parameters_or_runs_are_not_paired(other: Futures) -> None:
    usual = run("leadership", 10, seed=3, boards=FEW)
    with pytest.raises(ValueError, match="not paired"):
        compare_results(usual, run("baseline", futures=other, boards=FEW))


def test_an_unknown_outcome_or_span_is_refused(baseline: Results) -> None:
    with pytest.raises(LookupError, match="retained"):
        compare_results(baseline, baseline, "retaind")
    with pytest.raises(ValueError, match="only"):
        compare_results(baseline, baseline, years="2040/41")


# Too few futures.


@pytest.mark.parametrize("n", [1, 2, 8, FEWEST - 1])
def test_too_few_futures_have_no_verdict_and_are_not_counted_out_of_a_hundred(n: int) -> None:
    comparison = pair(np.full(n, 0.1))
    assert comparison.verdict == TOO_FEW
    assert comparison.better_of_100 is None
    assert f"too few for a verdict, which takes {FEWEST}" in comparison.sentence
    assert comparison.sentence.startswith("1 future is" if n == 1 else f"{n} futures are")
    assert f"better in {n} of {n} futures" in comparison.sentence
    said = [
        comparison.sentence,
        sentences.write_headline([comparison]),
        sentences.describe_certainty([comparison]),
        sentences.write_card_line(comparison),
        sentences.compare_both_sides([comparison]),
        sentences.write_leadership_title([comparison]),
        sentences.count_verdicts([comparison]),
    ]
    assert all("of 100" not in words and "does better than" not in words for words in said), said
    assert all("too few" in words or "so few" in words for words in (*said[:3], *said[4:])), said


def test_at_the_least_number_there_is_a_verdict_of_a_hundred() -> None:
    comparison = pair(np.full(FEWEST, 0.1))
    assert (comparison.verdict, comparison.better_of_100, comparison.better_in) == (
        "better in nearly all futures",
        100,
        "100 of 100",
    )


@given(st.integers(0, 300), st.integers(1, 300))
def test_of_a_hundred_is_said_only_where_a_hundred_stand_behind_it(part: int, whole: int) -> None:
    part = min(part, whole)
    assert format_count(part, whole) == (
        f"{count_in_hundred(part, whole)} of 100" if whole >= FEWEST else f"{part} of {whole}"
    )


def test_few_futures_of_policies_that_happen_to_agree_say_nothing_and_of_one_policy_twice_all() -> None:
    assert pair(np.zeros(8)).verdict == TOO_FEW
    assert compare("leadership", "leadership", 1).verdict == "no difference"


def test_a_count_that_is_shown_as_95_of_100_is_called_nearly_all_and_counts_never_make_more_than_100() -> None:
    nearly = np.repeat((0.3, -0.3), (946, 54))
    assert pair(nearly).better_in == "95 of 100" and pair(nearly).verdict == "better in nearly all futures"
    most = np.repeat((0.3, -0.3), (944, 56))
    assert pair(most).better_in == "94 of 100" and pair(most).verdict == "better in most futures"
    rare = np.repeat((0.3, -0.3, 0.0), (4_985, 10, 5))
    assert "better in 99 of 100 futures, worse or the same in 1" in pair(rare).sentence
    assert "better in 1 of 100 futures, worse in 99" in pair(-rare).sentence
