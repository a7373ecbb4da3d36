"""The tools in the header: skip link, copy link, and the presenter view with larger type and keys for a clicker."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import panel as pn
import param
from bokeh.models import Axis
from bokeh.models.annotations import LabelSet

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
@media print {{ .bar {{ display: none; }} }}
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
