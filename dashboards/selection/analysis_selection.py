"""What is asked on the pages of questions: which levers, of which scenarios, by which method."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType

from dashboards.selection.selection import LETTERS, ChoiceError
from simulator.common.units import Unit
from simulator.declarations.levers import LEVERS

SWEPT = tuple(name for name, lever in LEVERS.items() if lever.about.unit is not Unit.SWITCH)
"""Levers of which there can be more or less."""

USUAL, HALF = -1, -2
"""Places of scenarios that are none: the page's own choice; and not a scenario but half of the money."""
METHODS = MappingProxyType(
    {
        "main": "What is known after the fit (main effects)",
        "screen": "Screening over the priors (Morris)",
        "sobol": "Shares over the priors (Sobol’)",
    }
)


@dataclass(frozen=True)
class Asked:
    """`lever` for `equals`; how much of `enough` does as much as the scenario in place `enough_of`; the parts of
    `parts_of`; what drives `matters_of`, by `method`; where `fails_of` does less than `fails_by` (or HALF).
    """

    lever: str = "leader_lift"
    equals: str = "ringfence"
    enough: str = "ringfence"
    enough_of: int = USUAL
    parts_of: int = USUAL
    matters_of: int = USUAL
    method: str = "main"
    fails_of: int = USUAL
    fails_by: int = USUAL

    def __post_init__(self) -> None:
        for name in (self.lever, self.equals, self.enough):
            if name not in SWEPT:
                raise ChoiceError(f"“{name[:30]}” is no lever of which there can be more or less")
        if self.method not in METHODS:
            raise ChoiceError(f"“{self.method[:30]}” is no way to find what drives an outcome")
        for at, least in ((self.enough_of, 1), (self.parts_of, 1), (self.matters_of, 1), (self.fails_of, 0)):
            if at != USUAL and not least <= at < len(LETTERS):
                raise ChoiceError("a question is about one of the scenarios A to D")
        if not HALF <= self.fails_by < len(LETTERS):
            raise ChoiceError("a scenario is held against another of A to D, or against half")


def pairs(asked: Asked) -> list[tuple[str, str]]:
    """What is asked, in the words of a link; what is as usual is left out."""
    usual = Asked()
    said = {
        "equals": (f"{asked.lever}.{asked.equals}", f"{usual.lever}.{usual.equals}"),
        "enough": (asked.enough, usual.enough),
        "enough.of": (_letter(asked.enough_of), ""),
        "parts.of": (_letter(asked.parts_of), ""),
        "drives.of": (_letter(asked.matters_of), ""),
        "drives.by": (asked.method, usual.method),
        "fails.of": (_letter(asked.fails_of), ""),
        "fails.by": ("half" if asked.fails_by == HALF else _letter(asked.fails_by), ""),
    }
    return [(name, value) for name, (value, as_usual) in said.items() if value != as_usual]


def restored(found: dict[str, str], notes: list[str]) -> Asked:
    """What a link asks; what cannot be kept is said in `notes`."""
    wishes: list[dict[str, str | int]] = []
    if "equals" in found:
        lever, _, equals = found["equals"].partition(".")
        wishes.append({"lever": lever, "equals": equals})
    wishes += [{name: found[key]} for name, key in (("enough", "enough"), ("method", "drives.by")) if key in found]
    places = {
        "enough_of": "enough.of",
        "parts_of": "parts.of",
        "matters_of": "drives.of",
        "fails_of": "fails.of",
        "fails_by": "fails.by",
    }
    wishes += [{name: _place(found[key])} for name, key in places.items() if key in found]
    asked = Asked()
    for wish in wishes:
        try:
            asked = replace(asked, **wish)  # type: ignore[arg-type]
        except ChoiceError as error:
            notes.append(f"A question of this link cannot be kept: {error}.")
    return asked


def _letter(at: int) -> str:
    return LETTERS[at] if at >= 0 else ""


def _place(text: str) -> int:
    if text == "half":
        return HALF
    return LETTERS.index(text) if text in tuple(LETTERS) else len(LETTERS)
