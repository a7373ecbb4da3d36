"""What is chosen on the Boards page: a board, a day of the map, two scenarios and a future."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from dashboards.selection.selection import LETTERS, SelectionError
from simulator.boards.table import read_boards
from simulator.declarations.calendar import FIRST_YEAR, QUARTERS
from simulator.runs.futures import MOST

THIRDS = ("Least deprived third", "Middle third", "Most deprived third")
"""Boards by deprivation, as `Boards.thirds` numbers them."""
_QUARTER = re.compile(r"(20\d\d)Q([1-4])")
_FUTURE = re.compile(r"\d{1,6}")


@dataclass(frozen=True)
class MapSelection:
    """`board` is a code ("" for none), `quarter` the day of the map (index; by default the
    boards as they stand in the years of a policy, after their mergers), `shown` and `against` scenarios
    by their letters, 0 for A (`against` -1 for none), `future` a run number (-1 for a typical one).
    """

    board: str = ""
    quarter: int = QUARTERS - 1
    shown: int = 1
    against: int = 0
    future: int = -1

    def __post_init__(self) -> None:
        if not 0 <= self.quarter < QUARTERS:
            raise SelectionError("the day of the map is outside the calendar")
        if not (0 <= self.shown < len(LETTERS) and -1 <= self.against < len(LETTERS)):
            raise SelectionError("the map can show scenarios A to D only")
        if not -1 <= self.future < MOST:
            raise SelectionError(f"a future has a number from 0 to {MOST - 1:,}")

    def limit_to(self, letters: str) -> MapSelection:
        """The same where there are scenarios with these letters only, as places among them: instead of one that is not
        there the next is shown.
        """
        last = len(letters) - 1
        shown = next((at for at, letter in enumerate(letters) if LETTERS.index(letter) >= self.shown), last)
        against = letters.find(LETTERS[self.against]) if self.against >= 0 else -1
        against = against if against != shown else -1
        return replace(self, shown=shown, against=against)


def shows_pair(map_selection: MapSelection, at_first: MapSelection) -> bool:
    """Whether other scenarios are compared than those that are at first."""
    return (map_selection.shown, map_selection.against) != (at_first.shown, at_first.against)


def map_to_fields(map_selection: MapSelection, at_first: MapSelection) -> list[tuple[str, str]]:
    """The fields of a link; whatever has its default, and scenarios as they are compared at first, are left out."""
    fields, default = [], MapSelection()
    if map_selection.board:
        fields.append(("board", map_selection.board))
    if map_selection.quarter != default.quarter:
        fields.append(("map", f"{FIRST_YEAR + map_selection.quarter // 4}Q{map_selection.quarter % 4 + 1}"))
    if shows_pair(map_selection, at_first):
        fields.append(
            (
                "show",
                LETTERS[map_selection.shown] + (LETTERS[map_selection.against] if map_selection.against >= 0 else ""),
            )
        )
    if map_selection.future != default.future:
        fields.append(("future", str(map_selection.future)))
    return fields


def map_from_fields(fields: dict[str, str], notes: list[str], at_first: MapSelection) -> MapSelection:
    """Read the fields of a link, which leave what is `at_first` out; what cannot be kept is said in `notes`."""
    map_selection = at_first
    code = fields.get("board", "")
    if code in read_boards().codes:
        map_selection = replace(map_selection, board=code)
    elif code:
        notes.append("The link names a board that is not there; choose one on the Boards page.")
    try:
        day = _QUARTER.fullmatch(fields.get("map", ""))
        if day:
            map_selection = replace(map_selection, quarter=4 * (int(day[1]) - FIRST_YEAR) + int(day[2]) - 1)
        show = fields.get("show", "")
        if re.fullmatch(r"[A-D]{1,2}", show) and len(set(show)) == len(show):
            at = [LETTERS.index(letter) for letter in show]
            map_selection = replace(map_selection, shown=at[0], against=at[1] if len(at) > 1 else -1)
        if _FUTURE.fullmatch(fields.get("future", "")) and fields["future"].isascii():
            map_selection = replace(map_selection, future=int(fields["future"]))
    except SelectionError as error:
        notes.append(f"A setting of this link cannot be kept: {error}.")
    return map_selection
