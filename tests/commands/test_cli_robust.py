"""`ringfence robust`: regret, ranks and thresholds over draws and over structures, in words, tables, JSON and CSV."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from cli_runs import bad, document, good, policy_file

from simulator.calibration.structural_variants import STRUCTURES
from simulator.commands.shared.scenario_choice import read_choice
from simulator.experiments.decision.robustness import assess_robustness
from simulator.studies.scenario_runs import index_by_title, run_scenarios, sample_posterior_futures

pytestmark = pytest.mark.interface

SMALL = ("--draws", "30", "--replicates", "3", "--structures", "0")


def test_the_command_gives_the_numbers_of_the_library() -> None:
    answer = document("robust", "ringfence", "leadership", *SMALL, "--threshold", "0.8")
    worlds = sample_posterior_futures(30, 3)
    policies = index_by_title(["ringfence", "leadership"])
    table = run_scenarios(policies, worlds, "retained")
    expected = assess_robustness(table, better=1, draws=worlds.draws, threshold=0.8)
    for line, standing in zip(answer["standings"], expected.standings, strict=True):
        assert (line["policy"], line["mean"], line["worst_regret"]) == (
            standing.policy,
            standing.mean,
            standing.worst_regret,
        )
        assert line["meets"]["estimate"] == standing.meets.estimate if standing.meets else False
    assert (answer["draws"], answer["lucks"], answer["years"]) == (30, 3, ["2027/28", "2029/30"])


def test_policies_that_start_apart_are_said_to_and_the_years_in_which_all_act(tmp_path: Path) -> None:
    file = policy_file(tmp_path / "late.yaml", "0.5")
    file.write_text(file.read_text(encoding="utf-8").replace("2027/28 Q1", "2028/29 Q1"), encoding="utf-8")
    choice = read_choice([str(file), "leadership"], "retained", None, None)
    assert "(--years 2028/29-2029/30 counts those in which all act)" in choice.remark
    assert read_choice([str(file), "leadership"], "retained", "2028/29-2029/30", None).remark == ""
    assert read_choice(["ringfence", "leadership"], "retained", None, None).remark == ""


def test_the_answer_says_first_who_is_robust_and_then_how_it_was_made() -> None:
    text = good("robust", "ringfence", "leadership", *SMALL, "--threshold", "0.8")
    assert text.startswith("Over 30 states of the world (90 runs, 30 versions of the model), “")
    for part in (
        "in 27 of 30 states it falls short",
        "The furthest that it falls short",
        "standard error",
        "At least",
        "30 parameter draws with 3 replicates each",
    ):
        assert part in text
    assert "not pinned down" in text.splitlines()[-1]


def test_a_policy_and_its_twin_share_first_place_without_regret(tmp_path: Path) -> None:
    twins = [policy_file(tmp_path / f"{name}.yaml", "0.5") for name in ("one", "two")]
    answer = document("robust", *twins, *SMALL)
    assert [s["worst_regret"] for s in answer["standings"]] == [0, 0]
    assert [s["best"]["estimate"] for s in answer["standings"]] == [0.5, 0.5]
    assert [s["in_the_running"] for s in answer["standings"]] == [True, True]
    assert answer["sentence"].endswith("“one” and “two” give the same in every state: nothing tells them apart.")


def test_a_policy_that_holds_another_one_is_never_regretted() -> None:
    answer = document("robust", "baseline", "both", *SMALL)
    standings = {s["policy"]: s for s in answer["standings"]}
    assert standings["Ring-fence and leadership together"]["worst_regret"] < 0.01
    assert standings["Today's rules"]["mean_regret"] > 0.1


def test_where_less_is_better_the_smallest_mean_wins() -> None:
    answer = document("robust", "baseline", "both", *SMALL, "--outcome", "raided")
    best = max(answer["standings"], key=lambda s: s["best"]["estimate"])
    assert best["mean"] == min(s["mean"] for s in answer["standings"])


def test_every_structure_names_the_policies_that_may_be_best_under_it() -> None:
    words = ("robust", "ringfence", "leadership", "--draws", "20", "--replicates", "2", "--structures", "6")
    answer = document(*words)
    assert [part["structure"] for part in answer["structures"]] == list(STRUCTURES)
    for part in answer["structures"]:
        assert set(part["not_ruled_out"]) <= set(answer["policies"])
        assert part["not_ruled_out"]
        assert min(part["mean_regret"].values()) == 0
    text = good(*words)
    assert "Best where" in text
    assert "raid_first: boards take money back before they commit it" in " ".join(text.split())
    assert "Each way: 6 draws of its own fit" in text


def test_structures_are_fitted_so_priors_have_none() -> None:
    answer = document("robust", "ringfence", "leadership", "--draws", "20", "--replicates", "2", "--source", "prior")
    assert answer["structures"] == []
    assert "priors" in answer["badge"]


def test_csv_has_a_row_for_every_policy_with_its_badge() -> None:
    rows = list(csv.DictReader(io.StringIO(good("robust", "ringfence", "leadership", *SMALL, "--csv"))))
    assert [row["structure"] for row in rows] == ["all", "all"]
    assert "not pinned down" in rows[0]["badge"]
    assert float(rows[0]["best"]) + float(rows[1]["best"]) == pytest.approx(1)


def test_without_names_the_ring_fence_and_leadership_are_the_rivals() -> None:
    answer = document("robust", "--draws", "12", "--replicates", "2", "--structures", "0")
    assert list(answer["policies"].values()) == ["ringfence", "leadership"]


def test_single_runs_are_said_to_hold_luck() -> None:
    answer = document("robust", "ringfence", "leadership", "--draws", "20", "--replicates", "1", "--structures", "0")
    assert "single run" in answer["sentence"]
    assert answer["luck_error"] is None


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("ringfence",), "two policies or more"),
        (("ringfence", "ringfence"), "given twice"),
        (("ringfence", "leadershp"), "did you mean 'leadership'?"),
        (("ringfence", "leadership", "--outcome", "turnover"), "neither more nor less is better"),
        (("ringfence", "leadership", "--threshold", "60"), "write 60% as 0.6"),
        (("ringfence", "leadership", "--draws", "8001"), "the posterior has 8,000 draws"),
        (("ringfence", "leadership", "--source", "default"), "ask for posterior or prior"),
        (("ringfence", "leadership", "--years", "2031/32"), "there is no year"),
    ],
)
def test_what_cannot_be_asked_is_told_with_a_remedy(words: tuple[str, ...], message: str) -> None:
    assert message in bad("robust", *words)
