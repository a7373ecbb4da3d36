"""What a plug-in sees of a board, the points where it may add to a decision, and how it declares its state.

A plug-in is one Python file with a mechanism that the model does not have. `plugin_file.py` reads it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from simulator.declarations.draw_ids import Event

GROUP = "plugin"
"""The group of parameters, and of levers, that holds those of the plug-in."""


class Board(NamedTuple):
    """A board as a decision finds it; fields are those of `simulator.engine.records`, for a merged board pooled.

    Leaders, committee, relations, agency and know-how are from 0 to 1; custom is in log-odds; habit is last year's
    protected share less one half; gaps are in % of allocation, `net` after support and `visible` by this quarter.
    """

    chief: float
    finance: float
    committee: float
    relations: float
    agency: float
    knowhow: float
    custom: float
    habit: float
    capacity: float
    gap: float
    net: float
    visible: float


class Year(NamedTuple):
    """An area's money in the year just closed (£m), and the share of the pot that it retained."""

    funding: float
    pot: float
    protected: float
    released: float
    raided: float
    spent: float
    rushed: float
    lapsed: float
    carried: float
    front: float
    additional: float
    retained: float


@dataclass(frozen=True, slots=True)
class StateNumber:
    """What a number that every area carries from year to year means; its default is the value it starts with."""

    meaning: str


def state(meaning: str) -> StateNumber:
    """Declare a number that every area carries from year to year."""
    return StateNumber(meaning)


@dataclass(frozen=True, slots=True)
class Draw:
    """What a random number of a plug-in decides."""

    meaning: str


def draw(meaning: str) -> Draw:
    """Declare a random number, uniform between 0 and 1, that every area has anew each quarter."""
    return Draw(meaning)


_OWN_DRAWS = 2**31
"""Numbers of draws are words of 32 bits. Those of plug-ins have the highest bit, and those of the model never will."""


def find_draw_id(name: str) -> int:
    """The number by which a plug-in's draw is addressed beside seed, run, area and quarter: from its name alone."""
    return _OWN_DRAWS | int.from_bytes(hashlib.sha256(name.encode()).digest()[:4]) >> 1


class Hook(NamedTuple):
    """A point of the model that a plug-in may fill with a function of this name.

    `towards` says what a positive pull makes more likely; `events` are the decisions that show it. A `pooled` board is
    one that decides for its members, with its own state; otherwise every area is asked about itself.
    """

    towards: str
    events: tuple[Event, ...]
    pooled: bool


HOOKS = MappingProxyType(
    {
        "protect": Hook(
            "protecting the money, in the plan and against taking it back in the year", (Event.PLAN, Event.RAID), True
        ),
        "plan": Hook("protecting the money, in the plan alone", (Event.PLAN,), True),
        "raid": Hook("taking money back this quarter", (Event.RAID,), True),
        "leave": Hook("a leader's leaving this quarter", (Event.CHIEF_LEAVES, Event.FINANCE_LEAVES), False),
        "speed": Hook("committing loose money sooner", (), False),
        "offset": Hook("trimming what was spent on inequalities before", (Event.OFFSET,), False),
    }
)
"""Pulls in log-odds: functions of any of `board`, `state`, `draws`, `levers` and `numbers` that return one number."""

YEAR_END = "year_end"
"""The function that gives an area's state after a year, of the same arguments and `year`."""

PULL_ARGUMENTS = ("board", "state", "draws", "levers", "numbers")
YEAR_END_ARGUMENTS = ("board", "year", "state", "draws", "levers", "numbers")


def name_state(name: str) -> str:
    """The column of boards, and the attribute of a Mesa board, that holds a number of the plug-in's state."""
    return f"{GROUP}_{name}"


def name_draw(name: str) -> str:
    """The same of the plug-in's draw of this quarter."""
    return f"{GROUP}_draw_{name}"


def name_pull(hook: str) -> str:
    """What the pull of a hook is called among the pulls of a decision."""
    return f"{GROUP}_{hook}"
