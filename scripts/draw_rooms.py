"""Draws docs/images/rooms.svg: the rooms in their layers, and which of them import which, as the sources say."""

from __future__ import annotations

import tomllib
from html import escape
from pathlib import Path

import grimp
import networkx as nx

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "images" / "rooms.svg"
WIDTH, LEFT, ROW, BOX, GAP = 1100, 20, 74, 40, 14
INK, QUIET, RULE = "#212B32", "#4C6272", "#AEB7BD"
FILL = {"simulator": "#E8EDEE", "dashboards": "#DCEBF7"}


def layers() -> list[list[str]]:
    """The layers that pyproject.toml declares, from the roof down: rooms by their dotted names."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    (contract,) = [c for c in declared["contracts"] if c["type"] == "layers" and "containers" not in c]
    return [[room.strip() for room in layer.replace(":", "|").split("|")] for layer in contract["layers"]]


def room_imports() -> nx.DiGraph:
    """Which room imports which, anywhere in it, imports for types included."""
    graph = grimp.build_graph("simulator", "dashboards", cache_dir=None)
    rooms = {room for layer in layers() for room in layer}
    found = nx.DiGraph()
    found.add_nodes_from(sorted(rooms))
    for module in graph.modules:
        for imported in graph.find_modules_directly_imported_by(module):
            pair = [".".join(name.split(".")[:2]) for name in (module, imported)]
            if pair[0] != pair[1] and set(pair) <= rooms:
                found.add_edge(*pair)
    return found


def modules(room: str) -> int:
    """How many modules a room has, those of its inner rooms included."""
    return len([file for file in (ROOT / Path(*room.split("."))).rglob("*.py") if file.name != "__init__.py"])


def picture() -> str:
    """The SVG, the same on every machine. Arrows that follow from others are left out."""
    arranged, boxes = layers(), {}
    parts: list[str] = []
    for row, rooms in enumerate(arranged):
        wide = (WIDTH - 2 * LEFT - GAP * (len(rooms) - 1)) / len(rooms)
        wide = min(wide, 250)
        begin = (WIDTH - wide * len(rooms) - GAP * (len(rooms) - 1)) / 2
        for at, room in enumerate(rooms):
            boxes[room] = (begin + at * (wide + GAP), 16 + row * ROW, wide)
    for upper, lower in sorted(nx.transitive_reduction(room_imports()).edges):
        (x, y, wide), (u, v, other) = boxes[upper], boxes[lower]
        start, end = (x + wide / 2, y + BOX), (u + other / 2, v)
        bend = (end[1] - start[1]) / 2
        parts.append(
            f'<path d="M{start[0]:.0f} {start[1]:.0f} C{start[0]:.0f} {start[1] + bend:.0f} {end[0]:.0f} '
            f'{end[1] - bend:.0f} {end[0]:.0f} {end[1] - 3:.0f}" fill="none" stroke="{RULE}" stroke-width="1.5" '
            'marker-end="url(#tip)"/>'
        )
    for room, (x, y, wide) in boxes.items():
        package, name = room.split(".")
        parts += [
            f'<rect x="{x:.0f}" y="{y}" width="{wide:.0f}" height="{BOX}" rx="4" fill="{FILL[package]}" '
            f'stroke="{QUIET}"/>',
            f'<text x="{x + wide / 2:.0f}" y="{y + 17}" text-anchor="middle" fill="{INK}" font-weight="bold">'
            f"{escape(name)}</text>",
            f'<text x="{x + wide / 2:.0f}" y="{y + 32}" text-anchor="middle" fill="{QUIET}" font-size="11">'
            f"{package}, {modules(room)} modules</text>",
        ]
    height = 16 + len(arranged) * ROW
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" font-size="14" '
        'font-family="Arial, Helvetica, sans-serif"><title>The rooms of Ringfence: each imports only rooms below it'
        f'</title><defs><marker id="tip" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="7" markerHeight="7" '
        f'orient="auto"><path d="M0 0 8 4 0 8z" fill="{RULE}"/></marker></defs>'
        f'<rect width="{WIDTH}" height="{height}" fill="#FFFFFF"/>{"".join(parts)}</svg>\n'
    )


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8", newline="\n")
