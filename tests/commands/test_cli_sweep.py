"""`ringfence sweep`: a design in a file becomes a table, row by row what the model gives; mistakes are told at once."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cli_runs import bad, document, good, policy_file, ring

from simulator.experiments.core.design import Design, DesignKind
from simulator.experiments.core.model_protocol import Factor, Outcomes, Points, Seeds
from simulator.scenarios.scenario import ScenarioError, load_scenario, stack
from simulator.studies.model_function import ModelFunction
from simulator.sweeps.design_file import MOST_STRATA, read_design_file
from simulator.sweeps.run_table import run_tables, write_csv
from simulator.sweeps.store import Store

pytestmark = pytest.mark.interface

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "design.yaml"
SMALL = "kind: random\npoints: 6\nruns: 2\nfactors:\n  plan_base: prior\n  ringfence: [0, 1]\n"


@pytest.fixture
def design(tmp_path: Path) -> Path:
    return written(tmp_path, f"scenario: ringfence\noutcomes: [retained, raided]\nyears: 2028/29\n{SMALL}")


def written(folder: Path, text: str) -> Path:
    path = folder / "design.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(folder: Path, text: str) -> str:
    with pytest.raises(ScenarioError) as failure:
        read_design_file(written(folder, text))
    return str(failure.value)


def test_each_row_is_a_run_of_the_model_at_its_point_and_luck(design: Path, tmp_path: Path) -> None:
    good("sweep", design, "--out", tmp_path / "t.csv")
    table = pd.read_csv(tmp_path / "t.csv")
    model = ModelFunction(load_scenario("ringfence"), ("retained", "raided"), years="2028/29")
    points = {name: table[name].to_numpy(np.float64) for name in ("plan_base", "ringfence")}
    again = model(points, table["seed"].to_numpy())
    assert table["row"].tolist() == list(range(12))
    assert table["point"].tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert (table["retained"] == again["retained"]).all()
    assert (table["raided"] == again["raided"]).all()
    assert table["failed"].isna().all()


def test_parquet_and_a_folder_hold_the_same_table_as_csv(design: Path, tmp_path: Path) -> None:
    for name in ("t.csv", "t.parquet", "folder"):
        good("sweep", design, "--out", tmp_path / name, "--chunk", "5")
    table = pd.read_csv(tmp_path / "t.csv")
    for other in (pd.read_parquet(tmp_path / "t.parquet"), pd.read_parquet(tmp_path / "folder")):
        pd.testing.assert_frame_equal(table.drop(columns="failed"), other.drop(columns="failed"))
        assert set(other["failed"]) == {""}
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"design.yaml", "folder", "t.csv", "t.csv.json", "t.parquet", "t.parquet.json"}


def test_the_example_runs_and_its_file_says_how_it_was_made(tmp_path: Path) -> None:
    answer = document("sweep", EXAMPLE, "--out", tmp_path / "t.csv")
    beside = json.loads((tmp_path / "t.csv.json").read_text(encoding="utf-8"))
    assert (answer["rows"], answer["failed"], answer["kind"]) == (256, 0, "sobol")
    assert beside.pop("design_file") == EXAMPLE.read_text(encoding="utf-8")
    assert beside == answer
    assert answer["outcomes"][0]["lowest"] < answer["outcomes"][0]["mean"] < answer["outcomes"][0]["highest"]


def test_a_row_without_a_fund_is_a_row_that_says_why(tmp_path: Path) -> None:
    text = "kind: grid\noutcomes: [retained, core20]\nfactors:\n  pot_scale: [0, 1]\n  core20: [0, 1]\n"
    output = good("sweep", written(tmp_path, text), "--out", tmp_path / "t.csv")
    table = pd.read_csv(tmp_path / "t.csv")
    assert table["retained"].isna().tolist() == [True, True, False, False]
    assert table["failed"].str.contains("not defined: retained, core20").fillna(False).tolist() == [
        True,
        True,
        False,
        False,
    ]
    assert table["core20"].tolist() == [0, 1, 0, 1]
    assert table["outcome_core20"][3] > table["outcome_core20"][2] > 0
    assert "2 failed: not defined" in output


def test_one_point_that_breaks_the_model_costs_one_row(tmp_path: Path) -> None:
    def breaks(points: Points, seeds: Seeds) -> Outcomes:
        if (points["x"] > 0.9).any():
            raise RuntimeError("pounds are not conserved")
        return {"y": points["x"] * 2}

    plan = Design(DesignKind.RANDOM, (Factor("x", 0, 1, 0.5),), 40, seed=3)
    (ran,) = run_tables(breaks, plan, ["y"])
    over = ran.table.points["x"] > 0.9
    assert 0 < over.sum() < 40
    assert [bool(why) for why in ran.failed] == over.tolist()
    assert set(ran.failed) == {"", "pounds are not conserved"}
    assert (ran.table.outcomes["y"][~over] == 2 * ran.table.points["x"][~over]).all()


def test_tables_in_chunks_of_any_size_make_the_same_file_and_one_is_held_at_a_time(tmp_path: Path) -> None:
    largest = []

    def toy(points: Points, seeds: Seeds) -> Outcomes:
        largest.append(len(seeds))
        return {"y": points["x"] + seeds % 7}

    plan = Design(DesignKind.SOBOL, (Factor("x", 0, 1, 0.5),), 64, runs=3, seed=3)
    for name, chunk in (("a.csv", 192), ("b.csv", 17)):
        write_csv(tmp_path / name, run_tables(toy, plan, ["y"], chunk=chunk), plan.runs)
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    assert max(largest[1:]) == 17


def stop_after(chunks: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Ctrl-C be pressed when so many chunks are kept."""
    keep = Store.write

    def write(self: Store, chunk: int, data: bytes) -> None:
        keep(self, chunk, data)
        if chunk + 1 == chunks:
            raise KeyboardInterrupt

    monkeypatch.setattr(Store, "write", write)


