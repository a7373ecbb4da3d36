"""What designs are worth for a choice between scenarios: expected value of sample information, by simulation.

Every parameter draw makes a data set as the design would see it, from a run of its own and with the stated errors, and
all other draws are weighed by the board-level likelihood from replicates that are simulated once for all data sets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from simulator.common.arrays import Floats
from simulator.common.formatting import format_absolute, format_range, format_share, join_words, name_base
from simulator.common.representation import short_repr
from simulator.declarations.outcomes import OUTCOMES, Outcome
from simulator.engine.ensemble import count_threads
from simulator.evidence.board_likelihood import AT_ONCE, EDGE, BoardData, weigh_replicates
from simulator.evidence.designs import Design, Question, describe_question
from simulator.evidence.observations import BoardRow, LeaderScore
from simulator.evidence.predictions import SEED, Place, simulate_places
from simulator.evidence.weighing import make_records
from simulator.experiments.core.model_protocol import Progress, draw_uniforms
from simulator.experiments.core.replicate_average import average_over_replicates
from simulator.experiments.decision.sample_information import (
    SampleInformation,
    estimate_sample_information,
    summarise_data_sets,
)
from simulator.experiments.decision.value_of_information import (
    CROSS_FITTED,
    IN_SAMPLE,
    InformationValue,
    estimate_value_of_information,
)
from simulator.runs.posterior import current_posterior

if TYPE_CHECKING:
    import pandas as pd

REPLICATES, REPLICATES_OF_SCORES = 100, 30
LEAST_SHARE = 0.005
"""A policy that would be chosen after fewer of the answers than this share is left out."""


@dataclass(frozen=True, eq=False)
class AnswerKind:
    """The answers after which one policy is best: their share, and the mean figure over boards with its 80% range."""

    policy: str
    share: float
    mean: float
    low: float
    high: float


@short_repr
@dataclass(frozen=True, eq=False)
class DesignValue:
    """A design, what it is worth, and the answers after which each policy would be chosen."""

    design: Design
    value: SampleInformation
    answers: tuple[AnswerKind, ...]


@short_repr
@dataclass(frozen=True, eq=False)
class RankedDesigns:
    """Designs from the most to the least valuable, for the choice between `policies` by an outcome.

    `perfect` is the value of knowing every parameter, which no design can exceed.
    """

    outcome: Outcome
    best: str
    policies: tuple[str, ...]
    designs: tuple[DesignValue, ...]
    perfect: InformationValue | None
    draws: int

    @property
    def any_worth(self) -> bool:
        """Whether some design is shown to be worth something: the interval of the first lies above 0."""
        return self.designs[0].value.interval[0] > 0

    @property
    def sentence(self) -> str:
        """The ranking in one sentence, with what is not settled."""
        first = self.designs[0]
        if not self.any_worth:
            return f"“{self.best}” has the best average. No design is shown to be worth anything for this choice."
        worth = self.format_value(first)
        text = f"“{self.best}” has the best average. Most worth asking: {first.design.name}, worth {worth}"
        if self.perfect:
            text += f" where knowing everything would be worth {self._format(self.perfect.low)}"
        close = [d.design.name for d in self.designs[1:] if d.value.interval[1] >= first.value.interval[0]]
        return f"{text}." + (f" Not told apart from it: {join_words(close)}." if close else "")

    @property
    def request(self) -> str:
        """The winner as a request in plain English, and what each answer would do to the choice.

        It asks for nothing where no design is shown to be worth anything.
        """
        winner = self.designs[0]
        if not self.any_worth:
            return (
                f"Nothing here is worth asking: “{self.best}” has the best average, and no design is shown to better "
                "the choice. Try larger designs, other policies, or more draws."
            )
        lines = ["Please send:"] + [f"* {_describe_request(question)}" for question in winner.design.questions]
        lines += ["", "What the answers would do:"]
        for kind in winner.answers:
            lines.append(
                f"* Choose “{kind.policy}” after {format_share(kind.share, 100)} answers; in these the figures "
                f"average {kind.mean:.0%} (eight in ten lie between {kind.low:.0%} and {kind.high:.0%})."
            )
        if len(winner.answers) < 2:
            lines.append("* No answer would change the choice.")
        return "\n".join(lines)

    def format_value(self, design: DesignValue) -> str:
        """The bracket of a design in the outcome's unit, with the standard error of its first figure."""
        value = design.value
        return (
            f"{format_range(self._format(value.low), self._format(value.high))}{name_base(self.outcome.change_unit)} "
            f"(standard error {self._format(value.errors[0])}; two estimates and no interval: a {CROSS_FITTED}, an "
            f"{IN_SAMPLE})"
        )

    def _format(self, value: float) -> str:
        return format_absolute(max(value, 0.0), self.outcome.change_unit)

    @property
    def rows(self) -> list[dict[str, object]]:
        """One row for each design, the most valuable first."""
        return [
            {
                "design": item.design.name,
                "ask": item.design.text,
                "low": item.value.low,
                "high": item.value.high,
                "low_estimate": CROSS_FITTED,
                "high_estimate": IN_SAMPLE,
                "error_low": item.value.errors[0],
                "error_high": item.value.errors[1],
                "interval_low": item.value.interval[0],
                "interval_high": item.value.interval[1],
            }
            for item in self.designs
        ]

    def to_frame(self) -> pd.DataFrame:
        """One row per design, the most valuable first: what it asks, two estimates of its value, which are no interval
        (`low` errs low, `high` errs high; `low_estimate` and `high_estimate` say why), their standard errors and the
        95% interval around both, in the outcome's unit.
        """
        import pandas as pd

        return pd.DataFrame(self.rows)


