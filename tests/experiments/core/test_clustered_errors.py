"""Errors where rows share their parameters: intervals that cover what they promise, and naive ones that do not."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.common.arrays import Floats
from simulator.experiments.core.clustered_errors import (
    Z_95,
    count_independent_rows,
    hash_rows,
    label_parameter_sets,
    number_labels,
    standard_error,
)
from simulator.experiments.core.model_protocol import draw_uniforms
from simulator.experiments.decision.sequential_comparison import StopReason, compare_sequentially
from simulator.experiments.stats.confidence_sequences import LookSchedule
from simulator.experiments.stats.resampling import compute_weighted_quantile, draw_resamples

pytestmark = pytest.mark.experiments

SETS, AGAIN, REPEATS = 60, 40, 300


def clustered(rng: np.random.Generator, mean: float = 0.0) -> tuple[Floats, Floats]:
    """Numbers of sets that are met again and again with new luck, and their sets: (n,) each."""
    sets = np.arange(SETS * AGAIN) % SETS
    return mean + rng.normal(size=SETS)[sets] + 0.5 * rng.normal(size=len(sets)), sets


# The known answer: a mean of nought, of which one interval in twenty may miss.


def test_intervals_by_parameter_set_cover_where_those_by_row_fall_far_short() -> None:
    rng = np.random.default_rng(1)
    hit = np.zeros(2)
    for _ in range(REPEATS):
        values, sets = clustered(rng)
        errors = standard_error(values, sets), standard_error(values)
        hit += [abs(values.mean()) < Z_95 * error for error in errors]
    assert hit[0] / REPEATS > 0.91
    assert hit[1] / REPEATS < 0.5


def test_looking_again_and_again_is_honest_by_set_and_settles_false_signs_by_row() -> None:
    rng, plan = np.random.default_rng(2), LookSchedule(first=50, most=SETS * AGAIN)
    false = np.zeros(2)
    for _ in range(REPEATS):
        values, sets = clustered(rng)
        for k, own in enumerate((sets, None)):
            looks = (plan.at(values[:n], None if own is None else own[:n]) for n in plan)
            false[k] += any(not look.low <= 0 <= look.high for look in looks)
    assert false[0] / REPEATS <= 0.05
    assert false[1] / REPEATS > 0.3


def test_bootstraps_by_set_are_as_wide_as_the_sets_allow() -> None:
    values, sets = clustered(np.random.default_rng(3))
    spreads = [np.std([w @ values / w.sum() for w in draw_resamples(len(values), 300, 1, own)]) for own in (sets, None)]
    assert spreads[0] == pytest.approx(standard_error(values, sets), rel=0.2)
    assert spreads[1] < 0.3 * spreads[0]


@pytest.mark.parametrize("n", [2, 700, 5000])
@pytest.mark.parametrize("shared", [False, True])
def test_resamples_that_are_drawn_together_are_those_drawn_one_by_one(n: int, shared: bool) -> None:
    sets = np.arange(n) % max(2, n // 3) if shared else np.arange(n)
    count = int(sets.max()) + 1
    for k, counts in enumerate(draw_resamples(n, 17, 5, sets if shared else None)):
        drawn = (draw_uniforms(count, 5, f"resample {k}") * count).astype(np.int64)
        np.testing.assert_array_equal(counts, np.bincount(drawn, minlength=count)[sets])


def test_a_comparison_stops_at_a_sign_only_where_sets_settle_it() -> None:
    """Naive errors settle within the first looks what sixty sets leave open."""
    values, sets = clustered(np.random.default_rng(4), mean=0.05)
    plan = LookSchedule(first=50, most=len(values))

    def asked(by_set: bool) -> StopReason:
        def own(first: int, n: int) -> Floats:
            return sets[first : first + n]

        return compare_sequentially(
            lambda first, n: values[first : first + n] - values.mean() + 0.1,
            1e-6,
            plan=plan,
            sets=own if by_set else None,
            supply=SETS,
        ).stopped

    assert asked(False) is StopReason.SIGN
    assert asked(True) is StopReason.MOST


def test_where_all_sets_were_met_more_worlds_are_said_to_be_no_help() -> None:
    values, sets = clustered(np.random.default_rng(5))
    comparison = compare_sequentially(
        lambda first, n: values[first : first + n],
        0.001,
        plan=LookSchedule(first=50, most=len(values)),
        sets=lambda first, n: sets[first : first + n],
        supply=SETS,
    )
    assert comparison.sets == SETS
    assert f"more versions of the model than the {SETS} that there are" in comparison.sentence
    low, high = comparison.probability_better_interval
    assert high - low > 0.15, "sixty sets do not tell a share to a few in a hundred"


# What holds without clusters.


def test_without_recurring_sets_errors_and_looks_are_the_ordinary_ones_to_the_bit() -> None:
    values = np.random.default_rng(6).normal(size=500)
    every = np.arange(500)
    assert standard_error(values, every) == standard_error(values) == values.std(ddof=1) / np.sqrt(500)
    plan = LookSchedule()
    assert plan.at(values, every) == plan.at(values)
    for draws_resampled, other in zip(draw_resamples(500, 3, 1, every), draw_resamples(500, 3, 1), strict=True):
        np.testing.assert_array_equal(draws_resampled, other)
    assert count_independent_rows(values > 0) == 500


def test_rows_that_all_share_one_set_differ_by_chance_alone_and_are_independent() -> None:
    values = np.random.default_rng(7).normal(size=50)
    assert standard_error(values, np.full(50, 7)) == standard_error(values)


def test_one_row_has_no_error() -> None:
    assert np.isnan(standard_error(np.ones(1)))


def test_labels_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="2 labels of parameter sets do not fit 3 rows"):
        number_labels([1, 2], 3)


def test_labels_are_numbered_in_order_of_their_first_row() -> None:
    assert number_labels([40, -3, 40, 9, -3], 5).tolist() == [0, 1, 0, 2, 1]


# Which rows share their parameters.


def test_rows_are_told_apart_by_their_values_alone_whatever_stands_around_them() -> None:
    table = np.column_stack([draw_uniforms(4_000, 1, f"column {k}") for k in range(5)])
    labels = hash_rows(table)
    assert len(set(labels.tolist())) == 4_000
    np.testing.assert_array_equal(labels[::-1], hash_rows(table[::-1]))
    np.testing.assert_array_equal(labels[70:90], hash_rows(table[70:90]))


@pytest.mark.parametrize("column", range(3))
def test_any_single_number_that_differs_makes_another_set(column: int) -> None:
    columns = {name: np.full(50, 0.25) for name in "abc"}
    assert len(set(label_parameter_sets(columns).tolist())) == 1
    name = "abc"[column]
    columns[name] = 0.25 * (1 + 2.0**-52 * np.arange(50))
    assert len(set(label_parameter_sets(columns).tolist())) == 50


def test_nought_has_one_sign() -> None:
    assert len(set(label_parameter_sets({"a": np.array([0.0, -0.0])}).tolist())) == 1


def test_a_weighted_quantile_is_that_of_the_rows_as_often_as_they_count() -> None:
    values = np.array([3.0, 1.0, 2.0, 5.0])
    counts = np.array([[1, 1, 1, 1], [0, 0, 0, 3], [0, 9, 1, 0]], np.float64)
    assert compute_weighted_quantile(values, counts, 0.75).tolist() == [3.0, 5.0, 1.0]
    assert compute_weighted_quantile(values, counts, 1.0).tolist() == [5.0, 5.0, 2.0]
