"""Tables as people have them: titles above the header, other separators, names from other tables, rows of totals."""

from __future__ import annotations

import csv
import io
import random
import warnings
from pathlib import Path

import numpy as np
import pytest

from simulator.boards.table import (
    Boards,
    BoardsError,
    load_boards,
    make_equal_bodies,
    parse_boards,
    read_boards,
    to_boards,
)
from simulator.runs.futures import draw_futures
from simulator.runs.run import run

pytestmark = pytest.mark.boards

ODD = Path(__file__).parent / "odd_tables"
COLUMNS = "code,name,fund_m,weight_m,target_distance_pct,core20_pct,region,registered_population,footprint,merge_date"
REAL = Path(__file__).parents[2] / "simulator" / "data" / "boards.csv"


def table(*rows: str, header: str = COLUMNS) -> Boards:
    return parse_boards("\n".join([header, *rows]).encode(), "mine.csv")


def row(
    code: str, fund: float = 3, weight: float = 1500, region: str = "North", more: str = "", **other: object
) -> str:
    values = {"distance": 2.5, "core20": 20, "people": "", "name": f"Board {code}", **other}
    return (
        f"{code},{values['name']},{fund},{weight},{values['distance']},{values['core20']},{region},{values['people']},"
        + (more or ",")
    )


def told(file: str) -> list[str]:
    with pytest.raises(BoardsError) as caught:
        read_boards(ODD / file)
    return str(caught.value).splitlines()


# Where the header is, and what separates cells.


@pytest.mark.parametrize("file", ["sepline.csv", "title_row.csv", "zwsp.csv"])
def test_titles_separator_lines_and_unseen_characters_change_nothing_that_is_read(file: str) -> None:
    assert read_boards(ODD / file).fingerprint == read_boards(ODD / "ok.csv").fingerprint


def test_a_header_below_a_title_is_found_and_said() -> None:
    assert read_boards(ODD / "title_row.csv").remarks == (
        "title_row.csv:line 3: this line seems to be the header; the lines above it are ignored",
    )
    assert read_boards(ODD / "sepline.csv").remarks == read_boards(ODD / "ok.csv").remarks == ()


@pytest.mark.parametrize("separator", [";", "\t"])
@pytest.mark.parametrize("first", ["", "sep={}\n", '"sep={}"\n', "A title\n\n"])
def test_semicolons_and_tabs_separate_cells_too(separator: str, first: str) -> None:
    text = first.format(separator) + (ODD / "ok.csv").read_text(encoding="utf-8").replace(",", separator)
    assert parse_boards(text.encode(), "mine.csv").fingerprint == read_boards(ODD / "ok.csv").fingerprint


@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_comma_that_may_be_a_decimal_point_is_asked_about(separator: str) -> None:
    text = (ODD / "ok.csv").read_text(encoding="utf-8").replace(",", separator).replace("7.5", "7,500")
    with pytest.raises(BoardsError, match='column fund_m: "7,500" is not clear: is the comma a decimal point'):
        parse_boards(text.encode(), "mine.csv")


def test_a_comma_after_a_leading_zero_never_separates_thousands() -> None:
    text = (ODD / "ok.csv").read_text(encoding="utf-8").replace("7.5", '"0,750"')
    with pytest.raises(BoardsError, match='column fund_m: "0,750" is not a number'):
        parse_boards(text.encode(), "mine.csv")


def test_lines_are_still_counted_from_the_top_of_the_file() -> None:
    text = (ODD / "title_row.csv").read_text(encoding="utf-8").replace("6.4", "much")
    with pytest.raises(BoardsError, match=r'mine.csv:line 5, column fund_m: "much" is not a number'):
        parse_boards(text.encode(), "mine.csv")


def test_names_that_other_public_tables_use_are_offered_with_their_units() -> None:
    said = told("workbook.csv")
    for name, column in (
        ("Org Code", "code"),
        ("Organisation", "name"),
        ("DfT %", "target_distance_pct"),
        ("Core20 %", "core20_pct"),
        ("Fund (£000s)", "fund_m? That column is in £m: divide by 1,000."),
        ("Core allocation (£000s)", "weight_m? That column is in £m: divide by 1,000."),
    ):
        assert any(f"column {name}: is not known; did you mean {column}" in line for line in said), (name, said)
    assert said[-1] == "workbook.csv:line 3: seems to be a row of totals, and not a board; remove it"
    assert not any("is missing" in line for line in said)
    assert told("icb_list.csv")[0] == "icb_list.csv:line 1, column ods_code: is not known; did you mean code?"


