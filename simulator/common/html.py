"""Builds HTML that is always escaped: pieces are literals, and every value put into one is escaped.

A page is made of `Markup` literals with blanks, as in `Markup("<p>{}</p>").format(title)`. A value is escaped unless it
is `Markup` itself, so no caller has to remember to escape. HTML is made in no other way: ruff rejects `Markup` of
anything but a literal, and tests/architecture rejects tags outside one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from jinja2 import BaseLoader, Environment

NOTHING = Markup("")
_AMOUNT = re.compile(r"<(svg|style|script|title|option)\b.*?</\1>|<[^>]*>|([−+±]£[\d.,]*\d[a-z]*)", re.DOTALL)
_WHOLE = Markup('<span class="amount">{}</span>')
CODE_NAME = re.compile(r"\b[A-Za-z][A-Za-z0-9'.]*(?:_[a-z0-9]+)+\b", re.ASCII)


def join_pieces(pieces: Iterable[object]) -> Markup:
    """Join pieces; plain text among them is escaped."""
    return NOTHING.join(pieces)  # type: ignore[arg-type]


def fill_each(piece: Markup, values: Iterable[object]) -> Markup:
    """Repeat a piece that has one blank, once for each value."""
    return NOTHING.join(piece.format(value) for value in values)


def make_bullets(lines: Sequence[object]) -> Markup:
    """A bulleted list of the lines; empty if there are none."""
    return Markup("<ul>{}</ul>").format(fill_each(Markup("<li>{}</li>"), lines)) if lines else NOTHING


def keep_amounts_whole(page: str) -> str:
    """The same HTML with each signed amount held together: browsers may break a line between − and £.

    Pictures, and what holds no words to read, stay as they are. The page's style has to say what `.amount` is.
    """
    if "£" not in page:
        return page
    return _AMOUNT.sub(lambda found: str(_WHOLE.format(found[2])) if found[2] else found[0], page)


def mark_names(text: str) -> Markup:
    """The same with names of files and commands, such as pull_chief, set apart from words as code."""
    words, names = CODE_NAME.split(text), CODE_NAME.findall(text)
    marked = (piece for word, name in zip(words, [*names, ""], strict=True) for piece in (word, _mark_name(name)))
    return join_pieces(marked)


def _mark_name(name: str) -> Markup:
    return Markup("<code>{}</code>").format(name) if name else NOTHING


def make_table(head: Sequence[object], rows: Iterable[Iterable[object]], caption: str = "") -> Markup:
    """A plain table with column names, for notebooks."""
    row = Markup("<tr>{}</tr>")
    named = Markup("<caption>{}</caption>").format(caption) if caption else NOTHING
    top = row.format(fill_each(Markup("<th>{}</th>"), head))
    body = join_pieces(row.format(fill_each(Markup("<td>{}</td>"), cells)) for cells in rows)
    return Markup("<table>{}<thead>{}</thead><tbody>{}</tbody></table>").format(named, top, body)


def make_template_environment(loader: BaseLoader | None = None) -> Environment:
    """What templates of pages are read in: everything is escaped, a name that is not given is an error, and the lines
    of tags leave no blank lines.
    """
    from jinja2 import Environment, StrictUndefined

    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
