"""What people take away from a chart: a row of small buttons under it, whose files are made when asked for."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import panel as pn
import param

from dashboards.common.log import explain_failure, log_job
from dashboards.computing.answer_view import AnswerView
from dashboards.computing.worker import shared_pools
from dashboards.export import citation
from dashboards.export.chart_files import ChartExport, Facts, make_chart_csv, make_chart_png, make_chart_svg
from dashboards.widgets.theme import FOCUS
from simulator.charts.palette import FONT, QUIET
from simulator.common.errors import InputError
from simulator.runs.recipe import file_stem

__all__ = ["ChartExport", "DownloadButton", "DownloadButtons", "DownloadFile", "collect_facts", "make_chart_buttons"]

LARGEST = 32_000_000
MIMES = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "csv": "text/csv;charset=utf-8",
    "pdf": "application/pdf",
    "html": "text/html;charset=utf-8",
    "yaml": "text/yaml;charset=utf-8",
    "json": "application/json",
    "bib": "text/plain;charset=utf-8",
}
CSS = f"""
:host {{ font-family: {FONT}; width: 100%; min-width: 0; }}
.row {{ display: flex; flex-wrap: wrap; gap: 6px 8px; align-items: center; }}
.row > span {{ font-size: .875rem; }}
button {{ font: inherit; font-size: .875rem; color: inherit; background: transparent; border: 1px solid currentColor;
  border-radius: 6px; padding: 3px 12px; min-height: 28px; min-width: 44px; cursor: pointer; }}
button:hover {{ background: #005EB8; border-color: #005EB8; color: #fff; }}
button:focus-visible {{ {FOCUS} }}
button[aria-disabled=true] {{ opacity: .75; cursor: progress; }}
button:disabled {{ color: {QUIET}; background: #E8EDEE; border-style: dashed; cursor: not-allowed; }}
.said {{ font-size: .875rem; min-height: 0; }}
.said.wrong {{ border-left: 6px solid #B00020; background: #fff; color: #212B32; padding: 6px 10px; flex-basis: 100%; }}
@media print {{ :host {{ display: none !important; }} }}
"""


class DownloadFile(NamedTuple):
    """A file on its way."""

    filename: str
    data: bytes


class DownloadButton(NamedTuple):
    """A button: its words, what a screen reader says, and what makes the file when somebody asks for it."""

    label: str
    named: str
    make: Callable[[], DownloadFile]


class DownloadButtons(pn.custom.JSComponent):
    """Buttons that each give a file. Files are made in a thread, and what goes wrong is said beside the buttons.

    A file's name and bytes travel in a message and are not kept, neither here nor in the browser.
    """

    title = param.String(default="", doc="What a screen reader calls the row.")
    words = param.String(default="", doc="What stands before the buttons.")
    items = param.List(default=[], doc="For each button its key, words, accessible name, and whether it is off.")

    _esm = Path(__file__).with_name("chart_buttons.js")
    _stylesheets: ClassVar[list[str]] = [CSS]

    def __init__(
        self, title: str, offers: Mapping[str, DownloadButton], words: str = "", slow: bool = False, **params: Any
    ):
        self._offers = dict(offers)
        self._slow = slow
        super().__init__(title=title, words=words, items=_list_items(self._offers), **params)

    def offer(self, offers: Mapping[str, DownloadButton]) -> None:
        """Put other buttons in their place."""
        self._offers = dict(offers)
        self.items = _list_items(self._offers)

    def make(self, key: str) -> DownloadFile:
        """The file that a button gives. Raises what its maker raises, and ValueError for a file that is too large."""
        made = self._offers[key].make()
        if len(made.data) > LARGEST:
            raise InputError(
                f"{made.filename} would have {len(made.data) / 1e6:.0f} MB; the dashboard hands out "
                f"{LARGEST // 1_000_000} MB at most. Choose fewer futures or fewer scenarios, or use the commands "
                "under “Reproduce this” on the Share page."
            )
        return made

    def _handle_msg(self, data: Any) -> None:
        key = data.get("key") if isinstance(data, dict) else None
        if not isinstance(key, str) or key not in self._offers:
            return
        doc = pn.state.curdoc
        if doc is None:
            self._send_msg(self.message(key))
            return
        pool: Executor = shared_pools()[1 if self._slow else 0]
        pool.submit(self._work, key, doc)

    def _work(self, key: str, doc: Any) -> None:
        told = self.message(key)
        if doc.session_context is not None and not doc.session_context.destroyed:
            doc.add_next_tick_callback(lambda: self._send_msg(told))

    def message(self, key: str) -> dict[str, str]:
        """What is sent to the browser: a file, or what went wrong."""
        try:
            with log_job("file", key=key):
                made = self.make(key)
        except Exception as problem:
            words = explain_failure(problem, "making the file")
            return {"key": key, "problem": f"This file could not be made: {words}"}
        mime = MIMES.get(made.filename.rpartition(".")[2], "application/octet-stream")
        return {"key": key, "filename": made.filename, "mime": mime, "data": base64.b64encode(made.data).decode()}


def _list_items(offers: Mapping[str, DownloadButton]) -> list[list[str]]:
    return [[key, offer.label, offer.named] for key, offer in offers.items()]


def make_chart_buttons(name: str, make: Callable[[], ChartExport], picture: bool = True) -> pn.FlexBox:
    """Small buttons SVG, PNG and CSV for a chart called `name`; without a picture only CSV.

    `make` is called on each click, outside the session's own thread, and may raise: people then read why.
    """
    stem = f"ringfence-{file_stem(name) or 'chart'}"
    kinds = {"svg": ("SVG", make_chart_svg), "png": ("PNG", make_chart_png), "csv": ("CSV", make_chart_csv)}
    shown = kinds if picture else {"csv": kinds["csv"]}

    def make_file(key: str) -> DownloadFile:
        return DownloadFile(f"{stem}.{key}", kinds[key][1](make()))

    offers = {
        key: DownloadButton(label, f"{label}: {name}", partial(make_file, key)) for key, (label, _) in shown.items()
    }
    row = DownloadButtons(
        f"Take away: {name}", offers, "Take away:", sizing_mode="stretch_width", min_width=0, margin=0
    )
    return pn.FlexBox(row, sizing_mode="stretch_width", margin=(2, 12), min_width=0)


def collect_facts(view: AnswerView) -> Facts:
    """How an answer was made, for the files made of it."""
    made = view.baseline.manifest
    return (
        ("futures", str(made.futures)),
        ("seed", str(made.seed)),
        ("status", made.badge),
        ("code", made.code),
        ("outcome", view.outcome),
        ("years", view.when),
        ("boards", made.boards_fingerprint),
        *((f"scenario {run.manifest.title}", run.manifest.scenario_fingerprint) for run in view.runs),
        ("command", citation.list_commands(view)[0]),
    )
