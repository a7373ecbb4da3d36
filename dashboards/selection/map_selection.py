"""Where somebody looks on the Boards page: a board, a day on the map, two scenarios and a future."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from dashboards.selection.selection import LETTERS, ChoiceError
from simulator.boards.table import boards
from simulator.declarations.calendar import FIRST_YEAR, QUARTERS
from simulator.runs.futures import MOST

_QUARTER = re.compile(r"(20\d\d)Q([1-4])")
_FUTURE = re.compile(r"\d{1,6}")


@dataclass(frozen=True)
class Place:
    """`board` is a code ("" for none), `quarter` the day of the map (index), `shown` and `against` places of
    scenarios (`against` -1 for none), `future` a run number (-1 for a typical one).
    """

    board: str = ""
    quarter: int = 0
    shown: int = 1
    against: int = 0
    future: int = -1

    def __post_init__(self) -> None:
        if not 0 <= self.quarter < QUARTERS:
            raise ChoiceError("the day of the map is outside the calendar")
        if not (0 <= self.shown < len(LETTERS) and -1 <= self.against < len(LETTERS)):
            raise ChoiceError("the map can show scenarios A to D only")
        if not -1 <= self.future < MOST:
            raise ChoiceError(f"a future has a number from 0 to {MOST - 1:,}")

    def within(self, scenarios: int) -> Place:
        """The same with the scenarios that there are."""
        shown = min(self.shown, scenarios - 1)
        against = self.against if self.against < scenarios and self.against != shown else -1
        return replace(self, shown=shown, against=against)


def pairs(place: Place) -> list[tuple[str, str]]:
    """A place in the words of a link; what is as usual is left out."""
    found, usual = [], Place()
    if place.board:
        found.append(("board", place.board))
    if place.quarter != usual.quarter:
        found.append(("map", f"{FIRST_YEAR + place.quarter // 4}Q{place.quarter % 4 + 1}"))
    if (place.shown, place.against) != (usual.shown, usual.against):
        found.append(("show", LETTERS[place.shown] + (LETTERS[place.against] if place.against >= 0 else "")))
    if place.future != usual.future:
        found.append(("future", str(place.future)))
    return found


def restored(found: dict[str, str], notes: list[str]) -> Place:
    """The place in a link; what cannot be kept is said in `notes`."""
    place = Place()
    code = found.get("board", "")
    if code in boards().codes:
        place = replace(place, board=code)
    elif code:
        notes.append("The link names a board that is not there; choose one on the Boards page.")
    try:
        day = _QUARTER.fullmatch(found.get("map", ""))
        if day:
            place = replace(place, quarter=4 * (int(day[1]) - FIRST_YEAR) + int(day[2]) - 1)
        show = found.get("show", "")
        if re.fullmatch(r"[A-D]{1,2}", show) and len(set(show)) == len(show):
            at = [LETTERS.index(letter) for letter in show]
            place = replace(place, shown=at[0], against=at[1] if len(at) > 1 else -1)
        if _FUTURE.fullmatch(found.get("future", "")) and found["future"].isascii():
            place = replace(place, future=int(found["future"]))
    except ChoiceError as error:
        notes.append(f"A setting of this link cannot be kept: {error}.")
    return place
