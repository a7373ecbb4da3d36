"""Break-even: how much of one lever is enough to equal a whole scenario, and how often the scenario does more."""

from __future__ import annotations

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
from dashboards.analyses.report import (
    AnalysisReport,
    Row,
    count_runs,
    describe_source,
    describe_versions,
    format_percent_range,
)
from dashboards.analyses.request import AnalysisDocument, AnalysisRequest
from simulator.charts import tradeoffs
from simulator.charts.tradeoffs import Duel
from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.common.formatting import (
    describe_difference,
    describe_difference_range,
    format_count,
    format_difference,
    format_difference_range,
    join_words,
)
from simulator.declarations.outcomes import OUTCOMES
from simulator.engine.ensemble import Progress
from simulator.experiments.core.model_protocol import Labels
from simulator.experiments.tradeoffs.equivalence import find_equivalence_in
from simulator.experiments.tradeoffs.lever_sweep import LeverQuestion, sweep_lever_and_policies
from simulator.reports.sentences import capitalise_first
from simulator.runs.posterior import describe_fit_badge
from simulator.studies.break_even import (
    AUDITED_LABEL,
    NEVER_WAIVED,
    UNWAIVED_LABEL,
    WAIVABLE,
    WAIVABLE_LABEL,
    judge_duel,
)
from simulator.studies.model_function import ModelFunction, list_lever_factors

STEPS = 25
SHARES = (10, 25, 50, 75, 90)
FENCES = {WAIVABLE_LABEL: WAIVABLE, UNWAIVED_LABEL: NEVER_WAIVED}


class RivalDocument(Duel):
    """The scenario against a rival; `effect` is what the rival adds: its mean and the ends of its 80% range."""

    same: int
    verdict: str
    effect: tuple[float, float, float]


class BreakEvenDocument(AnalysisDocument):
    """The amount of a lever that equals the scenario (`value`, None where no amount does), with its interval.

    `gain` is what the scenario adds: its mean and the ends of its 80% range. `enough` is the amount that is enough in
    so many of 100 parameter sets.
    """

    lever: str
    gain: tuple[float, float, float]
    value: float | None
    low: float | None
    high: float | None
    none_enough: int
    enough: dict[str, float | None]
    curve: dict[str, list[float]]
    sentence: str
    duels: list[RivalDocument]
    draws: int
    lucks: int


def compute(request: AnalysisRequest, progress: Progress) -> BreakEvenDocument:
    """Sweep a lever on top of today's rules against the last scenario of the question, in the same futures."""
    lever, reference, outcome = request.options["lever"], request.scenarios[-1], request.chosen_outcome
    lever_grids.check_levers(lever)
    if reference.fingerprint == request.scenarios[0].fingerprint:
        raise InputError("This scenario is the same as today's rules, so nothing is needed to equal it.")
    model, futures = lever_grids.make_model(request), lever_grids.sample_futures(request)
    simulate = lever_grids.ModelWithReference(
        model, ModelFunction(reference, (request.outcome,), years=request.years or None, areas=request.boards)
    )
    (factor,) = list_lever_factors([lever])
    question = LeverQuestion(
        factor,
        {lever_grids.REFERENCE: 1.0},
        request.outcome,
        outcome.better,
        along_with=lever_grids.COMPANION_LEVERS.get(lever, {}),
        amounts=tuple(lever_grids.choose_amounts(model, lever, futures, STEPS).tolist()),
        label=f"“{reference.title}”",
        about=f"“{outcome.label}”",
    )
    others = {**(FENCES if lever == "ringfence" else {}), "none": {}}
    sweep, levels = sweep_lever_and_policies(simulate, question, futures, others, progress)
    equivalence = find_equivalence_in(question, sweep, seed=request.seed)
    none = levels.pop("none")
    gain = sweep.reference - none
    rivals = {fence: level - none for fence, level in levels.items()}
    rivals[AUDITED_LABEL if lever == "ringfence" else f"{name_lever(lever)} at its most"] = sweep.swept[:, -1] - none
    average, curve = equivalence.on_average, equivalence.curve()
    return {
        **request.describe(describe_fit_badge()),
        "lever": lever,
        "gain": _summarise_effect(gain),
        "value": to_json_number(average.value),
        "low": to_json_number(average.low),
        "high": to_json_number(average.high),
        "none_enough": equivalence.none_enough,
        "enough": {str(share): to_json_number(equivalence.enough_in(share / 100)) for share in SHARES},
        "curve": {name: [float(x) for x in curve[name]] for name in ("amount", "difference", "low", "high")},
        "sentence": equivalence.sentence,
        "duels": [_judge_rival(name, gain, effect, outcome.better, sweep.sets) for name, effect in rivals.items()],
        "draws": equivalence.draws,
        "lucks": sweep.replicates,
    }


def _summarise_effect(effect: Floats) -> tuple[float, float, float]:
    """Its mean, and the ends of its 80% range."""
    low, high = np.quantile(effect, (0.1, 0.9))
    return float(effect.mean()), float(low), float(high)


