"""How much survives, and what would change that?"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Sequence

import panel as pn
from markupsafe import Markup

from dashboards.analyses.shipped_answers import load_scoreboard
from dashboards.computing import answer_view
from dashboards.computing.shared_rendering import share_rendering
from dashboards.evidence.says_who import render_says_who, render_source_list, render_sources
from dashboards.evidence.trace import make_trace
from dashboards.export import charts
from dashboards.export.chart_buttons import DownloadButton, DownloadButtons, DownloadFile
from dashboards.tabs.claim_buttons import CLAIM, CLAIM_LABEL, make_claim_buttons
from dashboards.tabs.tab import Tab
from dashboards.widgets.fan_chart import FanChart
from dashboards.widgets.sheet import Sheet, Words
from dashboards.widgets.theme import NOT_ON_PAPER, WITH_NEXT
from simulator.common.html import NOTHING, join_pieces, make_bullets
from simulator.common.sentence_templates import get_template
from simulator.reports import limits, provenance, sentences
from simulator.reports.answer_cards import AnswerCard
from simulator.reports.card_doubts import add_doubts

CHART_KEY = (
    "{}, £ in each £100, year by year. Lines: the average. Strong bands hold 50 of 100 futures, faint bands 80. "
    + get_template("paths.key")
)
"""How to read the chart over time; its blank is what counts."""


class AnswerTab(Tab):
    """Three sentences, the chart over time, cards of 100 squares, limits, and how it was worked out."""

    key, title = "answer", "Answer"

    def build(self) -> None:
        self.claims = DownloadButtons(CLAIM, {}, CLAIM_LABEL)
        self.head, self.over_time, self.paper, self.below = Words(), Words(), Words(), Words()
        self.cards, self.limits = Words(), Words()
        self.bands = FanChart(height=218)
        chart = pn.pane.Bokeh(self.bands.figure, sizing_mode="stretch_width", margin=(0, 12), min_width=0)
        drawn = self.bands.figure
        drawn.stylesheets = [*drawn.stylesheets, NOT_ON_PAPER]  # as wide as the screen, its letters would be too small
        squares = charts.make_button_row("Cards of 100 squares", self.session, charts.export_cards)
        bands = charts.make_button_row("Chart over time", self.session, charts.export_fan_chart)
        trace = DownloadButtons(
            "Says who?",
            {"trace": DownloadButton("Trace (JSON)", "Every number of this page with its trace", self._make_trace)},
            "Every number of this page, how it is made, and what it rests on:",
        )
        self.view.objects = [
            Sheet(self.head, self.over_time, self.paper, css=WITH_NEXT),
            chart,
            Sheet((self.below, bands), (self.cards, squares), self.limits, self.claims, trace),
        ]

    def show_answer(self, view: answer_view.AnswerView) -> None:
        self.head.object = render_answer_cards(view)
        self.claims.set_buttons(make_claim_buttons(self.session, view))
        self.bands.show(view)
        self.over_time.object = Markup('<h2 class="chart-title">{}</h2>').format(
            answer_view.write_fan_chart_title(view)
        )
        self.paper.object = _draw_for_paper(view)
        self.below.object = _render_below_chart(view)
        self.cards.object = _render_squares(view)
        self.limits.object = _render_limits(view) + _render_paper_foot(view, dt.date.today())

    def _make_trace(self) -> DownloadFile:
        document = make_trace(answer_view.view_answer(self.session.require_answer()))
        return DownloadFile("ringfence-trace.json", json.dumps(document, indent=1, ensure_ascii=False).encode("utf-8"))


@share_rendering
def render_answer_cards(view: answer_view.AnswerView) -> Markup:
    """The three sentences, each with its caveat, a button to copy it, and what it rests on."""
    cards = answer_view.write_sentences(view)
    source = _speak_plainly(answer_view.write_provenance_line(view))
    lines = load_scoreboard() or ()
    sections = [_render_card(view, add_doubts(card, view.scenarios, lines), source) for card in cards]
    return Markup('<div class="says" role="status">{}</div><p class="quiet off-paper">{}</p>').format(
        join_pieces(sections), LINK.format(FIND, "build", "find", "Find a policy")
    )


def _render_card(view: answer_view.AnswerView, card: AnswerCard, source: str) -> Markup:
    who = answer_view.find_who(view, card)
    of_fund = card.key == "today"
    said, caveat = answer_view.quote_card(view, card)
    named = answer_view.list_renamed(view, card.sentence)
    brief = sentences.say_letters(" ".join(filter(None, (card.brief, who.short))), answer_view.list_letters(view))
    return Markup(
        '<section class="say"><div class="top"><h2>{}</h2><button type="button" class="copy" data-copy="{}" '
        'aria-label="Copy: {}">Copy</button>{}</div><p class="said">{}</p><p class="quiet">{}</p>'
        '<div class="folds"><details data-fold="sure-{}"><summary>{}</summary><p class="turns">{}</p>'
        "<p>{}</p></details>{}</div>{}</section>"
    ).format(
        card.heading,
        f"{said}\n{caveat} {source} {provenance.NO_FORECAST} {provenance.NOT_ASSURED}",
        card.heading,
        _render_copy_short(card.short) if card.key == answer_view.find_asked_card(view).key else NOTHING,
        card.sentence,
        " ".join(filter(None, (view.first_look, *named, brief))),
        card.key,
        get_template("answer.brief.more"),
        who.turns,
        card.caveat,
        render_says_who(who, of_fund=of_fund),
        render_sources(who, of_fund=of_fund),
    )


def _render_copy_short(short: str) -> Markup:
    """A button that copies the sentence to be posted; "" where there is none."""
    told = Markup('<button type="button" class="copy" data-copy="{}">Copy short</button>')
    return told.format(short) if short else NOTHING


def _render_paper_foot(view: answer_view.AnswerView, today: dt.date) -> Markup:
    """What paper needs besides: when the answer was made, and every source once."""
    made = get_template("made.on").format(day=f"{today.day} {today:%B %Y}")
    return Markup('<p class="sources">{}</p>{}').format(made, _render_all_sources(view))


@share_rendering
def _render_all_sources(view: answer_view.AnswerView) -> Markup:
    """The sources of the three sentences."""
    cards = answer_view.write_sentences(view)
    whose = [answer_view.find_who(view, card) for card in cards]
    return render_source_list(whose, of_fund=True)


def _speak_plainly(source: str) -> str:
    """What stands behind an answer, as somebody can be told who knows nothing of fits."""
    before, after = r"(\d+) of (\d+) uncertain numbers are not pinned down by them", get_template("answer.copied.open")
    return re.sub(before, lambda found: after.format(open=found[1], all=found[2]), source)


@share_rendering
def _draw_for_paper(view: answer_view.AnswerView) -> Markup:
    """The chart over time as paper has it."""
    return Markup('<div class="card timeline on-paper">{}</div>').format(charts.draw_fan_chart(view, keyed=False))


@share_rendering
def _render_below_chart(view: answer_view.AnswerView) -> Markup:
    """What the chart over time shows, in words and numbers."""
    return Markup("<p class='quiet'>{}</p><div class='off-paper'>{}</div>{}").format(
        CHART_KEY.format(view.about.label),
        make_bullets(answer_view.describe_fan_chart(view)),
        answer_view.render_fan_chart_table(view),
    )


def describe_outcome(view: answer_view.AnswerView) -> str:
    """What is counted, in which years."""
    return sentences.capitalise_first(f"{view.about.meaning}, {view.when}.")


def describe_squares(view: answer_view.AnswerView) -> str:
    """How to read a hundred squares."""
    return (
        f"{describe_outcome(view)} A square is £1. Solid: in 9 of 10 futures. Solid and paler: on average. "
        f"Dashed: up to the upper end of 8 in 10 results. {get_template('answer.counts')}"
    )


def list_limits(view: answer_view.AnswerView) -> Sequence[str]:
    """What the model cannot tell: of anything, and of these policies. The checks are left out where those that came
    with the program do not fit it, for to work them out takes a while.
    """
    return limits.list_limits(view.scenarios[1:], view.outcome, load_scoreboard() or ())


LINK = Markup("{} <button type='button' class='term' data-page='{}' data-goto='{}'>{}</button>")
"""A sentence, and a button that opens the page, at the place where more is said of it."""


FIND = "Another policy, such as peer support or money paid to trusts?"
"""What leads to the search of the page Build."""


def _link_limits(view: answer_view.AnswerView) -> list[str]:
    """The limits, those that another page has more of with a way there."""
    more = {"checks": ("evidence", "fails", "Which, on Evidence"), "ways": ("sure", "ways", "Every way, on How sure?")}
    doubts = limits.list_doubts(view.outcome, load_scoreboard() or ())
    ways = {sentence: more[kind] for kind, sentence in doubts}
    return [LINK.format(limit, *ways[limit]) if limit in ways else limit for limit in list_limits(view)]


@share_rendering
def _render_squares(view: answer_view.AnswerView) -> Markup:
    """Cards of 100 squares, with their key."""
    key = Markup("<h2>{}</h2><p class='quiet'>{}</p>").format(f"Of each £100: {view.what}", describe_squares(view))
    return key + answer_view.render_cards(answer_view.make_cards(view, stated=True))


@share_rendering
def _render_limits(view: answer_view.AnswerView) -> Markup:
    """What carries the verdicts, what the model cannot tell, and how the answer was worked out."""
    carried = view.carried
    title = f"What carries these verdicts, on {view.what}"
    heading = Markup("<h2>{}</h2>{}").format(title, make_bullets(carried)) if carried else NOTHING
    unsaid = Markup("<h2>What this cannot tell you</h2>{}").format(make_bullets(_link_limits(view)))
    made = Markup(
        "<details class='made'><summary>How this was worked out</summary><p>{} <button type='button' class='term' "
        "data-term=''>What the words mean</button></p>{}</details>"
    ).format(
        answer_view.write_provenance_line(view), make_bullets([sentences.describe_comparison(c) for c in view.main])
    )
    return heading + unsaid + made
