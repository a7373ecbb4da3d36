"""A comparison and what stands behind it: entries of a JSON document, columns of CSV, and tables for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from simulator.commands.shared.rendering import show_table, show_text
from simulator.common.units import Unit

if TYPE_CHECKING:
    from simulator.calibration.structure_weights import StructureWeights
    from simulator.commands.shared.rendering import Row
    from simulator.declarations.outcomes import Outcome
    from simulator.experiments.core.averaged_comparison import AveragedComparison
    from simulator.experiments.core.paired_comparison import Comparison
    from simulator.experiments.sensitivity.range_split import RangeSplit
    from simulator.studies.examined_comparison import ExaminedComparison

COUNTS = (
    "undefined",
    "standard_error",
    "sets",
    "better",
    "same",
    "worse",
    "better_of_100",
    "settled",
    "slight",
    "verdict",
)
RANGE_80, RANGE_95 = "8 in 10 results", "95 in 100 results"
INTERVALS = {"likely": ("likely_low", "likely_high"), "wide": ("wide_low", "wide_high")}
AVERAGED = ("difference", "standard_error", "better_of_100", "verdict")


def document_differences(comparison: Comparison) -> dict[str, object]:
    """The paired differences of a comparison: mean, ranges, counts and verdict."""
    return {
        "difference": comparison.difference,
        "likely": comparison.likely,
        "wide": comparison.wide,
        **{name: getattr(comparison, name) for name in COUNTS},
    }


def document_examined(examined: ExaminedComparison) -> dict[str, object]:
    """What stands behind a comparison: its average over structures, and what carries its verdict."""
    averaged, carriers = examined.averaged, examined.carriers
    return {
        "averaged": averaged
        and {
            **document_differences(averaged.average),
            "sentence": averaged.sentence,
            "by_structure": {
                name: {"weight": averaged.weights[name], **document_differences(comparison)}
                for name, comparison in averaged.by_structure.items()
            },
        },
        "apart": examined.apart and asdict(examined.apart),
        "carried_by": {
            "carriers": [asdict(carrier) for carrier in carriers.carriers],
            "parameters_tried": carriers.parameters,
            "structures_tried": carriers.structures,
            "sentence": examined.carrier_sentence,
        },
    }


def document_weights(weights: StructureWeights | None) -> dict[str, object]:
    """How much each structure counts, and why; None stands for the weights that ship."""
    from simulator.calibration.structure_weights import read_shipped_weights

    weights = weights or read_shipped_weights()
    return {
        "title": weights.title,
        "because": weights.because,
        "times_evidence": weights.times_evidence,
        "weights": weights.weights,
        "reasons": weights.reasons,
        "left_out": weights.left_out,
        "fingerprint": weights.fingerprint,
    }


def examined_columns(examined: ExaminedComparison) -> Row:
    """The columns of a row of CSV that say what stands behind its comparison."""
    average = examined.averaged and examined.averaged.average
    return {
        **{f"averaged_{name}": None if average is None else getattr(average, name) for name in AVERAGED},
        "carried_by": [carrier.name for carrier in examined.carriers.carriers],
    }


def show_examined(examined: Sequence[ExaminedComparison], between: Sequence[ExaminedComparison]) -> None:
    """Print the policies against one another, every difference averaged over structures, and what carries verdicts."""
    from simulator.common.sentence_templates import get_template
    from simulator.runs.posterior import current_posterior
    from simulator.studies.examined_comparison import describe_carriers

    if between:
        show_text(get_template("heading.between"))
        show_text()
        _show_rows([_pair_line(pair.comparison) for pair in between])
    every = [*examined, *between]
    apart = [apart_line(item, item.apart) for item in every if item.apart is not None]
    if apart:
        show_text(get_template("heading.apart"))
        show_text()
        _show_rows(apart)
    averages = [item.averaged for item in every if item.averaged is not None]
    if averages:
        first = averages[0]
        heading = get_template("heading.averaged")
        show_text(heading.format(count=len(first.weights), weights=first.described, each=first.each))
        show_text()
        _show_rows([average_line(average) for average in averages])
    elif every and current_posterior().options:
        show_text(get_template("structures.not_fitted"))
        show_text()
    carried = describe_carriers(every)
    for sentence in carried:
        show_text(sentence)
    names = dict.fromkeys(carrier.name for item in every for carrier in item.carriers.carriers)
    if names and carried:
        show_text(get_template("carriers.names").format(names=", ".join(names)))
    if carried:
        show_text()


def _show_rows(rows: Sequence[dict[str, str]]) -> None:
    show_table(rows, [name for name in rows[0] if name not in ("Policy", "Against", "Verdict")])
    show_text()


def _pair_line(comparison: Comparison) -> dict[str, str]:
    line = table_line(comparison, comparison.outcome.label)
    kept = ("Difference", "More futures could move it by", RANGE_80, "Better in", "Verdict")
    return {"Policy": comparison.new, "Against": comparison.old, **{name: line[name] for name in kept}}


def apart_line(examined: ExaminedComparison, apart: RangeSplit) -> dict[str, str]:
    """The ranges of a difference over parameters and over chance as a row of the table that people read."""
    from simulator.common.formatting import format_difference_range

    line, unit = _pair_line(examined.comparison), examined.comparison.outcome.change_unit
    parameters, chance = (format_difference_range(*ends, unit) for ends in (apart.parameters, apart.chance))
    kept = {name: line[name] for name in ("Policy", "Against", "Difference", "More futures could move it by")}
    return {**kept, "Over parameters": parameters, "Over chance": chance}


def average_line(averaged: AveragedComparison) -> dict[str, str]:
    """An average over structures as a row of the table that people read."""
    from simulator.common.formatting import format_difference_range

    line = _pair_line(averaged.average)
    low, high = (averaged.by_structure[name].difference for name in averaged.extremes)
    spread = format_difference_range(low, high, averaged.average.outcome.change_unit)
    del line[RANGE_80]
    last = {"Better in": line.pop("Better in"), "Verdict": line.pop("Verdict")}
    return {**line, "Ways to write it": spread, **last}


def head_levels(outcome: Outcome) -> str:
    """What heads a column of levels of an outcome, and names the unit of the table where it is money."""
    return outcome.label + (", £ of each £100" if outcome.change_unit is Unit.SHARE else "")


def write_levels(comparisons: Sequence[Comparison]) -> list[str]:
    """The level of what all are compared with, then those of the policies, as readers are told them."""
    from simulator.common.formatting import format_level
    from simulator.reports.sentences import format_levels

    outcome = comparisons[0].outcome
    if outcome.change_unit is Unit.SHARE:
        return format_levels(comparisons)
    return [format_level(mean, outcome.unit) for mean in (comparisons[0].old_mean, *(c.new_mean for c in comparisons))]


def table_line(comparison: Comparison, label: str, level: str = "") -> dict[str, str]:
    """A comparison as a row of the table that people read; `label` heads the column of levels, whose cell is `level`
    where it must suit other rows, as `decimals` are those of all differences in the table.
    """
    from simulator.common.formatting import format_difference_range

    unit = comparison.outcome.change_unit
    likely, wide = (format_difference_range(*ends, unit) for ends in (comparison.likely, comparison.wide))
    return {
        "Policy": comparison.new,
        label: level or comparison.level_words[0],
        "Difference": comparison.signed_gap,
        "More futures could move it by": comparison.margin_words,
        RANGE_80: likely,
        RANGE_95: wide,
        "Better in": comparison.better_in if comparison.outcome.better else "–",
        "Verdict": comparison.verdict_words,
    }
