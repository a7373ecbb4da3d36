"""Reading what a command line names: scenarios, boards, settings and levers. Problems are reported all at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from simulator.commands.shared.console import say
from simulator.common.characters import normalise_text
from simulator.common.errors import InputError
from simulator.common.numbers import NotReadableError, parse_number

if TYPE_CHECKING:
    from simulator.boards.table import Boards
    from simulator.scenarios.scenario import Scenario
    from simulator.studies.model_function import ModelFunction

T = TypeVar("T")


def read_scenario(name: str) -> Scenario:
    """A scenario by library name or file, or several of either joined by '+'. Raises as `scenario`."""
    from simulator.common.yaml_nodes import suggest
    from simulator.scenarios.library import UnknownScenario, is_file_name
    from simulator.scenarios.scenario import load_scenario

    try:
        return load_scenario(name)
    except UnknownScenario as unknown:
        path = Path(unknown.name)
        if unknown.fingerprint or not is_file_name(unknown.name):
            raise
        near = path.parent.glob("*.y*ml") if path.parent.is_dir() else ()
        hint = suggest(path.name, [file.name for file in near])
        raise InputError(f"there is no file '{unknown.name}'{hint}" if hint else str(unknown)) from unknown


def read_scenarios(names: Sequence[str]) -> list[Scenario]:
    """Several scenarios, told apart by their titles. Raises InputError with the problems of all of them."""
    from simulator.scenarios.labels import with_distinct_titles

    return with_distinct_titles(_read_each(dict.fromkeys(names), read_scenario))


def move_in_time(scenarios: Sequence[Scenario], start: str | None) -> list[Scenario]:
    """The same scenarios, moved to start in a quarter if one is given. Raises InputError."""
    if start is None:
        return list(scenarios)
    return _read_each(scenarios, lambda scenario: scenario.starting(start))


def _read_each(items: Iterable[T], read: Callable[[T], Scenario]) -> list[Scenario]:
    scenarios, problems = [], []
    for item in items:
        try:
            scenarios.append(read(item))
        except (LookupError, ValueError) as error:
            problems.append(str(error))
    if problems:
        raise InputError("\n".join(dict.fromkeys(problems)))
    return scenarios


def read_boards(path: Path | None) -> Boards:
    """The boards of a file, or the 42; remarks on them go to stderr. Raises BoardsError with all problems."""
    from simulator.boards.table import read_boards

    table = read_boards(path)
    for remark in table.remarks:
        say(f"remark: {remark}")
    return table


def list_remarks(scenarios: Sequence[Scenario]) -> list[str]:
    """What a reader must know about scenarios: conflicts between stacked ones, values held at their bounds, and titles
    that would pass for another policy of the library.
    """
    from simulator.scenarios.library_titles import list_lookalikes

    remarks = [f"conflict: {text}" for scenario in scenarios for text in scenario.conflicts]
    remarks += [f"warning: {text}" for scenario in scenarios for text in scenario.warnings]
    remarks += [f"remark: {text}" for text in list_lookalikes(scenarios)]
    return list(dict.fromkeys(remarks))


def say_remarks(scenarios: Sequence[Scenario], years: slice | None = None) -> None:
    """Print what a reader must know about scenarios on stderr, and which of them begin after the years asked about."""
    for remark in list_remarks(scenarios):
        say(remark)
    for scenario in scenarios:
        if years is not None and scenario.changes:
            say_if_late(f"“{scenario.title}”", min(change.start for change in scenario.changes), years)


def say_if_late(policy: str, start: int, years: slice) -> None:
    """Print a remark if a policy begins, in quarter `start`, after the years asked about."""
    from simulator.declarations.calendar import YEARS, quarter_name, year_name

    asked_about = range(YEARS)[years]
    if asked_about and start // 4 > asked_about[-1]:
        asked = f"{year_name(asked_about[-1])}, the last year asked about"
        say(f"remark: {policy} begins in {quarter_name(start)}, after {asked}, and changes nothing there")


def say_if_levers_are_late(model: ModelFunction, names: Iterable[str]) -> None:
    """Print a remark if levers among these names are set only after the years asked about."""
    from simulator.declarations.levers import LEVERS

    late = [name for name in names if name in LEVERS]
    if late:
        say_if_late(f"what is set of {', '.join(late)}", model.first, model.span)


def read_settings(texts: Sequence[str]) -> dict[str, float]:
    """Parameters from NAME=VALUE texts. Raises InputError with everything that is wrong with them."""
    from simulator.declarations.levers import LEVERS
    from simulator.runs.parameter_sets import check_settings

    settings: dict[str, float] = {}
    problems = []
    for text in texts:
        name, equals, value = (part.strip() for part in normalise_text(text).partition("="))
        if not equals or not name:
            problems.append(f"'{text}' is not a setting; write NAME=VALUE")
        elif name in LEVERS:
            problems.append(f"'{name}' is a lever, which a scenario sets; see: ringfence scenarios new")
        elif name in settings:
            problems.append(f"'{name}' is set twice")
        else:
            try:
                settings[name] = parse_number(value)
                check_settings({name: settings[name]})
            except NotReadableError as error:
                problems.append(f"{name}: {error}")
            except ValueError as error:
                problems.append(str(error))
    if problems:
        raise InputError("\n".join(problems))
    return settings


def read_levers(texts: Sequence[str]) -> Mapping[str, float]:
    """Levers from NAME=VALUE texts. Raises InputError with everything that is wrong with them."""
    from simulator.common.yaml_nodes import Problems
    from simulator.scenarios.validation import read_lever_value

    levers: dict[str, float] = {}
    notes = Problems("")
    for text in texts:
        name, equals, value = (part.strip() for part in normalise_text(text).partition("="))
        if not equals or not name or not value:
            notes.add(0, text, "is not a lever and its value; write NAME=VALUE, such as ringfence=1 or ringfence=on")
            continue
        if name in levers:
            notes.add(0, name, "is set twice")
        levers[name] = read_lever_value(name, value, notes)
    if notes.problems:
        raise InputError("\n".join(f"{problem.path}: {problem.message}" for problem in notes.problems))
    return levers