# What cannot be right, though it can be read.


@pytest.mark.parametrize("facts", [read_boards(), make_equal_bodies(5)])
def test_nothing_is_odd_about_what_ships(facts: Boards) -> None:
    assert facts.remarks == ()


def test_a_row_of_totals_is_remarked_on_and_not_refused() -> None:
    made = read_boards(ODD / "totals.csv")
    assert len(made) == 3
    assert made.remarks == (
        "totals.csv:line 4: is the sum of all other rows: a row of totals? It counts as a board; remove it",
    )


def test_shares_in_place_of_percentages_are_remarked_on() -> None:
    text = "\n".join(read_boards(ODD / "fraction_core20.csv").remarks)
    assert "column core20_pct: no value is above 0.3%: are these shares? Write 30 for 30%" in text
    assert "column target_distance_pct: no distance is more than 0.02%: are these shares?" in text


A, B, C = row("A"), row("B", 2, 1100), row("C", 4, 2400, "South", core20=30)
REMARKS = {
    "a subtotal": ((A, B, row("N", 5, 2600), C), 'line 4: is the sum of the other rows of "North": a subtotal?'),
    "a name for totals": ((A, B, row("E", 7, 3000, name="England")), "line 4: is named like a row of totals"),
    "a name twice": ((A, row("B", 2, 1100, name="board a")), '"board a" is also the name on line 2'),
    "a row twice": ((A, B, row("D")), "line 4: has the same numbers as line 2: entered twice?"),
    "a far distance": ((A, row("B", distance=60)), "line 3, column target_distance_pct: 60% is far outside"),
    "thousands": ((row("A", 3000), row("B", 2000)), "column fund_m: the funds are 170% of the allocations"),
    "a large fund": ((row("A", 300, 150_000), row("B", 200, 1e5)), "column fund_m: the funds add up to £500m, where"),
    "no fund": ((row("A", 0), row("B", 0, 1100)), "column fund_m: no board has any fund"),
    "people in thousands": ((A, row("B", people=900)), "column registered_population: an allocation of £1,666,667 for"),
    "nobody": ((A, row("B", people=0)), "line 3, column registered_population: nobody is registered here"),
    "two spellings": ((row("A", region="North West"), row("B", 2, 1100, "North-West")), "as a different region"),
    "alone": ((A, row("B", 2, 1100, more=",West,2026-04-01")), "merge_date: there is a date, but no"),
}


@pytest.mark.parametrize("name", REMARKS)
def test_what_is_odd_about_a_table_is_a_remark_with_its_line(name: str) -> None:
    rows, words = REMARKS[name]
    text = table(*(r.replace(",,West", ",West") for r in rows))
    assert len(text) == len(rows)
    assert any(words in remark for remark in text.remarks), text.remarks


def test_a_small_fund_is_odd_for_a_whole_country_only() -> None:
    many = [row(f"B{i}", 1 + i / 100, 700 + i, distance=i / 20) for i in range(40)]
    assert any("the funds add up to £48m" in remark for remark in table(*many).remarks)
    assert table(*many[:10]).remarks == ()


def test_a_notebook_is_told_what_is_odd_and_takes_the_name_of_a_file() -> None:
    with pytest.warns(UserWarning, match="totals.csv:line 4: is the sum of all other rows"):
        made = to_boards(ODD / "totals.csv")
    assert made == read_boards(ODD / "totals.csv")
    assert "Worth a look" in made._repr_html_()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load_boards(ODD / "ok.csv")
    with pytest.raises(ValueError, match="boards must be a table from load_boards or the name of a CSV file"):
        to_boards(42)  # type: ignore[arg-type]


# The order of lines.


