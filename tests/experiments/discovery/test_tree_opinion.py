"""The decision tree as a second opinion: it agrees on what is there, and splits noise without believing it."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from planted_box import PlantedBox

from simulator.experiments.discovery.scenario_box import BoxSearch
from simulator.experiments.discovery.scenario_discovery import CaseDefinition, ScenarioDiscovery, discover_scenario
from simulator.experiments.discovery.tree_opinion import TreeOpinion, grow_tree_opinion
from simulator.experiments.sensitivity.given_data import GivenData, draw_given_data

pytestmark = pytest.mark.experiments

CLEAN, NONE = PlantedBox(inside=0.97, outside=0.005, dims=10), PlantedBox(inside=0.3, outside=0.3, dims=10)


@cache
def both(toy: PlantedBox, seed: int = 1) -> tuple[GivenData, ScenarioDiscovery, TreeOpinion]:
    sample = draw_given_data(toy, toy.factors, "y", n=2_000, seed=seed)
    discovery = discover_scenario(sample, CaseDefinition(0.5), search=BoxSearch(halves=10), seed=seed)
    return sample, discovery, grow_tree_opinion(sample, discovery, seed=seed)


def test_the_tree_names_planted_factors_only() -> None:
    _, discovery, opinion = both(CLEAN)
    assert set(opinion.restricted) == {"x1", "x2", "x3"} == set(discovery.restricted)


def test_the_trees_best_leaf_is_as_good_on_unseen_points_as_three_splits_can_be() -> None:
    """The planted box has four sides, so that with three splits one side stays open: density 0.97 * 2/3 at best."""
    best = both(CLEAN)[2].best
    assert best.coverage > 0.9
    assert best.density == pytest.approx(0.97 * 2 / 3, abs=0.06)


def test_the_overlap_with_the_box_is_what_three_of_four_sides_leave() -> None:
    opinion = both(CLEAN)[2]
    assert opinion.overlap == pytest.approx(2 / 3, abs=0.06)
    assert "are in both" in opinion.sentence


def test_leaves_part_the_points() -> None:
    sample, _, opinion = both(CLEAN)
    x = np.column_stack(list(sample.points.values()))
    assert (np.sum([leaf.box.holds(x) for leaf in opinion.leaves], axis=0) == 1).all()
    assert sum(leaf.mass for leaf in opinion.leaves) == pytest.approx(1)
    assert sum(leaf.coverage for leaf in opinion.leaves) == pytest.approx(1)
    assert 2 <= len(opinion.leaves) <= 8


@pytest.mark.parametrize("seed", range(3))
def test_in_noise_the_tree_splits_but_names_nothing(seed: int) -> None:
    opinion = both(NONE, seed)[2]
    assert len(opinion.leaves) > 1
    assert opinion.restricted == ()
    assert np.isnan(opinion.overlap)
    assert "no leaf that is denser" in opinion.sentence


def test_leaves_are_exported_as_boxes_the_densest_first() -> None:
    opinion = both(CLEAN)[2]
    frame = opinion.boxes_to_frame()
    assert frame.shape[1] == 2 * len(opinion.leaves)
    assert frame.columns[-1] == (f"box {len(opinion.leaves)}", "max")
    assert opinion.to_frame()["density"].is_monotonic_decreasing


@pytest.mark.parametrize("depth", [0, 4])
def test_a_large_tree_is_refused(depth: int) -> None:
    sample, discovery, _ = both(CLEAN)
    with pytest.raises(ValueError, match="take 1 to 3"):
        grow_tree_opinion(sample, discovery, depth=depth)
