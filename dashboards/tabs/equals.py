"""What equals what? Levers against levers, a lever against a scenario, and the parts of a package."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dashboards.analyses import registry
from dashboards.analyses.request import AnalysisRequest
from dashboards.analyses.section import AnalysisSection
from dashboards.selection.analysis_selection import SWEPT_LEVERS, AnalysisSelection
from dashboards.tabs.analysis_tab import FOLLOW, AnalysisTab, ScenarioSelect
from dashboards.widgets.sheet import Choice, Sheet, Words
from dashboards.widgets.theme import render_quiet
from simulator.declarations.levers import LEVERS

PRESETS = {
    "Leadership for a ring-fence": ("leader_lift", "ringfence"),
    "A ring-fence for leadership": ("ringfence", "leader_lift"),
    "Finance directors for a ring-fence": ("finance_lift", "ringfence"),
    "A committee for a ring-fence": ("committee", "ringfence"),
    "Leadership for a committee": ("leader_lift", "committee"),
    "Less weight of finance for a ring-fence": ("finance_grip", "ringfence"),
    "Two levers of your own": ("", ""),
}
OWN = "Two levers of your own"


def list_lever_options() -> dict[str, str]:
    """The levers that can be swept, by the words that people read."""
    names = {"ringfence": "Enforcement of a ring-fence that is never waived", "audit": "Audit of such a ring-fence"}
    return {names.get(name, LEVERS[name].about.meaning): name for name in SWEPT_LEVERS}


def _name_preset(lever: str, equals: str) -> str:
    """The name of a pair of levers."""
    return next((name for name, known in PRESETS.items() if known == (lever, equals)), OWN)


class EqualsTab(AnalysisTab):
    """How much leadership equals a ring-fence, how much of one lever another, and which part did it."""

    key, title = "equals", "What equals what?"

    def build(self) -> None:
        options, analysis_selection = list_lever_options(), self.session.analysis_selection
        self.preset = Choice(
            "Start from",
            list(PRESETS),
            _name_preset(analysis_selection.lever, analysis_selection.equals),
        )
        self.lever = Choice("For each amount of", options, analysis_selection.lever)
        self.equals = Choice("it takes how much of", options, analysis_selection.equals)
        self.enough_lever = Choice("How much of", options, analysis_selection.enough)
        self.enough_of = ScenarioSelect(
            "does as much as",
            analysis_selection.enough_of,
            lambda selection: registry.find_scenario_without(selection, str(self.enough_lever.value)),
        )
        self.parts_of = ScenarioSelect("The parts of", analysis_selection.parts_of)
        self.selects = {"enough_of": self.enough_of, "parts_of": self.parts_of}
        follow = Words(render_quiet(FOLLOW))
        self.exchange = AnalysisSection(
            self.session, "exchange", self._request_exchange, (self.preset, self.lever, self.equals)
        )
        self.enough = AnalysisSection(
            self.session, "enough", self._request_break_even, (self.enough_lever, self.enough_of.field)
        )
        self.parts = AnalysisSection(self.session, "parts", self._request_parts, (self.parts_of.field,))
        self.sections = (self.enough, self.exchange, self.parts)
        self.preset.param.watch(self._start_from, "value")
        for field in (self.lever, self.equals):
            field.param.watch(self._own, "value")
        self.enough_lever.param.watch(lambda _: self.handle_change(), "value")  # whom it equals may follow the lever
        for field in (self.enough_of.field, self.parts_of.field):
            field.param.watch(lambda _: self.refresh(), "value")
        self.view.objects = [Sheet(follow, self.remark), *(section.view for section in self.sections)]
        self.handle_change()

    def _request_exchange(self) -> AnalysisRequest:
        return registry.request_equivalence(self.session.selection, str(self.lever.value), str(self.equals.value))

    def _request_break_even(self) -> AnalysisRequest:
        return registry.request_break_even(self.session.selection, str(self.enough_lever.value), self.enough_of.at)

    def _request_parts(self) -> AnalysisRequest:
        return registry.request_for_scenario(self.session.selection, "parts", self.parts_of.at)

    def _start_from(self, event: Any) -> None:
        pair = PRESETS.get(event.new, ("", ""))
        if pair[0]:
            with self.quietly():
                self.lever.value, self.equals.value = pair
            self.refresh()

    def _own(self, _: Any) -> None:
        if not self._quiet:
            self.preset.value = _name_preset(self.lever.value, self.equals.value)
            self.refresh()

    def read_fields(self, before: AnalysisSelection) -> AnalysisSelection:
        levers = {"lever": self.lever.value, "equals": self.equals.value, "enough": self.enough_lever.value}
        return replace(super().read_fields(before), **levers)
