"""The charts of the dashboard as files: each a picture and the numbers behind it, from the same answer."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from functools import partial

from markupsafe import Markup

from dashboards.computing.answer_view import (
    AnswerView,
    describe_fan_chart,
    view_answer,
    write_fan_chart_title,
    write_headline,
    write_provenance_line,
)
from dashboards.computing.session import Session
from dashboards.export.chart_buttons import DownloadButtons, collect_facts, make_chart_buttons
from dashboards.export.chart_files import Cell, ChartExport
from simulator.charts import squares as pictures
from simulator.charts.axes import find_range_around_zero
from simulator.charts.differences import draw_intervals
from simulator.charts.labels import count_letters_that_fit
from simulator.charts.over_time import Course, draw_over_time
from simulator.charts.sheets import make_sheet
from simulator.common.errors import InputError
from simulator.common.html import NOTHING
from simulator.common.ranges import Range
from simulator.declarations.outcomes import OUTCOMES
from simulator.experiments.core.paired_comparison import Comparison
from simulator.reports import content, sentences
from simulator.reports.pdf_content import SQUARES

BANDS = ("10%", "25%", "average", "75%", "90%")
OWN_SCALE = 0.6
"""An outcome whose differences span less than this part of what all outcomes span has a scale of its own."""
YEARLY = ("raided_q1", "raided_q2", "raided_q3", "raided_q4", "rushed", "lapsed")


def export_cards(view: AnswerView) -> ChartExport:
    """The cards of 100 squares: mean, 80% range and frequency of every scenario."""
    cards: list[pictures.Card] = []
    rows: list[tuple[Cell, ...]] = []
    for i, run in enumerate(view.runs):
        mean, (low, high) = content.compute_range_80(run.outcome(view.outcome, view.span))
        says = view.main[i - 1].short_line if i else "the starting point"
        cards.append(pictures.Card(run.manifest.title, view.styles[i], mean, (low, high), says))
        better = _count_better(view.main[i - 1]) if i else ""
        facts = (view.letters[i], run.manifest.title, view.about.label, view.when)
        rows.append((*facts, *_round_all(mean, low, high), better))
    letters = count_letters_that_fit(216 * len(cards) - 8, 12)
    foot = textwrap.wrap(f"{view.about.label}: {view.about.meaning}. {SQUARES}", letters)
    drawn = pictures.draw_cards(
        f"Of each £100, {view.when}" if len(cards) > 1 else "", write_headline(view), cards, foot
    )
    head = ("scenario", "title", "outcome", "years", "mean share", "10%", "90%", "better in n of 100 futures")
    return ChartExport(write_headline(view), drawn, head, rows, write_provenance_line(view), collect_facts(view))


def _count_better(c: Comparison) -> Cell:
    return "" if c.better_of_100 is None else c.better_of_100


def _round_all(*values: float) -> tuple[float, ...]:
    return tuple(round(float(x), 6) for x in values)


def export_fan_chart(view: AnswerView) -> ChartExport:
    """The chart over time: averages and bands of every scenario by year."""
    rows: list[tuple[Cell, ...]] = [
        (view.letters[i], run.manifest.title, year, *_round_all(*centiles))
        for i, (run, band) in enumerate(zip(view.runs, view.bands, strict=True))
        for year, centiles in zip(view.baseline.years, band.T, strict=True)
    ]
    head = ("scenario", "title", "year", *BANDS)
    return ChartExport(
        write_fan_chart_title(view), draw_fan_chart(view), head, rows, write_provenance_line(view), collect_facts(view)
    )


def draw_fan_chart(view: AnswerView, keyed: bool = True) -> Markup:
    """Averages with bands (50 and 80 of 100 futures) for up to four scenarios; `keyed` with their titles below."""
    lines = []
    for i, (run, band) in enumerate(zip(view.runs, view.bands, strict=True)):
        quantiles = tuple(tuple(float(x) for x in row) for row in band)
        first = max(0, run.manifest.start // 4 - 1) if i else 0
        lines.append(Course(run.manifest.title, view.styles[i], quantiles, first))
    start = content.find_first_start(view)
    title, description = write_fan_chart_title(view), " ".join(describe_fan_chart(view))
    changes = content.list_later_changes(view)
    return draw_over_time(lines, view.baseline.years, start, title, description, changes, keyed=keyed)


def export_comparisons(view: AnswerView) -> ChartExport:
    """Paired differences from today's rules: the chosen outcome and the report's four. Raises ValueError for none."""
    if not view.main:
        raise InputError("there is nothing to compare yet; add a scenario in Build")
    panels: list[tuple[str, Markup]] = []
    rows: list[tuple[Cell, ...]] = []
    for name, group in group_comparisons(view).items():
        panels.append((group[0].outcome.label, draw_outcome_differences(view, name)))
        for letter, c in zip(view.letters[1:], group, strict=False):
            numbers = (c.difference, *c.likely, *c.wide, c.standard_error)
            rows.append(
                (letter, c.new, c.outcome.label, view.when, *(_round_all(*numbers)), _count_better(c), c.verdict)
            )
    title = f"{sentences.count_verdicts(view.main)} ({view.what}, {view.when})"
    description = " ".join(sentences.describe_comparison(c) for c in view.main)
    head = (
        "scenario",
        "title",
        "outcome",
        "years",
        "difference of shares",
        "10%",
        "90%",
        "2.5%",
        "97.5%",
        "standard error of the difference",
        "better in n of 100 futures",
        "verdict",
    )
    return ChartExport(
        title, make_sheet(panels, title, description), head, rows, write_provenance_line(view), collect_facts(view)
    )


def group_comparisons(view: AnswerView) -> dict[str, list[Comparison]]:
    """The comparisons with today's rules by outcome, the chosen one first."""
    names = dict.fromkeys((view.outcome, *content.DIFFERENCES))
    return {name: view.main if name == view.outcome else view.of(name) for name in names}


