"""People: leaders, leads, committees, management and relations."""

from typing import Annotated, NamedTuple

from simulator.common.units import Unit
from simulator.declarations.number import Defensible, Status, Strength, constant, fixed, uncertain
from simulator.declarations.priors import Beta, HalfNormal, Normal, Triangular

# fmt: off
# One declaration a number, kept narrow: these modules are tables.

class Turnover(NamedTuple):
    """Leaving posts and covering them."""

    chief_exit: Annotated[float, uncertain(
        Unit.LOG_ODDS, -5, 0, "Quarterly log-odds that a chief leaves",
        Normal(-2.33, 0.22), Status.SET, Strength.MS, "T04",
        "how often chief executives leave")] = -2.33
    finance_exit: Annotated[float, uncertain(
        Unit.LOG_ODDS, -5, 0, "Quarterly log-odds that a finance director leaves",
        Normal(-2.5, 0.3), Status.SET, Strength.M, "T01 T03",
        "how often finance directors leave")] = -2.5
    exit_pressure: Annotated[float, uncertain(
        Unit.LOG_ODDS_PER_PERCENT, 0, 1.5, "Rise in exits of leaders for each 1% of pressure",
        HalfNormal(0.3), Status.EXPLORED, Strength.M, "T02",
        "how much more often leaders leave when money is short")] = 0.25
    exit_merger: Annotated[float, uncertain(
        Unit.LOG_ODDS, 0, 3, "Rise in exits of leaders during a reorganisation",
        Normal(1.0, 0.3), Status.SET, Strength.M, "T06 F22",
        "how much more often leaders leave during a reorganisation")] = 1.0
    exit_stability: Annotated[float, constant(
        Unit.LOG_ODDS, 0, 5, "Fall in exits of leaders under full leadership stability rules",
        Defensible(0.75, 2.5, "from half the effect assumed to two thirds more"))] = 1.5
    exit_normal_pressure: Annotated[float, constant(
        Unit.PERCENT, 0, 4, "Pressure at which leaders leave at their base rate",
        Defensible(0.4, 1.2,
            "a pressure that nobody has measured; average gaps differ about as much between years"))] = 0.7
    interim_quarters: Annotated[float, uncertain(
        Unit.QUARTERS, 1, 6, "Mean length of interim cover",
        Triangular(1, 2, 4), Status.EXPLORED, Strength.A, "T01 T03",
        "how long interim leaders stay")] = 2.0
    interim_strength: Annotated[float, uncertain(
        Unit.SHARE, 0.1, 1, "Strength of an interim relative to the leaver",
        Beta(6, 4), Status.EXPLORED, Strength.A, "T01 T03",
        "how strong interim leaders are")] = 0.6
    interim_stability: Annotated[float, constant(
        Unit.SHARE, 0, 1, "Part of the weakness of an interim chief that stability rules take away",
        Defensible(0.25, 0.75, "a share that nobody has measured: from a quarter to three quarters"))] = 0.5


class Leaders(NamedTuple):
    """The pools that chiefs and finance directors come from."""

    leader_carry: Annotated[float, uncertain(
        Unit.SHARE, 0, 1, "Part of the leaver's line that the successor keeps",
        Beta(2, 3), Status.EXPLORED, Strength.A, "T07",
        "how much of a leader's line the successor keeps")] = 0.4
    leader_middle: Annotated[float, uncertain(
        Unit.STRENGTH, 0.2, 0.85, "Middle strength of the pool of chiefs",
        Beta(28, 22), Status.SCALE, Strength.A, "E15 E50",
        "how strong chief executives are to begin with")] = 0.56
    leader_spread: Annotated[float, fixed(
        Unit.LOG_ODDS_SCALE, 0.1, 1.5, "Spread of strength in the pool of chiefs",
        Status.SCALE, Strength.A, "E50",
        Defensible(0.3, 0.8, "from chiefs who are much alike to chiefs who differ widely"))] = 0.5
    finance_follow: Annotated[float, uncertain(
        Unit.SHARE, 0, 1, "Part of finance director support that follows the chief",
        Beta(5, 5), Status.EXPLORED, Strength.A, "E51 E53",
        "how far finance directors follow their chief executive")] = 0.5
    finance_middle: Annotated[float, uncertain(
        Unit.STRENGTH, 0.1, 0.9, "Middle support of the pool of finance directors",
        Beta(25, 25), Status.SCALE, Strength.A, "",
        "how supportive finance directors are to begin with")] = 0.5
    finance_spread: Annotated[float, constant(
        Unit.LOG_ODDS_SCALE, 0.1, 1.5, "Spread of support in the pool of finance directors",
        Defensible(0.3, 0.8,
            "from finance directors who are much alike to finance directors who differ widely"))] = 0.55
    finance_seat_gain: Annotated[float, uncertain(
        Unit.SHARE, 0, 0.5,
        "Part of a finance director's gap to full support that a seat on an active committee closes each year",
        Beta(2, 18), Status.EXPLORED, Strength.A, "E53",
        "how far a seat on an active committee wins finance directors over")] = 0.1


