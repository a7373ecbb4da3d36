"""Methods that move numbers independently, over their priors: Morris screening and Sobol' indices, on request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from dashboards.analyses.request import AnalysisDocument, AnalysisRequest, Steps
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


def _make_paired_model(ask: AnalysisRequest) -> ModelProtocol:
    """What the last scenario adds to today's rules, at the same numbers and under the same luck."""
    new, old = (
        ModelFunction(one, (ask.outcome,), years=ask.span, areas=ask.areas)
        for one in (ask.policies[-1], ask.policies[0])
    )
    return PairedDifference(new, old)


def _screen(ask: AnalysisRequest, progress: Progress) -> tuple[MorrisScreening, tuple[Factor, ...]]:
    factors = list_parameter_factors()
    design = MorrisDesign(factors, TRAJECTORIES, ask.seed)
    table = collect_tables(
        sweep(ReplicateAverage(_make_paired_model(ask), REPLICATES), design, chunk=CHUNK, progress=progress)
    )
    return estimate_elementary_effects(table.column(ask.outcome), design, "the difference"), factors


def run_screening(ask: AnalysisRequest, progress: Progress) -> AnalysisDocument:
    """Morris' elementary effects of every uncertain number."""
    found, factors = _screen(ask, progress)
    effects = [
        {
            "name": e.name,
            "value": e.mu_star,
            "half_width": e.half_width,
            "sigma": e.sigma,
            "sign": e.mu,
            "clear": e.mu_star > e.half_width,
        }
        for e in sorted(found.effects, key=lambda e: -e.mu_star)
    ]
    rows = TRAJECTORIES * (len(factors) + 1)
    return ask.document(
        method="screen",
        effects=effects,
        says=f"{len(found.inert)} of {len(factors)} numbers never changed it.",
        made=f"{TRAJECTORIES} walks through {len(factors)} numbers, {rows * REPLICATES:,} paired runs",
        badge=PRIORS,
    )


def run_sobol_indices(ask: AnalysisRequest, progress: Progress) -> AnalysisDocument:
    """Sobol' indices of the numbers that screening finds, luck being one more."""
    steps = Steps(progress, (0.35, 0.65))
    screening, factors = _screen(ask, steps.part(0))
    kept = {e.name for e in sorted(screening.effects, key=lambda e: -e.mu_star)[:SCREENED]}
    found = run_sobol(
        _make_paired_model(ask),
        [f for f in factors if f.name in kept],
        ask.outcome,
        start=FIRST_BLOCKS,
        most=MOST_BLOCKS,
        seed=ask.seed,
        chunk=CHUNK,
        progress=steps.part(1),
    )
    effects = [
        {
            "name": i.name,
            "value": i.total,
            "half_width": i.total_half_width,
            "first": i.first,
            "clear": i.total > i.total_half_width,
            "sign": 0.0,
        }
        for i in sorted(found.indices, key=lambda i: -i.total)
    ]
    settled = "The order has settled." if found.converged else "The intervals are still wide; the order may change."
    says = f"Luck's own share of the variance of single runs is {100 * found.chance.total:.0f}%. {settled}"
    return ask.document(
        method="sobol",
        effects=effects,
        says=says,
        badge=PRIORS,
        made=f"{found.n:,} blocks, {found.rows:,} paired runs over the {SCREENED} numbers that screening moved most",
    )


METHODS: Mapping[str, Callable[[AnalysisRequest, Progress], AnalysisDocument]] = MappingProxyType(
    {"screen": run_screening, "sobol": run_sobol_indices}
)
