"""How scenarios look: a colour, a dash, a marker and a letter each, so that nothing hangs on colour alone."""

from __future__ import annotations

from dataclasses import dataclass

INK = "#212B32"
QUIET = "#4C6272"
RULE = "#D8DDE0"


@dataclass(frozen=True)
class Style:
    """One scenario's look. `dash` is an SVG dash pattern ("" for a whole line), `letter` its short name."""

    colour: str
    dash: str
    marker: str
    letter: str


STYLES = (
    Style("#3D3D3D", "6 4", "circle", "A"),
    Style("#005EB8", "", "square", "B"),
    Style("#F46A25", "10 3", "triangle", "C"),
    Style("#28A197", "3 3", "diamond", "D"),
    Style("#7C2855", "12 3 2 3", "cross", "E"),
    Style("#8A6D00", "1 3", "circle", "F"),
)
MOST = len(STYLES) - 1


def marker(kind: str, x: float, y: float, colour: str, size: float = 5.5) -> str:
    """An SVG mark of a kind, centred on a point, with a white rim."""
    paint = f'fill="{colour}" stroke="#FFFFFF" stroke-width="1.2"'
    if kind == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size}" {paint}/>'
    s = size
    corners = {
        "square": ((-s, -s), (s, -s), (s, s), (-s, s)),
        "triangle": ((0, -s * 1.2), (s * 1.15, s * 0.9), (-s * 1.15, s * 0.9)),
        "diamond": ((0, -s * 1.3), (s * 1.3, 0), (0, s * 1.3), (-s * 1.3, 0)),
        "cross": (
            (-s, -2),
            (-2, -2),
            (-2, -s),
            (2, -s),
            (2, -2),
            (s, -2),
            (s, 2),
            (2, 2),
            (2, s),
            (-2, s),
            (-2, 2),
            (-s, 2),
        ),
    }[kind]
    points = " ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in corners)
    return f'<polygon points="{points}" {paint}/>'
