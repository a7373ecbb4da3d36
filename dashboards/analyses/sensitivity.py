"""What drives it: which unknown numbers move what a scenario adds.

Under the posterior, whose draws depend on each other, main effects are read off the runs at hand. Screening and Sobol'
indices need numbers that vary independently, and so are asked of the priors.
"""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from dashboards.analyses.lever_text import capitalise, describe_parameter, format_change, shorten_parameter
from dashboards.analyses.prior_sensitivity import METHODS
from dashboards.analyses.request import AnalysisDocument, AnalysisReport, AnalysisRequest, Steps, describe_source
from dashboards.analyses.shared_runs import DRAWS, REPLICATES, run_scenarios
from simulator.calibration.evidence_status import badges
from simulator.charts import uncertainty
from simulator.common.errors import InputError
from simulator.common.formatting import format_number, format_share, join_words
from simulator.common.html import NOTHING
from simulator.declarations.outcomes import OUTCOMES
from simulator.engine.ensemble import Progress
from simulator.experiments.core.clustered_errors import Z_95
from simulator.experiments.core.model_protocol import Floats
from simulator.experiments.sensitivity.given_data import make_given_data, select_clear_effects
from simulator.experiments.sensitivity.main_effects import estimate_main_effects
from simulator.experiments.sensitivity.rank_correlations import estimate_rank_correlations
from simulator.runs.posterior import fit_badge

FIFTH = 0.2
SHOWN = 8
MADE = {"screen": "Morris screening over the priors", "sobol": "Sobol' indices over the priors"}


def compute(ask: AnalysisRequest, progress: Progress) -> AnalysisDocument:
    """Effects on the difference that the last scenario makes to today's rules, the largest first."""
    method = ask.how.get("method", "main")
    if ask.policies[-1].fingerprint == ask.policies[0].fingerprint:
        raise InputError("This scenario is the same as today's rules: no number moves the difference.")
    if method != "main":
        return METHODS[method](ask, progress)
    steps = Steps(progress, (0.7, 0.25, 0.05))
    table = run_scenarios(ask, steps.part(0))
    gain = table.mean_gain(len(ask.policies) - 1)
    sample = make_given_data(table.points, gain, "the difference")
    found = estimate_main_effects(sample, times=60, seed=ask.seed)
    steps.part(1)(1, 1)
    signs = {e.name: e.value for e in estimate_rank_correlations(sample, times=10).effects}
    clear = {e.name for e in select_clear_effects(found.effects) if e.value > 0}
    effects = sorted(found.effects, key=lambda e: -e.value)
    rows = [
        {
            "name": e.name,
            "value": e.value,
            "half_width": e.half_width,
            "clear": e.name in clear,
            "sign": signs[e.name],
            **_average_extreme_fifths(table.points[e.name], gain),
        }
        for e in effects
    ]
    return ask.document(
        method=method,
        effects=rows,
        mean=float(gain.mean()),
        made=f"{DRAWS:,} parameter sets, {REPLICATES} lucks each",
        badge=fit_badge(),
    )


def _average_extreme_fifths(x: Floats, gain: Floats) -> AnalysisDocument:
    """Mean gain, and its 95% interval, over the fifth of the draws with the lowest and with the highest values."""
    order = np.argsort(x, kind="stable")
    n = max(2, round(FIFTH * len(x)))
    ends_of = {"lowest": gain[order[:n]], "highest": gain[order[-n:]]}
    return {
        side: [float(some.mean()), Z_95 * float(some.std(ddof=1)) / len(some) ** 0.5] for side, some in ends_of.items()
    }


def describe(doc: AnalysisDocument) -> AnalysisReport:
    """The tornado of the leading numbers, or their indices, with intervals."""
    shown = [one for one in doc["effects"] if one["clear"]][:SHOWN]
    title = _write_title(doc, shown)
    head = ("What it is", "Name", *_list_columns(doc), "Clear of noise", "Rests on")
    rows = tuple(
        (
            describe_parameter(one["name"]),
            one["name"],
            *_format_effect(doc, one),
            "yes" if one["clear"] else "no",
            badges().get(one["name"], ""),
        )
        for one in doc["effects"]
    )
    keys = [key for key in doc["effects"][0] if key not in ("name", "lowest", "highest")]
    data = tuple((one["name"], *(_to_cell(one[key]) for key in keys)) for one in doc["effects"])
    about = _describe_picture(doc)
    picture = _draw_picture(doc, title, about, shown) if shown else NOTHING
    return AnalysisReport(
        title,
        tuple(_write_sentences(doc, shown)),
        picture,
        about,
        title,
        head,
        rows,
        ("name", *keys),
        data,
        describe_source(doc, doc["made"]),
    )


