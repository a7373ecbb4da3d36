"""A claim is run again on rules that somebody changed: it is the same claim with other numbers, or no longer true."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from claim_cases import make_claim_of

from simulator.claims.claim_file import format_claim
from simulator.runs.futures import draw_futures
from simulator.runs.manifest import find_version

pytestmark = pytest.mark.results

ROOT = Path(__file__).parents[2]
PULL = "        p.pull_ringfence * fence * leaders,"
MOVED = f"The rules of the model have changed (both call themselves version {find_version()})."


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources, with a claim that a ring-fence keeps more in at least 60 of 100 futures."""
    root = tmp_path_factory.mktemp("copy")
    for folder in ("simulator", "scenarios"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    claim = make_claim_of(
        "baseline", "ringfence", that=["difference above 0 in at least 60 of 100"], futures=draw_futures(2)
    )
    (root / "claim.json").write_text(format_claim(claim), encoding="utf-8")
    return root


def verify(copy: Path, pull: str) -> tuple[int, dict[str, Any]]:
    """What `ringfence verify` says in the copy, where a ring-fence pulls as given. Rules are interpreted, so that
    nothing has to be compiled.
    """
    rule = copy / "simulator" / "rules" / "plans.py"
    text = (ROOT / "simulator" / "rules" / "plans.py").read_text(encoding="utf-8")
    assert text.count(PULL) == 1
    rule.write_text(text.replace(PULL, f"        {pull},"), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(copy), "NUMBA_DISABLE_JIT": "1", "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "simulator", "verify", "claim.json", "--json"]
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, encoding="utf-8")
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


@pytest.mark.parametrize(
    ("pull", "code", "standing", "moved"),
    [
        ("1.01 * p.pull_ringfence * fence * leaders", 0, "same claim", [MOVED]),
        ("0.0 * p.pull_ringfence * fence * leaders", 1, "no longer true", [MOVED]),
    ],
    ids=("a hundredth more", "no pull at all"),
)
def test_a_changed_rule_keeps_the_claim_or_ends_it_and_is_named(
    copy: Path, pull: str, code: int, standing: str, moved: list[str]
) -> None:
    exit_code, answer = verify(copy, pull)
    assert (exit_code, answer["standing"], answer["moved"]) == (code, standing, moved)
    (statement,) = answer["statements"]
    assert statement["numbers_now"] != statement["numbers_then"]
    assert [part["holds"] for part in statement["conditions"]] == [code == 0]
