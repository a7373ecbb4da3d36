"""One dated change of one lever: its effect on the lever's quarters, and when two changes conflict."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from simulator.common.errors import InputError
from simulator.common.formatting import format_number
from simulator.common.units import Unit
from simulator.declarations.calendar import QUARTERS, quarter_name
from simulator.declarations.evidence import EvidenceIds
from simulator.declarations.levers import LEVERS

Kind = Literal["to", "add", "scale", "path"]
Quarters = NDArray[np.float64]
LAST = QUARTERS - 1


@dataclass(frozen=True)
class Change:
    """A change of one lever from quarter index `start` to `end`, both included.

    `kind` says how: set the lever `to` a value, `add` to it, `scale` it, or follow a `path` of
    (quarter index, value) entries, each held until the next. An `end` in the last quarter of the calendar
    means without end. `phase` is the number of quarters the change takes to arrive (0: at once). A switch is set to 0
    or 1, at once. Raises InputError for a switch half on, and for what is not a number.
    """

    lever: str
    kind: Kind
    value: float
    path: tuple[tuple[int, float], ...]
    start: int
    end: int
    phase: int
    because: str
    evidence: EvidenceIds
    assumption: bool
    source: str
    line: int

    def __post_init__(self) -> None:
        if endless := [value for value in self._values if not math.isfinite(value)]:
            raise InputError(f"{self.lever} must be a number, not {endless[0]}")
        if problem := describe_switch_problem(self.lever, *self._values, phase=self.phase, sets=self.is_set):
            raise InputError(problem)

    @property
    def _values(self) -> tuple[float, ...]:
        return tuple(value for _, value in self.path) if self.kind == "path" else (self.value,)

    @property
    def dates(self) -> tuple[int, ...]:
        """The quarters (index) in which it begins, goes on to the next value of its path, or has ended."""
        ended = () if self.end >= QUARTERS - 1 else (self.end + 1,)
        return tuple(sorted({self.start, *(quarter for quarter, _ in self.path), *ended}))

    @property
    def is_set(self) -> bool:
        """True if the change sets the value, whatever it was before."""
        return self.kind in ("to", "path")

    @property
    def where(self) -> str:
        """File and line, as people and editors write them."""
        return f"{self.source}:{self.line}" if self.line else self.source

    def describe(self) -> str:
        """The change in words, without the lever's name."""
        if self.kind == "path":
            steps = [f"{format_setting(self.lever, value)} from {quarter_name(q)}" for q, value in self.path]
            return "follows " + ", ".join(steps)
        verb = {"to": f"is set to {format_setting(self.lever, self.value)}", "add": f"moves by {self.value:+g}"}
        text = verb.get(self.kind, f"is multiplied by {self.value:g}") + f" from {quarter_name(self.start)}"
        if self.phase > 1:
            text += f", phased in over {self.phase} quarters"
        return text + (f", until the end of {quarter_name(self.end)}" if self.end < LAST else "")

    def cut(self, later: Change) -> Change | None:
        """What is left of it once a later change sets the lever at once and for good; None if nothing is."""
        if later.lever != self.lever or later.start > self.end:
            return self
        if later.start <= self.start:
            return None
        path = tuple((quarter, value) for quarter, value in self.path if quarter < later.start)
        return replace(self, end=later.start - 1, path=path)

    def shifted(self, by: int) -> Change | None:
        """The same change `by` quarters later, cut at the end of the calendar; None if nothing is left."""
        start = self.start + by
        if start > LAST:
            return None
        end = LAST if self.end == LAST else min(LAST, self.end + by)
        path = tuple((q + by, value) for q, value in self.path if q + by <= LAST)
        return replace(self, start=start, end=end, path=path)


def is_switch(lever: str) -> bool:
    """True for a lever that is on (1) or off (0), with nothing between."""
    return lever in LEVERS and LEVERS[lever].about.unit is Unit.SWITCH


def is_yes_or_no(lever: str) -> bool:
    """True for a lever that people read as Yes (1) or No (0): a switch, or a question, which may be half answered."""
    return is_switch(lever) or (lever in LEVERS and LEVERS[lever].about.meaning.endswith("?"))


