"""The report's short version to print: a PDF of a few pages with the numbers of the page."""

from __future__ import annotations

import ctypes
import re
from collections import Counter
from pathlib import Path

import pytest
from cli_runs import bad, good
from days import DAY

from simulator.boards.table import make_equal_bodies
from simulator.common.formatting import format_pounds
from simulator.reports.blocks import Code, Document, Heading, Paragraph, Picture, Points
from simulator.reports.page import write
from simulator.reports.provenance import MOST_CHANGES, NOT_ASSURED
from simulator.reports.typesetting import typeset
from simulator.scenarios.policy_sentence import write_policy_sentence
from simulator.scenarios.scenario import load_scenario

pytestmark = [pytest.mark.interface, pytest.mark.usefixtures("scored_once")]

pdfium = pytest.importorskip("pypdfium2", reason="pypdfium2 is not installed")


def list_tags(path: Path) -> list[tuple[str, str]]:
    """The structure of a tagged PDF file as a reader's software is given it: kind and alternative text of each part."""
    raw = pytest.importorskip("pypdfium2.raw")

    def read(function: object, part: object) -> str:
        room = function(part, None, 0)  # type: ignore[operator]
        letters = ctypes.create_string_buffer(room)
        function(part, letters, room)  # type: ignore[operator]
        return letters.raw.decode("utf-16-le").rstrip("\0")

    def walk(part: object) -> list[tuple[str, str]]:
        count = raw.FPDF_StructElement_CountChildren(part)
        below = [raw.FPDF_StructElement_GetChildAtIndex(part, i) for i in range(count)]
        first = read(raw.FPDF_StructElement_GetType, part), read(raw.FPDF_StructElement_GetAltText, part)
        return [first, *(tag for child in below if child for tag in walk(child))]

    tags: list[tuple[str, str]] = []
    document = pdfium.PdfDocument(path.read_bytes())
    try:
        assert raw.FPDFCatalog_IsTagged(document)
        for page in document:
            tree = raw.FPDF_StructTree_GetForPage(page)
            for i in range(raw.FPDF_StructTree_CountChildren(tree)):
                tags += walk(raw.FPDF_StructTree_GetChildAtIndex(tree, i))
            raw.FPDF_StructTree_Close(tree)
    finally:
        document.close()
    return tags


def test_a_numbered_list_keeps_its_numbers_and_a_long_address_is_parted_after_a_mark(tmp_path: Path) -> None:
    path = "simulator/declarations/parameters/decisions_of_boards.py"
    filled = [Paragraph(f"{'word ' * count}{path}") for count in range(4, 18)]
    blocks = (Points(("3. First", "4. Then")), Points(("1. One", "and more")), *filled)
    made = typeset(Document("T", "", "A", (), DAY, "", (Heading("T"), *blocks), ()))
    document = pdfium.PdfDocument(made)
    try:
        text = document[0].get_textpage().get_text_range()
    finally:
        document.close()
    lines = [line.strip() for line in text.splitlines()]
    assert "3. First" in lines and "4. Then" in lines and not any("• 3." in line for line in lines)
    assert any("1. One" in line and "•" in line for line in lines)
    begun = [line.split()[-1] for line in lines if line.startswith("word") and "simulator" in line]
    parted = [piece for piece in begun if piece != path]
    assert len(begun) > 6 and parted and all(piece[-1] in "/_." for piece in parted), begun


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("printed")


@pytest.fixture(scope="module")
def told(folder: Path) -> str:
    return good("report", "ringfence", "leadership", "-n", "100", "--out", folder / "r.html", "--pdf", folder / "r.pdf")


def test_the_command_writes_a_page_and_a_pdf_and_says_where(told: str, folder: Path) -> None:
    assert "r.pdf" in told
    assert (folder / "r.pdf").read_bytes().startswith(b"%PDF-")
    assert sorted(path.name for path in folder.iterdir()) == ["r.html", "r.pdf"]


