"""A replay: another place and time, run through the same rules. All of it is data, read from a YAML file.

title, question   what it is and what it asks
chance            any word: replays with the same word, or without one, share their random draws
boards            real, "<n> equal bodies", or a CSV file beside this one
starts, years     the first financial year, and how many are run
first_plan        Q1 to Q4: the quarter of the first year in which the first plan is made
calendar          baseline (England's, from 2022/23) or nothing: levers keep their declared defaults
levers            name: {to: a value or one for each quarter, because, evidence, assumption}
parameters        name: {to: a value, because, evidence, assumption}; the rest are drawn
bodies            name: a group of bodies (`body_groups.py`)
spells            [{bodies, years, levers}]: these bodies live these years under levers of their own
worlds            name: {levers, parameters, spells}: the same futures and the same chance, but for this
observe           name: {measure, year, at_least or at_most, observed: a number or the id of a target}, and
                  groups and take, or top and by, where bodies are told apart; bodies, world, slope, weigh, and less:
                  {year, bodies, world}, what is subtracted

Everything that is wrong with a file is reported at once.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simulator.boards.table import Boards, BoardsError, make_equal_bodies, read_boards
from simulator.common.arrays import Floats
from simulator.common.characters import normalise_text, remove_invisible
from simulator.common.errors import UnknownNameError
from simulator.common.numbers import NotReadableError, parse_whole
from simulator.common.paths import expand_path
from simulator.common.representation import short_repr
from simulator.common.yaml_nodes import MappingNode, Node, Problems, ScalarNode, suggest
from simulator.declarations.calendar import parse_year, year_name
from simulator.engine.ensemble import Progress, YearlyRecords
from simulator.replays.body_groups import BodyGroup, pick_bodies, read_groups
from simulator.replays.observations import Observation, Setting, read_observations
from simulator.replays.parallel_worlds import OWN, Spell, World
from simulator.replays.world_reader import check_worlds, read_own_world, read_spells, read_worlds
from simulator.runs.parameter_sets import Records
from simulator.scenarios.field_validation import read_known_keys, require_text
from simulator.scenarios.file_entries import read_yaml_file


@short_repr
@dataclass(frozen=True, eq=False)
class Replay:
    """`schedule` (quarters,) lever records; `first_plan` the quarter of the first plan, from 0; `held` parameters.

    `groups` of bodies, `spells` in which some of them have levers of their own, and other `worlds` are as the file
    says. All worlds are run in the same futures.
    Replays with the same `chance` use the same random draws, whatever their names, so that they differ only by what
    they say.
    """

    name: str
    title: str
    question: str
    boards: Boards
    schedule: Records
    first_plan: int
    held: Mapping[str, float]
    observations: tuple[Observation, ...]
    chance: str = ""
    groups: Mapping[str, BodyGroup] = field(default_factory=dict)
    spells: tuple[Spell, ...] = ()
    worlds: Mapping[str, World] = field(default_factory=dict)
    starts: int = 0
    """The index of the first year: 0 is 2022/23."""

    @property
    def by_body(self) -> bool:
        """True when some observation tells bodies apart."""
        return bool(self.groups or self.spells) or any(o.by_body for o in self.observations)

    @property
    def own_world(self) -> World:
        """The world that the file itself describes."""
        return World(self.schedule, self.held, self.spells)

    def name_years(self, years: slice) -> str:
        """The financial years of a span that counts from the replay's first, as arguments take them."""
        first, last = self.starts + years.start, self.starts + years.stop - 1
        return "-".join(dict.fromkeys((year_name(first), year_name(last))))

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
        world: World | None = None,
    ) -> YearlyRecords:
        """Run `points` (futures,) with the run numbers `runs` (futures,) through a `world`; by default the replay's.

        Raises as `simulate`.
        """
        return (world or self.own_world).run(
            points,
            runs,
            self.boards.areas,
            seed=self.chance_seed(seed),
            first_plan=self.first_plan,
            detail=self.by_body if detail is None else detail,
            progress=progress,
        )

    def predict(self, points: Records, runs: NDArray[np.int64], *, seed: int) -> dict[str, Floats]:
        """Each observation's prediction for each future: name -> (futures,); nan where a future has none."""
        read_from = {name for o in self.observations for name in o.worlds}
        worlds = {
            name: self.run(points, runs, seed=seed, world=None if name == OWN else self.worlds[name])
            for name in (OWN, *self.worlds)
            if name in read_from or (name == OWN and self.groups)
        }
        areas = worlds[OWN].areas if OWN in worlds else None
        picked = pick_bodies(self.groups, areas) if self.groups and areas is not None else {}
        return {o.name: o.read_worlds(worlds, picked) for o in self.observations}

    def hold(self, more: Mapping[str, float]) -> Replay:
        """The same replay with more parameters held, in all its worlds; a new value replaces one held already."""
        worlds = {name: replace(world, held={**world.held, **more}) for name, world in self.worlds.items()}
        return replace(self, held={**self.held, **more}, worlds=worlds)


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
    "bodies",
    "spells",
    "worlds",
    "observe",
)
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


def read_shipped_text(name: str) -> str:
    """The file of a shipped replay. Raises UnknownNameError for another name."""
    if name not in replay_names():
        raise UnknownNameError(
            f"no replay '{name}' ships{suggest(name, replay_names())}; there are {', '.join(replay_names())}"
        )
    return _shipped_folder().joinpath(f"{name}.yaml").read_text(encoding="utf-8")


@cache
def _load_shipped(name: str) -> Replay:
    return read_replay(Path(str(_shipped_folder().joinpath(f"{name}.yaml"))), f"{name}.yaml")


def _shipped_folder() -> Path:
    return Path(str(files("simulator").joinpath("data").joinpath("replays")))


def read_replay(path: Path, label: str) -> Replay:
    """The replay in a file, which errors call `label`. Raises ScenarioError, which lists every problem."""
    notes = Problems(label)
    return read_yaml_file(path, notes, lambda top, _: _parse(top, path, notes))


def _parse(top: MappingNode, path: Path, notes: Problems) -> Replay | None:
    """The replay that the fields describe; problems are noted, and None is returned where it cannot be made."""
    fields = read_known_keys(top, "", KEYS, notes)
    years = _read_whole(fields.get("years"), "years", 1, LONGEST, notes)
    first_plan = _read_first_plan(fields.get("first_plan"), notes)
    title, question = (require_text(fields, key, "", 1, notes) for key in ("title", "question"))
    chance = require_text(fields, "chance", "", 1, notes) if "chance" in fields else ""
    starts = _read_starts(fields.get("starts"), notes)
    bodies = _read_boards(fields.get("boards"), path, notes)
    own = read_own_world(fields, years, starts, notes)
    groups = read_groups(fields.get("bodies"), years, bodies, notes) if bodies else {}
    own = replace(own, spells=read_spells(fields.get("spells"), "spells", years, groups, notes))
    worlds = read_worlds(fields.get("worlds"), own, years, groups, notes)
    every = {OWN: own, **worlds}
    setting = Setting(
        years,
        len(bodies) if bodies else MOST_BODIES,
        groups,
        tuple(every),
        any(world.spells for world in every.values()),
    )
    observations = read_observations(fields.get("observe"), setting, notes)
    if bodies is not None:
        check_worlds(every, bodies, starts, fields, notes)
    if bodies is None or notes.problems:
        return None
    return Replay(
        path.stem,
        title,
        question,
        bodies,
        own.schedule,
        first_plan,
        own.held,
        observations,
        chance,
        groups,
        own.spells,
        worlds,
        starts,
    )


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