@pytest.mark.parametrize("name", ["t.csv", "folder"])
def test_a_sweep_that_is_stopped_keeps_what_is_done_and_says_how_to_go_on(
    design: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    out, whole = tmp_path / name, document("sweep", design, "--out", tmp_path / "whole")
    with monkeypatch.context() as patch:
        stop_after(2, patch)
        message = bad("sweep", design, "--out", out, "--chunk", "5", "--log", tmp_path / "log.txt", code=130)
    command = shlex.join(["ringfence", "sweep", str(design), "--out", str(out), "--resume"])
    assert f"stopped: 2 of 3 chunks are kept; go on with: {command}" in message
    assert not (tmp_path / "t.csv").exists()
    assert "add --resume to go on" in bad("sweep", design, "--out", out)
    answer = document("sweep", design, "--out", out, "--resume")
    assert answer["table_sha256"] == whole["table_sha256"]
    assert [answer["chunks"], len(answer["sessions"])] == [3, 2]
    assert "5 of 12 rows are done" in (tmp_path / "log.txt").read_text(encoding="utf-8")
    assert document("sweep", design, "--out", out, "--resume") == answer
    assert not (tmp_path / "t.csv.parts").exists()


def test_processes_give_the_same_table(design: Path, tmp_path: Path) -> None:
    answer = document("sweep", design, "--out", tmp_path / "one")
    two = document("sweep", design, "--out", tmp_path / "two", "--on", "processes:2", "--chunk", "4")
    assert answer["table_sha256"] == two["table_sha256"]
    assert two["sessions"][0]["place"] == "in 2 processes"


@pytest.mark.skipif(sys.platform == "win32", reason="no signal asks one process to stop")
def test_a_queue_that_ends_a_job_stops_it_as_a_person_would(tmp_path: Path) -> None:
    design = written(tmp_path, SMALL.replace("points: 6", "points: 20_000".replace("_", "")))
    words = ["sweep", str(design), "--out", str(tmp_path / "s"), "--chunk", "100", "--on", "processes:1"]
    running = subprocess.Popen([sys.executable, "-m", "simulator", *words], stderr=subprocess.PIPE, text=True)
    while running.poll() is None and not list(tmp_path.glob("s/part-*")):
        time.sleep(0.02)
    running.terminate()
    assert "chunks are kept; go on with: ringfence sweep" in running.communicate(timeout=120)[1]
    assert running.returncode == 130


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGHUP")
@pytest.mark.parametrize("ignored", [True, False])
def test_a_closed_terminal_stops_a_sweep_unless_it_was_started_with_nohup(tmp_path: Path, ignored: bool) -> None:
    design = written(tmp_path, SMALL.replace("points: 6", "points: 200000"))
    words = ["sweep", str(design), "--out", str(tmp_path / "s"), "--chunk", "100"]
    begin = [sys.executable, "-m", "simulator", *words]
    how = "SIG_IGN" if ignored else "SIG_DFL"  # whoever runs the tests may have it ignored
    set_up = f"import os, signal, sys; signal.signal(signal.SIGHUP, signal.{how}); os.execv(sys.argv[1], sys.argv[1:])"
    running = subprocess.Popen([sys.executable, "-c", set_up, *begin], stderr=subprocess.PIPE, text=True)
    chunks_come(running, tmp_path, 1)
    running.send_signal(signal.SIGHUP)
    if ignored:
        chunks_come(running, tmp_path, len(list(tmp_path.glob("s/part-*"))) + 2)
        assert running.poll() is None
        running.terminate()
    assert "chunks are kept; go on with: ringfence sweep" in running.communicate(timeout=120)[1]
    assert running.returncode == 130


def chunks_come(running: subprocess.Popen[str], folder: Path, many: int) -> None:
    """Wait until so many chunks are there, or the sweep has ended."""
    while running.poll() is None and len(list(folder.glob("s/part-*"))) < many:
        time.sleep(0.02)


def test_another_design_or_place_is_refused_before_anything_is_run(design: Path, tmp_path: Path) -> None:
    out = tmp_path / "s"
    good("sweep", design, "--out", out)
    other = written(tmp_path, design.read_text(encoding="utf-8").replace("runs: 2", "runs: 3"))
    assert "design.runs: 2 in the store, 3 now" in bad("sweep", other, "--out", out, "--resume")
    assert "'mars' is not an executor" in bad("sweep", other, "--out", tmp_path / "new", "--on", "mars")
    assert not (tmp_path / "new").exists()


def test_every_mistake_in_a_design_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    text = """scenario: rinfence
outcomes: [retaned, spent]
years: 2099
from: 2027/28 Q9
kind: sobol
points: 100
colour: red
factors:
  pull_presure: prior
  ringfence: [0, 2]
  gap_mean:
    low: 3
    high: x
  gap_mean: prior
"""
    message = bad("sweep", written(tmp_path, text), "--out", tmp_path / "t.csv")
    for line, words in (
        (1, "scenario: there is no scenario 'rinfence'; did you mean 'ringfence'?"),
        (2, "outcomes: 'retaned' is not an outcome; did you mean 'retained'?"),
        (3, "years: '2099' is not a span of years"),
        (4, "from: '2027/28 Q9' is not a quarter"),
        (6, "points: 100 is not a power of two, which sobol needs: take 64 or 128"),
        (7, "colour: is not a known key"),
        (9, "factors.pull_presure: is not a factor; did you mean 'pull_pressure'?"),
        (10, "factors.ringfence: 2 is outside 0 to 1"),
        (13, "factors.gap_mean.high: 'x' is not a number"),
        (14, "factors.gap_mean: is written twice (first on line 11)"),
    ):
        assert f"design.yaml:{line}: {words}" in message
    assert not (tmp_path / "t.csv").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1: is empty; a design needs at least kind and factors"),
        ("- a\n", "1: is not a design"),
        ("kind: grid\n", "1: factors: name at least one factor"),
        ("points: 4\nfactors: {plan_base: prior}\n", "1: kind: is missing"),
        (f"{SMALL}  reorganise: {{low: 0, high: 1}}\n", "7: factors.reorganise: is a switch"),
        (f"{SMALL}  raid_first: [0, 0.5]\n", "7: factors.raid_first: is a switch"),
        (f"outcomes: []\n{SMALL}", "1: outcomes: is an empty list"),
        (f"outcomes: [spent, spent]\n{SMALL}", "1: outcomes: names 'spent' twice"),
        (f"scenario: [ringfence]\n{SMALL}", "1: scenario: must be the name"),
        (f"from: 2040/41 Q1\n{SMALL}", "1: from: is outside"),
        (f"years: 2040/41\n{SMALL}", "1: years: holds none"),
        (f"kind: latin\npoints: {MOST_STRATA + 1}\nfactors: {{plan_base: prior}}\n", "2: points: are too many"),
        ("kind: grid\nfactors: {plan_base: prior}\n", "2: factors: a grid needs levels for plan_base"),
        ("kind: &a grid\n", "uses '&'"),
    ],
)
def test_a_mistake_has_its_own_message(tmp_path: Path, text: str, message: str) -> None:
    assert f"design.yaml:{message}" in problems(tmp_path, text) or message in problems(tmp_path, text)


