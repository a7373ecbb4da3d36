"""Every decision is a page that its list names, with reasons, and one that is succeeded names a page that is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from simulator.assurance.descriptions import write_decisions

pytestmark = pytest.mark.declarations

FOLDER = Path(__file__).parents[2] / "docs" / "decisions"
PAGES = {path.name: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("[0-9]*.md"))}


def test_the_list_of_decisions_names_every_page_once_and_in_order() -> None:
    rows = re.findall(r"^\| \[(\d{4})\]\(([^)]+)\) \| .+ \|$", (FOLDER / "README.md").read_text("utf-8"), re.MULTILINE)
    assert [name for _, name in rows] == list(PAGES)
    assert all(name.startswith(f"{number}-") for number, name in rows)


def test_every_decision_has_its_number_a_context_and_a_choice() -> None:
    bare = [
        name
        for name, text in PAGES.items()
        if not (
            text.startswith(f"# {name[:4]}") and all(re.search(rf"\b{part}\b", text) for part in ("Context", "Choice"))
        )
    ]
    assert not bare


def test_a_decision_that_another_one_succeeds_names_a_page_that_is_there() -> None:
    lines = {name: re.match(r"# .+\n\n\*(?![*\s])(.+)\*\n", text) for name, text in PAGES.items()}
    said = {name: re.findall(r"\]\(([^)]+)\)", found[1]) for name, found in lines.items() if found}
    assert said and all(pages and set(pages) <= set(PAGES) for pages in said.values()), said


def test_decisions_that_change_each_other_say_so_both_ways() -> None:
    found = {name: re.match(r"# .+\n\n\*(?![*\s])(.+)\*\n", text) for name, text in PAGES.items()}
    notes = {name: re.findall(r"\]\(([^)]+)\)", note[1]) for name, note in found.items() if note}
    silent = [
        f"{other} does not name {name}"
        for name, others in notes.items()
        for other in others
        if name not in PAGES[other]
    ]
    assert not silent
    early, late = "0060-the-model-in-one-file.md", "0068-scenario-files-in-the-page.md"
    assert late in notes[early] and early in notes[late]


def test_what_is_read_of_a_decision_ends_with_a_sentence_and_not_before_its_list() -> None:
    rows = {str(row[0]): [str(cell) for cell in row[2:4]] for row in write_decisions().sheets[0].rows}
    assert len(rows) == len(PAGES)
    assert [number for number, cells in rows.items() if any(cell.rstrip().endswith(":") for cell in cells)] == []
    assert "Boards that are listed" in rows["0110"][0] and "pickled Results" in rows["0056"][1]


def test_decisions_name_modules_that_are_there() -> None:
    root = FOLDER.parents[1]
    rooms = [root / room for room in ("simulator", "dashboards", "scripts", "tests")]
    there = [path.relative_to(root).as_posix() for room in rooms for path in room.rglob("*.py")]
    named = {(name, path) for name, text in PAGES.items() for path in re.findall(r"`([\w/]+\.py)`", text)}
    assert [pair for pair in sorted(named) if not any(f"/{path}".endswith(f"/{pair[1]}") for path in there)] == []
