import itertools

import numpy as np
import pytest
from scenario_texts import HEAD, changes, made

from simulator.scenarios.library import UnknownScenario, split_stack
from simulator.scenarios.scenario import (
    Scenario,
    ScenarioError,
    baseline_calendar,
    load_scenario,
    make_template,
    parse_scenario,
    stack,
)

pytestmark = pytest.mark.scenarios

WHY = "because: b, evidence: [E60]"


def test_a_child_wins_over_its_parent_without_conflict():
    child = parse_scenario(changes("ringfence: {to: 0.5, from: 2028/29, WHY}").replace("T\n", "T\nextends: both\n", 1))
    assert child.lever("ringfence")[[20, 24, 31]].tolist() == [1, 0.5, 0.5]
    assert child.lever("leader_lift")[20] == 0.45
    assert child.conflicts == () and child.parents == ("both",)


def test_without_extends_a_scenario_starts_from_the_baseline():
    assert made("audit: {to: 1, from: 2027/28, WHY}").parents == ("baseline",)
    assert parse_scenario(HEAD).fingerprint == load_scenario("baseline").fingerprint


def test_names_joined_by_plus_stack_in_that_order_like_a_list_in_a_file():
    assert load_scenario("ringfence + leadership").fingerprint == load_scenario("both").fingerprint
    assert load_scenario("ringfence").stack("leadership").fingerprint == load_scenario("both").fingerprint
    assert load_scenario("ringfence+leadership").parents == ("ringfence", "leadership")


def test_a_file_of_the_same_name_can_be_stacked_with_the_library(tmp_path):
    path = tmp_path / "a+b.yaml"
    path.write_text(changes("audit: {to: 1, from: 2027/28, WHY}"), encoding="utf-8")
    both = stack([path, "ringfence"])
    assert both.lever("audit")[20] == both.lever("ringfence")[20] == 1
    assert load_scenario(str(path)).name == "a+b"


@pytest.mark.parametrize("folder", ["a+b", "a+ringfence", "+", "a + b/c+d"])
def test_a_plus_in_the_name_of_a_folder_joins_nothing(tmp_path, monkeypatch, folder):
    monkeypatch.setenv("PLACE", str(tmp_path / folder))
    first, second = tmp_path / folder / "one.yaml", tmp_path / folder / "two+three.yaml"
    first.parent.mkdir(parents=True)
    first.write_text(changes("audit: {to: 1, from: 2027/28, WHY}"), encoding="utf-8")
    second.write_text(changes("peers: {add: 0.1, from: 2027/28, WHY}"), encoding="utf-8")
    expected = stack([first, "ringfence", second])
    assert expected.parents == ("one", "ringfence", "two+three")
    for reference in (
        f"{first}+ringfence+{second}",
        f"{first} + ringfence + {second}",
        "$PLACE/one.yaml+ringfence+$PLACE/two+three.yaml",
        expected.reference,
    ):
        again = load_scenario(reference)
        assert (again.fingerprint, again.parents, again.reference) == (
            expected.fingerprint,
            expected.parents,
            expected.reference,
        )
    assert split_stack(expected.reference) == [load_scenario(part).reference for part in (first, "ringfence", second)]
    assert split_stack("one.yaml+ringfence+two+three.yaml", first.parent) == ["one.yaml", "ringfence", "two+three.yaml"]
    assert load_scenario(first).reference in load_scenario(first).stack("ringfence").stack("carry-forward").reference


def test_the_reference_of_a_stack_still_splits_when_its_files_are_gone(tmp_path):
    pinned = "far/a+b/one.yaml@0123456789abcdef"
    assert split_stack(f"ringfence+{pinned}+both") == ["ringfence", pinned, "both"]
    with pytest.raises(UnknownScenario, match=r"far/a[+]b/one[.]yaml'.*0123456789abcdef"):
        load_scenario(f"ringfence+{pinned}")


def test_sums_add_and_products_multiply_without_conflict_in_any_order():
    parts = [
        made("peers: {add: 0.1, from: 2027/28, WHY}", "savings_ask: {scale: 1.1, from: 2027/28, WHY}", name="a"),
        made("peers: {add: 0.2, from: 2027/28, WHY}", "savings_ask: {scale: 0.7, from: 2027/28, WHY}", name="b"),
        made("peers: {add: 0.3, from: 2028/29, WHY}", name="c"),
    ]
    stacked = [stack(order) for order in itertools.permutations(parts)]
    assert len({s.fingerprint for s in stacked}) == 1
    assert all(s.conflicts == () for s in stacked)
    assert stacked[0].lever("peers")[[20, 24]] == pytest.approx([0.6, 0.9])
    assert stacked[0].lever("savings_ask")[20] == pytest.approx(6 * 0.77)


def test_bounds_are_applied_after_all_sums():
    parts = [made(f"peers: {{add: {a}, from: 2027/28, WHY}}", name=n) for n, a in (("a", 0.9), ("b", -0.5))]
    assert stack(parts).lever("peers")[20] == pytest.approx(0.7)
    assert stack(parts).warnings == ()


