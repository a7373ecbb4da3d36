"""The page: a strip that stays and the tabs. One session for every visitor."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmui
from bokeh.document import Document
from bokeh.themes import Theme

from dashboards.links import TABS, link, restore
from dashboards.looks import BOKEH_THEME, THEME
from dashboards.reading import reading
from dashboards.session import Session
from dashboards.strip import Strip
from dashboards.views.answer import AnswerTab
from dashboards.views.build import BuildTab
from dashboards.views.compare import CompareTab
from dashboards.views.evidence import EvidenceTab
from dashboards.views.money import MoneyTab
from dashboards.views.share import ShareTab
from dashboards.views.tab import Tab
from dashboards.working import Answer, Later
from simulator.report import QUESTION

KINDS: tuple[type[Tab], ...] = (AnswerTab, BuildTab, CompareTab, MoneyTab, EvidenceTab, ShareTab)

TAB_LOOKS = {
    "& .MuiTabs-list, & .MuiTabs-flexContainer": {"flexWrap": "wrap"},
    "& .MuiTab-root": {"textTransform": "none", "fontSize": "1rem"},
    "& .MuiTabs-indicator": {"display": "none"},
    "& .Mui-selected": {"boxShadow": "inset 0 -3px 0 currentColor"},
}
PAGE_LOOKS = {
    "& .MuiAppBar-root": {"backgroundColor": "#00468C", "backgroundImage": "none", "color": "#FFFFFF"},
    "& .MuiAppBar-root .MuiLinearProgress-root": {"display": "none"},
}


class Explorer(pn.viewable.Viewer):
    """Strip and tabs of one session. Only the tab that is looked at is redrawn."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.strip = Strip(session)
        self.tabs = [kind(session) for kind in KINDS]
        self._shown: dict[str, Answer | None] = {}
        self.bar = pmui.Tabs(
            *[(tab.title, tab.view) for tab in self.tabs], dynamic=False, active=TABS.index(session.tab),
            sizing_mode="stretch_width", margin=0, min_width=0,
            sx=TAB_LOOKS,
        )  # fmt: skip
        self.bar.param.watch(self._turned, "active")
        session.param.watch(lambda _: self._redraw(), "answer")
        session.param.watch(self._changed, "choice")
        self._redraw()

    @property
    def current(self) -> Tab:
        """The tab that is looked at."""
        at: int = self.bar.active
        return self.tabs[at]

    def __panel__(self) -> pn.Column:
        return pn.Column(self.strip, self.bar, sizing_mode="stretch_width", margin=0, min_width=0)

    def _turned(self, _: Any) -> None:
        self.session.tab = self.current.key
        self.current.changed()
        self._redraw()
        self.current.opened()

    def _changed(self, _: Any) -> None:
        self.current.changed()

    def _redraw(self) -> None:
        answer, tab = self.session.answer, self.current
        if answer is None or self._shown.get(tab.key) is answer:
            return
        self._shown[tab.key] = answer
        try:
            tab.tell(reading(answer))
        except ValueError as problem:
            self.session.problem = str(problem)


def later(doc: Document) -> Later:
    """Run things where the document lives; after it has gone, nowhere."""

    def run(do: Callable[[], None]) -> None:
        with contextlib.suppress(Exception):
            if doc.session_context is None or not doc.session_context.destroyed:
                doc.add_next_tick_callback(do)

    return run


def unlink_busy(page: pmui.Page) -> None:
    """Let a closed page go: it would stay tied to the busy light of the whole process, and so would every event."""
    inner = page._param__private
    for _, watcher in inner.ref_watchers:
        (watcher.inst or watcher.cls).param.unwatch(watcher)
    inner.ref_watchers = []
    inner.refs.pop("busy", None)


def page() -> pmui.Page:
    """The page of one visitor."""
    doc = pn.state.curdoc
    place = pn.state.location
    found = restore(place.search if place is not None else "")
    if doc is not None:
        doc.theme = Theme(json=BOKEH_THEME)
    session = Session(later(doc) if doc is not None else None, choice=found.choice)
    session.param.update(tab=found.tab, notes=list(found.notes))
    explorer = Explorer(session)
    session.begin()
    if place is not None:
        session.param.watch(lambda _: _keep(session, place), ["answer", "tab"])
    if doc is not None:
        pn.state.on_session_destroyed(lambda _: session.cancel())
    explorer.current.opened()
    made = pmui.Page(title="Ringfence", main=[explorer], theme_config=THEME, sidebar_variant="temporary",
                     sidebar_open=False, main_width=1320, sx=PAGE_LOOKS, meta_description=QUESTION)  # fmt: skip
    unlink_busy(made)
    return made


def _keep(session: Session, place: Any) -> None:
    """Keep the address in the browser up to date, so that reloading loses nothing."""
    if session.answer is not None and session.answer.final:
        with contextlib.suppress(ValueError):
            place.search = link(session.choice, session.tab)
