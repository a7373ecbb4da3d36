"""`ringfence discover`: the box is that of the library, it holds the failures, and noise is called noise."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cli_runs import bad, document, good, ring

from simulator.experiments.core.replicate_average import ReplicateAverage
from simulator.experiments.discovery.scenario_discovery import CaseDefinition, discover_scenario
from simulator.experiments.sensitivity.given_data import draw_given_data
from simulator.scenarios.scenario import load_scenario
from simulator.studies.model_function import ModelFunction, list_factors

pytestmark = pytest.mark.interface

MODEL = ReplicateAverage(ModelFunction(load_scenario("ringfence"), ("retained",)), 1)
NAMES = ("plan_base", "pull_ringfence", "pull_pressure", "false_negative")
FOUR = ("--over", ",".join(NAMES), "--points", "800")


def test_the_box_is_that_of_the_library() -> None:
    answer = document("discover", "ringfence", "--below", "0.5", *FOUR)
    sample = draw_given_data(MODEL, list_factors(NAMES), "retained", n=800, seed=20240323)
    same = discover_scenario(sample, CaseDefinition(0.5), seed=20240323)
    assert answer["restricted"] == list(same.restricted) != []
    assert answer["coverage"]["estimate"] == same.coverage.estimate
    assert answer["density"]["estimate"] == same.density.estimate > answer["base"]
    assert [row["limit"] for row in answer["limits"] if row["kept"]] == [
        limit.value for limit in same.limits if limit.kept
    ]
    assert "false_negative" not in answer["restricted"]


def test_the_exported_box_holds_the_share_of_failures_that_is_told(tmp_path: Path) -> None:
    answer = document("discover", "ringfence", "--below", "0.5", *FOUR, "--export", tmp_path / "box.csv")
    box = pd.read_csv(tmp_path / "box.csv", header=[0, 1], index_col=0)
    assert list(box.columns) == [("box 1", "min"), ("box 1", "max")]
    assert set(box.index) == set(answer["restricted"])
    sample = draw_given_data(MODEL, list_factors(NAMES), "retained", n=800, seed=20240323)
    inside = np.ones(len(sample), bool)
    for name, (low, high) in zip(box.index, box.to_numpy(), strict=True):
        inside &= (sample.points[name] >= low) & (sample.points[name] <= high)
    cases = sample.values < 0.5
    assert (inside & cases).sum() / inside.sum() == pytest.approx(answer["density"]["estimate"])
    assert (inside & cases).sum() / cases.sum() == pytest.approx(answer["coverage"]["estimate"])


def test_what_the_outcome_does_not_depend_on_makes_no_box() -> None:
    words = ("--above", "0.65", "--over", "false_negative,evaluate_setaside", "--points", "400", "--outcome", "planned")
    answer = document("discover", "baseline", *words)
    assert answer["restricted"] == []
    assert "no box in the 2 factors stands out from noise" in answer["sentence"]
    output = good("discover", "baseline", *words)
    assert "no box" in output


def test_without_a_box_there_is_nothing_to_export(tmp_path: Path) -> None:
    words = ("--above", "0.65", "--over", "false_negative", "--points", "400", "--outcome", "planned", "--json")
    result = ring("discover", "baseline", *words, "--export", tmp_path / "box.csv")
    assert result.exit_code == 1
    assert "box.csv was not written" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_difference_has_a_threshold_with_its_sign() -> None:
    answer = document("discover", "ringfence", "--below", "0.1", "--against", "baseline", *FOUR)
    name = "Money kept, Ring-fence as in 2022/23, not waived less Today's rules"
    assert f"“{name}” is below +£10 of each £100" in answer["sentence"]
    assert "pull_ringfence" in answer["restricted"]


def test_all_draws_of_the_posterior_are_asked_and_no_more() -> None:
    answer = document(
        "discover", "ringfence", "--below", "0.8", "--source", "posterior", "--over", "plan_base,gap_level"
    )
    assert answer["points"] == 1000
    assert "fitted to" in answer["badge"]
    assert "holds 8,000 draws" in bad(
        "discover", "ringfence", "--below", "0.5", "--source", "posterior", "--points", "9000"
    )


def test_the_table_shows_limits_noise_the_second_opinion_and_the_badge() -> None:
    text = " ".join(good("discover", "ringfence", "--below", "0.5", *FOUR).split())
    for part in (
        "is below 50% in",
        "A decision tree",
        "Quasi-p",
        "kept",
        "Chance makes up",
        "800 parameter draws",
        "not fitted",
    ):
        assert part in text


def test_csv_has_a_line_for_each_limit() -> None:
    text = good("discover", "ringfence", "--below", "0.5", *FOUR, "--csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["kept"] for row in rows} <= {"True", "False"}
    assert {row["points"] for row in rows} == {"800"}


def test_failing_must_mean_one_thing() -> None:
    assert "--below or --above" in bad("discover", "ringfence", code=2)
    assert "--below or --above" in bad("discover", "ringfence", "--below", "0.5", "--above", "0.6", code=2)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--below", "1"), "800 of 800 points are below 100%"),
        (("--below", "0"), "0 of 800 points"),
        (("--below", "0.5", "--export", "box.txt"), "the ending must be .csv"),
        (("--below", "0.5", "--outcome", "retaned"), "did you mean 'retained'?"),
        (("--below", "0.5", "--source", "default"), "nothing varies"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(words: tuple[str, ...], message: str) -> None:
    assert message in bad("discover", "ringfence", *FOUR, *words)


@pytest.mark.parametrize("words", [("--below", "50"), ("--above", "-0.1"), ("--against", "baseline", "--below", "-2")])
def test_a_threshold_that_no_share_has_is_refused(words: tuple[str, ...]) -> None:
    assert "is no share; write 50% as 0.5" in bad("discover", "leadership", *words)
