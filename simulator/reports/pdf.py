"""The briefing as a PDF file: A4, a few pages, text that can be selected and searched, bookmarks and page numbers."""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from fpdf import FPDF, FontFace
from fpdf.enums import TableBordersLayout, VAlign, WrapMode
from fpdf.fonts import TTFFont

from simulator.charts.fonts import MONO, list_font_files
from simulator.charts.palette import BRAND, INK, QUIET, RULE
from simulator.charts.sheets import make_printable
from simulator.common.characters import remove_controls
from simulator.common.errors import InputError
from simulator.experiments.core.verdicts import DEFINITIONS
from simulator.reports.pdf_content import MOVES, NUMBERS, Briefing, Figure
from simulator.reports.sentences import capitalise_first

TEXT, CODE = "dejavu", "dejavumono"
MARGIN, FOOT = 18.0, 16.0
NARROW = 92.0
BODY, SMALL, HEAD, LEAD = 9.0, 7.4, 12.0, 16.0
LINE = 1.38
LARGEST = 12_000_000
SCALES = (1.0, 0.92, 0.85, 0.78, 0.7)
RANGES = (
    "The 80% range holds 80 of 100 simulated futures: chance, and how little is known about the strength of each "
    "influence. What the model leaves out is not in it."
)
LONG, SHRUNK = 150, 0.7
"""A headline of so many letters is set smaller; a picture may shrink to this part of its size to stay on a page."""


class Pages(FPDF):
    """A4 pages with a foot that names the program, the day and the page."""

    def __init__(self, briefing: Briefing) -> None:
        super().__init__(orientation="portrait", unit="mm", format="A4")
        self.briefing = briefing
        for (family, style), path in list_font_files().items():
            self.add_font(CODE if family == MONO else TEXT, style, path)
        self.set_margins(MARGIN, MARGIN, MARGIN)
        self.set_auto_page_break(True, margin=FOOT + 6)
        self.set_stretching(NARROW)
        self.set_font(TEXT, "", BODY)

    def footer(self) -> None:
        """Called by the library at the end of each page."""
        self.set_y(-FOOT)
        self.set_draw_color(RULE)
        self.line(MARGIN, self.get_y(), self.w - MARGIN, self.get_y())
        self.set_font(TEXT, "", SMALL)
        self.set_text_color(QUIET)
        self.set_y(-FOOT + 2)
        day = f"{self.briefing.date.day} {self.briefing.date:%B %Y}"
        words = f"Ringfence {self.briefing.version}, {day}. {self.briefing.badge}."
        if self.get_string_width(words) > self.epw - 32:
            words = f"Ringfence {self.briefing.version}, {day}."
        self.cell(self.epw - 30, 5, words)
        self.cell(30, 5, f"Page {self.page_no()} of {{nb}}", align="R")

    def say(self, words: str, size: float = BODY, colour: str = INK, bold: bool = False, after: float = 1.6) -> None:
        """A paragraph."""
        self.set_font(TEXT, "B" if bold else "", size)
        self.set_text_color(colour)
        self.multi_cell(0, size * LINE * 0.3528, remove_controls(words), align="L", new_x="LMARGIN", new_y="NEXT")
        self.ln(after)

    def heading(self, words: str, bookmark: str, room: float = 30.0) -> None:
        """A heading with a bookmark, never alone at the foot of a page."""
        if self.get_y() + room > self.h - FOOT - 6:
            self.add_page()
        self.ln(2.4)
        self.start_section(remove_controls(bookmark))
        self.say(words, HEAD, BRAND, bold=True)

    def points(self, lines: Sequence[str], size: float = BODY) -> None:
        """A list."""
        for words in lines:
            self.set_font(TEXT, "", size)
            self.set_text_color(INK)
            self.cell(4, size * LINE * 0.3528, "•")
            self.multi_cell(0, size * LINE * 0.3528, remove_controls(words), align="L", new_x="LMARGIN", new_y="NEXT")
            self.ln(0.7)
        self.ln(1)

    def drawing(self, figure: Figure, bookmark: str) -> None:
        """A picture with its heading and its words; it moves to the next page as a whole."""
        box = re.search(r'viewBox="0 0 (\d+) (\d+)"', figure.svg)
        wide, high = (int(box[1]), int(box[2])) if box else (2, 1)
        width = self.epw * figure.width
        height, words = width * high / wide, 22.0 + 4 * len(figure.words)
        left = self.h - FOOT - 6 - self.get_y() - words
        if SHRUNK * height <= left < height:
            width, height = width * left / height, left
        self.heading(figure.title, bookmark, min(height + words - 0.1, 200))
        self.set_font(TEXT, "", BODY)
        drawn = BytesIO(make_printable(figure.svg, TEXT).encode("utf-8"))
        with self.local_context():
            self.set_stretching(100)
            alt_text = remove_controls(f"{figure.title}. {figure.words[0]}")
            self.image(drawn, x=MARGIN, w=width, h=height, alt_text=alt_text)
        self.ln(1)
        if len(figure.words) > 1:
            self.points(figure.words, SMALL + 0.4)
        else:
            self.say(figure.words[0], SMALL, QUIET)

    def rows(self, head: Sequence[str], rows: Sequence[Sequence[str]], widths: tuple[int, ...]) -> None:
        """A table that repeats its head on the next page."""
        self.set_font(TEXT, "", SMALL)
        self.set_text_color(INK)
        self.set_draw_color(RULE)
        self.set_fill_color("#FFFFFF")
        style = FontFace(emphasis="BOLD", color=QUIET)
        with self.table(
            col_widths=widths,
            text_align="LEFT",
            line_height=SMALL * LINE * 0.3528,
            headings_style=style,
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            padding=(0.7, 1.2, 0.7, 0),
            v_align=VAlign.T,
        ) as table:
            for cells in (head, *rows):
                row = table.row()
                for words in cells:
                    row.cell(remove_controls(words))
        self.ln(2)

    def code(self, lines: Sequence[str]) -> None:
        """Commands, as they are typed."""
        self.set_font(CODE, "", SMALL)
        self.set_text_color(INK)
        self.set_fill_color("#EEF2F4")
        for words in lines:
            self.multi_cell(
                0,
                SMALL * 1.6 * 0.3528,
                remove_controls(words),
                align="L",
                fill=True,
                new_x="LMARGIN",
                new_y="NEXT",
                wrapmode=WrapMode.CHAR,
            )
        self.ln(2)


