"""The tile map and the table of boards: small components whose tiles and names are real buttons."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import panel as pn
import param
from markupsafe import Markup

from dashboards.widgets.theme import CARD, FOCUS, themed
from simulator.charts.colour_scale import ColourScale, describe_least_span, format_scale_end
from simulator.charts.palette import BLUE, FONT, INK, QUIET, RULE
from simulator.common.html import join_pieces

BASE = f"""
:host {{ font-family: {FONT}; width: 100%; min-width: 0; }}
* {{ box-sizing: border-box; }}
button {{ font: inherit; cursor: pointer; }}
button:focus-visible, .wide:focus-visible {{ {FOCUS} z-index: 2; }}
@media (prefers-reduced-motion: reduce) {{ * {{ transition: none !important; }} }}
@media print {{ * {{ -webkit-print-color-adjust: exact; print-color-adjust: exact; }} .said {{ display: none; }} }}
"""
MAP = f"""
.frame {{ container-type: inline-size; max-width: 620px; {CARD} border: 1px solid {themed(RULE)};
  border-radius: 8px; padding: 8px; }}
@media print {{ .frame {{ break-inside: avoid; }} }}
@media print and (orientation: landscape) {{ .frame {{ max-width: 400px; }} }}
.map {{ display: grid; grid-template-columns: repeat(var(--columns, 8), minmax(0, 1fr));
  grid-auto-rows: calc(100cqi / var(--columns, 8)); }}
.tile {{ position: relative; margin: 2px; padding: 0; border: 1px solid {themed(QUIET)};
  border-radius: 6px; display: flex; flex-direction: column; align-items: center; justify-content: center;
  min-width: 24px; min-height: 24px; overflow: hidden; line-height: 1.2; font-size: clamp(.53rem, 2.35cqi, .875rem); }}
.tile .long {{ font-size: 84%; letter-spacing: -.04em; }}
.tile b {{ letter-spacing: -.02em; }}
.tile span {{ font-variant-numeric: tabular-nums; }}
.tile.off {{ border-style: dashed; border-color: #8A96A0; }}
.tile.body {{ border: 3px solid {themed(INK)}; }}
.tile.join-right {{ margin-right: 0; border-right: 1px dotted currentColor; border-top-right-radius: 0;
  border-bottom-right-radius: 0; }}
.tile.join-left {{ margin-left: 0; border-left: 0; border-top-left-radius: 0; border-bottom-left-radius: 0; }}
.tile.join-down {{ margin-bottom: 0; border-bottom: 1px dotted currentColor; border-bottom-left-radius: 0;
  border-bottom-right-radius: 0; }}
.tile.join-up {{ margin-top: 0; border-top: 0; border-top-left-radius: 0; border-top-right-radius: 0; }}
.tile[aria-pressed=true]::after {{ content: ""; position: absolute; inset: 0; border-radius: 4px; pointer-events: none;
  box-shadow: inset 0 0 0 2px {INK}, inset 0 0 0 5px #FFFFFF, inset 0 0 0 7px {INK}; }}
@container (max-width: 440px) {{
  .tile {{ font-size: .62rem; margin: 1px; }}
  .tile .long {{ font-size: 82%; letter-spacing: -.06em; }}
  .tile.body {{ border-width: 2px; }}
  .tile[aria-pressed=true]::after {{
    box-shadow: inset 0 0 0 1px {INK}, inset 0 0 0 3px #FFFFFF, inset 0 0 0 4px {INK}; }}
}}
.tile:hover {{ text-decoration: underline; }}
.said {{ margin: 6px 0 0; font-size: .9rem; min-height: 2.8em; max-width: 620px; }}
"""
TABLE = f"""
.wide {{ overflow: auto; max-height: 28rem; max-width: 100%; {CARD} border: 1px solid {themed(RULE)};
  border-radius: 8px; padding: 6px 10px; }}
table {{ border-collapse: collapse; font-size: .875rem; }}
caption {{ text-align: left; padding: .3rem 0; }}
th, td {{ text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0;
  border-bottom: 1px solid {themed(RULE)}; }}
td {{ font-variant-numeric: tabular-nums; }}
.amount {{ white-space: nowrap; }}
th button {{ color: {themed(BLUE)}; background: none; border: 0; padding: 2px 0; min-height: 24px; text-align: left;
  text-decoration: underline; font-weight: 600; }}
th button[aria-pressed=true] {{ color: {themed(INK)}; border-left: 4px solid {themed(INK)}; padding-left: 6px; }}
@media print {{ .wide {{ max-height: none; overflow: visible; }} }}
"""
LEGEND = """
.shades { display: flex; flex-wrap: wrap; gap: 4px 12px; list-style: none; padding: 0; margin: 0 0 .4rem;
  font-size: .875rem; }
.shades li { display: flex; align-items: center; gap: 6px; }
.shade { width: 22px; height: 18px; border: 1px solid #4C6272; border-radius: 3px; }
"""
HINT = "Point at a tile, or move with the arrow keys, to read it here; choose one for its story."
TOUCH_HINT = "Touch a tile to read it here, and for its story."


class TileMap(pn.custom.JSComponent):
    """Tiles are dicts: code, abbr, value, label, col, row, fill, ink, joins (sides), body and off (whether)."""

    tiles = param.List(default=[])
    chosen = param.String(default="")
    named = param.String(default="")
    hint = param.String(default=HINT)
    touch_hint = param.String(default=TOUCH_HINT)

    _esm = Path(__file__).with_name("tiles.js")
    _stylesheets: ClassVar[list[str]] = [BASE, MAP]


class BoardTable(pn.custom.JSComponent):
    """Rows are lists of words: a code, a name (which is a button), and a cell for every other column of `head`."""

    head = param.List(default=[])
    rows = param.List(default=[])
    chosen = param.String(default="")
    named = param.String(default="")
    by = param.Integer(default=0)
    falling = param.Boolean(default=False)

    _esm = Path(__file__).with_name("rows.js")
    _stylesheets: ClassVar[list[str]] = [BASE, TABLE]


def find_joined_sides(place: tuple[int, int], partners: set[tuple[int, int]]) -> list[str]:
    """The sides on which a tile touches another of the same merged board."""
    col, row = place
    sides = {
        "right": (col + 1, row),
        "left": (col - 1, row),
        "down": (col, row + 1),
        "up": (col, row - 1),
    }
    return [side for side, neighbour in sides.items() if neighbour in partners]


def render_legend(scale: ColourScale, caption: str) -> Markup:
    """What the colours mean, in HTML."""
    item = Markup('<li><span class="shade" style="background:{}"></span><span>{} to {}</span></li>')
    ends = [[format_scale_end(end, scale.signed) for end in scale.ends(i)] for i in range(len(scale))]
    items = join_pieces(item.format(scale.colour(i), low, high) for i, (low, high) in enumerate(ends))
    legend = Markup(
        '<p class="quiet" style="margin-bottom:2px">{}</p><ul class="shades">{}</ul><p class="quiet">{}</p>'
    )
    return legend.format(caption, items, describe_least_span(scale.signed))
