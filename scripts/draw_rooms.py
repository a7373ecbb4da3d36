"""Draws docs/images/rooms.svg: the rooms in their layers, and which of them import which, as the sources say."""

from __future__ import annotations

import tomllib
from pathlib import Path

import grimp
import networkx as nx

from simulator.charts.palette import INK, QUIET, WHITE
from simulator.charts.svg import Lettering, Stroke, draw_rect, draw_text, make_element
from simulator.charts.svg import make_picture as draw_picture
from simulator.common.html import join_pieces

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "images" / "rooms.svg"
WIDTH, LEFT, ROW, BOX, GAP = 1100, 20, 74, 40, 14
RULE = "#AEB7BD"
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
        start, end = (round(x + wide / 2), y + BOX), (round(u + other / 2), v)
        bend = round((end[1] - start[1]) / 2)
        curve = f"M{start[0]} {start[1]} C{start[0]} {start[1] + bend} {end[0]} {end[1] - bend} {end[0]} {end[1] - 3}"
        look = {"fill": "none", "stroke": RULE, "stroke-width": 1.5, "marker-end": "url(#tip)"}
        parts.append(make_element("path", {"d": curve, **look}))
    for room, (x, y, wide) in boxes.items():
        package, name = room.split(".")
        middle, count = round(x + wide / 2), f"{package}, {modules(room)} modules"
        parts += [
            draw_rect(round(x), y, round(wide), BOX, FILL[package], Stroke(QUIET), radius=4),
            draw_text(middle, y + 17, name, Lettering(weight=700, fill=INK, anchor="middle")),
            draw_text(middle, y + 32, count, Lettering(size=11, fill=QUIET, anchor="middle")),
        ]
    title = "The rooms of Ringfence: each imports only rooms below it"
    description = "Rooms as boxes in layers, with arrows to the rooms that they import, those that follow left out."
    tip = make_element("path", {"d": "M0 0 8 4 0 8z", "fill": RULE})
    box = {"viewBox": "0 0 8 8", "refX": 6, "refY": 4, "markerWidth": 7, "markerHeight": 7, "orient": "auto"}
    arrow = make_element("defs", {}, make_element("marker", {"id": "tip", **box}, tip))
    size = WIDTH, 16 + len(arranged) * ROW
    body = join_pieces([arrow, draw_rect(0, 0, *size, WHITE), *parts])
    return f"{draw_picture('rooms', size, title, description, body, alone=True)}\n"


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8", newline="\n")
