"""What equals what? Levers against levers, a lever against a scenario, and the parts of a package."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import panel_material_ui as pmui

from dashboards.analyses import registry, shipped_answers
from dashboards.analyses.request import AnalysisRequest
from dashboards.analyses.section import AnalysisSection
from dashboards.computing.answer_view import AnswerView
from dashboards.selection.analysis_selection import SWEPT_LEVERS
from dashboards.selection.selection import LETTERS, Selection
from dashboards.tabs.tab import Tab
from dashboards.widgets.select_options import set_options
from dashboards.widgets.theme import hint, html, quiet
from simulator.common.errors import InputError
from simulator.declarations.levers import LEVERS

PRESETS = {
    "Leadership for a ring-fence": ("leader_lift", "ringfence"),
    "Finance directors for a ring-fence": ("finance_lift", "ringfence"),
    "A committee for a ring-fence": ("committee", "ringfence"),
    "Leadership for a committee": ("leader_lift", "committee"),
    "Less weight of finance for a ring-fence": ("finance_grip", "ringfence"),
    "Two levers of your own": ("", ""),
}
OWN = "Two levers of your own"
NO_SCENARIOS = "Only today's rules are on the screen. Add a scenario in Build to ask this."
FOLLOW = (
    "These answers follow the scenarios, the outcome (“What counts”), the years and the seed that are chosen above. A "
    "parameter set is one complete set of the model's uncertain numbers that agrees with the findings."
)
WIDE: dict[str, Any] = {
    "size": "small",
    "margin": (4, 6),
    "min_width": 0,
    "sizing_mode": "stretch_width",
    "styles": {"flex": "1 1 240px", "max-width": "420px"},
}


def lever_options() -> dict[str, str]:
    """The levers that can be swept, by the words that people read."""
    names = {"ringfence": "Enforcement of a ring-fence that is never waived", "audit": "Audit of such a ring-fence"}
    return {names.get(name, LEVERS[name].about.meaning): name for name in SWEPT_LEVERS}


def places(selection: Selection, first: int = 1) -> dict[str, int]:
    """The scenarios on the screen by letter and title."""
    return {f"{LETTERS[i]}  {slot.shown[:60]}": i for i, slot in enumerate(selection.slots) if i >= first}


class ScenarioSelect:
    """A field for choosing one of the scenarios on the screen. What was `chosen` is kept while it exists."""

    def __init__(self, label: str, chosen: int, first: int = 1) -> None:
        self.first, self.chosen = first, chosen
        self.field = pmui.Select(label=label, options={}, **WIDE)
        self._quiet = False
        self.field.param.watch(self._chose, "value")

    def _chose(self, event: Any) -> None:
        if not self._quiet:
            self.chosen = event.new

    def sync(self, selection: Selection, usual: int) -> None:
        """Offer the scenarios that there are; `usual` is taken unless somebody chose another."""
        options = places(selection, self.first)
        self._quiet = True
        try:
            kept = self.chosen if self.chosen in options.values() else usual
            set_options(self.field, options, kept if kept in options.values() else None)
        finally:
            self._quiet = False

    @property
    def at(self) -> int:
        """The place chosen. Raises ValueError if there is none."""
        if self.field.value is None:
            raise InputError(NO_SCENARIOS)
        return int(self.field.value)


def _preset(lever: str, equals: str) -> str:
    """The name of a pair of levers."""
    return next((name for name, known in PRESETS.items() if known == (lever, equals)), OWN)


class EqualsTab(Tab):
    """How much leadership is worth a ring-fence, what breaks even, and which part did it."""

    key, title = "equals", "What equals what?"

    def build(self) -> None:
        self._quiet = False
        options, analysis_selection = lever_options(), self.session.analysis_selection
        self.preset = pmui.Select(
            label="Start from",
            options=list(PRESETS),
            value=_preset(analysis_selection.lever, analysis_selection.equals),
            **WIDE,
        )
        self.lever = pmui.Select(
            label="For each amount of", options=options, value=analysis_selection.lever, searchable=True, **WIDE
        )
        self.equals = pmui.Select(
            label="it takes how much of", options=options, value=analysis_selection.equals, searchable=True, **WIDE
        )
        self.enough_lever = pmui.Select(
            label="How much of", options=options, value=analysis_selection.enough, searchable=True, **WIDE
        )
        self.enough_of = ScenarioSelect("does as much as", analysis_selection.enough_of)
        self.parts_of = ScenarioSelect("The parts of", analysis_selection.parts_of)
        self.remark = html()
        follow = html(quiet(FOLLOW))
        self.exchange = AnalysisSection(
            self.session, "exchange", self._exchange, (self.preset, self.lever, self.equals)
        )
        self.enough = AnalysisSection(self.session, "enough", self._enough, (self.enough_lever, self.enough_of.field))
        self.parts = AnalysisSection(self.session, "parts", self._parts, (self.parts_of.field,))
        self.sections = (self.exchange, self.enough, self.parts)
        self.preset.param.watch(self._start_from, "value")
        for field in (self.lever, self.equals):
            field.param.watch(self._own, "value")
        for field in (self.enough_lever, self.enough_of.field, self.parts_of.field):
            field.param.watch(lambda _: self._refresh(), "value")
        self.view.objects = [follow, self.remark, *(one.view for one in self.sections)]
        self.changed()

    def _exchange(self) -> AnalysisRequest:
        return registry.request_equivalence(self.session.selection, str(self.lever.value), str(self.equals.value))

    def _enough(self) -> AnalysisRequest:
        return registry.request_break_even(self.session.selection, str(self.enough_lever.value), self.enough_of.at)

    def _parts(self) -> AnalysisRequest:
        return registry.request_for_scenario(self.session.selection, "parts", self.parts_of.at)

    def _start_from(self, event: Any) -> None:
        pair = PRESETS.get(event.new, ("", ""))
        if pair[0]:
            self._quiet = True
            try:
                self.lever.value, self.equals.value = pair
            finally:
                self._quiet = False
            self._refresh()

    def _own(self, _: Any) -> None:
        if not self._quiet:
            self.preset.value = _preset(self.lever.value, self.equals.value)
            self._refresh()

    def changed(self) -> None:
        """Ask about the scenarios that are on the screen now."""
        selection = self.session.selection
        self._quiet = True
        try:
            self.enough_of.sync(selection, registry.find_unfenced_scenario(selection))
            self.parts_of.sync(selection, len(selection.slots) - 1)
        finally:
            self._quiet = False
        remark = shipped_answers.describe_staleness()
        self.remark.object = hint(remark) if remark else ""
        self._refresh()

    def _refresh(self) -> None:
        if self._quiet:
            return
        self.session.analysis_selection = replace(
            self.session.analysis_selection,
            lever=self.lever.value,
            equals=self.equals.value,
            enough=self.enough_lever.value,
            enough_of=self.enough_of.chosen,
            parts_of=self.parts_of.chosen,
        )
        for one in self.sections:
            one.refresh()

    def show_answer(self, view: AnswerView) -> None:
        """Nothing: analyses have futures of their own, and follow the selection, not the answer."""
