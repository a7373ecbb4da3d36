"""Turning points: the value at which a choice changes, found where it is known, and silence where there is none."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.experiments.core.replicate_average import DrawAverages
from simulator.experiments.decision.switching_value import SwitchingValue, find_switching_value

pytestmark = pytest.mark.experiments

RNG = np.random.default_rng(1)
X = RNG.uniform(size=800)
NOISE = 0.1 * RNG.normal(size=800)


def averages(lead: np.ndarray) -> DrawAverages:
    level = RNG.normal(size=800)
    return DrawAverages({"old": level, "new": level + lead}, 10, 0.0)


def test_the_value_at_which_the_better_policy_changes_is_found() -> None:
    switching_value = find_switching_value(X, averages(X - 0.3 + NOISE), better=1)
    assert switching_value is not None
    assert (switching_value.below, switching_value.above) == ("old", "new")
    assert switching_value.at == pytest.approx(0.3, abs=0.03)
    assert switching_value.interval[0] < 0.3 < switching_value.interval[1]
    assert switching_value.sentence.startswith("“old” below 0.3")


def test_where_less_is_better_the_policies_change_places() -> None:
    switching_value = find_switching_value(X, averages(X - 0.3 + NOISE), better=-1)
    assert isinstance(switching_value, SwitchingValue)
    assert (switching_value.below, switching_value.above) == ("new", "old")


@pytest.mark.parametrize(
    "lead",
    [0.5 + X + NOISE, (X - 0.5) ** 2 - 0.04 + 0.1 * NOISE, RNG.normal(size=800)],
    ids=["never", "twice", "noise"],
)
def test_nothing_is_told_where_the_choice_turns_never_or_twice_or_by_noise(lead: np.ndarray) -> None:
    assert find_switching_value(X, averages(lead), better=1) is None


def test_a_turn_among_rare_values_is_not_told() -> None:
    assert find_switching_value(X, averages(X - 0.002 + 0.01 * NOISE), better=1) is None


def test_a_factor_that_does_not_vary_is_refused() -> None:
    with pytest.raises(ValueError, match="does not vary"):
        find_switching_value(np.ones(800), averages(X), better=1)