def _judge_rival(rival: str, gain: Floats, effect: Floats, better: int, sets: Labels | None) -> RivalDocument:
    duel = judge_duel(rival, gain, effect, better, sets)
    return {
        "rival": rival,
        "more": duel.more,
        "same": duel.same,
        "interval": duel.interval,
        "verdict": duel.verdict,
        "effect": _summarise_effect(effect),
    }


def describe(document: BreakEvenDocument) -> AnalysisReport:
    """Where the scenario and the lever break even, and in how many parameter sets the scenario does more."""
    lever, scenario, draws, curve = document["lever"], document["titles"][-1], document["draws"], document["curve"]
    title = _write_title(document)
    lever_name = capitalise_first(name_lever(lever))
    description = (
        f"{lever_name} from left to right; upwards, by how much it does more than “{scenario}” (below 0: less), £ of "
        "each £100, on average and in 8 of 10 versions of the model."
    )
    picture = tradeoffs.draw_break_even(
        title,
        description,
        curve,
        document["value"],
        (label_axis(lever), shorten_lever(lever), scenario),
        document["duels"],
        draws,
        is_share(lever),
    )
    return AnalysisReport(
        title,
        _write_sentences(document),
        picture,
        description,
        (
            "Against",
            "It adds, of each £100",
            "8 in 10 versions",
            f"{scenario} does more in",
            "95% interval",
            "The same to the penny in",
        ),
        _make_rows(document),
        (lever, "difference", "low_80", "high_80"),
        tuple(zip(curve["amount"], curve["difference"], curve["low"], curve["high"], strict=True)),
        describe_source(document, count_runs(draws, document["lucks"])),
    )


def _write_sentences(document: BreakEvenDocument) -> tuple[str, ...]:
    scenario, outcome, draws = document["titles"][-1], OUTCOMES[document["outcome"]], document["draws"]
    mean, low, high = document["gain"]
    counts = [f"than {duel['rival']} in {format_count(duel['more'], draws)}" for duel in document["duels"]]
    sentences = [
        f"“{scenario}” brings {describe_difference(mean, outcome.unit)} on average ({outcome.label.lower()}; "
        f"{describe_difference_range(low, high, outcome.unit)} in 8 of 10 versions of the model).",
        f"“{scenario}” does more {join_words(counts)} versions of the model.",
    ]
    if document["value"] is None:
        sentences.append(_describe_tried(document))
    if document["none_enough"] == draws:
        sentences.append("In no version is any amount enough.")
    elif document["none_enough"]:
        sentences.append(f"In {format_count(document['none_enough'], draws)} versions no amount is enough.")
    sentences += [LEADERS_ALONE] if document["lever"] == "leader_lift" else []
    return (*sentences, describe_versions(draws))


def _describe_tried(document: BreakEvenDocument) -> str:
    """That no amount is the answer, what was tried, and why it ends there."""
    lever, amounts = document["lever"], document["curve"]["amount"]
    first, last = (format_amount(lever, amount) for amount in (amounts[0], amounts[-1]))
    return (
        f"So how much would be enough has no answer here: from {first} (today) to {last} was tried, and on average "
        f"none of it does as much. It ends at {last} because the lever does: further the model was not built "
        "to go, and going on from the line would be a guess."
    )


def _make_rows(document: BreakEvenDocument) -> tuple[Row, ...]:
    """A row for each rival, then a row for each share of the parameter sets."""
    lever, unit, draws = document["lever"], OUTCOMES[document["outcome"]].unit, document["draws"]
    rivals = [
        (
            capitalise_first(duel["rival"]),
            format_difference(duel["effect"][0], unit),
            format_difference_range(duel["effect"][1], duel["effect"][2], unit),
            format_count(duel["more"], draws),
            format_percent_range(*duel["interval"]),
            format_count(duel["same"], draws),
        )
        for duel in document["duels"]
    ]
    amounts = [
        (f"Enough in {share} of 100 versions: {_name_amount(lever, amount)}", *[""] * 5)
        for share, amount in document["enough"].items()
    ]
    return (*rivals, *amounts)


def _name_amount(lever: str, amount: float | None) -> str:
    if amount is None:
        return f"no amount of {name_lever(lever)}"
    return describe_lever_at(lever, format_amount(lever, amount))


def _write_title(document: BreakEvenDocument) -> str:
    lever, scenario, value = document["lever"], f"“{document['titles'][-1]}”", document["value"]
    if value is None:
        most, count = document["curve"]["amount"][-1], document["draws"] - document["none_enough"]
        return (
            f"In this model, even {describe_lever_at(lever, format_amount(lever, most))}, the most that can be set, "
            f"does less than {scenario} on average; some amount does at least as much in "
            f"{format_count(count, document['draws'])} versions of the model"
        )
    amounts = document["curve"]["amount"]
    if value == amounts[0]:
        return f"{scenario} does no more than today's rules on average, so nothing is needed to equal it"
    amount = capitalise_first(describe_lever_at(lever, f"about {format_amount(lever, value)}"))
    spread = format_amount_range(lever, document["enough"]["10"], document["enough"]["90"], amounts)
    return f"{amount} breaks even with {scenario} ({spread} in 8 of 10 versions of the model)"
