"""Reads what people take away of an answer (copied sentences, the trace, the picture to share, slides, the printed
briefing, the workbook), so that its numbers are held against the simulated runs as those of the pages are.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from functools import partial
from html import escape, unescape
from typing import Any

import numpy as np
import pytest
from openpyxl import load_workbook
from stated_numbers import CHANGES, EVERY, LABELS, POUNDS, TODAY, WIDE, WRITTEN, Stated, Truth, plain, split_range

from dashboards.computing.answer_view import (
    AnswerView,
    describe_certainty,
    find_asked_card,
    write_headline,
    write_sentences,
)
from dashboards.computing.worker import Answer
from dashboards.evidence.trace import Traced, compute_traced, list_traced
from dashboards.export import data_exports
from dashboards.export.share_picture import draw_answer_picture, speak_of_picture
from dashboards.selection.selection import LETTERS
from dashboards.tabs.slides import make_slides
from simulator.common.formatting import format_amount, format_pounds
from simulator.experiments.core.clustered_errors import Z_95, standard_error
from simulator.reports.answer_cards import AnswerCard
from simulator.reports.glance import Glance, glance_at
from simulator.reports.pdf_content import DOTS, NUMBERS

DAY = dt.date(2026, 11, 29)
LEAVES = r"they leave (\d+) of the model’s (\d+) uncertain inputs to judgement"
NOT_PINNED = r"\1 of \2 uncertain numbers are not pinned down by them."
"""The same count in the words of what is copied, and in those of the pages."""


NO_ANSWER = r"bar: average, line: |8 in 10 futures$|.*, £ in each £100, |[\d,]+ futures, seed "
"""Lines of a picture that are its key, or say what it counts and how it was made."""


def list_taken(view: AnswerView, answer_page: str) -> list[Stated]:
    """Everything in words that can be taken away of an answer, read; each says what nobody has understood of it."""
    truth = Truth(view)
    return [_read_copied(truth, answer_page), _read_picture(truth), _read_slides(truth), _read_briefing(truth)]


def _card(heading: str, *words: str) -> str:
    """A sentence with its caveat, as the Answer page has it."""
    return f'<section class="say"><h2>{escape(heading)}</h2><p>{" ".join(words)}</p></section>'


def _read_copied(truth: Truth, answer_page: str) -> Stated:
    """What *Copy* beside each sentence of the Answer page copies."""
    copied = re.findall(r'<h2>([^<]*)</h2><button [^>]*data-copy="([^"]*)"', answer_page)
    assert len(copied) == len(write_sentences(truth.view))
    stated = Stated(truth, "copied", truth.view.outcome)
    stated.read("".join(_card(unescape(heading), re.sub(LEAVES, NOT_PINNED, words)) for heading, words in copied))
    return stated


def _read_picture(truth: Truth) -> Stated:
    """The picture to share: what it says aloud, and that no line of it shows anything else."""
    view, stated = truth.view, Stated(truth, "picture", truth.view.outcome)
    drawn = str(draw_answer_picture(view, ""))
    ((said, told),) = re.findall(r"<title[^>]*>(.*?)</title><desc[^>]*>(.*?)</desc>", drawn, re.S)
    levels, _, told = told.partition(" in each £100. ")
    for at, level in enumerate(re.split(r" in each £100; ", levels)):
        title, text = unescape(level).rsplit(": ", 1)
        assert title == truth.titles[at]
        stated.say(f"level on card {LETTERS[at]}", text, truth.level(at, view.outcome))
    shown = [plain(text) for text in re.findall(r"<text[^>]*>(.*?)</text>", drawn, re.S)]
    likely = [text for text in shown if re.fullmatch(rf"{POUNDS}(?: to {POUNDS})?", text)]
    assert likely[::2] == [unescape(level).rsplit(": ", 1)[1] for level in re.split(r" in each £100; ", levels)]
    for at, text in enumerate(likely[1::2]):
        for end, share in zip(_split_ends(text), (0.1, 0.9), strict=True):
            stated.say(f"80% range of card {LETTERS[at]}", end, truth.centile(at, share, view.outcome))
    card = find_asked_card(view)
    glance = glance_at(view.runs, view.outcome, view.span, card.new, card.old)
    assert plain(said) == plain(escape(glance.sentence))
    _read_glance(stated, glance, card, likely[::2])
    spoken = plain(f"{said} {view.first_look} {escape(glance.sure)} {told}")
    for line in shown:
        if (
            re.search(r"[£%]\d|\d (?:of|more|less)|\dp\b", line)
            and line not in likely
            and not re.match(NO_ANSWER, line)
        ):
            assert line.removesuffix(" …") in spoken, line
    today, pair, _ = write_sentences(view)
    if len(view.runs) > 2:
        stated.read(_card(pair.heading, told))
    elif len(view.runs) == 1:
        first, _, rest = unescape(told).partition(describe_certainty(view))
        stated.read(f"<p>{escape(first)}</p>{_card(today.heading, escape(rest))}")
    else:
        sentence, _ = speak_of_picture(view)
        assert unescape(told).startswith(sentence)
        weight, told = _split_weight(unescape(told).removeprefix(sentence), view.runs[1].manifest.title)
        sure = describe_certainty(view)
        before, found, after = told.partition(sure)
        assert found
        headed = f"<p>{escape(f'{write_headline(view)} {sure}')}</p>"
        said = _card(pair.heading, escape(sentence), weight, escape(before))
        stated.read(said + headed + _card(today.heading, escape(after)))
    return stated


def _read_glance(stated: Stated, glance: Glance, card: AnswerCard, drawn: list[str]) -> None:
    """The large sentence of a picture and how sure it is, on a card; `drawn` are the levels beside it."""
    truth, outcome, less = stated.truth, card.outcome, " less of each £100" in glance.sentence
    if found := re.search(rf"about ({POUNDS}) of each £100", glance.sentence):
        stated.say("level at a glance", found[1], truth.level(0, outcome))
    elif spread := re.match(rf"In 8 of 10 futures(?:: ({CHANGES})\.| it is ({CHANGES}) under )", glance.sure):
        levels = [truth.level(at, outcome) for at in (card.new, card.old)]
        new, old = (card.new, card.old) if less or levels[0] >= levels[1] else (card.old, card.new)
        for end, share in zip(split_range(spread[1] or spread[2]), (0.1, 0.9), strict=True):
            stated.say(
                "range at a glance",
                end.removeprefix("+"),
                float(np.quantile(truth.differences(new, old, outcome), share)),
            )
        if found := re.search(r" £([\d.]+) (?:more|less) of each £100", glance.sentence):
            shown = sorted(float(drawn[at].removeprefix("£")) for at in (card.new, card.old))
            stated.say("levels that are drawn", f"£{found[1]}", shown[1] - shown[0])
        if found := re.search(r"(?:More|Less) in (\d+) of 100", glance.sure):
            stated.say("count at a glance", found[1], truth.of_100(new, old, outcome, -1 if less else 1))


def _split_weight(told: str, title: str) -> tuple[str, str]:
    """What the size of a policy's difference turns on, as the Answer page lists it; and the rest."""
    found = re.match(r"\s*The size of the difference turns most on (how .*? where it is highest)\. ", told, re.S)
    if found is None:
        return "", told
    lead = f"or less of each £100 it is under “{escape(title)}” than under {TODAY}, on average."
    return f"{lead} {found[1][0].upper()}{found[1][1:]}.", told[found.end() :]


