"""The search box of the Boards page: a field, what was found in words, and a button for each board."""

from __future__ import annotations

from collections.abc import Callable

from dashboards.selection.board_search import LONGEST, MOST_FOUND, describe_found, find_boards
from dashboards.widgets.sheet import Entry, Part, Push, Words
from dashboards.widgets.theme import render_quiet
from simulator.boards.table import Boards
from simulator.common.sentence_templates import get_template


class BoardFinder:
    """Finds among the boards of a session, and hands over the code of the one that is chosen."""

    def __init__(self, get_boards: Callable[[], Boards], choose: Callable[[str], None]) -> None:
        self._get_boards, self._choose, self._codes = get_boards, choose, list[str]()
        self.field, self.said = (
            Entry(get_template("boards.search"), LONGEST, live=True, on_enter=self.take_first),
            Words(),
        )
        self.offers = [Push("", lambda at=at: self._take(at), visible=False) for at in range(MOST_FOUND)]  # type: ignore[misc]
        self.field.param.watch(lambda _: self.search(), "value")

    @property
    def parts(self) -> list[Part]:
        """What stands on the page, in its order."""
        return [self.field, self.said, *self.offers]

    def search(self) -> None:
        """Show the boards that the words in the field find."""
        boards = self._get_boards()
        found = find_boards(boards, self.field.value)
        self._codes = [boards.codes[at] for at in found[:MOST_FOUND]]
        said = describe_found(self.field.value, len(found))
        self.said.object = render_quiet(said) if said else ""
        for at, offer in enumerate(self.offers):
            if at < len(self._codes):
                offer.label = f"{boards.short_names[found[at]]} ({self._codes[at]})"
            offer.visible = at < len(self._codes)

    def take_first(self) -> None:
        """Choose the first of those that were found."""
        self._take(0)

    def _take(self, at: int) -> None:
        if at < len(self._codes):
            self._choose(self._codes[at])
