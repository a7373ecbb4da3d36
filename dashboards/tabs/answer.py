"""How much survives, and what would change that?"""

from __future__ import annotations

import panel as pn
from markupsafe import Markup

from dashboards.computing import answer_view
from dashboards.export import charts
from dashboards.tabs.tab import Tab
from dashboards.widgets.fan_chart import FanChart
from dashboards.widgets.theme import make_piece
from simulator.common.html import NOTHING, make_bullets
from simulator.reports import provenance

LIMITS = (
    "The data are thin: ten findings are fitted, and they say nothing about leadership, committees or the front line. "
    "Levels are weak; comparisons between policies are firmer.",
    "It says nothing about a named board: finances and leaders are drawn afresh in every future.",
    "Money that is taken still buys care. That care does good too, and is not weighed here.",
    "There are no health outcomes and no costs of policies.",
)


class AnswerTab(Tab):
    """Headline, cards, bands, limits."""

    key, title = "answer", "Answer"

    def build(self) -> None:
        self.head, self.cards = make_piece(), make_piece()
        self.over_time, self.below, self.limits = make_piece(margin=(18, 12, 4, 12)), make_piece(), make_piece()
        self.carried = make_piece()
        self.bands = FanChart()
        chart = pn.pane.Bokeh(self.bands.figure, sizing_mode="stretch_width", margin=(4, 12), min_width=0)
        squares = charts.make_button_row("Cards of 100 squares", self.session, charts.export_cards)
        bands = charts.make_button_row("Chart over time", self.session, charts.export_fan_chart)
        self.view.objects = [
            self.head,
            self.cards,
            squares,
            self.over_time,
            chart,
            self.below,
            bands,
            self.carried,
            self.limits,
        ]

    def show_answer(self, view: answer_view.AnswerView) -> None:
        head = Markup('<div role="status"><h2 class="lead">{}</h2><p>{}</p></div>')
        self.head.object = head.format(answer_view.write_headline(view), answer_view.describe_certainty(view))
        key = Markup(
            "<p class='quiet'>{}: {}, {}. A square is £1. Dark: in 9 of 10 futures. Dark and middle: on "
            "average. Dashed: up to the top of the 80% range, which holds 80 of 100 futures.</p>"
        ).format(view.about.label, view.about.meaning, view.when)
        self.cards.object = answer_view.render_cards(answer_view.make_cards(view)) + key
        self.bands.show(view)
        self.over_time.object = Markup("<h2>{}</h2>").format(answer_view.write_fan_chart_title(view))
        self.below.object = Markup(
            "<p class='quiet'>{}, £ in each £100, year by year. Lines: the middle future. Dark bands hold 50 "
            "of 100 futures, light bands 80. The dotted line marks the first change.</p>{}{}<p "
            "class='quiet'>{}</p>"
        ).format(
            view.about.label,
            make_bullets(answer_view.describe_fan_chart(view)),
            answer_view.render_fan_chart_table(view),
            answer_view.write_provenance_line(view),
        )
        carried = answer_view.describe_what_carries(view)
        self.carried.object = (
            Markup("<h2>What carries these verdicts</h2>{}").format(make_bullets(carried)) if carried else NOTHING
        )
        unsaid = [f"{title}: {sentence}" for title, sentence in provenance.list_unsaid(view.scenarios[1:])]
        self.limits.object = Markup("<h2>What this cannot tell you</h2>{}").format(make_bullets([*LIMITS, *unsaid]))
