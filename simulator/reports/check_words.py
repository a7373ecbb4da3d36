"""Checks of the scoreboard as readers are told them: a name that stands alone, what the model gives, its tolerance."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from functools import cache

from simulator.calibration.scoreboard import KINDS, Line, count_kinds, tell_kind
from simulator.common.formatting import format_level, format_number
from simulator.common.sentence_templates import get_template, load_templates
from simulator.common.units import Unit
from simulator.replays.targets import read_patterns


@cache
def _name_checks() -> dict[str, str]:
    """The names of pattern checks out of context: with the pattern's title, and without phrases such as "the same"."""
    names = {}
    for pattern in read_patterns().values():
        says = {check.name: check.says for check in pattern.checks}
        for name, meaning in says.items():
            plain = name.removesuffix("_strict")
            if plain != name and plain in says:
                meaning = f"{says[plain]}, against the tolerance that was planned first"
            names[f"{pattern.id}.{name}"] = f"{pattern.full_title}: {meaning}"
    return names


def name_line(line: Line) -> str:
    """A check's title, which can be understood without the lines around it."""
    return _name_checks().get(line.id, line.title)


def describe_fit(line: Line) -> str:
    """What a check gives, with its unit: a share as percent; a pattern's number is of what its title says."""
    unit = find_unit(line)
    observed = "" if math.isnan(line.observed) else f", seen {format_value(line.observed, unit)}"
    return f"the model gives {format_value(line.simulated, unit)}{observed}; tolerance {write_band(line)}"


def write_band(line: Line) -> str:
    """The tolerance, or the sign where any size of it passes."""
    low, high = (format_value(x, find_unit(line)) for x in line.tolerance)
    any_size = tell_kind(line) == KINDS[2] and 0 in line.tolerance
    return SIGNS[line.tolerance[0] == 0] if any_size else f"{low} to {high}"


SIGNS = ("any size below 0", "any size above 0")


RATIOS = ("correlation", "ratio", "counts")
"""Words of patterns whose numbers have no unit; those of others are shares where nothing else is said."""


def find_unit(line: Line) -> Unit | str:
    """The unit of a check; that of a pattern follows from what it counts."""
    if line.unit is Unit.COUNT:
        return "boards"
    if line.unit is not None:
        return line.unit
    says = name_line(line)
    if "£m" in says:
        return Unit.MILLIONS
    if "number of boards" in says:
        return "boards"
    return "" if any(word in says for word in RATIOS) else Unit.SHARE


def format_value(x: float, unit: Unit | str) -> str:
    """A value of a check in its unit."""
    if unit in (Unit.SHARE, Unit.CASES):
        return f"{format_number(100 * x, 3)}%"
    if unit is Unit.MILLIONS:
        return format_level(float(f"{x:.3g}"), unit)
    if isinstance(unit, Unit):
        return f"{format_number(x, 3)}{unit.value if unit is Unit.PERCENT else ''}"
    return f"{format_number(x, 3)} {unit}".rstrip()


def describe_checks(lines: Sequence[Line]) -> str:
    """How many checks the model fails, and how many it passes of those that could teach most, in a sentence."""
    passed, count = count_kinds(lines)[KINDS[3]]
    failed = sum(not line.passes for line in lines)
    return get_template("limits.checks").format(failed=failed, every=len(lines), count=count, passed=passed)


def list_failed(lines: Sequence[Line], evidence: Collection[str] | None = None) -> list[str]:
    """The checks that fail, each in words; only those that cite one of `evidence`, where it is given."""
    return [describe_failure(line) for line in find_failed(lines, evidence)]


def find_failed(lines: Sequence[Line], evidence: Collection[str] | None = None) -> list[Line]:
    """The same as lines of the scoreboard."""
    failed = [line for line in lines if not line.passes]
    return failed if evidence is None else [line for line in failed if set(line.evidence) & set(evidence)]


def describe_failure(line: Line) -> str:
    """A check that fails in a plain sentence: what was to be, what the model gives, and which way it errs."""
    plain = get_template(f"fails.{line.id}") if f"fails.{line.id}" in load_templates() else name_line(line)
    return get_template("fails.sentence").format(plain=plain, fit=describe_fit(line), means=tell_meaning(line))


def tell_meaning(line: Line) -> str:
    """Which way the model errs on a check that fails, in a short sentence."""
    return get_template(_find_meaning(line))


def tell_meaning_shortly(line: Line) -> str:
    """The same in a few words, which follow "the model fails a check"."""
    return get_template(f"{_find_meaning(line)}.short")


def _find_meaning(line: Line) -> str:
    side = "above" if line.simulated > line.tolerance[1] else "below"
    usual = f"kept.{side}" if list_money_used([line]) else side
    own = f"fails.{line.id}.{side}"
    return own if own in load_templates() else f"fails.{usual}"


def list_money_used(lines: Sequence[Line]) -> list[Line]:
    """The lines, never fitted, on which part of some other money was used as intended."""
    told = [line for line in lines if ": money " in line.title and not math.isnan(line.observed)]
    return [line for line in told if tell_kind(line) != KINDS[0]]


def describe_history(lines: Sequence[Line], key: str = "fails.history") -> str:
    """Which way the checks on how money was used in other times err, where all err one way; else ""."""
    signs = {line.simulated > line.observed for line in list_money_used(lines)}
    if len(signs) != 1 or len(list_money_used(lines)) < 2:
        return ""
    template = get_template(f"{key}.above" if signs.pop() else f"{key}.below")
    return template.format(count=len(list_money_used(lines)))
