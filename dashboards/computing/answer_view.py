"""An answer in numbers and words: the report's, for the chosen outcome and years."""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from markupsafe import Markup

from dashboards.computing.shared_rendering import ReadOnce, share_rendering
from dashboards.computing.worker import Answer
from dashboards.selection.own_titles import define_own_policies, describe_own_titles, name_for_post
from simulator.charts.labels import shorten
from simulator.charts.palette import Style
from simulator.charts.squares import Squares
from simulator.common.arrays import Floats
from simulator.common.formatting import FEWEST, format_average, format_end, format_pounds
from simulator.common.html import NOTHING, fill_each, join_pieces, mark_names
from simulator.common.sentence_templates import get_template
from simulator.experiments.core.paired_comparison import Comparison
from simulator.reports import provenance, sentences
from simulator.reports.answer_cards import (
    AnswerCard,
    choose_level_places,
    choose_pair_of_runs,
    describe_idle,
    describe_late_starts,
    name_best,
    write_answer_cards,
)
from simulator.reports.content import OutcomeStudy, compute_bands, draw_card_squares, measure_card
from simulator.reports.says_who import SaysWho, find_who_says, name_years_counted
from simulator.runs.futures import Futures
from simulator.runs.results import Results
from simulator.runs.run import compare_results
from simulator.studies.examined_comparison import describe_carriers, examine_all
from simulator.studies.reversed_structures import tell_ways
from simulator.studies.structural_average import StructuralResults, run_structures

_BANDS, _COMPARISONS, _CARDS = ReadOnce[Floats](), ReadOnce[Comparison](), ReadOnce[tuple[str, Squares]]()
MOST_TOGETHER = 8
"""Rows of a table that paper keeps on one sheet; a longer one is broken between rows."""

LONGEST_NAME = 80
"""Letters of a caption that the fold of its table shows."""

MOST_BESIDE = 6
"""Columns that a table has side by side on a phone."""


@dataclass(frozen=True)
class AnswerView(OutcomeStudy):
    """A study of the outcome and the years that the visitor chose. `first_look` says that more futures follow ("" if
    not): it stands wherever these numbers stand; so does `renamed`, what each
    policy is that has a title of somebody's own. `defined` says in a picture what the policies of somebody's own are
    whose titles do not. `posted` are the titles of the scenarios where nothing else says what
    they are.
    """

    first_look: str = ""
    renamed: tuple[str, ...] = ()
    defined: tuple[str, ...] = ()
    posted: tuple[str, ...] = ()

    @property
    def what(self) -> str:
        """The outcome in the middle of a sentence."""
        return self.about.label[0].lower() + self.about.label[1:]

    @cached_property
    def pairs(self) -> list[tuple[int, int, Comparison]]:
        """Every pair: the later scenario against the earlier."""
        runs = self.runs
        return [(j, i, self._compare(runs[j], runs[i])) for i in range(len(runs)) for j in range(i + 1, len(runs))]

    @cached_property
    def main(self) -> list[Comparison]:
        """Every policy against the first scenario on the chosen outcome."""
        return [self._compare(run, self.baseline) for run in self.runs[1:]]

    def _compare(self, new: Results, old: Results) -> Comparison:
        span = self.span
        asked = (self.outcome, span.start, span.stop, new.manifest, old.manifest)
        arrays = (new.nation, old.nation)
        return _COMPARISONS.read(arrays, asked, lambda: compare_results(new, old, self.outcome, span))

    def measure_card(self, run: Results) -> tuple[str, Squares]:
        """A scenario's 80% range in words, and how many of its 100 squares are of each kind."""
        span = self.span
        asked = (self.outcome, span.start, span.stop)
        return _CARDS.read((run.nation,), asked, lambda: measure_card(run.outcome(self.outcome, span)))

    @cached_property
    def carried(self) -> tuple[str, ...]:
        """The numbers that carry each verdict, a sentence each; none for a sign that is assumed."""
        if not self.main:
            return ()
        examined, between = examine_all(self.runs, self.main, self.span)
        return tuple(describe_carriers([*examined, *between]))

    @cached_property
    def ways(self) -> StructuralResults | None:
        """The scenarios in every other way to write the model; None for a first look, for too few futures, and with a
        posterior of one's own.
        """
        manifest = self.baseline.manifest
        if self.first_look or not self.main or manifest.posterior or manifest.source != "posterior":
            return None
        return run_structures(self.scenarios, manifest.futures, seed=manifest.seed, boards=self.boards)

    @cached_property
    def rendered(self) -> dict[Hashable, object]:
        """What pages made of it, for all visitors (`share_rendering`)."""
        return {}

    @cached_property
    def bands(self) -> list[Floats]:
        """The 10th and 25th centile, average, 75th and 90th centile by year, (5, years), for each scenario."""
        name = self.outcome
        return [_BANDS.read((run.nation,), name, lambda run=run: compute_bands(run, name)) for run in self.runs]  # type: ignore[misc]


