"""In how many ways to write the model a comparison comes out the other way round, or how far they differ.

`dashboards/offline/page/examined.js` says the same.
"""

from __future__ import annotations

from simulator.calibration.structural_draws import read_structures
from simulator.common.formatting import describe_difference, format_part_gap, join_words
from simulator.common.sentence_templates import get_template
from simulator.common.units import Unit
from simulator.experiments.core.averaged_comparison import AveragedComparison
from simulator.experiments.core.paired_comparison import Comparison
from simulator.experiments.core.verdicts import SAME
from simulator.experiments.decision.verdict_carriers import count_sets, find_critical_value, is_beyond_chance

MOST = 1
"""So many ways are told, those that differ most; the rest are counted: a card has little room."""


def find_reversed(averaged: AveragedComparison, like: Comparison) -> list[str]:
    """The structures in which the average difference has the other sign than in `like`, beyond chance with all that
    were looked at counted together; the largest difference first.
    """
    z = find_critical_value(len(averaged.by_structure))
    turned = {
        name: abs(c.difference)
        for name, c in averaged.by_structure.items()
        if c.difference * like.difference < 0
        and is_beyond_chance(c.gain, c.standard_error, (c.better, c.worse), (z, count_sets(c)))
    }
    return sorted(turned, key=turned.__getitem__, reverse=True)


def tell_ways(averaged: AveragedComparison, like: Comparison, over: str = "") -> tuple[str, str]:
    """Both of what follows. `over` names the years that they count, where those are not the ones of the sentence beside
    it: then it is told in few words only if some way turns the comparison.
    """
    told, shortly = describe_reversed(averaged, like), describe_reversed_shortly(averaged, like)
    if not told or not over:
        return told, shortly
    full, short = (f"{over}{said[:1].lower()}{said[1:]}" for said in (told, shortly))
    return full, short if find_reversed(averaged, like) else ""


def describe_reversed(averaged: AveragedComparison, like: Comparison) -> str:
    """In how many ways to write the model who gives less gives more, and which; where it is none, how far the ways
    differ. "" where the two are the same in every future.
    """
    names = find_reversed(averaged, like)
    if not names:
        return _describe_spread(averaged, like, "answer.ways.spread")
    told = [
        get_template("answer.ways.one").format(
            says=read_structures()[name]["says"],
            difference=_describe_size(abs(averaged.by_structure[name].difference), like),
        )
        for name in names[:MOST]
    ]
    more = [get_template("title.more").format(count=len(names) - MOST)] if len(names) > MOST else []
    return get_template("answer.ways").format(
        count=len(names),
        all=len(averaged.by_structure),
        side=like.old if like.difference > 0 else like.new,
        list=join_words([*told, *more]),
    )


def describe_reversed_shortly(averaged: AveragedComparison, like: Comparison) -> str:
    """The same in a few words. How far ways differ is said where the sign follows from how the model is written; where
    it does not, only that none turns it.
    """
    count, every = len(find_reversed(averaged, like)), len(averaged.by_structure)
    if count:
        return get_template("answer.ways.short").format(count=count, all=every)
    if like.sign_assumed or like.says_written:
        return _describe_spread(averaged, like, "answer.ways.spread.short")
    return "" if like.verdict == SAME else get_template("answer.ways.none.short").format(all=every)


def _describe_spread(averaged: AveragedComparison, like: Comparison, template: str) -> str:
    """The least and the most that who gives more gives more, from one way to write the model to another."""
    if like.verdict == SAME:
        return ""
    sign = 1 if like.difference >= 0 else -1
    sizes = {name: sign * c.difference for name, c in averaged.by_structure.items()}
    least, most = min(sizes, key=sizes.__getitem__), max(sizes, key=sizes.__getitem__)
    is_share = like.outcome.change_unit is Unit.SHARE
    low = format_part_gap(sizes[least]) if is_share else _describe_size(sizes[least], like)
    if sizes[least] < 0 and low != get_template("gap.none"):
        low = get_template("answer.ways.chance").format(low=low)
    return get_template(template).format(
        side=like.new if sign > 0 else like.old,
        all=len(sizes),
        n=averaged.by_structure[least].n,
        low=low,
        high=_describe_size(sizes[most], like),
        says=read_structures()[least]["says"],
    )


def _describe_size(size: float, like: Comparison) -> str:
    if like.outcome.change_unit is not Unit.SHARE:
        return describe_difference(size, like.outcome.change_unit)
    return get_template("gap.of_each").format(gap=format_part_gap(size))
