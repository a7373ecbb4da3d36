"""The page about the architecture names files that exist, and its picture is drawn from today's imports."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

pytestmark = pytest.mark.architecture

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_every_file_and_folder_that_the_page_names_exists() -> None:
    named = set(re.findall(r"`((?:simulator|dashboards|scenarios|scripts)/[\w/.]*)`", PAGE))
    assert len(named) > 40
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


def test_the_page_says_what_every_room_is_for() -> None:
    rooms = {f"{path.parent.relative_to(ROOT).as_posix()}/" for path in ROOT.glob("[sd]*/*/__init__.py")}
    rooms = {room for room in rooms if room.startswith(("simulator/", "dashboards/"))}
    table = PAGE[PAGE.index("## Where is it?") : PAGE.index("## Four walks")]
    assert len(rooms) > 25
    assert sorted(room for room in rooms if f"`{room}" not in table) == []


@pytest.mark.parametrize(
    ("walk", "most"), [("A lever's value", 7), ("A slider's move", 6), ("A draw of the posterior", 4), ("A sweep's", 6)]
)
def test_a_walk_leads_through_few_rooms(walk: str, most: int) -> None:
    (told,) = [part for part in PAGE.split("\n\n") if part.startswith(f"**{walk}")]
    rooms = {tuple(name.split("/")[:2]) for name in re.findall(r"`((?:simulator|dashboards)/[\w/]+)", told)}
    assert 1 < len(rooms) <= most


def test_the_picture_of_the_rooms_is_the_one_that_the_imports_give() -> None:
    drawn = runpy.run_path(str(ROOT / "scripts" / "draw_rooms.py"))["picture"]()
    assert drawn == (ROOT / "docs" / "images" / "rooms.svg").read_text(encoding="utf-8")
