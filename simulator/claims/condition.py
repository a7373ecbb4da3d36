"""What a claim says, as conditions that hold or do not: "difference above 0 in at least 60 of 100", for one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast, get_args

from simulator.common.arrays import Floats
from simulator.common.characters import make_visible, normalise_text
from simulator.common.errors import InputError
from simulator.common.formatting import count_in_hundred
from simulator.common.numbers import NotReadableError, parse_number
from simulator.common.units import Unit
from simulator.experiments.core import verdicts
from simulator.experiments.core.clustered_errors import Z_95
from simulator.experiments.core.model_protocol import ROUNDING
from simulator.experiments.core.paired_comparison import Comparison

Quantity = Literal["difference", "average", "settled", "level"]
Relation = Literal["above", "below", "equal to", "neither above nor below"]

FORMS = (
    "difference above 0 in at least 60 of 100",
    "average above £5 of each £100",
    "settled below 0",
    "level above 80%",
)
"""An example of each way to write a condition."""

_TEXT = re.compile(
    r"(?:the )?(?P<quantity>difference|average|settled|level)(?: difference)? "
    r"(?P<relation>above|below|equal to|neither above nor below) (?P<threshold>.+?)"
    r"(?: in at least (?P<at_least>\d{1,3}) of 100(?: futures)?)?"
)
_POUNDS = re.compile(r"^([-+−]?) ?£ ?([\d.,]+) (?:of|in) each £ ?100$")
"""A share of the fund as people say it."""

_LOWER_BOUNDS = {verdicts.FREQUENCIES[0]: 95, verdicts.FREQUENCIES[1]: 66}


@dataclass(frozen=True)
class Condition:
    """A condition on a comparison of a new scenario with an old one, in the outcome's unit.

    `quantity` is "difference" (new less old, future by future), "average" (of the difference), "settled" (the whole 95%
    interval of that average; "neither above nor below" where it holds the threshold) or "level" (the new scenario's
    mean). A difference is counted: it lies on this side of `threshold` in `at_least` of 100 futures; others have
    `at_least` 0.
    """

    quantity: Quantity
    relation: Relation
    threshold: float
    at_least: int = 0

    def __post_init__(self) -> None:
        if self.quantity not in get_args(Quantity) or self.relation not in get_args(Relation):
            raise InputError(f"'{make_visible(self.quantity)} {make_visible(self.relation)}' is no condition")
        if (self.quantity == "difference") != (1 <= self.at_least <= 100):
            raise InputError(
                "a difference is counted in at least 1 to 100 of 100 futures, and nothing else is; write "
                f"“{FORMS[0]}” or “{FORMS[1]}”"
            )
        if self.relation == "equal to" and self.quantity != "difference":
            raise InputError("only the difference in single futures can be equal to something")
        if self.relation == "neither above nor below" and self.quantity != "settled":
            raise InputError("only what is not settled is neither above nor below something")

    @property
    def text(self) -> str:
        """The condition as it is typed."""
        counted = f" in at least {self.at_least} of 100" if self.at_least else ""
        return f"{self.quantity} {self.relation} {self.threshold:.15g}{counted}"

    def holds(self, comparison: Comparison, differences: Floats) -> bool:
        """Whether it holds of a comparison, whose differences in single futures are given, shape (futures,)."""
        if self.quantity == "difference":
            return 100 * self._count(differences) >= self.at_least * len(differences)
        if self.quantity == "level":
            low = high = comparison.new_mean
        else:
            margin = Z_95 * comparison.standard_error if self.quantity == "settled" else 0.0
            low, high = comparison.difference - margin, comparison.difference + margin
        above, below = low > self.threshold, high < self.threshold
        return above if self.relation == "above" else below if self.relation == "below" else not (above or below)

    def _count(self, differences: Floats) -> int:
        beyond = differences - self.threshold
        if self.relation == "equal to":
            return int((abs(beyond) <= ROUNDING).sum())
        return int((beyond > ROUNDING).sum() if self.relation == "above" else (beyond < -ROUNDING).sum())

    def describe_finding(self, comparison: Comparison, differences: Floats) -> str:
        """What was found, beside the condition: "it is so in 87 of 100"."""
        if self.quantity == "difference":
            return f"it is so in {count_in_hundred(self._count(differences), len(differences))} of 100"
        value = comparison.new_mean if self.quantity == "level" else comparison.difference
        share = comparison.outcome.unit is Unit.SHARE
        sign = "−" if value < 0 else ""
        pounds = f"; that is {sign}£{100 * abs(value):.2f} of each £100" if share else ""
        if self.quantity == "settled":
            return f"the average is {value:.4g}{pounds}; running more futures could move it by {comparison.margin:.2g}"
        return f"it is {value:.4g}{pounds}"


def parse_condition(text: str, unit: Unit) -> Condition:
    """The condition in a text. Raises InputError, which shows how to write one."""
    words = normalise_text(text)
    written = _TEXT.fullmatch(words)
    if written is None:
        ways = "; ".join(f"“{form}”" for form in FORMS)
        raise InputError(f"'{make_visible(text)}' is no condition that can be checked; write for example {ways}")
    amount = written["threshold"]
    if unit is Unit.SHARE:
        amount = _POUNDS.sub(r"\1\2 points", amount)
    try:
        threshold = parse_number(amount, of_hundred=unit is not Unit.SHARE)
    except NotReadableError as error:
        raise InputError(f"'{make_visible(text)}': {error}") from None
    quantity = cast(Quantity, written["quantity"])
    return Condition(quantity, cast(Relation, written["relation"]), threshold, int(written["at_least"] or 0))


def derive_conditions(comparison: Comparison) -> Sequence[Condition]:
    """The conditions under which the sentence of a comparison stays true. Raises InputError for too few futures."""
    verdict = comparison.verdict
    if verdict == verdicts.SAME:
        return (Condition("difference", "equal to", 0.0, 100),)
    if verdict == verdicts.NOT_SETTLED:
        return (Condition("settled", "neither above nor below", 0.0),)
    side: Relation = "above" if comparison.difference > 0 else "below"
    if verdict in verdicts.ASSUMED:
        return (Condition("average", side, 0.0),)
    if not verdicts.split_verdict(verdict)[0]:
        raise InputError(f"“{comparison.new}” has too few futures for a verdict; ask for at least 100")
    settled = Condition("settled", side, 0.0)
    fewest = _LOWER_BOUNDS.get(verdicts.split_verdict(verdict)[1])
    return (settled, Condition("difference", side, 0.0, fewest)) if fewest else (settled,)
