"""Evidence: observations and statements together, named by their content, and the posterior that they make.

The shipped draws are a pool. Rows, scores and national figures weigh its parameter sets by their likelihood, statements
by Jeffrey's rule; heavy weights are Pareto-smoothed; and the weighted pool is resampled, always in the same way, into
equally likely draws, so that everything that draws from a posterior works unchanged.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType

import numpy as np

from simulator.common.errors import InputError
from simulator.common.formatting import number_of
from simulator.common.representation import short_repr
from simulator.declarations.parameters import PARAMETERS
from simulator.evidence.board_likelihood import BoardData, screen_and_weigh
from simulator.evidence.conflicts import Surprise, find_surprises
from simulator.evidence.observations import BoardRow, LeaderScore, NationalFigure, Observation, Statement
from simulator.evidence.predictions import SEED, simulate_national
from simulator.evidence.statements import Flags, fit_statements, judge_claims
from simulator.experiments.core.model_protocol import Floats, Progress
from simulator.experiments.stats.importance_sampling import resample_in_blocks
from simulator.experiments.stats.pareto_smoothing import smooth_weights
from simulator.runs.parameter_sets import UNCERTAIN, Records, make_points, posterior_draws
from simulator.runs.posterior import BLOCK, ROW, Posterior, current_posterior, drawing_from

POOL_BLOCKS = 4
"""Blocks of the posterior that are weighed first; all of them, if these leave too little."""

LEAST_EFFECTIVE, LARGEST_K = 200.0, 0.7
NATIONAL_REPLICATES = 20
DECIMALS = 9


@dataclass(frozen=True, eq=False)
class Evidence:
    """Observations in any order; the order decides nothing. `references` name their files for commands."""

    title: str
    because: str
    observations: tuple[Observation, ...]
    references: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.observations)

    @property
    def counted(self) -> tuple[Observation, ...]:
        """The observations that weigh, in the order of their content: those that the fit knows do not."""
        return tuple(sorted((o for o in self.observations if not o.in_fit), key=lambda o: o.key))

    @property
    def rows(self) -> tuple[BoardRow, ...]:
        """The rows by board that weigh."""
        return tuple(o for o in self.counted if isinstance(o, BoardRow))

    @property
    def scores(self) -> tuple[LeaderScore, ...]:
        """The scores that weigh."""
        return tuple(o for o in self.counted if isinstance(o, LeaderScore))

    @property
    def national(self) -> tuple[NationalFigure, ...]:
        """The national figures that weigh."""
        return tuple(o for o in self.counted if isinstance(o, NationalFigure))

    @property
    def statements(self) -> tuple[Statement, ...]:
        """The statements that weigh."""
        return tuple(o for o in self.counted if isinstance(o, Statement))

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal digits that tell what is said here from anything else; titles and sources do not count."""
        keys = sorted(observation.key for observation in self.observations)
        return hashlib.sha256("\n".join(keys).encode()).hexdigest()[:16]

    @property
    def remark(self) -> str:
        """What a badge says of it."""
        pieces = number_of(len(self.counted), "piece")
        return f"; with {pieces} of your own evidence" if self.counted else ""

    def named(self, reference: str) -> Evidence:
        """The same evidence, which commands name so."""
        return replace(self, references=(reference,) if reference else ())

    def weigh(self, base: Posterior | None = None, progress: Progress | None = None) -> Update:
        """What the evidence does to a posterior, by default the present one. `progress` counts runs.

        Raises InputError for statements that cannot hold.
        """
        return weigh_evidence(self, base, progress)

    @property
    def posterior(self) -> Posterior:
        """The posterior that it makes of the present one: `rf.run("ringfence", beliefs=evidence)`."""
        return self.weigh().posterior


