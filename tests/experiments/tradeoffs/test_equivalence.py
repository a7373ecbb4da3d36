"""Equivalence: analytic curves, draws for which no amount is enough, curves that turn back, and fresh luck."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from known_functions import FreshSeeds, FunctionModel, stochastic_ishigami
from scipy.optimize import brentq

from simulator.common.arrays import Floats
from simulator.experiments.core.model_protocol import Factor, Outcomes, Points, Seeds
from simulator.experiments.core.sampled_futures import repeat_draws, sample_futures
from simulator.experiments.stats.grid_roots import (
    compute_finite_quantiles,
    compute_ranked_quantile,
    compute_shortfall,
    find_first_crossing,
    interpolate_grid,
)
from simulator.experiments.tradeoffs.equivalence import find_equivalence, solve_equal_amount
from simulator.experiments.tradeoffs.iso_outcome import find_iso_outcome
from simulator.experiments.tradeoffs.lever_sweep import LeverQuestion, sweep_lever, sweep_lever_and_policies

pytestmark = pytest.mark.experiments

UPLIFT, EXTRA = Factor("uplift", 0.0, 1.0, 0.0), Factor("extra", 0.0, 1.0, 0.0)
SPEED, STRENGTH = Factor("speed", 1.0, 3.0, 2.0), Factor("strength", 0.2, 0.8, 0.5)
FACTORS = (SPEED, STRENGTH, UPLIFT, EXTRA, Factor("ring_fence", 0.0, 1.0, 0.0))
NOISY = stochastic_ishigami().simulate
KEPT = LeverQuestion(UPLIFT, {"ring_fence": 1.0}, "y", label="the ring-fence")
ENOUGH_ON_AVERAGE = brentq(lambda a: 0.5 - (np.exp(-a) - np.exp(-3 * a)) / (2 * a), 1e-3, 1)


def certainly(x: Points, seeds: Seeds) -> Floats:
    """The uplift saturates at a speed and the ring-fence adds a strength, which both depend on the draw."""
    uplift = 1 - np.exp(-x["speed"] * x["uplift"])
    return np.asarray(uplift + 0.4 * x["extra"] + x["strength"] * x["ring_fence"])


def by_chance(x: Points, seeds: Seeds) -> Floats:
    """The same, and a standard normal number of luck, which the uplift makes larger."""
    return certainly(x, seeds) + NOISY({}, seeds)["y"] / 3 * (1 + 0.3 * x["uplift"])


MODEL, CERTAIN = FunctionModel(FACTORS, by_chance), FunctionModel(FACTORS, certainly)
WORLDS = sample_futures((SPEED, STRENGTH), 100, seed=1, replicates=4)


def test_every_draw_gets_the_amount_that_solves_its_own_equation() -> None:
    e = find_equivalence(CERTAIN, KEPT, WORLDS, times=20)
    speed, strength = (WORLDS.points[name][::4] for name in ("speed", "strength"))
    exact = -np.log(1 - strength) / speed
    exact[exact > 1] = np.inf
    finite = np.isfinite(exact)
    assert np.array_equal(finite, np.isfinite(e.equivalents))
    assert e.equivalents[finite] == pytest.approx(exact[finite], abs=0.002)
    assert 0 < e.none_enough == (~finite).sum()
    assert e.quantiles[0.5].value == pytest.approx(np.median(exact[finite]), abs=0.002)
    assert e.enough_in(0.5) == pytest.approx(np.sort(exact)[49], abs=0.002)
    assert e.enough_in(1.0) == np.inf


def test_brents_method_and_the_grid_agree_in_eight_evaluations() -> None:
    e, root = find_equivalence(MODEL, KEPT, WORLDS, times=20), solve_equal_amount(MODEL, KEPT, WORLDS)
    assert root.crosses
    assert root.amount == pytest.approx(e.on_average.value, abs=0.005)
    assert root.evaluations <= 8
    many = solve_equal_amount(CERTAIN, KEPT, sample_futures((SPEED, STRENGTH), 20_000, seed=2))
    assert many.amount == pytest.approx(ENOUGH_ON_AVERAGE, abs=0.005)


def test_the_interval_of_the_average_holds_the_truth_in_at_least_88_of_100_studies() -> None:
    held = []
    coarse = replace(KEPT, amounts=tuple(np.linspace(0, 1, 13)))
    for seed in range(120):
        e = find_equivalence(MODEL, coarse, sample_futures((SPEED, STRENGTH), 60, seed), times=100, seed=seed)
        held.append(e.on_average.low <= ENOUGH_ON_AVERAGE <= e.on_average.high)
    assert np.mean(held) >= 0.88


def test_fresh_luck_in_every_row_gives_a_far_wider_interval_and_false_crossings() -> None:
    shared, fresh = (
        find_equivalence(MODEL, KEPT, WORLDS, times=200),
        find_equivalence(FreshSeeds(MODEL), KEPT, WORLDS, times=200),
    )
    width = shared.on_average.high - shared.on_average.low
    assert fresh.on_average.high - fresh.on_average.low > 3 * width
    assert shared.crosses_again == 0
    assert fresh.crosses_again > 50


def test_where_no_amount_is_enough_none_is_reported() -> None:
    far = replace(KEPT, reference={"ring_fence": 10.0})
    e, root = find_equivalence(CERTAIN, far, WORLDS, times=20), solve_equal_amount(CERTAIN, far, WORLDS)
    assert e.none_enough == e.draws == 100
    assert (e.on_average.value, e.on_average.low, e.quantiles[0.5].value) == (np.inf, np.inf, np.inf)
    assert (root.crosses, root.amount) == (False, np.inf)
    assert root.missing > 0
    assert "no uplift that was tried, up to 1, does as much" in e.sentence
    assert "In none of them is any amount enough." in e.sentence


def test_where_nothing_is_needed_that_is_reported() -> None:
    harm = replace(KEPT, reference={"ring_fence": -1.0})
    e, root = find_equivalence(CERTAIN, harm, WORLDS, times=20), solve_equal_amount(CERTAIN, harm, WORLDS)
    assert e.none_needed == 100
    assert (e.on_average.value, root.amount, root.crosses) == (0.0, 0.0, False)
    assert "uplift at 0 already does as much for y as the ring-fence" in e.sentence
    assert "the two are the same" not in e.sentence


def test_a_reference_that_moves_nothing_is_said_to() -> None:
    idle = replace(KEPT, reference={"ring_fence": 0.0})
    assert "; the two are the same in every future." in find_equivalence(CERTAIN, idle, WORLDS, times=20).sentence


def test_the_first_crossing_counts_and_further_ones_are_counted() -> None:
    """Enough from 0.25 to 0.75 only: a method that looks at both ends alone would say that no amount is enough."""
    hump = FunctionModel(FACTORS, lambda x, seeds: np.sin(np.pi * x["uplift"]) + np.sqrt(0.5) * x["ring_fence"])
    e, root = find_equivalence(hump, KEPT, WORLDS, times=20), solve_equal_amount(hump, KEPT, WORLDS)
    assert e.equivalents == pytest.approx(np.full(100, 0.25), abs=0.002)
    assert set(e.more_crossings) == {1}
    assert "in 100 of 100 some larger amount is again not enough" in e.sentence
    assert (root.crosses, root.amount) == (False, np.inf)


def test_less_may_be_better_and_levers_may_work_downwards() -> None:
    costs = FunctionModel(FACTORS, lambda x, seeds: -certainly(x, seeds))
    same = find_equivalence(CERTAIN, KEPT, WORLDS, times=20)
    assert find_equivalence(costs, replace(KEPT, better=-1), WORLDS, times=20).on_average == same.on_average
    assert find_equivalence(costs, replace(KEPT, better=0), WORLDS, times=20).on_average == same.on_average
    assert find_equivalence(costs, KEPT, WORLDS, times=20).none_needed == 100
    falling = FunctionModel(FACTORS, lambda x, seeds: certainly({**x, "uplift": 1 - x["uplift"]}, seeds))
    downwards = replace(KEPT, reference={"ring_fence": 1.0, "uplift": 1.0}, amounts=tuple(np.linspace(1, 0, 25)))
    down = find_equivalence(falling, downwards, WORLDS, times=20)
    assert down.on_average.value == pytest.approx(1 - same.on_average.value)
    beyond = find_equivalence(falling, replace(downwards, reference={"ring_fence": 9.0}), WORLDS, times=20)
    assert beyond.on_average.value == -np.inf


def test_either_lever_can_be_asked_about() -> None:
    """If an uplift of 0.4 is worth some ring-fence, then that ring-fence is worth an uplift of 0.4."""
    fence = LeverQuestion(Factor("ring_fence", 0.0, 3.0, 0.0), {"uplift": 0.4}, "y")
    there = solve_equal_amount(MODEL, fence, WORLDS, 1e-9)
    back = solve_equal_amount(MODEL, replace(KEPT, reference={"ring_fence": there.amount}), WORLDS, 1e-9)
    assert back.amount == pytest.approx(0.4, abs=1e-6)


def test_settings_hold_on_both_sides_and_company_on_one() -> None:
    alone = find_equivalence(CERTAIN, KEPT, WORLDS, times=20).on_average.value
    both = find_equivalence(CERTAIN, replace(KEPT, settings={"extra": 1.0}), WORLDS, times=20).on_average.value
    helped = find_equivalence(CERTAIN, replace(KEPT, along_with={"extra": 1.0}), WORLDS, times=20).on_average.value
    assert both == pytest.approx(alone)
    assert helped < alone / 2


def test_the_sentence_gives_the_average_the_spread_and_how_often_no_amount_is_enough() -> None:
    e = find_equivalence(MODEL, KEPT, WORLDS, times=200)
    for part in (
        f"On average over 100 versions of the model (parameter sets), uplift at {e.on_average.value:.2g} (95% interval",
        "does as much for y as the ring-fence.",
        "(8 in 10 of them) where some amount is enough",
        f"in {e.none_enough} of 100 versions no amount is enough",
    ):
        assert part in e.sentence
    once = find_equivalence(MODEL, replace(KEPT, label=""), sample_futures((SPEED, STRENGTH), 50, 1), times=20)
    assert "as ring fence at 1." in once.sentence
    assert "8 in 10 of them, chance included" in once.sentence


def test_failed_worlds_are_left_out_on_both_sides_and_reported() -> None:
    def fails(x: Points, seeds: Seeds) -> Floats:
        return np.where((seeds % 16 == 0) & (x["uplift"] > 0.5), np.nan, certainly(x, seeds))

    e = find_equivalence(FunctionModel(FACTORS, fails), KEPT, WORLDS, times=20)
    assert e.sweep.failed == (WORLDS.seeds % 16 == 0).sum() > 0
    assert e.on_average.value == pytest.approx(
        find_equivalence(CERTAIN, KEPT, WORLDS, times=20).on_average.value, abs=0.01
    )
    assert f"{e.sweep.failed} futures failed" in e.sentence
    with pytest.raises(ValueError, match="not a number"):
        solve_equal_amount(FunctionModel(FACTORS, fails), KEPT, WORLDS)


def test_useless_questions_are_refused() -> None:
    nothing = FunctionModel(FACTORS, lambda x, seeds: x["speed"])
    with pytest.raises(ValueError, match="neither uplift nor the reference moves y"):
        find_equivalence(nothing, KEPT, WORLDS)
    with pytest.raises(ValueError, match="all rising or all falling"):
        find_equivalence(MODEL, replace(KEPT, amounts=(0.0, 1.0, 0.5)), WORLDS)
    with pytest.raises(ValueError, match="too few"):
        find_equivalence(MODEL, KEPT, sample_futures((SPEED, STRENGTH), 5, seed=1))
    with pytest.raises(ValueError, match="no outcome"):
        find_equivalence(MODEL, replace(KEPT, outcome="z"), WORLDS)
    with pytest.raises(ValueError, match="columns of one length"):
        repeat_draws({"speed": np.ones(3), "strength": np.ones(2)}, seed=1)


def test_a_lever_that_does_nothing_is_never_enough_and_called_so() -> None:
    idle = FunctionModel(FACTORS, lambda x, seeds: x["strength"] * x["ring_fence"])
    assert "uplift does not move it in any future" in find_equivalence(idle, KEPT, WORLDS, times=20).sentence


def test_given_parameter_draws_are_worlds_too() -> None:
    thinned_points = {name: WORLDS.points[name][::4] for name in ("speed", "strength")}
    e = find_equivalence(CERTAIN, KEPT, repeat_draws(thinned_points, seed=3, replicates=2), times=20)
    assert e.equivalents == pytest.approx(find_equivalence(CERTAIN, KEPT, WORLDS, times=20).equivalents)
    assert len(set(repeat_draws(thinned_points, seed=3, replicates=2).seeds)) == 200


def test_every_amount_and_the_reference_meet_the_same_worlds_once() -> None:
    calls: list[tuple[Points, Seeds]] = []

    def spy(points: Points, seeds: Seeds) -> Outcomes:
        calls.append((points, seeds))
        return MODEL(points, seeds)

    heard: list[tuple[int, int]] = []
    sweep_lever(spy, KEPT, WORLDS, lambda done, total: heard.append((done, total)))
    assert len(calls) == 26
    assert all(np.array_equal(seeds, WORLDS.seeds) for _, seeds in calls)
    assert [float(points["uplift"][0]) for points, _ in calls if "uplift" in points] == pytest.approx(KEPT.grid)
    assert heard[-1] == (26 * 400, 26 * 400)


def test_frames_hold_draws_and_the_curve() -> None:
    e = find_equivalence(MODEL, KEPT, WORLDS, times=20)
    assert list(e.to_frame()) == ["equivalent", "more_crossings", "reason"]
    curve = e.curve()
    assert len(curve) == 25
    assert (curve["low"] <= curve["difference"]).all()
    assert np.interp(0.0, curve["difference"], curve["amount"]) == pytest.approx(e.on_average.value)


def test_along_the_iso_outcome_line_both_levers_together_equal_the_reference() -> None:
    iso = find_iso_outcome(CERTAIN, EXTRA, KEPT, WORLDS, steps=3, times=50)
    assert iso.difference.shape == (3, 25)
    for x, y in zip(iso.x, iso.line, strict=True):
        together, fence = (
            CERTAIN({**WORLDS.points, **{k: np.full(WORLDS.n, v) for k, v in levers.items()}}, WORLDS.seeds)["y"]
            for levers in ({"extra": x, "uplift": y}, {"ring_fence": 1.0})
        )
        assert together.mean() == pytest.approx(fence.mean(), abs=0.002)
    assert (np.diff(iso.line) < 0).all()
    assert (iso.interval[0] <= iso.line).all() and (iso.line <= iso.interval[1]).all()
    assert (np.diff(iso.band, axis=0) >= 0).all()
    assert list(iso.contour()["none_enough"]) == [e.none_enough for e in iso.equivalences]
    assert len(iso.to_frame()) == 75
    assert "With extra at 0: On average" in iso.sentence


def test_the_two_levers_of_an_iso_outcome_line_differ() -> None:
    with pytest.raises(ValueError, match="two levers"):
        find_iso_outcome(CERTAIN, UPLIFT, KEPT, WORLDS)


def test_progress_of_an_iso_outcome_line_rises_to_the_end() -> None:
    heard: list[tuple[int, int]] = []
    find_iso_outcome(
        CERTAIN, EXTRA, KEPT, WORLDS, steps=2, times=5, progress=lambda done, total: heard.append((done, total))
    )
    assert [done for done, _ in heard] == sorted(done for done, _ in heard)
    assert heard[-1] == (2 * 26 * 400, 2 * 26 * 400)


def test_crossings_of_simple_curves_are_where_one_sees_them() -> None:
    curves = np.array([[1, 1, -1], [2, 1, 0.5], [0, 1, -1], [1, -1, 1], [-1, -1, -1], [1, 0, 0]], float)
    places, again = find_first_crossing(curves)
    assert list(places) == [1.5, np.inf, 0.0, 0.5, 0.0, 1.0]
    assert list(again) == [0, 0, 2, 1, 0, 0]
    assert list(interpolate_grid(np.array([0.5, np.inf]), np.array([0.0, 4.0, 5.0]))) == [2.0, np.inf]
    assert interpolate_grid(np.array([np.inf]), np.array([1.0, 0.0]))[0] == -np.inf


def test_without_a_better_way_a_curve_has_to_go_where_its_reference_went() -> None:
    gap = np.array([[1.0, -1.0], [-1.0, 1.0], [0.0, 1.0]])
    assert np.array_equal(compute_shortfall(gap, 0), [[1, -1], [1, -1], [0, 0]])
    assert np.array_equal(compute_shortfall(gap, -1), -gap)


def test_quantiles_of_places_that_exist_agree_with_numpy_and_infinite_ones_count_as_last() -> None:
    places, shares = np.array([3.0, 1.0, np.inf, 2.0, 7.0]), (0.0, 0.1, 0.5, 0.9, 1.0)
    counts = np.array([[1, 1, 1, 1, 1], [0, 2, 0, 3, 0], [1, 0, 4, 0, 0], [0, 0, 5, 0, 0]])
    found = compute_finite_quantiles(places, counts.astype(float), shares)
    for row, met in zip(found.T, ([1, 2, 3, 7], [1, 1, 2, 2, 2], [3]), strict=False):
        assert row == pytest.approx(np.quantile(met, shares))
    assert list(found[:, 3]) == list(compute_finite_quantiles(np.full(2, np.inf), np.ones((1, 2)), shares)[:, 0])
    assert set(found[:, 3]) == {np.inf}
    assert (compute_ranked_quantile(places, 0.8), compute_ranked_quantile(places, 0.9)) == (7.0, np.inf)


def test_an_outcome_is_called_what_people_call_it_and_amounts_that_fall_go_down() -> None:
    falling = FunctionModel(FACTORS, lambda x, seeds: certainly({**x, "uplift": 1 - x["uplift"]}, seeds))
    far = replace(KEPT, reference={"ring_fence": 10.0, "uplift": 1.0}, amounts=(1.0, 0.5, 0.0), about="“what is kept”")
    sentence = find_equivalence(falling, far, WORLDS, times=20).sentence
    assert "no uplift that was tried, down to 0, does as much for “what is kept” as the ring-fence" in sentence


def test_other_policies_run_beside_a_sweep_meet_the_same_worlds() -> None:
    swept, others = sweep_lever_and_policies(
        MODEL, KEPT, WORLDS, {"the reference again": KEPT.reference, "nothing": {}}
    )
    assert np.array_equal(others["the reference again"], swept.reference)
    assert np.array_equal(others["nothing"], swept.swept[:, 0])
