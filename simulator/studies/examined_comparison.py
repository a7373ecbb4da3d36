"""What stands behind a comparison's verdict: the average over structures, and what carries the verdict, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from simulator.boards.table import Boards
from simulator.calibration.structural_draws import read_structures
from simulator.common.arrays import Floats
from simulator.common.formatting import (
    FEWEST,
    count_share,
    describe_difference,
    describe_difference_range,
    format_number,
    format_part_gap,
)
from simulator.common.sentence_templates import get_template
from simulator.common.units import Unit
from simulator.declarations.parameters import PARAMETERS
from simulator.declarations.sign_promises import find_lowest
from simulator.experiments.core import verdicts
from simulator.experiments.core.averaged_comparison import AveragedComparison
from simulator.experiments.core.paired_comparison import Comparison
from simulator.experiments.decision.verdict_carriers import PART, STRUCTURE, Carrier, VerdictCarriers, find_carriers
from simulator.experiments.sensitivity.range_split import RangeSplit, split_range
from simulator.runs.acting_numbers import Acts, find_acting
from simulator.runs.futures import Futures
from simulator.runs.parameter_sets import UNCERTAIN
from simulator.runs.results import Results
from simulator.runs.run import compare_results, run_many
from simulator.scenarios.scenario import Scenario
from simulator.studies.matched_years import compare_matched_years, find_matched_span
from simulator.studies.structural_average import StructuralResults

REPEATED_SETS, MORE_RUNS = 250, 2  # together as many futures as are kept on disk
"""So many parameter sets run so many more times, to tell chance from parameters."""


@dataclass(frozen=True)
class ExaminedComparison:
    """A comparison, the same averaged over structures (None where there are too few futures), and its carriers.

    `apart` holds the ranges of its difference over parameters and over chance, if sets were run again for it.
    `matched` is the comparison of the years in which both policies act, where one starts later: the carriers are those
    of its verdict, for what turns with a start says nothing of what a policy does.
    """

    comparison: Comparison
    averaged: AveragedComparison | None
    carriers: VerdictCarriers
    apart: RangeSplit | None = None
    matched: Comparison | None = None

    @property
    def carrier_sentence(self) -> str:
        """What carries the verdict, in one sentence; "" where nothing could be looked at."""
        said = self._write_carriers()
        if self.matched is None or not said:
            return said
        first, last = self.matched.years
        span = first if first == last else get_template("span").format(first=first, last=last)
        return get_template("acting.carriers").format(span=span, sentence=f"{said[0].lower()}{said[1:]}")

    @property
    def _carried(self) -> Comparison:
        """The comparison whose verdict the carriers carry."""
        return self.matched or self.comparison

    def _write_carriers(self) -> str:
        comparison, carriers = self._carried, self.carriers
        if comparison.sign_assumed or comparison.verdict == verdicts.SAME:
            return ""
        names = dict(zip(("new", "old"), self._sides, strict=True))
        if not carriers.looked:
            few = get_template("carriers.too_few").format(**names, fewest=PART * FEWEST)
            return few if carriers.too_few else ""
        if not comparison.settled:
            return get_template("carriers.unsettled").format(**names)
        if not carriers.carriers and not carriers.parameters:
            return get_template("carriers.none.ways").format(**names, structures=carriers.structures)
        if not carriers.carriers:
            others = get_template("carriers.none.structures").format(structures=carriers.structures)
            return get_template("carriers.none").format(
                **names, parameters=str(carriers.parameters), others=others if carriers.structures else ""
            )
        clauses = [self._write_clause(carrier) for carrier in carriers.carriers]
        alone = "" if carriers.parameters else get_template("carriers.alone")
        return get_template("carriers.some").format(**names, list="; ".join(clauses), alone=alone)

    @property
    def apart_sentence(self) -> str:
        """How far the difference spreads over parameters, and over chance alone; "" where that was not looked at."""
        if self.apart is None or self.comparison.alike:
            return ""
        unit = self.comparison.outcome.change_unit
        return get_template("apart.sentence").format(
            new=self.comparison.new,
            old=self.comparison.old,
            difference=self.comparison.average_words,
            error=self.comparison.error_words,
            parameters=describe_difference_range(*self.apart.parameters, unit),
            chance=describe_difference_range(*self.apart.chance, unit),
        )

    @property
    def _sides(self) -> tuple[str, str]:
        """Both policies, the one that gives more on average first, as on the cards of an answer."""
        c = self._carried
        return (c.new, c.old) if c.difference >= 0 else (c.old, c.new)

    def _write_clause(self, carrier: Carrier) -> str:
        comparison, sign = self._carried, 1 if self._carried.difference >= 0 else -1
        up, down = ("better", "worse") if comparison.outcome.better else ("higher", "lower")
        turn = {1: "up", -1: "down", 0: "neither" if carrier.standard_error > 0 else "nothing"}[sign * carrier.turns]
        words = {
            "new": self._sides[0],
            "ahead": comparison.new,
            "up": up,
            "turns": get_template(f"carrier.turns.{turn}").format(up=up, down=down),
            "difference": self._describe_part(sign * carrier.difference),
            "count": get_template("comparison.count").format(
                count=count_share(carrier.better, carrier.n), whole=min(carrier.n, 100)
            ),
        }
        if carrier.kind == STRUCTURE:
            return get_template("carrier.structure").format(**words, says=read_structures()[carrier.name]["says"])
        about = PARAMETERS[carrier.name].about
        edge, least, most = map(format_number, (carrier.edge, find_lowest(carrier.name), about.high))
        return get_template(f"carrier.{carrier.kind}").format(
            **words, plain=about.plain, edge=edge, least=least, most=most
        )

    def _describe_part(self, difference: float) -> str:
        unit = self._carried.outcome.change_unit
        if unit is not Unit.SHARE:
            return describe_difference(difference, unit)
        return get_template("gap.of_each").format(gap=format_part_gap(difference))


def examine(
    new: Results,
    old: Results,
    comparison: Comparison,
    span: slice,
    structural: StructuralResults | None = None,
    places: tuple[int, int] = (0, 0),
    repeated: Sequence[Results] = (),
) -> ExaminedComparison:
    """Examine the comparison of two results; what carries its verdict in the years in which both policies act.

    `places` are those of the two scenarios in `structural` and in `repeated`, which is from `run_repeated`.
    """
    averaged = None if structural is None else structural.compare(*places, comparison, span)
    name, matched = comparison.outcome.name, None
    carried, years, by = comparison, span, averaged
    if min(new.manifest.start, old.manifest.start) >= 0:
        matched = compare_matched_years(new, old, name, span)
    if matched is not None:
        carried, years = matched, find_matched_span((new, old), span) or span
        by = None if structural is None else structural.compare(*places, matched, years)
    carriers = find_carriers(
        carried,
        new.outcome(name, years) - old.outcome(name, years),
        read_acting(name, years, new, old),
        None if by is None else by.by_structure,
        new.sets,
    )
    if not carried.settled:
        carriers = replace(carriers, carriers=())
    apart = None
    if repeated:
        again = [repeated[place].outcome(name, span) for place in places]
        first = new.outcome(name, span) - old.outcome(name, span)
        more = (again[0] - again[1]).reshape(-1, MORE_RUNS)
        apart = split_range(np.column_stack([first[: len(more)], more]))
    return ExaminedComparison(comparison, averaged, carriers, apart, matched)


def run_repeated(scenarios: Sequence[Scenario], futures: Futures, boards: Boards | None = None) -> tuple[Results, ...]:
    """Run scenarios again through the first parameter sets of `futures`, each with `MORE_RUNS` new seeds, row by row.

    With the futures themselves they tell chance from parameters. Nothing is run where there are fewer than 100 futures.
    """
    if len(futures) < FEWEST:
        return ()
    points = np.repeat(futures.points[:REPEATED_SETS], MORE_RUNS)
    runs = int(futures.runs.max()) + 1 + np.arange(len(points))
    return run_many(scenarios, futures=Futures(points, runs, futures.seed, "given"), boards=boards)


def read_parameters(result: Results) -> dict[str, Floats]:
    """The uncertain numbers of these futures, a column each; none where they are not known."""
    if result.futures is None:
        return {}
    points = result.futures.points
    return {name: np.asarray(points[PARAMETERS[name].group][name], np.float64) for name in UNCERTAIN}


def read_acting(outcome: str, span: slice, new: Results, old: Results) -> dict[str, Floats]:
    """The columns of the uncertain numbers that act on an outcome in these years under either of two policies."""
    columns = read_parameters(new)
    acting = find_acting(columns, outcome, span, (new, old))
    return {name: column for name, column in columns.items() if acting[name] is Acts.NOW}


def compare_all_pairs(results: Sequence[Results], outcome: str, span: slice) -> list[tuple[int, int, Comparison]]:
    """Every pair of results, the later against the earlier: their places, and the comparison."""
    return [
        (later, earlier, compare_results(results[later], results[earlier], outcome, span))
        for earlier in range(len(results))
        for later in range(earlier + 1, len(results))
    ]


MOST_PAIRED = 4
"""With more policies than this their pairs are too many to be read."""


def examine_all(
    results: Sequence[Results],
    comparisons: Sequence[Comparison],
    span: slice,
    structural: StructuralResults | None = None,
    repeated: Sequence[Results] = (),
) -> tuple[list[ExaminedComparison], list[ExaminedComparison]]:
    """Examine `comparisons` of every later result with the first, and every pair of the later ones.

    `structural` and `repeated` have the same scenarios in the same places.
    """
    old, *others = results
    examined = [
        examine(new, old, comparison, span, structural, (at, 0), repeated)
        for at, (new, comparison) in enumerate(zip(others, comparisons, strict=True), 1)
    ]
    pairs = compare_all_pairs(others, comparisons[0].outcome.name, span) if 1 < len(others) <= MOST_PAIRED else []
    between = [
        examine(others[later], others[earlier], comparison, span, structural, (later + 1, earlier + 1), repeated)
        for later, earlier, comparison in pairs
    ]
    return examined, between


def describe_averages(examined: Sequence[ExaminedComparison]) -> list[str]:
    """The averages over structures, a sentence each."""
    return [item.averaged.sentence for item in examined if item.averaged is not None]


def describe_carriers(examined: Sequence[ExaminedComparison]) -> list[str]:
    """What carries each verdict, a sentence each; none where the sign is assumed or there is no difference."""
    return [item.carrier_sentence for item in examined if item.carrier_sentence]


def describe_ranges(examined: Sequence[ExaminedComparison]) -> list[str]:
    """How far each difference spreads over parameters and over chance, a sentence each."""
    return [item.apart_sentence for item in examined if item.apart_sentence]
