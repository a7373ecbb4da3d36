"""`ringfence doctor`: what it says of this computer, and its exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_runs import document, good, ring

from simulator.commands import doctor
from simulator.runs import digest, result_cache
from simulator.runs.digest import Check

pytestmark = pytest.mark.interface

WELL = Check(dict.fromkeys(digest.SCENARIOS, 10), 10, ())


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bits that are as published, without running the model."""
    monkeypatch.setattr(digest, "check", lambda progress=None: WELL)


def test_a_computer_that_gives_the_published_bits_is_told_so() -> None:
    text = " ".join(good("doctor").split())
    assert "this computer gives the published bits, in 1,000 futures of 4 scenarios" in text


@pytest.mark.usefixtures("checked")
def test_the_document_says_what_people_are_asked_for_when_something_is_wrong() -> None:
    answer = document("doctor")
    assert answer["ok"] is True
    assert {"numpy", "numba", "scipy"} <= set(answer["libraries"])
    assert answer["cores"] >= 1
    assert answer["threads"] >= 1
    assert answer["compiled_model"]["damaged"] == 0
    assert answer["results"] is None
    assert answer["bits"]["groups_equal"] == dict.fromkeys(digest.SCENARIOS, 10)


def test_other_bits_end_with_code_1_and_say_where(monkeypatch: pytest.MonkeyPatch) -> None:
    other = Check({"baseline": 10, "both": 7}, 10, ())
    monkeypatch.setattr(digest, "check", lambda progress=None: other)
    run_result = ring("doctor")
    assert (run_result.exit_code, run_result.stderr) == (1, "error: this computer does not give the published bits\n")
    assert "(both 3 of 10)" in " ".join(run_result.stdout.split())
    result = ring("doctor", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["ok"] is False


def test_a_copy_with_other_boards_is_not_blamed_on_the_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    other = Check({"baseline": 0}, 10, ("boards_fingerprint", "years"))
    monkeypatch.setattr(digest, "check", lambda progress=None: other)
    text = " ".join(ring("doctor").stdout.split())
    assert "this copy is not as published (boards, layout of results); install the package again" in text


@pytest.mark.usefixtures("checked")
def test_damaged_results_are_counted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(result_cache.VARIABLE, str(tmp_path))
    assert "Results: 0 kept" in good("doctor")
    good("run", "baseline", "-n", "500")
    assert "Results: 1 kept" in good("doctor")
    assert document("doctor")["results"]["damaged"] == 0
    (entry,) = (tmp_path / result_cache.SUBFOLDER).glob("*.results")
    entry.write_bytes(entry.read_bytes()[:-8])
    assert document("doctor")["results"]["damaged"] == 1
    assert "1 damaged, and not used: it is worked out again when needed" in " ".join(good("doctor").split())


def test_a_folder_that_cannot_be_written_to_is_told() -> None:
    kept = {"count": 1, "bytes": 5_000_000, "damaged": 0, "folder": "/kept", "writable": False, "unused_because": ""}
    assert "cannot be written to, so nothing new is kept" in doctor._describe_results(kept)
    assert "cannot be written to" in doctor._describe_compiled_model({**kept, "count": 0})
    assert "none are kept, because /kept is a link" in doctor._describe_results({**kept, "unused_because": "is a link"})
