"""Structural alternatives: each is what it says it is, in its fit and in its answers, and those shipped are current."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator.calibration import structural_draws
from simulator.calibration import structural_fits as module
from simulator.calibration.export import hash_facts
from simulator.calibration.fit import BIAS, calibrate
from simulator.calibration.likelihood import REPLAYS, as_records, list_factors
from simulator.calibration.structural_fits import (
    COMPARED,
    DRAWS,
    OUTCOMES,
    SHIPPED,
    SIZES,
    compute_headline,
    compute_spread,
    fit_structure,
    read_last_proposal,
    read_structure_draws,
    read_structures,
    run_structures,
    write_structures,
)
from simulator.calibration.structural_variants import STRUCTURES
from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.declarations.parameters import PARAMETERS
from simulator.declarations.priors import Beta, HalfNormal, Normal
from simulator.replays.replay import load_replay
from simulator.replays.targets import list_fitted
from simulator.runs.futures import SEED, given_futures
from simulator.runs.parameter_sets import check_settings
from simulator.runs.posterior import find_data_folder, read_fit_document
from simulator.runs.run import run

pytestmark = pytest.mark.calibration

COLUMNS = [f.name for f in list_factors()]
SWITCHES = [name for name, s in STRUCTURES.items() if set(s.held) - set(COLUMNS)]
Said = tuple[dict[str, Any], dict[str, Floats]]


# What they are.


def test_each_alternative_differs_from_the_default_in_one_way_that_exists() -> None:
    assert next(iter(STRUCTURES)) == "default"
    for s in STRUCTURES.values():
        check_settings({name: value for name, value in s.held.items() if name != BIAS})
        assert set(s.codes) <= set(REPLAYS)
        for codes in s.codes.values():
            check_settings(codes)
        assert set(s.use or ()) <= {t.id for t in list_fitted()}
        assert set(s.priors) <= {f.name for f in list_factors()}
        ways = bool(s.held) + bool(s.codes) + (s.use is not None) + bool(s.priors)
        assert ways == (s.name != "default") + (s.name == "plans_improve"), s.name
        for name, value in s.held.items():
            assert name == BIAS or value != PARAMETERS[name].default, s.name
    assert len({s.says for s in STRUCTURES.values()}) == len(STRUCTURES)


def test_the_alternatives_are_those_specified() -> None:
    assert {name: dict(s.held) for name, s in STRUCTURES.items() if s.held} == {
        "raid_first": {"raid_first": 1.0},
        "threshold": {"pressure_threshold": 1.0},
        "place_safe": {"place_safe": 1.0},
        "needs_leaders": {"ring_leader_mix": 0.5},
        "replaces_leaders": {"ring_leader_mix": -0.5},
        "no_habit": {"habit": 0.0},
        "no_peers": {"peer_pull": 0.0},
        "no_custom": {"custom_spread": 0.0},
        "unaware": {"unaware": 3.0},
        "no_leaders": {"pull_chief": 0.0, "pull_finance": 0.0, "veto": 0.0},
        "label_needs_audit": {"enforcement_start": 0.0},
        "blind_relabelling": {"offset_character": 0.0},
        "plans_improve": {"plan_learning": 0.7},
        "bias_none": {BIAS: 1.0},
        "bias_some": {BIAS: 1.65},
        "bias_strong": {BIAS: 2.7},
    }
    codes = {name: [c["enforcement_start"] for c in s.codes.values()] for name, s in STRUCTURES.items() if s.codes}
    assert codes == {"codes_low": [0.5, 0.9], "codes_high": [0.7, 1.0]}
    assert {name: dict(s.priors) for name, s in STRUCTURES.items() if s.priors} == {
        "plans_improve": {"foresight": Beta(3, 12)},
        "two_sided": {"pull_chief": Normal(0, 2.5), "pull_ringfence": Normal(0, 4.0), "pull_pressure": Normal(0, 1.7)},
    }
    assert [name for name, s in STRUCTURES.items() if not s.monotone] == ["two_sided"]


def test_mechanisms_of_the_two_sided_structure_have_the_default_s_spread_and_bounds_for_both_signs() -> None:
    for name, prior in STRUCTURES["two_sided"].priors.items():
        about = PARAMETERS[name].about
        assert isinstance(about.prior, HalfNormal) and isinstance(prior, Normal)
        assert (prior.mean, prior.sd) == (0, about.prior.scale) and about.low == -about.high


@pytest.mark.parametrize("name", [name for name in STRUCTURES if name != "two_sided"])
def test_no_shipped_draw_of_a_structure_that_promises_one_direction_pulls_the_other_way(name: str) -> None:
    assert STRUCTURES[name].monotone
    for pull in STRUCTURES["two_sided"].priors:
        assert read_structure_draws()[name][pull].min() >= 0.0, pull


def test_two_sided_leaders_and_pressure_may_do_the_opposite_and_the_floors_keep_the_ring_fence() -> None:
    draws = read_structure_draws()["two_sided"]
    for pull in ("pull_chief", "pull_pressure"):
        assert 0.2 < (draws[pull] < 0.0).mean() < 0.8, pull
    assert (draws["pull_ringfence"] > 0.0).all()  # its prior is two-sided: this is what the findings say
    drawn = given_futures({column: values[:60] for column, values in draws.items() if column != BIAS}, seed=SEED)
    base, more = run("baseline", futures=drawn), run("leadership", futures=drawn)
    gain = more.outcome("retained", more.span()) - base.outcome("retained", more.span())
    harmful = draws["pull_chief"][:60] < -2.0
    assert harmful.any() and (gain[harmful] < 0.0).mean() > 0.5


def test_priors_of_a_structure_reach_its_fit_and_unknown_ones_are_refused() -> None:
    fit = fit_structure(STRUCTURES["two_sided"], (300,))
    assert (fit.weighted.points["pull_chief"] < 0).any()
    assert (fit_structure(STRUCTURES["default"], (300,)).weighted.points["pull_chief"] >= 0).all()
    with pytest.raises(InputError, match="leader_spread"):
        calibrate((10,), priors={"leader_spread": Normal(0, 1)})


def test_only_alternatives_fitted_to_the_same_findings_are_comparable() -> None:
    assert [s.name for s in STRUCTURES.values() if not s.comparable] == ["interviews_only"]


# How they are run.


def test_an_alternative_s_fit_begins_where_the_shipped_one_ended() -> None:
    fit = fit_structure(STRUCTURES["no_habit"], (300,))
    [(size, proposal)] = fit.weighted.stages
    last_stage = read_fit_document()["stages"][-1]
    assert (size, list(proposal.names), proposal.prior_share) == (300, last_stage["names"], last_stage["prior_share"])
    np.testing.assert_array_equal(proposal.covariance, last_stage["covariance"])
    np.testing.assert_array_equal(read_last_proposal().mean, last_stage["mean"])
    assert fit.held == {"habit": 0.0} and (fit.draws(5)["habit"] == 0.0).all()


def test_codes_and_targets_reach_the_fit() -> None:
    plain, coded = (fit_structure(STRUCTURES[name], (300,)) for name in ("default", "codes_low"))
    for name in ("floor_national", "floor_audited"):
        assert coded.weighted.outcomes[name].mean() < plain.weighted.outcomes[name].mean()
    np.testing.assert_array_equal(coded.weighted.outcomes["turnover"], plain.weighted.outcomes["turnover"])
    assert fit_structure(STRUCTURES["interviews_only"], (300,)).used == ("interviews",)


@pytest.mark.parametrize("name", [*SWITCHES, "no_custom"])
def test_answers_are_those_of_the_alternative_and_not_of_the_default(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Switches are no factors, and so not among the draws of a fit."""
    calls: list[Mapping[str, Floats]] = []

    def note(points: Mapping[str, Floats]) -> dict[str, Any]:
        calls.append(points)
        return {}

    monkeypatch.setattr(module, "compute_headline", note)
    [(said, draws)] = run_structures([name], (300,))
    records = as_records(calls[0])
    for held, value in STRUCTURES[name].held.items():
        assert (records[PARAMETERS[held].group][held] == value).all()
    assert said["held"] == dict(STRUCTURES[name].held)
    assert list(draws) == COLUMNS and {len(v) for v in draws.values()} == {SHIPPED}
    assert len(records) == DRAWS


