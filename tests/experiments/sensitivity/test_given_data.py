from __future__ import annotations

import numpy as np
import pytest
from known_functions import ishigami, stochastic_ishigami
from SALib.analyze import pawn as salib_pawn
from scipy.stats import spearmanr

from simulator.common.arrays import Floats
from simulator.experiments.core.model_protocol import draw_uniforms
from simulator.experiments.sensitivity.given_data import GivenData, draw_given_data, make_given_data
from simulator.experiments.sensitivity.main_effects import MainEffects, estimate_main_effects, make_natural_basis
from simulator.experiments.sensitivity.pawn import PawnIndices, estimate_pawn
from simulator.experiments.sensitivity.rank_correlations import RankCorrelations, estimate_rank_correlations
from simulator.experiments.sensitivity.sobol import run_sobol
from simulator.experiments.stats.spline_regression import RIDGE, make_joint_basis

pytestmark = pytest.mark.experiments

N = 4_000
TOY = ishigami()
NOISY = stochastic_ishigami()


def normals(n: int, *seed: int) -> Floats:
    return np.random.default_rng(seed).standard_normal(n)


def dependent(n: int = N, along: float = 0.8, seed: int = 1) -> GivenData:
    """The outcome is x and noise of the same size; z does nothing, but varies along with x."""
    x, e, noise = normals(n, seed, 1), normals(n, seed, 2), normals(n, seed, 3)
    return make_given_data({"x": x, "z": along * x + np.sqrt(1 - along**2) * e}, x + noise, "y")


def by_name(result: PawnIndices | MainEffects | RankCorrelations) -> dict[str, float]:
    return {effect.name: effect.value for effect in result.effects}


# Main effects.


def test_main_effects_of_independent_factors_are_first_sobol_indices() -> None:
    assert by_name(estimate_main_effects(draw_given_data(TOY.simulate, TOY.factors, "y", n=N))) == pytest.approx(
        TOY.first, abs=0.02
    )
    noisy = by_name(estimate_main_effects(draw_given_data(NOISY.simulate, NOISY.factors, "y", n=N)))
    assert noisy == pytest.approx(NOISY.first, abs=0.03)


def test_main_effects_of_dependent_factors_have_their_closed_form() -> None:
    """x explains 1/2; z, which does nothing, tells of x to 0.8 and so explains 0.64 of that."""
    assert by_name(estimate_main_effects(dependent())) == pytest.approx({"x": 0.5, "z": 0.32}, abs=0.03)


def test_treating_dependent_factors_as_independent_gives_another_answer() -> None:
    """The negative control: from margins alone, z explains nothing."""
    broken = dependent()
    shuffled = make_given_data({**broken.points, "z": np.roll(broken.points["z"], 1)}, broken.values, "y")
    assert by_name(estimate_main_effects(shuffled))["z"] == pytest.approx(0, abs=0.01)
    with pytest.raises(ValueError, match="vary independently"):
        run_sobol(TOY.simulate, broken, "y")


def test_a_curve_is_seen_where_a_line_sees_nothing() -> None:
    x = normals(N, 5)
    sample = make_given_data({"x": x}, x**2)
    assert estimate_main_effects(sample).effects[0].value == pytest.approx(1, abs=0.02)
    assert np.corrcoef(x, x**2)[0, 1] ** 2 < 0.01  # the negative control


def test_the_ridge_smooths_a_curve_of_twelve_knots_as_much_as_four_knots_less_would_and_no_other_basis() -> None:
    def count_freedom(basis: Floats) -> float:
        gram = basis.T @ basis
        return float(np.trace(np.linalg.solve(gram + RIDGE * gram[0, 0] * np.eye(len(gram)), gram)))

    x, other = normals(1_000, 6), normals(1_000, 7)
    assert np.linalg.matrix_rank(make_natural_basis(x, 12)) == 12
    assert 7 < count_freedom(make_natural_basis(x, 12)) < 9
    joint = make_joint_basis([x, other])
    assert count_freedom(joint) == pytest.approx(joint.shape[1], abs=0.01)


