"""Attribution: a package's gain shared out among its parts (Shapley values), as a waterfall."""

from __future__ import annotations

from typing import TypedDict

from markupsafe import Markup

from dashboards.analyses.report import AnalysisReport, DataRow, Row, describe_source
from dashboards.analyses.request import AnalysisDocument, AnalysisRequest
from dashboards.computing.worker import draw_shared_futures
from dashboards.selection.selection import load_library_scenario
from simulator.charts import tradeoffs
from simulator.charts.tradeoffs import Effect, Part
from simulator.common.formatting import (
    format_difference_range,
    join_words,
    name_base,
)
from simulator.common.ranges import Range
from simulator.common.units import Unit
from simulator.declarations.levers import LEVERS
from simulator.declarations.outcomes import OUTCOMES
from simulator.engine.ensemble import Progress
from simulator.experiments.tradeoffs.attribution import (
    MOST_COMPONENTS,
    GainEffect,
    format_shares,
    format_step,
    format_together,
)
from simulator.reports.sentences import capitalise_first
from simulator.runs.futures import DEFAULT_N
from simulator.runs.posterior import describe_fit_badge
from simulator.scenarios.scenario import Scenario
from simulator.studies.attribution import PolicyPackage, attribute_policy, split_policy
from simulator.studies.component_kind import ComponentKind

FUTURES = DEFAULT_N
SLIGHT = 0.0005
"""What parts lose or gain together is mentioned from here on."""


class EffectDocument(Effect):
    """An average with its 95% `interval` (noise) and the range of 80 of 100 futures (`likely`)."""

    interval: Range


class PairDocument(EffectDocument):
    """What two parts do together beyond what they do one by one."""

    pair: list[str]


class PartDocument(TypedDict):
    """A part of a package: its share, what it adds by itself, and what is lost without it."""

    part: str
    share: EffectDocument
    alone: float
    last: float


class AttributionDocument(AnalysisDocument):
    """The parts of a package; `together` is what they do beyond the sum of what each does alone, and `start` the mean
    without any of them.
    """

    by: str
    parts: list[PartDocument]
    total: EffectDocument
    together: EffectDocument
    start: float
    sentence: str
    futures: int
    pairs: list[PairDocument]
    combinations: int


def compute(request: AnalysisRequest, progress: Progress) -> AttributionDocument:
    """Run every combination of the parts of the last scenario in the same futures."""
    package = split_into_parts(request.scenarios[-1])
    attribution = attribute_policy(
        package,
        request.outcome,
        request.years or None,
        drawn=draw_shared_futures(FUTURES, request.seed),
        areas=request.boards,
        progress=progress,
    )
    parts: list[PartDocument] = [
        {
            "part": _name_part(name, package.by),
            "share": _document_effect(share),
            "alone": attribution.alone[name].mean,
            "last": attribution.last[name].mean,
        }
        for name, share in attribution.shares.items()
    ]
    pairs: list[PairDocument] = [
        {"pair": list(pair), **_document_effect(effect)} for pair, effect in attribution.pairs.items() if effect.clear
    ]
    return {
        **request.describe(describe_fit_badge()),
        "by": package.by.value,
        "parts": parts,
        "total": _document_effect(attribution.total),
        "together": _document_effect(attribution.together),
        "start": attribution.start,
        "sentence": attribution.sentence,
        "futures": attribution.n,
        "pairs": pairs[:5],
        "combinations": len(package.schedules),
    }


def split_into_parts(scenario: Scenario) -> PolicyPackage:
    """The scenarios that it joins, else its levers, else their themes. Raises InputError if it changes nothing."""
    try:
        return split_policy(scenario)
    except ValueError:
        if len(scenario.differs_from(load_library_scenario("baseline"))) <= MOST_COMPONENTS:
            raise
        return split_policy(scenario, ComponentKind.THEMES)


def _name_part(name: str, kind: ComponentKind) -> str:
    if kind is ComponentKind.LEVERS:
        return LEVERS[name].about.meaning
    return capitalise_first(name) if kind is ComponentKind.THEMES else name