def test_headlines_are_gains_over_the_baseline_of_the_same_futures() -> None:
    points = {"plan_base": np.linspace(-0.5, 1.5, 6)}
    headline = compute_headline(points)
    drawn = given_futures(points, seed=SEED)
    results = {name: run(name, futures=drawn) for name in ("baseline", *COMPARED)}
    span = results["ringfence"].span()
    for outcome in OUTCOMES:
        level = results["baseline"].outcome(outcome, span)
        gains = {name: results[name].outcome(outcome, span) - level for name in COMPARED}
        made = headline["effects"][outcome]
        assert made["level"] == compute_spread(level)
        for name, gain in gains.items():
            assert made[name] == {**compute_spread(gain), "better": (gain > 0).mean()}
        assert made["leadership over ringfence"] == (gains["leadership"] > gains["ringfence"]).mean()
    money = load_replay("choosing_health").predict(drawn.points, drawn.runs, seed=SEED)["money"]
    assert headline["declared"]["money"] == compute_spread(money)


def test_what_is_written_reads_back_and_is_the_same_file_every_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(1)
    made: list[Said] = [
        ({"name": name, "says": "x", "problems": []}, {c: rng.random(4) for c in COLUMNS})
        for name in ("default", "raid_first")
    ]
    first = [path.read_bytes() for path in write_structures(tmp_path, made)]
    assert [path.read_bytes() for path in write_structures(tmp_path, made)] == first
    assert first[1][4:8] == bytes(4)  # no time of day in the packed file
    monkeypatch.setattr(structural_draws, "find_data_folder", lambda: tmp_path)
    read, about = read_structure_draws.__wrapped__(), read_structures.__wrapped__()
    assert list(read) == list(about) == ["default", "raid_first"]
    for said, draws in made:
        for column, values in draws.items():
            np.testing.assert_allclose(read[said["name"]][column], values, rtol=1e-3)
    assert "raid_first" not in read["default"]
    assert read["raid_first"]["raid_first"].tolist() == [1.0] * 4


