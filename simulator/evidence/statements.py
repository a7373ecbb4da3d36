"""Statements, by Jeffrey's rule: draws for and against a claim are weighed so that it has its stated credence.

Nothing else about the draws on either side changes. Answers by quartiles are statements too: three of each, that the
model's answer lies below the lower quartile, the middle and the upper quartile. Several statements are fitted in turn
until all of them hold (iterative proportional fitting), which finds the weights that move least; where they cannot all
hold, that is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.evidence.observations import Side, Statement
from simulator.evidence.predictions import SEED
from simulator.evidence.questions import AnswerTo, answer_questions
from simulator.experiments.core.model_protocol import Progress
from simulator.runs.futures import Futures
from simulator.runs.parameter_sets import Records
from simulator.runs.run import find_common_span, run_many

ROUNDS, CLOSE = 2_000, 1e-9
HELD = 0.005
"""Half a point: what would be printed as it was stated holds. Statements that hardly go together are fitted slowly."""

Flags = NDArray[np.bool_]


def judge_claims(
    points: Records, sets: NDArray[np.int64], statements: Sequence[Statement], progress: Progress | None = None
) -> list[Flags]:
    """Whether each claim holds under each draw, on average over chance: one (draws,) array a statement.

    `sets` (draws,) numbers the parameter sets; draws of one set are replicates of each other. A claim that neither side
    wins, such as nothing against nothing, does not hold.
    """
    every = list(dict.fromkeys(side for s in statements for side in (s.more, s.less)))
    names = [side for side in every if isinstance(side, str)]
    asked = [side.question for side in every if isinstance(side, AnswerTo)]
    answers = answer_questions(points, sets, asked) if asked else {}
    futures = Futures(points, np.arange(len(points)), SEED, "posterior")
    results = dict(zip(names, run_many(names, futures=futures, progress=progress), strict=True)) if names else {}
    judged = []
    for statement in statements:
        sides = [side for side in (statement.more, statement.less) if isinstance(side, str)]
        if not sides:
            judged.append(_read(statement.more, answers) > _read(statement.less, answers))
            continue
        span = find_common_span([results[name] for name in sides])
        if statement.years:
            span = results[sides[0]].span(statement.years)
        means = {name: _average(results[name].outcome(statement.outcome, span), sets) for name in sides}
        judged.append(_read(statement.more, means) > _read(statement.less, means))
    return judged


def _average(values: Floats, sets: NDArray[np.int64]) -> Floats:
    """The mean over draws of the same set, for each draw."""
    count = np.bincount(sets)
    return np.asarray((np.bincount(sets, values) / np.maximum(count, 1))[sets])


def _read(side: Side, means: Mapping[str, Floats]) -> Floats:
    if isinstance(side, AnswerTo):
        return means[side.question]
    return means[side] if isinstance(side, str) else np.asarray(float(side))


def fit_statements(weights: Floats, judged: Sequence[Flags], statements: Sequence[Statement]) -> Floats:
    """Weights (draws,), summing to one, under which every claim has its credence.

    Raises InputError for a claim that no draw supports or that all do, and for statements that cannot all hold.
    """
    fitted = weights / weights.sum()
    for holds, statement in zip(judged, statements, strict=True):
        if not fitted[holds].sum() > 0 or not fitted[~holds].sum() > 0:
            state = "no parameter set of the posterior has it so" if not fitted[holds].sum() > 0 else "all have it so"
            raise InputError(
                f"{_quote(statement)} cannot be believed to {statement.credence:.0%}: {state}, "
                "so that no weights give it; it would take another structure of the model"
            )
    for _ in range(ROUNDS):
        worst = 0.0
        for holds, statement in zip(judged, statements, strict=True):
            share = float(fitted[holds].sum())
            worst = max(worst, abs(share - statement.credence))
            if 0 < share < 1:
                fitted = np.where(
                    holds, fitted * (statement.credence / share), fitted * ((1 - statement.credence) / (1 - share))
                )
        fitted = fitted / fitted.sum()
        if worst < CLOSE:
            break
    missed = [
        f"{_quote(s)} gets {float(fitted[holds].sum()):.0%} where {s.credence:.0%} is stated"
        for holds, s in zip(judged, statements, strict=True)
        if abs(float(fitted[holds].sum()) - s.credence) > HELD
    ]
    if missed:
        raise InputError(f"these statements cannot all hold: {'; '.join(missed)}. Change a credence, or leave one out")
    return np.asarray(fitted)


def _quote(statement: Statement) -> str:
    about = isinstance(statement.less, AnswerTo)
    return f"'{statement.words}'" if about else f"'{statement.claim}' on {statement.outcome}"
