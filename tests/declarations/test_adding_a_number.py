"""The recipe for adding a number, done as it is told, leaves a package that works before anything is refitted."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.runs.parameter_sets import UNCERTAIN, list_unfitted, posterior_columns

pytestmark = pytest.mark.declarations

ROOT = Path(__file__).parents[2]
DECLARED = """
    made_up: Annotated[float, uncertain(
        Unit.RATIO, 0, 2, "A number that was added after the fit",
        HalfNormal(0.3), Status.EXPLORED, Strength.A, "",
        "how much a made-up number matters")] = 0.25
"""
ASK = """
import json
from simulator.runs.futures import draw_futures
from simulator.calibration.evidence_status import list_badges
drawn = draw_futures(50)
table = drawn.to_frame()
print(json.dumps([drawn.badge, table["made_up"].tolist(), table["habit"].tolist(), list_badges()["made_up"]]))
"""
COMMANDS = (
    "run baseline -n 1 --json",
    "compare ringfence -n 1 --json",
    "reference parameters",
    "reference identified",
    "scenarios list",
)
RUN = """
import json, sys
from typer.testing import CliRunner
from simulator.commands.cli import app
done = [(words, CliRunner().invoke(app, words.split(), prog_name="ringfence")) for words in sys.argv[1:]]
print(json.dumps([[words, result.exit_code, result.stderr] for words, result in done]))
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources with one more uncertain number, read by a rule; nothing else of the recipe is done."""
    root = tmp_path_factory.mktemp("copy")
    for folder in ("simulator", "dashboards", "scenarios"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (numbers,) = root.glob("simulator/**/parameters/money.py")
    text = numbers.read_text(encoding="utf-8")
    before = "    ask_normal: Annotated"
    assert text.count(before) == 1
    numbers.write_text(text.replace(before, DECLARED.lstrip("\n") + before), encoding="utf-8")
    rule = root / "simulator" / "rules" / "plans.py"
    text = rule.read_text(encoding="utf-8")
    assert "force.ask_bite" in text
    rule.write_text(text.replace("force.ask_bite", "(force.ask_bite + 0.0 * force.made_up)"), encoding="utf-8")
    return root


def called(copy: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A command in the copy, interpreted, so that nothing has to be compiled."""
    environment = {**os.environ, "PYTHONPATH": str(copy), "NUMBA_DISABLE_JIT": "1", "PYTHONUTF8": "1"}
    return subprocess.run(
        [sys.executable, *words], cwd=copy, env=environment, capture_output=True, text=True, encoding="utf-8"
    )


def test_a_number_without_a_fit_is_drawn_from_its_prior_and_says_so(copy: Path) -> None:
    process = called(copy, "-c", ASK)
    assert process.returncode == 0, process.stderr
    badge, drawn, habit, status = json.loads(process.stdout)
    assert "from their priors, for the fit is older: made_up" in badge
    assert len(set(drawn)) == 50
    assert all(0 <= x <= 2 for x in drawn)
    assert habit == posterior_columns(50, 20240323)["habit"].tolist()
    assert status == "judgement"


@pytest.fixture(scope="module")
def told(copy: Path) -> dict[str, tuple[int, str]]:
    """The exit code and stderr of each command, which one process runs one after another."""
    process = called(copy, "-c", RUN, *COMMANDS)
    assert process.returncode == 0, process.stderr
    return {words: (code, stderr) for words, code, stderr in json.loads(process.stdout)}


@pytest.mark.parametrize("words", COMMANDS)
def test_commands_work_before_the_model_is_fitted_again(told: dict[str, tuple[int, str]], words: str) -> None:
    code, stderr = told[words]
    assert code == 0, stderr
    assert "fault of Ringfence" not in stderr


def test_every_number_that_ships_is_fitted() -> None:
    assert list_unfitted() == (), "fit again: the last step of Add a number in CONTRIBUTING.md"
    assert set(UNCERTAIN) <= set(posterior_columns(1, 1))
