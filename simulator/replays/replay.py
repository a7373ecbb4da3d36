"""A replay: another place and time, run through the same rules. All of it is data, read from a YAML file.

title, question   what it is and what it asks
chance            any word: replays with the same word, or without one, share their random draws
boards            real, "<n> equal bodies", or a CSV file beside this one
starts, years     the first financial year, and how many are run
first_plan        Q1 to Q4: the quarter of the first year in which the first plan is made
calendar          baseline (England's, from 2022/23) or nothing: levers keep their declared defaults
levers            name: {to: a value or one a quarter, because, evidence, assumption}
parameters        name: {to: a value, because, evidence, assumption}; the rest are drawn
observe           name: {measure, year, at_least or at_most, observed: a number or the id of a target}, and
                  groups and take, or top and by, where bodies are told apart

Everything that is wrong with a file is reported at once.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simulator.boards.table import Boards, BoardsError, make_equal_bodies, read_boards
from simulator.common.characters import normalise_text, remove_invisible
from simulator.common.errors import UnknownNameError
from simulator.common.numbers import NotReadableError, parse_whole
from simulator.common.paths import expand_path
from simulator.common.representation import short_repr
from simulator.common.yaml_nodes import (
    ListNode,
    MappingNode,
    Node,
    Problems,
    ScalarNode,
    ScenarioError,
    read_fields,
    read_text,
    suggest,
)
from simulator.declarations.calendar import parse_year
from simulator.declarations.levers import LEVERS, QUARTER_DTYPE
from simulator.declarations.number import Declared
from simulator.declarations.parameters import PARAMETERS
from simulator.engine.ensemble import Progress, YearlyRecords, simulate
from simulator.replays.observations import Floats, Observation, read_observations
from simulator.runs.parameter_sets import Records
from simulator.scenarios.field_validation import (
    drop_duplicates,
    read_assumption,
    read_evidence,
    read_known_keys,
    read_value,
    require_text,
)
from simulator.scenarios.loader import baseline_values


@short_repr
@dataclass(frozen=True, eq=False)
class Replay:
    """`schedule` (quarters,) lever records; `first_plan` the quarter of the first plan, from 0; `held` parameters.

    Replays with the same `chance` use the same random draws, whatever their names, so that they differ only by what
    they say.
    """

    name: str
    title: str
    question: str
    boards: Boards
    schedule: NDArray[np.void]
    first_plan: int
    held: Mapping[str, float]
    observations: tuple[Observation, ...]
    chance: str = ""

    @property
    def by_body(self) -> bool:
        """True when some observation counts bodies."""
        return any(o.by_body for o in self.observations)

    def chance_seed(self, seed: int) -> int:
        """The seed of this replay's random draws: decided by the file's `chance`, and not by the file's name."""
        return seed ^ (zlib.crc32(self.chance.encode()) << 16)

    def run(
        self,
        points: Records,
        runs: NDArray[np.int64],
        *,
        seed: int,
        detail: bool | None = None,
        progress: Progress | None = None,
    ) -> YearlyRecords:
        """Run `points` (futures,) with the run numbers `runs` (futures,) through this replay. Raises as `simulate`."""
        records = points.copy()
        for name, value in self.held.items():
            records[PARAMETERS[name].group][name] = value
        return simulate(
            records,
            runs,
            self.schedule,
            self.boards.areas,
            seed=self.chance_seed(seed),
            first_plan=self.first_plan,
            detail=self.by_body if detail is None else detail,
            progress=progress,
        )

    def predict(self, points: Records, runs: NDArray[np.int64], *, seed: int) -> dict[str, Floats]:
        """Each observation's prediction for each future: name -> (futures,)."""
        yearly = self.run(points, runs, seed=seed)
        return {o.name: o.read(yearly) for o in self.observations}

    def hold(self, more: Mapping[str, float]) -> Replay:
        """The same replay with more parameters held; a new value replaces one that is held already."""
        return replace(self, held={**self.held, **more})


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
MOST_BODIES = 500
_BODIES = re.compile(r"(?P<n>[^ ]+) equal bodies", re.IGNORECASE)


