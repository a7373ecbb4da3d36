"""`ringfence beliefs`: questions, answers from a terminal or a file, the belief file, and two people compared."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from cli_runs import bad, document, good

from simulator.commands import beliefs
from simulator.evidence import evidence, weighing
from simulator.evidence.elicitation import read_answers_of
from simulator.evidence.observation_file import read_evidence
from simulator.evidence.questions import list_questions

pytestmark = pytest.mark.interface

JO = "title: Jo\nbecause: b\noutcome: additional\nbeliefs:\n  - {question: plain, quartiles: [5, 15, 30]}\n"


@pytest.fixture(scope="module", autouse=True)
def _kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The same answers are weighed once, whoever gives them, as for everybody who keeps results."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RINGFENCE_CACHE", str(tmp_path_factory.mktemp("kept")))
        patch.setattr(weighing, "POOL_BLOCKS", 1)  # fewer draws answer every question
        patch.setattr(evidence, "POOL_BLOCKS", 1)
        patch.setattr(evidence, "_KEPT", {})
        yield


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "jo.yaml"
    path.write_text(JO, encoding="utf-8")
    return path


def test_the_questions_are_listed_with_their_names() -> None:
    assert document("beliefs", "questions")["questions"] == dict(list_questions())
    assert "plain" in good("beliefs", "questions")


def test_answers_from_a_file_are_fed_back_kept_and_used_like_any_evidence(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "kept.yaml"
    text = " ".join(good("beliefs", "ask", "--answers", file, "--who", "Jo Smith", "--out", out).split())
    assert "Then you also say: 1 chance in 20 of fewer than 1" in text and "5, 15, 30" in text
    assert "What the model answers" in text and "Effective sample" in text
    kept = read_evidence(out)
    assert read_answers_of(kept) == {"plain": (5, 15, 30)} and kept.outcome == "additional"
    assert re.search(r"^date: \d{4}-\d\d-\d\d$", out.read_text(encoding="utf-8"), re.MULTILINE)
    assert "1 answer to a question to weigh" in good("evidence", "check", out)
    answer = document("compare", "leadership", "-n", "16", "--with", out)
    assert answer["badge"].endswith("; with 1 piece of your own evidence")
    assert "is there already" in bad("beliefs", "ask", "--answers", file, "--out", out)


def test_where_nobody_can_be_asked_it_is_said(file: Path) -> None:
    assert "give the answers as a file: --answers FILE.yaml" in bad("beliefs", "ask")
    file.write_text(
        "title: T\nbecause: b\nnational:\n  - {what: kept_in_full, year: 2024/25, value: 0.3, error: 0.1}\n"
    )
    assert "answers no question" in bad("beliefs", "ask", "--answers", file)


def test_a_slip_at_the_terminal_is_said_and_asked_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = iter(["", "x", "30", "40", "20", "30", "25", "35%", ""])
    monkeypatch.setattr(typer, "prompt", lambda *_, **__: next(typed))
    monkeypatch.setattr(typer, "confirm", lambda *_, **__: True)
    assert beliefs._ask_quartiles() is None, "an empty line leaves the question out"
    assert beliefs._ask_quartiles() == (25, 30, 35)
    said = capsys.readouterr().err
    assert "press Enter alone to leave the question out" in said and "40, 30 and 20 are no quartiles" in said


def test_two_people_are_compared_with_the_reasons_told_apart(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "sam.yaml"
    other.write_text(JO.replace("additional", "retained").replace("5, 15, 30", "15, 25, 40"), encoding="utf-8")
    answer = document("beliefs", "compare", file, other, "-n", "60")
    assert answer["names"] == ["jo", "sam"] and answer["outcomes"] == ["additional", "retained"]
    assert answer["facts"] + answer["values"] == pytest.approx(answer["apart"])
    assert answer["questions"][0]["first"] == [5, 15, 30]
    text = " ".join(good("beliefs", "compare", file, other, "-n", "60").split())
    for part in ("(facts)", "(values)", "Chance remains", "5, 15, 30", "15, 25, 40"):
        assert part in text
    message = bad("beliefs", "compare", file, tmp_path / "nowhere.yaml")
    assert "nowhere.yaml" in message and "is not a file" in message
