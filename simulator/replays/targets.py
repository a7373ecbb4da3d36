"""The facts that the model is held against, and what each is used for: read from `data/targets.yaml`.

A target has a number, an error and a likelihood, and the fit weighs parameter sets by it. A fact declared
out-of-sample is never fitted, and a pattern is a claim about behaviour that the fitted model should show.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import NotRequired, TypedDict

from simulator.common.errors import InputError
from simulator.common.ranges import Range
from simulator.common.units import Unit
from simulator.declarations.evidence import EvidenceIds


class Use(Enum):
    """What a fact is used for. `OWN` is a number of a replay of one's own, of which it is not known here whether it was
    declared before anything was run.
    """

    TARGET = "target"
    OUT_OF_SAMPLE = "out-of-sample"
    SET = "set"
    PATTERN = "pattern"
    OWN = "own"


@dataclass(frozen=True)
class Target:
    """A published fact. `observed` is one number, or several counts; `error` is the standard deviation of its
    likelihood; `tolerance` (low, high) is where the mean prediction must lie, written before the fit if `beforehand`.
    `states` are words of the cited evidence that give the figure, "" where none do; `seen_as` is how it is told where
    it is a bound or a value within a range, with {} for the figure.
    """

    id: str
    title: str
    says: str
    use: Use
    observed: tuple[float, ...]
    unit: Unit
    evidence: EvidenceIds
    likelihood: str = ""
    error: float | None = None
    tolerance: Range | None = None
    note: str = ""
    beforehand: bool = True
    states: str = ""
    seen_as: str = ""

    def tell_seen(self, figure: str) -> str:
        """The figure as it is written, or with what makes it no plain point: "at least 0.286"."""
        return self.seen_as.format(figure) if self.seen_as else figure

    @property
    def band(self) -> Range | None:
        """Where the mean prediction must lie: the stated tolerance, or one standard deviation of the likelihood."""
        if self.tolerance is None and self.error is not None:
            return self.observed[0] - self.error, self.observed[0] + self.error
        return self.tolerance


@dataclass(frozen=True)
class Check:
    """One number of a pattern, with its tolerance; `beforehand` if it was written before any prototype was seen.

    With `strict` the ends of the tolerance fail too.
    """

    name: str
    says: str
    tolerance: Range
    beforehand: bool
    strict: bool = False

    @property
    def sign_only(self) -> bool:
        """Whether any value of the right sign passes, or every draw has to have the right sign."""
        low, high = self.tolerance
        if low == high == 1 and self.says.startswith("share of draws"):
            return True
        return self.strict and ((low == 0 and high >= 1) or (high == 0 and low <= -1))

    @property
    def can_fail(self) -> bool:
        """Whether any value at all would miss the tolerance: no share lies outside 0 to 1, no correlation beyond ±1."""
        low, high = self.tolerance
        least = 0 if "share" in self.says and not self.says.startswith(("change", "mean difference")) else -1
        return (self.strict and low >= least) or low > least or high < 1

    def passes(self, value: float) -> bool:
        """True if the value lies within the tolerance."""
        low, high = self.tolerance
        return low < value < high if self.strict else low <= value <= high


@dataclass(frozen=True)
class Pattern:
    """A claim about behaviour, with the numbers that must lie within their tolerances."""

    id: str
    title: str
    says: str
    evidence: EvidenceIds
    checks: tuple[Check, ...]

    @property
    def full_title(self) -> str:
        """The title in words that do not lean on the pattern before it."""
        return FULL_TITLES.get(self.id, self.title)


FULL_TITLES: Mapping[str, str] = MappingProxyType({"P3'": "Audit nearly removes losses under pressure"})
"""Titles of patterns that lean on the one before."""


class TargetEntry(TypedDict):
    """An entry under `targets` in the file; `Target` says what its fields mean."""

    id: str
    title: str
    says: str
    use: str
    observed: float | list[float]
    unit: str
    evidence: list[str]
    likelihood: NotRequired[str]
    error: NotRequired[float]
    tolerance: NotRequired[list[float]]
    note: NotRequired[str]
    states: NotRequired[str]
    seen_as: NotRequired[str]
    written: NotRequired[str]


class CheckEntry(TypedDict):
    """One number of a pattern in the file."""

    name: str
    says: str
    tolerance: list[float]
    written: str
    strict: NotRequired[bool]


class PatternEntry(TypedDict):
    """An entry under `patterns` in the file."""

    id: str
    title: str
    says: str
    evidence: list[str]
    checks: list[CheckEntry]


class TargetsFile(TypedDict):
    """The whole file."""

    targets: list[TargetEntry]
    patterns: list[PatternEntry]


@cache
def read_targets() -> Mapping[str, Target]:
    """Every target by id, in the order of the file. Raises ValueError when the file is malformed."""
    return MappingProxyType({raw["id"]: _make_target(raw) for raw in _read_file()["targets"]})


@cache
def read_patterns() -> Mapping[str, Pattern]:
    """Every pattern by id, in the order of the file. Raises ValueError when the file is malformed."""
    return MappingProxyType({raw["id"]: _make_pattern(raw) for raw in _read_file()["patterns"]})


def list_fitted() -> tuple[Target, ...]:
    """The targets that the fit uses, in order."""
    return tuple(t for t in read_targets().values() if t.use is Use.TARGET)


@cache
def _read_file() -> TargetsFile:
    from ruamel.yaml import YAML  # here and not above: importing this module stays cheap

    text = files("simulator").joinpath("data").joinpath("targets.yaml").read_text(encoding="utf-8")
    content: TargetsFile = YAML(typ="safe").load(text)
    return content


def _make_target(raw: TargetEntry) -> Target:
    observed = raw["observed"]
    use, likelihood = Use(raw["use"]), raw.get("likelihood", "")
    written = raw.get("error")
    error = None if written is None else float(written)
    if (use is Use.TARGET) != bool(likelihood) or (likelihood == "normal") != (error is not None):
        raise InputError(
            f"target {raw['id']}: what is fitted needs a likelihood, a normal one an error; nothing else does"
        )
    return Target(
        id=raw["id"],
        title=raw["title"],
        says=raw["says"].strip(),
        use=use,
        observed=tuple(map(float, observed if isinstance(observed, list) else [observed])),
        unit=Unit(raw["unit"]),
        evidence=tuple(raw["evidence"]),
        likelihood=likelihood,
        error=error,
        tolerance=_to_span(raw["tolerance"]) if "tolerance" in raw else None,
        note=raw.get("note", "").strip(),
        states=raw.get("states", ""),
        seen_as=raw.get("seen_as", ""),
        beforehand=raw.get("written", "beforehand") == "beforehand",
    )


def _make_pattern(raw: PatternEntry) -> Pattern:
    checks = tuple(
        Check(c["name"], c["says"], _to_span(c["tolerance"]), c["written"] == "beforehand", c.get("strict", False))
        for c in raw["checks"]
    )
    return Pattern(raw["id"], raw["title"], raw["says"].strip(), tuple(raw["evidence"]), checks)


def _to_span(raw: list[float]) -> Range:
    low, high = raw
    return float(low), float(high)