def test_the_pdf_has_a_title_a_language_bookmarks_and_text_that_can_be_selected(told: str, folder: Path) -> None:
    data = (folder / "r.pdf").read_bytes()
    document = pdfium.PdfDocument(data)
    try:
        words = [" ".join(page.get_textpage().get_text_range().split()) for page in document]
        about = document.get_metadata_dict()
        marks = [mark.get_title() for mark in document.get_toc()]
        sizes = {tuple(round(side) for side in page.get_size()) for page in document}
    finally:
        document.close()
    assert about["Title"].startswith("In this model")
    assert re.search(rb"/Lang ?\(en-GB\)", data)
    assert {"The answer", "Over time", "Differences", "Scenarios", "To cite it"} <= set(marks)
    assert sizes == {(595, 842)}
    assert 2 <= len(words) <= 5  # one page, and its annex
    headline = re.search(r"<p class=\"headline\">(.*?)</p>", (folder / "r.html").read_text(encoding="utf-8"))
    assert headline is not None
    assert headline[1].replace("&#39;", "'") in words[0]
    assert "What this assumes" in words[0] and "not a prediction" in words[0].lower()
    changed = " ".join(words[0].split())
    assert "What each policy changes" in words[0] and "from 2027/28 the fund is ring-fenced with no waiver" in changed
    assert "Sources NHS Confederation and Leeds Beckett University" in words[0] and "www" not in words[0]
    assert "ringfence report" not in words[0] and "(in the annex)" not in words[0]
    assert "ringfence report ringfence leadership" in " ".join(words[1:])
    assert f"Page 1 of {len(words)} (briefing; annex on page" in words[0]
    whole = next(page for page in words[1:] if re.search(r"\(E01, E02", page))
    assert "nhsconfed.org" in whole
    assert words[1].startswith("Annex") and "Annex" in marks
    assert "Our analysis, produced using Ringfence" in " ".join(words[1:])
    assert all(NOT_ASSURED in page for page in words)
    assert NOT_ASSURED in (folder / "r.html").read_text(encoding="utf-8")


def test_the_pdf_is_tagged_after_pdf_ua_and_says_so(told: str, folder: Path) -> None:
    data = (folder / "r.pdf").read_bytes()
    assert re.search(rb"<pdfuaid:part>1</pdfuaid:part>", data) and b"/DisplayDocTitle true" in data
    assert re.search(rb"/MarkInfo ?<<[^>]*/Marked true", data)
    tags = list_tags(folder / "r.pdf")
    kinds = Counter(kind for kind, _ in tags)
    assert kinds["H1"] >= 8 and kinds["P"] > 20 and kinds["LI"] >= 8
    assert kinds["Table"] >= 3 and kinds["TH"] >= 14 and kinds["TD"] > 50


def test_a_report_on_chosen_years_says_so_in_the_command_that_makes_it_again(tmp_path: Path) -> None:
    asked = ("report", "leadership", "--years", "2028/29-2029/30", "-n", "100")
    good(*asked, "--out", tmp_path / "r.html", "--pdf", tmp_path / "r.pdf")
    document = pdfium.PdfDocument((tmp_path / "r.pdf").read_bytes())
    try:
        words = " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in document)
    finally:
        document.close()
    assert "2028/29 to 2029/30" in words and "2027/28 to 2029/30" not in words
    made = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "--years 2028/29-2029/30" in made and "--years" in words


def test_the_first_page_says_every_change_of_every_policy_and_compares_each_with_those_of_the_cards(
    tmp_path: Path,
) -> None:
    names = ("ringfence", "leadership", "both")
    good("report", *names, "-n", "100", "--out", tmp_path / "r.html", "--pdf", tmp_path / "r.pdf")
    document = pdfium.PdfDocument((tmp_path / "r.pdf").read_bytes())
    try:
        first = " ".join(document[0].get_textpage().get_text_range().split())
    finally:
        document.close()
    assert "(in the annex)" not in first
    for name in names:
        said = write_policy_sentence(load_scenario(name), MOST_CHANGES)
        assert f"“{load_scenario(name).title}”: f{said[1:]}" in first, name
    assert "with no waiver" in first and "finance directors" in first and "more are changed" not in first
    assert re.search(
        r"Each part by itself: the ring-fence not waived adds £[\d.]+ of each £100 and the leadership", first
    )
    both = load_scenario("both").title
    assert len(re.findall(rf"Against “[^”]*”, “{both}” does better, as the model assumes", first)) == 2


