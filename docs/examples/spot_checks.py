"""Spot checks, to show chance of a plug-in's own.

Each quarter some boards are visited without notice, and their use of the inequalities money is looked at. A board
that was visited is wary for a year or so: it protects the money more firmly against raids. How wary is our assumption.
"""

from typing import Annotated, NamedTuple

from simulator.plugins import Beta, HalfNormal, Status, Strength, Unit, draw, lever, state, uncertain

TITLE = "Spot checks"
PHRASES = {"protect": "the memory of a spot check", "raid": "a visit this very quarter"}


class Numbers(NamedTuple):
    """How wary a visit makes, and how long."""

    wary_pull: Annotated[
        float,
        uncertain(
            unit=Unit.LOG_ODDS,
            low=0,
            high=6,
            meaning="Pull to protect after a spot check",
            plain="how wary a spot check makes a board",
            prior=HalfNormal(1.0),
            status=Status.EXPLORED,
            strength=Strength.A,
            evidence="",
        ),
    ] = 0.7
    wary_memory: Annotated[
        float,
        uncertain(
            unit=Unit.SHARE,
            low=0,
            high=1,
            meaning="Part of the wariness that is left a year later",
            plain="how long a board stays wary",
            prior=Beta(4, 4),
            status=Status.EXPLORED,
            strength=Strength.A,
            evidence="",
        ),
    ] = 0.5


class Levers(NamedTuple):
    """How often boards are visited."""

    spot_checks: Annotated[
        float,
        lever(
            theme="centre",
            unit=Unit.SHARE,
            low=0,
            high=1,
            meaning="Chance that a board is visited in a quarter",
            evidence="",
        ),
    ] = 0.0


class State(NamedTuple):
    """What every area carries from year to year."""

    wariness: Annotated[float, state("Wariness after spot checks, 0 to 1")] = 0.0


class Draws(NamedTuple):
    """What chance decides, for every area and quarter anew."""

    spot_check: Annotated[float, draw("Whether a board is visited this quarter")]


def visited(draws: Draws, levers: Levers) -> float:
    """Is 1 where the board is visited this quarter."""
    return 1.0 if draws.spot_check < levers.spot_checks else 0.0


def protect(state: State, numbers: Numbers) -> float:
    """Protects more firmly while it is wary."""
    return numbers.wary_pull * state.wariness


def raid(draws: Draws, levers: Levers, numbers: Numbers) -> float:
    """Takes nothing back while the visitors are there."""
    return -numbers.wary_pull * visited(draws, levers)


def year_end(state: State, draws: Draws, levers: Levers, numbers: Numbers) -> State:
    """Forgets part of its wariness; a visit in the last quarter, when money is moved, is what it remembers."""
    kept = numbers.wary_memory * state.wariness
    return State(max(kept, visited(draws, levers)))
