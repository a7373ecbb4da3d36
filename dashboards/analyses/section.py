"""A question on a page: its answer once it is known, and a button that works it out where it is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import panel as pn
from markupsafe import Markup

from dashboards.analyses.job_queue import (
    AnalysisQueue,
    AnswerCallbacks,
    BusyError,
    PendingAnswer,
    get_shared_queue,
    make_weak_callbacks,
)
from dashboards.analyses.registry import ANALYSES, compute_answer
from dashboards.analyses.report import AnalysisReport, describe_acting_years
from dashboards.analyses.request import AnalysisDocument, AnalysisRequest
from dashboards.common.log import explain_failure
from dashboards.computing.answer_view import render_table
from dashboards.computing.session import Session
from dashboards.export.chart_buttons import ChartExport, make_chart_buttons
from dashboards.widgets.sheet import Part, Push, Sheet, Words
from dashboards.widgets.theme import render_alert, render_hint
from simulator.common.errors import InputError
from simulator.common.html import make_bullets

CSS = """
.duo { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 340px), 1fr)); gap: 8px 24px;
  align-items: start; }
.duo .card { max-width: 560px; padding: 10px 8px 6px; }
@media print { .duo { grid-template-columns: minmax(0, 320px) minmax(0, 1fr); } }
.asks { font-size: .95rem; font-weight: 600; opacity: .9; margin: 0 0 .2rem; }
"""


class AnalysisSection:
    """One question. `make_request` gives it as it stands, or raises ValueError where it cannot be asked.

    `view` is a sheet of its own, because the pictures of two questions may have the same ids. `report` is the answer
    that is shown, None if there is none; `on_change` is called when that changes.
    """

    def __init__(
        self,
        session: Session,
        kind: str,
        make_request: Callable[[], AnalysisRequest],
        controls: tuple[Part, ...] = (),
        queue: AnalysisQueue | None = None,
    ) -> None:
        self.session, self.analysis, self.make_request = session, ANALYSES[kind], make_request
        self.report: AnalysisReport | None = None
        self.on_change: Callable[[], None] = lambda: None
        self._queue = queue or get_shared_queue()
        self._doc = pn.state.curdoc
        self._own_answers: dict[str, AnalysisDocument] = {}
        self._shown_key: str | None = None
        self._pending: PendingAnswer | None = None
        self._is_over = True
        self.head, self.state, self.body = Words(), Words(), Words()
        name = self.analysis.short_name
        self.button = Push(f"Work out {name} for the scenarios on the screen", self.run)
        self.stop = Push(f"Cancel: {name}", self.cancel, visible=False)
        self.files = make_chart_buttons(self.analysis.question.rstrip("?"), self._make_export)
        self.files.visible = False
        self.view = Sheet((self.head, *controls, self.button, self.stop, self.state, self.body, self.files), css=CSS)

    def refresh(self) -> None:
        """Show the answer to the question as it stands, if it is known; else offer to work it out."""
        try:
            request = self.make_request()
        except (ValueError, LookupError) as problem:
            self._stop_waiting()
            self._clear(explain_failure(problem, "this question"), can_run=False)
            return
        if self._pending and self._pending.key != request.key:
            self._stop_waiting()
        if self._shown_key == request.key:
            return
        document = self._queue.get(request.key) or self._own_answers.get(request.key)
        if document is not None:
            self._show(request.key, document)
        elif self._pending is None:
            duration = self.analysis.duration
            self._clear(f"Not worked out yet for these scenarios. It takes about {duration}.", can_run=True)

    def run(self) -> None:
        """Have the answer worked out."""
        if self._pending:
            return
        self.refresh()
        try:
            request = self.make_request()
            if self._shown_key == request.key:
                return
            self.stop.visible, self.button.disabled, self._is_over = True, True, False
            pending = self._queue.enqueue(request, compute_answer, self._make_callbacks(request.key))
        except BusyError as problem:
            self._stop_waiting()
            self.state.object = render_alert(str(problem))
            return
        except (ValueError, LookupError) as problem:
            self._stop_waiting()
            self.state.object = render_alert(explain_failure(problem, "this question"))
            return
        self._pending = None if self._is_over else pending  # the answer may have come before `enqueue` returned

    def cancel(self) -> None:
        """Stop waiting for the answer."""
        if self._pending:
            self._stop_waiting()
            self._shown_key = None
            self.refresh()
            self.state.object = Markup("<p class='quiet told' role='status'>Cancelled.</p>")

    def _make_callbacks(self, key: str) -> AnswerCallbacks:
        return make_weak_callbacks(
            self,
            self.session.later,
            self._doc,
            lambda section, document: section._receive_answer(key, document),
            AnalysisSection._receive_progress,
            AnalysisSection._receive_failure,
        )

    def _receive_answer(self, key: str, document: AnalysisDocument) -> None:
        self._stop_waiting()
        if self._queue.get(key) is None:  # it is private
            self._own_answers[key] = document
        self._shown_key = None
        self.refresh()
        self.state.object = Markup("<p class='quiet told' role='status'>Worked out.</p>")

    def _receive_progress(self, done: int, ahead: int) -> None:
        if ahead:
            text = f"{ahead} question{'' if ahead == 1 else 's'} before this one…"
            self.state.object = Markup("<p class='quiet' role='status'>{}</p>").format(text)
            return
        bar = Markup('<progress max="1000" value="{}" aria-label="How far: {}"></progress>').format(
            done, self.analysis.short_name
        )
        self.state.object = Markup("<p class='quiet'>Working it out… {} {}%</p>").format(bar, done // 10)

    def _receive_failure(self, problem: str) -> None:
        self._stop_waiting()
        self._clear("Not worked out.", can_run=True)
        self.state.object = render_alert(problem)

    def _stop_waiting(self) -> None:
        if self._pending:
            self._queue.cancel(self._pending)
        self._pending, self._is_over = None, True
        self.stop.visible, self.button.disabled = False, False

    def _clear(self, text: str, can_run: bool) -> None:
        self._shown_key, self.report = None, None
        self.head.object = Markup("<h2>{}</h2>").format(self.analysis.question)
        self.body.object = render_hint(text)
        self.state.object = ""
        self.button.visible, self.files.visible = can_run, False
        self.on_change()

    def _show(self, key: str, document: AnalysisDocument) -> None:
        report = self.analysis.describe(document)
        report = replace(report, sentences=(*describe_acting_years(document), *report.sentences))
        self._shown_key, self.report = key, report
        self.head.object = render_heading(self.analysis.question, report)
        self.body.object = render_report(report, self.analysis.question)
        self.state.object = ""
        self.button.visible, self.files.visible = False, True
        self.on_change()

    def _make_export(self) -> ChartExport:
        if self.report is None:
            raise InputError("this is not worked out yet")
        return make_chart_export(self.report)


def render_heading(question: str, report: AnalysisReport) -> Markup:
    """The question, and the answer in a sentence."""
    return Markup("<p class='asks'>{}</p><h2>{}</h2>").format(question, report.title)


def render_report(report: AnalysisReport, name: str = "") -> Markup:
    """Picture, sentences, table and source; the table's fold shows `name`. All text is escaped."""
    picture = Markup('<div class="card plain">{}</div>').format(report.picture) if report.picture else ""
    text = Markup("<div>{}<p class='quiet'>{}</p></div>").format(
        make_bullets(list(report.sentences)), report.description
    )
    rows = [(row[0], list(row[1:])) for row in report.rows]
    numbers = render_table(report.title, report.head, rows, name=name) if rows else ""
    return Markup('<div class="duo">{}{}</div>{}<p class="quiet">{}</p>').format(picture, text, numbers, report.source)


def make_chart_export(report: AnalysisReport) -> ChartExport:
    """An answer as files."""
    return ChartExport(report.title, report.picture, report.data_head, list(report.data), report.source)
