"""The briefing as a PDF file: one page that is whole by itself, and an annex."""

from __future__ import annotations

from simulator.common.sentence_templates import get_template
from simulator.experiments.core.verdicts import DEFINITIONS
from simulator.reports.blocks import Block, Box, Code, Document, Heading, Paragraph, Picture, Points, Table
from simulator.reports.pdf_content import MOVES, NUMBERS, Briefing, Figure
from simulator.reports.provenance import NOT_ASSURED
from simulator.reports.typesetting import typeset

RANGES = (
    "The range of 8 in 10 results holds 80 of 100 simulated futures: chance, and how little is known about the "
    "strength of each influence. What the model leaves out is not in it."
)
MARKS = ("Over time", "Differences", "Where the money goes")


def make_briefing_pdf(briefing: Briefing) -> bytes:
    """The briefing as a PDF file. The same content gives the same bytes.

    Raises InputError for what would be too large a file, and FileNotFoundError without the typeface.
    """
    return typeset(lay_out_briefing(briefing))


def lay_out_briefing(briefing: Briefing) -> Document:
    """The briefing as a document."""
    day = f"{briefing.date.day} {briefing.date:%B %Y}"
    return Document(
        title=briefing.headline,
        subject=briefing.question,
        author=f"Ringfence {briefing.version}",
        keywords=tuple(f"{name}: {value}" for name, value in briefing.facts),
        date=briefing.date,
        foot=f"Ringfence {briefing.version}, {day}. {NOT_ASSURED}",
        front=_make_front(briefing),
        parted=True,
        behind=_lay_out_behind(briefing),
        blocks=(*_open_annex(briefing), *_lay_out_evidence(briefing), *_lay_out_background(briefing)),
    )


def _make_front(briefing: Briefing) -> tuple[Block, ...]:
    """The first page, to be read in a minute: the answer in a few sentences, one chart, what is changed, and what to
    know before relying on it.
    """
    first, (chart, *_) = briefing.front.first, briefing.figures
    blocks: list[Block] = [
        Paragraph(f"{briefing.question} {first.fund}", "quiet"),
        Heading(get_template("front.answer")),
    ]
    for sentence, brief in first.answer:
        blocks += [Paragraph(sentence, "strong"), *([Paragraph(brief, "quiet")] if brief else [])]
    blocks += _lay_out_figure(chart, chart.title)
    if first.today:
        blocks.append(Paragraph(first.today))
    if first.changes:
        blocks += [Heading(get_template("front.changes.heading")), *map(Paragraph, first.changes)]
    blocks.append(Box(get_template("front.rely"), first.rely))
    return (*blocks, *([Paragraph(first.sources, "small")] if first.sources else []))


def _lay_out_behind(briefing: Briefing) -> tuple[Block, ...]:
    """The next page: each sentence with its whole caveat, which of two policies does more first where there are two and
    what does most of all after; what each part adds, and what it assumes.
    """
    front = briefing.front
    blocks: list[Block] = [Heading(get_template("front.behind"))]
    pairs = [card for card in front.cards if card.old]
    if not pairs:
        blocks.append(Paragraph(briefing.headline, "strong"))
    for card in (*pairs, *(card for card in front.cards if not card.old)):
        blocks += [Paragraph(card.sentence, "strong"), Paragraph(card.caveat)]
    if pairs:
        blocks.append(Paragraph(briefing.headline, "strong"))
    if front.against:
        blocks.append(Points(front.against))
    if front.changes:
        blocks += [Heading("What each policy changes"), Points(front.changes)]
    blocks += [Heading("What this assumes"), Points(front.assumes)]
    if front.link:
        blocks.append(Paragraph(get_template("briefing.link").format(link=front.link)))
    where = (
        "How it was worked out, how to make it again, how sure it is, why each scenario changes what it does and the "
        "sources in full are in the annex."
    )
    return (*blocks, Paragraph(where, "quiet"))


def _lay_out_sources(briefing: Briefing) -> tuple[Block, ...]:
    """Every source once, in full."""
    whole = briefing.front.whole_sources
    return (Heading(get_template("sources.heading")), Paragraph(f"{'; '.join(whole)}.", "small")) if whole else ()


def _lay_out_figure(figure: Figure, mark: str) -> list[Block]:
    """A picture under a heading and its title, with its words below."""
    caption, *more = figure.words
    blocks: list[Block] = [Heading(mark)]
    if figure.title != mark:
        blocks.append(Paragraph(figure.title, "strong"))
    blocks.append(Picture(figure.svg, f"{figure.title}. {caption}", figure.width))
    blocks.append(Points(figure.words, small=True) if more else Paragraph(caption, "small"))
    return blocks


def _open_annex(briefing: Briefing) -> tuple[Block, ...]:
    """Everything else."""
    return (
        Heading("Annex"),
        Paragraph(f"How sure? {briefing.sure}"),
        Paragraph(f"{briefing.badge}. {RANGES}", "quiet"),
    )


def _lay_out_evidence(briefing: Briefing) -> list[Block]:
    """Pictures with their words, and the table of paired differences."""
    blocks: list[Block] = []
    for figure, mark in zip(briefing.figures[1:], MARKS, strict=False):
        blocks += _lay_out_figure(figure, mark)
        if mark == "Differences" and briefing.rows:
            blocks += [
                Heading("Differences in numbers"),
                Paragraph(briefing.numbers, "strong"),
                Table(NUMBERS, briefing.rows, (22, 31, 18, 17, 22, 24, 15, 25)),
                Paragraph(f"“Better”: in how many of 100 futures. {DEFINITIONS}", "small"),
            ]
    return blocks


def _lay_out_background(briefing: Briefing) -> list[Block]:
    """What it cannot tell, what the scenarios are, and how it was made."""
    blocks: list[Block] = [Heading("What this cannot tell you"), Points(briefing.unsaid, small=True)]
    if briefing.moves:
        blocks += [
            Heading("Scenarios"),
            Paragraph("What each scenario changes, and why", "strong"),
            Table(MOVES, briefing.moves, (30, 26, 28, 50, 24, 20)),
        ]
    return [
        *blocks,
        Heading("How it was made"),
        Paragraph(briefing.precision),
        Table(("Fact", "Value"), briefing.facts, (60, 112)),
        Paragraph("Make it again:", "strong"),
        Code(briefing.commands),
        *_lay_out_sources(briefing),
        Heading("To cite it"),
        Paragraph(briefing.citation),
        Paragraph(
            f"{briefing.licence} Ringfence is free software under the MIT licence; this is an independent tool, not a "
            "publication of the NHS.",
            "small",
        ),
    ]
