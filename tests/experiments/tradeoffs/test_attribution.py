"""Attribution: exact shares that add up, on functions whose shares are known, and ways that do not add up."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from simulator.common.arrays import Floats
from simulator.common.units import Unit
from simulator.experiments.core.model_protocol import Factor, Outcomes, Points, Seeds, draw_uniforms
from simulator.experiments.core.sampled_futures import sample_futures
from simulator.experiments.tradeoffs.attribution import (
    Attribution,
    attribute,
    attribute_package,
    compute_interactions,
    compute_shapley_values,
)

pytestmark = pytest.mark.experiments

WORLDS = 200
LUCK = draw_uniforms(WORLDS, 1, "luck")
SIZES = {"a": 3.0, "b": -1.0, "c": 0.5}

Game = Callable[[frozenset[str]], Floats]


def additive(on: frozenset[str]) -> Floats:
    return LUCK + sum(SIZES[c] for c in on)


def product(on: frozenset[str]) -> Floats:
    """Nothing happens unless all three are there."""
    return LUCK * (len(on) == 3)


def xor(on: frozenset[str]) -> Floats:
    """Either alone does all of it; both together undo it."""
    return LUCK + (len(on) == 1)


def shared_out(game: Game, components: str = "abc") -> Attribution:
    return attribute(game, list(components), "y", seed=1, times=200)


def means(effects: Mapping[str, object]) -> list[float]:
    return [effect.mean for effect in effects.values()]  # type: ignore[attr-defined]


# Known answers.


def test_an_additive_package_gives_each_component_its_coefficient_in_every_world() -> None:
    attribution = shared_out(additive)
    assert attribution.by_future == pytest.approx(np.tile(list(SIZES.values()), (WORLDS, 1)), abs=1e-12)
    for effects in (attribution.shares, attribution.alone, attribution.last):
        assert means(effects) == pytest.approx(list(SIZES.values()))
    assert all(pair.nothing for pair in attribution.pairs.values())
    assert attribution.together.nothing


def test_components_that_only_work_together_share_alike_and_do_nothing_alone() -> None:
    attribution = shared_out(product)
    assert attribution.by_future == pytest.approx(np.repeat(LUCK[:, None] / 3, 3, axis=1))
    assert all(effect.nothing for effect in attribution.alone.values())
    assert attribution.together.mean == pytest.approx(LUCK.mean())
    assert [pair.mean for pair in attribution.pairs.values()] == pytest.approx([LUCK.mean() / 2] * 3)


def test_two_that_undo_one_another_have_no_share_and_a_pair_of_minus_two() -> None:
    attribution = shared_out(xor, "ab")
    assert means(attribution.shares) == pytest.approx([0, 0], abs=1e-12)
    assert means(attribution.alone) == pytest.approx([1, 1])
    assert attribution.pairs["a", "b"].mean == pytest.approx(-2)
    assert attribution.total.nothing


def test_a_textbook_game_of_gloves() -> None:
    """One left glove, two right ones: the left is worth 2/3, each right 1/6."""
    values = np.array([[0, 0, 0, 1, 0, 1, 0, 1.0]])
    assert compute_shapley_values(values)[0] == pytest.approx([2 / 3, 1 / 6, 1 / 6])


GAMES = arrays.arrays(np.float64, (3, 16), elements=st.floats(-100, 100))


@given(GAMES)
def test_shares_add_up_to_the_gain_in_every_world(values: Floats) -> None:
    assert compute_shapley_values(values).sum(axis=1) == pytest.approx(values[:, -1] - values[:, 0], abs=1e-9)


@given(GAMES, GAMES)
def test_shares_and_interactions_of_a_sum_are_sums(first: Floats, second: Floats) -> None:
    assert compute_shapley_values(first + second) == pytest.approx(
        compute_shapley_values(first) + compute_shapley_values(second), abs=1e-9
    )
    assert compute_interactions(first + second) == pytest.approx(
        compute_interactions(first) + compute_interactions(second), abs=1e-9
    )


@given(arrays.arrays(np.float64, (2, 4), elements=st.floats(-9, 9)))
def test_a_component_that_does_nothing_gets_exactly_nothing(values: Floats) -> None:
    idle_third = np.concatenate([values, values], axis=1)
    assert (compute_shapley_values(idle_third)[:, 2] == 0).all()
    assert (compute_interactions(idle_third)[:, 1:] == 0).all()


def test_interactions_agree_with_their_definition_by_orders() -> None:
    """With two players the index is the plain surplus; with a third who stands apart it is unchanged."""
    values = np.array([[0.0, 1.0, 2.0, 7.0]])
    apart = np.concatenate([values, values + 5], axis=1)
    assert compute_interactions(values)[0] == pytest.approx([4])
    assert compute_interactions(apart)[0] == pytest.approx([4, 0, 0])


# The negative control.


def test_removing_one_component_at_a_time_does_not_add_up_where_components_interact() -> None:
    attribution = shared_out(product)
    assert sum(means(attribution.last)) == pytest.approx(3 * attribution.total.mean)
    assert sum(means(attribution.alone)) == 0
    assert sum(means(attribution.shares)) == pytest.approx(attribution.total.mean)
    assert attribution.worst_gap < 1e-12


# Luck and intervals.


def test_fresh_luck_in_every_coalition_makes_an_idle_component_look_busy() -> None:
    """The negative control of shared luck: an idle component must get exactly nothing, and here it does not."""

    def spoilt(on: frozenset[str]) -> Floats:
        return draw_uniforms(WORLDS, 1, "".join(sorted(on))) + 3.0 * ("a" in on)

    assert shared_out(additive_and_idle, "ab").shares["b"].nothing
    assert not shared_out(spoilt, "ab").shares["b"].nothing


def additive_and_idle(on: frozenset[str]) -> Floats:
    return LUCK + 3.0 * ("a" in on)


def test_intervals_hold_the_true_mean_about_nineteen_times_in_twenty() -> None:
    held = 0
    for seed in range(40):
        luck = draw_uniforms(40, seed, "luck")
        attribution = attribute(lambda on, u=luck: u * ("a" in on), ["a", "b"], "y", seed=seed, times=100)  # type: ignore[misc]
        held += attribution.shares["a"].interval[0] <= 0.5 <= attribution.shares["a"].interval[1]
    assert held >= 34


def test_the_likely_range_is_that_of_worlds_not_of_the_mean() -> None:
    attribution = attribute(lambda on: LUCK * ("a" in on), ["a"], "y", seed=1)
    assert attribution.shares["a"].likely == pytest.approx((0.1, 0.9), abs=0.08)
    low, high = attribution.shares["a"].interval
    assert high - low < 0.1


def test_worlds_of_one_draw_are_drawn_together() -> None:
    """Copies of a world are no news: intervals must not narrow."""
    copied = np.repeat(LUCK[:20], 10)
    draws = np.repeat(np.arange(20), 10)
    widths = []
    for labels in (draws, None):
        low, high = attribute(lambda on: copied * ("a" in on), ["a"], "y", seed=1, draws=labels).shares["a"].interval
        widths.append(high - low)
    assert widths[0] > 2 * widths[1]


# Packages of a simulation.


FACTORS = [Factor("need", 0.0, 1.0, 0.5), Factor("rule", 0.0, 1.0, 0.25), Factor("staff", 0.0, 1.0, 0.0)]


def model(points: Points, seeds: Seeds) -> Outcomes:
    n = len(seeds)
    rule, staff = points.get("rule", np.full(n, 0.25)), points.get("staff", np.zeros(n))
    return {"kept": 0.1 * points["need"] + 0.2 * rule + 0.1 * staff * rule + (seeds % 7) * 0.001}


PACKAGE = {"the rule": {"rule": 1.0}, "more staff": {"staff": 1.0}}


def test_a_package_is_switched_on_component_by_component() -> None:
    futures = sample_futures(FACTORS[:1], 50, seed=2)
    calls: list[tuple[int, int]] = []
    attribution = attribute_package(
        model, futures, PACKAGE, "kept", seed=1, unit=Unit.SHARE, times=100, progress=lambda i, n: calls.append((i, n))
    )
    assert attribution.total.mean == pytest.approx(0.15 + 0.1)
    assert attribution.alone["more staff"].mean == pytest.approx(0.1 * 0.25)
    assert attribution.last["more staff"].mean == pytest.approx(0.1)
    assert attribution.shares["the rule"].mean == pytest.approx(0.15 + 0.0375)
    assert calls == [(i, 4) for i in range(1, 5)]


def test_every_coalition_is_evaluated_once() -> None:
    calls: list[frozenset[str]] = []

    def value(on: frozenset[str]) -> Floats:
        calls.append(on)
        return additive(on)

    shared_out(value)
    assert len(calls) == len(set(calls)) == 8


# What people read.


def test_the_sentence_shares_out_the_gain_the_largest_share_first() -> None:
    def value(on: frozenset[str]) -> Floats:
        helped = 0.02 * ({"ring-fence", "training"} <= on)
        return 0.07 * ("ring-fence" in on) + (0.02 + 0.02 * LUCK) * ("training" in on) + helped + 0 * LUCK

    attribution = attribute(
        value, ["posters", "training", "ring-fence"], "share kept", seed=1, unit=Unit.SHARE, times=200
    )
    assert attribution.sentence.startswith(
        "Of the +£12.1 of each £100 that the package brings (“share kept”; 8 in 10 results +£11 to +£13)"
    )
    assert "“ring-fence” brings +£8.0 (8 in 10 results +£8.0), “training” brings +£4" in attribution.sentence
    assert "“posters” brings nothing" in attribution.sentence
    assert "together they bring £2.0 more; the strongest pair is “training” with “ring-fence”" in attribution.sentence


def test_the_sentence_does_not_claim_what_worlds_are_too_few_to_tell() -> None:
    attribution = attribute(lambda on: (LUCK - LUCK.mean()) * ("a" in on), ["a", "b"], "y", seed=1)
    assert "which 200 futures cannot tell from nothing" in attribution.sentence
    assert "what “a” brings cannot be told from nothing" in attribution.sentence


def test_the_sentence_says_when_effects_add_up_and_when_nothing_happens() -> None:
    assert "simply add up" in shared_out(additive).sentence
    assert shared_out(lambda on: LUCK).sentence == "As a whole the package changes nothing (“y”) in any of 200 futures."
    assert "Each alone, they would add up to +2: together they bring 2 less" in shared_out(xor, "ab").sentence


def test_frames_hold_shares_that_add_up_and_every_pair() -> None:
    frame = shared_out(product).to_frame()
    assert frame.loc[list("abc"), "share"].sum() == pytest.approx(frame.loc["total", "share"])
    assert {"share_low", "share_likely_high", "alone", "last_high"} < set(frame.columns)
    pairs = shared_out(product).pairs_frame()
    assert list(pairs.index) == [("a", "b"), ("a", "c"), ("b", "c")]


# What is refused.


def test_failed_worlds_are_left_out_everywhere_counted_and_told() -> None:
    def value(on: frozenset[str]) -> Floats:
        return np.where((LUCK < 0.05) & (len(on) == 2), np.nan, additive(on))

    attribution = shared_out(value)
    assert attribution.failed == (LUCK < 0.05).sum() > 0
    assert attribution.n == WORLDS - attribution.failed
    assert "futures failed under some combination of parts (coalition)" in attribution.sentence


@pytest.mark.parametrize("components", ["", "abcdefghi", "aa"])
def test_none_too_many_and_double_components_are_refused(components: str) -> None:
    with pytest.raises(ValueError, match="needs 1 to 8 different ones"):
        shared_out(additive, components)


def test_a_factor_that_two_components_set_is_refused() -> None:
    futures = sample_futures(FACTORS[:1], 5, seed=2)
    with pytest.raises(ValueError, match="rule: set by more than one component"):
        attribute_package(model, futures, {"a": {"rule": 1.0}, "b": {"rule": 0.5}}, "kept", seed=1)


def test_an_unknown_outcome_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="no outcome 'keept'; it gives kept"):
        attribute_package(model, sample_futures(FACTORS[:1], 5, seed=2), PACKAGE, "keept", seed=1)


def test_labels_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="3 labels of draws do not fit 200 futures"):
        attribute(additive, ["a"], "y", seed=1, draws=np.arange(3))


def test_too_many_failed_worlds_are_refused() -> None:
    with pytest.raises(ValueError, match="failed"):
        shared_out(lambda on: np.where(LUCK < 0.5, np.nan, LUCK))
