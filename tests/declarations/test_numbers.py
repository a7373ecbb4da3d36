"""Every number is declared whole, once, within bounds that suit it and with a sensible prior."""

from __future__ import annotations

import re
from typing import Annotated, Any, NamedTuple

import annotated_types as at
import numpy as np
import pytest
from for_each import for_each

from simulator.common.units import Unit
from simulator.declarations.levers import LEVERS, QUARTER_DTYPE, Levers
from simulator.declarations.number import (
    Defensible,
    Number,
    Role,
    Status,
    Strength,
    constant,
    fixed,
    index_by_name,
    lever,
    list_numbers,
    make_record_dtype,
    uncertain,
)
from simulator.declarations.parameters import PARAMETERS, POINT_DTYPE, Parameters
from simulator.declarations.priors import Beta, HalfNormal, LogNormal, Normal, Prior, Triangular, Uniform
from simulator.declarations.sign_promises import PROMISES, list_promises

pytestmark = pytest.mark.declarations

RANGE = Defensible(0.1, 0.4, "a reason")
EVERY = {**PARAMETERS, **LEVERS}
SAMPLED = {name: d for name, d in PARAMETERS.items() if d.about.role is Role.UNCERTAIN}


# What a declaration must hold.


def a_number(**changes: Any) -> Number:
    whole: dict[str, Any] = {
        "unit": Unit.SHARE,
        "low": 0.0,
        "high": 1.0,
        "meaning": "A share",
        "role": Role.FIXED,
        "status": Status.CONSTANT,
        "strength": Strength.A,
        "defensible": Defensible(0.25, 0.5, "a reason"),
    }
    return Number(**{**whole, **changes})


@pytest.mark.parametrize("part", ["unit", "low", "high", "meaning", "role", "status", "strength"])
def test_a_number_is_not_declared_without_each_of_its_parts(part: str) -> None:
    whole = {name: getattr(a_number(), name) for name in Number.__dataclass_fields__ if name != part}
    with pytest.raises(TypeError, match=part):
        Number(**whole)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"meaning": ""}, "needs a meaning"),
        ({"meaning": "  "}, "needs a meaning"),
        ({"low": 1.0}, "not below"),
        ({"low": 2.0}, "not below"),
        ({"low": float("nan")}, "not below"),
        ({"role": Role.UNCERTAIN, "plain": "how much"}, "a prior belongs to uncertain numbers"),
        ({"role": Role.UNCERTAIN, "plain": "The amount"}, "plain words that begin with 'how'"),
        ({"role": Role.LEVER}, "a defensible range belongs to fixed numbers"),
        ({"defensible": None}, "and to each of them"),
        ({"defensible": Defensible(0.5, 0.5, "a reason")}, "lies within its bounds"),
        ({"defensible": Defensible(0.5, 1.5, "a reason")}, "lies within its bounds"),
        ({"defensible": Defensible(0.2, 0.4, " ")}, "needs a reason"),
        ({"prior": Normal(0, 1)}, "and only to them"),
        ({"strength": Strength.M}, "without evidence the strength is 'assumption'"),
    ],
)
def test_a_declaration_that_does_not_hold_together_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        a_number(**changes)


def test_a_number_hands_its_bounds_to_tools_that_read_annotations() -> None:
    assert list(a_number(low=0.2, high=0.6)) == [at.Ge(0.2), at.Le(0.6)]


def test_the_short_ways_of_declaring_fill_in_role_status_and_strength() -> None:
    made = [
        uncertain(Unit.SHARE, 0, 1, "a", Beta(2, 2), Status.EXPLORED, Strength.W, "E04 E05", "how much a is"),
        fixed(Unit.SHARE, 0, 1, "b", Status.SET, Strength.M, "E04", RANGE),
        constant(Unit.SHARE, 0, 1, "c", RANGE),
        constant(Unit.SHARE, 0, 1, "d", RANGE, "E08"),
        lever("people", Unit.SHARE, 0, 1, "e"),
    ]
    assert [m.role for m in made] == [Role.UNCERTAIN, Role.FIXED, Role.FIXED, Role.FIXED, Role.LEVER]
    assert [m.strength for m in made[2:4]] == [Strength.A, Strength.M]
    assert made[0].evidence == ("E04", "E05")
    assert (made[4].theme, made[4].status) == ("people", Status.POLICY)


class Bare(NamedTuple):
    share: float = 0.5


class Outside(NamedTuple):
    share: Annotated[float, constant(Unit.SHARE, 0, 0.4, "A share", RANGE)] = 0.5


class Good(NamedTuple):
    share: Annotated[float, constant(Unit.SHARE, 0, 1, "A share", RANGE)] = 0.5


class WithBare(NamedTuple):
    one: Bare = Bare()


class WithOutside(NamedTuple):
    one: Outside = Outside()


class Twice(NamedTuple):
    one: Good = Good()
    two: Good = Good()


class Once(NamedTuple):
    one: Good = Good()


@pytest.mark.parametrize(
    ("whole", "words"),
    [(WithBare, r"Bare\.share"), (WithOutside, "outside its bounds"), (Twice, "declared twice: share")],
)
def test_a_group_with_an_undeclared_misplaced_or_repeated_number_is_refused(whole: type[Any], words: str) -> None:
    with pytest.raises((TypeError, ValueError), match=words):
        list_numbers(whole)


def test_a_group_is_walked_into_names_defaults_and_records() -> None:
    numbers_read = list_numbers(Once)
    assert [(d.name, d.group, d.default) for d in numbers_read] == [("share", "one", 0.5)]
    assert index_by_name(numbers_read)["share"].about.meaning == "A share"
    assert np.zeros(1, make_record_dtype(Once))[0].one.share == 0.0


