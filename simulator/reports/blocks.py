"""What a document is made of, whatever it is set in: headings, paragraphs, lists, tables, pictures and commands."""

from __future__ import annotations

import datetime as dt
import re
from typing import NamedTuple, TypeAlias


class Heading(NamedTuple):
    """A heading; levels count from 1, and none is left out. It is also a bookmark."""

    text: str
    level: int = 1


class Paragraph(NamedTuple):
    """A paragraph. `look` is "plain", "quiet" (grey), "strong" (bold), "lead" (bold and large) or "small"."""

    text: str
    look: str = "plain"


class Points(NamedTuple):
    """A list, an entry a point."""

    entries: tuple[str, ...]
    small: bool = False

    @property
    def numbered(self) -> bool:
        """Whether every entry begins with its number, as in "1. First"."""
        return all(re.match(r"[1-9][0-9]*\. ", entry) for entry in self.entries)


class Box(NamedTuple):
    """A list under a heading, set off from what is around it."""

    title: str
    entries: tuple[str, ...]


class Table(NamedTuple):
    """A table with one heading row; every row has as many cells. `widths` are shares of the page; none: by content."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...] = ()


class Picture(NamedTuple):
    """A drawing as SVG, words for those who cannot see it, and how wide it stands (share of the page)."""

    svg: str
    alt: str
    width: float = 1.0


class Code(NamedTuple):
    """Commands, as they are typed."""

    lines: tuple[str, ...]


class PageBreak(NamedTuple):
    """What follows begins on a page of its own."""


class Contents(NamedTuple):
    """The headings that follow, down to a level, each a link with its page. `notes` are those of level 1, in order."""

    deepest: int
    notes: tuple[str, ...] = ()


Block: TypeAlias = Heading | Paragraph | Points | Box | Table | Picture | Code | PageBreak | Contents


class Document(NamedTuple):
    """A document: what other programs are told about it, a first page that is whole by itself, and what follows.

    `behind` comes next, in letters as large as those of a page that people read.

    `front` is set smaller until it fits on one page; the rest begins on the next. `running` stands at the head of every
    later page, with the chapter that it belongs to; "" for a document without chapters. `parted` has the foot say that
    the first page is the briefing, and the rest its annex.
    """

    title: str
    subject: str
    author: str
    keywords: tuple[str, ...]
    date: dt.date
    foot: str
    front: tuple[Block, ...]
    blocks: tuple[Block, ...]
    running: str = ""
    parted: bool = False
    behind: tuple[Block, ...] = ()
