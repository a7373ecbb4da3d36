"""Beliefs stated by quartiles, as the Sheffield Elicitation Framework (SHELF) asks for them: feedback, and the file."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence

import numpy as np

from simulator.calibration.likelihood import as_records
from simulator.common.arguments import checked
from simulator.common.arrays import Floats
from simulator.common.errors import InputError, UnknownNameError
from simulator.common.near_names import suggest
from simulator.declarations.outcomes import HEADLINES
from simulator.evidence.evidence import Evidence, Update
from simulator.evidence.evidence_entries import list_answers
from simulator.evidence.figure_readers import state_quartiles
from simulator.evidence.observations import Statement
from simulator.evidence.questions import HIGH, LOW, answer_questions, list_questions
from simulator.evidence.weighing import make_records
from simulator.experiments.stats.quartile_fits import PROBABILITIES, FittedDistribution, choose_best, fit_quartiles
from simulator.runs.parameter_sets import Records
from simulator.runs.posterior import ROW

Answers = Mapping[str, Sequence[float]]
ROUGH = 0.005
"""A sum of squares above which a curve is said to miss the quartiles: about four points at each of them."""


@checked
def state_beliefs(answers: Answers, *, who: str = "somebody", outcome: str = "") -> Evidence:
    """Evidence that answers by quartiles make, for `rf.run(..., beliefs=...)`: question -> three numbers of 100.

    Raises InputError for what are no quartiles, and UnknownNameError for an unknown question or outcome.
    """
    statements: list[Statement] = []
    for question, quartiles in answers.items():
        if question not in list_questions():
            known = suggest(question, list_questions()) or f"; there are {', '.join(list_questions())}"
            raise UnknownNameError(f"'{question}' is no question{known}")
        if len(quartiles) != 3:
            raise InputError(f"{question}: give three numbers of 100, the lower quartile, the middle and the upper one")
        numbers = [float(x) for x in quartiles]
        if 0 < max(numbers) <= 1:
            shown = ", ".join(f"{HIGH * x:g}" for x in numbers)
            raise InputError(f"{question}: the numbers are of 100 boards, not shares of 1: write ({shown})")
        statements += state_quartiles(question, numbers)
    if outcome and outcome not in HEADLINES:
        raise UnknownNameError(f"'{outcome}' is not one of the headline outcomes: {', '.join(HEADLINES)}")
    return Evidence(f"What {who} expects", "Answers by quartiles.", tuple(statements), outcome=outcome)


def read_answers_of(evidence: Evidence) -> dict[str, tuple[float, ...]]:
    """The quartiles that evidence holds, as so many of 100, by question."""
    return list_answers(evidence.statements)


def fit_answer(quartiles: Sequence[float]) -> FittedDistribution:
    """The distribution that fits an answer best. Raises InputError for what are no quartiles."""
    return choose_best(fit_quartiles(quartiles, LOW, HIGH))


def give_feedback(quartiles: Sequence[float]) -> list[str]:
    """What somebody who states these quartiles says too, by the distribution that fits them best."""
    fit = fit_answer(quartiles)
    fifth, third, two_thirds, last = (fit.quantile(p) for p in (0.05, 1 / 3, 2 / 3, 0.95))
    sentences = [
        f"Then you also say: 1 chance in 20 of fewer than {fifth:.0f}, and 1 in 20 of more than {last:.0f}; one chance "
        f"in three each of fewer than {third:.0f}, of more than {two_thirds:.0f}, and of something between "
        f"({fit.family}, {fit.parameters[0]:.3g} and {fit.parameters[1]:.3g})."
    ]
    if fit.misfit > ROUGH:
        stated = ", ".join(f"{fit.quantile(p):.0f}" for p in (0.25, 0.5, 0.75))
        sentences.append(f"No simple curve has your quartiles; the nearest has {stated}. Look at them once more.")
    return sentences


def write_belief_file(answers: Answers, who: str, outcome: str, date: dt.date) -> str:
    """The text of a belief file, which is a file of evidence."""
    quote = json.dumps  # a JSON text in quotes is one in YAML
    lines = [
        "# What somebody expects, by quartiles. Use it with:  ringfence compare --with FILE",
        "# Hold it against somebody else's with:  ringfence beliefs compare FILE OTHER",
        f"title: {quote(f'What {who} expects, {date:%d %B %Y}', ensure_ascii=False)}",
        'because: "Answers to the questions of ringfence beliefs ask."',
        f"who: {quote(who, ensure_ascii=False)}",
        f"date: {date.isoformat()}",
        *([f"outcome: {outcome}"] if outcome else []),
        "beliefs:",
    ]
    for name, quartiles in answers.items():
        numbers = ", ".join(f"{x:g}" for x in quartiles)
        lines += [f"  # {list_questions()[name]}", f"  - {{question: {name}, quartiles: [{numbers}]}}"]
    return "\n".join(lines) + "\n"


def describe_model_answers(update: Update, stated: Answers) -> list[dict[str, str]]:
    """Every question as a row: what was stated, and the quartiles of the model's answers before and after."""
    pool = update.pool if update.drawn is None else min(update.pool, len(update.base))
    before = _answer_all(make_records(update.base, pool), update.base.draws[ROW][:pool])
    after = before if update.drawn is None else _answer_all(as_records(update.drawn), update.drawn[ROW])
    even = np.full(pool, 1 / pool)
    return [
        {
            "Question": text,
            "You": ", ".join(f"{x:g}" for x in stated[name]) if name in stated else "",
            "Before": _find_quartiles(before[name], even),
            "After": _find_quartiles(after[name], update.weights),
        }
        for name, text in list_questions().items()
    ]


def _answer_all(points: Records, rows: Floats) -> dict[str, Floats]:
    """What each draw answers to every question: name -> (draws,); draws with the same row are of one set."""
    _, sets = np.unique(rows, return_inverse=True)
    return answer_questions(points, sets, list(list_questions()))


def _find_quartiles(values: Floats, weights: Floats) -> str:
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    at = np.minimum(np.searchsorted(reached, PROBABILITIES), len(values) - 1)
    return ", ".join(f"{HIGH * x:.0f}" for x in values[order][at])