# What ships.


def test_shipped_alternatives_are_whole_current_and_sound() -> None:
    assert list(read_structures()) == list(read_structure_draws()) == list(STRUCTURES)
    whole = json.loads((find_data_folder() / structural_draws.NAMES[0]).read_text(encoding="utf-8"))
    assert (whole["facts"], whole["sizes"]) == (hash_facts(), list(SIZES))
    for name, structure in read_structures().items():
        assert (structure["held"], structure["says"]) == (STRUCTURES[name].held, STRUCTURES[name].says)
        assert structure["problems"] == [] and structure["effective"] > 400, name
        columns = read_structure_draws()[name]
        assert set(columns) == {*COLUMNS, *STRUCTURES[name].held}
        assert {len(v) for v in columns.values()} == {SHIPPED}
        for held, value in STRUCTURES[name].held.items():
            assert (columns[held] == value).all()


def test_the_default_among_them_agrees_with_the_shipped_fit() -> None:
    default_structure, shipped = read_structures()["default"], read_fit_document()
    assert default_structure["log_evidence"] == pytest.approx(shipped["quality"]["log_evidence"], abs=0.15)
    means = {one["name"]: (one["mean"], one["sd"]) for one in shipped["identified"]}
    for column, values in read_structure_draws()["default"].items():
        mean, sd = means[column]
        assert abs(values.mean() - mean) < 4.5 * sd / np.sqrt(SHIPPED), column


@pytest.mark.parametrize("name", STRUCTURES)
def test_shipped_answers_are_given_by_the_shipped_draws_of_the_alternative(name: str) -> None:
    """The shipped draws are the first half of those that the answers were averaged over."""
    records = as_records(read_structure_draws()[name])
    predictions = load_replay("choosing_health").predict(records, np.arange(SHIPPED), seed=SEED)
    for observation, entry in read_structures()[name]["declared"].items():
        values = predictions[observation]
        assert abs(values.mean() - entry["mean"]) < 3.5 * values.std() * np.sqrt(1 / SHIPPED - 1 / DRAWS), observation
