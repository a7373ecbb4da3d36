"""Outcomes: each formula on a national record made by hand, over one year and over several."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from simulator.common.units import Unit
from simulator.declarations.outcomes import HEADLINES, OUTCOMES, Outcome
from simulator.declarations.output_variables import NATIONAL_DTYPE, NATIONAL_VARIABLES

pytestmark = pytest.mark.results

Table = NDArray[np.void]

YEAR = {
    "funding": 200.0,
    "pot": 190.0,
    "direct": 20.0,
    "protected": 150.0,
    "released": 40.0,
    "raided_q1": 1.0,
    "raided_q2": 2.0,
    "raided_q3": 4.0,
    "raided_q4": 3.0,
    "spent": 120.0,
    "staff": 6.0,
    "rushed": 8.0,
    "lapsed": 5.0,
    "carried": 7.0,
    "place": 50.0,
    "front": 90.0,
    "core20": 30.0,
    "additional": 60.0,
    "chief_left": 12.0,
    "post_used": 40.0,
    "pilot_started": 5.0,
    "boards": 42.0,
    "kept_in_full": 21.0,
    "kept_none": 7.0,
    "retained_mean": 0.71,
    "spent_mean": 0.65,
    "place_mean": 0.26,
    "front_mean": 0.44,
    "additional_mean": 0.31,
    "retained_low": 0.1,
    "retained_high": 0.9,
    "retained_deprived": 0.6,
    "retained_affluent": 0.8,
    "deficits": 26.0,
    "deficit": 1.1,
    "deficits_before": 30.0,
    "deficit_before": 1.6,
    "pilots_ended": 5.0,
    "pilots_renewed": 3.0,
    "pilots_mainstreamed": 2.0,
    "decided_evaluated": 4.0,
    "kept_evaluated": 3.0,
}

EXPECTED = {
    "planned": 150 / 190,
    "retained": 160 / 210,
    "spent": 140 / 200,
    "strict": 134 / 200,
    "place": 50 / 200,
    "front": 90 / 200,
    "core20": 30 / 200,
    "additional": 60 / 200,
    "kept_in_full": 21 / 42,
    "kept_none": 7 / 42,
    "raided": 10.0,
    "raided_q1": 1.0,
    "raided_q2": 2.0,
    "raided_q3": 4.0,
    "raided_q4": 3.0,
    "rushed": 8.0,
    "lapsed": 5.0,
    "pilots_mainstreamed": 2.0,
    "pilots_renewed": 3 / 10,
    "turnover": 12 / 40,
    "deficits": 26.0,
    "deficit": 1.1,
    "spread": 0.8,
    "deprivation_gap": -0.2,
    "retained_mean": 0.71,
    "spent_mean": 0.65,
    "place_mean": 0.26,
    "front_mean": 0.44,
    "additional_mean": 0.31,
}


def nation(*years: dict[str, float]) -> Table:
    """National records, one a year: the year above with some measures changed."""
    values = np.zeros(len(years), NATIONAL_DTYPE)
    for record, changed in zip(values, years, strict=True):
        for name in NATIONAL_VARIABLES:
            record[name] = changed.get(name, YEAR[name])
    return values


def test_the_record_made_by_hand_covers_every_measure_and_every_outcome() -> None:
    assert set(YEAR) == set(NATIONAL_VARIABLES)
    assert set(EXPECTED) == set(OUTCOMES)


@pytest.mark.parametrize("name", list(EXPECTED))
def test_an_outcome_of_one_year_follows_its_formula(name: str) -> None:
    assert OUTCOMES[name].of(nation({})) == pytest.approx(EXPECTED[name], rel=1e-14)
    assert OUTCOMES[name].each_year(nation({})) == pytest.approx([EXPECTED[name]], rel=1e-14)


@pytest.mark.parametrize("name", [name for name, outcome in OUTCOMES.items() if outcome.by])
def test_a_ratio_over_several_years_is_the_ratio_of_sums(name: str) -> None:
    outcome = OUTCOMES[name]
    shares = np.random.default_rng(3).uniform(0.01, 0.5, len(YEAR))
    small = {measure: value * share for (measure, value), share in zip(YEAR.items(), shares, strict=True)}
    years = nation({}, small)
    top = sum(sum(-y[t[1:]] if t.startswith("-") else y[t] for t in outcome.over) for y in (YEAR, small))
    bottom = sum(y[t] for y in (YEAR, small) for t in outcome.by)
    assert outcome.of(years) == pytest.approx(top / bottom, rel=1e-13)
    assert abs(outcome.of(years) - outcome.each_year(years).mean()) > 1e-3


@pytest.mark.parametrize("name", [name for name, outcome in OUTCOMES.items() if not outcome.by])
def test_a_yearly_outcome_over_several_years_is_the_mean_of_the_years(name: str) -> None:
    doubled = {measure: 2.0 * value for measure, value in YEAR.items()}
    assert OUTCOMES[name].of(nation({}, doubled)) == pytest.approx(1.5 * EXPECTED[name], rel=1e-14)
    assert OUTCOMES[name].each_year(nation({}, doubled)) == pytest.approx(
        [EXPECTED[name], 2.0 * EXPECTED[name]], rel=1e-14
    )


def test_cash_carried_from_one_year_to_the_next_and_spent_there_counts_once() -> None:
    saved = {"direct": 0.0, "spent": 100.0, "carried": 100.0}
    used = {"direct": 0.0, "spent": 300.0, "carried": 0.0, "pot": 300.0}
    assert OUTCOMES["spent"].each_year(nation(saved, used)) == pytest.approx([0.5, 1.5])
    assert OUTCOMES["spent"].of(nation(saved, used)) == pytest.approx(1.0)


@pytest.mark.parametrize("name", ["retained", "spent", "place", "front", "core20", "additional", "planned"])
def test_a_share_of_nothing_is_not_a_number(name: str) -> None:
    nil = dict.fromkeys(NATIONAL_VARIABLES, 0.0)
    assert np.isnan(OUTCOMES[name].of(nation(nil)))
    assert np.isnan(OUTCOMES[name].each_year(nation({}, nil))).tolist() == [False, True]
    assert OUTCOMES[name].of(nation({}, nil)) == pytest.approx(EXPECTED[name])


def test_with_no_decision_on_a_pilot_the_share_renewed_is_not_a_number() -> None:
    none = {"pilots_ended": 0.0, "pilots_renewed": 0.0, "pilots_mainstreamed": 0.0}
    assert np.isnan(OUTCOMES["pilots_renewed"].of(nation(none)))
    assert OUTCOMES["pilots_mainstreamed"].of(nation(none)) == 0.0


def test_outcomes_keep_the_shape_of_what_they_are_given() -> None:
    table = np.stack([np.stack([nation({}, {}, {})] * 4)] * 2)
    for outcome in OUTCOMES.values():
        assert outcome.of(table).shape == (2, 4)
        assert outcome.each_year(table).shape == (2, 4, 3)


def test_the_steps_from_fund_to_additional_are_never_mixed_up() -> None:
    steps = [float(OUTCOMES[name].of(nation({}))) for name in ("retained", "spent", "strict", "front", "additional")]
    assert steps == sorted(steps, reverse=True)
    assert set(HEADLINES) <= set(OUTCOMES)


@pytest.mark.parametrize("outcome", OUTCOMES.values(), ids=list(OUTCOMES))
def test_every_outcome_says_what_it_means_in_what_unit_and_which_way_is_better(outcome: Outcome) -> None:
    assert outcome.better in (-1, 0, 1)
    assert isinstance(outcome.unit, Unit)
    assert len(outcome.label) > 3
    assert outcome.label[0].isupper()
    assert len(outcome.meaning) > 10
    assert outcome.formula.endswith(")" if outcome.by else "mean over years")
    for term in outcome.over:
        assert term.removeprefix("-") in outcome.formula


def test_the_direction_of_each_outcome_is_as_its_meaning_says() -> None:
    down = {name for name, outcome in OUTCOMES.items() if outcome.better < 0}
    context = {name for name, outcome in OUTCOMES.items() if outcome.better == 0}
    assert down == {
        "kept_none",
        "raided",
        "raided_q1",
        "raided_q2",
        "raided_q3",
        "raided_q4",
        "rushed",
        "lapsed",
        "spread",
    }
    assert context == {"turnover", "deficits", "deficit", "deprivation_gap"}


def test_an_outcome_of_a_measure_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="'fundings' is not a national output variable"):
        Outcome("x", "X", Unit.SHARE, 1, "a mistake", ("front",), ("fundings",))
