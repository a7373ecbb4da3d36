"""Value of information: what it would be worth to know a number before choosing between scenarios."""

from __future__ import annotations

from dashboards.analyses.lever_text import describe_parameter, format_size, shorten_parameter
from dashboards.analyses.request import AnalysisDocument, AnalysisReport, AnalysisRequest, Steps, describe_source
from dashboards.analyses.robustness import check_choice
from dashboards.analyses.shared_runs import DRAWS, REPLICATES, SharedOutcomes, run_scenarios
from simulator.calibration.evidence_status import badges
from simulator.charts import uncertainty
from simulator.common.formatting import format_number, join_words
from simulator.common.html import NOTHING
from simulator.declarations.outcomes import OUTCOMES
from simulator.declarations.parameters import PARAMETERS
from simulator.engine.ensemble import Progress
from simulator.experiments.core.clustered_errors import label_parameter_sets
from simulator.experiments.core.replicate_average import DrawAverages, average_over_replicates
from simulator.experiments.decision.switching_value import find_switching_value
from simulator.experiments.decision.value_of_information import estimate_value_of_information
from simulator.runs.parameter_sets import UNCERTAIN
from simulator.runs.posterior import fit_badge

TIMES = 60
SHOWN = 6


def compute(ask: AnalysisRequest, progress: Progress) -> AnalysisDocument:
    """What knowing each unknown number would add to the choice, and where it would turn it."""
    check_choice(ask)
    steps = Steps(progress, (0.5, 0.45, 0.05))
    table = run_scenarios(ask, steps.part(0))
    averages = average_over_replicates(table.columns, table.worlds.draws)
    found = estimate_value_of_information(
        table.points,
        averages,
        better=ask.about.better,
        questions={name: [name] for name in UNCERTAIN},
        unit=ask.about.unit,
        times=TIMES,
        seed=ask.seed,
        progress=steps.part(1),
        sets=label_parameter_sets(table.points),
    )
    ranked = sorted(found.partial, key=lambda w: -w.low)
    whole = found.perfect
    return ask.document(
        best=int(found.best),
        perfect=None if whole is None else [whole.low, whole.high],
        worths=[
            {
                "name": w.name,
                "low": w.low,
                "high": w.high,
                "interval": list(w.interval),
                "clear": w.interval[0] > 0,
                "turn": _find_switching_value(w.name, table, averages, ask.about.better) if w.interval[0] > 0 else None,
            }
            for w in ranked
        ],
        draws=DRAWS,
        lucks=REPLICATES,
        badge=fit_badge(),
    )


def _find_switching_value(
    name: str, table: SharedOutcomes, averages: DrawAverages, better: int
) -> AnalysisDocument | None:
    found = find_switching_value(
        table.points[name], averages, better=better, times=TIMES, sets=label_parameter_sets(table.points)
    )
    if found is None:
        return None
    return {"at": found.at, "interval": list(found.interval), "below": int(found.below), "above": int(found.above)}


def describe(doc: AnalysisDocument) -> AnalysisReport:
    """What is worth knowing, as bars with intervals, and the evidence that would tell."""
    clear = [w for w in doc["worths"] if w["clear"]][:SHOWN]
    best = f"“{doc['titles'][doc['best']]}”"
    if clear:
        names = join_words([f"“{shorten_parameter(w['name'])}”" for w in clear[:2]])
        title = f"{best} is best on average; evidence on {names} could change that"
    else:
        title = f"{best} is best on average, and no single unknown number is shown to be worth knowing before choosing"
    rows = tuple(
        (
            describe_parameter(w["name"]),
            w["name"],
            _format_worth(w),
            _format_interval(w),
            "yes" if w["clear"] else "no",
            badges()[w["name"]],
            ", ".join(PARAMETERS[w["name"]].about.evidence),
        )
        for w in doc["worths"]
    )
    head = ("Knowing", "Name", "Worth", "95% interval", "Clear of noise", "Rests on", "Evidence so far")
    data = tuple((w["name"], w["low"], w["high"], *w["interval"]) for w in doc["worths"])
    about = "What knowing a number exactly, before choosing, would add on average, with 95% intervals."
    bars = [
        (
            f"{shorten_parameter(w['name'])} ({badges()[w['name']]})",
            max(w["low"], 0.0),
            max(w["interval"][0], 0.0),
            w["interval"][1],
        )
        for w in clear
    ]
    picture = uncertainty.draw_bars(title, about, bars, "points") if bars else NOTHING
    return AnalysisReport(
        title,
        tuple(_write_sentences(doc, clear)),
        picture,
        about,
        title,
        head,
        rows,
        ("name", "low", "high", "interval_low", "interval_high"),
        data,
        describe_source(doc, f"{doc['draws']:,} parameter sets, {doc['lucks']} lucks each"),
    )


def _write_sentences(doc: AnalysisDocument, clear: list[AnalysisDocument]) -> list[str]:
    unit, told = OUTCOMES[doc["outcome"]].unit, []
    for one in clear:
        if one["turn"]:
            t = one["turn"]
            low, high = (format_number(x) for x in t["interval"])
            told.append(
                f"Knowing “{shorten_parameter(one['name'])}”, one would choose “{doc['titles'][t['below']]}” below "
                f"{format_number(t['at'])} (95% interval {low} to {high}) and “{doc['titles'][t['above']]}” above it."
            )
    if doc["perfect"]:
        told.append(
            f"Knowing every number before choosing would be worth {format_size(doc['perfect'][0], unit)} on average."
        )
    judged = [one for one in clear if badges()[one["name"]] == "judgement"]
    if judged:
        told.append(f"{len(judged)} of these {len(clear)} rest on judgement alone: no finding measures them yet.")
    return told


def _format_worth(w: AnalysisDocument) -> str:
    low, high = sorted((max(w["low"], 0.0), max(w["high"], 0.0)))
    return (
        format_size(high)
        if format_size(low) == format_size(high)
        else f"{format_size(low).split(' ')[0]} to {format_size(high)}"
    )


def _format_interval(w: AnalysisDocument) -> str:
    low, high = (max(x, 0.0) for x in w["interval"])
    return f"{format_size(low).split(' ')[0]} to {format_size(high)}"
