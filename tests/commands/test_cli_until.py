"""`compare --until`: the answer of `compare`, with as many futures as it takes, and what it says of why it stopped."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from cli_runs import bad, document, good

from simulator.reports.policy_comparison import compare
from simulator.runs.futures import draw_futures
from simulator.runs.run import run
from simulator.studies.future_differences import FutureDifferences

pytestmark = pytest.mark.interface

FEW = ("--most", "24")


def test_it_gives_what_compare_gives_in_as_many_futures() -> None:
    answer = document("compare", "leadership", "--until", "0.0001", "--precise", *FEW)
    same = compare("leadership", n=24)
    assert answer["futures"] == 24
    assert answer["difference"] == pytest.approx(same.difference, abs=1e-12)
    assert (answer["better"], answer["same"], answer["worse"]) == (same.better, same.same, same.worse)
    assert tuple(answer["years"]) == same.years


def test_batches_continue_the_same_row_of_futures() -> None:
    ask = FutureDifferences("ringfence", "leadership", "raided")
    whole = run("ringfence", 12).outcome("raided", "2027/28-") - run("leadership", 12).outcome("raided", "2027/28-")
    assert np.array_equal(np.concatenate([ask(0, 5), ask(5, 7)]), whole)
    assert ask.years == ("2027/28", "2029/30")


def test_a_settled_sign_ends_it_unless_that_is_not_enough() -> None:
    words = ("compare", "ringfence-audited", "--until", "0.0001", "--most", "60")
    early = document(*words)
    assert (early["stopped"], early["settled"]) == ("the sign is settled", 1)
    late = document(*words, "--precise")
    assert (late["stopped"], late["futures"]) == ("the largest number was reached", 60)
    assert "would take more versions of the model than the 6,894 that there are" in late["sentence"]
    coarse = document("compare", "ringfence-audited", "--until", "0.02", "--most", "60", "--precise")
    assert "would take about" in coarse["sentence"]


def test_an_interval_as_narrow_as_asked_ends_it() -> None:
    answer = document("compare", "leadership", "--until", "0.2", "--precise", "--most", "200")
    assert answer["stopped"] == "the interval is as narrow as asked"
    low, high = answer["interval"]
    assert high - low <= 0.4


def test_it_says_first_what_was_found_and_why_it_stopped_and_then_how_it_was_made() -> None:
    text = good("compare", "ringfence-audited", "--until", "0.01", "--most", "60")
    first, *rest = text.splitlines()
    assert "is better than “Today's rules” on average" in first
    assert "60 futures were run: the sign is settled." in first
    assert "holds at all looks together" in text
    assert draw_futures(1).badge in rest[-1]


def test_csv_has_one_row_a_look_with_the_numbers_of_json() -> None:
    words = ("compare", "leadership", "--until", "0.001", *FEW)
    rows = list(csv.DictReader(io.StringIO(good(*words, "--csv"))))
    assert [float(row["mean"]) for row in rows] == [look["mean"] for look in document(*words)["looks"]]
    assert {row["seed"] for row in rows} == {"20240323"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("leadership", "ringfence"), "name one scenario"),
        ((), "name one scenario"),
        (("baseline",), "would be compared with itself"),
        (("leadership", "-n", "50"), "give --most"),
        (("leadership", "--outcome", "retaind"), "did you mean 'retained'?"),
        (("leadership", "--years", "2031/32"), "2022/23 to 2029/30"),
    ],
)
def test_what_cannot_be_asked_ends_with_code_1_and_says_why(words: tuple[str, ...], message: str) -> None:
    assert message in bad("compare", *words, "--until", "0.01")


def test_a_half_width_of_nothing_is_refused() -> None:
    assert "cannot be reached" in bad("compare", "leadership", "--until", "0")


@pytest.mark.parametrize("alone", [("--most", "20"), ("--precise",)])
def test_options_of_until_are_not_passed_over_without_it(alone: tuple[str, ...]) -> None:
    assert "--most and --precise go with --until" in bad("compare", "ringfence", *alone)


@pytest.mark.parametrize("width", ["1", "10", "100%"])
def test_a_half_width_of_points_is_not_taken_for_a_share(width: str) -> None:
    assert "is no share; write 1 point as 0.01 or 1%" in bad("compare", "ringfence", "--until", width)
