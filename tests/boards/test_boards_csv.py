"""Reading somebody's own table of boards: what is accepted, and how each kind of mistake is reported."""

from __future__ import annotations

import csv
import io
import pickle
from pathlib import Path

import pytest

from simulator.boards.csv_reader import KNOWN, MAX_BYTES, REQUIRED, parse_rows
from simulator.boards.table import BoardsError, Problem, read_boards

pytestmark = pytest.mark.boards

OPTIONAL = "short_name abbrev footprint merge_date share_date registered_population tile_col tile_row"
HEADER = (*REQUIRED, *OPTIONAL.split())
FACTS = dict(zip(REQUIRED, ("Q1", "First board", "3.4", "2000", "-1.5", "21.5", "North"), strict=True))


def line(**changed: str) -> dict[str, str]:
    return {**dict.fromkeys(HEADER, ""), **FACTS, **changed}


def table(*lines: dict[str, str], header: tuple[str, ...] = HEADER) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, header, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(lines)
    return file.getvalue().encode("utf-8")


def problems(data: bytes) -> tuple[Problem, ...]:
    with pytest.raises(BoardsError) as caught:
        parse_rows(data, "mine.csv")
    return caught.value.problems


def the_problem(data: bytes) -> str:
    """The whole message, after asserting that there is one problem only."""
    with pytest.raises(BoardsError) as caught:
        parse_rows(data, "mine.csv")
    assert len(caught.value.problems) == 1, str(caught.value)
    return str(caught.value)


CELLS = [
    ("code", "", "is blank; write the code"),
    ("name", " ", "is blank; write the name"),
    ("region", "", "is blank; write the region"),
    ("name", "n" * 201, "is longer than 200 characters"),
    ("fund_m", "-3", '"-3" is negative; write an amount in £m, 0 or more'),
    ("fund_m", "", "is blank; write an amount in £m"),
    ("fund_m", "lots", '"lots" is not a number; write an amount'),
    ("fund_m", "$3.4m", '"$3.4m" is not a number; write an amount in £m, 0 or more'),
    ("fund_m", "1,23", '"1,23" is not a number'),
    ("fund_m", "5%", '"5%" is a percentage; write an amount in £m'),
    ("fund_m", "much\u00a0more", '"much more" is not a number'),
    ("fund_m", "3400000", "is above 1,000,000; write an amount in £m"),
    ("fund_m", "1e999", "is above 1,000,000"),
    ("fund_m", "nan", '"nan" is not a number'),
    ("fund_m", "inf", '"inf" is not a number'),
    ("fund_m", "1_000", '"1_000" is not a number'),
    ("fund_m", "٣", "is not a number"),
    ("weight_m", "0", "is not above 0; write an amount in £m, above 0"),
    ("weight_m", "-1", "is negative"),
    ("weight_m", "-inf", "is not a number"),
    ("target_distance_pct", "-101", "is below -100; write a percentage"),
    ("target_distance_pct", "NaN", "is not a number"),
    ("core20_pct", "100.1", "is above 100; write a percentage from 0 to 100"),
    ("core20_pct", "-0.1", "is negative"),
    ("core20_pct", "120%", "is above 100; write a percentage from 0 to 100"),
    ("registered_population", "-1", "is negative; write a number of people"),
    ("registered_population", "1,20,000", "is not a number; write a number of people"),
    ("merge_date", "01/04/2026", "is not a date; write year-month-day, like 2026-04-01"),
    ("merge_date", "20260401", "is not a date"),
    ("merge_date", "2026-02-30", "is not a date"),
    ("merge_date", "2022-03-31", "is before the first year; write 2022-04-01 or later"),
    ("share_date", "October 2025", "is not a date"),
]


@pytest.mark.parametrize(("column", "text", "message_expected"), CELLS)
def test_a_cell_that_cannot_be_used_is_reported_with_line_column_and_remedy(
    column: str, text: str, message_expected: str
) -> None:
    message = the_problem(table(line(), line(**{"code": "Q2", column: text})))
    assert message.startswith(f"mine.csv:line 3, column {column}: ")
    assert message_expected in message


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        ("fund_m", "£3.4m", 3.4),
        ("fund_m", "£ 3.4", 3.4),
        ("fund_m", "1,234.5", 1234.5),
        ("fund_m", "３.4", 3.4),
        ("core20_pct", "20%", 20.0),
        ("core20_pct", "20.5 %", 20.5),
        ("target_distance_pct", "\u22121.5%", -1.5),
        ("target_distance_pct", "\u20131.5", -1.5),
        ("registered_population", "1,200,000", 1_200_000),
        ("weight_m", "\u00a02000\u200b", 2000.0),
    ],
)
def test_a_number_as_a_spreadsheet_shows_it_is_read(column: str, text: str, value: float) -> None:
    (row,) = parse_rows(table(line(**{column: text})), "mine.csv")
    assert row.number[column] == value


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("fund_m", "0"),
        ("fund_m", " 3.4 "),
        ("fund_m", "1e-3"),
        ("core20_pct", "0"),
        ("core20_pct", "100"),
        ("target_distance_pct", "+5.05"),
        ("merge_date", "2022-04-01"),
    ],
)
def test_values_at_the_edge_of_what_is_allowed_are_read(column: str, text: str) -> None:
    (row,) = parse_rows(table(line(**{column: text})), "mine.csv")
    if column in row.number:
        assert row.number[column] == float(text)
    else:
        assert str(row.day[column]) == text


