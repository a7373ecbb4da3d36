"""Answers averaged over structures: the weights decide, the order of rows does not, and chance is shared."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simulator.calibration.structural_draws import read_structure_draws
from simulator.calibration.structural_variants import STRUCTURES
from simulator.calibration.structure_weights import StructureWeights, read_shipped_weights, read_structure_weights
from simulator.declarations.parameters import PARAMETERS
from simulator.declarations.sign_promises import admits_negative
from simulator.experiments.core.averaged_comparison import AveragedComparison, average_comparisons
from simulator.experiments.decision.verdict_carriers import VerdictCarriers
from simulator.runs.futures import draw_futures
from simulator.runs.run import compare_results, find_common_span, run_many
from simulator.scenarios.scenario import load_scenario
from simulator.studies.examined_comparison import compare_all_pairs, examine
from simulator.studies.structural_average import StructuralResults, draw_structural_futures, run_structures

NAMES = ("baseline", "ringfence", "leadership")
SCENARIOS = [load_scenario(name) for name in NAMES]
N = 200


@pytest.fixture(scope="module")
def structural() -> StructuralResults:
    results = run_structures(SCENARIOS, N)
    assert results is not None
    return results


def average(structural: StructuralResults, weights: StructureWeights | None = None) -> AveragedComparison:
    results = run_many(SCENARIOS, N)
    span = find_common_span(results)
    like = compare_results(results[2], results[1], "additional", span)
    return replace(structural, weights=weights or structural.weights).compare(2, 1, like, span)


def test_weights_all_on_one_structure_give_that_structures_answer(
    structural: StructuralResults, tmp_path: Path
) -> None:
    for name in ("no_peers", "bias_strong"):
        file = tmp_path / "mine.yaml"
        file.write_text(f"title: x\nbecause: x\nweights:\n  {name}: {{weight: 2, because: x}}\n", encoding="utf-8")
        averaged = average(structural, read_structure_weights(file))
        alone = averaged.by_structure[name]
        assert averaged.average.difference == pytest.approx(alone.difference, rel=1e-12)
        assert averaged.average.better_in == alone.better_in.replace(f"of {alone.n}", f"of {averaged.average.n}")
        assert averaged.average.standard_error == pytest.approx(alone.standard_error, rel=0.2)
        assert list(averaged.by_structure) == [name]


def test_the_average_is_the_weighted_mean_of_what_structures_say(structural: StructuralResults) -> None:
    averaged = average(structural)
    means = [averaged.by_structure[name].difference for name in structural.names]
    assert averaged.average.difference == pytest.approx(np.mean(means))
    shares = [comparison.better / comparison.n for comparison in averaged.by_structure.values()]
    assert averaged.average.better == round(np.mean(shares) * averaged.average.n)
    assert min(means) < averaged.average.difference < max(means)


def test_the_order_of_structures_does_not_matter(structural: StructuralResults) -> None:
    results = run_many(SCENARIOS, N)
    span = find_common_span(results)
    averaged = average(structural)
    values = [structural.results[at].outcome("additional", span) for at in (2, 1)]
    differences = dict(zip(structural.names, (values[0] - values[1]).reshape(len(structural.names), -1), strict=True))
    turned = list(reversed(structural.names))
    weights = {name: averaged.weights[name] for name in turned}
    by_structure = {name: averaged.by_structure[name] for name in turned}
    again = average_comparisons(by_structure, differences, weights, averaged.described, averaged.says)
    for field in ("difference", "standard_error", "likely", "wide", "better", "same", "worse"):
        assert getattr(again.average, field) == pytest.approx(getattr(averaged.average, field), rel=1e-9)


def test_structures_have_their_own_parameters_and_the_chance_of_the_defaults_futures() -> None:
    futures = draw_structural_futures(12, 5)
    structures = len(read_structure_draws())
    assert len(futures) == 12 * structures
    assert (futures.runs.reshape(structures, 12) == draw_futures(12, seed=5).runs).all()
    held = np.asarray(futures.points[PARAMETERS["place_safe"].group]["place_safe"]).reshape(structures, 12)
    at = list(read_structure_draws()).index("place_safe")
    assert (held[at] == 1).all() and (np.delete(held, at, axis=0) == 0).all()


def test_too_few_futures_are_not_averaged() -> None:
    assert run_structures(SCENARIOS, 99) is None


def test_sentences_name_the_weights_and_the_structures_that_differ_most(structural: StructuralResults) -> None:
    averaged = average(structural)
    low, high = averaged.extremes
    assert averaged.says[low] in averaged.sentence and averaged.says[high] in averaged.sentence
    assert read_shipped_weights().summary in averaged.sentence


def test_an_examined_pair_says_what_turns_its_verdict_or_that_nothing_does() -> None:
    results = run_many(SCENARIOS, 1_000)
    span = find_common_span(results)
    for later, earlier, comparison in compare_all_pairs(results, "additional", span):
        examined = examine(results[later], results[earlier], comparison, span)
        sentence = examined.carrier_sentence
        assert comparison.new in sentence and comparison.old in sentence
        for carrier in examined.carriers.carriers:
            points = results[later].futures
            assert points is not None
            column = points.points[PARAMETERS[carrier.name].group][carrier.name]
            rows = column <= carrier.edge if carrier.kind == "lowest" else column >= carrier.edge
            difference = results[later].outcome("additional", span) - results[earlier].outcome("additional", span)
            assert difference[rows].mean() == pytest.approx(carrier.difference, rel=1e-9)
            assert PARAMETERS[carrier.name].about.plain in sentence and carrier.turns != comparison.settled
            assert f"({carrier.name})" not in sentence, "code names are for files"


def test_with_too_few_futures_for_single_numbers_only_the_ways_to_write_the_model_are_spoken_of() -> None:
    results = run_many(SCENARIOS, 300)
    span = find_common_span(results)
    comparison = compare_results(results[2], results[0], "additional", span)
    looked = replace(examine(results[2], results[0], comparison, span), carriers=VerdictCarriers((), 0, 20))
    assert "None of the 20 ways" in looked.carrier_sentence and "the 0 " not in looked.carrier_sentence


def test_a_sign_is_assumed_on_average_only_where_every_structure_that_counts_assumes_it(
    structural: StructuralResults, tmp_path: Path
) -> None:
    results = run_many(SCENARIOS, N)
    span = find_common_span(results)
    like = compare_results(results[1], results[0], "retained", span)
    assert like.sign_assumed
    open_signs = [
        name
        for name, structure in STRUCTURES.items()
        if any(admits_negative(number, prior) for number, prior in structure.priors.items())
    ]
    assert open_signs
    averaged = structural.compare(1, 0, like, span)
    assert not averaged.average.sign_assumed
    for name, comparison in averaged.by_structure.items():
        assert bool(comparison.assumed) == (name not in open_signs), name
    file = tmp_path / "mine.yaml"
    lines = "".join(f"  {name}: {{weight: 1, because: x}}\n" for name in ("default", "no_peers"))
    file.write_text(f"title: x\nbecause: x\nweights:\n{lines}", encoding="utf-8")
    mine = replace(structural, weights=read_structure_weights(file))
    assert mine.compare(1, 0, like, span).average.sign_assumed


def test_a_sceptics_average_counts_the_futures_in_which_leaders_make_no_difference(
    structural: StructuralResults, tmp_path: Path
) -> None:
    file = tmp_path / "mine.yaml"
    entries = "".join(f"  {name}: {{weight: 1, because: x}}\n" for name in ("default", "no_leaders"))
    file.write_text(f"title: x\nbecause: x\nweights:\n{entries}", encoding="utf-8")
    results = run_many(SCENARIOS, N)
    span = find_common_span(results)
    like = compare_results(results[2], results[0], "retained", span)
    averaged = replace(structural, weights=read_structure_weights(file)).compare(2, 0, like, span)
    assert averaged.by_structure["default"].sign_assumed
    assert averaged.by_structure["no_leaders"].same == averaged.by_structure["no_leaders"].n
    assert not averaged.average.sign_assumed
    half = averaged.average.n // 2
    assert averaged.average.better == averaged.average.same == half
    assert averaged.average.better_in == f"{half} of {2 * half}"
