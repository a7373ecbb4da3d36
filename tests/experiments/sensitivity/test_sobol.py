from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from known_functions import FreshSeeds, KnownFunction, ishigami, sobol_g, stochastic_ishigami
from scipy.stats import sobol_indices as scipy_indices
from scipy.stats import uniform

from simulator.declarations.priors import Normal
from simulator.experiments.core.model_protocol import Factor, Outcomes, Points, Seeds
from simulator.experiments.core.sweep import collect_tables, convert_to_seeds, sweep
from simulator.experiments.sensitivity.given_data import draw_given_data
from simulator.experiments.sensitivity.sobol import SaltelliDesign, SobolIndices, estimate_sobol_indices, run_sobol

pytestmark = pytest.mark.experiments

TOYS = {"ishigami": ishigami(), "sobol_g": sobol_g(), "stochastic": stochastic_ishigami()}


@cache
def found(name: str) -> SobolIndices:
    toy = TOYS[name]
    return run_sobol(toy.simulate, toy.factors, "y", start=4096, most=4096, seed=1)


def first(result: SobolIndices) -> dict[str, float]:
    return {index.name: index.first for index in result.indices}


def total(result: SobolIndices) -> dict[str, float]:
    return {index.name: index.total for index in result.indices}


@pytest.mark.parametrize("name", TOYS)
def test_indices_are_the_exact_ones(name: str) -> None:
    assert first(found(name)) == pytest.approx(TOYS[name].first, abs=0.02)
    assert total(found(name)) == pytest.approx(TOYS[name].total, abs=0.02)


@pytest.mark.parametrize("name", ["ishigami", "stochastic"])
def test_scipy_finds_the_same(name: str) -> None:
    toy = TOYS[name]

    def function(u: np.ndarray) -> np.ndarray:
        points = {f.name: f.quantile(u[j]) for j, f in enumerate(toy.factors)}
        return np.asarray(toy.simulate(points, convert_to_seeds(u[-1]))["y"])

    d = len(toy.factors) + 1
    theirs = scipy_indices(func=function, n=4096, dists=[uniform()] * d, rng=3)
    assert [*first(found(name)).values(), found(name).chance.first] == pytest.approx(theirs.first_order, abs=0.03)
    assert [*total(found(name)).values(), found(name).chance.total] == pytest.approx(theirs.total_order, abs=0.03)


def test_with_luck_as_a_factor_what_does_nothing_has_an_index_of_exactly_nothing() -> None:
    assert total(found("stochastic"))["inert"] < 1e-12
    assert found("stochastic").chance.total == pytest.approx(0.4027, abs=0.03)


def test_under_fresh_luck_what_does_nothing_seems_to_matter_as_much_as_luck() -> None:
    """The negative control."""
    toy = TOYS["stochastic"]
    spoilt = run_sobol(FreshSeeds(toy.simulate), toy.factors, "y", start=4096, most=4096, seed=1)
    assert total(spoilt)["inert"] == pytest.approx(0.403, abs=0.04)


def test_one_frozen_seed_answers_for_that_seed_only() -> None:
    """The negative control to luck as a factor: by seed, the same factor explains much or little."""
    toy = TOYS["stochastic"]

    def spread(seed: int) -> float:
        def frozen(points: Points, seeds: Seeds) -> Outcomes:
            return toy.simulate(points, np.full_like(seeds, seed))

        return total(run_sobol(frozen, toy.factors, "y", start=512, most=512))["spread"]

    by_seed = [spread(seed) for seed in range(8)]
    assert max(by_seed) > 3 * toy.total["spread"]
    assert min(by_seed) < 0.3 * toy.total["spread"]


def test_indices_of_the_mean_over_luck_are_those_without_luck() -> None:
    quiet = TOYS["ishigami"].first
    assert {name: found("stochastic").of_mean(name) for name in quiet} == pytest.approx(quiet, abs=0.03)


def test_blocks_double_until_the_answer_settles_and_no_run_is_made_twice() -> None:
    toy, runs = TOYS["sobol_g"], 0

    def counted(points: Points, seeds: Seeds) -> Outcomes:
        nonlocal runs
        runs += len(seeds)
        return toy.simulate(points, seeds)

    result = run_sobol(counted, toy.factors, "y", start=128, most=8192, chunk=1000)
    assert result.converged
    assert [step.n for step in result.steps] == [128 << k for k in range(len(result.steps))]
    assert result.steps[-1].widest < 0.05 <= result.steps[-2].widest
    assert runs == result.rows == result.n * (len(toy.factors) + 3)
    assert "Settled at" in result.sentence


def test_an_answer_that_has_not_settled_says_so() -> None:
    toy = TOYS["ishigami"]
    result = run_sobol(toy.simulate, toy.factors, "y", start=64, most=128)
    assert not result.converged
    assert "Not settled at 128 blocks (a total share is still uncertain" in result.sentence


def test_a_design_that_was_swept_in_one_go_shows_the_same_steps() -> None:
    toy = TOYS["stochastic"]
    grown = run_sobol(toy.simulate, toy.factors, "y", start=256, most=1024, seed=5)
    design = SaltelliDesign(toy.factors, 1024, 5)
    assert (
        estimate_sobol_indices(collect_tables(sweep(toy.simulate, design, chunk=999)).column("y"), design, "y") == grown
    )


