"""Every hook, with everything that a function may take; for the test of both drivers."""

from typing import Annotated, NamedTuple

from simulator.plugins import (
    Board,
    HalfNormal,
    Normal,
    Status,
    Strength,
    Unit,
    Year,
    clip,
    draw,
    lever,
    log,
    positive,
    state,
    uncertain,
)

TITLE = "Every hook"
PHRASES = {
    "protect": "protect",
    "plan": "plan",
    "raid": "raid",
    "leave": "leave",
    "speed": "speed",
    "offset": "offset",
}


class Numbers(NamedTuple):
    """Two numbers."""

    size: Annotated[
        float,
        uncertain(Unit.LOG_ODDS, 0, 4, "Size", HalfNormal(1.0), Status.EXPLORED, Strength.A, "", "how large it is"),
    ] = 1.0
    tilt: Annotated[
        float,
        uncertain(Unit.RATIO, -2, 2, "Tilt", Normal(0.0, 1.0), Status.EXPLORED, Strength.A, "", "how tilted it is"),
    ] = 0.3


class Levers(NamedTuple):
    """Two levers."""

    first_switch: Annotated[float, lever("centre", Unit.STRENGTH, 0, 1, "First", "")] = 0.0
    second_switch: Annotated[float, lever("local", Unit.STRENGTH, 0, 1, "Second", "")] = 0.0


class State(NamedTuple):
    """Two things to remember."""

    memory: Annotated[float, state("Memory")] = 0.25
    count: Annotated[float, state("Years")] = 0.0


class Draws(NamedTuple):
    """Two numbers from chance."""

    seen: Annotated[float, draw("Whether somebody looks")]
    loud: Annotated[float, draw("How loudly they say so")]


def scaled(x: float, numbers: Numbers) -> float:
    """Scales a number, as any function of the file may do."""
    return numbers.size * x + numbers.tilt * positive(x - 0.5)


def protect(board: Board, state: State, levers: Levers, numbers: Numbers) -> float:
    """Adds up everything that a deciding board knows of itself."""
    people = board.chief + board.finance + board.committee + board.relations + board.agency + board.knowhow
    money = board.custom + board.habit + board.capacity + board.gap + board.net + board.visible
    return levers.first_switch * scaled(0.1 * (people + money) + state.memory, numbers)


def plan(state: State, levers: Levers) -> float:
    """Leans on the memory of a board, less as the years pass."""
    return levers.second_switch * (state.memory - 0.1 * log(1.0 + state.count))


def raid(board: Board, draws: Draws, levers: Levers, numbers: Numbers) -> float:
    """Pushes towards a raid, unless somebody looks."""
    if draws.seen < 0.4:
        return -levers.second_switch * draws.loud
    return levers.second_switch * numbers.size * board.visible if board.visible > 0.0 else 0.0


def leave(board: Board, draws: Draws, levers: Levers) -> float:
    """Drives out weak leaders."""
    return levers.first_switch * (draws.loud - board.chief)


def speed(board: Board, state: State, levers: Levers) -> float:
    """Commits sooner."""
    return levers.second_switch * (board.knowhow - state.memory)


def offset(board: Board, state: State, levers: Levers) -> float:
    """Trims more."""
    return levers.first_switch * (state.memory - board.relations)


def year_end(board: Board, year: Year, state: State, draws: Draws, levers: Levers, numbers: Numbers) -> State:
    """Remembers everything that happened to the money."""
    used = year.protected + year.spent + year.rushed + year.lapsed + year.carried + year.front + year.additional
    lost = year.released + year.raided + year.funding
    share = used / max(year.pot + lost, 1.0) + 0.1 * board.habit + numbers.tilt * year.retained
    return State(clip(0.5 * state.memory + levers.first_switch * share * draws.seen, -1.0, 1.0), state.count + 1.0)
