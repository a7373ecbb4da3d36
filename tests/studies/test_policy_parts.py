"""What each part of a policy adds is said in differences of levels that stand elsewhere for the same policies."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial

import pytest

from simulator.runs.futures import Futures, draw_futures
from simulator.runs.run import compare_results, find_common_span, run
from simulator.scenarios.loader import baseline_values
from simulator.scenarios.scenario import load_scenario
from simulator.studies.policy_parts import MOST_PARTS, _keep, describe_parts, list_parts, share_out


@pytest.fixture(scope="module")
def futures() -> Futures:
    return draw_futures(60)


def test_parts_are_those_of_build_and_hold_every_lever_once() -> None:
    assert list(list_parts(load_scenario("both"))) == ["the ring-fence not waived", "the leadership programme"]
    for name in ("full-package", "leads-package", "local-package", "oversight-rewards"):
        policy = load_scenario(name)
        parts = list_parts(policy)
        held = [lever for levers in parts.values() for lever in levers]
        assert sorted(held) == sorted(policy.differs_from(load_scenario("baseline"))) and len(parts) <= MOST_PARTS
    assert "the rest of the policy (10 changes)" in list_parts(load_scenario("full-package"))


@pytest.mark.parametrize("name", ["both", "aligned-targets"])
def test_amounts_are_what_is_gained_by_a_part_alone_and_lost_by_leaving_it_out(name: str, futures: Futures) -> None:
    policy = load_scenario(name)
    old = run("baseline", futures=futures)
    span = find_common_span([run(policy, futures=futures), old])
    shared = share_out(policy, partial(run, futures=futures), "retained", span)
    said = describe_parts(shared, ("2027/28", "2029/30"))
    parts = list_parts(policy)
    alone = {part: run(_keep(policy, levers), futures=futures) for part, levers in parts.items()}
    gains = {part: compare_results(result, old, "retained", span) for part, result in alone.items()}
    first, second = sorted(parts, key=lambda part: -gains[part].difference)
    assert f"{first} adds {gains[first].gap_words.removesuffix(' more')} of each £100" in said
    assert f"{second} {gains[second].gap_words.removesuffix(' more')}. On top of {first}, {second} adds " in said
    more = compare_results(run(policy, futures=futures), alone[first], "retained", span)
    new_level, old_level = more.level_words
    assert f"{more.gap_words.removesuffix(' more')} ({old_level} to {new_level})." in said
    assert said.endswith("Averages are over 2027/28 to 2029/30.")


def test_a_part_that_cannot_act_comes_to_nothing(futures: Futures) -> None:
    both, audit = load_scenario("leadership"), load_scenario("ringfence-audited")
    idle = next(change for change in audit.changes if change.lever == "audit")
    policy = replace(both, title="Audit of nothing", changes=(*both.changes, idle), reference="")
    shared = share_out(policy, partial(run, futures=futures), "retained", slice(-3, None))
    said = describe_parts(shared, ("2027/28", "2029/30"))
    assert re.search(r"the leadership programme adds £[\d.]+ of each £100 and “[^”]*” nothing\. On top of", said)
    assert re.search(r"“[^”]*” adds nothing\. Averages", said), "no ring-fence, so nothing to audit"


def test_a_policy_of_one_part_one_future_or_no_effect_has_no_such_sentence(futures: Futures) -> None:
    asked = (partial(run, futures=futures), "retained", slice(-3, None))
    assert share_out(load_scenario("ringfence"), *asked) is None
    one = futures.part(0, 1)
    assert share_out(load_scenario("both"), partial(run, futures=one), "retained", slice(-3, None)) is None
    assert describe_parts(None, ("2027/28", "2029/30")) == ""
    still = load_scenario("both")
    rest = tuple(replace(change, value=float(baseline_values()[change.lever][-1])) for change in still.changes)
    assert not list_parts(replace(still, changes=rest, reference=""))