class _SharedAnswer:
    """An answer as a key: two visitors who chose the same have the same one, though each has results of their own."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __hash__(self) -> int:
        return hash((self.answer.selection, self.answer.final, *(id(run.nation) for run in self.answer.results)))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _SharedAnswer)
            and (self.answer.selection, self.answer.final) == (other.answer.selection, other.answer.final)
            and len(self.answer.results) == len(other.answer.results)
            and all(a.nation is b.nation for a, b in zip(self.answer.results, other.answer.results, strict=True))
        )


def view_answer(answer: Answer) -> AnswerView:
    """An answer, read; what is worked out for it is there for every visitor who chose the same."""
    return _view_shared(_SharedAnswer(answer))


@lru_cache(maxsize=16)
def _view_shared(shared: _SharedAnswer) -> AnswerView:
    answer = shared.answer
    selection = answer.selection
    shown, years = selection.outcome, selection.years
    titles = [scenario.title for scenario in selection.scenarios]
    return AnswerView(
        selection.scenarios,
        answer.results,
        {},
        selection.boards,
        outcome=shown,
        wanted=years,
        letters=selection.letters,
        first_look=describe_first_look(answer),
        renamed=describe_own_titles(selection.slots, titles),
        defined=define_own_policies(selection.slots, titles),
        posted=tuple(map(name_for_post, selection.slots)),
    )


def describe_first_look(answer: Answer) -> str:
    """That an answer is a first look, in a sentence; "" for a final one."""
    if answer.final:
        return ""
    if answer.selection.until:
        return f"First look: {answer.futures:,} futures, and more are being run."
    return get_template("first_look").format(done=f"{answer.futures:,}", every=f"{answer.selection.futures:,}")


def find_futures(view: AnswerView) -> Futures:
    """The futures that an answer rests on."""
    futures = view.baseline.futures
    assert futures is not None
    return futures


@share_rendering
def find_who(view: AnswerView, card: AnswerCard) -> SaysWho:
    """What stands behind a card; what it turns on, and in how many ways to write the model it is the other way."""
    who = find_who_says(view.runs, card.outcome, view.span, card.new, card.old)
    told, shortly = find_ways(view, card)
    return replace(
        who, turns=" ".join(filter(None, (who.turns, told))), short=" ".join(filter(None, (who.short, shortly)))
    )


def find_ways(view: AnswerView, card: AnswerCard) -> tuple[str, str]:
    """How a comparison comes out in the ways to write the model, in full and in a few words; that it was not tried in
    them where it could not be. "" while more futures follow, and for too few.
    """
    if card.new == card.old or view.first_look or view.baseline.manifest.futures < FEWEST:
        return "", ""
    if view.ways is None:
        return (get_template("answer.ways.untried"),) * 2
    like = compare_results(view.runs[card.new], view.runs[card.old], card.outcome, view.span)
    averaged = view.ways.compare(card.new, card.old, like, view.span)
    return tell_ways(averaged, like, name_years_counted(view.runs, view.span))


@share_rendering
def write_headline(view: AnswerView) -> str:
    """The answer in one sentence."""
    level = float(view.baseline.outcome(view.outcome, view.span).mean())
    return sentences.write_answer(view.main, view.about, view.main[0].old_mean if view.main else level, view.years)


@share_rendering
def write_sentences(view: AnswerView) -> list[AnswerCard]:
    """The answer in three sentences, each with its caveat; none to be posted while more futures follow."""
    cards = write_answer_cards(view.runs, view.outcome, view.span, view.letters, view.posted)
    return [replace(card, short="") for card in cards] if view.first_look else cards


def list_letters(view: AnswerView) -> dict[str, str]:
    """The letter of each policy by its title."""
    return {run.manifest.title: view.letters[at] for at, run in enumerate(view.runs) if at}


def list_renamed(view: AnswerView, sentence: str) -> tuple[str, ...]:
    """What each policy of a sentence is that has a title of somebody's own."""
    return tuple(line for line in view.renamed if line.partition("”")[0] in sentence)


