"""`run` and `compare`: tables, JSON, CSV and files, and that they agree with the library."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from cli_runs import FEW, MISSPELT, bad, document, good, policy_file, ring

from simulator.declarations.outcomes import OUTCOMES
from simulator.reports.policy_comparison import compare
from simulator.runs.futures import draw_futures
from simulator.runs.results import load_results
from simulator.runs.run import run

pytestmark = pytest.mark.interface


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_run_shows_every_outcome_and_the_badge() -> None:
    text = good("run", "ringfence", *FEW)
    assert "fitted to 10 published findings" in " ".join(text.split()).lower()
    for outcome in OUTCOMES.values():
        assert outcome.label.split(",")[0] in text


def test_a_run_prints_the_numbers_of_the_library_in_full() -> None:
    answer = document("run", "ringfence", *FEW, "--years", "2027/28-2028/29")
    values = run("ringfence", 8).outcome("retained", "2027/28-2028/29")
    line = next(line for line in answer["outcomes"] if line["outcome"] == "retained")
    assert line["mean"] == pytest.approx(float(values.mean()), rel=1e-15)
    assert (line["first_year"], line["last_year"], line["defined_in"]) == ("2027/28", "2028/29", 8)
    assert answer["manifest"]["futures"] == 8
    assert answer["badge"] == answer["manifest"]["badge"]


def test_csv_holds_the_same_numbers_as_json() -> None:
    words = ("run", "both", *FEW, "--outcome", "retained", "--outcome", "raided")
    rows, lines = table(good(*words, "--csv")), document(*words)["outcomes"]
    assert [row["outcome"] for row in rows] == ["retained", "raided"]
    assert [float(row["mean"]) for row in rows] == [line["mean"] for line in lines]
    assert {row["seed"] for row in rows} == {"20240323"}


def test_year_by_year_gives_each_year_its_own_row() -> None:
    lines = document("run", "baseline", *FEW, "--by-year", "--outcome", "retained")["outcomes"]
    assert [line["year"] for line in lines][::7] == ["2022/23", "2029/30"]
    assert lines[2]["mean"] == pytest.approx(float(run("baseline", 8).each_year("retained")[:, 2].mean()))


def test_an_outcome_that_is_not_defined_in_a_year_is_null_and_not_zero() -> None:
    lines = document("run", "baseline", *FEW, "--by-year", "--outcome", "pilots_renewed")["outcomes"]
    assert (lines[0]["mean"], lines[0]["defined_in"]) == (None, 0)
    assert "–" in good("run", "baseline", *FEW, "--by-year", "--outcome", "pilots_renewed")


def test_a_parameter_that_is_set_changes_the_answer_and_is_recorded() -> None:
    held = document("run", "baseline", *FEW, "--source", "default", "--set", "slip=0.1", "--outcome", "planned")
    free = document("run", "baseline", *FEW, "--source", "default", "--outcome", "planned")
    assert held["settings"] == {"slip": 0.1}
    assert held["outcomes"] != free["outcomes"]


def test_every_bad_setting_is_told_at_once() -> None:
    message = bad("run", "baseline", "--set", "slop=1", "--set", "slip=99", "--set", "named=1", "--set", "x")
    for part in ("did you mean 'slip'", "slip = 99.0 is outside", "'named' is a lever", "write NAME=VALUE"):
        assert part in message


@pytest.mark.parametrize(
    ("words", "message"),
    [
        MISSPELT,
        (("--years", "2027"), "write it like"),
        (("--years", "2031/32"), "2022/23 to 2029/30"),
        (("--boards", "nowhere.csv"), "there is no such file"),
    ],
)
def test_a_bad_value_is_told_with_a_remedy(words: tuple[str, str], message: str) -> None:
    assert message in bad("run", "baseline", *FEW, *words)


def test_results_are_saved_whole_and_read_back(tmp_path: Path) -> None:
    file = tmp_path / "x.nc"
    result = ring("run", "leadership", *FEW, "--out", file)
    assert result.exit_code == 0
    assert f"wrote {file}" in result.stderr
    assert (load_results(file).outcome() == run("leadership", 8).outcome()).all()
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("ending", [".csv", ".json"])
def test_a_table_is_written_as_its_ending_says(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"x{ending}"
    printed = good("compare", "ringfence", *FEW, f"--{ending[1:]}", "--out", file)
    assert file.read_text(encoding="utf-8") == printed


def test_an_ending_that_cannot_be_written_is_refused_with_those_that_can(tmp_path: Path) -> None:
    assert ".nc, .csv or .json" in bad("run", "baseline", "--out", tmp_path / "x.parquet")
    assert ".csv or .json" in bad("compare", "--out", tmp_path / "x.nc")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_told_before_anything_runs(tmp_path: Path) -> None:
    assert "make it first" in bad("run", "baseline", "-n", "500000", "--out", tmp_path / "no" / "x.csv")
    assert "is a folder" in bad("run", "baseline", "--out", _folder(tmp_path / "x.csv"))


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


def test_a_failed_write_keeps_the_old_file_and_leaves_no_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "x.nc"
    file.write_text("old", encoding="utf-8")

    def full(part: Path) -> None:
        assert part.stat().st_size > 0
        raise OSError(28, "No space left on device", str(part))

    monkeypatch.setattr("simulator.common.atomic_files._flush", full)
    result = ring("run", "baseline", *FEW, "--out", file)
    assert result.exit_code == 1
    assert "cannot be written: the disk is full" in result.stderr
    assert [(p.name, p.read_text(encoding="utf-8")) for p in tmp_path.iterdir()] == [("x.nc", "old")]


def test_without_names_the_headline_three_are_compared_with_the_baseline() -> None:
    answer = document("compare", *FEW)
    assert [comparison["scenario"] for comparison in answer["comparisons"]] == ["ringfence", "leadership", "both"]
    assert answer["against"]["manifest"]["scenario"] == "baseline"
    assert answer["years"] == ["2027/28", "2029/30"]


def test_a_comparison_prints_the_numbers_of_the_library_in_full() -> None:
    answer: Any = document("compare", "ringfence", *FEW, "--against", "leadership", "--outcome", "spent")
    comparison = compare("ringfence", "leadership", 8, outcome="spent")
    [item] = answer["comparisons"]
    assert (item["mean"], item["difference"], item["likely"]) == (
        comparison.new_mean,
        comparison.difference,
        list(comparison.likely),
    )
    assert (item["sentence"], item["verdict"], item["better"]) == (
        comparison.sentence,
        comparison.verdict,
        comparison.better,
    )


def test_the_table_of_a_comparison_says_what_the_numbers_say() -> None:
    text = " ".join(good("compare", "ringfence", *FEW).split())
    comparison = compare("ringfence", "baseline", 8)
    heads = ("8 in 10", "results", "More futures", "could move it by")
    for words in (comparison.better_in, *comparison.verdict.split(), *heads):
        assert words in text
    assert comparison.sentence in text
    assert "fitted to 10 published findings" in " ".join(text.split()).lower()


def test_csv_of_a_comparison_has_a_row_for_each_policy() -> None:
    rows = table(good("compare", "leadership", "ringfence", *FEW, "--csv"))
    assert [row["scenario"] for row in rows] == ["leadership", "ringfence"]
    assert float(rows[0]["likely_low"]) < float(rows[0]["likely_high"])


def test_policies_can_be_moved_in_time() -> None:
    answer = document("compare", "ringfence", *FEW, "--from", "2024/25 Q1")
    assert answer["years"] == ["2024/25", "2029/30"]
    assert answer["comparisons"][0]["manifest"]["start"] == 8
    assert "like 2023/24 Q3" in bad("compare", "ringfence", "--from", "soon")


def test_a_policy_compared_with_itself_makes_no_difference() -> None:
    [item] = document("compare", "baseline", *FEW)["comparisons"]
    assert (item["difference"], item["verdict"]) == (0.0, "no difference")


def test_the_problems_of_all_scenarios_are_told_at_once(tmp_path: Path) -> None:
    file = policy_file(tmp_path / "mine.yaml", "7")
    message = bad("compare", "leadershp", str(file), "--against", "baselin")
    assert "did you mean 'leadership'?" in message
    assert "mine.yaml:5" in message
    assert "did you mean 'baseline'?" in message


def test_files_and_library_names_can_be_stacked_in_one_word(tmp_path: Path) -> None:
    file = policy_file(tmp_path / "mine.yaml", "0.9")
    result = ring("compare", f"aligned-targets+{file}", *FEW, "--json")
    assert result.exit_code == 0
    assert "conflict: 'alignment'" in result.stderr
    assert "mine.yaml" in result.stderr


def test_files_of_a_folder_with_a_plus_in_its_name_can_be_stacked(tmp_path: Path) -> None:
    folder = tmp_path / "plans + ideas"
    folder.mkdir()
    file = policy_file(folder / "mine.yaml", "0.9")
    alone = document("compare", str(file), *FEW)["comparisons"][0]
    assert document("compare", f"{file}+ringfence", *FEW)["comparisons"][0]["scenario"] == "mine+ringfence"
    assert document("compare", f"baseline+{file}", *FEW)["comparisons"][0]["difference"] == alone["difference"]
    assert document("attribute", f"{file}+ringfence", *FEW)["components"]
    message = bad("compare", f"{file}+ringfence", *FEW, "--out", str(file))
    assert "an input of this command" in message or "give --out another name" in message


@pytest.mark.parametrize(
    "question",
    [
        ("compare", "ringfence", "--years", "2025/26", *FEW),
        ("split", "ringfence", "--years", "2025/26", "--draws", "20"),
        ("equals", "leader_lift", "--to", "ringfence=1", "--from", "2029/30", "--years", "2027/28", "--draws", "20"),
    ],
)
def test_a_policy_that_begins_after_the_years_asked_about_is_remarked_on(question: tuple[str, ...]) -> None:
    errors_printed = ring(*question).stderr
    assert "the last year asked about, and changes nothing there" in errors_printed
    later = tuple("2029/30" if word in ("2025/26", "2027/28") else word for word in question)
    assert "asked about" not in ring(*later).stderr


def test_somebody_elses_boards_are_used(tmp_path: Path) -> None:
    file = tmp_path / "two.csv"
    file.write_text(
        "code,name,fund_m,weight_m,target_distance_pct,core20_pct,region\nA,Ay,3,900,1,20,N\nB,Bee,2,800,-1,30,N\n",
        encoding="utf-8",
    )
    answer = document("run", "baseline", *FEW, "--boards", file, "--outcome", "retained")
    assert answer["manifest"]["boards"] == "two.csv"
    assert "two.csv" in good("compare", "ringfence", *FEW, "--boards", file)


def test_futures_do_not_depend_on_how_many_are_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "x.nc"
    good("run", "baseline", "-n", "3", "--out", file)
    assert (load_results(file).outcome() == run("baseline", futures=draw_futures(8)).outcome()[:3]).all()


def one_board(folder: Path) -> Path:
    """A table of one board, which in most futures decides on no pilot."""
    path = folder / "one.csv"
    path.write_text(
        "code,name,fund_m,weight_m,target_distance_pct,core20_pct,region\nA1,Alpha,4,2000,1.2,20,North\n",
        encoding="utf-8",
    )
    return path


def test_futures_without_an_outcome_are_counted_wherever_it_is_told(tmp_path: Path) -> None:
    asked = ("--boards", one_board(tmp_path), "-n", "40", "--seed", "78", "--outcome", "pilots_renewed")
    [line] = document("run", "leadership", *asked)["outcomes"]
    assert 0 < line["defined_in"] < 40
    text = " ".join(good("run", "leadership", *asked).split())
    assert f"Pilots renewed: over the {line['defined_in']} of 40 futures in which it is defined." in text
    results = run("leadership", 40, seed=78, boards=one_board(tmp_path))
    assert results.summary().loc["pilots_renewed", "mean"] == pytest.approx(line["mean"], rel=1e-15)

    [comparison] = document("compare", "leadership", *asked)["comparisons"]
    counted = comparison["better"] + comparison["same"] + comparison["worse"]
    assert 0 < counted == 40 - comparison["undefined"] < 40
    [row] = table(good("compare", "leadership", *asked, "--csv"))
    assert (row["futures"], row["undefined"]) == ("40", str(comparison["undefined"]))
    text = " ".join(good("compare", "leadership", *asked).split())
    assert "40 futures of one.csv" in text
    assert f"In {comparison['undefined']} other futures “Pilots renewed” is not defined" in text


def test_one_thing_is_not_told_as_several(tmp_path: Path) -> None:
    assert "1 future of the 42" in " ".join(good("run", "baseline", "-n", "1", "--outcome", "retained").split())
    assert "1 future of the 42" in " ".join(good("compare", "ringfence", "-n", "1").split())
    assert "1 board in 1 region: North" in good("boards", "check", one_board(tmp_path))
    design = tmp_path / "design.yaml"
    design.write_text("kind: grid\nfactors: {ringfence: [1]}\noutcomes: retained\n", encoding="utf-8")
    text = " ".join(good("sweep", design, "--out", tmp_path / "table.csv").split())
    assert "1 point of a grid design over 1 factor, under" in text
    assert ": 1 row in" in text
