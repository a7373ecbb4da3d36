"""What the report says: sentences that follow from the numbers, whichever way they point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from simulator.experiments.compare import Comparison
from simulator.results import Results
from simulator.words import change, in_of_hundred, listed, significant

OLD = "today’s rules"
UNDEFINED = "not defined"
_TALLY = {
    "better": ("does better", "do better"),
    "probably better": ("probably does better", "probably do better"),
    "cannot separate": ("cannot be told apart from it", "cannot be told apart from it"),
    "no difference": ("makes no difference", "make no difference"),
    "probably worse": ("probably does worse", "probably do worse"),
    "worse": ("does worse", "do worse"),
    UNDEFINED: ("cannot be judged", "cannot be judged"),
}


def quoted(title: str) -> str:
    """A title as it stands in a sentence."""
    return f"“{title}”"


def named(results: Results) -> str:
    """What the report calls a scenario: the baseline is today's rules."""
    return "Today’s rules" if results.manifest.scenario == "baseline" else results.manifest.title


def in_sentences(comparison: Comparison, old: str = OLD) -> Comparison:
    """The same comparison with names that read well in a sentence."""
    return replace(comparison, new=quoted(comparison.new), old=old)


def verdict(comparison: Comparison) -> str:
    """The comparison's verdict, or that it has none because the fund is nil."""
    return comparison.verdict if comparison.difference == comparison.difference else UNDEFINED


def pounds(share: float) -> str:
    """A share as pounds in each hundred."""
    return f"£{significant(100 * share)}" if share == share else UNDEFINED


def span(years: tuple[str, str]) -> str:
    """First and last year in words."""
    return years[0] if years[0] == years[1] else f"{years[0]} to {years[1]}"


def spread(low: float, high: float, comparison: Comparison) -> str:
    """An interval of differences in the outcome's unit, the unit named once where it can be."""
    first, last = change(low, comparison.outcome.unit), change(high, comparison.outcome.unit)
    return f"{first.removesuffix(' points').removesuffix(' point')} to {last}"


def headline(comparisons: Sequence[Comparison]) -> str:
    """The answer in one sentence, from comparisons with today's rules on the share still there at the year end."""
    first = comparisons[0]
    kept, when = pounds(first.old_mean), span(first.years)
    better = [c for c in comparisons if verdict(c).endswith("better")]
    worse = [c for c in comparisons if verdict(c).endswith("worse")]
    if better or worse:
        chosen = max(better or worse, key=lambda c: abs(c.difference))
        word = "more" if better else "less"
        if verdict(chosen).startswith("probably"):
            word = f"{word}, probably,"
        size = pounds(abs(chosen.difference))
        return (
            f"In this model, about {pounds(chosen.new_mean)} in each £100 of the fund is still there at the year end "
            f"under {quoted(chosen.new)} ({when}): {size} {word} than under {OLD} ({kept})."
        )
    if any(verdict(c) == UNDEFINED for c in comparisons):
        return f"The model has no answer: in some of these cases the fund is nil ({when})."
    names = listed([quoted(c.new) for c in comparisons])
    if all(verdict(c) == "no difference" for c in comparisons):
        return f"In this model, {names} {_makes(comparisons)} no difference: {kept} in each £100 stays, as under {OLD}."
    return f"The model cannot separate {names} from {OLD}, which keep about {kept} in each £100 ({when})."


def _makes(comparisons: Sequence[Comparison]) -> str:
    return "makes" if len(comparisons) == 1 else "make"


def how_sure(comparisons: Sequence[Comparison]) -> str:
    """How far the headline can be trusted, and what the other policies do."""
    ordered = sorted(comparisons, key=lambda c: (_rank(c), -abs(c.difference)))
    return " ".join(sure_of(c) for c in ordered)


def _rank(comparison: Comparison) -> int:
    order = ("better", "probably better", "worse", "probably worse", "cannot separate", "no difference", UNDEFINED)
    return order.index(verdict(comparison))