def _to_cell(x: object) -> str | float | int:
    return x if isinstance(x, str | float | int) else str(x)


def _write_title(doc: AnalysisDocument, shown: list[AnalysisDocument]) -> str:
    what = f"what “{doc['titles'][-1]}” adds"
    if not shown:
        return f"No single unknown number visibly drives {what}"
    names = join_words([f"“{shorten_parameter(one['name'])}”" for one in shown[:2]])
    if doc["method"] == "screen":
        return f"Over the priors, {what} changes most with {names}"
    share = format_share(shown[0]["value"], 100)
    word = "Over the priors, the" if doc["method"] == "sobol" else "The"
    drives = "drives" if len(shown) == 1 else "drive"
    least = f"; the first accounts for about {share} parts of its variance"
    return f"{word} unknown {'number' if len(shown) == 1 else 'numbers'} that most {drives} {what}: {names}{least}"


def _write_sentences(doc: AnalysisDocument, shown: list[AnalysisDocument]) -> list[str]:
    unit = OUTCOMES[doc["outcome"]].unit
    if doc["method"] != "main":
        return [doc["says"], "The priors are wider than what is known after the fit, and treat numbers as unrelated."]
    told = [
        f"Where “{shorten_parameter(one['name'])}” is in its lowest fifth, the scenario adds "
        f"{format_change(one['lowest'][0], unit)}; in its highest, {format_change(one['highest'][0], unit)}."
        for one in shown[:3]
    ]
    return [
        *told,
        "Unknown numbers vary together in what is left after the fit: one may speak for another, and "
        "the parts need not add up.",
    ]


def _list_columns(doc: AnalysisDocument) -> tuple[str, ...]:
    if doc["method"] == "screen":
        return ("Change for a move across the prior", "± (95%)", "Spread")
    if doc["method"] == "sobol":
        return ("Share, with all it acts through", "± (95%)", "By itself")
    return ("Share of the variance", "± (95%)", "Lowest fifth", "Highest fifth")


def _format_effect(doc: AnalysisDocument, one: AnalysisDocument) -> tuple[str, ...]:
    unit = OUTCOMES[doc["outcome"]].unit
    if doc["method"] == "screen":
        return (
            format_change(one["value"], unit).lstrip("+"),
            format_number(100 * one["half_width"]),
            format_number(100 * one["sigma"]),
        )
    share = (f"{100 * one['value']:.0f}%".replace("-", "−"), f"{100 * one['half_width']:.0f}")
    if doc["method"] == "sobol":
        return (*share, f"{100 * one['first']:.0f}%".replace("-", "−"))
    sides = (
        f"{format_change(one[side][0], unit)} ± {format_number(100 * one[side][1])}" for side in ("lowest", "highest")
    )
    return (*share, *sides)


def _describe_picture(doc: AnalysisDocument) -> str:
    if doc["method"] == "main":
        return (
            "Tornado: for each unknown number, what the scenario adds where that number is in its lowest fifth "
            "(hollow) and in its highest (filled); short lines are 95% intervals."
        )
    what = "the size of the change" if doc["method"] == "screen" else "the share of the variance"
    return f"{capitalise(what)} that each unknown number accounts for, with 95% intervals."


def _draw_picture(doc: AnalysisDocument, title: str, about: str, shown: list[AnalysisDocument]) -> Markup:
    if doc["method"] == "main":
        bars = [uncertainty.Fifths(_label_parameter(one), tuple(one["lowest"]), tuple(one["highest"])) for one in shown]
        return uncertainty.draw_tornado(title, about, bars, doc["mean"])
    words = "points" if doc["method"] == "screen" else "% of the variance"
    rows = [
        (_label_parameter(one), one["value"], one["value"] - one["half_width"], one["value"] + one["half_width"])
        for one in shown
    ]
    return uncertainty.draw_bars(title, about, rows, words)


def _label_parameter(one: AnalysisDocument) -> str:
    return f"{shorten_parameter(one['name'])} ({badges().get(one['name'], 'chance')})"
