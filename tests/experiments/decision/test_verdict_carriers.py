"""What carries a verdict: a planted number is found, and one that carries nothing is not named."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from simulator.common.arrays import Floats
from simulator.declarations.outcomes import OUTCOMES
from simulator.experiments.core.averaged_comparison import average_comparisons
from simulator.experiments.core.paired_comparison import Comparison, compare_paired
from simulator.experiments.decision.verdict_carriers import (
    FEWEST_OF_WAY,
    HIGHEST,
    LOWEST,
    STRUCTURE,
    find_carriers,
    find_critical_value,
    widen_for_few,
)
from simulator.studies.reversed_structures import split_ways

N = 1_000
SEEDS = 200
NOMINAL = 18
"""Where 5 in 100 seeds name one by chance, 200 of them are this many or fewer in 99 of 100 tests."""


def compare(difference: Floats, outcome: str = "retained") -> Comparison:
    return compare_paired(
        difference,
        np.zeros(len(difference)),
        about=OUTCOMES[outcome],
        names=("new", "old"),
        years=("2027/28", "2029/30"),
        badge="",
    )


def noise(seed: int, names: int = 30, n: int = N) -> dict[str, Floats]:
    rng = np.random.default_rng(seed)
    return {f"idle_{k}": rng.random(n) for k in range(names)}


def test_a_planted_number_that_turns_the_verdict_is_found_with_its_end_and_edge() -> None:
    rng = np.random.default_rng(1)
    planted = rng.random(N)
    difference = 0.10 - 0.25 * planted**4 + 0.02 * rng.standard_normal(N)
    comparison = compare(difference)
    assert comparison.settled == 1
    result = find_carriers(comparison, difference, {**noise(2), "planted": planted})
    assert [carrier.name for carrier in result.carriers] == ["planted"]
    carrier = result.carriers[0]
    assert (carrier.kind, carrier.turns) == (HIGHEST, -1)
    top = planted >= np.sort(planted)[-N // 5]
    assert carrier.edge == planted[top].min()
    assert carrier.difference == pytest.approx(difference[top].mean())
    assert carrier.better == pytest.approx((difference[top] > 0).mean())


def test_a_number_that_moves_the_difference_without_turning_it_is_not_named() -> None:
    rng = np.random.default_rng(3)
    planted = rng.random(N)
    difference = 0.10 + 0.05 * planted + 0.02 * rng.standard_normal(N)
    result = find_carriers(compare(difference), difference, {**noise(4), "planted": planted})
    assert result.looked and not result.carriers
    assert result.parameters == 31


def test_numbers_without_an_effect_are_hardly_ever_named() -> None:
    named = 0
    for seed in range(100):
        difference = 0.02 + 0.2 * np.random.default_rng(seed).standard_normal(N)
        named += bool(find_carriers(compare(difference), difference, noise(1_000 + seed)).carriers)
    assert named <= 12  # 5 are expected at most


def draw_skewed(rng: np.random.Generator, n: int, mean: float = 0.0) -> Floats:
    """Differences as skewed as those of policies are: a skewness of 2."""
    return mean + 0.05 * (rng.exponential(1, n) - 1)


@pytest.mark.parametrize("n", [16, 40, 80])
@pytest.mark.parametrize("mean", [0.0, 0.02])
def test_ways_to_write_the_model_that_differ_by_chance_alone_are_hardly_ever_named(n: int, mean: float) -> None:
    """Twenty-one ways in each of many seeds: their true difference is that of the model as specified, so that nothing
    turns; or it is none, so that the verdict fades, and no way turns it to the other side.
    """
    named = 0
    for seed in range(SEEDS):
        rng = np.random.default_rng([seed, n])
        difference = draw_skewed(rng, N, 0.02)
        ways = {f"way_{k}": compare(draw_skewed(rng, n, mean)) for k in range(21)}
        found = find_carriers(compare(difference), difference, {}, ways).carriers
        named += any(mean > 0 or carrier.turns for carrier in found)
    assert named <= NOMINAL


@pytest.mark.parametrize("n", [16, 40, 80])
def test_ways_are_hardly_ever_said_to_be_the_other_way_round_by_chance(n: int) -> None:
    named = 0
    for seed in range(SEEDS):
        rng = np.random.default_rng([seed, n])
        ways = {f"way_{k}": compare(rng.choice([-1, 1]) * draw_skewed(rng, n)) for k in range(21)}
        like, each = compare(draw_skewed(rng, N, 0.02)), dict.fromkeys(ways, 1 / 21)
        averaged = average_comparisons(ways, {k: np.zeros(n) for k in ways}, each, "", dict.fromkeys(ways, ""), {})
        named += bool(split_ways(averaged, like).behind)
    assert named <= NOMINAL


def test_a_way_with_too_few_futures_is_not_looked_at_and_is_counted() -> None:
    rng = np.random.default_rng(12)
    difference = 0.05 + 0.02 * rng.standard_normal(N)
    ways = {"few": compare(-0.04 + 0.001 * rng.standard_normal(FEWEST_OF_WAY - 1))}
    found = find_carriers(compare(difference), difference, {}, ways)
    assert (found.carriers, found.structures, found.too_few, found.looked) == ((), 0, 1, False)


def test_a_verdict_fades_only_under_a_way_that_differs_from_the_whole_beyond_chance() -> None:
    rng = np.random.default_rng(13)
    difference = 0.02 + 0.02 * rng.standard_normal(N)
    spread = rng.standard_normal(80)
    spread = (spread - spread.mean()) / spread.std()
    for error, named in ((0.1, False), (0.01, True)):
        ways = {"fading": compare(0.001 + error * spread)}
        assert bool(find_carriers(compare(difference), difference, {}, ways).carriers) == named


def test_the_interval_allows_for_few_sets_as_students_t_does() -> None:
    for looks in (1, 21, 200):
        z = find_critical_value(looks)
        for sets in (16, 40, 200):
            exact = stats.t.ppf(stats.norm.cdf(z), sets - 1)
            assert widen_for_few(z, sets) == pytest.approx(exact, rel=5e-3 if sets < 40 else 2e-4)


def test_a_verdict_that_only_fades_says_neither_and_one_that_is_lost_to_noise_is_not_named() -> None:
    rng = np.random.default_rng(5)
    planted = rng.random(N)
    difference = np.where(planted < 0.2, 0.0, 0.08) + 0.02 * rng.standard_normal(N)
    fading = find_carriers(compare(difference), difference, {"planted": planted}).carriers
    assert [(carrier.kind, carrier.turns) for carrier in fading] == [(LOWEST, 0)]
    wide = 0.03 + 0.4 * rng.standard_normal(N)  # a fifth of it is not settled, but for want of futures
    assert not find_carriers(compare(wide), wide, {"planted": planted}).carriers


def test_a_structure_that_says_otherwise_is_named_and_one_that_agrees_is_not() -> None:
    rng = np.random.default_rng(6)
    difference = 0.05 + 0.02 * rng.standard_normal(N)
    structures = {
        "agrees": compare(0.03 + 0.02 * rng.standard_normal(80)),
        "differs": compare(-0.04 + 0.02 * rng.standard_normal(80)),
    }
    carriers = find_carriers(compare(difference), difference, {}, structures).carriers
    assert [(carrier.kind, carrier.name, carrier.turns) for carrier in carriers] == [(STRUCTURE, "differs", -1)]


def test_where_less_is_better_the_turn_is_to_worse_when_the_outcome_rises() -> None:
    name = next(name for name, outcome in OUTCOMES.items() if outcome.better < 0)
    rng = np.random.default_rng(7)
    planted = rng.random(N)
    difference = -0.1 + 0.4 * (planted > 0.8) + 0.02 * rng.standard_normal(N)
    carrier = find_carriers(compare(difference, name), difference, {"planted": planted}).carriers[0]
    assert (carrier.kind, carrier.turns) == (HIGHEST, -1)
    assert carrier.difference > 0
    assert carrier.better < 0.05


def test_the_order_of_rows_does_not_matter() -> None:
    rng = np.random.default_rng(8)
    planted = rng.random(N)
    difference = 0.10 - 0.25 * planted**4 + 0.02 * rng.standard_normal(N)
    columns = {**noise(9), "planted": planted}
    order = rng.permutation(N)
    shuffled = {name: column[order] for name, column in columns.items()}
    first = find_carriers(compare(difference), difference, columns).carriers[0]
    second = find_carriers(compare(difference[order]), difference[order], shuffled).carriers[0]
    assert (first.name, first.kind, first.edge, first.better) == (second.name, second.kind, second.edge, second.better)
    assert first.difference == pytest.approx(second.difference, rel=1e-12)


def test_too_few_futures_are_not_screened() -> None:
    difference = 0.05 + 0.02 * np.random.default_rng(10).standard_normal(499)
    assert not find_carriers(compare(difference), difference, noise(11, n=499)).looked
