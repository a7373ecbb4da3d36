"""What the report says: sentences that follow from the numbers, whichever way they point."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.experiments.compare import Comparison
from simulator.words import TOO_FEW, change, counted, figures_that_add_up, listed, significant, too_few

OLD = "today's rules"
UNDEFINED = "not defined"
_TALLY = {
    "better": ("does better", "do better"),
    "probably better": ("probably does better", "probably do better"),
    "cannot separate": ("cannot be told apart", "cannot be told apart"),
    "no difference": ("makes no difference", "make no difference"),
    "probably worse": ("probably does worse", "probably do worse"),
    "worse": ("does worse", "do worse"),
    TOO_FEW: ("has too few futures for a verdict", "have too few futures for a verdict"),
}


def quoted(title: str) -> str:
    """A title as it stands in a sentence."""
    return f"“{title}”"


def pounds(share: float, figures: int = 2) -> str:
    """A share as pounds in each hundred, or as pence where it is less than a pound."""
    if share != share:
        return UNDEFINED
    return f"{significant(10_000 * share)}p" if 0 < share < 0.00995 else f"£{significant(100 * share, figures)}"


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
        word = "more" if chosen.difference * (chosen.outcome.better or 1) > 0 else "less"
        probably = "probably " if chosen.verdict.startswith("probably") else ""
        return (
            f"In this model, {quoted(chosen.new)} keeps about {pounds(chosen.new_mean, needed)} in each £100 of the "
            f"fund to the year end, {probably}{size} {word} than {OLD} ({kept})."
        )
    names = listed([quoted(c.new) for c in comparisons])
    if any(c.verdict == TOO_FEW for c in comparisons):
        levels = listed([f"{quoted(c.new)} keeps about {pounds(c.new_mean, needed)}" for c in comparisons])
        return (
            f"{too_few(comparisons[0].n)}: in what was run, of each £100 {levels} to the year end, where {OLD} keep "
            f"{kept}."
        )
    if all(c.verdict == "no difference" for c in comparisons):
        makes = "makes" if len(comparisons) == 1 else "make"
        return f"In this model, {names} {makes} no difference: about {kept} in each £100 stays, as under {OLD}."
    return f"The model cannot separate {names} from {OLD}, which keep about {kept} in each £100 to the year end."


def chief(comparisons: Sequence[Comparison]) -> Comparison | None:
    """The comparison that the headline is about: the largest gain that can be told from zero, or else loss."""
    better = [c for c in comparisons if c.verdict.endswith("better")]
    worse = [c for c in comparisons if c.verdict.endswith("worse")]
    return max(better or worse, key=lambda c: abs(c.difference), default=None)


def how_sure(comparisons: Sequence[Comparison]) -> str:
    """How far the headline can be trusted, and what can be said of the other policies."""
    chosen = chief(comparisons)
    if chosen is None:
        return " ".join(sure_of(c) for c in comparisons)
    average = change(chosen.difference, chosen.outcome.unit)
    text = (
        f"The difference is {average} on average, likely range {spread(*chosen.likely, chosen)}; {frequency(chosen)}."
    )
    for said, (one, many) in _TALLY.items():
        names = [quoted(c.new) for c in comparisons if c is not chosen and c.verdict == said]
        if names:
            text += f" Against {OLD}, {listed(names)} {one if len(names) == 1 else many}."
    return text


def sure_of(c: Comparison, against: str = OLD) -> str:
    """One comparison in one sentence: what happens, the likely range and the frequency."""
    name, said = quoted(c.new), c.verdict
    if said == "no difference":
        return f"{name} gives the same result as {against} in every future."
    size, likely = change(c.difference, c.outcome.unit), spread(*c.likely, c)
    if said == TOO_FEW:
        return f"{too_few(c.n, f' on {name} against {against}')}: {size} on average; {frequency(c)}."
    if said == "cannot separate":
        return (
            f"The model cannot separate {name} from {against}: {size} on average, but the likely range, {likely}, "
            f"includes zero; {frequency(c)}."
        )
    probably = "probably " if said.startswith("probably") else ""
    word = "better" if said.endswith("better") else "worse"
    return f"{name} {probably}does {word} than {against}: {size}, likely range {likely}; {frequency(c)}."


def frequency(c: Comparison) -> str:
    """In how many of 100 paired futures the new policy does better, and worse or the same where that matters."""
    if not c.outcome.better:
        return "neither way is better"
    text = f"better in {c.better_in} paired futures"
    if c.worse > c.better:
        text += f", worse in {counted(c.worse, c.n)}"
    return text + (f", the same in {counted(c.same, c.n)}" if c.same else "")


def card_line(c: Comparison) -> str:
    """What a scenario's card says about paired futures."""
    if c.verdict == "no difference":
        return f"The same result as {OLD} in every future."
    return f"{frequency(c).replace('better in', f'Better than {OLD} in', 1)}."


def tally(comparisons: Sequence[Comparison]) -> str:
    """How many policies do better, cannot be told apart and so on: counts, the best first."""
    found = [c.verdict for c in comparisons]
    parts = []
    for word, (one, many) in _TALLY.items():
        count = found.count(word)
        if count:
            parts.append(f"{count} of {len(found)} {one if count == 1 else many}")
    return f"Against {OLD}, {listed(parts)}"


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
    clauses = []
    for c in pairs:
        against, counts = quoted(c.old), f"keeps more in {c.better_in} paired futures"
        counts += f", less in {counted(c.worse, c.n)}"
        leader = quoted(c.new)
        said = c.verdict
        clauses.append(
            {
                "better": f"{leader} does better than {against} ({counts})",
                "probably better": f"{leader} probably does better than {against} ({counts})",
                "worse": f"{leader} does worse than {against} ({counts})",
                "probably worse": f"{leader} probably does worse than {against} ({counts})",
                "no difference": f"{leader} and {against} give the same result in every future",
                TOO_FEW: f"for a verdict on {leader} against {against} there are too few futures ({counts})",
            }.get(said, f"the model cannot separate {leader} from {against} ({counts})")
        )
    text = "; ".join(clauses)
    kinds = {c.verdict.removeprefix("probably ") for c in pairs}
    end = (
        "So the answer turns on which ring-fence is meant." if len(kinds) > 1 else "All versions give the same answer."
    )
    end = "Nothing follows from so few." if TOO_FEW in kinds else end
    return f"{text[0].upper()}{text[1:]}. {end}"


def leadership_title(pairs: Sequence[Comparison]) -> str:
    """How many versions of the ring-fence leadership beats, cannot be told apart from, or falls behind."""
    found = [c.verdict.removeprefix("probably ") for c in pairs]
    words = {"better": "does better than", "cannot separate": "cannot be told apart from", "worse": "does worse than"}
    parts = [f"{phrase} {found.count(word)}" for word, phrase in words.items() if word in found]
    if TOO_FEW in found:
        parts.append(f"cannot be judged on so few futures against {found.count(TOO_FEW)}")
    if "no difference" in found:
        parts.append(f"equals {found.count('no difference')}")
    return f"Of {len(found)} versions of a ring-fence, {quoted(pairs[0].new)} {listed(parts)}"


def spread_of(difference: float, c: Comparison) -> str:
    """A difference without its unit, for a picture whose axis names it."""
    return change(difference, c.outcome.unit).removesuffix(" points").removesuffix(" point")


def sentence_case(words: str) -> str:
    """Words with a capital first letter, the rest as it is."""
    return words[:1].upper() + words[1:]
