"""Two policies in the years in which both act, so that a later start is not read as weakness.

An average over years in which one of the two does not act yet says as much of its start as of what it does.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator.common.sentence_templates import get_template
from simulator.experiments.core.paired_comparison import Comparison
from simulator.experiments.core.verdicts import NOT_SETTLED, SAME
from simulator.runs.results import Results
from simulator.runs.run import compare_results


def starts_late(run: Results, years: range) -> bool:
    """Whether a policy starts after the first of these years (places), and not after the last."""
    return run.manifest.start // 4 in years[1:]


def find_matched_span(runs: Sequence[Results], span: slice) -> slice | None:
    """The years of `span` in which each of `runs` acts the whole year through, or the last alone where there are none;
    None where none of them starts after the first year. Today's rules act in every year.
    """
    years = range(len(runs[0].years))[span]
    if not any(starts_late(run, years) for run in runs):
        return None
    first = max(-(-run.manifest.start // 4) for run in runs)
    return slice(min(first, years[-1]), years[-1] + 1)


def is_known(run: Results, outcome: str, span: slice) -> bool:
    """Whether an outcome is defined in any future of these years: of a fund that is nil no share is kept."""
    return bool(np.isfinite(run.each_year(outcome)[:, span]).any())


def find_matched_years(new: Results, old: Results, outcome: str, span: slice) -> slice | None:
    """The years of `span` in which both act; None where both act in all, or nothing is known of the outcome there."""
    matched = find_matched_span((new, old), span)
    if matched is None or not all(is_known(run, outcome, matched) for run in (new, old)):
        return None
    return matched


def compare_matched_years(new: Results, old: Results, outcome: str, span: slice) -> Comparison | None:
    """The comparison of the years of `span` in which both act; None where both act in all, or nothing is known."""
    matched = find_matched_years(new, old, outcome, span)
    return None if matched is None else compare_results(new, old, outcome, matched)


def describe_matched_years(new: Results, old: Results, outcome: str, span: slice) -> str:
    """What holds of two policies, or of one and today's rules, in the years in which both act, in a short sentence that
    follows one on all years; "" where both act in all.
    """
    c = compare_matched_years(new, old, outcome, span)
    if c is None:
        return ""
    first, last = c.years
    both = old.manifest.start >= 0
    words = {
        "span": first if first == last else get_template("span").format(first=first, last=last),
        "new": c.new,
        "old": f"“{c.old}”" if both else "today's rules",
        "gap": c.average_words,
        "margin": c.margin_words,
        "range": c.write_range(c.likely),
        "settled": get_template("acting.not_settled") if c.verdict == NOT_SETTLED else "",
        "frequency": c.frequency_words,
    }
    kind = "same" if both and c.verdict == SAME else "both" if both else "one"
    return get_template(f"acting.{kind}").format_map(words)
