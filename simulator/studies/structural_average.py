"""Scenarios under every structure that was fitted, and comparisons averaged over structures.

Each structure runs with parameter sets of its own fit, in the chance events of the default's first futures, so that
structures and policies meet the same chance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from simulator.boards.table import Boards
from simulator.calibration.structural_draws import read_structure_draws, read_structures
from simulator.calibration.structural_variants import STRUCTURES
from simulator.calibration.structure_weights import StructureWeights, read_shipped_weights
from simulator.common.arrays import Floats
from simulator.common.formatting import FEWEST
from simulator.common.sentence_templates import get_template
from simulator.declarations.parameters import PARAMETERS
from simulator.declarations.sign_promises import admits_negative
from simulator.experiments.core.averaged_comparison import AveragedComparison, average_comparisons
from simulator.experiments.core.clustered_errors import Z_95
from simulator.experiments.core.paired_comparison import Comparison, compare_paired
from simulator.experiments.stats.weighted_draws import resample_in_blocks
from simulator.runs.assumed_sign import find_assumed_sign
from simulator.runs.futures import SEED, Futures
from simulator.runs.parameter_sets import Records, make_points
from simulator.runs.posterior import current_posterior
from simulator.runs.results import Results
from simulator.runs.run import run_many
from simulator.runs.weighed_structures import WeighedStructures
from simulator.scenarios.scenario import Scenario

if TYPE_CHECKING:
    from simulator.engine.ensemble import Progress

DRAWS = 80
"""Parameter sets of each structure beside a thousand futures of the default: as many as keep a comparison fast."""

FEWEST_DRAWS, FEWEST_SETS = 10, 50


@dataclass(frozen=True)
class StructuralResults:
    """Results of scenarios under every structure: in each, `draws` futures of the first structure, then of the next.

    `names` are the structures in that order; `weight_errors` are relative Monte Carlo errors of their weights.
    """

    names: tuple[str, ...]
    draws: int
    results: tuple[Results, ...]
    weights: StructureWeights
    weight_errors: Mapping[str, float] = field(default_factory=dict)

    def compare(self, new: int, old: int, like: Comparison, span: slice) -> AveragedComparison:
        """The comparison `like` of two scenarios, by their places in `results`, under each structure and averaged."""
        name, sets = like.outcome.name, self.results[new].sets
        assert sets is not None
        values = [self.results[at].outcome(name, span) for at in (new, old)]
        (futures, schedule), other = (self.results[new].futures, self.results[new].schedule), self.results[old].schedule
        assert futures is not None and schedule is not None and other is not None
        comparisons, differences = {}, {}
        for at, structure in enumerate(self.names):
            if structure not in self.weights.weights:
                continue
            rows = slice(at * self.draws, (at + 1) * self.draws)
            comparisons[structure] = compare_paired(
                values[0][rows],
                values[1][rows],
                about=like.outcome,
                names=(like.new, like.old),
                years=like.years,
                badge=f"structure {structure}",
                alike=like.alike,
                sets=sets[rows],
                assumed=find_assumed_sign(name, schedule, other, futures.points[rows], list_open_pulls(structure)),
            )
            differences[structure] = values[0][rows] - values[1][rows]
        weights, described = self.weights.weights, self.weights.summary
        says = {structure: read_structures()[structure]["says"] for structure in comparisons}
        return average_comparisons(comparisons, differences, weights, described, says, self.weight_errors)


def run_structures(
    scenarios: Sequence[Scenario],
    n: int,
    *,
    seed: int = SEED,
    boards: Boards | None = None,
    weights: StructureWeights | None = None,
    first_plan: int = 1,
    most: int | None = None,
    progress: Progress | None = None,
) -> StructuralResults | None:
    """Run scenarios under every structure that ships, beside `n` futures of the default.

    None where `n` is too small, and where a fit of the user's own is in use: structures were not fitted to what it
    rests on. With evidence of the user's own structures are weighed by it, and so are the draws of each.

    A structure has `DRAWS` futures for every thousand of `n`, but `most` of them at most, or as many as are shipped.
    Raises as `run_many`.
    """
    posterior = current_posterior()
    if n < FEWEST or (posterior.options and posterior.structures is None):
        return None
    draws = min(max(n * DRAWS // 1_000, FEWEST_DRAWS), most or count_structure_draws())
    chosen = weights or read_shipped_weights()
    if posterior.structures is None:
        futures, errors = draw_structural_futures(draws, seed), dict[str, float]()
    else:
        weighed = posterior.structures(chosen.weights, progress)
        futures, errors = draw_weighed_futures(weighed, draws, seed), dict(weighed.errors)
        chosen = replace(chosen, weights=dict(weighed.weights), weighed=_describe_weighed(weighed, chosen.summary))
    results = run_many(scenarios, futures=futures, boards=boards, first_plan=first_plan, progress=progress)
    return StructuralResults(tuple(read_structure_draws()), draws, results, chosen, errors)


def _describe_weighed(weighed: WeighedStructures, prior: str) -> str:
    """The weights beforehand, how far they are known now, and whether few draws of a structure are left."""
    few = get_template("weights.few").format(count=f"{weighed.fewest:.0f}") if weighed.fewest < FEWEST_SETS else ""
    error = f"{Z_95 * weighed.worst_error:.0%}"
    return get_template("weights.weighed").format(prior=prior, error=error, few=few)


@cache
def count_structure_draws() -> int:
    """How many parameter sets of each structure ship."""
    return min(len(next(iter(columns.values()))) for columns in read_structure_draws().values())


@cache
def draw_structural_futures(draws: int, seed: int) -> Futures:
    """The first `draws` futures of each structure, structure by structure: row k of each has the same chance."""
    points = [_make_records(columns, draws) for columns in read_structure_draws().values()]
    return Futures(np.concatenate(points), np.tile(np.arange(draws), len(points)), seed, "given")


def draw_weighed_futures(weighed: WeighedStructures, draws: int, seed: int) -> Futures:
    """As many futures of each structure, its draws as often as their weights say, always in the same way."""
    points = []
    for name in read_structure_draws():
        records = make_structure_records(name)
        weights = weighed.draws.get(name, np.full(len(records), 1 / len(records)))
        points.append(records[resample_in_blocks(weights, draws, 1, SEED)])
    return Futures(np.concatenate(points), np.tile(np.arange(draws), len(points)), seed, "given")


def make_structure_records(structure: str) -> Records:
    """All shipped draws of a structure as records."""
    columns = read_structure_draws()[structure]
    return _make_records(columns, len(next(iter(columns.values()))))


def list_open_pulls(structure: str) -> list[str]:
    """The numbers whose sign a structure leaves open by priors of its own."""
    return [name for name, prior in STRUCTURES[structure].priors.items() if admits_negative(name, prior)]


def _make_records(columns: Mapping[str, Floats], draws: int) -> Records:
    """The first draws as records; what a fit has beside the model's parameters is left out."""
    records = make_points(draws)
    for name, column in columns.items():
        if name in PARAMETERS:
            records[PARAMETERS[name].group][name] = column[:draws]
    return records
