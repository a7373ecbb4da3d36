"""Distributions fitted to stated quartiles: known answers, every family, and quartiles that are none."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, stats

from simulator.common.errors import InputError
from simulator.experiments.stats.quartile_fits import PROBABILITIES, choose_best, fit_quartiles

WORKED = (25.0, 30.0, 35.0)
"""The first expert of the worked example that comes with SHELF for R, whose limits are 0 and 100."""


def test_the_worked_example_of_shelf() -> None:
    """Symmetric quartiles are a normal distribution exactly; the others are least squares, with SHELF's parameters."""
    fits = fit_quartiles(WORKED, 0, 100)
    assert fits["normal"].parameters == pytest.approx((30, 5 / stats.norm.ppf(0.75)), abs=1e-3)
    assert fits["gamma"].parameters == pytest.approx((16.388, 0.538), abs=1e-3)
    assert fits["lognormal"].parameters == pytest.approx((3.393, 0.250), abs=1e-3)
    assert fits["beta"].parameters == pytest.approx((11.588, 26.712), abs=1e-3)
    best = choose_best(fits)
    assert (best.family, best.misfit) == ("normal", pytest.approx(0, abs=1e-12))
    assert (best.quantile(0.05), best.quantile(0.95)) == pytest.approx((17.807, 42.193), abs=1e-3)


@pytest.mark.parametrize("quartiles", [WORKED, (30.0, 35.0, 50.0), (5.0, 15.0, 30.0), (60.0, 90.0, 97.0)])
def test_each_family_is_where_another_optimiser_ends(quartiles: tuple[float, ...]) -> None:
    families = {
        "gamma": lambda a, b: stats.gamma(a, scale=1 / b),
        "lognormal": lambda a, b: stats.lognorm(b, scale=np.exp(a)),
        "beta": lambda a, b: stats.beta(a, b, scale=100),
    }
    for name, make in families.items():
        fit = fit_quartiles(quartiles, 0, 100)[name]

        def misfit(x: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
            a, b = np.abs(x) + 1e-9
            return float(((make(a, b).cdf(quartiles) - np.array(PROBABILITIES)) ** 2).sum())  # noqa: B023

        other = optimize.minimize(
            misfit, np.array(fit.parameters) * 1.2, method="Nelder-Mead", options={"maxiter": 4_000}
        )
        assert fit.misfit <= other.fun + 1e-9, name
        assert fit.misfit == pytest.approx(misfit(np.array(fit.parameters))), name


def test_a_curve_that_leaves_the_limits_is_not_chosen() -> None:
    fits = fit_quartiles((1, 2, 3), 0, 100)
    assert fits["normal"].misfit < min(fits[name].misfit for name in ("gamma", "lognormal", "beta"))
    assert fits["normal"].outside > 0.05 and choose_best(fits).outside < 0.005


@pytest.mark.parametrize("quartiles", [(30, 25, 35), (25, 25, 35), (0, 30, 40), (20, 30, 100), (-5, 3, 8)])
def test_what_is_no_quartile_is_refused_with_the_limits(quartiles: tuple[float, float, float]) -> None:
    with pytest.raises(InputError, match="they must rise, and lie above 0 and below 100"):
        fit_quartiles(quartiles, 0, 100)
