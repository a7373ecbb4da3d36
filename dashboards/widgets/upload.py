"""A file that a visitor sends. It arrives in pieces, never more than was declared, and never more than is taken."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import Any, ClassVar

import panel as pn
import param
from tornado.ioloop import IOLoop

from dashboards.widgets.theme import FOCUS
from simulator.charts.palette import FONT

FORGET_AFTER = 60.0
"""Seconds without another piece after which an unfinished file is forgotten."""

STYLESHEET = f"""
:host {{ font-family: {FONT}; min-width: 0; }}
.row {{ display: flex; flex-wrap: wrap; gap: 4px 10px; align-items: center; }}
label {{ font-size: .875rem; font-weight: 600; }}
input {{ font: inherit; font-size: .875rem; color: inherit; min-height: 32px; max-width: 100%; }}
input::file-selector-button {{ font: inherit; color: inherit; background: transparent; border: 1px solid currentColor;
  border-radius: 6px; padding: 3px 12px; margin-right: 10px; min-height: 28px; cursor: pointer; }}
input:focus-visible {{ {FOCUS} }}
.said {{ font-size: .875rem; }}
.said.wrong {{ border-left: 6px solid #B00020; background: #fff; color: #212B32; padding: 6px 10px; flex-basis: 100%; }}
@media print {{ :host {{ display: none !important; }} }}
"""


def format_size(size: int) -> str:
    """A size as people say it."""
    return f"{size // 1_000_000} MB" if size >= 1_000_000 else f"{size // 1024} kB"


class Upload(pn.custom.JSComponent):
    """A field for one file of at most `largest` bytes. `value` is what came last, `filename` what it was called."""

    label = param.String()
    accept = param.String()
    largest = param.Integer()
    largest_words = param.String()
    filename = param.String(default="")
    value = param.Bytes(default=None, allow_None=True)

    _esm = Path(__file__).with_name("upload.js")
    _rename: ClassVar[dict[str, str | None]] = {"filename": None, "value": None}
    _stylesheets: ClassVar[list[str]] = [STYLESHEET]

    def __init__(self, label: str, accept: str, largest: int, **params: Any) -> None:
        self._coming = bytearray()
        super().__init__(label=label, accept=accept, largest=largest, largest_words=format_size(largest), **params)

    def _handle_msg(self, data: Any) -> None:
        if not isinstance(data, dict):
            return
        name, size, at, text = (data.get(key) for key in ("name", "size", "at", "data"))
        if not (isinstance(name, str) and type(size) is int and type(at) is int and isinstance(text, str)):
            return
        if at == 0:
            self._coming = bytearray()
        if not 0 < size <= self.largest or at != len(self._coming) or len(text) > 4 * (size - at) // 3 + 4:
            self._coming = bytearray()
            return
        try:
            self._coming += base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            self._coming = bytearray()
            return
        self._forget_later(self._coming)
        if len(self._coming) == size:
            content, self._coming = bytes(self._coming), bytearray()
            self.filename = name[:200]
            self.value = None  # the same file again is news too
            self.value = content

    def _forget_later(self, coming: bytearray) -> None:
        """Forget an unfinished file if no more of it comes, or it would be kept for as long as its page is open."""
        reached = len(coming)
        if pn.state.curdoc is not None:
            IOLoop.current().call_later(FORGET_AFTER, lambda: coming.clear() if len(coming) == reached else None)
