"""`attribute`: shares that add up to what `compare` says of the whole package."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from cli_runs import FEW, bad, document, good, policy_file, ring

from simulator.declarations.levers import LEVERS
from simulator.reports.policy_comparison import compare
from simulator.runs.futures import draw_futures
from simulator.runs.run import run
from simulator.scenarios.scenario import load_scenario
from simulator.studies.attribution import attribute_policy, split_by_levers, split_policy
from simulator.studies.component_kind import ComponentKind

pytestmark = pytest.mark.interface


def test_shares_add_up_to_what_compare_says_of_the_package() -> None:
    answer = document("attribute", "ringfence+leadership+committee", *FEW)
    whole = compare("ringfence+leadership+committee", n=8)
    assert answer["total"]["mean"] == pytest.approx(whole.difference, abs=1e-12)
    assert tuple(answer["years"]) == whole.years
    assert sum(part["share"]["mean"] for part in answer["components"]) == pytest.approx(whole.difference, abs=1e-12)
    assert answer["worst_gap"] < 1e-12
    assert [part["component"] for part in answer["components"]] == [
        load_scenario(name).title for name in ("ringfence", "leadership", "committee")
    ]


def test_a_part_alone_does_what_compare_says_of_it_alone() -> None:
    answer = document("attribute", "ringfence+leadership", *FEW, "--outcome", "spent")
    for part, name in zip(answer["components"], ("ringfence", "leadership"), strict=True):
        alone = compare(name, n=8, outcome="spent").difference
        assert part["alone"]["mean"] == pytest.approx(alone, abs=1e-12)


def test_a_part_that_moves_nothing_gets_exactly_nothing(tmp_path: Path) -> None:
    idle = policy_file(tmp_path / "idle.yaml", "0")
    assert load_scenario(idle).fingerprint == load_scenario("baseline").fingerprint
    answer = document("attribute", f"leadership+{idle}", *FEW)
    assert answer["components"][1]["share"] == {"mean": 0, "interval": [0, 0], "likely": [0, 0]}
    assert "“idle” brings nothing" in answer["sentence"]


def test_a_scenario_that_only_extends_others_falls_into_them() -> None:
    package = split_policy("both")
    assert (package.by, package.components) == (
        ComponentKind.SCENARIOS,
        (load_scenario("ringfence").title, load_scenario("leadership").title),
    )
    assert package.policy.title == load_scenario("both").title
    assert document("attribute", "both", *FEW)["total"] == document("attribute", "ringfence+leadership", *FEW)["total"]


def test_one_scenario_falls_into_the_levers_that_it_moves() -> None:
    answer = document("attribute", "ringfence", *FEW)
    assert [part["component"] for part in answer["components"]] == ["ringfence", "waiver"]
    assert answer["components"][1]["alone"]["mean"] == 0
    assert answer["total"]["mean"] == pytest.approx(compare("ringfence", n=8).difference, abs=1e-12)
    assert f"waiver: {LEVERS['waiver'].about.meaning}." in good("attribute", "ringfence", *FEW)


def test_levers_and_themes_come_to_the_same_whole() -> None:
    package = split_policy("both", ComponentKind.LEVERS)
    assert package.components == ("ringfence", "waiver", "leader_lift", "finance_lift")
    whole = package.schedules[frozenset(package.components)]
    assert whole.tobytes() == load_scenario("both").schedule.tobytes()
    themes = split_by_levers(load_scenario("both"), themes=True)
    assert dict(themes.levers) == {"funding": ("ringfence", "waiver"), "people": ("leader_lift", "finance_lift")}
    attribution = attribute_policy(themes, drawn=draw_futures(8), times=20)
    assert attribution.total.mean == pytest.approx(compare("both", n=8).difference, abs=1e-12)


def test_a_package_that_is_moved_in_time_keeps_its_parts_together() -> None:
    answer = document("attribute", "both", *FEW, "--from", "2024/25 Q1")
    moved = load_scenario("both").starting("2024/25 Q1")
    assert answer["total"]["mean"] == pytest.approx(compare(moved, n=8).difference, abs=1e-12)
    assert answer["years"][0] == "2024/25"


def test_futures_with_the_same_parameters_are_resampled_together() -> None:
    """Eight futures of one default set differ by luck alone, and still give an interval."""
    attribution = attribute_policy(split_policy("leadership"), drawn=draw_futures(8, source="default"), times=50)
    low, high = attribution.total.interval
    assert low < attribution.total.mean < high
    assert attribution.total.mean == pytest.approx(
        float(
            (
                run("leadership", futures=draw_futures(8, source="default")).outcome()
                - run("baseline", futures=draw_futures(8, source="default")).outcome(years="2027/28-")
            ).mean()
        ),
        abs=1e-12,
    )


def test_the_answer_says_what_a_share_is_and_what_is_noise() -> None:
    text = good("attribute", "both", *FEW)
    assert text.startswith(f"“{load_scenario('both').title}”: ")
    for part in ("averaged over every order", "interval is noise", "4 combinations of 8 futures, seed 20240323"):
        assert part in text


def test_csv_ends_with_the_total_and_holds_the_numbers_of_json() -> None:
    rows = list(csv.DictReader(io.StringIO(good("attribute", "both", *FEW, "--csv"))))
    answer = document("attribute", "both", *FEW)
    assert rows[-1]["component"] == "total"
    assert float(rows[-1]["share"]) == answer["total"]["mean"]
    assert [float(row["share"]) for row in rows[:-1]] == [part["share"]["mean"] for part in answer["components"]]


def test_conflicts_between_parts_are_told(tmp_path: Path) -> None:
    a, b = policy_file(tmp_path / "a.yaml", "0.2"), policy_file(tmp_path / "b.yaml", "0.6")
    result = ring("attribute", f"{a}+{b}", *FEW)
    assert result.exit_code == 0
    assert "conflict" in result.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("baseline",), "changes nothing"),
        (("leadership+leadership",), "named twice"),
        (("leadership", "--by", "scenarios"), "no stack of scenarios"),
        (("full-package", "--by", "levers"), "split the policy by themes"),
        (("ringfence+leadrship",), "leadership"),
        (("both", "--outcome", "retaind"), "did you mean 'retained'?"),
        (("both", "--years", "2031/32"), "there is no year in 2031/32"),
    ],
)
def test_what_cannot_be_shared_out_ends_with_code_1_and_says_why(words: tuple[str, ...], message: str) -> None:
    assert message in bad("attribute", *words, *FEW)


def test_the_command_line_offers_what_the_library_knows() -> None:
    offered = good("attribute", "--help")
    assert "|".join(kind.value for kind in ComponentKind) in offered
