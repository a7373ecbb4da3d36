"""Decisions: what rules, character, plans and raids weigh."""

from typing import Annotated, NamedTuple

from simulator.common.units import Unit
from simulator.declarations.number import Defensible, Status, Strength, constant, fixed, uncertain
from simulator.declarations.priors import Beta, HalfNormal, Normal, Uniform

# fmt: off
# One declaration a number, kept narrow: these modules are tables.

class Fence(NamedTuple):
    """What rules and national signals add to the pull to protect."""

    pull_ringfence: Annotated[float, uncertain(
        Unit.LOG_ODDS, -12, 12, "Pull to protect the money under a full ring-fence, fully enforced",
        HalfNormal(4.0), Status.CALIBRATED, Strength.M, "R06 R07",
        "how strongly a fully enforced ring-fence protects the money")] = 4.2
    enforcement_start: Annotated[float, uncertain(
        Unit.STRENGTH, 0, 1,
        "How firmly the 2022/23 ring-fence was enforced (0 in name only: nobody checks, 1 audited)",
        Beta(2, 4), Status.EXPLORED, Strength.A, "E04 E60",
        "how firmly the ring-fence of 2022/23 was enforced")] = 0.33
    ring_leader_mix: Annotated[float, fixed(
        Unit.RATIO, -1, 1, "Ring-fence works better (+) or is needed less (-) under strong chiefs",
        Status.STRUCTURE, Strength.A, "E50 E60",
        Defensible(-0.5, 0.5, "a structure: both signs are fitted"),
        "how much better a ring-fence works under a strong chief executive")] = 0.0
    pull_scrutiny: Annotated[float, uncertain(
        Unit.LOG_ODDS, 0, 4,
        "Pull to protect the money where amounts are named and others look at them, once the fund is familiar",
        HalfNormal(1.0), Status.EXPLORED, Strength.A, "E42 R04 E83 E84",
        "how strongly boards respond when others can see their amounts")] = 0.8
    pull_oversight: Annotated[float, uncertain(
        Unit.LOG_ODDS, 0, 4,
        "Pull to protect the money under oversight that rewards shifting money to health inequalities",
        HalfNormal(0.8), Status.EXPLORED, Strength.A, "E64 S15",
        "how strongly boards respond to national oversight that rewards them")] = 0.6
    pull_strategy: Annotated[float, uncertain(
        Unit.LOG_ODDS, 0, 4,
        "Pull to protect the money under a national strategy, mission, duty or test at full strength",
        HalfNormal(0.6), Status.EXPLORED, Strength.A, "E22 E104 O03",
        "how strongly boards respond to a national strategy or duty")] = 0.4
    pull_gateway: Annotated[float, uncertain(
        Unit.LOG_ODDS, 0, 4, "Pull to protect the money where other money is conditional on using the fund to purpose",
        HalfNormal(1.0), Status.EXPLORED, Strength.A, "E38",
        "how strongly boards respond when other money depends on how they use the fund")] = 0.8
    pull_principles: Annotated[float, uncertain(
        Unit.LOG_ODDS, 0, 4,
        "Pull to protect the money under a board's own written rule against using the fund for core services",
        HalfNormal(0.8), Status.EXPLORED, Strength.A, "E68",
        "how well a board's own rule against other uses protects the money")] = 0.6


class Character(NamedTuple):
    """What kind of board it is: who leads it and how it works."""

    pull_chief: Annotated[float, uncertain(
        Unit.LOG_ODDS, -12, 12,
        "Pull to protect the money as the strength of chief executive and chair goes from 0 to 1",
        HalfNormal(2.5), Status.EXPLORED, Strength.A, "E50 E52 T07 N15",
        "how well a strong chief executive and chair protect the money")] = 2.7
    pull_finance: Annotated[float, uncertain(
        Unit.LOG_ODDS, 0, 8, "Pull to protect the money as the support of the finance director goes from 0 to 1",
        HalfNormal(2.0), Status.EXPLORED, Strength.A, "E51 E53",
        "how well a supportive finance director protects the money")] = 1.6
    veto: Annotated[float, uncertain(
        Unit.LOG_ODDS, 0, 4,
        "Further pull against protecting the money where the finance director blocks it, at no support",
        HalfNormal(1.0), Status.EXPLORED, Strength.A, "E51",
        "how much more is lost when the finance director is against it")] = 1.0
    veto_line: Annotated[float, constant(
        Unit.STRENGTH, 0, 1, "Finance director support below which blocking begins",
        Defensible(0.15, 0.35, "a tenth of the scale either way"))] = 0.25
    veto_slope: Annotated[float, constant(
        Unit.RATIO, 0, 20,
        "How fast blocking grows as finance director support falls below its line (4 makes it full at no support)",
        Defensible(2, 8, "half to twice the slope"))] = 4.0
    pull_committee: Annotated[float, uncertain(
        Unit.LOG_ODDS, 0, 4,
        "Pull to protect the money as the committee goes from none to one with a line to the board",
        HalfNormal(0.8), Status.EXPLORED, Strength.A, "E54 E55",
        "how well a committee that watches the fund protects it")] = 0.65
    pull_relations: Annotated[float, uncertain(
        Unit.LOG_ODDS, 0, 6, "Pull to protect the money as relations and shared understanding go from 0 to 1",
        HalfNormal(1.5), Status.EXPLORED, Strength.A, "E56 E57 E73",
        "how well good relations between partners protect the money")] = 1.2
    pull_lead: Annotated[float, uncertain(
        Unit.LOG_ODDS, 0, 4,
        "Pull to protect the money as the lead for health inequalities goes from 0 to 1 (1: informed, with a seat)",
        HalfNormal(0.8), Status.EXPLORED, Strength.A, "E42 E58",
        "how well an informed health inequalities lead protects the money")] = 0.65
    unaware: Annotated[float, fixed(
        Unit.LOG_ODDS, 0, 6,
        "Further pull against protecting the money where no lead for health inequalities knows of the fund",
        Status.STRUCTURE, Strength.W, "E42 R04",
        Defensible(0, 3, "a structure: the strong form is fitted"),
        "how much more is lost where no lead knows of the fund")] = 0.0
    custom_spread: Annotated[float, uncertain(
        Unit.LOG_ODDS, 0, 2.5,
        "Lasting differences between boards in custom, their taste for protecting the money (s.d.)",
        Uniform(0.2, 1.6), Status.EXPLORED, Strength.A, "E07 E31 E57",
        "how much boards differ by custom, whoever leads them")] = 0.8


