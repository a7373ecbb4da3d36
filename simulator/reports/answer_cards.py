"""The answer in three sentences, each with its caveat: today, two policies on what counts, the same on new money.

The sentences follow from the numbers and may come out either way; `dashboards/offline/page/answer.js` says the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from simulator.charts.palette import LETTERS
from simulator.common.formatting import (
    TOO_FEW,
    choose_decimals,
    choose_own_decimals,
    describe_too_few,
    format_amount,
    format_amount_between,
    format_average,
    format_count,
    format_gap_range,
    format_level,
    format_number,
    format_pounds,
    format_share_size,
    join_words,
)
from simulator.common.sentence_templates import get_template
from simulator.common.units import Unit
from simulator.declarations.outcomes import OUTCOMES
from simulator.experiments.core import verdicts
from simulator.experiments.core.model_protocol import ROUNDING
from simulator.experiments.core.paired_comparison import Comparison
from simulator.reports import sentences
from simulator.reports.sentences import OLD, format_span, quote_title
from simulator.reports.short_sentence import write_short_level, write_short_pair
from simulator.reports.unmeasured import list_unmeasured, say_unmeasured
from simulator.runs.results import Results
from simulator.runs.run import compare_results
from simulator.scenarios.library import library
from simulator.studies.matched_years import find_matched_span, is_known, starts_late

NEW_MONEY, KEPT = "additional", "retained"
COMPARED = ("retained", "spent", "front", "additional")
"""The outcomes on which policies are compared beside the one that is asked about."""

NEARLY, NEARLY_PART = 0.001, 0.02
"""Averages less than 10p of each £100 apart, and less than a fiftieth of the larger, are said to be nearly the same."""
FUND_FIGURES = 3


class Quoted(NamedTuple):
    """A number in a sentence: its text, and what it is. `statistic` is mean, quantile, more, less, same (futures where
    `scenario` does so against `against`), margin (of a mean), millions (£m a year of a mean) or fund (£m a year).

    `scenario` and `against` are places; `against` is -1 for a level.
    """

    text: str
    statistic: str
    scenario: int
    against: int = -1
    quantile: float = 0.5


@dataclass(frozen=True)
class AnswerCard:
    """One sentence of the answer: a heading, the sentence, and what must be known to quote it.

    `outcome` is what it counts; `new` and `old` are the places of the scenarios that it compares, both 0 for today's.
    `brief` is what of the caveat must be seen at once, where the rest is a click away. `short` is the sentence as it
    may be posted, with one caveat; "" where that cannot be said in so few letters.
    """

    key: str
    heading: str
    sentence: str
    caveat: str
    outcome: str
    new: int = 0
    old: int = 0
    quoted: tuple[Quoted, ...] = ()
    brief: str = ""
    short: str = ""


def choose_pair(policies: Sequence[str], names: Sequence[str] = ()) -> tuple[int, int]:
    """The places (new, old) of the two scenarios that the cards compare: the first policy and the next that is another
    one, or it and today's rules where there is none; (0, 0) without a policy. `policies` are fingerprints of scenarios,
    today's rules first: the same for the same policy. With their `names` those that are none of the library's come
    first, since who writes or changes a policy asks about it.
    """
    if len(policies) < 2:
        return 0, 0
    first, *others = sorted(range(1, len(policies)), key=lambda place: bool(names) and is_of_library(names[place]))
    return first, next((place for place in others if policies[place] != policies[first]), 0)


def is_of_library(name: str) -> bool:
    """Whether a scenario of this name is one of the library's, or several joined by +."""
    return all(part in library() for part in name.split("+"))


def choose_pair_of_runs(runs: Sequence[Results]) -> tuple[int, int]:
    """The same of results."""
    manifests = [run.manifest for run in runs]
    return choose_pair([each.scenario_fingerprint for each in manifests], [each.scenario for each in manifests])


def choose_other_outcome(outcome: str) -> str:
    """What the third card counts: new money, or what is kept where new money is what was chosen."""
    return KEPT if outcome == NEW_MONEY else NEW_MONEY


def write_answer_cards(
    runs: Sequence[Results], outcome: str, span: slice, letters: str = LETTERS, posted: Sequence[str] = ()
) -> list[AnswerCard]:
    """The cards for results that share their futures, today's rules first; `letters` are those of the scenarios, and
    `posted` their titles in a sentence to be posted, () for those of the results.
    """
    fund = measure_fund(runs[0], span)
    names = runs[0].years[span]
    pairs = [
        _write_pair(key, runs, name, span, fund, letters, posted)
        for key, name in (("pair", outcome), ("other", choose_other_outcome(outcome)))
    ]
    return [_write_today(runs[0], outcome, span, fund, (names[0], names[-1])), *pairs]