# What is declared.


def test_parameters_and_levers_share_no_name() -> None:
    assert set(PARAMETERS) & set(LEVERS) == set()
    assert len(EVERY) == len(list_numbers(Parameters)) + len(list_numbers(Levers))


@pytest.mark.parametrize(("whole", "dtype"), [(Parameters, POINT_DTYPE), (Levers, QUARTER_DTYPE)])
def test_records_hold_every_declared_number_in_declared_order(whole: Any, dtype: np.dtype[np.void]) -> None:
    record = np.array([whole()], dtype)[0]
    held = [(group, name, float(record[group][name])) for group in dtype.names for name in dtype[group].names]
    assert held == [(d.group, d.name, d.default) for d in list_numbers(whole)]
    assert dtype.itemsize == 8 * len(held)


@for_each(EVERY)
def test_each_number_has_a_default_within_bounds_that_suit_its_unit(name: str) -> None:
    number = EVERY[name]
    about = number.about
    assert about.low <= number.default <= about.high
    assert number.name.isidentifier()
    assert about.meaning[0].isupper()
    assert about.meaning[-1] not in ".:"
    if about.unit in (Unit.SHARE, Unit.STRENGTH):
        assert 0.0 <= about.low < about.high <= 1.0
    if about.unit is Unit.SWITCH:
        assert (about.low, about.high) == (0.0, 1.0)
        assert number.default in (0.0, 1.0)


@pytest.mark.parametrize(
    "name", ["commit_middle", "multi_share", "pass_place", "use_devolved", "use_capability", "use_pilots"]
)
def test_a_share_that_rules_turn_into_log_odds_stays_off_none_and_all(name: str) -> None:
    about = PARAMETERS[name].about
    assert 0.0 < about.low < about.high < 1.0


def test_every_uncertain_number_is_said_in_plain_words_of_its_own() -> None:
    promised = {pull for name in PROMISES for promise in list_promises(name).values() for pull in promise.pulls}
    said = [PARAMETERS[name].about.plain for name in {*SAMPLED, *promised}]
    assert len(set(said)) == len(said) > 90
    jargon = re.compile(
        r"\b(pull|log-odds|offset|slope|prior|posterior|parameter|bite|loose|constant|s\.d\.|autocorr)|[_():;]"
    )
    assert [words for words in said if jargon.search(words) or len(words) > 90 or words[-1] == "."] == []


@pytest.mark.parametrize("whole", [Parameters, Levers])
def test_a_group_holds_at_most_twelve_numbers_of_one_idea(whole: Any) -> None:
    assert {type(group).__name__: len(group) for group in whole() if len(group) > 12} == {}
    assert all(type(group).__doc__.endswith(".") for group in whole())


def test_parameters_are_sampled_or_held_and_levers_are_set() -> None:
    assert {d.about.role for d in PARAMETERS.values()} == {Role.UNCERTAIN, Role.FIXED}
    assert {d.about.role for d in LEVERS.values()} == {Role.LEVER}
    assert all(d.about.theme for d in LEVERS.values())


# Priors.


@for_each(SAMPLED)
def test_each_prior_increases_and_lies_within_the_bounds(name: str) -> None:
    number = SAMPLED[name]
    prior, about = number.about.prior, number.about
    assert prior is not None
    grid = prior.quantile(np.linspace(0.001, 0.999, 999))
    assert np.isfinite(grid).all()
    assert (np.diff(grid) > 0).all()
    assert about.low < grid[499] < about.high
    assert about.low <= prior.quantile(np.array([0.02]))[0]
    assert prior.quantile(np.array([0.98]))[0] <= about.high


@for_each(SAMPLED)
def test_each_default_is_a_plausible_draw_from_its_prior(name: str) -> None:
    number = SAMPLED[name]
    assert number.about.prior is not None
    low, high = number.about.prior.quantile(np.array([0.05, 0.95]))
    assert low <= number.default <= high


@pytest.mark.parametrize(
    ("prior", "u", "values"),
    [
        (Normal(0.3, 1.2), (0.5, 0.975), (0.3, 2.651957)),
        (HalfNormal(4.0), (0.5, 0.95), (2.697959, 7.839856)),
        (LogNormal(0.0, 0.35), (0.5, 0.9), (1.0, 1.566029)),
        (Beta(1, 1), (0.25, 0.5), (0.25, 0.5)),
        (Beta(2, 1), (0.25, 0.81), (0.5, 0.9)),
        (Uniform(0.2, 1.6), (0.0, 0.5), (0.2, 0.9)),
        (Triangular(0.0, 0.5, 1.0), (0.125, 0.5, 0.875), (0.25, 0.5, 0.75)),
    ],
)
def test_priors_have_the_quantiles_of_textbooks(prior: Prior, u: tuple[float, ...], values: tuple[float, ...]) -> None:
    assert prior.quantile(np.array(u)) == pytest.approx(values, abs=1e-6)


def test_pressure_and_ring_fence_start_with_one_prior_and_leadership_with_what_studies_elsewhere_found() -> None:
    """Decision 0075: evidence from outside the fit (T07, N15) speaks of leaders, and of nothing else."""
    names = ("pull_pressure", "pull_chief", "pull_ringfence")
    pressure, chief, fence = (PARAMETERS[name].about.prior for name in names)
    assert fence == HalfNormal(4.0) and chief == HalfNormal(2.5)
    assert {"T07", "N15"} <= set(PARAMETERS["pull_chief"].about.evidence)
    # A plan sees up to 4% of gap, about half foreseen, at the baseline weight of finance of 1.2.
    assert isinstance(pressure, HalfNormal)
    assert pressure.scale * 4.0 * 0.5 * 1.2 == pytest.approx(4.0, rel=0.05)
