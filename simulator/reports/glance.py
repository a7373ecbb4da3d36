"""A comparison for whoever glances at a picture: one short sentence, and how sure it is in a line or two.

`dashboards/offline/page/answer.js` says the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from simulator.common.formatting import TOO_FEW, format_end, format_gap_range, format_pounds
from simulator.common.sentence_templates import get_template
from simulator.declarations.parameters import PARAMETERS
from simulator.experiments.core.paired_comparison import Comparison
from simulator.experiments.core.verdicts import SAME
from simulator.reports.answer_cards import NEW_MONEY, describe_pair, list_late_starts, name_sides
from simulator.reports.sentences import OLD, capitalise_first, lower_first
from simulator.reports.unmeasured import list_unmeasured, say_unmeasured
from simulator.runs.results import Results
from simulator.runs.run import compare_results

LONGEST = 124
"""What no source measures is said in full in so many letters, else in short sentences, else in one."""
_WAYS = ("more", "less")


class Glance(NamedTuple):
    """A short sentence, and how sure it is: its range, how often it is so, and what of it no source measures."""

    sentence: str
    sure: str


def glance_at(runs: Sequence[Results], outcome: str, span: slice, new: int, old: int) -> Glance:
    """Results that share their futures, today's rules first: the policy at place `new` against the scenario at `old`,
    or today's rules alone where both are 0.
    """
    if not new:
        return _glance_at_level(runs[0], outcome, span)
    c = compare_results(runs[new], runs[old], outcome, span)
    sentence, sure = glance_at_pair(c, both=old > 0)
    late = get_template("picture.late") if list_late_starts(runs, span) else ""
    judged = get_template("short.additional") if outcome == NEW_MONEY and c.verdict not in (SAME, TOO_FEW) else ""
    kinds = [] if c.verdict == SAME else list_unmeasured(runs[new], runs[old], outcome)
    return Glance(sentence, " ".join(filter(None, (sure, late, judged, say_unmeasured_shortly(kinds)))))


def _glance_at_level(run: Results, outcome: str, span: slice) -> Glance:
    values = run.outcome(outcome, span)
    low, high = (format_end(float(x)) for x in np.quantile(values, (0.1, 0.9)))
    level, does = format_pounds(float(values.mean())), get_template(f"answer.does.{outcome}")
    sentence = get_template("picture.alone").format(old=OLD, level=level, does=does)
    return Glance(sentence, get_template("picture.range").format(range=" to ".join(dict.fromkeys((low, high)))))


def glance_at_pair(c: Comparison, both: bool) -> tuple[str, str]:
    """Two policies if `both`, else a policy and today's rules: the sentence, and its range with how often it is so, ""
    where there is neither.
    """
    words, template = describe_pair(c, c.outcome.name, both, 0.0)
    kind = template.removeprefix("answer.pair.")
    if kind == "too_few":
        return get_template(template).format_map(words), ""
    sides, ends = name_sides(c, both), c.likely if c.difference >= 0 else (-c.likely[1], -c.likely[0])
    short = {"alike": "same", "nearly": "nearly", "not_settled": "open"}.get(kind, "more")
    if kind.startswith("today_"):
        sides, short, ends = (sides[1], sides[0]), "less", c.likely
    key = f"picture.{short}.retained" if short in _WAYS and c.outcome.name == "retained" else f"picture.{short}"
    what = lower_first(c.outcome.label)
    sentence = get_template(key).format(new=sides[0], old=sides[1], size=words["size"], what=what)
    sure = get_template("picture.range").format(range=format_gap_range(*ends))
    if short not in _WAYS:
        told = get_template("picture.range.open").format(range=format_gap_range(*ends), new=sides[0], old=sides[1])
        return sentence, told if short == "open" else ""
    if kind.endswith("assumed"):
        return sentence, f"{sure} {get_template(f'picture.assumed.{short}')}"
    every = get_template("answer.pair.every")
    often = {"count": words["count"], "every": every if words["rest"] == every else ""}
    return sentence, f"{sure} {get_template(f'picture.count.{short}').format_map(often)}"


def say_unmeasured_shortly(kinds: Sequence[str]) -> str:
    """What no source measures of a difference, in as many words as a picture has room for; "" for nothing."""
    whole = say_unmeasured(kinds)
    if len(whole) <= LONGEST:
        return whole
    told = " ".join(map(_say_shortly, kinds))
    return told if len(told) <= LONGEST else get_template("short.rests.much")


def _say_shortly(kind: str) -> str:
    if kind in PARAMETERS:
        return get_template("short.rests.number").format(plain=capitalise_first(PARAMETERS[kind].about.plain))
    return get_template(f"short.rests.{kind}")
