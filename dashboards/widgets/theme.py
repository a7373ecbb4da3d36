"""How pages look: colours, sizes and small pieces of HTML. Cards and charts are light or dark with the page."""

from __future__ import annotations

from typing import Any

import panel as pn
from markupsafe import Markup, escape

from simulator.charts.palette import BLUE, DARK, FONT, INK, OUTLINE, QUIET, RULE, WHITE
from simulator.common.html import NOTHING, fill_each, keep_amounts_whole

MOST_PROBLEMS = 30
FOCUS = "outline: 3px solid #212B32; outline-offset: 0; box-shadow: 0 0 0 6px #FFEB3B;"


def themed(colour: str) -> str:
    """A colour of charts and cards that follows the page: `DARK` has what it is on a dark one."""
    return f"var(--page-{_name_colour(colour)}, {colour})"


def _name_colour(colour: str) -> str:
    return f"c{colour.removeprefix('#').lower()}"


def _write_chart_rules() -> str:
    """Rules that let the pictures on a page follow its colours; files keep the colours that they are written with."""
    rules = []
    for colour in DARK:
        rules += [
            f'svg[{part}="{colour}"], svg [{part}="{colour}"] {{ {part}: {themed(colour)}; }}'
            for part in ("fill", "stroke")
        ]
        rules.append(f'.card[style*="{colour}"] {{ border-top-color: {themed(colour)} !important; }}')
        rules.append(f'.letter[style*="{colour}"] {{ border-color: {themed(colour)} !important; }}')
    return "\n".join(rules)


def _write_light_colours() -> str:
    """Paper is light, whatever the page is."""
    return " ".join(f"--page-{_name_colour(colour)}: {colour};" for colour in DARK)


ANSWERED = {"opacity": "var(--page-answer, 1)"}
"""For what shows an answer: it is grey while the answer is still of a former choice (`tab_bar.js`)."""
PRINT_BLOCK = "@media print { :host { display: block !important; } }"
"""For what holds other parts: a browser breaks blocks well between sheets of paper, and flexible boxes badly."""
WITH_NEXT = "@media print { :host { break-after: avoid; } }"
"""For a component that ends with the heading of the next one."""
NOT_ON_PAPER = "@media print { :host { display: none !important; } }"
ON_PAPER = "@media screen { :host { display: none !important; } }"
CARD = f"background: {themed(WHITE)}; color: {themed(INK)};"
"""The ground and the letters of a card."""

