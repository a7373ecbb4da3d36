"""The base class of tabs: a name, a title, a view, and a way to show an answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import panel as pn

from dashboards.computing.answer_view import AnswerView
from dashboards.computing.session import Session
from dashboards.widgets.theme import ANSWERED, PRINT_BLOCK


class Tab(pn.viewable.Viewer):
    """A tab. Subclasses fill `self.view`, and show an answer in `show_answer`."""

    key = ""
    title = ""
    styles: Mapping[str, str] = ANSWERED

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.view = pn.Column(
            sizing_mode="stretch_width", margin=(8, 0), min_width=0, stylesheets=[PRINT_BLOCK], styles={**self.styles}
        )
        self.build()

    def __panel__(self) -> Any:
        return self.view

    def build(self) -> None:
        """Make the parts of the page."""
        raise NotImplementedError

    def show_answer(self, view: AnswerView) -> None:
        """Show an answer."""
        raise NotImplementedError

    def handle_opening(self) -> None:
        """React to being opened."""

    def handle_change(self) -> None:
        """React to a new selection; its answer may come later."""
