"""What the report says: sentences that follow from the numbers, whichever way they point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simulator.common.formatting import (
    TOO_FEW,
    count_both_ways,
    count_cases,
    describe_too_few,
    format_difference_range,
    format_end,
    format_pair,
    format_pounds,
    join_words,
)
from simulator.common.sentence_templates import get_template
from simulator.common.units import Unit
from simulator.declarations.outcomes import Outcome
from simulator.experiments.core.paired_comparison import Comparison
from simulator.experiments.core.verdicts import (
    ASSUMED,
    EVERY,
    FREQUENCIES,
    NOT_SETTLED,
    SAME,
    VERDICTS,
    describe_verdict,
    split_verdict,
)

OLD = "today's rules"


def quote_title(title: str) -> str:
    """A title as it stands in a sentence."""
    return f"“{title}”"


def say_letters(text: str, letters: Mapping[str, str]) -> str:
    """A text in which letters stand for the quoted titles of `letters`, where both are in sight beside it."""
    for title, letter in letters.items():
        text = text.replace(quote_title(title), letter)
    return text


def format_levels(comparisons: Sequence[Comparison], alone: float = float("nan")) -> list[str]:
    """The level of what they are compared with (`alone` where there is nothing to compare) and of each policy."""
    means = [comparisons[0].old_mean, *(c.new_mean for c in comparisons)] if comparisons else [alone]
    return [format_pounds(mean) for mean in means]


def format_span(years: tuple[str, str]) -> str:
    """First and last year in words."""
    return years[0] if years[0] == years[1] else get_template("span").format(first=years[0], last=years[1])


def write_standalone(sentence: str, years: tuple[str, str]) -> str:
    """A sentence as it is copied: it says that it is of this model, of which money, and of which years."""
    return name_fund(write_of_model(sentence, years))


def name_fund(sentence: str) -> str:
    """A sentence that begins by saying of which money the model is."""
    start, _, _ = get_template("answer.copied").partition("{span}")
    return get_template("answer.copied.fund") + lower_first(sentence.removeprefix(start))


def write_of_model(sentence: str, years: tuple[str, str]) -> str:
    """A sentence as it is drawn below a title that names the money: it says that it is of this model, and when."""
    span, template = format_span(years), get_template("answer.copied")
    start, _, _ = template.partition("{span}")
    if sentence.startswith(start) and span in sentence:
        return sentence
    return template.format(span=span, sentence=lower_first(sentence.removeprefix(start)))


def format_spread(low: float, high: float, comparison: Comparison) -> str:
    """An interval of differences in the outcome's unit, the unit named once where it can be."""
    return format_difference_range(low, high, comparison.outcome.change_unit)


def describe_gap(c: Comparison) -> str:
    """How much more or less there is on average, as readers are told: £15.6 more."""
    return c.gap_words


def describe_gap_range(low: float, high: float, c: Comparison) -> str:
    """An interval of differences for readers: £3.9 to £29 more."""
    return c.write_range((low, high))


def describe_margin(c: Comparison) -> str:
    """How far chance may move the average, for readers: 85p."""
    return c.margin_words


def write_headline(comparisons: Sequence[Comparison]) -> str:
    """The answer in one sentence, from comparisons with today's rules on the share kept."""
    chosen = choose_main_comparison(comparisons)
    today, *levels = format_levels(comparisons)
    words = {
        "old": OLD,
        "old_level": today,
        "span": format_span(comparisons[0].years),
        "names": join_words([quote_title(c.new) for c in comparisons]),
        "n": f"{comparisons[0].n:,}",
    }
    if chosen:
        new, old, difference = format_pair(100 * chosen.new_mean, 100 * chosen.old_mean)
        words |= {"new": chosen.new, "new_level": new, "old_level": old, "difference": difference}
        return get_template("headline.more" if chosen.gain > 0 else "headline.less").format_map(words)
    if any(c.verdict == TOO_FEW for c in comparisons):
        level = get_template("headline.too_few.level")
        each = [level.format(new=c.new, new_level=shown) for c, shown in zip(comparisons, levels, strict=True)]
        words |= {"too_few": describe_too_few(comparisons[0].n), "levels": join_words(each)}
        return get_template("headline.too_few").format_map(words)
    kind = "same" if all(c.verdict == SAME for c in comparisons) else "not_settled"
    return get_template(f"headline.{kind}.{'one' if len(comparisons) == 1 else 'many'}").format_map(words)


