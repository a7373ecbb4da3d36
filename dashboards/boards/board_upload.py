"""A visitor's own table of boards: uploaded, checked as on the command line, used by this session alone."""

from __future__ import annotations

from importlib import resources
from pathlib import PurePath
from typing import Any

import panel as pn
from markupsafe import Markup

from dashboards.common.log import explain_failure, log_job
from dashboards.computing.session import Session
from dashboards.computing.worker import get_shared_pools
from dashboards.export.chart_buttons import DownloadButton, DownloadButtons, DownloadFile
from dashboards.widgets.sheet import Push, Sheet, Words
from dashboards.widgets.theme import NOT_ON_PAPER, render_alert
from dashboards.widgets.upload import Upload, format_size
from simulator.boards.csv_reader import MAX_BYTES, MAX_ROWS, REQUIRED
from simulator.boards.table import Boards, parse_boards
from simulator.common.excel_reader import ENDING as EXCEL
from simulator.common.excel_reader import is_excel
from simulator.common.html import NOTHING, join_pieces
from simulator.runs.recipe import make_file_stem

READ_AT_ONCE = 64 * 1024
"""A larger table is read on a thread, so that other visitors need not wait."""

MOST_REMARKS = 8


class BoardUpload(pn.viewable.Viewer):
    """Upload a table, get a template, or go back to the 42 boards."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.head, self.status = Words(), Words()
        self.upload = Upload("Upload boards (.csv or .xlsx)", f".csv,text/csv,{EXCEL}", MAX_BYTES, margin=(4, 12))
        self.upload.param.watch(self._receive_table, "value")
        template = DownloadButton("Template: the 42 boards (boards.csv)", "Template: the 42 boards", read_template)
        self.template = DownloadButtons("Template", {"template": template})
        self.back = Push("Use the 42 boards again", self._use_default_boards)
        tools = Sheet((self.template, self.back, self.status))
        looks: dict[str, Any] = {"sizing_mode": "stretch_width", "margin": (16, 0, 0, 0), "min_width": 0}
        self.view = pn.Column(Sheet(self.head), self.upload, tools, stylesheets=[NOT_ON_PAPER], **looks)
        self.show_boards()

    def __panel__(self) -> pn.Column:
        return self.view

    def show_boards(self) -> None:
        """Say on which boards everything runs."""
        own = self.session.selection.own
        self.back.visible = own is not None
        now = (
            Markup(
                "Everything in this session now runs on <b>{}</b>: {} boards. The link does not hold them: "
                "whoever opens it sees the 42."
            ).format(own.source, len(own))
            if own
            else "Everything runs on the 42 boards. With a table of your own, every page of this session uses it "
            "instead."
        )
        columns = (Markup("<code>{}</code>").format(column) for column in REQUIRED)
        self.head.object = Markup(
            "<h2>Boards of your own</h2><p>{}</p><p class='quiet'>Columns: {}; the template has the optional "
            "ones too. At most {} boards and {}. The table stays in this session, and goes with it.</p>"
        ).format(now, Markup(", ").join(columns), MAX_ROWS, format_size(MAX_BYTES))

    def _use_default_boards(self) -> None:
        self.status.object = ""
        self.session.use_boards(None)

    def _receive_table(self, event: Any) -> None:
        if not event.new:
            return
        data = bytes(event.new)
        ending = EXCEL if is_excel(data) else ".csv"
        name = f"{make_file_stem(PurePath(str(self.upload.filename or 'boards')).stem) or 'boards'}{ending}"
        if READ_AT_ONCE < len(data) <= MAX_BYTES:
            self.status.object = Markup('<p role="status">Reading {}…</p>').format(name)
            get_shared_pools()[1].submit(self._read_in_thread, data, name)
        else:
            self._put(name, *_read_boards(data, name))

    def _read_in_thread(self, data: bytes, name: str) -> None:
        boards, problem = _read_boards(data, name)
        self.session.later(lambda: self._put(name, boards, problem))

    def _put(self, name: str, own: Boards | None, problem: str) -> None:
        if own is None:
            self.status.object = render_alert(problem)
        elif self.session.use_boards(own):
            summary = (
                f"{name}: {len(own)} boards in {len(set(own.regions))} regions, £{own.areas['alloc'].sum():,.1f}m."
            )
            self.status.object = Markup('<div class="hint" role="status"><p>{}</p>{}</div>').format(
                summary, _render_remarks(own)
            )


def _render_remarks(own: Boards) -> Markup:
    """What is odd about a table, as a list; empty where nothing is."""
    if not own.remarks:
        return NOTHING
    items = [Markup("<li>{}</li>").format(remark) for remark in own.remarks[:MOST_REMARKS]]
    more = len(own.remarks) - MOST_REMARKS
    if more > 0:
        items.append(Markup("<li>and {} more: ringfence boards check lists all</li>").format(more))
    return Markup("<p>Worth a look before its numbers are used:</p><ul>{}</ul>").format(join_pieces(items))


def _read_boards(data: bytes, name: str) -> tuple[Boards | None, str]:
    """The boards of an uploaded file, or what is wrong with it; limits are those of the command line."""
    try:
        with log_job("upload", what="boards", bytes=len(data)):
            return parse_boards(data, name), ""
    except Exception as error:
        return None, explain_failure(error, "reading the table of boards")


def read_template() -> DownloadFile:
    """The 42 boards as a file to start from."""
    return DownloadFile("boards.csv", resources.files("simulator").joinpath("data", "boards.csv").read_bytes())
