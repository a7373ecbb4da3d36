"""Parses a scenario file into plain nodes that know their line, and refuses what a scenario never needs.

Nodes are built from the parser's events one by one, so that nothing in a file is ever executed or expanded: anchors,
aliases, tags and deep nesting are refused at once.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from simulator.common.characters import make_visible
from simulator.common.errors import InputError
from simulator.common.near_names import suggest
from simulator.common.numbers import NotReadableError, WrittenNumber, parse_number, parse_switch_word, read_number

__all__ = [
    "ListNode",
    "MappingNode",
    "Node",
    "Problem",
    "Problems",
    "ScalarNode",
    "ScenarioError",
    "describe_no_number",
    "is_readable",
    "read_fields",
    "read_text",
    "suggest",
    "why_unreadable",
]

LARGEST = 256 * 1024
DEEPEST = 8
MOST_PROBLEMS = 100
MOST_PARTS = 20_000  # the longest scenario of the library has 330; so many are read in a second or two
MOST_MARKS = 6
_DIRECTION_MARKS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

# What the parser raises besides its own errors, for example on "\U00110000".
_PARSER_SLIPS = (ValueError, ArithmeticError, LookupError, TypeError, AttributeError, AssertionError)


@dataclass(frozen=True)
class Problem:
    """One mistake: the file as the user named it, the line from 1 (0 outside files), the place in it, the message."""

    file: str
    line: int
    path: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(part for part in (where, self.path, self.message) if part)


class ScenarioError(InputError):
    """A scenario cannot be used. `problems` lists everything that is wrong with it, one line each in the text."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class Problems:
    """Collects the problems of one file. `kind` says what it should be, and `needs` what it must contain."""

    def __init__(
        self,
        file: str,
        kind: str = "scenario",
        needs: str = "a title, a question and changes",
        line: str = "title: ...",
    ) -> None:
        self.file = file
        self.kind = kind
        self.needs = needs
        self.example = line
        self.problems: list[Problem] = []

    def add(self, line: int, path: str, message: str) -> None:
        if len(self.problems) < MOST_PROBLEMS + 20:  # room for those that sum up
            self.problems.append(Problem(self.file, line, make_visible(path, 80), make_visible(message, 400)))

    @property
    def full(self) -> bool:
        """True when there are more problems than anybody would read."""
        return len(self.problems) >= MOST_PROBLEMS


@dataclass(frozen=True)
class ScalarNode:
    """Text; `plain` if it was written without quotes."""

    line: int
    text: str
    plain: bool

    @property
    def written(self) -> WrittenNumber | None:
        """The number written here without quotes, and whether it has a percent sign; or None."""
        if not self.plain:
            return None
        try:
            return read_number(self.text)
        except NotReadableError:
            return None

    @property
    def number(self) -> float | None:
        """The same as a plain number, where 22% is 0.22. It may be infinite: 1e999."""
        written = self.written
        return None if written is None else written.value / 100 if written.percent else written.value

    @property
    def switch(self) -> bool | None:
        """True or False for on, off, true, false, yes or no; None for anything else."""
        return parse_switch_word(self.text) if self.plain else None


@dataclass(frozen=True)
class ListNode:
    """A list."""

    line: int
    items: tuple[Node, ...]


@dataclass(frozen=True)
class MappingNode:
    """A mapping; keys keep their order and line, and may be repeated."""

    line: int
    pairs: tuple[tuple[ScalarNode, Node], ...]


Node = ScalarNode | ListNode | MappingNode


def describe_no_number(node: Node, wanted: str) -> str:
    """Why what stands for a number is none, and what to write: a number in quotes without them, 60% as 0.6."""
    if not isinstance(node, ScalarNode):
        return f"is not a number; write {wanted}"
    try:
        written = f"{parse_number(node.text):g}"
    except NotReadableError:
        return f"'{node.text[:40]}' is not a number; write {wanted}, without quotes"
    return f"'{node.text[:40]}' is not a number; write {written}, without quotes"


class _RefusedError(Exception):
    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


