"""Answers say which years they are over, and where one of the policies begins later than these."""

from __future__ import annotations

import pytest

import simulator as rf

pytestmark = pytest.mark.interface

EARLY = rf.load_scenario("ringfence").starting("2026/27 Q3")


def test_an_answer_over_years_before_one_of_its_policies_begins_says_so() -> None:
    words = "“Stronger leadership” changes nothing before 2027/28, but the years begin with the first change, 2026/27"
    answers = [
        rf.compare(EARLY, "leadership", n=20),
        rf.robustness([EARLY, "leadership"], draws=20, replicates=1),
        rf.variance_split(EARLY, "leadership", draws=20, replicates=2),
        rf.evppi([EARLY, "leadership"], ["plan_base"], draws=120, replicates=1),
        rf.evsi("retained of 2 boards, 2022/23", scenarios=(EARLY, "leadership"), draws=120, replicates=1),
    ]
    assert [answer.question for answer in answers if words not in str(answer)] == []


def test_an_answer_over_years_in_which_all_have_begun_says_nothing_of_it() -> None:
    silent = [
        rf.compare(EARLY, "leadership", n=20, years="2027/28"),
        rf.compare(EARLY, "baseline", n=20),
        rf.compare("ringfence", "leadership", n=20),
        rf.robustness(["ringfence", "baseline"], draws=20, replicates=1),
    ]
    assert [answer.question for answer in silent if "changes nothing before" in str(answer)] == []


def test_results_take_the_years_from_their_first_change_as_the_docstring_says() -> None:
    futures = rf.draw_futures(100, seed=3)
    early, late = rf.run(EARLY, futures=futures), rf.run("leadership", futures=futures)
    assert rf.main_effects(early, late, over=["plan_base"]).to_frame()["years"][0] == "2026/27-2029/30"
    named = rf.main_effects(EARLY, "leadership", over=["plan_base"], draws=100, replicates=1)
    assert named.to_frame()["years"][0] == "2027/28-2029/30"
    assert "of results, those from their first change on" in " ".join(str(rf.pawn.__doc__).split())
