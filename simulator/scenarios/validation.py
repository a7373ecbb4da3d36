"""Checks a scenario file against the declarations and reports every mistake in it at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from numbers import Real
from pathlib import Path
from typing import cast

from simulator.common.pinned_names import split_pin
from simulator.common.yaml_nodes import (
    ListNode,
    MappingNode,
    Node,
    Problems,
    ScalarNode,
    is_readable,
    read_fields,
    suggest,
)
from simulator.declarations.calendar import quarter_name
from simulator.declarations.levers import LEVERS
from simulator.declarations.number import Declared
from simulator.declarations.plugin import find_plugin
from simulator.scenarios.change import Change, Kind
from simulator.scenarios.field_validation import (
    Steps,
    drop_duplicates,
    is_empty,
    read_assumption,
    read_dates,
    read_evidence,
    read_known_keys,
    read_path,
    read_value,
    require_text,
)

TOMBSTONES: Mapping[str, str] = {}
"""Levers that once existed: name -> what became of it and what to write instead."""

INTERVENTIONS = 45
MOST_PARENTS = 16
TOP_KEYS = ("title", "question", "extends", "interventions", "cannot_say", "plugin", "changes")
KINDS = ("to", "add", "scale", "path")
CHANGE_KEYS = (*KINDS, "from", "until", "phase", "because", "evidence", "assumption")


@dataclass(frozen=True)
class ScenarioFile:
    """The checked content of one file, before its parents are read. `extends` pairs each name with its line."""

    source: str
    title: str
    question: str
    extends: tuple[tuple[str, int], ...]
    several: bool
    interventions: tuple[int, ...]
    cannot_say: str
    changes: tuple[Change, ...]


@cache
def check_shipped_file(text: str, file: str) -> ScenarioFile | None:
    """Read a scenario text of the library, fast, and each only once; None for a text with problems."""
    notes = Problems(file)
    written = check_file(text, file, notes, shipped=True)
    return None if notes.problems else written


def check_file(text: str, file: str, notes: Problems, *, shipped: bool = False) -> ScenarioFile | None:
    """Read a scenario text and report every problem in it; None if nothing can be read. `file` names it in messages."""
    fields = read_fields(text, notes, shipped=shipped)
    if fields is None:
        return None
    top = read_known_keys(fields, "", TOP_KEYS, notes)
    source = Path(file).name
    extends, several = _read_extends(top.get("extends"), notes)
    lacks_plugin = _lacks_plugin(top.get("plugin"), notes)
    changes: list[Change] = []
    body = top.get("changes")
    if isinstance(body, MappingNode):
        for key, node in drop_duplicates(body, "changes.", notes):
            if notes.full:
                notes.add(key.line, "changes", "has more problems; these are the first")
                break
            if not lacks_plugin or key.text in LEVERS:
                changes += _read_lever_changes(key, node, source, notes)
    elif body is not None and not is_empty(body):
        notes.add(body.line, "changes", "must be a mapping from lever to change")
    return ScenarioFile(
        source=source,
        title=require_text(top, "title", "", 1, notes),
        question=require_text(top, "question", "", 1, notes),
        extends=extends,
        several=several,
        interventions=_read_interventions(top.get("interventions"), notes),
        cannot_say=require_text(top, "cannot_say", "", 1, notes) if "cannot_say" in top else "",
        changes=tuple(changes),
    )


def _read_extends(node: Node | None, notes: Problems) -> tuple[tuple[tuple[str, int], ...], bool]:
    if node is None:
        return (), False
    items = node.items if isinstance(node, ListNode) else (node,)
    names = []
    for item in items:
        if isinstance(item, ScalarNode) and item.text.strip() and is_readable(item.text):
            names.append((item.text.strip(), item.line))
        else:
            notes.add(item.line, "extends", "must be the name of a scenario, a path, or a list of them")
    if not items:
        notes.add(node.line, "extends", "is an empty list; leave it out to start from the baseline")
    lines = dict(reversed(names))  # a parent that is named again adds nothing: its first line counts
    parents = tuple((name, lines[name]) for name in dict.fromkeys(name for name, _ in names))
    if len(parents) > MOST_PARENTS:
        notes.add(node.line, "extends", f"names {len(parents):,} scenarios; at most {MOST_PARENTS}")
    return parents[:MOST_PARENTS], isinstance(node, ListNode)


def _lacks_plugin(node: Node | None, notes: Problems) -> bool:
    """Whether a scenario needs a plug-in that is not loaded, which is noted as a problem."""
    if node is None:
        return False
    text = node.text.strip() if isinstance(node, ScalarNode) else ""
    name, wanted = split_pin(text)
    if not name.endswith(".py") or not is_readable(text):
        notes.add(node.line, "plugin", "must be the file of a plug-in, such as reputation.py")
        return True
    loaded = find_plugin()
    if loaded is not None and Path(name).name == loaded.path.name and wanted in ("", loaded.digest):
        return False
    if loaded is None:
        how = "which is not loaded"
    elif Path(name).name == loaded.path.name:
        how = f"and {loaded.reference}, which is loaded, has other content"
    else:
        how = f"and {loaded.path.name} is loaded in its place"
    notes.add(
        node.line,
        "plugin",
        f"this scenario needs the plug-in {text}, {how}: add --plugin {name} to the command (in a notebook, begin with "
        f"rf.plugins.load('{name}'))",
    )
    return True


def _read_interventions(node: Node | None, notes: Problems) -> tuple[int, ...]:
    if node is None:
        return ()
    found: list[int] = []
    for item in node.items if isinstance(node, ListNode) else (node,):
        number = item.number if isinstance(item, ScalarNode) else None
        if number is None or not number.is_integer() or not 1 <= number <= INTERVENTIONS:
            notes.add(item.line, "interventions", f"must be a list of whole numbers from 1 to {INTERVENTIONS}")
        elif int(number) in found:
            notes.add(item.line, "interventions", f"names {int(number)} twice")
        else:
            found.append(int(number))
    return tuple(sorted(found))


def _read_lever_changes(key: ScalarNode, node: Node, source: str, notes: Problems) -> list[Change]:
    """The changes of one lever, in order of time; overlaps are reported."""
    where = f"changes.{key.text}"
    lever = LEVERS.get(key.text)
    if lever is None:
        notes.add(key.line, where, _describe_unknown_lever(key.text))
        return []
    several = isinstance(node, ListNode)
    parts = node.items if isinstance(node, ListNode) else (node,)
    if not parts:
        notes.add(node.line, where, "is an empty list; write a change or leave the lever out")
    found = []
    for number, part in enumerate(parts, 1):
        line = part.line if several else key.line
        change = _read_change(lever, part, f"{where}[{number}]" if several else where, line, source, notes)
        if change:
            found.append(change)
    found.sort(key=lambda c: c.start)
    for earlier, later in pairwise(found):
        if later.start <= earlier.end:
            message = f"overlaps the change on line {earlier.line}, which lasts to {quarter_name(earlier.end)}"
            notes.add(later.line, where, f"{message}; give the earlier one an 'until'")
    return found


def _describe_unknown_lever(name: str) -> str:
    from simulator.declarations.parameters import PARAMETERS  # only wanted for this message

    if name in TOMBSTONES:
        return f"'{name}' is no longer a lever: {TOMBSTONES[name]}"
    if name in PARAMETERS:
        return f"'{name}' is a parameter, not a lever: a scenario cannot change it"
    return f"'{name[:40]}' is not a lever" + (suggest(name, LEVERS) or "; the library's README lists the levers")


def _read_change(lever: Declared, node: Node, where: str, line: int, source: str, notes: Problems) -> Change | None:
    """One change, or None with its problems noted."""
    if not isinstance(node, MappingNode):
        notes.add(line, where, "must be a mapping such as {to: 1, from: 2027/28 Q1, because: ..., evidence: [...]}")
        return None
    known = len(notes.problems)
    fields = read_known_keys(node, f"{where}.", CHANGE_KEYS, notes)
    kinds = [kind for kind in KINDS if kind in fields]
    if len(kinds) != 1:
        written = f"has {' and '.join(kinds)}" if kinds else "has none"
        notes.add(line, where, f"needs exactly one of to, add, scale and path, but {written}")
    value, path = 0.0, cast(Steps, ())
    for kind in kinds:
        if kind == "path":
            path = read_path(lever, fields[kind], f"{where}.path", notes)
        else:
            value = read_value(lever, kind, fields[kind], f"{where}.{kind}", notes)
    start, end, phase = read_dates(lever, fields, path, where, line, notes)
    because = require_text(fields, "because", f"{where}.", line, notes)
    assumption = read_assumption(fields.get("assumption"), f"{where}.assumption", notes)
    evidence = read_evidence(fields.get("evidence"), assumption, f"{where}.evidence", line, notes)
    if len(notes.problems) > known:
        return None
    kind = cast(Kind, kinds[0])
    return Change(lever.name, kind, value, path, start, end, phase, because, evidence, bool(assumption), source, line)


def read_lever_value(name: str, value: object, notes: Problems) -> float:
    """Read a lever's value from code or an option, as text or a number, and report problems as for a file."""
    if name not in LEVERS:
        notes.add(0, name, _describe_unknown_lever(name))
        return 0.0
    number = isinstance(value, Real) and not isinstance(value, bool)
    text = repr(float(value)) if number else str(value).strip()  # type: ignore[arg-type]
    return read_value(LEVERS[name], "to", ScalarNode(0, text, True), name, notes)
