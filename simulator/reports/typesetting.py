"""Sets a document as a PDF file by Typst: tagged to PDF/UA-1, offline, and the same bytes for the same content."""

from __future__ import annotations

import datetime as dt
import json
import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from simulator.charts.fonts import FAMILY, MONO, list_font_files
from simulator.charts.palette import BRAND, INK, QUIET, RULE
from simulator.charts.sheets import make_printable
from simulator.common.characters import remove_controls
from simulator.common.errors import InputError
from simulator.reports.blocks import Block, Document, Picture, Points, Table
from simulator.reports.table_widths import share_out_width

if TYPE_CHECKING:
    from typst import Fonts

LARGEST = 12_000_000
SCALES = (1.15, 1.12, 1.08, 1.04, 1.0, 0.96, 0.92, 0.88, 0.85, 0.78, 0.7)
"""Sizes of the first page, as parts of the usual one; the first at which it fits is taken."""

READABLE = (1.4, 1.36, 1.32, 1.28, 1.24, 1.22)
"""Those of a first page that is read by itself, apart from its annex: none below 10 points."""

MISSING = "\N{WHITE SQUARE}"
"""Stands for a letter that no typeface at hand can draw, which PDF/UA does not allow to be left blank."""


def typeset(document: Document) -> bytes:
    """The document as a PDF file: A4, tagged, with bookmarks. The same content gives the same bytes.

    Only letters that our own typeface lacks are looked for among the system's typefaces. Raises InputError for what
    would be too large a file, and FileNotFoundError without the typeface.
    """
    from typst import TypstError

    content = json.dumps(_describe(document), ensure_ascii=False)
    lacking = {letter for letter in content if letter > " "} - _list_letters()
    try:
        pdf = _compile(content, document.date, bool(lacking))
    except TypstError:
        if not lacking:
            raise
        blanks = {ord(letter): "" if unicodedata.category(letter) == "Cf" else MISSING for letter in lacking}
        pdf = _compile(content.translate(blanks), document.date, False)
    if len(pdf) > LARGEST:
        raise InputError(f"the document would have {len(pdf) / 1e6:.0f} MB as a PDF file; put less into it")
    return pdf


def _describe(document: Document) -> dict[str, object]:
    """The document as `document.typ` takes it."""
    return {
        "title": remove_controls(document.title),
        "subject": remove_controls(document.subject),
        "author": remove_controls(document.author),
        "keywords": [remove_controls(word) for word in document.keywords],
        "foot": remove_controls(document.foot),
        "running": remove_controls(document.running),
        "parted": document.parted,
        "day": [document.date.year, document.date.month, document.date.day],
        "font": FAMILY,
        "mono": MONO,
        "ink": INK,
        "quiet": QUIET,
        "brand": BRAND,
        "rule": RULE,
        "scales": READABLE if document.parted else SCALES,
        "front": [_describe_block(block) for block in document.front],
        "behind": [_describe_block(block) for block in document.behind],
        "blocks": [_describe_block(block) for block in document.blocks],
    }


def _describe_block(block: Block) -> dict[str, object]:
    """A block by the name of its kind."""
    values = {name: _clean(value) for name, value in block._asdict().items()}
    if isinstance(block, Picture):
        values["svg"] = make_printable(block.svg, FAMILY)
    if isinstance(block, Table):
        values["widths"] = share_out_width(block.head, block.rows, block.widths)
    if isinstance(block, Points):
        values["numbers"], values["entries"] = _part_numbers(block)
    return {"kind": type(block).__name__, **values}


def _part_numbers(points: Points) -> tuple[list[int], list[str]]:
    """The numbers of a list that has them, and its entries without."""
    entries = [remove_controls(entry) for entry in points.entries]
    if not points.numbered:
        return [], entries
    parted = [entry.partition(". ") for entry in entries]
    return [int(number) for number, _, _ in parted], [words for _, _, words in parted]


def _clean(value: object) -> object:
    """Words without what a PDF file cannot contain."""
    if isinstance(value, str):
        return remove_controls(value)
    if isinstance(value, Sequence):
        return [_clean(entry) for entry in value]
    return value


def _compile(content: str, day: dt.date, system_fonts: bool) -> bytes:
    """The PDF file of a document's JSON."""
    import typst

    template = files("simulator.reports").joinpath("document.typ").read_bytes()
    made = typst.compile(
        template,
        format="pdf",
        font_paths=_load_fonts(system_fonts),
        sys_inputs={"document": content},
        pdf_standards=["ua-1"],
        timestamp=dt.datetime.combine(day, dt.time(), dt.UTC),
    )
    return bytes(made)


@cache
def _load_fonts(system_fonts: bool) -> Fonts:
    """Our own typeface, and the system's behind it if that is asked for."""
    from typst import Fonts

    folders = {path.parent for path in list_font_files().values()}
    return Fonts(
        include_system_fonts=system_fonts,
        include_embedded_fonts=False,
        font_paths=[str(folder) for folder in sorted(folders)],
    )


@cache
def _list_letters() -> frozenset[str]:
    """Every letter that our own typeface draws."""
    from fontTools.ttLib import TTFont

    with TTFont(list_font_files()[FAMILY, ""], lazy=True) as font:
        return frozenset(map(chr, font.getBestCmap()))
