"""The facts that the model is held against: each from the register, each read once, none chosen by its answer."""

from __future__ import annotations

import math

import pytest

from simulator.calibration.likelihood import COUNTS, REPLAYS
from simulator.common.units import Unit
from simulator.declarations.evidence import find_missing, load_register
from simulator.declarations.levers import LEVERS
from simulator.declarations.parameters import PARAMETERS
from simulator.replays import targets as module
from simulator.replays.replay import load_replay, replay_names
from simulator.replays.targets import Check, Pattern, Target, Use, list_fitted, read_patterns, read_targets

pytestmark = pytest.mark.calibration

EVERY: tuple[Target | Pattern, ...] = (*read_targets().values(), *read_patterns().values())
CHECKS = [(p.id, c) for p in read_patterns().values() for c in p.checks]
PLAIN_WORDS = {"board data", "calendar", "scope", "strict and broad purpose", "survey_emulator", "value per pound"}
LIKELIHOODS = {
    "floor_national": (0.857, 0.04),
    "floor_audited": (0.98, 0.02),
    "deficits_2022": (17, 4),
    "deficits_2023": (28, 4.5),
    "deficits_2024": (31, 4),
    "deficit_2022": (0.49, 0.12),
    "deficit_2023": (1.06, 0.20),
    "deficit_2024": (1.59, 0.30),
    "turnover": (0.31, 0.07),
}


# Evidence.


@pytest.mark.parametrize("target", EVERY, ids=lambda one: one.id)
def test_every_fact_says_what_was_seen_and_cites_the_register(target: Target | Pattern) -> None:
    assert target.says.endswith(".") and target.title
    assert target.evidence and find_missing(target.evidence) == []


@pytest.mark.parametrize("target", EVERY, ids=lambda one: one.id)
def test_the_evidence_that_a_fact_cites_names_it_in_turn(target: Target | Pattern) -> None:
    assert [e for e in target.evidence if target.id not in load_register()[e].supports] == []


def test_what_evidence_supports_is_a_number_a_target_a_pattern_or_a_plain_word() -> None:
    known = {*PARAMETERS, *LEVERS, *read_targets(), *read_patterns(), *PLAIN_WORDS}
    assert {f"{e.id}: {name}" for e in load_register().values() for name in e.supports if name not in known} == set()


# What is fitted.


def test_ids_are_unique_over_targets_patterns_and_their_checks() -> None:
    ids = [*read_targets(), *read_patterns(), *(f"{pattern}.{check.name}" for pattern, check in CHECKS)]
    assert len(ids) == len(set(ids))
    assert len(EVERY) == len(module._read_file()["targets"]) + len(module._read_file()["patterns"])


def test_likelihoods_are_those_written_down_beforehand() -> None:
    normal = {t.id: (t.observed[0], t.error) for t in list_fitted() if t.likelihood == "normal"}
    assert normal == LIKELIHOODS
    [survey] = [t for t in list_fitted() if t.likelihood != "normal"]
    assert (survey.id, survey.likelihood, survey.observed) == ("interviews", "survey", (10, 7, 3))
    assert len(COUNTS) == len(survey.observed)


def test_a_target_is_fitted_exactly_if_it_has_a_likelihood() -> None:
    for t in read_targets().values():
        assert (t.use is Use.TARGET) == bool(t.likelihood), t.id
        assert (t.error is not None) == (t.likelihood == "normal"), t.id
        assert t.error is None or t.error > 0, t.id


def test_each_fitted_target_is_observed_by_exactly_one_world_and_the_interviews_by_the_survey() -> None:
    names = [(o.observed.id, name) for name in replay_names() for o in load_replay(name).observations if o.observed]
    where = {target: [name for t, name in names if t == target] for target in read_targets()}
    for t in list_fitted():
        if t.id == "interviews":
            assert where[t.id] == []
        else:
            assert len(where[t.id]) == 1 and where[t.id][0] in REPLAYS, t.id
    outside = {t.id: where[t.id] for t in read_targets().values() if t.use is Use.OUT_OF_SAMPLE}
    by_replay = {
        "choosing_health": ["choosing_money", "choosing_full", "choosing_little"],
        "carers_breaks": ["carers_used"],
        "choosing_later": ["choosing_regions", "choosing_next"],
        "dental": ["dental_refused", "dental_leaders"],
        "england_later": ["deficit_2025"],
    }
    assert outside == {target: [name] for name, ids in by_replay.items() for target in ids}


def test_a_prediction_and_what_is_held_against_it_share_a_unit() -> None:
    experiments = {"england_experiments", "fence_in_steps"}  # which ask the model what nobody has observed
    for name in replay_names():
        for o in load_replay(name).observations:
            if name in experiments or (name, o.name) == ("carers_breaks", "full"):
                assert o.observed is None, "nobody counted it"
                continue
            assert o.observed is not None
            assert (o.unit, len(o.observed.observed)) == (o.observed.unit, 1), o.name


