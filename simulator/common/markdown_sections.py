"""A Markdown page as a tree of its sections, for programs that quote the documentation or check it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from simulator.common.errors import UnknownNameError

_HEADING = re.compile(r"(#{1,6}) (.+)")


@dataclass(frozen=True)
class Section:
    """A heading, the text below it up to the next heading, and the sections within it."""

    title: str
    level: int
    text: str
    parts: tuple[Section, ...]

    def part(self, title: str) -> Section:
        """The section of this title within. Raises LookupError."""
        for part in self.parts:
            if part.title == title:
                return part
        raise UnknownNameError(f"“{self.title}” has no part “{title}”")

    def rows(self) -> tuple[tuple[str, ...], ...]:
        """The rows of the table in the text, heading and rule left out."""
        lines = [line for line in self.text.splitlines() if line.startswith("|")]
        return tuple(tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines[2:])


def read_sections(page: str) -> tuple[Section, ...]:
    """The sections of a page, those within others among their `parts`; lines in fenced code are no headings."""
    flat: list[tuple[int, str, list[str]]] = []
    fenced = False
    for line in page.splitlines():
        fenced ^= line.startswith("```")
        heading = None if fenced else _HEADING.fullmatch(line)
        if heading:
            flat.append((len(heading[1]), heading[2].strip(), []))
        elif flat:
            flat[-1][2].append(line)
    return tuple(_nest(flat))


def _nest(flat: Sequence[tuple[int, str, list[str]]]) -> Iterator[Section]:
    first = 0
    while first < len(flat):
        level, title, lines = flat[first]
        after = next((k for k in range(first + 1, len(flat)) if flat[k][0] <= level), len(flat))
        yield Section(title, level, "\n".join(lines).strip(), tuple(_nest(flat[first + 1 : after])))
        first = after
