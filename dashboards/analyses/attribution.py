"""Which part of a package did it: its gain shared out among its parts (Shapley values), as a waterfall."""

from __future__ import annotations

from dashboards.analyses.lever_text import capitalise, format_change, format_change_range
from dashboards.analyses.request import AnalysisDocument, AnalysisReport, AnalysisRequest, describe_source
from dashboards.computing.worker import shared_futures
from dashboards.selection.selection import library_scenario
from simulator.charts import tradeoffs
from simulator.common.formatting import join_words
from simulator.common.units import Unit
from simulator.declarations.levers import LEVERS
from simulator.declarations.outcomes import OUTCOMES
from simulator.engine.ensemble import Progress
from simulator.experiments.tradeoffs.attribution import MOST_COMPONENTS, GainEffect
from simulator.runs.futures import DEFAULT_N
from simulator.runs.posterior import fit_badge
from simulator.scenarios.scenario import Scenario
from simulator.studies.attribution import ComponentKind, PolicyPackage, attribute_policy, split_policy

FUTURES = DEFAULT_N


def compute(ask: AnalysisRequest, progress: Progress) -> AnalysisDocument:
    """Every combination of the parts of the last scenario, in the same futures."""
    policy = ask.policies[-1]
    package = split_into_parts(policy)
    found = attribute_policy(
        package,
        ask.outcome,
        ask.years or None,
        drawn=shared_futures(FUTURES, ask.seed),
        areas=ask.areas,
        progress=progress,
    )
    return ask.document(
        by=package.by.value,
        parts=[
            _describe_part(name, package, found.shares[name], found.alone[name], found.last[name])
            for name in found.shares
        ],
        total=_describe_effect(found.total),
        together=_describe_effect(found.together),
        sentence=found.sentence,
        futures=found.n,
        pairs=[
            {"pair": list(pair), **_describe_effect(effect)} for pair, effect in found.pairs.items() if effect.clear
        ][:5],
        combinations=len(package.schedules),
        badge=fit_badge(),
    )


def split_into_parts(policy: Scenario) -> PolicyPackage:
    """Its scenarios if it joins some, else its levers, else their themes. Raises ValueError if it changes nothing."""
    try:
        return split_policy(policy)
    except ValueError:
        if len(policy.differs_from(library_scenario("baseline"))) <= MOST_COMPONENTS:
            raise
        return split_policy(policy, ComponentKind.THEMES)


def _describe_part(
    name: str, package: PolicyPackage, share: GainEffect, alone: GainEffect, last: GainEffect
) -> AnalysisDocument:
    label = (
        LEVERS[name].about.meaning
        if package.by is ComponentKind.LEVERS
        else capitalise(name)
        if package.by is ComponentKind.THEMES
        else name
    )
    return {"part": label, "share": _describe_effect(share), "alone": alone.mean, "last": last.mean}


def _describe_effect(effect: GainEffect) -> AnalysisDocument:
    return {"mean": effect.mean, "interval": list(effect.interval), "likely": list(effect.likely)}


def describe(doc: AnalysisDocument) -> AnalysisReport:
    """The waterfall from nothing to the whole gain, with the 80% range of each step."""
    unit, whole = OUTCOMES[doc["outcome"]].unit, doc["titles"][-1]
    total, parts = doc["total"], doc["parts"]
    leading = sorted(parts, key=lambda one: -abs(one["share"]["mean"]))
    said = [f"{format_change(one['share']['mean'], unit)} through “{one['part']}”" for one in leading[:2]]
    more = ["the rest through others"] if len(leading) > 2 else []
    title = f"“{whole}” brings {format_change(total['mean'], unit)}: {join_words([*said, *more])}"
    if len(parts) == 1:
        title = f"All of the {format_change(total['mean'], unit)} that “{whole}” brings is due to its one part"
    says = [f"In 80 of 100 futures the whole brings {_format_effect(total, unit)[2]}."]
    if abs(doc["together"]["mean"]) > 0.0005 and len(parts) > 1:
        apart = sum(one["alone"] for one in parts)
        word = "less" if doc["together"]["mean"] < 0 else "more"
        says.append(
            f"Each alone, the parts would add up to {format_change(apart, unit)}: together they bring "
            f"{format_change(abs(doc['together']['mean']), unit).lstrip('+')} {word}."
        )
    says.append(
        "A share is what a part adds when it joins, averaged over every order in which parts can join, so that "
        "shares add up to the whole."
    )
    about = "Waterfall: each bar begins where the one above it ended. Thin lines hold 80 of 100 futures of that part."
    rows = [
        (
            one["part"],
            *_format_effect(one["share"], unit),
            format_change(one["alone"], unit),
            format_change(one["last"], unit),
        )
        for one in parts
    ]
    rows.append(("Together", *_format_effect(total, unit), "", ""))
    shares = [one["share"] for one in parts]
    data = tuple(
        (one["part"], share["mean"], *share["interval"], *share["likely"], one["alone"], one["last"])
        for one, share in zip(parts, shares, strict=True)
    )
    head = ("Part", "Share", "95% interval (noise)", "80 of 100 futures", "Alone", "Lost without it")
    data_head = ("part", "share", "low_95", "high_95", "low_80", "high_80", "alone", "last")
    made = f"{doc['combinations']:,} combinations of {doc['futures']:,} paired futures"
    picture = tradeoffs.draw_waterfall(title, about, parts, total)
    return AnalysisReport(
        title, tuple(says), picture, about, title, head, tuple(rows), data_head, data, describe_source(doc, made)
    )


def _format_effect(effect: AnalysisDocument, unit: Unit) -> tuple[str, str, str]:
    (low, high), (few, many) = effect["interval"], effect["likely"]
    return (
        format_change(effect["mean"], unit),
        format_change_range(low, high, unit),
        format_change_range(few, many, unit),
    )
