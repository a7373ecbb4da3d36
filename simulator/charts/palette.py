"""How charts look: their colours, and for each scenario a colour, a dash, a mark and a letter.

Nothing depends on colour alone: scenarios also differ by dash, mark and letter, and bars that must be told apart are
hollow or hatched.
"""

from __future__ import annotations

from dataclasses import dataclass

INK = "#212B32"
QUIET = "#4C6272"
RULE = "#D8DDE0"
OUTLINE = "#C4CBD0"
WHITE = "#FFFFFF"
BLUE = "#005EB8"
ORANGE = "#B5460B"
TEAL = "#1C7A73"
BRAND = "#00468C"
NO_MONEY = "#E1E5E8"
LEFT, TAKEN, RELEASED = "#9CC3E6", "#B0441A", "#E8EDEE"
"""What is left of a board's money, what was taken back, and what the plan released."""

FONT = "'Segoe UI', -apple-system, BlinkMacSystemFont, 'Helvetica Neue', Arial, sans-serif"


@dataclass(frozen=True)
class Style:
    """How one scenario is drawn. `dash` is an SVG dash pattern ("" for a solid line), `letter` its short name."""

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
"""The most policies that one page compares with today's rules."""
