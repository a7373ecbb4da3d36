"""The tile map as a picture to take away."""

from __future__ import annotations

from dashboards.boards.board_map import BoardMap
from dashboards.boards.colour_scale import BLANK, pound
from dashboards.boards.merged_boards import places
from simulator.charts.palette import INK, QUIET
from simulator.charts.svg import picture, text

SIZE, EDGE = 76, 8


def drawn(board_map: BoardMap, title: str) -> str:
    """A whole SVG picture: tiles, merged boards joined, and the scale."""
    spots, parts = places(board_map.boards), list[str]()
    columns, lines = 1 + max(col for col, _ in spots), 1 + max(row for _, row in spots)
    for tile in board_map.tiles():
        parts.append(_tile(tile))
    foot = EDGE + lines * SIZE + 22
    for at in range(len(board_map.shades)):
        low, high = (pound(x, board_map.signed) for x in board_map.shades.ends(at))
        x, y = EDGE + (at % 4) * 150, foot + (at // 4) * 22
        parts.append(
            f'<rect x="{x}" y="{y - 12}" width="20" height="15" fill="{board_map.shades.colour(at)}" stroke="{QUIET}"/>'
        )
        parts.append(text(x + 26, y, f"{low} to {high}", 'font-size="12"'))
    height = foot + 22 * (1 + (len(board_map.shades) - 1) // 4)
    words = "Average over futures, £ in each £100, by board."
    return str(
        picture("tiles", (2 * EDGE + max(columns * SIZE, 600), height), title, words, "".join(parts), alone=True)
    )


def _tile(tile: dict[str, object]) -> str:
    x, y = (EDGE + SIZE * int(str(tile[name])) for name in ("col", "row"))
    sides = tile["joins"]
    assert isinstance(sides, list)
    gap = {side: 0 if side in sides else 2 for side in ("left", "right", "up", "down")}
    left, top = x + gap["left"], y + gap["up"]
    wide, tall = SIZE - gap["left"] - gap["right"], SIZE - gap["up"] - gap["down"]
    fill, ink = (BLANK, INK) if tile["off"] else (str(tile["fill"]), str(tile["ink"]))
    parts = [f'<rect x="{left}" y="{top}" width="{wide}" height="{tall}" fill="{fill}"/>']
    ends = {
        "left": (left, top, left, top + tall),
        "right": (left + wide, top, left + wide, top + tall),
        "up": (left, top, left + wide, top),
        "down": (left, top + tall, left + wide, top + tall),
    }
    for side, (x1, y1, x2, y2) in ends.items():
        paint = (
            f'stroke="{INK}" stroke-width="1" stroke-dasharray="2 3"'
            if side in sides
            else (f'stroke="{INK}" stroke-width="{3 if tile["body"] else 1}"')
        )
        parts.append(f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" {paint}/>')
    middle, style = x + SIZE / 2, f'text-anchor="middle" fill="{ink}"'
    parts.append(text(middle, y + 34, str(tile["abbr"]), f'{style} font-weight="700" font-size="13"'))
    parts.append(text(middle, y + 52, str(tile["value"]), f'{style} font-size="13"'))
    return "".join(parts)
