"""From the fields of a design, as somebody wrote them, to a design; or to a list of all that is wrong with them."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches

import numpy as np

from simulator.experiments.design import Design, Kind, Levels, faults
from simulator.experiments.protocol import Factor, by_name

FIELDS = ("kind", "factors", "points", "runs", "seed", "luck")
LUCK = ("shared", "own")
PRIOR = "prior"
_SPEC = ("low", "high", "levels")
_FORMS = f"'{PRIOR}', a list of values, or low and high (with levels, a number, for a grid)"
LARGEST = 2**32 - 1
MOST_LEVELS = 10_000


class DesignError(ValueError):
    """A design cannot be used. `problems` lists all that is wrong, as (field, message), with dots within a field."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{where}: {what}" for where, what in self.problems))


def from_mapping(mapping: Mapping[str, object], factors: Sequence[Factor]) -> Design:
    """A design from plain values, such as a YAML file gives.

    `kind` is grid, latin, sobol or random; `points` a number (not for a grid); `runs` a number (1); `seed` a number
    (0); `luck` is shared or own (shared); `factors` maps names among `factors` to `prior`, a list of values, or `low`
    and `high` (each the factor's own bound, unless given) with `levels` for so many values at equal steps.
    Raises DesignError, which lists every problem.
    """
    if not isinstance(mapping, Mapping):
        raise DesignError([("design", "write fields, such as kind, factors and points")])
    reader = _Reader(by_name(factors))
    design = reader.design(mapping)
    if design is None:
        raise DesignError(reader.problems)
    return design


class _Reader:
    """Reads fields and collects problems; what cannot be read is None."""

    def __init__(self, known: Mapping[str, Factor]) -> None:
        self.known = known
        self.problems: list[tuple[str, str]] = []

    def add(self, where: str, what: str) -> None:
        self.problems.append((where, what))

    def design(self, fields: Mapping[str, object]) -> Design | None:
        self.unknown("", fields, FIELDS, "field")
        kind = self.choice("kind", fields.get("kind"), [k.value for k in Kind])
        points = self.whole("points", fields.get("points", 0))
        runs = self.whole("runs", fields.get("runs", 1))
        seed = self.whole("seed", fields.get("seed", 0))
        luck = self.choice("luck", fields.get("luck", "shared"), LUCK)
        chosen = self.factors(fields.get("factors"))
        if kind and points is not None and runs is not None:
            self.problems += faults(Kind(kind), chosen, points, runs)
        if self.problems or kind is None or points is None or runs is None or seed is None:
            return None
        return Design(Kind(kind), chosen, points, runs, seed, luck == "own")

    def unknown(self, where: str, names: Collection[object], known: Collection[str], what: str) -> None:
        for name in names:
            if name not in known:
                near = get_close_matches(str(name), known, 1)
                hint = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(known)}"
                self.add(f"{where}{name}", f"is not a {what}; {hint}")

    def choice(self, where: str, value: object, known: Sequence[str]) -> str | None:
        if isinstance(value, str) and value in known:
            return value
        near = get_close_matches(str(value), known, 1)
        hint = f"did you mean '{near[0]}'?" if near else f"choose {' or '.join(known)}"
        self.add(where, f"is missing; {hint}" if value is None else f"'{value}' is not known; {hint}")
        return None

    def whole(self, where: str, value: object) -> int | None:
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST:
            return value
        self.add(where, f"{value!r} is not a whole number from 0 to {LARGEST:,}")
        return None

    def number(self, where: str, value: object, factor: Factor) -> float | None:
        if not isinstance(value, int | float | np.number) or isinstance(value, bool) or not math.isfinite(value):
            self.add(where, f"{value!r} is not a number")
            return None
        if not factor.low <= value <= factor.high:
            self.add(where, f"{value:g} is outside {factor.low:g} to {factor.high:g}")
            return None
        return float(value)

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