def test_published_uses_are_entered_as_they_stand() -> None:
    assert read_targets()["uses"].use is Use.SET
    entered = [PARAMETERS[name].default for name in PARAMETERS if "E08" in PARAMETERS[name].about.evidence]
    assert {*read_targets()["uses"].observed} <= set(entered)


# Tolerances.


@pytest.mark.parametrize("target", read_targets().values(), ids=lambda one: one.id)
def test_what_is_observed_of_a_target_lies_in_its_band(target: Target) -> None:
    if target.id in ("interviews", "uses"):
        assert target.band is None
        return
    assert target.band is not None
    low, high = target.band
    assert low < target.observed[0] < high
    assert target.tolerance is not None or target.error == pytest.approx((high - low) / 2)


def test_the_declared_replays_have_the_bands_that_were_planned_beforehand() -> None:
    bands = {t.id: t.tolerance for t in read_targets().values() if t.use is Use.OUT_OF_SAMPLE and t.beforehand}
    assert bands == {
        "choosing_money": (0.25, 0.40),
        "choosing_full": (0, 0.16),
        "choosing_little": (0.40, 0.60),
        "choosing_regions": (0.35, 0.71),
        "choosing_next": (0.205, 0.355),
        "dental_refused": (0.21, 0.50),
        "dental_leaders": (-0.15, 0.19),
        "deficit_2025": (0.12, 0.52),
    }


@pytest.mark.parametrize(("pattern", "check"), CHECKS, ids=[f"{p}.{c.name}" for p, c in CHECKS])
def test_a_tolerance_has_its_lower_end_first_and_can_be_met_and_missed(pattern: str, check: Check) -> None:
    low, high = check.tolerance
    assert low <= high
    assert not check.strict or low < high
    assert check.passes((low + high) / 2)
    assert not check.passes(low - 1e-6) and not check.passes(high + 1e-6) and not check.passes(math.nan)


@pytest.mark.parametrize(("pattern", "check"), CHECKS, ids=[f"{p}.{c.name}" for p, c in CHECKS])
def test_the_ends_of_a_tolerance_pass_unless_it_is_strict(pattern: str, check: Check) -> None:
    for end in check.tolerance:
        assert check.passes(end) is not check.strict


def test_where_a_mechanism_that_does_nothing_would_give_nought_nought_fails() -> None:
    does_nothing = [
        "P5.third",
        "P5.shifts",
        "P6.strong",
        "P6.nearer",
        "P6.no_turnover",
        "P7.raids",
        "P7.retained",
    ]
    strict = [f"{pattern}.{check.name}" for pattern, check in CHECKS if check.strict]
    assert strict == does_nothing
    assert not any(check.passes(0.0) for _, check in CHECKS if check.strict)


def test_whether_leadership_beats_the_ring_fence_is_never_a_test() -> None:
    assert "P2b" not in {*read_targets(), *read_patterns()}
    assert not any("P2b" in e.supports for e in load_register().values())


def test_a_check_says_what_it_counts_and_when_its_tolerance_was_written() -> None:
    written = {c["written"] for p in module._read_file()["patterns"] for c in p["checks"]}
    assert written == {"beforehand", "after a prototype"}
    assert all(check.says for _, check in CHECKS)
    early = {f"{pattern}.{check.name}" for pattern, check in CHECKS if check.beforehand}
    assert early == {"P3.some_strict", "P3'.some_strict", "P5.late", "P9.place_strict"}


# Malformed files.

RAW = {
    "id": "x",
    "title": "X",
    "says": "X.",
    "use": "target",
    "likelihood": "normal",
    "observed": 1,
    "error": 0.5,
    "unit": "share",
    "evidence": ["R06"],
}


@pytest.mark.parametrize(
    "change",
    [{"likelihood": ""}, {"error": None}, {"use": "set"}, {"likelihood": "survey"}, {"use": "pattern"}],
    ids=str,
)
def test_a_fitted_fact_without_a_likelihood_and_a_likelihood_that_is_not_fitted_are_refused(
    change: dict[str, object],
) -> None:
    assert module._make_target(RAW).band == (0.5, 1.5)
    with pytest.raises(ValueError, match="target x: what is fitted needs a likelihood"):
        module._make_target({**RAW, **change})


def test_an_unknown_use_and_unit_are_refused() -> None:
    assert module._make_target(RAW).unit is Unit.SHARE
    for change in ({"use": "fitted"}, {"unit": "furlongs"}):
        with pytest.raises(ValueError, match="is not a valid"):
            module._make_target({**RAW, **change})


def test_targets_cannot_be_changed_by_accident() -> None:
    with pytest.raises(TypeError):
        read_targets()["x"] = read_targets()["uses"]  # type: ignore[index]
