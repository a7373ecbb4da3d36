"""Asks the question of a saved answer again, and says whether its claim still holds, and what moved."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import NoneType
from typing import TYPE_CHECKING, Any, cast

from simulator.boards.table import Boards
from simulator.claims.claim import ClaimError
from simulator.claims.frozen_scenario import thaw_scenario
from simulator.claims.study_claim import (
    FigureCondition,
    StudyCall,
    StudyClaim,
    StudyResult,
    hash_result,
    list_figures,
)
from simulator.claims.verification import NEVER_HELD, Standing, describe_parameters
from simulator.common.characters import make_visible
from simulator.common.errors import InputError
from simulator.common.json_shape import NUMBER, describe_misfit
from simulator.common.representation import short_repr
from simulator.notebook.policy_questions import break_even, equivalence, packages, robustness
from simulator.notebook.study_answer import StudyAnswer
from simulator.runs.futures import describe_missing_plugin, find_plugin_in
from simulator.runs.manifest import find_software
from simulator.runs.posterior import current_posterior

if TYPE_CHECKING:
    import pandas as pd

_LEVERS, _SHARED = {...: NUMBER}, {"outcome": str, "years": (str, NoneType), "draws": int, "source": str, "seed": int}
_SHAPES: Mapping[str, Mapping[str, object]] = {
    "equivalence": {
        **_SHARED,
        **{"lever": str, "to": _LEVERS, "between": (list, NoneType), "steps": int, "start": str, "replicates": int},
    },
    "break_even": {**_SHARED, "leadership": _LEVERS, "start": str, "replicates": int},
    "robustness": {**_SHARED, "threshold": (*NUMBER, NoneType), "structures": int, "replicates": int},
    "packages": {**_SHARED, "levers": _LEVERS, "costs": _LEVERS, "hold": _LEVERS, "most": int, "start": str},
}
_OPTIONAL = {"budget"}
_QUESTIONS: Mapping[str, Callable[..., StudyAnswer[Any]]] = {
    "equivalence": equivalence,
    "break_even": break_even,
    "robustness": robustness,
    "packages": packages,
}


@dataclass(frozen=True)
class CheckedFigure:
    """A condition of a claim, whether it holds today, and what was found."""

    condition: FigureCondition
    holds: bool
    finding: str


@short_repr
@dataclass(frozen=True)
class StudyVerification:
    """How the claim of an answer stands. `figures` are today's, `now` is today's sentence."""

    claim: StudyClaim
    standing: Standing
    conditions: tuple[CheckedFigure, ...]
    figures: Mapping[str, float]
    now: str
    moved: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """How the claim stands, what it says, what does not hold, and what moved."""
        failed = [
            f"Does not hold: {part.condition.text} ({part.finding})." for part in self.conditions if not part.holds
        ]
        said = f"The claim, saved on {self.claim.saved}: {self.claim.sentence}"
        return " ".join([self.standing.value, said, *failed, *self.moved])

    def to_frame(self) -> pd.DataFrame:
        """One row for each figure: its name, what it was then, what it is now, and why one of them is missing (nan)."""
        import pandas as pd

        names = dict.fromkeys([*self.claim.figures, *self.figures])
        return pd.DataFrame([_compare_figure(name, self.claim.figures, self.figures) for name in names])


def _compare_figure(name: str, then: Mapping[str, float], now: Mapping[str, float]) -> dict[str, object]:
    """A figure then and now. An amount is infinite where none is enough, which a table says in words."""
    row: dict[str, object] = {"figure": name}
    reasons = []
    for when, figures in (("then", then), ("now", now)):
        value = figures.get(name, math.nan)
        row[when] = value if math.isfinite(value) else math.nan
        reasons += [f"{when} no amount was enough"] if math.isinf(value) else []
        reasons += [f"there was no such figure {when}"] if name not in figures else []
    return {**row, "reason": "; ".join(reasons)}


def verify_study_claim(claim: StudyClaim, boards: Boards) -> StudyVerification:
    """Ask a claim's question again. Raises InputError where its boards, posterior or arguments cannot be had here."""
    answer = _ask_again(claim, boards)
    call, result = answer.call, answer.result
    assert call is not None
    figures = list_figures(result, call.scenarios)
    conditions = tuple(
        CheckedFigure(part, part.holds(figures), part.describe_finding(figures)) for part in claim.conditions
    )
    same = figures == claim.figures and hash_result(result) == claim.digest
    standing = Standing.SAME_BITS if same else Standing.SAME_CLAIM
    if not all(part.holds for part in conditions):
        standing = Standing.NO_LONGER_TRUE
    moved = () if same else _list_what_moved(claim, call, answer.basis)
    if same and standing is Standing.NO_LONGER_TRUE:
        moved = (NEVER_HELD,)
    return StudyVerification(claim, standing, conditions, figures, answer.sentence, moved)


