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

HALF = 50.0
"""In more of 100 futures than these is in most of them."""
MOST_NAMED = 2
"""So many ways that say the opposite of all others are named."""


def describe_structures() -> list[str]:
    """How far structures differ on leadership against ring-fences, and on each gain: one sentence each."""
    effects = [fit["effects"]["retained"] for fit in read_structures().values()]
    usual, other = split_ways("retained")
    rival = f"{format_extremes(usual.values(), 0)} of them in {len(usual)} ways"
    if other:
        rest = f"the other {len(other)}" if len(other) > 1 else "the other"
        rival += f" and in {format_extremes(other.values(), 0)} in {rest}{name_few(other)}"
    audited = format_extremes((100 * k["leadership over ringfence-audited"] for k in effects), 0)
    fence, leaders = (format_gains(k[name]["mean"] for k in effects) for name in ("ringfence", "leadership"))
    return [
        f"The model was written and fitted in {len(effects)} ways (structures), and the answer depends on the way. Out "
        f"of 100 futures, stronger leadership as in the library keeps more than a ring-fence that is not waived in "
        f"{rival}; more than an audited one in {audited}.",
        f"On average it adds {leaders}, and that ring-fence {fence}.",
        describe_average("retained"),
    ]


def split_ways(outcome: StructureOutcome) -> tuple[dict[str, float], dict[str, float]]:
    """In how many of 100 futures leadership does more than a ring-fence, by structure: those where that is most of all
    futures apart from those where it is not, the larger group first.
    """
    shares = {
        name: 100 * fit["effects"][outcome]["leadership over ringfence"] for name, fit in read_structures().items()
    }
    groups = [{name: share for name, share in shares.items() if (share > HALF) == above} for above in (False, True)]
    usual, other = sorted(groups, key=lambda group: -len(group))
    return usual, other


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
