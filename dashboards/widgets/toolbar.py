"""The toolbar above all tabs: the question, the scenarios, the number of futures, the badge, undo and redo."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import panel as pn
import param
from markupsafe import Markup

from dashboards.computing.answer_view import describe_first_look
from dashboards.computing.refinement import format_money
from dashboards.computing.session import Session
from dashboards.selection.selection import FUTURES_CHOICES, MOST_FUTURES, PRECISIONS, Selection
from dashboards.selection.selection import OUTCOMES as SHOWN
from dashboards.widgets.scripts import read_script
from dashboards.widgets.sheet import Push, Sheet, Words
from dashboards.widgets.theme import make_piece, render_alert, render_hint, render_over_page
from simulator.charts.palette import FONT, find_styles
from simulator.common import numbers
from simulator.common.html import join_pieces
from simulator.common.numbers import parse_seed as read_seed
from simulator.common.sentence_templates import get_template
from simulator.declarations.calendar import YEARS, year_name
from simulator.declarations.outcomes import OUTCOMES
from simulator.reports.page import QUESTION
from simulator.studies.scenario_runs import find_years_all_act

YEAR_OPTIONS = {
    "From the first change on": "",
    f"All years, {year_name(0)} to {year_name(YEARS - 1)}": f"{year_name(0)}-{year_name(YEARS - 1)}",
    **{year_name(y): year_name(y) for y in range(YEARS)},
}


FUTURES_OPTIONS = {
    **{f"{n:,}": (n, 0.0) for n in FUTURES_CHOICES},
    **{f"Until ±{format_money(x)} in each £100": (MOST_FUTURES, x) for x in PRECISIONS},
}
"""A number of futures, or how well the mean differences must be known."""
LONGEST_VALUE = 60


OUTCOME_OPTIONS = [[name, OUTCOMES[name].title] for name in SHOWN]


@cache
def make_stylesheet() -> str:
    """How the bar looks."""
    return f":host {{ font-family: {FONT}; }}\n{Path(__file__).with_name('toolbar.css').read_text(encoding='utf-8')}"


class ToolbarForm(pn.custom.JSComponent):
    """The fields of the toolbar in one component. `state` is what they show, `said` what the answer rests on."""

    state = param.Dict(default={})
    said = param.String(default="")
    standing = param.String(default="former", doc="As `Session.standing`.")
    progress = param.List(default=[0, 0])

    _esm = read_script("toolbar.js")

    def __init__(self, handle: Callable[[str, str], None], **params: Any) -> None:
        self._handle = handle
        super().__init__(stylesheets=[make_stylesheet()], sizing_mode="stretch_width", margin=0, min_width=0, **params)

    def _handle_msg(self, data: Any) -> None:
        what, value = (data.get("what"), data.get("value")) if isinstance(data, dict) else (None, None)
        if isinstance(what, str) and isinstance(value, str) and len(value) <= LONGEST_VALUE:
            self._handle(what, value)


class Toolbar(pn.viewable.Viewer):
    """The toolbar that all tabs share: one component, and notices below it."""

    def __init__(self, session: Session, open_build: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self.session = session
        self._open_build = open_build
        self._wrong_seed = ""
        self.form = ToolbarForm(self.handle)
        self._notices = make_piece(margin=(0, 12))
        self._strips: dict[str, Sheet] = {}
        self.view = pn.Column(self.form, self._notices, sizing_mode="stretch_width", margin=0)
        watched = ["selection", "answer", "progress", "problem", "notes", "told", "can_undo", "can_redo"]
        watched += ["moving", "wanted_evidence"]
        session.param.watch(self._show, watched)
        self._show()

    def __panel__(self) -> pn.Column:
        return self.view

    def handle(self, what: str, value: str) -> None:
        """Do what a visitor asks for: choose a setting, undo, redo or cancel. Anything else is ignored."""
        session = self.session
        self._wrong_seed = ""
        if what in ("undo", "redo", "cancel"):
            getattr(session, what)()
        elif what == "outcome":
            session.choose_setting("What counts changed", outcome=value)
        elif what == "years":
            session.choose_setting("Years changed", years=value)
        elif what == "futures" and value in FUTURES_OPTIONS:
            futures, until = FUTURES_OPTIONS[value]
            session.choose_setting("Number of futures changed", futures=futures, until=until)
        elif what == "seed":
            self._choose_seed(value)
        elif what == "open" and value in tuple(session.selection.letters):
            session.slot = session.selection.find_place(value)
            self._open_build()
        self._show()

    def _choose_seed(self, text: str) -> None:
        """A seed that cannot be read is said at its field, and nothing changes."""
        try:
            read_seed(text)
        except numbers.NotReadableError as problem:
            self._wrong_seed = str(problem)
        else:
            self.session.choose_setting("Seed changed", seed=parse_seed(text))

    def _show(self, *_: Any) -> None:
        session = self.session
        said, progress = describe_status(session), [*session.progress]
        if self.form.said != said:
            self.form.said = said
        if self.form.progress != progress:
            self.form.progress = progress
        if session.moving:
            return
        if session.standing == "former":
            self.tell_standing()
        state = self._describe()
        if self.form.state != state:
            self.form.state = state
        self._show_strips()
        notices = render_notices(session)
        if self._notices.object != notices:
            self._notices.object = notices

    def tell_standing(self) -> None:
        """Say what the answer on the page is of: that it is of what is chosen, only once the page shows it."""
        if self.form.standing != self.session.standing:
            self.form.standing = self.session.standing

    def _show_strips(self) -> None:
        """Say on every page what changes every page, each with a button that takes it back: evidence of the visitor's
        own, and the years in which all policies act instead of all years of the policies.
        """
        selection = self.session.selection
        own, years = selection.evidence, selection.years
        matched = years if years and years == find_years_all_act(selection.scenarios) else ""
        self._show_strip("evidence", own.strip if own else "", "Stop using my evidence", self._stop_using_evidence)
        said = get_template("acting.strip").format(span=matched.replace("-", " to ")) if matched else ""
        self._show_strip("years", said, get_template("acting.back"), self._count_all_years)

    def _show_strip(self, name: str, said: str, label: str, act: Callable[[], None]) -> None:
        strip = self._strips.get(name)
        if not said:
            if strip is not None:
                self.view.remove(self._strips.pop(name))
        elif strip is None:
            self._strips[name] = Sheet(Words(render_hint(said)), Push(label, act))
            self.view.insert(1, self._strips[name])
        elif (words := strip.parts[0]).object != render_hint(said):  # type: ignore[attr-defined]
            words.object = render_hint(said)  # type: ignore[attr-defined]

    def _stop_using_evidence(self) -> None:
        self.session.use_evidence(None)

    def _count_all_years(self) -> None:
        self.session.choose_setting("Years changed", years="")

    def _describe(self) -> dict[str, Any]:
        selection, session = self.session.selection, self.session
        spans = list_year_spans(selection)
        chosen = (selection.futures, selection.until)
        return {
            "title": QUESTION,
            "chips": list_chips(session),
            "outcomes": OUTCOME_OPTIONS,
            "outcome": selection.outcome,
            "spans": spans,
            "years": selection.years,
            "counts": [[key, key] for key in FUTURES_OPTIONS],
            "futures": next((key for key, value in FUTURES_OPTIONS.items() if value == chosen), ""),
            "seed": str(selection.seed),
            "wrong": self._wrong_seed,
            "can_undo": session.can_undo,
            "can_redo": session.can_redo,
            "rests": describe_basis(session),
        }


def list_year_spans(selection: Selection) -> list[list[str]]:
    """The years that are offered, [value, words]: with those in which all policies act, where they start apart, and
    those chosen by a link.
    """
    spans = {value: words for words, value in YEAR_OPTIONS.items()}
    acting = find_years_all_act(selection.scenarios)
    if acting:
        own = get_template("years.all_act").format(span=acting.replace("-", " to "))
        spans = {"": spans.pop(""), acting: own, **{value: words for value, words in spans.items() if value != acting}}
    spans.setdefault(selection.years, selection.years)
    return [[value, words] for value, words in spans.items()]


def parse_seed(text: str) -> int:
    """Read a typed seed; -1 for anything else, which a selection refuses with the range of seeds."""
    try:
        return read_seed(text)
    except numbers.NotReadableError:
        return -1


def list_chips(session: Session) -> list[dict[str, str]]:
    """One chip for each scenario: letter, line and title. The browser puts them in as text."""
    return [
        {"letter": style.letter, "title": slot.shown, "colour": style.colour, "dash": style.dash}
        for slot, style in zip(session.selection.slots, find_styles(session.selection.letters), strict=True)
    ]


def describe_status(session: Session) -> str:
    """On how many futures the answer rests, or that it is being worked out."""
    answer = session.answer
    if answer is None:
        return "Working out the first answer…"
    if answer.selection != session.selection:
        return "Working out what you changed… Until then the page shows the answer to the choice before."
    return describe_first_look(answer) or f"{answer.futures:,} futures. {answer.said}".rstrip()


def describe_basis(session: Session) -> str:
    """What the answer rests on: futures, boards, seed, the fit and the version."""
    answer = session.answer
    if answer is None:
        return ""
    manifest, own = answer.results[0].manifest, answer.selection.own
    boards = f" on {own.source} (fingerprint {own.fingerprint})" if own else ""
    badge = f"{manifest.badge[:1].upper()}{manifest.badge[1:]}"
    text = f"{manifest.futures:,} futures{boards}, seed {manifest.seed}. {badge}. Ringfence {manifest.version}."
    return f"{text} Changed last: {session.last_change}." if session.last_change else text


def render_notices(session: Session) -> Markup:
    """The problem, what undo did, and the notes on a link."""
    notices = [render_alert(session.problem), render_over_page(session.told)]
    notices += [render_hint(note) for note in session.notes]
    notices += [render_hint(describe_wanted(session.wanted_evidence))] if session.wanted_evidence else []
    return join_pieces(notices)


def describe_wanted(fingerprint: str) -> str:
    """That a link was made with evidence that is not here."""
    said = get_template("link.evidence").format(fingerprint=fingerprint)
    return f"{said} If you have the file, send it on the Evidence page."
