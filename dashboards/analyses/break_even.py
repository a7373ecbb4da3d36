"""Break-even: how much of one lever is enough to equal a whole scenario, and how often the scenario does more."""

from __future__ import annotations

import numpy as np

from dashboards.analyses import lever_grids
from dashboards.analyses.lever_text import at, beyond, capital, ends, finite, level, lever_name, points
from dashboards.analyses.request import Ask, Document, Told, rests
from simulator.charts import tradeoffs
from simulator.common.errors import InputError
from simulator.common.formatting import listed, out_of
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


def work(ask: Ask, progress: Progress) -> Document:
    """Sweep a lever on top of today's rules against the last scenario of the question, in the same worlds."""
    lever, reference = ask.how["lever"], ask.policies[-1]
    lever_grids.check(lever)
    model, worlds = lever_grids.model_of(ask), lever_grids.worlds_of(ask)
    if reference.fingerprint == ask.policies[0].fingerprint:
        raise InputError("This scenario is the same as today's rules, so nothing is needed to equal it.")
    simulate = lever_grids.Beside(
        model, ModelFunction(reference, (ask.outcome,), years=ask.years or None, areas=ask.areas)
    )
    (factor,) = list_lever_factors([lever])
    question = LeverQuestion(
        factor,
        {lever_grids.REFERENCE: 1.0},
        ask.outcome,
        ask.about.better,
        along_with=lever_grids.ALONG.get(lever, {}),
        amounts=tuple(lever_grids.amounts(model, lever, worlds, 25).tolist()),
        label=f"“{reference.title}”",
        about=f"“{ask.about.label}”",
    )
    others = {**(FENCES if lever == "ringfence" else {}), "none": {}}
    swept, levels = sweep_lever_and_policies(simulate, question, worlds, others, progress)
    found = find_equivalence_in(question, swept, seed=ask.seed)
    none = levels.pop("none")
    gain = swept.reference - none
    rivals = {fence: column - none for fence, column in levels.items()}
    rivals[AUDITED_LABEL if lever == "ringfence" else f"{lever_name(lever)} at its most"] = swept.swept[:, -1] - none
    return ask.document(
        lever=lever,
        gain=_spread(gain),
        **_numbers(found),
        duels=[_duel(words, gain, effect, ask.about.better, swept.sets) for words, effect in rivals.items()],
        draws=found.draws,
        lucks=swept.replicates,
        badge=fit_badge(),
    )


def _numbers(found: Equivalence) -> Document:
    e, curve = found.on_average, found.curve()
    return {
        "value": finite(e.value),
        "low": finite(e.low),
        "high": finite(e.high),
        "none_enough": found.none_enough,
        "enough": {str(share): finite(found.enough_in(share / 100)) for share in SHARES},
        "curve": {str(name): [float(x) for x in curve[name]] for name in ("amount", "difference", "low", "high")},
        "sentence": found.sentence,
    }


def _spread(effect: Floats) -> list[float]:
    low, high = np.quantile(effect, (0.1, 0.9))
    return [float(effect.mean()), float(low), float(high)]


def _duel(words: str, gain: Floats, effect: Floats, better: int, sets: Labels | None) -> Document:
    found = judge_duel(words, gain, effect, better, sets)
    return {
        "rival": words,
        "more": found.more,
        "same": found.same,
        "interval": list(found.interval),
        "verdict": found.verdict,
        "effect": _spread(effect),
    }


def tell(doc: Document) -> Told:
    """Where the scenario and the lever break even, and in how many parameter sets the scenario does more."""
    lever, title_of, unit = doc["lever"], f"“{doc['titles'][-1]}”", OUTCOMES[doc["outcome"]].unit
    title = _title(doc)
    mean, low, high = doc["gain"]
    label = OUTCOMES[doc["outcome"]].label
    says = [
        f"{title_of} changes “{label}” by {points(mean, unit)} on average ({ends(low, high, unit)} in 80 of 100 "
        "parameter sets).",
        _duels(doc),
    ]
    if doc["none_enough"]:
        says.append(f"In {out_of(doc['none_enough'], doc['draws'])} sets no amount is enough.")
    curve = doc["curve"]
    about = (
        f"{capital(lever_name(lever))} from left to right; upwards, what it does beyond {title_of}, on average and "
        f"in 80 of 100 parameter sets."
    )
    picture = tradeoffs.draw_break_even(
        title,
        about,
        curve,
        doc["value"],
        (capital(lever_name(lever)), doc["titles"][-1]),
        doc["duels"],
        doc["draws"],
    )
    head = ("Against", "It adds", "80 of 100 sets", f"{doc['titles'][-1]} does more in", "95% interval", "As much in")
    rows = tuple(
        (
            capital(d["rival"]),
            points(d["effect"][0], unit),
            ends(d["effect"][1], d["effect"][2], unit),
            out_of(d["more"], doc["draws"]),
            f"{100 * d['interval'][0]:.0f} to {100 * d['interval'][1]:.0f}",
            out_of(d["same"], doc["draws"]),
        )
        for d in doc["duels"]
    )
    rows += tuple(
        (f"Enough in {share} of 100 sets: {at(lever, level(lever, amount))}", "", "", "", "", "")
        for share, amount in doc["enough"].items()
    )
    data = tuple(zip(curve["amount"], curve["difference"], curve["low"], curve["high"], strict=True))
    made = f"{doc['draws']:,} parameter sets, {doc['lucks']} lucks each"
    return Told(
        title,
        tuple(says),
        picture,
        about,
        title,
        head,
        rows,
        (lever, "difference", "low_80", "high_80"),
        data,
        rests(doc, made),
    )


def _title(doc: Document) -> str:
    lever, it = doc["lever"], f"“{doc['titles'][-1]}”"
    if doc["value"] is None:
        return f"No amount of {lever_name(lever)} that was tried does as much as {it} on average"
    if doc["value"] == doc["curve"]["amount"][0]:
        return f"{it} does no more than today's rules on average, so that nothing is needed to equal it"
    low, high = doc["enough"]["10"], doc["enough"]["90"]
    most = beyond(lever, doc["curve"]["amount"])
    spread = f"{level(lever, low) if low is not None else most} to "
    spread += level(lever, high) if high is not None else most
    where = capital(at(lever, f"about {level(lever, doc['value'])}"))
    return f"{where} breaks even with {it} ({spread} in 80 of 100 parameter sets)"


def _duels(doc: Document) -> str:
    """How often the scenario does more than each rival."""
    told = [f"than {d['rival']} in {out_of(d['more'], doc['draws'])}" for d in doc["duels"]]
    return f"“{doc['titles'][-1]}” does more {listed(told)} parameter sets."
