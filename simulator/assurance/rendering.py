"""The pack as files: one web page, one tagged PDF, and its tables as Excel and OpenDocument workbooks."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Sequence
from importlib.resources import files

from markupsafe import Markup

from simulator.assurance.chapter import Chapter, State
from simulator.assurance.closing import say_what_closes
from simulator.assurance.opendocument import make_opendocument
from simulator.common.formatting import write_day
from simulator.common.html import NOTHING, make_template_environment
from simulator.reports.blocks import Block, Contents, Document, Heading, Paragraph
from simulator.reports.excel_file import Cell, Column, Sheet, make_excel_file
from simulator.reports.provenance import NOT_ASSURED
from simulator.reports.typesetting import typeset

TITLE = "Ringfence: assurance pack"
_ADDRESS = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:)]")


def render_page(chapters: Sequence[Chapter], version: str, code: str, today: dt.date, how: str) -> bytes:
    """The pack as one web page that needs no connection."""
    text = files("simulator.assurance").joinpath("pack.html.j2").read_text(encoding="utf-8")
    template = make_template_environment()
    template.filters["addresses"] = link_addresses
    page = template.from_string(text).render(
        chapters=chapters,
        title=TITLE,
        version=version,
        code=code,
        date=write_day(today),
        how=how,
        assurance=NOT_ASSURED,
        subject=write_subject(version, code, write_day(today)),
        tally=write_tally(chapters),
    )
    return f"{page}\n".encode()


def link_addresses(text: str) -> Markup:
    """Words in which every web address is a link."""
    pieces, at = NOTHING, 0
    for found in _ADDRESS.finditer(text):
        pieces += Markup("{}").format(text[at : found.start()])
        pieces += Markup('<a href="{0}">{0}</a>').format(found[0])
        at = found.end()
    return pieces + Markup("{}").format(text[at:])


def render_pdf(chapters: Sequence[Chapter], version: str, code: str, today: dt.date, how: str) -> bytes:
    """The pack as one tagged PDF file."""
    day = write_day(today)
    front: list[Block] = [Heading(TITLE), Paragraph(NOT_ASSURED, "lead"), Paragraph(write_subject(version, code, day))]
    front += [Paragraph(how), Paragraph(write_tally(chapters))]
    front += [Heading("What it holds", 2), Contents(3, write_tallies(chapters))]
    blocks: list[Block] = []
    for chapter in chapters:  # one after the other, so that no page is left nearly empty
        blocks += [Heading(chapter.title), *chapter.blocks]
    return typeset(
        Document(
            title=TITLE,
            subject="What lets somebody else rely on the model, and what is missing for that",
            author=f"Ringfence {version}",
            keywords=("assurance", f"version: {version}", f"code: {code}"),
            date=today,
            foot=f"Ringfence {version}, model code {code}, {day}. {NOT_ASSURED}",
            front=tuple(front),
            blocks=tuple(blocks),
            running=TITLE,
        )
    )


def write_subject(version: str, code: str, day: str) -> str:
    """What the pack is of, and from which day."""
    return f"Of Ringfence {version}, model code {code}, made on {day}."


def write_tally(chapters: Sequence[Chapter]) -> str:
    """How many checks are met, and where the others stand."""
    checks = [check for chapter in chapters for check in chapter.checks]
    found = Counter(check.state for check in checks)
    stated = found[State.STATED]
    only = f"{stated} {'is' if stated == 1 else 'are'} {State.STATED.value}. " if stated else ""
    return (
        f"{found[State.MET]} of {len(checks)} checks are met. {only}The {found[State.GAP]} others stand as "
        f"{State.GAP.value} where they belong, and together under Statement of use, with what would close them."
    )


def write_tallies(chapters: Sequence[Chapter]) -> tuple[str, ...]:
    """How many checks of each chapter were met; "" for a chapter without checks."""
    return tuple(f"{chapter.met} of {len(chapter.checks)} checks met" if chapter.checks else "" for chapter in chapters)


def list_sheets(chapters: Sequence[Chapter]) -> list[Sheet]:
    """Every table of the pack as a sheet; first what each sheet holds, with units and sources, and what was checked."""
    columns = (
        Column("Chapter", width=24),
        Column("Asked", width=50),
        Column("Found"),
        Column("What was looked at", width=60),
        Column("What would close it", width=50),
    )
    rows: list[list[Cell]] = [
        [chapter.title, check.asked, check.state.value, check.says, say_what_closes(check) if check.is_gap else "–"]
        for chapter in chapters
        for check in chapter.checks
    ]
    checks = Sheet(
        "Checks",
        "Checks and gaps",
        f"One row per check. {NOT_ASSURED} Source: checks that ran for this pack.",
        columns,
        rows,
    )
    sheets = [checks, *(sheet for chapter in chapters for sheet in chapter.sheets)]
    return [make_read_me(sheets), *sheets]


def make_read_me(sheets: Sequence[Sheet]) -> Sheet:
    """What each sheet holds, for workbooks whose tables begin in the first row."""
    rows: list[list[Cell]] = [[sheet.tab, sheet.title, sheet.note] for sheet in sheets]
    columns = (
        Column("Sheet", width=16),
        Column("Title", width=30),
        Column("What it holds, units and source", width=60),
    )
    note = (
        f"{NOT_ASSURED} Numbers have all their digits, but for the impacts of structures, which are differences of "
        "averages rounded to pence, as the tables show them. Nothing is a formula."
    )
    rows.append(["This file", TITLE, note])
    return Sheet("Read me", "How to read this workbook", note, columns, rows)


def render_excel(sheets: Sequence[Sheet], today: dt.date) -> bytes:
    """The tables as an Excel workbook."""
    return make_excel_file(sheets, TITLE, NOT_ASSURED, today)


def render_opendocument(sheets: Sequence[Sheet]) -> bytes:
    """The tables as an OpenDocument workbook: headings in the first row, numbers as numbers."""
    return make_opendocument(sheets, TITLE, NOT_ASSURED)
