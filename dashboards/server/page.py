"""The page: a toolbar that stays, and the tabs. Every visitor has a session."""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Callable, Iterator
from typing import Any
from weakref import WeakKeyDictionary

import panel as pn
from bokeh.document import Document
from bokeh.themes import Theme

from dashboards.access.gate import make_signed_in_line
from dashboards.access.turns import mark_finished, mark_unfinished
from dashboards.common.log import explain_failure
from dashboards.computing.answer_view import AnswerView, view_answer
from dashboards.computing.session import Session
from dashboards.computing.worker import Answer, Later
from dashboards.selection.map_selection import shows_pair
from dashboards.selection.permalink import TABS, Restored, holds_files, make_link, open_map, restore, restore_in_thread
from dashboards.tabs.answer import AnswerTab
from dashboards.tabs.boards import BoardsTab
from dashboards.tabs.build import BuildTab
from dashboards.tabs.compare import CompareTab
from dashboards.tabs.equals import EqualsTab
from dashboards.tabs.evidence import EvidenceTab
from dashboards.tabs.money import MoneyTab
from dashboards.tabs.share import ShareTab
from dashboards.tabs.slides import Slides
from dashboards.tabs.sure import SureTab
from dashboards.tabs.tab import Tab
from dashboards.widgets.bokeh_speed import speed_up
from dashboards.widgets.first_paint import PANEL_FILES, RemoveFirstPaint
from dashboards.widgets.header_tools import HeaderTools
from dashboards.widgets.panel_workarounds import PlainDesign, send_early
from dashboards.widgets.tab_bar import TabBar
from dashboards.widgets.theme import BOKEH_THEME, make_piece, render_alert
from dashboards.widgets.toolbar import Toolbar

TAB_CLASSES: tuple[type[Tab], ...] = (
    AnswerTab,
    BuildTab,
    CompareTab,
    MoneyTab,
    BoardsTab,
    EqualsTab,
    SureTab,
    EvidenceTab,
    ShareTab,
)

FILL_DELAY = 1
"""Milliseconds from when a page is made until it is filled."""
SHARED_THEME = Theme(json=BOKEH_THEME)
"""One for all pages: a theme remembers what it says of each kind of model."""

pn.config.design = PlainDesign
speed_up()


