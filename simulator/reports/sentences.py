"""What the report says: sentences that follow from the numbers, whichever way they point."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.common.formatting import (
    TOO_FEW,
    change,
    counted,
    figures_that_add_up,
    listed,
    pounds,
    too_few,
)
from simulator.experiments.core.paired_comparison import Comparison
from simulator.experiments.core.verdicts import NOT_SETTLED, SAME, VERDICTS, describe_verdict, split_verdict

OLD = "today's rules"


def quoted(title: str) -> str:
    """A title as it stands in a sentence."""
    return f"“{title}”"


def figures(comparisons: Sequence[Comparison]) -> int:
    """How many figures the levels of these policies and of what they are compared with need on one page: two, or as
    many more as it takes for each difference to be that of the levels beside it.
    """
    return figures_that_add_up((100 * c.new_mean, 100 * c.old_mean) for c in comparisons)


def span(years: tuple[str, str]) -> str:
    """First and last year in words."""
    return years[0] if years[0] == years[1] else f"{years[0]} to {years[1]}"


def spread(low: float, high: float, comparison: Comparison) -> str:
    """An interval of differences in the outcome's unit, the unit named once where it can be."""
    first, last = change(low, comparison.outcome.unit), change(high, comparison.outcome.unit)
    return f"{first.removesuffix(' points').removesuffix(' point')} to {last}"


def headline(comparisons: Sequence[Comparison]) -> str:
    """The answer in one sentence, from comparisons with today's rules on the share still there at the year end."""
    needed = figures(comparisons)
    kept = pounds(comparisons[0].old_mean, needed)
    chosen = chief(comparisons)
    if chosen:
        size = pounds(abs(chosen.difference))
        word = "more" if chosen.gain > 0 else "less"
        return (
            f"In this model, {quoted(chosen.new)} keeps about {pounds(chosen.new_mean, needed)} in each £100 of the "
            f"fund to the year end, on average {size} {word} than {OLD} ({kept})."
        )
    names = listed([quoted(c.new) for c in comparisons])
    if any(c.verdict == TOO_FEW for c in comparisons):
        levels = listed([f"{quoted(c.new)} keeps about {pounds(c.new_mean, needed)}" for c in comparisons])
        return (
            f"{too_few(comparisons[0].n)}: in what was run, of each £100 {levels} to the year end, where {OLD} keep "
            f"{kept}."
        )
    one = len(comparisons) == 1
    if all(c.verdict == SAME for c in comparisons):
        makes = "makes" if one else "make"
        return f"In this model, {names} {makes} no difference: about {kept} in each £100 stays, as under {OLD}."
    return (
        f"{comparisons[0].n:,} futures do not settle whether {names} {'keeps' if one else 'keep'} more or less on "
        f"average than {OLD}, which keep about {kept} in each £100 to the year end."
    )


def chief(comparisons: Sequence[Comparison]) -> Comparison | None:
    """The comparison that the headline is about: the largest average gain whose sign is settled, or else loss."""
    better = [c for c in comparisons if c.settled > 0]
    worse = [c for c in comparisons if c.settled < 0]
    return max(better or worse, key=lambda c: abs(c.difference), default=None)


def how_sure(comparisons: Sequence[Comparison]) -> str:
    """How far the headline can be trusted, and what can be said of the other policies."""
    chosen = chief(comparisons)
    if chosen is None:
        return " ".join(sure_of(c) for c in comparisons)
    text = f"The difference is {_numbers(chosen)}."
    for said in VERDICTS:
        names = [quoted(c.new) for c in comparisons if c is not chosen and c.verdict == said]
        if names:
            text += f" Against {OLD}, {listed(names)} {describe_verdict(said, len(names) > 1)}."
    return text


def sure_of(c: Comparison, against: str = OLD) -> str:
    """One comparison in one sentence: what happens, how well the average is known, the 80% range and how often."""
    name, said = quoted(c.new), c.verdict
    if said == SAME:
        return f"{name} gives the same result as {against} in every future."
    if said == TOO_FEW:
        average = change(c.difference, c.outcome.unit)
        return f"{too_few(c.n, f' on {name} against {against}')}: {average} on average; {frequency(c)}."
    if said == NOT_SETTLED:
        return f"Whether {name} does better or worse than {against} on average is not settled: {_numbers(c)}."
    word, often = split_verdict(said)
    return f"{name} does {word} than {against} {often}: {_numbers(c)}."