def shuffled(seed: int) -> bytes:
    header, *lines = list(csv.reader(io.StringIO(REAL.read_text(encoding="utf-8"))))
    random.Random(seed).shuffle(lines)
    text = io.StringIO(newline="")
    csv.writer(text).writerows([header, *lines])
    return text.getvalue().encode()


@pytest.mark.parametrize("seed", [1, 2])
def test_lines_in_another_order_give_the_same_bits(seed: int) -> None:
    mine, real = parse_boards(shuffled(seed), "mine.csv"), read_boards()
    assert mine == real
    assert mine.fingerprint == real.fingerprint
    drawn = draw_futures(3, seed=5)
    ours, theirs = (run("ringfence", futures=drawn, boards=facts, detail=True) for facts in (mine, real))
    np.testing.assert_array_equal(ours.nation, theirs.nation)
    np.testing.assert_array_equal(ours.areas, theirs.areas)
    assert ours.codes == theirs.codes


def test_boards_are_in_order_of_region_and_code_and_are_listed_as_their_file_has_them() -> None:
    text = table(row("Z9", region="South"), row("b2", 2, 1100), row("A1", 4, 2400, "South"), row("B1", 5, 3100))
    assert text.codes == ("B1", "b2", "A1", "Z9")
    assert [text.codes[i] for i in text.as_listed] == ["Z9", "b2", "A1", "B1"]
    assert list(read_boards().codes) == [
        line.split(",")[0] for line in REAL.read_text(encoding="utf-8").splitlines()[1:]
    ]


# Boards that mergers form.


@pytest.mark.parametrize(
    ("called", "code", "message"),
    [
        ("NHS Essex ICB", "QH8", "exists from April 2026 (2026/27 Q1), formed from: Mid and South Essex"),
        ("Essex", "QH8", "We have not found its ODS code."),
        ("NHS Central East Integrated Care Board", "QM7", "Cambridgeshire and Peterborough"),
        ("thames valley", "QU9", "part of Frimley"),
        (
            "West & North London ICB",
            "QRV",
            "North West London ICB (QRV) stands for it, because its leaders lead the others",
        ),
        ("Surrey and Sussex", "QNX", "2026/27 Q1"),
        ("Norfolk and Suffolk ICB", "QMM", "the Suffolk part"),
        ("DLN", "QT1", "exists from April 2027 (2027/28 Q1) by the plans of 2026"),
        ("South East London and South West London", "QKK", "found neither its name nor its ODS code"),
    ],
)
def test_a_board_formed_by_a_merger_is_found_with_the_year_it_exists_from(called: str, code: str, message: str) -> None:
    real = read_boards()
    assert real.codes[real.position(called)] == code
    assert message in real.about(called)


def test_every_footprint_that_is_shared_is_a_board_that_can_be_asked_for() -> None:
    real = read_boards()
    shared = {word for word in real.footprints if real.footprints.count(word) > 1} | {"Essex ICB"}
    assert {board.published.footprint for board in real.merged if board.published} == shared
    for board in real.merged:
        assert all(real.position(label) == board.row for label in board.labels)
        assert set(board.members) == {i for i, word in enumerate(real.footprints) if word in board.labels}


@pytest.mark.parametrize("called", ["QNX", "NHS Sussex ICB", "Sussex", "nhs sussex integrated care board"])
def test_a_board_of_today_is_found_with_nhs_and_icb_or_without_and_needs_no_word_about_mergers(called: str) -> None:
    assert read_boards().codes[read_boards().position(called)] == "QNX"
    assert read_boards().about(called) == ""


def test_boards_formed_in_a_table_of_one_s_own_are_found_too() -> None:
    text = table(row("A", more="West,2026-04-01"), row("B", 2, 1100, more="West,2026-04-01"), row("C", 4, 2400))
    assert text.codes[text.position("west")] == "A"
    assert text.about("West").startswith("West exists from April 2026 (2026/27 Q1), formed from: Board A; Board B.")


def test_a_remark_never_uses_scientific_notation() -> None:
    text = (ODD / "ok.csv").read_text(encoding="utf-8").replace("7.5", "750000")
    text_shown = " ".join(parse_boards(text.encode(), "mine.csv").remarks)
    assert "of the allocations" in text_shown
    assert "e+" not in text_shown
