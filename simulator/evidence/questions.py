"""Questions about boards that people have seen: what is asked, and what each parameter set would answer.

They are data, `data/questions/boards.yaml`: a replay, whose observations say what they ask. An answer is a share, which
people write as so many of 100.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simulator.common.arrays import Floats
from simulator.common.bounded_cache import BoundedCache
from simulator.replays.replay import Replay, read_replay
from simulator.runs.parameter_sets import Records

SEED = 20260401
LOW, HIGH = 0.0, 100.0
"""Between which answers lie: they are so many of 100."""
_ANSWERED = BoundedCache[tuple[str, str], Floats](20_000_000, lambda values: values.nbytes)
"""What parameter sets have answered, by their bytes and the question."""


@dataclass(frozen=True, order=True)
class AnswerTo:
    """One side of a statement: what the model answers to a question, as a share."""

    question: str

    def __str__(self) -> str:
        return f"the answer to {self.question}"


@cache
def _read_questions() -> Replay:
    path = Path(str(files("simulator").joinpath("data", "questions", "boards.yaml")))
    return read_replay(path, path.name)


@cache
def list_questions() -> Mapping[str, str]:
    """Every question by its name, in the order in which they are asked."""
    return {observation.name: observation.says for observation in _read_questions().observations}


def answer_questions(points: Records, sets: NDArray[np.int64], names: Sequence[str]) -> dict[str, Floats]:
    """What each draw answers to these questions: name -> (draws,).

    `sets` (draws,) numbers the parameter sets from 0; each set is run once, with 400 boards. What the same sets have
    answered is remembered, so that several people's answers are weighed in the time of one's.
    """
    distinct = points[np.unique(sets, return_index=True)[1]]
    about = hashlib.sha256(distinct.tobytes()).hexdigest()
    replay = _read_questions()
    asked = tuple(o for o in replay.observations if o.name in names)
    answers = {o.name: _ANSWERED.get((about, o.name)) for o in asked}
    fresh = tuple(o for o in asked if answers[o.name] is None)
    if fresh:
        found = replace(replay, observations=fresh).predict(distinct, np.arange(len(distinct)), seed=SEED)
        for name, values in found.items():
            _ANSWERED.put((about, name), values)
        answers |= found
    return {name: values[sets] for name, values in answers.items() if values is not None}
