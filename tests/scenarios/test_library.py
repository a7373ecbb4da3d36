import json
import time
from pathlib import Path

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML
from scenario_texts import changes

from simulator.common.yaml_nodes import Problems, ScenarioError, read_fields
from simulator.declarations.calendar import parse_quarter
from simulator.declarations.levers import LEVERS, QUARTER_DTYPE
from simulator.scenarios import library as scenario_library
from simulator.scenarios import loader
from simulator.scenarios.library import find_library_folder
from simulator.scenarios.library_pages import make_schema_text, update_tables
from simulator.scenarios.scenario import baseline_calendar, library, load_scenario
from simulator.scenarios.schema import make_json_schema

pytestmark = pytest.mark.scenarios

# One value a year, or four for the quarters of a year in which the lever moves.
CALENDAR = {
    "ringfence": [1, 0, 0, 0, 0, 0, 0, 0],
    "waivable": [1] * 8,
    "waiver": [0, (0, 0, 1, 1), 0, 1, 1, 1, 1, 1],
    "recurrent": [0, 1, 1, 1, 1, 1, 1, 1],
    "forward_plan": [0, 1, 1, 1, 1, 1, 1, 1],
    "named": [1, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.25],
    "letter": [0, (0, 0, 1, 0.5), 0, 0, 0, 0, 0, 0],
    "finance_grip": [1, 1.2, 1.2, 1.3, 1.2, 1.2, 1.2, 1.2],
    "gap_mean": [-0.35, 0.72, 1.25, 1.25, 1.1, 1.0, 0.9, 0.8],
    "support": [0, 0, 1.1, 1.1, 0.8, 0.5, 0.25, 0],
    "support_conditional": [0, 0, 0, 1, 1, 1, 1, 1],
    "savings_ask": [5, 5.2, 6.1, 7.1, 6.5, 6, 5.5, 5],
    "capacity": [1, 0.95, 0.8, 0.7, 0.7, 0.7, 0.7, 0.7],
    "cut": [0, 0, 0, (0, 0, 1, 1), 1, 1, 1, 1],
    "upheaval": [0, 0, 0, (0, 1, 1, 1), (1, 0.5, 0.5, 0.5), (0.5, 0, 0, 0), 0, 0],
    "reorganise": [1] * 8,
}
THROUGHOUT = {"pot_scale": 1, "uplift": 0.025, "access": 0.5, "central_staff": 1, "peers": 0.3}


@pytest.mark.parametrize("name", LEVERS)
def test_the_baseline_is_the_published_calendar_and_silent_levers_keep_their_default(name):
    years = CALENDAR.get(name, [THROUGHOUT.get(name, 0)] * 8)
    expected = [v for year in years for v in (year if isinstance(year, tuple) else (year,) * 4)]
    assert load_scenario("baseline").lever(name).tolist() == expected


def test_the_baseline_calendar_gives_a_reason_and_evidence_for_every_dated_value():
    assert {change.lever for change in baseline_calendar()} == set(CALENDAR)
    assert all(change.because and change.evidence for change in baseline_calendar())
    assert load_scenario("baseline").changes == ()
    assert load_scenario("baseline").start is None


@pytest.mark.parametrize("name", library())
def test_every_library_file_loads_without_warning_or_conflict(name):
    policy = load_scenario(name)
    assert policy.name == name
    assert policy.warnings == () and policy.conflicts == ()
    assert policy.schedule.dtype == QUARTER_DTYPE and policy.schedule.shape == (32,)
    assert (policy.start is None) == (name == "baseline")


def test_each_of_the_45_interventions_has_a_file():
    assert {n for name in library() for n in load_scenario(name).interventions} == set(range(1, 46))


def test_every_lever_is_moved_by_the_calendar_or_by_some_library_file():
    base = load_scenario("baseline")
    moved = set(CALENDAR).union(*(load_scenario(name).differs_from(base) for name in library()))
    assert set(LEVERS) - moved == {"pot_scale"}


@pytest.mark.parametrize("name", library())
def test_policies_start_in_2027_and_only_counterfactual_histories_earlier(name):
    histories = {"ringfence-kept", "ringfence-kept-unwaived", "no-letter", "no-cut", "no-mergers"}
    start = load_scenario(name).start
    assert start is None or (start < parse_quarter("2027/28")) == (name in histories)


def test_policies_without_measured_size_say_so():
    unmeasured = ("oversight", "strategy", "gateway", "principles", "leader_lift", "finance_lift")
    found = [c for name in library() for c in load_scenario(name).changes if c.lever in unmeasured]
    assert len(found) > 10
    assert all(change.assumption for change in found)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ringfence", {"ringfence": 1, "waiver": 0}),
        ("leadership", {"leader_lift": 0.45, "finance_lift": 0.2}),
        ("both", {"ringfence": 1, "waiver": 0, "leader_lift": 0.45, "finance_lift": 0.2}),
        ("ringfence-label", {"ringfence": 1}),
        ("ringfence-audited", {"ringfence": 1, "audit": 1, "waivable": 0, "waiver": 0}),
    ],
)
def test_the_headline_policies_move_these_levers_from_2027_and_no_others(name, expected):
    policy, base = load_scenario(name), load_scenario("baseline")
    assert set(policy.differs_from(base)) == set(expected)
    for lever, value in expected.items():
        assert policy.lever(lever)[20:].tolist() == [value] * 12
        assert np.array_equal(policy.lever(lever)[:20], base.lever(lever)[:20])


