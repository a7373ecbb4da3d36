"""The slides say what the Answer page says, and are made only while somebody presents."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest

pytest.importorskip("panel", reason="the dashboard is not installed: pip install -e '.[dashboard]'")

from dashboards.computing.answer_view import view_answer, write_provenance_line
from dashboards.computing.result_store import ResultStore
from dashboards.computing.session import Session
from dashboards.computing.worker import Worker
from dashboards.selection.selection import TODAYS_RULES, Selection, Slot
from dashboards.tabs.answer import AnswerTab
from dashboards.tabs.slides import Slides, make_slides
from dashboards.widgets.sheet import Words
from simulator.reports.provenance import NOT_ASSURED

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
    new_money = Selection(selection.slots, "additional", futures=250)
    page = words_of_page(store, selection) + words_of_page(store, new_money)
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


def test_the_slide_on_who_says_it_names_its_sources(store: ResultStore) -> None:
    more = replace(TWO, futures=1000)  # in fewer, no number clearly moves it
    *_, who, _ = make_slides(view_answer(store.answer(more, more.futures)))
    assert who.title == "Says who?"
    assert "NHS Confederation and Leeds Beckett University, Putting money where our mouth is?" in read(str(who.body))
