"""The first page: what a browser gets at once, the same for everybody but for a few words.

It holds the question, the answer if that is there already, and the scripts. Anything more expensive is made only when
the scripts connect: a reader need not wait, and a request without a browser costs nothing.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

import panel as pn
from bokeh import __version__ as bokeh_version
from bokeh.core.types import ID
from bokeh.embed.util import RenderItem
from jinja2 import Environment, PackageLoader
from markupsafe import Markup
from panel import __version__ as panel_version
from panel.io.server import html_page_for_render_items

from dashboards.common.log import explain_failure
from dashboards.computing.answer_view import describe_certainty, view_answer, write_headline
from dashboards.computing.worker import QUICK_FUTURES, Answer, get_shared_store
from dashboards.selection.permalink import holds_files, restore
from dashboards.widgets.theme import FOCUS, write_page_colours
from simulator.charts.palette import FONT, INK
from simulator.common.html import join_pieces
from simulator.reports.page import QUESTION

PAGE_ID = "ringfence-page"
PANEL_FILES = "static/extensions/panel/"
TOKEN_MARK, WORDS_MARK = "ringfence-token", "ringfence-words"
BOKEH_SCRIPTS = ("bokeh", "bokeh-widgets", "bokeh-tables")
"""The scripts of Bokeh's that Panel's need; nothing is drawn with WebGL or set as mathematics."""

CONTINUE_STYLE = f"""
:host {{ font-family: {FONT}; width: 100%; order: -1; }}
/* It lies over the foot of the page, so that nothing moves when it comes or goes; it goes at the first thing done. */
.offer {{ position: fixed; z-index: 1200; bottom: 8px; left: 12px; right: 12px; max-width: 1296px; margin: 0 auto;
  display: flex; flex-wrap: wrap; gap: 6px 10px; align-items: center; padding: 6px 12px; box-sizing: border-box;
  border: 1px solid #005EB8; border-left-width: 6px; background: #fff; color: {INK}; font-size: .92rem;
  box-shadow: 0 2px 12px rgba(0, 0, 0, .3); }}
.offer p {{ margin: 0; flex: 1 1 20em; }}
button {{ font: inherit; min-height: 32px; padding: 2px 12px; border: 1px solid currentColor; border-radius: 6px;
  background: #fff; color: #005EB8; cursor: pointer; }}
button:focus-visible {{ {FOCUS} }}
@media print {{ :host {{ display: none !important; }} }}
"""


def render_first_page(token: str, query: str) -> str:
    """The whole first page, with the token that its scripts connect with."""
    before, between, after, end = _split_page()
    return f"{before}{token}{between}{_render_words_of_link(query)}{after}{token}{end}"


@lru_cache(maxsize=1)
def _split_page() -> tuple[str, str, str, str]:
    """The page around its words and its token, put together once."""
    script = Path(__file__).with_name("connection.js").read_text(encoding="utf-8")
    templates = Environment(loader=PackageLoader("dashboards.widgets", "."), autoescape=False)
    page = html_page_for_render_items(
        ("", ""),
        {},
        [RenderItem(token=TOKEN_MARK, elementid=ID(PAGE_ID), use_for_title=False)],
        "Ringfence",
        templates.get_template("first_page.html"),
        {
            "question": QUESTION,
            "font": FONT,
            "focus": FOCUS,
            "colours": write_page_colours(),
            "panel_files": PANEL_FILES,
            "page_id": PAGE_ID,
            "first": WORDS_MARK,
            "connection": script.replace('"TOKEN"', json.dumps(TOKEN_MARK)),
            "scripts": list_scripts(),
        },
    )
    start, end = page.split(WORDS_MARK)
    begun, between = start.split(TOKEN_MARK)
    after, last = end.split(TOKEN_MARK)
    return begun, between, after, last


def list_scripts() -> list[str]:
    """The addresses of the scripts, with their versions, so that a browser keeps them.

    The helper that Panel loads for browsers without maps of imports is left out: it takes longer than all components.
    """
    bokeh = [f"static/js/{name}.min.js?v={bokeh_version}" for name in BOKEH_SCRIPTS]
    return [*bokeh, f"{PANEL_FILES}panel.min.js?v={panel_version}"]


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


class RemoveFirstPaint(pn.custom.JSComponent):
    """Takes the first words away once the page stands, and offers to go on where this browser left off."""

    _esm: ClassVar[Path] = Path(__file__).with_name("continue.js")
    _stylesheets: ClassVar[list[str]] = [CONTINUE_STYLE]
