"""Futures: drawn, given, taken apart, told from one another."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from simulator.declarations.parameters import PARAMETERS
from simulator.runs.futures import Futures, draw_futures, given_futures
from simulator.runs.run import run

pytestmark = pytest.mark.results


def test_a_table_of_parameters_becomes_futures_with_defaults_where_it_is_silent() -> None:
    futures = given_futures({"pull_chief": [1.0, 5.0], "habit": [0.0, 2.0]})
    table = futures.to_frame()
    assert list(table.pull_chief) == [1.0, 5.0]
    assert list(table.habit) == [0.0, 2.0]
    assert set(table.plan_base) == {PARAMETERS["plan_base"].default}
    assert list(futures.runs) == [0, 1]
    assert futures.badge == "parameters given by the user"


def test_drawn_futures_survive_a_round_trip_through_a_data_frame() -> None:
    drawn = draw_futures(20, seed=7)
    again = given_futures(drawn.to_frame(), seed=7)
    assert again.points.tobytes() == drawn.points.tobytes()
    assert run("both", futures=again).nation.tobytes() == run("both", futures=drawn).nation.tobytes()


def test_rows_can_share_the_luck_of_one_run_and_then_equal_rows_give_equal_results() -> None:
    results = run(futures=given_futures(pd.DataFrame({"pull_chief": [2.0, 2.0, 6.0]}), run=5))
    assert results.nation[0].tobytes() == results.nation[1].tobytes() != results.nation[2].tobytes()


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"pull_chef": [1.0]}, "did you mean 'pull_chief'"),
        ({"pull_chief": [1.0, 99.0]}, "pull_chief = 99.0 is outside -12 to 12"),
        ({"pull_chief": [1.0, np.nan]}, "blank values in pull_chief"),
        ({"pull_chief": [1.0, 2.0], "habit": [1.0]}, "same number of rows"),
        ({}, "is empty; give a column for each parameter"),
        ({"pull_chief": []}, "is empty"),
        ({"pull_chief": ["much"]}, "pull_chief, row 0: 'much' is not a number"),
        ({"pull_chief": [[1.0, 2.0]]}, "each row holds several values"),
        (5, "a table of parameters is a data frame or a mapping"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_by_name(table: dict[str, list[float]], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        given_futures(table)


def test_futures_asked_for_in_pieces_are_those_asked_for_at_once() -> None:
    whole, piece = draw_futures(30, seed=3), draw_futures(10, seed=3, first=20)
    assert piece.points.tobytes() == whole.points[20:].tobytes()
    assert list(piece.runs) == list(range(20, 30))
    assert piece.fingerprint == whole.part(20, 30).fingerprint != whole.fingerprint


def test_the_numbers_that_a_fingerprint_stands_for_cannot_be_written_to() -> None:
    drawn = draw_futures(5, seed=7)
    results = run("ringfence", futures=drawn, detail=True)
    for held in (drawn.points, drawn.runs, results.nation, results.areas):
        assert held is not None
        with pytest.raises(ValueError, match="read-only"):
            held[0] = held[1]


@pytest.mark.parametrize(
    "again", [copy.copy, copy.deepcopy, lambda drawn: pickle.loads(pickle.dumps(drawn))], ids=["copy", "deep", "pickle"]
)
def test_copies_of_futures_cannot_be_written_to_either(again: Callable[[Futures], Futures]) -> None:
    drawn = draw_futures(5, seed=7)
    copied = again(drawn)
    for numbers in (copied.points, copied.runs):
        with pytest.raises(ValueError, match="read-only"):
            numbers[0] = numbers[1]
    assert copied.fingerprint == drawn.fingerprint
