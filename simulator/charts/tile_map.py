"""A map of boards as tiles, merged boards joined, with the scale of its colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from simulator.charts.colour_scale import ColourScale, format_scale_end, pick_ink
from simulator.charts.palette import INK, NO_MONEY, QUIET
from simulator.charts.svg import Lettering, Stroke, draw_line, draw_rect, draw_text, make_picture
from simulator.common.html import join_pieces

TILE, EDGE, NARROWEST = 76, 8, 600
SIDES = ("left", "right", "up", "down")


@dataclass(frozen=True)
class Tile:
    """One board: where it lies (from 0), its short name, its value in words, its colour, and on which sides it joins
    boards that it has merged with. `faded` tiles are left out by a filter.
    """

    column: int
    row: int
    name: str
    value: str
    fill: str
    joins: Sequence[str]
    merged: bool
    faded: bool


def draw_tile_map(title: str, description: str, tiles: Sequence[Tile], scale: ColourScale) -> Markup:
    """The whole picture: tiles and, under them, the scale."""
    columns, rows = 1 + max(tile.column for tile in tiles), 1 + max(tile.row for tile in tiles)
    parts = [_draw_tile(tile) for tile in tiles]
    foot = EDGE + rows * TILE + 22
    for i in range(len(scale)):
        low, high = (format_scale_end(x, scale.signed) for x in scale.ends(i))
        x, y = EDGE + (i % 4) * 150, foot + (i // 4) * 22
        parts.append(draw_rect(x, y - 12, 20, 15, scale.colour(i), Stroke(QUIET)))
        parts.append(draw_text(x + 26, y, f"{low} to {high}", Lettering(12)))
    size = 2 * EDGE + max(columns * TILE, NARROWEST), foot + 22 * (1 + (len(scale) - 1) // 4)
    return make_picture("tiles", size, title, description, join_pieces(parts), alone=True)


def _draw_tile(tile: Tile) -> Markup:
    x, y = EDGE + TILE * tile.column, EDGE + TILE * tile.row
    gap = {side: 0 if side in tile.joins else 2 for side in SIDES}
    left, top = x + gap["left"], y + gap["up"]
    right, bottom = x + TILE - gap["right"], y + TILE - gap["down"]
    fill, ink = (NO_MONEY, INK) if tile.faded else (tile.fill, pick_ink(tile.fill))
    parts = [draw_rect(left, top, right - left, bottom - top, fill)]
    edges = {
        "left": (left, top, left, bottom),
        "right": (right, top, right, bottom),
        "up": (left, top, right, top),
        "down": (left, bottom, right, bottom),
    }
    for side, ends in edges.items():
        inner = side in tile.joins
        parts.append(draw_line(*ends, Stroke(INK, 3 if tile.merged and not inner else 1, "2 3" if inner else None)))
    middle = x + TILE / 2
    parts.append(draw_text(middle, y + 34, tile.name, Lettering(13, 700, ink, anchor="middle")))
    parts.append(draw_text(middle, y + 52, tile.value, Lettering(size=13, fill=ink, anchor="middle")))
    return join_pieces(parts)
