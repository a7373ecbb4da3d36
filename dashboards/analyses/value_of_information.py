"""Value of information: what it would be worth to know a number before choosing between scenarios."""

from __future__ import annotations

from typing import TypedDict

from dashboards.analyses.lever_text import format_size, make_parameter_row, shorten_parameter
from dashboards.analyses.report import AnalysisReport, Row, count_runs, describe_source
from dashboards.analyses.request import AnalysisDocument, AnalysisRequest, ProgressSteps
from dashboards.analyses.robustness import check_choice
from dashboards.analyses.shared_runs import DRAWS, REPLICATES, SharedOutcomes, run_scenarios
from simulator.calibration.evidence_status import list_badges
from simulator.charts import uncertainty
from simulator.charts.axes import POUNDS
from simulator.common.formatting import format_number, join_words, name_base
from simulator.common.html import NOTHING
from simulator.declarations.outcomes import OUTCOMES
from simulator.declarations.parameters import PARAMETERS
from simulator.engine.ensemble import Progress
from simulator.experiments.core.clustered_errors import label_parameter_sets
from simulator.experiments.core.replicate_average import DrawAverages, average_over_replicates
from simulator.experiments.decision.switching_value import find_switching_value
from simulator.experiments.decision.value_of_information import estimate_value_of_information
from simulator.runs.parameter_sets import UNCERTAIN
from simulator.runs.posterior import describe_fit_badge

RESAMPLES = 60
SHOWN = 6


class SwitchingDocument(TypedDict):
    """The value at which the best choice changes, with its 95% interval; `below` and `above` are scenarios' places."""

    at: float
    interval: list[float]
    below: int
    above: int


class WorthDocument(TypedDict):
    """What knowing a number is worth: two estimates that bracket it, and a 95% interval; `clear` of noise or not."""

    name: str
    low: float
    high: float
    interval: list[float]
    clear: bool
    turn: SwitchingDocument | None


class ValueDocument(AnalysisDocument):
    """The scenario that is best on average, and what knowing each number, or every number (`perfect`), is worth."""

    best: int
    perfect: list[float] | None
    worths: list[WorthDocument]
    draws: int
    lucks: int


def compute(request: AnalysisRequest, progress: Progress) -> ValueDocument:
    """Estimate what knowing each unknown number would add to the choice, and where it would change it."""
    check_choice(request)
    steps, better = ProgressSteps(progress, (0.5, 0.45, 0.05)), request.chosen_outcome.better
    outcomes = run_scenarios(request, steps.step(0))
    averages = average_over_replicates(outcomes.columns, outcomes.futures.draws)
    value = estimate_value_of_information(
        outcomes.points,
        averages,
        better=better,
        questions={name: [name] for name in UNCERTAIN},
        unit=request.chosen_outcome.unit,
        times=RESAMPLES,
        seed=request.seed,
        progress=steps.step(1),
        sets=label_parameter_sets(outcomes.points),
    )
    worths: list[WorthDocument] = []
    for worth in sorted(value.partial, key=lambda worth: -worth.low):
        clear = worth.interval[0] > 0
        worths.append(
            {
                "name": worth.name,
                "low": worth.low,
                "high": worth.high,
                "interval": list(worth.interval),
                "clear": clear,
                "turn": _find_switching_value(worth.name, outcomes, averages, better) if clear else None,
            }
        )
    return {
        **request.describe(describe_fit_badge()),
        "best": int(value.best),
        "perfect": None if value.perfect is None else [value.perfect.low, value.perfect.high],
        "worths": worths,
        "draws": DRAWS,
        "lucks": REPLICATES,
    }


def _find_switching_value(
    name: str, outcomes: SharedOutcomes, averages: DrawAverages, better: int
) -> SwitchingDocument | None:
    switching = find_switching_value(
        outcomes.points[name], averages, better=better, times=RESAMPLES, sets=label_parameter_sets(outcomes.points)
    )
    if switching is None:
        return None
    return {
        "at": switching.at,
        "interval": list(switching.interval),
        "below": int(switching.below),
        "above": int(switching.above),
    }


