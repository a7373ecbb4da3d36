"""A reputational penalty for publicly reported diversion.

Each year a national report names every board with the share of its inequalities money that did not serve its purpose.
A board that was named for it protects the money more firmly the year after, in its plan and against raids; the memory
fades. Nobody has measured how strong such a penalty would be for this money, so both numbers have wide priors.
"""

from typing import Annotated, NamedTuple

from simulator.plugins import Beta, HalfNormal, Status, Strength, Unit, Year, clip, lever, state, uncertain

TITLE = "Reputational penalty for reported diversion"

EVIDENCE = [
    {
        "id": "PRep1",
        "says": "Hospitals whose quality was reported in public made more improvements than those told in private.",
        "source": "Hibbard, Stockard and Tusler, Health Affairs 24(4), 2005",
        "year": 2005,
        "strength": "weak",
        "kind": "mechanism",
        "supports": ["reputation_pull", "public_report"],
        "url": ["https://doi.org/10.1377/hlthaff.24.4.1150"],
    },
]

PHRASES = {"protect": "having been named in the public report"}


class Numbers(NamedTuple):
    """How strong the penalty is, and how long it is remembered."""

    reputation_pull: Annotated[
        float,
        uncertain(
            unit=Unit.LOG_ODDS,
            low=0,
            high=6,
            meaning="Pull to protect after all of a year's money was reported as diverted",
            plain="how much being named in public for diverting money makes a board protect it",
            prior=HalfNormal(1.5),
            status=Status.EXPLORED,
            strength=Strength.W,
            evidence="PRep1",
        ),
    ] = 1.0
    reputation_memory: Annotated[
        float,
        uncertain(
            unit=Unit.SHARE,
            low=0,
            high=1,
            meaning="Part of a bad report that is still remembered a year later",
            plain="how long the public remembers a bad report",
            prior=Beta(4, 4),
            status=Status.EXPLORED,
            strength=Strength.A,
            evidence="",
        ),
    ] = 0.5


class Levers(NamedTuple):
    """Whether the report is published."""

    public_report: Annotated[
        float,
        lever(
            theme="centre",
            unit=Unit.STRENGTH,
            low=0,
            high=1,
            meaning="Every board's diverted share is reported in public",
            evidence="PRep1",
        ),
    ] = 0.0


class State(NamedTuple):
    """What every area carries from year to year."""

    reputation_blame: Annotated[float, state("Diverted share that is remembered in public, 0 to 1")] = 0.0


def protect(state: State, numbers: Numbers) -> float:
    """Protects more firmly the more a board is remembered for."""
    return numbers.reputation_pull * state.reputation_blame


def year_end(year: Year, state: State, levers: Levers, numbers: Numbers) -> State:
    """Forgets part of what was reported, and hears this year's report where there is one."""
    diverted = clip(1.0 - year.retained, 0.0, 1.0)
    return State(clip(numbers.reputation_memory * state.reputation_blame + levers.public_report * diverted, 0.0, 1.0))
