"""The code that shows an answer in a frame on somebody's own page."""

from __future__ import annotations

from markupsafe import Markup

COLUMN = "container-type:inline-size"
_HEIGHT = "max({wide}px, 1660px - 118cqw, min({two}, (100cqw - 700px) * 99, (996px - 100cqw) * 99))"
_FEW, _MANY = _HEIGHT.format(wide=840, two="1440px - 55cqw"), _HEIGHT.format(wide=900, two="1980px - 90cqw")
"""How high the frame is in a column of a width (100cqw), of up to three scenarios and of more: most on a phone, and
where the cards of more stand two in a row.
"""
_MOST_IN_A_ROW = 3
USUAL = 1200
"""The same in pixels, for a browser that cannot measure a column."""


def write_frame(page: str, named: str, scenarios: int) -> Markup:
    """A frame as high as its column needs for so many scenarios, today's rules included; `page` is an address, `named`
    is said to who cannot see it.
    """
    look = f"display:block; width:100%; height:{_FEW if scenarios <= _MOST_IN_A_ROW else _MANY}; border:0"
    code = Markup('<div style="{}"><iframe src="{}" title="{}" height="{}" style="{}"></iframe></div>')
    return code.format(COLUMN, page, named, USUAL, look)
