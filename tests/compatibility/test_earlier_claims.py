"""Claims that earlier code saved are run again.

`earlier_claims` holds a comparison and an amount of one lever, each saved by the code that first could. They are never
written again.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_runs import document

from simulator.claims.claim_file import read_claim
from simulator.claims.registration import Registration
from simulator.engine.kernel_sources import source_hash

pytestmark = pytest.mark.results

FOLDER = Path(__file__).parent / "earlier_claims"


@pytest.mark.parametrize("name", ["comparison.json", "equivalence.json"])
def test_a_claim_that_earlier_code_saved_still_holds_and_what_moved_is_named(name: str) -> None:
    kept = read_claim(FOLDER / name)
    assert not isinstance(kept, Registration)
    assert kept.software.code != source_hash()
    answer = document("verify", FOLDER / name)
    if answer["standing"] == "same bits":
        assert answer["moved"] == []
    else:
        assert answer["standing"] == "same claim"
        assert any(line.startswith("The rules of the model have changed") for line in answer["moved"])