def test_a_scenario_file_is_looked_for_beside_the_design(tmp_path: Path) -> None:
    policy_file(tmp_path / "mine.yaml", "0.5")
    design_file = read_design_file(written(tmp_path, f"scenario: ringfence+mine.yaml\n{SMALL}"))
    assert design_file.simulate.policy.lever("alignment")[20] == 0.5
    assert design_file.simulate.outcomes == ("planned", "retained", "spent", "front", "additional")
    policy_file(tmp_path / "mine.yaml", "7")
    assert "mine.yaml:" in problems(tmp_path, f"scenario: mine.yaml\n{SMALL}")


def test_a_file_that_cannot_be_written_is_refused_first(design: Path, tmp_path: Path) -> None:
    assert "the ending must be .csv or .parquet" in bad("sweep", design, "--out", tmp_path / "t.xlsx")
    assert "there is no folder" in bad("sweep", design, "--out", tmp_path / "none" / "t.csv")
    assert "is not a file" in bad("sweep", tmp_path / "none.yaml", "--out", tmp_path / "t.csv")
    assert "there is no folder" in bad("sweep", design, "--out", tmp_path / "none" / "store")
    (tmp_path / "taken").write_text("", encoding="utf-8")
    assert "is a file; give a folder" in bad("sweep", design, "--out", tmp_path / "taken")


