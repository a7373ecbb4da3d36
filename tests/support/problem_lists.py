"""Files as people write them, and what is wrong with them, for tests of readers that report every problem at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from simulator.common.yaml_nodes import Problem, ScenarioError

Mistake = tuple[str, str, int, str, str]
"""A text of a good file, what a bad one has instead, and the line, place and words of the problem."""


def write_file(folder: Path, text: str, name: str = "mine.yaml") -> Path:
    """A file with this text."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def problems_of(read: Callable[[], object], error: type[ScenarioError] = ScenarioError) -> tuple[Problem, ...]:
    """Every problem that `read` reports; it fails the test if it reports none."""
    with pytest.raises(error) as caught:
        read()
    return caught.value.problems


def check_problem(problems: Sequence[Problem], line: int, path: str, words: str) -> None:
    """Fail unless there is one problem, at this line and place, whose message holds these words."""
    assert [(problem.line, problem.path) for problem in problems] == [(line, path)], [str(p) for p in problems]
    assert words in problems[0].message


def check_mistake(mistake: Mistake, good: str, report: Callable[[str], Sequence[Problem]]) -> None:
    """Fail unless `report` gives one problem with the good text after the mistake is made in it: the one expected."""
    old, new, line, path, words = mistake
    assert old in good
    check_problem(report(good.replace(old, new)), line, path, words)


def read_cases(path: Path) -> list[tuple[str, str, str]]:
    """The cases of a file, two lines each: what is written; then, indented, its problem's place and words."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    problems = [line.strip().partition(": ") for line in lines[1::2]]
    return [(written, place, words) for written, (place, _, words) in zip(lines[::2], problems, strict=True)]


def read_mistakes(path: Path) -> list[Mistake]:
    """The mistakes of a file whose cases are written `old => new`, with places such as `line 3, title`."""
    mistakes = []
    for written, place, words in read_cases(path):
        (old, _, new), (line, _, name) = written.partition(" =>"), place.partition(", ")
        mistakes.append((old, new.removeprefix(" "), int(line.removeprefix("line ")), name, words))
    return mistakes
