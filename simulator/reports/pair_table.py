"""Every pair of the scenarios of a study as a table, the policies among them against each other as well."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.common.units import Unit
from simulator.experiments.core.paired_comparison import Comparison
from simulator.reports import sentences
from simulator.reports.content import OutcomeStudy
from simulator.reports.excel_file import Cell, Column, Sheet
from simulator.runs.run import compare_results
from simulator.studies.matched_years import compare_matched_years

NOTE = (
    "This sheet holds one table. Each row is a later scenario held against an earlier one, in the same futures. Where "
    "the two start in different years, a second row has the years in which both act."
)
EXACT = (
    " “In a sentence” subtracts the two averages as it shows them; the cell of a difference is exact, so the two may "
    "be up to 10p apart."
)


def make_pair_sheet(study: OutcomeStudy) -> Sheet:
    """A row for each pair on the chosen outcome, and one more for the years in which both act where starts differ:
    averages, difference, its range and margin, and in how many futures it is better, the same or worse.
    """
    share = study.about.unit is Unit.SHARE
    unit, look = ("£ in each £100", "0.0###") if share else (study.about.unit.value, "#,##0.00")
    signed = f"+{look};-{look};0"
    columns = (
        Column("Scenario", width=9),
        Column("Title", width=34),
        Column("Compared with", width=11),
        Column("Title of that", width=34),
        Column("Years", width=22),
        Column(f"Average ({unit})", look, 14),
        Column(f"Average of that ({unit})", look, 14),
        Column(f"Difference ({unit})", signed, 14),
        Column(f"More futures could move it by ({unit})", look, 20),
        Column(f"8 in 10 differences, from ({unit})", signed),
        Column(f"8 in 10 differences, to ({unit})", signed),
        Column("Futures", "0", 9),
        Column("Better in (futures)", "0", 11),
        Column("The same in (futures)", "0", 11),
        Column("Worse in (futures)", "0", 11),
        Column("Verdict", width=26),
        Column("In a sentence", width=60),
    )
    rows = [_make_row(study, new, old, c) for new, old, c in list_pairs(study)]
    return Sheet(
        "Pairs", f"{study.about.label}: every pair of scenarios", NOTE + (EXACT if share else ""), columns, rows
    )


def list_pairs(study: OutcomeStudy) -> Iterator[tuple[int, int, Comparison]]:
    """The places of each pair, new and old, with their comparison in all years, and in those in which both act."""
    for new in range(1, len(study.runs)):
        for old in range(new):
            pair = study.runs[new], study.runs[old]
            yield new, old, compare_results(*pair, study.outcome, study.span)
            matched = compare_matched_years(*pair, study.outcome, study.span)
            if matched is not None:
                yield new, old, matched


def _make_row(study: OutcomeStudy, new: int, old: int, c: Comparison) -> list[Cell]:
    scale = 100.0 if c.outcome.unit is Unit.SHARE else 1.0
    first, last = c.years
    sizes = (c.new_mean, c.old_mean, c.difference, c.margin, *c.likely)
    letters = study.letters
    return [
        letters[new % len(letters)],
        c.new,
        letters[old % len(letters)],
        c.old,
        sentences.format_span((first, last)),
        *(scale * size for size in sizes),
        c.n,
        c.better,
        c.same,
        c.worse,
        c.verdict_words,
        c.sentence,
    ]
