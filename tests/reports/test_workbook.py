"""A workbook holds every digit of the comparison, and what people and screen readers need to read it."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cli_runs import bad, good
from days import DAY
from openpyxl import Workbook, load_workbook

import simulator as rf
from simulator.boards.table import BoardsError, parse_boards, read_boards
from simulator.common.excel_reader import ExcelFileError, read_sheet_as_csv
from simulator.evidence.observation_file import EvidenceError, read_evidence
from simulator.reports.excel_file import HEADING_ROW, Column, Sheet, make_excel_file
from simulator.reports.pair_table import EXACT
from simulator.runs.board_sums import sum_over_years

pytestmark = pytest.mark.interface

TABS = ["Summary", "Pairs", "By year", "Boards", "Assumptions", "Read me"]


def read_tables(data: bytes) -> dict[str, list[dict[str, Any]]]:
    """The table of every sheet, a dictionary a row."""
    tables = {}
    for sheet in load_workbook(io.BytesIO(data)).worksheets:
        heading, *rows = sheet.iter_rows(min_row=HEADING_ROW + 1, values_only=True)
        tables[sheet.title] = [dict(zip(heading, row, strict=True)) for row in rows]
    return tables


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("book") / "mine.xlsx"
    good("compare", "ringfence", "leadership", "-n", "120", "--seed", "3", "--outcome", "spent", "--xlsx", path)
    return path


def test_a_workbook_keeps_every_digit_of_the_comparison(book: Path) -> None:
    tables = read_tables(book.read_bytes())
    futures = rf.draw_futures(120, seed=3)
    unit = "£ in each £100"
    for outcome in ("spent", "retained"):
        comparison = rf.compare("leadership", futures=futures, outcome=outcome)
        rows = {row["Title"]: row for row in tables["Summary"] if row["Outcome"] == comparison.outcome.label}
        row = rows[comparison.new]
        assert row[f"Average, every digit ({unit})"] == 100 * comparison.new_mean
        assert row[f"Difference, every digit ({unit})"] == 100 * comparison.difference
        assert row[f"8 in 10 differences, from ({unit})"] == 100 * comparison.likely[0]
        assert row["In a sentence"] == comparison.sentence
        assert rows[comparison.old][f"Average, every digit ({unit})"] == 100 * comparison.old_mean
    assert tables["Summary"][0]["Outcome"] == "Spent on purpose"
    run = rf.run("leadership", futures=futures)
    years = [row for row in tables["By year"] if row["Title"] == "Stronger leadership"]
    expected = [100 * float(column.copy().mean()) for column in run.each_year("spent").T]
    assert [row["Spent on purpose: average (£ in each £100)"] for row in years] == expected


def test_every_pair_of_scenarios_stands_in_a_table_with_its_counts_range_and_years_within_10p_of_its_sentence(
    tmp_path: Path,
) -> None:
    path, unit = tmp_path / "pairs.xlsx", "£ in each £100"
    good("compare", "ringfence", "leadership", "both", "-n", "120", "--seed", "3", "--xlsx", path)
    rows = read_tables(path.read_bytes())["Pairs"]
    whole = [row for row in rows if row["Years"] == rows[0]["Years"]]
    assert [row["Scenario"] + row["Compared with"] for row in whole] == ["BA", "CA", "CB", "DA", "DB", "DC"]
    futures = rf.draw_futures(120, seed=3)
    for row in rows:
        assert row["Better in (futures)"] + row["The same in (futures)"] + row["Worse in (futures)"] == 120
        said = re.search(r": £([\d.]+) (more|less) on average", str(row["In a sentence"]))
        assert said and row["Title"] != row["Title of that"]
        exact = row[f"Difference ({unit})"] * (1 if said[2] == "more" else -1)
        assert abs(float(said[1]) - exact) <= 0.1 and "up to 10p apart" in EXACT
    runs = {name: rf.run(name, futures=futures) for name in ("ringfence", "leadership")}
    (pair,) = [row for row in whole if row["Scenario"] + row["Compared with"] == "CB"]
    first, last = rows[0]["Years"].split(" to ")
    span = runs["ringfence"].span(f"{first}-{last}")
    gaps = 100 * (runs["leadership"].outcome("retained", span) - runs["ringfence"].outcome("retained", span))
    assert pair[f"Difference ({unit})"] == pytest.approx(float(gaps.mean()))
    assert pair["Better in (futures)"] == int((gaps > 1e-7).sum())
    ends = pair[f"8 in 10 differences, from ({unit})"], pair[f"8 in 10 differences, to ({unit})"]
    assert ends == pytest.approx(tuple(np.quantile(gaps, (0.1, 0.9))))


def test_a_number_of_the_summary_is_the_one_of_its_sentence_and_differences_are_those_of_the_averages(
    book: Path,
) -> None:
    unit = "£ in each £100"
    for row in read_tables(book.read_bytes())["Summary"]:
        if row["In a sentence"] is None:
            first = row[f"Average ({unit})"]
            continue
        average, difference = row[f"Average ({unit})"], row[f"Difference ({unit})"]
        said = [float(number) for number in re.findall(r"£([\d.]*\d)", row["In a sentence"])]
        said += [float(number) / 100 for number in re.findall(r"([\d.]+)p\b", row["In a sentence"])]
        assert average in said and abs(difference) in said, row
        coarsest = 10.0 ** -len(f"{average:g}".partition(".")[2])
        assert average - first == pytest.approx(difference, abs=0.5 * coarsest + 1e-9), row


def test_the_boards_sheet_holds_what_every_board_keeps(book: Path) -> None:
    rows, boards = read_tables(book.read_bytes())["Boards"], read_boards()
    sums = sum_over_years(
        rf.load_scenario("leadership"), rf.draw_futures(120, seed=3), boards, slice(5, None), lambda _: None
    )

    means = [float(share.copy().mean()) for share in 100 * sums.compute_shares("spent", np.arange(len(boards))).T]
    assert [row["C: average (£ in each £100)"] for row in rows] == [means[i] for i in boards.as_listed]
    assert {row["Code"] for row in rows} == set(boards.codes)


def test_a_workbook_can_be_read_by_a_screen_reader(book: Path) -> None:
    whole = load_workbook(book)
    assert whole.sheetnames == TABS
    for sheet in whole.worksheets:
        assert not sheet.merged_cells.ranges
        assert len(sheet.tables) == 1
        assert sheet.freeze_panes == f"B{HEADING_ROW + 2}"
        heading = [cell.value for cell in sheet[HEADING_ROW + 1]]
        assert all(heading[: sheet.max_column]) and len(set(heading)) == len(heading)
        assert "one table" in sheet["A2"].value
        assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)
    with zipfile.ZipFile(book) as package:
        drawings = [package.read(name).decode() for name in package.namelist() if "drawings/drawing" in name]
    assert drawings and all('descr="Lines over the years' in drawn for drawn in drawings)


def test_a_workbook_says_what_it_rests_on_and_how_to_make_it_again(book: Path) -> None:
    tables = read_tables(book.read_bytes())
    kinds = {row["Kind"] for row in tables["Assumptions"]}
    assert kinds == {"What a scenario changes", "An uncertain number"}
    cited = [row for row in tables["Assumptions"] if row["Evidence (entries of the register)"] == "none"]
    assert all(not row["Addresses of the evidence"] for row in cited)
    items = {row["Item"]: row["Explanation"] for row in tables["Read me"]}
    assert items["To make it again"].startswith("ringfence compare ringfence leadership --outcome spent")
    assert items["Seed"] == "3" and "Not independently assured" in items["Assurance"]


def test_a_comparison_in_a_notebook_is_saved_with_the_same_numbers(book: Path, tmp_path: Path) -> None:
    futures = rf.draw_futures(120, seed=3)
    comparison = rf.compare("leadership", futures=futures, outcome="spent")
    path = comparison.to_excel(tmp_path / "one.xlsx", today=DAY)
    own, other = (read_tables(p.read_bytes()) for p in (path, book))
    picked = [row for row in own["Summary"] if row["Title"] == comparison.new]
    assert [{**row, "Scenario": "C"} for row in picked] == [row for row in other["Summary"] if row["Scenario"] == "C"]
    assert path.read_bytes() == comparison.to_excel(tmp_path / "two.xlsx", today=DAY).read_bytes()
    with pytest.raises(ValueError, match=r"name it one\.xlsx"):
        comparison.to_excel(tmp_path / "one.csv")
    edited = rf.load_scenario("leadership").with_lever("audit", 0.5)
    unknown = rf.compare(rf.run(edited, futures=futures), rf.run("baseline", futures=futures))
    with pytest.raises(ValueError, match=r"give rf\.compare the scenarios themselves"):
        unknown.to_excel(tmp_path / "three.xlsx")


def test_a_workbook_that_cannot_be_written_is_refused_before_the_work(tmp_path: Path) -> None:
    assert "must be .xlsx" in bad("compare", "--xlsx", tmp_path / "mine.csv")
    assert "make it first" in bad("compare", "--xlsx", tmp_path / "none" / "mine.xlsx")
    assert "--xlsx does not go with --until" in bad("compare", "--until", "0.1", "--xlsx", tmp_path / "mine.xlsx")


def test_no_title_is_run_as_a_formula_and_odd_numbers_are_blank() -> None:
    columns = (Column("Who"), Column("Share", "0.0"))
    rows = [["=cmd|' /C calc'!A0", 0.1 + 0.2], ["\x07https://example.org", float("nan")], ["x" * 40_000, None]]
    sheet = Sheet("One", "=1+1", "one table", columns, rows)
    table = read_tables(make_excel_file([sheet], "t", "c", DAY))["One"]
    assert [row["Share"] for row in table] == [0.1 + 0.2, None, None]
    assert table[0]["Who"] == rows[0][0] and len(table[2]["Who"]) == 32_000
    assert read_tables(make_excel_file([Sheet("One", "t", "n", columns, [])], "t", "c", DAY))["One"][0]["Who"] == "None"


# Reading.


def save(rows: list[list[object]], *, percent: tuple[str, ...] = ()) -> bytes:
    book = Workbook()
    book.active.title = "Notes"
    sheet = book.create_sheet("Boards")
    for row in rows:
        sheet.append(row)
    for place in percent:
        sheet[place].number_format = "0.0%"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


HEAD: list[object] = [
    *("code", "name", "fund_m", "weight_m", "target_distance_pct", "core20_pct", "region", "footprint", "merge_date")
]
ROWS: list[list[object]] = [
    ["QX1", "North, east", 5.123456789012345, 400, -1.5, 0.07, "North", "Both", dt.date(2026, 4, 1)],
    ["QX2", "South", 6, 500, 2, 31.5, "South", "Both", dt.date(2026, 4, 1)],
]


def test_boards_are_read_from_a_workbook_as_from_a_csv_file() -> None:
    sheet = parse_boards(save([["A title"], HEAD, *ROWS], percent=("F3",)), "mine.xlsx")
    lines = [",".join(map(str, HEAD)), '"QX1","North, east",5.123456789012345,400,-1.5,7%,North,Both,2026-04-01']
    lines.append("QX2,South,6,500,2,31.5,South,Both,2026-04-01")
    assert sheet.areas.tobytes() == parse_boards("\n".join(lines).encode(), "mine.xlsx").areas.tobytes()
    with pytest.raises(BoardsError, match=r"mine\.xlsx:line 3, column fund_m") as caught:
        parse_boards(save([HEAD, ROWS[0], [*ROWS[1][:2], "much", *ROWS[1][3:]]]), "mine.xlsx")
    assert len(caught.value.problems) == 1


def test_evidence_by_board_is_read_from_a_workbook(tmp_path: Path) -> None:
    rows: list[list[object]] = [["board", "year", "what", "value", "error"], ["QWO", "2022/23", "retained", 0.7, 0.05]]
    (tmp_path / "mine.xlsx").write_bytes(save(rows))
    (tmp_path / "mine.csv").write_text("\n".join(",".join(map(str, row)) for row in rows), encoding="utf-8")
    assert read_evidence(tmp_path / "mine.xlsx").observations == read_evidence(tmp_path / "mine.csv").observations
    (tmp_path / "mine.xlsx").write_bytes(save(rows)[:-200])
    with pytest.raises(EvidenceError, match=r"mine\.xlsx:1: is a damaged workbook"):
        read_evidence(tmp_path / "mine.xlsx")


def test_a_file_that_is_no_workbook_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as package:
        package.writestr("word/document.xml", "<w/>")
    broken = io.BytesIO()
    with zipfile.ZipFile(broken, "w") as package:
        package.writestr("xl/workbook.xml", "<w/>")
    for data, said in (
        (other.getvalue(), "is not an Excel workbook; open it"),
        (broken.getvalue(), "is not a workbook that can be read"),
        (save([]), "holds no sheet with anything in it"),
    ):
        with pytest.raises(ExcelFileError, match=said):
            read_sheet_as_csv(data)
    monkeypatch.setattr("simulator.common.excel_reader.MOST_UNPACKED", 100)
    with pytest.raises(ExcelFileError, match="too large once it is unpacked"):
        read_sheet_as_csv(save(ROWS))
