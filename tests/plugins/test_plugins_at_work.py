"""A plug-in runs in both drivers, in commands, sweeps and notebooks; each fault that shows in running is found."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.twins

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SCENARIO = """
title: A public report
question: What does a report do?
plugin: reputation.py
changes:
  public_report: {to: 1, from: 2027/28 Q1, because: "Try it.", evidence: [PRep1]}
"""
DESIGN = """
scenario: report.yaml
outcomes: [retained]
kind: latin
points: 4
runs: 2
factors: {reputation_pull: prior, public_report: [0, 1]}
"""
NOTEBOOK = """
import simulator as rf
rf.plugins.load("reputation.py")
results = rf.run("report.yaml", n=20)
print(*(d.sentence for d in rf.why("report.yaml", run=3, board="QWE", year="2028/29").decisions))
print(results.manifest.plugin)
results.save("x.nc")
print(rf.load_results("x.nc").schedule is not None)
print(rf.load_scenario("report.yaml").to_yaml())
"""
ARCHIVE = """
import simulator as rf
rf.plugins.load("reputation.py")
answer = rf.compare("report.yaml", n=100)
answer.claim("claim.json")
print(rf.verify("claim.json").result.standing.name)
answer.save_crate("deposit")
print(*(path.name for path in __import__("pathlib").Path("deposit").glob("*.py")))
print("same" if rf.load("deposit").sentence == answer.sentence else "other")
"""
CHECK = "plugin check reputation.py -n 100 --json"
GIVEN = {
    CHECK: 0,
    "--plugin reputation.py compare report.yaml -n 100 --json": 0,
    "--plugin reputation.py sweep design.yaml --out store": 0,
    "--plugin reputation.py explorer": 1,
    "--plugin reputation.py site there": 1,
    "--plugin reputation.py assurance pack": 1,
}
"""Commands with the exit code that each must have."""
FITS = "and its fit:"
FIT = """
import sys
import simulator as rf
if len(sys.argv) > 1:
    rf.plugins.load("reputation.py")
from simulator.calibration import fit_folder
draws = {} if len(sys.argv) > 1 else {"reputation_pull": []}
try:
    fit_folder._check_draws(draws, "mine")
except rf.InputError as error:
    print(error)
if len(sys.argv) > 1:
    from simulator.calibration import fit as fits
    from simulator.calibration.saved_likelihood import read_saved_likelihood
    from simulator.runs.posterior import shipped_posterior
    fits.LEAST_EFFECTIVE, fits.LARGEST_WEIGHT, fits.LARGEST_K = 1, 1, float("inf")
    targets = rf.read_targets("targets.yaml")
    mine = rf.calibrate((600, 600), targets=targets.targets, own=targets.own)
    rf.write_fit(mine, "fit", 1_000, targets=targets)
    futures = rf.draw_futures(50, beliefs=rf.read_fit("fit"))
    print(futures.badge)
    print(*sorted({"reputation_pull"} & {*rf.read_fit("fit").draws}))
    for posterior in (shipped_posterior(), rf.read_fit("fit").posterior):
        print(len(read_saved_likelihood(posterior).factors))
"""
COMMANDS = """
import json, sys
from typer.testing import CliRunner
from simulator.commands.cli import app
done = [CliRunner().invoke(app, words, prog_name="ringfence") for words in json.loads(sys.argv[1])]
print(json.dumps([[one.exit_code, one.stdout, one.stderr] for one in done]))
"""
WITHOUT = """
import simulator as rf
from typer.testing import CliRunner
from simulator.commands.cli import app
try: rf.load_results("x.nc")
except rf.InputError as error: print(error)
verified = CliRunner().invoke(app, ["verify", "claim.json"], prog_name="ringfence")
print(verified.exit_code, *verified.stderr.split())
"""
REPLAY = """
title: A report in another place
question: What was kept after a public report?
chance: report_history
boards: 40 equal bodies
starts: 2023/24
years: 3
first_plan: Q1
levers:
  public_report: {to: 1, because: "Each was named in public.", evidence: [PRep1]}
