"""How the headline changes with the structure: other ways to write the model, or to read the evidence, each fitted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dashboards.analyses.report import AnalysisReport, Row
from simulator.calibration.structural_fits import DRAWS, read_structures
from simulator.charts import uncertainty
from simulator.common.formatting import format_difference_range, format_differences, format_share
from simulator.common.units import Unit
from simulator.declarations.outcomes import OUTCOMES
from simulator.reports.structural import (
    HALF,
    describe_average,
    describe_structures,
    format_extremes,
    format_gains,
    name_few,
    split_ways,
)
from simulator.runs.fit_documents import EffectsDocument, Spread, StructureOutcome, StructurePolicy
from simulator.runs.manifest import find_version
from simulator.scenarios.scenario import load_scenario

POLICIES: tuple[StructurePolicy, ...] = ("leadership", "ringfence", "ringfence-audited")
OVER_RINGFENCE: Final = "leadership over ringfence"
OVER_AUDITED: Final = "leadership over ringfence-audited"


def describe(outcome: str = "retained") -> AnalysisReport:
    """In how many futures leadership does more than two ring-fences, structure by structure."""
    shown: StructureOutcome = "additional" if outcome == "additional" else "retained"
    label = OUTCOMES[shown].label
    leadership, fence, audited = (load_scenario(name).title for name in POLICIES)
    effects = {name: structure["effects"][shown] for name, structure in read_structures().items()}
    description = (
        "For each way to write the model: in how many of 100 futures leadership does more than each ring-fence."
    )
    title = _write_title(effects, shown, leadership, fence)
    bars = [
        (read_structures()[name]["says"], effect[OVER_RINGFENCE], effect[OVER_AUDITED])
        for name, effect in effects.items()
    ]
    return AnalysisReport(
        title,
        (
            *(describe_structures() if shown == "retained" else _describe_gains(effects)),
            "Each way has another rule in one place, or reads the evidence otherwise, and is fitted by itself (a "
            "structure). These are the library's scenarios, whatever is on the screen.",
            f"Counts and averages here are of {DRAWS} single futures of each way, chance included. They are other "
            "futures than Answer’s, so they differ a little from what stands there.",
        ),
        uncertainty.draw_structures(title, description, bars, (fence, audited)),
        description,
        (
            "Way to write the model",
            f"{leadership} does more than “{fence}” in",
            f"… than “{audited}” in",
            f"{leadership} adds, of each £100 (9 in 10 results)",
            f"{fence} adds",
            f"{audited} adds",
        ),
        tuple(
            _format_row(name, effect, gains)
            for (name, effect), gains in zip(effects.items(), _format_gains(effects), strict=True)
        ),
        ("structure", "over_ringfence", "over_audited", "leadership", "ringfence", "audited"),
        tuple(
            (name, effect[OVER_RINGFENCE], effect[OVER_AUDITED], *(effect[policy]["mean"] for policy in POLICIES))
            for name, effect in effects.items()
        ),
        f"{label}. {len(effects)} ways to write the model, {DRAWS} futures each, fitted one by one; "
        f"Ringfence {find_version()}.",
    )


def _write_title(effects: Mapping[str, EffectsDocument], outcome: StructureOutcome, leadership: str, fence: str) -> str:
    """How many ways say the one and how many the other; where these are few, which, with their own counts."""
    usual, other = split_ways(outcome)
    most, fewer = "most", "fewer than half of all"
    often, seldom = (most, fewer) if min(usual.values()) > HALF else (fewer, most)
    start = (
        f"In {len(usual)} of {len(effects)} ways to write the model, “{leadership}” does more for "
        f"“{OUTCOMES[outcome].label}” than “{fence}” in {often} futures ({format_extremes(usual.values(), 0)} of 100)"
    )
    if not other:
        return start
    counts = format_extremes(other.values(), 0)
    named = name_few(other)
    which = f"in the other{named}" if len(other) == 1 else f"in the other {len(other)}{named}"
    return f"{start}; {which}, in {seldom} ({counts} of 100)"


def _format_gains(effects: Mapping[str, EffectsDocument]) -> list[list[str]]:
    """What each policy adds under each structure, the averages of the table with the same decimals throughout."""
    gains = [[effect[policy] for policy in POLICIES] for effect in effects.values()]
    means = iter(format_differences([gain["mean"] for own in gains for gain in own], Unit.SHARE))
    return [[_format_gain(next(means), gain) for gain in own] for own in gains]


def _format_row(name: str, effect: EffectsDocument, gains: list[str]) -> Row:
    return (
        read_structures()[name]["says"],
        format_share(effect[OVER_RINGFENCE], 100),
        format_share(effect[OVER_AUDITED], 100),
        *gains,
    )


def _format_gain(mean: str, gain: Spread) -> str:
    return f"{mean} ({format_difference_range(gain['low'], gain['high'], Unit.SHARE)})"


def _describe_gains(effects: Mapping[str, EffectsDocument]) -> list[str]:
    fence = format_gains(effect["ringfence"]["mean"] for effect in effects.values())
    leaders = format_gains(effect["leadership"]["mean"] for effect in effects.values())
    one_by_one = f"On average leadership adds {leaders} and the ring-fence {fence}, from one way to another."
    return [one_by_one, describe_average("additional")]
