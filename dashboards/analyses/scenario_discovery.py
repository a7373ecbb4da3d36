"""Scenario discovery: for which parameters a scenario does less than another, or keeps too little."""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from dashboards.analyses.lever_text import describe_parameter, make_parameter_row, shorten_parameter, to_json_number
from dashboards.analyses.report import AnalysisReport, Row, describe_source
from dashboards.analyses.request import AnalysisDocument, AnalysisRequest, ProgressSteps
from dashboards.analyses.shared_runs import DRAWS, REPLICATES, SharedOutcomes, run_scenarios
from simulator.calibration.evidence_status import list_badges
from simulator.charts import uncertainty
from simulator.common.formatting import format_number, format_share, join_words
from simulator.common.html import NOTHING
from simulator.engine.ensemble import Progress
from simulator.experiments.discovery.prim import Cases
from simulator.experiments.discovery.scenario_box import BoxSearch
from simulator.experiments.discovery.scenario_discovery import (
    FEWEST_CASES,
    BoxLimit,
    CaseDefinition,
    ScenarioDiscovery,
    discover_scenario,
)
from simulator.experiments.sensitivity.given_data import GivenData, make_given_data
from simulator.runs.posterior import describe_fit_badge

HALF = 0.5
SEARCH = BoxSearch(halves=30)


class LimitDocument(TypedDict):
    """A limit of the box: it fails beyond `value`, on the other side than `side`; `span` is all the parameter's values.

    `repeats` is the share of halves that found it again, `likely` where they put it, and `kept` whether it is more
    than noise.
    """

    name: str
    side: str
    value: float
    quasi_p: float
    repeats: float
    likely: list[float | None]
    kept: bool
    span: list[float]


class BoxDocument(TypedDict):
    """A box around failures, empty where none was drawn. Density and coverage are estimates with 95% intervals."""

    limits: list[LimitDocument]
    halves: int
    density: list[float]
    coverage: list[float]
    unseen: list[float | None]
    noise: int


class DiscoveryDocument(AnalysisDocument, BoxDocument):
    """Where the last scenario fails: in the share `base` of `n` parameter sets.

    `where` says in how many sets, where these are too few or too many for a box, and is empty otherwise.
    """

    told: str
    where: str
    base: float
    n: int


NO_BOX: BoxDocument = {"limits": [], "halves": 0, "density": [], "coverage": [], "unseen": [None, None], "noise": 0}


def compute(request: AnalysisRequest, progress: Progress) -> DiscoveryDocument:
    """Draw a box around the parameter sets in which the last scenario does less than the one before, or less than half.

    A question of one scenario (or of today's rules alone) asks where it keeps less than half.
    """
    steps = ProgressSteps(progress, (0.6, 0.4))
    outcomes = run_scenarios(request, steps.step(0))
    sample, case = _define_cases(request, outcomes)
    cases = sample.values < case.threshold
    too_few = not FEWEST_CASES <= cases.sum() <= len(cases) - FEWEST_CASES
    box, base, n = NO_BOX, float(cases.mean()), len(cases)
    if not too_few:
        discovery = discover_scenario(sample, case, search=SEARCH, seed=request.seed, progress=steps.step(1))
        box, base, n = _document_box(discovery, sample), discovery.base, discovery.n
    return {
        **request.describe(describe_fit_badge()),
        **box,
        "told": "does less" if case.paired else "keeps less than half",
        "where": _count_failures(cases) if too_few else "",
        "base": base,
        "n": n,
    }


def _count_failures(cases: Cases) -> str:
    """In how many parameter sets, where too few fail, or too few do not, to draw a box."""
    if not cases.any() or cases.all():
        return "in none" if not cases.any() else "in all"
    return f"in {int(cases.sum()):,}"


def _define_cases(request: AnalysisRequest, outcomes: SharedOutcomes) -> tuple[GivenData, CaseDefinition]:
    last, unit = len(request.scenarios) - 1, request.chosen_outcome.unit
    if request.options["fails"] == "less":
        differences = outcomes.mean_gain(last, last - 1)
        return make_given_data(outcomes.points, differences, "the difference"), CaseDefinition(0.0, True, unit, True)
    means = np.asarray(outcomes.averages.means[str(last)])
    return make_given_data(outcomes.points, means), CaseDefinition(HALF, True, unit)


