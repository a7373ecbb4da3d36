"""Answers beside comparisons are claims too: what equals what, which policy holds up, which package does most."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cli_runs import bad, document, good, ring

import simulator as rf
from simulator.boards.table import read_boards
from simulator.claims import claim_file
from simulator.claims.claim import Claim, ClaimError
from simulator.claims.condition import Condition
from simulator.claims.study_claim import FigureCondition, StudyClaim
from simulator.claims.verification import NEVER_HELD, Standing
from simulator.common.errors import InputError
from simulator.notebook.study_verification import verify_study_claim

pytestmark = pytest.mark.interface

ASK: dict[str, Callable[[], Any]] = {
    "equivalence": lambda: rf.equivalence(
        "leader_lift", {"ringfence": 1, "waiver": 0}, draws=10, replicates=1, steps=5
    ),
    "break_even": lambda: rf.break_even(draws=40, replicates=1),
    "robustness": lambda: rf.robustness(["baseline", "ringfence", "both"], draws=20, replicates=1),
    "packages": lambda: rf.packages(
        {"audit": 1.0}, {"audit": 2.0}, hold={"ringfence": 1, "waiver": 0}, draws=20, most=3
    ),
}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, StudyClaim]]:
    folder = tmp_path_factory.mktemp("study-claims")
    return {name: (folder / f"{name}.json", ask().claim(folder / f"{name}.json")) for name, ask in ASK.items()}


@pytest.mark.parametrize("name", ASK)
def test_a_claim_is_read_as_it_was_saved_and_asked_again_gives_the_same_bits(
    saved: dict[str, tuple[Path, StudyClaim]], name: str
) -> None:
    path, claim = saved[name]
    assert claim_file.read_claim(path) == claim
    checked = rf.verify(path).result
    assert checked.standing is Standing.SAME_BITS and checked.moved == () and checked.now == claim.sentence
    assert all(part.holds for part in checked.conditions) and claim.conditions


def test_what_an_answer_implies_is_what_is_claimed(saved: dict[str, tuple[Path, StudyClaim]]) -> None:
    robust = [part.text for part in saved["robustness"][1].conditions]
    assert robust == ["regret of both below regret of baseline"] or "regret of both below regret of ringfence" in robust
    (package,) = saved["packages"][1].conditions
    assert package.text == "outcome of audit=1 above outcome of audit=0"
    assert {part.figure for part in saved["equivalence"][1].conditions} == {"amount"}
    amounts = [part for part in saved["break_even"][1].conditions if part.figure == "amount"]
    duels = [part.text for part in saved["break_even"][1].conditions if part.figure != "amount"]
    assert [part.side for part in amounts] == ["above", "below"] and all(
        0 <= float(part.other) <= 1 for part in amounts
    )
    assert "leadership does more than a ring-fence that can be waived above 0.5" in duels
    assert "leadership does more than an audited ring-fence below 0.5" in duels


def test_an_order_or_a_level_of_ones_own_can_be_claimed_and_only_where_it_holds(tmp_path: Path) -> None:
    answer = ASK["robustness"]()
    claim = answer.claim(tmp_path / "a.json", ["best of both above 10%", "mean of ringfence above mean of baseline"])
    assert [part.other for part in claim.conditions] == [0.1, "mean of baseline"]
    for that, words in (
        ("mean of baseline above mean of both", "does not hold"),
        ("joy of both above 1", "figures are: mean of baseline"),
        ("mean of both beyond 1", "is no condition"),
        ("mean of both above joy", "and no figure"),
    ):
        with pytest.raises(InputError, match=words):
            answer.claim(tmp_path / "b.json", [that])
    with pytest.raises(InputError, match=r"cannot be saved as a claim.*What one part adds on top of the others"):
        rf.attribution("ringfence+leadership", n=20).claim(tmp_path / "b.json")
    with pytest.raises(InputError, match=r"cannot be saved as a claim.* and rf.packages can\.$"):
        rf.variance_split("ringfence", draws=20, replicates=2).claim(tmp_path / "b.json")
    assert not (tmp_path / "b.json").exists()


def test_verify_says_what_moved_and_fails_where_a_condition_no_longer_holds(
    saved: dict[str, tuple[Path, StudyClaim]], tmp_path: Path
) -> None:
    path, claim = saved["robustness"]
    assert document("verify", path)["standing"] == "same bits"
    other = replace(claim, arguments={**claim.arguments, "seed": 5})
    claim_file.write_claim(tmp_path / "seed.json", other)
    moved = good("verify", tmp_path / "seed.json")
    assert "The same claim with other numbers" in moved and "The parameters have changed" in moved
    older = replace(
        claim,
        software=replace(claim.software, version="0.1.0", code="0" * 16),
        digest="0" * 64,
        conditions=[FigureCondition("mean of both", "below", 0.5)],
    )
    claim_file.write_claim(tmp_path / "older.json", older)
    result = ring("verify", tmp_path / "older.json")
    assert result.exit_code == 1 and "No longer true" in result.stdout
    assert f"version 0.1.0 then, {rf.__version__} now" in result.stdout
    assert "DOES NOT HOLD: mean of both below 0.5" in result.stdout
    gone = replace(claim, conditions=[FigureCondition("mean of nobody", "above", 0.0)])
    judged = verify_study_claim(gone, read_boards())
    assert judged.moved == (NEVER_HELD,)
    (part,) = judged.conditions
    assert not part.holds and "has no mean of nobody" in part.finding


def test_files_that_were_changed_or_ask_for_what_there_is_not_are_refused_in_words(
    saved: dict[str, tuple[Path, StudyClaim]], tmp_path: Path
) -> None:
    path, claim = saved["equivalence"]
    text = path.read_text(encoding="utf-8")
    (tmp_path / "x.json").write_text(text.replace("leader_lift", "leader_gift", 1), encoding="utf-8")
    assert "was changed since it was saved" in bad("verify", tmp_path / "x.json")
    for changed, words in (
        (replace(claim, question="joy"), "an answer that this version does not give"),
        (replace(claim, arguments={**claim.arguments, "folder": "x"}), "folder is unknown"),
        (replace(claim, arguments={**claim.arguments, "draws": "many"}), "draws is no whole number"),
        (replace(claim, arguments={**claim.arguments, "between": [1]}), "no pair"),
        (replace(claim, posterior=(("--with", "mine.yaml@0"),)), "add: --with mine.yaml"),
        (
            replace(claim, boards=replace(claim.boards, source="x.csv", fingerprint="0")),
            "name their file with --boards",
        ),
    ):
        with pytest.raises(InputError, match=words):
            verify_study_claim(changed, read_boards())
    claim_file.write_claim(tmp_path / "bare.json", replace(claim, conditions=[]))
    with pytest.raises(ClaimError, match="no condition"):
        claim_file.read_claim(tmp_path / "bare.json")


def test_commands_save_what_a_notebook_saves_and_verify_runs_it_again(
    saved: dict[str, tuple[Path, StudyClaim]], tmp_path: Path
) -> None:
    few = ("--draws", "20", "--replicates", "1")
    good("robust", "baseline", "ringfence", "both", *few, "--structures", "0", "--claim", tmp_path / "robust.json")
    kept = claim_file.read_claim(tmp_path / "robust.json")
    assert isinstance(kept, StudyClaim)
    claim = saved["robustness"][1]
    assert (kept.figures, kept.digest, kept.conditions) == (claim.figures, claim.digest, claim.conditions)
    question = (
        "equals",
        "leader_lift",
        "--to",
        "ringfence=1",
        "--to",
        "waiver=0",
        "--draws",
        "10",
        "--replicates",
        "1",
    )
    good(*question, "--claim", tmp_path / "equals.json", "--that", "amount above 0.1")
    for name in ("robust", "equals"):
        assert document("verify", tmp_path / f"{name}.json")["standing"] == "same bits"
    even = ("equals", "--break-even", "--draws", "40", "--replicates", "1", "--claim", tmp_path / "even.json")
    good(*even)
    of_command, of_notebook = claim_file.read_claim(tmp_path / "even.json"), saved["break_even"][1]
    assert isinstance(of_command, StudyClaim)
    assert (of_command.figures, of_command.digest) == (of_notebook.figures, of_notebook.digest)
    assert (of_command.arguments, of_command.conditions) == (of_notebook.arguments, of_notebook.conditions)
    mapped = bad("equals", "leader_lift", *question[2:], "--map", "audit", "--claim", tmp_path / "x.json")
    assert "does not go with --map" in mapped and "set audit with --to" in mapped
    assert "goes with --claim" in bad("robust", "ringfence", "both", "--that", "mean of both above 0")
    good(
        "register", tmp_path / "asked.json", "ringfence", "--question", "Q?", "--that", "level above 0", "--rule", "R."
    )
    assert "another answer than a comparison" in bad("verify", tmp_path / "asked.json", tmp_path / "robust.json")


def test_the_level_of_one_scenario_is_claimed_in_the_form_that_older_versions_read(tmp_path: Path) -> None:
    good("run", "baseline", "-n", "120", "--outcome", "spent", "--claim", tmp_path / "level.json")
    claim = claim_file.read_claim(tmp_path / "level.json")
    assert isinstance(claim, Claim) and "on average from" in claim.sentence
    assert [condition.text.split()[:2] for condition in claim.statements[0].conditions] == [
        ["level", "above"],
        ["level", "below"],
    ]
    answer = document("verify", tmp_path / "level.json")
    assert (answer["standing"], answer["remarks"]) == ("same bits", [])
    false = replace(claim.statements[0], conditions=[Condition("level", "above", 0.99)])
    claim_file.write_claim(tmp_path / "false.json", replace(claim, statements=[false]))
    assert ring("verify", tmp_path / "false.json").exit_code == 1
    words = bad("run", "baseline", "-n", "120", "--claim", tmp_path / "x.json", "--that", "average below 5 points")
    assert "about its level" in words
    assert "--by-year" in bad("run", "baseline", "-n", "120", "--by-year", "--claim", tmp_path / "x.json")