class Leads(NamedTuple):
    """Committees and the health-inequalities lead."""

    committee_full: Annotated[float, uncertain(
        Unit.SHARE, 0, 1, "Share of boards starting with an active committee",
        Beta(10, 10), Status.EXPLORED, Strength.W, "E54 E55",
        "how many boards start with an active committee")] = 0.5
    committee_paper: Annotated[float, uncertain(
        Unit.SHARE, 0, 1, "Share of boards starting with a papers-only committee",
        Beta(5, 15), Status.EXPLORED, Strength.W, "E54",
        "how many boards start with a committee on paper only")] = 0.25
    committee_growth: Annotated[float, uncertain(
        Unit.SHARE, 0, 0.6, "Yearly chance that a committee moves up one step",
        Beta(2, 18), Status.EXPLORED, Strength.A, "E54",
        "how quickly committees become active")] = 0.1
    aware_base: Annotated[float, uncertain(
        Unit.LOG_ODDS, -3, 3, "Log-odds that a lead knows of the fund at the start when its amount is not named",
        Normal(0, 0.5), Status.EXPLORED, Strength.W, "R04 E42",
        "how many leads know of the fund at the start when amounts are not published")] = 0.0
    aware_naming: Annotated[float, uncertain(
        Unit.LOG_ODDS, 0, 5,
        "Rise in the log-odds that a lead knows of the fund at the start when the amount is named to each board",
        Normal(1.75, 0.4), Status.EXPLORED, Strength.W, "E42",
        "how many more leads know of the fund at the start when amounts are published")] = 1.75
    seat_start: Annotated[float, uncertain(
        Unit.SHARE, 0, 1, "Chance that the lead has a seat in financial decisions at the start",
        Beta(6, 6), Status.EXPLORED, Strength.A, "E58",
        "how many leads have a say in financial decisions at the start")] = 0.5
    aware_only: Annotated[float, uncertain(
        Unit.SHARE, 0, 1, "Agency of a lead who knows of the fund but has no seat, relative to one who has both",
        Beta(4, 6), Status.EXPLORED, Strength.A, "E58",
        "how much a lead can do who knows of the fund but has no say")] = 0.4
    lead_gain: Annotated[float, uncertain(
        Unit.SHARE, 0, 1,
        "Yearly chance that a lead comes to know of the fund, or then gains a seat, when amounts are named",
        Beta(4, 6), Status.EXPLORED, Strength.A, "E58 E42",
        "how quickly leads come to know of the fund or get a say")] = 0.4
    lead_gain_unnamed: Annotated[float, constant(
        Unit.SHARE, 0, 1,
        "Part of a lead's chance of coming to know of the fund, or gaining a seat, left when amounts are not named",
        Defensible(0.2, 0.7, "a share that nobody has measured, so the range is wide"))] = 0.4
    lead_loss: Annotated[float, uncertain(
        Unit.SHARE, 0, 1,
        "Chance of losing the lead when boards merge; it also scales the chance when management capacity is cut",
        Beta(5, 5), Status.EXPLORED, Strength.A, "E63 F20 F21",
        "how many leads are lost when boards merge or management is cut")] = 0.5
    lead_loss_scale: Annotated[float, constant(
        Unit.RATIO, 0, 5, "Chance of losing the lead per unit of management capacity cut, relative to that at a merger",
        Defensible(1.5, 2.5,
            "a quarter either way; lead_loss, which it multiplies, is uncertain and carries the rest"))] = 2.0
    lead_loss_seat: Annotated[float, constant(
        Unit.SHARE, 0, 1, "Part of the chance of losing the lead to a cut that a protected seat takes away",
        Defensible(0.2, 0.8, "a share that nobody has measured: from a fifth to four fifths"))] = 0.5


