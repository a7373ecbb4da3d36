"""In how many ways to write the model each of two policies clearly gives more, and how far the ways differ.

`dashboards/offline/page/examined.js` says the same.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from simulator.calibration.structural_draws import read_structure_draws, read_structures
from simulator.calibration.structure_weights import read_shipped_weights
from simulator.common.formatting import describe_difference, format_part_gap
from simulator.common.sentence_templates import get_template
from simulator.common.units import Unit
from simulator.experiments.core.averaged_comparison import AveragedComparison
from simulator.experiments.core.paired_comparison import Comparison
from simulator.experiments.core.verdicts import SAME
from simulator.experiments.decision.verdict_carriers import count_sets, find_critical_value, is_beyond_chance
from simulator.runs.futures import SEED
from simulator.runs.run import compare_results, run_many
from simulator.scenarios.scenario import load_scenario
from simulator.studies.structural_average import DRAWS, StructuralResults, draw_structural_futures

LIBRARY = ("ringfence", "leadership")


class Ways(NamedTuple):
    """The structures in which the policy that gives more in the comparison asked about clearly gives more, those in
    which the other one clearly does, each with the largest difference first, and those that are too close to call.
    Clearly: beyond chance, with all that were looked at counted together.
    """

    ahead: list[str]
    behind: list[str]
    close: list[str]

    @property
    def every(self) -> int:
        """How many structures there are."""
        return len(self.ahead) + len(self.behind) + len(self.close)


def split_ways(averaged: AveragedComparison, like: Comparison) -> Ways:
    """The one count of ways to write the model, wherever it is said."""
    z = find_critical_value(len(averaged.by_structure))
    sign = 1 if like.difference >= 0 else -1
    sizes = {name: sign * c.difference for name, c in averaged.by_structure.items()}
    clear = {
        name
        for name, c in averaged.by_structure.items()
        if is_beyond_chance(c.gain, c.standard_error, (c.better, c.worse), (z, count_sets(c)))
    }
    order = sorted(clear, key=lambda name: -abs(sizes[name]))
    return Ways(
        [name for name in order if sizes[name] > 0],
        [name for name in order if sizes[name] < 0],
        [name for name in sizes if name not in clear],
    )


@cache
def split_library_ways(outcome: str) -> Ways:
    """The same for the library's leadership (`ahead`) against its ring-fence (`behind`), in the futures that an answer
    about them has beside it as the dashboard opens.
    """
    names = list(read_structure_draws())
    policies = [load_scenario(name) for name in LIBRARY]
    old, new = run_many(policies, futures=draw_structural_futures(DRAWS, SEED))
    span = old.span()
    like = compare_results(new, old, outcome, span)
    found = StructuralResults(tuple(names), DRAWS, (old, new), read_shipped_weights())
    ways = split_ways(found.compare(1, 0, like, span), like)
    return ways if like.difference >= 0 else Ways(ways.behind, ways.ahead, ways.close)


def count_ways(ways: Ways, first: str, second: str) -> dict[str, str]:
    """What the sentences with counts of ways are filled with; `first` is the policy that is ahead in `ways.ahead`."""
    close = len(ways.close)
    tail = get_template(f"answer.ways.close.{'one' if close == 1 else 'some'}").format(close=close) if close else ""
    ahead, behind = (str(len(found)) if found else "none" for found in (ways.ahead, ways.behind))
    return {"all": str(ways.every), "first": first, "second": second, "ahead": ahead, "behind": behind, "close": tail}


def tell_ways(averaged: AveragedComparison, like: Comparison, over: str = "") -> tuple[str, str]:
    """Both of what follows. `over` names the years that they count, where those are not the ones of the sentence beside
    it: then it is told in few words only if some way turns the comparison.
    """
    told, shortly = describe_counts(averaged, like), describe_counts_shortly(averaged, like)
    if not told or not over:
        return told, shortly
    full, short = (f"{over}{said[:1].lower()}{said[1:]}" for said in (told, shortly))
    return full, short if split_ways(averaged, like).behind else ""


def describe_counts(averaged: AveragedComparison, like: Comparison) -> str:
    """In how many ways to write the model each of two policies clearly gives more, and where the one that gives less
    gives most; where it clearly does nowhere, how far the ways differ. "" where the two are nearly the same.
    """
    ways = split_ways(averaged, like)
    counted = _count(ways, like, averaged, "answer.ways")
    if not ways.behind:
        return f"{counted} {_describe_spread(averaged, like, 'answer.ways.spread')}" if like.verdict != SAME else ""
    furthest = get_template("answer.ways.furthest").format(
        side=_name_sides(like)[1],
        says=read_structures()[ways.behind[0]]["says"],
        difference=_describe_size(abs(averaged.by_structure[ways.behind[0]].difference), like),
    )
    return f"{counted} {furthest}"


def describe_counts_shortly(averaged: AveragedComparison, like: Comparison) -> str:
    """The same in a few words: the counts, or how far ways differ where the sign follows from how the model is written
    and no way turns it.
    """
    ways = split_ways(averaged, like)
    if not ways.behind and like.verdict == SAME:
        return ""
    if not ways.behind and (like.sign_assumed or like.says_written):
        return _describe_spread(averaged, like, "answer.ways.spread.short")
    return _count(ways, like, averaged, "answer.ways.short.assumed" if like.sign_assumed else "answer.ways.short")


def _count(ways: Ways, like: Comparison, averaged: AveragedComparison, template: str) -> str:
    n = next(iter(averaged.by_structure.values())).n
    return get_template(template).format(**count_ways(ways, *_name_sides(like)), n=n)


def _name_sides(like: Comparison) -> tuple[str, str]:
    """Both policies, the one that gives more first."""
    return (like.new, like.old) if like.difference >= 0 else (like.old, like.new)


def _describe_spread(averaged: AveragedComparison, like: Comparison, template: str) -> str:
    """The least and the most that who gives more gives more, from one way to write the model to another."""
    if like.verdict == SAME:
        return ""
    sign = 1 if like.difference >= 0 else -1
    sizes = {name: sign * c.difference for name, c in averaged.by_structure.items()}
    least, most = min(sizes, key=sizes.__getitem__), max(sizes, key=sizes.__getitem__)
    is_share = like.outcome.change_unit is Unit.SHARE
    low = format_part_gap(sizes[least]) if is_share else _describe_size(sizes[least], like)
    if low == get_template("gap.none"):
        low = get_template("answer.ways.nothing")
    elif sizes[least] < 0:
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