def replay_names() -> tuple[str, ...]:
    """The replays that ship with the package."""
    return tuple(sorted(p.name.removesuffix(".yaml") for p in _shipped_folder().iterdir() if p.name.endswith(".yaml")))


def load_replay(which: str | Path) -> Replay:
    """A shipped replay by name, or one in a file. Raises LookupError, and ScenarioError with every problem."""
    if isinstance(which, str) and which in replay_names():
        return _load_shipped(which)
    path = expand_path(which)
    if path.suffix not in (".yaml", ".yml") and not path.exists():
        raise UnknownNameError(
            f"there is no replay '{which}'{suggest(str(which), replay_names())}; there are "
            f"{', '.join(replay_names())}, or give a YAML file"
        )
    return read_replay(path, str(which))


@cache
def _load_shipped(name: str) -> Replay:
    return read_replay(Path(str(_shipped_folder().joinpath(f"{name}.yaml"))), f"{name}.yaml")


def _shipped_folder() -> Path:
    return Path(str(files("simulator").joinpath("data").joinpath("replays")))


def read_replay(path: Path, label: str) -> Replay:
    """The replay in a file, which errors call `label`. Raises ScenarioError, which lists every problem."""
    notes = Problems(label)
    text = read_text(path, notes)
    replay = None if text is None else parse_replay(text, path, notes)
    if replay is None or notes.problems:
        raise ScenarioError(sorted(notes.problems, key=lambda problem: problem.line))
    return replay


