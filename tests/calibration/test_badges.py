"""Every number carries one of three words, and a lever's word is that of what carries its effect."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.calibration import evidence_status
from simulator.calibration.evidence_status import BADGES, CARRIERS, FITTED, JUDGEMENT, PUBLISHED, list_badges
from simulator.declarations.levers import LEVERS
from simulator.declarations.number import Status, Strength
from simulator.declarations.parameters import PARAMETERS
from simulator.declarations.priors import HalfNormal
from simulator.runs.futures import draw_futures
from simulator.runs.posterior import read_fit_document
from simulator.runs.run import run
from simulator.scenarios.scenario import load_scenario

pytestmark = pytest.mark.calibration


def test_every_parameter_and_lever_has_one_of_three_badges() -> None:
    assert set(list_badges()) == {*PARAMETERS, *LEVERS}
    assert set(list_badges().values()) == set(BADGES)
    assert set(CARRIERS) == set(LEVERS)
    assert {name for carriers in CARRIERS.values() for name in carriers} <= set(PARAMETERS)


def test_only_what_the_findings_narrow_or_move_is_called_fitted() -> None:
    pinned = {one["name"] for one in read_fit_document()["identified"] if one["pinned"]} & set(PARAMETERS)
    assert {name for name in PARAMETERS if list_badges()[name] == FITTED} == pinned
    assert {"plan_base", "pull_ringfence"} <= pinned
    assert "pull_chief" not in pinned


def test_published_figures_are_those_taken_from_them_and_the_rest_is_judgement() -> None:
    for name, d in PARAMETERS.items():
        if list_badges()[name] == PUBLISHED:
            assert d.about.status is Status.SET
        if d.about.status is Status.SET:
            assert d.about.evidence and d.about.strength not in (Strength.A, Strength.AW), f"{name} is no assumption"
    assert list_badges()["foresight"] == list_badges()["gateway"] == list_badges()["direct_share"] == JUDGEMENT


def test_a_lever_is_no_better_known_than_the_worst_known_of_its_carriers() -> None:
    assert list_badges()["pull_ringfence"] == FITTED
    assert list_badges()["enforcement_start"] == JUDGEMENT
    assert list_badges()["ringfence"] == JUDGEMENT
    assert list_badges()["finance_grip"] == FITTED


MIX = "networks"  # it also changes the mix of uses, and so which pilots are carried over
ALONE = [
    name
    for name, carriers in CARRIERS.items()
    if name != MIX and carriers and all(isinstance(PARAMETERS[c].about.prior, HalfNormal) for c in carriers)
]
OTHER_WAYS = {
    "relations": ("relations_skill",),
    "finance_grip": ("exit_pressure",),
    "alignment": ("exit_pressure",),
}


@pytest.mark.parametrize("lever", ALONE)
def test_without_the_pulls_that_carry_it_a_lever_does_nothing_to_what_is_retained(lever: str) -> None:
    """So the list of carriers is whole; what else a lever moves, such as exits, is held still."""
    chosen = draw_futures(20, settings=dict.fromkeys((*CARRIERS[lever], *OTHER_WAYS.get(lever, ())), 0.0))
    about = LEVERS[lever].about
    ends = [
        run(load_scenario("baseline").with_lever(lever, value, "2024/25 Q1"), futures=chosen)
        for value in (about.low, about.high)
    ]
    np.testing.assert_allclose(*(end.outcome("retained", "2024/25-") for end in ends), rtol=0, atol=1e-12)


def test_a_lever_that_a_plug_in_brings_rests_on_judgement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence_status, "LEVERS", {**LEVERS, "of_a_plug_in": LEVERS["audit"]})
    assert list_badges.__wrapped__()["of_a_plug_in"] == JUDGEMENT
