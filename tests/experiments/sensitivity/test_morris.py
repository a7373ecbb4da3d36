from __future__ import annotations

import numpy as np
import pytest
from known_functions import FreshSeeds, ishigami, sobol_g, stochastic_ishigami

from simulator.declarations.priors import Normal
from simulator.experiments.core.model_protocol import Factor, Outcomes, Points, Seeds
from simulator.experiments.core.sweep import collect_tables, sweep
from simulator.experiments.sensitivity.morris import (
    MorrisDesign,
    MorrisScreening,
    estimate_elementary_effects,
    run_morris,
)

pytestmark = pytest.mark.experiments

TOY = stochastic_ishigami()
LINE = (Factor("a", 0.0, 1.0, 0.5), Factor("b", 0.0, 2.0, 0.5), Factor("c", -1.0, 1.0, 0.5))


def line(points: Points, seeds: Seeds) -> Outcomes:
    return {"y": 3 * points["a"] - 4 * points["b"] + seeds % 17}


def mu_star(result: MorrisScreening) -> dict[str, float]:
    return {effect.name: effect.mu_star for effect in result.effects}


def test_under_one_luck_a_trajectory_what_does_nothing_changes_nothing() -> None:
    result = run_morris(TOY.simulate, TOY.factors, "y")
    assert mu_star(result)["inert"] == 0
    assert result.inert == ("inert",)
    assert "“inert” never changed it" in result.sentence


def test_under_fresh_luck_what_does_nothing_outranks_what_does_something() -> None:
    """The negative control."""
    spoilt = mu_star(run_morris(FreshSeeds(TOY.simulate), TOY.factors, "y"))
    honest = mu_star(run_morris(TOY.simulate, TOY.factors, "y"))
    assert spoilt["inert"] > 3
    assert spoilt["inert"] > 2 * honest["spread"] > 0


def test_effects_of_a_straight_line_are_its_slopes_times_the_spans() -> None:
    result = run_morris(line, LINE, "y", n=10)
    assert mu_star(result) == pytest.approx({"a": 3, "b": 8, "c": 0}, abs=1e-12)
    assert [effect.mu for effect in result.effects] == pytest.approx([3, -8, 0], abs=1e-12)
    assert [effect.sigma for effect in result.effects] == pytest.approx([0, 0, 0], abs=1e-12)


def test_effects_that_depend_on_other_factors_have_a_large_sigma() -> None:
    toy = ishigami()
    x1, x2, x3 = run_morris(toy.simulate, toy.factors, "y", n=200).effects
    assert x1.sigma > 0.5 * x1.mu_star
    assert x3.sigma > x3.mu_star
    assert x2.mu_star == pytest.approx(7.875)  # 7 sin^2 on four levels, over two thirds of the span


def test_screening_finds_the_order_of_the_g_function() -> None:
    toy = sobol_g()
    frame = run_morris(toy.simulate, toy.factors, "y", seed=3).to_frame()
    assert list(frame["name"][:4]) == ["x1", "x2", "x3", "x4"]


def test_a_factor_with_a_prior_moves_over_its_central_95_per_cent() -> None:
    design = MorrisDesign((Factor("a", -9.0, 9.0, 0.0, Normal(0, 1)), Factor("b", -9.0, 9.0, 0.0)), 20)
    points, _ = design.rows(0, len(design))
    assert abs(points["a"]).max() == pytest.approx(1.96, abs=0.001)
    assert abs(points["b"]).max() == 9


def test_trajectories_are_the_same_in_any_chunks_and_more_begin_with_the_same() -> None:
    few, many = MorrisDesign(TOY.factors, 10, 4), MorrisDesign(TOY.factors, 20, 4)
    whole = collect_tables(sweep(TOY.simulate, many, last=len(few))).column("y")
    assert (collect_tables(sweep(TOY.simulate, few, chunk=7)).column("y") == whole).all()


def test_every_trajectory_has_luck_of_its_own() -> None:
    design = MorrisDesign(TOY.factors, 10)
    _, seeds = design.rows(0, len(design))
    by_trajectory = seeds.reshape(10, 6)
    assert (by_trajectory == by_trajectory[:, :1]).all()
    assert len(set(seeds)) == 10


def test_a_trajectory_with_a_failed_row_is_left_out_and_counted() -> None:
    design = MorrisDesign(LINE, 20)
    values = collect_tables(sweep(line, design)).column("y")
    values[[3, 41]] = np.nan
    result = estimate_elementary_effects(values, design, "y")
    assert (result.n, result.failed) == (18, 2)
    assert mu_star(result) == pytest.approx({"a": 3, "b": 8, "c": 0}, abs=1e-12)


def test_intervals_are_wide_where_effects_differ() -> None:
    toy = ishigami()
    x1, *_ = run_morris(toy.simulate, toy.factors, "y", n=20).effects
    many, *_ = run_morris(toy.simulate, toy.factors, "y", n=320).effects
    assert 0 < many.half_width < x1.half_width / 2
    assert run_morris(line, LINE, "y", n=20).effects[0].half_width == pytest.approx(0, abs=1e-12)


def test_one_factor_can_be_screened() -> None:
    assert mu_star(run_morris(lambda points, seeds: {"y": 2 * points["a"]}, LINE[:1], "y", n=4)) == pytest.approx(
        {"a": 2}
    )


@pytest.mark.parametrize(
    ("n", "levels", "message"), [(3, 4, "too few"), (10, 5, "even number"), (10, 0, "even number")]
)
def test_designs_that_cannot_be_are_refused(n: int, levels: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        MorrisDesign(LINE, n, levels=levels)


def test_no_factors_a_constant_and_a_wrong_size_are_refused() -> None:
    with pytest.raises(ValueError, match="no factors"):
        MorrisDesign((), 10)
    with pytest.raises(ValueError, match="the same in every row"):
        run_morris(lambda points, seeds: {"y": np.ones(len(seeds))}, LINE, "y")
    with pytest.raises(ValueError, match="3 values of 'y' for a design of 40 rows"):
        estimate_elementary_effects(np.zeros(3), MorrisDesign(LINE, 10), "y")