class Management(NamedTuple):
    """The 2025/26 cut in management costs."""

    cut_2025: Annotated[float, uncertain(
        Unit.SHARE, 0, 0.62, "Middle share of remaining management cost removed in 2025/26",
        Triangular(0.1, 0.45, 0.62), Status.SET, Strength.M, "F21",
        "how deep the management cuts of 2025/26 go")] = 0.4
    cut_spread: Annotated[float, constant(
        Unit.LOG_ODDS_SCALE, 0.05, 1.5, "Spread between boards of the 2025/26 management cut",
        Defensible(0.2, 0.8, "half to twice the spread"))] = 0.4


class Relations(NamedTuple):
    """Relations and shared understanding between partners."""

    relations_start: Annotated[float, uncertain(
        Unit.STRENGTH, 0.1, 0.9, "Middle starting level of relations",
        Beta(25, 25), Status.SCALE, Strength.A, "E57 E95",
        "how good relations between partners are at the start")] = 0.5
    relations_spread: Annotated[float, fixed(
        Unit.LOG_ODDS_SCALE, 0, 1.5, "Spread of the starting level of relations",
        Status.SCALE, Strength.A, "E57",
        Defensible(0.3, 0.8, "from boards that are much alike to boards that differ widely"))] = 0.5
    relations_place: Annotated[float, uncertain(
        Unit.RATIO, 0, 0.4, "Yearly gain in relations where places receive all of the money",
        HalfNormal(0.1), Status.EXPLORED, Strength.A, "E80",
        "how much relations gain when places spend the money")] = 0.08
    relations_skill: Annotated[float, uncertain(
        Unit.RATIO, 0, 0.4, "Yearly gain in relations where all of the money builds capability, or under full networks",
        HalfNormal(0.1), Status.EXPLORED, Strength.A, "E73 E74",
        "how much relations gain from training and networks")] = 0.08
    relations_raid: Annotated[float, uncertain(
        Unit.RATIO, 0, 0.8, "Full scale of the loss in relations when all of the money is withdrawn",
        HalfNormal(0.2), Status.EXPLORED, Strength.A, "E103",
        "how much relations suffer when money is taken back")] = 0.15
    relations_release: Annotated[float, constant(
        Unit.SHARE, 0, 1, "Part of the full scale of the loss in relations that counts when money is withdrawn",
        Defensible(0.25, 0.75,
            "half as much either way; relations_raid, which it multiplies, is uncertain and carries the rest"))] = 0.5
    relations_invest: Annotated[float, constant(
        Unit.RATIO, 0, 0.4, "Yearly gain in relations from full investment in relations and community voice",
        Defensible(0.03, 0.15, "from under half to about twice the gain assumed"))] = 0.08
    relations_fade: Annotated[float, uncertain(
        Unit.SHARE, 0, 0.5, "Part of the way back to their middle level that relations go each year",
        Beta(2, 18), Status.EXPLORED, Strength.A, "E57",
        "how quickly relations return to their usual level")] = 0.1
    exit_relations: Annotated[float, uncertain(
        Unit.SHARE, 0, 0.8, "Part of relations lost when a chief leaves or a board merges",
        Beta(3, 17), Status.EXPLORED, Strength.A, "E57 E88",
        "how much relations suffer when a chief executive leaves or boards merge")] = 0.15
    relations_stability: Annotated[float, constant(
        Unit.SHARE, 0, 1, "Part of the relations lost with a chief that handover rules save",
        Defensible(0.2, 0.8, "a share that nobody has measured: from a fifth to four fifths"))] = 0.5
