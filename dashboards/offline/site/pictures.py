"""The site's pictures to share: one for the front page and one for each answer, as SVG and as PNG of 1200 by 630."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from markupsafe import Markup

from dashboards.export.share_picture import list_sources, make_picture_files, make_share_cards
from dashboards.offline.site.answers import Answer, SiteAnswers
from simulator.charts.share_picture import draw_share_picture
from simulator.reports import sentences
from simulator.reports.page import QUESTION
from simulator.reports.provenance import NO_FORECAST


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
    """The headline policies side by side."""
    study = answers.headline
    caveat = f"{sentences.capitalise_first(study.baseline.manifest.badge)}. {NO_FORECAST}"
    return draw_share_picture(
        QUESTION,
        answers.headline_words,
        answers.headline_sure,
        caveat,
        list_sources(study, address, ""),
        make_share_cards(study),
    )


def answer_picture(answer: Answer, address: str) -> Markup:
    """One policy beside today's rules, with what the model cannot say of it."""
    said = answer.policy.cannot_say
    caveat = f"{NO_FORECAST} What it cannot say: {said}" if said else NO_FORECAST
    foot = list_sources(answer.study, address, answer.page)
    return draw_share_picture(answer.label, answer.headline, answer.sure, caveat, foot, make_share_cards(answer.study))
