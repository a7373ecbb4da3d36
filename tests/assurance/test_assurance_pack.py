"""The assurance pack as files: complete or not there, tagged, with numbers as numbers, and true to its chapters."""

from __future__ import annotations

import io
import math
import re
import shutil
import subprocess
import zipfile
from html import unescape
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from cli_runs import bad, good
from days import DAY

from simulator.assurance import pack, pack_files
from simulator.assurance.chapter import Chapter, tabulate_sheet
from simulator.assurance.closing import CLOSES
from simulator.assurance.pack_files import read_pack
from simulator.assurance.rendering import TITLE, link_addresses, render_opendocument, render_page
from simulator.common.errors import InputError
from simulator.reports.blocks import Paragraph, Table
from simulator.reports.excel_file import Column, Sheet, make_excel_file
from simulator.reports.provenance import NOT_ASSURED, describe_precision
from simulator.runs.run import compare_results, run

pytestmark = pytest.mark.assurance

SMALL = pack.Size(120, 1, 4, 40, 40, 10, 1, 2)


def still(done: int, total: int) -> None:
    """No progress is shown."""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> pack.Pack:
    return pack.write_pack(tmp_path_factory.mktemp("out") / "pack", SMALL, None, DAY, still, "ringfence assurance X")


def test_every_chapter_is_in_the_page_and_every_gap_is_printed(written: pack.Pack) -> None:
    page = written.files[0].read_text(encoding="utf-8")
    for chapter in written.chapters:
        assert f">{chapter.title}</h2>" in page
    gaps = [check for chapter in written.chapters for check in chapter.gaps]
    assert page.count('class="gap">GAP</td>') == len(gaps)
    unsaid = [check.asked for chapter in written.chapters for check in chapter.checks if check.asked not in CLOSES]
    assert not unsaid, f"no line in CLOSES says what would close: {unsaid}"
    assert all(CLOSES[check.asked] in unescape(page) for chapter in written.chapters[1:] for check in chapter.gaps)
    assert NOT_ASSURED in page and "<script" not in page and "http-equiv" in page


def test_the_workbooks_hold_the_same_tables_with_numbers_as_numbers(written: pack.Pack) -> None:
    excel, opendocument = written.files[2:]
    book = openpyxl.load_workbook(excel)
    sheets = {sheet.tab: sheet for chapter in written.chapters for sheet in chapter.sheets}
    assert book.sheetnames == ["Read me", "Checks", *sheets]
    tables = pd.read_excel(opendocument, engine="odf", sheet_name=None)
    assert list(tables) == book.sheetnames
    for tab, sheet in sheets.items():
        rows = list(book[tab].iter_rows(min_row=5, values_only=True))
        assert len(rows) == len(sheet.rows) == len(tables[tab]), tab
        for made, row in zip(rows, sheet.rows, strict=True):
            assert [v for v in made if isinstance(v, float | int)] == [v for v in row if isinstance(v, float | int)], (
                tab
            )
    impacts = tables["Impacts"]["Impact, £ of each £100"]
    assert impacts.dtype.kind == "f" and impacts.tolist() == [row[2] for row in sheets["Impacts"].rows]


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_both_workbooks_and_saves_them_with_fourteen_digits_at_least(
    written: pack.Pack, tmp_path: Path
) -> None:
    books = {tmp_path / f"from {file.suffix[1:]}{file.suffix}": file for file in written.files[2:]}
    for copy, file in books.items():
        shutil.copy(file, copy)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(tmp_path / "saved")]
    subprocess.run([*command, *map(str, books)], check=True, capture_output=True, timeout=300)
    for copy, skipped in zip(books, (3, 0), strict=True):
        saved = (tmp_path / "saved" / copy.name).with_suffix(".xlsx")
        tables = pd.read_excel(saved, sheet_name=None, skiprows=skipped)
        for sheet in (sheet for chapter in written.chapters for sheet in chapter.sheets):
            for at, column in enumerate(sheet.columns):
                cells = [row[at] for row in sheet.rows]
                numbers = [
                    (float(a), b)
                    for a, b in zip(cells, tables[sheet.tab].iloc[:, at], strict=True)
                    if isinstance(a, float | int)
                ]
                apart = [(a, b) for a, b in numbers if not math.isclose(a, b, rel_tol=1e-14)]
                assert not apart, (sheet.tab, column.heading)