def write_answer(comparisons: Sequence[Comparison], about: Outcome, level: float, years: tuple[str, str]) -> str:
    """The answer in one sentence on any share of the fund; `level` is the mean under today's rules."""
    if comparisons and about.name == "retained":
        return write_headline(comparisons)
    if chosen := choose_main_comparison(comparisons):
        return _write_settled(chosen)
    names = join_words([quote_title(c.new) for c in comparisons])
    words = {
        "old": OLD,
        "level": format_pounds(level),
        "old_level": format_pounds(level),
        "names": names,
        "span": format_span(years),
    }
    words |= {"what": lower_first(about.label), "n": f"{comparisons[0].n:,}" if comparisons else ""}
    kind = "not_settled.one" if len(comparisons) == 1 else "not_settled.many" if comparisons else "alone"
    return get_template(f"answer.{kind}").format_map(words)


def _write_settled(c: Comparison) -> str:
    """A settled comparison with today's rules on any share of the fund; the levels differ by what is said."""
    new, old = c.level_words
    return get_template("answer.settled").format(
        new=c.new,
        old=OLD,
        new_level=new,
        old_level=old,
        difference=describe_gap(c),
        what=lower_first(c.outcome.label),
        span=format_span(c.years),
    )


def choose_main_comparison(comparisons: Sequence[Comparison]) -> Comparison | None:
    """The comparison that the headline is about: the largest settled gain on average, or else the largest loss."""
    better = [c for c in comparisons if c.settled > 0]
    worse = [c for c in comparisons if c.settled < 0]
    return max(better or worse, key=lambda c: abs(c.difference), default=None)


def name_best(comparisons: Sequence[Comparison], year: str = "") -> tuple[int, str] | None:
    """Which of several policies gives the most on average, by its place among them, and a sentence that says so, with
    those of the same level as it is shown. None where there is one policy only, none whose gain is settled, or another
    that gives more. `year` is that of the comparisons where policies start in different years.
    """
    chosen = choose_main_comparison(comparisons)
    if len(comparisons) < 2 or chosen is None or chosen.gain <= 0:
        return None
    at, level = next(i for i, c in enumerate(comparisons) if c is chosen), format_pounds(chosen.new_mean)
    if any(c.gain > chosen.gain and format_pounds(c.new_mean) != level for c in comparisons):
        return None
    alike = [quote_title(c.new) for c in comparisons if format_pounds(c.new_mean) == level]
    words = {"count": len(comparisons), "new": chosen.new, "names": join_words(alike), "level": level, "year": year}
    if len(alike) > 1:
        return at, get_template("answer.best.alike.late" if year else "answer.best.alike").format_map(words)
    return at, get_template("answer.best.late" if year else "answer.best").format_map(words)


def describe_averaging(years: tuple[str, str]) -> str:
    """Over what averages beside it are: the years, or the futures alone for a single year."""
    return get_template("span.averages.year" if years[0] == years[1] else "span.averages").format(
        span=format_span(years)
    )


def describe_certainty(comparisons: Sequence[Comparison]) -> str:
    """How far the headline, which states the difference, can be trusted, and what can be said of the other policies."""
    chosen = choose_main_comparison(comparisons)
    if chosen is None:
        return " ".join(describe_comparison(c) for c in comparisons)
    named = {"new": chosen.new, "margin": describe_margin(chosen)}
    text = get_template("sure.chief").format_map(_list_numbers(chosen) | named)
    for verdict in VERDICTS:
        alike = [c for c in comparisons if c is not chosen and c.verdict == verdict]
        if alike:
            names = join_words([quote_title(c.new) for c in alike])
            text += get_template("sure.others").format(old=OLD, names=names, does=_describe_alike(alike))
    return text


