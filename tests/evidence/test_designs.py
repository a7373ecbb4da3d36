"""Designs: what their text means, mistakes told where they stand, and what they are worth."""

from __future__ import annotations

import inspect
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

import simulator as rf
from simulator.common.errors import InputError
from simulator.evidence.design_value import RankedDesigns
from simulator.evidence.designs import Design, StudyDesignError, choose_boards, parse_design, read_designs
from simulator.runs.futures import SEED

pytestmark = pytest.mark.calibration


def test_a_text_says_what_whom_when_and_how_well() -> None:
    (question,) = parse_design("retained of QWO, QF7 and QHM, 2022/23 and 2023/24, error 10%").questions
    assert (question.what, question.boards, question.years, question.error) == (
        "retained", ("QF7", "QHM", "QWO"), (0, 1), 0.1,
    )  # fmt: skip
    rows, score = parse_design("retained of 42 boards, 2022/23; score of 12 boards, 2023/24, reliability 0.8").questions
    assert len(rows.boards) == 42 and score.is_score and score.reliability == 0.8 and score.years == (1,)
    again = parse_design(parse_design("retained of 12 boards, 2022/23").text).questions[0]
    assert again.boards == choose_boards(12) and len(set(again.boards)) == 12


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "asks nothing"),
        ("retained in 2022/23", "is no design"),
        ("retaned of 12 boards, 2022/23", "did you mean 'retained'"),
        ("retained of 12 boards", "names no year"),
        ("retained of 2022/23", "names no boards"),
        ("retained of 99 boards, 2022/23", "there are 42 boards"),
        ("retained of 12 boards, 2028/29", "is outside 2022/23 to 2026/27"),
        ("retained of QXX, 2022/23", "QXX"),
        ("retained of 12 boards, 2022/23, error lots", "error"),
        ("score of 12 boards, 2022/23, reliability 3", "share from 0 to 1"),
    ],
)
def test_a_mistake_says_what_is_wrong(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        parse_design(text)


def test_a_file_tells_every_mistake_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "designs.yaml"
    path.write_text("designs:\n  - name: a\n    ask: retained of 12 boards\n  - ask: [nothing]\n", encoding="utf-8")
    with pytest.raises(StudyDesignError) as caught:
        read_designs(path)
    assert ":3" in str(caught.value) and ":4" in str(caught.value) and "names no year" in str(caught.value)
    path.write_text("designs:\n  - {name: a, ask: 'retained of 12 boards, 2022/23'}\n", encoding="utf-8")
    (design,) = read_designs(path)
    assert design.name == "a" and len(design.questions[0].boards) == 12


DESIGNS = ["retained of 16 boards, 2022/23", Design("nothing", ()), "retained of 2 boards, 2022/23, error 100%"]


@cache
def ranked(seed: int | None) -> RankedDesigns:
    chosen = {} if seed is None else {"seed": seed}
    return rf.evsi(DESIGNS, draws=120, replicates=2, **chosen).result


@pytest.mark.parametrize("seed", [None, 4])
def test_designs_are_in_order_of_their_value_and_none_exceeds_perfect_information(seed: int | None) -> None:
    result = ranked(seed)
    values = [item.value for item in result.designs]
    assert [value.low for value in values] == sorted((value.low for value in values), reverse=True)
    assert result.perfect is not None
    assert all(value.interval[0] <= value.low <= result.perfect.high for value in values)
    # None of the three can be told from asking nothing, whatever the seed, so that their order is chance.
    assert all(value.interval[0] <= 0 for value in values)


def test_the_seed_is_that_of_the_command_unless_it_is_given() -> None:
    assert ranked(None).to_frame().equals(ranked(SEED).to_frame())
    assert inspect.signature(rf.evsi).parameters["seed"].default == SEED


def test_a_design_that_asks_nothing_or_hears_nothing_is_worth_nothing() -> None:
    values = {item.design.name: item.value for item in ranked(None).designs}
    assert (values["nothing"].low, values["nothing"].high) == (0, 0)
    assert values["retained of 2 boards, 2022/23, error 100%"].interval[0] <= 0


def test_the_request_names_boards_years_and_figures() -> None:
    (first,) = (item for item in ranked(None).designs if item.design.name == DESIGNS[0])
    others = [item for item in ranked(None).designs if item is not first]
    shown = replace(first, value=replace(first.value, interval=(0.001, 0.01)))
    request = replace(ranked(None), designs=(shown, *others)).request
    assert "16 boards: NHS" in request and "2022/23" in request and "money kept" in request
    assert "Choose “" in request


def test_nothing_is_requested_where_no_design_is_shown_to_be_worth_anything() -> None:
    first, *others = ranked(None).designs
    idle = replace(first, value=replace(first.value, interval=(0.0, 0.01)))
    assert "Nothing here is worth asking" in replace(ranked(None), designs=(idle, *others)).request
