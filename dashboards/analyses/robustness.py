"""Robustness: how far each scenario falls short of the best one for the same parameter set (its regret)."""

from __future__ import annotations

from typing import TypedDict

from dashboards.analyses.lever_text import format_size
from dashboards.analyses.report import (
    AnalysisReport,
    Row,
    count_runs,
    describe_source,
    describe_versions,
    format_percent_range,
)
from dashboards.analyses.request import AnalysisDocument, AnalysisRequest
from dashboards.analyses.shared_runs import run_scenarios
from simulator.charts import uncertainty
from simulator.charts.palette import Style, find_styles
from simulator.common.errors import InputError
from simulator.common.formatting import describe_level, format_share, join_words, name_base
from simulator.common.ranges import Range
from simulator.common.units import Unit
from simulator.declarations.outcomes import OUTCOMES
from simulator.engine.ensemble import Progress
from simulator.experiments.decision.robustness import assess_robustness
from simulator.runs.posterior import describe_fit_badge

FEWEST = 2


class StandingDocument(TypedDict):
    """A scenario by its place in the question: its mean, its regret, and how often it is best.

    Regret is a mean (`regret`), what 90 of 100 sets stay below (`high`, with its 95% interval) and the `worst` seen.
    `best` is a share with its 95% interval; `running`: whether the scenario may have the best average.
    """

    at: int
    mean: float
    worst: float
    high: float
    high_interval: Range
    regret: float
    best: tuple[float, float, float]
    running: bool


class RobustnessDocument(AnalysisDocument):
    """How the scenarios stand; `noise` is the chance that averages over replicates leave in a set's regret."""

    standings: list[StandingDocument]
    draws: int
    lucks: int
    noise: float | None


def check_choice(request: AnalysisRequest) -> None:
    """Refuse a choice between fewer than two scenarios that differ. Raises InputError."""
    fingerprints = {scenario.fingerprint for scenario in request.scenarios}
    if len(fingerprints) < max(FEWEST, len(request.scenarios)):
        raise InputError("A choice takes two scenarios that differ.")


def compute(request: AnalysisRequest, progress: Progress) -> RobustnessDocument:
    """Compare each scenario with the best one for the same parameter set."""
    check_choice(request)
    outcomes, outcome = run_scenarios(request, progress), request.chosen_outcome
    robustness = assess_robustness(
        outcomes.columns,
        better=outcome.better,
        draws=outcomes.futures.draws,
        unit=outcome.unit,
        sets=outcomes.futures.sets,
    )
    return {
        **request.describe(describe_fit_badge()),
        "standings": [
            {
                "at": int(standing.policy),
                "mean": standing.mean,
                "worst": standing.worst_regret,
                "high": standing.high_regret,
                "high_interval": standing.high_interval,
                "regret": standing.mean_regret,
                "best": (standing.best.estimate, standing.best.low, standing.best.high),
                "running": standing.in_the_running,
            }
            for standing in robustness.standings
        ],
        "draws": robustness.draws,
        "lucks": robustness.replicates,
        "noise": robustness.chance_error,
    }


def describe(document: RobustnessDocument) -> AnalysisReport:
    """Regrets as dots for each scenario, with how often each is best."""
    unit, titles = OUTCOMES[document["outcome"]].unit, document["titles"]
    standings = document["standings"]
    least, second, *_ = sorted(standings, key=lambda standing: standing["high"])
    short, base = format_size(least["high"], unit), name_base(unit)
    falls = (
        "none of the others gives more"
        if short == format_size(0.0, unit)
        else f"it falls short of the best by at most {short}{base}"
    )
    title = (
        f"Of these, “{titles[least['at']]}” leaves the least to regret: in 9 of 10 versions of the model {falls}; "
        f"the next falls short by up to {format_size(second['high'], unit)}{base}"
    )
    description = (
        "How far each falls short of the best: on average (dot), in 9 of 10 versions at most (bar), "
        "the furthest (line)."
    )
    dots = [
        (
            _find_style(document, standing["at"]),
            titles[standing["at"]],
            standing["regret"],
            standing["high"],
            standing["worst"],
        )
        for standing in standings
    ]
    return AnalysisReport(
        title,
        _write_sentences(document, least, unit),
        uncertainty.draw_regrets(title, description, dots),
        description,
        (
            "Scenario",
            "On average",
            "Short of the best by at most, in 9 of 10 versions",
            "… on average",
            "… at worst",
            "Best in",
            "95% interval",
            "May have the best average",
        ),
        tuple(_format_row(document, standing, unit) for standing in standings),
        ("scenario", "mean", "worst", "high_90", "mean_regret", "best", "best_low", "best_high"),
        tuple(
            (
                titles[standing["at"]],
                standing["mean"],
                standing["worst"],
                standing["high"],
                standing["regret"],
                *standing["best"],
            )
            for standing in standings
        ),
        describe_source(document, count_runs(document["draws"], document["lucks"])),
    )


def _format_row(document: RobustnessDocument, standing: StandingDocument, unit: Unit) -> Row:
    share, low, high = standing["best"]
    return (
        f"{_find_style(document, standing['at']).letter}  {document['titles'][standing['at']]}",
        describe_level(standing["mean"], unit),
        format_size(standing["high"], unit),
        format_size(standing["regret"], unit),
        format_size(standing["worst"], unit),
        format_share(share, 100),
        format_percent_range(low, high),
        "yes" if standing["running"] else "no",
    )


def _write_sentences(document: RobustnessDocument, least: StandingDocument, unit: Unit) -> tuple[str, ...]:
    """What the table of regrets says, and how sure it is."""
    standings, titles = document["standings"], document["titles"]
    low, high = least["high_interval"]
    running = [f"“{titles[standing['at']]}”" for standing in standings if standing["running"]]
    best = [f"“{titles[standing['at']]}” in {format_share(standing['best'][0], 100)}" for standing in standings]
    noise, shown = format_size(document["noise"] or 0.0, unit), [format_size(x, unit) for x in (low, high)]
    interval = f"The 95% interval of that {format_size(least['high'], unit)} is {shown[0]} to {shown[1]}. "
    return (
        f"How many versions of the model each is best in: {join_words(best)}.",
        f"{running[0]} has the best average, which is settled."
        if len(running) == 1
        else f"Which of {join_words(running)} has the best average is not settled.",
        f"{interval if shown[0] != shown[1] else ''}The most it falls short in any version, "
        f"{format_size(least['worst'], unit)}, grows with the number of versions.",
        "How far a choice falls short of the best one for the same version is called regret. In one version about "
        f"{noise} of it is chance, and in the worst of {document['draws']:,} versions two or three times as much.",
        describe_versions(document["draws"]),
    )


def _find_style(document: RobustnessDocument, place: int) -> Style:
    return find_styles(document["how"]["letters"][place])[0]
