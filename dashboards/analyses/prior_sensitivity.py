"""Sensitivity methods that move numbers independently, over their priors: Morris screening and Sobol' indices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NotRequired, TypedDict

from dashboards.analyses.request import AnalysisDocument, AnalysisRequest, ProgressSteps
from simulator.engine.ensemble import Progress
from simulator.experiments.core.model_protocol import Factor, ModelProtocol
from simulator.experiments.core.paired_difference import PairedDifference
from simulator.experiments.core.replicate_average import ReplicateAverage
from simulator.experiments.core.sweep import collect_tables, sweep
from simulator.experiments.sensitivity.morris import MorrisDesign, MorrisScreening, estimate_elementary_effects
from simulator.experiments.sensitivity.sobol import run_sobol
from simulator.studies.model_function import ModelFunction, list_parameter_factors

TRAJECTORIES, REPLICATES = 20, 2
SCREENED = 12
FIRST_BLOCKS, MOST_BLOCKS = 256, 512
CHUNK = 500
PRIORS = "parameters from their priors, not fitted"


class EffectDocument(TypedDict):
    """How a number moves the answer: `value` is a share of the variance or, for screening, a change in the outcome.

    `sigma` is the spread of the changes (screening), `first` the share by itself (Sobol'). `lowest` and `highest` are
    the mean gain and the half width of its 95% interval in the extreme fifths of the draws (main effects).
    """

    name: str
    value: float
    half_width: float
    clear: bool
    sign: float
    sigma: NotRequired[float]
    first: NotRequired[float]
    lowest: NotRequired[list[float]]
    highest: NotRequired[list[float]]


class SensitivityDocument(AnalysisDocument):
    """Effects, the largest first. `made` says which runs they come from, `says` is a sentence on the method.

    `mean` is the mean gain, 0 for methods over the priors.
    """

    method: str
    effects: list[EffectDocument]
    made: str
    mean: float
    says: str


def _make_paired_model(request: AnalysisRequest) -> ModelProtocol:
    """What the last scenario adds to the one before, with the same numbers and the same chance."""
    new, old = (
        ModelFunction(scenario, (request.outcome,), years=request.span, areas=request.boards)
        for scenario in (request.scenarios[-1], request.scenarios[-2])
    )
    return PairedDifference(new, old)


def _screen(request: AnalysisRequest, progress: Progress) -> tuple[MorrisScreening, tuple[Factor, ...]]:
    factors = list_parameter_factors()
    design = MorrisDesign(factors, TRAJECTORIES, request.seed)
    model = ReplicateAverage(_make_paired_model(request), REPLICATES)
    table = collect_tables(sweep(model, design, chunk=CHUNK, progress=progress))
    return estimate_elementary_effects(table.column(request.outcome), design, "the difference"), factors


def run_screening(request: AnalysisRequest, progress: Progress) -> SensitivityDocument:
    """Morris' elementary effects of every uncertain number."""
    screening, factors = _screen(request, progress)
    effects: list[EffectDocument] = [
        {
            "name": effect.name,
            "value": effect.mu_star,
            "half_width": effect.half_width,
            "sigma": effect.sigma,
            "sign": effect.mu,
            "clear": effect.mu_star > effect.half_width,
        }
        for effect in sorted(screening.effects, key=lambda effect: -effect.mu_star)
    ]
    runs = TRAJECTORIES * (len(factors) + 1) * REPLICATES
    return {
        **request.describe(PRIORS),
        "method": "screen",
        "effects": effects,
        "mean": 0.0,
        "says": f"{len(screening.inert)} of {len(factors)} numbers never changed it.",
        "made": f"{TRAJECTORIES} walks through {len(factors)} numbers, {runs:,} paired runs",
    }


def run_sobol_indices(request: AnalysisRequest, progress: Progress) -> SensitivityDocument:
    """Sobol' indices of the numbers that screening moved most, with chance as one more."""
    steps = ProgressSteps(progress, (0.35, 0.65))
    screening, factors = _screen(request, steps.step(0))
    leading = sorted(screening.effects, key=lambda effect: -effect.mu_star)[:SCREENED]
    names = {effect.name for effect in leading}
    sobol = run_sobol(
        _make_paired_model(request),
        [factor for factor in factors if factor.name in names],
        request.outcome,
        start=FIRST_BLOCKS,
        most=MOST_BLOCKS,
        seed=request.seed,
        chunk=CHUNK,
        progress=steps.step(1),
    )
    effects: list[EffectDocument] = [
        {
            "name": index.name,
            "value": index.total,
            "half_width": index.total_half_width,
            "first": index.first,
            "clear": index.total > index.total_half_width,
            "sign": 0.0,
        }
        for index in sorted(sobol.indices, key=lambda index: -index.total)
    ]
    settled = "The order has settled." if sobol.converged else "The intervals are still wide; the order may change."
    return {
        **request.describe(PRIORS),
        "method": "sobol",
        "effects": effects,
        "mean": 0.0,
        "says": f"Chance's own share of the variance of single runs is {100 * sobol.chance.total:.0f}%. {settled}",
        "made": f"{sobol.n:,} blocks, {sobol.rows:,} paired runs over the {SCREENED} numbers that screening moved most",
    }


METHODS: Mapping[str, Callable[[AnalysisRequest, Progress], SensitivityDocument]] = MappingProxyType(
    {"screen": run_screening, "sobol": run_sobol_indices}
)
