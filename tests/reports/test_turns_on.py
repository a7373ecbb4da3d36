"""“It turns on …” says how much of the spread the named number accounts for, and that it alone does not decide."""

from __future__ import annotations

import re

import numpy as np
import pytest

from simulator.declarations.outcomes import OUTCOMES
from simulator.reports.answer_cards import describe_idle, write_answer_cards
from simulator.reports.says_who import DECIDES, find_who_says, measure_part
from simulator.runs.futures import draw_futures
from simulator.runs.run import compare_results, run_many
from simulator.scenarios.scenario import load_scenario


def test_a_number_accounts_for_what_lies_between_its_fifths() -> None:
    rng = np.random.default_rng(3)
    column, noise = rng.random(5_000), rng.normal(0, 1, 5_000)
    for weight, expected in ((0.0, 0.0), (2.0, 1 / 4), (20.0, 100 / 103)):
        assert measure_part(weight * column + noise, column) == pytest.approx(expected, abs=0.04)
    assert measure_part(np.full(50, 0.3), np.arange(50.0)) == 0.0
    holed = np.where(np.arange(5_000) % 7, 2 * column + noise, np.nan)
    assert measure_part(holed, column) == pytest.approx(1 / 4, abs=0.04)


def test_what_the_opening_answer_turns_on_says_how_much_and_that_no_number_decides_alone() -> None:
    scenarios = [load_scenario(name) for name in ("baseline", "ringfence", "leadership")]
    runs = run_many(scenarios, futures=draw_futures(1_000, seed=20240323))
    said = find_who_says(runs, "retained", slice(5, 8), 2, 1).turns
    found = re.search(r"It accounts for about (\d+) of 100 parts of the spread of futures", said)
    assert found is not None and said.endswith("no single number decides.")
    assert 5 < int(found[1]) < 100 * DECIDES


def test_what_the_model_as_written_decides_is_said_to_be_so_and_not_that_no_number_turns_it() -> None:
    scenarios = [load_scenario(name) for name in ("baseline", "ringfence", "named-amounts", "conditions")]
    runs = run_many(scenarios, futures=draw_futures(1_000, seed=20240323))
    fenced = compare_results(runs[1], runs[0], "retained", slice(5, 8))
    said = {new: find_who_says(runs, "retained", slice(5, 8), new, 0) for new in (1, 2, 3)}
    assert fenced.in_every and all("uncertain numbers turns" not in who.turns for who in said.values())
    assert said[1].turns or said[1].assumed
    assert said[3].turns == ""


def test_a_policy_without_effect_on_what_is_asked_is_said_to_act_on_what_it_moves() -> None:
    runs = run_many([load_scenario(name) for name in ("baseline", "conditions")], futures=draw_futures(200, seed=5))
    title, kept = runs[1].manifest.title, OUTCOMES["retained"].label
    said = describe_idle(runs, slice(5, 8), "retained")
    assert said.startswith(f" In this model “{title}” does not act on “{kept}”: it acts on ")
    assert f"“{OUTCOMES['additional'].label}”" in said
    assert said in write_answer_cards(runs, "retained", slice(5, 8), "AB")[1].caveat
    assert describe_idle(runs, slice(5, 8), "additional") == ""
    assert describe_idle((runs[0], runs[0]), slice(5, 8), "retained") == ""
