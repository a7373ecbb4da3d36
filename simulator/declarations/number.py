"""How a number is declared: once, with its meaning, unit, bounds, prior, role, evidence and strength.

A group of numbers is a NamedTuple whose fields are `Annotated[float, Number(...)]`. Everything else that
needs to know about a number (defaults, validation, record types for the compiled driver, reference tables,
editors' schemas) is generated from here by the walkers below.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any, NamedTuple, get_type_hints

import annotated_types as at
import numpy as np

from simulator.common.units import Unit
from simulator.declarations.priors import Prior


class Role(Enum):
    """What an analysis may do with a number."""

    UNCERTAIN = "uncertain: sampled from its prior"
    FIXED = "fixed: held at its default"
    LEVER = "lever: set by a scenario"


class Status(Enum):
    """Where the value of a number comes from."""

    CALIBRATED = "moved by the fit"
    SET = "taken from published figures"
    EXPLORED = "evidence gives a sign or a rough range only"
    SCALE = "fixes a measuring scale"
    STRUCTURE = "structural alternative"
    CONSTANT = "constant of a rule"
    POLICY = "chosen by policy"


class Strength(Enum):
    """How strong the evidence behind a value is."""

    S = "strong"
    MS = "moderate to strong"
    M = "moderate"
    WM = "weak to moderate"
    W = "weak"
    AW = "assumption to weak"
    A = "assumption"


@dataclass(frozen=True, slots=True)
class Defensible:
    """The range over which a fixed number could be defended, and why: the screen of fixed numbers moves it there."""

    low: float
    high: float
    because: str


@dataclass(frozen=True, slots=True)
class Number(at.GroupedMetadata):
    """The declaration of one number. Bounds are inclusive; evidence cites ids of the register.

    `meaning` is exact; `plain` says it to somebody who does not know the model, as in "it turns on how often chief
    executives leave". It grows with the number.
    """

    unit: Unit
    low: float
    high: float
    meaning: str
    role: Role
    status: Status
    strength: Strength
    evidence: tuple[str, ...] = ()
    prior: Prior | None = None
    theme: str = ""
    defensible: Defensible | None = None
    plain: str = ""

    def __post_init__(self) -> None:
        if not self.meaning.strip():
            raise ValueError("a declared number needs a meaning")
        if self.role is Role.UNCERTAIN and not self.plain.startswith("how "):
            raise ValueError(f"{self.meaning}: an uncertain number needs plain words that begin with 'how'")
        if not self.low < self.high:
            raise ValueError(f"{self.meaning}: lower bound {self.low} is not below upper bound {self.high}")
        if (self.prior is None) == (self.role is Role.UNCERTAIN):
            raise ValueError(f"{self.meaning}: a prior belongs to uncertain numbers, and only to them")
        if (self.defensible is None) == (self.role is Role.FIXED):
            raise ValueError(f"{self.meaning}: a defensible range belongs to fixed numbers, and to each of them")
        if (r := self.defensible) and not (self.low <= r.low < r.high <= self.high and r.because.strip()):
            raise ValueError(f"{self.meaning}: its defensible range needs a reason and lies within its bounds")
        if not self.evidence and self.strength not in (Strength.A, Strength.AW):
            raise ValueError(f"{self.meaning}: without evidence the strength is 'assumption'")

    def __iter__(self) -> Iterator[at.BaseMetadata]:
        yield at.Ge(self.low)
        yield at.Le(self.high)


class Declared(NamedTuple):
    """One declared number with its name, group and default."""

    name: str
    group: str
    default: float
    about: Number


def uncertain(
    unit: Unit,
    low: float,
    high: float,
    meaning: str,
    prior: Prior,
    status: Status,
    strength: Strength,
    evidence: str,
    plain: str,
) -> Number:
    """Declare a number that analyses sample. `evidence` is a list of ids, separated by spaces."""
    ids = tuple(evidence.split())
    return Number(unit, low, high, meaning, Role.UNCERTAIN, status, strength, ids, prior, plain=plain)


def fixed(
    unit: Unit,
    low: float,
    high: float,
    meaning: str,
    status: Status,
    strength: Strength,
    evidence: str,
    defensible: Defensible,
    plain: str = "",
) -> Number:
    """Declare a number that analyses hold at its default. One that a promise of a sign rests on needs plain words."""
    ids = tuple(evidence.split())
    return Number(unit, low, high, meaning, Role.FIXED, status, strength, ids, defensible=defensible, plain=plain)


def constant(unit: Unit, low: float, high: float, meaning: str, defensible: Defensible, evidence: str = "") -> Number:
    """Declare a constant of a rule: fixed, and an assumption unless evidence is cited."""
    strength = Strength.M if evidence else Strength.A
    return fixed(unit, low, high, meaning, Status.CONSTANT, strength, evidence, defensible)


def lever(theme: str, unit: Unit, low: float, high: float, meaning: str, evidence: str = "") -> Number:
    """Declare a lever that scenarios set for every quarter; its effect is declared with the pull it moves."""
    return Number(unit, low, high, meaning, Role.LEVER, Status.POLICY, Strength.A, tuple(evidence.split()), None, theme)


def list_numbers(whole: type[Any]) -> tuple[Declared, ...]:
    """Every number of a NamedTuple of groups, in order. Names are unique over all groups."""
    declared: list[Declared] = []
    for group, kind in get_type_hints(whole).items():
        for name, hint in get_type_hints(kind, include_extras=True).items():
            abouts = [m for m in getattr(hint, "__metadata__", ()) if isinstance(m, Number)]
            if len(abouts) != 1:
                raise TypeError(f"{kind.__name__}.{name} is not declared with exactly one Number")
            default = float(kind._field_defaults[name])
            if not abouts[0].low <= default <= abouts[0].high:
                raise ValueError(f"{kind.__name__}.{name}: default {default} is outside its bounds")
            declared.append(Declared(name, group, default, abouts[0]))
    names = [d.name for d in declared]
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise ValueError(f"declared twice: {', '.join(twice)}")
    return tuple(declared)


def index_by_name(numbers: Sequence[Declared]) -> Mapping[str, Declared]:
    """The same numbers by name, read-only."""
    return MappingProxyType({d.name: d for d in numbers})


def make_record_dtype(whole: type[Any]) -> np.dtype[np.void]:
    """The record type of a NamedTuple of groups: nested, all float64, without gaps, in declared order.

    Its scalars are `numpy.record`, so that kernels read `point.gap.slip` compiled and interpreted alike.
    """
    groups = []
    for group, kind in get_type_hints(whole).items():
        groups.append((group, np.dtype((np.record, [(name, np.float64) for name in kind._fields]))))
    return np.dtype((np.record, groups))
