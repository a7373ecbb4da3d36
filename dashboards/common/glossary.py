"""The glossary as pages show it: read from `docs/glossary.md`, section by section, as plain text."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from markupsafe import Markup, escape

Glossary = list[tuple[str, list[tuple[str, str]]]]


@cache
def read_glossary() -> Glossary:
    """Every section's heading with its terms and their meanings, in the order of the document."""
    package = Path(__file__).parents[1]
    places = (package / "data" / "glossary.md", package.parent / "docs" / "glossary.md")
    for place in places:
        if place.is_file():
            return parse_glossary(place.read_text(encoding="utf-8"))
    raise FileNotFoundError(f"no glossary at {places[0]}: the installation is incomplete")


@cache
def _list_meanings() -> dict[str, str]:
    """Every term of the glossary with its meaning; a row of several terms gives each of them, without its brackets."""
    meanings: dict[str, str] = {}
    for _, rows in read_glossary():
        for terms, meaning in rows:
            for term in re.sub(r" \([^)]*\)", "", terms).split(", "):
                meanings.setdefault(term, meaning)
    return meanings


def mark_terms(text: str, *terms: str) -> Markup:
    """A text in which the first use of each term carries its meaning from the glossary.

    Raises KeyError for what the glossary does not have, and ValueError for what the text does not.
    """
    marked, at = Markup(), 0
    for place, term in sorted((text.index(term), term) for term in terms):
        mark = Markup('<dfn tabindex="0" title="{}">{}</dfn>').format(_list_meanings()[term], term)
        marked, at = marked + escape(text[at:place]) + mark, place + len(term)
    return marked + escape(text[at:])


def parse_glossary(text: str) -> Glossary:
    """The sections of a glossary in Markdown: headings of the second level, each with a table of term and meaning."""
    sections: Glossary = []
    for line in text.splitlines():
        if line.startswith("## "):
            sections.append((_strip_marks(line[3:]), []))
        elif sections and line.startswith("| ") and not line.startswith(("| term ", "| ---")):
            term, _, meaning = line.strip("| ").partition(" | ")
            alone = re.sub(r": \[[^\]]*\]\([^)]*\)$", "", meaning)  # "…: [how to](page.md)" leads nowhere here
            sections[-1][1].append((_strip_marks(term), _strip_marks(alone)))
    return sections


def _strip_marks(text: str) -> str:
    """Markdown's marks taken away: links keep their words, emphasis and code their text."""
    words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return re.sub(r"[*`]", "", words).strip()
