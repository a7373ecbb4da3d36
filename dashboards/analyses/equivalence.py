"""How much leadership is worth a ring-fence: for each amount of one lever, how much of another does as much."""

from __future__ import annotations

import numpy as np

from dashboards.analyses import lever_grids
from dashboards.analyses.lever_text import (
    SCALES,
    capitalise,
    describe_beyond,
    describe_lever_at,
    format_amount,
    name_lever,
    to_json_number,
)
from dashboards.analyses.request import AnalysisDocument, AnalysisReport, AnalysisRequest, describe_source
from simulator.charts import tradeoffs
from simulator.common.errors import InputError
from simulator.common.formatting import format_count
from simulator.common.units import Unit
from simulator.declarations.levers import LEVERS
from simulator.declarations.outcomes import OUTCOMES
from simulator.engine.ensemble import Progress
from simulator.experiments.core.replicate_average import average_over_replicates
from simulator.experiments.core.sampled_futures import run_policies
from simulator.experiments.tradeoffs.equivalence import find_equivalence_in
from simulator.experiments.tradeoffs.lever_sweep import LeverQuestion, LeverSweep
from simulator.runs.posterior import fit_badge
from simulator.studies.model_function import list_lever_factors

TIMES = 300
SHOWN = 9
"""Which of the amounts the title names: three quarters of the way, where the library's programme stands."""


def compute(ask: AnalysisRequest, progress: Progress) -> AnalysisDocument:
    """Sweep both levers, each by itself, in the same worlds; find for each amount of the first what equals it."""
    first, second = ask.how["lever"], ask.how["equals"]
    lever_grids.check_levers(first, second)
    if first == second:
        raise InputError("Choose two levers that are not the same.")
    model, worlds = lever_grids.make_model(ask), lever_grids.sample_futures(ask)
    grids = {name: lever_grids.choose_amounts(model, name, worlds) for name in (first, second)}
    policies = {
        (name, k): {**lever_grids.COMPANION_LEVERS.get(name, {}), name: float(x)}
        for name in grids
        for k, x in enumerate(grids[name])
    }
    made = run_policies(model, worlds, {f"{n} {k}": set_ for (n, k), set_ in policies.items()}, ask.outcome, progress)
    means = average_over_replicates(made, worlds.draws)
    swept = {name: np.column_stack([means.means[f"{name} {k}"] for k in range(len(x))]) for name, x in grids.items()}
    if not any(np.ptp(one, axis=1).any() for one in swept.values()):
        raise InputError(f"Neither lever moves “{ask.about.label}” in these years; levers are moved from 2027/28 on.")
    (factor,) = list_lever_factors([second])
    question = LeverQuestion(factor, {first: 0.0}, ask.outcome, ask.about.better, amounts=tuple(grids[second].tolist()))
    lines = []
    for k, x in enumerate(grids[first]):
        found = find_equivalence_in(
            question,
            LeverSweep(grids[second], swept[first][:, k], swept[second], means.replicates, means.failed),
            TIMES,
            ask.seed,
        )
        e = found.on_average
        lines.append(
            {
                "x": float(x),
                "line": to_json_number(e.value),
                "low": to_json_number(e.low),
                "high": to_json_number(e.high),
                "enough": {str(s): to_json_number(found.enough_in(s / 100)) for s in (10, 50, 90)},
                "none_enough": found.none_enough,
                "none_needed": found.none_needed,
                "gain": float((swept[first][:, k] - swept[first][:, 0]).mean()),
            }
        )
    return ask.document(
        first=first,
        second=second,
        lines=lines,
        amounts=grids[second].tolist(),
        draws=len(swept[first]),
        lucks=means.replicates,
        badge=fit_badge(),
    )


