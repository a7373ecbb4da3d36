"""Weights of structures: a file that is checked like a scenario, equal by default, and said so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from simulator.calibration.structural_draws import read_structures
from simulator.calibration.structural_variants import STRUCTURES
from simulator.calibration.structure_weights import read_shipped_weights, read_structure_weights
from simulator.common.pinned_names import OtherContentError
from simulator.common.yaml_nodes import ScenarioError

HEAD = "title: Mine\nbecause: A test.\n"


def write(folder: Path, text: str) -> Path:
    file = folder / "mine.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_weights_that_ship_name_every_structure_with_a_reason_and_are_equal() -> None:
    weights = read_shipped_weights()
    assert list(weights.weights) == list(read_structures()) == list(STRUCTURES)
    assert weights.equal and not weights.times_evidence and not weights.left_out
    assert all(len(weights.reasons[name]) > 10 for name in STRUCTURES)
    assert "the same" in weights.summary


def test_weights_are_relative_and_what_a_file_leaves_out_has_none(tmp_path: Path) -> None:
    text = "weights:\n  default: {weight: 3, because: x}\n  no_peers: {weight: 1, because: y}\n"
    weights = read_structure_weights(write(tmp_path, HEAD + text))
    assert weights.weights == {"default": 0.75, "no_peers": 0.25}
    assert set(weights.left_out) == set(STRUCTURES) - {"default", "no_peers"}
    assert "Mine" in weights.summary and not weights.equal


def test_evidence_multiplies_the_weights_of_structures_fitted_to_the_same_findings(tmp_path: Path) -> None:
    text = "times_evidence: true\nweights:\n  default: {weight: 1, because: x}\n  no_habit: {weight: 1, because: y}\n"
    weights = read_structure_weights(write(tmp_path, HEAD + text)).weights
    evidence = [read_structures()[name]["log_evidence"] for name in ("no_habit", "default")]
    assert weights["no_habit"] / weights["default"] == pytest.approx(np.exp(evidence[0] - evidence[1]))


def test_every_mistake_is_reported_at_once_with_its_line(tmp_path: Path) -> None:
    text = (
        "title: ''\ntimes_evidence: perhaps\nweight: 1\nweights:\n  defualt: {weight: 1, because: x}\n"
        "  no_peers: {weight: -1, because: x}\n  no_habit: 3\n  raid_first: {weight: many}\n"
    )
    with pytest.raises(ScenarioError) as caught:
        read_structure_weights(write(tmp_path, text))
    said = str(caught.value)
    for words in (
        "mine.yaml:1: title: is empty",
        "mine.yaml:1: because: is missing",
        "mine.yaml:2: times_evidence: must be true or false",
        "mine.yaml:3: weight: is not a known key",
        "mine.yaml:5: weights.defualt: is not a known key; did you mean 'default'?",
        "mine.yaml:6: weights.no_peers.weight: -1 is not between 0",
        "mine.yaml:7: weights.no_habit: must hold a weight and a because",
        "mine.yaml:8: weights.raid_first.weight: is not a number",
        "mine.yaml:8: weights.raid_first.because: is missing",
    ):
        assert words in said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "mine.yaml:1: weights: is missing"),
        ("weights:\n  default: {weight: 0, because: x}\n", "mine.yaml:4: weights: are all 0"),
        (
            "times_evidence: yes\nweights:\n  interviews_only: {weight: 1, because: x}\n",
            "mine.yaml:5: weights.interviews_only: is fitted to other findings",
        ),
        ("weights: [1, 2]\n", "weights: must be a mapping"),
    ],
)
def test_weights_that_cannot_be_used_say_why(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        read_structure_weights(write(tmp_path, HEAD + text))
    assert words in str(caught.value)


def test_a_file_may_be_named_with_its_fingerprint_and_other_content_is_refused(tmp_path: Path) -> None:
    file = write(tmp_path, HEAD + "weights:\n  default: {weight: 1, because: x}\n")
    mark = read_structure_weights(file).fingerprint
    assert read_structure_weights(f"{file}@{mark}").fingerprint == mark
    write(tmp_path, HEAD + "weights:\n  default: {weight: 2, because: x}\n")
    with pytest.raises(OtherContentError):
        read_structure_weights(f"{file}@{mark}")
