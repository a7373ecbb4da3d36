"""A row of a sweep is run again by `rf.run`, as the guide to sweeps says."""

from __future__ import annotations

import pytest

import simulator as rf

pytestmark = pytest.mark.sweeps


def test_a_row_is_run_again_from_its_seed_and_its_factors() -> None:
    design = {
        "kind": "random",
        "points": 3,
        "runs": 2,
        "scenario": "ringfence",
        "factors": {"pull_chief": "prior", "audit": {"low": 0, "high": 1}},
        "outcomes": ["retained"],
    }
    table = rf.sweep(design).to_frame()
    for row in table.itertuples():
        futures = rf.given_futures({"pull_chief": [row.pull_chief]}, run=row.seed)
        policy = rf.load_scenario("ringfence").with_lever("audit", row.audit)
        assert rf.run(policy, futures=futures).outcome("retained", "2027/28-2029/30")[0] == pytest.approx(
            row.retained, rel=1e-12
        )
