"""Loads a scenario with its parents, puts all changes in the order in which they apply, and finds conflicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from simulator.common.yaml_nodes import Problem, Problems, ScenarioError, read_text, suggest
from simulator.declarations.calendar import QUARTERS
from simulator.declarations.levers import LEVERS
from simulator.scenarios.change import Change, Clash, Quarters, apply_all, find_clashes
from simulator.scenarios.library import BASELINE, is_file_name, library, suggest_scenario
from simulator.scenarios.validation import ScenarioFile, check_file, check_shipped_file

DEEPEST_CHAIN = 20


class LayeredChanges(NamedTuple):
    """Changes in the order in which they apply, and the conflicts among them."""

    changes: tuple[Change, ...]
    clashes: tuple[Clash, ...]


@dataclass(frozen=True)
class LoadedScenario:
    """A scenario with everything that it inherits, the baseline calendar excluded."""

    name: str
    title: str
    question: str
    layers: LayeredChanges
    interventions: tuple[int, ...]
    cannot_say: str
    parents: tuple[str, ...]


@cache
def baseline_calendar() -> tuple[Change, ...]:
    """The dated values of the baseline, each with its because and evidence."""
    path = library()[BASELINE]
    notes = Problems(str(path))
    text = read_text(path, notes)
    written = _read_checked(text, path, notes) if text is not None else None
    if written is None or notes.problems:
        raise ScenarioError(notes.problems)
    return written.changes


@cache
def baseline_values() -> Mapping[str, Quarters]:
    """Every lever's baseline values (shape (32,)): the calendar, and defaults where it is silent."""
    values = {name: np.full(QUARTERS, lever.default) for name, lever in LEVERS.items()}
    for change in baseline_calendar():
        values[change.lever] = apply_all([change], values[change.lever])
    for array in values.values():
        array.flags.writeable = False
    return values


def select_lever(changes: Iterable[Change], lever: str) -> list[Change]:
    """The changes of one lever, in their order."""
    return [change for change in changes if change.lever == lever]


def combine_layers(parts: Sequence[LayeredChanges]) -> LayeredChanges:
    """Combine scenarios side by side: all changes in order, each once even if inherited twice, with conflicts."""
    parts = list(dict.fromkeys(parts))  # a scenario combined with itself adds nothing
    changes = tuple(dict.fromkeys(change for part in parts for change in part.changes))
    clashing = [clash for part in parts for clash in part.clashes]
    for number, first in enumerate(parts):
        for second in parts[number + 1 :]:
            shared = {c.lever for c in first.changes} & {c.lever for c in second.changes}
            for lever in sorted(shared):
                before = baseline_values()[lever]
                clashing += find_clashes(
                    select_lever(first.changes, lever), select_lever(second.changes, lever), before
                )
    return LayeredChanges(changes, tuple(dict.fromkeys(clashing)))


def add_on_top(below: LayeredChanges, own: Sequence[Change]) -> LayeredChanges:
    """Add a scenario's own changes on top; one that sets a lever throughout a conflict settles it."""
    left = [clash for clash in below.clashes if not any(_settles(change, clash) for change in own)]
    again = set(own)
    kept = [change for change in below.changes if change not in again]
    return LayeredChanges((*kept, *own), tuple(left))


def _settles(change: Change, clash: Clash) -> bool:
    start = max(clash.first.start, clash.second.start)
    end = min(clash.first.end, clash.second.end)
    return change.lever == clash.lever and change.is_set and change.start <= start and change.end >= end


def join_remarks(texts: Iterable[str]) -> str:
    """Join different remarks, each once."""
    return " ".join(dict.fromkeys(text for text in texts if text))