def test_only_one_half_of_a_tile_is_reported_at_the_blank_half() -> None:
    message = the_problem(table(line(tile_col="3")))
    assert message.startswith("mine.csv:line 2, column tile_row: is blank; write both")
    assert "is not whole" in the_problem(table(line(tile_col="3.5", tile_row="1")))


def test_a_share_date_after_the_merge_is_reported() -> None:
    message = the_problem(table(line(footprint="F", merge_date="2026-04-01", share_date="2026-04-02")))
    assert "line 2, column share_date" in message
    assert "after the merge; write 2026-04-01 or an earlier day" in message


def test_leaders_shared_on_the_day_of_the_merger_are_accepted() -> None:
    (row,) = parse_rows(table(line(merge_date="2026-04-01", share_date="2026-04-01")), "mine.csv")
    assert row.day["share_date"] == row.day["merge_date"]


@pytest.mark.parametrize(("theirs", "shown"), [("2027-04-01", "2027-04-01"), ("", "blank")])
def test_dates_that_differ_within_a_footprint_are_reported_with_both_lines(theirs: str, shown: str) -> None:
    first = line(footprint="West", merge_date="2026-04-01")
    other = line(code="Q2")
    second = line(code="Q3", footprint="west", merge_date=theirs)
    message = the_problem(table(first, other, second))
    assert "line 4, column merge_date" in message
    assert f"{shown} is not 2026-04-01 as on line 2" in message


def test_a_repeated_code_names_the_first_line_even_when_capitals_differ() -> None:
    message = the_problem(table(line(), line(code="Q2"), line(code="q1")))
    assert message.startswith('mine.csv:line 4, column code: "q1" is already on line 2')


def test_a_missing_column_is_reported_at_the_header() -> None:
    message = the_problem(table(line(), header=tuple(c for c in HEADER if c != "weight_m")))
    assert message == "mine.csv:line 1, column weight_m: is missing from the header; add it"


@pytest.mark.parametrize(
    ("column", "typed"), [("fund_m", "fund"), ("region", "regoin"), ("merge_date", "merge date"), ("abbrev", "abrev")]
)
def test_a_misspelt_column_is_reported_once_with_the_name_that_was_meant(column: str, typed: str) -> None:
    header = ",".join(typed if c == column else c for c in HEADER)
    data = table(line()).replace(",".join(HEADER).encode(), header.encode())
    assert the_problem(data) == f"mine.csv:line 1, column {typed}: is not known; did you mean {column}?"


def test_a_repeated_column_is_reported() -> None:
    data = table(line(), header=(*HEADER, "fund_m"))
    assert the_problem(data) == "mine.csv:line 1, column fund_m: is in the header twice; keep one"


def test_unknown_columns_unlike_known_ones_are_left_aside() -> None:
    (row,) = parse_rows(table(line(gp_practices="abc"), header=("gp_practices", *HEADER)), "mine.csv")
    assert "gp_practices" not in {**row.text, **row.number}
    assert row.number["fund_m"] == 3.4


def test_a_known_column_that_the_model_does_not_read_is_left_aside() -> None:
    assert "need_index" in KNOWN
    (row,) = parse_rows(table(line(need_index="high"), header=(*HEADER, "need_index")), "mine.csv")
    assert row.number["weight_m"] == 2000


@pytest.mark.parametrize(
    "extra",
    [
        b"Q2,Second",
        b"Q2,Second,3,2000,0,20,North,Luton, Bedford,,,,,,,",
        b"Q2,Luton, Bedford,3,2000,0,20,North" + b"," * 8,
    ],
)
def test_a_ragged_line_is_reported_with_both_counts(extra: bytes) -> None:
    message = the_problem(table(line()) + extra + b"\r\n")
    cells = extra.count(b",") + 1
    assert message.startswith(f"mine.csv:line 3: has {cells} cells but the header names {len(HEADER)}")


def test_blank_lines_and_trailing_commas_of_a_spreadsheet_are_skipped_and_lines_still_counted() -> None:
    header, first = table(line()).splitlines()
    data = b"\n".join([b"", header + b",,", b",,,", first + b",,", b"", b"Q2,Second"])
    assert [p.line for p in problems(data)] == [6]
    assert len(parse_rows(data.removesuffix(b"Q2,Second"), "mine.csv")) == 1


