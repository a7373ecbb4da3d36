"""Reads and checks the fields of a scenario file: text, numbers, dates, phases and evidence."""

from __future__ import annotations

import re
from collections.abc import Mapping

from simulator.common.characters import normalise_text
from simulator.common.units import Unit
from simulator.common.yaml_nodes import (
    ListNode,
    MappingNode,
    Node,
    Problems,
    ScalarNode,
    describe_no_number,
    suggest,
    why_unreadable,
)
from simulator.declarations.calendar import QUARTERS, names_a_quarter, parse_quarter, quarter_name
from simulator.declarations.evidence import find_missing
from simulator.declarations.number import Declared
from simulator.scenarios.change import LAST

LARGEST_SCALE = 100.0
LONGEST_TITLE, LONGEST_TEXT, MOST_EVIDENCE = 500, 10_000, 50
Steps = tuple[tuple[int, float], ...]

_PHASE = re.compile(r"([1-9][0-9]?) ?(quarter|year)s?", re.IGNORECASE)


def accepts_on_off(lever: Declared) -> bool:
    """True when a scenario may write on and off for 1 and 0."""
    return lever.about.low == 0 and lever.about.high == 1


def is_empty(node: Node) -> bool:
    """True for a key with nothing after it."""
    return isinstance(node, ScalarNode) and node.plain and node.text in ("", "~", "null")


def drop_duplicates(fields: MappingNode, prefix: str, notes: Problems) -> list[tuple[ScalarNode, Node]]:
    """The pairs of a mapping without repeated keys, which are reported."""
    first: dict[str, int] = {}
    pairs = []
    for key, node in fields.pairs:
        if key.text in first:
            notes.add(key.line, f"{prefix}{key.text}", f"is written twice (first on line {first[key.text]})")
        else:
            first[key.text] = key.line
            pairs.append((key, node))
    return pairs


def read_known_keys(
    fields: MappingNode, prefix: str, known: tuple[str, ...], notes: Problems, meant: Mapping[str, str] | None = None
) -> dict[str, Node]:
    """The known keys of a mapping; unknown and repeated ones are reported. `meant` says how to write what people call
    otherwise.
    """
    fields_by_name = {}
    for key, node in drop_duplicates(fields, prefix, notes):
        if notes.full:
            break
        if key.text in known:
            fields_by_name[key.text] = node
        else:
            other = (meant or {}).get(key.text.lower().strip(), "")
            hint = f"; {other}" if other else suggest(key.text, known) or f"; the keys here are {', '.join(known)}"
            notes.add(key.line, f"{prefix}{key.text}", f"is not a known key{hint}")
    return fields_by_name


def require_text(fields: Mapping[str, Node], key: str, prefix: str, line: int, notes: Problems) -> str:
    """Read text that is required and must not be empty."""
    node = fields.get(key)
    if node is None:
        notes.add(line, f"{prefix}{key}", "is missing")
    elif not isinstance(node, ScalarNode):
        notes.add(node.line, f"{prefix}{key}", "must be text")
    elif not node.text.strip() or is_empty(node):
        notes.add(node.line, f"{prefix}{key}", "is empty; say something")
    elif len(node.text.strip()) > (longest := LONGEST_TITLE if key == "title" else LONGEST_TEXT):
        notes.add(node.line, f"{prefix}{key}", f"has {len(node.text.strip()):,} letters; at most {longest:,}")
    elif wrong := why_unreadable(node.text):
        notes.add(node.line, f"{prefix}{key}", wrong)
    else:
        return node.text.strip()
    return ""


def read_value(lever: Declared, kind: str, node: Node, where: str, notes: Problems) -> float:
    """The number of to, add, scale or a path entry; values out of bounds are reported."""
    about = lever.about
    number = node.number if isinstance(node, ScalarNode) else None
    if number is None and kind in ("to", "path") and accepts_on_off(lever) and isinstance(node, ScalarNode):
        number = None if node.switch is None else float(node.switch)
    if number is None:
        hint = "on, off or a number" if accepts_on_off(lever) and kind in ("to", "path") else "a number"
        notes.add(node.line, where, describe_no_number(node, hint))
        return 0.0
    if about.unit is Unit.SWITCH and (kind in ("add", "scale") or number not in (0.0, 1.0)):
        notes.add(node.line, where, f"'{lever.name}' is a switch: set it with 'to: on' or 'to: off'")
    elif kind == "add" and not abs(number) <= about.high - about.low:
        notes.add(node.line, where, f"{number:g} is more than the whole range of '{lever.name}'")
    elif kind == "scale" and not 0 <= number <= LARGEST_SCALE:
        notes.add(node.line, where, f"{number:g} is not between 0 and {LARGEST_SCALE:g}")
    elif kind in ("to", "path") and number > about.high:
        hint = f"; {number:g}% is {number / 100:g}" if about.high == 1 and 2 <= number <= 100 else ""
        notes.add(node.line, where, f"{number:g} is above {about.high:g} (the highest value of '{lever.name}'){hint}")
    elif kind in ("to", "path") and not number >= about.low:
        notes.add(node.line, where, f"{number:g} is below {about.low:g} (the lowest value of '{lever.name}')")
    return number


