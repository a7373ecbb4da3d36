"""A comparison as an Excel workbook: Summary, Pairs, By year, Boards, Assumptions, and a page that explains them."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from simulator.common.arrays import Floats
from simulator.common.formatting import choose_decimals, round_as_shown
from simulator.common.units import Unit
from simulator.declarations.evidence import find_missing, load_register
from simulator.declarations.number import Role
from simulator.declarations.outcomes import BOARD_OUTCOMES, OUTCOMES
from simulator.experiments.core.clustered_errors import Z_95, standard_error
from simulator.experiments.core.paired_comparison import Comparison
from simulator.reports import provenance, sentences
from simulator.reports.answer_cards import describe_late_starts
from simulator.reports.cited_sentence import write_cited_sentence
from simulator.reports.content import CASCADE, DIFFERENCES, OutcomeStudy
from simulator.reports.excel_file import Cell, Column, LineChart, Sheet, make_excel_file
from simulator.reports.pair_table import make_pair_sheet
from simulator.reports.reference_tables import make_table
from simulator.runs.board_sums import sum_over_years
from simulator.runs.run import compare_results
from simulator.scenarios.library import BASELINE

SHARES_OF_FUND = (("funding",), ("pot", "direct"))
"""What outcomes are a share of where £m a year can be said of them: the whole fund, as given or as boards open it."""

THIRDS = ("least deprived", "middle", "most deprived")
NOT_A_FORECAST = (
    "No line is a forecast for a named board: names bring published facts, while finances and leaders are drawn afresh "
    "in every future."
)
Progress = Callable[[int, int], None]


def make_workbook(
    study: OutcomeStudy, commands: Sequence[str], today: dt.date, progress: Progress | None = None
) -> bytes:
    """The bytes of the workbook of a study whose first scenario is the one that the others are compared with.

    The boards' sheet runs every scenario once more, with every board's years; `progress(done, total)` counts futures.
    """
    title = f"{study.about.label}, {study.when}"
    sheets = [
        _make_summary(study),
        *([make_pair_sheet(study)] if len(study.runs) > 1 else []),
        _make_years(study),
        _make_boards(study, progress),
        _make_assumptions(study),
        _make_read_me(study, commands, today),
    ]
    return make_excel_file(sheets, title, provenance.write_source_line(study), today)


def _letter(study: OutcomeStudy, at: int) -> str:
    return study.letters[at % len(study.letters)]


def _scale(unit: Unit) -> float:
    return 100.0 if unit is Unit.SHARE else 1.0


def _unit(unit: Unit) -> str:
    return "£ in each £100" if unit is Unit.SHARE else unit.value


def _format(unit: Unit) -> str:
    return "0.0" if unit is Unit.SHARE else "#,##0.00"


def _make_summary(study: OutcomeStudy) -> Sheet:
    """A row for each scenario and outcome, the chosen outcome first; the others only if they have its unit."""
    unit, rows = study.about.unit, list[list[Cell]]()
    shown = "0.0#" if unit is Unit.SHARE else _format(unit)
    for name in dict.fromkeys((study.outcome, *DIFFERENCES)):
        if OUTCOMES[name].unit is unit:
            rows += _list_levels(study, name)
    words, look = _unit(unit), _format(unit)
    signed = f"+{look};-{look};0"
    columns = (
        Column("Scenario", width=9),
        Column("Title", width=34),
        Column("Outcome", width=26),
        Column(f"Average ({words})", shown, 14),
        Column("Average (£m a year)", "#,##0.0", 12),
        Column(f"8 in 10 results, from ({words})", look),
        Column(f"8 in 10 results, to ({words})", look),
        Column(f"Difference ({words})", f"+{shown};-{shown};0"),
        Column(f"More futures could move it by ({words})", shown, 20),
        Column(f"8 in 10 differences, from ({words})", signed),
        Column(f"8 in 10 differences, to ({words})", signed),
        Column("Better in (futures of 100)", "0", 14),
        Column("Verdict", width=26),
        Column("In a sentence", width=60),
        Column(f"Average, every digit ({words})", "0.0000", 14),
        Column(f"Difference, every digit ({words})", "+0.0000;-0.0000;0", 14),
    )
    base = study.baseline.manifest.title
    note = (
        f"This sheet holds one table. {sentences.describe_averaging(study.years)} Differences are from {base}, "
        "in the same futures, and are those of the averages as sentences show them. "
        f"{provenance.write_source_line(study)}"
    )
    return Sheet("Summary", f"{study.about.label}: scenarios compared", note, columns, rows)


def _list_levels(study: OutcomeStudy, name: str) -> list[list[Cell]]:
    """One outcome of every scenario, with its difference from the first."""
    about, rows = OUTCOMES[name], list[list[Cell]]()
    scale = _scale(about.unit)
    compared = [compare_results(run, study.baseline, name, study.span) for run in study.runs[1:]]
    shown = _round_levels(study, name, compared)
    for at, run in enumerate(study.runs):
        values = run.outcome(name, study.span)
        average, _, low, high = _describe(values)
        money = average * study.fund if about.by in SHARES_OF_FUND else None
        row: list[Cell] = [
            _letter(study, at),
            run.manifest.title,
            about.label,
            shown[at][0],
            money,
            scale * low,
            scale * high,
        ]
        if not at:
            rows.append([*row, *[None] * 7, scale * average, None])
            continue
        comparison = compared[at - 1]
        margin = scale * comparison.margin
        if about.unit is Unit.SHARE:
            margin = round(margin, choose_decimals(margin))
        said = (comparison.better_of_100, comparison.verdict_words, comparison.sentence)
        ends = (scale * end for end in comparison.likely)
        exact = (scale * average, scale * comparison.difference)
        rows.append([*row, shown[at][1], margin, *ends, *said, *exact])
    return rows


def _round_levels(study: OutcomeStudy, name: str, compared: Sequence[Comparison]) -> list[tuple[float, float]]:
    """The average of every scenario and its difference from the first, with the digits that sentences give them: a
    number that is shown twice is the same twice. The first has as many as any of the others needs.
    """
    unit, first = OUTCOMES[name].unit, _describe(study.baseline.outcome(name, study.span))[0]
    scale = _scale(unit)
    if unit is not Unit.SHARE or first != first:
        return [(scale * first, 0.0), *((scale * c.new_mean, scale * c.difference) for c in compared)]
    rounded = [round_as_shown(scale * c.new_mean, scale * c.old_mean) for c in compared]
    pairs = ((scale * c.new_mean, scale * c.old_mean) for c in compared)
    decimals = choose_decimals(scale * first, *(x for new, old in pairs for x in (new, new - old)))
    return [(round(scale * first, decimals), 0.0), *((new, difference) for new, _, difference in rounded)]


def _describe(values: Floats) -> tuple[float, float, float, float]:
    """Average, middle, 10th and 90th centile of the futures in which an outcome is defined; nan if there are none."""
    defined = values[np.isfinite(values)]
    if not defined.size:
        return (math.nan,) * 4
    middle, low, high = (float(x) for x in np.quantile(defined, (0.5, 0.1, 0.9)))
    return float(defined.mean()), middle, low, high


def _make_years(study: OutcomeStudy) -> Sheet:
    """A row for each scenario and year, with the chosen outcome in full and averages of the others."""
    about, years, rows = study.about, study.baseline.years, list[list[Cell]]()
    others = [OUTCOMES[name] for name in CASCADE if name != study.outcome]
    scale, fund = _scale(about.unit), study.baseline.nation["funding"].mean(axis=0)
    for at, run in enumerate(study.runs):
        chosen, means = run.each_year(study.outcome), [run.each_year(other.name) for other in others]
        for column, year in enumerate(years):
            average, *spread = _describe(chosen[:, column])
            rows.append(
                [
                    _letter(study, at),
                    run.manifest.title,
                    year,
                    *(scale * x for x in (average, *spread)),
                    average * float(fund[column]) if about.by in SHARES_OF_FUND else None,
                    *(100 * _describe(mean[:, column])[0] for mean in means),
                ]
            )
    unit, look = _unit(about.unit), _format(about.unit)
    columns = (
        Column("Scenario", width=9),
        Column("Title", width=34),
        Column("Financial year", width=11),
        Column(f"{about.label}: average ({unit})", look),
        Column(f"{about.label}: middle result ({unit})", look),
        Column(f"{about.label}: 8 in 10 results, from ({unit})", look),
        Column(f"{about.label}: 8 in 10 results, to ({unit})", look),
        Column(f"{about.label}: average (£m)", "#,##0.0"),
        *(Column(f"{other.label}: average (£ in each £100)", "0.0") for other in others),
    )
    titles = [f"{_letter(study, at)} {run.manifest.title}" for at, run in enumerate(study.runs)]
    lines = tuple(
        (title, at * len(years), (at + 1) * len(years) - 1, study.styles[at].colour) for at, title in enumerate(titles)
    )
    ends = [(rows[first][3], rows[last][3]) for _, first, last, _ in lines]
    said = " ".join(
        f"{title} goes from {first:.1f} in {years[0]} to {last:.1f} in {years[-1]}."
        for title, (first, last) in zip(titles, ends, strict=True)
    )
    chart = LineChart(
        f"{about.label}, average", f"Lines over the years, in {unit}. {said}", "Financial year", unit, 2, 3, lines
    )
    note = "This sheet holds one table and, to its right, a chart of the averages in it."
    return Sheet("By year", f"{about.label}, year by year", note, columns, rows, chart)


def _make_boards(study: OutcomeStudy, progress: Progress | None) -> Sheet:
    """A row for each board: its facts, what it keeps under each scenario, and the difference that each makes."""
    name = study.outcome if study.outcome in BOARD_OUTCOMES else "retained"
    about, boards, futures = OUTCOMES[name], study.boards, study.baseline.futures
    each = np.arange(len(boards), dtype=np.int64)
    shares = []
    if futures is not None:
        total = len(study.runs) * len(futures)
        for at, scenario in enumerate(study.scenarios):
            report = partial(_report_part, progress, at * len(futures), total)
            sums = sum_over_years(scenario, futures, boards, study.span, report)
            shares.append(100 * sums.compute_shares(name, each))
    sets = study.baseline.sets
    thirds = boards.thirds()
    rows: list[list[Cell]] = []
    for i in boards.as_listed:
        facts: list[Cell] = [
            boards.codes[i],
            boards.names[i],
            boards.regions[i],
            boards.footprints[i] or boards.names[i],
            THIRDS[int(thirds[i])],
            float(boards.areas["alloc"][i]),
        ]
        levels = [_describe(share[:, i])[0] for share in shares]
        moves: list[Cell] = []
        for share in shares[1:]:
            difference = share[:, i] - shares[0][:, i]
            defined = np.isfinite(difference)
            error = standard_error(difference[defined], None if sets is None else sets[defined])
            moves += [_describe(difference)[0], Z_95 * error]
        rows.append([*facts, *levels, *moves])
    letters = [_letter(study, at) for at in range(len(shares))]
    columns = (
        Column("Code", width=8),
        Column("Board", width=44),
        Column("Region", width=24),
        Column("Board after mergers", width=40),
        Column("Third by deprivation", width=16),
        Column("Money in 2022/23 (£m a year)", "0.00", 14),
        *(Column(f"{letter}: average (£ in each £100)", "0.0", 14) for letter in letters),
        *(
            column
            for letter in letters[1:]
            for column in (
                Column(f"{letter}: difference from A (£ in each £100)", "+0.0;-0.0;0", 16),
                Column(f"{letter}: more futures could move the difference by (£ in each £100)", "0.0", 20),
            )
        ),
    )
    note = (
        f"This sheet holds one table. {about.label}, {study.when}, for each area as it was in 2022/23. {NOT_A_FORECAST}"
    )
    return Sheet("Boards", f"{about.label}, board by board", note, columns, rows)


def _report_part(progress: Progress | None, before: int, total: int, done: int) -> None:
    if progress is not None:
        progress(before + done, total)


def _make_assumptions(study: OutcomeStudy) -> Sheet:
    """What the scenarios change, with reasons, and then every uncertain number with what it rests on."""
    rows: list[list[Cell]] = []
    for move in provenance.list_moves(study.scenarios):
        numbers: list[Cell] = [None, None, None]
        because = [
            move.because,
            f"size: {move.rests}; effect: {move.effect}",
            move.evidence,
            _list_addresses(move.evidence),
        ]
        rows.append(["What a scenario changes", move.policy, move.lever, move.what, *numbers, *because])
    for line in make_table("parameters"):
        if line["role"] != Role.UNCERTAIN.value:
            continue
        ends: list[Cell] = [float(line[name]) for name in ("lowest", "default", "highest")]
        said = [line["prior"], line["badge"], line["evidence"], _list_addresses(line["evidence"])]
        rows.append(["An uncertain number", "all", line["meaning"], line["unit"], *ends, *said])
    columns = (
        Column("Kind", width=22),
        Column("Scenario", width=30),
        Column("What it is", width=44),
        Column("How it changes, or its unit", width=34),
        Column("Lowest (in the unit)", "General", 11),
        Column("Default (in the unit)", "General", 11),
        Column("Highest (in the unit)", "General", 11),
        Column("Reason, or how it is drawn", width=50),
        Column("What it rests on", width=34),
        Column("Evidence (entries of the register)", width=20),
        Column("Addresses of the evidence", width=50),
    )
    note = (
        "This sheet holds one table: first what the scenarios change and why, then every uncertain number of the "
        "model. “Judgement” means that nobody has measured it."
    )
    return Sheet("Assumptions", "What the answer rests on", note, columns, rows)


def _list_addresses(ids: str) -> str:
    register, wanted = load_register(), ids.replace(",", " ").split()
    return " ".join(url for i in wanted if not find_missing([i]) and i in register for url in register[i].url)


def _make_read_me(study: OutcomeStudy, commands: Sequence[str], today: dt.date) -> Sheet:
    about = study.about
    rows: list[list[Cell]] = [["Question", "What would keep health inequalities money for its purpose?"]]
    headline = _write_headline(study)
    rows += [
        ["Answer", headline],
        [f"Outcome: {about.label}", about.meaning],
        ["Fund", provenance.describe_fund(study)],
        [
            "£ in each £100",
            "Of each £100 of the fund. 72 means 72%. A difference of 2 is £2 in each £100, or 2 points.",
        ],
        ["8 in 10 results", "Of 10 futures, 8 lie between these ends: chance, and what nobody has measured."],
        [
            "More futures could move it by",
            "How far the average could still move (95%); not how far the model may be wrong.",
        ],
        ["The same futures", "Every scenario meets the same chance events, so a difference is due to the policy."],
        ["Boards", NOT_A_FORECAST],
        [
            "Numbers",
            "Averages and differences on Summary have the digits of the sentence beside them, and every digit in the "
            "last two columns. Other cells hold every digit and show a few. Nothing in this file is a formula.",
        ],
    ]
    rows += [
        [f"What {sentences.quote_title(title)} changes", said]
        for title, said in provenance.summarise_changes(study.scenarios[1:])
    ]
    rows += [
        ["What it cannot say", f"{title}: {words}"] for title, words in provenance.list_unsaid(study.scenarios[1:])
    ]
    rows += [["To make it again", command] for command in commands]
    rows += [["", sentence] for sentence in provenance.list_needs(study.recipe)]
    rows += [[name, value] for name, value in provenance.list_facts(study)]
    rows += [
        ["To cite it", provenance.write_citation(study, _write_cited(study, headline))],
        ["Licence", provenance.describe_licence(study)],
        ["Assurance", provenance.NOT_ASSURED],
        ["Date", today.isoformat()],
    ]
    columns = (Column("Item", width=30), Column("Explanation", width=60))
    return Sheet("Read me", "How to read this workbook", "This sheet holds one table.", columns, rows)


def _write_cited(study: OutcomeStudy, headline: str) -> str:
    """What is cited: as on the Answer page where the policies are held against today's rules."""
    against_today = study.scenarios[0].name == BASELINE
    return write_cited_sentence(study.runs, study.span, study.outcome) if against_today else headline


def _write_headline(study: OutcomeStudy) -> str:
    """The answer in a sentence or a few; those of the report speak of today's rules, which need not be the first."""
    if study.scenarios[0].name != BASELINE:
        return " ".join(comparison.sentence for comparison in study.main)
    level = study.main[0].old_mean if study.main else float(study.baseline.outcome(study.outcome, study.span).mean())
    answer = sentences.write_answer(study.main, study.about, level, study.years)
    late = describe_late_starts(study.runs, study.span, study.outcome)
    return f"{answer} {sentences.describe_certainty(study.main)}{late}" if study.main else answer
