"""Results do not move without a reason in the change log, and the commit that moved them is found.

After a change that is meant to move results: say so under *Results change*, then `scripts/release-check --record`.
"""

from __future__ import annotations

import json
import runpy
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytestmark = pytest.mark.results

ROOT = Path(__file__).parents[2]
CHECK = SimpleNamespace(**runpy.run_path(str(ROOT / "scripts" / "release_check.py")))
RECORD = json.loads((ROOT / "tests" / "golden" / "release_deck.json").read_text(encoding="utf-8"))
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def now() -> Any:
    runner = runpy.run_path(str(ROOT / "scripts" / "release_runner.py"))
    return runner["run_deck"](RECORD["deck"])


def scale(results: Mapping[str, Any], outcome: str, by: float) -> dict[str, Any]:
    """Results as a rule that was changed by so much would give them."""
    return {
        name: {"digest": "0" * 16, "means": {**item["means"], outcome: item["means"][outcome] * by}}
        for name, item in results.items()
    }


def test_results_are_those_on_record_or_the_change_log_says_why(now: Any) -> None:
    assert CHECK.judge(RECORD, now, CHANGELOG) == ""


def test_a_change_of_one_per_cent_fails_until_the_change_log_gives_its_reason(now: Any) -> None:
    moved = scale(now, "retained", 1.01)
    old = "## [Unreleased]\n\n### Results change\n\n- An older reason.\n\n## [0.1.0]\n\n### Results change\n\n- One.\n"
    record = {**RECORD, "results_change": CHECK.hash_text(CHECK.read_results_change(old))}
    assert "CHANGELOG.md says nothing new" in CHECK.judge(record, moved, old)
    assert "CHANGELOG.md says nothing new" in CHECK.judge(
        record, moved, old.replace("### Results change", "### Fixed", 1)
    )
    told = CHECK.judge(record, moved, old.replace("- An older reason.", "- An older reason.\n- Raids take more.", 1))
    assert "--record" in told
    assert "nothing new" not in told


def test_the_record_holds_library_scenarios_structures_and_random_calendars() -> None:
    items = RECORD["deck"]["items"]
    assert len(items) == CHECK.SMALL
    assert sum("text" in item for item in items) >= 5
    assert sum(bool(item["settings"]) for item in items) >= 5
    assert sum("library" in item and not item["settings"] for item in items) >= 5
    assert not [item for item in RECORD["results"].values() if "error" in item]


def test_the_whole_deck_has_a_thousand_scenarios_of_different_names_and_is_always_the_same() -> None:
    deck = CHECK.make_deck(1_000, 50)
    assert len({item["name"] for item in deck["items"]}) == 1_000
    assert deck == CHECK.make_deck(1_000, 50)


def make_history(now: Any, changes: Mapping[int, float], length: int = 40) -> Sequence[dict[str, Any]]:
    """Results at each commit of a history in which some commits scale an outcome."""
    history, factor = [], 1.0
    for at in range(length):
        factor *= changes.get(at, 1.0)
        history.append(now if factor == 1 else scale(now, "retained", factor))
    return history


def find(history: Sequence[Any], most: int = 40) -> tuple[Any, list[str]]:
    commits, looked = [f"c{at}" for at in range(len(history))], []

    def run(commit: str) -> Any:
        looked.append(commit)
        result = history[int(commit[1:])]
        return {name: {**item, "digest": str(item["means"]["retained"])} for name, item in result.items()}

    return CHECK.find_steps(commits, run, most), looked


def test_each_commit_that_moved_results_is_found_with_its_size(now: Any) -> None:
    steps, looked = find(make_history(now, {17: 1.01, 30: 0.98}))
    assert [step.commits for step in steps] == [["c17"], ["c30"]]
    largest = steps[0].moves[0]
    assert largest.by == pytest.approx(0.01 * largest.before)
    assert len(looked) <= 16


def test_nothing_is_looked_for_where_nothing_moved_and_no_more_than_is_allowed(now: Any) -> None:
    assert find(make_history(now, {})) == ([], ["c0", "c39"])
    steps, looked = find(make_history(now, {17: 1.01}), most=4)
    assert len(looked) == 4
    assert "c17" in steps[0].commits
    assert 1 < len(steps[0].commits) < 39


def test_commits_that_cannot_be_run_are_passed_over(now: Any) -> None:
    history = list(make_history(now, {17: 1.01}))
    commits = [f"c{at}" for at in range(len(history))]

    def run(commit: str) -> Any:
        at = int(commit[1:])
        broken = 15 <= at <= 16
        return {name: {"error": "no such module"} if broken else item for name, item in history[at].items()}

    steps = CHECK.find_steps(commits, run)
    assert [step.commits for step in steps] == [["c15", "c16", "c17"]]


def test_the_report_ranks_what_moved_by_outcome(now: Any) -> None:
    moved = scale(scale(now, "retained", 1.01), "front", 1.05)
    report = CHECK.write_report("v0", CHECK.compare(now, moved), [], len(now), 8)
    assert report.index("| Reached the front line (share) |") < report.index("| Money kept (share) |")
    failed = {f"random calendar {number}": "ValueError: 'x' is not a parameter" for number in range(5)}
    several = CHECK.write_report("v0", CHECK.Comparison([], [], 0, failed), [], 5, 8)
    assert several.count("is not a parameter") == 1 and "* 5 (random calendar 0, random calendar 1," in several
    assert "## The largest moves" in report
