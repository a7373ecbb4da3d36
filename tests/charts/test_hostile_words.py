"""Whatever people call things, a chart shows it as it was written: every chart, every place for words."""

from __future__ import annotations

import inspect
import pkgutil
import re
from collections.abc import Callable
from importlib import import_module
from xml.etree import ElementTree

import numpy as np
import pytest
from markupsafe import Markup

import simulator.charts
from simulator.charts import (
    axes,
    board_timeline,
    cascade,
    differences,
    over_time,
    picture_files,
    share_picture,
    sheets,
    squares,
    svg,
    tile_map,
    tradeoffs,
    uncertainty,
    weights,
)
from simulator.charts.colour_scale import make_level_scale
from simulator.charts.palette import STYLES

pytestmark = pytest.mark.interface

HOSTILE = '<img src=x onerror="alert(1)">&<>"\''
ELEMENTS = {
    *("svg", "title", "desc", "g", "rect", "line", "polyline", "polygon", "circle", "path", "text", "defs", "pattern"),
    *("metadata", "RDF", "Description", "description", "date", "creator", "format", "type", "source"),
}
SHARES = board_timeline.QuarterShares(np.full(32, 50.0), np.full(32, 30.0), np.full(32, 20.0))
COURSE = over_time.Course(HOSTILE, STYLES[1], tuple((q, q) for q in (0.1, 0.2, 0.3, 0.4, 0.5)))
EFFECT: tradeoffs.Effect = {"mean": 0.1, "likely": (0.05, 0.2)}
POINT: tradeoffs.ExchangePoint = {"x": 0.0, "line": 0.1, "low": 0.1, "high": 0.2, "enough": {"10": 0.0, "90": 0.3}}
CURVES = {"amount": [0.0, 1.0], "difference": [-0.1, 0.1], "low": [-0.2, 0.0], "high": [0.0, 0.2]}
DUEL: tradeoffs.Duel = {"rival": HOSTILE, "more": 3, "interval": (0.1, 0.4)}
SCALE = make_level_scale([10.0, 90.0])
PICTURE = svg.make_picture("k", (340, 20), HOSTILE, HOSTILE, svg.draw_text(1, 1, HOSTILE), alone=True)
FACTS = {"title": HOSTILE, "source": HOSTILE, "date": HOSTILE, "version": HOSTILE, HOSTILE: HOSTILE}
T = (HOSTILE, HOSTILE)

