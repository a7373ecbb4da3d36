"""The shipped replays say what was specified, and predictions are what a count of their bodies gives."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator.boards.table import read_boards
from simulator.calibration.likelihood import COUNTS, LOG_LIKELIHOOD, REPLAYS, Likelihood, list_factors
from simulator.declarations.calendar import NEVER
from simulator.declarations.levers import LEVERS
from simulator.declarations.parameters import PARAMETERS
from simulator.engine.ensemble import simulate
from simulator.replays.replay import Replay, load_replay, replay_names
from simulator.replays.survey_emulator import simulate_reported
from simulator.replays.targets import Use, list_fitted, read_targets
from simulator.runs.futures import draw_futures
from simulator.runs.posterior import BIAS
from simulator.scenarios.scenario import load_scenario

pytestmark = pytest.mark.calibration

SEED = 77
FEW = draw_futures(30, seed=5, source="prior")
ORDINARY = {
    "forward_plan": 1.0,
    "finance_grip": 1.0,
    "capacity": 1.0,
    "pot_scale": 1.0,
    "central_staff": 1.0,
    "access": 0.5,
    "savings_ask": 5.0,
}
FLOOR = {**ORDINARY, "ringfence": 1.0, "named": 1.0, "waivable": 0.0, "recurrent": 1.0, "gap_mean": 0.2}
CHOOSING = {
    **ORDINARY,
    "ringfence": 0.0,
    "named": 0.0,
    "recurrent": 1.0,
    "gap_mean": 1.4,
    "finance_grip": 1.5,
    "letter": [0.0, 0.0, 1.0, 0.5],
}
EQUAL = {"floor_national": (120, FLOOR), "floor_audited": (120, FLOOR), "choosing_health": (103, CHOOSING)}


def settings(replay: Replay) -> dict[str, list[float]]:
    """Every lever, quarter by quarter."""
    return {name: replay.schedule[lever.group][name].tolist() for name, lever in LEVERS.items()}


@cache
def rows(name: str) -> Any:
    """Rows of areas of a replay under a few futures: (futures, years, areas)."""
    return load_replay(name).run(FEW.points, FEW.runs, seed=SEED, detail=True).areas


def predicted(name: str) -> Mapping[str, Any]:
    return load_replay(name).predict(FEW.points, FEW.runs, seed=SEED)


# What the replays say.


EXPERIMENTS = ("england_experiments", "fence_in_steps")
LATER = {"choosing_later": "choosing_health", "england_later": "england"}
"""Replays of more years of another, with the same chance."""


def test_eight_worlds_with_something_observed_ship_and_two_experiments_without() -> None:
    first = {"carers_breaks", "choosing_health", "dental", "england", "floor_audited", "floor_national"}
    observed = {name for name in replay_names() if any(o.observed for o in load_replay(name).observations)}
    assert observed == first | set(LATER)
    assert set(replay_names()) - observed == set(EXPERIMENTS)
    assert all(load_replay(name).title and load_replay(name).question.endswith("?") for name in replay_names())


@pytest.mark.parametrize("name", EQUAL)
def test_every_lever_of_a_replay_is_as_specified_in_every_quarter(name: str) -> None:
    held_values = settings(load_replay(name))
    if name == "choosing_health":
        held_values.pop("waivable")  # nothing hangs on it without a ring-fence: see below
    specified = EQUAL[name][1]
    expected = {lever: specified.get(lever, 0.0) for lever in held_values}
    assert held_values == {
        lever: value if isinstance(value, list) else [value] * 4 for lever, value in expected.items()
    }


def test_without_a_ring_fence_nothing_hangs_on_whether_it_could_be_waived() -> None:
    replay = load_replay("choosing_health")
    other = replace(replay, schedule=replay.schedule.copy())
    other.schedule[LEVERS["waivable"].group]["waivable"] = 0.0
    made = [w.run(FEW.points, FEW.runs, seed=SEED, detail=True).areas for w in (replay, other)]
    np.testing.assert_array_equal(*made)


@pytest.mark.parametrize(
    ("name", "held"),
    [
        ("floor_national", {"enforcement_start": 0.6, "knowhow_start": 1.0}),
        ("floor_audited", {"enforcement_start": 1.0, "knowhow_start": 1.0}),
        ("choosing_health", {}),
        ("england", {}),
    ],
)
def test_only_the_codes_of_the_floor_are_held(name: str, held: dict[str, float]) -> None:
    assert dict(load_replay(name).held) == held


@pytest.mark.parametrize("name", EQUAL)
def test_bodies_of_a_replay_are_equal_in_size_and_never_merge_and_plan_in_the_first_quarter(name: str) -> None:
    replay, areas = load_replay(name), load_replay(name).boards.areas
    assert len(areas) == EQUAL[name][0]
    assert (areas["alloc"] == 1.0).all() and np.ptp(areas["weight"]) == 0.0
    assert (areas["merge_q"] == NEVER).all() and (areas["share_q"] == NEVER).all()
    assert areas["target_z"].mean() == pytest.approx(0.0, abs=1e-12)
    assert areas["target_z"].std() == pytest.approx(1.0)
    assert (replay.first_plan, len(replay.schedule)) == (0, 4)


def test_england_is_the_baseline_to_the_last_bit() -> None:
    replay = load_replay("england")
    whole = simulate(
        FEW.points,
        FEW.runs,
        load_scenario("baseline").schedule,
        read_boards().areas,
        seed=replay.chance_seed(SEED),
        detail=True,
    )
    assert whole.areas is not None
    np.testing.assert_array_equal(rows("england"), whole.areas[:, :3])
    assert replay.boards == read_boards()


def test_a_world_s_luck_is_its_own_and_addressable() -> None:
    for seed in (0, SEED, 2**64 - 1):
        own = [name for name in replay_names() if name not in (*LATER, "england_experiments")]
        lucks = [load_replay(name).chance_seed(seed) for name in own]
        assert len({seed, *lucks}) == 1 + len(lucks)
        assert all(0 <= luck < 2**64 for luck in lucks)
    replay = load_replay("floor_national")
    renamed, other = replace(replay, name="another"), replace(replay, chance="another")
    met = predicted("floor_national")["met"]
    np.testing.assert_array_equal(met, renamed.predict(FEW.points, FEW.runs, seed=SEED)["met"])
    assert (met != other.predict(FEW.points, FEW.runs, seed=SEED)["met"]).any()
    np.testing.assert_array_equal(
        predicted("floor_national")["met"], replay.predict(FEW.points, FEW.runs, seed=SEED)["met"]
    )


@pytest.mark.parametrize("name", replay_names())
def test_a_copy_of_a_world_under_another_name_gives_the_same_numbers(name: str, tmp_path: Path) -> None:
    shipped = Path(str(files("simulator").joinpath("data", "replays", f"{name}.yaml")))
    copy = tmp_path / "a copy with a name of its own.yaml"
    copy.write_bytes(shipped.read_bytes())
    predictions = load_replay(copy).predict(FEW.points, FEW.runs, seed=SEED)
    for observation, numbers in predicted(name).items():
        np.testing.assert_array_equal(predictions[observation], numbers)


def test_the_luck_of_shipped_worlds_is_what_it_was_when_their_names_decided_it() -> None:
    assert {name: load_replay(name).chance for name in replay_names()} == {
        name: name for name in replay_names()
    } | LATER | {"england_experiments": ""}, "the experiments share the chance of the patterns that they are"
    assert load_replay("choosing_health").chance_seed(1) == 1 ^ (zlib.crc32(b"choosing_health") << 16)


@pytest.mark.parametrize("name", LATER)
def test_a_replay_of_more_years_begins_with_those_of_the_replay_whose_chance_it_shares(name: str) -> None:
    shorter = load_replay(LATER[name])
    first = [load_replay(each).run(FEW.points, FEW.runs, seed=SEED, detail=True).areas for each in (LATER[name], name)]
    assert first[0] is not None and first[1] is not None
    np.testing.assert_array_equal(first[0], first[1][:, : len(shorter.schedule) // 4])


def test_what_a_world_holds_replaces_what_is_drawn_and_leaves_the_futures_alone() -> None:
    before, drawn = FEW.points.copy(), FEW.points.copy()
    replay = load_replay("floor_national")
    for name, value in replay.held.items():
        drawn[PARAMETERS[name].group][name] = value
    free = replace(replay, held={}).run(drawn, FEW.runs, seed=SEED, detail=True)
    np.testing.assert_array_equal(rows("floor_national"), free.areas)
    np.testing.assert_array_equal(FEW.points, before)


def test_more_can_be_held_and_what_is_held_can_be_overridden() -> None:
    held_replay = load_replay("floor_national").hold({"enforcement_start": 0.7, "pull_ringfence": 0.0})
    assert held_replay.held == {"enforcement_start": 0.7, "knowhow_start": 1.0, "pull_ringfence": 0.0}
    assert load_replay("floor_national").held["enforcement_start"] == 0.6


# What is read off.


@pytest.mark.parametrize("name", ["floor_national", "floor_audited"])
def test_the_floor_is_met_by_a_body_that_retains_95_percent(name: str) -> None:
    by_hand = [sum(x >= 0.95 for x in draw) / 120 for draw in rows(name)["retained"][:, 0]]
    np.testing.assert_allclose(predicted(name)["met"], by_hand, rtol=0, atol=1e-12)
    assert 0 < np.mean(by_hand) < 1


def test_the_declared_replay_is_read_from_money_spent_on_purpose() -> None:
    predictions, year = predicted("choosing_health"), rows("choosing_health")[:, 0]
    shares = [[x["spent"] / x["funding"] for x in draw] for draw in year]
    np.testing.assert_allclose(predictions["money"], [sum(d["spent"]) / 103 for d in year])
    np.testing.assert_allclose(predictions["full"], [sum(x >= 0.95 for x in draw) / 103 for draw in shares])
    np.testing.assert_allclose(predictions["little"], [sum(x <= 0.2 for x in draw) / 103 for draw in shares])


def test_deficits_are_read_in_the_fourth_quarter_and_those_of_the_third_year_before_support() -> None:
    predictions, areas, weight = predicted("england"), rows("england"), read_boards().areas["weight"]
    for name, year, gap in (("2022", 0, "net"), ("2023", 1, "net"), ("2024", 2, "gap")):
        short = np.maximum(areas[gap][:, year], 0.0)
        np.testing.assert_array_equal(predictions[f"deficits_{name}"], (short > 0).sum(axis=1))
        np.testing.assert_allclose(predictions[f"deficit_{name}"], short @ weight / weight.sum(), rtol=1e-12)
    assert (areas["gap"][:, 2] != areas["net"][:, 2]).any()


def test_turnover_is_that_of_chief_posts_in_use_over_all_three_years() -> None:
    areas = rows("england")
    left, used = (areas[name].sum(axis=(1, 2)) for name in ("chief_left", "post_used"))
    np.testing.assert_allclose(predicted("england")["turnover"], left / used)
    assert (used == 3 * 42).all()


# What the fit looks at.


def test_the_declared_replay_is_no_world_of_the_fit() -> None:
    assert [replay.name for replay in Likelihood(SEED).replays] == ["england", "floor_national", "floor_audited"]
    assert "choosing_health" not in REPLAYS
    read = {o.observed.id for name in REPLAYS for o in load_replay(name).observations if o.observed}
    assert all(read_targets()[name].use is Use.TARGET for name in read)


def test_no_fitted_target_is_out_of_sample_and_every_one_counts_by_default() -> None:
    declared = {t.id for t in read_targets().values() if t.use is Use.OUT_OF_SAMPLE}
    assert {"choosing_money", "carers_used", "dental_refused", "deficit_2025"} <= declared
    assert not declared & set(Likelihood(SEED).use)
    assert Likelihood(SEED).use == tuple(t.id for t in list_fitted())


def test_the_likelihood_gives_the_predictions_of_its_worlds_and_the_survey() -> None:
    columns = {f.name: FEW.points[PARAMETERS[f.name].group][f.name] for f in list_factors() if f.name != BIAS}
    bias = np.linspace(0.5, 3.0, len(FEW))
    predictions = Likelihood(SEED)({**columns, BIAS: bias}, FEW.runs)
    assert set(predictions) == {*(t.id for t in list_fitted() if t.id != "interviews"), *COUNTS, LOG_LIKELIHOOD}
    for name in REPLAYS:
        for o in load_replay(name).observations:
            assert o.observed is not None
            np.testing.assert_array_equal(predictions[o.observed.id], predicted(name)[o.name])
    np.testing.assert_array_equal(
        np.stack([predictions[k] for k in COUNTS], axis=1), simulate_reported(rows("england"), bias)
    )


def test_a_parameter_held_throughout_leaves_the_codes_of_the_floor_as_they_are() -> None:
    likelihood = Likelihood(SEED, held={"enforcement_start": 0.3, "raid_first": 1.0, BIAS: 2.0})
    held = {replay.name: replay.held for replay in likelihood.replays}
    assert held["england"] == {"enforcement_start": 0.3, "raid_first": 1.0}
    assert held["floor_national"] == {"enforcement_start": 0.6, "knowhow_start": 1.0, "raid_first": 1.0}
    recoded = Likelihood(SEED, codes={"floor_national": {"enforcement_start": 0.5}}).replays
    assert [one.held.get("enforcement_start") for one in recoded] == [None, 0.5, 1.0]