def _document_box(discovery: ScenarioDiscovery, sample: GivenData) -> BoxDocument:
    density, coverage = discovery.density, discovery.coverage
    return {
        "limits": [
            _document_limit(limit, sample) for limit in sorted(discovery.limits, key=lambda limit: not limit.kept)
        ],
        "halves": discovery.halves,
        "density": [density.estimate, density.low, density.high],
        "coverage": [coverage.estimate, coverage.low, coverage.high],
        "unseen": [to_json_number(discovery.unseen_density), to_json_number(discovery.unseen_coverage)],
        "noise": len(discovery.noise),
    }


def _document_limit(limit: BoxLimit, sample: GivenData) -> LimitDocument:
    values = sample.points[limit.factor]
    return {
        "name": limit.factor,
        "side": limit.side,
        "value": limit.value,
        "quasi_p": limit.quasi_p,
        "repeats": limit.repeats,
        "likely": [to_json_number(end) for end in limit.likely],
        "kept": limit.kept,
        "span": [float(values.min()), float(values.max())],
    }


def describe(document: DiscoveryDocument) -> AnalysisReport:
    """The box in a sentence, as a picture of its limits, and as a table."""
    kept = [limit for limit in document["limits"] if limit["kept"]]
    title = _write_title(document, kept)
    description = "A line for each number in the box: the shaded part is where it fails."
    edges = [_make_edge(limit) for limit in kept]
    return AnalysisReport(
        title,
        _write_sentences(document, kept),
        uncertainty.draw_failure_box(title, description, edges) if edges else NOTHING,
        description,
        (
            "Unknown number",
            "Name in files",
            "Limit",
            "Where halves of the versions put it",
            "Found again in",
            "Verdict",
            "Rests on",
        ),
        tuple(_format_row(limit) for limit in document["limits"]),
        ("name", "side", "limit", "quasi_p", "found_again", "kept"),
        tuple(
            (limit["name"], limit["side"], limit["value"], limit["quasi_p"], limit["repeats"], int(limit["kept"]))
            for limit in document["limits"]
        ),
        describe_source(
            document, f"{DRAWS:,} versions of the model (parameter sets), averaged over {REPLICATES} replicates each"
        ),
    )


def _make_edge(limit: LimitDocument) -> uncertainty.Edge:
    name = f"{describe_parameter(limit['name'])} ({list_badges()[limit['name']]})"
    return uncertainty.Edge(name, limit["span"], limit["value"], limit["side"], limit["likely"])


def _format_row(limit: LimitDocument) -> Row:
    repeats, kept = format_share(limit["repeats"], 100), "kept" if limit["kept"] else "noise"
    return make_parameter_row(limit["name"], _format_limit(limit), _format_likely_range(limit), repeats, kept)


def _describe_failure(document: DiscoveryDocument) -> str:
    *_, scenario = titles = document["titles"]
    if document["how"]["fails"] == "less":
        return f"“{scenario}” does less than “{titles[-2]}”"
    return f"“{scenario}” gives less than half"


def _write_title(document: DiscoveryDocument, kept: list[LimitDocument]) -> str:
    fails = _describe_failure(document)
    if document["where"]:
        return f"{fails} {document['where']} of {document['n']:,} versions of the model"
    base = format_share(document["base"], 100)
    if not kept:
        return f"{fails} in {base} versions of the model, and no few numbers say where"
    where = join_words([f"“{shorten_parameter(limit['name'])}” is {_format_limit(limit)}" for limit in kept])
    return f"{fails} in {base} versions of the model, but in {format_share(document['density'][0], 100)} where {where}"


def _write_sentences(document: DiscoveryDocument, kept: list[LimitDocument]) -> tuple[str, ...]:
    if document["where"]:
        return ("That is too few versions, or too nearly all of them, for a box around those in which it fails.",)
    if not kept:
        return ("The search drew limits, and all of them look like noise.",)
    sentences = [f"Of all such failures, {format_share(document['coverage'][0], 100)} are among these versions."]
    density, coverage = document["unseen"]
    if density is not None and coverage is not None:
        sentences.append(
            f"Boxes drawn on one half of the versions and tried on the other get {format_share(density, 100)} and "
            f"{format_share(coverage, 100)}."
        )
    if document["noise"]:
        sentences.append(f"Limits on {document['noise']} other numbers were dropped as noise.")
    sentences.append("Unknown numbers vary together after the fit, so that a limit on one may stand for another.")
    return tuple(sentences)


def _format_limit(limit: LimitDocument) -> str:
    return f"{'above' if limit['side'] == 'low' else 'below'} {format_number(limit['value'])}"


def _format_likely_range(limit: LimitDocument) -> str:
    low, high = limit["likely"]
    return "–" if low is None or high is None else f"{format_number(low)} to {format_number(high)}"