CHARTS: dict[str, Callable[[], str | bytes]] = {
    "make_picture": lambda: PICTURE,
    "make_card": lambda: axes.make_card(*T, 20, svg.draw_text(1, 1, HOSTILE)),
    "draw_rows_on_axis": lambda: axes.draw_rows_on_axis(
        *T, [axes.Row(HOSTILE, HOSTILE, lambda y: Markup(""))], axes.Scale(0, 1, 0, 9), HOSTILE
    ),
    "draw_share_picture": lambda: share_picture.draw_share_picture(
        share_picture.ShareWords(*T, *T, T, HOSTILE, T, HOSTILE),
        [squares.Card(HOSTILE, STYLES[0], 0.5, (0.4, 0.6), HOSTILE)],
    ),
    "draw_cards": lambda: squares.draw_cards(
        *T, [squares.Card(HOSTILE, STYLES[0], 0.5, (0.4, 0.6), HOSTILE)], [HOSTILE]
    ),
    "draw_rows": lambda: squares.draw_rows(*T, [squares.Card(HOSTILE, STYLES[0], 0.5, (0.4, 0.6), HOSTILE)]),
    "draw_squares_picture": lambda: squares.draw_squares_picture(
        HOSTILE, *T, squares.count_squares(0.5, 0.4, 0.6), STYLES[0]
    ),
    "draw_intervals": lambda: differences.draw_intervals(
        HOSTILE, *T, [differences.Interval(HOSTILE, STYLES[1], 1.0, (0.5, 2.0), (0.0, 3.0), HOSTILE)], (-1.0, 4.0)
    ),
    "draw_cascade": lambda: cascade.draw_cascade(
        HOSTILE, *T, [cascade.Step(HOSTILE, 0.5, 0.4), cascade.Step(HOSTILE, 0.2, 0.1, True)], STYLES[1], True
    ),
    "draw_timeline": lambda: over_time.draw_timeline(HOSTILE, HOSTILE, COURSE, T, 1, COURSE),
    "draw_over_time": lambda: over_time.draw_over_time([COURSE, COURSE], T, 1, *T),
    "draw_exchange": lambda: tradeoffs.draw_exchange(*T, [POINT, {**POINT, "x": 0.5}], T, T, 0.9, 1, (True, False)),
    "draw_break_even": lambda: tradeoffs.draw_break_even(*T, CURVES, 0.5, (*T, HOSTILE), [DUEL], 10),
    "draw_waterfall": lambda: tradeoffs.draw_waterfall(*T, [{"part": HOSTILE, "share": EFFECT}], EFFECT),
    "draw_variance_shares": lambda: uncertainty.draw_variance_shares(*T, [(HOSTILE, 0.5, 0.4, 0.6)]),
    "draw_tornado": lambda: uncertainty.draw_tornado(*T, [uncertainty.Fifths(HOSTILE, (0.1, 0.01), (0.2, 0.01))], 0.15),
    "draw_bars": lambda: uncertainty.draw_bars(*T, [(HOSTILE, 0.5, 0.4, 0.6)], HOSTILE),
    "draw_failure_box": lambda: uncertainty.draw_failure_box(
        *T, [uncertainty.Edge(HOSTILE, (0.0, 1.0), 0.5, "low", (0.4, 0.6))]
    ),
    "draw_regrets": lambda: uncertainty.draw_regrets(*T, [(STYLES[1], HOSTILE, 0.1, 0.2, 0.3)]),
    "draw_structures": lambda: uncertainty.draw_structures(*T, [(HOSTILE, 0.5, 0.4)], T),
    "draw_board_timeline": lambda: board_timeline.draw_board_timeline(
        HOSTILE, *T, (STYLES[0], SHARES), (STYLES[1], SHARES), [(3, HOSTILE)], (4, HOSTILE), True, foot=[HOSTILE]
    ),
    "draw_tile_map": lambda: tile_map.draw_tile_map(
        *T, [tile_map.Tile(0, 0, HOSTILE, HOSTILE, "#FFFFFF", ("up",), True, False)], SCALE
    ),
    "draw_weights": lambda: weights.draw_weights(np.linspace(-3.0, 0.0, 50), 0.5),
    "make_sheet": lambda: sheets.make_sheet([(HOSTILE, PICTURE)], *T),
    "crop": lambda: sheets.crop(PICTURE, 1, 1),
    "make_printable": lambda: sheets.make_printable(PICTURE, "dejavu"),
    "make_svg_file": lambda: picture_files.make_svg_file(PICTURE, FACTS, True),
}
OTHERS = {"make_png_file", "make_level_scale", "make_difference_scale"}
"""No pictures, or pixels of one that is tried here."""


@pytest.mark.parametrize("name", CHARTS)
def test_words_become_no_element_and_are_read_as_they_were_written(name: str) -> None:
    made = CHARTS[name]()
    drawn = made.decode() if isinstance(made, bytes) else made
    root = ElementTree.fromstring(drawn)
    parts = list(root.iter())
    assert {part.tag.split("}")[-1] for part in parts} <= ELEMENTS
    assert not [attribute for part in parts for attribute in part.attrib if attribute.startswith("on")]
    assert "&amp;lt;" not in drawn
    read = "".join(root.itertext())
    assert name == "draw_weights" or HOSTILE in read or re.search(r"<img src=x\s*(onerror|…)", read)


def test_every_function_that_makes_a_picture_is_tried() -> None:
    modules = [
        import_module(f"simulator.charts.{found.name}") for found in pkgutil.iter_modules(simulator.charts.__path__)
    ]
    pictures = {
        name
        for module in modules
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
        and not name.startswith("_")
        and "title" in inspect.signature(function).parameters
    }
    assert pictures - set(CHARTS) - OTHERS == set()
