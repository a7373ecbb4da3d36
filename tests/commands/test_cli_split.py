"""`split`: shares of luck and parameters that add up, for a difference and for a level."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from cli_runs import MISSPELT, bad, document, good

from simulator.experiments.sensitivity.variance_split import split_variance
from simulator.scenarios.scenario import load_scenario
from simulator.studies import samples
from simulator.studies.model_function import ModelFunction

pytestmark = pytest.mark.interface

FEW = ("--draws", "12", "--lucks", "3")


def test_luck_and_parameters_make_up_the_whole() -> None:
    answer = document("split", "ringfence", *FEW)
    for part in (answer["difference"], answer["level"]):
        assert part["luck_share"]["value"] + part["parameter_share"]["value"] == pytest.approx(1, abs=1e-12)
        total = part["luck"]["value"] + part["parameters"]["value"]
        assert part["luck"]["value"] / total == pytest.approx(part["luck_share"]["value"])
        assert (part["draws"], part["runs_a_draw"]) == (12, 3)


def test_the_numbers_are_those_of_the_library() -> None:
    worlds = samples.sample(12, 3, 20240323)
    new, old = (
        ModelFunction(load_scenario(name), ("spent",))(worlds.points, worlds.seeds)["spent"]
        for name in ("ringfence", "baseline")
    )
    same = split_variance(new - old, worlds.draws)
    answer = document("split", "ringfence", *FEW, "--outcome", "spent")
    assert answer["difference"]["luck"]["value"] == pytest.approx(same.chance.value, rel=1e-12)
    assert answer["years"] == ["2027/28", "2029/30"]


def test_shared_luck_makes_luck_a_smaller_part_of_the_difference_than_of_the_level() -> None:
    answer = document("split", "committee", "--draws", "40", "--lucks", "4")
    assert answer["difference"]["luck"]["value"] < answer["level"]["luck"]["value"] / 5


def test_a_policy_compared_with_itself_has_no_difference_to_split() -> None:
    assert document("split", "baseline", *FEW)["difference"] is None
    output = good("split", "baseline", "--against", "no-letter", *FEW, "--outcome", "deficits", "--years", "2022/23")
    assert "the same result in every run" in output


def test_the_answer_says_what_is_noise_and_what_is_in_neither_part() -> None:
    text = good("split", "ringfence", *FEW)
    assert text.startswith("Chance makes up")
    assert "Intervals are noise" in text
    assert "is in neither" in text
    assert "12 parameter draws with 3 replicates each, seed 20240323" in text


def test_csv_has_a_row_for_each_part_of_each_split() -> None:
    rows = list(csv.DictReader(io.StringIO(good("split", "ringfence", *FEW, "--csv"))))
    assert [(row["of"], row["source"]) for row in rows] == [
        ("difference", "luck"),
        ("difference", "parameters"),
        ("level", "luck"),
        ("level", "parameters"),
    ]
    assert np.isfinite([float(row["variance"]) for row in rows]).all()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--lucks", "1"), "give --replicates 2 or more"),
        (("--draws", "9000"), "the posterior holds 8,000 draws"),
        (("--source", "default"), "ask for posterior or prior"),
        MISSPELT,
        (("--years", "2031/32"), "there is no year"),
    ],
)
def test_what_cannot_be_split_ends_with_code_1_and_says_why(words: tuple[str, ...], message: str) -> None:
    assert message in bad("split", "ringfence", *words)
