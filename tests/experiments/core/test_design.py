from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import qmc

from simulator.declarations.priors import Beta, Normal
from simulator.experiments.core.design import Design, DesignKind, Levels, draw_sobol_uniforms
from simulator.experiments.core.design_parser import DesignError, parse_design
from simulator.experiments.core.model_protocol import Factor

pytestmark = pytest.mark.experiments

FACTORS = (
    Factor("trust", 0.0, 1.0, 0.5, Beta(2, 3)),
    Factor("delay", -2.0, 2.0, 0.0, Normal(0, 1)),
    Factor("pots", 0.0, 10.0, 1.0),
)
STEPPED = tuple(
    Factor(name, 0.0, 10.0, 1.0, Levels(values)) for name, values in (("a", (1.0, 2.0)), ("b", (0.0, 5.0, 10.0)))
)


def designs() -> list[Design]:
    sweep_designs = [Design(kind, FACTORS, 64, runs, 7) for kind in list(DesignKind)[1:] for runs in (1, 3)]
    own = [Design(DesignKind.LATIN, FACTORS, 64, 3, 7, independent_seeds=True)]
    return [*sweep_designs, *own, Design(DesignKind.GRID, STEPPED, runs=4)]


@settings(max_examples=15)
@given(st.lists(st.integers(1, 190), max_size=5), st.sampled_from(range(8)))
def test_rows_are_the_same_whatever_the_chunks(cuts: list[int], which: int) -> None:
    design = designs()[which]
    edges = sorted({0, len(design), *(cut for cut in cuts if cut < len(design))})
    whole, seeds = design.rows(0, len(design))
    parts = [design.rows(a, b) for a, b in pairwise(edges)]
    assert (np.concatenate([part[1] for part in parts]) == seeds).all()
    for name in whole:
        assert (np.concatenate([part[0][name] for part in parts]) == whole[name]).all()


def test_a_grid_visits_every_combination_once() -> None:
    points, _ = Design(DesignKind.GRID, STEPPED).rows(0, 6)
    assert list(zip(points["a"], points["b"], strict=True)) == list(product((1.0, 2.0), (0.0, 5.0, 10.0)))


def test_a_latin_hypercube_has_one_point_in_every_stratum_of_every_factor() -> None:
    flat = tuple(Factor(name, 0.0, 1.0, 0.5) for name in "abc")
    points, _ = Design(DesignKind.LATIN, flat, 500, seed=3).rows(0, 500)
    for column in points.values():
        assert sorted((column * 500).astype(int)) == list(range(500))
    assert abs(np.corrcoef(list(points.values())) - np.eye(3)).max() < 0.15


def test_a_factor_more_leaves_the_other_columns_of_a_latin_hypercube_alone() -> None:
    few, many = (Design(DesignKind.LATIN, FACTORS[:k], 100, seed=5).rows(0, 100)[0] for k in (2, 3))
    assert all((few[name] == many[name]).all() for name in few)


def test_spread_designs_cover_the_square_better_than_random_points_do() -> None:
    flat = (Factor("x", 0.0, 1.0, 0.5), Factor("y", 0.0, 1.0, 0.5))

    def discrepancy(kind: DesignKind) -> float:
        return float(qmc.discrepancy(np.column_stack(list(Design(kind, flat, 256, seed=1).rows(0, 256)[0].values()))))

    assert discrepancy(DesignKind.SOBOL) < discrepancy(DesignKind.LATIN) < discrepancy(DesignKind.RANDOM)


def test_the_sequence_is_scipys_and_another_seed_scrambles_it_anew() -> None:
    ours = draw_sobol_uniforms(3, 11, 0, 64)
    assert (ours - qmc.Sobol(3, rng=11).random(64)) == pytest.approx(0, abs=1e-9)
    assert not np.isclose(ours, draw_sobol_uniforms(3, 12, 0, 64)).any()
    assert ours.min() > 0
    assert ours.max() < 1


@pytest.mark.parametrize("kind", [DesignKind.LATIN, DesignKind.SOBOL, DesignKind.RANDOM])
def test_points_follow_the_priors(kind: DesignKind) -> None:
    points, _ = Design(kind, FACTORS, 4096).rows(0, 4096)
    assert points["trust"].mean() == pytest.approx(0.4, abs=0.01)
    assert points["delay"].min() == pytest.approx(-2, abs=0.01)
    assert points["pots"].mean() == pytest.approx(5, abs=0.15)


