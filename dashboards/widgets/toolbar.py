"""The toolbar above all tabs: the question, the scenarios, the number of futures, the badge, undo and redo."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmui
from markupsafe import Markup

from dashboards.computing.refinement import format_money
from dashboards.computing.session import Session
from dashboards.selection.selection import FUTURES_CHOICES, MOST_FUTURES, PRECISIONS
from dashboards.selection.selection import OUTCOMES as SHOWN
from dashboards.widgets.select_options import set_options
from dashboards.widgets.theme import make_piece, render_alert, render_hint
from simulator.charts.palette import STYLES
from simulator.charts.svg import draw_line_sample
from simulator.common.html import join_pieces
from simulator.common.numbers import NotReadableError
from simulator.common.numbers import parse_seed as read_seed
from simulator.declarations.calendar import YEARS, year_name
from simulator.declarations.outcomes import OUTCOMES
from simulator.reports.page import QUESTION

YEAR_OPTIONS = {
    "From the first change on": "",
    f"All years, {year_name(0)} to {year_name(YEARS - 1)}": f"{year_name(0)}-{year_name(YEARS - 1)}",
    **{year_name(y): year_name(y) for y in range(YEARS)},
}


TOOLS_STYLE = """
:host { display: var(--tools, flex) !important; width: auto !important; flex: 0 1 auto; }
@media print { :host { display: none !important; } }
@media (max-width: 600px) { :host(.folded) { display: none !important; } }
"""
"""Fields are for working: neither a presentation nor a printed page shows them, and a phone when asked."""
PHONE_STYLE = "@media (min-width: 601px) { :host { display: none !important; } }"
SHOW_SETTINGS, HIDE_SETTINGS = "Show settings", "Hide settings"


FUTURES_OPTIONS = {
    **{f"{n:,}": (n, 0.0) for n in FUTURES_CHOICES},
    **{f"Until ±{format_money(x)} in each £100": (MOST_FUTURES, x) for x in PRECISIONS},
}
"""A number of futures, or how well the mean differences must be known."""


class Toolbar(pn.viewable.Viewer):
    """The toolbar that all tabs share."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._quiet = False
        self._head = make_piece(Markup("<h1>{}</h1>").format(QUESTION), margin=(8, 12, 0, 12))
        self._chips = make_piece(margin=(0, 12))
        self._state = make_piece(margin=(0, 12))
        self._notices = make_piece(margin=(0, 12))
        self._undo = pmui.Button(label="Undo", variant="outlined", size="small", on_click=lambda _: session.undo())
        self._redo = pmui.Button(label="Redo", variant="outlined", size="small", on_click=lambda _: session.redo())
        self._cancel = pmui.Button(
            label="Cancel", variant="outlined", size="small", visible=False, on_click=lambda _: session.cancel()
        )
        self._fold = pmui.Button(
            label=SHOW_SETTINGS, variant="outlined", size="small", stylesheets=[PHONE_STYLE], on_click=self._unfold
        )
        self._fields = self._make_fields()
        watched = ["selection", "answer", "progress", "problem", "notes", "can_undo", "can_redo", "moving"]
        session.param.watch(self._show, watched)
        self._show()

    def _make_fields(self) -> dict[str, Any]:
        same: dict[str, Any] = {"size": "small", "margin": (4, 6), "min_width": 0}
        outcomes = {OUTCOMES[name].label: name for name in SHOWN}
        fields = {
            "outcome": pmui.Select(label="What counts", options=outcomes, width=270, **same),
            "years": pmui.Select(label="Years", options=YEAR_OPTIONS, width=240, **same),
            "futures": pmui.Select(label="Futures", options=FUTURES_OPTIONS, width=170, **same),
            "seed": pmui.TextInput(label="Seed", width=130, max_length=40, **same),
        }
        for name, field in fields.items():
            field.param.watch(lambda event, name=name: self._set(name, event.new), "value")
        return fields

    def __panel__(self) -> pn.Column:
        row: dict[str, Any] = {"align_items": "center", "gap": "2px 6px", "stylesheets": [TOOLS_STYLE], "margin": 0}
        self._folded = pn.FlexBox(*self._fields.values(), css_classes=["folded"], **row)
        tools = pn.FlexBox(self._fold, self._undo, self._redo, self._cancel, **row)
        fields = pn.FlexBox(self._folded, tools, gap="2px 6px", sizing_mode="stretch_width", margin=(6, 6, 2, 6))
        rows = (self._head, self._chips, fields, self._state, self._notices)
        return pn.Column(*rows, sizing_mode="stretch_width", margin=0)

    def _unfold(self, _: Any) -> None:
        folded = not self._folded.css_classes
        self._folded.css_classes = ["folded"] if folded else []
        self._fold.label = SHOW_SETTINGS if folded else HIDE_SETTINGS

    def _set(self, name: str, value: Any) -> None:
        if self._quiet or value is None:
            return
        label = self._fields[name].label
        if name == "seed":
            value = parse_seed(str(value))
        outcome, years = (value if name == "outcome" else None), (value if name == "years" else None)
        seed, (futures, until) = (value if name == "seed" else None), (value if name == "futures" else (None, None))
        self.session.choose_setting(f"{label} changed", outcome, years, seed, futures, until)

    def _show(self, *_: Any) -> None:
        session = self.session
        if session.moving:
            _set_text(self._state, render_status(session))
            return
        self._quiet = True
        try:
            spans = (
                YEAR_OPTIONS
                if session.selection.years in YEAR_OPTIONS.values()
                else {**YEAR_OPTIONS, session.selection.years: session.selection.years}
            )
            set_options(self._fields["years"], spans, session.selection.years)
            for name, field in self._fields.items():
                value = {
                    "seed": str(session.selection.seed),
                    "futures": (session.selection.futures, session.selection.until),
                }.get(name)
                value = getattr(session.selection, name) if value is None else value
                if field.value != value:
                    field.value = value
        finally:
            self._quiet = False
        self._undo.disabled, self._redo.disabled = not session.can_undo, not session.can_redo
        self._cancel.visible = session.progress[1] > 0
        _set_text(self._chips, render_chips(session))
        _set_text(self._state, render_status(session))
        _set_text(self._notices, render_notices(session))


