"""Packages of levers: fronts that are known, and the optimiser's curse."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from package_fronts import list_front

from simulator.common.arrays import Floats
from simulator.common.units import Unit
from simulator.engine.philox import philox, to_unit
from simulator.experiments.core.model_protocol import Factor, Outcomes, Points, Seeds, draw_uniforms
from simulator.experiments.core.sampled_futures import sample_futures
from simulator.experiments.tradeoffs.package_lattice import PackageLattice, find_finest_lattice, find_non_dominated
from simulator.experiments.tradeoffs.package_search import (
    PackageAim,
    PackageSearch,
    PackageSearchResult,
    PricedLever,
    search_packages,
)

pytestmark = pytest.mark.experiments

LUCK: Floats = draw_uniforms(65_536, 5, "luck of the toy")
EFFECT = Factor("effect", 0.5, 1.5, 1.0)
STRONG, WEAK, USELESS = (
    PricedLever("strong", 0, 1, 1.0),
    PricedLever("weak", 0, 1, 1.0),
    PricedLever("useless", 1, 0, 1.0),
)
AIM = PackageAim("kept", 1, unit=Unit.SHARE)
SMALL = PackageSearch(most=300, times=40)
WORLDS, FRESH = sample_futures([EFFECT], 60, seed=0), sample_futures([EFFECT], 60, seed=0, first=60)


def simulate(points: Points, seeds: Seeds) -> Outcomes:
    """The strong lever does three times what the weak one does, at one cost; a third does nothing."""
    effect = points["effect"] * (0.3 * points["strong"] + 0.1 * points["weak"])
    return {"kept": 0.3 + effect + 0.3 * (LUCK[seeds % 65_536] - 0.5), "stress": points["strong"]}


def simulate_two(points: Points, seeds: Seeds) -> Outcomes:
    return simulate({**points, "useless": points["weak"]}, seeds)


def noise(points: Points, seeds: Seeds) -> Outcomes:
    """No package does anything, and each has luck of its own in every world."""
    package = sum(np.round(1_000 * column) * 1_001.0**i for i, column in enumerate(points.values()))
    word = np.asarray(package, np.float64).astype(np.uint64)
    low = np.uint64(0xFFFFFFFF)
    words_drawn = philox(
        word & low, word >> np.uint64(32), seeds.astype(np.uint64), word & low, np.uint64(1), np.uint64(2)
    )
    return {"kept": np.asarray(to_unit(words_drawn[0], words_drawn[1]))}


def known_front(steps: int) -> set[tuple[float, float, float]]:
    """First the strong lever all the way, then the weak one; the useless one stays where it was."""
    strengths = np.arange(steps + 1) / steps
    return {(round(s, 9), 0.0, 1.0) for s in strengths} | {(1.0, round(s, 9), 1.0) for s in strengths}


@pytest.fixture(scope="module")
def enumerated() -> PackageSearchResult:
    return search_packages(simulate, [STRONG, WEAK, USELESS], AIM, WORLDS, FRESH, SMALL)


@pytest.fixture(scope="module")
def cursed() -> PackageSearchResult:
    levers = [PricedLever(name, 0, 1, cost) for name, cost in (("a", 1.0), ("b", 1.7), ("c", 2.3))]
    futures, fresh = sample_futures([], 50, seed=0), sample_futures([], 400, seed=0, first=50)
    return search_packages(noise, levers, AIM, futures, fresh, PackageSearch(times=40))


def test_enumeration_finds_the_known_front_and_nothing_else(enumerated: PackageSearchResult) -> None:
    assert list_front(enumerated) == known_front(enumerated.lattice.steps)
    assert enumerated.tried == (enumerated.lattice.steps + 1) ** 3
    assert all(p.membership == 1 for p in enumerated.front)


def test_fresh_figures_agree_with_the_truth(enumerated: PackageSearchResult) -> None:
    for p in enumerated.front:
        truth = 0.3 + 0.3 * p.settings["strong"] + 0.1 * p.settings["weak"]
        assert p.fresh == pytest.approx(truth, abs=0.06)
        assert p.interval[0] < p.fresh < p.interval[1]


def test_the_cheapest_package_that_reaches_a_target_is_on_the_front_and_no_cheaper_one_reaches_it(
    enumerated: PackageSearchResult,
) -> None:
    cheapest = enumerated.cheapest(0.5)
    assert cheapest is not None
    assert cheapest.interval[0] >= 0.5
    assert all(p.interval[0] < 0.5 for p in enumerated.packages if p.cost < cheapest.cost)
    assert "The cheapest package shown to reach kept at £50 of each £100 is strong" in enumerated.answer(0.5)


def test_a_target_that_nothing_reaches_is_said_to_be_out_of_reach(enumerated: PackageSearchResult) -> None:
    assert enumerated.cheapest(0.95) is None
    assert (
        "No package tried is shown to reach kept at £95 of each £100; the nearest is strong 1 and weak 1"
        in enumerated.answer(0.95)
    )


def test_a_search_that_was_not_flattered_is_seldom_said_to_be() -> None:
    """Under shared luck futures favour no package: intervals above zero are the two or three in a hundred."""
    accused = 0
    for seed in range(40):
        futures, fresh = (sample_futures([EFFECT], 40, seed, first=first) for first in (0, 40))
        packages = search_packages(simulate_two, [STRONG, WEAK], AIM, futures, fresh, PackageSearch(most=30, times=2))
        accused += packages.optimism_interval[0] > 0
    assert accused <= 4


def test_on_pure_noise_the_front_looks_better_in_the_search_than_it_is(cursed: PackageSearchResult) -> None:
    picked = [p for p in cursed.front if p is not cursed.nothing]
    searched, fresh = (np.mean([getattr(p, which) for p in picked]) for which in ("searched", "fresh"))
    assert searched > 0.56
    assert fresh == pytest.approx(0.5, abs=0.02)
    assert cursed.optimism_interval[0] > 0
    assert "The search flattered them by" in cursed.sentence


def test_on_pure_noise_fresh_intervals_hold_the_truth_where_searched_means_do_not(cursed: PackageSearchResult) -> None:
    covered = [p.interval[0] <= 0.5 <= p.interval[1] for p in cursed.packages]
    assert np.mean(covered) >= 0.8
    assert np.mean([p.interval[0] <= p.searched <= p.interval[1] for p in cursed.front]) < 0.5


def test_on_pure_noise_membership_of_the_front_is_said_to_be_unsure(cursed: PackageSearchResult) -> None:
    assert min(p.membership for p in cursed.front) < 0.5
    assert cursed.nothing.membership == 1


def test_weights_are_the_users_and_turn_the_front_round() -> None:
    dear = [PricedLever("strong", 0, 1, 9.0), WEAK]
    packages = search_packages(simulate, dear, AIM, WORLDS, FRESH, SMALL)
    assert packages.front[1].settings["weak"] > 0 == packages.front[1].settings["strong"]


def test_a_lever_without_a_cost_is_refused() -> None:
    with pytest.raises(TypeError, match="cost"):
        PricedLever("strong", 0, 1)  # type: ignore[call-arg]


def test_disturbance_counts_as_cost() -> None:
    aim = PackageAim("kept", 1, disturbance={"stress": 10.0})
    packages = search_packages(simulate, [STRONG, WEAK], aim, WORLDS, FRESH, SMALL)
    full = max(packages.packages, key=lambda p: p.cost)
    assert full.settings == {"strong": 1, "weak": 1}
    assert full.cost == pytest.approx(12)
    assert packages.front[1].settings["strong"] == 0


def test_less_can_be_better() -> None:
    def harm(points: Points, seeds: Seeds) -> Outcomes:
        return {"harm": 1 - simulate(points, seeds)["kept"]}

    packages = search_packages(harm, [STRONG, WEAK, USELESS], PackageAim("harm", -1), WORLDS, FRESH, SMALL)
    assert list_front(packages) == known_front(packages.lattice.steps)
    assert packages.cheapest(0.5) is not None
    assert packages.cheapest(0.05) is None


def test_a_budget_holds_and_buys_finer_steps() -> None:
    levers = [STRONG, WEAK, USELESS]
    whole, part = find_finest_lattice(levers, np.inf, 300), find_finest_lattice(levers, 1.0, 300)
    assert part.steps > whole.steps
    assert len(part.packages()) <= 300
    packages = search_packages(simulate, levers, AIM, WORLDS, FRESH, PackageSearch(budget=1.0, most=300, times=20))
    assert max(p.cost for p in packages.packages) == pytest.approx(1.0)


def test_two_levers_without_a_budget_make_441_packages() -> None:
    assert len(find_finest_lattice([STRONG, WEAK], np.inf, 1_000).packages()) == 441


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=30))
def test_who_is_not_beaten_agrees_with_the_definition(pairs: list[tuple[int, int]]) -> None:
    gains, costs = np.array(pairs, float).T
    beaten = [any(g >= a and c <= b and (g, c) != (a, b) for g, c in pairs) for a, b in pairs]
    assert find_non_dominated(gains, costs).tolist() == [not x for x in beaten]


def test_differences_in_the_last_digit_beat_nobody() -> None:
    assert find_non_dominated(np.array([0.3, 0.1 + 0.2]), np.array([1.0, 2.0])).tolist() == [True, False]


def test_failed_worlds_are_left_out_under_all_packages_and_counted() -> None:
    def sometimes(points: Points, seeds: Seeds) -> Outcomes:
        made = simulate(points, seeds)["kept"]
        return {"kept": np.where((seeds % 20 == 0) & (points["strong"] > 0.9), np.nan, made)}

    packages = search_packages(sometimes, [STRONG, WEAK], AIM, WORLDS, FRESH, SMALL)
    assert packages.failed == 6
    assert packages.futures == packages.fresh == 57


def test_progress_counts_runs_of_the_search_and_then_of_the_second_scoring(enumerated: PackageSearchResult) -> None:
    reports: list[tuple[int, int]] = []
    search_packages(
        simulate,
        [STRONG, WEAK, USELESS],
        AIM,
        WORLDS,
        FRESH,
        SMALL,
        progress=lambda done, total: reports.append((done, total)),
    )
    searched = enumerated.tried * 60
    assert reports[enumerated.tried - 1] == (searched, searched)
    assert reports[-1] == (len(enumerated.packages) * 60,) * 2


def test_a_table_has_a_row_a_package_cheapest_first(enumerated: PackageSearchResult) -> None:
    frame = enumerated.to_frame()
    assert frame["cost"].is_monotonic_increasing
    assert frame.loc[0, ["strong", "weak", "useless"]].tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    ("levers", "aim", "words"),
    [
        ([], AIM, "no levers"),
        ([STRONG, STRONG], AIM, "occurs twice: strong"),
        ([STRONG, PricedLever("effect", 0, 1, 1.0)], AIM, "effect cannot be both"),
        ([USELESS, WEAK], PackageAim("stress", 1), "no package moves stress"),
        ([STRONG, WEAK], PackageAim("joy", 1), "no outcome 'joy'"),
        ([STRONG, WEAK], PackageAim("kept", 0), "say \\+1"),
    ],
)
def test_searches_that_make_no_sense_are_refused(levers: list[PricedLever], aim: PackageAim, words: str) -> None:
    def held(points: Points, seeds: Seeds) -> Outcomes:
        return simulate({"strong": np.zeros(len(seeds)), **points}, seeds)

    with pytest.raises(ValueError, match=words):
        search_packages(held, levers, aim, WORLDS, FRESH, SMALL)


def test_levers_that_go_nowhere_or_pay_their_user_are_refused() -> None:
    with pytest.raises(ValueError, match="both 1"):
        PricedLever("x", 1, 1, 1.0)
    with pytest.raises(ValueError, match="cost of -1"):
        PricedLever("x", 0, 1, -1.0)


def test_fresh_worlds_that_the_search_has_met_are_refused() -> None:
    with pytest.raises(ValueError, match="10 fresh futures have seeds that the search has used"):
        search_packages(simulate, [STRONG], AIM, WORLDS, sample_futures([EFFECT], 60, seed=0, first=50))


def test_too_many_packages_are_refused_with_ways_out() -> None:
    with pytest.raises(ValueError, match="lower the budget, or evolve"):
        find_finest_lattice([STRONG, WEAK, USELESS], np.inf, 7)
    with pytest.raises(ValueError, match="too many to list"):
        PackageLattice((STRONG, WEAK, USELESS), 99).packages()