class Plans(NamedTuple):
    """The yearly decision how much of the fund to protect."""

    plan_base: Annotated[float, uncertain(
        Unit.LOG_ODDS, -3, 4, "Pull to protect the money when nothing else pulls",
        Normal(0.3, 1.2), Status.CALIBRATED, Strength.S, "E04 E05",
        "how far boards protect the money when nothing else speaks for it or against it")] = 0.3
    split_width: Annotated[float, uncertain(
        Unit.LOG_ODDS, 0.2, 3, "Half-width of the zone where a board splits the money",
        Uniform(0.3, 2.6), Status.CALIBRATED, Strength.S, "E04",
        "how readily boards split the money rather than protect all or none of it")] = 1.0
    habit: Annotated[float, uncertain(
        Unit.LOG_ODDS, 0, 5, "Pull to protect the money as last year's protected share goes from none to all",
        HalfNormal(1.5), Status.EXPLORED, Strength.A, "E05",
        "how strongly boards repeat what they did last year")] = 1.2
    firmness: Annotated[float, uncertain(
        Unit.SHARE, 0, 1, "Part of the commitments and cash carried over that a new plan cannot withdraw",
        Beta(6, 4), Status.EXPLORED, Strength.A, "E62 S07",
        "how firmly earlier commitments bind a new plan")] = 0.6


class Raids(NamedTuple):
    """Taking money back within the year."""

    raid_base: Annotated[float, uncertain(
        Unit.LOG_ODDS, -6, 1,
        "Pull to take money back in the year, for an average board without rules, before gap and letter add to it",
        Normal(-2.5, 1.0), Status.EXPLORED, Strength.A, "E67 E98",
        "how readily boards take money back during the year")] = -2.5
    pull_letter: Annotated[float, uncertain(
        Unit.LOG_ODDS, 0, 5, "Pull to take money back under a national letter to recover the year-end position",
        HalfNormal(1.2), Status.EXPLORED, Strength.A, "E65 F08 F10",
        "how strongly a national letter about balanced books makes boards take money back")] = 0.95
    raid_take: Annotated[float, uncertain(
        Unit.SHARE, 0.05, 0.98, "Middle share of uncommitted money that goes when a board takes money back",
        Beta(4, 3), Status.EXPLORED, Strength.W, "E07",
        "how much of the uncommitted money goes when boards take money back")] = 0.57
    raid_take_spread: Annotated[float, fixed(
        Unit.LOG_ODDS_SCALE, 0.1, 2, "Spread of the share of uncommitted money that goes when a board takes money back",
        Status.EXPLORED, Strength.A, "E07",
        Defensible(0.3, 1.2, "from boards that take nearly alike to very unlike shares"))] = 0.7
    reach_committed: Annotated[float, uncertain(
        Unit.SHARE, 0, 1, "Share taken back of money committed for this year, relative to uncommitted money",
        Beta(2, 8), Status.EXPLORED, Strength.A, "E62 E98",
        "how far boards also take back money committed this year")] = 0.2
    reach_multiyear: Annotated[float, uncertain(
        Unit.SHARE, 0, 1, "Share taken back of money committed for several years, relative to this year's",
        Beta(4, 6), Status.EXPLORED, Strength.A, "E62",
        "how far boards also take back money committed for several years")] = 0.4
    place_exposed: Annotated[float, uncertain(
        Unit.SHARE, 0, 1, "Part of the committed money taken back that is held at place",
        Beta(4, 4), Status.EXPLORED, Strength.W, "E98",
        "how far money held by places is taken back too")] = 0.5
    raid_first: Annotated[float, fixed(
        Unit.SWITCH, 0, 1,
        "Uncommitted money is taken back before the quarter commits it", Status.STRUCTURE, Strength.A, "E65",
        Defensible(0, 1, "a structure: both orders are fitted"))] = 0.0
    place_safe: Annotated[float, fixed(
        Unit.SWITCH, 0, 1, "Money held at place cannot be taken back", Status.STRUCTURE, Strength.A, "E98",
        Defensible(0, 1, "a structure: both readings are fitted"))] = 0.0
    safe_reach: Annotated[float, constant(
        Unit.SHARE, 0, 1,
        "Share taken back of commitments when money held at place is safe, relative to the usual share",
        Defensible(0.25, 0.75, "a share that nobody has measured: from a quarter to three quarters"))] = 0.5
