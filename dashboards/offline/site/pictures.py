"""The site's pictures to share: one for the front page and one for each answer, as SVG and as PNG of 1200 by 630."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from markupsafe import Markup

from dashboards.export.share_picture import (
    CAVEAT,
    list_sources,
    make_picture_files,
    make_share_cards,
    write_caveat,
)
from dashboards.offline.site.answers import Answer, SiteAnswers
from simulator.charts.share_picture import ShareWords, draw_share_picture
from simulator.reports import sentences
from simulator.reports.glance import Glance, glance_at
from simulator.reports.page import QUESTION


def draw_site_pictures(
    answers: SiteAnswers, address: str, today: dt.date, progress: Callable[[int, int], None] | None = None
) -> dict[str, bytes]:
    """Every picture by its name on the site."""
    pictures = make_picture_files(
        "index", front_picture(answers, address), answers.headline, answers.headline_words, today
    )
    for done, answer in enumerate(answers.pages, start=1):
        pictures |= make_picture_files(
            answer.picture, answer_picture(answer, address), answer.study, answer.headline, today
        )
        if progress:
            progress(done, len(answers.pages))
    return pictures


def front_picture(answers: SiteAnswers, address: str) -> Markup:
    """The headline policies side by side, and what the one that does most adds to today's rules."""
    study, (counted, *source) = answers.headline, list_sources(answers.headline, address)
    comparisons = study.of("retained")
    chosen = sentences.choose_main_comparison(comparisons)
    glance = Glance(answers.headline_words, "")
    if chosen is not None:
        glance = glance_at(study.runs, "retained", study.span, comparisons.index(chosen) + 1, 0)
    spoken = f"{answers.headline_words} {answers.headline_sure} {write_caveat(study)}"
    words = ShareWords(QUESTION, *glance, CAVEAT, "", counted, source, spoken)
    return draw_share_picture(words, make_share_cards(study))


def answer_picture(answer: Answer, address: str) -> Markup:
    """One policy beside today's rules, with what the model cannot say of it."""
    study, said = answer.study, answer.policy.cannot_say
    counted, *source = list_sources(study, address, answer.page)
    unsaid = f"What it cannot say: {said}" if said else ""
    glance = glance_at(study.runs, "retained", study.span, 1, 0)
    spoken = " ".join(filter(None, (answer.headline, answer.sure, write_caveat(study), unsaid)))
    words = ShareWords(answer.label, *glance, CAVEAT, unsaid, counted, source, spoken)
    return draw_share_picture(words, make_share_cards(study))