def rank_designs(
    designs: Sequence[Design],
    table: Mapping[str, Floats],
    labels: np.ndarray[tuple[int], np.dtype[np.int64]],
    outcome: Outcome,
    *,
    points: Mapping[str, Floats],
    seed: int,
    progress: Progress | None = None,
) -> RankedDesigns:
    """Rank designs from the outcome of every policy (futures,) in replicates of the posterior's first draws, which
    `labels` (futures,) number.
    """
    averages = average_over_replicates(table, labels)
    names = tuple(averages.means)
    gains = outcome.better * np.stack(list(averages.means.values()), axis=1)
    worth = estimate_value_of_information(
        averages.at_draws(points), averages, better=outcome.better, questions={}, unit=outcome.change_unit, seed=seed
    )
    done = [_value_design(design, gains, names, seed, k, len(designs), progress) for k, design in enumerate(designs)]
    ranked = tuple(sorted(done, key=lambda item: (-item.value.low, item.design.name)))
    return RankedDesigns(outcome, worth.best, names, ranked, worth.perfect, len(gains))


def _value_design(
    design: Design, gains: Floats, names: Sequence[str], seed: int, at: int, of: int, progress: Progress | None
) -> DesignValue:
    n = len(gains)
    if not design.questions:
        return DesignValue(design, estimate_sample_information(gains, np.zeros_like(gains), seed=seed), ())
    simulated = _simulate(design, n)

    def count(done: int, total: int) -> None:
        if progress:
            progress(at * total + done, of * total)

    summaries = summarise_data_sets(
        gains, lambda j: weigh_replicates(simulated.replicates, simulated.data[j]), count, count_threads()
    )
    value = estimate_sample_information(gains, summaries, seed=seed)
    figures = np.array([_average_figure(data) for data in simulated.data])
    kinds = [_describe_kind(name, value.chosen == k, figures) for k, name in enumerate(names)]
    return DesignValue(design, value, tuple(kind for kind in kinds if kind.share >= LEAST_SHARE))


def _average_figure(data: BoardData) -> float:
    return float(np.mean([row.value for row in data.rows])) if data.rows else float("nan")


def _describe_kind(policy: str, after: np.ndarray[tuple[int], np.dtype[np.bool_]], figures: Floats) -> AnswerKind:
    if not after.any():
        return AnswerKind(policy, 0.0, np.nan, np.nan, np.nan)
    low, high = np.quantile(figures[after], (0.1, 0.9))
    return AnswerKind(policy, float(after.mean()), float(figures[after].mean()), float(low), float(high))


@short_repr
@dataclass(frozen=True, eq=False)
class _Simulated:
    """Replicates (draws, replicates, places) in the order of `BoardData.places`, and a data set of each draw."""

    replicates: Floats
    data: Sequence[BoardData]


def _simulate(design: Design, draws: int) -> _Simulated:
    points = make_records(current_posterior(), draws)
    blank = _make_data(design, {}, 0)
    each = REPLICATES_OF_SCORES if blank.scores else REPLICATES
    replicates = np.empty((draws, each, len(blank.places)))
    step = max(1, AT_ONCE // each)
    for first in range(0, draws, step):
        chunk = points[first : first + step]
        runs = np.arange(first * each, (first + len(chunk)) * each)
        values = simulate_places(np.repeat(chunk, each), runs, blank.places, SEED ^ 4)
        replicates[first : first + len(chunk)] = values.reshape(len(chunk), each, -1)
    truths = simulate_places(points, np.arange(draws), blank.places, SEED ^ 5)
    data = [_make_data(design, dict(zip(blank.places, truths[j].tolist(), strict=True)), j) for j in range(draws)]
    return _Simulated(replicates, data)


def _make_data(design: Design, truth: Mapping[Place, float], j: int) -> BoardData:
    """The data of a design where this is so, errors of draw `j` included."""
    rows: list[BoardRow] = []
    scores: list[LeaderScore] = []
    for k, question in enumerate(design.questions):
        for year in question.years:
            noise = ndtri(draw_uniforms(len(question.boards), SEED, f"error of question {k}, {year}, draw {j}"))
            if question.is_score:
                scores.append(_make_score(question, year, truth, noise, k))
                continue
            seen = [truth.get(Place(board, year, question.what), 0.0) for board in question.boards]
            values = np.clip(np.array(seen) + question.error * noise, 0.0, 1.0)
            rows += [
                BoardRow(board, year, question.what, float(value), question.error)
                for board, value in zip(question.boards, values, strict=True)
            ]
    return BoardData(tuple(rows), tuple(scores))


def _make_score(question: Question, year: int, truth: Mapping[Place, float], noise: Floats, k: int) -> LeaderScore:
    """A score of chiefs: their strength as a logit, standardised over boards, and noise."""
    strength = np.array([truth.get(Place(board, year, "chief"), 0.5) for board in question.boards])
    clipped = np.clip(strength, EDGE, 1 - EDGE)
    logit = np.log(clipped / (1 - clipped))
    sd = float(logit.std())
    own = (logit - logit.mean()) / sd if sd > 0 else np.zeros(len(logit))
    values = np.sqrt(question.reliability) * own + np.sqrt(1 - question.reliability) * noise
    if np.ptp(values) == 0:
        values = values + np.arange(len(values))
    return LeaderScore(f"score {k}", year, tuple(zip(question.boards, values.tolist(), strict=True)))


def _describe_request(question: Question) -> str:
    if question.is_score:
        what = f"a score of each chief executive's leadership, with a reliability of about {question.reliability:g}"
    else:
        about = OUTCOMES[question.what]
        what = f"the figure “{about.label.lower()}” ({about.meaning}), to within about {question.error:.0%}"
    return f"{what}, for {describe_question(question)}"
