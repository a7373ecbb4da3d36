"""`ringfence compare` under other structures: weights of one's own, what carries a verdict, ranges apart."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from cli_runs import bad, document, good

pytestmark = pytest.mark.interface

WEIGHTS = """title: Two of them
because: A test.
weights:
  default: {weight: 1, because: x}
  no_peers: {weight: 3, because: y}
"""
FEW = ("-n", "100")


def test_weights_of_ones_own_are_used_shown_and_named_in_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text(WEIGHTS, encoding="utf-8")
    question = ("compare", "ringfence", "leadership", *FEW, "--outcome", "additional")
    answer = document(*question, "--structure-weights", "mine.yaml")
    assert answer["structures"]["weights"] == {"default": 0.25, "no_peers": 0.75}
    for entry in (*answer["comparisons"], *answer["between"]):
        averaged = entry["averaged"]
        parts = averaged["by_structure"]
        expected = sum(part["weight"] * part["difference"] for part in parts.values())
        assert averaged["difference"] == pytest.approx(expected)
        assert "Two of them" in averaged["sentence"]
        assert entry["apart"]["sets"] == 100 and entry["apart"]["replicates"] == 3
        low, high = entry["apart"]["parameters"]
        assert low < entry["difference"] < high
    words = shlex.split(answer["command"])
    assert words[words.index("--structure-weights") + 1].startswith("mine.yaml@")
    again = document(*words[1:])
    assert again["comparisons"] == answer["comparisons"]
    assert document(*question)["comparisons"][0]["averaged"] != answer["comparisons"][0]["averaged"]


def test_mistakes_in_weights_are_one_message_with_lines(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(WEIGHTS.replace("no_peers", "no_pears").replace("weight: 1", "weight: one"), encoding="utf-8")
    printed = bad("compare", "ringfence", *FEW, "--structure-weights", file)
    assert "mine.yaml:4: weights.default.weight: is not a number" in printed
    assert "mine.yaml:5: weights.no_pears: is not a known key; did you mean 'no_peers'?" in printed


def test_too_few_futures_are_compared_without_structures_or_ranges_apart() -> None:
    answer = document("compare", "ringfence", "-n", "30")
    entry = answer["comparisons"][0]
    assert entry["averaged"] is None and entry["apart"] is None
    assert entry["carried_by"]["parameters_tried"] == 0


def test_a_verdict_that_is_open_to_question_says_what_carries_it() -> None:
    printed = good("compare", "ringfence", "leadership")
    assert "against one another" in printed and "averaged over" in printed and "Over chance" in printed
    assert "the verdict on “Ring-fence as in 2022/23, not waived” against “Stronger leadership”" in printed
    assert "the verdict on “Stronger leadership” against “Today's rules”" not in printed  # its sign is assumed
