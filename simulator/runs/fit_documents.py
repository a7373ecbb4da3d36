"""The shapes of the JSON files that `ringfence calibrate` writes.

`posterior.json` is about the fit, `structures.json` about the structural alternatives.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class Spread(TypedDict):
    """A mean and its interval."""

    mean: float
    low: float
    high: float


class QualityDocument(TypedDict):
    """Diagnostics of the weights, as `simulator.calibration.fit.Quality`."""

    points: int
    effective: float
    pareto_k: float
    largest: float
    log_evidence: float


class IdentifiedDocument(Spread):
    """One parameter before and after the fit, as `simulator.calibration.identifiability.Identified`."""

    name: str
    prior_mean: float
    prior_sd: float
    sd: float
    median: float
    error: float
    ratio: float
    shift: float
    pinned: bool


class DirectionDocument(TypedDict):
    """A direction of the parameters that are pinned down: its variance, and its unit vector by name."""

    variance: float
    along: dict[str, float]


class PredictionDocument(Spread):
    """What the weighted parameter sets predict of one published finding."""

    name: str


class MovedDocument(TypedDict):
    """The headline difference that a finding moves most: the shift of its mean, and the shift's error."""

    policy: str
    outcome: str
    shift: float
    error: float


class FindingDocument(TypedDict):
    """What one finding did to the fit, as `simulator.calibration.findings.Finding`."""

    id: str
    bits: float
    narrows: str
    ratio: float
    alone: MovedDocument
    without: MovedDocument
    moved: bool


class StageDocument(TypedDict):
    """The distribution that a stage of the fit drew from; `names` label `mean` (d,) and `covariance` (d, d)."""

    prior_share: float
    names: list[str]
    mean: list[float]
    covariance: list[list[float]]


class FitDocument(TypedDict):
    """`posterior.json`: how the draws were made, the diagnostics, what is pinned down, and what the draws predict."""

    version: str
    seed: int
    sizes: list[int]
    draws: int
    distinct: int
    targets: list[str]
    held: dict[str, float]
    facts: str
    quality: QualityDocument
    uncertain: int
    not_pinned: int
    identified: list[IdentifiedDocument]
    directions: list[DirectionDocument]
    predictions: list[PredictionDocument]
    findings: list[FindingDocument]
    stages: list[StageDocument]


class GainSpread(Spread):
    """What a policy adds, and the share of futures in which it is better than today's rules."""

    better: float


StructurePolicy = Literal["ringfence", "ringfence-audited", "leadership", "both"]
"""A policy whose gain every structure gives."""
Rivalry = Literal["leadership over ringfence", "leadership over ringfence-audited"]
"""The share of futures in which the first policy adds more than the second."""
StructureOutcome = Literal["retained", "additional"]

EffectsDocument = TypedDict(
    "EffectsDocument",
    {
        "level": Spread,
        "ringfence": GainSpread,
        "ringfence-audited": GainSpread,
        "leadership": GainSpread,
        "both": GainSpread,
        "leadership over ringfence": float,
        "leadership over ringfence-audited": float,
    },
)
"""What a structure says of one outcome: its level under today's rules, what each policy adds, and who adds more."""


class HeadlineDocument(TypedDict):
    """What a structure says of the headline policies, by outcome, and of the declared replay, by observation."""

    effects: dict[StructureOutcome, EffectsDocument]
    declared: dict[str, Spread]


class StructureDocument(HeadlineDocument):
    """One structural alternative: what is different in it, its diagnostics, and its headline."""

    name: str
    says: str
    held: dict[str, float]
    comparable: bool
    log_evidence: float
    effective: float
    pareto_k: float
    problems: list[str]


class StructuresDocument(TypedDict):
    """`structures.json`: all structural alternatives, the facts that they were fitted to, the points of each, and the
    hash of the model's sources that they were fitted with, which files of before 0.2.0 lack.
    """

    facts: str
    code: NotRequired[str]
    sizes: list[int]
    structures: list[StructureDocument]