@pytest.mark.parametrize("name", ["t.csv", "t.parquet"])
def test_a_single_file_is_called_whole_only_if_it_is_the_one_that_was_written(
    design: Path, tmp_path: Path, name: str
) -> None:
    out = tmp_path / name
    answer = document("sweep", design, "--out", out)
    assert document("sweep", design, "--out", out, "--resume") == answer
    whole = out.read_bytes()
    for changed in (whole[:200] + bytes([whole[200] ^ 1]) + whole[201:], whole[:-9], b""):
        out.write_bytes(changed)
        message = bad("sweep", design, "--out", out, "--resume")
        assert f"{out} was changed since it was made" in message and "leave out --resume" in message
        assert out.read_bytes() == changed
    assert document("sweep", design, "--out", out)["table_sha256"] == answer["table_sha256"]
    assert out.read_bytes() == whole


def test_a_single_file_of_another_design_is_not_taken_for_an_answer(design: Path, tmp_path: Path) -> None:
    out = tmp_path / "t.csv"
    good("sweep", design, "--out", out)
    text = design.read_text(encoding="utf-8")
    other = written(tmp_path, text.replace("runs: 2", "runs: 3"))
    message = bad("sweep", other, "--out", out, "--resume")
    assert "is the table of another sweep:" in message and "design.runs: 2 in the store, 3 now" in message
    about = json.loads((tmp_path / "t.csv.json").read_text(encoding="utf-8"))
    for later in ("sweep", "made_by", "file_sha256"):
        del about[later]
    (tmp_path / "t.csv.json").write_text(json.dumps(about), encoding="utf-8")
    assert "its design or its scenario differs" in bad("sweep", other, "--out", out, "--resume")

    again = document("sweep", written(tmp_path, text), "--out", out, "--resume")
    assert again == {name: value for name, value in about.items() if name != "design_file"}


