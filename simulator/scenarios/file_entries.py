"""Reads YAML files of entries by name, each with its reason: priors, targets, replays, designs, structure weights."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from simulator.common.yaml_nodes import MappingNode, Node, Problems, ScalarNode, ScenarioError, read_fields, read_text
from simulator.scenarios.field_validation import drop_duplicates, read_assumption, read_evidence, require_text

REASONS = ("because", "evidence", "assumption")
T = TypeVar("T")


def read_yaml_file(path: Path, notes: Problems, parse: Callable[[MappingNode, str], T | None]) -> T:
    """What `parse` makes of a file's fields and its text. Raises ScenarioError, which lists every problem."""
    text = read_text(path, notes)
    fields = None if text is None else read_fields(text, notes)
    parsed = None if text is None or fields is None else parse(fields, text)
    if parsed is None or notes.problems:
        raise ScenarioError(sorted(notes.problems, key=lambda problem: (problem.file != notes.file, problem.line)))
    return parsed


def list_entries(node: Node | None, key: str, example: str, notes: Problems) -> list[tuple[str, MappingNode, int]]:
    """The entries of a mapping from names to mappings, with their lines; problems are noted."""
    if not isinstance(node, MappingNode) or not node.pairs:
        notes.add(node.line if node else 1, key, f"must be a mapping from a name to {example}")
        return []
    entries = []
    for name, body in drop_duplicates(node, f"{key}.", notes):
        if notes.full:
            break
        if isinstance(body, MappingNode):
            entries.append((name.text, body, name.line))
        else:
            notes.add(name.line, f"{key}.{name.text}", f"must be a mapping such as {example}")
    return entries


def read_reasons(values: Mapping[str, Node], where: str, line: int, notes: Problems) -> str:
    """The reason of an entry, which must cite evidence or be marked as an assumption; problems are noted."""
    because = require_text(values, "because", f"{where}.", line, notes)
    assumption = read_assumption(values.get("assumption"), f"{where}.assumption", notes)
    read_evidence(values.get("evidence"), assumption, f"{where}.evidence", line, notes)
    return because


def read_finite(node: Node | None, where: str, line: int, notes: Problems) -> float:
    """A finite number; 0.0 where there is none, which is noted."""
    number = node.number if isinstance(node, ScalarNode) else None
    if node is None:
        notes.add(line, where, "is missing")
    elif number is None or not math.isfinite(number):
        notes.add(node.line, where, "must be a number, without quotes")
    return number if number is not None and math.isfinite(number) else 0.0
