"""What is observed in a replay: one number for each future, as a replay's file describes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
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


class Take(Enum):
    """Which of several groups of bodies is read."""

    LOWEST = "lowest"
    HIGHEST = "highest"
    RANGE = "range"


@dataclass(frozen=True)
class Observation:
    """One number of a replay: `measure` names an outcome or a national measure, `years` counts from the replay's first.

    With `at_least` or `at_most` it is the share of bodies whose own measure is so; with neither it is the measure over
    all bodies' money together. With `groups` the bodies are cut into so many groups in the order of their table, and
    `take` says which is read: the lowest, the highest, or the range between them. With `top` it is the same number for
    the `top` bodies that have most of the area variable `by` in these years, less that of all others. `observed` is the
    published fact that it is compared with, if there is one.
    """

    name: str
    measure: str
    years: slice
    at_least: float | None = None
    at_most: float | None = None
    observed: Target | None = None
    groups: int = 0
    take: Take = Take.RANGE
    top: int = 0
    by: str = ""

    @cached_property
    def outcome(self) -> Outcome:
        """The formula behind the measure."""
        return find_measure(self.measure)

    @property
    def by_body(self) -> bool:
        """True when bodies are told apart, so that their own years are needed."""
        return self.counted or self.groups > 0 or self.top > 0

    @property
    def counted(self) -> bool:
        """True when bodies are counted."""
        return self.at_least is not None or self.at_most is not None

    @property
    def unit(self) -> Unit:
        """The unit of the prediction."""
        return Unit.SHARE if self.counted else self.outcome.unit

    def read(self, yearly: YearlyRecords) -> Floats:
        """The prediction of each future: shape (futures,)."""
        if not self.by_body:
            return self.outcome.of(yearly.nation[:, self.years])
        assert yearly.areas is not None
        areas = yearly.areas[:, self.years]
        if self.groups:
            parts = np.array_split(np.arange(areas.shape[2]), self.groups)
            values = np.stack([self._read_bodies(areas[:, :, part]) for part in parts], axis=1)
            ends = {Take.LOWEST: values.min(axis=1), Take.HIGHEST: values.max(axis=1)}
            return np.asarray(ends.get(self.take, ends[Take.HIGHEST] - ends[Take.LOWEST]))
        if self.top:
            order = np.argsort(-areas[self.by].mean(axis=1), axis=1, kind="stable")
            ordered = np.take_along_axis(areas, order[:, None, :], axis=2)
            return self._read_bodies(ordered[:, :, : self.top]) - self._read_bodies(ordered[:, :, self.top :])
        return self._read_bodies(areas)

    def _read_bodies(self, areas: NDArray[np.void]) -> Floats:
        """The measure of some bodies' own years (futures, years, bodies): shape (futures,)."""
        if not self.counted:
            terms = (*self.outcome.over, *self.outcome.by)
            return self.outcome.of({term.lstrip("-"): areas[term.lstrip("-")].sum(axis=2) for term in terms})
        values = self.outcome.of(np.moveaxis(areas, 1, 2))
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


KEYS = ("measure", "year", "at_least", "at_most", "groups", "take", "top", "by", "observed", "evidence", "says")


def read_observations(node: Node | None, years: int, bodies: int, notes: Problems) -> tuple[Observation, ...]:
    """The observations under `observe`, of so many years and bodies; problems are noted."""
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
        observation = _read_observation(key.text, own_fields, where, key.line, (years, bodies), notes)
        if observation and len(notes.problems) == problems_before:
            observations.append(observation)
    return tuple(observations)


def _read_observation(
    name: str, fields: Mapping[str, Node], where: str, line: int, size: tuple[int, int], notes: Problems
) -> Observation | None:
    """An observation; `size` is the number of years and of bodies."""
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
    span = _read_years(fields.get("year"), f"{where}.year", size[0], notes)
    observation = _read_contrast(Observation(name, measure, span, least, most), fields, where, line, size[1], notes)
    return replace(observation, observed=_read_observed(observation, fields, where, notes))


def _read_contrast(
    plain: Observation, fields: Mapping[str, Node], where: str, line: int, bodies: int, notes: Problems
) -> Observation:
    """The observation with the groups that it is read from, or the bodies that it sets against the others."""
    asked = [key for key in ("groups", "top") if key in fields]
    if asked and not counts_bodies(plain.outcome):
        notes.add(
            line, where, f"bodies cannot be told apart by '{plain.measure}', which is a figure for the whole nation"
        )
        return plain
    if len(asked) > 1:
        notes.add(line, where, "has both groups and top; write two observations")
    for key, needs in (("take", "groups"), ("by", "top")):
        if key in fields and needs not in fields:
            notes.add(fields[key].line, f"{where}.{key}", f"needs {needs} beside it")
    groups, top = (_read_count(fields.get(key), f"{where}.{key}", bodies, notes) for key in ("groups", "top"))
    take = _text(fields.get("take")) or Take.RANGE.value
    if take not in {each.value for each in Take}:
        notes.add(fields["take"].line, f"{where}.take", "must be lowest, highest or range")
        take = Take.RANGE.value
    by = _text(fields.get("by"))
    if top and by not in AREA_VARIABLES:
        message = f"'{by[:40]}' is not recorded of each body{suggest(by, AREA_VARIABLES)}" if by else "is missing"
        notes.add(fields["by"].line if "by" in fields else line, f"{where}.by", message)
    return replace(plain, groups=groups, take=Take(take), top=top, by=by)


def _read_count(node: Node | None, where: str, bodies: int, notes: Problems) -> int:
    """A number of groups or bodies, so that none is empty; 0 where it is left out."""
    if node is None:
        return 0
    number = node.number if isinstance(node, ScalarNode) else None
    low, high = (2, bodies) if where.endswith("groups") else (1, bodies - 1)
    if number is None or not number.is_integer() or not low <= number <= high:
        notes.add(node.line, where, f"must be a whole number from {low} to {high}: there are {bodies} bodies")
        return 0
    return int(number)


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
