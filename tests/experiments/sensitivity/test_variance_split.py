"""Chance or not knowing: the split of the variance has its known answer, and the short cuts have not."""

from __future__ import annotations

import numpy as np
import pytest
from known_functions import FunctionModel, stochastic_ishigami

from simulator.common.arrays import Floats
from simulator.experiments.core.sampled_futures import SampledFutures, sample_futures
from simulator.experiments.sensitivity.variance_split import VarianceSplit, split_variance, split_variance_of

pytestmark = pytest.mark.experiments

TOY = stochastic_ishigami()


def nested(draws: int, runs: int, parameters: float, seed: int = 1) -> tuple[Floats, Floats]:
    """Luck of variance 1 about the means of draws, which vary by `parameters`."""
    rng = np.random.default_rng(seed)
    values = np.sqrt(parameters) * rng.standard_normal((draws, 1)) + rng.standard_normal((draws, runs))
    return values.ravel(), np.repeat(np.arange(draws), runs)


def split(draws: int, runs: int, parameters: float, seed: int = 1, times: int = 200) -> VarianceSplit:
    return split_variance(*nested(draws, runs, parameters, seed), times=times)


def test_lucks_share_of_the_stochastic_ishigami_is_known() -> None:
    s = split_variance_of(TOY.simulate, sample_futures(TOY.factors, 2_000, seed=3, replicates=10), "y")
    assert s.chance_share.value == pytest.approx(0.4027, abs=0.03)
    assert s.chance_share.low < 0.4027 < s.chance_share.high
    assert s.chance.value == pytest.approx(28 / 3, rel=0.05)
    assert s.parameters.value == pytest.approx(13.8446, rel=0.08)
    assert s.chance_share.value + s.parameter_share.value == pytest.approx(1.0)


def test_the_variance_of_draws_means_counts_luck_as_not_knowing() -> None:
    """The short cut that must fail: with two runs a draw half of luck's variance stays in the means."""
    values, draws = nested(2_000, 2, parameters=0.2)
    honest = split_variance(values, draws, times=50)
    shortcut = values.reshape(-1, 2).mean(axis=1).var()
    assert honest.parameters.value == pytest.approx(0.2, abs=0.07)
    assert shortcut == pytest.approx(0.2 + 0.5, abs=0.07)


def test_the_95_percent_interval_holds_the_truth_nine_times_in_ten_or_more() -> None:
    splits = [split(100, 4, parameters=1.0, seed=seed, times=100) for seed in range(120)]
    assert np.mean([s.chance_share.low <= 0.5 <= s.chance_share.high for s in splits]) >= 0.88


def test_where_parameters_do_nothing_the_estimate_is_zero_on_average_because_it_is_not_clipped() -> None:
    values = np.array([split(50, 4, parameters=0.0, seed=seed, times=2).parameters.value for seed in range(200)])
    assert (values < 0).mean() > 0.3
    assert abs(values.mean()) < 0.015
    assert np.maximum(values, 0).mean() > 0.015


def test_a_negative_part_is_reported_and_explained() -> None:
    s = next(s for s in (split(50, 4, 0.0, seed) for seed in range(50)) if s.parameters.value < 0)
    assert s.chance_share.value > 1
    assert "more than all of it because the part of parameters is estimated below zero" in s.sentence
    with pytest.raises(ValueError, match="not seen to move"):
        _ = s.runs_needed


def test_where_luck_dominates_it_says_so_and_how_many_runs_would_help() -> None:
    s = split(1_000, 4, parameters=0.1)
    assert s.chance_dominates
    assert s.runs_needed == pytest.approx(90, rel=0.5)
    assert s.chance_share_of_means(s.runs_needed) <= 0.1 < s.chance_share_of_means(s.runs_needed - 1)
    assert "Chance dominates" in s.sentence
    assert "Chance dominates" not in split(1_000, 4, parameters=2.0).sentence


def test_a_paired_difference_under_shared_luck_loses_the_luck_that_both_policies_met() -> None:
    futures = sample_futures([f for f in TOY.factors if f.name != "x2"], 500, seed=4, replicates=4)
    level = split_variance_of(TOY.simulate, futures, "y", {"x2": 1.2})
    pushed = FunctionModel(TOY.factors, lambda x, seeds: TOY.simulate(x, seeds)["y"] * (1 + 0.1 * x["x2"]))
    pair = split_variance_of(pushed, futures, "y", {"x2": 1.2}, {"x2": 1.0})
    assert pair.chance.value < level.chance.value / 100
    assert "the difference in y" in pair.sentence
    with pytest.raises(ValueError, match="the same in every run"):
        split_variance_of(pushed, futures, "y", {"x2": 1.2}, {"x2": 1.2})


def test_draws_that_share_their_lucks_are_refused_because_lucks_own_part_would_vanish() -> None:
    futures = sample_futures(TOY.factors, 300, seed=1, replicates=2)
    frozen = SampledFutures(futures.points, np.resize(futures.seeds[:2], futures.n), futures.draws)
    with pytest.raises(ValueError, match="seeds of its own"):
        split_variance_of(TOY.simulate, frozen, "y")


def test_draws_may_have_lost_runs() -> None:
    values, draws = nested(2_000, 5, parameters=1.0)
    values[np.random.default_rng(2).random(len(values)) < 0.15] = np.nan
    values[:5] = np.nan
    s = split_variance(values, draws, times=50)
    assert s.chance_share.value == pytest.approx(0.5, abs=0.03)
    assert s.draws == 1_999
    assert s.failed == np.isnan(values).sum()
    assert s.sentence.endswith(f"{s.failed} runs failed and were left out.")


def test_the_order_of_rows_and_the_names_of_draws_do_not_matter() -> None:
    values, draws = nested(60, 3, parameters=1.0)
    shuffle = np.random.default_rng(1).permutation(len(values))
    split_one, other = split_variance(values, draws), split_variance(values[shuffle], 7 * draws[shuffle] + 3)
    assert other.chance_share == pytest.approx(split_one.chance_share)


def test_adding_a_constant_changes_nothing() -> None:
    values, draws = nested(60, 3, parameters=1.0)
    assert split_variance(values + 1e6, draws).chance_share == pytest.approx(split_variance(values, draws).chance_share)


def test_a_model_without_luck_and_one_without_parameters_are_told_apart() -> None:
    futures = sample_futures(TOY.factors, 50, seed=1, replicates=2)
    certain = FunctionModel(TOY.factors, lambda x, seeds: x["x1"])
    known = {f.name: f.default for f in TOY.factors}
    assert split_variance_of(certain, futures, "y").chance_share.value == pytest.approx(0.0, abs=1e-12)
    assert "cannot be told from nothing" in split_variance_of(TOY.simulate, futures, "y", known).sentence


def test_the_frame_has_a_row_for_each_part() -> None:
    frame = split(50, 3, parameters=1.0).to_frame()
    assert list(frame["source"]) == ["luck", "parameters"]
    assert frame["share"].sum() == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("values", "draws", "message"),
    [
        (np.arange(12.0), np.arange(12), "with two replicates each"),
        (np.arange(12.0), np.repeat([0, 1], 6), "at least 10 draws"),
        (np.ones(40), np.repeat(np.arange(20), 2), "the same in every run"),
        (np.full(40, np.nan), np.repeat(np.arange(20), 2), "40 of 40 runs failed"),
        (np.full(40, np.inf), np.repeat(np.arange(20), 2), "infinite"),
        (np.ones(40), np.arange(20), "do not fit"),
    ],
)
def test_what_cannot_be_split_is_refused(values: Floats, draws: Floats, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        split_variance(values, draws)
