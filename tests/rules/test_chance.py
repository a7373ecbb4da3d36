"""Luck into numbers: closed forms, increasing in the draw."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rule_inputs import luck, shares, two_lucks

from simulator.rules.chance import bell, clip, geometric, happens, logistic, logit, positive, share

pytestmark = pytest.mark.rules

LN3 = 1.0986122886681098


@pytest.mark.parametrize(("u", "log_odds"), [(0.5, 0.0), (0.75, LN3), (0.25, -LN3), (0.9, 2 * LN3), (0.1, -2 * LN3)])
def test_log_odds_and_probabilities_are_each_others_inverse(u: float, log_odds: float) -> None:
    assert logit(u) == pytest.approx(log_odds, abs=1e-12)
    assert logistic(log_odds) == pytest.approx(u, abs=1e-12)


@pytest.mark.parametrize(("u", "x"), [(0.5, 0.0), (0.75, 0.605696700), (0.9, 1.211393399), (0.25, -0.605696700)])
def test_a_bell_is_a_logistic_curve_scaled_to_one_standard_deviation(u: float, x: float) -> None:
    assert bell(u) == pytest.approx(x, abs=1e-9)


def test_a_bell_has_mean_nought_and_standard_deviation_one() -> None:
    n = 200_000
    draws = [bell((i + 0.5) / n) for i in range(n)]
    assert math.fsum(draws) / n == pytest.approx(0.0, abs=1e-9)
    assert math.fsum(x * x for x in draws) / n == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize(
    ("u", "middle", "spread", "value"),
    [
        (0.5, 0.56, 0.5, 0.56),
        (0.75, 0.5, 1.0, 0.75),
        (0.9, 0.5, 0.5, 0.75),
        (0.25, 0.75, 1.0, 0.5),
        (0.99, 0.3, 0.0, 0.3),
        (0.5, 0.0, 1.0, 1e-6),
        (0.5, 1.0, 1.0, 1 - 1e-6),
    ],
)
def test_a_share_is_drawn_around_its_middle(u: float, middle: float, spread: float, value: float) -> None:
    assert share(u, middle, spread) == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(
    ("u", "mean", "quarters"),
    [(0.4, 2, 1), (0.51, 2, 2), (0.74, 2, 2), (0.76, 2, 3), (0.9, 2, 4), (0.999, 1, 1), (0.3, 3, 1), (0.6, 3, 3)],
)
def test_a_number_of_quarters_is_geometric(u: float, mean: float, quarters: int) -> None:
    assert geometric(u, mean) == quarters


@pytest.mark.parametrize("mean", [1.0, 1.1, 1.5, 2.0, 4.0, 6.0])
def test_a_number_of_quarters_has_the_mean_it_is_asked_for(mean: float) -> None:
    n = 100_000
    assert sum(geometric((i + 0.5) / n, mean) for i in range(n)) / n == pytest.approx(mean, rel=2e-3)


@pytest.mark.parametrize(("x", "kept_share"), [(-0.2, 0.0), (0.0, 0.0), (0.3, 0.3), (1.0, 1.0), (7.0, 1.0)])
def test_clipping_keeps_a_number_between_its_limits(x: float, kept_share: float) -> None:
    assert clip(x, 0.0, 1.0) == kept_share


@given(st.floats(-1e6, 1e6))
def test_the_positive_part_is_never_negative_and_never_less_than_the_number(x: float) -> None:
    assert positive(x) == (x if x > 0 else 0.0)


@given(luck, st.floats(-700.0, 700.0))
@example(0.5, 0.0)
@example(0.5, -1e-17)
@example(0.5, -5e-324)
@example(math.nextafter(0.5, 0.0), -1e-17)
@example(math.nextafter(0.5, 1.0), 1e-17)
def test_the_shortcut_for_chances_agrees_with_the_long_way(u: float, pull: float) -> None:
    assert happens(u, pull) == (u < logistic(pull))


@given(luck, st.floats(-1.0, 1.0))
def test_the_shortcut_agrees_where_the_decision_is_close(u: float, nudge: float) -> None:
    pull = logit(u) + 1e-12 * nudge
    assert happens(u, pull) == (u < logistic(pull))


@pytest.mark.parametrize("nudge", [0.0, 1e-16, 1e-12, 1e-9, 1e-6, 2e-6, 1e-5, 1e-3, 0.1])
def test_the_shortcut_agrees_on_both_sides_of_every_chance(nudge: float) -> None:
    for step in range(-3600, 3601):
        pull = step / 100
        chance = 1.0 / (1.0 + math.exp(-pull))
        for u in (chance - nudge * (1.0 - chance), chance + nudge * (1.0 - chance), chance * (1.0 - nudge)):
            if 0.0 < u < 1.0:
                assert happens(u, pull) == (u < logistic(pull)), (u, pull)


@pytest.mark.parametrize(("u", "pull", "taken"), [(1e-9, -800.0, False), (1 - 1e-9, 800.0, True), (0.5, 1e9, True)])
def test_extreme_pulls_are_certainties(u: float, pull: float, taken: bool) -> None:
    assert happens(u, pull) is taken


@given(two_lucks, shares, st.floats(0.0, 2.0))
def test_draws_increase_with_luck_and_stay_within_their_bounds(us: list[float], middle: float, spread: float) -> None:
    low, high = us
    assert bell(low) <= bell(high) + 1e-12
    assert 0.0 <= share(low, middle, spread) <= share(high, middle, spread) + 1e-12 <= 1.0 + 1e-12


@given(two_lucks, st.floats(1.0, 6.0))
def test_cover_is_at_least_one_quarter_and_increases_with_luck(us: list[float], mean: float) -> None:
    assert 1 <= geometric(us[0], mean) <= geometric(us[1], mean)


@given(luck, st.floats(-30, 30), st.floats(0, 10))
def test_a_stronger_pull_never_makes_an_event_less_likely(u: float, pull: float, more: float) -> None:
    assert happens(u, pull + more) or not happens(u, pull)
