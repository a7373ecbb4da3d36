"""Robustness: regret by hand, satisficing, ranks, and what structures disagree about."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.common.units import Unit
from simulator.experiments.decision import robustness as robustness_method
from simulator.experiments.decision.robustness import Robustness, assess_robustness, compute_regret

pytestmark = pytest.mark.experiments

KNOWN = {"first": [12, 8, 3], "second": [9, 9, 6], "third": [5, 7, 8]}


def test_regret_is_what_the_best_policy_of_each_world_would_have_gained() -> None:
    regret = compute_regret(KNOWN, better=1)
    assert [column.tolist() for column in regret.values()] == [[0, 1, 5], [3, 0, 2], [7, 2, 0]]


def test_minimax_regret_picks_the_policy_with_the_smallest_largest_regret() -> None:
    robustness = assess_robustness(KNOWN, better=1)
    assert robustness.minimax_regret.policy == "second"
    assert [s.worst_regret for s in robustness.standings] == [5, 3, 7]
    assert robustness.minimax_regret.policy == "second"


def test_fewer_than_a_hundred_states_are_counted_out_of_all_of_them() -> None:
    few, many = ({"a": np.arange(n), "b": 9 - np.arange(n)} for n in (8, 800))
    counted = assess_robustness(few, better=1, threshold=2), assess_robustness(many, better=1, threshold=2)
    assert [found.high_frequency for found in counted] == ["7 of 8", "90 of 100"]
    assert "of 100" not in counted[0].sentence and "in 8 of 8 futures" in counted[0].sentence
    assert "in 99 of 100 futures" in counted[1].sentence


def test_the_wrong_direction_of_good_gives_another_answer() -> None:
    assert [s.worst_regret for s in assess_robustness(KNOWN, better=-1).standings] == [7, 4, 5]
    losses = {name: [-x for x in column] for name, column in KNOWN.items()}
    assert [s.worst_regret for s in assess_robustness(losses, better=-1).standings] == [5, 3, 7]


@given(st.lists(st.lists(st.integers(-99, 99), min_size=3, max_size=3), min_size=2, max_size=12), st.integers(-50, 50))
def test_regret_is_never_negative_and_ignores_what_all_policies_share(rows: list[list[int]], shift: int) -> None:
    table = dict(zip("abc", np.array(rows, float).T, strict=True))
    regret = np.array(list(compute_regret(table, 1).values()))
    shifted = compute_regret({name: column + shift for name, column in table.items()}, 1)
    assert regret.min() >= 0
    assert (regret.min(axis=0) == 0).all()
    assert np.array_equal(regret, np.array(list(shifted.values())))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(robustness_method, "TIMES", 9)  # of intervals, of which nothing is claimed here
        robustness = assess_robustness(table, better=1)
    assert sum(s.best.estimate for s in robustness.standings) == pytest.approx(1)
    assert np.mean([s.mean_rank for s in robustness.standings]) == pytest.approx(2)


def test_satisficing_counts_worlds_that_meet_the_threshold_in_either_direction() -> None:
    up, down = (assess_robustness(KNOWN, better=sign, threshold=8) for sign in (1, -1))
    assert [round(s.meets.estimate * 3) for s in up.standings if s.meets] == [2, 2, 1]
    assert [round(s.meets.estimate * 3) for s in down.standings if s.meets] == [2, 1, 3]
    assert "“first” and “second”: in 2 of 3 futures" in up.sentence
    assert assess_robustness(KNOWN, better=1)["first"].meets is None


def lucky(n: int, replicates: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Policy b is better by 1 in every draw; luck of s.d. 3 falls on each policy by itself."""
    rng, draws = np.random.default_rng(1), np.repeat(np.arange(n), replicates)
    return {"a": 3 * rng.normal(size=n * replicates), "b": 1 + 3 * rng.normal(size=n * replicates)}, draws


def test_averages_over_luck_take_luck_out_of_regret_where_single_runs_leave_it_in() -> None:
    table, draws = lucky(200, 100)
    averaged, single = assess_robustness(table, better=1, draws=draws), assess_robustness(table, better=1)
    assert averaged["b"].mean_regret < 0.02
    assert single["b"].mean_regret > 1
    assert averaged["b"].best.estimate > 0.95 > 0.7 > single["b"].best.estimate
    assert "foreseen" in single.sentence
    assert "foreseen" not in averaged.sentence
    assert (averaged.states, averaged.futures, averaged.replicates) == (200, 20_000, 100)


