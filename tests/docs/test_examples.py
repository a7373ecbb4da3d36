"""Every example runs as it stands, in a process of its own, and writes nothing among the sources."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.interface

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "docs" / "examples").glob("*.py"))
TIME_LIMIT = 120  # seconds, for a busy machine that compiles the model first; a quiet one needs a tenth
KNOWN = {"simulator", "numpy", "pandas", "xarray", "SALib", "mesa", "ema_workbench", "pathlib"}

# Refuses to open a file among the sources for writing; kernels and byte code may be cached beside them.
GUARD = """
import os, runpy, sys
root, script = sys.argv[1:3]
def refuse(event, args):
    if event != "open" or not isinstance(args[0], (str, os.PathLike)):
        return
    path, flags = os.path.abspath(args[0]), args[2] or 0
    if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) and path.startswith(root + os.sep) and "__pycache__" not in path:
        raise PermissionError(f"an example writes {path}")
sys.addaudithook(refuse)
sys.argv = [script]
runpy.run_path(script, run_name="__main__")
"""


def run(script: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run an example from an empty folder, warnings being errors."""
    command = [sys.executable, "-W", "error", "-X", "utf8", "-c", GUARD, str(ROOT), str(script)]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, encoding="utf-8", timeout=TIME_LIMIT, check=False
    )


def test_there_are_examples() -> None:
    assert {"robustness.py", "learning.py", "packages.py", "interop.py"} <= {path.name for path in EXAMPLES}


@pytest.mark.parametrize("script", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs_and_says_something(script: Path, tmp_path: Path) -> None:
    done = run(script, tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.strip()) > 100


@pytest.mark.parametrize("script", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_begins_with_a_title_and_explains_its_cells(script: Path) -> None:
    cells = re.split(r"^# %%", script.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert cells[0] == "", "the first line opens a cell"
    assert re.match(r" \[markdown\]\n# # \S.{8,}", cells[1]), "the first cell is the title"
    prose = [cell for cell in cells[1:] if cell.startswith(" [markdown]")]
    assert len(prose) >= 2
    for cell in prose:
        assert [line for line in cell.splitlines()[1:] if line and not line.startswith("#")] == []


@pytest.mark.parametrize("script", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_uses_public_names_of_known_packages(script: Path) -> None:
    tree = ast.parse(script.read_text(encoding="utf-8"))
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    modules |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert "simulator" in modules
    assert {name.split(".")[0] for name in modules} <= KNOWN
    assert [name for name in attributes if name.startswith("_")] == []


def test_an_example_that_writes_among_the_sources_is_caught(tmp_path: Path) -> None:
    """The guard itself must be able to fail."""
    bad, good = tmp_path / "bad.py", tmp_path / "good.py"
    bad.write_text(f"open({str(ROOT / 'docs' / 'stray.txt')!r}, 'w')\n", encoding="utf-8")
    good.write_text("open('mine.txt', 'w').write('x')\n", encoding="utf-8")
    assert "an example writes" in run(bad, tmp_path).stderr
    assert not (ROOT / "docs" / "stray.txt").exists()
    assert run(good, tmp_path).returncode == 0
    assert (tmp_path / "mine.txt").is_file()