def test_main_effects_are_those_of_cubic_powers_worked_out_row_by_row() -> None:
    """Section 5.2.1 of Hastie, Tibshirani and Friedman, and least squares with the ridge as rows of its own."""
    n, knots = 1_000, 12
    x = normals(n, 8)
    y = np.tanh(2 * x) + normals(n, 9)
    order = np.argsort(draw_uniforms(n, 0, "order of rows"), kind="stable")
    z, target = x[order], y[order] - y.mean()
    at = np.unique(np.quantile(z, np.linspace(0.02, 0.98, knots)))
    t, k = (z - at[0]) / (at[-1] - at[0]), (at - at[0]) / (at[-1] - at[0])
    bend = [(np.maximum(t - own, 0) ** 3 - np.maximum(t - 1, 0) ** 3) / (1 - own) for own in k[:-1]]
    basis = np.column_stack([np.ones(n), t, *(own - bend[-1] for own in bend[:-1])])
    missed = np.empty(n)
    for rows in np.split(np.arange(n), 5):
        others = np.setdiff1d(np.arange(n), rows)
        ridge = np.sqrt(RIDGE * len(others)) * np.eye(knots)
        weights = np.linalg.lstsq(
            np.vstack([basis[others], ridge]), np.append(target[others], np.zeros(knots)), rcond=None
        )[0]
        missed[rows] = target[rows] - basis[rows] @ weights
    share = 1 - (missed @ missed) / (target @ target)
    assert estimate_main_effects(make_given_data({"x": x}, y), times=2).effects[0].value == pytest.approx(
        share, abs=1e-7
    )


def test_the_truth_lies_between_other_rows_and_the_same_rows() -> None:
    effects = [estimate_main_effects(dependent(200, seed=k), times=2).effects for k in range(40)]
    for column, truth in enumerate((0.5, 0.32)):
        low, high = (np.mean([getattr(e[column], which) for e in effects]) for which in ("value", "in_sample"))
        assert low < truth < high


def test_an_inert_factor_has_no_main_effect_and_may_come_out_below_zero() -> None:
    values = [
        estimate_main_effects(make_given_data({"x": normals(300, k)}, normals(300, k, 9)), times=2).effects[0].value
        for k in range(20)
    ]
    assert max(values) < 0.05
    assert min(values) < 0


def test_a_switch_is_read_by_its_two_values() -> None:
    on = (normals(N, 1) > 1).astype(float)
    sample = make_given_data({"on": on, "off": 1 - on}, on + 0.1 * normals(N, 2))
    exact = on.var() / (on.var() + 0.01)
    assert by_name(estimate_main_effects(sample, times=5)) == pytest.approx({"on": exact, "off": exact}, abs=0.01)


def test_a_column_that_is_nearly_always_the_same_is_read_without_fuss() -> None:
    rare = np.where(np.arange(N) % 100 == 0, normals(N, 8), 0.0)
    assert estimate_main_effects(make_given_data({"rare": rare}, normals(N, 9)), times=5).effects[
        0
    ].value == pytest.approx(0, abs=0.01)


def test_weights_turn_a_prior_sample_into_the_posterior() -> None:
    """Weighing x by a likelihood that halves its variance leaves x to explain 1/3 of what remains."""
    x, noise = normals(40_000, 1), normals(40_000, 2)
    sample = make_given_data({"x": x}, x + noise, weights=np.exp(-(x**2) / 2))
    assert estimate_main_effects(sample, times=5).effects[0].value == pytest.approx(1 / 3, abs=0.02)
    unweighted = estimate_main_effects(make_given_data({"x": x}, x + noise), times=5).effects[0].value
    assert unweighted == pytest.approx(1 / 2, abs=0.02)  # the negative control


def test_the_sentence_says_that_shares_need_not_add_up() -> None:
    sentence = estimate_main_effects(dependent()).sentence
    assert "need not add up" in sentence
    assert "(“x”)" in sentence
    nothing = make_given_data({"x": normals(500, 1)}, normals(500, 2))
    assert "would not visibly reduce" in estimate_main_effects(nothing).sentence


# PAWN.


def test_pawn_indices_are_salibs() -> None:
    sample = draw_given_data(TOY.simulate, TOY.factors, "y", n=1000)
    problem = {"num_vars": 3, "names": list(sample.points), "bounds": [[0, 1]] * 3}
    theirs = salib_pawn.analyze(problem, np.column_stack(list(sample.points.values())), sample.values, S=10)
    ours = by_name(estimate_pawn(sample, times=10))
    assert list(ours.values()) == pytest.approx(theirs["median"], abs=0.01)


def test_pawn_tells_factors_that_act_from_chance_also_where_no_mean_moves() -> None:
    """x3 and spread change the distribution of the outcome, but not its mean."""
    result = estimate_pawn(draw_given_data(NOISY.simulate, NOISY.factors, "y", n=8_000, seed=1), times=40)
    assert result.clear[:2] == ("x2", "x1")
    assert {"x3", "spread"} <= set(result.clear)
    assert "inert" not in result.clear


