"""The workbook to fill in is read by the reader of evidence as it stands, and explains what that reader knows."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from openpyxl import load_workbook

from simulator.boards.table import read_boards
from simulator.evidence.figure_readers import list_board_outcomes
from simulator.evidence.observation_file import EvidenceError, read_evidence
from simulator.evidence.observations import BoardRow
from simulator.evidence.template_workbook import COLUMNS, EXAMPLES, make_template_workbook


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "mine.xlsx"
    path.write_bytes(make_template_workbook())
    return path


def test_the_workbook_is_read_as_it_stands_and_as_it_is_filled_in(book: Path) -> None:
    rows = [row for row in read_evidence(book).observations if isinstance(row, BoardRow)]
    assert sorted((row.board, row.outcome, row.value, row.error, row.source) for row in rows) == sorted(
        (board, what, value, error, source) for board, _, what, value, error, source in EXAMPLES
    )
    filled = load_workbook(io.BytesIO(book.read_bytes()))
    filled["Rows"].append(("QE1", "2023/24", "front", 0.25, 0.02, "minutes of March"))
    own = book.with_name("filled.xlsx")
    filled.save(own)
    (new,) = {*read_evidence(own).observations} - {*rows}
    assert isinstance(new, BoardRow)
    assert (new.board, new.outcome, new.value, new.error, new.source) == (
        "QE1", "front", 0.25, 0.02, "minutes of March",
    )  # fmt: skip


def test_a_mistake_in_the_workbook_is_told_with_its_row(book: Path) -> None:
    wrong = load_workbook(io.BytesIO(book.read_bytes()))
    wrong["Rows"]["C3"] = "kept"
    path = book.with_name("wrong.xlsx")
    wrong.save(path)
    with pytest.raises(EvidenceError, match=r"(?s)wrong\.xlsx, line 3.*retained|wrong\.xlsx:3.*retained"):
        read_evidence(path)


def test_the_sheets_behind_explain_every_column_every_word_and_every_board(book: Path) -> None:
    sheets = load_workbook(book)
    assert sheets.sheetnames == ["Rows", "Columns", "Boards"]
    explained = {str(name): str(words) for name, words in sheets["Columns"].iter_rows(min_row=2, values_only=True)}
    assert [*explained][:-1] == [*COLUMNS] == [cell.value for cell in sheets["Rows"][1]]
    assert all(f"{name}: " in explained["what"] for name in list_board_outcomes())
    codes = [code for code, _ in sheets["Boards"].iter_rows(min_row=2, values_only=True)]
    assert sorted(map(str, codes)) == sorted(read_boards().codes)
