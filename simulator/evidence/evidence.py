"""Evidence: observations and statements together, named by their content, and the posterior that they make.

Draws are weighed (`simulator.evidence.weighing`), and resampled, always in the same way, into equally likely ones, so
that everything that draws from a posterior works unchanged.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType

import numpy as np

from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.common.formatting import number_of
from simulator.common.representation import short_repr
from simulator.evidence.board_counts import COUNTED
from simulator.evidence.board_likelihood import BoardData
from simulator.evidence.conflicts import Surprise, find_surprises, list_labels
from simulator.evidence.evidence_entries import list_entries
from simulator.evidence.kept_weights import KeptWeights, keep_weights, make_key, recall_weights
from simulator.evidence.observations import BoardRow, LeaderScore, NationalFigure, Observation, Statement
from simulator.evidence.predictions import SEED
from simulator.evidence.statements import Flags, fit_statements, judge_claims
from simulator.evidence.structure_weighing import weigh_structures
from simulator.evidence.weighing import (
    LARGEST_K,
    LEAST_EFFECTIVE,
    POOL_BLOCKS,
    explain_no_sampling,
    make_records,
    weigh_draws,
)
from simulator.experiments.core.model_protocol import Progress
from simulator.experiments.stats.weighted_draws import effective_size, resample_in_blocks
from simulator.runs.posterior import BLOCK, ROW, Posterior, current_posterior, drawing_from
from simulator.runs.weighed_structures import WeighedStructures


@short_repr
@dataclass(frozen=True, eq=False)
class Evidence:
    """Observations in any order; the order decides nothing. `references` name their files for commands. `outcome` is
    what somebody looks at whose beliefs these are; it weighs nothing.
    """

    title: str
    because: str
    observations: tuple[Observation, ...]
    references: tuple[str, ...] = ()
    outcome: str = ""

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
    def document(self) -> Mapping[str, object]:
        """What a file of it would say, with its tables written out: `rf.evidence` reads it as the same evidence."""
        head = {"title": self.title, "because": self.because or "Rows of a table, which gives no reason."}
        outcome = {"outcome": self.outcome} if self.outcome else {}
        return {**head, **outcome, **list_entries(self.observations)}

    @property
    def pieces(self) -> int:
        """How many pieces of evidence weigh; an answer, which makes three statements, is one."""
        return len({o.piece if isinstance(o, Statement) else o.key for o in self.counted})

    @property
    def counts(self) -> str:
        """What weighs, in words: 3 rows by board, 1 statement."""
        counted = [figure for figure in self.national if figure.what in COUNTED]
        kinds = {
            "row by board": (len(self.rows), "rows by board"),
            "set of scores": (len(self.scores), "sets of scores"),
            "count of boards": (len(counted), "counts of boards"),
            "national figure": (len(self.national) - len(counted), "national figures"),
            "statement": (sum(s.piece == s.key for s in self.statements), "statements"),
            "answer to a question": (
                len({s.piece for s in self.statements if s.piece != s.key}),
                "answers to questions",
            ),
        }
        words = [f"{count} {name if count == 1 else plural}" for name, (count, plural) in kinds.items() if count]
        return ", ".join(words) or "nothing"

    @property
    def remark(self) -> str:
        """What a badge says of it."""
        pieces = number_of(self.pieces, "piece")
        return f"; with {pieces} of your own evidence" if self.counted else ""

    def named(self, reference: str) -> Evidence:
        """The same evidence, which commands name so."""
        return replace(self, references=(reference,) if reference else ())

    def weigh(self, base: Posterior | None = None, progress: Progress | None = None, *, keep: bool = True) -> Update:
        """What the evidence does to a posterior, by default the present one. `progress` counts runs. Without `keep` no
        memory of it stays; its weights are kept on disk, as numbers alone.

        Raises InputError for statements that cannot hold.
        """
        return (
            weigh_evidence(self, base, progress) if keep else _weigh_once(self, base or current_posterior(), progress)
        )

    @property
    def posterior(self) -> Posterior:
        """The posterior that it makes of the present one: `rf.run("ringfence", beliefs=evidence)`."""
        return self.weigh().posterior


@short_repr
@dataclass(frozen=True, eq=False)
class Update:
    """Evidence weighed: draws with `weights` (pool,), which sum to one. They are the first of `base`, unless these left
    so little that others were drawn: `drawn`, a column (pool,) a parameter.

    `effective` is Kish's size of the sample of draws that the weights leave; `pareto_k` the shape of their tail before
    smoothing (above 0.7 means do not trust). `credences` are what each statement had before it was told.
    """

    evidence: Evidence
    base: Posterior
    weights: Floats
    pareto_k: float
    surprises: tuple[Surprise, ...] = ()
    credences: tuple[tuple[Statement, float], ...] = ()
    drawn: Mapping[str, Floats] | None = None

    @property
    def pool(self) -> int:
        """How many draws were weighed."""
        return len(self.weights)

    @cached_property
    def draws(self) -> Mapping[str, Floats]:
        """The draws that were weighed: one column (pool,) a parameter, and the row."""
        if self.drawn is not None:
            return self.drawn
        return {name: column[: self.pool] for name, column in self.base.draws.items()}

    @cached_property
    def effective(self) -> float:
        """Effective number of draws."""
        return effective_size(self.weights)

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

    @cached_property
    def weakness(self) -> str:
        """Why answers drawn from it are weak, as each of them must say; "" where they are not."""
        if not self.problems:
            return ""
        _, sets = np.unique(self.draws[ROW], return_inverse=True)
        shares = np.sort(np.bincount(sets, self.weights))[::-1]
        heavy = min(int(np.searchsorted(np.cumsum(shares), 0.25)) + 1, len(shares))
        return (
            f"{'; '.join(self.problems)}; {heavy:,} of its {len(shares):,} parameter sets make a quarter of the "
            "futures: this answer is weak, and its ranges are too narrow"
        )

    @property
    def remarks(self) -> list[str]:
        """What a reader must know: why the answer is weak, and what the model did not expect."""
        weak = self.weakness
        remarks = [weak] if weak else []
        why = explain_no_sampling(self.base) if weak and self.drawn is None else ""
        remarks += [f"no other parameter sets were drawn: {why}"] if why else []
        return remarks + [surprise.sentence for surprise in self.surprises if surprise.unexpected]

    def made_already(self, posterior: Posterior) -> bool:
        """Whether this is the posterior that was made here."""
        return self.__dict__.get("posterior") is posterior

    @cached_property
    def posterior(self) -> Posterior:
        """Equally likely draws; the base itself, bit for bit, where nothing weighs."""
        if not self.evidence.counted:
            return self.base
        rows = resample_in_blocks(self.weights, min(BLOCK, self.pool), max(1, len(self.base) // BLOCK), SEED)
        draws = {name: self.draws[name][rows] for name in self.base.draws}
        options = (*self.base.options, *(("--with", name) for name in self.evidence.references))
        weak = f"; {self.weakness}" if self.problems else ""
        remark = f"{self.base.remark}{self.evidence.remark}{weak}"
        structures = None if self.base.options else self.weigh_structures
        return Posterior(MappingProxyType(draws), self.base.document, options, remark, structures)

    def weigh_structures(self, prior: Mapping[str, float], progress: Progress | None = None) -> WeighedStructures:
        """The structural alternatives weighed by the same evidence, from their prior weights, which add up to 1."""
        evidence = self.evidence
        key = make_key([o.key for o in evidence.counted], _list_scenarios(evidence), self.base)
        with drawing_from(self.base):
            return weigh_structures(evidence, prior, key, progress)


_KEPT: dict[tuple[str, int], Update] = {}
MOST_KEPT = 16


def weigh_evidence(evidence: Evidence, base: Posterior | None = None, progress: Progress | None = None) -> Update:
    """Weigh the draws of a posterior, by default the present one. The same question is answered from memory or disk.

    `progress` counts steps. Raises InputError for statements that cannot hold.
    """
    base = base or current_posterior()
    for update in _KEPT.values():
        if update.evidence.fingerprint == evidence.fingerprint and update.made_already(base):
            return update  # the evidence is in this posterior, and would count twice
    key = ("|".join((evidence.fingerprint, *evidence.references)), id(base))
    if key not in _KEPT or _KEPT[key].base is not base:
        update = _weigh_once(evidence, base, progress)
        while len(_KEPT) >= MOST_KEPT:
            del _KEPT[next(iter(_KEPT))]
        _KEPT[key] = update
    return _KEPT[key]


def _weigh_once(evidence: Evidence, base: Posterior, progress: Progress | None) -> Update:
    with drawing_from(base):
        return _recall_or_weigh(evidence, base, progress)


def _recall_or_weigh(evidence: Evidence, base: Posterior, progress: Progress | None) -> Update:
    if not evidence.counted:
        return Update(evidence, base, np.full(len(base), 1 / len(base)), -np.inf)
    pieces = [o.key for o in evidence.counted]
    name = make_key([*pieces, explain_no_sampling(base)], _list_scenarios(evidence), base)
    kept = recall_weights(name, list(base.draws))
    if kept is None:
        update = _weigh(evidence, base, progress)
        keep_weights(name, _pack(update))
        return update
    labels = list_labels(BoardData(evidence.rows), evidence.national)
    surprises = tuple(Surprise(label, *map(float, row)) for label, row in zip(labels, kept.surprises, strict=True))
    credences = tuple(zip(evidence.statements, map(float, kept.credences), strict=True))
    return Update(evidence, base, kept.weights, kept.pareto_k, surprises, credences, kept.drawn)


def _pack(update: Update) -> KeptWeights:
    surprises = np.array([(s.low, s.high, s.chance) for s in update.surprises]).reshape(-1, 3)
    credences = np.array([credence for _, credence in update.credences])
    return KeptWeights(update.weights, update.pareto_k, surprises, credences, update.drawn)


def _list_scenarios(evidence: Evidence) -> list[str]:
    """The scenarios that statements are about."""
    return sorted({side for s in evidence.statements for side in (s.more, s.less) if isinstance(side, str)})


def _weigh(evidence: Evidence, base: Posterior, progress: Progress | None) -> Update:
    weighed = weigh_draws(evidence, base, progress)
    weights, statements = weighed.weights, evidence.statements
    judged: list[Flags] = judge_claims(weighed.points, weighed.sets, statements, progress) if statements else []
    credences = tuple((s, float(weights[holds].sum())) for s, holds in zip(statements, judged, strict=True))
    if statements:
        weights = fit_statements(weights, judged, statements)
    expected = make_records(base, min(len(base), POOL_BLOCKS * BLOCK))
    surprises = find_surprises(expected, BoardData(evidence.rows), evidence.national)
    return Update(evidence, base, weights, weighed.pareto_k, surprises, credences, weighed.drawn)


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