class ScenarioLoader:
    """Loads one scenario and its parents, and collects the problems of all their files."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._done: dict[Path, LoadedScenario | None] = {}

    def load_file(self, path: Path, shown: str, chain: tuple[Path, ...] = ()) -> LoadedScenario | None:
        """The scenario in a file; None when it or a parent has problems. `shown` names it to the user."""
        key = _find_real_path(path)
        if key not in self._done:
            notes = Problems(shown)
            text = read_text(path, notes)
            self._done[key] = None if text is None else self._check(text, path, notes, (*chain, key))
            self.problems += sorted(notes.problems, key=lambda problem: problem.line)
        return self._done[key]

    def load_text(self, text: str, name: str, folder: Path | None = None) -> LoadedScenario | None:
        """The scenario in a text. It can extend library scenarios, and files only as seen from `folder`."""
        notes = Problems(f"{name}.yaml")
        loaded = self._check(text, None, notes, (), None if folder is None else folder / notes.file)
        self.problems += sorted(notes.problems, key=lambda problem: problem.line)
        return loaded

    def _check(
        self, text: str, path: Path | None, notes: Problems, chain: tuple[Path, ...], place: Path | None = None
    ) -> LoadedScenario | None:
        written = _read_checked(text, path, notes)
        if written is None:
            return None
        name = Path(notes.file).stem
        if path is not None and _find_real_path(path) == _find_real_path(library()[BASELINE]) and not notes.problems:
            return LoadedScenario(
                name, written.title, written.question, LayeredChanges((), ()), (), written.cannot_say, ()
            )
        parents = [self._load_parent(ref, line, path or place, notes, chain) for ref, line in written.extends]
        loaded_parents = [parent for parent in parents if parent is not None]
        whole = len(loaded_parents) == len(parents) and not notes.problems
        return _inherit(name, written, loaded_parents) if whole else None

    def _load_parent(
        self, ref: str, line: int, child: Path | None, notes: Problems, chain: tuple[Path, ...]
    ) -> LoadedScenario | None:
        if ref in library():
            path, shown = library()[ref], str(Path("scenarios") / library()[ref].name)
        elif is_file_name(ref) and child is not None:
            path, shown = child.parent / ref, str(Path(notes.file).parent / ref)
        elif is_file_name(ref):
            notes.add(
                line, "extends", f"names the file '{ref}', but a text by itself extends the library's scenarios only"
            )
            return None
        else:
            notes.add(line, "extends", f"there is no scenario '{ref}' in the library{suggest_scenario(ref)}")
            return None
        if _find_real_path(path) in chain:
            notes.add(line, "extends", f"'{ref}' extends this scenario in turn: the chain never ends")
        elif len(chain) >= DEEPEST_CHAIN:
            notes.add(line, "extends", f"more than {DEEPEST_CHAIN} scenarios extend one another")
        elif not path.is_file():
            near = (
                suggest_scenario(Path(ref).stem)
                if child is None or not child.parent.is_dir()
                else _suggest_file(child, ref)
            )
            notes.add(line, "extends", f"there is no file '{ref}'{near}")
        else:
            return self.load_file(path, shown, chain)
        return None


def _read_checked(text: str, path: Path | None, notes: Problems) -> ScenarioFile | None:
    """What a text says; one of the library is read fast, unless there is a problem in it to explain."""
    written = check_shipped_file(text, notes.file) if path is not None and _is_shipped(path) else None
    return written or check_file(text, notes.file, notes)


def _is_shipped(path: Path) -> bool:
    return library().get(path.stem) == path


def _find_real_path(path: Path) -> Path:
    """The file itself, whatever links lead to it."""
    return _find_real_library_path(path) if _is_shipped(path) else path.resolve()


@cache
def _find_real_library_path(path: Path) -> Path:
    return path.resolve()


def _suggest_file(child: Path, ref: str) -> str:
    return suggest(ref, [p.name for p in child.parent.glob("*.y*ml") if p != child])


def _inherit(name: str, written: ScenarioFile, parents: Sequence[LoadedScenario]) -> LoadedScenario:
    numbers = {*written.interventions, *(n for parent in parents for n in parent.interventions)}
    return LoadedScenario(
        name=name,
        title=written.title,
        question=written.question,
        layers=add_on_top(combine_layers([parent.layers for parent in parents]), written.changes),
        interventions=tuple(sorted(numbers)),
        cannot_say=written.cannot_say or join_remarks(parent.cannot_say for parent in parents),
        parents=tuple(parent.name for parent in parents) or (BASELINE,),
    )