STYLESHEET = f"""
:host {{ font-family: {FONT}; font-size: 1rem; line-height: 1.5; width: 100%; min-width: 0; }}
* {{ box-sizing: border-box; }}
h1 {{ font-size: clamp(1.35rem, 3.2vw, 1.9rem); line-height: 1.25; margin: 0 0 .35rem; }}
h2 {{ font-size: clamp(1.2rem, 2.4vw, 1.45rem); line-height: 1.3; margin: 0 0 .4rem; max-width: 46em; }}
h3 {{ font-size: 1.05rem; margin: 0 0 .3rem; }}
p {{ margin: 0 0 .55rem; max-width: 46em; }}
ul {{ margin: 0 0 .6rem; padding-left: 1.2rem; max-width: 46em; }}
a {{ color: inherit; }}
.lead {{ font-size: clamp(1.15rem, 2.2vw, 1.4rem); line-height: 1.4; font-weight: 600; max-width: 38em; }}
.quiet {{ font-size: .9rem; opacity: .88; }}
.cards {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 215px), 1fr)); gap: 16px; }}
.cards.small {{ grid-template-columns: repeat(auto-fit, minmax(min(100%, 150px), 1fr)); gap: 10px; }}
.cards.wider {{ grid-template-columns: repeat(auto-fit, minmax(min(100%, 330px), 1fr)); }}
.cards.wider > .card {{ max-width: 640px; }}
.cards.level > .card {{ display: grid; grid-template-rows: subgrid; grid-row: span 5; row-gap: 0; align-items: start; }}
.cards.level.small > .card {{ grid-row: span 4; }}
.cards.level.wider > .card {{ grid-row: span 2; }}
.cards.level .line {{ margin-top: .3rem; }}
.card {{ {CARD} border: 1px solid {themed(RULE)}; border-top: 6px solid {themed(QUIET)}; border-radius: 8px;
  padding: 14px 16px 10px; min-width: 0; overflow-wrap: anywhere; }}
pre {{ margin: 0 0 1rem; }}
section h2 {{ margin-top: 1rem; }}
.card.plain {{ border-top-width: 1px; }}
.card.timeline {{ min-width: 600px; max-width: 960px; }}
.card svg {{ width: 100%; height: auto; display: block; }}
.card .squares svg {{ max-width: 380px; }}
.card .big {{ font-size: 2.1rem; font-weight: 700; line-height: 1.15; margin: .2rem 0; }}
.card .big small {{ font-size: .95rem; font-weight: 400; color: {themed(QUIET)}; white-space: nowrap; }}
.small .big {{ font-size: 1.5rem; }}
.small .card {{ padding: 8px 10px 4px; font-size: .88rem; }}
.small h3 {{ font-size: .92rem; }}
.card .line {{ font-weight: 600; margin-top: .5rem; }}
.letter {{ display: inline-block; min-width: 1.6em; text-align: center; border-radius: 4px; font-weight: 700;
  border: 3px solid; }}
.chips {{ display: flex; flex-wrap: wrap; gap: 6px 10px; align-items: center; margin: 0; padding: 0; list-style: none;
  max-width: none; font-size: .92rem; }}
.chips li {{ display: flex; gap: .4em; align-items: center; {CARD} border: 1px solid {themed(OUTLINE)};
  border-radius: 16px; padding: 2px 10px 2px 8px; min-height: 28px; min-width: 0; overflow-wrap: anywhere; }}
.says {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 21rem), 1fr)); gap: 12px;
  align-items: start; }}
.say {{ {CARD} border: 1px solid {themed(RULE)}; border-top: 4px solid {themed(BLUE)}; border-radius: 8px;
  padding: 8px 14px 6px; min-width: 0; overflow-wrap: anywhere; }}
.say h2 {{ font-size: .9rem; margin: 0 0 .2rem; color: {themed(QUIET)}; }}
.say .said {{ font-weight: 600; font-size: .95rem; line-height: 1.35; margin-bottom: .25rem; }}
.say .turns {{ font-size: .86rem; line-height: 1.35; margin-bottom: .3rem; }}
.say .turns:empty {{ display: none; }}
.say .quiet {{ font-size: .82rem; line-height: 1.35; margin-bottom: .3rem; }}
.say ul {{ font-size: .88rem; }}
.folds {{ display: flex; flex-wrap: wrap; gap: 0 1.6rem; }}
.folds > details {{ margin: 0; font-size: .86rem; line-height: 1.35; max-width: 100%; }}
.folds > details[open] {{ flex: 1 0 100%; }}
.folds > details > summary {{ color: {themed(BLUE)}; font-size: .9rem; width: fit-content; }}
.copy, .term {{ font: inherit; font-size: .875rem; color: {themed(BLUE)}; background: transparent;
  border: 1px solid currentColor; border-radius: 6px; padding: 1px 12px; min-height: 28px; cursor: pointer;
  flex: none; white-space: nowrap; }}
.say .top {{ display: flex; justify-content: space-between; align-items: start; gap: 8px; }}
.chart-title {{ font-size: 1.1rem; margin: 0; max-width: none; }}
.sources, .on-paper {{ display: none; }}
.sources {{ font-size: .78rem; }}
.who > summary {{ color: {themed(BLUE)}; font-size: .9rem; width: fit-content; }}
.who {{ margin: 0; }}
.who p, .who summary {{ font-size: .88rem; }}
.who .number summary {{ font-weight: 400; }}
.badge {{ display: inline-block; font-size: .78rem; border: 1px solid currentColor; border-radius: 10px;
  padding: 0 .6em; white-space: nowrap; }}
.badge.judgement {{ border-style: dashed; }}
details {{ margin: .4rem 0 1rem; }}
summary {{ cursor: pointer; font-weight: 600; min-height: 28px; padding: 2px 0; }}
summary:focus-visible, .copy:focus-visible, .term:focus-visible, .wide:focus-visible, a:focus-visible {{ {FOCUS} }}
.wide {{ overflow-x: auto; max-width: 100%; }}
table {{ border-collapse: collapse; font-size: .9rem; }}
caption {{ text-align: left; padding: .3rem 0; }}
th, td {{ text-align: left; vertical-align: top; padding: .35rem .8rem .35rem 0; border-bottom: 1px solid #8a96a0; }}
td {{ font-variant-numeric: tabular-nums; }}
.alert {{ border-left: 6px solid #B00020; {CARD} padding: 10px 14px; }}
.hint {{ border-left: 6px solid {themed(BLUE)}; {CARD} padding: 8px 14px; }}
.amount {{ white-space: nowrap; }}
code, pre {{ font-family: ui-monospace, Consolas, monospace; font-size: .9rem; }}
pre {{ white-space: pre-wrap; overflow-wrap: anywhere; {CARD} border: 1px solid {themed(RULE)};
  padding: 10px; border-radius: 6px; }}
@media screen and (max-width: 640px) {{
  .stacked {{ position: relative; }}
  .stacked, .stacked caption, .stacked tbody, .stacked tr, .stacked th, .stacked td {{ display: block; }}
  .stacked thead {{ position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }}
  .stacked th, .stacked td {{ border-bottom: 0; padding: .1rem 0; }}
  .stacked td::before {{ content: attr(data-column) ": "; color: {themed(QUIET)}; }}
  .stacked tr {{ border-bottom: 1px solid #8a96a0; padding: .4rem 0; }}
}}
@media (prefers-reduced-motion: reduce) {{ * {{ transition: none !important; animation: none !important; }} }}
{_write_chart_rules()}
@media print {{
  :host {{ color: #000; {_write_light_colours()} }}
  * {{ -webkit-print-color-adjust: exact; print-color-adjust: exact; }}
  .cards {{ grid-template-columns: repeat(4, 1fr); gap: 8px; break-inside: avoid; }}
  .cards.wider {{ grid-template-columns: repeat(2, 1fr); }}
  .card, tr, svg {{ break-inside: avoid; }}
  .copy, .term, .told, .invitation, details:not([open]), .off-paper {{ display: none; }}
  .sources, .on-paper {{ display: block; }}
  .on-paper.card.timeline {{ max-width: none; }}
  .on-paper.card.timeline svg {{ max-height: 190px; }}
  p, ul {{ max-width: none; }}
  .sources ul {{ columns: 2; column-gap: 2rem; margin: 0; }}
  .sources h2 {{ font-size: 1rem; }}
  .card {{ padding: 6px 8px 4px; border-top-width: 3px; }}
  .card.plain svg {{ max-width: 300px; max-height: 880px; }}
  .card.timeline {{ min-width: 0; }}
  .card.timeline svg {{ max-width: none; }}
  h2, h3, caption, thead, summary, .asks, h2 + .quiet, h3 + .quiet {{ break-after: avoid; }}
  h2, h3, .asks, table.short, h2 + .quiet, h3 + .quiet {{ break-inside: avoid; }}
  .wide {{ overflow: visible; }}
  .quiet {{ opacity: 1; }}
  details + .quiet {{ break-before: avoid; }}
  th, td {{ padding: .15rem .5rem .15rem 0; }}
}}
@media print and (orientation: landscape) {{
  .cards.wider {{ grid-template-columns: repeat(auto-fit, minmax(225px, 1fr)); }}
  .card.plain svg {{ max-height: 560px; }}
  .card.timeline svg {{ max-height: 310px; }}
}}
"""

