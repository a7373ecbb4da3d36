"""Making the offline explorer on request: in a long-work thread, with progress and a way to stop."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import partial
from typing import Any

import panel as pn
import panel_material_ui as pmui
from markupsafe import Markup

from dashboards.common.log import Cancelled, explain_failure, log_job
from dashboards.computing.session import Session
from dashboards.computing.worker import ResultStore, shared_futures, shared_pools
from dashboards.export.chart_buttons import DownloadButton, DownloadButtons, DownloadFile
from dashboards.offline import explorer
from dashboards.selection.selection import Selection
from dashboards.widgets.theme import alert, html
from simulator.engine.ensemble import Progress
from simulator.runs.results import Results
from simulator.scenarios.scenario import Scenario

NAME = "ringfence-explorer.html"


@dataclass(frozen=True)
class Made:
    """An explorer and the choice that it was made of."""

    selection: Selection
    page: bytes


def make(store: ResultStore, selection: Selection, progress: Progress, n: int = 0) -> bytes:
    """The explorer's page: the grid and the visitor's own scenarios, in `n` futures (0: as usual) of the chosen seed.

    Results come from the store, where there are any, and stay in it. Raises what `progress` raises.
    """
    futures = shared_futures(min(n or min(selection.futures, explorer.FUTURES), explorer.MOST_FUTURES), selection.seed)

    def run(one: Scenario) -> Results:
        return store.get(one, futures, None, selection.own)

    setting = explorer.Setting(
        len(futures), selection.seed, dt.date.today(), selection.scenarios[1:], selection.outcome, selection.boards
    )
    return explorer.page(explorer.document(run, setting, progress))


class ExplorerMaker:
    """A button, how far the work is, and the file when it is ready."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._made: Made | None = None
        self._token = 0
        self.start = pmui.Button(label="Make the explorer", variant="outlined", on_click=self._start, margin=(4, 12))
        self.stop = pmui.Button(label="Stop", variant="outlined", visible=False, on_click=self._stop, margin=(4, 12))
        self.told = html()
        self.ready = DownloadButtons(
            "Offline explorer", {}, slow=True, margin=(2, 12), sizing_mode="stretch_width", min_width=0
        )
        self.parts = (
            html(
                Markup(
                    "<h2>An explorer that needs nothing</h2><p>One HTML file that opens on any computer without a "
                    "server or a connection: ring-fences, leadership and money pressure in all combinations, and "
                    "your scenarios. Each is worked out ahead in the futures of the answer on the screen, up to "
                    "{:,}; 1,000 take about two minutes.</p>"
                ).format(explorer.MOST_FUTURES)
            ),
            pn.FlexBox(self.start, self.stop, sizing_mode="stretch_width", margin=0),
            self.told,
            self.ready,
        )

    def changed(self) -> None:
        """Another choice: the file that is ready is about the old one, and says so."""
        if self._made is not None and self._made.selection != self.session.selection:
            self.told.object = Markup(
                "<p>The scenarios have changed since this file was made; make it again to have them.</p>"
            )

    def _start(self, _: Any) -> None:
        self._token += 1
        self.start.disabled, self.stop.visible = True, True
        self._tell(0, 0)
        selection, answer = self.session.selection, self.session.answer
        n = (
            answer.futures
            if answer is not None and answer.final and answer.selection == selection
            else selection.futures
        )
        shared_pools()[1].submit(self._work, self._token, selection, pn.state.curdoc, n)

    def _stop(self, _: Any) -> None:
        self._token += 1
        self.start.disabled, self.stop.visible = False, False
        self.told.object = Markup("<p role='status'>Stopped.</p>")

    def _tell(self, done: int, total: int) -> None:
        words = f"{done} of {total} scenarios worked out." if total else "Waiting for a free place."
        bar = (
            Markup(' <progress max="{}" value="{}" aria-label="Scenarios worked out"></progress>').format(total, done)
            if total
            else ""
        )
        self.told.object = Markup("<p role='status'>{}{} You can go on working.</p>").format(words, bar)

    def _work(self, token: int, selection: Selection, doc: Any, n: int) -> None:
        def progress(done: int, total: int) -> None:
            context = doc.session_context if doc is not None else None
            if token != self._token or (context is not None and context.destroyed):
                raise Cancelled
            if done % 4 == 0 or done == total:
                self.session.later(lambda: self._tell(done, total) if token == self._token else None)

        try:
            with log_job("explorer", futures=n):
                made = make(self.session.store, selection, progress, n)
        except Cancelled:
            return
        except Exception as problem:
            self.session.later(partial(self._put, token, None, explain_failure(problem, "making the explorer")))
            return
        self.session.later(partial(self._put, token, Made(selection, made), ""))

    def _put(self, token: int, made: Made | None, problem: str) -> None:
        if token != self._token:
            return
        self.start.disabled, self.stop.visible = False, False
        self._made = made
        if made is None:
            self.told.object = alert(f"The explorer could not be made: {problem}")
            return
        size = f"{len(made.page) / 1e6:.1f} MB"
        self.told.object = Markup("<p role='status'>The explorer is ready ({}).</p>").format(size)
        self.ready.offer(
            {
                "explorer": DownloadButton(
                    f"Save {NAME}", f"Save the explorer, {size}", partial(DownloadFile, NAME, made.page)
                )
            }
        )
