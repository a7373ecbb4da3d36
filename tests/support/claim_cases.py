"""Claims for tests, with few futures."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from simulator.claims.claim import Claim, ComparedPair, make_claim
from simulator.common.canonical_json import hash_document
from simulator.common.linked_data import DIGEST, RECORD
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


def sign_again(document: dict[str, Any]) -> bytes:
    """A file whose digest somebody worked out anew after a change."""
    root = document["@graph"][1]
    root.pop(DIGEST, None)
    root[DIGEST] = hash_document(document)
    return json.dumps(document).encode()


def change_record(document: dict[str, Any], change: Callable[[dict[str, Any]], object]) -> None:
    """Change the record of a document, which is a text in it."""
    entity = next(entity for entity in document["@graph"] if RECORD in entity)
    record = json.loads(entity[RECORD])
    change(record)
    entity[RECORD] = json.dumps(record)
    for action in (entity for entity in document["@graph"] if entity.get("@id") == "#run"):
        action["name"] = f"{record['futures']['count']:,} futures, seed {record['futures']['seed']}"


FORGED = "Independently assured."
OUTSIDE: dict[str, Callable[[dict[str, Any]], object]] = {
    "words after the sentence": lambda document: document["@graph"][1].update(
        description=f"{document['@graph'][1]['description']} {FORGED}"
    ),
    "the name of the whole": lambda document: document["@graph"][1].update(name=FORGED),
    "the title of a scenario": lambda document: document["@graph"][3].update(name=FORGED),
    "how it was run": lambda document: document["@graph"][-1].update(name="1,000,000 futures, seed 1"),
    "one property more": lambda document: document["@graph"][2].update(abstract=FORGED),
    "one entity more": lambda document: document["@graph"].append({"@id": "#x", "@type": "Review", "text": FORGED}),
    "words beside the graph": lambda document: document.update(headline=FORGED),
}
"""Words that somebody writes outside the record of a claim."""