def structures() -> Robustness:
    """Under one structure a is better, under the other b, and the draws are the same."""
    rng = np.random.default_rng(2)
    level, sign = np.tile(rng.normal(size=100), 2), np.repeat([1.0, -1.0], 100)
    table = {"a": level + 0.2 * sign + 0.1 * rng.normal(size=200), "b": level}
    return assess_robustness(
        table,
        better=1,
        draws=np.tile(np.arange(100), 2),
        structures=["habit"] * 100 + ["trust"] * 100,
        unit=Unit.SHARE,
    )


def test_each_structure_has_its_own_best_and_the_sentence_says_so() -> None:
    robustness = structures()
    assert robustness.best_where == {"habit": ("a",), "trust": ("b",)}
    assert "“a” under habit; “b” under trust" in robustness.sentence
    assert robustness.draws == 100
    assert robustness.states == 200


def test_a_table_has_a_row_for_every_policy_and_structure() -> None:
    frame = structures().to_frame()
    assert frame["structure"].tolist() == ["all"] * 2 + ["habit"] * 2 + ["trust"] * 2
    assert frame.loc[frame.structure == "habit", "in_the_running"].tolist() == [True, False]


def test_policies_that_noise_hides_are_all_said_to_be_in_the_running() -> None:
    rng = np.random.default_rng(3)
    table = {name: rng.normal(size=40) for name in "abc"}
    robustness = assess_robustness(table, better=1)
    assert robustness.in_the_running == ("a", "b", "c")
    assert "Which policy has the best average is not settled" in robustness.sentence


def test_a_clear_winner_is_named_with_its_interval() -> None:
    level = np.random.default_rng(4).normal(size=300)
    robustness = assess_robustness({"a": level, "b": level + 1}, better=1)
    assert robustness.best_on_average.policy == "b"
    assert "“b” has the best average, which is settled (95% confidence)" in robustness.sentence
    assert "how often it is best is another matter: in 100 of 100 states" in robustness.sentence


def test_a_settled_average_and_being_best_in_a_third_of_all_states_are_told_apart() -> None:
    rng = np.random.default_rng(8)
    level = rng.normal(size=400)
    wins = rng.random(400) < 0.32
    robustness = assess_robustness({"a": level, "b": level + np.where(wins, 9.0, -0.5)}, better=1)
    assert robustness.in_the_running == ("b",)
    assert robustness["b"].best.estimate == pytest.approx(0.32, abs=0.05)
    assert "ruled out" not in robustness.sentence


def test_what_leads_is_a_quantile_of_regret_that_more_states_do_not_raise_with_the_largest_second() -> None:
    rng = np.random.default_rng(9)
    regret = rng.pareto(2.5, 20_000)
    sizes = (50, 500, 5_000, 20_000)
    found = [
        assess_robustness({"a": -regret[:n], "b": -regret[:n] - 1.0, "best": 0 * regret[:n]}, better=1)["a"]
        for n in sizes
    ]
    truth = float(np.quantile(regret, 0.9))
    assert all(s.high_interval[0] <= truth <= s.high_interval[1] for s in found)
    assert found[-1].worst_regret > 3 * found[0].worst_regret
    sentence = assess_robustness({"a": -regret[:500], "b": -3 * regret[:500]}, better=1).sentence
    assert sentence.index("in 90 of 100 states") < sentence.index("The furthest that it falls short")


def test_states_with_the_same_parameters_are_no_more_evidence_than_one() -> None:
    rng = np.random.default_rng(10)
    few = {"a": rng.normal(size=60), "b": rng.normal(0.0, 1.0, 60)}
    many = {name: np.tile(column, 30) for name, column in few.items()}
    sets = np.tile(np.arange(60), 30)
    naive, honest = (assess_robustness(many, better=1, sets=own) for own in (None, sets))
    assert naive.in_the_running == ("b",) and honest.in_the_running == ("a", "b")
    assert (naive.draws, honest.draws) == (1_800, 60)
    width = [s["a"].high_interval[1] - s["a"].high_interval[0] for s in (naive, honest)]
    assert width[1] > 3 * width[0]


def test_failed_worlds_are_counted_and_named() -> None:
    table = {"a": [*range(9), np.nan], "b": range(10)}
    robustness = assess_robustness(table, better=1)
    assert robustness.failed == 1
    assert "1 future failed under some policy and was left out" in robustness.sentence


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"better": 0}, "say \\+1"),
        ({"level": 1.0}, "not between 0 and 1"),
        ({"draws": [1, 2]}, "2 labels of draws do not fit 3 futures"),
        ({"structures": ["x"]}, "1 labels of structures"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        assess_robustness(KNOWN, **{"better": 1, **changes})  # type: ignore[arg-type]
