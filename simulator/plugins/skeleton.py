"""The file of a plug-in that somebody begins with: commented, and whole, so that it runs before anything is changed."""

from __future__ import annotations

import re

SKELETON = '''"""TITLE_HERE: say in a few sentences what it is, and why a board would act so.

Try it with: ringfence plugin check FILE_HERE
Run it with: ringfence --plugin FILE_HERE compare my_scenario.yaml, where the scenario moves the lever below.
"""

from typing import Annotated, NamedTuple

from simulator.plugins import Board, HalfNormal, Status, Strength, Unit, lever, uncertain

TITLE = "TITLE_HERE"

# Sources of your own, as in simulator/data/evidence.yaml; numbers and levers cite them by id.
EVIDENCE = [
    # {"id": "P01", "says": "What it says, in your own words.", "source": "Author, title, year", "year": 2020,
    #  "strength": "weak", "kind": "mechanism", "supports": ["NAME_HERE_pull"], "url": ["its address"]},
]

# What each pull is called in a board's story, as `ringfence why` tells it.
PHRASES = {"protect": "TITLE_LOWER"}


class Numbers(NamedTuple):
    """What nobody knows exactly, each with unit, bounds, meaning, prior, status, strength,
    evidence, and plain words that begin with 'how'."""

    NAME_HERE_pull: Annotated[float, uncertain(
        Unit.LOG_ODDS, 0, 4, "Pull to protect where it is at work and the finance director is in full support",
        HalfNormal(0.8), Status.EXPLORED, Strength.A, "",
        "how much TITLE_LOWER makes boards protect the money")] = 0.5


class Levers(NamedTuple):
    """What a scenario can set. At its default nothing may change: the model is then as published, to the last bit."""

    NAME_HERE: Annotated[float, lever(
        "centre", Unit.STRENGTH, 0, 1, "TITLE_HERE", "")] = 0.0


# A function named after a hook adds a pull, in log-odds, to a decision. It takes any of board, state, levers, numbers.
# Hooks: protect (plan and raids), plan, raid, leave, speed, offset; see docs/guide/plugins.md.
def protect(board: Board, levers: Levers, numbers: Numbers) -> float:
    """Protects more firmly, and most where the finance director is in support."""
    return numbers.NAME_HERE_pull * levers.NAME_HERE * board.finance


# What an area carries from year to year goes into class State(NamedTuple), and year_end gives it anew:
#
# class State(NamedTuple):
#     NAME_HERE_memory: Annotated[float, state("What is remembered, 0 to 1")] = 0.0
#
# def year_end(year: Year, state: State, levers: Levers) -> State:
#     """Remembers half of it, and adds what was not retained this year."""
#     return State(clip(0.5 * state.NAME_HERE_memory + levers.NAME_HERE * (1.0 - year.retained), 0.0, 1.0))
#
# Chance of its own goes into class Draws(NamedTuple): each a number between 0 and 1, new every quarter, the same in
# every scenario. A function that takes draws may compare it with a chance:
#
# class Draws(NamedTuple):
#     NAME_HERE_seen: Annotated[float, draw("Whether anybody looks this quarter")]
#
# looked_at = 1.0 if draws.NAME_HERE_seen < 0.3 else 0.0
'''


def make_skeleton(title: str, file_name: str) -> str:
    """The text of a file for a mechanism of this title."""
    words = " ".join(title.split()).replace("\\", "").replace('"', "'")
    name = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")[:30] or "mechanism"
    name = name if name[0].isalpha() else f"m_{name}"
    lower = words[:1].lower() + words[1:]
    text = SKELETON
    for mark, said in {
        "TITLE_HERE": words,
        "TITLE_LOWER": lower[:80],
        "NAME_HERE": name,
        "FILE_HERE": file_name,
    }.items():
        text = text.replace(mark, said)
    return text
