"""A plug-in with one fault of each kind that only running it can show."""

from typing import Annotated, NamedTuple

from simulator.plugins import Board, HalfNormal, Normal, Status, Strength, Unit, lever, uncertain

TITLE = "Planted faults"
PHRASES = {"protect": "a fault", "offset": "another fault"}


class Numbers(NamedTuple):
    """Numbers."""

    grudge: Annotated[
        float,
        uncertain(
            Unit.LOG_ODDS,
            0,
            40,
            "Pull against protecting under a strong chief",
            HalfNormal(20.0),
            Status.EXPLORED,
            Strength.A,
            "",
            "how strong the grudge is",
        ),
    ] = 20.0
    divisor: Annotated[
        float,
        uncertain(
            Unit.RATIO,
            0,
            1,
            "What is divided by, and is 0 in every draw",
            Normal(-9.0, 1.0),
            Status.EXPLORED,
            Strength.A,
            "",
            "how small the divisor is",
        ),
    ] = 0.5


class Levers(NamedTuple):
    """Levers."""

    grudge_on: Annotated[float, lever("centre", Unit.STRENGTH, 0, 1, "The grudge", "")] = 0.0
    idle: Annotated[float, lever("centre", Unit.STRENGTH, 0, 1, "Does nothing", "")] = 0.0
    divide: Annotated[float, lever("centre", Unit.STRENGTH, 0, 1, "Divides by zero", "")] = 0.0


def protect(board: Board, levers: Levers, numbers: Numbers) -> float:
    """Protects less under a strong chief, and a little less even where it is off."""
    return -0.01 - 20.0 * (1.0 + numbers.grudge) * levers.grudge_on * board.chief + 0.0 * levers.idle


def offset(levers: Levers, numbers: Numbers) -> float:
    """Divides by zero."""
    return 0.0 * levers.divide / numbers.divisor if levers.divide > 0.0 else 0.0
