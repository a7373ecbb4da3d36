"""The tabs of the page: a bar, and the pages that it opens, each made when it is first opened."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import panel as pn
import param
from panel.viewable import Child

from dashboards.selection.permalink import TABS
from dashboards.widgets.panel_workarounds import HoldsPages
from dashboards.widgets.theme import FOCUS
from simulator.charts.palette import FONT

STYLESHEET = f"""
:host {{ width: 100%; min-width: 0; }}
* {{ box-sizing: border-box; }}
[role=tablist] {{ display: flex; flex-wrap: wrap; min-height: 40px; }}
[role=tab] {{ font: 500 1rem/1.25 {FONT}; color: var(--page-quiet, #4C6272); background: transparent;
  border: 0; min-height: 40px; min-width: 90px; padding: 6px 14px; cursor: pointer; }}
[role=tab][aria-selected=true] {{ color: var(--page-primary, #005EB8);
  box-shadow: inset 0 -3px 0 currentColor; }}
[role=tab]:focus-visible {{ {FOCUS} z-index: 2; }}
.page[hidden] {{ display: none; }}
.page {{ min-width: 0; }}
.page:empty {{ min-height: 420px; font: 1rem/1.5 {FONT}; background: repeating-linear-gradient(
  rgba(128, 140, 150, .2) 0 28px, transparent 28px 52px) 12px 56px / min(70%, 46em) 280px no-repeat; }}
.page:empty::before {{ content: "Opening this page…"; display: block; padding: 16px 12px; }}
@media (max-width: 600px) {{
  [role=tablist] {{ flex-wrap: nowrap; overflow-x: auto; overscroll-behavior-x: contain; scrollbar-width: none;
    --start: #000; --end: #000; mask-image: linear-gradient(to right, var(--start), #000 36px calc(100% - 36px),
    var(--end)); }}
  .before {{ --start: transparent !important; }}
  .after {{ --end: transparent !important; }}
  [role=tab] {{ flex: none; min-width: 0; padding: 2px 10px; white-space: nowrap; }}
  [role=tab]:focus-visible {{ outline-offset: -3px; box-shadow: inset 0 0 0 6px #FFEB3B; }}
}}
@media screen {{ .page.former {{ --page-answer: .3; }} }}
@media print {{ :host {{ display: block !important; }} [role=tablist] {{ display: none; }} }}
"""


class TabBar(HoldsPages):
    """`options` are the titles, and `keys` what links call them; `active` is the number of the one that is open.

    A page that is not there yet waits.
    """

    options = param.List(default=[], item_type=str)
    keys = param.List(default=list(TABS), item_type=str)
    former = param.List(default=[], item_type=int, doc="The pages that still show the answer to a former choice.")
    active = param.Integer(default=0, bounds=(0, len(TABS) - 1))
    for _at in range(len(TABS)):
        locals()[f"page_{_at}"] = Child(default=None, allow_None=True)
    del _at

    _esm = Path(__file__).with_name("tab_bar.js")
    _render_policy = "manual"  # a page that comes is put in its place; the others are left alone
    _stylesheets: ClassVar[list[str]] = [STYLESHEET]

    def __init__(self, titles: Sequence[str], active: int) -> None:
        super().__init__(options=list(titles), active=active, sizing_mode="stretch_width", margin=0, min_width=0)

    def put(self, at: int, page: pn.viewable.Viewable) -> None:
        """Put a page in its place."""
        self.param.update(**{f"page_{at}": page})
