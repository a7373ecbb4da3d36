"""Places and the front line: uses, pass-through, offset and peers."""

from typing import Annotated, NamedTuple

from simulator.common.units import Unit
from simulator.declarations.number import Defensible, Status, Strength, constant, uncertain
from simulator.declarations.priors import Beta, HalfNormal, LogNormal, Normal, Triangular, Uniform

# fmt: off
# One declaration a number, kept narrow: these modules are tables.

class Uses(NamedTuple):
    """What the money is used for."""

    use_interventions: Annotated[float, constant(
        Unit.SHARE, 0.01, 0.99, "Share of boards that use the fund for evidence-based interventions",
        Defensible(0.39, 0.78, "the 95% interval (Wilson) of 12 out of the 20 boards interviewed"), "E08")] = 0.6
    use_devolved: Annotated[float, constant(
        Unit.SHARE, 0.01, 0.99, "Share of boards that devolve money to places",
        Defensible(0.3, 0.7, "the 95% interval (Wilson) of 10 out of the 20 boards interviewed"), "E08")] = 0.5
    use_capability: Annotated[float, constant(
        Unit.SHARE, 0.01, 0.99, "Share of boards that build capability (networks, training)",
        Defensible(0.22, 0.61, "the 95% interval (Wilson) of 8 out of the 20 boards interviewed"), "E08")] = 0.4
    use_pilots: Annotated[float, constant(
        Unit.SHARE, 0.01, 0.99, "Share of boards that pay for pilots",
        Defensible(0.11, 0.47, "the 95% interval (Wilson) of 5 out of the 20 boards interviewed"), "E08")] = 0.25
    use_staff: Annotated[float, constant(
        Unit.SHARE, 0.01, 0.99, "Share of boards that pay for extra central staff",
        Defensible(0.08, 0.42,
            "the 95% interval (Wilson) of 4 out of the 20 boards interviewed, who said capacity"), "E08")] = 0.2
    weight_interventions: Annotated[float, constant(
        Unit.RATIO, 0.1, 5, "Size of the interventions part relative to other uses",
        Defensible(0.5, 2, "half to twice the size"))] = 1.0
    devolved_weight: Annotated[float, uncertain(
        Unit.RATIO, 0.3, 10, "Size of the devolved part relative to interventions",
        LogNormal(1.1, 0.4), Status.EXPLORED, Strength.W, "E76 E08",
        "how much of the money boards pass to places")] = 3.0
    weight_capability: Annotated[float, constant(
        Unit.RATIO, 0.1, 5, "Size of the capability part relative to interventions",
        Defensible(0.35, 1.4, "half to twice the size"))] = 0.7
    weight_pilots: Annotated[float, constant(
        Unit.RATIO, 0.1, 5, "Size of the pilots part relative to interventions",
        Defensible(0.35, 1.4, "half to twice the size"))] = 0.7
    devolve_effect: Annotated[float, constant(
        Unit.LOG_ODDS, 0, 5, "Rise in devolving under full encouragement",
        Defensible(1, 3, "half as much either way"))] = 2.0
    networks_effect: Annotated[float, constant(
        Unit.LOG_ODDS, 0, 5, "Rise in capability building under full networks",
        Defensible(0.75, 2.5, "from half the effect assumed to two thirds more"))] = 1.5
    contracts_effect: Annotated[float, constant(
        Unit.LOG_ODDS, 0, 5, "Fall in pilots under a full shift to long contracts",
        Defensible(0.75, 2.5, "from half the effect assumed to two thirds more"))] = 1.5


