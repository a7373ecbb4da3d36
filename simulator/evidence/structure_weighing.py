"""Structures weighed by evidence: each by the mean likelihood of its own draws, which is its marginal likelihood.

Draws of all structures together, each with its structure's prior weight, are weighed by the likelihood of the figures,
and then until every statement has its credence among them. A structure counts for what its draws have in the end. The
Monte Carlo error of a marginal likelihood is that of a mean over independent draws, replicates included.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np

from simulator.calibration.structural_draws import read_structure_draws
from simulator.common.arrays import Floats
from simulator.evidence.statements import fit_statements, judge_claims
from simulator.evidence.weighing import Pieces, weigh_sets
from simulator.experiments.core.model_protocol import Progress
from simulator.runs.result_cache import keep_numbers, recall_numbers
from simulator.runs.weighed_structures import WeighedStructures
from simulator.studies.structural_average import make_structure_records


def weigh_structures(
    evidence: Pieces, prior: Mapping[str, float], key: str, progress: Progress | None = None
) -> WeighedStructures:
    """Weigh the structures that have a prior weight. `key` names what else decides the weights, on disk.

    `progress` counts parameter sets. Raises InputError for statements that cannot hold.
    """
    names = tuple(prior)
    table = _recall_table(names, prior, key)
    if table is None:
        table = _make_table(evidence, names, prior, progress)
        keep_numbers(_name_table(prior, key), table)
    joint, errors = table[:, 1:], table[:, 0]
    totals = joint.sum(axis=1)
    counted = [k for k in range(len(names)) if totals[k] > 0]
    return WeighedStructures(
        {names[k]: float(totals[k] / totals.sum()) for k in counted},
        {names[k]: float(errors[k]) for k in counted},
        {names[k]: joint[k] / totals[k] for k in counted},
    )


def _make_table(
    evidence: Pieces, names: tuple[str, ...], prior: Mapping[str, float], progress: Progress | None
) -> Floats:
    """A row for each structure: the relative error of its marginal likelihood, and the joint weight of each draw."""
    points = np.concatenate([make_structure_records(name) for name in names])
    logs = weigh_sets(points, evidence, progress).reshape(len(names), -1)
    likelihoods = np.exp(logs - logs.max())
    means, count = likelihoods.mean(axis=1), likelihoods.shape[1]
    errors = likelihoods.std(axis=1) / np.sqrt(count) / np.where(means > 0, means, 1.0)
    joint = np.array([prior[name] for name in names])[:, None] * likelihoods
    joint = (joint / joint.sum()).ravel()
    if evidence.statements:
        judged = judge_claims(points, np.arange(len(points)), evidence.statements, progress)
        joint = fit_statements(joint, judged, evidence.statements)
    return np.column_stack([errors, joint.reshape(len(names), -1)])


def _recall_table(names: tuple[str, ...], prior: Mapping[str, float], key: str) -> Floats | None:
    table = recall_numbers(_name_table(prior, key))
    count = len(next(iter(read_structure_draws().values())))
    return table if table is not None and table.shape == (len(names), 1 + count) else None


def _name_table(prior: Mapping[str, float], key: str) -> str:
    digest = hashlib.sha256(repr(("structures", key, sorted(prior.items()))).encode())
    for name in prior:
        for parameter, column in read_structure_draws()[name].items():
            digest.update(parameter.encode() + np.ascontiguousarray(column).tobytes())
    return digest.hexdigest()[:32]
