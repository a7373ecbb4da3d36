"""Finds boards by their name, code or short form, by their region, or by a place in them.

`dashboards/offline/page/board_search.js` finds the same in the explorer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from simulator.boards.table import Boards
from simulator.common.formatting import number_of
from simulator.common.sentence_templates import get_template

LONGEST = 60
"""Letters of what is sought, at most."""
MOST_FOUND = 12
"""Boards that are offered at once."""
IDLE = frozenset(("nhs", "icb", "and", "the", "of", "in", "board", "boards", "integrated", "care"))


@cache
def load_places() -> Mapping[str, Mapping[str, str]]:
    """Other words for regions by name (`regions`), and places in the published boards by code (`boards`)."""
    text = files("dashboards").joinpath("data", "board_places.json").read_text(encoding="utf-8")
    places: dict[str, dict[str, str]] = json.loads(text)
    return places


def find_boards(boards: Boards, sought: str) -> list[int]:
    """The boards (positions) in which each word is found, those that are named like it first; none for no words.

    A word is found where another begins with it. A board with a place, code or region of just this name comes before
    one that has the words only somewhere in its name. Words from several of these count where no board has all in one.
    """
    words = [word for word in _split(sought) if word not in IDLE]
    if not words:
        return []
    ranks = [_rank(boards, at, words) for at in range(len(boards))]
    least = 2 if max(ranks, default=0) > 1 else 1
    return sorted((at for at, rank in enumerate(ranks) if rank >= least), key=lambda at: (-ranks[at], at))


def list_known(boards: Boards, at: int) -> list[list[str]]:
    """By what words a board is known, name by name: its own names and code, places in it, its region's names."""
    region, code = boards.regions[at], boards.codes[at]
    places = load_places()
    names = (boards.names[at], boards.short_names[at], code, boards.abbrevs[at])
    near = [*names, *places["boards"].get(code, "").split(",")]
    wide = [region, *places["regions"].get(region, "").split(",")]
    return [[word for word in _split(text) if word not in IDLE] for text in (*near, *wide)]


def _rank(boards: Boards, at: int, words: list[str]) -> int:
    known = list_known(boards, at)
    if any(own == words for own in known):
        return 4
    if any(own[: len(words)] == words for own in known):
        return 3
    if any(_holds(own, words) for own in known):
        return 2
    return int(_holds([word for own in known for word in own], words))


def _holds(known: list[str], words: list[str]) -> bool:
    return all(any(other.startswith(word) for other in known) for word in words)


def _split(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold().replace("&", " and ").replace("'", "").replace("\u2019", ""))


def describe_found(sought: str, found: int) -> str:
    """How many boards were found, and what to do next."""
    if not sought.strip():
        return ""
    if not found:
        return get_template("boards.found.none").format(sought=sought.strip())
    more = get_template("boards.found.more").format(most=MOST_FOUND) if found > MOST_FOUND else ""
    return get_template("boards.found").format(count=number_of(found, "board"), sought=sought.strip(), more=more)