def parse_seed(text: str) -> int:
    """Read a typed seed; -1 for anything else, which a selection refuses with the range of seeds."""
    try:
        return read_seed(text)
    except NotReadableError:
        return -1


def _set_text(pane: pn.pane.HTML, text: str) -> None:
    if pane.object != text:
        pane.object = text


def render_chips(session: Session) -> Markup:
    """One chip for each scenario: letter, line and title."""
    chips = []
    for slot, style in zip(session.selection.slots, STYLES, strict=False):
        chips.append(
            Markup("<li><b>{}</b>{}<span>{}</span></li>").format(style.letter, draw_line_sample(style), slot.shown)
        )
    return Markup('<ul class="chips" aria-label="Scenarios">{}</ul>').format(join_pieces(chips))


def render_status(session: Session) -> Markup:
    """How many futures the answer rests on, or how far the work is; polite to screen readers."""
    done, total = session.progress
    answer = session.answer
    if answer is None:
        text = "Working out the first answer…"
    else:
        manifest = answer.results[0].manifest
        own = answer.selection.own
        boards = f" on {own.source} (fingerprint {own.fingerprint})" if own else ""
        text = f"{manifest.futures:,} paired futures{boards}, seed {manifest.seed}. "
        text += f"{manifest.badge[:1].upper()}{manifest.badge[1:]}. "
        text += f"Ringfence {manifest.version}. {answer.said}".rstrip()
        if answer.selection != session.selection:
            text += " Working out what you changed…"
    bar = ""
    if total:
        share = f"{100 * done // total}%"
        bar = Markup(' <progress max="{}" value="{}" aria-label="Futures worked out"></progress> {}').format(
            total, done, share
        )
    return Markup('<p class="quiet" role="status">{}{}</p>').format(text, bar)


def render_notices(session: Session) -> Markup:
    """The problem, the notes on a link, and the last change."""
    notices = [render_alert(session.problem)]
    notices += [render_hint(note) for note in session.notes]
    if session.last_change:
        notices.append(Markup('<p class="quiet">Changed last: {}.</p>').format(session.last_change))
    return join_pieces(notices)