def is_part(lever: str) -> bool:
    """True for a lever whose value is a part of what it could be: people read none, per cent, or in full."""
    about = LEVERS[lever].about
    return not is_yes_or_no(lever) and about.high <= 1 and "(0 " not in about.meaning.partition(":")[0]


def format_part(part: float) -> str:
    """A part as people read it: none, 30%, 22.5%, in full."""
    return ("none", "in full")[int(part)] if part in (0, 1) else f"{format_number(100 * part, 3)}%"


def format_setting(lever: str, value: float) -> str:
    """The value of a lever as people read it: Yes, No, or a number."""
    return ("No", "Yes")[int(value)] if is_yes_or_no(lever) and value in (0.0, 1.0) else f"{value:g}"


def name_lever(lever: str) -> str:
    """A lever's meaning in quotation marks, without what follows it in brackets, and its code in brackets."""
    return f"“{LEVERS[lever].about.meaning.partition(' (')[0]}” ({lever})"


def describe_switch_problem(lever: str, *values: float, phase: int = 0, sets: bool = True, called: str = "") -> str:
    """Why a switch cannot take these values or arrive so; "" for good ones and for levers that are no switch. `called`
    is its name in the sentence, usually its code.
    """
    called = called or lever
    if not is_switch(lever):
        return ""
    if not sets:
        return f"'{lever}' is a switch: set it with 'to: on' or 'to: off'"
    if wrong := [value for value in values if value not in (0.0, 1.0)]:
        return f"{called} is a switch: off (0) or on (1), not {wrong[0]:g}"
    return f"{called} is a switch and cannot be phased in" if phase else ""


@dataclass(frozen=True)
class Clash:
    """A conflict: two scenarios change one lever differently at the same time; the second is applied later."""

    lever: str
    first: Change
    second: Change

    def __str__(self) -> str:
        start, end = max(self.first.start, self.second.start), min(self.first.end, self.second.end)
        outcome = "the later wins" if self.second.is_set else "the later is applied on top of the earlier"
        return (
            f"'{self.lever}': in {self.first.where} it {self.first.describe()}; "
            f"in {self.second.where} it {self.second.describe()}. They overlap from {quarter_name(start)} "
            f"to {quarter_name(end)}; {outcome} ({self.second.source})."
        )


def apply(change: Change, before: Quarters) -> Quarters:
    """A lever's values (shape (32,)) after a change. Not clipped to the lever's bounds."""
    after = before.copy()
    if change.kind == "path":
        for quarter, value in change.path:
            after[quarter : change.end + 1] = value
        return after
    span = slice(change.start, change.end + 1)
    steps = np.arange(change.end + 1 - change.start) + 1.0
    weight = np.minimum(1.0, steps / max(1, change.phase))
    if change.kind == "to":
        origin = before[max(0, change.start - 1)]
        after[span] = np.where(weight == 1.0, change.value, (1 - weight) * origin + weight * change.value)
    elif change.kind == "add":
        after[span] += weight * change.value
    else:
        after[span] *= (1 - weight) + weight * change.value
    return after


def apply_all(changes: Iterable[Change], before: Quarters) -> Quarters:
    """A lever's values after several changes, in order. Rounded so that sums do not depend on their order."""
    after = before
    for change in changes:
        after = apply(change, after)
    return np.round(after, 12) + 0.0


def find_clashes(first: Sequence[Change], second: Sequence[Change], before: Quarters) -> list[Clash]:
    """How two scenarios clash on one lever.

    Arguments are what each does to that lever and its values (shape (32,)) without them. What both
    inherited alike is no clash; nor are sums, products, or settings that come to the same values.
    """
    own = [c for c in first if c not in second]
    others = [c for c in second if c not in first]
    kinds = {c.kind for c in (*own, *others)}
    if kinds in ({"add"}, {"scale"}):
        return []
    only_set = kinds <= {"to", "path"}
    differ = apply_all(first, before) != apply_all(second, before)
    clashing = []
    for a in own:
        for b in others:
            overlap = slice(max(a.start, b.start), min(a.end, b.end) + 1)
            if differ[overlap].any() or (not only_set and overlap.start < overlap.stop):
                clashing.append(Clash(a.lever, a, b))
    return clashing