CONFLICTS = [
    ("{to: 1, from: 2027/28, WHY}", "{to: 0.5, from: 2028/29, WHY}", "2028/29 Q1 to 2029/30 Q4; the later wins"),
    ("{to: 1, from: 2027/28, WHY}", "{add: 0.2, from: 2027/28, WHY}", "moves by +0.2 from 2027/28 Q1. They overlap"),
    ("{add: 0.2, from: 2027/28, WHY}", "{to: 1, from: 2027/28, WHY}", "is set to 1 from 2027/28 Q1"),
    ("{add: 0.2, from: 2027/28, WHY}", "{scale: 2, from: 2027/28, WHY}", "is multiplied by 2 from 2027/28 Q1"),
    ("{path: {2027/28: 1}, WHY}", "{to: 0, from: 2027/28, until: 2027/28, WHY}", "until the end of 2027/28 Q4"),
    ("{to: 1, from: 2027/28, WHY}", "{to: 1, from: 2027/28, phase: 1 year, WHY}", "phased in over 4 quarters"),
]


@pytest.mark.parametrize(("first", "second", "words"), CONFLICTS)
def test_policies_that_disagree_about_a_lever_are_reported_with_both_files(first, second, words):
    policy = stack([made(f"named: {first}", name="first"), made(f"named: {second}", name="second")])
    (sentence,) = policy.conflicts
    assert "'named': in first.yaml:4 it" in sentence and "in second.yaml:4 it" in sentence
    assert words in sentence and sentence.endswith("(second.yaml).")


def test_the_later_of_two_that_disagree_wins():
    one, two = (made(f"audit: {{to: {v}, from: 2027/28, WHY}}", name=str(v)) for v in (0.25, 0.75))
    assert one.stack(two).lever("audit")[20] == 0.75
    assert two.stack(one).lever("audit")[20] == 0.25


NO_CONFLICTS = [
    ("{to: 1, from: 2027/28, WHY}", "{to: 1, from: 2028/29, WHY}"),
    ("{to: 1, from: 2027/28, WHY}", "{to: on, from: 2027/28, WHY}"),
    ("{to: 1, from: 2027/28, until: 2027/28, WHY}", "{to: 0.5, from: 2028/29, WHY}"),
    ("{add: 0.1, from: 2027/28, until: 2027/28, WHY}", "{to: 0.5, from: 2028/29, WHY}"),
]


@pytest.mark.parametrize(("first", "second"), NO_CONFLICTS)
def test_policies_that_agree_or_do_not_meet_are_no_conflict(first, second):
    assert stack([made(f"named: {first}", name="a"), made(f"named: {second}", name="b")]).conflicts == ()


def write(folder, name, text):
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_what_two_parents_inherit_from_one_file_counts_once(tmp_path):
    write(tmp_path, "root.yaml", changes("peers: {add: 0.2, from: 2027/28, WHY}"))
    for name in ("left", "right"):
        write(tmp_path, f"{name}.yaml", HEAD + "extends: root.yaml\n")
    child = load_scenario(write(tmp_path, "child.yaml", HEAD + "extends: [left.yaml, right.yaml]\n"))
    assert child.lever("peers")[20] == pytest.approx(0.5)
    assert child.conflicts == ()


def two_that_disagree(folder):
    write(folder, "one.yaml", changes("audit: {to: 1, from: 2027/28, WHY}"))
    write(folder, "two.yaml", changes("audit: {to: 0.5, from: 2028/29, WHY}"))
    return HEAD + "extends: [one.yaml, two.yaml]\n"


@pytest.mark.parametrize(
    ("own", "left"),
    [
        ("", 1),
        (f"changes: {{audit: {{to: 0.8, from: 2027/28, {WHY}}}}}\n", 0),
        (f"changes: {{audit: {{to: 0.8, from: 2029/30, {WHY}}}}}\n", 1),
        (f"changes: {{audit: {{add: 0.1, from: 2027/28, {WHY}}}}}\n", 1),
        (f"changes: {{peers: {{to: 0.8, from: 2027/28, {WHY}}}}}\n", 1),
    ],
)
def test_only_setting_the_lever_throughout_the_overlap_settles_a_conflict(tmp_path, own, left):
    child = load_scenario(write(tmp_path, "child.yaml", two_that_disagree(tmp_path) + own))
    assert len(child.conflicts) == left


def test_a_conflict_is_inherited_until_someone_settles_it(tmp_path):
    write(tmp_path, "child.yaml", two_that_disagree(tmp_path))
    heir = load_scenario(write(tmp_path, "heir.yaml", HEAD + "extends: child.yaml\n"))
    assert len(heir.conflicts) == 1
    assert len(heir.stack("ringfence").conflicts) == 1
    assert heir.with_lever("audit", 1).conflicts == ()