DARK_FILTER = "invert(0.86) hue-rotate(180deg) brightness(1.3)"


def write_page_colours() -> str:
    """Rules for the colours of the page, which reach into every component: light, and dark where the reader asks."""
    light = {"text": INK, "quiet": QUIET, "primary": BLUE, "ground": WHITE}
    dark = {"text": WHITE, "quiet": "#C3CCD2", "primary": "#7CB7FF", "ground": "#1B2329", "filter": DARK_FILTER}
    dark |= {_name_colour(colour): shown for colour, shown in DARK.items()}
    named = [" ".join(f"--page-{name}: {value};" for name, value in colours.items()) for colours in (light, dark)]
    return (
        f":root {{ color-scheme: light; {named[0]} }}\n"
        f"@media screen {{ :root[data-colours=dark] {{ color-scheme: dark; {named[1]} }} }}"
    )


BOKEH_THEME: dict[str, Any] = {
    "attrs": {
        "Plot": {"background_fill_color": None, "border_fill_color": None, "outline_line_color": None},
        "Axis": {
            "major_label_text_color": QUIET,
            "axis_line_color": QUIET,
            "major_tick_line_color": QUIET,
            "minor_tick_line_color": None,
            "major_label_text_font_size": "13px",
            "axis_label_text_color": QUIET,
        },
        "Grid": {"grid_line_color": "#D8DDE0"},
    }
}


