"""Expected value of sample information: a conjugate case in closed form, its bound, and data that say nothing."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.experiments.decision.sample_information import (
    SampleInformation,
    estimate_sample_information,
    summarise_data_sets,
)

pytestmark = pytest.mark.experiments

N, MEAN, SD = 2_500, 0.2, 1.0


@cache
def draw() -> tuple[Floats, Floats]:
    """Evenly spread draws of a normal gain, in random order, and standard normal errors, as evenly spread."""
    rng = np.random.default_rng(3)
    even = ndtri((np.arange(N) + 0.5) / N)
    return MEAN + SD * rng.permutation(even), rng.permutation(even)


@cache
def value(error: float, wrong: float = 1.0) -> SampleInformation:
    """What one measurement of the gain with this error is worth; weighed as if the error were `wrong` times it."""
    gain, noise = draw()
    data = gain + error * noise
    gains = np.column_stack([np.zeros(N), gain])
    summaries = summarise_data_sets(gains, lambda j: -0.5 * ((data[j] - gain) / (wrong * error)) ** 2)
    return estimate_sample_information(gains, summaries, times=30)


def known(error: float) -> float:
    """The mean of the larger of 0 and a normal posterior mean, less the larger mean: the unit normal loss."""
    spread = SD**2 / np.sqrt(SD**2 + error**2)
    z = MEAN / spread
    return float(MEAN * ndtr(z) + spread * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) - MEAN)


@pytest.mark.parametrize("error", [0.4, 1.0])
def test_a_conjugate_case_is_met_within_two_per_cent(error: float) -> None:
    found = value(error)
    assert (found.low + found.high) / 2 == pytest.approx(known(error), rel=0.02)
    assert found.low <= known(error) * 1.02 and found.high >= known(error) * 0.98


def test_the_check_sees_a_wrong_value() -> None:
    """A control: the value of the other design, and perfect information, are far outside two per cent."""
    assert abs(known(0.4) / known(1.0) - 1) > 0.2
    assert value(1.0).high < 0.9 * known(1e-9)


@pytest.mark.parametrize("error", [0.4, 1.0])
def test_no_data_are_worth_more_than_knowing_it(error: float) -> None:
    gain, _ = draw()
    perfect = np.maximum(gain, 0).mean() - gain.mean()
    assert 0 < value(error).low <= perfect and 0 < value(error).high <= perfect


def test_data_that_say_nothing_are_worth_nothing() -> None:
    gain, noise = draw()
    gains = np.column_stack([np.zeros(N), gain])
    nothing = estimate_sample_information(gains, np.zeros_like(gains))
    assert (nothing.low, nothing.high) == (0, 0) and set(nothing.chosen) == {1}
    noisy = estimate_sample_information(gains, np.column_stack([np.zeros(N), noise]), times=30)
    assert noisy.interval[0] <= 0 and noisy.high < 0.02
    assert value(1.0).low > 0.1  # a control: data that say something are seen


def test_a_draw_does_not_tell_its_own_gain_by_being_left_out() -> None:
    """Data whose errors drown them give even weights: what is then left out must not be what is learnt."""
    gain, _ = draw()
    gains = np.column_stack([np.zeros(200), gain[:200]])
    summaries = summarise_data_sets(gains, lambda j: np.zeros(200))
    assert np.abs(summaries).max() < 1e-12
    leaky = np.array([np.delete(gains, j, axis=0).mean(axis=0) for j in range(200)])  # a control
    assert estimate_sample_information(gains, leaky, times=30).low > 0.2


def test_a_choice_after_the_data_follows_them() -> None:
    gain, noise = draw()
    seen = gain + 0.4 * noise
    found = value(0.4)
    assert seen[found.chosen == 0].mean() < -0.3 < seen[found.chosen == 1].mean()


def test_too_few_draws_are_refused() -> None:
    with pytest.raises(InputError, match="too few"):
        estimate_sample_information(np.zeros((50, 2)), np.zeros((50, 2)))
