"""Evidence of a visitor's own: sent as a file, weighed while they wait, and taken away again with one click."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import panel as pn
from markupsafe import Markup

from dashboards.analyses.job_queue import BusyError, JobCallbacks, PendingJob, make_weak_callbacks
from dashboards.analyses.section import CSS
from dashboards.computing.session import Session
from dashboards.evidence.count_form import CountForm
from dashboards.evidence.evidence_job import (
    WeighedEvidence,
    WeighingQueue,
    WeighingRequest,
    get_weighing_queue,
    read_sent_file,
    weigh_sent_evidence,
)
from dashboards.export.chart_buttons import (
    ChartExport,
    DownloadButton,
    DownloadButtons,
    DownloadFile,
    make_chart_buttons,
)
from dashboards.selection.own_evidence import OwnEvidence
from dashboards.selection.permalink import get_link_reader
from dashboards.widgets.sheet import Push, Sheet, Words
from dashboards.widgets.theme import NOT_ON_PAPER, make_place, render_alert
from dashboards.widgets.upload import Upload, format_size
from simulator.common.errors import InputError
from simulator.common.excel_reader import ENDING as EXCEL
from simulator.common.excel_reader import is_excel
from simulator.common.yaml_nodes import LARGEST
from simulator.runs.recipe import make_file_stem

if TYPE_CHECKING:
    from simulator.evidence.evidence import Evidence

MOST_SHOWN = 200
"""Mistakes that are shown: more than a file's reader collects."""
FILES = Markup(
    "<h3>A file</h3><p class='quiet'>The templates say what a file can hold: the workbook what boards kept, spent or "
    "passed on, a row for each figure, and counts of boards; the text file everything. A belief is what you expect of "
    "boards, in three numbers: the middle, and what halves the part below it and the part above; "
    "<code>ringfence beliefs ask</code> asks you, and writes the file. At most {}.</p>"
)
MOST_DONE = 990
"""Thousandths that are told until the answer is there: what is done is shown, and then it is no longer weighed."""
TEMPLATE, ROWS = "my-evidence.yaml", "my-evidence.xlsx"


