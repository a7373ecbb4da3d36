"""How sure? What drives it, where it fails, what would be regretted, and what evidence would change our mind."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import panel_material_ui as pmui
from markupsafe import Markup

from dashboards.analyses import registry, shipped_answers, structural
from dashboards.analyses.report import AnalysisReport
from dashboards.analyses.request import AnalysisRequest
from dashboards.analyses.section import CSS, AnalysisSection, make_chart_export, render_heading, render_report
from dashboards.computing.answer_view import AnswerView
from dashboards.export.chart_buttons import ChartExport, make_chart_buttons
from dashboards.selection.analysis_selection import HALF_OF_MONEY, METHODS
from dashboards.selection.selection import Selection
from dashboards.tabs.equals import FOLLOW, NO_SCENARIOS, WIDE, ScenarioSelect
from dashboards.tabs.tab import Tab
from dashboards.widgets.select_options import set_options
from dashboards.widgets.theme import STYLESHEET, hint, html, quiet
from simulator.common.errors import InputError
from simulator.common.html import NOTHING

LESS = "gives less than half"


class SureTab(Tab):
    """Chance and parameters, drivers, failures, regret, value of information, structures."""

    key, title = "sure", "How sure?"

    def build(self) -> None:
        self._quiet = False
        self._make_fields()
        self.remark, self.choosing = html(), html()
        s = self.session
        self.luck = AnalysisSection(s, "luck", self._luck)
        self.matters = AnalysisSection(s, "matters", self._matters, (self.matters_of.field, self.method))
        self.fails = AnalysisSection(s, "fails", self._fails, (self.fails_of.field, self.fails_by))
        self.regret = AnalysisSection(s, "regret", lambda: self._choosing("regret"))
        self.worth = AnalysisSection(s, "worth", lambda: self._choosing("worth"))
        self.sections = (self.luck, self.matters, self.fails, self.regret, self.worth)
        self.all = pmui.Button(
            label="Work out everything on this page",
            variant="contained",
            size="small",
            margin=(4, 12),
            on_click=lambda _: self._everything(),
        )
        self.structures = html()
        self.structures.stylesheets = [STYLESHEET, CSS]
        for one in self.sections:
            one.on_change = self._count
        views = [one.view for one in self.sections]
        self.view.objects = [
            html(quiet(FOLLOW)),
            self.remark,
            self.all,
            *views[:3],
            self.choosing,
            *views[3:],
            self.structures,
            make_chart_buttons("Structures", self._take),
        ]
        self.changed()

    def _make_fields(self) -> None:
        analysis_selection = self.session.analysis_selection
        methods = {words: name for name, words in METHODS.items()}
        self.method = pmui.Select(label="By", options=methods, value=analysis_selection.method, **WIDE)
        self.matters_of = ScenarioSelect("What drives what is added by", analysis_selection.matters_of)
        self.fails_of = ScenarioSelect("Where does it fail:", analysis_selection.fails_of, 0)
        self.fails_by = pmui.Select(
            label="It fails where it", options={LESS: HALF_OF_MONEY}, value=HALF_OF_MONEY, **WIDE
        )
        self._fails_by = analysis_selection.fails_by
        for field in (self.method, self.matters_of.field):
            field.param.watch(lambda _: self._refresh(), "value")
        self.fails_by.param.watch(self._held, "value")
        self.fails_of.field.param.watch(self._other, "value")

    def _luck(self) -> AnalysisRequest:
        return registry.request_variance_split(self.session.selection)

    def _matters(self) -> AnalysisRequest:
        return registry.request_for_scenario(
            self.session.selection, "matters", self.matters_of.at, {"method": str(self.method.value)}
        )

    def _fails(self) -> AnalysisRequest:
        against = self.fails_by.value
        return registry.request_scenario_discovery(
            self.session.selection, self.fails_of.at, None if against == HALF_OF_MONEY else int(against)
        )

    def _choosing(self, kind: str) -> AnalysisRequest:
        if len(registry.list_rivals(self.session.selection)) < 2:
            raise InputError(NO_SCENARIOS)
        return registry.request_choice(self.session.selection, kind)

    def _everything(self) -> None:
        for one in self.sections:
            if one.button.visible:
                one.run()

    def _other(self, _: Any) -> None:
        if not self._quiet:
            self._sync_against(self.session.selection)
            self._refresh()

    def _held(self, event: Any) -> None:
        if not self._quiet:
            self._fails_by = event.new
            self._refresh()

    def _sync_against(self, selection: Selection) -> None:
        """What the scenario can be compared with: each other one, or half of the money."""
        mine = self.fails_of.field.value
        options = {
            f"does less than {(i and slot.shown[:60]) or 'today’s rules'}": i
            for i, slot in enumerate(selection.slots)
            if i != mine and mine
        }
        options = {**options, LESS: HALF_OF_MONEY}
        quiet, self._quiet = self._quiet, True
        try:
            usual = registry.choose_failing_scenario(selection)
            wanted = HALF_OF_MONEY if usual[1] is None or mine != usual[0] else usual[1]
            set_options(self.fails_by, options, self._fails_by if self._fails_by in options.values() else wanted)
        finally:
            self._quiet = quiet

    def changed(self) -> None:
        """Ask about the scenarios that are on the screen now."""
        selection = self.session.selection
        self._quiet = True
        try:
            self.matters_of.sync(selection, len(selection.slots) - 1)
            self.fails_of.sync(selection, registry.choose_failing_scenario(selection)[0])
            self._sync_against(selection)
        finally:
            self._quiet = False
        remark = shipped_answers.describe_staleness()
        self.remark.object = hint(remark) if remark else ""
        self.choosing.object = _left_out(selection)
        self._tell_structures()
        self._refresh()

    def _refresh(self) -> None:
        if self._quiet:
            return
        self.session.analysis_selection = replace(
            self.session.analysis_selection,
            method=self.method.value,
            matters_of=self.matters_of.chosen,
            fails_of=self.fails_of.chosen,
            fails_by=self._fails_by,
        )
        for one in self.sections:
            one.refresh()
        self._count()

    def _count(self) -> None:
        self.all.visible = any(one.button.visible for one in self.sections)

    def _describe_structures(self) -> AnalysisReport:
        return structural.describe(self.session.selection.outcome)

    def _tell_structures(self) -> None:
        report = self._describe_structures()
        heading = render_heading("Does it depend on how the model is written?", report)
        self.structures.object = heading + render_report(report)

    def _take(self) -> ChartExport:
        return make_chart_export(self._describe_structures())

    def show_answer(self, view: AnswerView) -> None:
        """Nothing: analyses have futures of their own, and follow the selection, not the answer."""


def _left_out(selection: Selection) -> Markup:
    """Why a scenario is left out of the choice between them."""
    kept = registry.list_rivals(selection)
    out = [slot.shown for i, slot in enumerate(selection.slots) if i not in kept]
    if not out or len(kept) < 2:
        return NOTHING
    names = ", ".join(f"“{one}”" for one in out)
    words = f"{names} joins others on the screen or equals one of them, so there is nothing to choose between."
    return Markup("<h2>Choosing between scenarios</h2><p class='quiet'>{} It is left out of the next two.</p>").format(
        words
    )
