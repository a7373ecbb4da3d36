"""Slides that fill the screen, for a meeting: keys, buttons and a swipe turn them, and paper has one on each page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import panel as pn
import param
from markupsafe import Markup

from dashboards.selection.permalink import MOST_SLIDES
from dashboards.widgets.scripts import read_script
from dashboards.widgets.theme import STYLESHEET


class Slide(NamedTuple):
    """One idea: its heading, and what stands below it."""

    title: str
    body: Markup


class SlideShow(pn.custom.JSComponent):
    """Slides, shown while somebody presents. `turn_to` is told which slide is on the screen, 0 for none; `first` is the
    one that a link opens on.
    """

    slides = param.List(default=[])
    first = param.Integer(default=0)

    _esm = read_script("slide_show.js")
    _stylesheets: ClassVar[list[str]] = [STYLESHEET, Path(__file__).with_name("slide_show.css").read_text("utf-8")]

    def __init__(self, turn_to: Callable[[int], None], **params: Any) -> None:
        self._turn_to = turn_to
        super().__init__(margin=0, **params)

    def _handle_msg(self, data: Any) -> None:
        slide = data.get("slide") if isinstance(data, dict) else None
        if type(slide) is int and 0 <= slide <= MOST_SLIDES:
            self._turn_to(slide)
