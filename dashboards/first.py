"""What stands on the page before its scripts, so that it is there first: the question and, if it is known, the answer.

Scripts take some seconds to arrive and to start. Somebody who only wants to read need not wait for them.
"""

from __future__ import annotations

from html import escape
from typing import ClassVar

import panel as pn
import panel_material_ui as pmui

from dashboards.looks import INK
from dashboards.reading import headline, how_sure, reading
from dashboards.session import Session
from simulator.report import QUESTION
from simulator.reporting.pictures import FONT

PLACE = "ringfence-first"
TEMPLATE = f"""{{% extends "base.html" %}}
{{% block js_resources %}}{{% endblock %}}
{{% block contents %}}
<style>
  #{PLACE} {{ font: 16px/1.5 {FONT}; color: {INK}; max-width: 1260px; margin: 0 auto; padding: 80px 28px 0; }}
  #{PLACE} .asked {{ font-weight: 700; margin: 0 0 .6rem; font-size: clamp(1.35rem, 3.2vw, 1.9rem);
    line-height: 1.25; }}
  #{PLACE} .said {{ font-weight: 600; font-size: clamp(1.15rem, 2.2vw, 1.4rem); line-height: 1.4; max-width: 38em; }}
</style>
<div id="{PLACE}">{{{{ first }}}}</div>
<link rel="preload" as="fetch" crossorigin="anonymous" href="{{{{ components }}}}">
{{{{ bokeh_js if bokeh_js }}}}
<script>window.importShim?.("{{{{ components }}}}").catch(() => {{}})</script>
{{{{ super() }}}}
{{% endblock %}}
"""


def first_words(session: Session) -> str:
    """The question, the answer if it need not be worked out, and what happens next."""
    parts = [f'<p class="asked">{escape(QUESTION)}</p>']
    if session.answer is not None:
        try:
            read = reading(session.answer)
            parts.append(f'<p class="said">{escape(headline(read))}</p><p>{escape(how_sure(read))}</p>')
        except ValueError:
            pass  # the page itself says what is wrong
    parts.append("<p>The rest of the page is on its way.</p><noscript><p>It needs JavaScript.</p></noscript>")
    return "".join(parts)


def components() -> str:
    """Where the browser finds the scripts of the fields: asked for at once, they are there when the page is.

    The address must be the one that the page will ask for, or they would be loaded twice.
    """
    return str(pmui.Page._render_esm(server=True))


class Arrived(pn.custom.JSComponent):
    """Takes the first words away once the page stands."""

    _esm: ClassVar[str] = f'export function render() {{ document.getElementById("{PLACE}")?.remove() }}'