def _split_ends(text: str) -> tuple[str, str]:
    first, _, last = text.partition(" to ")
    return first, last or first


def _read_slides(truth: Truth) -> Stated:
    """Every slide: its sentence with its caveat, its squares, and what it turns on."""
    stated, outcome = Stated(truth, "slides", truth.view.outcome), truth.view.outcome
    today, *pairs = write_sentences(truth.view)
    slides, words = make_slides(truth.view), list[str]()
    cards = {
        slide.title: card
        for slide, card in zip(slides, (today, *(card for card in pairs if card.new != card.old)), strict=False)
    }
    for slide in slides:
        body = str(slide.body)
        for at, figure in enumerate(re.findall(r"<figure>(.*?)</figure>", body, re.S)):
            _read_squares(stated, figure, at, cards[slide.title].outcome if slide.title in cards else outcome)
        body = re.sub(r"<figure>.*?</figure>|<text[^>]*>[^<]*</text>", " ", body, flags=re.S)
        sections = re.findall(r"<section><h3>(.*?)</h3>(.*?)</section>", body, re.S)
        body = re.sub(r"<section>.*?</section>", " ", body, flags=re.S)
        words += [_card(unescape(heading), text) for heading, text in sections]
        words.append(_card(cards[slide.title].heading, body) if slide.title in cards else f"<p>{body}</p>")
    stated.read("".join(words))
    return stated


