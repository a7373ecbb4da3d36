"""Parses the fields of a design, as somebody wrote them, or lists everything that is wrong with them."""

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
SEEDS = ("shared", "own")
"""Whether points share their seeds, or every row has its own: the values of the field `luck`."""
PRIOR = "prior"
USUAL_NAMES = {
    **dict.fromkeys(("lhs", "lhc", "latin hypercube", "latin-hypercube"), DesignKind.LATIN.value),
    **dict.fromkeys(("full factorial", "full-factorial", "factorial", "ff"), DesignKind.GRID.value),
    **dict.fromkeys(("saltelli", "quasi random", "quasi-random", "low discrepancy"), DesignKind.SOBOL.value),
    **dict.fromkeys(("monte carlo", "monte-carlo", "mc", "uniform", "prior"), DesignKind.RANDOM.value),
}
"""What other tools call the kinds of design, and what they are called here."""
_RANGE_FIELDS = ("low", "high", "levels")
_FACTOR_FORMS = f"'{PRIOR}', a list of values, or low and high (with levels, a number, for a grid)"
LARGEST = 2**32 - 1
_Parsed = TypeVar("_Parsed")
MOST_LEVELS = 10_000


class DesignError(InputError):
    """A design cannot be used. `problems` lists all that is wrong as (field, message), with dots within a field."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{field}: {message}" for field, message in self.problems))


def parse_design(mapping: Mapping[str, object], factors: Sequence[Factor]) -> Design:
    """A design from plain values, such as a YAML file gives.

    `kind` is grid, latin, sobol or random; `points` a number (not for a grid); `runs` a number (1); `seed` a number
    (0); `luck` is shared or own (shared); `factors` maps names among `factors` to `prior`, a list of values, or `low`
    and `high` (each the factor's own bound, unless given) with `levels` for so many values at equal steps.
    Raises DesignError, which lists every problem.
    """
    if not isinstance(mapping, Mapping):
        raise DesignError([("design", "write fields, such as kind, factors and points")])
    parser = _Parser(index_factors(factors))
    design = parser.parse_design(mapping)
    if design is None:
        raise DesignError(parser.problems)
    return design


def _parse_value(value: object, factor: Factor) -> float:
    """A value of a factor; one from 0 to 1 can also be on or off. Raises NotReadableError."""
    may_be_switch = (factor.low, factor.high) == (0, 1) and isinstance(value, str | bool)
    switch = numbers.parse_switch_word(str(value)) if may_be_switch else None
    return numbers.parse_number(value) if switch is None else float(switch)


class _Parser:
    """Parses fields and collects problems; what cannot be parsed is None."""

    def __init__(self, known: Mapping[str, Factor]) -> None:
        self.known = known
        self.problems: list[tuple[str, str]] = []

    def add(self, field: str, message: str) -> None:
        self.problems.append((field, message))

    def parse_design(self, fields: Mapping[str, object]) -> Design | None:
        self.refuse_unknown("", fields, FIELDS, "field")
        kind = self.parse_choice("kind", fields.get("kind"), [k.value for k in DesignKind])
        points = self.parse_whole("points", fields.get("points", 0))
        runs = self.parse_whole("runs", fields.get("runs", 1))
        seed = self.parse_seed("seed", fields.get("seed", 0))
        sharing = self.parse_choice("luck", fields.get("luck", "shared"), SEEDS)
        chosen = self.parse_factors(fields.get("factors"))
        if kind and points is not None and runs is not None:
            self.problems += find_design_problems(DesignKind(kind), chosen, points, runs)
        if self.problems or kind is None or points is None or runs is None or seed is None:
            return None
        return Design(DesignKind(kind), chosen, points, runs, seed, sharing == "own")

    def refuse_unknown(self, field: str, names: Collection[object], known: Collection[str], kind: str) -> None:
        for name in names:
            if name not in known:
                hint = did_you_mean(name, [str(other) for other in known]) or f"there are {', '.join(known)}"
                self.add(f"{field}{name}", f"is not a {kind}; {hint}")

    def parse_choice(self, field: str, value: object, known: Sequence[str]) -> str | None:
        if isinstance(value, str) and value in known:
            return value
        usual = USUAL_NAMES.get(" ".join(str(value).casefold().replace("'", "").replace("_", " ").split()), "")
        named = f"it is called '{usual}' here" if usual in known else ""
        hint = named or did_you_mean(value, known) or f"choose {' or '.join(known)}"
        self.add(field, f"is missing; {hint}" if value is None else f"'{value}' is not known; {hint}")
        return None

    def parse_whole(self, field: str, value: object) -> int | None:
        return self.attempt(field, lambda: numbers.parse_whole(value, 0, LARGEST))

    def parse_seed(self, field: str, value: object) -> int | None:
        return self.attempt(field, lambda: numbers.parse_seed(value))

    def attempt(self, field: str, parse: Callable[[], _Parsed]) -> _Parsed | None:
        """What `parse` returns, or None with its complaint kept."""
        try:
            return parse()
        except numbers.NotReadableError as problem:
            self.add(field, str(problem))
            return None

    def parse_number(self, field: str, value: object, factor: Factor) -> float | None:
        number = self.attempt(field, lambda: _parse_value(value, factor))
        if number is None or factor.low <= number <= factor.high:
            return number
        hint = f"; {number:g}% is {number / 100:g}" if factor.high == 1 and 2 <= number <= 100 else ""
        self.add(field, f"{number:g} is outside {factor.low:g} to {factor.high:g}{hint}")
        return None

    def parse_factors(self, written: object) -> tuple[Factor, ...]:
        if not isinstance(written, Mapping) or not written:
            self.add("factors", f"name at least one factor, each with {_FACTOR_FORMS}")
            return ()
        self.refuse_unknown("factors.", written, self.known, "factor")
        names = [name for name in written if name in self.known]
        parsed = [self.parse_factor(f"factors.{name}", written[name], self.known[name]) for name in names]
        return tuple(factor for factor in parsed if factor)

    def parse_factor(self, field: str, written: object, factor: Factor) -> Factor | None:
        if written == PRIOR:
            if factor.prior is None:
                self.add(field, "has no prior: give low and high, or a list of values")
            return factor if factor.prior else None
        if isinstance(written, list | tuple):
            return self.parse_list(field, written, factor)
        if isinstance(written, Mapping):
            return self.parse_range(field, written, factor)
        self.add(field, f"{written!r} says nothing about it: write {_FACTOR_FORMS}")
        return None

    def parse_list(self, field: str, values: Sequence[object], factor: Factor) -> Factor | None:
        parsed = [self.parse_number(field, value, factor) for value in values]
        good = tuple(number for number in parsed if number is not None)
        if not values:
            self.add(field, "the list of values is empty")
        if len(set(good)) < len(good):
            self.add(field, "a value occurs twice")
        return replace(factor, prior=Levels(good)) if good else None

    def parse_range(self, field: str, written: Mapping[object, object], factor: Factor) -> Factor | None:
        self.refuse_unknown(f"{field}.", written, _RANGE_FIELDS, "field")
        low = self.parse_number(f"{field}.low", written.get("low", factor.low), factor)
        high = self.parse_number(f"{field}.high", written.get("high", factor.high), factor)
        levels = self.parse_whole(f"{field}.levels", written["levels"]) if "levels" in written else 0
        if low is None or high is None or levels is None:
            return None
        if low >= high:
            self.add(field, f"low {low:g} is not below high {high:g}")
            return None
        if "levels" in written and not 2 <= levels <= MOST_LEVELS:
            self.add(f"{field}.levels", f"{levels} levels; between 2 and {MOST_LEVELS:,} make steps from low to high")
            return None
        steps = Levels(tuple(float(x) for x in np.linspace(low, high, levels))) if levels else None
        return replace(factor, low=low, high=high, prior=steps)
