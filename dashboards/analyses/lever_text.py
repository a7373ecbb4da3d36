"""Levers, their amounts and frequencies in words."""

from __future__ import annotations

import math
from collections.abc import Sequence

from simulator.common.formatting import format_difference, format_difference_range, format_number
from simulator.common.units import Unit
from simulator.declarations.levers import LEVERS
from simulator.declarations.parameters import PARAMETERS

NAMES = {
    "ringfence": "enforcement of a ring-fence that is never waived",
    "audit": "audit of a ring-fence that is never waived",
    "leader_lift": "a leadership programme",
    "finance_lift": "finance-director engagement",
}
"""What levers are called where their value is swept, along with what `ALONG` sets."""

SCALES = {
    "ringfence": "0 none, 1 audited board by board",
    "leader_lift": "part of the gap to full strength that it closes",
    "finance_lift": "part of the gap to full support that it closes",
}


def name_lever(name: str) -> str:
    """A lever in the middle of a sentence."""
    meaning = LEVERS[name].about.meaning.split(":")[0].split("(")[0].strip().rstrip("?")
    return NAMES.get(name) or f"“{meaning}”"


def describe_lever_at(name: str, amount: str) -> str:
    """A lever at an amount that is in words already."""
    if name == "ringfence":
        return f"a ring-fence that is never waived and enforced at {amount} of full strength"
    if name in ("leader_lift", "finance_lift"):
        return f"{name_lever(name)} that closes {amount} of the gap"
    return f"{name_lever(name)} at {amount}"


def capitalise(words: str) -> str:
    """The same at the start of a sentence."""
    return words[:1].upper() + words[1:]


def format_amount(name: str, x: float | None) -> str:
    """An amount of a lever: 45%, 0.2, 1.2%."""
    if x is None or math.isinf(x):
        return "no amount"
    unit = LEVERS[name].about.unit
    if unit is Unit.SHARE:
        return f"{format_number(100 * x)}%"
    return f"{format_number(x)}%" if unit is Unit.PERCENT else format_number(x)


def describe_beyond(name: str, amounts: Sequence[float]) -> str:
    """More, or for a lever that is lowered less, than any amount that was tried."""
    return f"{'more' if amounts[-1] > amounts[0] else 'less'} than {format_amount(name, amounts[-1])}"


def describe_parameter(parameter: str) -> str:
    """What a parameter is, in the words of its declaration."""
    return PARAMETERS[parameter].about.meaning if parameter in PARAMETERS else LEVERS[parameter].about.meaning


def shorten_parameter(parameter: str) -> str:
    """A parameter in few words, for sentences and labels."""
    words = describe_parameter(parameter).split("(")[0].split(":")[0].split(";")[0].strip()
    if parameter.startswith("pull_") and "pull" not in words.lower():
        return f"Pull to protect: {words[:1].lower()}{words[1:]}"
    return words


def format_change(x: float, unit: Unit = Unit.SHARE) -> str:
    """A difference in words."""
    return format_difference(x, unit)


def format_size(x: float, unit: Unit = Unit.SHARE) -> str:
    """A difference without its sign."""
    return format_difference(abs(x), unit).lstrip("+")


def format_change_range(low: float, high: float, unit: Unit = Unit.SHARE) -> str:
    """Two differences as a range, the unit said once."""
    return format_difference_range(low, high, unit)


def to_json_number(x: float) -> float | None:
    """A number as JSON holds it: no amount is null."""
    return float(x) if math.isfinite(x) else None
