"""The trace of an answer: every number of the Answer page, how it is made, and what it rests on, as JSON.

`docs/guide/trace.md` describes the format; it has a version of its own, and only grows within one. A reader needs no
code of ours to check it: the formula names output variables, the futures have a seed, and the scenarios are whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from dashboards.computing.answer_view import AnswerView, make_cards
from dashboards.export.citation import list_commands
from simulator.calibration.evidence_status import list_badges
from simulator.common.arrays import Floats
from simulator.common.formatting import format_end, format_pounds
from simulator.declarations.evidence import load_register
from simulator.declarations.outcomes import OUTCOMES
from simulator.declarations.parameters import PARAMETERS
from simulator.experiments.core.clustered_errors import Z_95, standard_error
from simulator.experiments.core.model_protocol import ROUNDING
from simulator.reports.answer_cards import Quoted, write_answer_cards
from simulator.studies.carried_numbers import CarriedNumbers, find_carried_numbers, read_values

FORMAT, VERSION = "ringfence-trace", 1
UNITS = {"mean": "£ in each £100", "quantile": "£ in each £100", "margin": "£ in each £100"}
UNITS |= {"millions": "£m a year", "fund": "£m a year", "more": "share of futures", "less": "share of futures"}
UNITS |= {"same": "share of futures"}


class Traced(NamedTuple):
    """A number of the page: where it stands, what it is, the outcome, and the years."""

    place: str
    quoted: Quoted
    outcome: str
    years: slice


def list_traced(view: AnswerView) -> Iterator[Traced]:
    """Every number of an answer on the Answer page: the three sentences, the cards of 100 squares, and the chart."""
    for card in write_answer_cards(view.runs, view.outcome, view.span, view.letters):
        for quoted in card.quoted:
            yield Traced(card.heading, quoted, card.outcome, view.span)
    for at, shown in enumerate(make_cards(view, stated=True)):
        low, high = shown.likely.split(" to ")
        for quoted in (
            Quoted(shown.share, "mean", at),
            Quoted(low, "quantile", at, quantile=0.1),
            Quoted(high, "quantile", at, quantile=0.9),
        ):
            yield Traced("Cards of 100 squares", quoted, view.outcome, view.span)
    for at, band in enumerate(view.bands):
        for year, (low, _, average, _, high) in enumerate(band.T.tolist()):
            for quoted in (
                Quoted(format_pounds(average), "mean", at),
                Quoted(format_end(low), "quantile", at, quantile=0.1),
                Quoted(format_end(high), "quantile", at, quantile=0.9),
            ):
                yield Traced("Chart over time", quoted, view.outcome, slice(year, year + 1))


def compute_traced(view: AnswerView, traced: Traced) -> float:
    """The value of a number, in the unit of its statistic."""
    quoted = traced.quoted
    values = read_values(view.runs, traced.outcome, traced.years, quoted.scenario, quoted.against)
    values = values[np.isfinite(values)]
    fund = float(view.baseline.nation["funding"][:, traced.years].mean())
    if quoted.statistic == "quantile":
        return float(np.quantile(values, quoted.quantile))
    if quoted.statistic == "margin":
        return float(Z_95 * standard_error(values, view.baseline.sets))
    if quoted.statistic == "fund":
        return fund
    if quoted.statistic == "millions":
        return float(values.mean()) / 100 * fund
    if quoted.statistic == "mean":
        return float(values.mean())
    return _count(values, quoted.statistic)


def _count(values: Floats, statistic: str) -> float:
    rounding = 100 * ROUNDING
    kinds = {"more": values > rounding, "less": values < -rounding, "same": np.abs(values) <= rounding}
    return float(kinds[statistic].mean())


def make_trace(view: AnswerView) -> dict[str, Any]:
    """The trace of everything that the Answer page states, as JSON."""
    manifest = view.baseline.manifest
    numbers, named = [], dict[tuple[str, int, int, int, int], CarriedNumbers]()
    for traced in list_traced(view):
        quoted, years = traced.quoted, traced.years
        first, stop, _ = years.indices(len(view.baseline.years))
        key = (traced.outcome, quoted.scenario, quoted.against, first, stop)
        if key not in named:
            named[key] = find_carried_numbers(view.runs, traced.outcome, years, quoted.scenario, quoted.against)
        carried = named[key]
        numbers.append(
            {
                "text": quoted.text,
                "place": traced.place,
                "value": compute_traced(view, traced),
                "unit": UNITS[quoted.statistic],
                "statistic": quoted.statistic,
                **({"quantile": quoted.quantile} if quoted.statistic == "quantile" else {}),
                "outcome": traced.outcome,
                "scenario": view.letters[quoted.scenario],
                "against": view.letters[quoted.against] if quoted.against >= 0 else None,
                "years": list(view.baseline.years[first:stop]),
                "carried_by": [number.name for number in carried.numbers],
                "not_acting": {name: acts.value for name, acts in carried.at_rest.items()},
            }
        )
    names = sorted({number.name for carried in named.values() for number in carried.numbers})
    return {
        "format": FORMAT,
        "version": VERSION,
        "numbers": numbers,
        "outcomes": {name: _describe_outcome(name) for name in sorted({str(each["outcome"]) for each in numbers})},
        "scenarios": dict(zip(view.letters, _describe_scenarios(view), strict=False)),
        "futures": {"number": manifest.futures, "seed": str(manifest.seed), "parameters": manifest.badge},
        "boards": {"number": manifest.boards, "fingerprint": manifest.boards_fingerprint},
        "model": {"version": manifest.version, "code": manifest.code},
        "commands": list_commands(view),
        "uncertain_numbers": {name: _describe_number(name) for name in names},
        "evidence": _describe_evidence(names),
    }


def _describe_outcome(name: str) -> dict[str, Any]:
    about = OUTCOMES[name]
    return {"label": about.label, "meaning": about.meaning, "over": list(about.over), "by": list(about.by)}


def _describe_scenarios(view: AnswerView) -> Iterator[dict[str, str]]:
    for scenario, run in zip(view.scenarios, view.runs, strict=True):
        yield {
            "title": run.manifest.title,
            "fingerprint": run.manifest.scenario_fingerprint,
            "file": scenario.to_yaml(),
        }


def _describe_number(name: str) -> dict[str, Any]:
    about = PARAMETERS[name].about
    return {
        "meaning": about.meaning,
        "plain": about.plain,
        "unit": about.unit.value,
        "rests_on": list_badges()[name],
        "strength": about.strength.value,
        "evidence": list(about.evidence),
    }


def _describe_evidence(names: list[str]) -> dict[str, Any]:
    register = load_register()
    ids = sorted({id_ for name in names for id_ in PARAMETERS[name].about.evidence if id_ in register})
    return {
        id_: {
            "says": register[id_].says,
            "source": register[id_].source,
            "year": register[id_].year,
            "strength": register[id_].strength,
            "addresses": list(register[id_].url),
        }
        for id_ in ids
    }
