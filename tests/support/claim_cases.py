"""Claims for tests, with few futures."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.claims.claim import Claim, ComparedPair, make_claim
from simulator.runs.futures import Futures, draw_futures
from simulator.runs.run import compare_results, run_many
from simulator.scenarios.scenario import Scenario, load_scenario

FUTURES = 120
DAY = "2026-11-29"


def make_claim_of(
    *names: str | Scenario, that: Sequence[str] = (), outcome: str = "retained", futures: Futures | None = None
) -> Claim:
    """The claim of each scenario against the first."""
    scenarios = [load_scenario(name) for name in names]
    results = run_many(scenarios, futures=futures or draw_futures(FUTURES))
    pairs = [
        ComparedPair(compare_results(results[at], results[0], outcome, "2027/28-2029/30"), at, 0, that)
        for at in range(1, len(results))
    ]
    return make_claim(pairs, scenarios, results, DAY)