def describe_comparison(c: Comparison, against: str = OLD) -> str:
    """One comparison in one sentence: what happens, how well the average is known, its range and how often."""
    words = {"new": c.new, "old": against, "frequency": describe_frequency(c), "numbers": _describe_numbers(c)}
    if c.verdict == SAME:
        return get_template("sure.same").format_map(words)
    if c.verdict == TOO_FEW:
        about = get_template("sure.too_few.about").format_map(words)
        words |= {
            "too_few": describe_too_few(c.n, about),
            "difference": _describe_average(c),
        }
        return get_template("sure.too_few").format_map(words)
    if c.verdict == NOT_SETTLED:
        return get_template("sure.not_settled").format_map(words)
    if c.verdict in ASSUMED:
        return get_template("sure.assumed").format_map(words | {"does": describe_verdict(c.verdict)})
    word, often = split_verdict(c.verdict)
    return get_template("sure.settled").format_map(words | {"word": word, "often": EVERY if c.in_every else often})


def _describe_numbers(c: Comparison) -> str:
    """The average with its error, the range of 8 in 10 futures and the counts."""
    return get_template("sure.numbers").format_map(_list_numbers(c))


def _list_numbers(c: Comparison) -> dict[str, str]:
    return {
        "difference": _describe_average(c),
        "error": get_template("comparison.error").format(margin=describe_margin(c)),
        "range": describe_gap_range(*c.likely, c),
        "frequency": describe_frequency(c),
    }


def _describe_average(c: Comparison) -> str:
    gap = describe_gap(c)
    return get_template("gap.of_each").format(gap=gap) if c.outcome.change_unit is Unit.SHARE else gap


def describe_frequency(c: Comparison) -> str:
    """In how many of 100 futures the new policy does better, worse and the same."""
    return c.frequency_words


def write_card_line(c: Comparison) -> str:
    """What a scenario's card says about futures."""
    if c.verdict == SAME:
        return get_template("card.same").format(old=OLD)
    if c.verdict in ASSUMED:
        return get_template(f"card.assumed_{c.verdict.partition(',')[0].replace(' ', '_')}").format(old=OLD)
    up, counts = describe_frequency(c).split(" in ", 1)
    return get_template("card.other").format(up=up.capitalize(), old=OLD, counts=counts)


def count_verdicts(comparisons: Sequence[Comparison]) -> str:
    """How many policies do better, make no difference and so on: counts, the best first."""
    groups = [[c for c in comparisons if c.verdict == verdict] for verdict in VERDICTS]
    clause = get_template("tally.count")
    clauses = [
        clause.format(count=len(alike), whole=len(comparisons), does=_describe_alike(alike))
        for alike in groups
        if alike
    ]
    return get_template("tally").format(old=OLD, counts=join_words(clauses))


def _describe_alike(alike: Sequence[Comparison]) -> str:
    """What policies of one verdict do; in every future, where that holds for each of them."""
    does = describe_verdict(alike[0].verdict, len(alike) > 1)
    return does.replace(FREQUENCIES[0], EVERY) if all(c.in_every for c in alike) else does


def write_paths_title(baseline: float, finals: Sequence[tuple[str, float]], year: str) -> str:
    """A title for the chart over time: medians of the last year, (title, share) for each policy."""
    start = get_template("paths.baseline").format(year=year, level=format_pounds(baseline), old=OLD)
    finals = [pair for pair in finals if pair[1] == pair[1]]
    if not finals:
        return start
    if len(finals) == 1:
        return get_template("paths.one").format(start=start, level=format_pounds(finals[0][1]), new=finals[0][0])
    low, high = (format_pounds(end(pair[1] for pair in finals)) for end in (min, max))
    levels = low if low == high else get_template("span").format(first=low, last=high)
    return get_template("paths.many").format(start=start, levels=levels)


def write_course_title(about: Outcome, baseline: float, finals: Sequence[tuple[str, str, float]], year: str) -> str:
    """A title for the chart over time on any outcome; medians of the last year, (letter, title, share) a policy."""
    if about.name == "retained":
        return write_paths_title(baseline, [(title, share) for _, title, share in finals], year)
    shares = [("A", baseline), *((letter, share) for letter, _, share in finals)]
    level = get_template("paths.level")
    levels = join_words([level.format(level=format_pounds(share), letter=letter) for letter, share in shares])
    return get_template("paths.other").format(label=about.label, year=year, levels=levels)


def describe_course(letter: str, title: str, bands: Sequence[Sequence[float]], years: Sequence[str]) -> str:
    """What the chart over time shows of one policy. `bands` are its 10%, 25%, 50%, 75% and 90% by year."""
    first, last = (format_pounds(float(x)) for x in (bands[2][0], bands[2][-1]))
    low, high = (format_end(float(band[-1])) for band in (bands[0], bands[4]))
    words = {"letter": letter, "new": title, "first": first, "last": last, "low": low, "high": high}
    return get_template("paths.course").format(
        **words, start=years[0], end=years[-1], least=name_lowest([float(x) for x in bands[2]], years)
    )