def test_pictures_have_words_for_those_who_cannot_see_them(told: str, folder: Path) -> None:
    pictures = [words for kind, words in list_tags(folder / "r.pdf") if kind == "Figure"]
    assert len(pictures) == 4 and all(len(words) > 40 for words in pictures)


def test_a_file_that_breaks_the_standard_is_refused_while_it_is_set() -> None:
    square = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9"/></svg>'
    page = Document("t", "s", "a", (), DAY, "", (Heading("One"), Picture(square, "A square")), ())
    assert typeset(page).startswith(b"%PDF-")
    for wrong in ((Heading("One"), Heading("Three", 3)), (Heading("One"), Picture(square, ""))):
        with pytest.raises(RuntimeError, match="PDF/UA-1"):
            typeset(page._replace(front=wrong))


def test_letters_that_no_typeface_draws_do_not_stop_the_file() -> None:
    words = "#set page(fill: red) $x$ *bold* @ref <a> `code` \\ \U0010fffd \U0001f980 \u200d 中 end"
    page = Document(words, words, words, (words,), DAY, words, (Heading(words), Paragraph(words)), (Code((words,)),))
    document = pdfium.PdfDocument(typeset(page))
    try:
        printed = " ".join(document[0].get_textpage().get_text_range().split())
    finally:
        document.close()
    assert "#set page(fill: red) $x$ *bold* @ref <a> `code` \\" in printed and printed.count("end") >= 3


def test_a_wrong_ending_is_refused_before_any_work(tmp_path: Path) -> None:
    assert "the ending must be .pdf" in bad("report", "--out", tmp_path / "r.html", "--pdf", tmp_path / "r.doc")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        write(tmp_path / "r.html", ["leadership"], n=20, boards=make_equal_bodies(3), pdf=tmp_path / "none" / "r.pdf")
    assert list(tmp_path.iterdir()) == []


def test_the_same_arguments_give_the_same_pdf_on_the_same_day(tmp_path: Path) -> None:
    contents = []
    for name in ("a", "b"):
        write(
            tmp_path / f"{name}.html",
            ["leadership"],
            n=20,
            boards=make_equal_bodies(3),
            today=DAY,
            pdf=tmp_path / f"{name}.pdf",
        )
        contents.append((tmp_path / f"{name}.pdf").read_bytes())
    assert contents[0] == contents[1]


def test_hostile_and_foreign_titles_are_printed_as_they_are(tmp_path: Path) -> None:
    import dataclasses

    title = "</text><script>x</script> & “Ünïçødé” Ελλάδα \x07"
    odd = dataclasses.replace(load_scenario("leadership"), title=title)
    write(tmp_path / "r.html", [odd], n=20, boards=make_equal_bodies(3), today=DAY, pdf=tmp_path / "r.pdf")
    document = pdfium.PdfDocument((tmp_path / "r.pdf").read_bytes())
    try:
        words = " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in document)
    finally:
        document.close()
    assert "<script>x</script> & “Ünïçødé” Ελλάδα" in words


def test_a_fund_that_is_nil_in_some_years_can_be_printed(tmp_path: Path) -> None:
    nil = load_scenario("baseline").with_lever("pot_scale", 0, "2028/29 Q1")
    write(tmp_path / "r.html", [nil, "no-letter"], n=20, boards=make_equal_bodies(3), pdf=tmp_path / "r.pdf")
    assert (tmp_path / "r.pdf").stat().st_size > 10_000


def test_a_share_is_the_same_on_paper_as_in_sentences() -> None:
    assert format_pounds(0.7249) == "£72.5"
