"""How sure? What drives it, where it fails, what would be regretted, and what evidence would change our mind."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from markupsafe import Markup

from dashboards.analyses import registry, structural
from dashboards.analyses.report import AnalysisReport
from dashboards.analyses.request import AnalysisRequest
from dashboards.analyses.section import CSS, AnalysisSection, make_chart_export, render_heading, render_report
from dashboards.evidence.doubts import render_doubts
from dashboards.export.chart_buttons import ChartExport, make_chart_buttons
from dashboards.selection.analysis_selection import DEFAULT, HALF_OF_MONEY, METHODS, AnalysisSelection
from dashboards.selection.selection import Selection
from dashboards.tabs.analysis_tab import (
    FOLLOW,
    NO_SCENARIOS,
    AnalysisTab,
    ScenarioSelect,
    find_place_of,
    list_places,
    number_place,
)
from dashboards.widgets.select_options import set_options
from dashboards.widgets.sheet import Choice, Push, Sheet, Words
from dashboards.widgets.theme import make_place, render_quiet
from simulator.common.errors import InputError
from simulator.common.html import NOTHING

LESS = "gives less than half"
PAIR = DEFAULT
"""In the field of what drives a difference: that of the two policies which the Answer page compares."""


def list_differences(selection: Selection, first: int = 1) -> dict[str, int]:
    """The differences of which one can ask what drives them: that between the two policies which the Answer page
    compares, and what each scenario adds to today's rules.
    """
    new, old = registry.choose_answer_pair(selection)
    pair = f"{selection.letters[new]} against {selection.letters[old]}, as on the Answer page" if old else ""
    added = {f"what is added by {name}": place for name, place in list_places(selection, first).items()}
    return {pair: PAIR, **added} if pair else added


class SureTab(AnalysisTab):
    """Chance and parameters, drivers, failures, regret, value of information, structures."""

    key, title = "sure", "How sure?"

    def build(self) -> None:
        self._make_fields()
        self.choosing = Words()
        s = self.session
        self.luck = AnalysisSection(s, "luck", self._request_variance_split)
        self.matters = AnalysisSection(s, "matters", self._request_sensitivity, (self.matters_of.field, self.method))
        self.fails = AnalysisSection(s, "fails", self._request_discovery, (self.fails_of.field, self.fails_by))
        self.regret = AnalysisSection(s, "regret", lambda: self._request_choice("regret"))
        self.worth = AnalysisSection(s, "worth", lambda: self._request_choice("worth"))
        self.sections = (self.luck, self.matters, self.fails, self.regret, self.worth)
        self.all = Push("Work out everything on this page", self._ask_everything, filled=True)
        self.structures, self.doubts = Words(), Words()
        for section in self.sections:
            section.on_change = self._count
        views = [section.view for section in self.sections]
        self.view.objects = [
            Sheet((Words(render_quiet(FOLLOW)), self.remark, self.all)),
            *views[:3],
            Sheet(self.choosing),
            *views[3:],
            Sheet((self.structures, make_chart_buttons("Structures", self._take)), self.doubts, css=CSS),
        ]
        self.handle_change()

    def _make_fields(self) -> None:
        analysis_selection = self.session.analysis_selection
        methods = {label: name for name, label in METHODS.items()}
        self.method = Choice("By", methods, analysis_selection.method)
        self.matters_of = ScenarioSelect("What drives", analysis_selection.matters_of, list_options=list_differences)
        self.fails_of = ScenarioSelect(
            "Where does it fail:",
            analysis_selection.fails_of,
            lambda selection: registry.choose_failing_scenario(selection)[0],
            first=0,
        )
        self.selects = {"matters_of": self.matters_of, "fails_of": self.fails_of}
        self.fails_by = Choice("It fails where it", {LESS: HALF_OF_MONEY}, HALF_OF_MONEY)
        self._fails_by = analysis_selection.fails_by
        for field in (self.method, self.matters_of.field):
            field.param.watch(lambda _: self.refresh(), "value")
        self.fails_by.param.watch(self._handle_fails_by, "value")
        self.fails_of.field.param.watch(self._handle_fails_of, "value")

    def _request_variance_split(self) -> AnalysisRequest:
        return registry.request_variance_split(self.session.selection)

    def _request_sensitivity(self) -> AnalysisRequest:
        at = self.matters_of.at
        return registry.request_sensitivity(self.session.selection, None if at == PAIR else at, str(self.method.value))

    def _request_discovery(self) -> AnalysisRequest:
        against = self.fails_by.value
        return registry.request_scenario_discovery(
            self.session.selection, self.fails_of.at, None if against == HALF_OF_MONEY else int(against)
        )

    def _request_choice(self, kind: str) -> AnalysisRequest:
        if len(registry.list_rivals(self.session.selection)) < 2:
            raise InputError(NO_SCENARIOS)
        return registry.request_choice(self.session.selection, kind)

    def _ask_everything(self) -> None:
        for section in self.sections:
            if section.button.visible:
                section.run()

    def _handle_fails_of(self, _: Any) -> None:
        if not self._quiet:
            self._sync_against(self.session.selection)
            self.refresh()

    def _handle_fails_by(self, event: Any) -> None:
        if not self._quiet:
            self._fails_by = number_place(self.session.selection.letters, event.new)
            self.refresh()

    def _sync_against(self, selection: Selection) -> None:
        """What the scenario can be compared with: each other one, or half of the money."""
        mine = self.fails_of.field.value
        options = {
            f"does less than {(i and slot.shown) or 'today’s rules'}": i
            for i, slot in enumerate(selection.slots)
            if i != mine and mine
        }
        options = {**options, LESS: HALF_OF_MONEY}
        with self.quietly():
            usual = registry.choose_failing_scenario(selection)
            value = HALF_OF_MONEY if usual[1] is None or mine != usual[0] else usual[1]
            kept = find_place_of(selection, self._fails_by)
            set_options(self.fails_by, options, kept if kept in options.values() else value)

    def sync_fields(self, selection: Selection) -> None:
        super().sync_fields(selection)
        self._sync_against(selection)

    def read_fields(self, before: AnalysisSelection) -> AnalysisSelection:
        return replace(super().read_fields(before), method=self.method.value, fails_by=self._fails_by)

    def handle_change(self) -> None:
        """Ask about the scenarios that are on the screen now, and say what depends on them beside that."""
        super().handle_change()
        self.choosing.object = _explain_left_out(self.session.selection)
        self._show_structures()

    def refresh(self) -> None:
        """Let every section ask for what the fields say, and offer to work out all that is left."""
        super().refresh()
        self._count()

    def _count(self) -> None:
        self.all.visible = any(section.button.visible for section in self.sections)

    def _describe_structures(self) -> AnalysisReport:
        return structural.describe(self.session.selection.outcome)

    def _show_structures(self) -> None:
        report = self._describe_structures()
        heading = render_heading("Does it depend on how the model is written?", report)
        self.structures.object = make_place("ways", heading) + render_report(report, "other ways to write the model")
        self.doubts.object = render_doubts(self.session.selection.outcome)

    def _take(self) -> ChartExport:
        return make_chart_export(self._describe_structures())


def _explain_left_out(selection: Selection) -> Markup:
    """Why a scenario is left out of the choice between them."""
    rivals = registry.list_rivals(selection)
    out = [slot.shown for i, slot in enumerate(selection.slots) if i not in rivals]
    if not out or len(rivals) < 2:
        return NOTHING
    names = ", ".join(f"“{name}”" for name in out)
    explanation = f"{names} joins others on the screen or equals one of them, so there is nothing to choose between."
    return Markup("<h2>Choosing between scenarios</h2><p class='quiet'>{} It is left out of the next two.</p>").format(
        explanation
    )
