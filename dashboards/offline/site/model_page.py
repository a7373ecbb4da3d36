"""The model's description as part of a page: `docs/model.md`, its links led to pages of the site."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from simulator.assurance.documents import find_document

PAGES: Mapping[str, tuple[str, str]] = {
    "reference/parameters.md": ("assumptions.html#numbers", "the list of uncertain numbers"),
    "reference/identified.md": ("assumptions.html#numbers", "the list of uncertain numbers"),
    "reference/levers.md": ("assumptions.html#levers", "the list of levers"),
    "reference/outcomes.md": ("assumptions.html#outcomes", "the list of outcomes"),
    "reference/evidence.md": ("assumptions.html#evidence", "the register of evidence"),
}
"""Where a link of the description leads on the site, and what it is called where the description gives a file's name.
Links to other files of the documentation become plain words."""


def description() -> str:
    """The text of the description: from the package, or from the checkout that it is made from."""
    place = find_document("model.md")
    if place is None:
        raise FileNotFoundError("the description of the model (model.md) is not there: the installation is incomplete")
    return place.read_text(encoding="utf-8")


def describe_model(source: str | None = None) -> Markup:
    """The description without its title as HTML. HTML in it is shown as text."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = list(_without_title(parser.parse(description() if source is None else source)))
    for before, token in zip([None, *tokens], tokens, strict=False):
        if token.type == "inline" and token.children:
            token.children = list(_with_known_links(token.children))
            if before is not None and before.type == "heading_open":
                before.attrSet("id", heading_id(token.content))
        if token.type == "th_open":
            token.attrSet("scope", "col")
    return Markup(parser.renderer.render(list(_in_frames(tokens)), parser.options, {}))  # noqa: S704


def heading_id(words: str) -> str:
    """The name by which links inside the description call a heading."""
    return re.sub(r"[^\w\- ]", "", words.lower()).strip().replace(" ", "-")


def _without_title(tokens: list[Token]) -> Iterator[Token]:
    """All but headings of the first level: a page has a title of its own."""
    inside = False
    for token in tokens:
        inside = inside or (token.type == "heading_open" and token.tag == "h1")
        if not inside:
            yield token
        elif token.type == "heading_close":
            inside = False


def _with_known_links(children: list[Token]) -> Iterator[Token]:
    """Words with links to pages of the site; the words of other links stay, and so do addresses on the web."""
    kept: list[bool] = []
    for token in children:
        if token.type == "link_open":
            address = str(token.attrGet("href") or "")
            target, _ = PAGES.get(address, (address if re.match(r"#|https?:", address) else "", ""))
            kept.append(bool(target))
            token.attrSet("href", target)
        elif token.type == "text" and token.content in PAGES:
            token.content = PAGES[token.content][1]
        if token.type in ("link_open", "link_close") and not (kept[-1] if token.nesting > 0 else kept.pop()):
            continue
        yield token


def _in_frames(tokens: list[Token]) -> Iterator[Token]:
    """Tables inside frames that scroll by themselves, also by keyboard."""
    frame = Markup('<div class="scroll" role="region" aria-label="Table {}" tabindex="0">')
    count = 0
    for token in tokens:
        if token.type == "table_open":
            count += 1
            yield Token("html_block", "", 0, content=frame.format(count))
        yield token
        if token.type == "table_close":
            yield Token("html_block", "", 0, content=Markup("</div>"))
