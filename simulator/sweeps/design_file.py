"""Reads the file of a sweep: which policy, which outcomes of which years, and which points are run how often.

    scenario: ringfence            # a library name, a file beside this one, or several joined by '+'
    outcomes: [retained, spent]    # the headlines unless given
    years: 2027/28-2029/30         # from the year in which levers are set, unless given
    from: 2027/28 Q1               # when levers are set
    kind: sobol                    # grid, latin, sobol or random; then `points`, `runs`, `seed` and `luck`
    points: 256
    factors:                       # any parameters and levers
      pull_pressure: prior
      ringfence: [0, 0.5, 1]
      gap_mean: {low: 0, high: 3}

The fields of the design itself are those of `simulator.experiments.core.design_parser.parse_design`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

import numpy as np

from simulator.common.characters import normalise_text, remove_invisible
from simulator.common.errors import InputError
from simulator.common.formatting import number_of
from simulator.common.units import Unit
from simulator.common.yaml_nodes import (
    ListNode,
    MappingNode,
    Node,
    Problems,
    ScalarNode,
    read_fields,
    read_text,
    suggest,
)
from simulator.declarations.calendar import QUARTERS, parse_quarter, parse_years, quarter_name
from simulator.declarations.levers import LEVERS
from simulator.declarations.outcomes import HEADLINES, OUTCOMES
from simulator.declarations.parameters import PARAMETERS
from simulator.declarations.plugin import find_plugin
from simulator.experiments.core.design import Design, DesignKind, Levels
from simulator.experiments.core.design_parser import FIELDS, DesignError, parse_design
from simulator.runs.futures import NOT_FITTED, describe_plugin
from simulator.runs.recipe import make_file_stem
from simulator.scenarios.field_validation import drop_duplicates, read_known_keys
from simulator.scenarios.library import BASELINE, is_file_name, library, split_stack
from simulator.scenarios.scenario import PROSPECTIVE, Scenario, ScenarioError, load_scenario, stack
from simulator.studies.model_function import ModelFunction, list_factors
from simulator.sweeps.job import Job

OWN_FIELDS = ("scenario", "outcomes", "years", "from")
LARGEST_FLOAT = 2**53
MOST_STRATA = 20_000_000
"""A Latin hypercube holds an order of all its points for each factor in memory: so many numbers at most, of 4 bytes.

