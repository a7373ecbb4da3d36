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

DARK = {
    INK: "#F0F4F5",
    QUIET: "#C3CCD2",
    RULE: "#55646F",
    OUTLINE: "#6B7B86",
    WHITE: "#26313A",
    BLUE: "#80C8FF",
    ORANGE: "#FF9A5C",
    TEAL: "#4FC4B8",
    "#F46A25": "#FF9A5C",
    "#28A197": "#4FC4B8",
    LEFT: "#4B7BA6",
    TAKEN: "#E0703F",
    RELEASED: "#46545F",
    "#3D3D3D": "#CFD6DA",
    "#7C2855": "#E08BB8",
    "#8A6D00": "#D9B84A",
}
"""What charts and cards are drawn in on a dark page, by the colour that they have on a light one."""


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
LETTERS = "".join(style.letter for style in STYLES)
MOST = len(STYLES) - 1
"""The most policies that one page compares with today's rules."""


def find_styles(letters: str) -> tuple[Style, ...]:
    """How the scenarios with these letters are drawn, in the order of the letters."""
    return tuple(STYLES[LETTERS.index(letter)] for letter in letters)
