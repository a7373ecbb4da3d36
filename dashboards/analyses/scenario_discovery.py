"""Where does it fail: the part of what is not known in which a scenario does less than another, or keeps too little."""

from __future__ import annotations

import numpy as np

from dashboards.analyses.lever_text import describe_parameter, shorten_parameter, to_json_number
from dashboards.analyses.request import AnalysisDocument, AnalysisReport, AnalysisRequest, Steps, describe_source
from dashboards.analyses.shared_runs import DRAWS, REPLICATES, SharedOutcomes, run_scenarios
from simulator.calibration.evidence_status import badges
from simulator.charts import uncertainty
from simulator.common.formatting import format_number, format_share, join_words
from simulator.common.html import NOTHING
from simulator.engine.ensemble import Progress
from simulator.experiments.discovery.prim import Cases
from simulator.experiments.discovery.scenario_box import BoxSearch
from simulator.experiments.discovery.scenario_discovery import (
    FEWEST_CASES,
    CaseDefinition,
    ScenarioDiscovery,
    discover_scenario,
)
from simulator.experiments.sensitivity.given_data import GivenData, make_given_data
from simulator.runs.posterior import fit_badge

HALF = 0.5
SEARCH = BoxSearch(halves=30)


def compute(ask: AnalysisRequest, progress: Progress) -> AnalysisDocument:
    """Draw a box around the parameter sets in which the last scenario does less than the one before, or less than half.

    A question of one scenario (or of today's rules alone) asks where it keeps less than half.
    """
    steps = Steps(progress, (0.6, 0.4))
    table = run_scenarios(ask, steps.part(0))
    sample, case = _define_cases(ask, table)
    told = "does less" if case.paired else "keeps less than half"
    cases = sample.values < case.threshold
    if not FEWEST_CASES <= cases.sum() <= len(cases) - FEWEST_CASES:
        return ask.document(
            told=told,
            base=float(cases.mean()),
            n=len(cases),
            limits=[],
            where=_count_failures(cases),
            badge=fit_badge(),
        )
    found = discover_scenario(sample, case, search=SEARCH, seed=ask.seed, progress=steps.part(1))
    return ask.document(told=told, where="", **_describe_box(found, sample), badge=fit_badge())


def _count_failures(cases: Cases) -> str:
    """In how many parameter sets, where too few fail, or too few do not, to draw a box."""
    if not cases.any() or cases.all():
        return "in none" if not cases.any() else "in all"
    return f"in {int(cases.sum()):,}"


def _define_cases(ask: AnalysisRequest, table: SharedOutcomes) -> tuple[GivenData, CaseDefinition]:
    at = len(ask.policies) - 1
    if ask.how["fails"] == "less":
        return make_given_data(table.points, table.mean_gain(at, at - 1), "the difference"), CaseDefinition(
            0.0, True, ask.about.unit, True
        )
    return make_given_data(table.points, np.asarray(table.averages.means[str(at)])), CaseDefinition(
        HALF, True, ask.about.unit
    )


def _describe_box(found: ScenarioDiscovery, sample: GivenData) -> AnalysisDocument:
    limits = []
    for one in sorted(found.limits, key=lambda one: not one.kept):
        x = sample.points[one.factor]
        limits.append(
            {
                "name": one.factor,
                "side": one.side,
                "value": one.value,
                "quasi_p": one.quasi_p,
                "repeats": one.repeats,
                "likely": [to_json_number(v) for v in one.likely],
                "kept": one.kept,
                "span": [float(x.min()), float(x.max())],
            }
        )
    return {
        "base": found.base,
        "n": found.n,
        "limits": limits,
        "halves": found.halves,
        "density": [found.density.estimate, found.density.low, found.density.high],
        "coverage": [found.coverage.estimate, found.coverage.low, found.coverage.high],
        "unseen": [to_json_number(found.unseen_density), to_json_number(found.unseen_coverage)],
        "noise": len(found.noise),
    }


def describe(doc: AnalysisDocument) -> AnalysisReport:
    """The box in a sentence, as a picture of its limits, and as a table."""
    kept = [one for one in doc["limits"] if one["kept"]]
    title, says = _write_title(doc, kept), _write_sentences(doc, kept)
    head = (
        "Unknown number",
        "Name",
        "Limit",
        "Where halves of the sets put it",
        "Found again in",
        "Verdict",
        "Rests on",
    )
    rows = tuple(
        (
            describe_parameter(one["name"]),
            one["name"],
            _format_limit(one),
            _format_likely_range(one),
            format_share(one["repeats"], 100),
            "kept" if one["kept"] else "noise",
            badges()[one["name"]],
        )
        for one in doc["limits"]
    )
    data = tuple(
        (one["name"], one["side"], one["value"], one["quasi_p"], one["repeats"], int(one["kept"]))
        for one in doc["limits"]
    )
    about = "A line for each number in the box: the shaded part is where it fails."
    bars = [
        uncertainty.Edge(
            f"{describe_parameter(one['name'])} ({badges()[one['name']]})",
            one["span"],
            one["value"],
            one["side"],
            one["likely"],
        )
        for one in kept
    ]
    picture = uncertainty.draw_failure_box(title, about, bars) if kept else NOTHING
    return AnalysisReport(
        title,
        tuple(says),
        picture,
        about,
        title,
        head,
        rows,
        ("name", "side", "limit", "quasi_p", "found_again", "kept"),
        data,
        describe_source(doc, f"{DRAWS:,} parameter sets, averaged over {REPLICATES} lucks each"),
    )


def _describe_failure(doc: AnalysisDocument) -> str:
    if doc["how"]["fails"] == "less":
        return f"“{doc['titles'][-1]}” does less than “{doc['titles'][-2]}”"
    return f"“{doc['titles'][-1]}” gives less than half"


def _write_title(doc: AnalysisDocument, kept: list[AnalysisDocument]) -> str:
    if doc["where"]:
        return f"{_describe_failure(doc)} {doc['where']} of {doc['n']:,} parameter sets"
    base = format_share(doc["base"], 100)
    if not kept:
        return f"{_describe_failure(doc)} in {base} parameter sets, and no few numbers tell where"
    where = join_words([f"“{shorten_parameter(one['name'])}” is {_format_limit(one)}" for one in kept])
    inside = format_share(doc["density"][0], 100)
    return f"{_describe_failure(doc)} in {base} parameter sets, but in {inside} where {where}"


def _write_sentences(doc: AnalysisDocument, kept: list[AnalysisDocument]) -> list[str]:
    if doc["where"]:
        return ["That is too few sets, or too nearly all of them, for a box around those in which it fails."]
    if not kept:
        return ["The search drew limits, and all of them look like noise."]
    told = [f"These sets hold {format_share(doc['coverage'][0], 100)} of all such failures."]
    density, coverage = doc["unseen"]
    if density is not None and coverage is not None:
        told.append(
            f"Boxes drawn on one half of the sets and tried on the other get {format_share(density, 100)} and "
            f"{format_share(coverage, 100)}."
        )
    if doc["noise"]:
        told.append(f"Limits on {doc['noise']} other numbers were dropped as noise.")
    told.append("Unknown numbers vary together after the fit, so that a limit on one may stand for another.")
    return told


def _format_limit(one: AnalysisDocument) -> str:
    return f"{'above' if one['side'] == 'low' else 'below'} {format_number(one['value'])}"


def _format_likely_range(one: AnalysisDocument) -> str:
    low, high = one["likely"]
    return "–" if low is None or high is None else f"{format_number(low)} to {format_number(high)}"
