"""Evidence that leaves few parameter sets: every answer that is drawn from it says so, wherever it is kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import simulator as rf
from simulator.evidence.evidence import Evidence

pytestmark = pytest.mark.calibration

WEAK = (
    "your evidence leaves an effective sample of 47 of 4,000 draws, fewer than 200; 3 of its 3,818 parameter sets make "
    "a quarter of the futures: this answer is weak, and its ranges are too narrow"
)


@pytest.fixture(scope="module")
def believed() -> Evidence:
    return rf.state_beliefs({"plain": (40, 50, 70)})


def test_every_question_asked_of_weak_evidence_says_that_its_answer_is_weak(believed: Evidence) -> None:
    few: dict[str, Any] = {"draws": 50, "replicates": 1, "beliefs": believed}
    answers = (
        rf.run("ringfence", 100, beliefs=believed),
        rf.compare("leadership", "ringfence", 100, beliefs=believed),
        rf.robustness(["leadership", "ringfence"], **few),
        rf.equivalence("leader_lift", {"ringfence": 1, "waiver": 0}, steps=5, **few),
        rf.attribution("ringfence+leadership", n=100, beliefs=believed),
        rf.evppi(["leadership", "ringfence"], draws=200, replicates=1, beliefs=believed),
        rf.pawn("ringfence", over=["pull_chief"], draws=100, replicates=1, beliefs=believed),
    )
    for answer in answers:
        assert WEAK in answer.assumes and WEAK in str(answer) and WEAK in str(answer.to_dict()["assumes"])


def test_what_is_kept_of_an_answer_from_weak_evidence_says_that_it_is_weak(believed: Evidence, tmp_path: Path) -> None:
    compared = rf.compare("leadership", "ringfence", 100, beliefs=believed)
    compared.claim(tmp_path / "claim.json")
    record = json.loads((tmp_path / "claim.json").read_text(encoding="utf-8"))
    assert WEAK in json.dumps(record, ensure_ascii=False)
    assert WEAK in str(rf.verify(tmp_path / "claim.json"))
    compared.save_crate(tmp_path / "crate")
    assert WEAK in " ".join((tmp_path / "crate" / "README.md").read_text(encoding="utf-8").split())
    compared.to_excel(tmp_path / "answer.xlsx")
    book = openpyxl.load_workbook(tmp_path / "answer.xlsx")
    assert any(WEAK in str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)


def test_people_who_are_compared_are_told_whose_evidence_is_weak(believed: Evidence) -> None:
    sure = rf.state_beliefs({"plain": (10, 20, 35)})
    compared = rf.compare_believers(believed, sure, names=("Ann", "Ben"), n=20)
    assert f"Of Ann: {WEAK}." in compared.sentence and "Of Ben" not in compared.sentence
    assert compared.weak == (WEAK, "")


def test_evidence_that_leaves_enough_is_not_called_weak() -> None:
    sure = rf.state_beliefs({"plain": (10, 20, 35)})
    assert sure.weigh().weakness == "" and "weak" not in sure.posterior.badge
