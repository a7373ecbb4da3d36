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
    describe_average,
    describe_library_ways,
    describe_structures,
    format_gains,
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
    title, often = describe_library_ways(shown)
    bars = [
        (read_structures()[name]["says"], effect[OVER_RINGFENCE], effect[OVER_AUDITED])
        for name, effect in effects.items()
    ]
    return AnalysisReport(
        title,
        (
            *(often, *(describe_structures()[1:] if shown == "retained" else _describe_gains(effects))),
            "Each way has another rule in one place, or reads the evidence otherwise, and is fitted by itself (a "
            "structure). These are the library's scenarios, whatever is on the screen.",
            "Ways are counted as on Answer. Counts of futures and averages here are of "
            f"{DRAWS} single futures of each way, chance included: other futures than Answer’s, so they differ a "
            "little from what stands there.",
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
