"""Programmes: committing money, the year end, know-how and pilots."""

from typing import Annotated, NamedTuple

from simulator.common.units import Unit
from simulator.declarations.number import Defensible, Status, Strength, constant, uncertain
from simulator.declarations.priors import Beta, HalfNormal, Normal

# fmt: off
# One declaration a number, kept narrow: these modules are tables.

class Commitment(NamedTuple):
    """How fast loose money becomes commitments, and for how long."""

    commit_middle: Annotated[float, uncertain(
        Unit.SHARE, 0.05, 0.95, "Quarterly share of uncommitted money that an average board with a plan commits",
        Beta(8, 9), Status.EXPLORED, Strength.WM, "S06 S07 R11",
        "how quickly boards commit the money")] = 0.45
    commit_capacity: Annotated[float, uncertain(
        Unit.LOG_ODDS, 0, 5, "Rise in commitment speed per unit of management capacity",
        HalfNormal(1.5), Status.EXPLORED, Strength.A, "E63 F20",
        "how much faster boards with more managers commit the money")] = 1.5
    commit_lead: Annotated[float, uncertain(
        Unit.LOG_ODDS, 0, 3, "Rise in commitment speed from no lead to a lead who knows of the fund and has a seat",
        HalfNormal(0.6), Status.EXPLORED, Strength.A, "E58",
        "how much faster boards commit the money when their lead has a say")] = 0.5
    commit_knowhow: Annotated[float, uncertain(
        Unit.LOG_ODDS, 0, 5, "Rise in commitment speed from a new fund to a familiar one",
        HalfNormal(1.5), Status.EXPLORED, Strength.M, "E18 E86 R11 S06",
        "how much faster boards commit the money once they know the fund")] = 1.5
    knowhow_centre: Annotated[float, constant(
        Unit.STRENGTH, 0, 1, "Know-how at which commitment runs at its middle speed",
        Defensible(0.4, 0.8, "a fifth of the scale either way"))] = 0.6
    commit_plan: Annotated[float, uncertain(
        Unit.LOG_ODDS, 0, 3, "Rise in commitment speed from having a forward plan",
        HalfNormal(0.6), Status.EXPLORED, Strength.W, "E17 E18",
        "how much faster boards commit the money when they have a forward plan")] = 0.5
    commit_early: Annotated[float, uncertain(
        Unit.LOG_ODDS, 0, 3, "Rise in commitment speed from early release",
        HalfNormal(1.0), Status.EXPLORED, Strength.A, "S06 S11",
        "how much faster boards commit the money when it is released early")] = 0.8
    commit_noise: Annotated[float, constant(
        Unit.LOG_ODDS_SCALE, 0, 2, "Differences between areas in commitment speed, drawn anew each year (s.d.)",
        Defensible(0.2, 0.9, "from areas that are nearly alike to areas that differ widely"))] = 0.5
    multi_share: Annotated[float, uncertain(
        Unit.SHARE, 0.01, 0.99, "Share of commitments made beyond one year when money is recurrent",
        Beta(6, 5), Status.EXPLORED, Strength.W, "E62 S07",
        "how much of permanent money is committed beyond one year")] = 0.55
    multi_permit: Annotated[float, uncertain(
        Unit.LOG_ODDS, 0, 4, "Extra log-odds of multi-year commitment under explicit permission",
        HalfNormal(1.2), Status.EXPLORED, Strength.A, "E62",
        "how much more is committed for several years when that is expressly allowed")] = 1.0
    multi_unfunded: Annotated[float, constant(
        Unit.SHARE, 0, 1,
        "Multi-year commitment that permission allows when money is not recurrent, relative to recurrent money",
        Defensible(0.2, 0.8, "a share that nobody has measured: from a fifth to four fifths"))] = 0.5


