"""Equivalence: for each amount of one lever, how much of another does as much."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dashboards.analyses import lever_grids
from dashboards.analyses.lever_text import (
    LEADERS_ALONE,
    describe_lever_at,
    format_amount,
    format_amount_range,
    is_share,
    label_axis,
    name_lever,
    shorten_lever,
    to_json_number,
)
from dashboards.analyses.report import AnalysisReport, DataRow, Row, count_runs, describe_source, describe_versions
from dashboards.analyses.request import AnalysisDocument, AnalysisRequest
from simulator.charts import tradeoffs
from simulator.charts.tradeoffs import ExchangePoint
from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.common.formatting import format_count
from simulator.declarations.outcomes import OUTCOMES
from simulator.engine.ensemble import Progress
from simulator.experiments.core.replicate_average import DrawAverages, average_over_replicates
from simulator.experiments.core.sampled_futures import run_policies
from simulator.experiments.tradeoffs.equivalence import find_equivalence_in
from simulator.experiments.tradeoffs.lever_sweep import LeverQuestion, LeverSweep
from simulator.reports.sentences import capitalise_first
from simulator.runs.posterior import describe_fit_badge
from simulator.studies.model_function import list_lever_factors

RESAMPLES = 300
SHOWN = 9
"""Which of the amounts the title names: three quarters of the way, where the library's programme stands."""


class EquivalencePoint(ExchangePoint):
    """An amount of the first lever: in how many sets no amount of the second is enough, or none is needed, and what
    the amount adds on average."""

    none_enough: int
    none_needed: int
    gain: float


class EquivalenceDocument(AnalysisDocument):
    """What equals each amount of the `first` lever; `amounts` are those of the `second` that were tried."""

    first: str
    second: str
    lines: list[EquivalencePoint]
    amounts: list[float]
    draws: int
    lucks: int


def compute(request: AnalysisRequest, progress: Progress) -> EquivalenceDocument:
    """Sweep both levers, each by itself, in the same futures; for each amount of the first find what equals it."""
    first, second = request.options["lever"], request.options["equals"]
    lever_grids.check_levers(first, second)
    if first == second:
        raise InputError("Choose two levers that are not the same.")
    model, futures = lever_grids.make_model(request), lever_grids.sample_futures(request)
    grids = {lever: lever_grids.choose_amounts(model, lever, futures) for lever in (first, second)}
    settings = {
        f"{lever} {k}": {**lever_grids.COMPANION_LEVERS.get(lever, {}), lever: float(amount)}
        for lever, amounts in grids.items()
        for k, amount in enumerate(amounts)
    }
    outcomes = run_policies(model, futures, settings, request.outcome, progress)
    averages = average_over_replicates(outcomes, futures.draws)
    swept = {
        lever: np.column_stack([averages.means[f"{lever} {k}"] for k in range(len(amounts))])
        for lever, amounts in grids.items()
    }
    if not any(np.ptp(means, axis=1).any() for means in swept.values()):
        label = request.chosen_outcome.label
        raise InputError(f"Neither lever moves “{label}” in these years; levers are moved from 2027/28 on.")
    return {
        **request.describe(describe_fit_badge()),
        "first": first,
        "second": second,
        "lines": _find_points(request, grids, swept, averages),
        "amounts": grids[second].tolist(),
        "draws": len(swept[first]),
        "lucks": averages.replicates,
    }


def _find_points(
    request: AnalysisRequest, grids: dict[str, Floats], swept: dict[str, Floats], averages: DrawAverages
) -> list[EquivalencePoint]:
    """For each amount of the first lever, the amount of the second that does as much."""
    first, second = grids
    (factor,) = list_lever_factors([second])
    question = LeverQuestion(
        factor,
        {first: 0.0},
        request.outcome,
        request.chosen_outcome.better,
        amounts=tuple(grids[second].tolist()),
    )
    points: list[EquivalencePoint] = []
    for k, amount in enumerate(grids[first]):
        sweep = LeverSweep(grids[second], swept[first][:, k], swept[second], averages.replicates, averages.failed)
        equivalence = find_equivalence_in(question, sweep, RESAMPLES, request.seed)
        average = equivalence.on_average
        points.append(
            {
                "x": float(amount),
                "line": to_json_number(average.value),
                "low": to_json_number(average.low),
                "high": to_json_number(average.high),
                "enough": {str(share): to_json_number(equivalence.enough_in(share / 100)) for share in (10, 50, 90)},
                "none_enough": equivalence.none_enough,
                "none_needed": equivalence.none_needed,
                "gain": float((swept[first][:, k] - swept[first][:, 0]).mean()),
            }
        )
    return points


