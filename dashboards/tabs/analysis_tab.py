"""The base class of pages made of analyses, and the fields in which one chooses what they ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from dashboards.analyses import shipped_answers
from dashboards.analyses.section import AnalysisSection
from dashboards.common.glossary import mark_terms
from dashboards.computing.answer_view import AnswerView
from dashboards.computing.session import Session
from dashboards.selection.analysis_selection import DEFAULT, AnalysisSelection
from dashboards.selection.selection import LETTERS, Selection
from dashboards.tabs.tab import Tab
from dashboards.widgets.select_options import set_options
from dashboards.widgets.sheet import Choice, Words
from dashboards.widgets.theme import render_hint
from simulator.common.errors import InputError

NO_SCENARIOS = "Only today's rules are on the screen. Add a scenario in Build to ask this."
FOLLOW = mark_terms(
    "These answers follow the scenarios, the outcome, the years and the seed chosen above. A "
    "version of the model is one value for each of its uncertain numbers, together in agreement with the findings.",
    "version of the model",
)


def find_last_place(selection: Selection) -> int:
    """The place of the last scenario on the screen."""
    return len(selection.slots) - 1


class ScenarioSelect:
    """A field for choosing one of the scenarios on the screen, from the `first` place on.

    What was `chosen`, by its letter, is kept while it exists; where nothing was, what `list_options` offers as the
    page's own choice (DEFAULT) is taken, or else the scenario that `find_usual` gives.
    """

    def __init__(
        self,
        label: str,
        chosen: int,
        find_usual: Callable[[Selection], int] = find_last_place,
        first: int = 1,
        list_options: Callable[[Selection, int], dict[str, int]] | None = None,
    ) -> None:
        self.first, self.chosen, self.find_usual = first, chosen, find_usual
        self.list_options = list_options or list_places
        self.field = Choice(label)
        self._letters, self._quiet = LETTERS, False
        self.field.param.watch(self._handle_choice, "value")

    def _handle_choice(self, event: Any) -> None:
        if not self._quiet:
            self.chosen = DEFAULT if event.new is None else number_place(self._letters, event.new)

    def sync(self, selection: Selection) -> None:
        """Offer the scenarios that there are."""
        options = self.list_options(selection, self.first)
        self._letters, self._quiet = selection.letters, True
        try:
            kept = find_place_of(selection, self.chosen)
            choice = kept if kept in options.values() else self.find_usual(selection)
            set_options(self.field, options, choice if choice in options.values() else None)
        finally:
            self._quiet = False

    @property
    def at(self) -> int:
        """The place chosen. Raises ValueError if there is none."""
        if self.field.value is None:
            raise InputError(NO_SCENARIOS)
        return int(self.field.value)


def number_place(letters: str, place: int) -> int:
    """The number of the letter of the scenario in a place, 0 for A; what is no scenario stays below 0."""
    return LETTERS.index(letters[place]) if place >= 0 else place


def find_place_of(selection: Selection, number: int) -> int:
    """The place of the scenario whose letter has a number, 0 for A; what is no scenario, or gone, stays below 0."""
    return selection.find_place(LETTERS[number]) if number >= 0 else number


def list_places(selection: Selection, first: int = 1) -> dict[str, int]:
    """The scenarios on the screen by letter and title."""
    return {f"{selection.letters[i]}  {slot.shown}": i for i, slot in enumerate(selection.slots) if i >= first}


class AnalysisTab(Tab):
    """A page of analyses. Its fields choose what `sections` ask, and follow the scenarios on the screen.

    `selects` are named by the field of `AnalysisSelection` that each sets.
    """

    sections: tuple[AnalysisSection, ...] = ()
    selects: Mapping[str, ScenarioSelect] = MappingProxyType({})

    def __init__(self, session: Session) -> None:
        self._quiet = False
        self.remark = Words()
        super().__init__(session)

    def sync_fields(self, selection: Selection) -> None:
        """Offer in the fields what the scenarios on the screen allow."""
        for select in self.selects.values():
            select.sync(selection)

    def read_fields(self, before: AnalysisSelection) -> AnalysisSelection:
        """What is chosen in the fields; the rest stays as it was `before`."""
        chosen: dict[str, Any] = {name: select.chosen for name, select in self.selects.items()}
        return replace(before, **chosen)

    @contextmanager
    def quietly(self) -> Iterator[None]:
        """Change fields without asking any question."""
        before, self._quiet = self._quiet, True
        try:
            yield
        finally:
            self._quiet = before

    def handle_change(self) -> None:
        """Ask about the scenarios that are on the screen now."""
        with self.quietly():
            self.sync_fields(self.session.selection)
        remark = shipped_answers.describe_staleness()
        self.remark.object = render_hint(remark) if remark else ""
        self.refresh()

    def refresh(self) -> None:
        """Let every section ask for what the fields say, unless they are being changed just now."""
        if self._quiet:
            return
        self.session.analysis_selection = self.read_fields(self.session.analysis_selection)
        for section in self.sections:
            section.refresh()

    def show_answer(self, view: AnswerView) -> None:
        """Nothing: analyses have futures of their own, and follow the selection, not the answer."""