def test_a_conflict_moves_with_the_policy(tmp_path):
    child = load_scenario(write(tmp_path, "child.yaml", two_that_disagree(tmp_path)))
    assert "They overlap from 2025/26 Q1" in child.starting("2024/25").conflicts[0]


def test_the_library_file_that_shows_how_to_settle_a_conflict_does():
    assert len(stack(["realistic-duty", "deficit-relief"]).conflicts) == 1
    assert load_scenario("duty-with-relief").conflicts == ()


def test_a_parent_is_found_beside_its_child_wherever_the_program_runs(tmp_path, monkeypatch):
    (tmp_path / "deep").mkdir()
    write(tmp_path, "up.yaml", changes("audit: {to: 1, from: 2027/28, WHY}"))
    write(tmp_path / "deep", "child.yaml", HEAD + "extends: ../up.yaml\n")
    monkeypatch.chdir(tmp_path)
    assert load_scenario("deep/child.yaml").lever("audit")[20] == 1


def test_stacking_nothing_is_an_error_and_one_is_itself():
    with pytest.raises(ValueError, match="nothing to stack"):
        stack([])
    assert stack(["ringfence"]) is load_scenario("ringfence")


def test_numbers_and_limits_of_all_parts_are_kept():
    both = load_scenario("both")
    assert both.interventions == (15, 25)
    for part in ("ringfence", "leadership"):
        assert load_scenario(part).cannot_say in both.cannot_say


def test_one_lever_can_be_set_by_hand_and_is_marked_as_an_assumption():
    policy = load_scenario("ringfence").with_lever("peers", 1, start="2028/29 Q2", because="to see")
    assert np.flatnonzero(policy.lever("peers") == 1)[0] == 25
    assert policy.changes[-1].assumption and policy.changes[-1].because == "to see"
    assert policy.differs_from(load_scenario("ringfence")) == ("peers",)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("peer", 1), "'peer' is not a lever; did you mean 'peers'"),
        (("pull_chief", 1), "is a parameter, not a lever"),
        (("peers", 1.2), "1.2 is above 1"),
        (("peers", float("nan")), "is not a number"),
        (("reorganise", 0.5), "is a switch"),
        (("peers", 1, 40), "quarter 40 is outside"),
        (("peers", 1, 20, " "), "because is empty"),
    ],
)
def test_a_bad_value_set_by_hand_is_a_scenario_error(arguments, words):
    with pytest.raises(ScenarioError, match=words):
        load_scenario("baseline").with_lever(*arguments)


def test_the_fingerprint_is_of_the_schedule_not_of_the_words():
    scenario = parse_scenario(changes("audit: {to: 1, from: 2027/28, WHY}"), "one")
    two = parse_scenario(
        changes("audit: {path: {2027/28: on}, because: c, evidence: [R07]}").replace("T", "U", 1), "two"
    )
    other = parse_scenario(changes("audit: {to: 1, from: 2027/28 Q2, WHY}"), "one")
    assert scenario.fingerprint == two.fingerprint != other.fingerprint
    assert len(scenario.fingerprint) == 16 and int(scenario.fingerprint, 16) >= 0


def test_the_same_file_read_twice_is_equal_and_can_be_a_key(tmp_path):
    path = write(tmp_path, "a.yaml", changes("audit: {to: 1, from: 2027/28, WHY}"))
    assert load_scenario(path) == load_scenario(path)
    assert len({load_scenario(path), load_scenario(path), load_scenario("both")}) == 2


def test_a_scenario_passes_through_unchanged():
    policy = load_scenario("both")
    assert isinstance(policy, Scenario) and load_scenario(policy) is policy


def test_words_of_users_are_escaped_in_a_notebook():
    bad = "<script>alert(1)</script>"
    text = changes(f"audit: {{to: 1, from: 2027/28, because: '{bad}', evidence: [E60]}}").replace(
        "T\n", f"'{bad}'\n", 1
    )
    html = parse_scenario(text)._repr_html_()
    assert bad not in html and html.count("&lt;script&gt;") == 2


def test_a_notebook_shows_conflicts_and_warnings():
    one = made("peers: {add: 0.9, from: 2027/28, WHY}")
    two = made("peers: {to: 0.9, from: 2027/28, WHY}", name="two")
    html = two.stack(one)._repr_html_()
    assert "They overlap" in html and "held at its bound" in html


@pytest.mark.parametrize("title", ["My policy", 'A "quoted": title #1', "naïve – £200m"])
def test_a_new_file_from_the_template_is_valid_as_it_stands(title):
    policy = parse_scenario(make_template(title), "new")
    assert policy.title == title and policy.start == 20 and policy.warnings == ()


def test_a_template_needs_a_title():
    with pytest.raises(ValueError, match="needs a title"):
        make_template(" ")


def test_the_evidence_of_a_scenario_is_listed_once():
    assert load_scenario("ringfence").evidence == ("E02", "E60", "E61", "F09", "F10", "F23")
    assert baseline_calendar()[0].evidence == ("E02",)
