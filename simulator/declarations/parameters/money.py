"""Money pressure: the gap, its support, and how pressure bites."""

from typing import Annotated, NamedTuple

from simulator.common.units import Unit
from simulator.declarations.number import Defensible, Status, Strength, constant, fixed, uncertain
from simulator.declarations.priors import Beta, HalfNormal, LogNormal, Normal

# fmt: off
# One declaration a number, kept narrow: these modules are tables.

class Gap(NamedTuple):
    """How an area's finances come about and become visible."""

    gap_spread: Annotated[float, uncertain(
        Unit.PERCENT, 0.3, 3.5, "Standard deviation between areas of the underlying gap",
        Normal(1.7, 0.25), Status.CALIBRATED, Strength.S, "F01 F05 F13 F15",
        "how far boards' finances lie apart")] = 1.7
    gap_level: Annotated[float, uncertain(
        Unit.PERCENT, -1, 1, "Added to every year's national mean gap",
        Normal(0, 0.15), Status.CALIBRATED, Strength.S, "F05 F11 F12 F16",
        "how wide boards' funding gaps are on average")] = 0.0
    gap_memory: Annotated[float, uncertain(
        Unit.SHARE, 0, 1, "How far an area's own gap carries to next year (autocorrelation)",
        Beta(6, 3), Status.EXPLORED, Strength.W, "F01",
        "how far a board's funding gap lasts into the next year")] = 0.67
    gap_target_pull: Annotated[float, uncertain(
        Unit.CORRELATION, -0.2, 0.8, "Correlation of the gap with distance above target allocation",
        Normal(0.29, 0.1), Status.SET, Strength.M, "AREA",
        "how far boards above their target allocation have the wider gaps")] = 0.29
    slip: Annotated[float, uncertain(
        Unit.PERCENT, 0, 1.5, "Mid-year slippage on top of the gap (Q2 and Q3), recovered by year end",
        Normal(0.4, 0.15), Status.SET, Strength.M, "F03 F04 F07 F11",
        "how much finances slip in the middle of the year")] = 0.4
    seen_q1: Annotated[float, fixed(
        Unit.SHARE, 0.02, 0.5, "Part of the gap visible at end of Q1",
        Status.SET, Strength.M, "F06 F07 F08 F09 F10 F11",
        Defensible(0.05, 0.3,
            "quarter-one returns have shown from almost none to nearly a third of the final gap"))] = 0.15
    seen_q2: Annotated[float, uncertain(
        Unit.SHARE, 0.1, 0.8, "Part of the gap visible at end of Q2",
        Normal(0.4, 0.07), Status.SET, Strength.M, "F04 F07",
        "how much of the year's gap boards can see by September")] = 0.4
    seen_q3: Annotated[float, uncertain(
        Unit.SHARE, 0.4, 1, "Part of the gap visible at end of Q3",
        Normal(0.85, 0.06), Status.SET, Strength.M, "F11",
        "how much of the year's gap boards can see by December")] = 0.85
    support_reach: Annotated[float, uncertain(
        Unit.SHARE, 0, 1, "How closely deficit support follows each area's gap (0 = flat share, 1 = proportional)",
        Beta(7, 3), Status.EXPLORED, Strength.W, "F15",
        "how closely deficit support follows each board's gap")] = 0.7
    off_plan_line: Annotated[float, uncertain(
        Unit.PERCENT, 0.1, 4, "Year-end gap after support above which conditional support is withheld",
        LogNormal(0.2, 0.35), Status.EXPLORED, Strength.A, "F15",
        "how far off plan a board may end the year before it loses support")] = 1.2
    withheld_support: Annotated[float, constant(
        Unit.SHARE, 0, 1, "Part of the deficit support received that is withheld in Q4 from a board off plan",
        Defensible(0, 0.5,
            "one quarter's support is how the rule is read; none or two quarters are the nearest alternatives"))] = 0.25


class Pressure(NamedTuple):
    """How hard a gap presses on decisions."""

    pull_pressure: Annotated[float, uncertain(
        Unit.LOG_ODDS_PER_PERCENT, -8, 8,
        "Pull against protecting the money for each 1% of gap, where finance has a weight of 1 in oversight",
        HalfNormal(1.7), Status.EXPLORED, Strength.AW, "E59 E97 R06",
        "how strongly a funding gap draws the money away")] = 0.7
    foresight: Annotated[float, uncertain(
        Unit.SHARE, 0, 1, "Part of the year's gap that boards already see when they plan",
        Beta(5, 5), Status.EXPLORED, Strength.M, "F03 F04 F05 F06 F12 F14 F15",
        "how much of the year's gap boards already see when they plan")] = 0.5
    plan_learning: Annotated[float, fixed(
        Unit.RATIO, 0, 3,
        "How fast plans come to see the whole gap: the rate at which the unseen part shrinks each year",
        Status.STRUCTURE, Strength.W, "F03 F04 F05 F06 F12 F14 F15",
        Defensible(0, 1,
            "a structure: plans that improve as fast as planned deficits came nearer to final ones are fitted"))] = 0.0
    ask_bite: Annotated[float, uncertain(
        Unit.RATIO, 0, 2, "Bite of one point of savings requirement above the normal one, relative to one point of gap",
        HalfNormal(0.3), Status.EXPLORED, Strength.W, "F01 F17",
        "how hard savings targets above the usual ones press on boards")] = 0.25
    ask_normal: Annotated[float, uncertain(
        Unit.PERCENT, 0, 10, "Savings requirement that adds no pressure of its own",
        Normal(5.0, 0.5), Status.EXPLORED, Strength.W, "F01",
        "how large a savings target boards take as normal")] = 5.0
    alignment_relief: Annotated[float, constant(
        Unit.SHARE, 0, 1, "Part of the bite of pressure that fully aligned targets take away",
        Defensible(0.25, 0.75, "a share that nobody has measured: from a quarter to three quarters"))] = 0.5
    pressure_threshold: Annotated[float, fixed(
        Unit.SWITCH, 0, 1,
        "Read pressure as a threshold instead of in proportion to the gap", Status.STRUCTURE, Strength.A, "E64",
        Defensible(0, 1, "a structure: both readings of pressure are fitted"))] = 0.0
    threshold_line: Annotated[float, constant(
        Unit.PERCENT, 0, 5, "Gap above which pressure bites, when pressure is read as a threshold",
        Defensible(0.5, 2, "half to twice the line; it counts only under the threshold structure"))] = 1.0
    threshold_level: Annotated[float, constant(
        Unit.PERCENT, 0, 5, "Gap that a board above the threshold acts upon",
        Defensible(1, 3, "one point either way; it counts only under the threshold structure"))] = 2.0
