"""Sensitivity: which unknown numbers move what a scenario adds to today's rules, or gives more than another policy.

Under the posterior, whose draws depend on each other, main effects are read off runs that exist already. Screening and
Sobol' indices need numbers that vary independently, and so are worked out over the priors.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np
from markupsafe import Markup

from dashboards.analyses.lever_text import make_parameter_row, shorten_parameter
from dashboards.analyses.prior_sensitivity import METHODS, EffectDocument, SensitivityDocument
from dashboards.analyses.report import AnalysisReport, DataRow, Row, count_runs, describe_source, describe_versions
from dashboards.analyses.request import AnalysisRequest, ProgressSteps
from dashboards.analyses.shared_runs import DRAWS, REPLICATES, run_scenarios
from simulator.calibration.evidence_status import list_badges
from simulator.charts import uncertainty
from simulator.charts.axes import POUNDS
from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.common.formatting import (
    PART_DECIMALS,
    format_absolute,
    format_amount,
    format_difference,
    format_part_gap,
    format_share,
    join_words,
    name_base,
)
from simulator.common.html import NOTHING
from simulator.common.units import Unit
from simulator.declarations.outcomes import OUTCOMES
from simulator.engine.ensemble import Progress
from simulator.experiments.core.clustered_errors import Z_95
from simulator.experiments.sensitivity.given_data import make_given_data, select_clear_effects
from simulator.experiments.sensitivity.main_effects import estimate_main_effects
from simulator.experiments.sensitivity.rank_correlations import estimate_rank_correlations
from simulator.reports.sentences import capitalise_first
from simulator.runs.posterior import describe_fit_badge

FIFTH = 0.2
SHOWN = 8
DATA_COLUMNS = {
    "main": ("value", "half_width", "clear", "sign"),
    "screen": ("value", "half_width", "sigma", "sign", "clear"),
    "sobol": ("value", "half_width", "first", "clear", "sign"),
}


def compute(request: AnalysisRequest, progress: Progress) -> SensitivityDocument:
    """Effects on the difference that the last scenario makes to the one before, the largest first."""
    method = request.options.get("method", "main")
    new, old = request.scenarios[-1], request.scenarios[-2]
    if new.fingerprint == old.fingerprint:
        same = "today's rules" if len(request.scenarios) == 2 else f"“{old.title}”"
        raise InputError(f"“{new.title}” is the same policy as {same}: no number moves the difference.")
    if method != "main":
        return METHODS[method](request, progress)
    steps = ProgressSteps(progress, (0.7, 0.25, 0.05))
    outcomes = run_scenarios(request, steps.step(0))
    last = len(request.scenarios) - 1
    gain = outcomes.mean_gain(last, last - 1)
    sample = make_given_data(outcomes.points, gain, "the difference")
    main_effects = estimate_main_effects(sample, times=60, seed=request.seed)
    steps.step(1)(1, 1)
    signs = {effect.name: effect.value for effect in estimate_rank_correlations(sample, times=10).effects}
    clear = {effect.name for effect in select_clear_effects(main_effects.effects) if effect.value > 0}
    effects: list[EffectDocument] = []
    for effect in sorted(main_effects.effects, key=lambda effect: -effect.value):
        lowest, highest = _average_extreme_fifths(outcomes.points[effect.name], gain)
        effects.append(
            {
                "name": effect.name,
                "value": effect.value,
                "half_width": effect.half_width,
                "clear": effect.name in clear,
                "sign": signs[effect.name],
                "lowest": lowest,
                "highest": highest,
            }
        )
    return {
        **request.describe(describe_fit_badge()),
        "method": method,
        "effects": effects,
        "mean": float(gain.mean()),
        "says": "",
        "made": count_runs(DRAWS, REPLICATES),
    }


def _average_extreme_fifths(values: Floats, gain: Floats) -> tuple[list[float], list[float]]:
    """Mean gain and the half width of its 95% interval, over the fifths of the draws with the lowest and highest."""
    order = np.argsort(values, kind="stable")
    n = max(2, round(FIFTH * len(values)))

    def average(fifth: Floats) -> list[float]:
        return [float(fifth.mean()), Z_95 * float(fifth.std(ddof=1)) / len(fifth) ** 0.5]

    return average(gain[order[:n]]), average(gain[order[-n:]])


def describe(document: SensitivityDocument) -> AnalysisReport:
    """The tornado of the leading numbers, or their indices, with intervals."""
    shown = [effect for effect in document["effects"] if effect["clear"]][:SHOWN]
    unit, columns = OUTCOMES[document["outcome"]].unit, DATA_COLUMNS[document["method"]]
    title, description = _write_title(document, shown), _describe_picture(document["method"])
    return AnalysisReport(
        title,
        _write_sentences(document, shown, unit),
        _draw_picture(document, title, description, shown) if shown else NOTHING,
        description,
        ("What it is", "Name in files", *_list_columns(document["method"]), "Clear of noise", "Rests on"),
        tuple(_format_row(effect, document["method"], unit) for effect in document["effects"]),
        ("name", *columns),
        tuple(_list_numbers(effect, columns) for effect in document["effects"]),
        describe_source(document, document["made"]),
    )


def _list_numbers(effect: EffectDocument, columns: tuple[str, ...]) -> DataRow:
    """A row in full precision, for files."""
    numbers = cast(Mapping[str, float], effect)
    return (effect["name"], *(numbers[name] for name in columns))


def _write_title(document: SensitivityDocument, shown: list[EffectDocument]) -> str:
    gain = _name_difference(document)
    if not shown:
        return f"No single unknown number visibly drives {gain}"
    names = join_words([f"“{shorten_parameter(effect['name'])}”" for effect in shown[:2]])
    if document["method"] == "screen":
        return f"Over the priors, {gain} changes most with {names}"
    share = format_share(shown[0]["value"], 100)
    start = "Over the priors, the" if document["method"] == "sobol" else "The"
    numbers = "number that most drives" if len(shown) == 1 else "numbers that most drive"
    return f"{start} unknown {numbers} {gain}: {names}; the first accounts for about {share} parts of its variance"


def _name_difference(document: SensitivityDocument) -> str:
    """What is explained: what a scenario adds to today's rules, or what it gives more or less than another policy."""
    new, old = document["titles"][-1], document["titles"][-2]
    return f"what “{new}” adds" if len(document["titles"]) == 2 else f"the difference between “{new}” and “{old}”"


