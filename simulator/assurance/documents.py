"""The documents that the pack quotes, in a source folder or in an installed package, as blocks."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.charts.sheets import read_picture
from simulator.common.formatting import write_day
from simulator.reports.blocks import Block, Code, Heading, Paragraph, Picture, Points, Table

if TYPE_CHECKING:
    from markdown_it.token import Token

SECONDS = 20
DEEPEST = 5
_FOR_THE_FILE = re.compile(r"^\*\*Contents:\*\* .*\n(?:.+\n)*|(?<=`); do not edit(?=\.)", re.MULTILINE)
"""A list of links within the page, and a warning to editors."""


def find_source_folder() -> Path | None:
    """The folder of the source, with its tests; None for an installed package."""
    root = Path(str(files("simulator"))).parent
    return root if (root / "pyproject.toml").is_file() and (root / "tests").is_dir() else None


def find_document(name: str) -> Path | None:
    """A file or folder of `docs/`, in the source or as it is shipped with the package; None if it is not there."""
    package = Path(str(files("simulator")))
    places = (package / "data" / "docs" / name, package.parent / "docs" / name)
    return next((place for place in places if place.exists()), None)


@cache
def find_change_date(path: Path) -> str:
    """The day on which a file was last changed, as the source's history has it; "" where there is no history."""
    said = _ask_git(path.parent, "log", "-1", "--format=%cs", "--", path.name)
    return write_day(dt.date.fromisoformat(said)) if said else ""


def find_commit(root: Path) -> str:
    """The commit of a source folder, with "-dirty" where files were changed since; "" where there is no history."""
    return _ask_git(root, "describe", "--always", "--dirty", "--exclude=*", "--abbrev=10")


def list_changed_files(root: Path, since: str) -> list[str]:
    """The files that differ from those of a commit, changes that are not committed included; none without a history."""
    return _ask_git(root, "diff", "--name-only", since, "--").splitlines()


def list_tracked_files(root: Path) -> list[str]:
    """The files of a source folder that its history holds; none without a history."""
    return _ask_git(root, "ls-files").splitlines()


def _ask_git(folder: Path, *words: str) -> str:
    try:
        done = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def read_blocks(text: str, below: int = 1, folder: Path | None = None) -> tuple[Block, ...]:
    """Markdown as blocks. Its headings stand `below` levels under where they stood, and no level is left out. Drawings
    are looked for in `folder`; one that is not there is named in words.
    """
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark", {"html": False}).enable("table").parse(text)
    blocks: list[Block] = []
    at, deepest = 0, below
    while at < len(tokens):
        token = tokens[at]
        end = _find_end(tokens, at)
        inner = tokens[at : end + 1]
        if token.type == "heading_open":
            level = min(int(token.tag[1:]) + below, deepest + 1, DEEPEST)
            deepest = level
            blocks.append(Heading(_read_text(inner), level))
        elif token.type == "paragraph_open":
            if picture := _read_picture(inner, folder):
                blocks.append(picture)
            elif text := _read_text(inner):
                blocks.append(Paragraph(text))
        elif token.type in ("bullet_list_open", "ordered_list_open"):
            blocks += _read_list(inner)
        elif token.type == "table_open":
            blocks.append(_read_table(inner))
        elif token.type in ("fence", "code_block"):
            blocks.append(Code(tuple(token.content.rstrip().splitlines())))
        elif token.type == "blockquote_open":
            blocks += [Paragraph(_read_text(_cut(inner, i)), "quiet") for i, t in enumerate(inner) if _opens(t)]
        at = end + 1
    return tuple(blocks)


def _opens(token: Token) -> bool:
    return token.type == "paragraph_open"


def _cut(tokens: list[Token], at: int) -> list[Token]:
    return tokens[at : _find_end(tokens, at) + 1]


def _find_end(tokens: list[Token], at: int) -> int:
    """The place of the token that closes the one at `at`."""
    if tokens[at].nesting != 1:
        return at
    depth = 0
    for place in range(at, len(tokens)):
        depth += tokens[place].nesting
        if depth == 0:
            return place
    return len(tokens) - 1


def _read_text(tokens: list[Token]) -> str:
    """The words of inline tokens; a link keeps its words, and its address where that stands by itself."""
    pieces: list[str] = []
    for token in tokens:
        if token.type != "inline":
            continue
        for part in token.children or ():
            if part.type in ("text", "code_inline"):
                pieces.append(part.content)
            elif part.type == "image":
                pieces.append(f"A picture that stands in the documentation only: {part.content}.")
            elif part.type in ("softbreak", "hardbreak"):
                pieces.append(" ")
    return re.sub(r"[ \t]+", " ", "".join(pieces)).strip()


def _read_picture(tokens: list[Token], folder: Path | None) -> Picture | None:
    """The drawing that a paragraph consists of; None for any other paragraph, and where the file is not there."""
    parts = [part for token in tokens if token.type == "inline" for part in token.children or ()]
    if folder is None or len(parts) != 1 or parts[0].type != "image":
        return None
    path = folder / str(parts[0].attrs.get("src", ""))
    drawn = read_picture(path) if path.suffix == ".svg" and path.is_file() else None
    return None if drawn is None else Picture(drawn, parts[0].content)


def _read_list(tokens: list[Token]) -> list[Block]:
    """A list as points, parted where an entry holds code. What is numbered keeps its numbers."""
    blocks: list[Block] = []
    numbered, entries = tokens[0].type == "ordered_list_open", [""]
    for token in tokens:
        if token.type == "list_item_open" and token.level == tokens[0].level + 1:
            entries.append(f"{token.info}." if numbered else "")
        elif token.type in ("fence", "code_block"):
            blocks += [*_make_points(entries), Code(tuple(token.content.rstrip().splitlines()))]
            entries = [""]
        elif token.type == "inline":
            words = _read_text([token])
            if blocks and len(entries) == 1:  # what follows code within an entry is no entry of its own
                blocks.append(Paragraph(words))
            else:
                entries[-1] = f"{entries[-1]} {words}".strip()
    return blocks + _make_points(entries)


def _make_points(entries: list[str]) -> list[Block]:
    said = tuple(entry for entry in entries if entry)
    return [Points(said)] if said else []


def _read_table(tokens: list[Token]) -> Table:
    rows: list[list[str]] = []
    for place, token in enumerate(tokens):
        if token.type == "tr_open":
            rows.append([])
        elif token.type in ("th_open", "td_open"):
            rows[-1].append(_read_text(_cut(tokens, place)))
    head, *body = rows
    return Table(tuple(head), tuple(tuple(row) for row in body))


def read_document(name: str, below: int = 1) -> tuple[Block, ...] | None:
    """A document of `docs/` as blocks, without what only its file is for; None if it is not there."""
    path = find_document(name)
    return (
        None
        if path is None
        else read_blocks(_FOR_THE_FILE.sub("", path.read_text(encoding="utf-8")), below, path.parent)
    )
