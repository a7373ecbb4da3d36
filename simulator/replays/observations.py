"""What is observed in a replay: one number for each future, as a replay's file describes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simulator.common.characters import normalise_text
from simulator.common.errors import UnknownNameError
from simulator.common.units import Unit
from simulator.common.yaml_nodes import ListNode, MappingNode, Node, Problems, ScalarNode, suggest
from simulator.declarations.evidence import find_missing
from simulator.declarations.outcomes import OUTCOMES, Outcome
from simulator.declarations.output_variables import AREA_VARIABLES, NATIONAL_VARIABLES
from simulator.engine.ensemble import YearlyRecords
from simulator.replays.targets import Target, Use, read_targets
from simulator.scenarios.field_validation import drop_duplicates, read_known_keys

Floats = NDArray[np.float64]
EDGE = 1e-9


@dataclass(frozen=True)
class Observation:
    """One number of a replay: `measure` names an outcome or a national measure, `years` counts from the replay's first.

    With `at_least` or `at_most` it is the share of bodies whose own measure is so; with neither it is the measure over
    all bodies' money together. `observed` is the published fact that it is compared with, if there is one.
    """

    name: str
    measure: str
    years: slice
    at_least: float | None = None
    at_most: float | None = None
    observed: Target | None = None

    @cached_property
    def outcome(self) -> Outcome:
        """The formula behind the measure."""
        return find_measure(self.measure)

    @property
    def by_body(self) -> bool:
        """True when bodies are counted, so that their own years are needed."""
        return self.at_least is not None or self.at_most is not None

    @property
    def unit(self) -> Unit:
        """The unit of the prediction."""
        return Unit.SHARE if self.by_body else self.outcome.unit

    def read(self, yearly: YearlyRecords) -> Floats:
        """The prediction of each future: shape (futures,)."""
        if not self.by_body:
            return self.outcome.of(yearly.nation[:, self.years])
        assert yearly.areas is not None
        values = self.outcome.of(np.moveaxis(yearly.areas[:, self.years], 1, 2))
        counted = np.ones(values.shape, bool)
        if self.at_least is not None:
            counted &= values >= self.at_least - EDGE
        if self.at_most is not None:
            counted &= values <= self.at_most + EDGE
        return np.asarray(counted.mean(axis=1))


def find_measure(name: str) -> Outcome:
    """An outcome, or a national measure read year by year. Raises LookupError."""
    if name in OUTCOMES:
        return OUTCOMES[name]
    if name not in NATIONAL_VARIABLES:
        raise UnknownNameError(f"'{name}' is neither an outcome nor a national measure")
    unit, words = NATIONAL_VARIABLES[name]
    return Outcome(name, words, unit, 0, words, (name,))


def counts_bodies(outcome: Outcome) -> bool:
    """True if a single body has this outcome too, so that bodies can be counted by it."""
    return bool(outcome.by) and all(term.lstrip("-") in AREA_VARIABLES for term in (*outcome.over, *outcome.by))


KEYS = ("measure", "year", "at_least", "at_most", "observed", "evidence", "says")


def read_observations(node: Node | None, years: int, notes: Problems) -> tuple[Observation, ...]:
    """The observations under `observe`; problems are noted."""
    if not isinstance(node, MappingNode) or not node.pairs:
        notes.add(node.line if node else 1, "observe", "must name at least one thing to read, with its measure")
        return ()
    observations = []
    for key, fields in drop_duplicates(node, "observe.", notes):
        if notes.full:
            break
        where = f"observe.{key.text}"
        if not isinstance(fields, MappingNode):
            notes.add(key.line, where, "must be a mapping such as {measure: spent, year: 1, observed: 0.4}")
            continue
        problems_before = len(notes.problems)
        own_fields = read_known_keys(fields, f"{where}.", KEYS, notes)
        observation = _read_observation(key.text, own_fields, where, key.line, years, notes)
        if observation and len(notes.problems) == problems_before:
            observations.append(observation)
    return tuple(observations)


def _read_observation(
    name: str, fields: Mapping[str, Node], where: str, line: int, years: int, notes: Problems
) -> Observation | None:
    measure = _text(fields.get("measure"))
    if measure not in OUTCOMES and measure not in NATIONAL_VARIABLES:
        every = (*OUTCOMES, *NATIONAL_VARIABLES)
        message = f"'{measure[:40]}' is neither an outcome nor a national measure{suggest(measure, every)}"
        notes.add(line, f"{where}.measure", message if measure else "is missing")
        return None
    outcome = find_measure(measure)
    least, most = (
        _read_number(fields.get(key), outcome.unit, f"{where}.{key}", notes) for key in ("at_least", "at_most")
    )
    if (least is not None or most is not None) and not counts_bodies(outcome):
        notes.add(line, where, f"bodies cannot be counted by '{measure}', which is a figure for the whole nation")
        return None
    observation = Observation(
        name, measure, _read_years(fields.get("year"), f"{where}.year", years, notes), least, most
    )
    observed = _read_observed(observation, fields, where, notes)
    return Observation(name, measure, observation.years, least, most, observed)


def _read_observed(observation: Observation, fields: Mapping[str, Node], where: str, notes: Problems) -> Target | None:
    """What it is compared with: a target by its id, or a number of the user's own."""
    node, cited = fields.get("observed"), _read_evidence(fields, where, notes)
    if node is None:
        return None
    text = _text(node)
    if text in read_targets():
        return _check_target(observation, read_targets()[text], f"{where}.observed", node.line, notes)
    wanted = f"a number or the id of a target{suggest(text, read_targets())}"
    number = _read_number(node, observation.unit, f"{where}.observed", notes, wanted)
    if number is None:
        return None
    label = _text(fields.get("says")) or observation.name.replace("_", " ")
    return Target(observation.name, label, label, Use.OUT_OF_SAMPLE, (number,), observation.unit, cited)


def _check_target(observation: Observation, target: Target, where: str, line: int, notes: Problems) -> Target:
    if len(target.observed) > 1:
        notes.add(line, where, f"'{target.id}' holds {len(target.observed)} numbers, and this is one")
    elif target.unit is not observation.unit:
        notes.add(line, where, f"'{target.id}' is in {target.unit.value}, and this in {observation.unit.value}")
    return target


def _read_evidence(fields: Mapping[str, Node], where: str, notes: Problems) -> tuple[str, ...]:
    node = fields.get("evidence")
    if node is not None and not isinstance(node, ListNode):
        notes.add(node.line, f"{where}.evidence", "must be a list of ids, such as [E60, R07]")
    items = node.items if isinstance(node, ListNode) else ()
    ids = tuple(_text(item) for item in items)
    for unknown in find_missing(ids):
        notes.add(node.line if node else 1, f"{where}.evidence", f"'{unknown[:40]}' is not in the register of evidence")
    return ids


def _read_years(node: Node | None, where: str, years: int, notes: Problems) -> slice:
    if node is None:
        return slice(0, years)
    number = node.number if isinstance(node, ScalarNode) else None
    if number is None or not number.is_integer() or not 1 <= number <= years:
        notes.add(node.line, where, f"must be a year of this replay, from 1 to {years}; leave it out for all together")
        return slice(0, years)
    return slice(int(number) - 1, int(number))


def _read_number(node: Node | None, unit: Unit, where: str, notes: Problems, wanted: str = "a number") -> float | None:
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


def _text(node: Node | None) -> str:
    return normalise_text(node.text) if isinstance(node, ScalarNode) else ""
