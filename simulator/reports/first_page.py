"""What stands on the first page of the printed briefing, to be read in a minute; all else follows behind it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from simulator.calibration.scoreboard import Line
from simulator.charts.labels import shorten
from simulator.common.formatting import join_words
from simulator.common.sentence_templates import get_template
from simulator.reports.answer_cards import AnswerCard
from simulator.reports.check_words import describe_history
from simulator.reports.content import Study
from simulator.reports.limits import find_failures
from simulator.reports.provenance import NOT_ASSURED, count_badges
from simulator.reports.sentences import format_span, lower_first, quote_title
from simulator.runs.run import compare_results
from simulator.scenarios.library import library
from simulator.scenarios.policy_sentence import write_policy_sentence
from simulator.scenarios.scenario import load_scenario
from simulator.studies.matched_years import find_matched_span, is_known
from simulator.studies.policy_parts import list_parts

MOST_WORDS = 262
"""So many words at most of the answer, of what is changed and of the chart: the rest of the page has nearly as many."""

WORDS_OF_A_ROW = 14
"""Of the chart, for each scenario."""

MOST_FAILURES = 2
LONGEST_TITLE, LONGEST_SOURCES = 90, 90
"""Letters at most of a policy's name, and of the sources that are named on the page."""

_SENTENCE = re.compile(r"(?<=[.?]) (?=[A-Z“])")


class FirstPage(NamedTuple):
    """What money it is about; the sentences of the answer, each with what of its caveat must be seen at once or "";
    every policy against today's rules, "" without one; what is changed; what to know before relying on it; and the
    sources in a line, "" for none.
    """

    fund: str

    answer: tuple[tuple[str, str], ...]
    today: str
    changes: tuple[str, ...]
    rely: tuple[str, ...]
    sources: str


def write_first_page(
    study: Study, cards: Sequence[AnswerCard], lines: Sequence[Line], sources: Sequence[str]
) -> FirstPage:
    """The first page of a study: today's rules, then two policies, then the other outcome; `lines` of the scoreboard.

    A policy has its title where it is first named, and its letter from there on.
    """
    shown = [card for card in cards if card.new or card.key == "today"]
    letters = {run.manifest.title: study.letters[at] for at, run in enumerate(study.runs) if at}
    said = [words for card in shown for words in (_leave_others(card, letters), card.brief)]
    told = use_letters(said, letters)
    answer = list(zip(told[::2], _say_once(told[1::2]), strict=True))
    fund, today = get_template("front.fund"), _compare_with_today(study, cards[0].outcome)
    room = MOST_WORDS - WORDS_OF_A_ROW * len(study.runs)
    room -= _count_words([fund, today, *(words for pair in answer for words in pair)])
    return FirstPage(
        fund,
        tuple(answer),
        today,
        tuple(_list_changes(study, room)),
        tuple(_list_cautions(study, lines)),
        _name_sources(sources),
    )


def use_letters(texts: Sequence[str], letters: Mapping[str, str]) -> list[str]:
    """Texts in which a quoted title of `letters` is followed by its letter at first, and then is its letter alone."""
    titles = {quote_title(title): title for title in letters}
    named: set[str] = set()

    def name(found: re.Match[str]) -> str:
        title = titles[found[0]]
        if title in named:
            return letters[title]
        named.add(title)
        return f"{quote_title(shorten(title, LONGEST_TITLE))} ({letters[title]})"

    pattern = "|".join(re.escape(quoted) for quoted in sorted(titles, key=len, reverse=True))
    return [re.sub(pattern, name, text) if pattern else text for text in texts]


def _leave_others(card: AnswerCard, titles: Iterable[str]) -> str:
    """The sentence of a card without what further policies give, which stands in the chart."""
    sentence, (also, _, _) = card.sentence, get_template("answer.pair.also").partition("{level}")
    for title in titles:
        sentence, _, _ = sentence.partition(also.format(new=title))
    return sentence


def _say_once(briefs: Sequence[str]) -> Iterator[str]:
    """Caveats without the sentences that stand in an earlier one, and those on late starts of one year as one."""
    said: set[str] = set()
    for brief in briefs:
        fresh = [sentence for sentence in _SENTENCE.split(brief) if sentence not in said]
        said.update(fresh)
        late: dict[str, list[str]] = {}
        for sentence in fresh:
            if found := _match_late_start(sentence):
                late.setdefault(found["year"], []).append(found["new"])
        grouped = {year: letters for year, letters in late.items() if len(letters) > 1}
        told = [x for x in fresh if not ((found := _match_late_start(x)) and found["year"] in grouped)]
        many = get_template("front.late")
        yield " ".join([*told, *(many.format(new=join_words(new), year=year) for year, new in grouped.items())])


