"""What is chosen on the pages of analyses: levers, scenarios and methods."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType

from dashboards.selection.selection import LETTERS, SelectionError
from simulator.common.units import Unit
from simulator.declarations.levers import LEVERS

SWEPT_LEVERS = tuple(name for name, lever in LEVERS.items() if lever.about.unit is not Unit.SWITCH)
"""Levers that can have any amount, and so can be swept; switches cannot."""

DEFAULT, HALF_OF_MONEY = -1, -2
"""Numbers of scenarios that are none: the page's own choice; and not a scenario but half of the money."""
FORMER_ENOUGH = "ringfence"
"""What a link meant that says which scenario is to be equalled and not by which lever."""
METHODS = MappingProxyType(
    {
        "main": "What is known after the fit (main effects)",
        "screen": "Screening over the priors (Morris)",
        "sobol": "Shares over the priors (Sobol’)",
    }
)


@dataclass(frozen=True)
class AnalysisSelection:
    """`lever` for `equals`; how much of `enough` does as much as the scenario `enough_of`; the parts of
    `parts_of`; what drives `matters_of`, by `method`; where `fails_of` does less than `fails_by` (or HALF).
    Scenarios are numbered by their letters, 0 for A, so that each stays what it is when another is removed.
    """

    lever: str = "leader_lift"
    equals: str = "ringfence"
    enough: str = "leader_lift"
    enough_of: int = DEFAULT
    parts_of: int = DEFAULT
    matters_of: int = DEFAULT
    method: str = "main"
    fails_of: int = DEFAULT
    fails_by: int = DEFAULT

    def __post_init__(self) -> None:
        for name in (self.lever, self.equals, self.enough):
            if name not in SWEPT_LEVERS:
                raise SelectionError(f"“{name[:30]}” is no lever of which there can be more or less")
        if self.method not in METHODS:
            raise SelectionError(f"“{self.method[:30]}” is no way to find what drives an outcome")
        for at, least in ((self.enough_of, 1), (self.parts_of, 1), (self.matters_of, 1), (self.fails_of, 0)):
            if at != DEFAULT and not least <= at < len(LETTERS):
                raise SelectionError("a question is about one of the scenarios A to D")
        if not HALF_OF_MONEY <= self.fails_by < len(LETTERS):
            raise SelectionError("a scenario is held against another of A to D, or against half")


def analyses_to_fields(analysis_selection: AnalysisSelection) -> list[tuple[str, str]]:
    """The fields of a link; whatever has its default is left out."""
    default = AnalysisSelection()
    fields = {
        "equals": (f"{analysis_selection.lever}.{analysis_selection.equals}", f"{default.lever}.{default.equals}"),
        "enough": (analysis_selection.enough, default.enough if analysis_selection.enough_of == DEFAULT else ""),
        "enough.of": (_find_letter(analysis_selection.enough_of), ""),
        "parts.of": (_find_letter(analysis_selection.parts_of), ""),
        "drives.of": (_find_letter(analysis_selection.matters_of), ""),
        "drives.by": (analysis_selection.method, default.method),
        "fails.of": (_find_letter(analysis_selection.fails_of), ""),
        "fails.by": (
            "half" if analysis_selection.fails_by == HALF_OF_MONEY else _find_letter(analysis_selection.fails_by),
            "",
        ),
    }
    return [(name, value) for name, (value, default_value) in fields.items() if value != default_value]


def analyses_from_fields(fields: dict[str, str], notes: list[str]) -> AnalysisSelection:
    """Read the fields of a link; what cannot be kept is said in `notes`."""
    wishes: list[dict[str, str | int]] = []
    if "equals" in fields:
        lever, _, equals = fields["equals"].partition(".")
        wishes.append({"lever": lever, "equals": equals})
    wishes += [{name: fields[key]} for name, key in (("enough", "enough"), ("method", "drives.by")) if key in fields]
    places = {
        "enough_of": "enough.of",
        "parts_of": "parts.of",
        "matters_of": "drives.of",
        "fails_of": "fails.of",
        "fails_by": "fails.by",
    }
    wishes += [{name: _read_letter(fields[key])} for name, key in places.items() if key in fields]
    if "enough" not in fields:
        wishes = [{"enough": FORMER_ENOUGH, **wish} if "enough_of" in wish else wish for wish in wishes]
    analysis_selection = AnalysisSelection()
    for wish in wishes:
        try:
            analysis_selection = replace(analysis_selection, **wish)  # type: ignore[arg-type]
        except SelectionError as error:
            notes.append(f"A question of this link cannot be kept: {error}.")
    return analysis_selection


def _find_letter(at: int) -> str:
    return LETTERS[at] if at >= 0 else ""


def _read_letter(text: str) -> int:
    if text == "half":
        return HALF_OF_MONEY
    return LETTERS.index(text) if text in tuple(LETTERS) else len(LETTERS)