def _read_squares(stated: Stated, figure: str, at: int, outcome: str) -> None:
    """A hundred squares of a slide: the level above them, and what they say aloud."""
    words = plain(figure)
    levels = re.findall(rf"<b>({POUNDS})</b>", figure)
    levels += re.findall(rf"({POUNDS}) in each £100 on average", words)
    for text in levels:
        stated.say(f"level on card {LETTERS[at]}", text, stated.truth.level(at, outcome))
    for text in re.findall(r"8 in 10 results (.*?)\.(?= |$)", words):
        for end, share in zip(_split_ends(text), (0.1, 0.9), strict=True):
            stated.say(f"80% range of card {LETTERS[at]}", end, stated.truth.centile(at, share, outcome))


def _read_briefing(truth: Truth) -> Stated:
    """The printed briefing: its first page, its figures and its table of paired differences."""
    view, stated = truth.view, Stated(truth, "briefing", truth.view.outcome)
    told = data_exports.prepare_briefing(view, DAY)
    words = [f"<p>{told.headline} {told.sure}</p>", f"<p>{told.badge}.</p>"]
    errors = [truth.error(truth.titles.index(title), 0, LABELS[label]) for label, title, *_ in told.rows]
    for text in re.findall(rf"by about ({POUNDS}) of each £100 at most \(half of a 95% interval\)", told.precision):
        stated.say("precision", text, WIDE * max(errors))
    words += [_card(card.heading, card.sentence, card.caveat) for card in told.front.cards]
    named = partial(re.sub, r"^([A-F]): ", lambda m: f"{m[1]}, {truth.titles[LETTERS.index(m[1])]}: ")
    for figure in told.figures:
        words.append(
            "".join(f"<p>{escape(line)}</p>" for line in (figure.title, *map(named, figure.words)) if line != DOTS)
        )
    drawn = rf">([A-F])  [^<]*</text>.*?>({POUNDS})</text>.*?>8 in 10 results: ([^<]*)</text>"
    for letter, level, likely in re.findall(drawn, str(told.figures[0].svg), re.S):
        at = LETTERS.index(letter)
        stated.say(f"level on card {letter}", level, truth.level(at, view.outcome))
        for end, share in zip(_split_ends(likely), (0.1, 0.9), strict=True):
            stated.say(f"80% range of card {letter}", end, truth.centile(at, share, view.outcome))
    head = "".join(f"<th>{name}</th>" for name in NUMBERS)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(_say(cell))}</td>" for cell in (title, label, *cells)) + "</tr>"
        for label, title, *cells in told.rows
    )
    words.append(f"<table><caption>{told.numbers}</caption><tr>{head}</tr>{rows}</table>" if told.rows else "")
    stated.read("".join(words))
    return stated