def _ask_again(claim: StudyClaim, boards: Boards) -> StudyAnswer[StudyResult]:
    shape = _SHAPES.get(claim.question)
    if shape is None:
        raise ClaimError(f"it claims an answer that this version does not give: {make_visible(claim.question)[:40]}")
    unknown = sorted(set(claim.arguments) - set(shape) - _OPTIONAL)
    between = claim.arguments.get("between")
    pair = between is None or (not describe_misfit(between, [NUMBER]) and len(cast(list[float], between)) == 2)
    wrong = describe_misfit(dict(claim.arguments), shape) or ("" if pair else "between is no pair of numbers")
    wrong = wrong or (f"{unknown[0]} is unknown" if unknown else "")
    if wrong or not claim.scenarios:
        raise ClaimError(f"{make_visible(wrong or 'it has no scenario')}, so it cannot be asked again; save it again")
    if boards.fingerprint != claim.boards.fingerprint and claim.boards.source != boards.source:
        raise InputError(
            f"this is about boards of its own, {claim.boards.source} (fingerprint {claim.boards.fingerprint}); name "
            "their file with --boards"
        )
    if claim.posterior and not current_posterior().options:
        files = " ".join(f"{option} {value}" for option, value in claim.posterior)
        raise InputError(f"this draws from a posterior of its own; add: {files}")
    if lacks := describe_missing_plugin("this", find_plugin_in(claim.basis)):
        raise InputError(lacks)
    scenarios = [thaw_scenario(frozen) for frozen in claim.scenarios]
    asked = {"scenarios": scenarios} if claim.question == "robustness" else {"scenario": scenarios[0]}
    return _QUESTIONS[claim.question](**asked, **claim.arguments, boards=boards)


def _list_what_moved(claim: StudyClaim, call: StudyCall, basis: str) -> tuple[str, ...]:
    """What differs from when a claim was saved, a sentence each."""
    moved, now = [], find_software()
    if now.code != claim.software.code:
        moved.append(
            f"The rules of the model have changed (version {claim.software.version} then, {now.version} now)."
            if now.version != claim.software.version
            else f"The rules of the model have changed (both call themselves version {now.version})."
        )
    if basis != claim.basis or tuple(call.posterior) != tuple(claim.posterior):
        moved.append(describe_parameters(claim.basis, basis))
    if call.boards.fingerprint != claim.boards.fingerprint:
        moved.append("The table of boards has changed.")
    for frozen, scenario in zip(claim.scenarios, call.scenarios.values(), strict=True):
        if scenario.fingerprint != frozen.fingerprint:
            moved.append(f"“{frozen.title}” cannot be set as it was: levers, or their bounds, have changed.")
    if not moved:
        moved.append(
            "Rules, boards and scenarios are those of the claim. So the parameter sets are others, the method or this "
            "computer calculates in another way, or the saved numbers are not those that were found; ringfence doctor "
            "says whether it is the computer."
        )
    return tuple(moved)
