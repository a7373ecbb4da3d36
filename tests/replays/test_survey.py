"""The survey emulator: boards read half-way, volunteers weighted, and samples drawn without replacement."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import multivariate_hypergeom

from simulator.common.arrays import Floats
from simulator.declarations.output_variables import AREA_YEAR_DTYPE
from simulator.replays.survey_emulator import PENALTY, list_triples, log_probability, sample_counts, simulate_reported

pytestmark = pytest.mark.calibration

SEEN = (10, 7, 3)
Year = dict[str, float]


def areas(*both_years: tuple[Year, Year]) -> np.ndarray:
    """One future of areas with a pot of 2 in both years, of which some was released or raided."""
    values = np.zeros((1, 2, len(both_years)), AREA_YEAR_DTYPE)
    values["pot"] = 2.0
    for i, years in enumerate(both_years):
        for y, year in enumerate(years):
            for name, value in year.items():
                values[name][0, y, i] = value
    return values


def says(first: Year, second: Year) -> str:
    """What the lead of a board with these two years would say."""
    [counts] = simulate_reported(areas((first, second)))
    assert sorted(counts.tolist()) == [0.0, 0.0, 1.0]
    return ("all", "part", "none")[int(counts.argmax())]


# How a board is read.


def test_a_board_that_lost_nothing_says_that_it_kept_all() -> None:
    assert says({}, {}) == "all"


@pytest.mark.parametrize("quarter", ["raided_q3", "raided_q4"])
def test_raids_after_the_interviews_are_not_yet_known(quarter: str) -> None:
    assert says({}, {quarter: 2.0}) == "all"


@pytest.mark.parametrize("quarter", ["raided_q1", "raided_q2"])
def test_raids_before_the_interviews_are(quarter: str) -> None:
    assert says({}, {quarter: 1.0}) == "part"
    assert says({}, {quarter: 2.0}) == "none"


@pytest.mark.parametrize("way", ["released", "raided_q1", "raided_q2", "raided_q3", "raided_q4"])
def test_a_loss_in_any_part_of_the_first_year_leaves_no_board_that_kept_all(way: str) -> None:
    assert says({way: 0.2}, {}) == "part"


def test_a_board_that_kept_none_at_first_and_all_since_kept_part() -> None:
    assert says({"released": 2.0}, {}) == "part"


def test_a_board_that_kept_none_since_kept_none_whatever_it_did_before() -> None:
    assert says({}, {"released": 2.0}) == says({"released": 2.0}, {"released": 2.0}) == "none"


def test_losses_add_up_over_plans_and_quarters() -> None:
    assert says({}, {"released": 1.0, "raided_q1": 0.5, "raided_q2": 0.45}) == "none"
    assert says({"released": 0.05, "raided_q1": 0.02, "raided_q4": 0.04}, {}) == "part"


@pytest.mark.parametrize(("lost", "answer"), [(0.09, "all"), (0.11, "part"), (1.89, "part"), (1.91, "none")])
def test_all_means_95_percent_and_none_means_5(lost: float, answer: str) -> None:
    assert says({}, {"released": lost}) == answer


def test_all_must_have_been_kept_in_both_years() -> None:
    assert says({"released": 0.09}, {"released": 0.09}) == "all"
    assert says({"released": 0.11}, {"released": 0.09}) == "part"


# Volunteers.


def test_without_bias_boards_are_counted_one_by_one() -> None:
    counts = simulate_reported(areas(({}, {}), ({}, {}), ({}, {"released": 1.0}), ({}, {"released": 2.0})))
    np.testing.assert_allclose(counts, [[2, 1, 1]])


def test_a_bias_of_four_makes_a_board_that_kept_all_four_times_as_likely_to_be_seen_as_one_that_kept_none() -> None:
    [counts] = simulate_reported(areas(({}, {}), ({}, {"released": 2.0})), 4.0)
    assert counts[0] == pytest.approx(4 * counts[2])


def test_seen_weights_grow_with_what_is_kept_this_year_and_are_scaled_back_to_the_boards() -> None:
    """Shares kept of 1, 3/4 and 0 under a bias of 9 weigh 3, the root of 3, and a third."""
    [counts] = simulate_reported(areas(({}, {}), ({}, {"released": 0.5}), ({}, {"released": 2.0})), 9.0)
    weights = np.array([3.0, math.sqrt(3.0), 1 / 3])
    np.testing.assert_allclose(counts, 3 * weights / weights.sum())


def test_each_future_has_its_own_bias() -> None:
    both = np.concatenate([areas(({}, {}), ({}, {"released": 2.0}))] * 2)
    np.testing.assert_allclose(simulate_reported(both, np.array([1.0, 3.0])), [[1, 0, 1], [1.5, 0, 0.5]])


@given(
    st.lists(st.tuples(*[st.floats(0, 1)] * 4), min_size=1, max_size=42),
    st.floats(0.1, 10),
)
def test_counts_sum_to_the_boards_whatever_the_bias(lost: list[tuple[float, ...]], bias: float) -> None:
    rows = areas(*(({"released": a, "raided_q4": b}, {"released": c, "raided_q2": d}) for a, b, c, d in lost))
    [counts] = simulate_reported(rows, bias)
    assert counts.sum() == pytest.approx(len(lost))
    assert counts.min() >= 0


# The chance of a sample.


@pytest.mark.parametrize("counts", [(21, 15, 6), (10, 7, 3), (14, 14, 14), (30, 9, 3), (12, 7, 23)])
def test_on_whole_counts_the_chance_is_that_of_drawing_without_replacement(counts: tuple[int, ...]) -> None:
    expected = multivariate_hypergeom.logpmf(SEEN, counts, sum(SEEN))
    assert log_probability(np.array(counts, np.float64), SEEN) == pytest.approx(expected, abs=1e-9)


def test_chances_of_all_ways_agree_with_drawing_without_replacement() -> None:
    counts, ways = np.array([16.0, 18.0, 8.0]), list_triples(20)
    expected = multivariate_hypergeom.pmf(ways, [16, 18, 8], 20)
    np.testing.assert_allclose(np.exp(log_probability(counts, ways)), expected, atol=1e-12)


def chances(counts: Floats) -> Floats:
    """The chance of each of the 231 ways, for each row of counts: shape (n, 231)."""
    return np.exp(log_probability(counts[:, None, :], list_triples(20)))


def broken(n: int) -> Floats:
    """Counts that are not whole, of 42 boards."""
    return np.random.default_rng(4).dirichlet([1.0, 1.0, 1.0], n) * 42


def test_the_chances_of_the_231_ways_sum_to_one_on_whole_counts() -> None:
    counts = np.random.default_rng(3).multinomial(42, [0.4, 0.4, 0.2], 200).astype(np.float64)
    np.testing.assert_allclose(chances(counts).sum(axis=1), 1.0, atol=1e-12)


def test_the_chances_never_exceed_one_on_broken_counts_and_hardly_fall_short_where_no_group_is_small() -> None:
    counts = broken(3_000)
    total = chances(counts).sum(axis=1)
    assert total.max() <= 1 + 1e-9
    assert total[counts.min(axis=1) > 3].min() > 0.9


def test_broken_counts_lie_between_whole_ones() -> None:
    below, between, above = (log_probability(np.array([20.0 + x, 16.0 - x, 6.0]), SEEN) for x in (0.0, 0.5, 1.0))
    assert min(below, above) < between < max(below, above)


def test_each_board_missing_costs_a_thousand() -> None:
    one, two, half = (
        log_probability(np.array(c), SEEN) for c in ((9.0, 30.0, 3.0), (8.0, 31.0, 3.0), (9.5, 29.5, 3.0))
    )
    assert one == pytest.approx(-PENALTY, abs=30)
    assert two == pytest.approx(-2 * PENALTY, abs=30)
    assert half == pytest.approx(-PENALTY / 2, abs=30)


@pytest.mark.parametrize(("counts", "missing"), [((5.0, 5.0, 5.0), 7), ((0.0, 0.0, 0.0), 20), ((10.0, 7.0, 2.0), 1)])
def test_fewer_boards_than_were_interviewed_are_a_penalty_too(counts: tuple[float, ...], missing: int) -> None:
    assert log_probability(np.array(counts), SEEN) == pytest.approx(-missing * PENALTY, abs=30)


def test_a_world_without_boards_that_kept_none_cannot_have_shown_three() -> None:
    assert np.exp(log_probability(np.array([30.0, 12.0, 0.0]), SEEN)) == 0.0


def test_one_call_weighs_many_futures_like_many_calls() -> None:
    counts = broken(20)
    each = [float(log_probability(row, SEEN)) for row in counts]
    np.testing.assert_allclose(log_probability(counts, SEEN), each)


# Samples.


@pytest.mark.parametrize("counts", [(20.0, 15.0, 7.0), (19.3, 15.5, 7.2), (38.0, 2.5, 1.5), (0.0, 42.0, 0.0)])
def test_samples_come_with_their_chances_scaled_to_sum_to_one(counts: tuple[float, ...]) -> None:
    """A way is shown from the first to the last uniform number of its share, as wide as its chance, and by no other."""
    [expected] = chances(np.array([counts]))
    share = expected / expected.sum()
    last, near = np.cumsum(share), 1e-11
    shown = share > 3 * near
    assert share[shown].sum() == pytest.approx(1, abs=1e-8)
    for u in ((last - share + near)[shown], (last - near)[shown]):
        np.testing.assert_array_equal(sample_counts(np.tile(counts, (len(u), 1)), u), list_triples(20)[shown])


def test_a_sample_does_not_depend_on_how_many_are_drawn_at_once() -> None:
    counts = broken(5_000)
    u = np.random.default_rng(9).random(5_000)
    whole = sample_counts(counts, u)
    np.testing.assert_array_equal(whole[4_090:4_100], sample_counts(counts[4_090:4_100], u[4_090:4_100]))


def test_a_sample_may_have_another_size() -> None:
    samples = sample_counts(np.array([[3.0, 2.0, 1.0]] * 3), np.array([0.0, 0.5, 0.999]), 6)
    np.testing.assert_array_equal(samples, [[3, 2, 1]] * 3)