def _numbers(c: Comparison) -> str:
    """The average with its error, the 80% range and the counts."""
    average = change(c.difference, c.outcome.unit)
    return f"{average} on average, {c.error_words}; 80% range {spread(*c.likely, c)}; {frequency(c)}"


def frequency(c: Comparison) -> str:
    """In how many of 100 paired futures the new policy does better, worse and the same."""
    return c.frequency_words


def card_line(c: Comparison) -> str:
    """What a scenario's card says about paired futures."""
    if c.verdict == SAME:
        return f"The same result as {OLD} in every future."
    up, counts = frequency(c).split(" in ", 1)
    return f"{up.capitalize()} than {OLD} in {counts}."


def tally(comparisons: Sequence[Comparison]) -> str:
    """How many policies do better, make no difference and so on: counts, the best first."""
    found = [c.verdict for c in comparisons]
    counts = [(said, found.count(said)) for said in VERDICTS if said in found]
    parts_of = [f"{count} of {len(found)} {describe_verdict(said, count > 1)}" for said, count in counts]
    return f"Against {OLD}, {listed(parts_of)}"


def paths_title(baseline: float, finals: Sequence[tuple[str, float]], year: str) -> str:
    """A title for the chart over time: medians of the last year, (title, share) for each policy."""
    start = f"In {year} the middle future keeps {pounds(baseline)} in each £100 under {OLD}"
    finals = [pair for pair in finals if pair[1] == pair[1]]
    if not finals:
        return start
    if len(finals) == 1:
        return f"{start} and {pounds(finals[0][1])} under {quoted(finals[0][0])}"
    low, high = min(pair[1] for pair in finals), max(pair[1] for pair in finals)
    between = pounds(low) if pounds(low) == pounds(high) else f"{pounds(low)} to {pounds(high)}"
    return f"{start} and {between} under the policies"


def cascade_title(retained: float, front: float, additional: float) -> str:
    """A title for where money goes under today's rules, from three shares of the fund."""
    return (
        f"Of each £100 under {OLD}, {pounds(retained)} is still there at the year end, {pounds(front)} reaches the "
        f"front line and {pounds(additional)} is additional"
    )


def both_sides(pairs: Sequence[Comparison]) -> str:
    """Leadership against each ring-fence, each version in its own clause. `pairs` are leadership less ring-fence."""
    text = "; ".join(map(_against, pairs))
    kinds = {c.settled for c in pairs}
    end = (
        "So the answer turns on which ring-fence is meant." if len(kinds) > 1 else "All versions give the same answer."
    )
    end = "Nothing follows from so few." if any(c.verdict == TOO_FEW for c in pairs) else end
    return f"{text[0].upper()}{text[1:]}. {end}"


def _against(c: Comparison) -> str:
    """One pair as a clause."""
    leader, against = quoted(c.new), quoted(c.old)
    if c.verdict == SAME:
        return f"{leader} and {against} give the same result in every future"
    counts = f"keeps more in {c.better_in} paired futures, less in {counted(c.worse, c.n)}"
    if c.verdict == TOO_FEW:
        return f"for a verdict on {leader} against {against} there are too few futures ({counts})"
    if c.verdict == NOT_SETTLED:
        return f"whether {leader} does better or worse than {against} on average is not settled ({counts})"
    word, often = split_verdict(c.verdict)
    return f"{leader} does {word} than {against} {often} ({counts})"


def leadership_title(pairs: Sequence[Comparison]) -> str:
    """How many versions of the ring-fence leadership beats on average, falls behind, or cannot be told from."""
    found = [c.verdict if c.verdict in (SAME, TOO_FEW) else c.settled for c in pairs]
    words = {
        1: "does better on average than",
        0: "is not settled against",
        -1: "does worse on average than",
        TOO_FEW: "cannot be judged on so few futures against",
        SAME: "equals",
    }
    counts = [f"{phrase} {found.count(kind)}" for kind, phrase in words.items() if kind in found]
    return f"Of {len(found)} versions of a ring-fence, {quoted(pairs[0].new)} {listed(counts)}"


def spread_of(difference: float, c: Comparison) -> str:
    """A difference without its unit, for a picture whose axis names it."""
    return change(difference, c.outcome.unit).removesuffix(" points").removesuffix(" point")


def sentence_case(words: str) -> str:
    """Words with a capital first letter, the rest as it is."""
    return words[:1].upper() + words[1:]