def sure_of(c: Comparison, against: str = OLD) -> str:
    """One comparison in one sentence: what happens, the likely range and the frequency."""
    name, said = quoted(c.new), verdict(c)
    if said == UNDEFINED:
        return f"{name}: not defined, because the fund is nil."
    if said == "no difference":
        return f"{name} gives the same result as {against} in every future."
    size, likely = change(c.difference, c.outcome.unit), spread(*c.likely, c)
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
    text = f"better in {c.better_of_100} of 100 paired futures"
    if c.worse > c.better:
        text += f", worse in {in_of_hundred(c.worse, c.n)}"
    return text + (f", the same in {in_of_hundred(c.same, c.n)}" if c.same else "")


def card_line(c: Comparison) -> str:
    """What a scenario's card says about paired futures."""
    said = verdict(c)
    if said == UNDEFINED:
        return "Not defined: the fund is nil."
    if said == "no difference":
        return f"The same result as {OLD} in every future."
    return f"{frequency(c).replace('better in', f'Better than {OLD} in', 1)}."


def tally(comparisons: Sequence[Comparison]) -> str:
    """How many policies do better, cannot be told apart and so on: counts, the best first."""
    found = [verdict(c) for c in comparisons]
    parts = []
    for word, (one, many) in _TALLY.items():
        count = found.count(word)
        if count:
            parts.append(f"{count} of {len(found)} {one if count == 1 else many}")
    return f"Beside {OLD}, {listed(parts)}"


def paths_title(baseline: float, finals: Sequence[tuple[str, float]], year: str) -> str:
    """A title for the chart over time: medians of the last year, (title, share) for each policy."""
    start = f"In {year} the middle future keeps {pounds(baseline)} in each £100 under {OLD}"
    if len(finals) == 1:
        return f"{start} and {pounds(finals[0][1])} under {quoted(finals[0][0])}"
    low, high = min(pair[1] for pair in finals), max(pair[1] for pair in finals)
    between = pounds(low) if pounds(low) == pounds(high) else f"{pounds(low)} to {pounds(high)}"
    return f"{start} and {between} under the policies"


def cascade_title(shares: Sequence[tuple[str, float]]) -> str:
    """A title for where money goes under today's rules: (label, share) from the first loss to the last."""
    steps = listed([f"{pounds(share)} is {label[0].lower()}{label[1:]}" for label, share in shares])
    return f"Of each £100 under {OLD}, {steps}"


def both_sides(pairs: Sequence[Comparison]) -> str:
    """Leadership against each ring-fence: each version in its own clause. Comparisons are leadership less ring-fence."""
    clauses = []
    for c in pairs:
        against, counts = quoted(c.old), f"keeps more in {c.better_of_100} of 100 paired futures"
        counts += f", less in {in_of_hundred(c.worse, c.n) if c.worse else 0}"
        leader = quoted(c.new)
        said = verdict(c)
        clauses.append(
            {
                "better": f"{leader} does better than {against} ({counts})",
                "probably better": f"{leader} probably does better than {against} ({counts})",
                "worse": f"{leader} does worse than {against} ({counts})",
                "probably worse": f"{leader} probably does worse than {against} ({counts})",
                "no difference": f"{leader} and {against} give the same result in every future",
                UNDEFINED: f"{leader} and {against} cannot be compared, because the fund is nil",
            }.get(said, f"the model cannot separate {leader} from {against} ({counts})")
        )
    text = "; ".join(clauses)
    kinds = {verdict(c).removeprefix("probably ") for c in pairs}
    end = (
        "So the answer turns on which ring-fence is meant." if len(kinds) > 1 else "All versions give the same answer."
    )
    return f"{text[0].upper()}{text[1:]}. {end}"


def leadership_title(pairs: Sequence[Comparison]) -> str:
    """How many versions of the ring-fence leadership does better than, cannot be told apart from, or does worse than."""
    found = [verdict(c).removeprefix("probably ") for c in pairs]
    words = {"better": "does better than", "cannot separate": "cannot be told apart from", "worse": "does worse than"}
    parts = [f"{phrase} {found.count(word)}" for word, phrase in words.items() if word in found]
    if "no difference" in found:
        parts.append(f"equals {found.count('no difference')}")
    return f"Of {len(found)} versions of a ring-fence, {quoted(pairs[0].new)} {listed(parts)}"


def spread_of(difference: float, c: Comparison) -> str:
    """A difference without its unit, for a picture whose axis names it."""
    return change(difference, c.outcome.unit).removesuffix(" points").removesuffix(" point")
