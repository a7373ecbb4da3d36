"""The slides say what the Answer page says, and are made only while somebody presents."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from html import unescape
from xml.etree import ElementTree

import pytest

pytest.importorskip("panel", reason="the dashboard is not installed: pip install -e '.[dashboard]'")

from dashboards.computing.answer_view import view_answer, write_provenance_line, write_sentences
from dashboards.computing.result_store import ResultStore
from dashboards.computing.session import Session
from dashboards.computing.worker import Worker
from dashboards.selection.selection import TODAYS_RULES, LeverEdit, Selection, Slot
from dashboards.tabs.answer import AnswerTab
from dashboards.tabs.slides import Slides, make_slides
from dashboards.widgets.fan_chart import FanChart
from dashboards.widgets.sheet import Words
from simulator.reports.pdf_content import make_course_figure
from simulator.reports.provenance import NOT_ASSURED
from simulator.reports.sentences import write_of_model

pytestmark = pytest.mark.dashboards

TITLE = "<b>Mine</b> & “yours”"
TWO = Selection((TODAYS_RULES, Slot("ringfence", TITLE), Slot("leadership")), futures=250)
NONE = Selection((TODAYS_RULES,), futures=250)


def read(html: str) -> str:
    """The words of markup, without what holds a line together."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html))).replace("\u2060", "")


def words_of_page(store: ResultStore, selection: Selection) -> str:
    session = Session(store=store, selection=selection)
    tab = AnswerTab(session)
    tab.show_answer(view_answer(store.answer(selection, selection.futures)))
    return " ".join(read(str(part.object)) for part in tab.view.select(Words))


@pytest.mark.parametrize(("selection", "count"), [(TWO, 6), (NONE, 4)])
def test_every_sentence_and_number_of_a_slide_stands_on_the_answer_page(
    selection: Selection, count: int, store: ResultStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Worker, "ask", lambda *_, **__: None)
    view = view_answer(store.answer(selection, selection.futures))
    slides = make_slides(view)
    assert len(slides) == count
    assert not any(re.search(r"\b[B-D]\b", slide.title) for slide in slides), "letters are first named on a slide"
    new_money = Selection(selection.slots, "additional", futures=250)
    page = words_of_page(store, selection) + words_of_page(store, new_money)
    page += " ".join(write_of_model(card.sentence, view.years) for card in write_sentences(view))
    source = f"{write_provenance_line(view)} {NOT_ASSURED}"
    for slide in slides:
        body = str(slide.body)
        pieces = re.findall(r"<(?:p(?: [^>]*)?|li|b|h3)>(.*?)</(?:p|li|b|h3)>", body, flags=re.S)
        assert source in map(read, pieces)
        assert len(pieces) > 2
        for piece in map(read, pieces):
            for sentence in re.split(r"(?<=[.?]) (?=[A-Z“])", piece):
                assert sentence in source or sentence in page, sentence
        assert "<b>Mine" not in body
        said = re.findall(r'<p class="said">(.*?)</p>', body)
        for level in re.findall(r" <b>(£[^<]*)</b></figcaption>", body)[1:]:  # of today's rules no pair speaks
            assert re.search(rf"{level}(?![.\d])", said[0]), (level, said)


def test_dotted_lines_stand_at_the_same_years_with_the_same_words_on_the_screen_the_slide_and_paper(
    store: ResultStore,
) -> None:
    own = Slot("ringfence", "", (LeverEdit("audit", 0.5, 24), LeverEdit("support", 0.5, 20, 0, "", 27)))
    selection = Selection((TODAYS_RULES, own, Slot("leadership")), futures=250)
    view = view_answer(store.answer(selection, 250))
    marks = [("policy starts", 4.5), ("B changes", 5.5), ("B changes in 2029/30", 6.5)]
    screen = FanChart()
    screen.show(view)
    columns = screen.changes.data
    assert [*zip(columns["text"], columns["x"], strict=True)] == marks
    assert columns["align"] == ["right", "left", "right"] and len(set(columns["above"])) == 3
    slide = next(str(slide.body) for slide in make_slides(view) if slide.title == "Year by year")
    pictures = re.search(r"<svg.*?</svg>", slide, flags=re.S), re.search("(?s).*", make_course_figure(view).svg)
    for found in pictures:
        assert found is not None
        nodes = [*ElementTree.fromstring(found[0]).iter()]
        words = [node.text for node in nodes if node.text in dict(marks)]
        step = (660 - 52) / (len(view.baseline.years) - 1)
        lines = [node for node in nodes if node.attrib.get("stroke-dasharray") == "2 3"]
        years = [round((float(line.attrib["x1"]) - 52) / step, 2) for line in lines]
        assert [*zip(words, years, strict=True)] == marks


def test_slides_are_made_while_somebody_presents_and_never_of_an_earlier_answer(
    store: ResultStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Worker, "ask", lambda *_, **__: None)
    session = Session(store=store, selection=TWO)
    slides = Slides(session)
    session.answer = store.answer(TWO, 250)
    assert slides.show.slides == []
    slides.show._handle_msg({"slide": 2})
    assert (session.slide, len(slides.show.slides)) == (2, 6)
    for message in (None, {}, {"slide": "3"}, {"slide": True}, {"slide": -1}, {"slide": 999}):
        slides.show._handle_msg(message)
    assert session.slide == 2
    session.param.update(selection=NONE, answer=store.answer(NONE, 250))
    assert len(slides.show.slides) == 4
    slides.show._handle_msg({"slide": 0})
    assert len(slides.show.slides) == 4  # they are still those of this answer
    session.param.update(selection=TWO, answer=store.answer(TWO, 250))
    assert slides.show.slides == []


def test_paper_says_each_source_once_and_when_the_answer_was_made(store: ResultStore) -> None:
    more = replace(TWO, futures=1000)  # in fewer, no number clearly moves it
    tab = AnswerTab(Session(store=store, selection=more))
    tab.show_answer(view_answer(store.answer(more, more.futures)))
    head, limits = read(str(tab.head.object)), read(str(tab.limits.object))
    today = dt.date.today()
    assert f"This answer was made on {today.day} {today:%B %Y}." in limits
    listed = [read(item) for item in re.findall(r"<li>(.*?)</li>", str(tab.limits.object).split("<h2>Sources</h2>")[1])]
    names = [item.rpartition(" (")[0] for item in listed]
    assert len(set(names)) == len(names) > 3
    assert listed[0].endswith("): nhsconfed.org") and "health inequalities funding, March 2024 (E01" not in head
    cited = {id_ for line in re.findall(r"Sources: ([A-Z0-9, ]+)\.", head) for id_ in line.split(", ")}
    assert cited and all(re.search(rf"\b{id_}\b", " ".join(listed)) for id_ in cited)


def test_the_slide_on_who_says_it_names_its_sources(store: ResultStore) -> None:
    more = replace(TWO, futures=1000)  # in fewer, no number clearly moves it
    *_, who, _ = make_slides(view_answer(store.answer(more, more.futures)))
    assert who.title == "Says who?"
    assert "NHS Confederation and Leeds Beckett University, Putting money where our mouth is?" in read(str(who.body))