observe:
  kept: {measure: retained, year: 3, observed: 0.9, evidence: [PRep1]}
"""
TARGETS = """
title: With a report of our own
targets:
  kept: {replay: replay.yaml, observe: kept, error: 0.05, because: "Our survey.", evidence: [], assumption: true}
"""
DRAWS = """
import sys
import numba, numpy as np
from simulator.engine.lanes import choose_lanes
choose_lanes(4)
import simulator.plugins
simulator.plugins.load(sys.argv[1])
from simulator.agents.model import HealthSystem
from simulator.engine import compilation, hooks, records
def take(boards, key, q):
    for t in range(len(boards)):
        hooks.take_draws(boards[t], key, q, t * records.LANES)
model = HealthSystem("baseline", luck_seed=5, run=3)
for _ in range(3):
    model.step()
seen = [board.plugin_draw_spot_check for board in model.boards]
for run in (take, numba.njit(take)):
    boards = np.zeros(records.count_records(42), records.BOARD_DTYPE).view(np.recarray)
    run(boards, model.key, 2)
    print(records.column(boards, "plugin_draw_spot_check")[:42].tolist() == seen)
"""


def called(folder: Path, *words: str, code: int = 0, **variables: str) -> subprocess.CompletedProcess[str]:
    """Python with these words in a folder, in a process of its own."""
    alone = {"RINGFENCE_THREADS": "1"}  # no second process, which would load all that this one does, helps to compile
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "NO_COLOR": "1", **alone, **variables}
    done = subprocess.run(
        [sys.executable, *words], cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8"
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of the example, a scenario and a design, and nothing else."""
    place = tmp_path_factory.mktemp("mine")
    shutil.copy(ROOT / "docs" / "examples" / "reputation.py", place)
    (place / "report.yaml").write_text(SCENARIO, encoding="utf-8")
    (place / "design.yaml").write_text(DESIGN, encoding="utf-8")
    (place / "replay.yaml").write_text(REPLAY, encoding="utf-8")
    (place / "targets.yaml").write_text(TARGETS, encoding="utf-8")
    return place


def test_both_drivers_and_the_trace_agree_with_every_hook_filled() -> None:
    words = (str(HERE / "every_hook_twins.py"), str(HERE / "every_hook.py"), str(ROOT / "tests" / "twins"))
    different, shown = json.loads(called(ROOT, *words, NUMBA_DISABLE_JIT="1").stdout)
    assert different == []
    assert shown == [f"plugin_{name}" for name in ("leave", "offset", "plan", "protect", "raid")]


@pytest.fixture(scope="module")
def printed(folder: Path) -> list[str]:
    """What one process with the plug-in prints: what came of each command on a line, what a notebook prints, which
    leaves x.nc, claim.json and deposit here, and then its fit.
    """
    words = json.dumps([command.split() for command in GIVEN])
    return called(folder, "-c", f"{COMMANDS}{NOTEBOOK}{ARCHIVE}print({FITS!r}){FIT}", words).stdout.splitlines()


@pytest.fixture(scope="module")
def told(printed: list[str]) -> dict[str, tuple[int, str, str]]:
    """The exit code, stdout and stderr of each command."""
    return dict(zip(GIVEN, map(tuple, json.loads(printed[0])), strict=True))


def said(told: dict[str, tuple[int, str, str]], words: str) -> str:
    """What a command prints to stdout where it must succeed, or to stderr where it must fail."""
    code, out, err = told[words]
    assert code == GIVEN[words], err
    assert "Traceback" not in err
    return err if code else out


@pytest.fixture(scope="module")
def notebook(printed: list[str]) -> list[str]:
    return printed[1 : printed.index(FITS)]


def test_the_example_passes_its_check_from_an_empty_folder(told: dict[str, tuple[int, str, str]]) -> None:
    report = json.loads(said(told, CHECK))
    assert report["passed"] is True
    assert [finding["name"] for finding in report["findings"]] == [
        "names", "evidence", "off", "drivers", "money", "effect", "policies", "patterns"
    ]  # fmt: skip
    retained = next(effect for effect in report["effects"] if effect["outcome"] == "retained")
    assert 0 < retained["low"] < retained["difference"] < retained["high"] < 0.3


