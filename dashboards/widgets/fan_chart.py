"""The chart over time in plain Bokeh: averages and bands, changed in place so that it follows a moving lever."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bokeh.core.properties import value
from bokeh.models import (
    AllIndices,
    CDSView,
    ColumnDataSource,
    CustomJS,
    CustomJSTickFormatter,
    FixedTicker,
    NoOverlap,
    Range1d,
)
from bokeh.models.annotations import LabelSet
from bokeh.models.glyphs import Line, Scatter, Segment, VArea
from bokeh.models.renderers import GlyphRenderer
from bokeh.plotting import figure

from dashboards.computing.answer_view import AnswerView, describe_fan_chart
from dashboards.selection.selection import LETTERS
from simulator.charts.axes import find_pounds_top
from simulator.charts.labels import spread_apart
from simulator.charts.over_time import place_marks
from simulator.charts.palette import QUIET, Style, find_styles
from simulator.common.formatting import format_pounds
from simulator.declarations.calendar import YEARS, year_name
from simulator.reports.content import find_first_start, list_later_changes

DASHES: dict[str, Any] = {"": "solid", "6 4": [6, 4], "10 3": [10, 3], "3 3": [3, 3]}
COLUMNS = ("low", "lower", "middle", "upper", "high")
NO_DATA: dict[str, list[float]] = {"x": [], **{name: [] for name in COLUMNS}}
LABEL_ROOM = 5.6
"""What a label takes of 100 in a chart of the usual height; in a lower one it takes more."""
MARK_COLUMNS = ("x", "top", "text", "align", "aside", "above")
MARK_ROOM = 16
"""Pixels between the heights of words at dotted lines."""
USUAL_HEIGHT, AXIS_HEIGHT = 330, 38
FIRST, ROOM = -0.15, 66
KEEP_ROOM = f"""
const years = cb_obj.inner_width - {ROOM}
if (years > {ROOM}) {{ across.end = {YEARS - 1} + {YEARS - 1 - FIRST} * {ROOM} / years }}
"""
"""However narrow the chart is, the labels at the ends of its lines have so many pixels."""
DARK_CANVAS = ":host { filter: var(--page-filter, none); }"
"""On a dark page the canvas is turned round in lightness; hues stay."""


class FanChart:
    """A figure for up to four scenarios; `show` puts other numbers into it."""

    def __init__(self, height: int = USUAL_HEIGHT) -> None:
        bare: dict[str, Any] = {"tools": "", "toolbar_location": None}
        self.label_room = LABEL_ROOM * (USUAL_HEIGHT - AXIS_HEIGHT) / (height - AXIS_HEIGHT)
        self.upward, across = Range1d(start=0, end=102), Range1d(start=FIRST, end=YEARS - 0.3)
        self.figure = figure(
            height=height,
            sizing_mode="stretch_width",
            min_border_left=44,
            **bare,
            x_range=across,
            y_range=self.upward,
            min_width=0,
            stylesheets=[DARK_CANVAS],
        )
        self.figure.js_on_change("inner_width", CustomJS(args={"across": across}, code=KEEP_ROOM))
        self._style_axes()
        self.sources = [self._add_bands(style) for style in find_styles(LETTERS)]
        for source, style in zip(self.sources, find_styles(LETTERS), strict=True):
            self._add_line(source, style)  # above every band, or others' bands would take its colour
        self.ends = ColumnDataSource({"x": [], "y": [], "text": [], "colour": []})
        self.figure.add_layout(
            LabelSet(
                x="x",
                y="y",
                text="text",
                source=self.ends,
                text_color="#212B32",
                text_font_size="13px",
                text_font_style="bold",
                text_baseline="middle",
                x_offset=8,
            )
        )
        self.changes = ColumnDataSource({name: [] for name in MARK_COLUMNS})
        self.figure.add_layout(
            LabelSet(
                x="x",
                y=0,
                text="text",
                source=self.changes,
                text_color=QUIET,
                text_font_size="12px",
                text_align="align",
                text_baseline="bottom",
                x_offset="aside",
                y_offset="above",
            )
        )
        marks = Segment(x0="x", y0=0, x1="x", y1="top", line_color=QUIET, line_dash=value([2, 3]))
        self.figure.renderers.append(make_renderer(self.changes, marks, CDSView(filter=AllIndices())))

    def _style_axes(self) -> None:
        f = self.figure
        f.background_fill_color = f.border_fill_color = None  # the page's own, light or dark
        f.outline_line_color = None
        f.xgrid.visible = False
        f.ygrid.grid_line_color = "#D8DDE0"
        f.xaxis.ticker = FixedTicker(ticks=list(range(YEARS)))
        f.xaxis.major_label_overrides = {i: year_name(i) for i in range(YEARS)}
        f.xaxis.major_label_policy = NoOverlap(min_distance=8)
        f.yaxis.ticker = FixedTicker(ticks=[0, 25, 50, 75, 100])
        f.yaxis.formatter = CustomJSTickFormatter(code="return '£' + tick")
        for axis in (f.xaxis, f.yaxis):
            axis.major_label_text_color = axis.axis_line_color = axis.major_tick_line_color = QUIET
            axis.major_label_text_font_size = "13px"
            axis.minor_tick_line_color = None

    def _add_bands(self, style: Style) -> ColumnDataSource:
        source = ColumnDataSource(dict(NO_DATA))
        self._add_glyphs(
            source,
            [
                VArea(x="x", y1=low, y2=high, fill_color=style.colour, fill_alpha=shade)
                for low, high, shade in (("low", "high", 0.10), ("lower", "upper", 0.20))
            ],
        )
        return source

    def _add_line(self, source: ColumnDataSource, style: Style) -> None:
        line = Line(x="x", y="middle", line_color=style.colour, line_width=2.6, line_dash=DASHES[style.dash])
        marks = Scatter(x="x", y="middle", marker=style.marker, size=8, fill_color=style.colour, line_color="#FFFFFF")
        self._add_glyphs(source, [line, marks])

    def _add_glyphs(self, source: ColumnDataSource, glyphs: Sequence[VArea | Line | Scatter]) -> None:
        """By hand: Bokeh would add a glyph for selections and one for muting to each."""
        view = CDSView(filter=AllIndices())  # shared by the glyphs of a source, never between sources
        for glyph in glyphs:
            self.figure.renderers.append(make_renderer(source, glyph, view))

    def show(self, view: AnswerView, moving: bool = False) -> None:
        """Draw an answer. The text for screen readers is written once nothing moves."""
        ends = []
        for letter, source in zip(LETTERS, self.sources, strict=True):
            i = view.letters[: len(view.runs)].find(letter)
            if i < 0:
                if source.data["x"]:
                    source.data = dict(NO_DATA)
                continue
            rows = [[round(100 * float(x), 2) for x in row] for row in view.bands[i]]
            own = max(0, view.runs[i].manifest.start // 4 - 1) if i else 0  # until then it is today's rules
            data: dict[str, Any] = {
                "x": list(range(own, len(rows[0]))),
                **{name: row[own:] for name, row in zip(COLUMNS, rows, strict=True)},
            }
            if source.data != data:
                source.data = data
            if rows[2][-1] == rows[2][-1]:
                last = float(view.bands[i][2][-1])  # not the drawn height: its rounding could turn £77 into £76
                ends.append((rows[2][-1], f"{letter} {format_pounds(last)}"))
        top = self._scale(view)
        room = self.label_room * top / 100
        heights = spread_apart([height for height, _ in ends], room, 0.0, 1.02 * top - room / 2)  # none is cut
        labels: dict[str, Any] = {
            "x": [YEARS - 1.0] * len(ends),
            "y": heights,
            "text": [label for _, label in ends],
            "colour": ["#212B32"] * len(ends),
        }
        if self.ends.data != labels:
            self.ends.data = labels
        changes = _list_marks(view, 1.02 * top)
        if self.changes.data != changes:
            self.changes.data = changes
        if not moving:
            self.figure.html_attributes = {"role": "img", "aria-label": " ".join(describe_fan_chart(view))}

    def _scale(self, view: AnswerView) -> int:
        """Let the axis end where it holds every band, £ in each £100; gives that end."""
        highest = max(
            (100 * float(x) for band in view.bands for row in (2, -1) for x in band[row] if x == x), default=100.0
        )
        top = find_pounds_top(highest)
        if self.upward.end != 1.02 * top:
            self.upward.end = 1.02 * top
            self.figure.yaxis.ticker = FixedTicker(ticks=[top * quarter // 4 for quarter in range(5)])
        return top


def _list_marks(view: AnswerView, top: float) -> dict[str, Any]:
    """The dotted lines with their words, as columns."""
    marks = place_marks(find_first_start(view), list_later_changes(view), view.baseline.years)
    rows = [
        (mark.year, top, mark.words, *(("right", -4) if mark.leftward else ("left", 4)), 2 + MARK_ROOM * mark.level)
        for mark in marks
    ]
    return {name: [row[i] for row in rows] for i, name in enumerate(MARK_COLUMNS)}


def make_renderer(source: ColumnDataSource, glyph: VArea | Line | Scatter | Segment, view: CDSView) -> Any:
    """A glyph alone: Bokeh would add one for selections and one for muting to each."""
    alone: dict[str, Any] = {"nonselection_glyph": None, "selection_glyph": None, "muted_glyph": None}
    return GlyphRenderer(data_source=source, glyph=glyph, view=view, **alone)
