"""Scenario discovery: a planted box is found, noise is not, and the raw search would have named noise."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from planted_box import PlantedBox
from scipy.stats import binom

from simulator.common.arrays import Floats
from simulator.common.units import Unit
from simulator.experiments.discovery.box_text import describe_limits, make_ema_frame
from simulator.experiments.discovery.prim import Cases, Patience, make_open_box, prim
from simulator.experiments.discovery.scenario_box import (
    BoxSearch,
    choose_box,
    clean_box,
    compute_balance,
    compute_quasi_p,
    count_inside,
    drop_noise,
    sharpen_limits,
    split_in_halves,
)
from simulator.experiments.discovery.scenario_discovery import CaseDefinition, ScenarioDiscovery, discover_scenario
from simulator.experiments.sensitivity.given_data import GivenData, draw_given_data

pytestmark = pytest.mark.experiments

FAILS = CaseDefinition(0.5)
NOISY, CLEAN, NONE = PlantedBox(), PlantedBox(inside=0.97, outside=0.005), PlantedBox(inside=0.3, outside=0.3)
SEARCH = BoxSearch(halves=10)
PLANTED = ("x1", "x2", "x3")


@cache
def sample(toy: PlantedBox, n: int, seed: int = 1) -> GivenData:
    return draw_given_data(toy, toy.factors, "y", n=n, seed=seed)


@cache
def discovered(toy: PlantedBox, n: int, seed: int = 1) -> ScenarioDiscovery:
    return discover_scenario(sample(toy, n, seed), FAILS, search=SEARCH, seed=seed)


def columns(given_data: GivenData) -> tuple[Floats, Cases]:
    return np.stack(list(given_data.points.values())).T, FAILS.find(given_data.values)


# The known answer.


def test_the_toy_has_the_coverage_that_it_says() -> None:
    x, y = columns(sample(NOISY, 10_000))
    inside, cases = count_inside(NOISY.box, x, y)
    assert pytest.approx(0.7602, abs=1e-4) == NOISY.coverage
    assert cases / y.sum() == pytest.approx(NOISY.coverage, abs=0.03)
    assert cases / inside == pytest.approx(NOISY.inside, abs=0.03)


def test_a_noisy_box_planted_in_thirty_dimensions_is_found() -> None:
    discovery = discovered(NOISY, 10_000)
    assert discovery.restricted == PLANTED
    assert discovery.box.limits == pytest.approx(NOISY.box.limits, abs=0.03)
    assert 0.74 <= discovery.coverage.estimate <= 0.78
    assert 0.86 <= discovery.density.estimate <= 0.90


def test_a_clean_box_is_found_with_coverage_and_density_above_nine_tenths() -> None:
    discovery = discovered(CLEAN, 2_000)
    assert discovery.restricted == PLANTED
    assert discovery.box.limits == pytest.approx(CLEAN.box.limits, abs=0.03)
    assert discovery.coverage.estimate > 0.9
    assert discovery.density.estimate > 0.9


def test_boxes_hold_up_on_points_not_used_to_find_them() -> None:
    discovery = discovered(NOISY, 10_000)
    assert discovery.unseen_coverage == pytest.approx(NOISY.coverage, abs=0.04)
    assert discovery.unseen_density == pytest.approx(NOISY.inside, abs=0.04)


def test_intervals_hold_the_truth_and_narrow_with_more_points() -> None:
    few, many = discovered(NOISY, 1_000), discovered(NOISY, 10_000)
    assert many.density.low < NOISY.inside < many.density.high
    assert many.coverage.high - many.coverage.low < (few.coverage.high - few.coverage.low) / 2


# Negative controls.


@pytest.mark.parametrize("seed", range(2))
def test_in_noise_alone_there_is_no_box(seed: int) -> None:
    discovery = discovered(NONE, 1_000, seed)
    assert discovery.restricted == ()
    assert not discovery.box.restricted.any()
    assert not any(limit.kept for limit in discovery.limits)
    assert np.isnan(discovery.unseen_density) or discovery.unseen_density < 0.5
    assert "no box in the 30 factors stands out from noise" in discovery.sentence


def test_in_much_noise_there_is_no_box_either() -> None:
    assert discovered(NONE, 2_000).restricted == ()


def test_the_raw_search_would_have_named_noise() -> None:
    """What choosing a step alone does: false dimensions by the handful, with quasi-p-values that give them away."""
    raw = [(choose_box(prim(x, y), 1.0), x, y) for x, y in (columns(sample(NONE, 1_000, seed)) for seed in range(5))]
    assert np.mean([box.restricted.any(axis=0).sum() for box, _, _ in raw]) >= 4
    assert np.nanmedian([compute_quasi_p(box, x, y) for box, x, y in raw]) > 0.2


def test_false_dimensions_beside_true_ones_are_flagged_and_dropped() -> None:
    """Late on the trajectory the search restricts whatever it can; only planted dimensions survive."""
    x, y = columns(sample(NOISY, 1_000))
    late = prim(x, y).boxes[-1]
    assert late.restricted[:, 3:].any(axis=0).sum() >= 4
    assert np.nanmedian(compute_quasi_p(late, x, y)[:, 3:]) > 0.2
    assert clean_box(late, x, y, SEARCH).restricted.any(axis=0).nonzero()[0].tolist() == [0, 1, 2]


def test_dropped_limits_say_why() -> None:
    for limit in discovered(NONE, 1_000).limits:
        assert limit.quasi_p > SEARCH.most_quasi_p or limit.repeats < SEARCH.least_repeats


def test_a_limit_that_halves_do_not_repeat_is_dropped_however_small_its_quasi_p() -> None:
    strict = discover_scenario(
        sample(NOISY, 1_000), FAILS, search=replace(SEARCH, most_quasi_p=0.99, least_repeats=0.9), seed=1
    )
    assert strict.restricted == PLANTED


# How it works.


def test_kept_limits_pass_both_tests() -> None:
    kept_limits = [limit for limit in discovered(NOISY, 10_000).limits if limit.kept]
    assert [(limit.factor, limit.side) for limit in kept_limits] == [
        ("x2", "low"),
        ("x3", "low"),
        ("x1", "high"),
        ("x3", "high"),
    ]
    for limit in kept_limits:
        assert limit.quasi_p < 1e-6
        assert limit.repeats == 1
        assert limit.likely[0] - 0.005 <= limit.value <= limit.likely[1] + 0.005


def test_the_factors_that_matter_are_found_on_every_half() -> None:
    repeats = discovered(NOISY, 10_000).repeats
    assert {name: share for name, share in repeats.items() if share > 0.5} == dict.fromkeys(PLANTED, 1.0)
    assert len(repeats) == 30


def test_quasi_p_is_the_binomial_tail_against_the_box_without_the_limit() -> None:
    x = np.arange(1.0, 11.0)[:, None]
    y = np.array([1, 1, 1, 0, 0, 0, 0, 0, 1, 0], bool)
    p = compute_quasi_p(make_open_box(1).moved(1, 0, 4.5), x, y)
    assert np.isnan(p[0, 0])
    assert p[1, 0] == pytest.approx(sum(binom.pmf(k, 4, 0.4) for k in (3, 4)))


def test_balance_is_the_harmonic_mean_of_coverage_and_density() -> None:
    cases, inside = np.array([30]), np.array([40])
    coverage, density = 30 / 50, 30 / 40
    assert compute_balance(cases, inside, 50, 1.0)[0] == pytest.approx(2 / (1 / coverage + 1 / density))
    assert compute_balance(cases, inside, 50, 3.0)[0] == pytest.approx(4 / (3 / coverage + 1 / density))


def test_more_weight_on_coverage_covers_more() -> None:
    x, y = columns(sample(PlantedBox(inside=0.6, outside=0.2), 2_000))
    wide, narrow = (count_inside(choose_box(prim(x, y), weight), x, y) for weight in (4.0, 0.25))
    assert wide[1] > narrow[1]
    assert wide[1] / wide[0] < narrow[1] / narrow[0]


def test_sharpening_finds_a_limit_exactly_and_lets_an_idle_one_go() -> None:
    x = np.column_stack([np.linspace(0, 1, 1_000), np.tile([0.2, 0.4, 0.6, 0.8], 250)])
    y = x[:, 0] < 0.3
    box = sharpen_limits(make_open_box(2).moved(1, 0, 0.27).moved(0, 1, 0.1), x, y, 1.0)
    assert box.limits[1, 0] == pytest.approx(0.3, abs=0.001)
    assert not box.restricted[:, 1].any()


def test_dropping_noise_goes_from_the_worst_limit_on() -> None:
    x, y = columns(sample(CLEAN, 1_000))
    spoilt = CLEAN.box.moved(0, 5, 0.02).moved(1, 6, 0.97)
    assert (drop_noise(spoilt, x, y, 0.05).restricted == CLEAN.box.restricted).all()


def test_halves_share_the_cases_out_evenly_and_part_the_rows() -> None:
    y = np.arange(101) % 5 == 0
    mine, others = split_in_halves(y, 3, "half")
    assert sorted([*mine, *others]) == list(range(101))
    assert abs(int(y[mine].sum()) - int(y[others].sum())) <= 1
    assert set(mine) != set(split_in_halves(y, 3, "another half")[0])


def test_the_same_seed_gives_the_same_discovery_and_progress_counts_halves() -> None:
    calls: list[tuple[int, int]] = []
    again = discover_scenario(
        sample(NOISY, 1_000), FAILS, search=SEARCH, seed=1, progress=lambda i, n: calls.append((i, n))
    )
    assert again.limits == discovered(NOISY, 1_000).limits
    assert calls == [(i, 10) for i in range(1, 11)]


def test_failed_runs_are_left_out_counted_and_told() -> None:
    toy = CLEAN

    def sometimes(points: dict[str, Floats], seeds: Floats) -> dict[str, Floats]:
        return {"y": np.where(points["x9"] < 0.02, np.nan, toy(points, seeds.astype(np.int64))["y"])}

    discovery = discover_scenario(draw_given_data(sometimes, toy.factors, "y", n=1_000, seed=1), FAILS, search=SEARCH)  # type: ignore[arg-type]
    assert discovery.failed > 0
    assert discovery.n + discovery.failed == 1_000
    assert f"{discovery.failed} failed runs were left out" in discovery.sentence


# What people read.


def test_the_sentence_names_the_factors_their_limits_and_both_shares() -> None:
    sentence = discovered(CLEAN, 2_000).sentence
    assert "“x1” is below 0.5" in sentence
    assert "“x3” is between 0.2" in sentence
    assert "of all such points" in sentence
    assert "x17" not in sentence


def test_where_cases_are_the_larger_part_the_sentence_asks_the_other_way_round() -> None:
    assert "ask where it is not so" in discovered(PlantedBox(inside=0.7, outside=0.7, dims=5), 500).sentence


def test_limits_are_worded_as_finely_as_their_span() -> None:
    span = np.array([[0.0, 0.0], [1.0, 3_000.0]])
    box = make_open_box(2).moved(0, 0, 0.12345).moved(1, 1, 1234.5)
    assert describe_limits(box, ("a", "b"), span) == "“a” is above 0.12 and “b” is below 1,230"


def test_a_case_may_lie_above_and_is_worded_in_its_unit() -> None:
    case = CaseDefinition(0.25, below=False, unit=Unit.SHARE)
    assert case.description == "above 25%"
    assert case.find(np.repeat([0.2, 0.3], [30, 40])).sum() == 40


def test_the_box_is_exported_as_the_ema_workbench_lays_it_out() -> None:
    discovery = discovered(NOISY, 10_000)
    frame = discovery.boxes_to_frame()
    assert list(frame.columns) == [("box 1", "min"), ("box 1", "max")]
    assert set(frame.index) == set(PLANTED)
    assert frame.index[-1] == "x2"  # the widest limits come last
    assert frame.loc["x1", ("box 1", "min")] == sample(NOISY, 10_000).points["x1"].min()
    assert frame.loc["x1", ("box 1", "max")] == discovery.box.limits[1, 0]


def test_several_boxes_share_the_rows_of_a_frame() -> None:
    first, second = make_open_box(3).moved(0, 1, 0.5), make_open_box(3).moved(1, 2, 0.1)
    frame = make_ema_frame([first, second], ("a", "b", "c"), np.array([[0.0] * 3, [1.0] * 3]))
    assert frame.loc["b"].tolist() == [0.5, 1, 0, 1]
    assert frame.loc["c"].tolist() == [0, 1, 0, 0.1]


def test_the_frame_lists_what_is_kept_before_what_is_noise() -> None:
    frame = discovered(NOISY, 1_000).to_frame()
    assert frame["kept"].is_monotonic_decreasing
    limit = {"factor", "side", "value", "likely_low", "likely_high", "quasi_p", "repeats", "kept"}
    assert limit | {"range_low", "range_high"} == set(frame.columns)


# What is refused.


def test_too_few_cases_are_refused_with_advice() -> None:
    with pytest.raises(ValueError, match=r"0 of 1000 points are below −1.*nearer the middle"):
        discover_scenario(sample(NOISY, 1_000), CaseDefinition(-1.0))


def test_rows_of_unequal_weight_are_refused() -> None:
    given = sample(NOISY, 1_000)
    with pytest.raises(ValueError, match="weights are all equal"):
        discover_scenario(replace(given, weights=np.linspace(0.5, 1.5, 1_000)), FAILS)


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"weight": 0}, "above 0"), ({"halves": 5}, "10 or more"), ({"most_quasi_p": 1}, "between 0 and 1")],
)
def test_a_search_that_makes_no_sense_is_refused(settings: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        BoxSearch(patience=Patience(), **settings)  # type: ignore[arg-type]
