"""What carries a verdict: a planted number is found, and one that carries nothing is not named."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.common.arrays import Floats
from simulator.declarations.outcomes import OUTCOMES
from simulator.experiments.core.paired_comparison import Comparison, compare_paired
from simulator.experiments.decision.verdict_carriers import HIGHEST, LOWEST, STRUCTURE, find_carriers

N = 1_000


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
