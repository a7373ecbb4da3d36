"""The tools in the header: skip link, glossary, copy link, and the presenter view with larger type and keys for a
clicker.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import panel as pn
import param
from bokeh.models import Axis
from bokeh.models.annotations import LabelSet

from dashboards.widgets.glossary import read_glossary
from dashboards.widgets.theme import FOCUS
from simulator.charts.palette import FONT

LARGE_TYPE, USUAL_TYPE = "19px", "13px"
STYLESHEET = f"""
:host {{ font-family: {FONT}; flex: 1 1 auto; min-width: 0; }}
.bar {{ display: flex; justify-content: flex-end; align-items: center; gap: 8px; flex-wrap: wrap; }}
button, .skip {{ font: inherit; font-size: .875rem; color: #fff; background: transparent; border: 1px solid #fff;
  border-radius: 6px; padding: 4px 10px; min-height: 32px; cursor: pointer; }}
button:hover, button[aria-pressed=true] {{ background: #fff; color: #00468C; }}
button:focus-visible, .skip:focus-visible {{ {FOCUS} }}
.skip {{ position: absolute; left: 8px; top: -80px; background: #fff; color: #212B32; z-index: 2000; }}
.skip:focus {{ top: 12px; }}
.said {{ color: #fff; font-size: .875rem; }}
.brief {{ display: none; }}
@media (max-width: 560px) {{ .long {{ display: none; }} .brief {{ display: inline; }} .bar {{ gap: 4px; }}
  button {{ padding: 4px 6px; }} }}
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
    """Header tools. `presenting` says whether the presenter view is on; a clicker's steps reach `stepped`."""

    presenting = param.Boolean(default=False)
    stepped = param.Integer(default=0, doc="How far a key asked to go: 1 to the next tab, -1 to the one before.")

    _esm = Path(__file__).with_name("header_tools.js")
    _rename: ClassVar[dict[str, str | None]] = {"stepped": None}
    _stylesheets: ClassVar[list[str]] = [STYLESHEET]

    def _handle_msg(self, data: Any) -> None:
        step = data.get("step") if isinstance(data, dict) else None
        if step == 0:  # nowhere to go: somebody wants to read
            self._send_msg({"glossary": read_glossary()})
        if step in (1, -1):
            self.stepped = step
            self.stepped = 0


def set_type_size(charts: list[pn.pane.Bokeh], on: bool) -> None:
    """Give the words in charts the size of the presenter view, or their own again."""
    size = LARGE_TYPE if on else USUAL_TYPE
    for chart in charts:
        for axis in chart.object.select({"type": Axis}):
            axis.major_label_text_font_size = size
        for labels in chart.object.select({"type": LabelSet}):
            labels.text_font_size = size
