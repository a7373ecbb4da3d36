"""How the headline changes with the structure: other ways to write the model, or to read the evidence, each fitted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dashboards.analyses.report import AnalysisReport, Row
from simulator.calibration.structural_fits import DRAWS, read_structures
from simulator.charts import uncertainty
from simulator.common.formatting import format_difference, format_difference_range, format_share
from simulator.common.units import Unit
from simulator.declarations.outcomes import OUTCOMES
from simulator.reports.structural import describe_average, describe_structures, format_extremes
from simulator.runs.fit_documents import EffectsDocument, Spread, StructureOutcome, StructurePolicy
from simulator.runs.manifest import find_version
from simulator.scenarios.scenario import load_scenario

POLICIES: tuple[StructurePolicy, ...] = ("leadership", "ringfence", "ringfence-audited")
OVER_RINGFENCE: Final = "leadership over ringfence"
OVER_AUDITED: Final = "leadership over ringfence-audited"


def describe(outcome: str = "retained") -> AnalysisReport:
    """In how many parameter sets leadership does more than two ring-fences, structure by structure."""
    shown: StructureOutcome = "additional" if outcome == "additional" else "retained"
    label = OUTCOMES[shown].label
    leadership, fence, audited = (load_scenario(name).title for name in POLICIES)
    effects = {name: structure["effects"][shown] for name, structure in read_structures().items()}
    description = "For each structure: in how many of 100 parameter sets leadership does more than each ring-fence."
    title = _write_title(effects, label, leadership, fence)
    bars = [
        (read_structures()[name]["says"], effect[OVER_RINGFENCE], effect[OVER_AUDITED])
        for name, effect in effects.items()
    ]
    return AnalysisReport(
        title,
        (
            *(describe_structures() if shown == "retained" else _describe_gains(effects)),
            "A structure is another way to write a rule of the model, or to read the evidence, fitted by itself. "
            "These are the library's scenarios, whatever is on the screen.",
        ),
        uncertainty.draw_structures(title, description, bars, (fence, audited)),
        description,
        (
            "Structure",
            f"{leadership} does more than “{fence}” in",
            f"… than “{audited}” in",
            f"{leadership} adds (90% range)",
            f"{fence} adds",
            f"{audited} adds",
        ),
        tuple(_format_row(name, effect) for name, effect in effects.items()),
        ("structure", "over_ringfence", "over_audited", "leadership", "ringfence", "audited"),
        tuple(
            (name, effect[OVER_RINGFENCE], effect[OVER_AUDITED], *(effect[policy]["mean"] for policy in POLICIES))
            for name, effect in effects.items()
        ),
        f"{label}. {len(effects)} structures, {DRAWS} parameter sets each, fitted one by one; "
        f"Ringfence {find_version()}.",
    )


def _write_title(effects: Mapping[str, EffectsDocument], label: str, leadership: str, fence: str) -> str:
    shares = [100 * effect[OVER_RINGFENCE] for effect in effects.values()]
    most = sum(share > 50 for share in shares)
    return (
        f"Under {most} of {len(effects)} structures, “{leadership}” does more for “{label}” than “{fence}” in most "
        f"parameter sets: in {format_extremes(shares, 0)} of 100, structure by structure"
    )


def _format_row(name: str, effect: EffectsDocument) -> Row:
    return (
        f"{name}: {read_structures()[name]['says']}",
        format_share(effect[OVER_RINGFENCE], 100),
        format_share(effect[OVER_AUDITED], 100),
        *(_format_gain(effect[policy]) for policy in POLICIES),
    )


def _format_gain(gain: Spread) -> str:
    spread = format_difference_range(gain["low"], gain["high"], Unit.SHARE)
    return f"{format_difference(gain['mean'], Unit.SHARE)} ({spread})"


def _describe_gains(effects: Mapping[str, EffectsDocument]) -> list[str]:
    fence = format_extremes(100 * effect["ringfence"]["mean"] for effect in effects.values())
    leaders = format_extremes(100 * effect["leadership"]["mean"] for effect in effects.values())
    by_structure = f"On average leadership adds {leaders} points and the ring-fence {fence} points, by structure."
    return [by_structure, describe_average("additional")]
