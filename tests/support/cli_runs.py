"""Running the command line in tests: in this process, or in one of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from simulator.commands.cli import app

FEW = ("-n", "8")
MISSPELT = (("--outcome", "retaind"), "did you mean 'retained'?")
"""A bad option that many commands take, and what they say to it."""


def ring(*words: str | Path) -> Result:
    """Run `ringfence` with these words in this process."""
    return CliRunner().invoke(app, [str(word) for word in words], prog_name="ringfence")


def good(*words: str | Path) -> str:
    """The stdout of a run that must succeed."""
    result = ring(*words)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def document(*words: str | Path) -> Any:
    """The JSON document that a run prints, and nothing else."""
    return json.loads(good(*words, "--json"))


def bad(*words: str | Path, code: int = 1) -> str:
    """The stderr of a run that must fail with this exit code, without an answer and without a traceback."""
    result = ring(*words)
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    return result.stderr


def process(*words: str, encoding: str = "utf-8") -> subprocess.CompletedProcess[str]:
    """Run `python -m simulator` with these words in a process of its own."""
    env = {**os.environ, "PYTHONIOENCODING": encoding, "NO_COLOR": "1"}
    return subprocess.run(
        [sys.executable, "-m", "simulator", *words],
        capture_output=True,
        text=True,
        encoding=encoding,
        env=env,
        check=False,
        timeout=120,
    )


def policy_file(path: Path, value: str, lever: str = "alignment") -> Path:
    """A small scenario file that sets one lever."""
    path.write_text(
        f"title: {path.stem}\nquestion: What then?\nchanges:\n  {lever}:\n    to: {value}\n    from: 2027/28 Q1\n"
        "    because: To see.\n    evidence: []\n    assumption: true\n",
        encoding="utf-8",
    )
    return path