def make_briefing_pdf(briefing: Briefing) -> bytes:
    """The briefing as a PDF file. The same content gives the same bytes.

    Raises ValueError for what would be too large a file, and FileNotFoundError without the typeface.
    """
    quiet = logging.getLogger("fontTools.subset")
    level = quiet.level
    quiet.setLevel(logging.ERROR)
    try:
        pages = Pages(briefing)
        _describe(pages, briefing)
        _add_front(pages, briefing, _choose_scale(briefing))
        _open_annex(pages, briefing)
        _add_evidence(pages, briefing)
        _add_background(pages, briefing)
        content = bytes(pages.output())
    finally:
        quiet.setLevel(level)
    if len(content) > LARGEST:
        raise InputError(f"the briefing would have {len(content) / 1e6:.0f} MB as a PDF file; compare fewer scenarios")
    return content


def _describe(pages: Pages, briefing: Briefing) -> None:
    """What other programs are told about the file."""
    day = dt.datetime.combine(briefing.date, dt.time(), dt.UTC)
    pages.set_title(remove_controls(briefing.headline))
    pages.set_subject(remove_controls(briefing.question))
    pages.set_author(f"Ringfence {briefing.version}")
    pages.set_creator(f"Ringfence {briefing.version}")
    pages.set_keywords("; ".join(f"{name}: {value}" for name, value in briefing.facts))
    pages.set_lang("en-GB")
    pages.set_creation_date(day)
    viewer: Any = {"display_doc_title": True}
    pages.set_display_mode("fullwidth", "continuous")
    from fpdf import ViewerPreferences

    pages.viewer_preferences = ViewerPreferences(**viewer)