def describe(document: EquivalenceDocument) -> AnalysisReport:
    """The line of equal outcome, with its band, in a sentence, a picture and a table."""
    first, second = document["first"], document["second"]
    title = _write_title(document)
    description = f"Line of equal outcome: {label_axis(first)} from left to right, {label_axis(second)} upwards."
    head = (
        capitalise_first(name_lever(first)),
        f"As much: {name_lever(second)}",
        "95% interval",
        "Enough in 10 of 100 versions",
        "Enough in 50",
        "Enough in 90",
        "No amount is enough in",
    )
    picture = tradeoffs.draw_exchange(
        title,
        description,
        document["lines"],
        (label_axis(first), label_axis(second)),
        (shorten_lever(first), shorten_lever(second)),
        document["amounts"][-1],
        _find_marked_point(document),
        (is_share(first), is_share(second)),
    )
    return AnalysisReport(
        title,
        _write_sentences(document),
        picture,
        description,
        head,
        tuple(_format_point(point, document) for point in document["lines"]),
        (first, second, "low", "high", "enough_in_10", "enough_in_50", "enough_in_90", "none_enough", "draws"),
        tuple(_list_numbers(point, document["draws"]) for point in document["lines"]),
        describe_source(document, count_runs(document["draws"], document["lucks"])),
    )


def _write_sentences(document: EquivalenceDocument) -> tuple[str, ...]:
    first, second, draws = document["first"], document["second"], document["draws"]
    sentences = ["On the line the two do equally much on average. Above it the second does more, below it the first."]
    beyond = [point for point in document["lines"] if point["none_enough"]]
    if beyond:
        amount = capitalise_first(describe_lever_at(first, format_amount(first, beyond[-1]["x"])))
        most = describe_lever_at(second, format_amount(second, document["amounts"][-1]))
        sentences.append(
            f"{amount} does more than even {most} in {format_count(beyond[-1]['none_enough'], draws)} versions of "
            "the model."
        )
    sentences.append(
        "The light band holds 8 in 10 versions of the model: nobody knows which of them is right, and more runs would "
        "not narrow it. The dark band is noise (95%), which more runs would narrow."
    )
    if "ringfence" in (first, second):
        sentences.append(
            "An enforcement of 1 is a ring-fence that is audited board by board and never waived; 0.2 is a "
            "fifth of that pull."
        )
    sentences += [LEADERS_ALONE] if "leader_lift" in (first, second) else []
    return (*sentences, describe_versions(draws))


def _format_point(point: EquivalencePoint, document: EquivalenceDocument) -> Row:
    """A row of the table as it is read."""
    first, second = document["first"], document["second"]
    return (
        format_amount(first, point["x"]),
        format_amount(second, point["line"]),
        f"{format_amount(second, point['low'])} to {format_amount(second, point['high'])}",
        *(format_amount(second, amount) for amount in _list_enough(point)),
        format_count(point["none_enough"], document["draws"]),
    )


def _list_numbers(point: EquivalencePoint, draws: int) -> DataRow:
    """A row in full precision, for files."""
    amounts = (point["line"], point["low"], point["high"], *_list_enough(point))
    return (point["x"], *("" if amount is None else amount for amount in amounts), point["none_enough"], draws)


def _list_enough(point: EquivalencePoint) -> Sequence[float | None]:
    return [point["enough"][share] for share in ("10", "50", "90")]


def _write_title(document: EquivalenceDocument) -> str:
    first, second = document["first"], document["second"]
    point = document["lines"][_find_marked_point(document)]
    start = f"In this model, {describe_lever_at(first, format_amount(first, point['x']))}"
    if point["line"] is None:
        label = OUTCOMES[document["outcome"]].label
        return f"{start} does more for “{label}” than any amount of {name_lever(second)} on average"
    spread = format_amount_range(second, point["enough"]["10"], point["enough"]["90"], document["amounts"])
    equal = describe_lever_at(second, format_amount(second, point["line"]))
    return f"{start} does about as much as {equal} ({spread} in 8 of 10 versions of the model)"


def _find_marked_point(document: EquivalenceDocument) -> int:
    """Which of the amounts the title names."""
    count = len(document["lines"])
    return min(SHOWN, count - 1) if document["first"] != "ringfence" else count * 2 // 3
