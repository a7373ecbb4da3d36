"""Structures weighed by evidence: by the mean likelihood of their draws, with its error, and by statements over all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from simulator.calibration.structural_draws import read_structure_draws
from simulator.calibration.structure_weights import read_shipped_weights
from simulator.evidence import structure_weighing
from simulator.evidence.observation_file import parse_evidence
from simulator.evidence.structure_weighing import weigh_structures
from simulator.experiments.core.clustered_errors import Z_95
from simulator.runs.posterior import Posterior, drawing_from, shipped_posterior
from simulator.runs.run import compare_results, find_common_span, run_many
from simulator.scenarios.scenario import load_scenario
from simulator.studies.structural_average import run_structures

pytestmark = pytest.mark.calibration

NAMES = tuple(read_structure_draws())
COUNT = len(next(iter(read_structure_draws().values())))
HEAD = "title: t\nbecause: b\n"
ROW = HEAD + "observations:\n  - {board: QWO, year: 2022/23, what: retained, value: 1, error: 0.05, source: a}\n"
CLAIM = HEAD + "statements:\n  - {claim: leadership > ringfence, outcome: retained, credence: 0.8, because: b}\n"


@pytest.fixture(autouse=True)
def no_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(structure_weighing, "recall_numbers", lambda _: None)
    monkeypatch.setattr(structure_weighing, "keep_numbers", lambda *_: None)


def test_a_structure_counts_for_its_prior_weight_times_its_marginal_likelihood(monkeypatch: pytest.MonkeyPatch) -> None:
    logs = np.random.default_rng(2).normal(size=(len(NAMES), COUNT)) - 500
    logs[3] = -np.inf
    monkeypatch.setattr(structure_weighing, "weigh_sets", lambda *_: logs.ravel())
    prior = {name: (k + 1) / sum(range(len(NAMES) + 1)) for k, name in enumerate(NAMES)}
    weighed = weigh_structures(parse_evidence(ROW), prior, "")
    marginal = np.exp(logs + 500).mean(axis=1)
    expected = np.array(list(prior.values())) * marginal
    assert list(weighed.weights) == [name for k, name in enumerate(NAMES) if k != 3]
    assert np.allclose(list(weighed.weights.values()), np.delete(expected / expected.sum(), 3))
    error = np.exp(logs[0] + 500).std() / np.sqrt(COUNT) / marginal[0]
    assert weighed.errors[NAMES[0]] == pytest.approx(error)
    assert np.allclose(weighed.draws[NAMES[0]], np.exp(logs[0] + 500) / np.exp(logs[0] + 500).sum())


def test_the_error_is_the_spread_over_samples_of_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    rng, prior = np.random.default_rng(3), {NAMES[0]: 0.5, NAMES[1]: 0.5}
    ratios, stated = [], []
    for _ in range(200):
        logs = rng.normal(size=(2, COUNT))
        monkeypatch.setattr(structure_weighing, "weigh_sets", lambda *_, logs=logs: logs.ravel())
        weighed = weigh_structures(parse_evidence(ROW), prior, "")
        ratios.append(np.log(weighed.weights[NAMES[0]] / weighed.weights[NAMES[1]]))
        stated.append(np.hypot(*weighed.errors.values()))
    assert np.std(ratios) == pytest.approx(np.mean(stated), rel=0.2)


def test_averages_over_structures_follow_evidence_and_carry_the_error_of_weights() -> None:
    scenarios = [load_scenario(name) for name in ("baseline", "ringfence", "leadership")]
    evidence = parse_evidence(CLAIM)
    with drawing_from(evidence.weigh().posterior):
        weighed = run_structures(scenarios, 200)
    plain = run_structures(scenarios, 200)
    assert weighed is not None and plain is not None
    results = run_many(scenarios, 200)
    span = find_common_span(results)
    like = compare_results(results[2], results[1], "retained", span)
    before, after = plain.compare(2, 1, like, span), weighed.compare(2, 1, like, span)
    assert after.average.difference > before.average.difference
    assert sum(after.weights.values()) == pytest.approx(1)
    assert after.weights["label_needs_audit"] > before.weights["label_needs_audit"]  # there leadership always does more
    assert after.weights["no_leaders"] < before.weights["no_leaders"]
    assert "then times how likely it makes your evidence" in after.described
    assert f"{Z_95 * max(weighed.weight_errors.values()):.0%}" in after.described


def test_a_fit_of_ones_own_has_no_structures(tmp_path: Path) -> None:
    shipped = shipped_posterior()
    own = Posterior(shipped.draws, shipped.document, (("--posterior", "mine"),))
    with drawing_from(own):
        assert run_structures([load_scenario("baseline")], 200) is None
    assert read_shipped_weights().weighed == ""
