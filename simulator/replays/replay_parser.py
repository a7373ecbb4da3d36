"""Reads a world from YAML, and reports everything that is wrong with it at once.

title, question   what it is and what it asks
chance            any word: worlds with the same word, or without one, meet the same luck
boards            real, "<n> equal bodies", or a CSV file beside this one
starts, years     the first financial year, and how many are run
first_plan        Q1 to Q4: the quarter of the first year in which the first plan is made
calendar          baseline (England's, from 2022/23) or nothing: levers keep their declared defaults
levers            name: {to: a value or one a quarter, because, evidence, assumption}
parameters        name: {to: a value, because, evidence, assumption}; the rest are drawn
observe           name: {measure, year, at_least or at_most, observed: a number or the id of a target}
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simulator.boards.table import Boards, BoardsError, boards, equal_bodies
from simulator.common.characters import plain, without_unseen
from simulator.common.numbers import NotReadableError, whole
from simulator.common.paths import expand_path
from simulator.common.yaml_nodes import (
    Fields,
    Items,
    Node,
    Notes,
    Scalar,
    ScenarioError,
    read_fields,
    read_text,
    suggest,
)
from simulator.declarations.calendar import parse_year
from simulator.declarations.levers import LEVERS, QUARTER_DTYPE
from simulator.declarations.number import Declared
from simulator.declarations.parameters import PARAMETERS
from simulator.replays.observation_parser import read_observations
from simulator.replays.replay import World
from simulator.scenarios.field_validation import known_keys, read_assumption, read_evidence, read_value, unique, words
from simulator.scenarios.loader import baseline_values

KEYS = (
    "title",
    "question",
    "chance",
    "boards",
    "starts",
    "years",
    "first_plan",
    "calendar",
    "levers",
    "parameters",
    "observe",
)
SETTING_KEYS = ("to", "because", "evidence", "assumption")
LONGEST = 8
_BODIES = re.compile(r"(?P<n>[^ ]+) equal bodies", re.IGNORECASE)


def read_world(path: Path, shown: str) -> World:
    """The world in a file, which errors call `shown`. Raises ScenarioError that lists every problem."""
    notes = Notes(shown)
    text = read_text(path, notes)
    made = None if text is None else parse_world(text, path, notes)
    if made is None or notes.problems:
        raise ScenarioError(sorted(notes.problems, key=lambda problem: problem.line))
    return made


def parse_world(text: str, path: Path, notes: Notes) -> World | None:
    """The world that a text describes; problems are noted, and None is returned where it cannot be made."""
    top = read_fields(text, notes)
    if top is None:
        return None
    fields = known_keys(top, "", KEYS, notes)
    years = _whole(fields.get("years"), "years", 1, LONGEST, notes)
    first_plan = _first_plan(fields.get("first_plan"), notes)
    title, question = (words(fields, key, "", 1, notes) for key in ("title", "question"))
    chance = words(fields, "chance", "", 1, notes) if "chance" in fields else ""
    starts = _starts(fields.get("starts"), notes)
    bodies = _boards(fields.get("boards"), path, notes)
    schedule = _schedule(fields, years, starts, notes)
    held = _settings(fields.get("parameters"), "parameters", PARAMETERS, 1, notes)
    observations = read_observations(fields.get("observe"), years, notes)
    if starts != 0 and bodies is not None and schedule is not None and _merge(bodies, schedule):
        said = "have dates of mergers, which count from 2022/23; start the world then, or set reorganise to 0"
        notes.add(fields["boards"].line, "boards", said)
    if bodies is None or schedule is None or notes.problems:
        return None
    return World(
        path.stem,
        title,
        question,
        bodies,
        schedule,
        first_plan,
        {name: float(values[0]) for name, values in held.items()},
        observations,
        chance,
    )


def _merge(bodies: Boards, schedule: NDArray[np.void]) -> bool:
    """True when bodies are due to merge or to share leaders, and may."""
    due = min(int(bodies.areas[name].min()) for name in ("merge_q", "share_q"))
    return due < len(schedule) and bool(schedule[LEVERS["reorganise"].group]["reorganise"].any())


def _whole(node: Node | None, key: str, low: int, high: int, notes: Notes) -> int:
    number = node.number if isinstance(node, Scalar) else None
    if number is None or not number.is_integer() or not low <= number <= high:
        notes.add(node.line if node else 1, key, f"must be a whole number from {low} to {high}")
        return low
    return int(number)


def _first_plan(node: Node | None, notes: Notes) -> int:
    names = ("Q1", "Q2", "Q3", "Q4")
    text = plain(node.text).upper() if isinstance(node, Scalar) else ""
    if text not in names:
        notes.add(node.line if node else 1, "first_plan", "must be Q1, Q2, Q3 or Q4")
        return 0
    return names.index(text)


def _starts(node: Node | None, notes: Notes) -> int:
    """The index of the first year."""
    try:
        return parse_year(node.text if isinstance(node, Scalar) else "")
    except ValueError as error:
        notes.add(node.line if node else 1, "starts", str(error))
        return 0


def _boards(node: Node | None, path: Path, notes: Notes) -> Boards | None:
    text = without_unseen(node.text) if isinstance(node, Scalar) else ""
    line = node.line if node else 1
    if text.lower() == "real":
        return boards()
    bodies = _BODIES.fullmatch(plain(text))
    if bodies is None and text.lower().endswith(".csv"):
        return _table(text, path, line, notes)
    try:
        number = whole(bodies["n"] if bodies else "", 1)
    except NotReadableError:
        notes.add(line, "boards", "must be real, a number such as '120 equal bodies', or a CSV file")
        return None
    try:
        return equal_bodies(number)
    except ValueError as error:
        notes.add(line, "boards", str(error))
        return None


def _table(text: str, path: Path, line: int, notes: Notes) -> Boards | None:
    """The bodies of a CSV file beside the world's own."""
    try:
        return boards(path.parent / expand_path(text))
    except (BoardsError, NotReadableError, OSError) as error:
        for told in str(error).splitlines():
            notes.add(line, "boards", told)
        return None