def test_no_text_of_a_workbook_is_hidden_behind_the_next_row() -> None:
    columns = (Column("A heading that is longer than its column is wide", width=12), Column("n", "0", width=8))
    sheet = Sheet("A", "t", "n", columns, [["word " * 40, 1.5], ["short", 2.0]])
    page = openpyxl.load_workbook(io.BytesIO(make_excel_file([sheet], "t", "c", DAY)))["A"]
    heights = [page.row_dimensions[row].height for row in (4, 5)]
    assert heights[0] >= 5 * 15 and heights[1] >= 17 * 15 and page.row_dimensions[6].height in (None, 15)
    with zipfile.ZipFile(io.BytesIO(make_excel_file([sheet], "t", "c", DAY))) as book:
        assert b"customHeight" not in book.read("xl/worksheets/sheet1.xml")
    with zipfile.ZipFile(io.BytesIO(render_opendocument([sheet]))) as book:
        content = book.read("content.xml")
    assert f'row-height="{heights[1]:.0f}pt"'.encode() in content and b"table-header-rows" in content
    assert b'column-width="2.4cm"' in content and b'value="1.5"' in content


def test_the_pdf_is_tagged_and_holds_every_chapter(written: pack.Pack) -> None:
    data = written.files[1].read_bytes()
    pdfium = pytest.importorskip("pypdfium2")
    document = pdfium.PdfDocument(data)
    try:
        marks = [mark.get_title() for mark in document.get_toc() if mark.level == 0]
        assert all(NOT_ASSURED in page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()
    assert b"<pdfuaid:part>1</pdfuaid:part>" in data
    assert marks[1:] == [chapter.title for chapter in written.chapters]


def test_the_contents_lead_to_the_pages_of_the_chapters_whose_names_stand_above_them(written: pack.Pack) -> None:
    pdfium = pytest.importorskip("pypdfium2")
    document = pdfium.PdfDocument(written.files[1].read_bytes())
    try:
        begins = {mark.get_title(): mark.get_dest().get_index() for mark in document.get_toc() if mark.level == 0}
        pages = [page.get_textpage().get_text_range().splitlines() for page in document]
    finally:
        document.close()
    order = [begins[chapter.title] for chapter in written.chapters]
    for chapter, first, after in zip(written.chapters, order, [*order[1:], len(pages)], strict=True):
        says = f": {chapter.met} of {len(chapter.checks)} checks met" if chapter.checks else ""
        words = f"{chapter.title}{says}"
        entries = [line for line in pages[0] if re.fullmatch(rf"{re.escape(words)}[ .]+\d+ *", line)]
        assert first + 1 in {int(entry.split()[-1]) for entry in entries}, chapter.title
        for at in range(first, max(after, first + 1)):  # chapters may begin on one page
            assert pages[at][0].startswith(TITLE) and chapter.title in pages[at][0], at
    assert pages[0].count(TITLE) == 1


def test_no_page_but_the_last_is_left_nearly_empty_and_no_amount_is_parted_from_its_sign(
    written: pack.Pack,
) -> None:
    pdfium = pytest.importorskip("pypdfium2")
    document = pdfium.PdfDocument(written.files[1].read_bytes())
    try:
        texts = [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()
    words = [len(text.split()) for text in texts]
    assert min(words[:-1]) > 150, [(at + 1, count) for at, count in enumerate(words) if count <= 150]
    assert [found[0] for text in texts for found in re.finditer(r"[+−]\s*\n\s*£\d", text)] == []


def test_a_number_is_shown_with_the_decimals_of_its_workbook_column_and_two_at_least() -> None:
    sheet = Sheet("A", "t", "n", (Column("a", "0.000"), Column("b", "0.0"), Column("c", "0")), [[0.355, 2.25, 3.0]])
    assert tabulate_sheet(sheet, (0, 1, 2)).rows == (("0.355", "2.25", "3"),)


def test_the_first_sheet_says_what_every_sheet_holds_in_which_unit_and_from_where(written: pack.Pack) -> None:
    book = openpyxl.load_workbook(written.files[2])
    said = {row[0]: row[2] for row in book["Read me"].iter_rows(min_row=5, values_only=True)}
    assert list(said) == [*book.sheetnames[1:], "This file"] and NOT_ASSURED in str(said["This file"])
    assert all("Source: " in str(said[tab]) and book[tab]["A2"].value == said[tab] for tab in book.sheetnames[1:])
    for tab in book.sheetnames[1:]:
        columns = {str(cell.value): cell.column for cell in book[tab][4]}
        numbers = [
            name
            for name, at in columns.items()
            if any(isinstance(row[at - 1], float) for row in book[tab].iter_rows(min_row=5, values_only=True))
        ]
        assert not numbers or "Unit: " in str(said[tab]), tab


def test_a_pack_of_another_build_or_half_of_one_is_not_taken_for_this_ones(
    written: pack.Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = written.files[0].parent
    assert read_pack(folder) == {path.name: path.read_bytes() for path in written.files}
    with pytest.raises(InputError, match="holds no assurance pack"):
        read_pack(tmp_path)
    monkeypatch.setattr(pack_files, "source_hash", lambda: "0" * 16)
    with pytest.raises(InputError, match="of another build"):
        read_pack(folder)


def test_nothing_is_written_when_the_work_is_broken_off(tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pack.write_pack(tmp_path / "pack", SMALL, None, DAY, stop, "x")
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_to_is_refused_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    assert "file" in bad("assurance", tmp_path / "file")
    (tmp_path / "tests.xml").write_text("<a/>", encoding="utf-8")
    words = bad("assurance", tmp_path / "out", "--tests", tmp_path / "tests.xml")
    assert "no file of test results" in words and not (tmp_path / "out").exists()
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"


def test_the_command_writes_the_pack_and_names_its_gaps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chapter = Chapter("One", (Paragraph("Words"),))
    monkeypatch.setattr(pack, "write_chapters", lambda *_: (chapter,))
    told = good("assurance", tmp_path / "out", "--quick")
    assert "0 of 0 checks" in told and sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(pack.FILES)


def test_hostile_words_are_words_in_every_file() -> None:
    words = '<script>alert(1)</script> #eval("x") https://example.org/a?b=1&c=2). =1+1 \x07'
    chapter = Chapter(words, (Paragraph(words), Table((words,), ((words,),))))
    page = render_page([chapter], "0", "0", DAY, words).decode()
    assert "<script" not in page and "&lt;script&gt;" in page
    assert str(link_addresses("see https://a.org/x.")) == 'see <a href="https://a.org/x">https://a.org/x</a>.'
    sheet = Sheet("A", "t", "n", (Column("h"),), [[words], [float("nan")]])
    (table,) = pd.read_excel(io.BytesIO(render_opendocument([sheet])), engine="odf", sheet_name=None).values()
    assert table["h"].tolist()[0].rstrip() == words.replace("\x07", " ").rstrip()


def test_the_precision_of_averages_is_the_margin_that_stands_beside_each() -> None:
    both, today = run("both", 40), run("baseline", 40)
    for outcome, base in (("retained", " of each £100"), ("raided", "")):
        comparison = compare_results(both, today, outcome, both.span())
        said = describe_precision([comparison])
        assert f" by about {comparison.margin_words}{base} at most " in said, said