def test_every_point_meets_the_same_luck_unless_each_row_has_its_own() -> None:
    _, shared = Design(DesignKind.RANDOM, FACTORS, 50, runs=4).rows(0, 200)
    _, own = Design(DesignKind.RANDOM, FACTORS, 50, runs=4, independent_seeds=True).rows(0, 200)
    assert (shared.reshape(50, 4) == shared[:4]).all()
    assert len(set(own)) == 200


def test_a_design_reads_plain_fields() -> None:
    fields = {
        "kind": "sobol",
        "points": 128,
        "runs": 2,
        "seed": 9,
        "luck": "own",
        "factors": {"trust": "prior", "delay": {"low": -1, "high": 1}, "pots": [1, 5]},
    }
    design = parse_design(fields, FACTORS)
    assert (design.kind, design.n, len(design), design.seed, design.independent_seeds) == (
        DesignKind.SOBOL,
        128,
        256,
        9,
        True,
    )
    points, _ = design.rows(0, 256)
    assert set(points["pots"]) == {1.0, 5.0}
    assert abs(points["delay"]).max() <= 1


def test_a_grid_takes_levels_by_number_or_by_list() -> None:
    design = parse_design({"kind": "grid", "factors": {"trust": {"levels": 5}, "pots": [0, 1]}}, FACTORS)
    points, _ = design.rows(0, len(design))
    assert sorted(set(points["trust"])) == [0, 0.25, 0.5, 0.75, 1]
    assert design.n == 10


def test_all_that_is_wrong_with_a_design_is_said_at_once() -> None:
    fields = {
        "kind": "sobbol",
        "pints": 3,
        "points": "many",
        "runs": -1,
        "luck": "mine",
        "factors": {
            "trsut": "prior",
            "trust": [0.2, 7, 0.2],
            "delay": {"low": 1, "high": -1, "step": 2},
            "pots": "prior",
        },
    }
    with pytest.raises(DesignError) as caught:
        parse_design(fields, FACTORS)
    problems = dict(caught.value.problems)
    assert problems["pints"].endswith("did you mean 'points'?")
    assert problems["kind"].endswith("did you mean 'sobol'?")
    assert problems["factors.trsut"].endswith("did you mean 'trust'?")
    assert problems["points"] == "'many' is not a whole number from 0 to 4,294,967,295"
    assert {"runs", "luck", "factors.trust", "factors.delay", "factors.delay.step"} < set(problems)
    assert "7 is outside 0 to 1" in str(caught.value)
    assert "a value occurs twice" in str(caught.value)
    assert problems["factors.pots"].startswith("has no prior")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "kind: is missing"),
        ({"kind": "grid"}, "name at least one factor"),
        ({"kind": "grid", "factors": {"pots": {"low": 1}}}, "a grid needs levels for pots"),
        ({"kind": "grid", "factors": {"pots": [1]}, "points": 4}, "a grid has as many points"),
        ({"kind": "sobol", "factors": {"pots": [1]}, "points": 1000}, "take 512 or 1024"),
        ({"kind": "latin", "factors": {"pots": [1]}}, "needs at least one"),
        ({"kind": "latin", "factors": {"pots": []}, "points": 1}, "the list of values is empty"),
        ({"kind": "latin", "factors": {"pots": [True]}, "points": 1}, "True is not a number"),
        ({"kind": "latin", "factors": {"pots": [float("nan")]}, "points": 1}, "nan is not a number"),
        ({"kind": "latin", "factors": {"pots": 3}, "points": 1}, "3 says nothing about it"),
        ({"kind": "latin", "factors": {"pots": [1]}, "points": 1, "runs": 0}, "0 runs a point"),
        ({"kind": "grid", "factors": {"pots": {"levels": 1}}}, "between 2 and"),
        ({"kind": "random", "factors": {"pots": [1]}, "points": 2**31, "runs": 4}, "more than the 4,294,967,296 seeds"),
        ([], "write fields"),
    ],
)
def test_a_wrong_design_says_how_to_mend_it(fields: dict[str, object], message: str) -> None:
    with pytest.raises(DesignError, match=message):
        parse_design(fields, FACTORS)


def test_a_design_put_together_wrongly_is_refused_too() -> None:
    with pytest.raises(ValueError, match="not a power of two"):
        Design(DesignKind.SOBOL, FACTORS, 100)
