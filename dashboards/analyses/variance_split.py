"""Luck against not knowing: how much of what an answer varies by is chance, and how much is unknown numbers."""

from __future__ import annotations

from dashboards.analyses.lever_text import format_size
from dashboards.analyses.request import AnalysisDocument, AnalysisReport, AnalysisRequest, Steps, describe_source
from dashboards.analyses.shared_runs import DRAWS, REPLICATES, run_scenarios
from simulator.charts import uncertainty
from simulator.charts.palette import STYLES
from simulator.common.formatting import format_share
from simulator.declarations.outcomes import OUTCOMES
from simulator.engine.ensemble import Progress
from simulator.experiments.core.model_protocol import Floats, Labels
from simulator.experiments.sensitivity.variance_split import VarianceSplit, split_variance
from simulator.runs.posterior import fit_badge

TIMES = 300


def compute(ask: AnalysisRequest, progress: Progress) -> AnalysisDocument:
    """Split the variance of what every scenario adds, and that of today's rules itself."""
    steps = Steps(progress, (0.9, 0.1))
    table = run_scenarios(ask, steps.part(0))
    parts = []
    for at in range(len(ask.policies)):
        values = table.gain(at) if at else table.columns["0"]
        parts.append(_split_scenario(at, values, table.worlds.draws, ask.seed))
        steps.part(1)(at + 1, len(ask.policies))
    return ask.document(parts=parts, draws=DRAWS, lucks=REPLICATES, badge=fit_badge())


def _split_scenario(at: int, values: Floats, draws: Labels, seed: int) -> AnalysisDocument:
    if not values.any():
        return {"at": at, "same": True}
    found: VarianceSplit = split_variance(values, draws, f"scenario {at}", times=TIMES, seed=seed)
    share = found.chance_share
    return {
        "at": at,
        "same": False,
        "luck": [min(max(x, 0.0), 1.0) for x in share],
        "sd_luck": max(found.chance.value, 0.0) ** 0.5,
        "sd_parameters": max(found.parameters.value, 0.0) ** 0.5,
    }


def describe(doc: AnalysisDocument) -> AnalysisReport:
    """A bar a scenario, luck's part and the rest."""
    unit, shown = OUTCOMES[doc["outcome"]].unit, [one for one in doc["parts"] if not one["same"]]
    gains = [one for one in shown if one["at"]]
    title = _write_title(doc, gains or shown)
    says = [
        "Luck is what would differ if the same years ran again: who leaves, which bids succeed. Better evidence could "
        "shrink the other part only.",
        "That the model itself may be written wrongly is in neither part; the last section of this page tries that.",
    ]
    names = [f"{STYLES[one['at']].letter}  {_name_quantity(doc, one['at'])}" for one in shown]
    rows = tuple(
        (
            name,
            format_share(one["luck"][0], 100),
            f"{100 * one['luck'][1]:.0f} to {100 * one['luck'][2]:.0f}",
            format_size(one["sd_luck"], unit),
            format_size(one["sd_parameters"], unit),
        )
        for name, one in zip(names, shown, strict=True)
    )
    head = ("Of the variance of", "Luck makes up", "95% interval", "Standard deviation from luck", "From not knowing")
    data = tuple(
        (name, *one["luck"], one["sd_luck"], one["sd_parameters"]) for name, one in zip(names, shown, strict=True)
    )
    about = "A bar a scenario: luck's share of the variance from the left (hatched), not knowing the rest."
    bars = [(name, *one["luck"]) for name, one in zip(names, shown, strict=True)]
    return AnalysisReport(
        title,
        tuple(says),
        uncertainty.draw_variance_shares(title, about, bars),
        about,
        title,
        head,
        rows,
        ("of", "luck_share", "low", "high", "sd_luck", "sd_parameters"),
        data,
        describe_source(doc, f"{doc['draws']:,} parameter sets, {doc['lucks']} lucks each"),
    )


def _name_quantity(doc: AnalysisDocument, at: int) -> str:
    return f"what “{doc['titles'][at]}” adds" if at else "today's rules"


def _write_title(doc: AnalysisDocument, shown: list[AnalysisDocument]) -> str:
    if not shown:
        return "These scenarios all give the same result in every run"
    lucks = [round(100 * one["luck"][0]) for one in shown]
    low, high = min(lucks), max(lucks)
    span = f"{low}" if low == high else f"{low} to {high}"
    what = "what the scenarios add" if shown[0]["at"] else "this outcome"
    if high < 50:
        return f"Most of the range of {what} is because we do not know the numbers; {span} parts in 100 are chance"
    if low > 50:
        return f"Most of the range of {what} is chance, {span} parts in 100; the rest is not knowing the numbers"
    return f"Of the range of {what}, {span} parts in 100 are chance; the rest is because we do not know the numbers"
