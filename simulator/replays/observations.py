"""What is observed in a replay: one number for each future, as a replay's file describes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum, auto
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

from simulator.common.arrays import Floats
from simulator.common.errors import UnknownNameError
from simulator.common.units import Unit
from simulator.common.yaml_nodes import ListNode, MappingNode, Node, Problems, suggest
from simulator.declarations.evidence import find_missing
from simulator.declarations.outcomes import OUTCOMES, Outcome
from simulator.declarations.output_variables import AREA_VARIABLES, NATIONAL_VARIABLES
from simulator.engine.ensemble import YearlyRecords
from simulator.replays.body_groups import EDGE, Flags, Groups
from simulator.replays.parallel_worlds import OWN
from simulator.replays.replay_fields import read_amount, read_count, read_years, text_of
from simulator.replays.targets import Target, Use, read_targets
from simulator.scenarios.field_validation import drop_duplicates, read_known_keys

STILL = 1e-12


class Take(StrEnum):
    """Which of several groups of bodies is read."""

    LOWEST = auto()
    HIGHEST = auto()
    RANGE = auto()


@dataclass(frozen=True)
class Observation:
    """One number of a replay: `measure` names an outcome or a national measure, `years` counts from the replay's first.

    With `at_least` or `at_most` it is the share of bodies whose own measure is so; with neither it is the measure over
    all bodies' money together. With `groups` the bodies are cut into so many groups in the order of their table, and
    `take` says which is read: the lowest, the highest, or the range between them. With `top` it is the same number for
    the `top` bodies that have most of the area variable `by` in these years, less that of all others. `bodies` names a
    group of the replay, and `world` one of its worlds. With `slope` it is the slope over bodies of their own measure on
    an area variable; with `even` the plain mean over bodies, and not their money together. `less` says what is
    subtracted: with one of its entries it is a difference, with two a difference in differences. `observed` is the
    published fact that it is compared with, if there is one, and `says` what the file says of it.
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
    bodies: str = ""
    world: str = OWN
    slope: str = ""
    even: bool = False
    less: Less = field(default_factory=lambda: Less())
    says: str = ""

    @cached_property
    def outcome(self) -> Outcome:
        """The formula behind the measure."""
        return find_measure(self.measure)

    @property
    def by_body(self) -> bool:
        """True when bodies are told apart, so that their own years are needed."""
        return self.counted or self.groups > 0 or self.top > 0 or bool(self.bodies or self.slope) or self.even

    @property
    def worlds(self) -> tuple[str, ...]:
        """The worlds that it is read from."""
        return tuple(dict.fromkeys((self.world, *([self.less.world] if self.less.world else ()))))

    @property
    def counted(self) -> bool:
        """True when bodies are counted."""
        return self.at_least is not None or self.at_most is not None

    @property
    def unit(self) -> Unit:
        """The unit of the prediction."""
        return Unit.SHARE if self.counted else self.outcome.unit

    def read(self, yearly: YearlyRecords) -> Floats:
        """The prediction of each future, in a replay of one world without groups of bodies: shape (futures,)."""
        return self.read_worlds({OWN: yearly}, {})

    def read_worlds(self, worlds: Mapping[str, YearlyRecords], picked: Mapping[str, Flags]) -> Floats:
        """The prediction of each future: (futures,); nan where no body, or nothing that varies, is left to read."""
        sides = [
            (self.years, self.less.years),
            (self.bodies, self.less.bodies or None),
            (self.world, self.less.world or None),
        ]
        total: Floats | None = None
        for levels in product(*([0] if other is None else [0, 1] for _, other in sides)):
            years, bodies, world = (side[level] for side, level in zip(sides, levels, strict=True))
            value = self._read(worlds[str(world)], years, picked.get(str(bodies)))
            total = value if total is None else total - value if sum(levels) % 2 else total + value
        assert total is not None
        return total

    def _read(self, yearly: YearlyRecords, years: object, belongs: Flags | None) -> Floats:
        assert isinstance(years, slice)
        if not self.by_body:
            return self.outcome.of(yearly.nation[:, years])
        assert yearly.areas is not None
        areas = yearly.areas[:, years]
        if self.groups:
            parts = np.array_split(np.arange(areas.shape[2]), self.groups)
            values = np.stack([self._read_bodies(areas[:, :, part]) for part in parts], axis=1)
            ends = {Take.LOWEST: values.min(axis=1), Take.HIGHEST: values.max(axis=1)}
            return np.asarray(ends.get(self.take, ends[Take.HIGHEST] - ends[Take.LOWEST]))
        if self.top:
            order = np.argsort(-areas[self.by].mean(axis=1), axis=1, kind="stable")
            ordered = np.take_along_axis(areas, order[:, None, :], axis=2)
            return self._read_bodies(ordered[:, :, : self.top]) - self._read_bodies(ordered[:, :, self.top :])
        return self._read_bodies(areas, belongs)

    def _read_bodies(self, areas: NDArray[np.void], belongs: Flags | None = None) -> Floats:
        """The measure of some bodies' own years (futures, years, bodies): shape (futures,)."""
        if not (self.counted or self.even or self.slope):
            terms = [term.lstrip("-") for term in (*self.outcome.over, *self.outcome.by)]
            held = 1.0 if belongs is None else belongs[:, None, :]
            return self.outcome.of({term: (areas[term] * held).sum(axis=2) for term in terms})
        values = self.outcome.of(np.moveaxis(areas, 1, 2))
        if self.counted:
            values = self._count(values)
        if belongs is None and not self.slope:
            return np.asarray(values.mean(axis=1))
        belongs = np.ones(values.shape, bool) if belongs is None else belongs
        if self.slope:
            return _fit_slopes(areas[self.slope].mean(axis=1), values, belongs)
        return _divide((values * belongs).sum(axis=1), belongs.sum(axis=1))

    def _count(self, values: Floats) -> Floats:
        counted = np.ones(values.shape, bool)
        if self.at_least is not None:
            counted &= values >= self.at_least - EDGE
        if self.at_most is not None:
            counted &= values <= self.at_most + EDGE
        return counted.astype(np.float64)


