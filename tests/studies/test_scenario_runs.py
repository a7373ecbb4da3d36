"""Scenarios as policies: the futures they share, the years they are judged by, and the structures they meet."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.calibration.structural_variants import STRUCTURES
from simulator.declarations.number import Role
from simulator.declarations.parameters import PARAMETERS
from simulator.experiments.core.sampled_futures import SampledFutures
from simulator.runs.futures import SEED, draw_futures
from simulator.runs.run import run
from simulator.scenarios.scenario import load_scenario
from simulator.studies.scenario_runs import (
    assess_structures,
    find_directed_outcome,
    find_years_of_change,
    group_parameters,
    index_by_title,
    run_scenarios,
    sample_posterior_futures,
    sample_prior_futures,
    sample_structural_futures,
)

pytestmark = pytest.mark.results


def test_a_policy_in_a_world_gives_what_a_run_of_it_gives() -> None:
    drawn = draw_futures(12)
    points = {name: drawn.points[d.group][name] for name, d in PARAMETERS.items()}
    sampled = SampledFutures(points, drawn.runs, np.arange(12))
    policies = index_by_title(["ringfence", "leadership"])
    table = run_scenarios(policies, sampled, "retained")
    for title, policy in policies.items():
        assert (table[title] == run(policy, futures=drawn).outcome("retained", "2027/28-")).all()
    assert sampled.seeds[0] == 0
    assert drawn.seed == SEED


def test_policies_are_judged_from_the_first_change_of_any_of_them() -> None:
    early = load_scenario("leadership").starting("2024/25 Q3")
    assert find_years_of_change([load_scenario("ringfence"), early]) == "2024/25-"
    assert find_years_of_change([load_scenario("baseline")]) == "2022/23-"


def test_a_choice_needs_two_different_policies() -> None:
    with pytest.raises(ValueError, match="two policies or more"):
        index_by_title(["ringfence"])
    with pytest.raises(ValueError, match="given twice"):
        index_by_title(["ringfence", "ringfence"])
    same = [load_scenario("ringfence"), load_scenario("ringfence").starting("2024/25 Q1")]
    assert list(index_by_title(same)) == [same[0].title, f"{same[0].title}, from 2024/25"]


def test_an_outcome_without_a_better_side_decides_nothing() -> None:
    with pytest.raises(ValueError, match="neither more nor less is better"):
        find_directed_outcome("turnover")
    assert find_directed_outcome("raided").better == -1


def test_draws_of_the_posterior_are_not_passed_off_as_more_than_there_are() -> None:
    assert sample_posterior_futures(8_000).n == 8_000
    with pytest.raises(ValueError, match="the posterior has 8,000 draws, not 8,001"):
        sample_posterior_futures(8_001)
    assert sample_prior_futures(8_001).n == 8_001


def test_every_structure_has_its_worlds_with_what_it_holds() -> None:
    drawn = sample_structural_futures(4, replicates=2)
    assert set(drawn.structures) == set(STRUCTURES)
    assert drawn.futures.n == len(drawn.structures) == 8 * len(STRUCTURES)
    for name, structure in STRUCTURES.items():
        rows = np.array(drawn.structures) == name
        for parameter, value in structure.held.items():
            if parameter in PARAMETERS:
                assert (drawn.futures.points[parameter][rows] == value).all(), name
        assert (drawn.futures.seeds[rows] == drawn.futures.seeds[:8]).all()
        assert drawn.futures.draws[rows].tolist() == [0, 0, 1, 1, 2, 2, 3, 3]


def test_equal_policies_are_equally_good_under_every_structure() -> None:
    drawn = sample_structural_futures(3)
    policies = {"one": load_scenario("ringfence"), "other": load_scenario("ringfence")}
    parts = assess_structures(run_scenarios(policies, drawn.futures, "retained"), drawn, "retained")
    assert set(parts) == set(STRUCTURES)
    for part in parts.values():
        assert part.in_the_running == ("one", "other")
        assert [s.worst_regret for s in part.standings] == [0, 0]


def test_groups_hold_every_uncertain_parameter_once_and_share_no_name_with_one() -> None:
    groups = group_parameters()
    members = [name for group in groups.values() for name in group]
    assert sorted(members) == sorted(n for n, d in PARAMETERS.items() if d.about.role is Role.UNCERTAIN)
    assert set(groups) & set(PARAMETERS) == set()
