"""What comes with the program fits it: stale answers fail here, and are never shown."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest
from questions_kit import find_code_names

from dashboards.analyses import shipped_answers
from dashboards.analyses.build_shipped import round_numbers
from dashboards.analyses.registry import ANALYSES, list_opening_requests
from dashboards.analyses.section import render_heading, render_report
from dashboards.evidence import impacts
from dashboards.selection.selection import make_opening_selection
from simulator.calibration.scoreboard import SECTIONS

pytestmark = pytest.mark.dashboards

AGAIN = "python -m dashboards.analyses.build_shipped writes it anew"


@pytest.fixture
def forget() -> Iterator[None]:
    yield
    shipped_answers.read_shipped_file.cache_clear()
    shipped_answers.is_current.cache_clear()


def test_the_answers_that_are_shipped_were_made_with_this_program_and_these_data() -> None:
    assert (
        shipped_answers.list_differences(shipped_answers.read_shipped_file()["stamp"], shipped_answers.make_stamp())
        == []
    ), AGAIN
    assert shipped_answers.is_current()
    assert shipped_answers.describe_staleness() == ""


@pytest.mark.parametrize("name", [shipped_answers.FILE, impacts.FILE])
def test_a_shipped_file_is_as_it_was_written_and_a_change_by_hand_is_noticed(name: str) -> None:
    content = shipped_answers.read_data_file(name)
    module = {shipped_answers.FILE: "analyses.build_shipped", impacts.FILE: "evidence.impacts"}[name]
    assert content["digest"] == shipped_answers.compute_digest(content), f"run python -m dashboards.{module}"
    content["stamp"]["version"] += "x"
    assert content["digest"] != shipped_answers.compute_digest(content)


def test_every_question_of_the_opening_view_has_its_answer() -> None:
    missing = [
        request.kind
        for request in list_opening_requests(make_opening_selection())
        if request.key not in shipped_answers.load_answers()
    ]
    assert missing == [], AGAIN
    assert {document["kind"] for document in shipped_answers.load_answers().values()} == set(ANALYSES)


def test_answers_speak_in_words_and_show_names_of_files_as_code_alone() -> None:
    assert find_code_names("pull_chief <b id='a_b'>x</b> <code>plan_base</code>") == ["pull_chief"]
    for document in shipped_answers.load_answers().values():
        report = ANALYSES[document["kind"]].describe(document)
        assert find_code_names(f"{render_heading('', report)}{render_report(report)}") == [], document["kind"]


def test_a_part_that_is_worked_out_again_gives_the_same_numbers() -> None:
    request = next(request for request in list_opening_requests(make_opening_selection()) if request.kind == "parts")
    again = json.loads(json.dumps(round_numbers(ANALYSES["parts"].compute(request, lambda done, total: None))))
    before = shipped_answers.load_answers()[request.key]
    assert again["sentence"] == before["sentence"], AGAIN
    assert again["total"]["mean"] == pytest.approx(before["total"]["mean"], abs=1e-6), AGAIN
    for new, old in zip(again["parts"], before["parts"], strict=True):
        assert new["part"] == old["part"]
        assert new["share"]["interval"] == pytest.approx(old["share"]["interval"], abs=1e-6), AGAIN


def test_the_file_is_small_and_holds_no_number_that_json_does_not_know() -> None:
    text = files("dashboards").joinpath("data").joinpath(shipped_answers.FILE).read_text(encoding="utf-8")
    assert len(text.encode()) < 300_000
    assert "NaN" not in text and "Infinity" not in text


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("version", "0.0.0"),
        ("facts", "0"),
        ("futures", "0"),
        ("scenarios", []),
        ("boards", "0"),
        ("format", 0),
    ],
)
def test_answers_of_another_program_are_not_shown_and_the_page_says_so(
    name: str, other: Any, monkeypatch: pytest.MonkeyPatch, forget: None
) -> None:
    whole = shipped_answers.read_shipped_file()
    stale = {**whole, "stamp": {**whole["stamp"], name: other}}
    shipped_answers.is_current.cache_clear()
    monkeypatch.setattr(shipped_answers, "read_shipped_file", lambda: stale)
    assert not shipped_answers.is_current()
    assert shipped_answers.load_answers() == {} and shipped_answers.load_scoreboard() is None
    assert "not shown" in shipped_answers.describe_staleness()
    monkeypatch.undo()


def test_outcomes_that_moved_are_told_from_those_that_differ_in_the_last_digits() -> None:
    now = {"probes": [[0.7, 0.3]]}
    assert shipped_answers.list_differences({"probes": [[0.7 + 1e-9, 0.3]]}, now) == []
    assert shipped_answers.list_differences({"probes": [[0.7001, 0.3]]}, now) == ["probes"]
    assert shipped_answers.list_differences({}, now) == ["probes"]


def test_the_scoreboard_comes_back_from_the_file_as_it_was() -> None:
    lines = shipped_answers.load_scoreboard()
    assert lines is not None and {line.section for line in lines} == set(SECTIONS)
    documents = [shipped_answers.document_line(line) for line in lines]
    assert json.loads(json.dumps(documents)) == shipped_answers.read_shipped_file()["scoreboard"]
    for line in lines:
        inside = line.tolerance[0] <= line.simulated <= line.tolerance[1]
        assert line.passes == inside or math.isclose(line.simulated, line.tolerance[0], rel_tol=1e-5)
    assert any(math.isnan(line.observed) for line in lines)


def test_the_evidence_page_shows_the_scoreboard_without_working_it_out(monkeypatch: pytest.MonkeyPatch) -> None:
    from dashboards.tabs import evidence

    monkeypatch.setattr(evidence, "scoreboard", lambda n: pytest.fail("worked out"))
    evidence.list_lines.cache_clear()
    assert len(evidence.list_lines()) == len(shipped_answers.read_shipped_file()["scoreboard"])
