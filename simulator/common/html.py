"""HTML that is safe by construction: a piece is a literal, and everything put into it is escaped.

A page is made of `Markup` literals with places to fill, as in `Markup("<p>{}</p>").format(title)`. What is put in is
escaped unless it is a piece of HTML itself, so no caller has to remember to. Nothing else makes HTML: ruff refuses
`Markup` of anything but a literal, and the tests of the house refuse a tag outside one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup

NOTHING = Markup("")


def join_pieces(pieces: Iterable[object]) -> Markup:
    """Pieces one after another; words among them are escaped."""
    return NOTHING.join(pieces)  # type: ignore[arg-type]


def fill_each(piece: Markup, values: Iterable[object]) -> Markup:
    """A piece with one place, once for each value."""
    return NOTHING.join(piece.format(value) for value in values)


def make_bullets(lines: Sequence[object]) -> Markup:
    """A list with an item a line; nothing where there are no lines."""
    return Markup("<ul>{}</ul>").format(fill_each(Markup("<li>{}</li>"), lines)) if lines else NOTHING


def make_table(head: Sequence[object], rows: Iterable[Iterable[object]], caption: str = "") -> Markup:
    """A plain table with the names of its columns, for notebooks."""
    row = Markup("<tr>{}</tr>")
    named = Markup("<caption>{}</caption>").format(caption) if caption else NOTHING
    top = row.format(fill_each(Markup("<th>{}</th>"), head))
    body = join_pieces(row.format(fill_each(Markup("<td>{}</td>"), cells)) for cells in rows)
    return Markup("<table>{}<thead>{}</thead><tbody>{}</tbody></table>").format(named, top, body)