def read_path(lever: Declared, node: Node, where: str, notes: Problems) -> Steps:
    """The (quarter index, value) entries of a path, in order of time; problems are noted."""
    if not isinstance(node, MappingNode) or not node.pairs:
        notes.add(node.line, where, "must be a mapping from quarter to value, such as {2023/24: 1, 2024/25 Q3: 0}")
        return ()
    entries: list[tuple[int, float]] = []
    for key, value in drop_duplicates(node, f"{where}.", notes):
        quarter = _read_quarter(key, f"{where}.{key.text}", notes, last=False)
        number = read_value(lever, "path", value, f"{where}.{key.text}", notes)
        if quarter is None:
            continue
        if entries and quarter <= entries[-1][0]:
            notes.add(key.line, f"{where}.{key.text}", "comes before or with the entry above; keep the order of time")
        entries.append((quarter, number))
    return tuple(entries)


def _read_quarter(node: Node, where: str, notes: Problems, last: bool) -> int | None:
    """A quarter index; a year alone means its first quarter, or its last when `last`."""
    if not isinstance(node, ScalarNode):
        notes.add(node.line, where, "must be a quarter such as 2027/28 Q1")
        return None
    try:
        quarter = parse_quarter(node.text)
    except ValueError as error:
        notes.add(node.line, where, str(error))
        return None
    if last and not names_a_quarter(node.text):
        quarter += 3
    if 0 <= quarter < QUARTERS:
        return quarter
    notes.add(node.line, where, f"'{node.text}' is outside {quarter_name(0)} to {quarter_name(LAST)}")
    return None


def read_dates(
    lever: Declared,
    fields: Mapping[str, Node],
    path: Steps,
    where: str,
    line: int,
    notes: Problems,
) -> tuple[int, int, int]:
    """First quarter, last quarter and length of the phase-in; problems are noted."""
    start: int | None = path[0][0] if path else None
    if "path" in fields:
        for key in ("from", "phase"):
            if key in fields:
                notes.add(fields[key].line, f"{where}.{key}", "does not go with a path, which carries its own dates")
    elif "from" in fields:
        start = _read_quarter(fields["from"], f"{where}.from", notes, last=False)
    else:
        notes.add(line, f"{where}.from", "is missing; say from when, such as 2027/28 Q1")
    end: int | None = LAST
    if "until" in fields:
        end = _read_quarter(fields["until"], f"{where}.until", notes, last=True)
    phase = _read_phase(lever, fields["phase"], f"{where}.phase", notes) if "phase" in fields else 0
    if start is None or end is None:
        return 0, LAST, phase
    if end < max([start, *(q for q, _ in path)]):
        notes.add(fields["until"].line, f"{where}.until", f"{quarter_name(end)} is before the change is complete")
    elif end < LAST and phase > end - start + 1:
        message = f"{phase} quarters are more than the {end - start + 1} that the change lasts"
        notes.add(fields["phase"].line, f"{where}.phase", message)
    return start, end, phase


def _read_phase(lever: Declared, node: Node, where: str, notes: Problems) -> int:
    match = _PHASE.fullmatch(normalise_text(node.text)) if isinstance(node, ScalarNode) else None
    if not match:
        notes.add(node.line, where, "must be a length such as '4 quarters' or '2 years'")
        return 0
    if lever.about.unit is Unit.SWITCH:
        notes.add(node.line, where, f"'{lever.name}' is a switch and cannot be phased in")
    quarters = int(match[1]) * (4 if match[2].lower() == "year" else 1)
    if quarters > QUARTERS:
        notes.add(node.line, where, f"{quarters} quarters are more than the {QUARTERS} of the calendar")
    return quarters


def read_assumption(node: Node | None, where: str, notes: Problems) -> bool | None:
    """Whether a change is marked as an assumption; None where that cannot be read, which is noted."""
    if node is None:
        return False
    marked = node.switch if isinstance(node, ScalarNode) else None
    if marked is None:
        notes.add(node.line, where, "must be true or false")
    return marked


def read_evidence(
    node: Node | None, assumption: bool | None, where: str, line: int, notes: Problems
) -> tuple[str, ...]:
    """The ids that a change cites; unknown ids, and none without an assumption, are noted.

    `assumption` is None where it could not be read: one mistake is not reported twice.
    """
    if node is None:
        notes.add(line, where, "is missing; cite ids of the register, or write 'evidence: []' with 'assumption: true'")
        return ()
    if not isinstance(node, ListNode):
        notes.add(node.line, where, "must be a list of ids, such as [E60, R07]")
        return ()
    if len(node.items) > MOST_EVIDENCE:
        notes.add(node.line, where, f"has {len(node.items):,} ids; at most {MOST_EVIDENCE}")
        return ()
    ids = tuple(normalise_text(item.text) for item in node.items if isinstance(item, ScalarNode))
    unknown = set(find_missing(ids))
    for item in node.items:
        if not isinstance(item, ScalarNode):
            notes.add(item.line, where, "must be a list of ids, such as [E60, R07]")
        elif normalise_text(item.text) in unknown:
            notes.add(item.line, where, f"'{item.text[:40]}' is not in the register of evidence")
    if not node.items and assumption is False:
        notes.add(node.line, where, "is empty; cite evidence, or write 'assumption: true'")
    return ids