class Places(NamedTuple):
    """How much of it reaches places, providers and communities."""

    staff_share: Annotated[float, uncertain(
        Unit.SHARE, 0.05, 0.25, "Share of spending that goes on extra central staff where a board pays for them",
        Uniform(0.08, 0.15), Status.SET, Strength.M, "E09",
        "how much is spent on extra central staff where boards do that")] = 0.115
    staff_most: Annotated[float, constant(
        Unit.SHARE, 0, 1, "Largest part of spending that central staff can take",
        Defensible(0.25, 0.75,
            "half as much either way; at 0.5 the cap never binds within the prior of staff_share"))] = 0.5
    pass_place: Annotated[float, uncertain(
        Unit.SHARE, 0.1, 0.99, "Share of place money that reaches providers and communities",
        Beta(6, 3), Status.EXPLORED, Strength.A, "E96 E101",
        "how much of the places' money reaches the front line")] = 0.67
    pass_centre: Annotated[float, uncertain(
        Unit.SHARE, 0.1, 1, "Share of centrally run money that reaches providers and communities",
        Beta(6, 2), Status.EXPLORED, Strength.A, "E96",
        "how much of the money that boards run themselves reaches the front line")] = 0.75
    access_effect: Annotated[float, uncertain(
        Unit.LOG_ODDS, 0, 3,
        "Rise in the share of place money that reaches providers and communities, from bidding to direct allocation",
        HalfNormal(0.8), Status.EXPLORED, Strength.A, "E77 E101",
        "how much more arrives when money is allocated rather than bid for")] = 0.6
    access_centre: Annotated[float, constant(
        Unit.SHARE, 0, 1,
        "Way of giving out place money (0 bidding, 1 direct allocation) at which its base share arrives",
        Defensible(0.25, 0.75,
            "the baseline's way of giving out money lies somewhere between bidding and direct allocation"))] = 0.5
    capability_front: Annotated[float, constant(
        Unit.SHARE, 0, 1, "Part of capability spending that does not count as front-line value in the year",
        Defensible(0, 1, "a matter of definition: all or nothing of it may be counted"))] = 0.5
    core20_tilt: Annotated[float, uncertain(
        Unit.RATIO, 0.5, 4,
        "Share of front-line money for the most deprived fifth without a rule, relative to its share of residents",
        LogNormal(0.4, 0.25), Status.EXPLORED, Strength.A, "E10 E11",
        "how far front-line money already favours the most deprived fifth")] = 1.5
    core20_rule: Annotated[float, constant(
        Unit.SHARE, 0.5, 1, "Share of front-line money for the most deprived fifth under the full rule",
        Defensible(0.7, 0.9, "one board's rule was 80%; a tenth either way"), "E10")] = 0.8
    core20_most: Annotated[float, constant(
        Unit.SHARE, 0.5, 1, "Largest share that tilt alone can send to the most deprived fifth",
        Defensible(0.8, 1,
            "a tenth either way; it binds for some area in about a quarter of the fitted parameter sets"))] = 0.9


class Offset(NamedTuple):
    """Trimming what was spent on inequalities anyway."""

    offset_base: Annotated[float, uncertain(
        Unit.LOG_ODDS, -5, 1, "Pull to trim existing spending on inequalities when the fund is new",
        Normal(-2.4, 0.5), Status.EXPLORED, Strength.M, "R08",
        "how far the fund replaces existing spending when it is new")] = -2.4
    offset_growth: Annotated[float, uncertain(
        Unit.LOG_ODDS, 0, 5, "Rise over the years in the pull to trim existing spending",
        Normal(1.6, 0.6), Status.EXPLORED, Strength.M, "R12 R13",
        "how much more existing spending the fund replaces as years pass")] = 1.6
    offset_years: Annotated[float, uncertain(
        Unit.YEARS, 1, 10, "Time constant of the rise in the pull to trim existing spending",
        LogNormal(1.0986, 0.35), Status.SET, Strength.M, "R12",
        "how slowly the fund comes to replace existing spending")] = 3.0
    offset_pressure: Annotated[float, uncertain(
        Unit.LOG_ODDS_PER_PERCENT, 0, 2, "Rise in the pull to trim existing spending for each 1% of pressure",
        HalfNormal(0.5), Status.EXPLORED, Strength.A, "E79 R13",
        "how much more existing spending is replaced when money is short")] = 0.4
    offset_label: Annotated[float, uncertain(
        Unit.LOG_ODDS, -2, 4,
        "Pull to relabel existing spending under a strict ring-fence (below 0: it holds relabelling back)",
        Normal(0.5, 0.8), Status.EXPLORED, Strength.W, "R08",
        "how far a strict ring-fence leads boards to count existing spending as the fund's")] = 0.6
    offset_conditions: Annotated[float, uncertain(
        Unit.LOG_ODDS, 0, 4, "Fall in the pull to relabel existing spending under full conditions and reporting",
        HalfNormal(0.8), Status.EXPLORED, Strength.A, "E78",
        "how far conditions and reporting keep the fund from replacing existing spending")] = 0.8
    offset_slope: Annotated[float, uncertain(
        Unit.RATIO, 0.05, 1, "Slope of the offset decision: how quickly a pull turns into a share",
        Triangular(0.15, 0.25, 0.35), Status.EXPLORED, Strength.A, "",
        "how strongly circumstances decide how much existing spending is replaced")] = 0.25
    offset_character: Annotated[float, uncertain(
        Unit.SHARE, 0, 1, "Part of the board's character that resists trimming",
        Beta(1, 3), Status.EXPLORED, Strength.A, "",
        "how far a board's character keeps the fund from replacing existing spending")] = 0.5


class Peers(NamedTuple):
    """Learning from other boards."""

    peer_pull: Annotated[float, uncertain(
        Unit.LOG_ODDS, 0, 2,
        "Yearly shift of custom per unit of share that the best peers retained more than the board",
        HalfNormal(0.4), Status.EXPLORED, Strength.W, "E94 S14",
        "how quickly boards copy the best of their peers")] = 0.3
    peer_region: Annotated[float, uncertain(
        Unit.SHARE, 0, 1, "Weight on the best board of the region rather than the best quarter of all boards",
        Beta(5, 5), Status.EXPLORED, Strength.A, "E94",
        "how far boards look to neighbours rather than to all boards")] = 0.5
