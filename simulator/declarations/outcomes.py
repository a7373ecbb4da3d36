"""Every outcome, declared once: what it means, its unit, which way is better, and its formula over output variables.

A ratio divides sums over all chosen years and all areas, so money carried into the next year is counted once.
A yearly outcome is the mean over the years.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from simulator.common.arrays import Floats
from simulator.common.units import Unit
from simulator.declarations.output_variables import NATIONAL_VARIABLES


@dataclass(frozen=True)
class Outcome:
    """An outcome. `over` and `by` name national variables; a leading minus subtracts. Without `by` it is yearly.

    `label` is its one name for readers; `gloss` says in a few words what the name alone would leave open.
    """

    name: str
    label: str
    unit: Unit
    better: int
    meaning: str
    over: tuple[str, ...]
    by: tuple[str, ...] = ()
    gloss: str = ""

    def __post_init__(self) -> None:
        for term in (*self.over, *self.by):
            if term.lstrip("-") not in NATIONAL_VARIABLES:
                raise ValueError(f"outcome {self.name}: '{term}' is not a national output variable")

    @property
    def change_unit(self) -> Unit:
        """The unit of its differences: shares of boards, posts or decisions are no money, so theirs are points."""
        return Unit.CASES if self.unit is Unit.SHARE and self.name in _SHARES_OF_CASES else self.unit

    @property
    def title(self) -> str:
        """The label with its gloss, for headings and lists of choices."""
        return f"{self.label}, {self.gloss}" if self.gloss else self.label

    @property
    def formula(self) -> str:
        """The formula in output variables, for tables."""
        top = " + ".join(self.over).replace("+ -", "− ")
        bottom = " + ".join(self.by)
        return f"({top}) / ({bottom})" if self.by else f"{top}, mean over years"

    def of(self, nation: Any) -> Floats:
        """The outcome of national records of shape (..., years), over all those years: shape (...).

        A ratio is nan if the fund is zero.
        """
        if not self.by:
            return np.asarray(_sum_terms(nation, self.over).mean(axis=-1))
        top, bottom = _sum_terms(nation, self.over).sum(axis=-1), _sum_terms(nation, self.by).sum(axis=-1)
        return np.asarray(np.divide(top, bottom, out=np.full(np.shape(top), np.nan), where=bottom > 0))

    def each_year(self, nation: Any) -> Floats:
        """The outcome of each year by itself: shape (..., years), like the records."""
        top = _sum_terms(nation, self.over)
        if not self.by:
            return top
        bottom = _sum_terms(nation, self.by)
        return np.asarray(np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom > 0))


def _sum_terms(nation: Any, terms: tuple[str, ...]) -> Floats:
    """Terms added up, those with a minus taken off: a new array. Each is read once, from records, and added to it."""
    first, *others = terms
    values = np.asarray(nation[first.lstrip("-")], np.float64)
    total = np.asarray(0.0 - values if first.startswith("-") else 0.0 + values)
    for term in others:
        change = np.subtract if term.startswith("-") else np.add
        change(total, nation[term.lstrip("-")], out=total)
    return total


_SHARES_OF_CASES = ("kept_in_full", "kept_none", "pilots_renewed", "turnover")
_RAIDS = ("raided_q1", "raided_q2", "raided_q3", "raided_q4")
_FUND = ("funding",)
_ALL = (
    Outcome("planned", "Planned for its purpose", Unit.SHARE, 1,
            "share of the boards' money that plans protect", ("protected",), ("pot",)),
    Outcome("retained", "Money kept", Unit.SHARE, 1,
            "share of the fund neither given up when plans were made nor taken back in the year",
            ("pot", "-released", *(f"-{q}" for q in _RAIDS), "direct"), ("pot", "direct")),
    Outcome("spent", "Spent on purpose", Unit.SHARE, 1,
            "share of the fund spent on its purpose, hurried spending and central staff included",
            ("spent", "direct"), _FUND),
    Outcome("strict", "Spent on purpose, without central staff", Unit.SHARE, 1,
            "as spent on purpose, but extra central staff left out", ("spent", "direct", "-staff"), _FUND),
    Outcome("place", "Reached places", Unit.SHARE, 1, "share of the fund received by places", ("place",), _FUND),
    Outcome("front", "Reached the front line", Unit.SHARE, 1,
            "share of the fund that reached providers and communities", ("front",), _FUND),
    Outcome("core20", "Reached the most deprived fifth", Unit.SHARE, 1,
            "share of the fund that reached the front line for the most deprived fifth of people",
            ("core20",), _FUND),
    Outcome("additional", "New money", Unit.SHARE, 1,
            "share of the fund that reached the front line and did not just replace other spending",
            ("additional",), _FUND, "not replacing other spending"),
    Outcome("kept_in_full", "Boards that kept all of it", Unit.SHARE, 1,
            "share of boards that kept 95% or more", ("kept_in_full",), ("boards",)),
    Outcome("kept_none", "Boards that kept none of it", Unit.SHARE, -1,
            "share of boards that kept 5% or less", ("kept_none",), ("boards",)),
    Outcome("raided", "Taken back in the year", Unit.MILLIONS, -1,
            "£m a year moved to other spending to balance the books", _RAIDS),
    *(Outcome(q, f"Taken back in {q[-2:].upper()}", Unit.MILLIONS, -1,
              f"£m a year moved to other spending in {q[-2:].upper()} to balance the books", (q,)) for q in _RAIDS),
    Outcome("rushed", "Spent in a hurry", Unit.MILLIONS, -1, "£m a year spent in a hurry at the year end", ("rushed",)),
    Outcome("lapsed", "Lapsed", Unit.MILLIONS, -1, "£m a year unspent and lost at the year end", ("lapsed",)),
    Outcome("pilots_mainstreamed", "Pilots mainstreamed", Unit.COUNT, 1,
            "pilot cohorts a year moved into mainstream budgets", ("pilots_mainstreamed",)),
    Outcome("pilots_renewed", "Pilots renewed", Unit.SHARE, 1, "share of decisions on pilots that renew them",
            ("pilots_renewed",), ("pilots_renewed", "pilots_ended", "pilots_mainstreamed")),
    Outcome("turnover", "Chiefs who left", Unit.SHARE, 0,
            "share of chief posts in use whose holder left at least once in the year",
            ("chief_left",), ("post_used",)),
    Outcome("deficits", "Boards in deficit", Unit.COUNT, 0, "boards with a gap after support in Q4", ("deficits",)),
    Outcome("deficit", "Total deficit", Unit.PERCENT, 0,
            "gaps of boards after support in Q4 as a share of all allocations", ("deficit",)),
    Outcome("spread", "Spread between boards", Unit.SHARE, -1,
            "90th less 10th centile over boards of the share kept", ("retained_high", "-retained_low")),
    Outcome("deprivation_gap", "Most less least deprived third", Unit.SHARE, 0,
            "mean share kept in the most deprived third of areas less that in the least deprived",
            ("retained_deprived", "-retained_affluent")),
    *(Outcome(f"{name}_mean", f"{label}, mean over boards", Unit.SHARE, 1,
              f"plain mean over boards of the share {words}", (f"{name}_mean",))
      for name, label, words in (
          ("retained", "Money kept", "kept"), ("spent", "Spent on purpose", "spent on purpose"),
          ("place", "Reached places", "that reached places"),
          ("front", "Reached the front line", "that reached the front line"),
          ("additional", "New money", "that was new money"))),
)  # fmt: skip

OUTCOMES: Mapping[str, Outcome] = MappingProxyType({outcome.name: outcome for outcome in _ALL})
BOARD_OUTCOMES = ("planned", "retained", "spent", "strict", "place", "front", "core20", "additional")
"""The outcomes that a single board has: shares of its money."""

HEADLINES = ("planned", "retained", "spent", "front", "additional")
