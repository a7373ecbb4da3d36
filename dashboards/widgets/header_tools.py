"""The tools in the header: skip link, glossary, copy link, and the button that opens the slides."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import panel as pn
import param

from dashboards.common.glossary import read_glossary
from dashboards.selection.permalink import list_lacks
from dashboards.selection.selection import Selection
from dashboards.widgets.theme import FOCUS
from simulator.charts.palette import FONT
from simulator.common.sentence_templates import get_template

STYLESHEET = f"""
:host {{ font-family: {FONT}; }}
.bar {{ display: flex; justify-content: flex-end; align-items: center; gap: 8px; flex-wrap: wrap; }}
button, .skip {{ font: inherit; font-size: .875rem; color: #fff; background: transparent; border: 1px solid #fff;
  border-radius: 6px; padding: 4px 10px; min-height: 32px; cursor: pointer; }}
button:hover {{ background: #fff; color: #00468C; }}
button:focus-visible, .skip:focus-visible {{ {FOCUS} }}
.skip {{ position: absolute; left: 8px; top: -80px; background: #fff; color: #212B32; z-index: 2000; }}
.skip:focus {{ top: 12px; }}
.said {{ color: #fff; font-size: .875rem; }}
.brief {{ display: none; }}
@media (max-width: 560px) {{ .long {{ display: none; }} .brief {{ display: inline; }} .bar {{ gap: 4px; }}
  button {{ padding: 4px 6px; }} }}
@media (max-width: 380px) {{ .bar {{ flex-wrap: nowrap; gap: 2px; }} button {{ padding: 4px 3px; font-size: .8rem; }} }}
dialog {{ font-size: 1rem; line-height: 1.45; color: #212B32; background: #fff; border: 1px solid #4C6272;
  border-radius: 8px; width: min(46rem, 94vw); max-height: 84vh; overflow: auto; padding: 0 18px 14px; }}
dialog::backdrop {{ background: rgb(33 43 50 / 55%); }}
dialog .top {{ position: sticky; top: 0; background: #fff; padding: 12px 0 8px; display: flex; gap: 10px;
  align-items: center; flex-wrap: wrap; border-bottom: 1px solid #AEB7BD; }}
dialog h2 {{ font-size: 1.2rem; margin: 0; flex: 1 1 auto; }}
dialog h3 {{ font-size: 1rem; margin: 14px 0 4px; }}
dialog dl {{ margin: 0; }}
dialog dt {{ font-weight: 600; }}
dialog dd {{ margin: 0 0 8px; }}
dialog input, dialog button {{ font: inherit; color: #212B32; background: #fff; border: 1px solid #4C6272;
  border-radius: 6px; min-height: 32px; padding: 2px 10px; }}
@media print {{ .bar, dialog {{ display: none; }} }}
"""


class HeaderTools(pn.custom.JSComponent):
    """Header tools, in the header of the page. The server sends them the words of the glossary when they ask."""

    _esm = Path(__file__).with_name("header_tools.js")
    looks = param.String(default=STYLESHEET)
    alone = param.String(default=get_template("link.copied.alone"), doc="Where a link to this computer opens.")
    lacks = param.List(default=[], doc="What the link does not carry, a sentence each.")

    def tell_lacks(self, selection: Selection) -> None:
        """Say what a link does not carry of a selection."""
        if (lacks := list_lacks(selection, "link.copied")) != self.lacks:
            self.lacks = lacks

    def _handle_msg(self, data: Any) -> None:
        if isinstance(data, dict) and data.get("want") == "glossary":
            self._send_msg({"glossary": read_glossary()})
