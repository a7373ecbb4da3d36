"""The first page: what a browser gets at once, the same for everybody but for a few words.

It holds the question, the answer if that is there already, and the scripts. Anything more expensive is made only when
the scripts connect: a reader need not wait, and a request without a browser costs nothing.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

import panel as pn
import panel_material_ui as pmui
from bokeh.core.types import ID
from bokeh.document import Document
from bokeh.embed.util import RenderItem
from bokeh.resources import Component, Resources
from markupsafe import Markup
from panel.io.resources import bundle_resources
from panel.io.server import html_page_for_render_items

from dashboards.common.log import explain_failure
from dashboards.computing.answer_view import describe_certainty, view_answer, write_headline
from dashboards.computing.worker import QUICK_FUTURES, Answer, get_shared_store
from dashboards.selection.permalink import holds_files, restore
from dashboards.widgets.theme import FOCUS, PAGE_THEME
from simulator.charts.palette import FONT, INK
from simulator.common.html import join_pieces
from simulator.reports.page import QUESTION

FIRST_PAINT_ID, PAGE_ID, CONNECTION_ID = "ringfence-first", "ringfence-page", "ringfence-connection"
PANEL_FILES = "static/extensions/panel/"
TOKEN_MARK, WORDS_MARK = "ringfence-token", "ringfence-words"
BOKEH_SCRIPTS: list[Component] = ["bokeh", "bokeh-widgets", "bokeh-tables"]
"""The scripts of Bokeh's that Panel's need; nothing is drawn with WebGL or set as mathematics."""

PAGE_OPTIONS: dict[str, Any] = {
    "title": "Ringfence",
    "theme_config": PAGE_THEME,
    "sidebar_variant": "temporary",
    "sidebar_open": False,
    "main_width": 1320,
    "meta_description": QUESTION,
}
CONTINUE_STYLE = f"""
:host {{ font-family: {FONT}; width: 100%; order: -1; }}
.offer {{ display: flex; flex-wrap: wrap; gap: 6px 10px; align-items: center; margin: 6px 12px; padding: 6px 12px;
  border-left: 6px solid #005EB8; background: #fff; color: {INK}; font-size: .92rem; }}
.offer p {{ margin: 0; flex: 1 1 20em; }}
button {{ font: inherit; min-height: 32px; padding: 2px 12px; border: 1px solid currentColor; border-radius: 6px;
  background: #fff; color: #005EB8; cursor: pointer; }}
button:focus-visible {{ {FOCUS} }}
@media print {{ :host {{ display: none !important; }} }}
"""
TEMPLATE = f"""{{% extends "base.html" %}}
{{% block js_resources %}}{{% endblock %}}
{{% block contents %}}
<style>
  #{FIRST_PAINT_ID} {{ font: 16px/1.5 {FONT}; color: {INK}; max-width: 1260px; margin: 0 auto; padding: 80px 28px 0; }}
  #{FIRST_PAINT_ID} .asked {{ font-weight: 700; margin: 0 0 .6rem; font-size: clamp(1.35rem, 3.2vw, 1.9rem);
    line-height: 1.25; }}
  #{FIRST_PAINT_ID} .said {{ font-weight: 600; font-size: clamp(1.15rem, 2.2vw, 1.4rem); line-height: 1.4;
    max-width: 38em; }}
  #{CONNECTION_ID} {{ font: 16px/1.5 {FONT}; position: fixed; z-index: 3000; top: 0; left: 0; right: 0; }}
  #{CONNECTION_ID} > div {{ margin: 0 auto; max-width: 50em; background: #FFF; color: #212B32;
    border: 2px solid #B00020; border-left-width: 8px; padding: 10px 16px; box-shadow: 0 4px 16px rgba(0, 0, 0, .35); }}
  #{CONNECTION_ID} > div.note {{ border-color: #005EB8; }}
  #{CONNECTION_ID} p {{ margin: 0 0 .3rem; }}
  #{CONNECTION_ID} button {{ font: inherit; min-height: 32px; padding: 2px 12px; border: 1px solid currentColor;
    border-radius: 6px; background: #FFF; color: #005EB8; cursor: pointer; }}
  #{CONNECTION_ID} button:focus-visible, #{CONNECTION_ID} a:focus-visible {{ outline: 3px solid #212B32;
    box-shadow: 0 0 0 6px #FFEB3B; }}
  body > [inert] > * {{ filter: grayscale(1); opacity: .6; }}
  @media print {{ html {{ font-size: 10.5px !important; }} #{CONNECTION_ID} {{ display: none; }} }}
</style>
<div id="{CONNECTION_ID}" role="alert"></div>
<script>{{{{ connection }}}}</script>
<div id="{FIRST_PAINT_ID}">{{{{ first }}}}</div>
<link rel="preload" as="fetch" crossorigin="anonymous" href="{{{{ components }}}}">
{{{{ bokeh_js if bokeh_js }}}}
<script>window.importShim?.("{{{{ components }}}}").catch(() => {{}})</script>
{{{{ super() }}}}
{{% endblock %}}
"""


def render_first_page(token: str, query: str) -> str:
    """The whole first page, with the token that its scripts connect with."""
    before, between, after, end = _split_page()
    return f"{before}{token}{between}{_render_words_of_link(query)}{after}{token}{end}"


@lru_cache(maxsize=1)
def _split_page() -> tuple[str, str, str, str]:
    """The page around its words and its token, put together once."""
    doc = pmui.Page(template=TEMPLATE, **PAGE_OPTIONS).server_doc(Document(), location=False)
    connection = Path(__file__).with_name("connection.js").read_text(encoding="utf-8")
    script = connection.replace('"TOKEN"', json.dumps(TOKEN_MARK))
    variables = {
        **doc.template_variables,
        "theme_name": "default",
        "dist_url": PANEL_FILES,
        "first": WORDS_MARK,
        "components": find_component_script(),
        "connection": script,
    }
    page = html_page_for_render_items(
        bundle_resources(doc.roots, Resources(mode="server", root_url="", components=BOKEH_SCRIPTS)),
        {},
        [RenderItem(token=TOKEN_MARK, elementid=ID(PAGE_ID), use_for_title=False)],
        "Ringfence",
        doc.template,
        variables,
    )
    start, end = page.split(WORDS_MARK)
    begun, between = start.split(TOKEN_MARK)
    after, last = end.split(TOKEN_MARK)
    return begun, between, after, last


@lru_cache(maxsize=64)
def _render_words_of_link(query: str) -> Markup:
    """The words for a link."""
    if holds_files(query):  # reading them takes time, which is theirs who connect
        return render_first_words(None)
    try:
        selection = restore(f"?{query}").selection
        ready = (
            get_shared_store().find_ready(selection, n)
            for n in (selection.futures, min(QUICK_FUTURES, selection.futures))
        )
        return render_first_words(next((answer for answer in ready if answer), None))
    except Exception as problem:
        explain_failure(problem, "the first words")
        return render_first_words(None)


def render_first_words(answer: Answer | None) -> Markup:
    """The question, the answer if it need not be worked out, and what happens next."""
    paragraphs = [Markup('<p class="asked">{}</p>').format(QUESTION)]
    if answer is not None:
        try:
            view = view_answer(answer)
            paragraphs.append(
                Markup('<p class="said">{}</p><p>{}</p>').format(write_headline(view), describe_certainty(view))
            )
        except ValueError:
            pass  # the page itself says what is wrong
    paragraphs.append(
        Markup("<p>The rest of the page is on its way.</p><noscript><p>It needs JavaScript.</p></noscript>")
    )
    return join_pieces(paragraphs)


def find_component_script() -> str:
    """The address of the fields' scripts, which are requested at once so that they are there when the page is.

    The address must be the one that the page will ask for, or they would be loaded twice.
    """
    return str(pmui.Page._render_esm(server=True))


class RemoveFirstPaint(pn.custom.JSComponent):
    """Takes the first words away once the page stands, and offers to go on where this browser left off."""

    _esm: ClassVar[Path] = Path(__file__).with_name("continue.js")
    _stylesheets: ClassVar[list[str]] = [CONTINUE_STYLE]
