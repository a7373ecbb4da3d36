"""Conflicts: what was seen, held against what the model expected before it was told.

The chance of a row is that of something at least as far out on its side, doubled, under the posterior that is weighed.
That of all rows together is the share of data sets made by the model that fit its own expectation no better.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp, ndtr, ndtri

from simulator.common.arrays import Floats
from simulator.evidence.board_likelihood import BoardData
from simulator.evidence.observations import BoardRow, NationalFigure
from simulator.evidence.predictions import SEED, simulate_national, simulate_places
from simulator.experiments.core.model_protocol import draw_uniforms
from simulator.runs.parameter_sets import Records

DRAWS = 2_000
DATA_SETS = 400
UNEXPECTED = 0.05
"""Below this chance a row is called unexpected."""


@dataclass(frozen=True)
class Surprise:
    """One observation, or all rows together: what the model expected (its 5th and 95th centile) and the chance."""

    label: str
    low: float
    high: float
    chance: float

    @property
    def unexpected(self) -> bool:
        """True when something so far out comes seldom."""
        return self.chance < UNEXPECTED

    @property
    def sentence(self) -> str:
        """The finding in words."""
        if not self.unexpected:
            return f"{self.label}: nothing unusual"
        return f"{self.label}: the model did not expect this: {describe_chance(self.chance)}"


def describe_chance(chance: float) -> str:
    """A small chance as people say it: 1 in 200."""
    if chance < 1e-3:
        return "less than 1 in 1,000"
    times = 1 / chance
    step = 10 ** max(0, len(str(int(times))) - 2)
    return f"1 in {round(times / step) * step:,}"


ALL_ROWS = "all rows together"


def list_labels(data: BoardData, national: Sequence[NationalFigure]) -> list[str]:
    """What `find_surprises` gives chances of, in its order."""
    rows = [row.label for row in data.rows]
    return [*rows, *([ALL_ROWS] if len(rows) > 1 else []), *(figure.label for figure in national)]


def find_surprises(
    points: Records, data: BoardData, national: Sequence[NationalFigure], seed: int = SEED
) -> tuple[Surprise, ...]:
    """The chance of each row and figure, and of all rows together if there are several."""
    chosen = points[:DRAWS]
    runs = np.arange(len(chosen))
    surprises = []
    if data.rows:
        expected = simulate_places(chosen, runs, data.places, seed ^ 1)[:, : len(data.rows)]
        surprises += [_judge(row, expected[:, k]) for k, row in enumerate(data.rows)]
        if len(data.rows) > 1:
            chance = _judge_together(expected, data.rows)
            surprises.append(Surprise(ALL_ROWS, np.nan, np.nan, chance))
    if national:
        figures = simulate_national(chosen, runs, national, seed ^ 1)
        surprises += [_judge(figure, figures[:, k]) for k, figure in enumerate(national)]
    return tuple(surprises)


def _judge(seen: BoardRow | NationalFigure, expected: Floats) -> Surprise:
    below = float(ndtr((seen.value - expected) / seen.error).mean())
    low, high = np.quantile(expected, (0.05, 0.95))
    return Surprise(seen.label, float(low), float(high), min(1.0, 2 * min(below, 1 - below)))


def _judge_together(expected: Floats, rows: Sequence[BoardRow]) -> float:
    """The chance of data that fit the model's expectation no better than these do, all rows of a board jointly."""
    error = np.array([row.error for row in rows])
    count = min(DATA_SETS, len(expected))
    u = np.stack([draw_uniforms(count, SEED, f"error of row {k}") for k in range(len(rows))], axis=1)
    made = expected[:count] + error * ndtri(np.clip(u, 1e-12, 1 - 1e-12))
    others = expected[count:] if len(expected) > 2 * count else expected
    data = np.concatenate([[[row.value for row in rows]], made])
    scores = np.zeros(1 + count)
    for board in sorted({row.board for row in rows}):
        own = [k for k, row in enumerate(rows) if row.board == board]
        scores += _log_expected(data[:, own], others[:, own], error[own])
    return float((1 + (scores[1:] <= scores[0]).sum()) / (1 + count))


def _log_expected(seen: Floats, expected: Floats, error: Floats) -> Floats:
    """Log density, up to a constant, of the rows of one board (data sets, rows) under what was expected of them."""
    far = sum(((seen[:, None, k] - expected[None, :, k]) / error[k]) ** 2 for k in range(len(error)))
    return np.asarray(logsumexp(-0.5 * np.asarray(far), axis=1))
