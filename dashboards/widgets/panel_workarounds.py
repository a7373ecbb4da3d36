"""Workarounds for bugs in Panel. They use private names; tests check what each is for."""

from __future__ import annotations

import panel as pn
import panel_material_ui as pmui
from bokeh.document import Document


def unlink_busy(page: pmui.Page) -> None:
    """Untie a page from the busy indicator of the whole process, which would keep closed pages in memory."""
    inner = page._param__private
    for _, watcher in inner.ref_watchers:
        (watcher.inst or watcher.cls).param.unwatch(watcher)
    inner.ref_watchers = []
    inner.refs.pop("busy", None)


def send_early(doc: Document) -> None:
    """Send what changes as soon as a browser has asked for the page.

    Panel drops what is held and let go until the browser has drawn the page, as if it would ask for all of it then. It
    asked before: what changed meanwhile would never come. Who has not asked yet gets it with the page.
    """
    pn.state._connected[doc] = True
