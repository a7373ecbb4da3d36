"""What an answer says of what it holds: parameters outside `over`, years before a policy, reasons for refusing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import simulator as rf
from simulator.agents.model import HealthSystem
from simulator.common.errors import InputError
from simulator.runs.parameter_sets import UNCERTAIN
from simulator.runs.results import Results

ALL = len(UNCERTAIN)


def test_indices_of_the_priors_say_that_the_other_parameters_keep_their_defaults() -> None:
    held = f"the other {ALL - 1} of {ALL} uncertain parameters keep their defaults"
    few: dict[str, Any] = {"over": ["pull_chief"], "replicates": 1}
    for answer in (
        rf.sobol("ringfence", blocks=32, **few),
        rf.morris("ringfence", walks=4, **few),
        rf.pawn("ringfence", source="prior", draws=100, **few),
        rf.main_effects("ringfence", source="prior", draws=100, **few),
        rf.discover("baseline", below=0.7, points=200, **few),
    ):
        assert held in answer.assumes
    screened = rf.sobol("ringfence", blocks=32)
    assert f"the other {ALL - 20} of {ALL} uncertain parameters keep their defaults" in screened.assumes
    levers = rf.morris("ringfence", over=["audit"], walks=4, replicates=1)
    assert f"all {ALL} uncertain parameters keep their defaults" in levers.assumes
    assert "keep their defaults" not in rf.morris("ringfence", walks=4, replicates=1).assumes


def test_indices_of_the_posterior_say_that_all_parameters_are_drawn_together() -> None:
    answer = rf.pawn("ringfence", over=["pull_chief"], draws=100, replicates=1)
    assert f"all {ALL} uncertain parameters are drawn together, those outside `over` too" in answer.assumes
    assert "drawn together" not in rf.pawn("ringfence", draws=100, replicates=1).assumes


def test_years_before_a_policy_begins_are_said_to_be_so() -> None:
    compared = rf.compare("ringfence", n=100, years="2024/25")
    assert "changes nothing before 2027/28, which is after the years that were asked for" in str(compared)
    assert "changes nothing" not in str(rf.compare("ringfence", n=100, years="2024/25-2027/28"))


def test_policies_that_give_the_same_in_every_state_are_not_called_too_few_futures() -> None:
    answer = rf.robustness(["ringfence", "leadership"], years="2022/23", draws=20, replicates=1)
    assert "give the same in every state: nothing tells them apart" in answer.sentence
    assert "too few futures" not in answer.sentence and "18 of 20" not in answer.sentence
    assert "changes nothing before 2027/28" in answer.assumes


def test_what_a_package_adds_is_paired_with_moving_nothing_and_known_better_than_its_level() -> None:
    table = rf.packages({"audit": 1.0}, {"audit": 2.0}, hold={"ringfence": 1, "waiver": 0}, draws=40, most=3).to_frame()
    assert table["gain"].tolist() == pytest.approx((table["fresh"] - table["fresh"][0]).tolist())
    assert table["gain"][0] == table["gain_low"][0] == table["gain_high"][0] == 0
    assert (table["gain_low"] < table["gain"])[1:].all() and table["gain_low"].iloc[-1] > 0


REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "a year and a quarter": (
        lambda: rf.why("ringfence", run=1, board="QWO", year="2027/28", quarter="2028/29 Q1"),
        "give one of the two",
    ),
    "a lever as a parameter": (lambda: rf.draw_futures(5, settings={"audit": 1}), "but a lever, which a scenario sets"),
    "a lever as a column": (lambda: rf.given_futures({"audit": [1, 0]}), "but a lever, which a scenario sets"),
    "a comma": (lambda: rf.draw_futures(5, settings={"pull_chief": "0,5"}), "settings: pull_chief: '0,5'"),  # type: ignore[dict-item]
    "no number": (lambda: rf.draw_futures(5, settings={"pull_chief": float("nan")}), "settings: pull_chief: nan"),
    "shares as quartiles": (lambda: rf.state_beliefs({"plain": (0.1, 0.2, 0.35)}), r"write \(10, 20, 35\)"),
    "a policy twice": (lambda: rf.robustness(["ringfence", "leadership", "ringfence"]), "given twice: “Ring-fence as"),
    "a factor twice": (lambda: rf.sobol("ringfence", over=["pull_chief", "pull_chief"]), "'pull_chief' is named twice"),
    "an outcome as a factor": (lambda: rf.sobol("ringfence", over=["retained"]), "write outcome='retained'"),
    "several scenarios": (lambda: rf.run(["ringfence", "leadership"]), "rf.run_many runs a list"),  # type: ignore[arg-type]
    "a board by its region": (lambda: rf.why("ringfence", run=1, board="London"), r"NHS South East London ICB \(QKK\)"),
    "a board of another kind": (lambda: HealthSystem("ringfence", board_class=int), "a subclass of simulator"),  # type: ignore[arg-type]
    "no outcome": (lambda: rf.run("ringfence", 2).plot("nope"), "it is one of planned, retained"),
}


@pytest.mark.parametrize("which", REFUSED)
def test_what_cannot_be_asked_is_refused_with_its_place_and_what_to_write(which: str) -> None:
    ask, words = REFUSED[which]
    with pytest.raises((InputError, LookupError), match=words):
        ask()


def test_one_author_as_text_is_answered_with_the_list_to_write(tmp_path: Path) -> None:
    answer: Any = rf.compare("ringfence", n=5)
    with pytest.raises(InputError, match=r"write authors=\['A. Critic'\]"):
        answer.save_crate(tmp_path / "crate", authors="A. Critic")


def test_results_that_were_saved_without_an_ending_are_read_again(tmp_path: Path) -> None:
    results = rf.run("ringfence", 5)
    read = rf.load(results.save(tmp_path / "results"))
    assert isinstance(read, Results) and (read.outcome("retained") == results.outcome("retained")).all()


def test_more_threads_than_any_computer_has_are_refused() -> None:
    with pytest.raises(InputError, match=r"workers: 1000000 is not a whole number from 1 to 1,024"):
        rf.run("ringfence", 2, workers=10**6)


def test_a_board_is_shown_by_its_row() -> None:
    assert repr(HealthSystem("ringfence").boards[3]) == "Board(3)"


@pytest.mark.parametrize("text", ["2027/28", "2027-28", "2027/2028"])
def test_one_year_is_read_however_it_is_written(text: str) -> None:
    results = rf.run("ringfence", 2)
    assert (results.outcome("retained", text) == results.outcome("retained", "2027/28")).all()