Drawing one factor's order takes 20 bytes a point more for a while: 400 MB if all the numbers are one factor's.
"""


@dataclass(frozen=True, eq=False)
class SweepFile:
    """A sweep as a file describes it: the model under a policy, and the design of the points."""

    file: str
    text: str
    simulate: ModelFunction
    design: Design

    def job(self) -> Job:
        """The sweep as something to run anywhere, known by everything that decides its numbers."""
        model = self.simulate
        about: dict[str, object] = {
            "scenario_fingerprint": model.policy.fingerprint,
            "boards_fingerprint": model.areas.fingerprint,
            "from": model.start,
            "first_year": model.span.start,
            "last_year": model.span.stop,
            "luck_seed": model.luck_seed,
        }
        if (plugin := find_plugin()) is not None:
            about["plugin"] = plugin.reference
        return Job(model, self.design, tuple(model.outcomes), about, self.text)

    @property
    def badge(self) -> str:
        """How the parameters of a sweep are known."""
        names = [factor.name for factor in self.design.factors]
        drawn, set_ = (", ".join(n for n in names if (n in PARAMETERS) is which) for which in (True, False))
        parameters = f"all parameters{f' but {drawn}' if drawn else ''} at their defaults"
        levers = f"; the design sets the {'levers' if ', ' in set_ else 'lever'} {set_}" if set_ else ""
        return f"{NOT_FITTED}; {parameters}{levers}{describe_plugin('given')}"

    def describe(self, rows: int, failed: int, where: str) -> str:
        """What was run, in a sentence; `where` is where the rows are."""
        design, names = self.design, {"sobol": "Sobol'", "latin": "Latin hypercube"}
        each = f", each run {design.runs:,} times" if design.runs > 1 else ""
        kind = names.get(design.kind.value, design.kind.value)
        return (
            f"{number_of(design.n, 'point')} of a {kind} design over {number_of(len(design.factors), 'factor')}{each}, "
            f"under {self.simulate.policy.title}: {number_of(rows, 'row')} in {where}, of which "
            f"{f'{failed:,}' if failed else 'none'} failed."
        )


def read_design_file(path: Path) -> SweepFile:
    """The sweep that a file describes. Raises ScenarioError, which lists every problem with its line."""
    notes = Problems(str(path), "design", "kind and factors", "kind: sobol")
    text = read_text(path, notes)
    sweep = None if text is None else parse_design_file(text, path, notes)
    if sweep is None or notes.problems:
        raise ScenarioError(sorted(notes.problems, key=lambda problem: (problem.file != str(path), problem.line)))
    return sweep


def read_design(document: Mapping[str, object]) -> SweepFile:
    """The sweep that a dictionary describes, as its file would. Raises ScenarioError, which lists every problem by its
    keys, since a dictionary has no lines.
    """
    text = json.dumps(document, indent=1, default=_write_value)
    notes = Problems("design", "design", "kind and factors", "kind: sobol")
    sweep = parse_design_file(text, Path("design"), notes)
    if sweep is None or notes.problems:
        raise ScenarioError(
            replace(problem, line=0) if problem.file == "design" else problem for problem in notes.problems
        )
    return sweep


def _write_value(value: object) -> object:
    """A value of a dictionary as its file would have it. Raises InputError for what no text can hold."""
    if isinstance(value, Scenario):
        if value.reference and all(name in library() for name in split_stack(value.reference)):
            return value.reference
        file = f"{make_file_stem(value.name) or 'scenario'}.yaml"
        raise InputError(
            f"a design is kept as text, which names its scenario: write what “{value.title}” gives "
            f"by .to_yaml() to a file, such as {file}, and name that"
        )
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, PurePath):
        return str(value)
    raise InputError(f"a design is kept as text, numbers and lists, and holds nothing of type {type(value).__name__}")


def parse_design_file(text: str, path: Path, notes: Problems) -> SweepFile | None:
    """The sweep that a text describes; problems are noted, and None is returned where it cannot be made."""
    top = read_fields(text, notes)
    if top is None:
        return None
    fields = read_known_keys(top, "", (*OWN_FIELDS, *FIELDS), notes)
    policy = _read_policy(fields.get("scenario"), path.parent, notes)
    outcomes = _read_outcomes(fields.get("outcomes"), notes)
    start, years = _read_start(fields.get("from"), notes), _read_years(fields.get("years"), notes)
    design = _read_design_fields({name: node for name, node in fields.items() if name in FIELDS}, notes)
    if policy is None or design is None or notes.problems:
        return None
    return SweepFile(str(path), text, ModelFunction(policy, outcomes, start, years), design)


def _read_policy(node: Node | None, folder: Path, notes: Problems) -> Scenario | None:
    name = BASELINE if node is None else _read_text(node)
    line = node.line if node else 1
    if not name:
        notes.add(line, "scenario", "must be the name of a scenario or of a file")
        return None
    names = split_stack(name, folder)
    try:
        parts = [load_scenario(str(folder / part) if is_file_name(part) else part) for part in names]
        return stack(parts) if len(parts) > 1 else parts[0]
    except ScenarioError as error:
        notes.problems += error.problems
    except (LookupError, ValueError) as error:
        notes.add(line, "scenario", str(error))
    return None


def _read_outcomes(node: Node | None, notes: Problems) -> tuple[str, ...]:
    if node is None:
        return HEADLINES
    names = []
    for item in node.items if isinstance(node, ListNode) else (node,):
        name = _read_text(item)
        if name not in OUTCOMES:
            notes.add(item.line, "outcomes", f"'{name[:40]}' is not an outcome{suggest(name, OUTCOMES)}")
        elif name in names:
            notes.add(item.line, "outcomes", f"names '{name}' twice")
        else:
            names.append(name)
    if isinstance(node, ListNode) and not node.items:
        notes.add(node.line, "outcomes", "is an empty list; leave it out for the headlines")
    return tuple(names)


def _read_start(node: Node | None, notes: Problems) -> str:
    if node is None:
        return PROSPECTIVE
    try:
        if not 0 <= parse_quarter(_read_text(node)) < QUARTERS:
            notes.add(node.line, "from", f"is outside {quarter_name(0)} to {quarter_name(QUARTERS - 1)}")
    except ValueError as error:
        notes.add(node.line, "from", str(error))
    return _read_text(node)


def _read_years(node: Node | None, notes: Problems) -> str | None:
    if node is None:
        return None
    try:
        if not range(QUARTERS // 4)[parse_years(_read_text(node))]:
            notes.add(node.line, "years", "holds none of the years of the calendar")
    except ValueError as error:
        notes.add(node.line, "years", str(error))
    return _read_text(node)


def _read_design_fields(fields: Mapping[str, Node], notes: Problems) -> Design | None:
    """The design; its problems are noted at the line of the field they belong to."""
    lines: dict[str, int] = {}
    fields_read = {name: _to_plain(node, name, lines, notes) for name, node in fields.items()}
    try:
        design = parse_design(fields_read, list_factors((*PARAMETERS, *LEVERS)))
    except DesignError as error:
        for where, problem in error.problems:
            notes.add(_find_line(where, lines), where, problem)
        return None
    for factor in design.factors:
        values = set(factor.prior.values) if isinstance(factor.prior, Levels) else {0.5}
        if factor.unit == Unit.SWITCH.value and not values <= {0.0, 1.0}:
            where = f"factors.{factor.name}"
            notes.add(_find_line(where, lines), where, "is a switch: write [0, 1], or prior, which means the same")
    if design.kind is DesignKind.LATIN and (numbers := design.points * len(design.factors)) > MOST_STRATA:
        most = MOST_STRATA // len(design.factors)
        notes.add(
            _find_line("points", lines),
            "points",
            f"are too many for a Latin hypercube, which every process holds in memory: {design.points:,} points of "
            f"{len(design.factors)} factors are {numbers:,} numbers, and {MOST_STRATA:,} are the most; take {most:,} "
            "points, or sobol or random, which hold none",
        )
    return design


def _find_line(where: str, lines: Mapping[str, int]) -> int:
    """The line of a field, or of the nearest field around it."""
    while where not in lines and "." in where:
        where = where.rpartition(".")[0]
    return lines.get(where, 1)


def _to_plain(node: Node, where: str, lines: dict[str, int], notes: Problems) -> object:
    """A node as plain values; `lines` learns where each field stands."""
    lines.setdefault(where, node.line)
    if isinstance(node, ListNode):
        return [_to_plain(item, where, lines, notes) for item in node.items]
    if isinstance(node, MappingNode):
        mapping = {}
        for key, value in drop_duplicates(node, f"{where}.", notes):
            lines[f"{where}.{key.text}"] = key.line
            mapping[key.text] = _to_plain(value, f"{where}.{key.text}", lines, notes)
        return mapping
    if node.number is None:
        return normalise_text(node.text) if node.text or not node.plain else None
    return node.number if abs(node.number) < LARGEST_FLOAT else node.text  # digits that a float would round


def _read_text(node: Node) -> str:
    return remove_invisible(node.text) if isinstance(node, ScalarNode) else ""
