"""A claim of another answer than a comparison: what equals what, where a ring-fence breaks even, which policy holds up.

An answer has figures with names, such as `amount` or `regret of ringfence`. A condition holds one against a number, or
against another figure, which is how an order is claimed.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

import numpy as np

from simulator.claims.claim import BoardsRecord
from simulator.claims.frozen_scenario import FrozenScenario, freeze_scenario
from simulator.common.characters import make_visible, normalise_text
from simulator.common.errors import InputError
from simulator.common.numbers import NotReadableError, parse_number
from simulator.common.representation import short_repr
from simulator.experiments.decision.robustness import Robustness
from simulator.experiments.tradeoffs.equivalence import Equivalence
from simulator.experiments.tradeoffs.package_search import PackageSearchResult, ScoredPackage
from simulator.runs.manifest import Software, find_software
from simulator.studies.break_even import BreakEven

if TYPE_CHECKING:
    import pandas as pd

    from simulator.boards.table import Boards
    from simulator.scenarios.scenario import Scenario

Side = Literal["above", "below"]
StudyResult = Equivalence | BreakEven | Robustness | PackageSearchResult
_TEXT = re.compile(r"(.+?) (above|below) (.+)")
_SHARES = (0.1, 0.5, 0.9)


@dataclass(frozen=True)
class FigureCondition:
    """That a figure lies above or below a number, or another figure."""

    figure: str
    side: Side
    other: str | float

    @property
    def text(self) -> str:
        """The condition as it is typed."""
        return f"{self.figure} {self.side} {self.other if isinstance(self.other, str) else format(self.other, '.15g')}"

    def holds(self, figures: Mapping[str, float]) -> bool:
        """Whether it holds of an answer's figures; a figure that is not among them fails it."""
        if self.figure not in figures or (isinstance(self.other, str) and self.other not in figures):
            return False
        value = figures[self.figure]
        other = figures[self.other] if isinstance(self.other, str) else self.other
        return value > other if self.side == "above" else value < other

    def describe_finding(self, figures: Mapping[str, float]) -> str:
        """What was found, beside the condition: "it is 0.62, the other 0.71"."""
        missing = [name for name in (self.figure, self.other) if isinstance(name, str) and name not in figures]
        if missing:
            return f"the answer has no {missing[0]}"
        other = f", the other {_write_figure(figures[self.other])}" if isinstance(self.other, str) else ""
        return f"it is {_write_figure(figures[self.figure])}{other}"


def _write_figure(value: float) -> str:
    """A figure in words; an amount is infinite where none that was tried is enough."""
    return "more than any that was tried" if value == float("inf") else f"{value:.4g}"


@dataclass(frozen=True)
class StudyCall:
    """What an answer was asked with: scenarios by title, the arguments that JSON can hold, boards and posterior."""

    scenarios: Mapping[str, Scenario]
    arguments: Mapping[str, object]
    boards: Boards
    posterior: Sequence[tuple[str, str]] = ()


@short_repr
@dataclass(frozen=True)
class StudyClaim:
    """An answer with everything that it hangs on. `question` names the function that is asked again with `arguments`.

    `scenarios` are those that it was asked about, by value; `figures` what was found, by name; `digest` the SHA-256 of
    the answer's table; `basis` how parameters were drawn, in words, and `posterior` the options that name another
    posterior than the one that ships.
    """

    question: str
    arguments: Mapping[str, object]
    scenarios: Sequence[FrozenScenario]
    sentence: str
    figures: Mapping[str, float]
    conditions: Sequence[FigureCondition]
    digest: str
    basis: str
    posterior: Sequence[tuple[str, str]]
    boards: BoardsRecord
    software: Software
    saved: str


def list_figures(result: StudyResult, policies: Mapping[str, Scenario]) -> dict[str, float]:
    """The figures of an answer by name. `policies` are the scenarios by title, of which robustness speaks by name."""
    if isinstance(result, Equivalence):
        figures = {f"amount in {100 * share:.0f} of 100": result.enough_in(share) for share in _SHARES}
        return {"amount": result.on_average.value, **figures, "none enough": result.none_enough / result.draws}
    if isinstance(result, BreakEven):
        return {
            **list_figures(result.equivalence, policies),
            "gain of leadership": result.effect[0],
            **{f"gain of {duel.fence}": duel.effect[0] for duel in result.duels},
            **{f"leadership does more than {duel.fence}": duel.more / duel.draws for duel in result.duels},
        }
    if isinstance(result, Robustness):
        names = _name_policies(policies)
        return {
            f"{what} of {names[standing.policy]}": value
            for standing in result.standings
            for what, value in (
                ("mean", standing.mean),
                ("regret", standing.high_regret),
                ("best", standing.best.estimate),
                *((("meets", standing.meets.estimate),) if standing.meets else ()),
            )
        }
    return {f"outcome of {name_package(package)}": package.fresh for package in _list_packages(result)}


def _name_policies(policies: Mapping[str, Scenario]) -> dict[str, str]:
    """What conditions call each policy: its name where no other has it, or else its title."""
    counts = Counter(policy.name for policy in policies.values())
    return {title: policy.name if counts[policy.name] == 1 else title for title, policy in policies.items()}


def name_package(package: ScoredPackage) -> str:
    """A package by its levers, such as "audit=1, leader_lift=0.5"."""
    return ", ".join(f"{lever}={value:g}" for lever, value in package.settings.items())


