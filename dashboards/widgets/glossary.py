"""The glossary as the page shows it: read from `docs/glossary.md`, section by section, as plain text."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

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
