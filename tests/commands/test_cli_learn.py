"""`ringfence learn`: values of information with brackets, badges and turning points, and honest refusals."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from cli_runs import bad, document, good, policy_file

from simulator.calibration.evidence_status import BADGES, list_badges
from simulator.studies.scenario_runs import group_parameters

pytestmark = pytest.mark.interface

PAIR = ("learn", "ringfence", "leadership")
SMALL = ("--draws", "300", "--replicates", "4")
FEW = ("--ask", "enforcement_start", "--ask", "pull_chief", "--ask", "peer_pull", "--ask", "plans")


def test_what_the_choice_hangs_on_is_worth_knowing_and_what_it_does_not_is_not() -> None:
    answer = document(*PAIR, *SMALL, *FEW)
    worth = {q["name"]: q for q in answer["questions"]}
    assert list(worth) == ["everything", "enforcement_start", "pull_chief", "peer_pull", "plans"]
    assert worth["enforcement_start"]["low"] > 0.002
    assert worth["peer_pull"]["interval_low"] <= 0
    assert worth["everything"]["high"] >= max(q["low"] for q in answer["questions"])
    assert answer["luck_share"] < 0.2
    assert (answer["draws"], answer["lucks"]) == (300, 4)


def test_every_question_carries_the_badge_of_what_it_asks_about() -> None:
    worth = {q["name"]: q for q in document(*PAIR, *SMALL, *FEW)["questions"]}
    assert worth["pull_chief"]["badge"] == list_badges()["pull_chief"]
    kinds = [list_badges()[name] for name in group_parameters()["plans"]]
    assert worth["plans"]["badge"] == ", ".join(f"{kinds.count(b)} {b}" for b in BADGES if b in kinds)
    assert worth["plans"]["parameters"] == group_parameters()["plans"]


def test_the_answer_says_where_the_choice_turns() -> None:
    answer = document(*PAIR, "--draws", "500", "--replicates", "5", "--ask", "enforcement_start")
    [line] = answer["questions"][1:]
    assert (line["below"], line["above"]) == ("Stronger leadership", "Ring-fence as in 2022/23, not waived")
    assert line["turns_low"] < line["turns_at"] < line["turns_high"]
    assert "Knowing enforcement_start, one would choose “Stronger leadership” below" in answer["sentence"]


def test_the_table_begins_with_the_sentence_and_says_what_is_noise() -> None:
    text = good(*PAIR, *SMALL, *FEW)
    assert text.startswith("“Ring-fence as in 2022/23, not waived” has the best average.")
    for part in ("Known from", "judgement", "may be noise alone", "300 parameter draws with 4 replicates each"):
        assert part in text


def test_between_equal_policies_nothing_is_worth_knowing(tmp_path: Path) -> None:
    twins = [policy_file(tmp_path / f"{name}.yaml", "0.5") for name in ("one", "two")]
    answer = document("learn", *twins, "--draws", "130", "--replicates", "2", "--ask", "pull_chief")
    assert [(q["low"], q["high"]) for q in answer["questions"]] == [(0, 0), (0, 0)]
    assert "nothing that could be learnt would change the choice" in answer["sentence"]


def test_without_asking_every_group_and_parameter_that_the_draws_allow_is_asked_about() -> None:
    words = (*PAIR, "--draws", "150", "--replicates", "1")
    answer = document(*words)
    names = {q["name"] for q in answer["questions"]} | set(answer["not_asked"])
    groups = {name: group for name, group in group_parameters().items() if len(group) > 1}
    assert names == {*groups, *(name for group in group_parameters().values() for name in group)}
    assert "1080 are needed" in answer["not_asked"]["gap"]
    assert "chance would count as something to learn" in answer["sentence"]


def test_csv_has_a_row_for_each_question() -> None:
    rows = list(csv.DictReader(io.StringIO(good(*PAIR, *SMALL, *FEW, "--csv"))))
    assert [row["name"] for row in rows] == ["everything", "enforcement_start", "pull_chief", "peer_pull", "plans"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--ask", "pull_chif"), "did you mean 'pull_chief'?"),
        (("--ask", "gap", "--draws", "200", "--replicates", "1"), "gap: 200 points are too few"),
        (("--draws", "60", "--replicates", "1", "--ask", "slip"), "give 120 or more"),
        (("--draws", "9000"), "the posterior has 8,000 draws"),
        (("--source", "default"), "ask for posterior or prior"),
        (("--outcome", "deficit"), "neither more nor less is better"),
    ],
)
def test_what_cannot_be_asked_is_told_with_a_remedy(words: tuple[str, ...], message: str) -> None:
    assert message in bad(*PAIR, *words)


def test_designs_are_ranked_and_the_request_is_written() -> None:
    few = ("--draws", "130", "--replicates", "2", "--design", "retained of 3 boards, 2022/23")
    answer = document(*PAIR, *few)
    (design,) = answer["designs"]
    assert design["low"] <= answer["perfect"]["high"] and "Nothing here is worth asking" in answer["request"]
    assert "--design" in answer["command"]
    assert "leave out one" in bad(*PAIR, *few, "--ask", "pull_chief")
    assert "names no year" in bad(*PAIR, "--design", "retained of 3 boards")
