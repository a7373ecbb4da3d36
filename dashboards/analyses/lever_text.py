"""Levers, their amounts and parameters in words."""

from __future__ import annotations

import math
from collections.abc import Sequence

from simulator.calibration.evidence_status import list_badges
from simulator.common.formatting import format_absolute, format_number
from simulator.common.units import Unit
from simulator.declarations.levers import LEVERS
from simulator.declarations.parameters import PARAMETERS
from simulator.reports.sentences import capitalise_first

NAMES = {
    "ringfence": "enforcement of a ring-fence that is never waived",
    "audit": "audit of a ring-fence that is never waived",
    "leader_lift": "a leadership programme",
    "finance_lift": "finance-director engagement",
}
"""What levers are called where their value is swept, along with what `COMPANION_LEVERS` sets."""

SCALES = {
    "ringfence": "0 none, 1 audited board by board",
    "leader_lift": "part of the gap to full strength that it closes",
    "finance_lift": "part of the gap to full support that it closes",
}


LEADERS_ALONE = (
    "The leadership programme of this question strengthens chief executives and chairs alone: finance directors stay "
    "as they are today, while “Stronger leadership” moves them too. Amounts are tried up to the most that can be set; "
    "“Full” on Build is less than that: a starting value that was chosen, since no source measures a programme."
)
"""Why amounts of it are not those of the scenario, and why they go on beyond it."""


def name_lever(lever: str) -> str:
    """A lever in the middle of a sentence."""
    meaning = LEVERS[lever].about.meaning.split(":")[0].split("(")[0].strip().rstrip("?")
    return NAMES.get(lever) or f"“{meaning}”"


def label_axis(lever: str) -> str:
    """A lever beside an axis, with what its scale means."""
    scale = f" ({SCALES[lever]})" if lever in SCALES else ""
    return f"{capitalise_first(name_lever(lever))}{scale}"


def shorten_lever(lever: str) -> str:
    """A lever in a word or two, for notes in pictures."""
    names = {"ringfence": "the ring-fence", "leader_lift": "leadership", "finance_lift": "finance directors"}
    return names.get(lever, name_lever(lever))


def is_share(lever: str) -> bool:
    """Whether amounts of a lever are shares, which are shown in %."""
    return LEVERS[lever].about.unit is Unit.SHARE


def describe_lever_at(lever: str, amount: str) -> str:
    """A lever at an amount that is in words already."""
    if lever == "ringfence":
        return f"a ring-fence that is never waived and enforced at {amount} of full strength"
    if lever in ("leader_lift", "finance_lift"):
        return f"{name_lever(lever)} that closes {amount} of the gap"
    return f"{name_lever(lever)} at {amount}"


def format_amount(lever: str, amount: float | None) -> str:
    """An amount of a lever: 45%, 0.2, 1.2%."""
    if amount is None or math.isinf(amount):
        return "no amount"
    unit = LEVERS[lever].about.unit
    if unit is Unit.SHARE:
        return f"{format_number(100 * amount)}%"
    return f"{format_number(amount)}%" if unit is Unit.PERCENT else format_number(amount)


def format_amount_range(lever: str, low: float | None, high: float | None, amounts: Sequence[float]) -> str:
    """Two amounts of a lever as a range; None lies beyond the amounts that were tried."""
    word = "more" if amounts[-1] > amounts[0] else "less"
    beyond = f"{word} than {format_amount(lever, amounts[-1])}"
    ends = (beyond if amount is None else format_amount(lever, amount) for amount in (low, high))
    return " to ".join(ends)


def describe_parameter(parameter: str) -> str:
    """What a parameter is, in plain words, or a lever in the words of its declaration."""
    about = PARAMETERS[parameter].about if parameter in PARAMETERS else LEVERS[parameter].about
    return capitalise_first(about.plain or about.meaning)


def make_parameter_row(parameter: str, *cells: str) -> tuple[str, ...]:
    """A row about a parameter: its words, its name, the cells, and what it rests on ("" for chance)."""
    return describe_parameter(parameter), parameter, *cells, list_badges().get(parameter, "")


def shorten_parameter(parameter: str) -> str:
    """A parameter in a few words, for sentences and labels."""
    return describe_parameter(parameter).split("(")[0].split(":")[0].split(";")[0].strip()


def format_size(difference: float, unit: Unit = Unit.SHARE) -> str:
    """A difference without its sign."""
    return format_absolute(difference, unit)


def to_json_number(x: float) -> float | None:
    """A number as JSON can hold it: infinite and undefined numbers are null."""
    return float(x) if math.isfinite(x) else None