def describe(doc: AnalysisDocument) -> AnalysisReport:
    """The line of equal outcome, with its band, in a sentence, a picture and a table."""
    first, second, lines, draws = doc["first"], doc["second"], doc["lines"], doc["draws"]
    title = _write_title(doc)
    top = doc["amounts"][-1]
    never = [line for line in lines if line["none_enough"]]
    says = [
        "On the line the two do equally much on average. Above it the second does more, below it the first does.",
        "The light band holds 80 of 100 parameter sets: nobody knows which of them is right, and more runs would not "
        "narrow it. The dark band is noise (95%), which more runs would narrow.",
    ]
    if never:
        last = never[-1]
        says.insert(
            1,
            f"{capitalise(describe_lever_at(first, format_amount(first, last['x'])))} does more than even "
            f"{describe_lever_at(second, format_amount(second, top))} in "
            f"{format_count(last['none_enough'], draws)} parameter sets.",
        )
    if "ringfence" in (first, second):
        says.append(
            "An enforcement of 1 is a ring-fence that is audited board by board and never waived; 0.2 is a "
            "fifth of that pull."
        )
    head = (
        capitalise(name_lever(first)),
        f"As much: {name_lever(second)}",
        "95% interval",
        "Enough in 10 of 100 sets",
        "Enough in 50",
        "Enough in 90",
        "No amount is enough in",
    )
    rows, data = _make_rows(doc)
    data_head = (first, second, "low", "high", "enough_in_10", "enough_in_50", "enough_in_90", "none_enough", "draws")
    about = f"Line of equal outcome: {_label_axis(first)} from left to right, {_label_axis(second)} upwards."
    made = f"{draws:,} parameter sets, {doc['lucks']} lucks each"
    picture = tradeoffs.draw_exchange(
        title,
        about,
        lines,
        (_label_axis(first), _label_axis(second)),
        (_shorten_lever(first), _shorten_lever(second)),
        top,
        _find_marked_line(doc),
        (_is_percent(first), _is_percent(second)),
    )
    return AnalysisReport(
        title, tuple(says), picture, about, f"{title}", head, rows, data_head, data, describe_source(doc, made)
    )


def _make_rows(doc: AnalysisDocument) -> tuple[tuple[tuple[str, ...], ...], tuple[tuple[str | float | int, ...], ...]]:
    """The table as it is read, and as it is exported."""
    first, second, lines, draws = doc["first"], doc["second"], doc["lines"], doc["draws"]
    rows = tuple(
        (
            format_amount(first, line["x"]),
            format_amount(second, line["line"]),
            f"{format_amount(second, line['low'])} to {format_amount(second, line['high'])}",
            *(format_amount(second, line["enough"][s]) for s in ("10", "50", "90")),
            format_count(line["none_enough"], draws),
        )
        for line in lines
    )
    data = tuple(
        (
            line["x"],
            *(_blank_if_none(line[k]) for k in ("line", "low", "high")),
            *(_blank_if_none(line["enough"][s]) for s in ("10", "50", "90")),
            line["none_enough"],
            draws,
        )
        for line in lines
    )
    return rows, data


def _write_title(doc: AnalysisDocument) -> str:
    first, second, lines = doc["first"], doc["second"], doc["lines"]
    one = lines[_find_marked_line(doc)]
    about = OUTCOMES[doc["outcome"]].label
    start = f"In this model, {describe_lever_at(first, format_amount(first, one['x']))}"
    if one["line"] is None:
        return f"{start} does more for “{about}” than any amount of {name_lever(second)} on average"
    low, high = one["enough"]["10"], one["enough"]["90"]
    most = describe_beyond(second, doc["amounts"])
    first_tenth = format_amount(second, low) if low is not None else most
    last_tenth = format_amount(second, high) if high is not None else most
    equal = describe_lever_at(second, format_amount(second, one["line"]))
    return f"{start} does about as much as {equal} ({first_tenth} to {last_tenth} in 80 of 100 parameter sets)"


def _is_percent(name: str) -> bool:
    return LEVERS[name].about.unit is Unit.SHARE


def _find_marked_line(doc: AnalysisDocument) -> int:
    """Which of the amounts the title names."""
    return min(SHOWN, len(doc["lines"]) - 1) if doc["first"] != "ringfence" else len(doc["lines"]) * 2 // 3


def _label_axis(name: str) -> str:
    scale = f" ({SCALES[name]})" if name in SCALES else ""
    return f"{capitalise(name_lever(name))}{scale}"


def _shorten_lever(name: str) -> str:
    names = {"ringfence": "the ring-fence", "leader_lift": "leadership", "finance_lift": "finance directors"}
    return names.get(name, name_lever(name))


def _blank_if_none(x: float | None) -> float | str:
    return "" if x is None else x
