"""“It turns on …” says how much of the spread the named number accounts for, and that it alone does not decide."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from simulator.declarations.acting_numbers import ENDS
from simulator.declarations.outcomes import OUTCOMES
from simulator.declarations.parameters import PARAMETERS
from simulator.reports.answer_cards import describe_idle, write_answer_cards
from simulator.reports.says_who import DECIDES, SaysWho, find_who_says, measure_part
from simulator.runs.futures import draw_futures
from simulator.runs.parameter_sets import UNCERTAIN
from simulator.runs.run import compare_results, run_many
from simulator.scenarios.scenario import load_scenario
from simulator.studies.examined_comparison import read_acting


def test_a_number_accounts_for_what_lies_between_its_fifths() -> None:
    rng = np.random.default_rng(3)
    column, noise = rng.random(5_000), rng.normal(0, 1, 5_000)
    for weight, expected in ((0.0, 0.0), (2.0, 1 / 4), (20.0, 100 / 103)):
        assert measure_part(weight * column + noise, column) == pytest.approx(expected, abs=0.04)
    assert measure_part(np.full(50, 0.3), np.arange(50.0)) == 0.0
    holed = np.where(np.arange(5_000) % 7, 2 * column + noise, np.nan)
    assert measure_part(holed, column) == pytest.approx(1 / 4, abs=0.04)


def test_what_the_opening_answer_turns_on_says_how_much_goes_with_that_number() -> None:
    scenarios = [load_scenario(name) for name in ("baseline", "ringfence", "leadership")]
    runs = run_many(scenarios, futures=draw_futures(1_000, seed=20240323))
    said = find_who_says(runs, "retained", slice(5, 8), 2, 1).turns
    found = re.search(r"That number accounts for about (\d+)% of how widely the futures differ\.$", said)
    assert found is not None
    assert 5 < int(found[1]) < 100 * DECIDES


def test_what_the_model_as_written_decides_is_said_to_be_so_and_not_that_no_number_turns_it() -> None:
    scenarios = [load_scenario(name) for name in ("baseline", "ringfence", "named-amounts", "conditions")]
    runs = run_many(scenarios, futures=draw_futures(1_000, seed=20240323))
    fenced = compare_results(runs[1], runs[0], "retained", slice(5, 8))
    said = {new: find_who_says(runs, "retained", slice(5, 8), new, 0) for new in (1, 2, 3)}
    assert fenced.in_every and all("that act here turns" not in who.turns for who in said.values())
    assert said[1].turns or said[1].assumed
    assert said[3].turns == ""


def test_what_a_verdict_on_policies_that_start_apart_turns_on_is_that_of_the_years_in_which_both_act() -> None:
    later = load_scenario("ringfence-audited").starting("2028/29")
    runs = run_many([load_scenario("baseline"), later, load_scenario("ringfence")], futures=draw_futures(500, seed=5))
    said, alone = (find_who_says(runs, "retained", years, 1, 2) for years in (slice(5, 8), slice(6, 8)))
    when = "In 2028/29 to 2029/30 alone, when both act: "
    assert said.turns == f"{when}{alone.turns[0].lower()}{alone.turns[1:]}" and alone.short and not said.short
    assert said.lead.startswith(when) and said.numbers == alone.numbers and not alone.turns.startswith(when)


def test_a_policy_without_effect_on_what_is_asked_is_said_to_act_on_what_it_moves() -> None:
    runs = run_many([load_scenario(name) for name in ("baseline", "conditions")], futures=draw_futures(200, seed=5))
    title, kept = runs[1].manifest.title, OUTCOMES["retained"].label
    said = describe_idle(runs, slice(5, 8), "retained")
    assert said.startswith(f" In this model “{title}” does not act on “{kept}”: it acts on ")
    assert f"“{OUTCOMES['additional'].label}”" in said
    assert said in write_answer_cards(runs, "retained", slice(5, 8), "AB")[1].caveat
    assert describe_idle(runs, slice(5, 8), "additional") == ""
    assert describe_idle((runs[0], runs[0]), slice(5, 8), "retained") == ""


def test_says_who_lists_no_number_that_does_not_act_in_the_years_shown() -> None:
    names = ("baseline", "leadership", "ringfence", "both", "committee", "conditions")
    runs = run_many([load_scenario(name) for name in names], futures=draw_futures(1_000, seed=20240323))

    def who(new: int, old: int = 0, outcome: str = "retained", years: slice = slice(5, 8)) -> SaysWho:
        return find_who_says(runs, outcome, years, new, old)

    fence = {"pull_ringfence", "ring_leader_mix", "enforcement_start"}
    for said in (who(0), who(1), who(1, outcome="additional"), who(4)):
        assert not fence & {name for name, _ in (*said.numbers, *said.signs)}
    (name, told), *more = who(0).at_rest
    assert name == "pull_ringfence" and not more and "acts only before these years" in told
    assert PARAMETERS[name].about.plain in told and len(who(0).numbers) == 4
    then = who(0, years=slice(0, 1))
    assert "pull_ringfence" in dict(then.numbers) and then.at_rest == ()
    assert "pull_ringfence" in dict(who(2).numbers) and "pull_ringfence" in dict(who(2).signs)
    assert set(dict(who(3, 2).signs)) == {"pull_chief", "pull_finance", "veto", "ring_leader_mix"}
    assert set(dict(who(1).signs)) == {"pull_chief", "pull_finance", "veto"}
    assert set(dict(who(4).signs)) == {"pull_committee"}


def test_the_sign_of_leadership_beside_a_fence_in_both_rests_on_its_pull_only_where_leaders_bear_on_that() -> None:
    scenarios, held = [load_scenario(name) for name in ("baseline", "ringfence", "both")], PARAMETERS["ring_leader_mix"]
    for mix, listed in ((None, False), (held.default, False), (0.5, True)):
        futures = draw_futures(100) if mix is None else draw_futures(100, settings={"ring_leader_mix": mix})
        runs = run_many(scenarios, futures=futures)
        for new, old in ((2, 1), (1, 2)):
            said = find_who_says(runs, "retained", slice(5, 8), new, old)
            assert said.assumed and ("pull_ringfence" in dict(said.signs)) == listed
            assert {"pull_chief", "ring_leader_mix"} <= set(dict(said.signs))
        assert "pull_ringfence" in dict(find_who_says(runs, "retained", slice(5, 8), 2, 0).signs)


def test_what_a_verdict_turns_on_is_looked_for_among_numbers_that_act() -> None:
    runs = run_many([load_scenario(name) for name in ("baseline", "leadership")], futures=draw_futures(40, seed=3))
    kept, new = (set(read_acting(outcome, slice(5, 8), runs[1], runs[0])) for outcome in ("retained", "additional"))
    assert not {"pull_ringfence", "offset_base", "pass_place"} & kept and {"pull_chief", "plan_base"} <= kept
    assert {"offset_base", "pass_place"} == new & {"offset_base", "pass_place", "offset_label", "offset_conditions"}
    without = [replace(run, schedule=None) for run in runs]
    assert set(read_acting("planned", slice(5, 8), without[1], runs[0])) == set(UNCERTAIN) - set(ENDS)
