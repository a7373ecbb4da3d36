"""Worlds: drawn once, keyed by row, met by every policy alike."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.common.arrays import Floats
from simulator.experiments.core.model_protocol import Factor, Outcomes, Points, Seeds, draw_uniforms
from simulator.experiments.core.replicate_average import DrawAverages, average_over_replicates
from simulator.experiments.core.sampled_futures import run_policies, sample_futures, select_complete_futures

pytestmark = pytest.mark.experiments

FACTORS = [Factor("x", 0, 1, 0.5), Factor("y", -1, 1, 0.0)]
LUCK: Floats = draw_uniforms(4096, 1, "luck of the toy")


def simulate(points: Points, seeds: Seeds) -> Outcomes:
    return {"gain": points["x"] + points["lever"] + LUCK[seeds % 4096]}


def test_later_worlds_are_the_rows_that_a_larger_study_would_have_had() -> None:
    whole, later = (
        sample_futures(FACTORS, 10, seed=3, replicates=2),
        sample_futures(FACTORS, 4, seed=3, replicates=2, first=6),
    )
    assert np.array_equal(whole.seeds[12:], later.seeds)
    assert np.array_equal(whole.draws[12:], later.draws)
    assert all(np.array_equal(whole.points[name][12:], later.points[name]) for name in ("x", "y"))
    assert len(set(whole.seeds.tolist())) == whole.n == 20


def test_the_same_policy_twice_differs_by_exactly_nothing() -> None:
    futures = sample_futures(FACTORS, 50, seed=1)
    table = run_policies(simulate, futures, {"a": {"lever": 0.2}, "b": {"lever": 0.2}, "c": {"lever": 0.3}}, "gain")
    assert np.array_equal(table["a"], table["b"])
    assert table["c"] - table["a"] == pytest.approx(0.1)


def test_progress_counts_runs() -> None:
    reports: list[tuple[int, int]] = []
    futures = sample_futures(FACTORS, 5, seed=1)
    run_policies(simulate, futures, {"a": {"lever": 0}, "b": {"lever": 1}}, "gain", lambda d, t: reports.append((d, t)))
    assert reports == [(5, 10), (10, 10)]


def test_an_unknown_outcome_is_named_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="no outcome 'loss'; it gives gain"):
        run_policies(simulate, sample_futures(FACTORS, 5, seed=1), {"a": {"lever": 0}}, "loss")


def test_averages_separate_luck_from_draws() -> None:
    rng = np.random.default_rng(0)
    draws = np.repeat(np.arange(2_000), 5)
    level, luck = rng.normal(size=2_000)[draws], rng.normal(size=10_000)
    averages = average_over_replicates({"a": level + luck, "b": level + 3 * luck}, draws)
    assert averages.replicates == 5
    assert averages.chance == pytest.approx(np.array([[1, 3], [3, 9]]), rel=0.06)
    assert averages.means["a"].var() == pytest.approx(1 + 1 / 5, rel=0.1)
    assert np.array_equal(averages.at_draws({"x": level})["x"], level[::5])


def test_single_runs_tell_nothing_of_luck() -> None:
    assert average_over_replicates({"a": [1, 2], "b": [3, 4]}, [0, 1]).chance is None
    with pytest.raises(ValueError, match="do not know the rows"):
        DrawAverages({"a": LUCK, "b": LUCK}, 1, None).at_draws({"x": LUCK})


def test_a_world_that_failed_under_one_policy_is_left_out_under_all_and_counted() -> None:
    averages = average_over_replicates({"a": [1, np.nan, 3, 5, 7, 9], "b": [2, 4, 6, 8, 10, 12]}, [0, 0, 1, 1, 2, 2])
    assert averages.failed == 1
    assert averages.means["b"].tolist() == [2, 7, 11]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"a": [1, 2]}, "at least two"),
        ({"a": [1, 2], "b": [1, 2, 3]}, "each of the same futures"),
        ({"a": [1, np.inf], "b": [1, 2]}, "'a' has infinite results"),
        ({"a": [np.nan, np.nan], "b": [1, 2]}, "at least 2 are needed"),
        ({"a": [1, 2, np.nan, np.nan], "b": [1, 2, 3, 4]}, "2 of 4 futures failed"),
    ],
)
def test_tables_that_cannot_be_compared_are_refused(table: dict[str, list[float]], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        select_complete_futures(table)


def test_no_worlds_and_labels_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="make no futures"):
        sample_futures(FACTORS, 0, seed=1)
    with pytest.raises(ValueError, match="3 labels of draws do not fit 2 futures"):
        average_over_replicates({"a": [1, 2], "b": [3, 4]}, [0, 1, 2])
