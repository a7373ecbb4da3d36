from __future__ import annotations

import numpy as np
import pytest

from simulator.experiments.core.model_protocol import Outcomes, Points, Seeds
from simulator.experiments.core.paired_difference import PairedDifference
from simulator.experiments.core.sweep import ListedDesign, SweepTable, collect_tables, sweep
from simulator.experiments.sensitivity.rank_stability import check_rank_stability

pytestmark = pytest.mark.experiments


def toy(points: Points, seeds: Seeds) -> Outcomes:
    lever = points.get("lever", np.zeros(len(seeds)))
    return {"y": points["x"] * (1 + lever) + seeds % 11}


POINTS, SEEDS = {"x": np.array([1.0, 2.0, 3.0]), "lever": np.array([0.0, 1.0, 0.5])}, np.array([4, 5, 6])


def test_one_policy_less_itself_is_exactly_nothing() -> None:
    assert (PairedDifference(toy, toy)(POINTS, SEEDS)["y"] == 0).all()


def test_a_factor_of_the_policy_alone_is_moved_on_one_side_and_luck_cancels() -> None:
    assert PairedDifference(toy, toy, frozenset({"lever"}))(POINTS, SEEDS)["y"].tolist() == [0.0, 2.0, 1.5]


def test_a_list_of_rows_is_a_design_that_a_sweep_runs_in_any_chunks() -> None:
    whole, parts = (collect_tables(sweep(toy, ListedDesign(POINTS, SEEDS), chunk=chunk)) for chunk in (3, 2))
    assert whole.column("y").tolist() == parts.column("y").tolist() == toy(POINTS, SEEDS)["y"].tolist()


def test_an_outcome_named_as_a_factor_keeps_both_columns_in_a_frame() -> None:
    frame = SweepTable({"a": np.array([1.0])}, np.array([7]), {"a": np.array([2.0])}).to_frame()
    assert frame.to_dict("records") == [{"a": 1.0, "seed": 7, "outcome_a": 2.0}]


WHOLE = {"a": 0.5, "b": -0.4, "c": 0.1, "d": 0.0}


def test_an_order_that_half_of_the_rows_show_too_has_settled() -> None:
    rank_stability = check_rank_stability(WHOLE, {"a": 0.3, "b": -0.6, "c": 0.2, "d": 0.1}, ["b", "a"], 100, "draws")
    assert rank_stability.leaders == ("a", "b")
    assert rank_stability.settled
    assert rank_stability.sentence == "The 2 leading factors also lead on half of the 100 draws."


def test_an_order_that_half_of_the_rows_do_not_show_has_not_settled() -> None:
    rank_stability = check_rank_stability(WHOLE, {"a": 0.3, "b": 0.0, "c": 0.2, "d": 0.1}, ["a", "b"], 100, "draws")
    assert not rank_stability.settled
    assert rank_stability.sentence.startswith("Not settled: on half of the 100 draws “b” does not lead")


def test_without_a_factor_clear_of_noise_nothing_has_settled() -> None:
    rank_stability = check_rank_stability(WHOLE, WHOLE, [], 100, "walks")
    assert not rank_stability.settled
    assert "No factor stands out from noise" in rank_stability.sentence