def _choose_scale(briefing: Briefing) -> float:
    """The size at which everything that belongs on the first page is on it, as a part of the usual one."""
    for scale in SCALES:
        trial = Pages(briefing)
        _add_front(trial, briefing, scale)
        for font in trial.fonts.values():
            if isinstance(font, TTFFont):
                font.close()
        if trial.page == 1:
            return scale
    return SCALES[-1]


def _add_front(pages: Pages, briefing: Briefing, scale: float) -> None:
    """The first page, whole by itself: three sentences with their caveats, one chart, what it assumes, a link."""
    front, body = briefing.front, scale * BODY
    pages.add_page()
    pages.set_fill_color(BRAND)
    pages.rect(0, 0, pages.w, 5, style="F")
    pages.start_section("The answer")
    pages.say(briefing.question, body, QUIET, after=1)
    lead = LEAD if len(briefing.headline) <= LONG else 0.8 * LEAD
    pages.say(briefing.headline, scale * lead, INK, bold=True, after=1.5)
    for card in front.cards:
        pages.say(card.sentence, body + 1, INK, bold=True, after=0.6)
        pages.say(card.caveat, body, QUIET, after=2)
    first, *_ = briefing.figures
    pages.drawing(first._replace(width=scale * first.width), capitalise_first(first.title.split(":")[0]))
    pages.heading("What this assumes", "What this assumes", 10)
    pages.points(front.assumes, scale * (SMALL + 0.6))
    if front.link:
        pages.say(f"Look at it, and change it: {front.link}", body, INK, after=1)
    pages.say("How it was worked out, how sure it is and what each scenario changes are in the annex.", body, QUIET)


def _open_annex(pages: Pages, briefing: Briefing) -> None:
    """Everything else begins on a page of its own."""
    pages.add_page()
    pages.start_section("Annex")
    pages.say("Annex", LEAD, BRAND, bold=True)
    pages.say(f"How sure? {briefing.sure}", BODY, INK)
    pages.say(f"{briefing.badge}. {RANGES}", BODY, QUIET)


def _add_evidence(pages: Pages, briefing: Briefing) -> None:
    """Pictures with their words, and the table of paired differences."""
    marks = ("Over time", "Differences", "Where the money goes")
    for figure, mark in zip(briefing.figures[1:], marks, strict=False):
        pages.drawing(figure, mark)
        if mark == "Differences" and briefing.rows:
            pages.heading(briefing.numbers, "Differences in numbers", 50)
            pages.rows(NUMBERS, briefing.rows, (22, 31, 18, 17, 22, 24, 15, 25))
            pages.say(f"“Better”: in how many of 100 paired futures. {DEFINITIONS}", SMALL, QUIET)


def _add_background(pages: Pages, briefing: Briefing) -> None:
    """What it cannot tell, what the scenarios are, and how it was briefing."""
    pages.heading("What this cannot tell you", "What this cannot tell you")
    pages.points(briefing.unsaid, SMALL + 0.6)
    if briefing.moves:
        pages.heading("What each scenario changes, and why", "Scenarios", 60)
        pages.rows(MOVES, briefing.moves, (30, 26, 28, 50, 24, 20))
    pages.heading("How it was made", "How it was made")
    pages.say(briefing.precision, BODY)
    pages.rows(("Fact", "Value"), briefing.facts, (60, 112))
    pages.say("Make it again:", BODY, bold=True, after=0.8)
    pages.code(briefing.commands)
    pages.heading("To cite it", "To cite it", 24)
    pages.say(briefing.citation, BODY)
    pages.say(
        f"{briefing.licence} Ringfence is free software under the MIT licence; this is an independent tool, not a "
        "publication of the NHS.",
        SMALL,
        QUIET,
    )
