"""What each part of a policy adds is said in amounts that add up to the difference that stands on the page."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial

import pytest

from simulator.common.formatting import format_gap
from simulator.runs.futures import Futures, draw_futures
from simulator.runs.run import compare_results, find_common_span, run
from simulator.scenarios.loader import baseline_values
from simulator.scenarios.scenario import load_scenario
from simulator.studies.policy_parts import MOST_PARTS, describe_parts, list_parts, share_out

PENCE = re.compile(r"£(\d+(?:\.\d+)?)")


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
    assert "the 10 other changes together" in list_parts(load_scenario("full-package"))


@pytest.mark.parametrize("name", ["both", "aligned-targets"])
def test_amounts_add_up_to_the_difference_as_it_is_shown(name: str, futures: Futures) -> None:
    policy = load_scenario(name)
    new, old = run(policy, futures=futures), run("baseline", futures=futures)
    span = find_common_span([old, new])
    shared = share_out(policy, partial(run, futures=futures), "retained", span)
    said = describe_parts(policy.title, shared)
    comparison = compare_results(new, old, "retained", span)
    whole, _, *each = [float(x) for x in PENCE.findall(said)]
    assert format_gap(comparison.new_mean, comparison.old_mean) == f"£{whole:g}" or f"£{whole}" in said
    assert whole == pytest.approx(sum(each), abs=1e-9), said
    assert whole == pytest.approx(100 * comparison.difference, abs=0.1)
    assert all(part in said for part in list_parts(policy)) and "in every order" in said


def test_a_part_that_cannot_act_comes_to_nothing(futures: Futures) -> None:
    both, audit = load_scenario("leadership"), load_scenario("ringfence-audited")
    idle = next(change for change in audit.changes if change.lever == "audit")
    policy = replace(both, title="Audit of nothing", changes=(*both.changes, idle), reference="")
    shared = share_out(policy, partial(run, futures=futures), "retained", slice(-3, None))
    assert "; nothing comes from “" in describe_parts(policy.title, shared), "no ring-fence, so nothing to audit"


def test_a_policy_of_one_part_one_future_or_no_effect_has_no_such_sentence(futures: Futures) -> None:
    asked = (partial(run, futures=futures), "retained", slice(-3, None))
    assert share_out(load_scenario("ringfence"), *asked) is None
    one = futures.part(0, 1)
    assert share_out(load_scenario("both"), partial(run, futures=one), "retained", slice(-3, None)) is None
    assert describe_parts("", None) == ""
    still = load_scenario("both")
    rest = tuple(replace(change, value=float(baseline_values()[change.lever][-1])) for change in still.changes)
    assert not list_parts(replace(still, changes=rest, reference=""))