def describe_today(outcome: str, level: float, years: tuple[str, str], fund: float) -> str:
    """What today's rules give: `level` of each pound of a fund of so many £m a year."""
    return get_template("answer.today").format(
        old=OLD,
        level=format_pounds(level),
        does=get_template(f"answer.does.{outcome}"),
        span=format_span(years),
        millions=_format_millions(level * fund),
        fund=_format_millions(fund),
    )


def _write_today(run: Results, outcome: str, span: slice, fund: float, years: tuple[str, str]) -> AnswerCard:
    values = run.outcome(outcome, span)
    low, high = (100 * float(x) for x in np.quantile(values, (0.1, 0.9)))
    decimals = choose_own_decimals(max(abs(low), abs(high)))
    ends = {"low": format_amount(low, decimals), "high": format_amount(high, decimals)}
    caveat = get_template("answer.caveat.today").format_map(ends)
    start, shown = float(run.nation["funding"][:, 0].mean()), _format_millions(fund)
    brief = get_template("answer.brief.today").format_map(ends)
    if _format_millions(start) != shown:
        brief += get_template("answer.brief.fund").format(start=_format_millions(start), year=run.years[0])
        caveat += get_template("answer.caveat.fund.year" if years[0] == years[1] else "answer.caveat.fund").format(
            start=_format_millions(start), year=run.years[0], fund=shown, span=format_span(years)
        )
    level = float(values.mean())
    quoted = (
        Quoted(format_pounds(level), "mean", 0),
        Quoted(_format_millions(level * fund), "millions", 0),
        Quoted(_format_millions(fund), "fund", 0),
        Quoted(format_amount(low, decimals), "quantile", 0, quantile=0.1),
        Quoted(format_amount(high, decimals), "quantile", 0, quantile=0.9),
    )
    sentence = describe_today(outcome, level, years, fund)
    heading = get_template("answer.heading.today")
    short = write_short_level(outcome, level, (ends["low"], ends["high"]), format_span(years))
    return AnswerCard("today", heading, sentence, caveat, outcome, quoted=quoted, brief=brief, short=short)


def _format_millions(x: float) -> str:
    return f"£{format_number(x, FUND_FIGURES)}m"


def _write_pair(
    key: str, runs: Sequence[Results], outcome: str, span: slice, fund: float, letters: str, posted: Sequence[str]
) -> AnswerCard:
    new, old = choose_pair_of_runs(runs)
    what = OUTCOMES[outcome].title
    if not new:
        sentence, caveat = get_template("answer.pair.none"), get_template("answer.caveat.none")
        return AnswerCard(key, get_template("answer.heading.none").format(what=what), sentence, caveat, outcome)
    c = compare_results(runs[new], runs[old], outcome, span)
    words, template = describe_pair(c, outcome, bool(old), fund)
    sentence = get_template(template).format_map(words)
    first, second = (new, old) if c.difference >= 0 else (old, new)
    quoted = [*_list_quoted(template, words, first, second)]
    for at, level, said in _list_others(runs, c, span, (new, old)):
        sentence += said
        quoted.append(Quoted(level, "mean", at))
    acting = _describe_once_all_act(runs, span, outcome)
    caveat, ends = _write_caveat(c, bool(old), format_span(c.years) if acting.full else "")
    if outcome == NEW_MONEY and ends:
        caveat = f"{get_template('answer.caveat.additional')}{caveat}"
    quoted += [
        Quoted(text, "quantile", first, second, share) for text, share in zip(ends[:2], (0.1, 0.9), strict=False)
    ]
    quoted += [Quoted(text, "margin", first, second) for text in ends[2:]]
    caveat = acting.full + caveat + describe_late_starts(runs, span, outcome)
    caveat += describe_idle(runs, span, outcome)
    unmeasured = [] if c.verdict == verdicts.SAME else list_unmeasured(runs[new], runs[old], outcome)
    caveat += f" {say_unmeasured(unmeasured)}" if unmeasured else ""
    heading = get_template("answer.heading.pair" if old else "answer.heading.one").format(
        what=what, new=letters[new], old=letters[old]
    )
    brief, kind = _write_brief(runs, c, span, acting.brief), template.removeprefix("answer.pair.")
    titles = [(posted[at] if posted else runs[at].manifest.title) if at else "" for at in (first, second)]
    names = runs[0].years[span]
    short = write_short_pair(
        c, kind, words["size"], (titles[0], titles[1]), unmeasured, format_span((names[0], names[-1]))
    )
    return AnswerCard(key, heading, sentence, caveat, outcome, new, old, tuple(quoted), brief, short)