def _schedule(fields: Mapping[str, Node], years: int, starts: int, notes: Notes) -> NDArray[np.void] | None:
    """Lever records (quarters,) from the calendar and the levers set."""
    made = np.zeros(4 * years, QUARTER_DTYPE)
    calendar = fields.get("calendar")
    text = plain(calendar.text) if isinstance(calendar, Scalar) else ""
    if calendar is not None and text != "baseline":
        notes.add(calendar.line, "calendar", "must be baseline, or be left out")
    elif calendar is not None and starts != 0:
        notes.add(calendar.line, "calendar", "the baseline starts in 2022/23, and so must the world")
    for name, lever in LEVERS.items():
        made[lever.group][name] = baseline_values()[name][: 4 * years] if text == "baseline" else lever.default
    for name, values in _settings(fields.get("levers"), "levers", LEVERS, 4 * years, notes).items():
        made[LEVERS[name].group][name] = values
    return made


def _settings(
    node: Node | None, prefix: str, known: Mapping[str, Declared], entries: int, notes: Notes
) -> dict[str, NDArray[np.float64]]:
    """The values that levers or parameters are set to, each with its reasons: name -> (entries,)."""
    if node is None:
        return {}
    if not isinstance(node, Fields):
        notes.add(node.line, prefix, "must be a mapping from name to {to, because, evidence}")
        return {}
    made = {}
    for key, body in unique(node, f"{prefix}.", notes):
        if notes.full:
            break
        where = f"{prefix}.{key.text}"
        if key.text not in known:
            notes.add(key.line, where, f"is not one of the {prefix}{suggest(key.text, known)}")
        elif not isinstance(body, Fields):
            notes.add(key.line, where, "must be a mapping such as {to: 1, because: ..., evidence: [...]}")
        else:
            made[key.text] = _setting(known[key.text], body, where, key.line, entries, notes)
    return made


def _setting(number: Declared, body: Fields, where: str, line: int, entries: int, notes: Notes) -> NDArray[np.float64]:
    fields = known_keys(body, f"{where}.", SETTING_KEYS, notes)
    words(fields, "because", f"{where}.", line, notes)
    assumption = read_assumption(fields.get("assumption"), f"{where}.assumption", notes)
    read_evidence(fields.get("evidence"), assumption, f"{where}.evidence", line, notes)
    node = fields.get("to")
    if node is None:
        notes.add(line, f"{where}.to", "is missing")
        return np.zeros(entries)
    parts = node.items if isinstance(node, Items) else (node,)
    if isinstance(node, Items) and len(parts) != entries:
        wanted = f"one value or {entries}, one a quarter" if entries > 1 else "one value"
        notes.add(node.line, f"{where}.to", f"needs {wanted}, not {len(parts)}")
        return np.zeros(entries)
    values = [read_value(number, "to", part, f"{where}.to", notes) for part in parts]
    return np.array(values * entries if len(values) == 1 else values)
