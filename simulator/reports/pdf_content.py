"""What stands in the printed briefing: words, pictures and tables, worked out from a study."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import NamedTuple

from simulator.calibration.scoreboard import Line
from simulator.charts import squares as pictures
from simulator.charts.over_time import Course, draw_over_time
from simulator.charts.sheets import make_sheet
from simulator.common.formatting import format_absolute
from simulator.declarations.outcomes import OUTCOMES, Outcome
from simulator.experiments.core.paired_comparison import Comparison
from simulator.reports import content, provenance, sentences
from simulator.reports.answer_cards import AnswerCard, choose_pair_of_runs, describe_late_starts, write_answer_cards
from simulator.reports.cited_sentence import write_cited_sentence
from simulator.reports.content import Study, compute_range_80
from simulator.reports.first_page import FirstPage, write_first_page
from simulator.reports.limits import NO_BOARD, describe_judgement, list_failed_checks, list_limits, summarise_doubts
from simulator.reports.says_who import find_who_says
from simulator.reports.sources import list_entries, list_short_sources, list_sources
from simulator.runs.run import compare_results
from simulator.runs.run import run as run_scenario
from simulator.studies.examined_comparison import describe_averages, describe_carriers
from simulator.studies.matched_years import describe_matched_years
from simulator.studies.policy_parts import describe_parts, share_out

MOST_MOVES = 16
MOST_CARRIED = 1
SQUARES = (
    "A square is £1. Solid: in 9 of 10 futures. Solid and paler: on average. Dashed: to the upper end of 8 in 10 "
    "results."
)
DOTS = "Mark: average difference from today's rules in the same future. Thick line: 8 in 10 results; thin: 95 in 100."
NUMBERS = (
    "Outcome",
    "Scenario",
    "Average",
    "More futures could move it by",
    "80 in 100 futures",
    "95 in 100 futures",
    "Better",
    "Verdict",
)
MOVES = ("Lever", "In", "Change", "Because", "Size of the move", "Its effect")


class Figure(NamedTuple):
    """A picture with the sentence above it, words below it, and how wide it stands (share of the page)."""

    title: str
    svg: str
    words: tuple[str, ...]
    width: float = 1.0


class Front(NamedTuple):
    """The answer: the first page; and behind it three sentences with their caveats, a line on what each policy changes
    and its parts add, what they rest on, a link or "", and the sources in full for the annex; `against` compares each
    further policy with those of the cards.
    """

    first: FirstPage
    cards: tuple[AnswerCard, ...]
    changes: tuple[str, ...]
    assumes: tuple[str, ...]
    link: str = ""
    whole_sources: tuple[str, ...] = ()
    against: tuple[str, ...] = ()


class Briefing(NamedTuple):
    """Everything that a printed briefing says. `rows` belong to `NUMBERS`, `moves` to `MOVES`."""

    question: str
    headline: str
    sure: str
    front: Front
    badge: str
    figures: tuple[Figure, ...]
    numbers: str
    rows: tuple[tuple[str, ...], ...]
    moves: tuple[tuple[str, ...], ...]
    unsaid: tuple[str, ...]
    precision: str
    facts: tuple[tuple[str, str], ...]
    commands: tuple[str, ...]
    citation: str
    licence: str
    version: str
    date: dt.date


def make_briefing(study: Study, today: dt.date, question: str, lines: Sequence[Line] = ()) -> Briefing:
    """The briefing about the money kept, over the years that the report is about; `lines` are the scoreboard's."""
    main = study.of("retained")
    manifest = study.baseline.manifest
    headline = sentences.write_headline(main)
    return Briefing(
        question=question,
        headline=headline,
        sure=sentences.describe_certainty(main) + describe_late_starts(study.runs, study.span, "retained"),
        front=make_front(study, "retained", describe_carriers(study.examined), lines=lines, parts=_tell_parts(study)),
        badge=sentences.capitalise_first(manifest.badge),
        figures=(
            make_cards_figure(study, OUTCOMES["retained"], headline),
            make_course_figure(study),
            make_differences_figure(study),
            make_money_figure(study),
        ),
        numbers=f"Paired differences from today's rules, {sentences.format_span(study.years)}",
        rows=make_number_rows(study.comparisons),
        moves=make_move_rows(study),
        unsaid=(describe_judgement(), *list_limits(study.scenarios[1:], lines=lines)),
        precision=provenance.describe_precision(study.comparisons),
        facts=tuple(provenance.list_facts(study)),
        commands=tuple(provenance.write_commands(study, [("--pdf", "briefing.pdf")])),
        citation=provenance.write_citation(study, write_cited_sentence(study.runs, study.span)),
        licence=provenance.describe_licence(study),
        version=manifest.version,
        date=today,
    )


