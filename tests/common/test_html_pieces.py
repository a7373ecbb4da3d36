"""Pieces of HTML: what is put in is escaped once, and pieces are put together as they are."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from markupsafe import Markup

from simulator.common.html import NOTHING, fill_each, join_pieces, keep_amounts_whole, make_bullets, make_table

pytestmark = pytest.mark.interface

HOSTILE = '<img src=x onerror="alert(1)">&<>"\'&lt;'


class Reader(HTMLParser):
    """The tags of a page and its text as people read it."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize(
    ("page", "tags", "times"),
    [
        (Markup("<p>{}</p>").format(HOSTILE), ["p"], 1),
        (make_bullets([HOSTILE, HOSTILE]), ["ul", "li", "li"], 2),
        (fill_each(Markup("<b>{}</b>"), [HOSTILE, Markup("<i>{}</i>").format(HOSTILE)]), ["b", "b", "i"], 2),
        (join_pieces([HOSTILE, Markup("<hr>"), HOSTILE]), ["hr"], 2),
        (
            make_table([HOSTILE], [[HOSTILE]], HOSTILE),
            ["table", "caption", "thead", "tr", "th", "tbody", "tr", "td"],
            3,
        ),
    ],
)
def test_words_are_read_as_they_were_written_and_become_no_tag(page: Markup, tags: list[str], times: int) -> None:
    read = Reader(page)
    assert read.tags == tags
    assert read.text == HOSTILE * times


def test_nothing_is_made_of_nothing() -> None:
    assert make_bullets([]) == join_pieces([]) == NOTHING == ""
    assert isinstance(make_bullets([]), Markup)


def test_a_minus_stays_with_its_pounds_in_words_and_nothing_else_is_touched():
    page = '<p title="−£2">from −£2 and +£23.5m, not £5</p><svg><text>−£2</text></svg><option>±£1</option>'
    whole = '<span class="amount">{}</span>'
    words = f'<p title="−£2">from {whole.format("−£2")} and {whole.format("+£23.5m")}, not £5</p>'
    assert keep_amounts_whole(page) == f"{words}<svg><text>−£2</text></svg><option>±£1</option>"
    assert keep_amounts_whole("<p>nothing</p>") == "<p>nothing</p>"