def parse_replay(text: str, path: Path, notes: Problems) -> Replay | None:
    """The replay that a text describes; problems are noted, and None is returned where it cannot be made."""
    top = read_fields(text, notes)
    if top is None:
        return None
    fields = read_known_keys(top, "", KEYS, notes)
    years = _read_whole(fields.get("years"), "years", 1, LONGEST, notes)
    first_plan = _read_first_plan(fields.get("first_plan"), notes)
    title, question = (require_text(fields, key, "", 1, notes) for key in ("title", "question"))
    chance = require_text(fields, "chance", "", 1, notes) if "chance" in fields else ""
    starts = _read_starts(fields.get("starts"), notes)
    bodies = _read_boards(fields.get("boards"), path, notes)
    schedule = _read_schedule(fields, years, starts, notes)
    held = _read_settings(fields.get("parameters"), "parameters", PARAMETERS, 1, notes)
    observations = read_observations(fields.get("observe"), years, len(bodies) if bodies else MOST_BODIES, notes)
    if starts != 0 and bodies is not None and schedule is not None and _merges(bodies, schedule):
        message = "have dates of mergers, which count from 2022/23; start the replay then, or set reorganise to 0"
        notes.add(fields["boards"].line, "boards", message)
    if bodies is None or schedule is None or notes.problems:
        return None
    return Replay(
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


def _merges(bodies: Boards, schedule: NDArray[np.void]) -> bool:
    """True when bodies are due to merge or to share leaders, and the levers let them."""
    due = min(int(bodies.areas[name].min()) for name in ("merge_q", "share_q"))
    return due < len(schedule) and bool(schedule[LEVERS["reorganise"].group]["reorganise"].any())


def _read_whole(node: Node | None, key: str, low: int, high: int, notes: Problems) -> int:
    number = node.number if isinstance(node, ScalarNode) else None
    if number is None or not number.is_integer() or not low <= number <= high:
        notes.add(node.line if node else 1, key, f"must be a whole number from {low} to {high}")
        return low
    return int(number)


def _read_first_plan(node: Node | None, notes: Problems) -> int:
    names = ("Q1", "Q2", "Q3", "Q4")
    quarter = normalise_text(node.text).upper() if isinstance(node, ScalarNode) else ""
    if quarter not in names:
        notes.add(node.line if node else 1, "first_plan", "must be Q1, Q2, Q3 or Q4")
        return 0
    return names.index(quarter)


def _read_starts(node: Node | None, notes: Problems) -> int:
    """The index of the first year."""
    try:
        return parse_year(node.text if isinstance(node, ScalarNode) else "")
    except ValueError as error:
        notes.add(node.line if node else 1, "starts", str(error))
        return 0


def _read_boards(node: Node | None, path: Path, notes: Problems) -> Boards | None:
    text = remove_invisible(node.text) if isinstance(node, ScalarNode) else ""
    line = node.line if node else 1
    if text.lower() == "real":
        return read_boards()
    bodies = _BODIES.fullmatch(normalise_text(text))
    if bodies is None and text.lower().endswith(".csv"):
        return _read_table(text, path, line, notes)
    try:
        number = parse_whole(bodies["n"] if bodies else "", 1)
    except NotReadableError:
        notes.add(line, "boards", "must be real, a number such as '120 equal bodies', or a CSV file")
        return None
    try:
        return make_equal_bodies(number)
    except ValueError as error:
        notes.add(line, "boards", str(error))
        return None


def _read_table(text: str, path: Path, line: int, notes: Problems) -> Boards | None:
    """The bodies of a CSV file beside the replay's own."""
    try:
        return read_boards(path.parent / expand_path(text))
    except (BoardsError, NotReadableError, OSError) as error:
        for message in str(error).splitlines():
            notes.add(line, "boards", message)
        return None


def _read_schedule(fields: Mapping[str, Node], years: int, starts: int, notes: Problems) -> NDArray[np.void] | None:
    """Lever records (quarters,) from the calendar and the levers set."""
    schedule = np.zeros(4 * years, QUARTER_DTYPE)
    calendar = fields.get("calendar")
    calendar_name = normalise_text(calendar.text) if isinstance(calendar, ScalarNode) else ""
    if calendar is not None and calendar_name != "baseline":
        notes.add(calendar.line, "calendar", "must be baseline, or be left out")
    elif calendar is not None and starts != 0:
        notes.add(calendar.line, "calendar", "the baseline starts in 2022/23, and so must the replay")
    for name, lever in LEVERS.items():
        schedule[lever.group][name] = (
            baseline_values()[name][: 4 * years] if calendar_name == "baseline" else lever.default
        )
    for name, values in _read_settings(fields.get("levers"), "levers", LEVERS, 4 * years, notes).items():
        schedule[LEVERS[name].group][name] = values
    return schedule


def _read_settings(
    node: Node | None, prefix: str, known: Mapping[str, Declared], entries: int, notes: Problems
) -> dict[str, NDArray[np.float64]]:
    """The values that levers or parameters are set to, each with its reasons: name -> (entries,)."""
    if node is None:
        return {}
    if not isinstance(node, MappingNode):
        notes.add(node.line, prefix, "must be a mapping from name to {to, because, evidence}")
        return {}
    settings = {}
    for key, body in drop_duplicates(node, f"{prefix}.", notes):
        if notes.full:
            break
        where = f"{prefix}.{key.text}"
        if key.text not in known:
            notes.add(key.line, where, f"is not one of the {prefix}{suggest(key.text, known)}")
        elif not isinstance(body, MappingNode):
            notes.add(key.line, where, "must be a mapping such as {to: 1, because: ..., evidence: [...]}")
        else:
            settings[key.text] = _read_setting(known[key.text], body, where, key.line, entries, notes)
    return settings


def _read_setting(
    number: Declared, body: MappingNode, where: str, line: int, entries: int, notes: Problems
) -> NDArray[np.float64]:
    fields = read_known_keys(body, f"{where}.", SETTING_KEYS, notes)
    require_text(fields, "because", f"{where}.", line, notes)
    assumption = read_assumption(fields.get("assumption"), f"{where}.assumption", notes)
    read_evidence(fields.get("evidence"), assumption, f"{where}.evidence", line, notes)
    node = fields.get("to")
    if node is None:
        notes.add(line, f"{where}.to", "is missing")
        return np.zeros(entries)
    nodes = node.items if isinstance(node, ListNode) else (node,)
    if isinstance(node, ListNode) and len(nodes) != entries:
        wanted = f"one value or {entries}, one a quarter" if entries > 1 else "one value"
        notes.add(node.line, f"{where}.to", f"needs {wanted}, not {len(nodes)}")
        return np.zeros(entries)
    values = [read_value(number, "to", part, f"{where}.to", notes) for part in nodes]
    return np.array(values * entries if len(values) == 1 else values)
