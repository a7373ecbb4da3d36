"""Scenarios: how a policy sets the levers, quarter by quarter, with a reason for each change.

A scenario is data. It starts from the baseline calendar, inherits from the scenarios it extends and adds
dated changes of levers. `load_scenario("ringfence")` reads one from the library, `load_scenario("my/file.yaml")` one
of your own, and `load_scenario("ringfence+leadership")` stacks two. `load_scenario("my/file.yaml@1f2e3d4c5b6a7988")`
reads a file only if its scenario has this fingerprint.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simulator.common.characters import remove_invisible
from simulator.common.errors import InputError, UnknownNameError
from simulator.common.paths import expand_path
from simulator.common.pinned_names import check_pin, format_file_argument, naming_fingerprint, pin_name, split_pin
from simulator.common.representation import short_repr
from simulator.common.yaml_nodes import Problem, Problems, ScenarioError, why_unreadable
from simulator.declarations.calendar import POLICY_START, QUARTERS, quarter_index, quarter_name
from simulator.declarations.levers import LEVERS, QUARTER_DTYPE
from simulator.declarations.plugin import suggest_declared
from simulator.declarations.plugin_interface import GROUP as PLUGIN
from simulator.scenarios.change import LAST, Change, Clash, Quarters, apply_all
from simulator.scenarios.library import ENDINGS, UnknownScenario, is_file_name, library, split_stack
from simulator.scenarios.loader import (
    LayeredChanges,
    LoadedScenario,
    ScenarioLoader,
    add_on_top,
    baseline_calendar,
    baseline_values,
    combine_layers,
    join_remarks,
    select_lever,
)
from simulator.scenarios.validation import read_lever_value
from simulator.scenarios.writer import make_template, to_html, to_yaml

__all__ = [
    "Change",
    "Clash",
    "Problem",
    "Scenario",
    "ScenarioError",
    "UnknownScenario",
    "baseline_calendar",
    "library",
    "load_scenario",
    "make_template",
    "parse_scenario",
    "stack",
]

PROSPECTIVE = quarter_name(POLICY_START)
BY_HAND = "set by hand"


@short_repr
@dataclass(frozen=True)
class Scenario:
    """A policy as data, resolved.

    `changes` are its own and inherited ones in order of application, without the baseline calendar.
    `schedule` has QUARTER_DTYPE and shape (32,), read-only: `schedule["rules"]["ringfence"]` is one lever.
    `warnings` say where a value was held at a lever's bound, `conflicts` where stacked scenarios disagree.
    `fingerprint` identifies the schedule, whatever the text; `start` is the first quarter that differs from
    the baseline, or None. `reference` is how a command names the scenario, files with their fingerprints; "" if no
    command can, as after `with_lever`.
    """

    name: str
    title: str
    question: str
    changes: tuple[Change, ...] = ()
    interventions: tuple[int, ...] = ()
    cannot_say: str = ""
    parents: tuple[str, ...] = ()
    clashes: tuple[Clash, ...] = ()
    reference: str = field(default="", compare=False)
    schedule: NDArray[np.void] = field(init=False, compare=False, repr=False)
    warnings: tuple[str, ...] = field(init=False, repr=False)
    fingerprint: str = field(init=False)
    start: int | None = field(init=False)

    def __post_init__(self) -> None:
        schedule, warnings = _resolve(self.changes)
        values = {name: schedule[lever.group][name] for name, lever in LEVERS.items()}
        levers = {change.lever for change in self.changes}  # no other can differ
        moved = [np.flatnonzero(values[name] != baseline_values()[name]) for name in levers]
        first = [int(quarters[0]) for quarters in moved if quarters.size]
        object.__setattr__(self, "schedule", schedule)
        object.__setattr__(self, "warnings", warnings)
        object.__setattr__(self, "fingerprint", _fingerprint(values))
        object.__setattr__(self, "start", min(first) if first else None)

    @property
    def conflicts(self) -> tuple[str, ...]:
        """A sentence for each pair of stacked changes that disagree, naming both files and what was done."""
        return tuple(str(clash) for clash in self.clashes)

    @property
    def evidence(self) -> tuple[str, ...]:
        """The ids that the changes cite, each once."""
        return tuple(dict.fromkeys(i for change in self.changes for i in change.evidence))

    def lever(self, name: str) -> Quarters:
        """The values of one lever, shape (32,). Raises LookupError for a name that is no lever."""
        if name not in LEVERS:
            raise UnknownNameError(f"'{name}' is not a lever{suggest_declared(name, LEVERS)}")
        return np.array(self.schedule[LEVERS[name].group][name])

    def differs_from(self, other: Scenario) -> tuple[str, ...]:
        """The levers whose values differ in any quarter."""
        return tuple(n for n in LEVERS if not np.array_equal(self.lever(n), other.lever(n)))

    def starting(self, quarter: int | str) -> Scenario:
        """The same scenario moved in time: its earliest change begins in `quarter`, and all lengths are kept.

        `quarter` is an index or a name such as 2024/25 Q1. What falls after the calendar is cut off; a
        change without end stays without end. Raises ValueError outside the calendar.
        """
        first = quarter_index(quarter)
        if not 0 <= first <= LAST:
            raise InputError(_describe_outside(quarter))
        if not self.changes or first == min(change.start for change in self.changes):
            return self
        by = first - min(change.start for change in self.changes)
        moved = {change: change.shifted(by) for change in self.changes}
        changes = tuple(change for change in moved.values() if change is not None)
        pairs = [(c.lever, c.first.shifted(by), c.second.shifted(by)) for c in self.clashes]
        clashes = tuple(Clash(lever, a, b) for lever, a, b in pairs if a is not None and b is not None)
        name = f"{self.name} from {quarter_name(first)}"
        return self._copy_with(name, f"{self.title}, from {_name_start(first)}", LayeredChanges(changes, clashes))

    def with_lever(self, name: str, value: float, start: int | str = PROSPECTIVE, because: str = BY_HAND) -> Scenario:
        """The same scenario with one lever set from a quarter on, for good: what it said of that lever there no longer
        holds, and `because`, unless given, names it. Raises ScenarioError for a bad value.
        """
        notes = Problems("with_lever")
        number = read_lever_value(name, value, notes)
        first = quarter_index(start)
        if not 0 <= first <= LAST:
            notes.add(0, name, _describe_outside(start))
        if wrong := why_unreadable(because) if because.strip() else "is empty":
            notes.add(0, name, f"because {wrong}")
        if notes.problems:
            raise ScenarioError(notes.problems)
        replaced = [change for change in select_lever(self.changes, name) if change.end >= first]
        because = because if because != BY_HAND else _say_by_hand(replaced)
        change = Change(name, "to", number, (), first, LAST, 0, because, (), True, "with_lever", 0)
        kept = tuple(left for earlier in self.changes if (left := earlier.cut(change)) is not None)
        layers = add_on_top(LayeredChanges(kept, self.clashes), [change])
        own, title = self.name, self.title
        for earlier in self.changes:  # of what no longer holds, nothing may be said
            if (earlier.source, earlier.lever) == ("with_lever", name) and earlier.start >= first:
                own = own.replace(f" with {name} {earlier.value:g}", "", 1)
                title = title.replace(f", {name} {earlier.value:g} from {_name_start(earlier.start)}", "", 1)
        what_is_set = f"{name} {number:g} from {_name_start(first)}"
        return self._copy_with(f"{own} with {name} {number:g}", f"{title}, {what_is_set}", layers)

    def stack(self, *others: Scenario | str | Path) -> Scenario:
        """This scenario with others on top of it; see `stack`."""
        return stack([self, *others])

    @classmethod
    def from_dict(cls, document: Mapping[str, object], name: str = "scenario") -> Scenario:
        """A scenario from what its file would say, as a dictionary: title, question, changes and so on.

        Files in `extends` are looked up from the working directory, as a file in it would have them.
        Raises ScenarioError, which lists every mistake; its lines are those of the dictionary as JSON.
        """
        return parse_scenario(json.dumps(document, indent=1, default=str), name, Path())

    def to_yaml(self) -> str:
        """The text of a file that reads back to the same fingerprint."""
        return to_yaml(self.title, self.question, self.changes, self.interventions, self.cannot_say)

    def __str__(self) -> str:
        return f"“{self.title}” ({self.name})"

    def _repr_html_(self) -> str:
        return to_html(self.title, self.question, self.changes, (*self.conflicts, *self.warnings))

    def _copy_with(self, name: str, title: str, layers: LayeredChanges) -> Scenario:
        return Scenario(
            name,
            title,
            self.question,
            layers.changes,
            self.interventions,
            self.cannot_say,
            (self.name,),
            layers.clashes,
        )


def _describe_outside(quarter: int | str) -> str:
    """What is wrong with a quarter outside the calendar; a whole number counts quarters, and is no year."""
    text = f"quarter {quarter} is outside {quarter_name(0)} to {quarter_name(LAST)}"
    if isinstance(quarter, str):
        return text
    return f"{text}: a number counts quarters from 0 to {LAST}; for a year write its name, such as '2028/29 Q1'"


def _say_by_hand(replaced: Iterable[Change]) -> str:
    """The reason of a lever that is set by hand, which names the changes whose place it takes."""
    told = [f"{change.where}, where it {change.describe()}" for change in replaced if change.source != "with_lever"]
    return f"{BY_HAND}, in place of {'; '.join(told)}" if told else BY_HAND


def _name_start(quarter: int) -> str:
    """A quarter as titles name it: Q1 of a year is just the year."""
    return quarter_name(quarter).removesuffix(" Q1")


def _resolve(changes: tuple[Change, ...]) -> tuple[NDArray[np.void], tuple[str, ...]]:
    """The schedule after the baseline calendar and the changes, with a warning for each value held at a bound."""
    schedule = _baseline_schedule().copy()
    levers = {change.lever for change in changes}
    warnings = [_set_lever(schedule, name, select_lever(changes, name)) for name in LEVERS if name in levers]
    schedule.flags.writeable = False
    return schedule, tuple(filter(None, warnings))


@cache
def _baseline_schedule() -> NDArray[np.void]:
    """The schedule of the baseline, whose values are within their bounds."""
    schedule = np.zeros(QUARTERS, dtype=QUARTER_DTYPE)
    for name in LEVERS:
        _set_lever(schedule, name, [])
    return schedule


def _set_lever(schedule: NDArray[np.void], name: str, own: list[Change]) -> str:
    """Fill in one lever after the changes of its own. Returns a warning, or ""."""
    lever = LEVERS[name]
    wanted = apply_all(own, baseline_values()[name]) if own else baseline_values()[name]
    held = np.clip(wanted, lever.about.low, lever.about.high)
    schedule[lever.group][name] = held
    outside = np.flatnonzero(held != wanted)
    if not outside.size:
        return ""
    at = int(outside[0])
    sources = ", ".join(dict.fromkeys(change.where for change in own))
    return f"'{name}' would be {wanted[at]:g} in {quarter_name(at)} ({sources}); it is held at its bound, {held[at]:g}"


def _fingerprint(values: dict[str, Quarters]) -> str:
    """Of every lever's values; a plug-in's levers count where they are moved, so that others keep their name."""
    counted = {name: column for name, column in values.items() if not _is_still(name, column)}
    digest = hashlib.sha256(",".join(counted).encode())
    for column in counted.values():
        digest.update(np.ascontiguousarray(column, dtype="<f8").tobytes())
    return digest.hexdigest()[:16]


def _is_still(name: str, column: Quarters) -> bool:
    """Whether this is a lever of a plug-in that nothing moves."""
    return LEVERS[name].group == PLUGIN and bool((column == LEVERS[name].default).all())


def _make_scenario(loaded: LoadedScenario, reference: str = "") -> Scenario:
    return Scenario(
        loaded.name,
        loaded.title,
        loaded.question,
        loaded.layers.changes,
        loaded.interventions,
        loaded.cannot_say,
        loaded.parents,
        loaded.layers.clashes,
        reference,
    )


@cache
def _load_from_library(name: str) -> Scenario:
    return _load_file(library()[name], str(Path("scenarios") / library()[name].name), name)


def _load_own_file(text: str) -> Scenario:
    read, words = _load_file(Path(text), text), format_file_argument(text, ENDINGS)
    return replace(read, reference=pin_name(words, read.fingerprint) if words else "")


def _load_file(path: Path, shown: str, reference: str = "") -> Scenario:
    loader = ScenarioLoader()
    loaded = loader.load_file(path, shown)
    if loaded is None:
        raise ScenarioError(loader.problems)
    return _make_scenario(loaded, reference)


def load_scenario(which: str | Path | Scenario) -> Scenario:
    """The scenario of a library name, a file, or several names joined by '+' (stacked in that order).

    A name may end with `@` and a fingerprint. Raises UnknownScenario (a LookupError) when there is none,
    OtherContentError (a ValueError) when it has another fingerprint, and ScenarioError (a ValueError) with every
    problem of the file and its parents.
    """
    if isinstance(which, Scenario):
        return which
    if not isinstance(which, str | Path):
        raise UnknownScenario(str(which), kind=type(which).__name__)
    written, wanted = split_pin(str(which))
    with naming_fingerprint("scenario", wanted):
        text = _expanded(written, isinstance(which, Path))
    if isinstance(which, str) and text in library():
        found = _load_from_library(text)
    elif (isinstance(which, Path) or is_file_name(text)) and _exists(Path(text)):
        found = _load_own_file(text)
    elif isinstance(which, str) and len(names := split_stack(which)) > 1:
        return stack([load_scenario(name) for name in names])
    else:
        raise UnknownScenario(written if wanted else text, wanted)
    check_pin("scenario", text, wanted, found.fingerprint)
    return found


def _expanded(text: str, is_path: bool) -> str:
    """The reference without invisible characters, and with `~` and variables replaced."""
    if is_path or (is_file_name(text) and len(split_stack(text)) == 1):
        full = expand_path(text)
        return text if full == Path(text) else str(full)
    return text if text in library() else remove_invisible(text)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # no name that a file can have
        return False


def parse_scenario(text: str, name: str = "scenario", folder: Path | None = None) -> Scenario:
    """The scenario in a text, such as an upload; it can extend library scenarios only. Raises ScenarioError.

    With `folder` it can extend files, too, as seen from there.
    """
    loader = ScenarioLoader()
    loaded = loader.load_text(text, name, folder)
    if loaded is None:
        raise ScenarioError(loader.problems)
    return _make_scenario(loaded)


def stack(scenarios: Iterable[Scenario | str | Path]) -> Scenario:
    """Several scenarios together on the baseline, later ones on top.

    Sums add and factors multiply. Two that set a lever differently at the same time, or one that sets what
    another adds to or scales, are a conflict: the later is applied last and `conflicts` says so. What several
    of them inherit from one file counts once. Raises ValueError when there is nothing to stack.
    """
    parts = [load_scenario(part) for part in scenarios]
    if not parts:
        raise InputError("nothing to stack: name at least one scenario")
    if len(parts) == 1:
        return parts[0]
    layers = combine_layers([LayeredChanges(part.changes, part.clashes) for part in parts])
    numbers = {number for part in parts for number in part.interventions}
    return Scenario(
        name="+".join(part.name for part in parts),
        title=" + ".join(part.title for part in parts),
        question="What do these policies do together?",
        changes=layers.changes,
        interventions=tuple(sorted(numbers)),
        cannot_say=join_remarks(part.cannot_say for part in parts),
        parents=tuple(part.name for part in parts),
        clashes=layers.clashes,
        reference=_stack_reference(parts),
    )


def _stack_reference(parts: Iterable[Scenario]) -> str:
    """How a command names a stack; "" if it cannot name a part."""
    references = [part.reference for part in parts]
    return "+".join(references) if all(references) else ""
