"""Shares and 'not ruled out as best': coverage that is promised, and the naive ways that miss it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from simulator.experiments.stats.ranking_and_selection import estimate_means, estimate_share, select_possible_best

pytestmark = pytest.mark.experiments

REPEATS = 400


def test_a_single_draw_has_no_error_to_go_by() -> None:
    mean, error = estimate_means(np.array([[1.0], [3.0]]), np.array([0, 0]))
    assert (mean[0], error[0]) == (2, np.inf)


def test_errors_of_draws_of_one_row_are_the_usual_ones() -> None:
    values = np.random.default_rng(1).normal(size=(30, 2))
    error = estimate_means(values, np.arange(30))[1]
    assert error == pytest.approx(values.std(axis=0, ddof=1) / np.sqrt(30))


def test_rows_that_only_repeat_their_draw_do_not_shrink_errors() -> None:
    values = np.random.default_rng(1).normal(size=(30, 1))
    once, often = estimate_means(values, np.arange(30)), estimate_means(values.repeat(9, 0), np.arange(30).repeat(9))
    assert often[1] == pytest.approx(once[1])


def test_a_share_of_independent_rows_has_wilsons_interval() -> None:
    hits = np.r_[np.ones(7), np.zeros(13)]
    wilson = stats.binomtest(7, 20).proportion_ci(0.95, "wilson")
    share = estimate_share(hits, np.arange(20), 0.95)
    assert (share.low, share.high) == pytest.approx((wilson.low, wilson.high), abs=0.01)


@given(st.lists(st.booleans(), min_size=2, max_size=40), st.integers(1, 5))
def test_a_share_lies_in_its_interval_and_that_between_none_and_all(hits: list[bool], size: int) -> None:
    rows = np.array(hits, float)
    share = estimate_share(rows, np.unique(np.arange(len(rows)) // size, return_inverse=True)[1], 0.95)
    assert 0 <= share.low <= share.estimate <= share.high <= 1
    assert share.low < share.high


def test_intervals_of_shares_cover_where_rows_of_a_draw_are_alike_and_naive_ones_do_not() -> None:
    rng, draw = np.random.default_rng(2), np.repeat(np.arange(60), 10)
    covered = np.zeros(2)
    for _ in range(REPEATS):
        hits = (rng.normal(size=60)[draw] + 0.5 * rng.normal(size=600) > 0).astype(float)
        for i, groups in enumerate((draw, np.arange(600))):
            share = estimate_share(hits, groups, 0.95)
            covered[i] += share.low <= 0.5 <= share.high
    assert covered[0] / REPEATS >= 0.92
    assert covered[1] / REPEATS < 0.7


def equal_policies(rng: np.random.Generator) -> np.ndarray:
    """Eight policies, all equal on average: a common level, and scatter of their own."""
    return 5 * rng.normal(size=(50, 1)) + rng.normal(size=(50, 8))


def test_the_truly_best_policy_is_kept_as_often_as_promised() -> None:
    rng = np.random.default_rng(3)
    mean = np.mean([select_possible_best(equal_policies(rng), np.arange(50))[0] for _ in range(REPEATS)])
    assert mean >= 0.95 - 2.6 * np.sqrt(0.95 * 0.05 / REPEATS)


def test_without_bonferroni_it_would_be_kept_less_often() -> None:
    rng = np.random.default_rng(3)
    naive = 1 - 7 * 0.05  # undoes the division by the seven comparisons
    mean = np.mean([select_possible_best(equal_policies(rng), np.arange(50), naive)[0] for _ in range(REPEATS)])
    assert mean < 0.9


def test_a_worse_policy_is_ruled_out_under_shared_luck_where_tests_for_independent_samples_cannot() -> None:
    rng = np.random.default_rng(4)
    gains = 5 * rng.normal(size=(50, 1)) + rng.normal(scale=0.1, size=(50, 3)) + np.array([0.0, 0.3, -0.3])
    assert select_possible_best(gains, np.arange(50)).tolist() == [False, True, False]
    assert stats.dunnett(gains[:, 0], gains[:, 2], control=gains[:, 1]).pvalue.min() > 0.5


def test_identical_policies_stay_together_and_a_sure_loser_goes() -> None:
    gains = np.random.default_rng(5).normal(size=(20, 1)) + np.array([0.0, 0.0, -1e-3])
    assert select_possible_best(gains, np.arange(20)).tolist() == [True, True, False]


def test_lucks_of_one_draw_are_no_independent_evidence() -> None:
    rng, draw = np.random.default_rng(6), np.repeat(np.arange(10), 50)
    wrong = 0
    for _ in range(100):
        lead = rng.normal(size=10)[draw]
        gains = np.column_stack([np.zeros(500), lead])
        assert select_possible_best(gains, np.zeros(500, np.int64)).all()
        wrong += not select_possible_best(gains, draw).all()
    assert wrong <= 20
