"""Compare until sure: the interval survives optional stopping, the ordinary one does not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from known_functions import FreshSeeds, FunctionModel, stochastic_ishigami
from numpy.typing import NDArray

from simulator.common.arrays import Floats
from simulator.common.units import Unit
from simulator.experiments.core.model_protocol import Factor
from simulator.experiments.decision.sequential_comparison import (
    ComparedPair,
    SequentialComparison,
    StopReason,
    compare_sequentially,
    make_paired_differences,
)
from simulator.experiments.stats.confidence_sequences import LookSchedule, bound_share

pytestmark = pytest.mark.experiments

Draw = Callable[[np.random.Generator, int], Floats]
PLAN = LookSchedule(first=200, most=5_000)
TOY = stochastic_ishigami()


def from_stream(draw: Draw, seed: int) -> Callable[[int, int], Floats]:
    rng = np.random.default_rng(seed)
    return lambda first, n: draw(rng, n)


def misses(draw: Draw, truth: float, times: int, plan: LookSchedule = PLAN) -> float:
    """How often the interval at which a comparison stopped, by its width or its sign, leaves out the truth."""
    missed = 0
    for seed in range(times):
        r = compare_sequentially(from_stream(lambda g, n: draw(g, n) - truth, seed), 0.06, plan=plan)
        missed += not r.thin and not r.interval[0] <= 0 <= r.interval[1]
    return missed / times


def naive_misses(draw: Draw, truth: float, times: int) -> float:
    """The same with the ordinary 95% interval, at which one stops as soon as it settles the sign."""
    missed = 0
    for seed in range(times):
        x = draw(np.random.default_rng(seed), PLAN.most) - truth
        missed += any(abs(x[:n].mean()) > 1.96 * x[:n].std(ddof=1) / np.sqrt(n) for n in PLAN)
    return missed / times


def normal(rng: np.random.Generator, n: int) -> Floats:
    return rng.standard_normal(n)


def skewed(rng: np.random.Generator, n: int) -> Floats:
    return rng.lognormal(0, 1, n)


def rare(rng: np.random.Generator, n: int) -> Floats:
    return (rng.random(n) < 0.005).astype(np.float64)


def compared(mean: float, sd: float = 1.0, half_width: float = 0.05, **pair: object) -> SequentialComparison:
    plan = LookSchedule(first=100, most=20_000)
    words = ComparedPair(new="grants", old="a ring-fence", outcome="money kept", **pair)  # type: ignore[arg-type]
    return compare_sequentially(from_stream(lambda g, n: g.normal(mean, sd, n), 1), half_width, plan=plan, pair=words)


@pytest.mark.parametrize(("draw", "truth"), [(normal, 0.0), (skewed, np.exp(0.5))])
def test_stopping_when_one_pleases_leaves_the_truth_out_less_than_one_time_in_twenty(draw: Draw, truth: float) -> None:
    assert misses(draw, truth, 400) <= 0.05


def test_the_ordinary_interval_looked_at_again_and_again_leaves_the_truth_out_far_more_often() -> None:
    assert naive_misses(normal, 0.0, 400) > 0.15


def test_nothing_stops_while_a_few_worlds_carry_the_whole_difference() -> None:
    assert misses(rare, 0.005, 200) <= 0.05
    rash = LookSchedule(first=PLAN.first, most=PLAN.most, carriers=0.0)
    assert misses(rare, 0.005, 200, rash) > 0.3


def test_a_clear_difference_takes_few_worlds_and_a_small_one_many() -> None:
    clear, small = compared(0.5), compared(0.04)
    assert (clear.stopped, clear.n, clear.settled) == (StopReason.SIGN, 100, 1)
    assert small.n > 20 * clear.n


def test_without_a_difference_it_stops_once_the_interval_is_as_narrow_as_asked() -> None:
    r = compared(0.0, half_width=0.05)
    assert r.stopped is StopReason.NARROW
    assert r.interval[1] - r.interval[0] <= 0.1
    assert r.looks[-2].high - r.looks[-2].low > 0.1
    assert r.settled == 0
    assert "differ by at most" in r.sentence


def test_a_settled_sign_is_not_enough_where_the_size_is_asked_for() -> None:
    draw = from_stream(lambda g, n: g.normal(0.5, 1, n), 1)
    r = compare_sequentially(draw, 0.05, sign_is_enough=False)
    assert r.stopped is StopReason.NARROW
    assert r.settled == 1


def test_at_the_largest_number_it_says_about_how_many_worlds_would_do() -> None:
    r = compare_sequentially(from_stream(normal, 3), 0.01, plan=LookSchedule(first=100, most=400))
    assert (r.stopped, r.n) == (StopReason.MOST, 400)
    assert r.futures_needed == pytest.approx(10 * 1 / 0.01**2, rel=0.3)
    assert "on average is not settled" in r.sentence
    assert "would take about 9" in r.sentence


def test_the_sentence_says_how_large_how_sure_how_often_and_why_it_stopped() -> None:
    sentence = compared(0.2, unit=Unit.SHARE).sentence
    assert sentence.startswith(
        "Grants is better than a ring-fence on average: the average difference in money kept is +£"
    )
    for part in ("95% interval +£", "does better in 5", "of 100 futures (", "the sign is settled"):
        assert part in sentence
    assert "worse" in compared(0.2, better=-1).sentence
    assert "higher" in compared(0.2, better=0).sentence


def test_the_probability_of_being_better_counts_worlds_and_knows_which_way_is_better() -> None:
    r = compared(0.2, better=-1)
    assert r.better + r.same + r.worse == r.n
    assert r.probability_better == pytest.approx(0.42, abs=0.06)
    low, high = r.probability_better_interval
    assert low < 0.4207 < high


def test_policies_that_never_differ_run_to_the_end_and_bound_how_many_worlds_might() -> None:
    r = compare_sequentially(lambda first, n: np.zeros(n), 0.1, plan=LookSchedule(first=50, most=1_000))
    assert (r.stopped, r.n, r.same, r.settled) == (StopReason.MOST, 1_000, 1_000, 0)
    assert "by 0 in all 1,000 futures" in r.sentence
    assert "at most 0.99% of futures differ" in r.sentence


def test_rounding_is_no_difference() -> None:
    r = compare_sequentially(from_stream(lambda g, n: 1e-16 * g.standard_normal(n), 1), 0.1, plan=PLAN)
    assert r.same == r.n


def test_failed_worlds_are_left_out_and_reported() -> None:
    def differences(first: int, n: int) -> Floats:
        world = np.arange(first, first + n)
        return np.where(world % 10 == 0, np.nan, 1.0 + world % 3)

    r = compare_sequentially(differences, 0.5)
    assert (r.n, r.failed) == (180, 20)
    assert r.sentence.endswith("20 futures failed and were left out.")


@pytest.mark.parametrize(
    ("values", "message"),
    [([np.nan, np.nan, 1.0], "futures failed"), ([np.inf, 1.0], "infinite"), ([[1.0, 2.0]], "an array of shape")],
)
def test_useless_differences_are_refused(values: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        compare_sequentially(lambda first, n: np.resize(values, (n, 2) if np.ndim(values) > 1 else n), 0.1)


def test_impossible_requests_are_refused() -> None:
    with pytest.raises(ValueError, match="half-width"):
        compare_sequentially(lambda first, n: np.zeros(n), 0.0)
    with pytest.raises(ValueError, match="first <= most"):
        LookSchedule(first=100, most=50)


def test_every_look_is_reported_and_so_is_progress() -> None:
    heard: list[tuple[int, int]] = []
    r = compare_sequentially(
        from_stream(normal, 1),
        1e-6,
        plan=LookSchedule(first=100, growth=2, most=500),
        sign_is_enough=False,
        progress=lambda done, total: heard.append((done, total)),
    )
    assert heard == [(100, 500), (200, 500), (400, 500), (500, 500)]
    assert list(r.to_frame()["n"]) == [100, 200, 400, 500]


def test_worlds_do_not_depend_on_the_batch_that_asks_for_them() -> None:
    differences = make_paired_differences(TOY.simulate, TOY.factors, ({"spread": 1.0}, {"spread": 0.0}), "y", seed=5)
    assert np.array_equal(differences(0, 30)[10:], differences(10, 20))


def test_shared_luck_needs_far_fewer_worlds_than_fresh_luck() -> None:
    new, old = {"x2": 1.2}, {"x2": 1.0}
    truth = 7 * (np.sin(1.2) ** 2 - np.sin(1.0) ** 2)
    noisy = FunctionModel(TOY.factors, lambda x, seeds: TOY.simulate(x, seeds)["y"] * (1 + 0.01 * x["x1"]))
    factors: tuple[Factor, ...] = tuple(f for f in TOY.factors if f.name != "x2")
    shared, fresh = (
        compare_sequentially(
            make_paired_differences(model, factors, (new, old), "y"),
            0.1,
            sign_is_enough=False,
            plan=LookSchedule(most=4_000),
        )
        for model in (noisy, FreshSeeds(noisy))
    )
    assert shared.interval[0] <= truth <= shared.interval[1]
    assert (shared.n, shared.stopped) == (200, StopReason.NARROW)
    assert (fresh.n, fresh.stopped) == (4_000, StopReason.MOST)


def test_the_interval_of_a_share_is_exact_at_all_looks_together() -> None:
    rng = np.random.default_rng(1)
    looks = [20, 50, 100, 200, 400]
    for share in (0.02, 0.5):
        hits: NDArray[np.int64] = np.cumsum(rng.random((400, 400)) < share, axis=1)
        missed = [
            any(not low <= share <= high for low, high in (bound_share(int(row[n - 1]), n) for n in looks))
            for row in hits
        ]
        assert np.mean(missed) <= 0.05


def test_the_interval_of_a_share_is_symmetrical_and_reaches_the_ends() -> None:
    assert bound_share(0, 100)[0] == 0.0
    assert bound_share(100, 100)[1] == 1.0
    low, high = bound_share(30, 100)
    assert bound_share(70, 100) == pytest.approx((1 - high, 1 - low))
    assert 0.0 < low < 0.3 < high < 1.0
    with pytest.raises(ValueError, match="not a share"):
        bound_share(3, 2)


def test_figures_are_as_fine_as_the_interval_and_no_finer() -> None:
    pair = ComparedPair(unit=Unit.SHARE)
    coarse = compare_sequentially(from_stream(lambda g, n: 0.15 + 0.3 * g.standard_normal(n), 1), 0.06, pair=pair)
    fine = compare_sequentially(
        from_stream(lambda g, n: 0.15 + 0.01 * g.standard_normal(n), 1),
        0.0005,
        plan=PLAN,
        sign_is_enough=False,
        pair=pair,
    )
    assert coarse.format_difference(0.15123) == "+£15.1"
    assert fine.format_difference(0.15123) == "+£15.12"
    assert fine.format_difference(fine.interval[0]) != fine.format_difference(fine.interval[1])


def test_futures_are_called_what_the_pair_calls_them() -> None:
    pair = ComparedPair(cases="worlds")
    sentence = compare_sequentially(
        from_stream(lambda g, n: 1 + 0.1 * g.standard_normal(n), 1), 0.1, pair=pair
    ).sentence
    assert "of 100 worlds" in sentence
    assert "200 worlds were run" in sentence
    assert "futures" not in sentence


def test_too_few_futures_are_not_explained_by_none_that_show_no_difference() -> None:
    def lone(first: int, n: int) -> Floats:
        return np.where(np.arange(first, first + n) == 3, 1_000.0, 1.0)

    r = compare_sequentially(lone, 0.05, plan=LookSchedule(first=50, most=50))
    assert r.thin and r.same == 0
    assert "0 of them show none" not in r.sentence
    assert r.sentence.endswith("about 1 of them carry most of it.")


def test_where_all_futures_failed_there_is_no_rest() -> None:
    with pytest.raises(ValueError, match=r"20 of 20 futures failed: .* is known in none") as caught:
        compare_sequentially(lambda first, n: np.full(n, np.nan), 0.05, plan=LookSchedule(first=20, most=20))
    assert "the rest" not in str(caught.value)
