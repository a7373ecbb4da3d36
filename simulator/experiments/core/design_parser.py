"""From the fields of a design, as somebody wrote them, to a design; or to a list of all that is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from simulator.common import numbers
from simulator.common.errors import InputError
from simulator.common.near_names import did_you_mean
from simulator.experiments.core.design import Design, DesignKind, Levels, find_design_problems
from simulator.experiments.core.model_protocol import Factor, index_factors

FIELDS = ("kind", "factors", "points", "runs", "seed", "luck")
LUCK = ("shared", "own")
PRIOR = "prior"
_SPEC = ("low", "high", "levels")
_FORMS = f"'{PRIOR}', a list of values, or low and high (with levels, a number, for a grid)"
LARGEST = 2**32 - 1
_Read = TypeVar("_Read")
MOST_LEVELS = 10_000


class DesignError(InputError):
    """A design cannot be used. `problems` lists all that is wrong, as (field, message), with dots within a field."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{where}: {what}" for where, what in self.problems))


def parse_design(mapping: Mapping[str, object], factors: Sequence[Factor]) -> Design:
    """A design from plain values, such as a YAML file gives.

    `kind` is grid, latin, sobol or random; `points` a number (not for a grid); `runs` a number (1); `seed` a number
    (0); `luck` is shared or own (shared); `factors` maps names among `factors` to `prior`, a list of values, or `low`
    and `high` (each the factor's own bound, unless given) with `levels` for so many values at equal steps.
    Raises DesignError, which lists every problem.
    """
    if not isinstance(mapping, Mapping):
        raise DesignError([("design", "write fields, such as kind, factors and points")])
    reader = _Reader(index_factors(factors))
    design = reader.design(mapping)
    if design is None:
        raise DesignError(reader.problems)
    return design


def _number(value: object, factor: Factor) -> float:
    """A value of a factor; one from 0 to 1 can also be on or off. Raises NotReadableError."""
    switch = (factor.low, factor.high) == (0, 1) and isinstance(value, str | bool)
    word = numbers.switch_word(str(value)) if switch else None
    return numbers.number(value) if word is None else float(word)


class _Reader:
    """Reads fields and collects problems; what cannot be read is None."""

    def __init__(self, known: Mapping[str, Factor]) -> None:
        self.known = known
        self.problems: list[tuple[str, str]] = []

    def add(self, where: str, what: str) -> None:
        self.problems.append((where, what))

    def design(self, fields: Mapping[str, object]) -> Design | None:
        self.unknown("", fields, FIELDS, "field")
        kind = self.choice("kind", fields.get("kind"), [k.value for k in DesignKind])
        points = self.whole("points", fields.get("points", 0))
        runs = self.whole("runs", fields.get("runs", 1))
        seed = self.seed("seed", fields.get("seed", 0))
        luck = self.choice("luck", fields.get("luck", "shared"), LUCK)
        chosen = self.factors(fields.get("factors"))
        if kind and points is not None and runs is not None:
            self.problems += find_design_problems(DesignKind(kind), chosen, points, runs)
        if self.problems or kind is None or points is None or runs is None or seed is None:
            return None
        return Design(DesignKind(kind), chosen, points, runs, seed, luck == "own")

    def unknown(self, where: str, names: Collection[object], known: Collection[str], what: str) -> None:
        for name in names:
            if name not in known:
                hint = did_you_mean(name, [str(other) for other in known]) or f"there are {', '.join(known)}"
                self.add(f"{where}{name}", f"is not a {what}; {hint}")

    def choice(self, where: str, value: object, known: Sequence[str]) -> str | None:
        if isinstance(value, str) and value in known:
            return value
        hint = did_you_mean(value, known) or f"choose {' or '.join(known)}"
        self.add(where, f"is missing; {hint}" if value is None else f"'{value}' is not known; {hint}")
        return None

    def whole(self, where: str, value: object) -> int | None:
        return self.read(where, lambda: numbers.whole(value, 0, LARGEST))

    def seed(self, where: str, value: object) -> int | None:
        return self.read(where, lambda: numbers.seed(value))

    def read(self, where: str, reading: Callable[[], _Read]) -> _Read | None:
        """What a reading gives, or None with its complaint kept."""
        try:
            return reading()
        except numbers.NotReadableError as problem:
            self.add(where, str(problem))
            return None

    def number(self, where: str, value: object, factor: Factor) -> float | None:
        number = self.read(where, lambda: _number(value, factor))
        if number is None or factor.low <= number <= factor.high:
            return number
        hint = f"; {number:g}% is {number / 100:g}" if factor.high == 1 and 2 <= number <= 100 else ""
        self.add(where, f"{number:g} is outside {factor.low:g} to {factor.high:g}{hint}")
        return None

    def factors(self, specs: object) -> tuple[Factor, ...]:
        if not isinstance(specs, Mapping) or not specs:
            self.add("factors", f"name at least one factor, each with {_FORMS}")
            return ()
        self.unknown("factors.", specs, self.known, "factor")
        read = [self.factor(f"factors.{name}", specs[name], self.known[name]) for name in specs if name in self.known]
        return tuple(factor for factor in read if factor)

    def factor(self, where: str, spec: object, factor: Factor) -> Factor | None:
        if spec == PRIOR:
            if factor.prior is None:
                self.add(where, "has no prior: give low and high, or a list of values")
            return factor if factor.prior else None
        if isinstance(spec, list | tuple):
            return self.listed(where, spec, factor)
        if isinstance(spec, Mapping):
            return self.between(where, spec, factor)
        self.add(where, f"{spec!r} says nothing about it: write {_FORMS}")
        return None

    def listed(self, where: str, values: Sequence[object], factor: Factor) -> Factor | None:
        numbers = [self.number(where, value, factor) for value in values]
        good = tuple(number for number in numbers if number is not None)
        if not values:
            self.add(where, "the list of values is empty")
        if len(set(good)) < len(good):
            self.add(where, "a value occurs twice")
        return replace(factor, prior=Levels(good)) if good else None

    def between(self, where: str, spec: Mapping[object, object], factor: Factor) -> Factor | None:
        self.unknown(f"{where}.", spec, _SPEC, "field")
        low = self.number(f"{where}.low", spec.get("low", factor.low), factor)
        high = self.number(f"{where}.high", spec.get("high", factor.high), factor)
        levels = self.whole(f"{where}.levels", spec["levels"]) if "levels" in spec else 0
        if low is None or high is None or levels is None:
            return None
        if low >= high:
            self.add(where, f"low {low:g} is not below high {high:g}")
            return None
        if "levels" in spec and not 2 <= levels <= MOST_LEVELS:
            self.add(f"{where}.levels", f"{levels} levels; between 2 and {MOST_LEVELS:,} make steps from low to high")
            return None
        steps = Levels(tuple(float(x) for x in np.linspace(low, high, levels))) if levels else None
        return replace(factor, low=low, high=high, prior=steps)