def is_readable(text: str) -> bool:
    """True if the text has no control characters and no lone surrogates."""
    return all(c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs") for c in text)


def why_unreadable(text: str) -> str:
    """Why no page should show a text, as the end of a sentence about it; "" if it may be shown."""
    if not is_readable(text):
        return "contains a control character"
    marks = 0
    for letter in text:
        marks = marks + 1 if unicodedata.category(letter) in ("Mn", "Me") else 0
        if marks > MOST_MARKS:
            return f"puts more than {MOST_MARKS} marks on one letter"
    return "contains characters that change the direction of writing" if _DIRECTION_MARKS.intersection(text) else ""


def read_text(path: Path, notes: Problems) -> str | None:
    """The text of a file, or None with the reason noted."""
    raw = read_raw(path, notes)
    return None if raw is None else decode_text(raw, notes)


def decode_text(raw: bytes, notes: Problems) -> str | None:
    """Bytes as UTF-8 text, or None with the reason noted."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        notes.add(line, "", "is not UTF-8 text; save the file with the encoding UTF-8")
        return None


def read_raw(path: Path, notes: Problems) -> bytes | None:
    """The bytes of a file, or None with the reason noted."""
    try:
        if not path.is_file():
            notes.add(1, "", "is not a file")
            return None
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except OSError as error:
        notes.add(1, "", f"cannot be read: {error.strerror or error}")
        return None
    if len(raw) > LARGEST:
        notes.add(1, "", f"is larger than {LARGEST // 1024} kB: too large for a {notes.kind}")
        return None
    return raw


def read_fields(text: str, notes: Problems, *, shipped: bool = False) -> MappingNode | None:
    """The top mapping of a scenario text, or None with the reason noted.

    A text that ships with Ringfence is read by the parser in C, which is ten times as fast but differs in rare corners
    of YAML; tests hold that every such text gives the same nodes.
    """
    if len(text.encode("utf-8", "surrogatepass")) > LARGEST:
        notes.add(1, "", f"is larger than {LARGEST // 1024} kB: too large for a {notes.kind}")
        return None
    try:
        node = _build(YAML(typ="safe", pure=not shipped).parse(text))
    except _RefusedError as error:
        notes.add(error.line, "", str(error))
        return None
    except ReaderError as error:
        line = text[: error.position].count("\n") + 1
        notes.add(line, "", "contains a control character; remove it")
        return None
    except YAMLError as error:
        notes.add(_find_line(error), "", f"is not valid YAML: {_describe_yaml_error(error)}")
        return None
    except _PARSER_SLIPS:
        notes.add(1, "", "is not valid YAML; a character or an escape in it cannot be read")
        return None
    if node is None or (isinstance(node, ScalarNode) and not node.text):
        notes.add(1, "", f"is empty; a {notes.kind} needs at least {notes.needs}")
        return None
    if not isinstance(node, MappingNode):
        what = f"is not a {notes.kind}: the file must be a mapping, with lines such as '{notes.example}'"
        notes.add(node.line, "", what)
        return None
    return node


def _find_line(error: YAMLError) -> int:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    return mark.line + 1 if mark is not None else 1


def _describe_yaml_error(error: YAMLError) -> str:
    if not isinstance(error, MarkedYAMLError):
        return str(error).splitlines()[0]
    what = str(error.problem or error.context or "cannot be read").replace("<stream end>", "the end of the file")
    if "cannot start any token" in what:
        what += " (put the text in quotes, and indent with spaces only)"
    if "mapping values are not allowed" in what:
        what += " (put text that holds ': ' in quotes)"
    return what


def _build(events: Iterable[Any]) -> Node | None:
    """The node that a stream of parser events describes; only the first document."""
    open_nodes: list[tuple[str, int, list[Node]]] = []
    root: Node | None = None
    for number, event in enumerate(events):
        kind = type(event).__name__
        line = event.start_mark.line + 1
        if number >= MOST_PARTS:
            raise _RefusedError(line, f"contains more than {MOST_PARTS:,} parts, which is too many")
        _refuse(event, kind, line, len(open_nodes), root is not None)
        if kind in ("MappingStartEvent", "SequenceStartEvent"):
            open_nodes.append((kind, line, []))
            continue
        if kind == "ScalarEvent":
            done: Node = ScalarNode(line, str(event.value), not event.style)
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            done = _close_node(*open_nodes.pop())
        else:
            continue
        if open_nodes:
            open_nodes[-1][2].append(done)
        else:
            root = done
    return root


def _refuse(event: Any, kind: str, line: int, depth: int, finished: bool) -> None:
    if kind == "DocumentStartEvent" and finished:
        raise _RefusedError(line, "contains a second document after '---'; a file can have only one")
    if kind == "AliasEvent" or getattr(event, "anchor", None):
        raise _RefusedError(line, "uses '&' or '*' to repeat a part; write the part out, or put the text in quotes")
    if kind in ("ScalarEvent", "MappingStartEvent", "SequenceStartEvent") and getattr(event, "ctag", None):
        raise _RefusedError(line, "uses a tag ('!...'), which is not allowed here")
    if kind in ("MappingStartEvent", "SequenceStartEvent") and depth >= DEEPEST:
        raise _RefusedError(line, f"is nested more than {DEEPEST} levels deep")


def _close_node(kind: str, line: int, parts: Sequence[Node]) -> Node:
    if kind == "SequenceStartEvent":
        return ListNode(line, tuple(parts))
    pairs = []
    for key, value in zip(parts[::2], parts[1::2], strict=True):
        if not isinstance(key, ScalarNode):
            raise _RefusedError(key.line, "has a list or a mapping where a key should be")
        if isinstance(value, ScalarNode) and value.plain and not value.text:
            value = ScalarNode(key.line, "", True)  # the parser finds nothing on the line after
        pairs.append((key, value))
    return MappingNode(line, tuple(pairs))
