"""What the data move and narrow, on weighted samples whose posterior is known in closed form."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import ndtri

from simulator.calibration.fit import Fit
from simulator.calibration.identifiability import (
    NARROWED,
    SHIFTED,
    Identified,
    compute_weighted_quantiles,
    find_directions,
    identify,
)
from simulator.common.arrays import Floats
from simulator.declarations.priors import Normal
from simulator.experiments.core.model_protocol import Factor
from simulator.experiments.stats.importance_sampling import Proposal, WeightedSample

pytestmark = pytest.mark.calibration

SEEN, ERROR = 1.2, 0.75
NARROW = ERROR / math.hypot(1, ERROR)  # of a standard normal number seen with this error
MOVED = SEEN / (1 + ERROR**2)
FACTORS = (Factor("a", -40.0, 40.0, 3.0, Normal(3.0, 2.0)), Factor("b", -40.0, 40.0, 0.0, Normal(-1.0, 0.5)))
MEANS, SPREADS = {"a": 3.0, "b": -1.0}, {"a": 2.0, "b": 0.5}


def toy(coordinates: dict[str, Floats], log_weights: Floats) -> WeightedSample:
    """A weighted sample of the two factors, from their standard-normal coordinates."""
    points = {name: MEANS[name] + SPREADS[name] * z for name, z in coordinates.items()}
    n = len(log_weights)
    return WeightedSample(FACTORS, coordinates, points, {}, log_weights, log_weights, ((n, Proposal()),), 1)


def seen(n: int, rng: np.random.Generator | None = None) -> WeightedSample:
    """`a` seen once, `b` not: evenly spread points, or random ones."""
    even = ndtri((np.arange(n) + 0.5) / n)
    if rng is None:
        z = {"a": even, "b": np.random.default_rng(0).permutation(even)}
    else:
        z = {"a": rng.standard_normal(n), "b": rng.standard_normal(n)}
    return toy(z, -0.5 * ((z["a"] - SEEN) / ERROR) ** 2 - math.log(ERROR * math.sqrt(2 * math.pi)))


def one(fit: WeightedSample, name: str) -> Identified:
    return {i.name: i for i in identify(fit, {})}[name]


def test_ratio_shift_and_quantiles_are_those_of_the_closed_form() -> None:
    a = one(seen(200_000), "a")
    assert a.ratio == pytest.approx(NARROW, abs=2e-3)
    assert a.shift == pytest.approx(MOVED, abs=2e-3)
    assert a.contraction == pytest.approx(1 - NARROW**2, abs=4e-3)
    assert (a.mean, a.sd) == pytest.approx((3 + 2 * MOVED, 2 * NARROW), abs=5e-3)
    expected = [3 + 2 * (MOVED + NARROW * q) for q in (-1.644854, 0, 1.644854)]
    assert (a.low, a.median, a.high) == pytest.approx(expected, abs=0.01)


def test_the_prior_is_that_of_the_factor_in_its_own_unit() -> None:
    for name in ("a", "b"):
        i = one(seen(1_000), name)
        assert (i.prior_mean, i.prior_sd) == pytest.approx((MEANS[name], SPREADS[name]), rel=1e-3)


def test_what_the_data_do_not_see_keeps_its_prior() -> None:
    b = one(seen(200_000), "b")
    assert b.ratio == pytest.approx(1.0, abs=0.01)
    assert b.shift == pytest.approx(0.0, abs=0.01)
    assert not b.pinned and one(seen(200_000), "a").pinned


def test_the_standard_error_is_the_spread_of_the_ratio_over_repeated_samples() -> None:
    rng = np.random.default_rng(6)
    repeats = [one(seen(2_000, rng), "a") for _ in range(300)]
    spread = float(np.std([i.ratio for i in repeats]))
    assert float(np.mean([i.error for i in repeats])) == pytest.approx(spread, rel=0.2)


@pytest.mark.parametrize(
    ("sd", "mean", "pinned"),
    [
        (0.89, 0.0, True),
        (0.91, 0.0, False),
        (1.5, 0.0, False),
        (1.0, 0.26, True),
        (1.0, -0.26, True),
        (1.0, 0.24, False),
    ],
)
def test_a_number_is_pinned_if_narrowed_below_nine_tenths_or_moved_by_a_quarter(
    sd: float, mean: float, pinned: bool
) -> None:
    assert (NARROWED, SHIFTED) == (0.9, 0.25)
    assert Identified("x", 0.0, 1.0, mean, sd, -1.0, 0.0, 1.0, 0.01).pinned is pinned


def test_what_is_held_is_not_identified() -> None:
    assert [i.name for i in identify(seen(100), {"a": 1.0})] == ["b"]


def test_evidence_and_effective_size_are_those_of_the_closed_form() -> None:
    """Of a standard normal number seen with an error, and of weights that are all the same."""
    q = Fit(seen(200_000)).quality
    total = 1 + ERROR**2
    assert q.log_evidence == pytest.approx(-0.5 * SEEN**2 / total - 0.5 * math.log(2 * math.pi * total), abs=1e-3)
    squares = math.exp(-(SEEN**2) / (2 + ERROR**2)) / (2 * math.pi * ERROR * math.sqrt(2 + ERROR**2))
    assert q.effective / q.points == pytest.approx(math.exp(2 * q.log_evidence) / squares, rel=0.01)
    assert q.problems == []
    even = toy({"a": np.linspace(-1, 1, 500), "b": np.linspace(1, -1, 500)}, np.full(500, -3.0))
    assert (even.effective, even.largest, even.log_evidence) == pytest.approx((500, 1 / 500, -3.0))


def test_equally_likely_draws_follow_the_weights() -> None:
    drawn = Fit(seen(50_000)).draws(1_000)["a"]
    assert drawn.mean() == pytest.approx(3 + 2 * MOVED, abs=0.01)
    assert drawn.std() == pytest.approx(2 * NARROW, abs=0.02)


def test_one_point_with_all_the_weight_is_found_out() -> None:
    logs = np.zeros(1_000)
    logs[17] = 20.0
    fit = Fit(toy({"a": np.linspace(-1, 1, 1_000), "b": np.linspace(1, -1, 1_000)}, logs))
    scenario_text = " ".join(fit.quality.problems)
    assert "effective sample is 1" in scenario_text and "100.0% of the weight" in scenario_text
    assert set(fit.rows(10).tolist()) == {17}


# Quantiles.


def test_quantiles_of_equal_weights_are_those_of_the_sample() -> None:
    values = np.random.default_rng(1).standard_normal(1_001)
    weighted_quantiles = compute_weighted_quantiles(values, np.full(1_001, 1 / 1_001), (0.05, 0.5, 0.95))
    np.testing.assert_allclose(weighted_quantiles, np.quantile(values, (0.05, 0.5, 0.95), method="hazen"))


def test_quantiles_count_a_point_as_often_as_its_weight_says() -> None:
    few, weights = np.array([3.0, 1.0, 2.0]), np.array([0.25, 0.5, 0.25])
    many = np.repeat([1.0, 2.0, 3.0], [500, 250, 250])
    for at in (0.1, 0.25, 0.9):
        assert compute_weighted_quantiles(few, weights, (at,))[0] == pytest.approx(np.quantile(many, at), abs=0.6)
    assert compute_weighted_quantiles(few, np.array([0.0, 1.0, 0.0]), (0.5,)) == [1.0]


# Directions.

ANGLE = 0.5
TURN = np.array([[math.cos(ANGLE), -math.sin(ANGLE)], [math.sin(ANGLE), math.cos(ANGLE)]])
VARIANCES = (0.15, 0.8)
COVARIANCE = TURN @ np.diag(VARIANCES) @ TURN.T


def turned(n: int = 60_000) -> WeightedSample:
    """A sample whose posterior is normal with a mean and a covariance of our choice, weighed from the prior."""
    z = np.random.default_rng(2).standard_normal((n, 2))
    far = np.linalg.solve(np.linalg.cholesky(COVARIANCE), (z - [0.3, -0.2]).T)
    log_weights = 0.5 * (z**2).sum(axis=1) - 0.5 * (far**2).sum(axis=0)
    return toy({"a": z[:, 0], "b": z[:, 1]}, log_weights)


def test_directions_are_the_axes_of_the_posterior_most_informed_first() -> None:
    variances, vectors = find_directions(turned(), ("a", "b"))
    np.testing.assert_allclose(variances, VARIANCES, rtol=0.03)
    for direction, axis in zip(vectors, TURN.T, strict=True):
        assert abs(direction @ axis) == pytest.approx(1.0, abs=0.002)
    np.testing.assert_allclose(vectors @ vectors.T, np.eye(2), atol=1e-12)


def test_a_direction_points_where_its_largest_number_is_positive() -> None:
    for fit in (turned(), seen(2_000)):
        for vector in find_directions(fit, ("a", "b"))[1]:
            assert vector[np.abs(vector).argmax()] > 0


def test_a_single_coordinate_is_a_direction_of_its_own_and_none_has_none() -> None:
    variances, vectors = find_directions(seen(100_000), ("a",))
    assert variances[0] == pytest.approx(NARROW**2, abs=3e-3)
    assert vectors.tolist() == [[1.0]]
    assert [part.size for part in find_directions(seen(10), ())] == [0, 0]
