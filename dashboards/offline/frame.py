"""The code that shows an answer in a frame on somebody's own page."""

from __future__ import annotations

from markupsafe import Markup

COLUMN = "container-type:inline-size"
HEIGHT = "max(960px, 1660px - 118cqw, min(1320px, (100cqw - 700px) * 99, (996px - 100cqw) * 99))"
"""How high the frame is in a column of a width (100cqw): most on a phone, and where its cards stand two in a row."""
USUAL = 1200
"""The same in pixels, for a browser that cannot measure a column."""
LOOK = f"display:block; width:100%; height:{HEIGHT}; border:0"


def write_frame(page: str, named: str) -> Markup:
    """A frame as high as its column needs; `page` is an address, `named` is said to who cannot see it."""
    code = Markup('<div style="{}"><iframe src="{}" title="{}" height="{}" style="{}"></iframe></div>')
    return code.format(COLUMN, page, named, USUAL, LOOK)