def describe(document: ValueDocument) -> AnalysisReport:
    """What is worth knowing, as bars with intervals, and the evidence that would help."""
    clear = [worth for worth in document["worths"] if worth["clear"]][:SHOWN]
    title = _write_title(document, clear)
    description = "What knowing a number exactly, before choosing, would add on average, with 95% intervals."
    bars = [
        (
            f"{shorten_parameter(worth['name'])} ({list_badges()[worth['name']]})",
            max(worth["low"], 0.0),
            max(worth["interval"][0], 0.0),
            worth["interval"][1],
        )
        for worth in clear
    ]
    return AnalysisReport(
        title,
        _write_sentences(document, clear),
        uncertainty.draw_bars(title, description, bars, POUNDS) if bars else NOTHING,
        description,
        (
            "Knowing",
            "Name in files",
            "Worth, of each £100",
            "95% interval",
            "Clear of noise",
            "Rests on",
            "Evidence so far",
        ),
        tuple(_format_row(worth) for worth in document["worths"]),
        ("name", "low", "high", "interval_low", "interval_high"),
        tuple((worth["name"], worth["low"], worth["high"], *worth["interval"]) for worth in document["worths"]),
        describe_source(document, count_runs(document["draws"], document["lucks"])),
    )


def _write_title(document: ValueDocument, clear: list[WorthDocument]) -> str:
    best = f"“{document['titles'][document['best']]}”"
    if not clear:
        return f"{best} is best on average, and no single unknown number is shown to be worth knowing before choosing"
    names = join_words([f"“{shorten_parameter(worth['name'])}”" for worth in clear[:2]])
    return f"{best} is best on average; evidence on {names} could change that"


def _format_row(worth: WorthDocument) -> Row:
    cells = _format_worth(worth), _format_interval(worth), "yes" if worth["clear"] else "no"
    return (*make_parameter_row(worth["name"], *cells), ", ".join(PARAMETERS[worth["name"]].about.evidence))


def _write_sentences(document: ValueDocument, clear: list[WorthDocument]) -> tuple[str, ...]:
    titles, sentences = document["titles"], []
    for worth in clear:
        if turn := worth["turn"]:
            low, high = (format_number(end) for end in turn["interval"])
            sentences.append(
                f"Knowing “{shorten_parameter(worth['name'])}”, one would choose “{titles[turn['below']]}” below "
                f"{format_number(turn['at'])} (95% interval {low} to {high}) and “{titles[turn['above']]}” above it."
            )
    if document["perfect"]:
        value = format_size(document["perfect"][0], OUTCOMES[document["outcome"]].unit)
        sentences.append(
            "Knowing every number before choosing would be worth "
            f"{value}{name_base(OUTCOMES[document['outcome']].unit)} on average."
        )
    judged = sum(list_badges()[worth["name"]] == "judgement" for worth in clear)
    if judged:
        sentences.append(_describe_judged(judged, len(clear)))
    return tuple(sentences)


def _count_of(part: int, whole: int) -> str:
    """Such as: Both of these numbers; All of these 3 numbers; 1 of these 3 numbers."""
    if part == whole == 2:
        return "Both of these numbers"
    return f"{'All' if part == whole else part} of these {whole} numbers"


def _describe_judged(judged: int, whole: int) -> str:
    """How many of the numbers that are named rest on judgement."""
    many = judged > 1
    which = "This number" if whole == 1 else _count_of(judged, whole)
    verb, them = ("rest", "them") if many else ("rests", "it")
    return f"{which} {verb} on judgement: what evidence there is so far gives no figure for {them}."


def _format_worth(worth: WorthDocument) -> str:
    low, high = sorted((max(worth["low"], 0.0), max(worth["high"], 0.0)))
    if format_size(low) == format_size(high):
        return format_size(high)
    return f"{format_size(low)} to {format_size(high)}"


def _format_interval(worth: WorthDocument) -> str:
    low, high = (max(end, 0.0) for end in worth["interval"])
    return f"{format_size(low)} to {format_size(high)}"
