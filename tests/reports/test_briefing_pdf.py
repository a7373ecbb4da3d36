"""The report's short version to print: a PDF of a few pages with the numbers of the page."""

from __future__ import annotations

import ctypes
import dataclasses
import re
from collections import Counter
from pathlib import Path

import pytest
from cli_runs import bad, good
from days import DAY

from simulator.boards.table import make_equal_bodies
from simulator.common.formatting import format_pounds
from simulator.reports.answer_cards import write_answer_cards
from simulator.reports.blocks import Code, Document, Heading, Paragraph, Picture, Points
from simulator.reports.content import list_later_changes
from simulator.reports.first_page import write_first_page
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
    assert 3 <= len(words) <= 7  # one page, what is behind it, and the annex
    headline = re.search(r"<p class=\"headline\">(.*?)</p>", (folder / "r.html").read_text(encoding="utf-8"))
    assert headline is not None
    assert headline[1].replace("&#39;", "'") in words[1]
    assert "What this assumes" in words[1] and "not a prediction" in words[1].lower()
    assert "Before you rely on it" in words[0] and "A model, not a forecast" in words[0]
    assert "What is changed B: from 2027/28 the fund is ring-fenced with no waiver" in words[0]
    assert "Sources: NHS Confederation and Leeds Beckett University" in words[0] and "www" not in words[0]
    assert "ringfence report" not in words[0] and "(in the annex)" not in words[0]
    assert "ringfence report ringfence leadership" in " ".join(words[2:])
    assert f"Page 1 of {len(words)} (briefing; annex on page" in words[0]
    whole = next(page for page in words[1:] if re.search(r"\(E01, E02", page))
    assert "nhsconfed.org" in whole
    assert words[1].startswith("Behind page 1") and any(page.startswith("Annex") for page in words[2:])
    assert {"Behind page 1", "Annex"} <= set(marks)
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


def measure_page(path: Path, at: int) -> tuple[list[str], list[float]]:
    """The words of a page, and the size in points of each of its letters."""
    raw = pytest.importorskip("pypdfium2.raw")
    document = pdfium.PdfDocument(path.read_bytes())
    try:
        text = document[at].get_textpage()
        sizes, matrix = [], raw.FS_MATRIX()
        for i in range(text.count_chars()):
            if chr(raw.FPDFText_GetUnicode(text, i)).strip() and not raw.FPDFText_IsGenerated(text, i):
                assert raw.FPDFText_GetMatrix(text, i, matrix)
                sizes.append(round(raw.FPDFText_GetFontSize(text, i) * abs(matrix.d), 2))
        return text.get_text_range().split(), sizes
    finally:
        document.close()


@pytest.mark.parametrize("count", [1, 2, 4])
def test_the_first_page_is_read_in_a_minute_in_letters_that_can_be_read_however_long_the_names(
    count: int, tmp_path: Path
) -> None:
    name = "Ring-fence with audited accounts from 2028/29 and half a leadership programme"
    first, *others = map(load_scenario, ("ringfence", "leadership", "both", "leadership"))
    built = (first.with_lever("audit", 0.5, "2028/29 Q1"), *others)[:count]
    policies = [dataclasses.replace(one, title=f"{name} {i}") for i, one in enumerate(built)]
    write(tmp_path / "r.html", policies, n=100, today=DAY, pdf=tmp_path / "r.pdf")
    words, sizes = measure_page(tmp_path / "r.pdf", 0)
    assert len(words) <= 450 and min(sizes) >= 8
    body = sum(size >= 10 for size in sizes)
    assert body > 0.66 * len(sizes)  # the chart, its key, the line of sources and the foot are smaller
    behind, sizes_behind = measure_page(tmp_path / "r.pdf", 1)
    assert " ".join(behind[:3]) == "Behind page 1" and " ".join(words).count("Sources: ") == 1
    assert sum(size >= 10 for size in sizes_behind) > 0.9 * len(sizes_behind)
    said = " ".join(words)
    assert "Before you rely on it" in said and NOT_ASSURED in said and "A check that bears on B" in said


def test_the_first_page_names_a_policy_once_and_says_no_number_that_the_cards_do_not(tmp_path: Path) -> None:
    report = write(tmp_path / "r.html", ["ringfence", "leadership", "both"], n=100, today=DAY)
    study = report.study
    cards = write_answer_cards(study.runs, "retained", study.span, study.letters)
    page = write_first_page(study, cards, (), ("One, first", "Two, second"))
    said = " ".join(words for pair in page.answer for words in pair)
    for title, letter in (("Ring-fence as in 2022/23, not waived", "B"), ("Stronger leadership", "C")):
        assert said.count(title) == 1 and f"“{title}” ({letter})" in said
    assert study.runs[3].manifest.title not in said  # it is in the chart
    whole = " ".join(f"{card.sentence} {card.brief}" for card in cards)
    numbers = re.compile(r"£[\d.]*\d|\d[\d.]*")
    assert set(numbers.findall(said)) <= set(numbers.findall(whole))
    restored = said.replace(" (B)", "").replace(" (C)", "")
    restored = re.sub(r"\b([BC])\b", lambda m: f"“{study.runs['ABC'.index(m[1])].manifest.title}”", restored)
    for card, (_, brief) in zip(cards, page.answer, strict=True):
        assert card.sentence.partition(f" “{study.runs[3].manifest.title}”: ")[0] in restored and brief in card.brief
    assert page.sources == "Sources: One, first; Two, second."


def test_the_first_page_says_what_every_charted_policy_changes_and_how_each_compares_with_todays_rules(
    tmp_path: Path,
) -> None:
    own = load_scenario("ringfence-audited").starting("2028/29 Q1").with_lever("leader_lift", 0.225, "2028/29 Q1")
    own = own.with_lever("finance_lift", 0.1, "2028/29 Q1")
    names = ["ringfence", "leadership", dataclasses.replace(own, title="Audited, with half a programme")]
    study = write(tmp_path / "r.html", names, n=100, today=DAY).study
    cards = write_answer_cards(study.runs, "retained", study.span, study.letters)
    page = write_first_page(study, cards, (), ())
    said = " ".join(page.changes)
    assert "D: the audited ring-fence and half the leadership programme, from 2028/29." in said and re.search(
        r"\bB\b.*\bC\b", said
    )
    assert all(f"{letter} {c.gap_words}" in page.today for letter, c in zip("BCD", study.of("retained"), strict=True))
    assert "Once all act (2028/29 to 2029/30): B £" in page.today and "years shown" not in page.today
    assert list_later_changes(study) == [(6, "D starts")]
    late = dataclasses.replace(study, wanted="2028/29-2029/30")
    cards = write_answer_cards(late.runs, "retained", late.span, late.letters)
    assert write_first_page(late, cards, (), ()).today.endswith("before the years shown: B and C (from 2027/28).")


def test_the_page_behind_says_every_change_of_every_policy_and_compares_each_with_those_of_the_cards(
    tmp_path: Path,
) -> None:
    names = ("ringfence", "leadership", "both")
    good("report", *names, "-n", "100", "--out", tmp_path / "r.html", "--pdf", tmp_path / "r.pdf")
    document = pdfium.PdfDocument((tmp_path / "r.pdf").read_bytes())
    try:
        pages = [" ".join(page.get_textpage().get_text_range().split()) for page in document]
    finally:
        document.close()
    behind = re.sub(r" Ringfence \S+, \d+ \w+ \d{4}\. \S+ \S+ \S+ Page \d+ of \d+ \(annex\)", "", " ".join(pages[1:4]))
    first = behind.partition(" Annex ")[0]
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
