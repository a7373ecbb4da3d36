"""The parts of a picture as SVG: text, lines, shapes and marks. Every tag of a picture is written here.

Functions take plain numbers, in pixels, and return markup. Words and attributes are escaped on the way, so that no
chart has to remember to do it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from markupsafe import Markup, escape

from simulator.charts.labels import measure_text
from simulator.charts.palette import FONT, INK, QUIET, WHITE, Style

SVG_NAMES = "http://www.w3.org/2000/svg"
SMALL = 12.0

Point = tuple[float, float]
Attributes = Mapping[str, str | float | None]


def make_element(tag: str, attributes: Attributes, *children: str) -> Markup:
    """An SVG element with these attributes, those that are None left out.

    `tag` and the names of attributes come from the program. Values are escaped, and so are children that are not
    markup already.
    """
    written = "".join(f' {name}="{_format_value(value)}"' for name, value in attributes.items() if value is not None)
    if not children:
        return Markup(f"<{tag}{written}/>")  # noqa: S704
    return Markup(f"<{tag}{written}>{''.join(map(escape, children))}</{tag}>")  # noqa: S704


def _format_value(value: str | float) -> str:
    """An attribute: a number to a tenth of a pixel, or escaped words."""
    if isinstance(value, str):
        return escape(value)
    return f"{value:.2f}".rstrip("0").rstrip(".")


def make_picture(
    key: str, size: tuple[int, int], title: str, description: str, body: str, alone: bool = False
) -> Markup:
    """A picture (width, height) with an accessible name and description.

    `key` makes its ids; `alone` is for a file that stands by itself.
    """
    width, height = size
    own: Attributes = {"xmlns": SVG_NAMES, "width": width, "height": height} if alone else {}
    look: Attributes = {
        "viewBox": f"0 0 {width} {height}",
        "role": "img",
        "aria-labelledby": f"{key}-t {key}-d",
        "font-family": FONT,
        "font-size": 13,
        "fill": INK,
    }
    named = make_element("title", {"id": f"{key}-t"}, title), make_element("desc", {"id": f"{key}-d"}, description)
    return make_element("svg", {**own, **look}, *named, body)


class Lettering(NamedTuple):
    """How words are set: `size` in pixels, `weight` 400 to 700, `anchor` as SVG's text-anchor (start if None)."""

    size: float | None = None
    weight: int | None = None
    fill: str | None = None
    anchor: str | None = None

    @property
    def look(self) -> Attributes:
        """As attributes of an element."""
        names = ("text-anchor", "font-size", "font-weight", "fill")
        return dict(zip(names, (self.anchor, self.size, self.weight, self.fill), strict=True))


PLAIN = Lettering()


def draw_text(x: float, y: float, words: str, lettering: Lettering = PLAIN, *, rim: bool = False) -> Markup:
    """A line of text; `rim` draws a white edge around the letters, which keeps them readable on a grid."""
    rimmed: Attributes = (
        {"paint-order": "stroke", "stroke": WHITE, "stroke-width": 4, "stroke-linejoin": "round"} if rim else {}
    )
    return make_element("text", {"x": x, "y": y, **lettering.look, **rimmed}, words)


def draw_note(
    x: float, y: float, words: str, anchor: str | None = None, size: float | None = SMALL, rim: bool = False
) -> Markup:
    """A line of small grey text, as beside an axis."""
    return draw_text(x, y, words, Lettering(size=size, fill=QUIET, anchor=anchor), rim=rim)


def draw_plated(x: float, y: float, words: str, lettering: Lettering) -> Markup:
    """A line of text on a white plate about as wide, so that no line of a grid runs through it."""
    width = measure_text(words, lettering.size or 13.0)
    left = x - width if lettering.anchor == "end" else x
    return draw_rect(left, y - 10, width, 14, WHITE) + draw_text(x, y, words, lettering, rim=True)


class Stroke(NamedTuple):
    """How a line or an outline is drawn; `width` in pixels, and `dash` as SVG writes it ("4 3", or "" for none)."""

    colour: str
    width: float | None = None
    dash: str | None = None
    opacity: float | None = None

    @property
    def look(self) -> Attributes:
        """As attributes of an element."""
        return {
            "stroke": self.colour,
            "stroke-width": self.width,
            "stroke-dasharray": self.dash or None,
            "stroke-opacity": self.opacity,
        }


def draw_line(x1: float, y1: float, x2: float, y2: float, stroke: Stroke) -> Markup:
    """A straight line."""
    return make_element("line", {"x1": x1, "y1": y1, "x2": x2, "y2": y2, **stroke.look})