@dataclass(frozen=True)
class Less:
    """What an observation is set against: other years, other bodies, another world; what is left out is the same."""

    years: slice | None = None
    bodies: str = ""
    world: str = ""


def keep_defined(values: Floats) -> Floats:
    """The predictions of those futures that have one."""
    return np.asarray(values[~np.isnan(values)])


def _fit_slopes(x: Floats, y: Floats, belongs: Flags) -> Floats:
    """The least-squares slope of y on x over the bodies that belong, of (futures, bodies) each: (futures,)."""
    n = belongs.sum(axis=1)[:, None]
    x, y = (np.where(belongs, v - _divide((v * belongs).sum(axis=1)[:, None], n), 0.0) for v in (x, y))
    spread = (x**2).sum(axis=1)
    return _divide((x * y).sum(axis=1), np.where(spread > STILL, spread, 0.0))


def _divide(part: NDArray[np.float64], whole: NDArray[np.floating] | NDArray[np.integer]) -> Floats:
    return np.asarray(np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=np.asarray(whole) > 0))


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


KEYS = (
    "measure",
    "year",
    "at_least",
    "at_most",
    "groups",
    "take",
    "top",
    "by",
    "bodies",
    "world",
    "slope",
    "weigh",
    "less",
    "observed",
    "evidence",
    "says",
)
LESS_KEYS = ("year", "bodies", "world")


@dataclass(frozen=True)
class Setting:
    """What can be read: years, how many bodies, groups of them, worlds; with `spells`, figures of bodies alone."""

    years: int
    bodies: int
    groups: Groups = field(default_factory=dict)
    worlds: tuple[str, ...] = (OWN,)
    spells: bool = False


def read_observations(node: Node | None, setting: Setting, notes: Problems) -> tuple[Observation, ...]:
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
        observation = _read_observation(key.text, own_fields, where, key.line, setting, notes)
        if observation and len(notes.problems) == problems_before:
            observations.append(observation)
    return tuple(observations)


def _read_observation(
    name: str, fields: Mapping[str, Node], where: str, line: int, setting: Setting, notes: Problems
) -> Observation | None:
    """An observation, or None with its problems noted."""
    measure = text_of(fields.get("measure"))
    if measure not in OUTCOMES and measure not in NATIONAL_VARIABLES:
        every = (*OUTCOMES, *NATIONAL_VARIABLES)
        message = f"'{measure[:40]}' is neither an outcome nor a national measure{suggest(measure, every)}"
        notes.add(line, f"{where}.measure", message if measure else "is missing")
        return None
    outcome = find_measure(measure)
    least, most = (
        read_amount(fields.get(key), outcome.unit, f"{where}.{key}", notes) for key in ("at_least", "at_most")
    )
    if (least is not None or most is not None) and not counts_bodies(outcome):
        notes.add(line, where, f"bodies cannot be counted by '{measure}', which is a figure for the whole nation")
        return None
    if setting.spells and not counts_bodies(outcome):
        notes.add(
            line, where, f"'{measure}' is a figure for the whole nation, which spells of single bodies leave open"
        )
        return None
    span = read_years(fields.get("year"), f"{where}.year", setting.years, notes)
    plain = Observation(name, measure, span, least, most)
    told_apart = _read_contrast(plain, fields, where, line, setting.bodies, notes)
    observation = _read_sides(told_apart, fields, where, setting, notes)
    says = text_of(fields.get("says"))
    return replace(observation, says=says, observed=_read_observed(observation, fields, where, notes))


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
    limits = {"groups": (2, bodies), "top": (1, bodies - 1)}
    groups, top = (read_count(fields.get(key), f"{where}.{key}", *ends, bodies, notes) for key, ends in limits.items())
    take = text_of(fields.get("take")) or Take.RANGE.value
    if take not in {each.value for each in Take}:
        notes.add(fields["take"].line, f"{where}.take", "must be lowest, highest or range")
        take = Take.RANGE.value
    by = text_of(fields.get("by"))
    if top and by not in AREA_VARIABLES:
        message = f"'{by[:40]}' is not recorded of each body{suggest(by, AREA_VARIABLES)}" if by else "is missing"
        notes.add(fields["by"].line if "by" in fields else line, f"{where}.by", message)
    return replace(plain, groups=groups, take=Take(take), top=top, by=by)


