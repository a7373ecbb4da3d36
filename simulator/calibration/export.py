"""Writes a fit down: the draws as a table, and a manifest that says how they were made and what they can bear."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from simulator.calibration.findings import MOST_ROWS, Finding, weigh_findings
from simulator.calibration.fit import BIAS, DRAWS, Fit
from simulator.calibration.identifiability import compute_weighted_quantiles, find_directions
from simulator.calibration.likelihood import COUNTS, REPLAYS
from simulator.common.atomic_files import make_folder, write_together
from simulator.common.documents import document_fields
from simulator.common.errors import InputError
from simulator.common.event_log import Level, log_event
from simulator.experiments.stats.importance_sampling import Proposal
from simulator.replays.targets import Target, list_fitted, read_targets
from simulator.runs.fit_documents import (
    FindingDocument,
    FitDocument,
    IdentifiedDocument,
    MovedDocument,
    PredictionDocument,
    QualityDocument,
    StageDocument,
)
from simulator.runs.manifest import find_version
from simulator.runs.posterior import BLOCK, NAMES, ROW, format_draws, pack_draws

SIGNIFICANT = 6


class NotFit(InputError):  # noqa: N818 - it is what the reader is told
    """A fit that is not published, because its weights cannot be trusted."""


def publish(fit: Fit, folder: Path, n: int = DRAWS, more: Mapping[str, str] | None = None) -> tuple[Path, ...]:
    """Write `n` draws, their manifest and `more` texts by name into a folder, as a whole: the manifest comes last.

    Raises NotFit where the diagnostics forbid it, and FileWriteError.
    """
    if problems := fit.quality.problems:
        log_event("fit-refused", {"problems": len(problems)}, Level.WARNING)
        raise NotFit(f"not published: {'; '.join(problems)}. Ask for more points, or widen an error with a reason")
    draws = {ROW: fit.rows(n).astype(np.float64), **fit.draws(n)}
    first = {name: column[:BLOCK] for name, column in draws.items()}
    rest = {name: column[BLOCK:] for name, column in draws.items()}
    bounds = {f.name: (f.low, f.high) for f in fit.weighted.factors}
    text = json.dumps(round_numbers(describe_fit(fit, n)), indent=1, ensure_ascii=False) + "\n"
    files = (format_draws(first).encode("utf-8"), text.encode("utf-8"), pack_draws(rest, bounds))
    whole = {**dict(zip(NAMES, files, strict=True)), **{k: each.encode("utf-8") for k, each in (more or {}).items()}}
    make_folder(folder)
    write_together({folder / name: each for name, each in whole.items()}, last=folder / NAMES[1])
    return tuple(folder / name for name in whole)


def describe_fit(fit: Fit, n: int) -> FitDocument:
    """How the draws were made, the diagnostics, what is pinned down, and what the draws predict."""
    weighted = fit.weighted
    of_model = [i for i in fit.identified if i.name != BIAS]
    pinned = [i.name for i in fit.identified if i.pinned]
    variances, vectors = find_directions(weighted, tuple(pinned))
    return {
        "version": find_version(),
        "seed": weighted.seed,
        "sizes": [size for size, _ in weighted.stages],
        "draws": n,
        "distinct": len(set(fit.rows(n).tolist())),
        "targets": list(fit.used),
        "held": dict(fit.held),
        "facts": hash_facts(fit.targets),
        "quality": document_fields(QualityDocument, fit.quality),
        "uncertain": len(of_model),
        "not_pinned": sum(not i.pinned for i in of_model),
        "identified": [document_fields(IdentifiedDocument, i) for i in fit.identified],
        "directions": [
            {"variance": v, "along": dict(zip(pinned, vector, strict=True))}
            for v, vector in zip(variances.tolist(), vectors.tolist(), strict=True)
        ],
        "predictions": summarise_predictions(fit),
        "findings": [_document_finding(finding) for finding in weigh_findings(fit, max(MOST_ROWS * n // DRAWS, 1))],
        "stages": [_document_stage(proposal) for _, proposal in weighted.stages],
    }


def summarise_predictions(fit: Fit) -> list[PredictionDocument]:
    """Each prediction under the weights: mean and 5-95% interval over parameter sets and chance."""
    weighted = fit.weighted
    summaries: list[PredictionDocument] = []
    for name, values in weighted.outcomes.items():
        if name not in {*read_targets(), *COUNTS, *fit.used}:
            continue
        low, high = compute_weighted_quantiles(values, weighted.weights, (0.05, 0.95))
        summaries.append({"name": name, "mean": weighted.expect(name), "low": low, "high": high})
    return summaries


def hash_facts(targets: Sequence[Target] | None = None) -> str:
    """16 hexadecimal digits over what the fit rests on: the findings that it weighs by, and the replays they come from.

    `targets` are by default those that ship.

    Declared tests and patterns are not in it: a fit does not grow stale because another test is written down.
    """
    replays = files("simulator").joinpath("data").joinpath("replays")
    digest = hashlib.sha256(
        repr(
            [(t.id, t.observed, t.likelihood, t.error) for t in (list_fitted() if targets is None else targets)]
        ).encode()
    )
    for name in REPLAYS:
        digest.update(replays.joinpath(f"{name}.yaml").read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:16]


def round_numbers(value: Any) -> Any:
    """The same with every number at six significant digits, so that machines agree on the text."""
    if isinstance(value, dict):
        return {key: round_numbers(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [round_numbers(item) for item in value]
    return float(f"{value:.{SIGNIFICANT}g}") if isinstance(value, float) else value


def _document_finding(finding: Finding) -> FindingDocument:
    return {
        "id": finding.id,
        "bits": finding.bits,
        "narrows": finding.narrows,
        "ratio": finding.ratio,
        "alone": document_fields(MovedDocument, finding.alone),
        "without": document_fields(MovedDocument, finding.without),
        "moved": finding.moved,
    }


def _document_stage(proposal: Proposal) -> StageDocument:
    return {
        "prior_share": proposal.prior_share,
        "names": list(proposal.names),
        "mean": proposal.mean.tolist(),
        "covariance": proposal.covariance.tolist(),
    }