def test_commands_and_sweeps_run_with_it_and_say_so(folder: Path, told: dict[str, tuple[int, str, str]]) -> None:
    made, _, explorer, site, pack = (said(told, words) for words in GIVEN if words != CHECK)
    (compared,) = json.loads(made)["comparisons"]
    assert "the plug-in's numbers (reputation_pull, reputation_memory) are drawn from their priors" in made
    assert "nothing was fitted" in made
    assert compared["difference"] > 0
    assert "ringfence --plugin reputation.py@" in made
    assert "cannot compile Python" in explorer and "cannot compile Python" in site
    assert "leave out --plugin" in pack and "ringfence plugin check reputation.py" in pack

    text = (folder / "reputation.py").read_text(encoding="utf-8")
    (folder / "reputation.py").write_text(text + "\n# another content\n", encoding="utf-8")
    again = ("sweep", "design.yaml", "--out", "store", "--resume", "--plugin", "reputation.py")
    refused = called(folder, "-m", "simulator", *again, code=1)
    assert "store holds another sweep" in refused.stderr
    assert "simulation.plugin" in refused.stderr
    (folder / "reputation.py").write_text(text, encoding="utf-8")


def test_notebooks_claims_and_archives_name_the_plug_in_that_they_need(folder: Path, notebook: list[str]) -> None:
    said, made = "\n".join(notebook[:-3]), notebook[-3:]
    assert "having been named in the public report (" in said
    assert "reputation.py@" in said
    assert 'plugin: "reputation.py@' in said
    assert made == ["SAME_BITS", "reputation.py", "same"]
    assert (folder / "deposit" / "reputation.py").read_bytes() == (folder / "reputation.py").read_bytes()
    assert '"@id": "reputation.py"' in (folder / "deposit" / "ro-crate-metadata.json").read_text(encoding="utf-8")


def test_without_the_plug_in_results_claims_and_fits_say_that_they_need_it(folder: Path, notebook: list[str]) -> None:
    results, refused, *fits = called(folder, "-c", WITHOUT + FIT).stdout.splitlines()
    assert refused.startswith("1 ")
    assert "this was made with the plug-in reputation.py@" in refused and "--plugin reputation.py" in refused
    assert "was made with the plug-in reputation.py@" in results
    assert (
        "'reputation_pull' is no uncertain number of the model; if a plug-in declares it, load that first" in fits[-1]
    )


def test_a_fit_with_a_plug_in_fits_its_numbers_too(printed: list[str]) -> None:
    fits = "\n".join(printed[printed.index(FITS) :])
    assert "mine: 'reputation_pull' is a number of the plug-in, which was not there" in fits
    assert "mine: there is no column 'pull_chief'" in fits
    badge, named, shipped, own = fits.splitlines()[-4:]
    assert "the plug-in's numbers (reputation_pull, reputation_memory) were fitted together with the model's" in badge
    assert "11 published findings" in badge and named == "reputation_pull"
    assert int(own) == int(shipped) + 2


def test_draws_of_a_plug_in_are_the_same_compiled_and_interpreted() -> None:
    done = called(ROOT, "-c", DRAWS, str(ROOT / "docs" / "examples" / "spot_checks.py"))
    assert done.stdout.split() == ["True", "True"]


def test_every_fault_that_shows_in_running_is_found(folder: Path) -> None:
    words = (str(HERE / "planted_checks.py"), str(HERE / "planted_faults.py"))
    findings = json.loads(called(folder, *words).stdout)
    assert [(name, passed) for name, passed, _ in findings] == [
        ("off", False),
        ("drivers", False),
        ("money", False),
        ("effect", False),
        ("policies", False),
        ("patterns", False),
        ("patterns", None),
    ]
    words_of = {name: says for name, _, says in findings}
    assert "division by zero" in words_of["drivers"]
    assert words_of["effect"].startswith("idle at full strength")
    assert words_of["policies"].startswith("leadership points the other way")