def make_front(
    study: Study,
    outcome: str,
    carried: Sequence[str],
    link: str = "",
    lines: Sequence[Line] = (),
    parts: Mapping[str, str] = MappingProxyType({}),
) -> Front:
    """The answer of a study of an outcome; `carried` are the sentences that name what carries each verdict, `lines`
    the scoreboard's, and `parts` what the parts of each policy add, by its title.
    """
    cards = write_answer_cards(study.runs, outcome, study.span, study.letters)
    changed = [
        f"{sentences.quote_title(title)}: {sentences.lower_first(said)} {parts.get(title, '')}".rstrip()
        for title, said in provenance.summarise_changes(study.scenarios[1:])
    ]
    whose = [find_who_says(study.runs, card.outcome, study.span, card.new, card.old) for card in cards]
    short, whole = list_short_sources(whose, of_fund=True), list_sources(list_entries(whose, of_fund=True))
    failed = list_failed_checks(study.scenarios[1:], lines)
    meaning = f"{OUTCOMES[outcome].label}: {OUTCOMES[outcome].meaning}."
    assumes = (
        meaning,
        describe_judgement(),
        summarise_doubts(outcome, lines),
        *failed,
        *carried[:MOST_CARRIED],
        NO_BOARD,
    )
    against = tuple(_compare_further(study, outcome))
    first = write_first_page(study, cards, lines, short)
    return Front(first, tuple(cards), tuple(changed), assumes, link, tuple(whole), against)


def _tell_parts(study: Study) -> dict[str, str]:
    """What the parts of each policy add to the money kept, by its title."""
    told, futures = {}, study.baseline.futures
    if futures is None:
        return {}
    for policy, result in zip(study.scenarios[1:], study.runs[1:], strict=True):
        shared = share_out(policy, partial(run_scenario, futures=futures, boards=study.boards), "retained", study.span)
        told[result.manifest.title] = describe_parts(shared, study.years)
    return told


def _compare_further(study: Study, outcome: str) -> Iterator[str]:
    """Each policy that the cards do not compare against the two that they do, and in the years in which both act."""
    runs, pair = study.runs, choose_pair_of_runs(study.runs)
    for new in range(1, len(runs)) if pair[1] else ():
        for old in () if new in pair else pair:
            c = compare_results(runs[new], runs[old], outcome, study.span)
            said = sentences.describe_comparison(c, sentences.quote_title(c.old))
            yield f"{said} {describe_matched_years(runs[new], runs[old], outcome, study.span)}".rstrip()


def make_cards_figure(study: Study, outcome: Outcome, description: str) -> Figure:
    """The 100 squares of each scenario, for an outcome that is a share of the fund."""
    shown: list[pictures.Card] = []
    for i, run in enumerate(study.runs):
        mean, likely = compute_range_80(run.outcome(outcome.name, study.span))
        shown.append(pictures.Card(run.manifest.title, study.styles[i], mean, likely, ""))
    drawn = pictures.draw_rows("", description, shown)
    title = f"{outcome.label}: £ in each £100, {sentences.format_span(study.years)}"
    return Figure(title, drawn, (SQUARES,))


def make_course_figure(study: Study) -> Figure:
    """All scenarios over time in one chart."""
    paths = content.make_paths(study)
    courses = []
    for i, run in enumerate(study.runs):
        quantiles = tuple(tuple(float(x) for x in row) for row in content.compute_bands(run, "retained"))
        first = max(0, run.manifest.start // 4 - 1) if i else 0
        courses.append(Course(run.manifest.title, study.styles[i], quantiles, first))
    lines = tuple(f"{style.letter}: {words}" for style, _, _, words in paths.panels)
    start, changes = content.find_first_start(study), content.list_later_changes(study)
    drawn = draw_over_time(courses, study.baseline.years, start, paths.title, " ".join(lines), changes)
    return Figure(paths.title, drawn, lines, 0.7)


def make_differences_figure(study: Study) -> Figure:
    """Paired differences on four outcomes, on one scale."""
    outcomes = content.make_differences(study)
    drawn = make_sheet([(outcome.title, outcome.picture) for outcome in outcomes], outcomes[0].tally, DOTS)
    words = (DOTS, *describe_averages(study.examined), *describe_carriers(study.examined))
    return Figure(f"{outcomes[0].tally} ({outcomes[0].title.lower()})", drawn, words, 0.82)


def make_money_figure(study: Study) -> Figure:
    """The cascade, scenario by scenario."""
    cascade = content.make_cascade(study)
    panels = [(f"{style.letter}  {title}", drawn) for style, title, drawn, _ in cascade.panels]
    words = (
        f"Averages over futures, {sentences.format_span(study.years)}. The upright mark shows where today's rules "
        "stand. Money that is taken still buys care, but not what this money is for.",
    )
    return Figure(cascade.title, make_sheet(panels, cascade.title, words[0]), words, 0.66)


def make_number_rows(comparisons: Sequence[Comparison]) -> tuple[tuple[str, ...], ...]:
    """Paired differences as rows of the table."""
    return tuple(_make_number_row(c) for c in comparisons)


def _make_number_row(c: Comparison) -> tuple[str, ...]:
    unit = c.outcome.unit
    likely, wide = (sentences.format_spread(*ends, c) for ends in (c.likely, c.wide))
    better = c.better_in if c.outcome.better else "–"
    return (
        c.outcome.label,
        c.new,
        c.signed_gap,
        format_absolute(c.margin, unit),
        likely,
        wide,
        better,
        c.verdict_words,
    )


def make_move_rows(study: Study) -> tuple[tuple[str, ...], ...]:
    """What the shown scenarios change and why; the longest lists are cut, and say so."""
    moves = provenance.list_moves(study.scenarios[1:])
    rows = [(move.lever, move.policy, move.what, move.because, move.rests, move.effect) for move in moves[:MOST_MOVES]]
    if len(moves) > MOST_MOVES:
        rows.append((f"… and {len(moves) - MOST_MOVES} more", "", "", "See the scenario files.", "", ""))
    return tuple(rows)