def _read_sides(
    plain: Observation, fields: Mapping[str, Node], where: str, setting: Setting, notes: Problems
) -> Observation:
    """The observation with its bodies, its world, its slope, and what it is set against."""
    bodies = _read_name(fields, "bodies", where, tuple(setting.groups), notes)
    world = _read_name(fields, "world", where, setting.worlds, notes) or OWN
    slope, weigh = text_of(fields.get("slope")), text_of(fields.get("weigh"))
    if "slope" in fields and slope not in AREA_VARIABLES:
        message = f"'{slope[:40]}' is not recorded of each body{suggest(slope, AREA_VARIABLES)}"
        notes.add(fields["slope"].line, f"{where}.slope", message)
    if "weigh" in fields and weigh not in ("money", "bodies"):
        notes.add(fields["weigh"].line, f"{where}.weigh", "must be money (the default) or bodies")
    for key in ("bodies", "slope", "weigh"):
        if key not in fields:
            continue
        line = fields[key].line
        if not counts_bodies(plain.outcome):
            notes.add(
                line, f"{where}.{key}", f"does not go with '{plain.measure}', which is a figure for the whole nation"
            )
        if plain.groups or plain.top:
            notes.add(line, f"{where}.{key}", "does not go with groups or top; write two observations")
    sides = replace(plain, bodies=bodies, world=world, slope=slope, even=weigh == "bodies")
    return replace(sides, less=_read_less(sides, fields.get("less"), f"{where}.less", setting, notes))


def _read_less(plain: Observation, node: Node | None, where: str, setting: Setting, notes: Problems) -> Less:
    if node is None:
        return Less()
    if not isinstance(node, MappingNode) or not node.pairs:
        notes.add(
            node.line, where, "must say what else is subtracted, such as {year: 1}, {bodies: rest} or {world: own}"
        )
        return Less()
    fields = read_known_keys(node, f"{where}.", LESS_KEYS, notes)
    years = read_years(fields["year"], f"{where}.year", setting.years, notes) if "year" in fields else None
    bodies = _read_name(fields, "bodies", where, tuple(setting.groups), notes)
    world = _read_name(fields, "world", where, setting.worlds, notes)
    if bodies and not plain.bodies:
        notes.add(fields["bodies"].line, f"{where}.bodies", "needs 'bodies' in the observation itself too")
    for key, same in (
        ("year", years == plain.years),
        ("bodies", bool(bodies) and bodies == plain.bodies),
        ("world", bool(world) and world == plain.world),
    ):
        if key in fields and same:
            notes.add(fields[key].line, f"{where}.{key}", "is what it is subtracted from; name another")
    return Less(years, bodies, world)


def _read_name(fields: Mapping[str, Node], key: str, where: str, known: tuple[str, ...], notes: Problems) -> str:
    """The name of a group or of a world of this replay; "" if it is left out, or unknown, which is noted."""
    name = text_of(fields.get(key))
    if key not in fields or name in known:
        return name
    kind = "group under 'bodies'" if key == "bodies" else "world of this replay"
    hint = suggest(name, known) or (f"; there are {', '.join(known)}" if known else "; there are none")
    notes.add(fields[key].line, f"{where}.{key}", f"'{name[:40]}' is no {kind}{hint}")
    return ""


def _read_observed(observation: Observation, fields: Mapping[str, Node], where: str, notes: Problems) -> Target | None:
    """What it is compared with: a target by its id, or a number of the user's own."""
    node, cited = fields.get("observed"), _read_evidence(fields, where, notes)
    if node is None:
        return None
    text = text_of(node)
    if text in read_targets():
        return _check_target(observation, read_targets()[text], f"{where}.observed", node.line, notes)
    wanted = f"a number or the id of a target{suggest(text, read_targets())}"
    number = read_amount(node, observation.unit, f"{where}.observed", notes, wanted)
    if number is None:
        return None
    label = text_of(fields.get("says")) or observation.name.replace("_", " ")
    return Target(observation.name, label, label, Use.OWN, (number,), observation.unit, cited)


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
    ids = tuple(text_of(item) for item in items)
    for unknown in find_missing(ids):
        notes.add(node.line if node else 1, f"{where}.evidence", f"'{unknown[:40]}' is not in the register of evidence")
    return ids
