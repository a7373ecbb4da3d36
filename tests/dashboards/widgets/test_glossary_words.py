"""The glossary that the page opens is the one in the documentation, whole and as plain text."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("panel", reason="the dashboard is not installed: pip install -e '.[dashboard]'")

from dashboards.common.glossary import mark_terms, parse_glossary, read_glossary
from dashboards.widgets.header_tools import HeaderTools

pytestmark = pytest.mark.dashboards

ROOT = Path(__file__).parents[3]


def test_every_row_of_the_document_is_a_term_with_its_meaning_and_no_marks() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    rows = [row for _, rows in read_glossary() for row in rows]
    assert len(rows) == sum(line.startswith("| ") for line in text.splitlines()) - 2 * text.count("\n## ")
    assert [row for row in rows if not all(row) or any(mark in "".join(row) for mark in "*`]|")] == []
    terms = {term for term, _ in rows}
    assert {"regret", "log-odds", "draw", "gap to full chief strength", "structural variant", "money kept"} <= terms


def test_the_first_use_of_a_term_carries_its_meaning_and_nothing_else_becomes_markup() -> None:
    marked = mark_terms("A <prior>, a seed & a prior", "seed", "prior")
    assert marked.count("<dfn") == 2 and marked.endswith("</dfn> &amp; a prior")
    assert marked.startswith('A &lt;<dfn tabindex="0" title="what is assumed of an uncertain parameter before the fit')
    for term, error in (("unheard of", ValueError), ("A", KeyError)):
        with pytest.raises(error):
            mark_terms("A prior", term)


def test_links_emphasis_and_code_leave_their_words() -> None:
    text = "# G\n\n## A *b*\n\n| term | meaning |\n| --- | --- |\n| `x` | see [the page](a.md) for *y*: [how](b.md) |\n"
    assert parse_glossary(text) == [("A b", [("x", "see the page for y")])]


def test_the_page_gets_it_only_once_somebody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[object] = []
    monkeypatch.setattr(HeaderTools, "_send_msg", lambda _, data: sent.append(data))
    for message in (None, {}, {"want": "slides"}, {"want": 1}, {"want": "glossary"}):
        HeaderTools()._handle_msg(message)
    assert sent == [{"glossary": read_glossary()}]
