"""Robustness: how far each scenario falls short of the best one for the same parameter set (its regret)."""

from __future__ import annotations

from dashboards.analyses.lever_text import format_size
from dashboards.analyses.request import AnalysisDocument, AnalysisReport, AnalysisRequest, describe_source
from dashboards.analyses.shared_runs import run_scenarios
from dashboards.selection.selection import LETTERS
from simulator.charts import uncertainty
from simulator.charts.palette import STYLES, Style
from simulator.common.errors import InputError
from simulator.common.formatting import format_level, format_share, join_words
from simulator.declarations.outcomes import OUTCOMES
from simulator.engine.ensemble import Progress
from simulator.experiments.decision.robustness import Robustness, assess_robustness
from simulator.runs.posterior import fit_badge

FEWEST = 2


def check_choice(ask: AnalysisRequest) -> None:
    """Refuse a choice between fewer than two scenarios that differ. Raises InputError."""
    if len({policy.fingerprint for policy in ask.policies}) < len(ask.policies) or len(ask.policies) < FEWEST:
        raise InputError("A choice takes two scenarios that differ.")


def compute(ask: AnalysisRequest, progress: Progress) -> AnalysisDocument:
    """What each scenario falls short of the best one for the same parameter set."""
    check_choice(ask)
    table = run_scenarios(ask, progress)
    found: Robustness = assess_robustness(
        table.columns, better=ask.about.better, draws=table.worlds.draws, unit=ask.about.unit, sets=table.worlds.sets
    )
    return ask.document(
        standings=[
            {
                "at": int(s.policy),
                "mean": s.mean,
                "worst": s.worst_regret,
                "high": s.high_regret,
                "high_interval": list(s.high_interval),
                "regret": s.mean_regret,
                "best": [s.best.estimate, s.best.low, s.best.high],
                "running": s.in_the_running,
            }
            for s in found.standings
        ],
        draws=found.draws,
        lucks=found.replicates,
        noise=found.chance_error,
        badge=fit_badge(),
    )


def _write_sentences(doc: AnalysisDocument, least: AnalysisDocument) -> list[str]:
    """What the table of regrets says, and how sure it is."""
    unit, standings = OUTCOMES[doc["outcome"]].unit, doc["standings"]
    low, high = least["high_interval"]
    running = [f"“{doc['titles'][s['at']]}”" for s in standings if s["running"]]
    best = [f"“{doc['titles'][s['at']]}” in {format_share(s['best'][0], 100)}" for s in standings]
    return [
        f"Best in so many parameter sets: {join_words(best)}.",
        f"{running[0]} has the best average, which is settled."
        if len(running) == 1
        else f"Which of {join_words(running)} has the best average is not settled.",
        f"The 95% interval of that {format_size(least['high'], unit)} is {format_size(low, unit)} to "
        f"{format_size(high, unit)}. The largest shortfall in any set, {format_size(least['worst'], unit)}, grows with "
        "the number of sets.",
        "Regret is what the best choice for the same numbers would have gained. The chance left in it is about "
        f"{format_size(doc['noise'] or 0.0, unit)} a set, and the worst of {doc['draws']:,} sets holds two or three "
        "times as much.",
    ]


def describe(doc: AnalysisDocument) -> AnalysisReport:
    """Regrets as dots a scenario, with how often each is best."""
    unit, standings = OUTCOMES[doc["outcome"]].unit, doc["standings"]
    least = min(standings, key=lambda s: s["high"])
    others = sorted((s for s in standings if s is not least), key=lambda s: s["high"])
    title = (
        f"Of these, “{doc['titles'][least['at']]}” could be regretted least: in 90 of 100 parameter sets it gives at "
        f"most {format_size(least['high'], unit)} less than the best choice would have, against "
        f"{format_size(others[0]['high'], unit)} "
        "for the next"
    )
    says = _write_sentences(doc, least)
    rows = tuple(
        (
            f"{_find_style(doc, s['at']).letter}  {doc['titles'][s['at']]}",
            format_level(s["mean"], unit),
            format_size(s["high"], unit),
            format_size(s["regret"], unit),
            format_size(s["worst"], unit),
            format_share(s["best"][0], 100),
            f"{100 * s['best'][1]:.0f} to {100 * s['best'][2]:.0f}",
            "yes" if s["running"] else "no",
        )
        for s in standings
    )
    head = (
        "Scenario",
        "Mean",
        "Regret, 90 of 100 sets below",
        "Mean regret",
        "Largest regret seen",
        "Best in",
        "95% interval",
        "May have the best average",
    )
    data = tuple((doc["titles"][s["at"]], s["mean"], s["worst"], s["high"], s["regret"], *s["best"]) for s in standings)
    about = "A row a scenario: mean regret (dot), what 90 of 100 sets stay below (bar), the largest seen (line)."
    bars = [(_find_style(doc, s["at"]), doc["titles"][s["at"]], s["regret"], s["high"], s["worst"]) for s in standings]
    return AnalysisReport(
        title,
        tuple(says),
        uncertainty.draw_regrets(title, about, bars),
        about,
        title,
        head,
        rows,
        ("scenario", "mean", "worst", "high_90", "mean_regret", "best", "best_low", "best_high"),
        data,
        describe_source(doc, f"{doc['draws']:,} parameter sets, {doc['lucks']} lucks each"),
    )


def _find_style(doc: AnalysisDocument, at: int) -> Style:
    return STYLES[LETTERS.index(doc["how"]["letters"][at])]