class Piece(pn.pane.HTML):
    """A piece of a page: markup is shown as it is, and every other text is escaped, so that it shows as it reads."""

    def _transform_object(self, obj: Any) -> dict[str, Any]:
        shown: dict[str, Any] = super()._transform_object(keep_amounts_whole(str(escape("" if obj is None else obj))))
        return shown


def make_piece(text: str = "", margin: tuple[int, ...] = (4, 12)) -> Piece:
    """A piece of a page in the page's own looks. What is not markup is escaped."""
    return Piece(text, stylesheets=[STYLESHEET], sizing_mode="stretch_width", margin=margin, min_width=0)


def render_alert(problem: str, most: int = MOST_PROBLEMS) -> Markup:
    """What went wrong, read out at once; one line for each problem, and how many more there are."""
    problems = problem.splitlines()
    more = [f"and {len(problems) - most} more"] if len(problems) > most else []
    lines = fill_each(Markup("<p>{}</p>"), [*problems[:most], *more])
    return Markup('<div class="alert" role="alert">{}</div>').format(lines) if problem else NOTHING


def render_hint(text: str) -> Markup:
    """A remark in a box."""
    return Markup('<div class="hint"><p>{}</p></div>').format(text)


def render_told(text: str) -> Markup:
    """What has just been done, read out and never printed; nothing for no words."""
    return Markup('<div class="hint told" role="status"><p>{}</p></div>').format(text) if text else NOTHING


def render_over_page(text: str) -> Markup:
    """The same over the foot of the window, where nothing on the page moves under somebody's hand."""
    style = "position:fixed;bottom:12px;left:12px;z-index:1000;max-width:min(40rem,90vw);margin:0;"
    style += "box-shadow:0 0 0 1px currentColor"
    told = Markup('<div class="hint told" role="status" style="{}"><p>{}</p></div>')
    return told.format(style, text) if text else NOTHING


def make_place(name: str, heading: Markup) -> Markup:
    """A heading to which a link from another page leads, clear of the bar across the top."""
    style = "scroll-margin-top: 72px; outline: none"
    return Markup('<div data-part="{}" tabindex="-1" style="{}">{}</div>').format(name, style, heading)


def render_quiet(text: str) -> Markup:
    """A paragraph in small letters."""
    return Markup('<p class="quiet">{}</p>').format(text)


def render_badge(status: str) -> Markup:
    """A badge that says what a number rests on."""
    kind = " judgement" if status == "judgement" else ""
    return Markup('<span class="badge{}">{}</span>').format(kind, status)
