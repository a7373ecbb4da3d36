"""A lever that is set by hand keeps no reason and no source of what it replaces, in the scenario and in its file."""

from __future__ import annotations

import numpy as np
import pytest

import simulator as rf
from simulator.scenarios.scenario import Scenario, parse_scenario

OLD = "Half of what is unspent may move to next year."


@pytest.fixture
def dated() -> Scenario:
    return Scenario.from_dict(
        {
            "title": "Patient money",
            "question": "Does it last?",
            "extends": "baseline",
            "changes": {
                "carry_forward": {
                    "to": 0.5,
                    "from": "2027/28 Q3",
                    "phase": "2 quarters",
                    "until": "2029/30 Q2",
                    "because": OLD,
                    "evidence": ["F09"],
                }
            },
        },
        "patient",
    )


def test_a_lever_set_by_hand_throughout_keeps_no_reason_of_the_change_that_it_replaces(dated: Scenario) -> None:
    own = dated.with_lever("carry_forward", 1)
    text = own.to_yaml()
    assert OLD not in text and "F09" not in text
    assert "set by hand, in place of patient.yaml" in text and "it is set to 0.5 from 2027/28 Q3" in text
    assert parse_scenario(text).fingerprint == own.fingerprint


def test_a_change_that_is_replaced_later_holds_until_then_for_its_own_reason(dated: Scenario) -> None:
    own = dated.with_lever("carry_forward", 1, "2028/29 Q3", because="To see.")
    read = parse_scenario(own.to_yaml())
    assert [(change.because, change.evidence) for change in read.changes] == [(OLD, ("F09",)), ("To see.", ())]
    assert read.fingerprint == own.fingerprint and "until: 2028/29 Q2" in own.to_yaml()


def test_a_lever_that_nothing_changed_before_is_just_set_by_hand() -> None:
    assert 'because: "set by hand"' in rf.load_scenario("baseline").with_lever("audit", 0.5).to_yaml()
    again = rf.load_scenario("baseline").with_lever("audit", 0.5).with_lever("audit", 0.7)
    assert again.to_yaml().count("because") == 1 and "0.5" not in again.to_yaml().split("changes:")[1]


def test_what_a_lever_set_by_hand_replaces_stands_nowhere_in_the_scenario(dated: Scenario) -> None:
    own = dated.with_lever("carry_forward", 1)
    assert [change.source for change in own.changes] == ["with_lever"] and own.evidence == ()
    assert OLD not in own._repr_html_()
    assert np.array_equal(own.lever("carry_forward")[:20], dated.lever("carry_forward")[:20])
