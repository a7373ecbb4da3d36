"""What if?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import panel as pn
from markupsafe import Markup

from dashboards.computing import answer_view
from dashboards.computing.answer_view import AnswerView
from dashboards.export import charts
from dashboards.tabs.policy_parts import PartsTeller
from dashboards.tabs.tab import Tab
from dashboards.widgets.fan_chart import FanChart
from dashboards.widgets.policy_form import PolicyForm
from dashboards.widgets.theme import ANSWERED, NOT_ON_PAPER, ON_PAPER, PRINT_BLOCK, make_piece
from simulator.common.html import NOTHING
from simulator.reports.sentences import describe_averaging

BELOW_ON_PAPER = "@media print { :host { flex: 1 1 100% !important; position: static !important; } }"
"""For what stands beside another part on the screen, and below it on paper."""


class BuildTab(Tab):
    """Say a policy in plain words, or move any lever; the answer is beside them."""

    key, title = "build", "Build"
    styles: Mapping[str, str] = {}

    def build(self) -> None:
        column: dict[str, Any] = {"min_width": 0, "margin": 0, "sizing_mode": "stretch_width"}
        self.form = PolicyForm(self.session, styles={"flex": "1 1 320px"}, **column | {"margin": (4, 12)})
        self.words, self.parts, self.paper = make_piece(), make_piece(), make_piece()
        self.paper.stylesheets = [*self.paper.stylesheets, ON_PAPER]
        self.teller = PartsTeller(self.session, lambda said: self._show_parts(said.get(self.session.slot, "")))
        self.bands = FanChart(height=240)
        chart = pn.pane.Bokeh(self.bands.figure, sizing_mode="stretch_width", margin=(4, 12), min_width=0)
        drawn = self.bands.figure
        drawn.stylesheets = [*drawn.stylesheets, NOT_ON_PAPER]  # as wide as the screen, it would run off the sheet
        beside = {"flex": "1.2 1 320px", "position": "sticky", "top": "0", "align-self": "flex-start", **ANSWERED}
        right = pn.Column(
            self.words,
            self.parts,
            chart,
            self.paper,
            styles=beside,
            stylesheets=[PRINT_BLOCK, BELOW_ON_PAPER],
            **column,
        )
        whole = pn.FlexBox(
            self.form, right, gap="12px", align_items="flex-start", sizing_mode="stretch_width", margin=0
        )
        whole.stylesheets = [*whole.stylesheets, PRINT_BLOCK]
        self.view.objects = [whole]
        self.session.param.watch(lambda _: self.handle_change(), "slot")

    def handle_change(self) -> None:
        """Show what is chosen."""
        self.form.sync()
        if self.session.standing == "former" and not self.session.moving:
            self.form.said = "Working out what you changed…"
        if self.session.answer is not None and not self.session.moving:
            view = answer_view.view_answer(self.session.answer)
            self._show_words(view)
            self.teller.ask(view, [self.session.slot])

    def show_answer(self, view: AnswerView) -> None:
        """What the policy that is being built does, which one does most, and the cards; one line of it for a phone."""
        self.bands.show(view, self.session.moving)
        if not self.session.moving:
            self.paper.object = Markup('<div class="card timeline">{}</div>').format(charts.draw_fan_chart(view))
        self._show_words(view)
        self.teller.ask(view, [self.session.slot])
        if self.session.standing != "former" or self.session.moving:
            self.form.said = write_line(view, self._find_place(view))

    def _show_words(self, view: AnswerView) -> None:
        headline, best, sure = answer_view.speak_of(view, self.session.slot)
        sure = f"{view.first_look} {sure}".lstrip()
        also = Markup("<p>{}</p>").format(best) if best else NOTHING
        cards = answer_view.render_cards(answer_view.make_cards(view, built=self._find_place(view)), small=True)
        self.words.object = Markup(
            '<div role="status"><h2>{}</h2><p class="quiet">{}</p>{}</div>{}<p class="quiet">{}</p>'
        ).format(headline, sure, also, cards, describe_averaging(view.years))

    def _find_place(self, view: AnswerView) -> int:
        """The place of the policy that the headline is about; 0 where it is about none."""
        return self.session.slot if self.session.slot < len(view.runs) else 0

    def _show_parts(self, said: str) -> None:
        shown = Markup("<p class='quiet'>{}</p>").format(said) if said else ""
        if self.parts.object != shown:
            self.parts.object = shown


def write_line(view: AnswerView, built: int = 0) -> str:
    """The answer in a line: the level under each scenario, by its letter, with the digits of the sentence on the policy
    at place `built`.
    """
    cards = answer_view.make_cards(view, built=built)
    levels = ", ".join(f"{card.style.letter}\N{NO-BREAK SPACE}{card.share}" for card in cards)
    return f"{view.about.label}, of each £100: {levels}"
