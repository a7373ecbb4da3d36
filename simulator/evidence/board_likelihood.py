"""How likely boards' figures are under each parameter set: the board-level likelihood.

Given a parameter set, boards are nearly independent. Each set is run in replicates; a board's figures of one replicate
are compared with what was seen of it, all of them jointly, and averaged over replicates; boards are multiplied.

A replicate's figure is an atom (nothing or everything was kept) or lies between. Atoms are smoothed by the stated
error alone. Those between stand for a density, which is smoothed by the error and by a bandwidth of half of
Silverman's, so that a hundred replicates do for errors as small as they are stated.

A score measures leaders as: score = lambda (strength) + gamma (gap) + noise, where scores are standardised over boards
and the logit of strength and the gap over the boards and replicates of the set. Lambda, gamma and noise are unknown:
the likelihood is averaged over a grid of them under weak priors, in which lambda is nothing with a chance of a half, so
that a useless score teaches next to nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

import numpy as np
from scipy.special import logsumexp

from simulator.boards.table import read_boards
from simulator.common.arrays import Floats
from simulator.common.representation import short_repr
from simulator.common.threads import work_in_threads
from simulator.engine.ensemble import count_threads
from simulator.evidence.observations import BoardRow, LeaderScore
from simulator.evidence.predictions import SEED, Place, simulate_places
from simulator.experiments.core.model_protocol import Progress
from simulator.runs.parameter_sets import Records

AT_ONCE = 1_024
"""Runs that a thread has in memory at once: about 10 MB for each year."""

FEW_BOARDS = 10
REPLICATES = (100, 200)
"""Replicates of each set, for few boards and for many: errors of the averages add up over boards."""

SCREENING, FAR = 40, 15.0
"""Replicates of a first look, and how far below the best it may find a set, in logarithms, for a second."""

ATOM = 1e-9
STEP = 0.2
LAMBDAS, GAMMAS, NOISES = tuple(STEP * k for k in range(5)), (-0.4, 0.0, 0.4), (0.5, 0.75, 1.0)
LAMBDA_SCALE, GAMMA_SCALE = 0.5, 0.4
USELESS = 0.5
"""The prior chance that a score has nothing to do with leaders."""

EDGE = 1e-4
_LOG_ROOT = 0.5 * float(np.log(2 * np.pi))
_ROOT = float(np.sqrt(2 * np.pi))
_SMALLEST = 1e-300


@short_repr
@dataclass(frozen=True)
class BoardData:
    """Rows by board and scores that are weighed together."""

    rows: tuple[BoardRow, ...]
    scores: tuple[LeaderScore, ...] = ()

    @cached_property
    def boards(self) -> tuple[str, ...]:
        """The boards that rows are about."""
        return tuple(sorted({row.board for row in self.rows}))

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """Where something was seen: the rows first, in their order, then the chiefs and gaps of every score."""
        codes = read_boards().codes
        seen = [Place(row.board, row.year, row.outcome) for row in self.rows]
        years = sorted({score.year for score in self.scores})
        seen += [Place(code, year, name) for year in years for name in ("chief", "gap") for code in codes]
        return tuple(seen)

    def widen(self, factor: float) -> BoardData:
        """The same rows, seen with errors that are so many times as large: less noise from as many replicates."""
        return BoardData(tuple(replace(row, error=factor * row.error) for row in self.rows), self.scores)

    @property
    def replicates(self) -> int:
        """How many replicates of each set are run."""
        return REPLICATES[len(self.boards) > FEW_BOARDS]


def screen_and_weigh(points: Records, data: BoardData, *, progress: Progress | None = None) -> Floats:
    """Log likelihood (sets,) as `log_likelihood` gives it, with full care for those sets alone that may count.

    With many boards all sets are first run in a few replicates; those far below the best keep that estimate, which
    would weigh nothing either way. The others are run anew in all replicates.
    """
    if len(data.boards) <= FEW_BOARDS:
        return log_likelihood(points, data, progress=progress)
    logs = log_likelihood(points, data, replicates=SCREENING, seed=SEED ^ 2, progress=progress)
    near = np.flatnonzero(logs > logs.max() - FAR)
    logs[near] = log_likelihood(points[near], data, progress=progress)
    return logs


def log_likelihood(
    points: Records,
    data: BoardData,
    *,
    replicates: int | None = None,
    seed: int = SEED,
    progress: Progress | None = None,
) -> Floats:
    """Log likelihood of rows and scores under each parameter set: (sets,).

    Replicate r of set j has run number j times `replicates` plus r. `progress` counts sets.
    """
    each = replicates or data.replicates
    step = max(1, AT_ONCE // each)

    def weigh_chunk(first: int) -> Floats:
        chunk = points[first : first + step]
        runs = np.arange(first * each, (first + len(chunk)) * each)
        values = simulate_places(np.repeat(chunk, each), runs, data.places, seed, workers=1)
        return weigh_replicates(values.reshape(len(chunk), each, -1), data)

    logs = np.empty(len(points))
    done = 0

    def take_chunk(first: int, chunk: Floats) -> None:
        nonlocal done
        logs[first : first + len(chunk)] = chunk
        done += len(chunk)
        if progress:
            progress(done, len(points))

    work_in_threads(weigh_chunk, range(0, len(points), step), count_threads(), take_chunk)
    return logs


def measure_noise(points: Records, data: BoardData, replicates: int, seed: int) -> Floats:
    """Variance (sets,) that one replicate for each set would leave in the log likelihood of the rows: by the rule of
    small errors, that of the kernels' mean over boards.
    """
    runs = np.arange(len(points) * replicates)
    values = simulate_places(np.repeat(points, replicates), runs, data.places, seed)
    kernels = _log_kernels(values.reshape(len(points), replicates, -1)[..., : len(data.rows)], data.rows)
    total = np.zeros(len(points))
    for logs in _sum_by_board(kernels, data).values():
        kernel = np.exp(logs - logs.max(1, keepdims=True))
        total += kernel.var(1) / kernel.mean(1) ** 2
    return total


def weigh_replicates(values: Floats, data: BoardData) -> Floats:
    """Log likelihood (sets,) of what was seen, from what replicates have at its places: (sets, replicates, places)."""
    kernels = _log_kernels(values[..., : len(data.rows)], data.rows)
    boards = _sum_by_board(kernels, data)
    alone = {code: _log_mean(logs, axis=1) for code, logs in boards.items()}
    total = np.sum(list(alone.values()), axis=0) if alone else np.zeros(len(values))
    at = len(data.rows)
    codes = read_boards().codes
    for year in sorted({score.year for score in data.scores}):
        strength = _standardise(_logit(values[..., at : at + len(codes)]))
        gap = _standardise(values[..., at + len(codes) : at + 2 * len(codes)])
        at += 2 * len(codes)
        for score in data.scores:
            if score.year == year:
                total = total + _weigh_score(score, strength, gap, boards, alone)
    return np.asarray(total)


def _sum_by_board(kernels: Floats, data: BoardData) -> dict[str, Floats]:
    """Log kernels of all rows of each board together: (sets, replicates) by its code."""
    return {code: kernels[..., [k for k, r in enumerate(data.rows) if r.board == code]].sum(-1) for code in data.boards}


def _log_kernels(values: Floats, rows: Sequence[BoardRow]) -> Floats:
    """Log density of what was seen at each place around each replicate: (sets, replicates, rows)."""
    seen, error = np.array([row.value for row in rows]), np.array([row.error for row in rows])
    atom = (values <= ATOM) | (values >= 1 - ATOM)
    wide = np.sqrt(error**2 + np.where(atom, 0.0, find_bandwidth(values, atom)) ** 2)
    return np.asarray(-0.5 * ((values - seen) / wide) ** 2 - np.log(wide) - _LOG_ROOT)


def find_bandwidth(values: Floats, atom: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Floats:
    """Half of Silverman's bandwidth of the replicates between nothing and all: (sets, 1, rows)."""
    between = ~atom
    count = np.maximum(between.sum(1, keepdims=True), 1)
    mean = np.where(between, values, 0.0).sum(1, keepdims=True) / count
    sd = np.sqrt(np.where(between, (values - mean) ** 2, 0.0).sum(1, keepdims=True) / count)
    return np.asarray(0.45 * sd * count**-0.2)