def draw_rect(
    x: float,
    y: float,
    width: float,
    height: float,
    fill: str | None = None,
    stroke: Stroke | None = None,
    *,
    opacity: float | None = None,
    radius: float | None = None,
) -> Markup:
    """A rectangle; without `fill` it has that of its group."""
    look: Attributes = {"rx": radius, "fill": fill, "fill-opacity": opacity, **(stroke.look if stroke else {})}
    return make_element("rect", {"x": x, "y": y, "width": width, "height": height, **look})


def draw_circle(x: float, y: float, radius: float, fill: str, stroke: Stroke) -> Markup:
    """A circle."""
    return make_element("circle", {"cx": x, "cy": y, "r": radius, "fill": fill, **stroke.look})


def _format_corners(points: Iterable[Point]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def draw_polygon(
    points: Iterable[Point], fill: str, opacity: float | None = None, stroke: Stroke | None = None
) -> Markup:
    """A filled shape with these corners."""
    look: Attributes = {"fill": fill, "fill-opacity": opacity, **(stroke.look if stroke else {})}
    return make_element("polygon", {"points": _format_corners(points), **look})


def draw_band(
    xs: Iterable[float], low: Iterable[float], high: Iterable[float], fill: str, opacity: float | None = None
) -> Markup:
    """The area between two curves."""
    across = list(xs)
    there = list(zip(across, high, strict=True))
    back = list(zip(across, low, strict=True))
    return draw_polygon([*there, *reversed(back)], fill, opacity)


def draw_curve(points: Iterable[Point], stroke: Stroke) -> Markup:
    """A line through these points."""
    return make_element("polyline", {"points": _format_corners(points), "fill": "none", **stroke.look})


def draw_path(commands: str, stroke: Stroke) -> Markup:
    """A line along the commands of an SVG path."""
    return make_element("path", {"d": commands, "fill": "none", **stroke.look})


def move_pieces(x: float, y: float, *children: str) -> Markup:
    """Pieces of a picture, moved to the right and down."""
    return make_element("g", {"transform": f"translate({x:g} {y:g})"}, *children)


def draw_hatch(key: str, size: int, ground: str, stripe: str, width: float) -> Markup:
    """A hatched fill, to be used as `hatched(key)`: stripes of this colour and width on a ground."""
    look: Attributes = {
        "id": key,
        "width": size,
        "height": size,
        "patternUnits": "userSpaceOnUse",
        "patternTransform": "rotate(45)",
    }
    ground_and_stripe = (
        make_element("rect", {"width": size, "height": size, "fill": ground}),
        draw_line(0, 0, 0, size, Stroke(stripe, width)),
    )
    return make_element("defs", {}, make_element("pattern", look, *ground_and_stripe))


def fill_with_hatch(key: str) -> str:
    """A fill with the hatching of this key."""
    return f"url(#{key})"


def draw_marker(kind: str, x: float, y: float, colour: str, size: float = 5.5) -> Markup:
    """A mark of a kind, centred on a point, with a white rim."""
    if kind == "circle":
        return draw_circle(x, y, size, colour, Stroke(WHITE, 1.2))
    return draw_polygon([(x + dx, y + dy) for dx, dy in _MARKS[kind](size)], colour, None, Stroke(WHITE, 1.2))


_MARKS: Mapping[str, Callable[[float], tuple[Point, ...]]] = {
    "square": lambda s: ((-s, -s), (s, -s), (s, s), (-s, s)),
    "triangle": lambda s: ((0, -s * 1.2), (s * 1.15, s * 0.9), (-s * 1.15, s * 0.9)),
    "diamond": lambda s: ((0, -s * 1.3), (s * 1.3, 0), (0, s * 1.3), (-s * 1.3, 0)),
    "cross": lambda s: (
        *((-s, -2), (-2, -2), (-2, -s), (2, -s), (2, -2), (s, -2)),
        *((s, 2), (2, 2), (2, s), (-2, s), (-2, 2), (-s, 2)),
    ),
}


def draw_line_sample(style: Style, width: int = 26, height: int = 10, stroke: float = 3) -> Markup:
    """A scenario's line, as it stands beside its title on a page; screen readers pass over it."""
    look: Attributes = {
        "viewBox": f"0 0 {width} {height}",
        "width": width,
        "height": height,
        "aria-hidden": "true",
    }
    middle = height / 2
    return make_element("svg", look, draw_line(0, middle, width, middle, Stroke(style.colour, stroke, style.dash)))