class Dashboard(pn.viewable.Viewer):
    """Toolbar and tabs of one session. Only the open tab is redrawn."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.bar = TabBar([kind.title for kind in TAB_CLASSES], TABS.index(session.tab))
        session.param.watch(self._mark_former, "selection")  # before the toolbar, which shows new names
        self.toolbar = Toolbar(session, self._open_build)
        self.slides = Slides(session)
        self._made: dict[int, Tab] = {}
        self._shown: dict[str, tuple[Answer, bool]] = {}
        self.rows = (self.toolbar, self.slides.show, RemoveFirstPaint(), self.bar)
        self.bar.param.watch(self._show_open_tab, "active")
        session.param.watch(lambda _: self._redraw(), "answer")
        session.param.watch(self._handle_selection, ["selection", "moving"])
        self._redraw()

    @property
    def current(self) -> Tab:
        """The open tab. A tab is made when it is first opened."""
        at: int = self.bar.active
        if at not in self._made:
            self._made[at] = self._make(TAB_CLASSES[at])
            self.bar.put(at, self._made[at].view)
        return self._made[at]

    def _make(self, kind: type[Tab]) -> Tab:
        """Make a tab; if that fails, one that says so, so that the others stay usable."""
        try:
            return kind(self.session)
        except Exception as problem:
            broken_tab = BrokenTab(self.session)
            broken_tab.key, broken_tab.title = kind.key, kind.title
            broken_tab.view.objects = [make_piece(render_alert(explain_failure(problem, f"the page {kind.title}")))]
            return broken_tab

    def __panel__(self) -> pn.Column:
        return _stack(*self.rows)

    def _open_build(self) -> None:
        self.bar.active = TABS.index("build")

    def _show_open_tab(self, _: Any) -> None:
        with batch_changes():  # on a slow connection a chart's numbers could overtake the chart
            self.session.tab = self.current.key
            with self._report_failures():
                self.current.handle_change()
            self._redraw()
            self.handle_opening()

    def handle_opening(self) -> None:
        """Tell the open tab that a visitor looks at it."""
        with self._report_failures():
            self.current.handle_opening()

    @contextlib.contextmanager
    def _report_failures(self) -> Iterator[None]:
        """Show what goes wrong in a tab on the page, and stop it there: the other tabs stay usable."""
        try:
            yield
        except Exception as problem:
            self.session.problem = explain_failure(problem, f"the page {self.current.title}")

    def _handle_selection(self, *_: Any) -> None:
        if not self.session.moving:
            with batch_changes():
                with self._report_failures():
                    self.current.handle_change()
                self._redraw()  # what was left out while a lever moved

    def _redraw(self) -> None:
        self._show_answer()
        if not self.session.moving:
            self._mark_former()
            self.session.later(self._tell_standing)  # in a message of its own, which overtakes no words

    def _mark_former(self, *_: Any) -> None:
        """Mark the pages that show the answer to a former choice."""
        if not self.session.moving:
            self.bar.former = sorted({*self.bar.former, *self._list_former()})

    def _tell_standing(self) -> None:
        """Take the mark of a former choice from pages that show the answer to this one."""
        self.toolbar.tell_standing()
        self.bar.former = self._list_former()

    def _list_former(self) -> list[int]:
        """The pages that were made and show the answer to a choice before the present one."""
        shown = {at: self._shown.get(tab.key) for at, tab in self._made.items()}
        return sorted(at for at, of in shown.items() if of is None or of[0].selection != self.session.selection)

    def _show_answer(self) -> None:
        answer, tab, moving = self.session.answer, self.current, self.session.moving
        if answer is None or self._shown.get(tab.key) in ((answer, moving), (answer, False)):
            return
        self._shown[tab.key] = (answer, moving)
        with self._report_failures():
            tab.show_answer(view_answer(answer))


class BrokenTab(Tab):
    """Takes the place of a tab that could not be made, and says so."""

    def build(self) -> None:
        """Nothing; the words are put in afterwards."""

    def show_answer(self, read: AnswerView) -> None:
        """Nothing: there is no place for an answer."""


@contextlib.contextmanager
def batch_changes() -> Iterator[None]:
    """Send what changes as one message: the browser paints once."""
    with pn.io.hold() if pn.state.curdoc is not None else contextlib.nullcontext():
        yield


def make_later(doc: Document) -> Later:
    """A function that runs things where the document lives, if it still does, and sends changes as one message."""

    def run(do: Callable[[], None]) -> None:
        def together() -> None:
            try:
                with batch_changes():
                    do()
            except Exception as problem:
                show_failure(problem)

        with contextlib.suppress(Exception):
            if doc.session_context is None or not doc.session_context.destroyed:
                doc.add_next_tick_callback(together)

    return run


_SESSIONS: WeakKeyDictionary[Document, weakref.ref[Session]] = WeakKeyDictionary()


def show_failure(problem: BaseException) -> None:
    """Show on the page that something which the visitor did or waited for went wrong."""
    message = explain_failure(problem, "what was being done")
    session = _SESSIONS.get(pn.state.curdoc, lambda: None)() if pn.state.curdoc is not None else None
    if session is not None:
        session.problem = message


def make_page() -> pn.Column:
    """Make the page of one visitor; if that fails, a page that says so."""
    doc = pn.state.curdoc
    if doc is None:
        return _make_page(None)
    pn.config.exception_handler = show_failure
    try:
        return _make_page(doc)
    except Exception as problem:
        words = make_piece(render_alert(explain_failure(problem, "this page")), margin=(24, 12))
        return _stack(words, RemoveFirstPaint())


def _make_page(doc: Document | None) -> pn.Column:
    location = pn.state.location
    query = location.search if location is not None else ""
    if doc is not None:
        doc.theme = SHARED_THEME
        doc.template_variables["dist_url"] = PANEL_FILES  # Panel would have styles loaded from elsewhere
    session = Session(make_later(doc) if doc is not None else None, together=batch_changes)
    if doc is not None:
        _SESSIONS[doc] = weakref.ref(session)
    apart = doc is not None and holds_files(query)  # other visitors do not wait while files are read
    if not apart:
        _apply_link(session, restore(query))
    if location is not None:
        session.param.watch(
            lambda *_: _update_address(session, location),
            ["selection", "moving", "answer", "tab", "slide", "slot", "map_selection", "analysis_selection"],
        )
    body, tools = _stack(), HeaderTools()
    session.param.watch(lambda *_: tools.tell_lacks(session.selection), "selection")

    def fill() -> None:
        try:
            if doc is None or doc.session_context is None or not doc.session_context.destroyed:
                put()
        finally:
            mark_finished(doc)

    def put() -> None:
        try:
            explorer = Dashboard(session)
            body.objects = [*make_signed_in_line(doc), *explorer.rows]
        except Exception as problem:
            body.objects = [
                make_piece(render_alert(explain_failure(problem, "this page")), margin=(24, 12)),
                RemoveFirstPaint(),
            ]
            return
        explorer.handle_opening()

    def read() -> None:
        restore_in_thread(query, lambda restored: session.later(lambda: begin(restored)))

    def begin(restored: Restored) -> None:
        _apply_link(session, restored)
        fill()

    if doc is None:
        fill()
    else:
        send_early(doc)
        mark_unfinished(doc)
        pn.state.on_session_destroyed(lambda _: _close_session(session, doc))
        doc.add_timeout_callback(read if apart else fill, FILL_DELAY)
    return _stack(tools, body)


def _stack(*parts: pn.viewable.Viewable | pn.viewable.Viewer) -> pn.Column:
    return pn.Column(*parts, sizing_mode="stretch_width", margin=0, min_width=0)


def _apply_link(session: Session, restored: Restored) -> None:
    """Begin with what a link restored."""
    session.param.update(
        selection=restored.selection,
        slot=min(restored.built, len(restored.selection.slots) - 1),
        tab=restored.tab,
        slide=restored.slide,
        notes=list(restored.notes),
        map_selection=restored.map_selection,
        analysis_selection=restored.analysis_selection,
        wanted_evidence=restored.evidence,
    )
    session.chose_map_pair = shows_pair(restored.map_selection, open_map(restored.selection))
    session.begin()


def _close_session(session: Session, doc: Document) -> None:
    mark_finished(doc)
    session.close()


def _update_address(session: Session, location: Any) -> None:
    """Keep the browser's address up to date, so that reloading the page or restarting the server loses nothing."""
    if session.answer is not None and not session.moving:
        with contextlib.suppress(ValueError):
            location.search = make_link(
                session.selection,
                session.tab,
                session.map_selection,
                session.analysis_selection,
                session.slide,
                session.slot,
            )
