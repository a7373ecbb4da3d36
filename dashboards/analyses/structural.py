"""How the headline moves over the structures that were fitted: ways to write the model, or to read the evidence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboards.analyses.lever_text import format_change, format_change_range
from dashboards.analyses.request import AnalysisReport
from simulator.calibration.structural_fits import DRAWS, structures
from simulator.charts import uncertainty
from simulator.common.formatting import format_share
from simulator.declarations.outcomes import OUTCOMES
from simulator.reports.structural import across, span
from simulator.runs.manifest import version
from simulator.scenarios.scenario import load_scenario

FENCES = ("ringfence", "ringfence-audited")
SHOWN = ("retained", "additional")


def describe(outcome: str = "retained") -> AnalysisReport:
    """In how many parameter sets leadership does more than two ring-fences, structure by structure."""
    shown = outcome if outcome in SHOWN else SHOWN[0]
    found = structures()
    label = OUTCOMES[shown].label
    lead, fence, audited = (load_scenario(name).title for name in ("leadership", *FENCES))
    kept = {name: one["effects"][shown] for name, one in found.items()}
    rival = [100 * k["leadership over ringfence"] for k in kept.values()]
    verdict = sum(x > 50 for x in rival)
    title = (
        f"Under {verdict} of {len(kept)} structures, “{lead}” does more for “{label}” than “{fence}” in most parameter "
        f"sets: in {span(rival, 0)} of 100, structure by structure"
    )
    says = [
        *(across() if shown == "retained" else _describe_gains(kept)),
        "A structure is another way to write a rule of the model, or to read the evidence, fitted by itself. "
        "These are the library's scenarios, whatever is on the screen.",
    ]
    rows = _make_rows(kept, found)
    head = (
        "Structure",
        f"{lead} does more than “{fence}” in",
        f"… than “{audited}” in",
        f"{lead} adds (90% range)",
        f"{fence} adds",
        f"{audited} adds",
    )
    data = tuple(
        (name, *(k[f"leadership over {f}"] for f in FENCES), *(k[p]["mean"] for p in ("leadership", *FENCES)))
        for name, k in kept.items()
    )
    about = "For each structure: in how many of 100 parameter sets leadership does more than each ring-fence."
    bars = [
        (str(found[name]["says"]), k["leadership over ringfence"], k["leadership over ringfence-audited"])
        for name, k in kept.items()
    ]
    made = f"{len(kept)} structures, {DRAWS} parameter sets each, fitted one by one"
    rests = f"{label}. {made}; Ringfence {version()}."
    return AnalysisReport(
        title,
        tuple(says),
        uncertainty.draw_structures(title, about, bars, (fence, audited)),
        about,
        title,
        head,
        rows,
        ("structure", "over_ringfence", "over_audited", "leadership", "ringfence", "audited"),
        data,
        rests,
    )


def _make_rows(effects: Mapping[str, Any], structures: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
    """The table as it is read: a row a structure."""
    return tuple(
        (
            f"{name}: {structures[name]['says']}",
            format_share(effect["leadership over ringfence"], 100),
            format_share(effect["leadership over ringfence-audited"], 100),
            _format_gain(effect["leadership"]),
            _format_gain(effect["ringfence"]),
            _format_gain(effect["ringfence-audited"]),
        )
        for name, effect in effects.items()
    )


def _format_gain(effect: Mapping[str, float]) -> str:
    return f"{format_change(effect['mean'])} ({format_change_range(effect['low'], effect['high'])})"


def _describe_gains(kept: Mapping[str, Mapping[str, Any]]) -> list[str]:
    fence, leaders = (span(100 * k[name]["mean"] for k in kept.values()) for name in ("ringfence", "leadership"))
    return [f"On average leadership adds {leaders} points and the ring-fence {fence} points, by structure."]
