"""The workbook to fill in is read by the reader of evidence as it stands, and explains what that reader knows."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from openpyxl import load_workbook

from simulator.boards.table import read_boards
from simulator.evidence.board_counts import COUNTED
from simulator.evidence.figure_readers import list_board_outcomes
from simulator.evidence.observation_file import EvidenceError, read_evidence
from simulator.evidence.observations import BoardRow, NationalFigure
from simulator.evidence.template_workbook import COLUMNS, COUNT_COLUMNS, EXAMPLE, make_template_workbook


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "mine.xlsx"
    path.write_bytes(make_template_workbook())
    return path


def test_the_workbook_holds_nothing_to_delete_and_is_read_as_it_is_filled_in(book: Path) -> None:
    with pytest.raises(EvidenceError, match="is empty"):
        read_evidence(book)
    filled = load_workbook(io.BytesIO(book.read_bytes()))
    examples = {
        sheet: [line[3] for line in filled["Columns"].iter_rows(min_row=2, values_only=True) if line[0] == sheet]
        for sheet in ("Rows", "Counts")
    }
    for sheet, example in examples.items():
        filled[sheet].append(example)
    own = book.with_name("filled.xlsx")
    filled.save(own)
    row, figure = read_evidence(own).observations
    assert isinstance(row, BoardRow) and isinstance(figure, NationalFigure)
    assert (row.board, row.outcome, row.value, row.error, row.source) == (EXAMPLE[0], *EXAMPLE[2:])
    assert (figure.what, figure.value) == ("kept_in_full", 12 / 42)


def test_a_mistake_in_the_workbook_is_told_with_its_row(book: Path) -> None:
    wrong = load_workbook(io.BytesIO(book.read_bytes()))
    wrong["Rows"].append(EXAMPLE)
    wrong["Rows"].append((*EXAMPLE[:2], "kept", *EXAMPLE[3:]))
    path = book.with_name("wrong.xlsx")
    wrong.save(path)
    with pytest.raises(EvidenceError, match=r"(?s)wrong\.xlsx, line 3.*retained|wrong\.xlsx:3.*retained"):
        read_evidence(path)


def test_the_sheets_behind_explain_every_column_every_word_and_every_board(book: Path) -> None:
    sheets = load_workbook(book)
    assert sheets.sheetnames == ["Rows", "Counts", "Columns", "Boards"]
    explained = {
        (str(sheet), str(name)): str(words)
        for sheet, name, words, _ in sheets["Columns"].iter_rows(min_row=2, values_only=True)
    }
    for sheet, columns in (("Rows", COLUMNS), ("Counts", COUNT_COLUMNS)):
        assert [name for own, name in explained if own == sheet] == [*columns]
        assert [*columns] == [cell.value for cell in sheets[sheet][1]]
    assert all(f"{name}: " in explained["Rows", "what"] for name in list_board_outcomes())
    assert all(f"{name}: " in explained["Counts", "what"] for name in COUNTED)
    codes = [code for code, _ in sheets["Boards"].iter_rows(min_row=2, values_only=True)]
    assert sorted(map(str, codes)) == sorted(read_boards().codes)