def _weigh_score(
    score: LeaderScore, strength: Floats, gap: Floats, boards: dict[str, Floats], alone: dict[str, Floats]
) -> Floats:
    """What a score adds to the log likelihood of the rows: (sets,)."""
    codes = {code: k for k, code in enumerate(read_boards().codes)}
    numbers = np.array([number for _, number in score.values])
    standard = (numbers - numbers.mean()) / numbers.std()
    weights = make_score_grid()[1]
    logs = np.zeros((len(weights), len(strength)))
    for (code, _), seen in zip(score.values, standard, strict=True):
        own, base = boards.get(code), alone.get(code)
        leader, pressure = (np.ascontiguousarray(column[..., codes[code]].T) for column in (strength, gap))
        share = np.full(leader.shape, 1 / len(leader))
        if own is not None and base is not None:
            share *= np.exp(own.T - base)
        logs += np.log(_average_densities(float(seen), leader, pressure, share))
    return np.asarray(logsumexp(logs, axis=0, b=weights[:, None]))


def _average_densities(seen: float, leader: Floats, pressure: Floats, share: Floats) -> Floats:
    """Normal densities of a score under every slope, bend and noise of the grid, averaged over replicates that have
    these shares: (grid, sets), from (replicates, sets).

    Slopes are whole multiples of one step, so that exponentials of the step, multiplied, give all of them.
    """
    out = np.empty((len(LAMBDAS), len(GAMMAS), len(NOISES), leader.shape[1]))
    for n, noise in enumerate(NOISES):
        precision = noise**-2
        once = np.exp(precision * STEP * (seen - 0.5 * STEP * leader) * leader)
        twice = np.exp(-precision * STEP**2 * leader**2)
        for g, bend in enumerate(GAMMAS):
            value = share * np.exp(-0.5 * precision * (seen - bend * pressure) ** 2)
            factor = once * np.exp(-precision * STEP * bend * leader * pressure) if bend else once.copy()
            for m in range(len(LAMBDAS)):
                out[m, g, n] = value.sum(axis=0) / (noise * _ROOT)
                value *= factor
                factor *= twice
    return np.maximum(out.reshape(-1, leader.shape[1]), _SMALLEST)


