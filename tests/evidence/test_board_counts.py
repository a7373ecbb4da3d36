"""Counts of boards: 12 of 42 is the same evidence as its value and error, however it is written."""

from __future__ import annotations

import io
import math
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from openpyxl import load_workbook

from simulator.common.errors import InputError
from simulator.evidence.board_counts import measure_count
from simulator.evidence.evidence import weigh_evidence
from simulator.evidence.observation_file import EvidenceError, parse_evidence, read_evidence, read_sent_evidence
from simulator.evidence.observations import NationalFigure
from simulator.evidence.template_workbook import make_template_workbook

pytestmark = pytest.mark.calibration

HEAD = "title: A title\nbecause: A reason\nnational:\n  - "
COUNT = "{what: kept_in_full, year: 2024/25, count: 12, of: 42, source: a survey}"


def problems(entry: str) -> str:
    with pytest.raises(EvidenceError) as refused:
        parse_evidence(HEAD + entry)
    return str(refused.value)


def test_the_error_is_that_of_a_sample_drawn_from_the_42_boards_without_putting_any_back() -> None:
    boards, asked = 7, 3
    shares = [sum(drawn) / asked for drawn in combinations((1, 1, 1, 0, 0, 0, 0), asked)]
    p = 3 / 7
    assert np.var(shares) == pytest.approx(p * (1 - p) / asked * (boards - asked) / (boards - 1))
    value, error = measure_count(9, 19)  # (9 + 1) / (19 + 2) = 10 / 21
    assert value == 9 / 19
    assert error == pytest.approx(math.sqrt(10 / 21 * 11 / 21 / 19 * (42 - 19) / 41))


def test_the_more_boards_answer_the_less_it_errs_and_all_of_them_leave_one_board() -> None:
    errors = [measure_count(asked // 2, asked).error for asked in range(2, 43, 2)]
    assert errors == sorted(errors, reverse=True)
    assert [measure_count(k, 42).error for k in (0, 12, 42)] == [pytest.approx(1 / 42)] * 3
    assert measure_count(0, 5).error > 0.1


def test_a_count_weighs_as_the_same_evidence_by_value_and_error() -> None:
    for asked in (20, 42):
        value, error = measure_count(12, asked)
        count = parse_evidence(HEAD + COUNT.replace("42", str(asked)))
        figure = parse_evidence(
            HEAD + f"{{what: kept_in_full, year: 2024/25, value: {value!r}, error: {error!r}, source: a survey}}"
        )
        expected = NationalFigure("kept_in_full", (2, 3), value, error, "a survey")
        assert count.observations == figure.observations == (expected,)
        assert count.fingerprint == figure.fingerprint
    draws = [weigh_evidence(each).posterior.draws["row"] for each in (count, figure)]
    assert (draws[0] == draws[1]).all()


def test_a_count_of_all_boards_is_weighed_and_is_not_weak() -> None:
    update = weigh_evidence(parse_evidence(HEAD + COUNT))
    assert not update.problems, update.problems


def test_boards_in_deficit_are_counted_in_boards() -> None:
    (figure,) = parse_evidence(HEAD + "{what: deficits, year: 2025/26, count: 7, of: 21}").observations
    assert isinstance(figure, NationalFigure)
    assert figure.value == pytest.approx(14) and figure.error == pytest.approx(42 * measure_count(7, 21).error)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{what: kept_in_full, year: 2024/25, value: 12 of 42}", "write count: 12, of: 42 and no value or error"),
        ("{what: kept_in_full, year: 2024/25, count: 12}", "national[1].of: is missing; write how many boards"),
        ("{what: kept_in_full, year: 2024/25, of: 42}", "national[1].count: is missing"),
        ("{what: kept_in_full, year: 2024/25, count: 12, of: 43}", "43 boards cannot have answered"),
        ("{what: kept_in_full, year: 2024/25, count: 13, of: 12}", "13 of 12 is no count; write from 0 to 12"),
        ("{what: kept_in_full, year: 2024/25, count: 1.5, of: 12}", "1.5 is not a whole number"),
        (
            "{what: kept_in_full, year: 2024/25, count: 1, of: 2, error: 0.1}",
            "national[1].error: follows from the count",
        ),
        ("{what: retained, year: 2024/25, count: 1, of: 2}", "'retained' does not count boards"),
    ],
)
def test_a_mistake_in_a_count_is_said_with_how_to_mend_it(entry: str, said: str) -> None:
    assert said in problems(entry)


def test_no_count_is_measured_that_cannot_be() -> None:
    for count, asked in ((1, 0), (1, 43), (-1, 3), (4, 3)):
        with pytest.raises(InputError):
            measure_count(count, asked)


def test_the_sheet_of_counts_and_a_table_of_them_say_what_the_entry_says(tmp_path: Path) -> None:
    book = load_workbook(io.BytesIO(make_template_workbook()))
    book["Counts"].append(("kept_in_full", 12, 42, "2024/25", "a survey"))
    path = tmp_path / "counts.xlsx"
    book.save(path)
    table = b"what,count,of,year,source\nkept_in_full,12,42,2024/25,a survey\n"
    wanted = parse_evidence(HEAD + COUNT).observations
    assert read_evidence(path).observations == wanted
    assert read_sent_evidence(table, "counts.csv").observations == wanted
    book["Rows"].append(("QE1", "2023/24", "front", 0.25, 0.02, "minutes"))
    book["Counts"]["C2"] = 99
    book.save(path)
    with pytest.raises(EvidenceError, match=r"counts\.xlsx:2: Counts\.of: 99 boards cannot"):
        read_evidence(path)
    book["Counts"]["C2"] = 42
    book.save(path)
    assert len(read_evidence(path)) == 2
