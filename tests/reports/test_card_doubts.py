"""What the checks say against a card of the answer stands with it, and follows from the scoreboard."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import pytest

from dashboards.analyses.shipped_answers import load_scoreboard
from simulator.calibration.scoreboard import Line
from simulator.common.sentence_templates import get_template, load_templates
from simulator.reports.answer_cards import AnswerCard
from simulator.reports.card_doubts import add_doubts, document_doubts
from simulator.reports.check_words import list_money_used
from simulator.reports.short_sentence import LONGEST
from simulator.scenarios.scenario import load_scenario

TODAY = AnswerCard("today", "Today", "£71.6 is kept.", "A model.", "retained", brief="In 8 of 10.", short="£71.6.")


@pytest.fixture(scope="module")
def lines() -> Sequence[Line]:
    return load_scoreboard() or ()


def test_a_level_says_which_way_the_checks_on_money_used_err_as_the_scoreboard_has_it(lines: Sequence[Line]) -> None:
    used = list_money_used(lines)
    high = add_doubts(TODAY, (), lines)
    for said in (high.brief, high.caveat, high.short):
        assert "too high" in said and f"all {len(used)} checks" in said
    turned = [replace(line, simulated=0.0) if line in used else line for line in lines]
    assert "too low" in add_doubts(TODAY, (), turned).brief
    mixed = [replace(line, simulated=0.0) if line == used[0] else line for line in lines]
    assert add_doubts(TODAY, (), mixed) == TODAY, "where they err both ways, nothing is said"
    assert add_doubts(TODAY, (), ()) == TODAY


def test_a_sentence_to_post_has_it_only_where_there_is_room(lines: Sequence[Line]) -> None:
    full = replace(TODAY, short="x" * (LONGEST - 20))
    assert add_doubts(full, (), lines).short == full.short
    assert len(add_doubts(replace(TODAY, short="x" * 180), (), lines).short) <= LONGEST


def test_a_failed_check_stands_with_the_card_of_the_policy_that_it_bears_on(lines: Sequence[Line]) -> None:
    policies = [load_scenario(name) for name in ("baseline", "ringfence-audited", "leadership")]
    pair = AnswerCard("pair", "B or C?", "…", "Its caveat.", "retained", 1, 2)
    told = add_doubts(pair, policies, lines)
    assert told.brief == "The model fails a check on “Audited ring-fence”: audit protects less surely than expected."
    assert "tolerance" in told.caveat and "tolerance" not in told.brief
    assert add_doubts(replace(pair, new=2, old=0), policies, lines).brief == ""
    assert add_doubts(pair, policies, [replace(line, passes=True) for line in lines]).brief == ""


def test_a_page_knows_by_lever_which_failed_checks_bear_on_a_policy(lines: Sequence[Line]) -> None:
    told = document_doubts(lines)
    assert isinstance(told["levers"], dict) and "audit" in told["levers"] and "leader_lift" not in told["levers"]


def test_whatever_a_failed_check_means_is_also_told_in_few_words() -> None:
    full = re.compile(r"fails\.(?!history).*\.?(?:above|below)")
    means = [name for name in load_templates() if full.fullmatch(name)]
    assert len(means) > 10
    for name in means:
        shortly = get_template(f"{name}.short")
        assert len(shortly) < len(get_template(name)) and shortly[0].islower() and not shortly.endswith(".")
