"""The answer as slides, one idea each: the pages' own sentences and pictures, for a meeting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from markupsafe import Markup

from dashboards.common.log import explain_failure
from dashboards.computing import answer_view
from dashboards.computing.session import Session
from dashboards.computing.shared_rendering import share_rendering
from dashboards.computing.worker import Answer
from dashboards.export.charts import draw_fan_chart
from dashboards.tabs.answer import CHART_KEY, describe_squares, list_limits
from dashboards.widgets.slide_show import Slide, SlideShow
from dashboards.widgets.theme import render_alert
from simulator.common.html import NOTHING, join_pieces, keep_amounts_whole, make_bullets
from simulator.common.sentence_templates import get_template
from simulator.reports import provenance
from simulator.reports.answer_cards import AnswerCard
from simulator.reports.page import QUESTION
from simulator.reports.says_who import SaysWho
from simulator.reports.sentences import write_of_model
from simulator.reports.sources import list_short_sources

FLAT, USUAL = 25, 20
"""Squares in a row where two scenarios have half the width each, and otherwise."""


class Slides:
    """The slides of one visitor's answer. They are made when somebody presents, and again when the answer changes."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.show = SlideShow(self._turn_to, first=session.slide)
        self._drawn: Answer | None = None
        session.param.watch(lambda _: self._draw(), ["answer", "moving"])
        self._draw()

    def _turn_to(self, slide: int) -> None:
        self.session.slide = slide
        self._draw()

    def _draw(self) -> None:
        answer = self.session.answer
        if answer is None or answer is self._drawn or self.session.moving:
            return
        if self.session.slide:
            self._drawn, self.show.slides = answer, self._make(answer)
        elif self.show.slides:  # nobody must see those of an earlier answer
            self.show.slides = []

    @staticmethod
    def _make(answer: Answer) -> list[dict[str, str]]:
        try:
            slides = make_slides(answer_view.view_answer(answer))
        except Exception as problem:
            slides = [Slide(QUESTION, render_alert(explain_failure(problem, "the slides")))]
        return [{"title": slide.title, "html": keep_amounts_whole(str(slide.body))} for slide in slides]


@share_rendering
def make_slides(view: answer_view.AnswerView) -> list[Slide]:
    """The slides of an answer: today, two policies on what counts and on the other outcome, over time, what carries it,
    and what the model cannot say. Without a policy those that compare are left out.
    """
    today, *pairs = answer_view.write_sentences(view)
    compared = [card for card in pairs if card.new != card.old]
    whose = [answer_view.find_who(view, card) for card in compared or [today]]
    slides = [Slide(QUESTION, _render_today(view, today))]
    for card, who in zip(compared, whose, strict=False):
        own = view if card.outcome == view.outcome else replace(view, outcome=card.outcome)
        slides.append(Slide(_name_pair(card), _render_pair(own, card, who)))
    slides.append(Slide("Year by year", _render_chart(view)))
    slides.append(Slide("Says who?", _render_carriers(compared or [today], whose)))
    slides.append(Slide("What this cannot tell you", make_bullets(list_limits(view))))
    source = Markup('<p class="source">{} {}</p>').format(
        answer_view.write_provenance_line(view), provenance.NOT_ASSURED
    )
    return [Slide(slide.title, _hold_signs(slide.body) + source) for slide in slides]


def _name_pair(card: AnswerCard) -> str:
    """What a slide compares, without letters: they are first named on it."""
    what = card.heading.rpartition(": ")[0]
    return get_template("slides.pair" if card.old else "slides.one").format(what=what)


def _hold_signs(body: Markup) -> Markup:
    """Let no line end between a sign and its number."""
    return body.replace("−£", "−\u2060£").replace("+£", "+\u2060£")


def _render_today(view: answer_view.AnswerView, card: AnswerCard) -> Markup:
    """What today's rules give, and a hundred squares with how to read them; its number is in the sentence."""
    caveat = f"{card.caveat} {describe_squares(view)}"
    squares = replace(answer_view.make_cards(view, stated=True)[0], share="")
    return _render_sentence(card.sentence, "", _render_squares([squares]), caveat)


def _render_pair(view: answer_view.AnswerView, card: AnswerCard, who: SaysWho) -> Markup:
    """Which of two policies does more, and a hundred squares for each scenario, with how to read them."""
    squares = _render_squares(answer_view.make_cards(view, stated=True))
    said = write_of_model(card.sentence, view.years)
    return _render_sentence(said, who.turns, squares, f"{card.caveat} {describe_squares(view)}")


def _render_chart(view: answer_view.AnswerView) -> Markup:
    cards = answer_view.make_cards(view)
    key = Markup('<div class="key">{}</div>').format(join_pieces(map(_render_name, cards)))
    chart = Markup('<div class="picture chart">{}</div>{}').format(draw_fan_chart(view, keyed=False), key)
    return _render_sentence(answer_view.write_fan_chart_title(view), "", chart, CHART_KEY.format(view.about.label))


def _render_sentence(sentence: str, turns: str, picture: Markup, caveat: str) -> Markup:
    return Markup('<p class="said">{}</p><p class="turns">{}</p>{}<p class="caveat">{}</p>').format(
        sentence, turns, picture, caveat
    )


def _render_squares(cards: Sequence[answer_view.Card]) -> Markup:
    columns = FLAT if len(cards) == 2 else USUAL
    figures = join_pieces(
        Markup("<figure><figcaption>{} <b>{}</b></figcaption>{}</figure>").format(
            _render_name(card), card.share, card.draw(columns)
        )
        for card in cards
    )
    return Markup('<div class="picture squares count{}">{}</div>').format(len(cards), figures)


def _render_name(card: answer_view.Card) -> Markup:
    """A scenario's letter and title."""
    return Markup('<span class="name"><span class="letter" style="border-color:{}">{}</span> {}</span>').format(
        card.style.colour, card.style.letter, card.title
    )


def _render_sources(who: SaysWho) -> Markup:
    """The sources by their short titles; the Answer page has each in full."""
    sources = list_short_sources([who])
    if not sources:
        return NOTHING
    return Markup('<p class="caveat">{}{}.</p>').format(get_template("answer.who.sources"), "; ".join(sources))


def _render_carriers(cards: Sequence[AnswerCard], whose: Sequence[SaysWho]) -> Markup:
    """What each sentence turns on, and the uncertain inputs that move it most."""
    columns = [
        Markup('<section><h3>{}</h3>{}<p class="caveat">{}</p>{}{}{}{}</section>').format(
            card.heading,
            Markup('<p class="turns">{}</p>').format(who.turns) if who.turns else NOTHING,
            who.lead,
            make_bullets([basis for _, basis in who.numbers]),
            Markup("<p>{}</p>").format(who.assumed) if who.assumed else NOTHING,
            make_bullets([basis for _, basis in who.signs]),
            _render_sources(who),
        )
        for card, who in zip(cards, whose, strict=True)
    ]
    return Markup('<div class="columns">{}</div>').format(join_pieces(columns))