def _list_packages(result: PackageSearchResult) -> list[ScoredPackage]:
    return [result.nothing, *(p for p in result.packages if p.settings != result.nothing.settings)]


def parse_figure_condition(text: str, figures: Mapping[str, float]) -> FigureCondition:
    """The condition in a text. Raises InputError, which names the figures."""
    written = _TEXT.fullmatch(normalise_text(text))
    known = f"figures are: {'; '.join(figures)}"
    if written is None:
        example = f"{next(iter(figures))} above 0"
        raise InputError(f"'{make_visible(text)}' is no condition; write for example “{example}”; {known}")
    figure, side, other = written[1], cast(Side, written[2]), written[3]
    if figure not in figures:
        raise InputError(f"'{make_visible(figure)}' is no figure of this answer; {known}")
    if other in figures:
        return FigureCondition(figure, side, other)
    try:
        return FigureCondition(figure, side, parse_number(other))
    except NotReadableError as error:
        raise InputError(f"'{make_visible(text)}': {error}, and no figure; {known}") from None


def derive_figure_conditions(result: StudyResult, policies: Mapping[str, Scenario]) -> list[FigureCondition]:
    """The conditions under which the answer stays what it is. Raises InputError where nothing in it is clear of error.

    An amount stays in its 95% interval; leadership before or behind each ring-fence where that is settled; the policy
    of least regret before those whose intervals do not touch its own; the best package before moving nothing.
    """
    if isinstance(result, Equivalence):
        return _bound_amount(result)
    if isinstance(result, BreakEven):
        sides: dict[str, Side] = {"holds": "above", "fails": "below"}
        settled = [
            FigureCondition(f"leadership does more than {duel.fence}", sides[duel.verdict], 0.5)
            for duel in result.duels
            if duel.verdict in sides
        ]
        return [*_bound_amount(result.equivalence), *settled]
    if isinstance(result, Robustness):
        names, least = _name_policies(policies), result.least_regret
        return _demand(
            [
                FigureCondition(f"regret of {names[least.policy]}", "below", f"regret of {names[other.policy]}")
                for other in result.standings
                if other.high_interval[0] > least.high_interval[1]
            ]
        )
    sign = result.aim.better
    best = max(result.packages, key=lambda p: sign * p.fresh)
    clear = min(sign * x for x in best.interval) > max(sign * x for x in result.nothing.interval)
    side: Side = "above" if sign > 0 else "below"
    names_ = [f"outcome of {name_package(package)}" for package in (best, result.nothing)]
    return _demand([FigureCondition(names_[0], side, names_[1])] if clear else [])


def _bound_amount(result: Equivalence) -> list[FigureCondition]:
    value, low, high = result.on_average.value, result.on_average.low, result.on_average.high
    if math.isinf(value):
        return [FigureCondition("amount", "above", float(result.sweep.amounts.max()))]
    ends: list[tuple[Side, float]] = [
        ("above", math.nextafter(low, -math.inf)),
        ("below", math.nextafter(high, math.inf)),
    ]
    return [FigureCondition("amount", side, end) for side, end in ends if math.isfinite(end)]


def _demand(conditions: list[FigureCondition]) -> list[FigureCondition]:
    if not conditions:
        raise InputError(
            "nothing in this answer is clear of its error; say what is claimed with a condition of your own"
        )
    return conditions


def make_figure_conditions(
    result: StudyResult, policies: Mapping[str, Scenario], that: Sequence[str]
) -> list[FigureCondition]:
    """Conditions in words, or those that the answer implies. Raises InputError for one that does not hold."""
    figures = list_figures(result, policies)
    conditions = [parse_figure_condition(text, figures) for text in that] or derive_figure_conditions(result, policies)
    for condition in conditions:
        if not condition.holds(figures):
            found = condition.describe_finding(figures)
            raise InputError(f"“{condition.text}” does not hold, so it cannot be claimed: {found}")
    return conditions


def make_study_claim(
    question: str, result: StudyResult, call: StudyCall, basis: str, today: str, that: Sequence[str] = ()
) -> StudyClaim:
    """A claim of an answer to `question`. Raises InputError where no condition holds."""
    return StudyClaim(
        question,
        call.arguments,
        [freeze_scenario(scenario) for scenario in call.scenarios.values()],
        result.sentence,
        list_figures(result, call.scenarios),
        make_figure_conditions(result, call.scenarios, that),
        hash_result(result),
        basis,
        call.posterior,
        BoardsRecord(call.boards.source, call.boards.fingerprint),
        find_software(),
        today,
    )


def hash_result(result: StudyResult) -> str:
    """SHA-256 of what an answer found: of its table, or of what the table of an equivalence held in version 0.1."""
    import pandas as pd

    if isinstance(result, Equivalence):
        return hash_frame(pd.DataFrame({"equivalent": result.equivalents, "more_crossings": result.more_crossings}))
    return hash_frame(result.to_frame())


def hash_frame(frame: pd.DataFrame) -> str:
    """SHA-256 of a table: names of columns, then each column's numbers as 64-bit numbers or its texts."""
    digest = hashlib.sha256()
    for name, column in frame.items():
        digest.update(f"{name}\n".encode())
        if column.dtype.kind in "fiub":
            digest.update(np.ascontiguousarray(column.to_numpy(), dtype="<f8").tobytes())
        else:
            digest.update("\n".join(map(str, column)).encode())
    return digest.hexdigest()
