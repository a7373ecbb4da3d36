"""What a user can know: a board's figure, a score of leaders, a national figure, a statement and how far to believe it.

Each kind is plain data. Its `key` is its content in one line: the same content gives the same key, wherever it stands.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.declarations.calendar import year_name
from simulator.evidence.questions import AnswerTo, list_questions

Side = str | float | AnswerTo
"""One side of a claim: how commands name a scenario, a number, or what the model answers to a question."""


@dataclass(frozen=True, order=True)
class BoardRow:
    """What one board did in one year: an outcome as a share, with the standard deviation of its error."""

    board: str
    year: int
    outcome: str
    value: float
    error: float
    source: str = ""
    in_fit: bool = False

    @property
    def key(self) -> str:
        """The content that counts."""
        return f"row|{self.board}|{self.year}|{self.outcome}|{self.value!r}|{self.error!r}|{self.in_fit}"

    @property
    def label(self) -> str:
        """The observation in a few words."""
        return f"{self.board}, {year_name(self.year)}: {self.outcome} {self.value:.0%}, give or take {self.error:.0%}"


@dataclass(frozen=True, order=True)
class LeaderScore:
    """Scores of boards in one year that are believed to track their leaders: (board, score) in any unit."""

    name: str
    year: int
    values: tuple[tuple[str, float], ...]
    source: str = ""
    in_fit: bool = False

    @property
    def key(self) -> str:
        """The content that counts."""
        return f"score|{self.year}|{sorted(self.values)!r}|{self.in_fit}"

    @property
    def label(self) -> str:
        """The observation in a few words."""
        return f"{self.name}, {year_name(self.year)}: scores of the chiefs of {len(self.values)} boards"


@dataclass(frozen=True, order=True)
class NationalFigure:
    """A figure for all boards together over `years` (first, stop), or with `target` a declared figure of a replay."""

    what: str
    years: tuple[int, int]
    value: float
    error: float
    source: str = ""
    in_fit: bool = False
    target: bool = False

    @property
    def key(self) -> str:
        """The content that counts."""
        return f"national|{self.what}|{self.years}|{self.value!r}|{self.error!r}|{self.in_fit}|{self.target}"

    @property
    def label(self) -> str:
        """The observation in a few words."""
        first, stop = self.years
        when = (
            "" if self.target else f", {year_name(first)}" + (f" to {year_name(stop - 1)}" if stop > first + 1 else "")
        )
        return f"England{when}: {self.what} {self.value:g}, give or take {self.error:g}"


@dataclass(frozen=True)
class Statement:
    """A claim about what policies do on average over chance, and how far it is believed: `more` above `less`.

    `years` is a span as people write it, or empty for the years from the first change on.
    """

    more: Side
    less: Side
    outcome: str
    credence: float
    because: str
    years: str = ""
    in_fit: bool = False

    @property
    def claim(self) -> str:
        """The claim as a file writes it."""
        return f"{self.more} > {self.less}"

    @property
    def piece(self) -> str:
        """What it is a part of: the three statements that an answer makes are one piece."""
        return self.less.question if isinstance(self.less, AnswerTo) else self.key

    @property
    def words(self) -> str:
        """The claim as people read it, with what it is about."""
        if isinstance(self.less, AnswerTo):
            return f"{list_questions()[self.less.question]} Fewer than {100 * float(str(self.more)):g}"
        return f"{self.claim} on {self.outcome}"

    @property
    def key(self) -> str:
        """The content that counts."""
        return f"statement|{self.claim}|{self.outcome}|{self.years}|{self.credence!r}|{self.in_fit}"

    @property
    def label(self) -> str:
        """The observation in a few words."""
        return f"{self.words}, believed to {self.credence:.0%}"


Observation = BoardRow | LeaderScore | NationalFigure | Statement
