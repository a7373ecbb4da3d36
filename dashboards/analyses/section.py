"""A question on a page: its title and picture once it is known, and a button that works it out where it is not."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmui
from markupsafe import Markup

from dashboards.analyses.job_queue import AnalysisQueue, AnswerCallbacks, BusyError, PendingAnswer, shared_queue
from dashboards.analyses.registry import ANALYSES
from dashboards.analyses.request import AnalysisDocument, AnalysisReport, AnalysisRequest
from dashboards.common.log import explain_failure
from dashboards.computing.answer_view import table
from dashboards.computing.session import Session
from dashboards.export.chart_buttons import ChartExport, make_chart_buttons
from dashboards.widgets.theme import STYLESHEET, alert, hint, html
from simulator.common.errors import InputError
from simulator.common.html import make_bullets

CSS = """
.duo { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 340px), 1fr)); gap: 8px 24px;
  align-items: start; }
.duo .card { max-width: 560px; padding: 10px 8px 6px; }
.asks { font-size: .95rem; font-weight: 600; opacity: .9; margin: 0 0 .2rem; }
"""


class AnalysisSection(pn.viewable.Viewer):
    """One question. `make` gives the question as it stands, or raises ValueError for what cannot be asked."""

    def __init__(
        self,
        session: Session,
        kind: str,
        make: Callable[[], AnalysisRequest],
        controls: tuple[Any, ...] = (),
        asker: AnalysisQueue | None = None,
    ) -> None:
        super().__init__()
        self.session, self.kind, self.make = session, ANALYSES[kind], make
        self._asker = asker or shared_queue()
        self._doc = pn.state.curdoc
        self._mine: dict[str, AnalysisDocument] = {}
        self._shown: str | None = None
        self._waiting: PendingAnswer | None = None
        self._over = True
        self.after: Callable[[], None] = lambda: None
        self.told: AnalysisReport | None = None
        self.head, self.state, self.body = _make_pane(), _make_pane((0, 12)), _make_pane()
        what = self.kind.what
        self.button = pmui.Button(
            label=f"Work out {what} for the scenarios on the screen",
            variant="outlined",
            size="small",
            margin=(4, 12),
            on_click=lambda _: self.ask(),
        )
        self.stop = pmui.Button(
            label=f"Cancel: {what}",
            variant="outlined",
            size="small",
            visible=False,
            margin=(4, 12),
            on_click=lambda _: self.cancel(),
        )
        self.files = make_chart_buttons(self.kind.question.rstrip("?"), self._take)
        self.files.visible = False
        fields = pn.FlexBox(*controls, gap="2px 6px", sizing_mode="stretch_width", margin=(2, 6))
        tools = pn.FlexBox(self.button, self.stop, gap="2px 6px", sizing_mode="stretch_width", margin=0)
        parts = (self.head, *([fields] if controls else []), tools, self.state, self.body, self.files)
        self.view = pn.Column(*parts, sizing_mode="stretch_width", margin=(0, 0, 18, 0), min_width=0)

    def __panel__(self) -> Any:
        return self.view

    def refresh(self) -> None:
        """Show the answer to the question as it stands, if it is known; else offer to work it out."""
        try:
            ask = self.make()
        except (ValueError, LookupError) as problem:
            self._drop()
            self._empty(explain_failure(problem, "this question"), False)
            return
        if self._waiting and self._waiting.key != ask.key:
            self._drop()
        if self._shown == ask.key:
            return
        found = self._asker.known(ask.key) or self._mine.get(ask.key)
        if found is None:
            words = f"Not worked out yet for these scenarios. It takes about {self.kind.takes}."
            if self._waiting is None:
                self._empty(words, True)
            return
        self._put(ask.key, found)

    def ask(self) -> None:
        """Have it worked out."""
        if self._waiting:
            return
        self.refresh()
        try:
            ask = self.make()
            if self._shown == ask.key:
                return
            self.stop.visible, self.button.disabled, self._over = True, True, False
            waiting = self._asker.ask(ask, self.kind.work, self._hooks(ask.key))
        except BusyError as problem:
            self._drop()
            self.state.object = alert(str(problem))
            return
        except (ValueError, LookupError) as problem:
            self._drop()
            self.state.object = alert(explain_failure(problem, "this question"))
            return
        self._waiting = None if self._over else waiting  # it may be over before it is known to have begun

    def cancel(self) -> None:
        """No longer wait for it."""
        if self._waiting:
            self._drop()
            self._shown = None
            self.refresh()
            self.state.object = Markup("<p class='quiet' role='status'>Cancelled.</p>")

    def _hooks(self, key: str) -> AnswerCallbacks:
        """What the thread is told to call: nothing of it keeps a page alive that was closed."""
        me, doc = weakref.ref(self), self._doc

        def on(do: Callable[[AnalysisSection], None]) -> None:
            here = me()
            if here is not None:
                do(here)

        def wanted() -> bool:
            gone = doc is not None and doc.session_context is not None and doc.session_context.destroyed
            return me() is not None and not gone

        return AnswerCallbacks(
            self.session.later,
            lambda document: on(lambda here: here._came(key, document)),
            lambda done, ahead: on(lambda here: here._told(done, ahead)),
            lambda problem: on(lambda here: here._failed(problem)),
            wanted,
        )

    def _came(self, key: str, document: AnalysisDocument) -> None:
        self._drop()
        if document["own"]:
            self._mine[key] = document
        self._shown = None
        self.refresh()
        self.state.object = Markup("<p class='quiet' role='status'>Worked out.</p>")

    def _told(self, done: int, ahead: int) -> None:
        if ahead:
            words = f"{ahead} question{'' if ahead == 1 else 's'} before this one…"
            self.state.object = Markup("<p class='quiet' role='status'>{}</p>").format(words)
            return
        bar = Markup('<progress max="1000" value="{}" aria-label="How far: {}"></progress>').format(
            done, self.kind.what
        )
        self.state.object = Markup("<p class='quiet'>Working it out… {} {}%</p>").format(bar, done // 10)

    def _failed(self, problem: str) -> None:
        self._drop()
        self._empty("Not worked out.", True)
        self.state.object = alert(problem)

    def _drop(self) -> None:
        if self._waiting:
            self._asker.cancel(self._waiting)
        self._waiting, self._over = None, True
        self.stop.visible, self.button.disabled = False, False

    def _empty(self, words: str, can: bool) -> None:
        self._shown, self.told = None, None
        self.head.object = Markup("<h2>{}</h2>").format(self.kind.question)
        self.body.object = hint(words)
        self.state.object = ""
        self.button.visible, self.files.visible = can, False
        self.after()

    def _put(self, key: str, document: AnalysisDocument) -> None:
        told = self.kind.tell(document)
        self._shown, self.told = key, told
        self.head.object = Markup("<p class='asks'>{}</p><h2>{}</h2>").format(self.kind.question, told.title)
        self.body.object = render_report(told)
        self.state.object = ""
        self.button.visible, self.files.visible = False, True
        self.after()

    def _take(self) -> ChartExport:
        told = self.told
        if told is None:
            raise InputError("this is not worked out yet")
        return make_chart_export(told)


def _make_pane(margin: tuple[int, ...] = (4, 12)) -> pn.pane.HTML:
    made = html(margin=margin)
    made.stylesheets = [STYLESHEET, CSS]
    return made


def render_report(told: AnalysisReport) -> Markup:
    """Picture, sentences, table, and what it rests on. Every word is escaped."""
    picture = Markup('<div class="card plain">{}</div>').format(told.picture) if told.picture else ""
    words = Markup("<div>{}<p class='quiet'>{}</p></div>").format(make_bullets(list(told.says)), told.about)
    numbers = table(told.caption, told.head, [(row[0], list(row[1:])) for row in told.rows]) if told.rows else ""
    return Markup('<div class="duo">{}{}</div>{}<p class="quiet">{}</p>').format(picture, words, numbers, told.source)


def make_chart_export(told: AnalysisReport) -> ChartExport:
    """What people take away of an answer."""
    return ChartExport(told.title, told.picture, told.data_head, list(told.data), told.source)
