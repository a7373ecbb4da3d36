"""What stands behind a comparison's verdict: the average over structures, and what carries the verdict, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator.calibration.structural_draws import read_structures
from simulator.common.formatting import count_share, format_difference, format_number
from simulator.common.sentence_templates import get_template
from simulator.declarations.parameters import PARAMETERS
from simulator.experiments.core.averaged_comparison import AveragedComparison
from simulator.experiments.core.model_protocol import Floats
from simulator.experiments.core.paired_comparison import Comparison
from simulator.experiments.decision.verdict_carriers import STRUCTURE, Carrier, VerdictCarriers, find_carriers
from simulator.runs.parameter_sets import UNCERTAIN
from simulator.runs.results import Results
from simulator.runs.run import compare_results
from simulator.studies.structural_average import StructuralResults


@dataclass(frozen=True)
class ExaminedComparison:
    """A comparison, the same averaged over structures (None where there are too few futures), and its carriers."""

    comparison: Comparison
    averaged: AveragedComparison | None
    carriers: VerdictCarriers

    @property
    def carrier_sentence(self) -> str:
        """What carries the verdict, in one sentence; "" where nothing could be looked at."""
        comparison, carriers = self.comparison, self.carriers
        if not carriers.looked or comparison.alike or comparison.sign_assumed:
            return ""
        names = {"new": comparison.new, "old": comparison.old}
        if not carriers.carriers:
            numbers, structures = str(carriers.parameters), str(carriers.structures)
            return get_template("carriers.none").format(**names, parameters=numbers, structures=structures)
        clauses = [self._write_clause(carrier) for carrier in carriers.carriers]
        return get_template("carriers.some").format(**names, list="; ".join(clauses))

    def _write_clause(self, carrier: Carrier) -> str:
        comparison = self.comparison
        up, down = ("better", "worse") if comparison.outcome.better else ("higher", "lower")
        turn = {1: "up", -1: "down", 0: "neither"}[carrier.turns]
        words = {
            "name": carrier.name,
            "up": up,
            "turns": get_template(f"carrier.turns.{turn}").format(up=up, down=down),
            "difference": format_difference(carrier.difference, comparison.outcome.unit),
            "count": get_template("comparison.count").format(
                count=count_share(carrier.better, carrier.n), whole=min(carrier.n, 100)
            ),
        }
        if carrier.kind == STRUCTURE:
            return get_template("carrier.structure").format(**words, says=read_structures()[carrier.name]["says"])
        meaning = PARAMETERS[carrier.name].about.meaning
        return get_template(f"carrier.{carrier.kind}").format(
            **words, meaning=meaning, edge=format_number(carrier.edge)
        )


def examine(
    new: Results,
    old: Results,
    comparison: Comparison,
    span: slice,
    structural: StructuralResults | None = None,
    places: tuple[int, int] = (0, 0),
) -> ExaminedComparison:
    """Examine the comparison of two results. `places` are those of the two scenarios in `structural`."""
    averaged = None if structural is None else structural.compare(*places, comparison, span)
    name = comparison.outcome.name
    carriers = find_carriers(
        comparison,
        new.outcome(name, span) - old.outcome(name, span),
        _read_parameters(new),
        None if averaged is None else averaged.by_structure,
        new.sets,
    )
    return ExaminedComparison(comparison, averaged, carriers)


def _read_parameters(result: Results) -> dict[str, Floats]:
    """The uncertain numbers of these futures, a column each; none where they are not known."""
    if result.futures is None:
        return {}
    points = result.futures.points
    return {name: np.asarray(points[PARAMETERS[name].group][name], np.float64) for name in UNCERTAIN}


def compare_all_pairs(results: Sequence[Results], outcome: str, span: slice) -> list[tuple[int, int, Comparison]]:
    """Every pair of results, the later against the earlier: their places, and the comparison."""
    return [
        (later, earlier, compare_results(results[later], results[earlier], outcome, span))
        for earlier in range(len(results))
        for later in range(earlier + 1, len(results))
    ]
