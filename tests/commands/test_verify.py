"""`compare --claim`, `verify` and `register`: claims are checked, in words and by exit codes."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from cli_runs import bad, document, good, ring

from simulator.claims.claim import Claim
from simulator.claims.claim_file import read_claim, write_claim
from simulator.claims.registration import Registration
from simulator.evidence import board_likelihood, evidence
from simulator.reports.policy_comparison import compare

pytestmark = pytest.mark.interface

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "guide" / "claims.md"
EXAMPLE = ROOT / "docs" / "examples" / "foi-registration.json"
INVENTED = ROOT / "simulator" / "data" / "example_evidence" / "three-boards-invented.yaml"
"""Three boards answered at once in a world that nobody saw."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a claim of 120 futures."""
    folder = tmp_path_factory.mktemp("claims")
    good("compare", "ringfence", "leadership", "-n", "120", "--claim", folder / "claim.json")
    return folder


def test_a_claim_that_the_command_saves_gives_the_same_bits(folder: Path) -> None:
    answer = document("verify", folder / "claim.json")
    assert (answer["standing"], answer["moved"]) == ("same bits", [])
    assert [item["then"] for item in answer["statements"]] == [item["now"] for item in answer["statements"]]
    assert "The same bits" in good("verify", folder / "claim.json")


def test_a_notebook_saves_the_same_claim_as_the_command(folder: Path) -> None:
    claim = compare("ringfence", n=120).claim(folder / "notebook.json", that=["level above 50%"])
    kept = read_claim(folder / "claim.json")
    assert isinstance(kept, Claim)
    assert claim.statements[0].sentence == kept.statements[0].sentence
    assert (claim.scenarios, claim.digests) == (kept.scenarios[:2], kept.digests[:2])
    assert "The same bits" in good("verify", folder / "notebook.json")


def test_a_claim_with_another_seed_says_what_moved_and_one_that_fails_has_exit_code_1(folder: Path) -> None:
    from dataclasses import replace

    kept = read_claim(folder / "claim.json")
    assert isinstance(kept, Claim)
    write_claim(folder / "moved.json", replace(kept, futures=replace(kept.futures, seed=5)))
    assert "The parameters have changed" in good("verify", folder / "moved.json")
    statement = kept.statements[0]
    false = replace(statement, conditions=[replace(statement.conditions[0], relation="below")])
    write_claim(folder / "false.json", replace(kept, statements=[false]))
    result = ring("verify", folder / "false.json")
    assert result.exit_code == 1
    assert "No longer true" in result.stdout
    assert "DOES NOT HOLD: average below 0" in result.stdout


def test_claims_are_refused_in_words(folder: Path) -> None:
    text = (folder / "claim.json").read_text(encoding="utf-8")
    (folder / "edited.json").write_text(text.replace("leadership", "leaderships", 1), encoding="utf-8")
    assert "was changed since it was saved" in bad("verify", folder / "edited.json")
    assert "there is no such file" in bad("verify", folder / "none.json")
    assert "is no claim or registration" in bad("verify", EXAMPLE.parents[2] / "codemeta.json")
    assert "does not hold" in bad(
        "compare", "both", "-n", "120", "--claim", folder / "x.json", "--that", "level below 0"
    )
    assert "write for example" in bad("compare", "both", "-n", "120", "--claim", folder / "x.json", "--that", "joy")
    assert "--claim FILE" in bad("compare", "both", "--that", "level above 0")
    assert "ends in .json" in bad("compare", "both", "--claim", folder / "x.txt")
    assert "does not go with --until" in bad("compare", "both", "--until", "0.1", "--claim", folder / "x.json")
    assert "is a claim" in bad("verify", folder / "claim.json", folder / "claim.json")
    assert not (folder / "x.json").exists()


REGISTER = ("leadership", "--question", "Does it help?", "--that", "average above 0", "--rule", "If so, we say so.")


def test_a_registered_question_is_answered_as_registered_and_departures_are_named(folder: Path) -> None:
    asked = folder / "asked.json"
    assert "registered 1 comparison" in good("register", asked, *REGISTER, "-n", "120")
    assert "is never changed" in bad("register", asked, *REGISTER, "-n", "120")
    answer = document("verify", asked, "--claim", folder / "result.json")
    assert (answer["as_registered"], answer["supported"], answer["result"]) == (True, True, None)
    assert "As registered" in good("verify", asked, folder / "result.json")
    result = ring("verify", asked, folder / "claim.json")
    assert result.exit_code == 1
    assert "1 of the 2 comparisons of the result were not registered" in result.stdout
    assert "a registration too" in bad("verify", asked, asked)
    assert "no condition that can be checked" in bad("register", folder / "y.json", *REGISTER[:4], "joy", *REGISTER[5:])


def test_the_example_is_what_the_guide_registers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """But for its date, and what later releases change of rules and parameters."""
    monkeypatch.chdir(tmp_path)
    block = GUIDE.read_text(encoding="utf-8").split("as a test runs it -->\n")[1].split("\n\n")[0]
    good(*shlex.split(block.replace("\\\n", " "))[1:])
    shipped, made = read_claim(EXAMPLE), read_claim(tmp_path / EXAMPLE.name)
    assert isinstance(shipped, Registration)
    assert isinstance(made, Registration)
    for part in ("title", "rule", "questions", "awaits"):
        assert getattr(shipped, part) == getattr(made, part)
    assert [item.title for item in shipped.scenarios] == [item.title for item in made.scenarios]
    assert "awaits data" in bad("verify", EXAMPLE)


def test_the_example_is_answered_once_the_data_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board_likelihood, "REPLICATES", (10, 20))  # how well the data are weighed is claimed elsewhere
    monkeypatch.setattr(evidence, "_KEPT", {})
    result = ring("verify", EXAMPLE, "--with", INVENTED, "--json")
    answer = json.loads(result.stdout)
    assert set(answer["questions"][0][0]) >= {"condition", "holds", "finding"}
    allowed = ("The rules of the model changed", "The version changed")
    assert all(departure.startswith(allowed) for departure in answer["departures"])


def test_parameters_that_say_the_same_of_themselves_are_not_repeated() -> None:
    from simulator.claims.verification import describe_parameters

    assert describe_parameters("fitted", "fitted").count("fitted") == 1
    assert describe_parameters("fitted", "prior") == "The parameters have changed; then: fitted; now: prior."