def test_a_sweep_that_is_to_replace_a_file_is_gone_on_with_although_the_old_file_is_there(
    design: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "t.csv"
    good("sweep", design, "--out", out)
    other = written(tmp_path, design.read_text(encoding="utf-8").replace("runs: 2", "runs: 3"))
    with monkeypatch.context() as patch:
        stop_after(2, patch)
        bad("sweep", other, "--out", out, "--chunk", "5", code=130)
    answer = document("sweep", other, "--out", out, "--resume")
    assert (answer["rows"], len(pd.read_csv(out)), len(answer["sessions"])) == (18, 18, 2)


def test_chunks_that_were_left_when_their_removal_was_stopped_are_removed_and_not_run_again(
    design: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, parts = tmp_path / "t.csv", tmp_path / "t.csv.parts"
    with monkeypatch.context() as patch:
        patch.setattr("simulator.sweeps.store.remove_store", lambda folder: (folder / "part-0000001.parquet").unlink())
        answer = document("sweep", design, "--out", out, "--chunk", "5")
    assert {path.name for path in parts.glob("part-*")} == {"part-0000000.parquet", "part-0000002.parquet"}
    before = out.stat().st_mtime_ns
    for _ in range(2):
        assert document("sweep", design, "--out", out, "--resume") == answer
        assert not parts.exists()
        assert out.stat().st_mtime_ns == before
        parts.mkdir()  # as it is when the last step alone is missing
        (parts / "_lock").touch()


@pytest.mark.parametrize(
    "text",
    ["", "null", "[]", "{}", "3", '"a"', "NaN", "[" * 100_000, "1" * 10_000, '{"outcomes": 3}', "\udc80", '"\\ud800"'],
)
def test_an_account_of_a_file_that_is_none_is_refused_in_a_sentence(design: Path, tmp_path: Path, text: str) -> None:
    out = tmp_path / "t.csv"
    good("sweep", design, "--out", out)
    (tmp_path / "t.csv.json").write_bytes(text.encode(errors="surrogateescape"))
    message = bad("sweep", design, "--out", out, "--resume")
    assert f"{out}.json is not the account of how {out} was made" in message and "leave out --resume" in message


@pytest.mark.skipif(sys.platform == "win32", reason="has no pipes in folders, and links only for some users")
@pytest.mark.parametrize("kind", ["folder", "pipe", "link", "device"])
@pytest.mark.parametrize("place", ["t.csv", "t.csv.json", "t.csv.parts", "s/_summary.json", "s"])
def test_whatever_has_the_place_of_a_file_of_the_command_it_is_told_and_nothing_is_written_through_it(
    design: Path, tmp_path: Path, place: str, kind: str
) -> None:
    out, path = tmp_path / ("t.csv" if place.startswith("t") else "s"), tmp_path / place
    precious = tmp_path / "precious"
    precious.write_text("mine", encoding="utf-8")
    good("sweep", design, "--out", out)
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    if kind == "folder":
        (path / "thesis").mkdir(parents=True)
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(precious if kind == "link" else Path("/dev/zero"))
    runs = [ring("sweep", design, "--out", out, *more) for more in ((), ("--resume",))]
    for done in runs:
        assert done.exit_code in (0, 1), done.output
        assert "Errno" not in done.output and "Traceback" not in done.output
        assert done.exit_code == 0 or place.split("/")[0] in done.output
    if place != "t.csv":  # a link to somebody's file is followed where a single file is asked for by its name
        assert precious.read_text(encoding="utf-8") == "mine"


def test_a_log_that_cannot_be_written_is_told_before_the_sweep_begins(design: Path, tmp_path: Path) -> None:
    text = design.read_text(encoding="utf-8")
    (tmp_path / "folder").mkdir()
    for log, message in (
        (tmp_path / "none" / "log.txt", "cannot be written"),
        (tmp_path / "folder", "cannot be written"),
        (design, "is an input of this command"),
        (tmp_path / "t.csv", "is two files to be written"),
        (tmp_path / "t.csv.json", "is the file of --out"),
    ):
        assert message in bad("sweep", design, "--out", tmp_path / "t.csv", "--log", log)
    assert design.read_text(encoding="utf-8") == text
    assert not (tmp_path / "t.csv.parts").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="has no pipes in folders")
def test_a_log_that_is_a_pipe_which_nobody_reads_holds_up_no_sweep(design: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "log")
    good("sweep", design, "--out", tmp_path / "t.csv", "--log", tmp_path / "log")
    assert (tmp_path / "t.csv").stat().st_size > 0


def test_a_file_that_no_sweep_is_known_to_have_made_is_not_replaced_when_going_on(design: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious.csv"
    precious.write_text("mine\n", encoding="utf-8")
    message = bad("sweep", design, "--out", precious, "--resume")
    assert "nothing says that this sweep made it" in message
    assert "leave out --resume" in message
    assert precious.read_text(encoding="utf-8") == "mine\n"


def test_a_design_in_any_folder_names_files_beside_it(tmp_path: Path) -> None:
    folder = tmp_path / "a+b"
    folder.mkdir()
    one, two = (policy_file(folder / name, "0.5") for name in ("one.yaml", "two+three.yaml"))
    for named, wanted in (
        ("two+three.yaml", load_scenario(str(two))),
        ("one.yaml+ringfence", stack([load_scenario(str(one)), load_scenario("ringfence")])),
    ):
        policy = read_design_file(written(folder, f"scenario: {named}\n{SMALL}")).simulate.policy
        assert policy.fingerprint == wanted.fingerprint


def test_levers_of_a_design_that_begin_after_the_years_asked_about_are_remarked_on(tmp_path: Path) -> None:
    late = written(tmp_path, f"from: 2029/30 Q2\nyears: 2027/28\n{SMALL}")
    errors_printed = ring("sweep", late, "--out", tmp_path / "t.csv").stderr
    assert (
        "remark: what is set of ringfence begins in 2029/30 Q2, after 2027/28, the last year asked about"
        in errors_printed
    )
    without_levers = written(tmp_path, f"from: 2029/30\nyears: 2027/28\n{SMALL.replace('  ringfence: [0, 1]', '')}")
    assert "asked about" not in ring("sweep", without_levers, "--out", tmp_path / "u.csv").stderr
    in_time = written(tmp_path, f"from: 2029/30 Q2\nyears: 2027/28-\n{SMALL}")
    assert "asked about" not in ring("sweep", in_time, "--out", tmp_path / "v.csv").stderr
