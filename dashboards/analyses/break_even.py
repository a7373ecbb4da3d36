"""Break-even: how much of one lever is enough to equal a whole scenario, and how often the scenario does more."""

from __future__ import annotations

import numpy as np

from dashboards.analyses import lever_grids
from dashboards.analyses.lever_text import (
    capitalise,
    describe_beyond,
    describe_lever_at,
    format_amount,
    format_change,
    format_change_range,
    name_lever,
    to_json_number,
)
from dashboards.analyses.request import AnalysisDocument, AnalysisReport, AnalysisRequest, describe_source
from simulator.charts import tradeoffs
from simulator.common.errors import InputError
from simulator.common.formatting import format_count, join_words
from simulator.declarations.outcomes import OUTCOMES
from simulator.engine.ensemble import Progress
from simulator.experiments.core.model_protocol import Floats, Labels
from simulator.experiments.tradeoffs.equivalence import Equivalence, find_equivalence_in
from simulator.experiments.tradeoffs.lever_sweep import LeverQuestion, sweep_lever_and_policies
from simulator.runs.posterior import fit_badge
from simulator.studies.break_even import (
    AUDITED_LABEL,
    NEVER_WAIVED,
    UNWAIVED_LABEL,
    WAIVABLE,
    WAIVABLE_LABEL,
    judge_duel,
)
from simulator.studies.model_function import ModelFunction, list_lever_factors

SHARES = (10, 25, 50, 75, 90)
FENCES = {WAIVABLE_LABEL: WAIVABLE, UNWAIVED_LABEL: NEVER_WAIVED}


def compute(ask: AnalysisRequest, progress: Progress) -> AnalysisDocument:
    """Sweep a lever on top of today's rules against the last scenario of the question, in the same worlds."""
    lever, reference = ask.how["lever"], ask.policies[-1]
    lever_grids.check_levers(lever)
    model, worlds = lever_grids.make_model(ask), lever_grids.sample_futures(ask)
    if reference.fingerprint == ask.policies[0].fingerprint:
        raise InputError("This scenario is the same as today's rules, so nothing is needed to equal it.")
    simulate = lever_grids.ModelWithReference(
        model, ModelFunction(reference, (ask.outcome,), years=ask.years or None, areas=ask.areas)
    )
    (factor,) = list_lever_factors([lever])
    question = LeverQuestion(
        factor,
        {lever_grids.REFERENCE: 1.0},
        ask.outcome,
        ask.about.better,
        along_with=lever_grids.COMPANION_LEVERS.get(lever, {}),
        amounts=tuple(lever_grids.choose_amounts(model, lever, worlds, 25).tolist()),
        label=f"“{reference.title}”",
        about=f"“{ask.about.label}”",
    )
    others = {**(FENCES if lever == "ringfence" else {}), "none": {}}
    swept, levels = sweep_lever_and_policies(simulate, question, worlds, others, progress)
    found = find_equivalence_in(question, swept, seed=ask.seed)
    none = levels.pop("none")
    gain = swept.reference - none
    rivals = {fence: column - none for fence, column in levels.items()}
    rivals[AUDITED_LABEL if lever == "ringfence" else f"{name_lever(lever)} at its most"] = swept.swept[:, -1] - none
    return ask.document(
        lever=lever,
        gain=_summarise_effect(gain),
        **_describe_curve(found),
        duels=[_judge_rival(words, gain, effect, ask.about.better, swept.sets) for words, effect in rivals.items()],
        draws=found.draws,
        lucks=swept.replicates,
        badge=fit_badge(),
    )


def _describe_curve(found: Equivalence) -> AnalysisDocument:
    e, curve = found.on_average, found.curve()
    return {
        "value": to_json_number(e.value),
        "low": to_json_number(e.low),
        "high": to_json_number(e.high),
        "none_enough": found.none_enough,
        "enough": {str(share): to_json_number(found.enough_in(share / 100)) for share in SHARES},
        "curve": {str(name): [float(x) for x in curve[name]] for name in ("amount", "difference", "low", "high")},
        "sentence": found.sentence,
    }