def _document_effect(effect: GainEffect) -> EffectDocument:
    return {"mean": effect.mean, "interval": effect.interval, "likely": effect.likely}


def describe(document: AttributionDocument) -> AnalysisReport:
    """The waterfall from nothing to the whole gain, with the range of 8 in 10 results of each step."""
    unit, parts = OUTCOMES[document["outcome"]].unit, document["parts"]
    title = _write_title(document, unit)
    description = (
        "Waterfall: each bar begins where the one above it ended. Thin lines hold 8 in 10 results of that part."
    )
    rows = _make_rows(document, unit)
    data: list[DataRow] = [
        (
            part["part"],
            part["share"]["mean"],
            *part["share"]["interval"],
            *part["share"]["likely"],
            part["alone"],
            part["last"],
        )
        for part in parts
    ]
    return AnalysisReport(
        title,
        _write_sentences(document, unit),
        _draw_waterfall(title, description, document),
        description,
        ("Part, £ of each £100", "Share", "95% interval (noise)", "8 in 10 results", "Alone", "Lost without it"),
        tuple(rows),
        ("part", "share", "low_95", "high_95", "low_80", "high_80", "alone", "last"),
        tuple(data),
        describe_source(document, f"{document['combinations']:,} combinations of {document['futures']:,} futures"),
    )


def _make_rows(document: AttributionDocument, unit: Unit) -> list[Row]:
    """A row for each part, and one for all together."""
    parts, start = document["parts"], document["start"]
    whole = start + document["total"]["mean"]
    shares = [*(part["share"] for part in parts), document["total"]]
    rest = [
        (
            format_step(start + part["alone"], start, part["alone"], unit),
            format_step(whole, whole - part["last"], part["last"], unit),
        )
        for part in parts
    ]
    names = [*(part["part"] for part in parts), "Together"]
    return [
        (name, mean, *(format_difference_range(*share[ends], unit) for ends in ("interval", "likely")), *own)
        for name, mean, share, own in zip(names, _tell_shares(document, unit), shares, [*rest, ("", "")], strict=True)
    ]


def _tell_shares(document: AttributionDocument, unit: Unit) -> list[str]:
    """The share of each part as it is shown, and last the whole."""
    means = [part["share"]["mean"] for part in document["parts"]]
    return format_shares(means, document["total"]["mean"], document["start"], unit)


def _draw_waterfall(title: str, description: str, document: AttributionDocument) -> Markup:
    parts: list[Part] = [{"part": part["part"], "share": part["share"]} for part in document["parts"]]
    told = _tell_shares(document, OUTCOMES[document["outcome"]].unit)
    return tradeoffs.draw_waterfall(title, description, parts, document["total"], told)


def _write_title(document: AttributionDocument, unit: Unit) -> str:
    scenario, parts = document["titles"][-1], document["parts"]
    *shares, whole = _tell_shares(document, unit)
    leading = sorted(zip(parts, shares, strict=True), key=lambda pair: -abs(pair[0]["share"]["mean"]))
    total = f"{whole}{name_base(unit)}"
    if len(parts) == 1:
        return f"All of the {total} that “{scenario}” brings is due to its one part"
    through = [f"{share} through “{part['part']}”" for part, share in leading[:2]]
    rest = ["the rest through others"] if len(parts) > 2 else []
    return f"“{scenario}” brings {total}: {join_words([*through, *rest])}"


def _write_sentences(document: AttributionDocument, unit: Unit) -> tuple[str, ...]:
    parts, together = document["parts"], document["together"]["mean"]
    sentences = [f"In 8 of 10 futures the whole brings {format_difference_range(*document['total']['likely'], unit)}."]
    if abs(together) > SLIGHT and len(parts) > 1:
        alone, apart = format_together(
            [part["alone"] for part in parts], document["total"]["mean"], document["start"], unit
        )
        word = "less" if together < 0 else "more"
        sentences.append(
            f"Each alone, the parts would add up to {alone}: together they bring {apart.lstrip('+−')} {word}."
        )
    sentences.append(
        "A share is what a part adds when it joins, averaged over every order in which parts can join, so that "
        "shares add up to the whole."
    )
    return tuple(sentences)
