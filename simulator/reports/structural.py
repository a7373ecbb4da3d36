"""What the headline is under every structure that was fitted, in sentences worked out from the shipped fits."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from simulator.calibration.structural_draws import DRAWS, read_structures
from simulator.calibration.structure_weights import read_shipped_weights
from simulator.common.formatting import (
    format_difference,
    format_number,
    format_range,
    format_share,
    join_words,
    name_base,
)
from simulator.common.sentence_templates import get_template
from simulator.common.units import Unit
from simulator.declarations.outcomes import OUTCOMES
from simulator.runs.fit_documents import EffectsDocument, StructureOutcome
from simulator.scenarios.scenario import load_scenario
from simulator.studies.reversed_structures import LIBRARY, count_ways, split_library_ways

MOST_NAMED = 2
"""So many ways are named, where a policy is clearly ahead in no more."""


def describe_structures() -> list[str]:
    """How far structures differ on leadership against ring-fences, and on each gain: one sentence each."""
    effects = [fit["effects"]["retained"] for fit in read_structures().values()]
    counted, often = describe_library_ways("retained")
    audited = format_extremes((100 * k["leadership over ringfence-audited"] for k in effects), 0)
    fence, leaders = (format_gains(k[name]["mean"] for k in effects) for name in ("ringfence", "leadership"))
    return [
        f"The model was written and fitted in {len(effects)} ways (structures), and the answer depends on the way. "
        f"{counted}. {often} It keeps more than an audited ring-fence in {audited} of 100.",
        f"On average it adds {leaders}, and that ring-fence {fence}.",
        describe_average("retained"),
    ]


def describe_library_ways(outcome: StructureOutcome) -> tuple[str, str]:
    """In how many ways to write the model the library's leadership and its ring-fence clearly give more, counted as
    cards count it, without a full stop; and in how many of 100 futures of the shipped fits leadership does more.
    """
    ways = split_library_ways(outcome)
    second, first = (load_scenario(name).title for name in LIBRARY)
    counted = get_template("structures.ways").format(**count_ways(ways, first, second), what=OUTCOMES[outcome].label)
    groups = {"ahead": ways.ahead, "behind": ways.behind, "close": ways.close}
    often = [
        get_template(f"structures.ways.{key}").format(
            shares=format_extremes((100 * _read_chance(name, outcome) for name in names), 0),
            second=second,
            named="" if key == "close" else name_few(names),
        )
        for key, names in groups.items()
        if names
    ]
    return counted, get_template("structures.ways.often").format(first=first, parts=join_words(often))


def _read_chance(structure: str, outcome: StructureOutcome) -> float:
    return read_structures()[structure]["effects"][outcome]["leadership over ringfence"]


def name_few(ways: Iterable[str]) -> str:
    """Ways to write the model by what each says, in brackets, where there are few of them; else ""."""
    said = [f"“{read_structures()[name]['says']}”" for name in ways]
    return f" ({join_words(said)})" if 0 < len(said) <= MOST_NAMED else ""


def describe_ways(outcome: StructureOutcome, template: str = "limits.ways") -> str:
    """How far two policies of the library differ from one way to write the model to another, in a sentence."""
    effects = [fit["effects"][outcome] for fit in read_structures().values()]
    fence, leaders = (format_gains(k[name]["mean"] for k in effects) for name in ("ringfence", "leadership"))
    base = name_base(Unit.SHARE)
    return get_template(template).format(
        count=len(effects),
        what=OUTCOMES[outcome].label.lower(),
        fence=fence.removesuffix(base),
        leadership=leaders,
        each=DRAWS,
    )


def describe_average(outcome: StructureOutcome) -> str:
    """What leadership and two ring-fences add, averaged over structures with the weights that ship, in a sentence."""
    weights = read_shipped_weights()
    effects = {name: read_structures()[name]["effects"][outcome] for name in weights.weights}

    def average(read: Callable[[EffectsDocument], float]) -> float:
        return math.fsum(weight * read(effects[name]) for name, weight in weights.weights.items())

    return get_template("structures.shipped").format(
        count=len(effects),
        weights=weights.summary,
        each=DRAWS,
        leadership=format_gains([average(lambda e: e["leadership"]["mean"])]),
        fence=format_gains([average(lambda e: e["ringfence"]["mean"])]),
        audited=format_gains([average(lambda e: e["ringfence-audited"]["mean"])]),
        over_fence=format_share(average(lambda e: e["leadership over ringfence"]), 100),
        over_audited=format_share(average(lambda e: e["leadership over ringfence-audited"]), 100),
    )


def format_gains(shares: Iterable[float]) -> str:
    """The lowest and the highest of some gains: £1.2 to £9.4 of each £100."""
    low, high = min(numbers := list(shares)), max(numbers)
    return (
        f"{format_range(*(format_difference(x, Unit.SHARE).lstrip('+') for x in (low, high)))}{name_base(Unit.SHARE)}"
    )


def format_extremes(values: Iterable[float], decimals: int = 1) -> str:
    """The lowest and the highest of some numbers."""
    low, high = min(numbers := list(values)), max(numbers)
    first, last = (f"{x:.{decimals}f}" if decimals else format_number(round(x)) for x in (low, high))
    return first if first == last else f"{first} to {last}"
