"""Workarounds for bugs in Panel. They use private names; tests check what each is for."""

from __future__ import annotations

from typing import ClassVar

import panel as pn
from bokeh.document import Document
from bokeh.model import DataModel
from panel.theme import Design, Theme


class PlainTheme(Theme):
    """No colours of Panel's: those of the page reach everywhere."""

    _name = "default"


class PlainDesign(Design):
    """No looks of Panel's, whose stylesheets every part of a page would ask for, and which would paint over ours."""

    _themes: ClassVar[dict[str, type[Theme]]] = {"default": PlainTheme}


class HoldsPages(pn.custom.JSComponent):
    """A component whose parts are pages: a change of it, such as another title, does not look through all of them.

    Panel marks whatever it finds below a component with the page that it is of, at every change of the component. The
    parts of a page are components themselves, which mark their own when they are made.
    """

    __abstract = True

    @classmethod
    def _patch_datamodel_ref(cls, props: DataModel, ref: str) -> None:
        mark = f"__ref:{ref}"
        if mark not in props.tags:
            props.tags.append(mark)


def send_early(doc: Document) -> None:
    """Send what changes as soon as a browser has asked for the page.

    Panel drops what is held and let go until the browser has drawn the page, as if it would ask for all of it then. It
    asked before: what changed meanwhile would never come. Who has not asked yet gets it with the page.
    """
    pn.state._connected[doc] = True