@short_repr
@dataclass(frozen=True, eq=False)
class Update:
    """Evidence weighed: `pool` draws of `base` with `weights` (pool,), which sum to one.

    `effective` is Kish's size of the sample of draws that the weights leave; `pareto_k` the shape of their tail before
    smoothing (above 0.7 means do not trust). `credences` are what each statement had before it was told.
    """

    evidence: Evidence
    base: Posterior
    weights: Floats
    pareto_k: float
    surprises: tuple[Surprise, ...] = ()
    credences: tuple[tuple[Statement, float], ...] = ()

    @property
    def pool(self) -> int:
        """How many draws were weighed."""
        return len(self.weights)

    @cached_property
    def effective(self) -> float:
        """Effective number of draws."""
        return float(1 / (self.weights**2).sum())

    @property
    def problems(self) -> list[str]:
        """Why the answer is weak; empty if it is not."""
        problems = []
        if self.effective < LEAST_EFFECTIVE:
            problems.append(
                f"your evidence leaves an effective sample of {self.effective:,.0f} of {self.pool:,} draws, fewer than "
                f"{LEAST_EFFECTIVE:.0f}"
            )
        if self.pareto_k > LARGEST_K:
            problems.append(
                f"a few draws hold most of the weight (Pareto k-hat {self.pareto_k:.2f}, above {LARGEST_K})"
            )
        return problems

    @property
    def remarks(self) -> list[str]:
        """What a reader must know: why the answer is weak, and what the model did not expect."""
        weak = self.problems
        remarks = [f"{'; '.join(weak)}: this answer is weak, and its ranges are too narrow"] if weak else []
        return remarks + [surprise.sentence for surprise in self.surprises if surprise.unexpected]

    @cached_property
    def posterior(self) -> Posterior:
        """Equally likely draws; the base itself, bit for bit, where nothing weighs."""
        if not self.evidence.counted:
            return self.base
        rows = resample_in_blocks(self.weights, min(BLOCK, self.pool), max(1, len(self.base) // BLOCK), SEED)
        draws = {name: column[: self.pool][rows] for name, column in self.base.draws.items()}
        options = (*self.base.options, *(("--with", name) for name in self.evidence.references))
        remark = self.base.remark + self.evidence.remark
        return Posterior(MappingProxyType(draws), self.base.document, options, remark)


_KEPT: dict[tuple[str, int], Update] = {}
MOST_KEPT = 16


def weigh_evidence(evidence: Evidence, base: Posterior | None = None, progress: Progress | None = None) -> Update:
    """Weigh the draws of a posterior, by default the present one. The same question is answered from memory.

    `progress` counts steps. Raises InputError for statements that cannot hold.
    """
    base = base or current_posterior()
    key = ("|".join((evidence.fingerprint, *evidence.references)), id(base))
    if key not in _KEPT or _KEPT[key].base is not base:
        with drawing_from(base):
            update = _weigh(evidence, base, progress)
        while len(_KEPT) >= MOST_KEPT:
            del _KEPT[next(iter(_KEPT))]
        _KEPT[key] = update
    return _KEPT[key]


def _weigh(evidence: Evidence, base: Posterior, progress: Progress | None) -> Update:
    if not evidence.counted:
        return Update(evidence, base, np.full(len(base), 1 / len(base)), -np.inf)
    update, known = None, dict[float, float]()
    for blocks in (POOL_BLOCKS, len(base) // BLOCK):
        if update is None or (update.problems and blocks * BLOCK > update.pool):
            update = _weigh_pool(evidence, base, min(len(base), blocks * BLOCK), known, progress)
    assert update is not None
    return update


def _weigh_pool(
    evidence: Evidence, base: Posterior, size: int, known: dict[float, float], progress: Progress | None
) -> Update:
    """Weigh the first `size` draws. `known` keeps the log likelihood of each set by its row, for a larger pool."""
    points = make_records(base, size)
    rows, first, sets = np.unique(base.draws[ROW][:size], return_index=True, return_inverse=True)
    fresh = np.flatnonzero([row not in known for row in rows.tolist()])
    known.update(zip(rows[fresh].tolist(), _weigh_sets(points[first[fresh]], evidence, progress).tolist(), strict=True))
    logs, k = _smooth(np.array([known[row] for row in rows.tolist()]))
    weights = np.exp(logs - logs.max())[sets]
    weights /= weights.sum()
    statements = evidence.statements
    judged: list[Flags] = judge_claims(points, sets, statements, progress) if statements else []
    credences = tuple((s, float(weights[holds].sum())) for s, holds in zip(statements, judged, strict=True))
    if statements:
        weights = fit_statements(weights, judged, statements)
    surprises = find_surprises(points, BoardData(evidence.rows), evidence.national)
    return Update(evidence, base, weights, k, surprises, credences)


def _smooth(logs: Floats) -> tuple[Floats, float]:
    """Smoothed log weights and k-hat. Raises InputError where no draw gives the data at all."""
    if not np.isfinite(logs).any():
        raise InputError("no parameter set of the posterior gives your evidence at all; look for a slip in its figures")
    return smooth_weights(np.where(np.isfinite(logs), logs, -np.inf))


def _weigh_sets(points: Records, evidence: Evidence, progress: Progress | None) -> Floats:
    """Log likelihood (sets,) of what was seen under each parameter set."""
    logs = np.zeros(len(points))
    if evidence.rows or evidence.scores:
        logs += screen_and_weigh(points, BoardData(evidence.rows, evidence.scores), progress=progress)
    if evidence.national:
        logs += weigh_national(points, evidence.national)
    return np.asarray(logs)


def weigh_national(points: Records, figures: Sequence[NationalFigure], replicates: int = NATIONAL_REPLICATES) -> Floats:
    """Log likelihood (sets,) of national figures: normal, jointly in each replicate, averaged over replicates."""
    seen, error = np.array([figure.value for figure in figures]), np.array([figure.error for figure in figures])
    runs = np.arange(len(points) * replicates)
    values = simulate_national(np.repeat(points, replicates), runs, figures, SEED)
    logs = (-0.5 * ((values - seen) / error) ** 2 - np.log(error)).sum(1).reshape(len(points), replicates)
    top = logs.max(1, keepdims=True)
    return np.asarray(np.log(np.exp(logs - top).mean(1)) + top[:, 0])


def make_records(base: Posterior, size: int) -> Records:
    """The first `size` draws of a posterior as records."""
    columns = posterior_draws(base)
    records = make_points(size)
    for name in UNCERTAIN:
        records[PARAMETERS[name].group][name] = columns[name][:size]
    return records


def combine_evidence(parts: Iterable[Evidence]) -> Evidence:
    """Several files of evidence as one. Raises InputError for an observation that two of them hold."""
    parts = list(parts)
    if len(parts) == 1:
        return parts[0]
    observations = tuple(observation for part in parts for observation in part.observations)
    keys = [observation.key for observation in observations]
    twice = sorted({o.label for o in observations if keys.count(o.key) > 1})
    if twice:
        raise InputError(f"two files of evidence hold the same, which would count twice: {'; '.join(twice)}")
    references = tuple(name for part in parts for name in part.references)
    return Evidence(
        "; ".join(part.title for part in parts), "; ".join(p.because for p in parts), observations, references
    )