class YearEnd(NamedTuple):
    """The rush at the year end and what is learnt by it."""

    rush_share: Annotated[float, uncertain(
        Unit.SHARE, 0, 1, "Share of uncommitted money spent in a hurry at year end",
        Beta(6, 4), Status.EXPLORED, Strength.W, "S11 E60",
        "how much of what is left is spent in a hurry at the year end")] = 0.6
    rush_quality: Annotated[float, uncertain(
        Unit.SHARE, 0.1, 1, "Front-line value of hurried spending, relative to other spending",
        Beta(6, 4), Status.EXPLORED, Strength.A, "S11 E96",
        "how much good hurried spending does")] = 0.6
    knowhow_start: Annotated[float, uncertain(
        Unit.STRENGTH, 0, 1, "Familiarity with the fund in its first year",
        Beta(3, 12), Status.EXPLORED, Strength.W, "E18 E95 R11",
        "how well boards know the fund in its first year")] = 0.2
    knowhow_gain: Annotated[float, uncertain(
        Unit.SHARE, 0, 1, "Yearly closing of the gap to full familiarity, named fund",
        Beta(6, 9), Status.EXPLORED, Strength.WM, "R11 E86",
        "how quickly boards come to know the fund")] = 0.4
    knowhow_unnamed: Annotated[float, constant(
        Unit.SHARE, 0, 1, "Part of the gain in know-how that is left when amounts are not named",
        Defensible(0.1, 0.6, "a share that nobody has measured, so the range is wide"))] = 0.3


class Pilots(NamedTuple):
    """Evaluating, renewing and mainstreaming pilots."""

    evaluate_base: Annotated[float, uncertain(
        Unit.LOG_ODDS, -3, 3, "Pull to evaluate a pilot",
        Normal(-0.3, 0.6), Status.EXPLORED, Strength.W, "E85 E87",
        "how often pilots are evaluated")] = -0.3
    evaluate_setaside: Annotated[float, uncertain(
        Unit.LOG_ODDS, 0, 4, "Rise in the pull to evaluate a pilot under a full evaluation set-aside",
        HalfNormal(1.5), Status.EXPLORED, Strength.A, "E82 E85",
        "how much more often pilots are evaluated when money is set aside for it")] = 1.5
    false_negative: Annotated[float, uncertain(
        Unit.SHARE, 0, 0.7, "Share of good pilots that an early evaluation misses",
        Beta(4, 16), Status.EXPLORED, Strength.A, "E87",
        "how often an early evaluation misses a pilot that works")] = 0.2
    evaluation_relief: Annotated[float, constant(
        Unit.SHARE, 0, 1, "Part of missed good results that a full evaluation set-aside avoids",
        Defensible(0.2, 0.8, "a share that nobody has measured: from a fifth to four fifths"))] = 0.5
    renew_base: Annotated[float, uncertain(
        Unit.LOG_ODDS, -3, 3, "Pull to renew a pilot",
        Normal(-0.3, 0.6), Status.EXPLORED, Strength.W, "E69",
        "how often pilots are renewed")] = -0.3
    renew_evidence: Annotated[float, uncertain(
        Unit.LOG_ODDS, 0, 4, "Pull to renew or mainstream a pilot after a favourable evaluation",
        HalfNormal(1.2), Status.EXPLORED, Strength.W, "E69",
        "how much a good evaluation helps a pilot to go on")] = 1.2
    evidence_against: Annotated[float, constant(
        Unit.RATIO, 0, 2, "Weight of an unfavourable evaluation against a favourable one",
        Defensible(0, 1, "from no weight to as much as a favourable result"))] = 0.5
    mainstream_base: Annotated[float, uncertain(
        Unit.LOG_ODDS, -5, 1, "Pull to mainstream a pilot that has run at least a year",
        Normal(-1.7, 0.5), Status.EXPLORED, Strength.W, "E70 S13",
        "how often pilots move into normal budgets")] = -1.7
    mainstream_route: Annotated[float, uncertain(
        Unit.LOG_ODDS, 0, 4, "Further pull to mainstream a pilot where there is a set route into mainstream budgets",
        HalfNormal(1.0), Status.EXPLORED, Strength.A, "E70",
        "how much a set route helps pilots into normal budgets")] = 1.0
    mainstream_most: Annotated[float, constant(
        Unit.SHARE, 0, 1, "Largest part of a year's spending that a mainstreamed pilot can become",
        Defensible(0.25, 0.75, "a share that nobody has measured: from a quarter to three quarters"))] = 0.5
    pilot_character: Annotated[float, constant(
        Unit.SHARE, 0, 1, "Part of the board's character that bears on a pilot's fate",
        Defensible(0, 1, "from none of it to all of it"))] = 0.3
    pilot_pressure: Annotated[float, constant(
        Unit.SHARE, 0, 1, "Part of the bite of pressure that bears on renewing a pilot",
        Defensible(0, 1, "from none of it to all of it"))] = 0.5
