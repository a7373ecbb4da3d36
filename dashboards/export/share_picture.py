"""A picture to share, 1200 by 630: one sentence, a bar for each scenario, its caveat and where it comes from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from markupsafe import Markup

from dashboards.computing.answer_view import (
    AnswerView,
    describe_certainty,
    find_asked_card,
    find_ways,
    find_who,
    write_headline,
    write_sentences,
)
from simulator.charts.picture_files import make_png_file, make_svg_file
from simulator.charts.share_picture import ShareWords, draw_share_picture
from simulator.charts.squares import Card
from simulator.common.characters import remove_controls
from simulator.common.formatting import choose_decimals
from simulator.common.sentence_templates import get_template
from simulator.declarations.outcomes import OUTCOMES
from simulator.experiments.core.verdicts import SAME
from simulator.reports import provenance, sentences
from simulator.reports.answer_cards import choose_level_places, describe_against_today, measure_fund
from simulator.reports.content import Study, compute_range_80
from simulator.reports.glance import glance_at
from simulator.reports.page import QUESTION
from simulator.reports.says_who import describe_weight, find_who_says
from simulator.reports.unmeasured import describe_unmeasured
from simulator.runs.run import compare_results
from simulator.scenarios.library import library
from simulator.scenarios.scenario import load_scenario

CAVEAT = f"{provenance.NO_FORECAST} {provenance.NOT_ASSURED}"
"""What a picture is not."""


def draw_answer_picture(view: AnswerView, link: str) -> Markup:
    """The picture of an answer; `link` is where it can be looked at, "" where it opens on one computer alone."""
    sentence, sure = speak_of_picture(view)
    today = sentences.write_standalone(write_sentences(view)[0].sentence, view.years)
    counted, *source = list_sources(view, link, outcome=view.outcome)
    question = sentences.lower_first(QUESTION)
    card = find_asked_card(view)
    glance = glance_at(view.runs, view.outcome, view.span, card.new, card.old)
    words = ShareWords(
        get_template("picture.example").format(question=question) if _has_own(view) else QUESTION,
        glance.sentence,
        f"{view.first_look} {glance.sure}".strip(),
        CAVEAT,
        view.defined,
        counted,
        source,
        " ".join((sentence, sure, *view.renamed, *view.defined, write_caveat(view), today)),
    )
    return draw_share_picture(words, make_share_cards(view, view.outcome, headline=False))


def write_caveat(study: Study) -> str:
    """What the numbers rest on, and what they are not."""
    return f"{sentences.capitalise_first(study.baseline.manifest.badge)}. {CAVEAT}"


def _has_own(view: AnswerView) -> bool:
    """Whether a policy of the picture was built or named by somebody, and is none of the library."""
    shipped = {load_scenario(name).fingerprint for name in library()}
    return bool(view.renamed) or any(run.manifest.scenario_fingerprint not in shipped for run in view.runs)


def speak_of_picture(view: AnswerView) -> tuple[str, str]:
    """The sentence of the picture, and how sure it is: on two policies, where there are two, or on one against today's
    rules, as on the Answer page.
    """
    if len(view.runs) < 2:
        return write_headline(view), describe_certainty(view)
    if len(view.runs) < 3:
        sentence = describe_against_today(view.main[0], measure_fund(view.baseline, view.span))
        weight = describe_weight(find_who_says(view.runs, view.outcome, view.span, 1, 0, as_asked=True))
        rests = "" if view.main[0].verdict == SAME else describe_unmeasured(view.runs[1], view.baseline, view.outcome)
        ways, _ = find_ways(view, write_sentences(view)[1])
        sure = (weight, ways, describe_certainty(view), rests)
        return sentences.write_of_model(sentence, view.years), " ".join(filter(None, sure))
    card = write_sentences(view)[1]
    turns = find_who(view, card).turns
    return sentences.write_of_model(card.sentence, view.years), f"{turns} {card.caveat}".lstrip()


def describe_picture(view: AnswerView) -> str:
    """What a picture or a frame shows, for who cannot see it: the answer with its money, its caveat, what it is not."""
    card = find_asked_card(view)
    said = sentences.write_standalone(card.sentence, view.years)
    told = (said, card.caveat, *view.renamed, provenance.NO_FORECAST, provenance.NOT_ASSURED)
    return " ".join(told)


def make_picture_files(name: str, drawn: Markup, study: Study, title: str, today: dt.date) -> dict[str, bytes]:
    """One picture as SVG and PNG, with where it comes from inside."""
    facts = {
        "title": title,
        "source": f"{provenance.write_source_line(study)} {provenance.NO_FORECAST}",
        "date": today.isoformat(),
        "version": study.baseline.manifest.version,
        "command": study.recipe.compare,
    }
    clean = {key: remove_controls(value) for key, value in facts.items()}
    return {
        f"{name}.svg": make_svg_file(drawn, clean, framed=False),
        f"{name}.png": make_png_file(drawn, clean, framed=False, zoom=1.0),
    }


def make_share_cards(study: Study, outcome: str = "retained", headline: bool = True) -> Sequence[Card]:
    """Today's rules and the policies, with the decimals of the sentence beside them: of a headline, or, if not
    `headline`, of what the Answer page says of a single policy against today's rules.
    """
    pairs = [compare_results(run, study.baseline, outcome, study.span) for run in study.runs[1:]]
    new, old = max(((100 * c.new_mean, 100 * c.old_mean) for c in pairs), default=(float("nan"),) * 2)
    decimals = (
        choose_level_places(pairs[0]) if len(pairs) == 1 and not headline else choose_decimals(new, old, new - old)
    )
    return [
        Card(run.manifest.title, style, *compute_range_80(run.outcome(outcome, study.span)), "", decimals)
        for style, run in zip(study.styles, study.runs, strict=False)
    ]


def list_sources(study: Study, address: str, page: str = "", outcome: str = "retained") -> tuple[str, str, str]:
    """What the numbers are, how they were made, and where they can be looked at."""
    counted = f"{OUTCOMES[outcome].label}, £ in each £100, {sentences.format_span(study.years)}"
    made, _, _ = provenance.write_source_line(study).partition(";")
    place = f"{address}{page}" if address else f"Ringfence {study.baseline.manifest.version}"
    return counted, f"{made}; {study.baseline.manifest.badge}.", f"Source: {place}"
