"""What evidence says of itself reads back as the same evidence, whatever it holds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simulator.evidence.elicitation import state_beliefs
from simulator.evidence.evidence import Evidence
from simulator.evidence.observation_file import parse_evidence, read_evidence
from simulator.evidence.template import list_examples

pytestmark = pytest.mark.results

ALL_KINDS = """
title: Of every kind
because: For the test.
outcome: additional
observations:
  - {board: QWO, year: 2022/23, what: retained, value: 0.9, error: 0.05, source: "FOI 1"}
scores:
  - {name: annual, of: chief, year: 2022/23, values: {QWO: 3, QF7: 2, QWE: 1, QHG: 2, QMJ: 4}, source: a table}
national:
  - {what: kept_in_full, year: 2024/25, value: 0.3, error: 0.1, source: "a survey"}
beliefs:
  - {question: plain, quartiles: [10, 20, 35]}
statements:
  - {claim: leadership > ringfence, outcome: retained, credence: 0.7, because: "Said.", years: 2027/28-2028/29}
  - {claim: 0.6 > ringfence, credence: 0.2, because: "Said.", in_fit: yes}
"""


def read_back(evidence: Evidence) -> Evidence:
    return parse_evidence(json.dumps(evidence.document))


def list_told(evidence: Evidence) -> set[tuple[str, str, str]]:
    """What is said, with its source and reason; an answer by quartiles may lose its reason, and is left out."""
    told = [o for o in evidence.observations if "Fewer" not in o.label]
    return {(o.key, getattr(o, "source", ""), getattr(o, "because", "")) for o in told}


def test_every_kind_of_observation_reads_back_with_its_sources_and_reasons() -> None:
    evidence = parse_evidence(ALL_KINDS)
    again = read_back(evidence)
    assert again.fingerprint == evidence.fingerprint
    assert (again.title, again.because, again.outcome) == (evidence.title, evidence.because, evidence.outcome)
    assert list_told(again) == list_told(evidence)


@pytest.mark.parametrize("path", list_examples(), ids=lambda path: path.stem)
def test_every_example_that_ships_reads_back(path: Path) -> None:
    evidence = read_evidence(path)
    assert read_back(evidence).fingerprint == evidence.fingerprint


def test_beliefs_by_quartiles_read_back() -> None:
    beliefs = state_beliefs({"plain": (10, 20, 35), "strong_chief": (30, 45, 60)}, who="Jo")
    assert read_back(beliefs).fingerprint == beliefs.fingerprint
