"""“Says who?” of a sentence, in words: what it turns on, and the uncertain numbers that carry it.

The sentences follow from the futures; `dashboards/offline/page/examined.js` says the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from simulator.calibration.evidence_status import list_badges
from simulator.common.arrays import Floats
from simulator.common.formatting import format_average, format_part_gap
from simulator.common.sentence_templates import get_template
from simulator.declarations.parameters import PARAMETERS
from simulator.experiments.core.model_protocol import ROUNDING
from simulator.experiments.core.verdicts import SAME
from simulator.experiments.decision.verdict_carriers import find_carriers
from simulator.reports.answer_cards import name_sides
from simulator.reports.sentences import capitalise_first, format_span, lower_first
from simulator.runs.acting_numbers import Acts
from simulator.runs.results import Results
from simulator.runs.run import compare_results
from simulator.studies.carried_numbers import PARTS, CarriedNumber, find_carried_numbers, list_sign_pulls
from simulator.studies.examined_comparison import read_acting, read_parameters
from simulator.studies.matched_years import find_matched_span, find_matched_years

DECIDES = 0.5
"""A number that accounts for this part of how far futures differ is not said to be one of many."""


@dataclass(frozen=True)
class SaysWho:
    """What stands behind a sentence. `turns` says what its verdict turns on, "" where there is none or its sign is
    assumed; `lead` introduces `numbers`, each a name with what it is, what it rests on and how far it moves the
    sentence. `assumed` introduces the numbers of `signs`, on whose declared sign an assumed verdict rests. `short` is
    `turns` in a few words, for where there is little room, and "" for one of other years than were asked about.
    `at_rest` are the numbers that would be among `numbers` but do not act in these years under these policies, each
    with a sentence that says so.
    """

    turns: str
    lead: str
    numbers: tuple[tuple[str, str], ...]
    assumed: str = ""
    signs: tuple[tuple[str, str], ...] = ()
    short: str = ""
    at_rest: tuple[tuple[str, str], ...] = ()


def find_who_says(
    runs: Sequence[Results], outcome: str, span: slice, new: int, old: int, as_asked: bool = False
) -> SaysWho:
    """What stands behind a sentence on the scenario at place `new` against that at `old`, or, where `new` is 0, on the
    level of today's rules. Amounts are what the side that gives more on average gives more, as in the card's caveat;
    what `new` gives more if `as_asked`. Of two policies that start in different years it is about those of `span` in
    which both act, and says so.
    """
    when = ""
    if new and old and (matched := find_matched_years(runs[new], runs[old], outcome, span)) is not None:
        span = matched
        years = runs[0].years[span]
        when = get_template("acting.turns").format(span=format_span((years[0], years[-1])))
    carried, resting = find_carried_numbers(runs, outcome, span, new, old if new else -1)
    at_rest = tuple((name, _describe_rest(name, acts)) for name, acts in resting.items())
    none = get_template("answer.who.none")
    if not new:
        numbers = tuple((number.name, _describe_number(number.name, _describe_levels(number))) for number in carried)
        return SaysWho("", get_template("answer.who.lead") if carried else none, numbers, at_rest=at_rest)
    comparison = compare_results(runs[new], runs[old], outcome, span)
    turned = comparison.difference < 0 and not as_asked
    first, second = name_sides(comparison, old > 0)
    if comparison.difference < 0 and not turned:
        first, second = second, first
    sign = -1 if turned else 1
    numbers = tuple((number.name, _describe_number(number.name, _describe_move(number, sign))) for number in carried)
    lead = _put_first(when, get_template("answer.who.lead.pair").format(new=first, old=second) if carried else none)
    if comparison.sign_assumed:
        signs = tuple((name, _describe_number(name)) for name in list_sign_pulls(outcome, span, runs[new], runs[old]))
        assumed = get_template("answer.who.assumed").format(what=lower_first(comparison.outcome.label))
        return SaysWho("", lead, numbers, assumed, signs, at_rest=at_rest)
    turns, short = _describe_turns(runs[new], runs[old], outcome, span)
    return SaysWho(_put_first(when, turns), lead, numbers, short="" if when else short, at_rest=at_rest)


def name_years_counted(runs: Sequence[Results], span: slice) -> str:
    """What introduces a sentence on all years of `span`, where policies start in different ones; else ""."""
    if find_matched_span(runs, span) is None:
        return ""
    years = runs[0].years[span]
    return get_template("acting.over").format(span=format_span((years[0], years[-1])))


def _put_first(when: str, said: str) -> str:
    """A sentence with the years that it is of before it, where they are not those that were asked about."""
    return f"{when}{lower_first(said)}" if when and said else said


def describe_weight(who: SaysWho) -> str:
    """What a sentence turns on or, where nothing turns it, what its size turns on most; "" for neither."""
    if who.turns or not who.numbers:
        return who.turns
    return get_template("picture.size").format(number=lower_first(who.numbers[0][1]))


def _describe_turns(new: Results, old: Results, outcome: str, span: slice) -> tuple[str, str]:
    """What a verdict turns on, in full and in a few words."""
    comparison = compare_results(new, old, outcome, span)
    difference = new.outcome(outcome, span) - old.outcome(outcome, span)
    carriers = find_carriers(comparison, difference, read_acting(outcome, span, new, old), None, new.sets)
    if not carriers.looked or comparison.verdict == SAME:
        return "", ""
    if not carriers.carriers:
        if comparison.says_written:
            return get_template("answer.turns.written"), ""
        return (get_template("answer.turns.none").format(parameters=carriers.parameters),) * 2
    first = carriers.carriers[0]
    part = measure_part(difference, read_parameters(new)[first.name])
    told = get_template("answer.turns.part").format(count=round(100 * part)) if 0.005 < part < DECIDES else ""
    side = {1: comparison.new, -1: comparison.old}.get(first.turns, "")
    effect = get_template("answer.turns.side" if side else "answer.turns.neither").format(side=side)
    plain = PARAMETERS[first.name].about.plain
    return (
        get_template("answer.turns.some").format(plain=plain, end=first.kind, effect=effect, part=told),
        get_template("answer.turns.short").format(plain=plain),
    )


def measure_part(values: Floats, column: Floats) -> float:
    """The part of the variance of `values` (futures,) that lies between the fifths of a number's `column`:
    what goes with that number alone, 0 to 1.
    """
    known = np.isfinite(values)
    ordered = values[known][np.argsort(column[known], kind="stable")]
    ends = [len(ordered) * k // PARTS for k in range(PARTS + 1)]
    parts = [ordered[start:end] for start, end in pairwise(ends)]
    middle, whole = float(ordered.mean()), float(ordered.var())
    between = sum(len(part) * (float(part.mean()) - middle) ** 2 for part in parts) / len(ordered)
    return between / whole if whole > ROUNDING**2 else 0.0


def _describe_move(number: CarriedNumber, sign: int) -> str:
    low, high = (format_part_gap(sign * end / 100) for end in (number.low, number.high))
    return get_template("answer.carried").format(low=low, high=high)


def _describe_levels(number: CarriedNumber) -> str:
    low, high = (format_average(x) for x in (number.low, number.high))
    return get_template("answer.carried").format(low=low, high=high)


def _describe_number(name: str, move: str = "") -> str:
    plain = capitalise_first(PARAMETERS[name].about.plain)
    template = get_template("answer.carried.number" if move else "answer.carried.sign")
    return template.format(plain=plain, badge=list_badges()[name], move=move)


def _describe_rest(name: str, acts: Acts) -> str:
    """That a number does not act in these years."""
    return get_template(f"answer.who.{acts.value}").format(plain=PARAMETERS[name].about.plain)