def test_of_many_factors_that_do_nothing_one_in_twenty_studies_finds_any() -> None:
    n, found = 300, 0
    for study in range(20):
        points = {f"x{k}": normals(n, study, k) for k in range(10)}
        found += bool(estimate_pawn(make_given_data(points, normals(n, study, 99)), times=40).clear)
    assert found <= 4


def test_without_the_threshold_what_does_nothing_has_a_positive_index() -> None:
    """The negative control."""
    result = estimate_pawn(make_given_data({"x": normals(500, 1)}, normals(500, 2)))
    assert result.effects[0].value > 0.05
    assert result.clear == ()
    assert "more than chance would" in result.sentence


def test_pawn_reads_both_sides_of_a_switch_and_outcomes_with_ties() -> None:
    on = (normals(N, 1) > 1).astype(float)
    share = on.mean()
    result = estimate_pawn(make_given_data({"on": on}, np.round(on * 3)), times=10)
    assert result.effects[0].value == pytest.approx((share + 1 - share) / 2)


def test_a_slide_that_a_resample_misses_is_passed_over() -> None:
    rare = (np.arange(200) == 7).astype(float)
    effect = estimate_pawn(make_given_data({"rare": rare}, normals(200, 1)), times=20).effects[0]
    assert 0 < effect.value < 1
    assert np.isfinite(effect.half_width)


def test_pawn_does_not_care_how_the_outcome_is_measured() -> None:
    sample = dependent(1000)
    bent = make_given_data(sample.points, np.exp(sample.values), "y")
    assert estimate_pawn(bent, times=10) == estimate_pawn(sample, times=10)


def test_too_few_rows_for_the_slides_are_refused() -> None:
    with pytest.raises(ValueError, match="60 rows in 10 slides"):
        estimate_pawn(make_given_data({"x": normals(60, 1)}, normals(60, 2)))


# Rank correlations.


def test_rank_correlations_are_spearmans() -> None:
    sample = dependent(500)
    rounded = make_given_data({name: np.round(column) for name, column in sample.points.items()}, sample.values)
    for which in (sample, rounded):
        theirs = [spearmanr(column, which.values).statistic for column in which.points.values()]
        assert list(by_name(estimate_rank_correlations(which, times=5)).values()) == pytest.approx(theirs)


def test_rank_correlations_see_no_hill() -> None:
    """The negative control: x2 explains 44% of Ishigami's variance, and rises and falls with nothing."""
    result = estimate_rank_correlations(draw_given_data(TOY.simulate, TOY.factors, "y", n=N))
    assert by_name(result)["x2"] == pytest.approx(0, abs=0.05)
    assert result.sentence.startswith("“y” rises with “x1” (0.4")
    assert "x2" not in result.sentence


def test_intervals_of_rank_correlations_have_the_usual_size() -> None:
    (effect,) = estimate_rank_correlations(
        make_given_data({"x": normals(1000, 1)}, normals(1000, 2)), times=200
    ).effects
    assert effect.half_width == pytest.approx(1.96 / np.sqrt(1000), rel=0.15)


# What a sample may be.


@pytest.mark.parametrize("method", [estimate_pawn, estimate_main_effects, estimate_rank_correlations])
def test_every_result_has_a_frame_with_a_row_for_each_factor_the_largest_first(method: object) -> None:
    assert callable(method)
    frame = method(dependent(500), times=5).to_frame()
    assert list(frame["name"]) == ["x", "z"]


def test_failed_rows_are_left_out_and_counted() -> None:
    sample = dependent(500)
    values = sample.values.copy()
    values[:20] = np.nan
    assert make_given_data(sample.points, values).failed == 20
    assert len(make_given_data(sample.points, values)) == 480


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"points": {}}, "at least one factor"),
        ({"points": {"x": np.zeros(3)}}, "another number of rows"),
        ({"points": {"x": np.full(100, np.nan)}}, "blank or infinite"),
        ({"points": {"x": np.ones(100)}}, "x does not vary"),
        ({"values": np.ones(100)}, "the same in every row"),
        ({"values": np.full(100, np.inf)}, "infinite"),
        ({"values": np.full(100, np.nan)}, "failed"),
        ({"weights": -np.ones(100)}, "from 0 on"),
        ({"weights": np.zeros(100)}, "not all 0"),
        ({"weights": np.arange(100.0) ** 40}, "the worth of"),
        ({"weights": np.arange(100) < 40}, "too few"),
    ],
)
def test_a_sample_that_says_nothing_is_refused(change: dict[str, object], message: str) -> None:
    fields: dict[str, object] = {"points": {"x": normals(100, 1)}, "values": normals(100, 2), "weights": np.ones(100)}
    with pytest.raises(ValueError, match=message):
        make_given_data(**{**fields, **change})  # type: ignore[arg-type]