def _say(cell: str) -> str:
    """A cell of differences with what is below nothing in words, as the pages have it: −49p is 49p less."""
    return re.sub(rf"−({POUNDS})", r"\1 less", cell)


def check_trace(view: AnswerView, truth: Truth, answer_page: str) -> None:
    """Every number of the trace is that of the runs, and stands on the Answer page as it stands in the trace."""
    words = plain(answer_page)
    for traced in list_traced(view):
        assert compute_traced(view, traced) == pytest.approx(_find_traced(truth, traced), abs=1e-9), traced
        assert re.search(rf"(?<![\d.]){re.escape(traced.quoted.text)}(?!\.?\d)", words), traced


def _find_traced(truth: Truth, traced: Traced) -> float:
    quoted, span = traced.quoted, traced.years
    values = truth.values(quoted.scenario, traced.outcome, span)
    if quoted.against >= 0:
        values = values - truth.values(quoted.against, traced.outcome, span)
    mean, fund = float(values.mean()), truth.fund(span)
    return {
        "mean": mean,
        "fund": fund,
        "millions": mean / 100 * fund,
        "quantile": float(np.quantile(values, quoted.quantile)),
        "margin": Z_95 * float(standard_error(values, truth.view.baseline.sets)),
        "more": float((values > 1e-8).mean()),
        "less": float((values < -1e-8).mean()),
        "same": float((np.abs(values) <= 1e-8).mean()),
    }[quoted.statistic]


def check_workbook(answer: Answer, view: AnswerView, truth: Truth, answer_page: str) -> None:
    """The workbook's levels are those of the pages, with their decimals, and its full digits are the runs'."""
    book = load_workbook(io.BytesIO(data_exports.make_excel(answer, DAY)))
    summary, years, boards = (_read_sheet(book[name]) for name in ("Summary", "By year", "Boards"))
    shown = dict(zip(LETTERS, re.findall(r'<p class="big">([^<]+)<small>', answer_page), strict=False))
    for row in summary:
        letter, name = str(row["Scenario"]), LABELS[str(row["Outcome"])]
        at, level = LETTERS.index(letter), float(row["Average (£ in each £100)"])
        low, high = (float(row[f"8 in 10 results, {end} (£ in each £100)"]) for end in ("from", "to"))
        assert (low, high) == pytest.approx([truth.centile(at, share, name) for share in (0.1, 0.9)], abs=1e-9)
        assert float(row["Average, every digit (£ in each £100)"]) == pytest.approx(truth.level(at, name), abs=1e-9)
        if name == view.outcome:
            assert shown[letter] in (format_pounds(level / 100), format_amount(level, 2)), row
        if not at:
            continue
        mean = float(truth.differences(at, 0, name).mean())
        assert float(row["Difference, every digit (£ in each £100)"]) == pytest.approx(mean, abs=1e-9)
        assert abs(float(row["Difference (£ in each £100)"]) - mean) <= 0.1 + 1e-9
        assert str(row["Verdict"]) == truth.said_verdict(at, 0, name).replace(EVERY, WRITTEN).replace(
            "sign assumed", "as the model assumes"
        ), row
        stated = Stated(truth, "workbook", name)
        stated.read(f"<p>{row['In a sentence']}</p>")
        assert [statement for statement in stated.statements if not statement.holds] == []
    for row in years:
        at, year = LETTERS.index(str(row["Scenario"])), truth.view.baseline.years.index(str(row["Financial year"]))
        span = slice(year, year + 1)
        for heading, value in row.items():
            label, _, what = heading.partition(": average (£ in each")
            if what:
                assert value == pytest.approx(truth.level(at, LABELS[label], span), abs=1e-9)
    assert len(boards) == len(view.boards)


def _read_sheet(sheet: Any) -> list[dict[str, Any]]:
    """The rows of a sheet by the headings of its fourth."""
    _, _, _, head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(map(str, head), row, strict=True)) for row in rows if row[0] is not None]
