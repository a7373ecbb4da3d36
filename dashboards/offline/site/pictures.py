"""The site's pictures to share: one for the front page and one for each answer, as SVG and as PNG of 1200 by 630."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from markupsafe import Markup

from dashboards.offline.site.answers import Answer, SiteAnswers
from simulator.charts.palette import STYLES
from simulator.charts.picture_files import make_png_file, make_svg_file
from simulator.charts.share_picture import draw_share_picture
from simulator.charts.squares import Card
from simulator.common.characters import remove_controls
from simulator.reports import provenance, sentences
from simulator.reports.content import Study, compute_range_80
from simulator.reports.page import QUESTION

NO_FORECAST = "A model’s answer, and no forecast of any named board."


def draw_site_pictures(
    answers: SiteAnswers, address: str, today: dt.date, progress: Callable[[int, int], None] | None = None
) -> dict[str, bytes]:
    """Every picture by its name on the site."""
    pictures = files_of("index", front_picture(answers, address), answers.headline, answers.headline_words, today)
    for done, answer in enumerate(answers.pages, start=1):
        pictures |= files_of(answer.picture, answer_picture(answer, address), answer.study, answer.headline, today)
        if progress:
            progress(done, len(answers.pages))
    return pictures


def files_of(name: str, drawn: Markup, study: Study, title: str, today: dt.date) -> dict[str, bytes]:
    """One picture as SVG and PNG, with where it comes from inside."""
    facts = {
        "title": title,
        "source": f"{provenance.write_source_line(study)} {NO_FORECAST}",
        "date": today.isoformat(),
        "version": study.baseline.manifest.version,
        "command": study.recipe.compare,
    }
    clean = {key: remove_controls(value) for key, value in facts.items()}
    return {
        f"{name}.svg": make_svg_file(drawn, clean, framed=False),
        f"{name}.png": make_png_file(drawn, clean, framed=False, zoom=1.0),
    }


def front_picture(answers: SiteAnswers, address: str) -> Markup:
    """The headline policies side by side."""
    study = answers.headline
    caveat = f"{sentences.capitalise_first(study.baseline.manifest.badge)}. {NO_FORECAST}"
    return draw_share_picture(
        QUESTION, answers.headline_words, answers.headline_sure, caveat, _source(study, address, ""), cards(study)
    )


def answer_picture(answer: Answer, address: str) -> Markup:
    """One policy beside today's rules, with what the model cannot say of it."""
    said = answer.policy.cannot_say
    caveat = f"{NO_FORECAST} What it cannot say: {said}" if said else NO_FORECAST
    foot = _source(answer.study, address, answer.page)
    return draw_share_picture(answer.label, answer.headline, answer.sure, caveat, foot, cards(answer.study))


def cards(study: Study) -> Sequence[Card]:
    """Today's rules and the policies, with as many decimals as their differences need."""
    decimals = sentences.choose_level_decimals(study.of("retained"))
    return [
        Card(run.manifest.title, style, *compute_range_80(run, study.span), "", decimals)
        for style, run in zip(STYLES, study.runs, strict=False)
    ]


def _source(study: Study, address: str, page: str) -> list[str]:
    first, last = study.years
    years = f"£ in each £100 still there at the year end, {sentences.format_span((first, last))}"
    made, _, _ = provenance.write_source_line(study).partition(";")
    place = f"{address}{page}" if address else f"Ringfence {study.baseline.manifest.version}"
    if study.recipe.uses_own_boards:
        return [f"{years}.", f"{made}.", f"Source: {place}"]
    return [f"{years}; {made}.", f"Source: {place}"]
