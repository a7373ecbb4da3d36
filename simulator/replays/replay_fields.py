"""Reads single fields of a replay's file: text, years, counts and numbers in a unit; what is wrong is noted."""

from __future__ import annotations

import re

from simulator.common.characters import normalise_text
from simulator.common.units import Unit
from simulator.common.yaml_nodes import Node, Problems, ScalarNode

_SPELL = re.compile(r"([1-9][0-9]?) (?:to|-) ([1-9][0-9]?)|([1-9][0-9]?)-([1-9][0-9]?)", re.IGNORECASE)


def text_of(node: Node | None) -> str:
    """The text of a field; "" where there is none."""
    return normalise_text(node.text) if isinstance(node, ScalarNode) else ""


def read_years(node: Node | None, where: str, years: int, notes: Problems) -> slice:
    """A year of the replay such as 2, or a spell of years such as 2 to 3; all of them where it is left out."""
    if node is None:
        return slice(0, years)
    number = node.number if isinstance(node, ScalarNode) else None
    spell = _SPELL.fullmatch(text_of(node))
    ends = [int(part) for part in spell.groups() if part] if spell else []
    if number is not None and number.is_integer():
        ends = [int(number)]
    if not ends or not 1 <= ends[0] <= ends[-1] <= years:
        notes.add(
            node.line,
            where,
            f"must be a year of this replay, from 1 to {years}, or a spell such as 1 to {years}; leave it out for all "
            "together",
        )
        return slice(0, years)
    return slice(ends[0] - 1, ends[-1])


def read_count(node: Node | None, where: str, low: int, high: int, bodies: int, notes: Problems) -> int:
    """A number of groups or bodies, so that none is empty; 0 where it is left out."""
    if node is None:
        return 0
    number = node.number if isinstance(node, ScalarNode) else None
    if number is None or not number.is_integer() or not low <= number <= high:
        notes.add(node.line, where, f"must be a whole number from {low} to {high}: there are {bodies} bodies")
        return 0
    return int(number)


def read_amount(node: Node | None, unit: Unit, where: str, notes: Problems, wanted: str = "a number") -> float | None:
    """A number in a unit: 22% is 0.22 as a share, and 22 as a percentage of something."""
    if node is None:
        return None
    written = node.written if isinstance(node, ScalarNode) else None
    if written is None:
        notes.add(node.line, where, f"must be {wanted}")
        return None
    if unit is not Unit.SHARE:
        return written.value
    number = written.value / 100 if written.percent else written.value
    if abs(number) > 1:
        hint = f"; write {number:g}% or {number / 100:g}" if 1 < number <= 100 else ""
        notes.add(node.line, where, f"{number:g} is not a share, which is 1 at most{hint}")
    return number
