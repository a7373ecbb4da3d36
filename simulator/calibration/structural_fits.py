"""Every structural alternative through the same fit, and what each says of the headline policies.

`ringfence calibrate --structures` writes `data/structures.json` and the draws of each, `data/structures.csv.gz`.
"""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from simulator.calibration.export import hash_facts, round_numbers
from simulator.calibration.fit import Fit, calibrate
from simulator.calibration.likelihood import as_records
from simulator.calibration.structural_draws import DRAWS as DRAWS
from simulator.calibration.structural_draws import NAMES, SHIPPED_DIGITS, list_held
from simulator.calibration.structural_draws import read_structure_draws as read_structure_draws
from simulator.calibration.structural_draws import read_structures as read_structures
from simulator.calibration.structural_variants import STRUCTURES, Structure
from simulator.common.arrays import Floats
from simulator.common.atomic_files import make_folder, write_together
from simulator.common.event_log import log_event
from simulator.engine.kernel_sources import source_hash
from simulator.experiments.core.model_protocol import Progress
from simulator.experiments.stats.importance_sampling import Proposal
from simulator.replays.replay import load_replay
from simulator.runs.fit_documents import (
    EffectsDocument,
    GainSpread,
    HeadlineDocument,
    Spread,
    StructureDocument,
    StructureOutcome,
    StructuresDocument,
)
from simulator.runs.futures import SEED, Futures
from simulator.runs.posterior import read_fit_document
from simulator.runs.run import run_many
from simulator.scenarios.headline import HEADLINE

SIZES = (30_000, 60_000)
SHIPPED = 250
COMPARED = (HEADLINE[0], "ringfence-audited", *HEADLINE[1:])
"""The scenarios that every structure is asked about."""
OUTCOMES: tuple[StructureOutcome, ...] = ("retained", "additional")
INTERVAL = (0.05, 0.95)


def fit_structure(structure: Structure, sizes: Sequence[int] = SIZES, progress: Progress | None = None) -> Fit:
    """The fit of one alternative, begun where the default's ended."""
    return calibrate(
        sizes,
        held=structure.held,
        codes=structure.codes,
        use=structure.use,
        priors=structure.priors,
        start=read_last_proposal(),
        progress=progress,
    )


def read_last_proposal() -> Proposal:
    """The distribution from which the last stage of the shipped fit drew."""
    stage = read_fit_document()["stages"][-1]
    return Proposal(tuple(stage["names"]), np.array(stage["mean"]), np.array(stage["covariance"]), stage["prior_share"])


def compute_headline(points: Mapping[str, Floats]) -> HeadlineDocument:
    """What the headline policies do under these draws, and how the declared replay comes out."""
    records = as_records(points)
    drawn = Futures(records, np.arange(len(records)), SEED, "given")
    names = ("baseline", *COMPARED)
    results = dict(zip(names, run_many(names, futures=drawn), strict=True))
    span = results[COMPARED[0]].span()
    effects: dict[StructureOutcome, EffectsDocument] = {}
    for outcome in OUTCOMES:
        values = {name: result.outcome(outcome, span) for name, result in results.items()}
        gains = {name: values[name] - values["baseline"] for name in COMPARED}
        effects[outcome] = {
            "level": compute_spread(values["baseline"]),
            "ringfence": _spread_gain(gains["ringfence"]),
            "ringfence-audited": _spread_gain(gains["ringfence-audited"]),
            "leadership": _spread_gain(gains["leadership"]),
            "both": _spread_gain(gains["both"]),
            "leadership over ringfence": _share_above(gains["leadership"], gains["ringfence"]),
            "leadership over ringfence-audited": _share_above(gains["leadership"], gains["ringfence-audited"]),
        }
    replay = load_replay("choosing_health").predict(records, drawn.runs, seed=SEED)
    return {"effects": effects, "declared": {name: compute_spread(values) for name, values in replay.items()}}


def compute_spread(values: Floats) -> Spread:
    """Mean and 5-95% interval."""
    low, high = np.quantile(values, INTERVAL)
    return {"mean": float(values.mean()), "low": float(low), "high": float(high)}


def _spread_gain(gain: Floats) -> GainSpread:
    return {**compute_spread(gain), "better": float((gain > 0).mean())}


def _share_above(gain: Floats, other: Floats) -> float:
    return float((gain > other).mean())


def run_structures(
    names: Sequence[str] = tuple(STRUCTURES), sizes: Sequence[int] = SIZES, progress: Progress | None = None
) -> Iterator[tuple[StructureDocument, dict[str, Floats]]]:
    """For each alternative: what it says, its diagnostics and headline, and its draws."""
    for name in names:
        structure = STRUCTURES[name]
        log_event("structural-fit-started", {"structure": name})
        fit = fit_structure(structure, sizes, progress)
        draws = fit.draws(DRAWS)
        summary: StructureDocument = {
            "name": name,
            "says": structure.says,
            "held": dict(structure.held),
            "comparable": structure.comparable,
            "log_evidence": fit.quality.log_evidence,
            "effective": fit.quality.effective,
            "pareto_k": fit.quality.pareto_k,
            "problems": fit.quality.problems,
            **compute_headline(
                {**draws, **dict(list_held(name, DRAWS))}
            ),  # a switch is no factor, and so not among the draws
        }
        yield summary, {column: values[:SHIPPED] for column, values in draws.items()}


def write_structures(into: Path, fits: Sequence[tuple[StructureDocument, dict[str, Floats]]]) -> tuple[Path, Path]:
    """Write what the alternatives say, and their draws as one table with the alternative's name in front."""
    about, table = (into / name for name in NAMES)
    whole: StructuresDocument = {
        "facts": hash_facts(),
        "code": source_hash(),
        "sizes": list(SIZES),
        "structures": [summary for summary, _ in fits],
    }
    said_text = json.dumps(round_numbers(whole), indent=1, ensure_ascii=False) + "\n"
    text = io.StringIO(newline="")
    text.write(",".join(("structure", *fits[0][1])) + "\n")
    for summary, draws in fits:
        for line in zip(*draws.values(), strict=True):
            text.write(",".join((summary["name"], *(f"{x:.{SHIPPED_DIGITS}g}" for x in line))) + "\n")
    packed = io.BytesIO()
    with gzip.GzipFile("", "wb", 9, packed, mtime=0) as file:
        file.write(text.getvalue().encode("utf-8"))
    make_folder(into)
    write_together({about: said_text.encode("utf-8"), table: packed.getvalue()}, last=about)
    return about, table