def _summarise_effect(effect: Floats) -> list[float]:
    low, high = np.quantile(effect, (0.1, 0.9))
    return [float(effect.mean()), float(low), float(high)]


def _judge_rival(words: str, gain: Floats, effect: Floats, better: int, sets: Labels | None) -> AnalysisDocument:
    found = judge_duel(words, gain, effect, better, sets)
    return {
        "rival": words,
        "more": found.more,
        "same": found.same,
        "interval": list(found.interval),
        "verdict": found.verdict,
        "effect": _summarise_effect(effect),
    }


def describe(doc: AnalysisDocument) -> AnalysisReport:
    """Where the scenario and the lever break even, and in how many parameter sets the scenario does more."""
    lever, title_of, unit = doc["lever"], f"“{doc['titles'][-1]}”", OUTCOMES[doc["outcome"]].unit
    title = _write_title(doc)
    mean, low, high = doc["gain"]
    label = OUTCOMES[doc["outcome"]].label
    says = [
        f"{title_of} changes “{label}” by {format_change(mean, unit)} on average "
        f"({format_change_range(low, high, unit)} in 80 of 100 parameter sets).",
        _describe_duels(doc),
    ]
    if doc["none_enough"]:
        says.append(f"In {format_count(doc['none_enough'], doc['draws'])} sets no amount is enough.")
    curve = doc["curve"]
    about = (
        f"{capitalise(name_lever(lever))} from left to right; upwards, what it does beyond {title_of}, on average and "
        f"in 80 of 100 parameter sets."
    )
    picture = tradeoffs.draw_break_even(
        title,
        about,
        curve,
        doc["value"],
        (capitalise(name_lever(lever)), doc["titles"][-1]),
        doc["duels"],
        doc["draws"],
    )
    head = ("Against", "It adds", "80 of 100 sets", f"{doc['titles'][-1]} does more in", "95% interval", "As much in")
    rows = tuple(
        (
            capitalise(d["rival"]),
            format_change(d["effect"][0], unit),
            format_change_range(d["effect"][1], d["effect"][2], unit),
            format_count(d["more"], doc["draws"]),
            f"{100 * d['interval'][0]:.0f} to {100 * d['interval'][1]:.0f}",
            format_count(d["same"], doc["draws"]),
        )
        for d in doc["duels"]
    )
    rows += tuple(
        (f"Enough in {share} of 100 sets: {describe_lever_at(lever, format_amount(lever, amount))}", "", "", "", "", "")
        for share, amount in doc["enough"].items()
    )
    data = tuple(zip(curve["amount"], curve["difference"], curve["low"], curve["high"], strict=True))
    made = f"{doc['draws']:,} parameter sets, {doc['lucks']} lucks each"
    return AnalysisReport(
        title,
        tuple(says),
        picture,
        about,
        title,
        head,
        rows,
        (lever, "difference", "low_80", "high_80"),
        data,
        describe_source(doc, made),
    )


def _write_title(doc: AnalysisDocument) -> str:
    lever, it = doc["lever"], f"“{doc['titles'][-1]}”"
    if doc["value"] is None:
        return f"No amount of {name_lever(lever)} that was tried does as much as {it} on average"
    if doc["value"] == doc["curve"]["amount"][0]:
        return f"{it} does no more than today's rules on average, so that nothing is needed to equal it"
    low, high = doc["enough"]["10"], doc["enough"]["90"]
    most = describe_beyond(lever, doc["curve"]["amount"])
    spread = f"{format_amount(lever, low) if low is not None else most} to "
    spread += format_amount(lever, high) if high is not None else most
    where = capitalise(describe_lever_at(lever, f"about {format_amount(lever, doc['value'])}"))
    return f"{where} breaks even with {it} ({spread} in 80 of 100 parameter sets)"


def _describe_duels(doc: AnalysisDocument) -> str:
    """How often the scenario does more than each rival."""
    told = [f"than {d['rival']} in {format_count(d['more'], doc['draws'])}" for d in doc["duels"]]
    return f"“{doc['titles'][-1]}” does more {join_words(told)} parameter sets."