def _match_late_start(sentence: str) -> re.Match[str] | None:
    """The letter and the year of a sentence on a policy that starts late."""
    pattern = re.escape(get_template("answer.brief.late").replace("“{new}”", "NEW").replace("{year}", "YEAR"))
    return re.fullmatch(pattern.replace("NEW", "(?P<new>[A-Z])").replace("YEAR", "(?P<year>[0-9/]+)"), sentence)


def _count_words(texts: Iterable[str]) -> int:
    return sum(len(text.split()) for text in texts)


def _compare_with_today(study: Study, outcome: str) -> str:
    """How much more or less each policy gives than today's rules, in all years and in those in which all act, and which
    of them start before the years that are shown.
    """
    if len(study.runs) < 2:
        return ""
    told = [get_template("front.today").format(gaps=_list_gaps(study, outcome, study.span))]
    acting, years = find_matched_span(study.runs, study.span), study.baseline.years
    if acting is not None and all(is_known(run, outcome, acting) for run in study.runs):
        span = format_span((years[acting][0], years[acting][-1]))
        told.append(get_template("front.today.acting").format(span=span, gaps=_list_gaps(study, outcome, acting)))
    first = range(len(years))[study.span][0]
    before: dict[str, list[str]] = {}
    for letter, run in list(zip(study.letters, study.runs, strict=False))[1:]:
        if 0 <= run.manifest.start < 4 * first:
            before.setdefault(years[run.manifest.start // 4], []).append(letter)
    if before:
        since = get_template("front.before.from")
        starts = join_words(
            [since.format(letters=join_words(letters), year=year) for year, letters in sorted(before.items())]
        )
        told.append(get_template("front.before").format(starts=starts))
    return " ".join(told)


def _list_gaps(study: Study, outcome: str, span: slice) -> str:
    """Every policy by its letter, with how much more or less it gives than today's rules."""
    compared = [compare_results(run, study.baseline, outcome, span) for run in study.runs[1:]]
    gaps = (f"{letter} {c.gap_words}" for letter, c in zip(study.letters[1:], compared, strict=False))
    return join_words(list(gaps))


def _list_changes(study: Study, room: int) -> list[str]:
    """What each policy of the chart changes, in about so many words: in full, or by the names of its parts where there
    is no room for that, and at last those of the library by when they start alone.
    """
    shipped = {load_scenario(name).fingerprint for name in library()}
    policies = {at: policy for at, policy in enumerate(study.scenarios) if at and policy.changes}
    built = {at for at in policies if policies[at].fingerprint not in shipped}
    whole = {at: _tell_change(study, at) for at in policies}
    parts = {at: _name_parts(study, at) for at in policies}
    for short in (set[int](), policies.keys() - built, policies.keys()):
        told = [parts[at] if at in short else whole[at] for at in policies]
        if _count_words(told) <= room:
            return told
    starts: dict[str, list[str]] = {}
    for at in policies.keys() - built:
        starts.setdefault(_name_start(study, at), []).append(study.letters[at])
    template = get_template("front.changes.library")
    rest = (template.format(letters=join_words(sorted(letters)), year=year) for year, letters in sorted(starts.items()))
    return [*(parts[at] for at in sorted(built)), *rest]


def _tell_change(study: Study, at: int) -> str:
    said = lower_first(write_policy_sentence(study.scenarios[at]))
    return get_template("front.changes").format(letter=study.letters[at], said=said)


def _name_parts(study: Study, at: int) -> str:
    """What a policy consists of, and from when."""
    parts = join_words(list(list_parts(study.scenarios[at])))
    return get_template("front.changes.parts").format(
        letter=study.letters[at], parts=parts, year=_name_start(study, at)
    )


def _name_start(study: Study, at: int) -> str:
    return study.baseline.years[max(study.runs[at].manifest.start, 0) // 4]


def _list_cautions(study: Study, lines: Sequence[Line]) -> Iterator[str]:
    """What to know before relying on the answer, a short line each."""
    badges = count_badges()
    yield f"{NOT_ASSURED} " + get_template("front.judgement").format(judged=badges["judgement"], every=badges.total())
    yield f"{describe_history(lines, 'front.history')} {get_template('front.levels')}".lstrip()
    letters = {policy.title: study.letters[at] for at, policy in enumerate(study.scenarios)}
    failures = find_failures(study.scenarios[1:], lines)
    for means, policies in list(failures.items())[:MOST_FAILURES]:
        whose = join_words([letters[title] for title in policies])
        yield get_template("front.failed").format(letters=whose, means=lower_first(means))
    more = len(failures) - MOST_FAILURES
    yield get_template("front.more" if more > 0 else "front.where").format(more=more)


def _name_sources(sources: Sequence[str]) -> str:
    """As many of the sources as stand on a line, and how many more there are; "" for none."""
    named = [
        source for at, source in enumerate(sources) if not at or len("; ".join(sources[: at + 1])) < LONGEST_SOURCES
    ]
    if not named:
        return ""
    template = get_template("front.sources" if len(named) == len(sources) else "front.sources.more")
    return template.format(named="; ".join(named), more=len(sources) - len(named))