def test_a_history_without_the_letter_changes_two_quarters_only():
    policy, base = load_scenario("no-letter"), load_scenario("baseline")
    assert policy.differs_from(base) == ("waiver", "letter")
    for lever in ("waiver", "letter"):
        assert np.flatnonzero(policy.lever(lever) != base.lever(lever)).tolist() == [6, 7]
        assert policy.lever(lever)[6:8].tolist() == [0, 0]


def test_the_schema_file_is_fresh():
    assert (find_library_folder() / "schema.json").read_text(encoding="utf-8") == make_schema_text()


def test_the_tables_of_the_readme_are_fresh():
    text = (find_library_folder() / "README.md").read_text(encoding="utf-8")
    assert update_tables(text) == text


def test_a_readme_without_a_place_for_a_table_is_refused():
    with pytest.raises(ValueError, match="no place for the table of library"):
        update_tables("# Scenarios\n")


def test_the_example_of_the_readme_works(tmp_path):
    text = (find_library_folder() / "README.md").read_text(encoding="utf-8")
    path = tmp_path / "audited.yaml"
    path.write_text(text.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    policy = load_scenario(path)
    assert policy.lever("audit")[20:].tolist() == [0.25, 0.5, 0.75, 1, 1, 1, 1, 1, 1, 1, 0, 0]
    assert policy.lever("peers")[23:25].tolist() == [0.3, 0.6]


@pytest.mark.parametrize("name", library())
def test_every_library_file_points_editors_to_the_schema_and_meets_it(name):
    text = library()[name].read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=schema.json\n")
    errors = list(Draft202012Validator(make_json_schema()).iter_errors(YAML(typ="safe", pure=True).load(text)))
    assert errors == []


WRONG = [
    "ringfense: {to: 1, from: 2027/28, WHY}",
    "ringfence: {to: 1.4, from: 2027/28, WHY}",
    "ringfence: {to: 1, from: 2037/28, WHY}",
    "ringfence: {to: 1, WHY}",
    "ringfence: {to: 1, add: 1, from: 2027/28, WHY}",
    "ringfence: {to: 1, from: 2027/28, evidence: [E60]}",
    "ringfence: {to: 1, from: 2027/28, because: b, evidence: [E999]}",
    "ringfence: {to: 1, from: 2027/28, because: b, evidence: []}",
    "ringfence: {to: 1, from: 2027/28, phase: 4, WHY}",
    "ringfence: {path: {2027/28: 1}, from: 2027/28, WHY}",
    "reorganise: {to: 0.5, from: 2027/28, WHY}",
    "reorganise: {add: 1, from: 2027/28, WHY}",
    "ringfence: []",
    "pull_chief: {to: 1, from: 2027/28, WHY}",
]


@pytest.mark.parametrize("line", WRONG)
def test_the_schema_rejects_what_the_program_rejects(line):
    data = YAML(typ="safe", pure=True).load(changes(line))
    assert not Draft202012Validator(make_json_schema()).is_valid(data)


def test_the_schema_is_a_valid_schema_and_describes_every_lever():
    Draft202012Validator.check_schema(make_json_schema())
    described = json.loads(make_schema_text())["properties"]["changes"]["properties"]
    assert set(described) == set(LEVERS)
    assert all(LEVERS[name].about.meaning in lever["description"] for name, lever in described.items())


def test_an_installed_package_finds_its_own_library(tmp_path, monkeypatch):
    package = tmp_path / "simulator"
    (package / "data" / "scenarios").mkdir(parents=True)
    (package / "data" / "scenarios" / "baseline.yaml").write_text("title: T\n", encoding="utf-8")
    monkeypatch.setattr(scenario_library, "files", lambda name: tmp_path / name)
    assert scenario_library.find_library_folder.__wrapped__() == package / "data" / "scenarios"


def test_an_installation_without_a_library_says_that_it_is_incomplete(tmp_path, monkeypatch):
    monkeypatch.setattr(scenario_library, "files", lambda name: tmp_path / name)
    with pytest.raises(FileNotFoundError, match="the installation is incomplete"):
        scenario_library.find_library_folder.__wrapped__()


def test_resolving_a_known_scenario_again_is_quick():
    load_scenario("both")
    start = time.perf_counter()
    load_scenario("ringfence+leadership")
    assert time.perf_counter() - start < 0.1


def test_both_parsers_read_every_scenario_of_the_library_alike() -> None:
    """Those that ship are read by the one in C; other people's by the one whose messages explain more."""
    for path in library().values():
        text, notes = path.read_text(encoding="utf-8"), Problems(path.name)
        assert read_fields(text, notes, shipped=True) == read_fields(text, notes) is not None, path.name
        assert not notes.problems


def test_a_fault_in_the_library_is_explained_as_in_any_other_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text("title: A\nquestion: What?\nchanges: {audit: *here}\n", encoding="utf-8")
    with pytest.raises(ScenarioError) as own:
        load_scenario(path)
    monkeypatch.setattr(loader, "library", lambda: {**library(), "broken": path})
    with pytest.raises(ScenarioError) as shipped:
        load_scenario(path)
    assert [p.message for p in shipped.value.problems] == [p.message for p in own.value.problems] != []
