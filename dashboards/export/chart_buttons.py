"""A row of small buttons under a chart that give it as files; each file is made when somebody asks for it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from functools import partial
from typing import NamedTuple

import panel as pn
import param
from bokeh.document import Document

from dashboards.common.log import explain_failure, log_job
from dashboards.computing.answer_view import AnswerView
from dashboards.computing.worker import get_shared_pools
from dashboards.export import citation
from dashboards.export.chart_files import (
    ChartExport,
    Facts,
    make_chart_csv,
    make_chart_excel,
    make_chart_png,
    make_chart_svg,
)
from dashboards.widgets.sheet import Described, Part
from simulator.common.errors import InputError
from simulator.runs.recipe import make_file_stem

__all__ = ["ChartExport", "DownloadButton", "DownloadButtons", "DownloadFile", "collect_facts", "make_chart_buttons"]

LARGEST = 32_000_000
MIMES = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "csv": "text/csv;charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "html": "text/html;charset=utf-8",
    "yaml": "text/yaml;charset=utf-8",
    "json": "application/json",
    "bib": "text/plain;charset=utf-8",
}


class DownloadFile(NamedTuple):
    """A file: its name and its bytes."""

    filename: str
    data: bytes


class DownloadButton(NamedTuple):
    """A button: its label, its name for screen readers, and what makes the file when somebody asks for it."""

    label: str
    accessible_name: str
    make_file: Callable[[], DownloadFile]


class DownloadButtons(Part):
    """Buttons that each give a file: a part of a sheet. Files are made in a thread; what goes wrong is shown beside
    the buttons.

    A file's name and bytes travel in a message and are kept neither here nor in the browser.
    """

    title = param.String(default="", doc="What a screen reader calls the row.")
    words = param.String(default="", doc="What stands before the buttons.")
    items = param.List(default=[], doc="For each button its key, words, accessible name, and whether it is off.")
    kind = "files"

    def __init__(self, title: str, buttons: Mapping[str, DownloadButton], words: str = "", slow: bool = False) -> None:
        self._buttons = dict(buttons)
        self._slow = slow
        super().__init__(title=title, words=words, items=_list_items(self._buttons))

    def describe(self) -> Described:
        return {"title": self.title, "before": self.words, "items": self.items}

    def set_buttons(self, buttons: Mapping[str, DownloadButton]) -> None:
        """Show these buttons instead."""
        self._buttons = dict(buttons)
        self.items = _list_items(self._buttons)

    def make(self, key: str) -> DownloadFile:
        """The file that a button gives. Raises what its maker raises, and ValueError for a file that is too large."""
        file = self._buttons[key].make_file()
        if len(file.data) > LARGEST:
            raise InputError(
                f"{file.filename} would have {len(file.data) / 1e6:.0f} MB; the dashboard hands out "
                f"{LARGEST // 1_000_000} MB at most. Choose fewer futures or fewer scenarios, or use the commands "
                "under “Make it again” on the Share page."
            )
        return file

    def receive(self, value: str, reply: Callable[[Mapping[str, str]], None]) -> None:
        if value not in self._buttons:
            return
        doc = pn.state.curdoc
        if doc is None:
            reply(self.make_message(value))
            return
        pool: Executor = get_shared_pools()[1 if self._slow else 0]
        pool.submit(self._work, value, doc, reply)

    def _work(self, key: str, doc: Document, reply: Callable[[Mapping[str, str]], None]) -> None:
        message = self.make_message(key)
        if doc.session_context is not None and not doc.session_context.destroyed:
            doc.add_next_tick_callback(lambda: reply(message))

    def make_message(self, key: str) -> dict[str, str]:
        """What is sent to the browser: a file, or what went wrong."""
        try:
            with log_job("file", key=key):
                file = self.make(key)
        except Exception as problem:
            reason = explain_failure(problem, "making the file")
            return {"key": key, "problem": f"This file could not be made: {reason}"}
        mime = MIMES.get(file.filename.rpartition(".")[2], "application/octet-stream")
        return {"key": key, "filename": file.filename, "mime": mime, "data": base64.b64encode(file.data).decode()}


def _list_items(buttons: Mapping[str, DownloadButton]) -> list[list[str]]:
    return [[key, button.label, button.accessible_name] for key, button in buttons.items()]


def make_chart_buttons(name: str, make_export: Callable[[], ChartExport], picture: bool = True) -> DownloadButtons:
    """Small buttons SVG, PNG, CSV and Excel for a chart called `name`; without a picture only the last two.

    `make_export` is called on each click, outside the session's own thread; if it raises, people read why.
    """
    stem = f"ringfence-{make_file_stem(name) or 'chart'}"
    kinds = {
        "svg": ("SVG", make_chart_svg),
        "png": ("PNG", make_chart_png),
        "csv": ("CSV", make_chart_csv),
        "xlsx": ("Excel", make_chart_excel),
    }
    shown = kinds if picture else {key: kinds[key] for key in ("csv", "xlsx")}

    def make_file(key: str) -> DownloadFile:
        return DownloadFile(f"{stem}.{key}", kinds[key][1](make_export()))

    buttons = {
        key: DownloadButton(label, f"{label}: {name}", partial(make_file, key)) for key, (label, _) in shown.items()
    }
    return DownloadButtons(f"Take away: {name}", buttons, "Take away:")


def collect_facts(view: AnswerView) -> Facts:
    """How an answer was made, for the files made from it."""
    manifest = view.baseline.manifest
    return (
        ("futures", str(manifest.futures)),
        ("seed", str(manifest.seed)),
        ("status", manifest.badge),
        ("code", manifest.code),
        ("outcome", view.outcome),
        ("years", view.when),
        ("boards", manifest.boards_fingerprint),
        *((f"scenario {run.manifest.title}", run.manifest.scenario_fingerprint) for run in view.runs),
        ("command", citation.list_commands(view)[0]),
    )