def _write_fifth(document: SensitivityDocument, effect: EffectDocument, unit: Unit) -> str:
    """The difference where a number is low and where it is high."""
    name = shorten_parameter(effect["name"])
    low, high = (_describe_part(effect[end][0], unit) for end in ("lowest", "highest"))
    if len(document["titles"]) == 2:
        return (
            f"Where “{name}” is in its lowest fifth, the scenario gives {low}{name_base(unit)} than today's rules; in "
            f"its highest, {high}."
        )
    new, old = document["titles"][-1], document["titles"][-2]
    return (
        f"Where “{name}” is in its lowest fifth, “{new}” gives {low}{name_base(unit)} than “{old}”; in its highest, "
        f"{high}."
    )


def _describe_part(difference: float, unit: Unit) -> str:
    """A difference averaged over a fifth of the versions, as the Answer page says such a one: £3.0 less."""
    return format_part_gap(difference) if unit is Unit.SHARE else format_difference(difference, unit)


def _write_sentences(document: SensitivityDocument, shown: list[EffectDocument], unit: Unit) -> tuple[str, ...]:
    if document["method"] != "main":
        return (
            document["says"],
            "The priors are wider than what is known after the fit, and treat numbers as unrelated.",
        )
    fifths = [_write_fifth(document, effect, unit) for effect in shown[:3]]
    return (
        *fifths,
        "Unknown numbers still vary together after the fit: one may stand for another, and the parts need not add up.",
        describe_versions(DRAWS),
        "On Answer, the parts that a number accounts for are of the spread of single futures, chance included; here "
        "they are of versions of the model, so the two differ.",
    )


def _list_columns(method: str) -> tuple[str, ...]:
    if method == "screen":
        return ("Change for a move across the prior", "± (95%)", "Spread")
    if method == "sobol":
        return ("Share, with all it acts through", "± (95%)", "By itself")
    return ("Share of the variance", "± (95%)", "Lowest fifth", "Highest fifth")


def _format_row(effect: EffectDocument, method: str, unit: Unit) -> Row:
    clear = "yes" if effect["clear"] else "no"
    return make_parameter_row(effect["name"], *_format_effect(effect, method, unit), clear)


def _format_effect(effect: EffectDocument, method: str, unit: Unit) -> Row:
    if method == "screen":
        size = format_absolute(effect["value"], unit)
        return size, format_absolute(effect["half_width"], unit), format_absolute(effect["sigma"], unit)
    share = (_format_percent(effect["value"]), f"{100 * effect['half_width']:.0f}")
    if method == "sobol":
        return (*share, _format_percent(effect["first"]))
    fifths = (effect["lowest"], effect["highest"])
    return (
        *share,
        *(f"{_describe_part(mean, unit)} ± {_format_half_width(half_width, unit)}" for mean, half_width in fifths),
    )


def _format_half_width(half_width: float, unit: Unit) -> str:
    """The half width of an interval, to the place of the difference that it belongs to."""
    return format_amount(100 * half_width, PART_DECIMALS) if unit is Unit.SHARE else format_absolute(half_width, unit)


def _format_percent(share: float) -> str:
    """A share of a variance as a cell; an estimate below nothing is nothing within its error."""
    return "none found" if share < 0 else f"{100 * share:.0f}%"


def _describe_picture(method: str) -> str:
    if method == "main":
        return (
            "Tornado: for each unknown number, the difference where that number is in its lowest fifth (hollow) and in "
            "its highest (filled); short lines are 95% intervals."
        )
    quantity = "the size of the change" if method == "screen" else "the share of the variance"
    return f"{capitalise_first(quantity)} that each unknown number accounts for, with 95% intervals."


def _draw_picture(document: SensitivityDocument, title: str, description: str, shown: list[EffectDocument]) -> Markup:
    if document["method"] == "main":
        fifths = [
            uncertainty.Fifths(
                _label_parameter(effect),
                (effect["lowest"][0], effect["lowest"][1]),
                (effect["highest"][0], effect["highest"][1]),
            )
            for effect in shown
        ]
        return uncertainty.draw_tornado(title, description, fifths, document["mean"])
    bars = [
        (
            _label_parameter(effect),
            effect["value"],
            effect["value"] - effect["half_width"],
            effect["value"] + effect["half_width"],
        )
        for effect in shown
    ]
    axis = POUNDS if document["method"] == "screen" else "% of the variance"
    return uncertainty.draw_bars(title, description, bars, axis)


def _label_parameter(effect: EffectDocument) -> str:
    return f"{shorten_parameter(effect['name'])} ({list_badges().get(effect['name'], 'chance')})"