class EvidenceUpload(pn.viewable.Viewer):
    """Send a file, see what it changes, or take it away."""

    def __init__(self, session: Session, queue: WeighingQueue | None = None) -> None:
        super().__init__()
        self.session, self._queue = session, queue
        self.shown: WeighedEvidence | None = None
        self._pending: PendingJob[WeighedEvidence] | None = None
        self._doc = pn.state.curdoc
        self.head, self.status, self.body = Words(), Words(), Words()
        self.upload = Upload(
            f"Send evidence or beliefs (.yaml, .csv or {EXCEL})", f".yaml,.yml,.csv,{EXCEL}", LARGEST, margin=(4, 12)
        )
        self.upload.param.watch(self._receive_file, "value")
        self.counts = CountForm(self._weigh_entered, self._is_used)
        template = DownloadButton(f"Template ({TEMPLATE})", f"Template ({TEMPLATE})", read_template)
        rows = DownloadButton(f"Template ({ROWS}): a row for each figure", f"Template ({ROWS})", read_workbook)
        self.template = DownloadButtons("Template", {"template": template, "rows": rows})
        self.stop = Push("Cancel: weighing your evidence", self.cancel, visible=False)
        self.files = make_chart_buttons("What your evidence changes", self._make_export)
        self.files.visible = False
        self.view = pn.Column(
            Sheet(self.head),
            self.counts.view,
            Sheet((self.stop, self.status), css=CSS),
            Sheet(Words(FILES.format(format_size(LARGEST))), css=NOT_ON_PAPER),
            self.upload,
            Sheet(self.template, (self.body, self.files), css=CSS),
            sizing_mode="stretch_width",
            margin=0,
            min_width=0,
        )
        self.show_evidence()

    def __panel__(self) -> pn.Column:
        return self.view

    def show_evidence(self) -> None:
        """Say whether evidence is used, and show what it changes."""
        own = self.session.selection.evidence
        if own is not None:
            now = Markup(
                "<p>Every page of this session draws from {}, in “{}”. Below, the policies that were on the "
                "screen when it was sent, before and after, and then the library's. The checks and the list of numbers "
                "further down are those of the fit that ships. A link says the fingerprint and does not carry the "
                "file. “Stop using my evidence”, above, brings the former answers back.</p>"
            ).format(own.counts, own.title)
        else:
            now = Markup(
                "<p>Most numbers of this model are not pinned down. What do you know: what single boards kept, a "
                "rating of leaders, a national figure, what you expect? Send it, and every answer is weighed anew.</p>"
            )
        self.head.object = make_place("own", Markup("<h2>Evidence of your own</h2>")) + Markup(
            "{}<p class='quiet'>What you send or enter stays in this session, and goes with it.</p>"
        ).format(now)
        self._show_change(own)

    def _show_change(self, own: OwnEvidence | None) -> None:
        """What the evidence in use changes; nothing for evidence that was weighed before it."""
        from dashboards.evidence.change_page import render_change

        shown = self.shown if self.shown is not None and self.shown.own is own else None
        self.body.object = render_change(shown.change, shown.on_screen, shown.on_other) if shown else ""
        self.files.visible = shown is not None

    def _weigh_entered(self, name: str, evidence: Evidence) -> None:
        """Weigh counts that were entered on the page."""
        self._stop_waiting()
        self._weigh(name, evidence)

    def _is_used(self, name: str) -> bool:
        """Whether this file is in use, or is being weighed."""
        own = self.session.selection.evidence
        return self._pending is not None or (own is not None and own.file == name)

    def cancel(self) -> None:
        """Stop waiting; nothing is changed."""
        if self._pending is not None:
            self._stop_waiting()
            self._say("Cancelled; nothing was changed.")

    def _receive_file(self, event: Any) -> None:
        if not event.new:
            return
        self._stop_waiting()
        data, sent = bytes(event.new), PurePath(str(self.upload.filename or "evidence"))
        ending = EXCEL if is_excel(data) else ".csv" if sent.suffix.lower() == ".csv" else ".yaml"
        name = f"{make_file_stem(sent.stem[:50]) or 'evidence'}{ending}"
        if pn.state.curdoc is None:
            self._weigh(name, read_sent_file(data, name))
        else:  # other visitors do not wait while it is read
            self._say(f"Reading {name}…")
            get_link_reader().submit(self._read_in_thread, data, name)

    def _read_in_thread(self, data: bytes, name: str) -> None:
        evidence = read_sent_file(data, name)
        self.session.later(lambda: self._weigh(name, evidence))

    def _weigh(self, name: str, evidence: Evidence | str) -> None:
        """Ask for the evidence to be weighed, or show everything that is wrong with it."""
        if isinstance(evidence, str):
            self.status.object = render_alert(evidence, MOST_SHOWN)
            return
        if not evidence.counted:
            self._say(f"{name} is right, and holds nothing to weigh: the fit knows all of it already.")
            return
        request = WeighingRequest(evidence, name, selection=self.session.selection)
        self._say(f"{name} holds {evidence.counts}. Weighing…")
        queue = self._queue or get_weighing_queue()
        self.stop.visible, self._pending = True, PendingJob(request.key, self._make_callbacks(request.key))
        try:
            pending = queue.enqueue(request, weigh_sent_evidence, self._pending.callbacks)
        except BusyError as problem:
            self._stop_waiting()
            self.status.object = render_alert(str(problem))
            return
        if self._pending is not None:  # the answer may have come before `enqueue` returned
            self._pending = pending

    def _make_callbacks(self, key: str) -> JobCallbacks[WeighedEvidence]:
        return make_weak_callbacks(
            self,
            self.session.later,
            self._doc,
            EvidenceUpload._receive_answer,
            EvidenceUpload._receive_progress,
            EvidenceUpload._receive_failure,
            lambda view: view._pending is not None and view._pending.key == key,
        )

    def _receive_answer(self, weighed: WeighedEvidence) -> None:
        wanted = self.session.wanted_evidence
        self._stop_waiting()
        self.shown = weighed
        self.session.use_evidence(weighed.own)
        self.show_evidence()
        other = f" It is not what the link was made with, which has the fingerprint {wanted}."
        is_other = wanted and wanted != weighed.own.fingerprint
        self._say(f"Weighed: every answer is now drawn from it.{other if is_other else ''}")

    def _receive_progress(self, done: int, ahead: int) -> None:
        if ahead:
            self._say(f"{ahead} question{'' if ahead == 1 else 's'} before yours…")
            return
        done = min(done, MOST_DONE)
        bar = Markup('<progress max="1000" value="{}" aria-label="How far your evidence is weighed"></progress>')
        self.status.object = Markup("<p class='quiet'>Weighing your evidence… {} {}%</p>").format(
            bar.format(done), done // 10
        )

    def _receive_failure(self, problem: str) -> None:
        self._stop_waiting()
        self.status.object = render_alert(problem, MOST_SHOWN)

    def _stop_waiting(self) -> None:
        if self._pending is not None:
            self._pending.cancelled = True
        self._pending, self.stop.visible = None, False

    def _say(self, words: str) -> None:
        self.status.object = Markup("<p role='status'>{}</p>").format(words)

    def _make_export(self) -> ChartExport:
        from dashboards.evidence.change_page import export_change

        if self.shown is None:
            raise InputError("there is no evidence of your own in use")
        return export_change(self.shown.change)


def read_template() -> DownloadFile:
    """A commented file to start from."""
    from simulator.evidence.template import make_template

    return DownloadFile(TEMPLATE, make_template(TEMPLATE).encode("utf-8"))


def read_workbook() -> DownloadFile:
    """A workbook to write boards' figures into, which explains its columns."""
    from simulator.evidence.template_workbook import make_template_workbook

    return DownloadFile(ROWS, make_template_workbook())
