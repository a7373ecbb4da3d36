"""`equals`: amounts that equal others, amounts that do not exist, maps, and break-even enforcement with both sides."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np
import pytest
from cli_runs import bad, document, good

from simulator.declarations.levers import LEVERS
from simulator.experiments.stats.grid_roots import interpolate_grid
from simulator.studies import samples
from simulator.studies.break_even import UNWAIVED_LABEL, WAIVABLE_LABEL, find_break_even
from simulator.studies.equivalence import choose_direction, make_lever_question, read_current_value
from simulator.studies.model_function import ModelFunction, list_lever_factors

pytestmark = pytest.mark.interface

FEW = ("--draws", "12", "--lucks", "2")


def equals(*words: str) -> Any:
    return document("equals", *words, *FEW)


def test_a_lever_equals_itself_in_every_parameter_set() -> None:
    answer = equals("leader_lift", "--to", "leader_lift=0.3")
    assert answer["equivalents"] == pytest.approx([0.3] * 12, abs=1e-9)
    assert answer["on_average"]["value"] == pytest.approx(0.3, abs=1e-9)
    assert (answer["none_enough"], answer["none_needed"], answer["crosses_again"]) == (0, 0, 0)


def test_where_the_reference_does_nothing_none_is_needed() -> None:
    answer = equals("leader_lift", "--to", "waivable=1")
    assert (answer["none_needed"], answer["on_average"]["value"]) == (12, 0)


def test_where_no_amount_is_enough_there_is_null_and_words_instead_of_a_number() -> None:
    answer = equals("networks", "--to", "ringfence=1", "--to", "waiver=0", "--to", "audit=1")
    assert answer["none_enough"] == 12
    assert answer["on_average"]["value"] is None
    assert set(answer["equivalents"]) == {None}
    text = good("equals", "networks", "--to", "ringfence=1", "--to", "waiver=0", "--to", "audit=1", *FEW)
    assert "In none of them is any amount enough." in text
    assert "no amount" in text


def test_the_counts_of_the_sentence_are_those_of_the_draws() -> None:
    answer = equals("leader_lift", "--to", "ringfence=1", "--to", "waiver=0")
    assert answer["equivalents"].count(None) == answer["none_enough"]
    rows = list(
        csv.DictReader(
            io.StringIO(good("equals", "leader_lift", "--to", "ringfence=1", "--to", "waiver=0", *FEW, "--csv"))
        )
    )
    assert sum(row["enough"] == "False" for row in rows) == answer["none_enough"]
    assert [row["equivalent"] == "" for row in rows] == [x is None for x in answer["equivalents"]]


def test_amounts_begin_at_todays_and_go_the_way_that_helps() -> None:
    model, worlds = ModelFunction(outcomes=("retained",)), samples.sample(12, 2, 1)
    (grip,) = list_lever_factors(["finance_grip"])
    assert choose_direction(model, grip, {"committee": 1.0}, worlds) == grip.low
    asks = make_lever_question(model, "finance_grip", {"committee": 1.0}, worlds)
    assert (asks.amounts[0], asks.amounts[-1]) == (read_current_value(model, "finance_grip"), grip.low)
    named = make_lever_question(model, "named", {"committee": 1.0}, worlds)
    assert (named.amounts[0], named.amounts[-1]) == (0.25, 1.0)
    other = make_lever_question(model, "named", {"committee": 1.0}, worlds, between=(0.5, 0.0), steps=3)
    assert other.amounts == (0.5, 0.25, 0.0)


def test_the_answer_names_units_meanings_and_what_is_noise() -> None:
    text = good("equals", "named", "--to", "committee=1", *FEW)
    assert text.startswith("On average over 12 versions of the model (parameter sets)")
    assert f"named: {LEVERS['named'].about.meaning} (unit: 0 to 1, today 0.25 and here 0.25 to 1)." in text
    assert "interval is noise" in text
    assert "12 parameter draws with 2 replicates each, seed 20240323" in text


def test_a_map_holds_the_plain_question_where_the_other_lever_stays_as_it_is() -> None:
    words = ("equals", "leader_lift", "--to", "committee=1", "--draws", "10", "--lucks", "1")
    answer = document(*words, "--map", "finance_lift")
    plain = document(*words)
    at_zero = answer["equivalences"][0]
    assert (answer["x"][0], len(answer["x"]), len(answer["y"])) == (0, 5, 13)
    assert at_zero["on_average"]["value"] == pytest.approx(plain["on_average"]["value"], abs=0.01)
    assert np.shape(answer["difference"]) == (5, 13)
    assert (np.diff([line["line"] for line in answer["contour"]]) <= 1e-9).all()
    assert "finance_lift (rows) and leader_lift (columns)" in good(*words, "--map", "finance_lift")


def test_break_even_enforcement_always_shows_all_three_ring_fences() -> None:
    answer = equals("--break-even")
    assert [duel["ring_fence"] for duel in answer["against"]] == [
        "a ring-fence that can be waived",
        "the same ring-fence never waived",
        "an audited ring-fence",
    ]
    for duel in answer["against"]:
        assert duel["ring_fence"] in answer["sentence"]
    shares = [duel["share"] for duel in answer["against"]]
    assert shares == sorted(shares, reverse=True)
    text = good("equals", "--break-even", *FEW)
    assert "the pull of leaders is believed to be smaller than that of a full ring-fence" in text
    assert "worth nothing in this model while a waiver is fully in force" in text


def test_leadership_beats_a_never_waived_label_just_where_the_old_rule_was_enforced_less_than_break_even() -> None:
    worlds = samples.sample(60, 1, 7)
    break_even = find_break_even(ModelFunction(outcomes=("retained",)), worlds)
    enough = interpolate_grid(break_even.equivalence.places, break_even.equivalence.sweep.amounts)
    firmer = int((enough > worlds.points["enforcement_start"]).sum())
    label = next(duel for duel in break_even.duels if duel.fence == UNWAIVED_LABEL)
    assert abs(label.more - firmer) <= 1
    assert 0 < label.more < 60


def test_a_label_that_is_waived_throughout_adds_nothing() -> None:
    break_even = find_break_even(ModelFunction(outcomes=("retained",)), samples.sample(10, 1, 7))
    label = next(duel for duel in break_even.duels if duel.fence == WAIVABLE_LABEL)
    assert label.effect == (0.0, 0.0, 0.0)
    assert label.verdict == "holds"


def test_a_gain_of_nothing_equals_no_ring_fence_at_all() -> None:
    answer = equals("--break-even", "--to", "leader_lift=0")
    assert answer["leadership_effect"]["mean"] == 0
    assert answer["none_needed"] == 12
    assert [duel["leadership_more"] for duel in answer["against"]] == [0, 0, 0]
    assert answer["against"][0]["same"] == 12


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "name a lever"),
        (("leader_lift",), "say with --to what leader_lift is to equal"),
        (("leader_lft", "--to", "named=1"), "did you mean 'leader_lift'?"),
        (("leader_lift", "--to", "namd=1"), "did you mean 'named'?"),
        (("leader_lift", "--to", "named=2"), "named"),
        (("leader_lift", "--to", "named"), "write NAME=VALUE"),
        (("reorganise", "--to", "named=1"), "is on or off"),
        (("leader_lift", "--to", "named=1", "--map", "named"), "map another lever"),
        (("leader_lift", "--to", "named=1", "--map", "reorganise"), "is on or off"),
        (("leader_lift", "--to", "named=1", "--between", "0", "2"), "lies between 0 and 0.6"),
        (("leader_lift", "--to", "named=1", "--between", "0.3", "0.3"), "will not do"),
        (("leader_lift", "--to", "named=1", "--draws", "9000"), "the posterior holds 8,000 draws"),
        (("leader_lift", "--to", "named=1", "--source", "default"), "ask for posterior or prior"),
        (("leader_lift", "--to", "named=1", "--outcome", "x"), "'x' is not an outcome"),
        (("leader_lift", "--break-even"), "give no LEVER"),
        (("--break-even", "--to", "waiver=0"), "part of the ring-fence"),
        (("--break-even", "--from", "2022/23 Q1"), "the ring-fence is on in this calendar already"),
    ],
)
def test_what_cannot_be_asked_ends_with_code_1_and_says_why(words: tuple[str, ...], message: str) -> None:
    few = () if "--draws" in words else FEW
    assert message in bad("equals", *words, *few)
