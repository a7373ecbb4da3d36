"""Designs: what a user could ask for next, as text on a command line or as a YAML file.

A text has parts that are asked for together, with semicolons between them:

    retained of 12 boards, 2022/23
    retained of QWO, QF7 and QHM, 2022/23 and 2023/24, error 10%
    retained of 42 boards, 2022/23; score of 42 boards, 2022/23, reliability 0.5

A file holds several: `designs`, each with a `name` and under `ask` one such text or a list of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simulator.boards.table import read_boards
from simulator.common.errors import InputError, UnknownNameError
from simulator.common.formatting import join_words, number_of
from simulator.common.near_names import suggest
from simulator.common.numbers import NotReadableError, parse_number
from simulator.common.paths import expand_path
from simulator.common.yaml_nodes import ListNode, MappingNode, Node, Problems, ScalarNode, ScenarioError, read_fields
from simulator.common.yaml_nodes import read_text as read_file_text
from simulator.declarations.calendar import parse_year, year_name
from simulator.evidence.figure_readers import HISTORY, SMALLEST_ERROR, list_board_outcomes
from simulator.scenarios.field_validation import read_known_keys, require_text

SCORE = "score"
ERROR, RELIABILITY = 0.05, 0.5
FEWEST_SCORED = 5
FORM = "write for example 'retained of 12 boards, 2022/23, error 5%'"
_PART = re.compile(r"^(?P<what>[a-z0-9_ ]+?)\s+of\s+(?P<rest>.+)$", re.IGNORECASE)


class StudyDesignError(ScenarioError):
    """A file of designs cannot be used. `problems` lists everything that is wrong with it."""


@dataclass(frozen=True)
class Question:
    """One part of a design: an outcome of boards in some years with the standard deviation of its error, or a score of
    their chiefs with its reliability: the share of its variance that is theirs.
    """

    what: str
    boards: tuple[str, ...]
    years: tuple[int, ...]
    error: float = ERROR
    reliability: float = RELIABILITY

    @property
    def is_score(self) -> bool:
        """Whether it is a score of chiefs."""
        return self.what == SCORE

    @property
    def text(self) -> str:
        """The question as a command line takes it, with boards named where they are not all or evenly chosen."""
        count = len(self.boards)
        even = self.boards == choose_boards(count)
        boards = f"{count} boards" if even else ", ".join(self.boards)
        years = join_words([year_name(year) for year in self.years])
        quality = f"reliability {self.reliability:g}" if self.is_score else f"error {self.error:g}"
        return f"{self.what} of {boards}, {years}, {quality}"


@dataclass(frozen=True)
class Design:
    """What would be asked for together. A design without questions asks nothing."""

    name: str
    questions: tuple[Question, ...]

    @property
    def text(self) -> str:
        """The design as a command line takes it."""
        return "; ".join(question.text for question in self.questions)


def choose_boards(count: int) -> tuple[str, ...]:
    """So many of the 42 boards, at even steps of their share of the fund, so that small and large ones are asked."""
    table = read_boards()
    order = np.argsort(table.areas["alloc"], kind="stable")
    steps = ((np.arange(count) + 0.5) * len(table) / max(count, 1)).astype(int)
    return tuple(sorted(table.codes[k] for k in order[steps]))


def parse_design(text: str) -> Design:
    """A design from its text. Raises InputError that says what is wrong with which part."""
    parts = [part.strip() for part in text.split(";") if part.strip()]
    if not parts:
        raise InputError(f"the design '{text}' asks nothing; {FORM}")
    return Design(text.strip(), tuple(_parse_question(part) for part in parts))


def _parse_question(text: str) -> Question:
    match = _PART.match(text)
    if not match:
        raise InputError(f"'{text}' is no design; {FORM}")
    what = match["what"].strip().lower().replace(" ", "_").removeprefix("chief_")
    known = [*list_board_outcomes(), SCORE]
    if what not in known:
        hint = suggest(what, known)
        raise InputError(f"'{text}': '{what}' cannot be asked of a board{hint}; there are {join_words(known)}")
    boards: list[str] = []
    years: list[int] = []
    numbers = {"error": ERROR, "reliability": RELIABILITY}
    for piece in (p.strip() for p in re.split(r",|\band\b", match["rest"]) if p.strip()):
        word, _, number = piece.partition(" ")
        if word.lower() in numbers:
            numbers[word.lower()] = _read_number(text, word.lower(), number)
        elif re.fullmatch(r"\d+ boards?", piece):
            boards += choose_boards(_read_count(text, int(word)))
        elif re.fullmatch(r"all( \d+)? boards|every board", piece):
            boards += read_boards().codes
        elif re.match(r"\d{4}", piece):
            years.append(_read_year(text, piece))
        else:
            boards.append(_find_board(text, piece))
    return _check_question(text, Question(what, tuple(sorted(set(boards))), tuple(sorted(set(years))), **numbers))


def _check_question(text: str, question: Question) -> Question:
    if not question.boards:
        raise InputError(f"'{text}' names no boards; {FORM}")
    if not question.years:
        raise InputError(f"'{text}' names no year; {FORM}")
    if question.is_score and len(question.boards) < FEWEST_SCORED:
        raise InputError(f"'{text}': a score needs at least {FEWEST_SCORED} boards")
    if not 0 <= question.reliability <= 1:
        raise InputError(f"'{text}': a reliability is a share from 0 to 1, the part of a score that is the chief's")
    if not question.error >= SMALLEST_ERROR:
        raise InputError(f"'{text}': an error below {SMALLEST_ERROR:g} is too small to be weighed")
    if not question.error <= 1:
        raise InputError(f"'{text}': the error of a share lies from {SMALLEST_ERROR:g} to 1; write 5% or 0.05")
    return question


def _read_number(text: str, name: str, number: str) -> float:
    try:
        return float(parse_number(number.strip()))
    except NotReadableError as problem:
        raise InputError(f"'{text}': {name}: {problem}") from problem


def _read_count(text: str, count: int) -> int:
    if not 1 <= count <= len(read_boards()):
        raise InputError(
            f"'{text}': there are {len(read_boards())} boards, so ask for 1 to {len(read_boards())} of them"
        )
    return count


def _read_year(text: str, piece: str) -> int:
    try:
        year = parse_year(piece)
    except NotReadableError as problem:
        raise InputError(f"'{text}': {problem}") from problem
    if year is None or not 0 <= year < HISTORY:
        raise InputError(
            f"'{text}': {piece} is outside {year_name(0)} to {year_name(HISTORY - 1)}, which can be asked about"
        )
    return year


def _find_board(text: str, piece: str) -> str:
    table = read_boards()
    try:
        if table.about(piece):
            raise InputError(f"'{text}': '{piece}' is formed by a merger; name the boards that it is formed from")
        return table.codes[table.position(piece)]
    except (UnknownNameError, LookupError) as problem:
        raise InputError(f"'{text}': {problem}") from problem


def read_designs(path: str | Path) -> list[Design]:
    """The designs in a YAML file. Raises StudyDesignError with every problem and its line."""
    notes = Problems(str(path), "file of designs", "designs, each with a name and what to ask")
    text = read_file_text(expand_path(path), notes)
    root = None if text is None else read_fields(text, notes)
    designs: list[Design] = []
    if root is not None:
        top = read_known_keys(root, "", ("designs",), notes)
        node = top.get("designs")
        if isinstance(node, ListNode) and node.items:
            designs = [design for k, item in enumerate(node.items, 1) if (design := _read_entry(item, k, notes))]
        else:
            notes.add(node.line if node else 1, "designs", "must be a list of designs, each with a name and ask")
    if notes.problems or not designs:
        raise StudyDesignError(notes.problems)
    return designs


def _read_entry(item: Node, number: int, notes: Problems) -> Design | None:
    where = f"designs[{number}]"
    if not isinstance(item, MappingNode):
        notes.add(item.line, where, "must be a mapping with a name and ask")
        return None
    fields = read_known_keys(item, f"{where}.", ("name", "ask"), notes)
    name = require_text(fields, "name", f"{where}.", item.line, notes)
    ask = fields.get("ask")
    asked = ask.items if isinstance(ask, ListNode) else [ask] if ask is not None else []
    questions: list[Question] = []
    for node in asked:
        try:
            text = node.text if isinstance(node, ScalarNode) else ""
            questions += parse_design(text).questions
        except InputError as problem:
            notes.add(node.line, f"{where}.ask", str(problem))
    if ask is None:
        notes.add(item.line, f"{where}.ask", f"is missing; {FORM}")
    return Design(name, tuple(questions))


def describe_question(question: Question) -> str:
    """A question as a request says it, with the boards by name."""
    table = read_boards()
    names = [f"{table.names[table.position(code)]} ({code})" for code in question.boards]
    years = join_words([year_name(year) for year in question.years])
    if len(names) == len(table):
        whom = f"all {len(names)} boards"
    else:
        whom = f"{number_of(len(names), 'board')}: {'; '.join(names)}"
    return f"{years}, {whom}"