def make_score_grid() -> tuple[list[tuple[float, float, float]], Floats]:
    """The values of lambda, gamma and noise that are tried, and the prior weight of each: summing to one."""
    grid = list(product(LAMBDAS, GAMMAS, NOISES))
    slopes = np.array([_normal_density(slope, LAMBDA_SCALE) if slope else 0.0 for slope, _, _ in grid])
    slopes = (1 - USELESS) * slopes / slopes.sum()
    slopes[[slope == 0 for slope, _, _ in grid]] = USELESS / (len(GAMMAS) * len(NOISES))
    prior = slopes * np.array([_normal_density(bend, GAMMA_SCALE) for _, bend, _ in grid])
    return grid, np.asarray(prior / prior.sum())


def _normal_density(x: float, scale: float) -> float:
    """As SciPy's, which takes a second to load."""
    z = x / scale
    return float(np.exp(-(z**2) / 2.0) / math.sqrt(2 * math.pi) / scale)


def _logit(strength: Floats) -> Floats:
    clipped = np.clip(strength, EDGE, 1 - EDGE)
    return np.asarray(np.log(clipped / (1 - clipped)))


def _standardise(values: Floats) -> Floats:
    """Values (sets, replicates, boards) less their mean over the replicates and boards of a set, by their spread."""
    mean, sd = values.mean((1, 2), keepdims=True), values.std((1, 2), keepdims=True)
    return np.asarray((values - mean) / np.where(sd > 0, sd, 1.0))


def _log_mean(logs: Floats, axis: int) -> Floats:
    """Log of the mean of exponentials."""
    top = logs.max(axis, keepdims=True)
    return np.asarray(np.log(np.exp(logs - top).mean(axis)) + np.squeeze(top, axis))