def draw_outcome_differences(view: AnswerView, name: str) -> Markup:
    """One outcome's dots and intervals, on the scale that all share; an outcome that needs far less has its own."""
    groups = group_comparisons(view)
    rows = content.make_intervals(groups[name], view.styles[1:])
    description = " ".join(sentences.describe_comparison(c) for c in groups[name])
    return draw_intervals(f"diff-{name}", groups[name][0].outcome.label, description, rows, choose_ends(groups, name))


def choose_ends(groups: dict[str, list[Comparison]], name: str) -> Range:
    """The ends of the axis of an outcome, in points: those that hold all outcomes, or its own where that is far
    shorter.
    """
    shared, own = (
        find_range_around_zero(100 * end for c in comparisons for end in (*c.wide, c.difference) if end == end)
        for comparisons in ([c for group in groups.values() for c in group], groups[name])
    )
    return own if own[1] - own[0] < OWN_SCALE * (shared[1] - shared[0]) else shared


def export_cascade(view: AnswerView) -> ChartExport:
    """Where each £100 goes, scenario by scenario."""
    steps = content.make_cascade(view)
    panels = [(f"{style.letter}  {title}", drawn) for style, title, drawn, _ in steps.panels]
    description = " ".join(f"{title}: {text}" for _, title, _, text in steps.panels)
    rows: list[tuple[Cell, ...]] = [
        (
            view.letters[i],
            run.manifest.title,
            view.when,
            *_round_all(*(run.outcome(name, view.span).mean() for name in content.CASCADE)),
        )
        for i, run in enumerate(view.runs)
    ]
    head = ("scenario", "title", "years", *(f"{OUTCOMES[name].label} (share)" for name in content.CASCADE))
    drawn = make_sheet(panels, steps.title, description)
    return ChartExport(steps.title, drawn, head, rows, write_provenance_line(view), collect_facts(view))


def export_money_taken_back(view: AnswerView) -> ChartExport:
    """What is taken back in each quarter, £m a year."""
    rows: list[tuple[Cell, ...]] = [
        (
            view.letters[i],
            run.manifest.title,
            view.when,
            *_round_all(*(run.outcome(n, view.span).mean() for n in YEARLY)),
        )
        for i, run in enumerate(view.runs)
    ]
    head = ("scenario", "title", "years", *(f"{OUTCOMES[name].label} (£m a year)" for name in YEARLY))
    title = f"What is taken back within the year, averages over futures, {view.when}"
    return ChartExport(title, NOTHING, head, rows, write_provenance_line(view), collect_facts(view))


def make_button_row(
    name: str, session: Session, chart: Callable[[AnswerView], ChartExport], picture: bool = True
) -> DownloadButtons:
    """Download buttons for a chart of the answer that is on the screen when somebody clicks."""
    return make_chart_buttons(name, partial(_export_answer, session, chart), picture)


def _export_answer(session: Session, chart: Callable[[AnswerView], ChartExport]) -> ChartExport:
    return chart(view_answer(session.require_answer()))
