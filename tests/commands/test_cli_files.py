"""`scenarios`, `boards`, `reference`, `why` and `report`."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from cli_runs import bad, document, good, policy_file, ring

from simulator import compare
from simulator.boards.table import read_boards
from simulator.calibration.likelihood import list_factors
from simulator.common.spreadsheet import make_cell_safe
from simulator.declarations.evidence import load_register
from simulator.declarations.levers import LEVERS
from simulator.declarations.outcomes import OUTCOMES
from simulator.declarations.parameters import PARAMETERS
from simulator.replays.targets import read_patterns, read_targets
from simulator.reports.reference_tables import TABLES, make_table, render_markdown
from simulator.scenarios.scenario import library, load_scenario, parse_scenario

pytestmark = [pytest.mark.interface, pytest.mark.usefixtures("scored_once")]

HEAD = "code,name,fund_m,weight_m,target_distance_pct,core20_pct,region\n"


def test_the_list_names_every_scenario_with_its_start() -> None:
    items_by_name = {item["name"]: item for item in document("scenarios", "list")["scenarios"]}
    assert list(items_by_name) == list(library())
    assert (items_by_name["ringfence"]["start"], items_by_name["ringfence"]["interventions"]) == ("2027/28 Q1", [15])
    text = good("scenarios", "list")
    assert all(name in text for name in library())


def test_showing_a_scenario_gives_values_reasons_and_sources() -> None:
    text = " ".join(good("scenarios", "show", "ringfence").split())
    assert "waiver 0 0 0 baseline 1 1 1" in text
    assert "because: Some leads would still have liked a ring-fence" in text
    assert "E61: " in text
    assert "The model cannot say:" in text


def test_showing_the_baseline_gives_its_calendar() -> None:
    assert "0, Q3: 1" in good("scenarios", "show", "baseline")


def test_a_scenario_printed_as_a_file_reads_back_the_same() -> None:
    text = good("scenarios", "show", "ringfence+leadership", "--yaml")
    assert parse_scenario(text).fingerprint == load_scenario("both").fingerprint


def test_a_scenario_as_json_holds_every_quarter() -> None:
    answer = document("scenarios", "show", "leadership")
    assert answer["levers"]["leader_lift"]["values"] == load_scenario("leadership").lever("leader_lift").tolist()
    assert [change["lever"] for change in answer["changes"]] == ["leader_lift", "finance_lift"]


def test_checking_reports_every_problem_of_every_file(tmp_path: Path) -> None:
    one = policy_file(tmp_path / "one.yaml", "7")
    two = policy_file(tmp_path / "two.yaml", "0.5", lever="alignmnt")
    right = policy_file(tmp_path / "right.yaml", "0.5")
    result = ring("scenarios", "check", one, right, two, tmp_path / "rihgt.yaml")
    assert result.exit_code == 1
    assert "right.yaml: ok; it changes alignment from 2027/28 Q1" in result.stdout
    for part in ("one.yaml:5", "did you mean 'alignment'?", "there is no file", "did you mean 'right.yaml'?"):
        assert part in result.stderr


def test_checking_tells_conflicts_but_passes() -> None:
    result = ring("scenarios", "check", "aligned-targets+fewer-targets")
    assert result.exit_code == 0
    assert "conflict: 'alignment'" in result.stderr


def test_a_file_titled_like_a_policy_of_the_library_is_said_to_be_another(tmp_path: Path) -> None:
    file = policy_file(tmp_path / "mine.yaml", "0.5")
    text = re.sub(r"title: .*", "title: Stronger  leadership!", file.read_text(encoding="utf-8"))
    file.write_text(text, encoding="utf-8")
    told = f"“{load_scenario(file).title}” is a scenario file of somebody’s own: from 2027/28 "
    assert told in ring("scenarios", "check", file).stderr and told in compare(file, n=20).assumes
    assert "of somebody’s own" not in ring("scenarios", "check", "leadership").stderr


def test_a_new_scenario_is_valid_and_never_overwrites(tmp_path: Path) -> None:
    file = tmp_path / "my-policy.yaml"
    good("scenarios", "new", "My policy", "--out", file)
    assert load_scenario(file).title == "My policy"
    file.write_text("mine", encoding="utf-8")
    assert "--force" in bad("scenarios", "new", "My policy", "--out", file)
    assert file.read_text(encoding="utf-8") == "mine"
    good("scenarios", "new", "My policy", "--out", file, "--force")
    assert load_scenario(file).title == "My policy"
    assert list(tmp_path.iterdir()) == [file]


def test_a_new_scenario_is_named_after_its_title(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    good("scenarios", "new", "Fence: now!")
    assert [p.name for p in tmp_path.iterdir()] == ["fence-now.yaml"]
    assert "built-in" in bad("scenarios", "new", "ringfence")
    assert "make it first" in bad("scenarios", "new", "x", "--out", "no/x.yaml")
    assert "must be .yaml" in bad("scenarios", "new", "x", "--out", "x.txt")


def test_the_schema_is_json() -> None:
    assert json.loads(good("scenarios", "schema"))["title"] == "Ringfence scenario"


def test_checking_boards_lists_all_problems(tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(f"{HEAD}A,Ay,$3,1,0,20,N\nB,,2,0,0,120,N\n", encoding="utf-8")
    message = bad("boards", "check", file)
    assert message.count("error: bad.csv:line") == 4
    result = ring("boards", "check", file, "--json")
    answer = json.loads(result.stdout)
    assert (result.exit_code, answer["ok"]) == (1, False)
    assert [(p["line"], p["column"]) for p in answer["problems"]] == [
        (2, "fund_m"),
        (3, "name"),
        (3, "weight_m"),
        (3, "core20_pct"),
    ]


def test_odd_boards_are_remarked_on_wherever_a_command_reads_them(tmp_path: Path) -> None:
    file = tmp_path / "totals.csv"
    file.write_text(f"{HEAD}A,Ay,3,900,1,20,N\nB,Bee,2,800,-1,30,S\nC,Cee,5,1700,0,25,W\n", encoding="utf-8")
    text = "totals.csv:line 4: is the sum of all other rows: a row of totals?"
    assert "can be used, with 1 remark; 3 boards in 3 regions: N, S, W" in good("boards", "check", file)
    assert text in good("boards", "check", file)
    assert text in json.loads(good("boards", "check", file, "--json"))["remarks"][0]
    for command in (("compare", "ringfence"), ("run", "ringfence"), ("boards", "list")):
        numbers = () if command[0] == "boards" else ("-n", "2")
        assert f"remark: {text}" in ring(*command, "--boards", file, *numbers).stderr, command
    why = ring("why", "ringfence", "--run", "0", "--board", "A", "--year", "2027/28", "--boards", file)
    assert f"remark: {text}" in why.stderr


def test_a_board_formed_by_a_merger_is_explained_with_the_year_it_exists_from() -> None:
    text = good("why", "ringfence", "--run", "3", "--board", "NHS Essex ICB", "--year", "2027/28")
    assert "NHS Mid and South Essex ICB (QH8), 2027/28" in text
    assert "NHS Essex ICB exists from April 2026 (2026/27 Q1), formed from: Mid and South Essex;" in text


def test_checking_good_boards_says_what_was_read(tmp_path: Path) -> None:
    file = tmp_path / "two.csv"
    file.write_text(f"{HEAD}A,Ay,3,900,1,20,N\nB,Bee,2,800,-1,30,S\n", encoding="utf-8")
    text = good("boards", "check", file)
    assert "2 boards in 2 regions: N, S" in text
    assert "fund £5.000m" in text
    answer = document("boards", "check", file)
    assert (answer["ok"], answer["fund_m"], answer["without_population"]) == (True, 5.0, 2)


def test_the_boards_are_listed_with_their_funds() -> None:
    rows = document("boards", "list")["boards"]
    assert [row["code"] for row in rows] == list(read_boards().codes)
    assert sum(row["fund_m"] for row in rows) == pytest.approx(float(read_boards().areas["alloc"].sum()))
    assert len(list(csv.DictReader(io.StringIO(good("boards", "list", "--csv"))))) == 42


@pytest.mark.parametrize("name", TABLES)
def test_a_reference_table_says_the_same_in_every_form(name: str) -> None:
    rows = make_table(name)
    assert document("reference", name)[name] == rows
    safe_rows = [{head: make_cell_safe(cell) for head, cell in row.items()} for row in rows]
    assert list(csv.DictReader(io.StringIO(good("reference", name, "--csv"), newline=""))) == safe_rows
    assert good("reference", name, "--markdown") == render_markdown(name)
    assert next(iter(rows[-1].values())) in good("reference", name)


def test_reference_tables_hold_everything_declared() -> None:
    checks = [f"{p.id}.{c.name}" for p in read_patterns().values() for c in p.checks]
    wanted = {
        "parameters": PARAMETERS,
        "levers": LEVERS,
        "outcomes": OUTCOMES,
        "evidence": load_register(),
        "scenarios": library(),
        "targets": [*read_targets(), *checks],
        "identified": [f.name for f in list_factors()],
    }
    assert list(wanted) == list(TABLES)
    for name, declared in wanted.items():
        assert [next(iter(row.values())) for row in make_table(name)] == list(declared)


def test_priors_are_told_in_words() -> None:
    priors = {row["prior"] for row in make_table("parameters")}
    assert "" in priors
    assert any(text.startswith("normal: mean ") for text in priors)


def test_markdown_tables_have_as_many_cells_in_every_line() -> None:
    for name in TABLES:
        lines = render_markdown(name).splitlines()
        assert len({line.replace("\\|", "").count("|") for line in lines}) == 1
        assert len(lines) == len(make_table(name)) + 2


def test_an_unknown_table_is_told_with_those_there_are() -> None:
    with pytest.raises(LookupError, match="did you mean 'levers'"):
        make_table("lever")


def test_a_board_explains_a_year() -> None:
    words = ("why", "ringfence", "--run", "17", "--board", "QWE", "--against", "baseline")
    text = good(*words, "--year", "2027/28")
    assert "NHS South West London ICB" in text
    assert "fitted to 10 published findings" in " ".join(text.split()).lower()
    answer = document(*words, "--quarter", "2027/28 Q1")
    assert (answer["board"], answer["run"], answer["seed"]) == ("QWE", 17, 20240323)


def test_an_unknown_board_is_told_with_the_nearest() -> None:
    assert "did you mean" in bad("why", "ringfence", "--run", "1", "--board", "South West Londn")
    assert "not both" in bad(
        "why", "both", "--run", "1", "--board", "QWE", "--year", "2023/24", "--quarter", "2023/24 Q3", code=2
    )


def test_a_report_is_written_and_its_headline_printed(tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    text = good("report", "ringfence", "--out", file, "-n", "20")
    lines = [line for line in text.splitlines() if line.startswith("20 futures are too few for a verdict")]
    assert len(lines) == 1
    assert str(file) in text.replace("\n", "")
    assert file.read_text(encoding="utf-8").lstrip().lower().startswith("<!doctype html")
    assert list(tmp_path.iterdir()) == [file]
    assert "must be .html or .htm" in bad("report", "--out", tmp_path / "x.pdf")