def find_asked_card(view: AnswerView) -> AnswerCard:
    """The card that answers what was asked: of two policies or of one, or of today's rules where there is none."""
    return write_sentences(view)[min(1, len(view.main))]


def quote_card(view: AnswerView, card: AnswerCard) -> tuple[str, str]:
    """A card as it is quoted: its sentence with what it turns on, and its caveat."""
    said = sentences.write_standalone(card.sentence, view.years)
    return " ".join(filter(None, (said, find_who(view, card).turns))), card.caveat


@share_rendering
def speak_of(view: AnswerView, at: int) -> tuple[str, str, str]:
    """The answer in one sentence about the policy at place `at`, which policy gives the most if that is another one (""
    if not), and how far to trust the sentence. Without such a policy it is about the one that does most.
    """
    if not 0 < at <= len(view.main):
        return write_headline(view), "", describe_certainty(view)
    own = view.main[at - 1]
    best = name_best(view.runs, view.main, view.span, view.outcome)
    headline = sentences.write_answer([own], view.about, own.old_mean, view.years)
    sure = " ".join((*list_renamed(view, headline), sentences.describe_certainty([own]) + _describe_remarks(view)))
    return headline, best[1] if best and best[0] != at - 1 else "", sure


@share_rendering
def describe_certainty(view: AnswerView) -> str:
    """How far to trust it."""
    if not view.main:
        return "Add a scenario in Build to compare it with today's rules in the same futures."
    return sentences.describe_certainty(view.main) + _describe_remarks(view)


def _describe_remarks(view: AnswerView) -> str:
    asked = (view.runs, view.span, view.outcome)
    return describe_late_starts(*asked) + describe_idle(*asked)


@dataclass(frozen=True)
class Card:
    """One scenario: its place, letter and look, title, pounds in each hundred, its range, a line, and its squares."""

    place: int
    style: Style
    title: str
    question: str
    share: str
    likely: str
    line: str
    squares: Squares

    @cached_property
    def picture(self) -> Markup:
        """Its 100 squares."""
        return self.draw(20)

    def draw(self, columns: int) -> Markup:
        """Its 100 squares, so many in a row."""
        key = f"card{self.place}"
        return draw_card_squares(key, self.title, self.style, self.share, self.likely, self.squares, columns)


def list_stated_levels(view: AnswerView, built: int = 0) -> list[str]:
    """What each scenario gives, with as many decimals as the sentence on two of them has, so that no level stands
    beside it with other digits and all can be compared: on the policy at place `built` and today's rules, or, for 0,
    on the two of the Answer page.
    """
    new, old = (built, 0) if built else choose_pair_of_runs(view.runs)
    means = [100 * float(run.outcome(view.outcome, view.span).mean()) for run in view.runs]
    if new == old:
        return [format_average(mean) for mean in means]
    decimals = choose_level_places(compare_results(view.runs[new], view.runs[old], view.outcome, view.span))
    return [format_average(mean, decimals) for mean in means]


@share_rendering
def make_cards(view: AnswerView, stated: bool = False, built: int = 0) -> list[Card]:
    """One card for each scenario, today's rules first. Levels have the digits that the headline needs, or, where they
    stand beside the sentence on two of them (`stated`, or on the policy at place `built`), those of this one.
    """
    cards: list[Card] = []
    level = float(view.baseline.outcome(view.outcome, view.span).mean())
    shares = list_stated_levels(view, built) if stated or built else sentences.format_levels(view.main, level)
    for i, run in enumerate(view.runs):
        style, title = view.styles[i], run.manifest.title
        line = sentences.write_card_line(view.main[i - 1]) if i else "What the others are compared with."
        likely, squares = view.measure_card(run)
        cards.append(Card(i, style, title, view.scenarios[i].question, shares[i], likely, line, squares))
    return cards