def _list_others(
    runs: Sequence[Results], c: Comparison, span: slice, pair: tuple[int, int]
) -> Iterator[tuple[int, str, str]]:
    """What is beside the pair that `c` compares: place, level, with as many decimals as the pair's, and a sentence."""
    decimals = choose_level_places(c)
    for at, run in enumerate(runs):
        if at not in pair:
            level = format_average(100 * float(run.outcome(c.outcome.name, span).mean()), decimals)
            said = get_template("answer.pair.also" if at else "answer.pair.also.today")
            yield at, level, said.format(new=run.manifest.title, level=level)


def _write_brief(runs: Sequence[Results], c: Comparison, span: slice, acting: str) -> str:
    """What of the caveat of two policies must be seen at once; `acting` is what of the years in which all act."""
    outcome, years = c.outcome.name, runs[0].years
    told = [acting] if acting else []
    if outcome == NEW_MONEY:
        told.append(get_template("answer.brief.additional"))
    elif not acting and c.verdict not in (verdicts.SAME, TOO_FEW):
        ends = c.likely if c.difference >= 0 else (-c.likely[1], -c.likely[0])
        told.append(get_template("answer.brief.range").format(range=format_gap_range(*ends)))
    late, idle = get_template("answer.brief.late"), get_template("answer.brief.idle")
    for at in list_late_starts(runs, span):
        manifest = runs[at].manifest
        told.append(late.format(new=manifest.title, year=years[manifest.start // 4]))
    told += [idle.format(new=run.manifest.title, what=c.outcome.label) for run, _ in _list_idle(runs, span, outcome)]
    return " ".join(told)


def name_best(
    runs: Sequence[Results], comparisons: Sequence[Comparison], span: slice, outcome: str
) -> tuple[int, str] | None:
    """Which of several policies gives the most, as `sentences.name_best`, by how much, and in how many futures it does,
    both against the next; where one starts late, in the last year, since its average holds years in which it is not
    there yet.
    """
    if not list_late_starts(runs, span):
        return _with_lead(sentences.name_best(comparisons), runs, comparisons, span)
    last = range(len(runs[0].years))[span][-1]
    values = [run.each_year(outcome)[:, last] for run in runs]
    if not all(np.isfinite(new + values[0]).any() for new in values[1:]):
        return None
    in_last = slice(last, last + 1)
    compared = [compare_results(run, runs[0], outcome, in_last) for run in runs[1:]]
    return _with_lead(sentences.name_best(compared, runs[0].years[last]), runs, compared, in_last)


def _with_lead(
    best: tuple[int, str] | None, runs: Sequence[Results], comparisons: Sequence[Comparison], span: slice
) -> tuple[int, str] | None:
    """What gives the most with what sets it apart from the next, a comparison of the two, future by future."""
    if best is None:
        return None
    at, sentence = best
    levels = [format_pounds(c.new_mean) for c in comparisons]
    after = max((i for i in range(len(comparisons)) if i != at), key=lambda i: comparisons[i].new_mean)
    outcome = comparisons[at].outcome.name
    c = compare_results(runs[at + 1], runs[after + 1], outcome, span)
    words, template = describe_pair(c, outcome, both=True, fund=0.0)
    kind = template.removeprefix("answer.pair.")
    if kind == "too_few":
        return best
    if kind != "alike" and (levels[at] == levels[after] or c.difference < 0):
        kind = "nearly"
    return at, sentence + get_template(f"answer.best.by.{kind}").format_map(words)


def list_late_starts(runs: Sequence[Results], span: slice) -> list[int]:
    """The places of the policies that start after the first of the years that are averaged over."""
    chosen = range(len(runs[0].years))[span]
    return [at for at, run in enumerate(runs) if at and starts_late(run, chosen)]


class _OnceAllAct(NamedTuple):
    """What holds of a pair in the years in which all policies act: in full with its range and margin, and in brief."""

    full: str = ""
    brief: str = ""


def _describe_once_all_act(runs: Sequence[Results], span: slice, outcome: str) -> _OnceAllAct:
    """What holds of the two policies of a pair in the years in which all policies act, to come before a caveat: a later
    start must not be read as weakness. Nothing where all start together, or there is nothing to take a share of.
    """
    acting, (new, old) = find_matched_span(runs, span), choose_pair_of_runs(runs)
    if acting is None or not all(is_known(runs[at], outcome, acting) for at in (new, old)):
        return _OnceAllAct()
    c = compare_results(runs[new], runs[old], outcome, acting)
    fund = measure_fund(runs[0], acting)
    words, template = describe_pair(c, outcome, bool(old), fund)
    names, sentence = runs[0].years[acting], get_template(template).format_map(words)
    sentence += "".join(said for _, _, said in _list_others(runs, c, acting, (new, old)))
    when, (caveat, ends) = format_span((names[0], names[-1])), _write_caveat(c, bool(old))
    full = get_template("answer.caveat.all_act").format(
        span=when, sentence=sentence, range=f"{caveat} " if ends else ""
    )
    kind, sides = template.removeprefix("answer.pair."), name_sides(c, bool(old))
    return _OnceAllAct(full, _tell_all_act(kind, words, sides, when))


def _tell_all_act(kind: str, words: Mapping[str, str], sides: tuple[str, str], span: str) -> str:
    """The same in brief; "" for too few futures. `kind` is that of the sentence, and `sides` are both policies."""
    if kind == "too_few":
        return ""
    short = "assumed" if kind.endswith("assumed") else kind if kind in ("not_settled", "nearly", "alike") else "more"
    said = get_template(f"answer.brief.all_act.{short}").format_map({**words, "new": sides[0], "old": sides[1]})
    return get_template("answer.brief.all_act").format(span=span, said=said)


def describe_late_starts(runs: Sequence[Results], span: slice, outcome: str) -> str:
    """A remark on each policy that starts after the first of the years that are averaged over, to follow a sentence:
    the years before count, so it also says what `outcome` is in the last year, and the most that another gives then.
    """
    years = runs[0].years
    chosen = range(len(years))[span]
    late = list_late_starts(runs, span)
    if not late:
        return ""
    levels = [float(run.each_year(outcome)[:, chosen[-1]].mean()) for run in runs]
    return "".join(_describe_late_start(runs, at, levels, years[chosen[-1]]) for at in late)


def _describe_late_start(runs: Sequence[Results], at: int, levels: Sequence[float], last: str) -> str:
    best = max((i for i in range(len(runs)) if i != at), key=levels.__getitem__)
    return get_template("answer.caveat.late").format(
        new=runs[at].manifest.title,
        year=runs[0].years[runs[at].manifest.start // 4],
        last=last,
        level=format_pounds(levels[at]),
        other=format_pounds(levels[best]),
        best=quote_title(runs[best].manifest.title) if best else OLD,
    )


def describe_idle(runs: Sequence[Results], span: slice, outcome: str) -> str:
    """A remark on each policy that moves other outcomes and not this one in any future, to follow a sentence: on which
    it acts. "" where there is none.
    """
    told, label = get_template("answer.caveat.idle"), OUTCOMES[outcome].label
    return "".join(
        told.format(
            new=run.manifest.title, what=label, others=join_words([quote_title(OUTCOMES[name].label) for name in moved])
        )
        for run, moved in _list_idle(runs, span, outcome)
    )


def _list_idle(runs: Sequence[Results], span: slice, outcome: str) -> Iterator[tuple[Results, list[str]]]:
    """The policies that move other outcomes and not this one in any future, and the outcomes that each moves."""
    for run in runs[1:]:
        if not _moves(run, runs[0], outcome, span):
            moved = [name for name in COMPARED if name != outcome and _moves(run, runs[0], name, span)]
            if moved:
                yield run, moved


def _moves(new: Results, old: Results, outcome: str, span: slice) -> bool:
    difference = new.outcome(outcome, span) - old.outcome(outcome, span)
    return bool((np.abs(difference[np.isfinite(difference)]) > ROUNDING).any())


def _list_quoted(template: str, words: Mapping[str, str], new: int, old: int) -> Iterator[Quoted]:
    """The numbers of a sentence on two scenarios, of which `new` is its subject."""
    blanks = get_template(template).replace("{levels}", "{new_level}{old_level}")
    for blank, statistic, pair in (
        ("new_level", "mean", (new, -1)),
        ("old_level", "mean", (old, -1)),
        ("size", "mean", (new, old)),
        ("millions", "millions", (new, old)),
        ("count", "more", (new, old)),
    ):
        if f"{{{blank}}}" in blanks:
            yield Quoted(words[blank], statistic, *pair)
    if "{rest}" in blanks:
        for word, count in re.findall(r", (?:the )?(less|same) in (\d+)", words["rest"]):
            yield Quoted(count, word, new, old)


def choose_level_places(c: Comparison) -> int:
    """Decimals of both levels in the sentence of a pair: where no difference is stated beside them, as many as they
    need by themselves.
    """
    levels = 100 * c.new_mean, 100 * c.old_mean
    if is_nearly_same(c):
        return choose_decimals(*levels)
    if c.settled or (c.sign_assumed and c.verdict != TOO_FEW):
        return choose_decimals(*levels, levels[0] - levels[1])
    return choose_decimals(*levels)


def is_nearly_same(c: Comparison) -> bool:
    """Whether it is settled which of two averages is higher, but they lie too near for that to mean anything."""
    gap, larger = abs(c.difference), max(abs(c.new_mean), abs(c.old_mean))
    told = c.verdict not in (verdicts.SAME, TOO_FEW) and (c.settled or c.sign_assumed)
    return bool(told) and gap < NEARLY and gap < NEARLY_PART * larger


def _write_caveat(c: Comparison, both: bool, span: str = "") -> tuple[str, tuple[str, ...]]:
    """The caveat of a comparison, which names its years if `span` does, and the numbers in it: both ends of the range,
    of what the sentence's subject gives more, and the margin.
    """
    if c.verdict in (verdicts.SAME, TOO_FEW):
        return get_template("answer.caveat.none"), ()
    ends = c.likely if c.difference >= 0 else (-c.likely[1], -c.likely[0])
    margin, said = format_share_size(c.margin), format_gap_range(*ends)
    new, old = name_sides(c, both)
    template = get_template("answer.caveat.pair.years" if span else "answer.caveat.pair")
    low, _, high = said.partition(" to ")
    return template.format(range=said, new=new, old=old, margin=margin, span=span), (low, high or low, margin)


def name_sides(c: Comparison, both: bool) -> tuple[str, str]:
    """The two sides of a comparison as the cards name them, the one that gives more on average first; the second of
    `c` is a policy if `both` are.
    """
    new, old = quote_title(c.new), quote_title(c.old) if both else OLD
    return (new, old) if c.difference >= 0 else (old, new)


def describe_against_today(c: Comparison, fund: float) -> str:
    """A policy against today's rules, as a card says it; `fund` is £m a year."""
    words, template = describe_pair(c, c.outcome.name, False, fund)
    return get_template(template).format_map(words)


def measure_fund(run: Results, span: slice) -> float:
    """The fund over some years, £m a year."""
    return float(np.ascontiguousarray(run.nation["funding"][:, span]).ravel().mean())


def describe_pair(c: Comparison, outcome: str, both: bool, fund: float) -> tuple[dict[str, str], str]:
    """Two policies (or, unless `both`, a policy and today's rules): the words of a sentence whose subject is who does
    more, and its template.
    """
    ahead = c.difference >= 0
    first, second = (c.new, c.old) if ahead else (c.old, c.new)
    new_mean, old_mean = (c.new_mean, c.old_mean) if ahead else (c.old_mean, c.new_mean)
    today_first = not both and not ahead
    decimals = choose_level_places(c)
    more, less = (c.better, c.worse) if ahead == (c.outcome.better >= 0) else (c.worse, c.better)
    levels = {
        "new_level": format_amount(100 * new_mean, decimals),
        "old_level": format_amount(100 * old_mean, decimals),
    }
    alike = "_alike" if levels["new_level"] == levels["old_level"] else ""
    words = {
        "new": first,
        "old": OLD if not both and ahead else quote_title(second),
        "more": get_template(f"answer.more{'_many' if today_first else ''}.{outcome}"),
        "count": format_count(more, c.n),
        "rest": sentences.describe_rest(more, less, c.same, c.n),
        "size": format_amount_between(100 * new_mean, 100 * old_mean, decimals),
        **levels,
        "levels": get_template(f"answer.pair.levels{alike}").format_map(levels),
        "millions": format_level(abs(c.difference) * fund, Unit.MILLIONS),
        "n": f"{c.n:,}",
        "too_few": describe_too_few(c.n),
    }
    return words, f"answer.pair.{_choose_template(c, ahead, today_first, mixed=more < less)}"


def _choose_template(c: Comparison, ahead: bool, today_first: bool, mixed: bool) -> str:
    """The template of a pair. `mixed`: who does more on average does more in fewer futures than the other."""
    if c.verdict == verdicts.SAME:
        return "alike"
    if c.verdict == TOO_FEW:
        return "too_few"
    if is_nearly_same(c):
        return "nearly"
    if c.sign_assumed and (c.assumed > 0) == ahead:
        return "today_assumed" if today_first else "assumed"
    if not c.settled:
        return "not_settled"
    return f"{'today_more' if today_first else 'more'}{'_mixed' if mixed else ''}"