def test_negative_indices_are_left_as_they_are_and_explained() -> None:
    result = next(r for r in map(small, range(20)) if r.negative)
    lowest = min(index.first for index in (*result.indices, result.chance))
    assert lowest < 0
    assert "are below zero" in result.sentence
    assert "sampling noise" in result.sentence
    assert result.to_frame()["first"].min() == lowest


def small(seed: int) -> SobolIndices:
    toy = TOYS["stochastic"]
    return run_sobol(toy.simulate, toy.factors, "y", start=128, most=128, seed=seed)


def test_intervals_cover_the_truth_nearly_always() -> None:
    toy = TOYS["stochastic"]
    indices = [index for seed in range(12) for index in small(seed).indices]
    inside = [abs(index.total - toy.total[index.name]) <= index.total_half_width for index in indices]
    assert np.mean(inside) > 0.9


def test_the_sentence_names_the_leaders_chance_and_interactions() -> None:
    sentence = found("stochastic").sentence
    assert sentence.startswith("Shares of the variance of “y”, interactions included: “x1” 33%")
    assert "The share of chance is 4" in sentence
    assert "the rest is interactions" in sentence
    assert "Chance plays no part" in found("ishigami").sentence


def test_noise_alone_gives_no_leaders() -> None:
    toy = TOYS["stochastic"]
    only_luck = tuple(f for f in toy.factors if f.name == "inert")
    result = run_sobol(toy.simulate, only_luck, "y", start=64, most=64)
    assert result.sentence.startswith("No factor's share")
    assert result.chance.total == pytest.approx(1, abs=0.35)


def test_priors_are_respected_and_cut_at_the_bounds() -> None:
    wide = (Factor("a", -1.0, 1.0, 0.0, Normal(0, 5)), Factor("b", -10.0, 10.0, 0.0, Normal(0, 1)))
    points, _ = SaltelliDesign(wide, 512).rows(0, 512 * 5)
    assert abs(points["a"]).max() == 1
    assert points["b"].std() == pytest.approx(1, abs=0.05)


def test_a_given_sample_is_refused_because_its_factors_may_depend_on_one_another() -> None:
    toy = TOYS["ishigami"]
    with pytest.raises(ValueError, match="vary independently"):
        run_sobol(toy.simulate, draw_given_data(toy.simulate, toy.factors, "y", n=100), "y")


def failing(share: float, toy: KnownFunction = TOYS["stochastic"]) -> SobolIndices:
    def simulate(points: Points, seeds: Seeds) -> Outcomes:
        y = toy.simulate(points, seeds)["y"]
        return {"y": np.where(seeds % 1000 < 1000 * share, np.nan, y)}

    return run_sobol(simulate, toy.factors, "y", start=1024, most=1024)


def test_failed_rows_are_counted_and_their_blocks_left_out() -> None:
    result = failing(0.01)
    assert result.failed > 0
    assert result.n == 1024 - result.failed
    assert f"{result.failed} blocks with failed rows were left out" in result.sentence
    assert result.chance.total == pytest.approx(0.4027, abs=0.06)


def test_too_many_failed_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="choose an outcome that is always defined"):
        failing(0.3)


@pytest.mark.parametrize(
    ("value", "message"), [(3.0, "the same in every row"), (np.inf, "infinite"), (np.nan, "failed")]
)
def test_an_outcome_that_says_nothing_is_refused(value: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        run_sobol(lambda points, seeds: {"y": np.full(len(seeds), value)}, TOYS["ishigami"].factors, "y", most=256)


def test_an_outcome_that_moves_in_a_row_or_two_is_refused() -> None:
    design = SaltelliDesign(TOYS["ishigami"].factors, 64)
    values = np.zeros(len(design))
    values[1] = 1
    with pytest.raises(ValueError, match="varies in too few rows"):
        estimate_sobol_indices(values, design, "y")


@pytest.mark.parametrize(
    ("start", "most", "message"), [(100, 4096, "power of two"), (256, 1000, "power of two"), (512, 256, "fewer than")]
)
def test_numbers_of_blocks_that_cannot_be_are_refused(start: int, most: int, message: str) -> None:
    toy = TOYS["ishigami"]
    with pytest.raises(ValueError, match=message):
        run_sobol(toy.simulate, toy.factors, "y", start=start, most=most)


def test_a_factor_cannot_be_called_luck() -> None:
    with pytest.raises(ValueError, match="call the factor something else"):
        SaltelliDesign((Factor("luck", 0, 1, 0.5),), 64)


def test_unknown_outcomes_and_wrong_sizes_are_refused() -> None:
    toy = TOYS["ishigami"]
    with pytest.raises(ValueError, match="no outcome 'z'"):
        run_sobol(toy.simulate, toy.factors, "z")
    with pytest.raises(ValueError, match="7 values of 'y' for a design of 384 rows"):
        estimate_sobol_indices(np.zeros(7), SaltelliDesign(toy.factors, 64), "y")