def render_cards(cards: list[Card], small: bool = False) -> Markup:
    """Cards side by side; `small` without squares, to stand beside the levers."""
    sections = []
    for card in cards:
        body = "" if small else Markup('<div class="squares">{}</div>').format(card.picture)
        sections.append(
            Markup(
                '<section class="card" style="border-top-color:{}"><h3><span class="letter" '
                'style="border-color:{}">{}</span> {}</h3><p class="big">{}<small> of each '
                "£100</small></p><p>8 in 10 results: {}</p>{}<p class='line'>{}</p></section>"
            ).format(
                card.style.colour,
                card.style.colour,
                card.style.letter,
                card.title,
                card.share,
                card.likely,
                body,
                card.line,
            )
        )
    return Markup('<div class="cards level{}">{}</div>').format(" small" if small else "", join_pieces(sections))


@share_rendering
def write_fan_chart_title(view: AnswerView) -> str:
    """A title for the chart over time that the numbers produce."""
    last = [float(band[2][-1]) for band in view.bands]
    finals = [(view.letters[i], run.manifest.title, last[i]) for i, run in enumerate(view.runs) if i]
    return sentences.write_course_title(view.about, last[0], finals, view.baseline.years[-1])


@share_rendering
def describe_fan_chart(view: AnswerView) -> list[str]:
    """What the chart over time shows, scenario by scenario."""
    return [
        sentences.describe_course(view.letters[i], run.manifest.title, band.tolist(), view.baseline.years)
        for i, (run, band) in enumerate(zip(view.runs, view.bands, strict=True))
    ]


@share_rendering
def render_fan_chart_table(view: AnswerView) -> Markup:
    """The numbers behind the chart over time."""
    rows = [
        (
            f"{view.letters[i]} {run.manifest.title}",
            [f"{format_pounds(q[2])} ({format_end(q[0])} to {format_end(q[4])})" for q in band.T],
        )
        for i, (run, band) in enumerate(zip(view.runs, view.bands, strict=True))
    ]
    caption = f"{view.about.label}: £ in each £100, average and 8 in 10 results"
    return render_table(caption, ("Scenario", *view.baseline.years), rows)


def render_table(
    caption: str, head: tuple[str, ...], rows: list[tuple[str, list[str]]], is_open: bool = False, name: str = ""
) -> Markup:
    """A real table, folded away unless it `is_open`. Its fold says what it shows: `name`, or else the caption. One of
    many columns stands row under row on a phone, where each cell says its column.
    """
    stacked = len(head) > MOST_BESIDE
    cell = Markup("<td data-column='{}'>{}</td>") if stacked else Markup("<td>{1}</td>")
    top = fill_each(Markup('<th scope="col">{}</th>'), head)
    row = Markup('<tr><th scope="row">{}</th>{}</tr>')
    body = join_pieces(
        row.format(name, join_pieces(map(cell.format, head[1:], map(mark_names, cells)))) for name, cells in rows
    )
    looks = ["short"] * (len(rows) <= MOST_TOGETHER) + ["stacked"] * stacked
    look = Markup(" class='{}'").format(" ".join(looks)) if looks else NOTHING
    return Markup(
        "<details{} data-fold='{}'><summary>Show the numbers: {}</summary><div class='wide' tabindex='0' role='region' "
        "aria-label='{}'><table{}><caption>{}</caption><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div></details>"
    ).format(
        " open" if is_open else "",
        name or re.split(r"[,:;(] |\d", caption)[0],
        shorten(name or caption, LONGEST_NAME),
        caption,
        look,
        caption,
        top,
        body,
    )


def write_provenance_line(view: AnswerView) -> str:
    """The line under every figure that says how it was made, and what policies are whose titles do not say it."""
    return " ".join(filter(None, (view.first_look, provenance.write_source_line(view), *view.renamed)))
