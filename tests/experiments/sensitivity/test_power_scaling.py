"""Other priors and power-scaled ones by weights: known answers, and controls in which nothing may move."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

from simulator.common.arrays import Floats
from simulator.declarations.priors import Beta, HalfNormal, LogNormal, Normal, Prior, Triangular, Uniform
from simulator.experiments.core.model_protocol import Factor, draw_uniforms
from simulator.experiments.sensitivity.power_scaling import (
    SENSITIVE,
    diagnose,
    log_density,
    measure_power_sensitivity,
    reweigh,
    scale_prior,
)

pytestmark = pytest.mark.experiments

WIDE = Factor("x", -100, 100, 0)
N = 20_000
SETS = np.arange(N)
PRIORS: list[Prior] = [
    Normal(0.4, 0.7),
    HalfNormal(2),
    LogNormal(0.1, 0.4),
    Beta(2, 4),
    Uniform(0.2, 1.6),
    Triangular(0.1, 0.3, 1),
]


def draw(prior: Prior, factor: Factor = WIDE, name: str = "x") -> Floats:
    return np.clip(prior.quantile(draw_uniforms(N, 3, name)), factor.low, factor.high)


def kind(prior: Prior) -> str:
    return type(prior).__name__


@pytest.mark.parametrize("prior", PRIORS, ids=kind)
def test_a_density_is_that_of_the_draws(prior: Prior) -> None:
    total, _ = quad(
        lambda x: float(np.exp(log_density(prior, WIDE, np.array([x]))[0])), -5, 12, limit=400, points=[0, 1]
    )
    assert total == pytest.approx(1, abs=1e-3)
    u = np.array([0.2, 0.5, 0.9])
    x = prior.quantile(u)
    slope = (prior.quantile(u + 1e-6) - prior.quantile(u - 1e-6)) / 2e-6
    np.testing.assert_allclose(log_density(prior, WIDE, x), -np.log(slope), atol=1e-4)


def test_where_draws_are_held_to_a_bound_the_bound_has_the_probability_beyond_it() -> None:
    factor = Factor("x", -1, 1, 0)
    old, new = Normal(0, 1), Normal(0.5, 1)
    values = draw(old, factor)
    weighed = reweigh(log_density(new, factor, values) - log_density(old, factor, values), SETS)
    assert weighed.mean((values == 1).astype(float)) == pytest.approx(stats.norm.sf(0.5), abs=0.01)
    assert weighed.mean((values == -1).astype(float)) == pytest.approx(stats.norm.cdf(-1.5), abs=0.01)


def test_draws_of_one_prior_weighed_by_another_are_draws_of_the_other() -> None:
    old, new = HalfNormal(4), HalfNormal(2)
    values = draw(old)
    weighed = reweigh(log_density(new, WIDE, values) - log_density(old, WIDE, values), SETS)
    assert weighed.mean(values) == pytest.approx(2 * np.sqrt(2 / np.pi), abs=4 * weighed.error(values))
    assert 0.3 * N < weighed.effective < N and weighed.trusted


def test_a_normal_mean_under_another_prior_is_what_algebra_gives() -> None:
    """Prior N(0, 1) and one observation 2 with error 1: under prior N(0, 0.5^2) the posterior mean is 0.4."""
    values = 1 + np.sqrt(0.5) * stats.norm.ppf(draw_uniforms(N, 4, "posterior"))
    weighed = reweigh(log_density(Normal(0, 0.5), WIDE, values) - log_density(Normal(0, 1), WIDE, values), SETS)
    assert weighed.mean(values) == pytest.approx(0.4, abs=4 * weighed.error(values))
    assert weighed.error(values) < 0.03


def test_a_wider_prior_is_reached_from_a_narrow_one_only_with_a_warning() -> None:
    old, new = HalfNormal(1), HalfNormal(4)
    values = draw(old)
    weighed = reweigh(log_density(new, WIDE, values) - log_density(old, WIDE, values), SETS)
    assert weighed.pareto_k > 0.7
    assert not weighed.trusted


def test_the_same_prior_changes_nothing_and_one_that_excludes_every_draw_is_refused() -> None:
    same = reweigh(np.zeros(N), SETS)
    assert same.effective == pytest.approx(N)
    assert set(same.weights.tolist()) == {1 / N}
    values = draw(Uniform(0, 1))
    with pytest.raises(ValueError, match="excludes all that the fit found"):
        reweigh(log_density(Uniform(5, 6), WIDE, values), SETS)


def test_draws_that_repeat_a_parameter_set_count_once() -> None:
    assert reweigh(np.zeros(N), np.repeat(np.arange(N // 4), 4)).effective == pytest.approx(N / 4)


def test_an_answer_that_is_the_number_is_sensitive_to_its_prior_and_one_that_is_chance_to_nothing() -> None:
    values = draw(Normal(0, 1))
    chance = stats.norm.ppf(draw_uniforms(N, 9, "chance"))
    log = log_density(Normal(0, 1), WIDE, values)
    assert measure_power_sensitivity(values, log) > SENSITIVE
    assert measure_power_sensitivity(chance, log) < SENSITIVE / 3
    assert measure_power_sensitivity(values, np.zeros(N)) == 0
    assert measure_power_sensitivity(np.ones(N), log) == 0


def test_what_the_sensitivities_say_together() -> None:
    assert diagnose(0.1, 0.01) == "rests on the prior; the findings say little"
    assert diagnose(0.01, 0.2) == "rests on the findings"
    assert diagnose(0.1, 0.2) == "prior and findings pull apart"
    assert diagnose(0.0, 0.0) == "sensitive to neither"


@pytest.mark.parametrize("prior", PRIORS, ids=kind)
def test_a_prior_of_half_the_spread_is_half_as_wide(prior: Prior) -> None:
    u = np.array([0.1, 0.9])
    spread = [
        float(np.ptp(np.log(p.quantile(u)) if isinstance(p, LogNormal) else p.quantile(u)))
        for p in (prior, scale_prior(prior, 0.5))
    ]
    assert spread[1] == pytest.approx(spread[0] / 2, rel=0.12)
    np.testing.assert_allclose(scale_prior(prior, 1).quantile(u), prior.quantile(u))