def name_lowest(course: Sequence[float], years: Sequence[str]) -> str:
    """The year between the first and the last in which a course is lowest, where it is a pound below both; else ""."""
    at = min(range(len(course)), key=lambda year: course[year])
    if not course[at] < min(course[0], course[-1]) - 0.01:
        return ""
    return get_template("paths.course.least").format(year=years[at], level=format_pounds(course[at]))


def write_cascade_title(retained: float, front: float, additional: float) -> str:
    """A title for where money goes under today's rules, from three shares of the fund."""
    return get_template("cascade").format(
        old=OLD, retained=format_pounds(retained), front=format_pounds(front), additional=format_pounds(additional)
    )


def compare_both_sides(pairs: Sequence[Comparison]) -> str:
    """Leadership against each ring-fence, each version in its own clause. `pairs` are leadership less ring-fence."""
    text = "; ".join(map(_write_clause, pairs))
    kinds = {c.settled for c in pairs}
    end = (
        "So the answer turns on which ring-fence is meant." if len(kinds) > 1 else "All versions give the same answer."
    )
    end = "Nothing follows from so few." if any(c.verdict == TOO_FEW for c in pairs) else end
    return f"{text[0].upper()}{text[1:]}. {end}"


def _write_clause(c: Comparison) -> str:
    """One pair as a clause."""
    leader, against = quote_title(c.new), quote_title(c.old)
    if c.verdict == SAME:
        return f"{leader} and {against} give the same result in every future"
    if c.verdict in ASSUMED:
        word = c.verdict.split(",")[0]
        return get_template("clause.assumed").format(new=leader, old=against, word=word)
    worse = count_cases(c.worse, c.n)
    counts = f"keeps more in {c.better_in} futures, less in {worse}"
    if c.verdict == TOO_FEW:
        return f"for a verdict on {leader} against {against} there are too few futures ({counts})"
    if c.verdict == NOT_SETTLED:
        return f"whether {leader} does better or worse than {against} on average is not settled ({counts})"
    word, often = split_verdict(c.verdict)
    written = ": not assumed, but no proof" if c.in_every else ""
    return f"{leader} does {word} than {against} {EVERY if c.in_every else often} ({counts}{written})"


def write_leadership_title(pairs: Sequence[Comparison]) -> str:
    """How many versions of the ring-fence leadership beats on average, falls behind, or cannot be told from."""
    verdicts = [c.verdict if c.verdict in (SAME, TOO_FEW) else c.settled for c in pairs]
    words = {
        1: "does better on average than",
        0: "is not settled against",
        -1: "does worse on average than",
        TOO_FEW: "cannot be judged on so few futures against",
        SAME: "equals",
    }
    counts = [f"{phrase} {verdicts.count(kind)}" for kind, phrase in words.items() if kind in verdicts]
    return f"Of {len(verdicts)} versions of a ring-fence, {quote_title(pairs[0].new)} {join_words(counts)}"


def format_drawn_difference(c: Comparison) -> str:
    """A difference for a picture that names the unit on its axis: £15.6 more. Its way is never told by a sign alone."""
    return c.signed_gap if c.signed_gap == "£0" else c.gap_words


def lower_first(words: str) -> str:
    """Words as they stand in the middle of a sentence."""
    return words[:1].lower() + words[1:]


def capitalise_first(words: str) -> str:
    """Words with a capital first letter, the rest as it is."""
    return words[:1].upper() + words[1:]


def describe_rest(more: int, less: int, same: int, n: int) -> str:
    """What the futures do in which the subject does not do more: counts of 100, or of all where there are fewer. Those
    that do the same, where too few for a count of their own, are told with those that do less if these are the fewer.
    """
    if more == n:
        return get_template("answer.pair.every")
    _, fewer, level = count_both_ways(more, less, same, n)
    either = same and not level and less < more
    template = get_template("answer.pair.rest")
    return "".join(
        template.format(word=get_template(f"answer.pair.{word}"), count=count)
        for count, word in ((fewer, "either" if either else "less"), (level, "same"))
        if count
    )
