"""Two scenarios that stand side by side are never called the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.reports.page import make_study
from simulator.reports.policy_comparison import compare
from simulator.runs.run import compare_results, run
from simulator.scenarios.labels import make_distinct_labels, with_distinct_titles
from simulator.scenarios.scenario import load_scenario
from simulator.studies.scenario_runs import index_by_title

pytestmark = pytest.mark.scenarios


def written(path: Path, value: float, title: str = "Strong naming") -> Path:
    path.parent.mkdir(exist_ok=True)
    text = load_scenario("baseline").with_lever("named", value).to_yaml()
    path.write_text(text.replace(text.splitlines()[1], f'title: "{title}"'), encoding="utf-8")
    return path


def test_a_changed_policy_says_in_its_title_what_was_changed() -> None:
    leader = load_scenario("leadership")
    assert leader.starting("2028/29 Q1").title == f"{leader.title}, from 2028/29"
    assert leader.starting("2028/29 Q3").title == f"{leader.title}, from 2028/29 Q3"
    assert leader.starting("2027/28 Q1") is leader
    assert leader.with_lever("audit", 0.5).title == f"{leader.title}, audit 0.5 from 2027/28"
    sentence = compare(leader.starting("2028/29 Q1"), leader, 100).sentence
    assert f"“{leader.title}, from 2028/29”" in sentence and f"“{leader.title}”" in sentence


def test_files_of_one_title_are_told_apart_by_name_then_place_then_content(tmp_path: Path) -> None:
    names = [written(tmp_path / name, value) for name, value in (("a.yaml", 0.5), ("b.yaml", 0.6))]
    assert [scenario.title for scenario in with_distinct_titles(load_scenario(path) for path in names)] == [
        "Strong naming (a)",
        "Strong naming (b)",
    ]
    places = [written(tmp_path / folder / "p.yaml", value) for folder, value in (("v1", 0.5), ("v2", 0.6))]
    titles = [scenario.title for scenario in with_distinct_titles(load_scenario(path) for path in places)]
    assert titles == [f"Strong naming ({path})" for path in places]
    before = load_scenario(written(tmp_path / "p.yaml", 0.5))
    after = load_scenario(written(tmp_path / "p.yaml", 0.6))
    assert [scenario.title[-7:-1] for scenario in with_distinct_titles((before, after))] == [
        before.fingerprint[:6],
        after.fingerprint[:6],
    ]
    assert [scenario.title for scenario in with_distinct_titles((before, before))] == ["Strong naming"] * 2


def test_two_files_of_one_title_have_rows_of_their_own_in_every_comparison(tmp_path: Path) -> None:
    paths = [written(tmp_path / name, value) for name, value in (("a.yaml", 0.5), ("b.yaml", 1))]
    read = [load_scenario(path) for path in paths]
    assert len(index_by_title(read)) == 2
    comparison = compare(*paths, 100)
    assert {comparison.new, comparison.old} == {"Strong naming (a)", "Strong naming (b)"}
    results = [run(path, 100) for path in paths]
    assert compare_results(*results).new == "Strong naming (a)"
    from simulator.runs.futures import draw_futures

    study = make_study(read, draw_futures(20))
    assert [c.new for c in study.of("retained")] == ["Strong naming (a)", "Strong naming (b)"]


@given(st.lists(st.tuples(*[st.sampled_from(["", "x", "y", "x (y)", "x (1)"])] * 3), max_size=6))
def test_different_items_never_share_a_label_and_a_label_begins_with_its_title(items: list[tuple[str, ...]]) -> None:
    labels = make_distinct_labels(items)
    label_of = dict(zip(items, labels, strict=True))
    assert len(set(label_of.values())) == len(label_of)
    assert all(label.startswith(item[0]) for item, label in label_of.items())


def test_a_lever_that_is_set_again_is_named_once() -> None:
    leader = load_scenario("leadership")
    again = leader.with_lever("audit", 0.5).with_lever("named", 1).with_lever("audit", 0.7)
    assert again.title == f"{leader.title}, named 1 from 2027/28, audit 0.7 from 2027/28"
    assert again.name == "leadership with named 1 with audit 0.7"
    later = leader.with_lever("audit", 0.5).with_lever("audit", 0.7, "2028/29 Q1")
    assert later.title == f"{leader.title}, audit 0.5 from 2027/28, audit 0.7 from 2028/29"