def test_a_quoted_line_break_does_not_shift_the_line_of_a_later_mistake() -> None:
    data = table(line(name="First\nboard"), line(code="Q2", fund_m="x"))
    assert problems(data)[0].line == 4
    (row,) = parse_rows(table(line(name="First\nboard")), "mine.csv")
    assert row.text["name"] == "First board"


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_a_byte_order_mark_and_every_kind_of_line_end_are_read(end: bytes) -> None:
    data = b"\xef\xbb\xbf" + end.join(table(line(name="Beds, Luton")).splitlines()) + end
    (row,) = parse_rows(data, "mine.csv")
    assert (row.line, row.text["code"], row.text["name"]) == (2, "Q1", "Beds, Luton")


def test_column_names_are_read_whatever_their_capitals_and_order() -> None:
    header = tuple(reversed(HEADER))
    data = table(line(), header=header).replace(",".join(header).encode(), ",".join(header).upper().encode())
    (row,) = parse_rows(data, "mine.csv")
    assert row.text["code"] == "Q1"


WHOLE = [
    (b"", None, "is empty; it needs a header with code, name"),
    (b"\xef\xbb\xbf\r\n \r\n", None, "is empty"),
    (table(), None, "has a header but no boards"),
    (table(*(line(code=f"Q{i}") for i in range(501))), None, "has 501 boards; at most 500"),
    (b"North,South\nEast,West\n", 1, "has none of the required column names, nor does any line below it"),
    (table(line()) + b"Q2,a\0b", 3, "a NUL byte at offset"),
    (table(line(name="Môn")).decode().encode("latin-1"), 2, "byte 0xf4 at offset {} is not plain UTF-8 text; in a"),
    (table(line()).decode().encode("utf-16"), 1, 'choose "Save as" and the type "CSV UTF-8"'),
    (table(line()) + b'Q2,"Second', 3, "check its quotation marks"),
    (b'code,"name', 1, "cannot be split"),
    (b"\0" * (MAX_BYTES + 1), None, "is larger than 5 MB"),
]


@pytest.mark.parametrize(("data", "where", "message_expected"), WHOLE, ids=[w[2][:30] for w in WHOLE])
def test_a_file_that_is_not_a_table_of_boards_is_reported_as_one_problem(
    data: bytes, where: int | None, message_expected: str
) -> None:
    message = the_problem(data)
    assert message.startswith("mine.csv: " if where is None else f"mine.csv:line {where}: ")
    assert message_expected.format(data.find(b"\xf4")) in message


def test_exactly_500_boards_are_accepted() -> None:
    assert len(parse_rows(table(*(line(code=f"Q{i}") for i in range(500))), "mine.csv")) == 500


def test_a_file_over_5_mb_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "big.csv"
    path.write_bytes(table(line()) + b"\n" * MAX_BYTES)
    with pytest.raises(BoardsError, match=r"big\.csv: is larger than 5 MB"):
        read_boards(path)


def test_several_mistakes_are_all_in_one_message_with_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    header = (*(c for c in HEADER if c != "region"), "share_dates")
    path.write_bytes(
        table(
            line(fund_m="-3", core20_pct="120"),
            line(code="Q2", weight_m="two", merge_date="soon"),
            line(name=""),
            header=tuple(c for c in header if c != "share_date"),
        )
    )
    with pytest.raises(BoardsError) as caught:
        read_boards(path)
    expected = [
        "mine.csv:line 1, column share_dates: is not known; did you mean share_date?",
        "mine.csv:line 1, column region: is missing from the header; add it",
        'mine.csv:line 2, column fund_m: "-3" is negative; write an amount in £m, 0 or more',
        'mine.csv:line 2, column core20_pct: "120" is above 100; write a percentage from 0 to 100',
        'mine.csv:line 3, column weight_m: "two" is not a number; write an amount in £m, above 0',
        'mine.csv:line 3, column merge_date: "soon" is not a date; write year-month-day, like 2026-04-01',
        "mine.csv:line 4, column name: is blank; write the name of the board",
        'mine.csv:line 4, column code: "Q1" is already on line 2; give each board its own code',
    ]
    assert str(caught.value).splitlines() == expected
    assert [(p.line, p.column) for p in caught.value.problems][2] == (2, "fund_m")


def test_after_fifty_problems_the_rest_are_counted_but_all_are_held() -> None:
    data = table(*(line(code=f"Q{i}", fund_m="x") for i in range(60)))
    with pytest.raises(BoardsError) as caught:
        parse_rows(data, "mine.csv")
    lines = str(caught.value).splitlines()
    assert len(lines) == 51
    assert lines[-1] == "... and 10 more problems"
    assert len(caught.value.problems) == 60


def test_the_error_keeps_its_problems_when_it_crosses_processes() -> None:
    error = BoardsError("mine.csv", (Problem(2, "fund_m", "is blank"),))
    copy = pickle.loads(pickle.dumps(error))
    assert isinstance(copy, BoardsError)
    assert (copy.problems, str(copy)) == (error.problems, str(error))
